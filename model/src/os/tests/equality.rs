//! Machines that behave alike are equal: whatever was opened, made and undone again leaves no trace.

use super::rig::*;
use crate::os::syscall::MapAccess;
use crate::os::{Syscall, ThreadId, Windows};

/// Runs what is to leave no trace, and compares.
fn assert_no_trace(what: &str, run: impl FnOnce(&mut Rig, [ThreadId; 2])) {
    let mut rig = Rig::new(Windows::XP);
    let threads = [rig.start("user", 0), rig.start("user", 1)];
    rig.ok(threads[0], &create(HKCU, "kept"));
    rig.ok(threads[1], &open(HKCU, "kept"));
    let before = rig.os.clone();
    run(&mut rig, threads);
    assert_eq!(rig.os, before, "{what}");
}

#[test]
fn what_is_undone_leaves_no_trace() {
    assert_no_trace("a key opened and closed", |rig, [one, _]| {
        let key = rig.handle(one, &open(HKCU, "kept"));
        rig.ok(one, &close_key(key));
    });
    assert_no_trace("a key made, deleted under a handle, made again, deleted, closed", |rig, [one, two]| {
        for _ in 0..3 {
            let key = rig.handle(one, &create(HKCU, "k"));
            let other = rig.handle(two, &open(HKCU, "k"));
            rig.ok(two, &delete(other, ""));
            let again = rig.handle(one, &create(HKCU, "k"));
            rig.ok(one, &delete(again, ""));
            for (thread, handle) in [(one, key), (two, other), (one, again)] {
                rig.ok(thread, &close_key(handle));
            }
        }
    });
    assert_no_trace(
        "a section made, mapped, counted up and down, closed before it is unmapped",
        |rig, [one, _]| {
            let handle = rig.handle(one, &section("s"));
            let view = rig.view(one, handle);
            rig.ok(one, &add(view, "n", 1));
            rig.ok(one, &add(view, "n", -1));
            rig.ok(one, &close(handle));
            rig.ok(one, &unmap(view));
        },
    );
    assert_no_trace("a mutex owned twice and released twice", |rig, [one, _]| {
        let handle = rig.handle(one, &mutex("m"));
        rig.ok(one, &wait(handle));
        rig.ok(one, &wait(handle));
        rig.ok(one, &release(handle));
        rig.ok(one, &release(handle));
        rig.ok(one, &close(handle));
    });
    assert_no_trace("impersonation", |rig, [one, _]| {
        let token = rig.logon(one, "other");
        rig.impersonate(one, token);
        rig.ok(one, &Syscall::RevertToSelf);
        rig.ok(one, &close(token));
    });
    assert_no_trace("memory written back to 0", |rig, [one, _]| {
        rig.ok(one, &Syscall::MemoryWrite { word: "w".into(), value: 1 });
        rig.ok(one, &Syscall::MemoryAdd { word: "w".into(), delta: -1 });
    });
}

/// A key made anew after a deletion is the same key as one that was never deleted, once nobody holds the old
/// body.
#[test]
fn generations_are_not_counted() {
    let make = |times: u32| {
        let mut rig = Rig::new(Windows::XP);
        let thread = rig.start("user", 0);
        for _ in 0..times {
            let old = rig.handle(thread, &create(HKCU, "k"));
            rig.ok(thread, &delete(HKCU, "k"));
            let new = rig.handle(thread, &create(HKCU, "k"));
            rig.ok(thread, &close_key(old));
            rig.ok(thread, &delete(new, ""));
            rig.ok(thread, &close_key(new));
        }
        rig.handle(thread, &create(HKCU, "k"));
        rig.os
    };
    assert_eq!(make(1), make(3));
}

/// Sections without a name have no identity but who holds them, in whatever order they were made.
#[test]
fn the_order_in_which_nameless_sections_were_made_does_not_matter() {
    let make = |order: [usize; 2]| {
        let mut rig = Rig::new(Windows::XP);
        let threads = [rig.start("user", 0), rig.start("user", 0)];
        for (index, number) in order.map(|index| (index, [1, 2][index])) {
            let handle = rig.handle(threads[index], &section(""));
            let view = rig.view(threads[index], handle);
            rig.ok(threads[index], &add(view, "n", number));
        }
        rig.os
    };
    assert_eq!(make([0, 1]), make([1, 0]));
}

/// Sections of one dead name: each view keeps its own memory through all renumbering.
#[test]
fn orphans_keep_their_memory() {
    let mut rig = Rig::new(Windows::XP);
    let threads = [rig.start("user", 0), rig.start("user", 0), rig.start("user", 0)];
    let mut views = Vec::new();
    for (number, thread) in (1..).zip(threads).collect::<Vec<_>>().into_iter().rev() {
        let handle = rig.handle(thread, &section("s"));
        let view = rig.view(thread, handle);
        rig.ok(thread, &add(view, "n", number));
        rig.ok(thread, &close(handle));
        views.push((number, thread, view));
    }
    for (number, thread, view) in &views {
        assert_eq!(rig.cell(*thread, *view, "n"), *number);
    }
    let (_, first, view) = views.pop().unwrap();
    rig.ok(first, &unmap(view));
    for (number, thread, view) in &views {
        assert_eq!(rig.cell(*thread, *view, "n"), *number);
    }
    assert_eq!(rig.os.sections().count(), 2);
    assert_eq!(rig.code(first, &open_section("s", MapAccess::Read)), 2);
}

#[test]
fn exited_and_killed_are_two_ends_but_each_has_one_form() {
    let end = |kill: bool, busy: bool| {
        let mut rig = Rig::new(Windows::XP);
        let thread = rig.start("user", 0);
        if busy {
            rig.handle(thread, &section("s"));
            rig.handle(thread, &open(HKCU, ""));
            rig.ok(thread, &Syscall::MemoryWrite { word: "w".into(), value: 1 });
        }
        if kill {
            rig.os.kill(rig.process(thread));
        } else {
            rig.ok(thread, &Syscall::ExitThread);
        }
        rig.os
    };
    assert_eq!(end(true, true), end(true, false));
    assert_eq!(end(false, true), end(false, false));
    assert_ne!(end(true, false), end(false, false));
}
