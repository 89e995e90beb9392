//! The end of threads and processes, and what goes with them.

use super::rig::*;
use crate::os::process::Ending;
use crate::os::syscall::MapAccess;
use crate::os::{Syscall, ThreadId, Value, Windows};

const ACQUIRED: Value = Value::Acquired { abandoned: false };
const ABANDONED: Value = Value::Acquired { abandoned: true };

type End = fn(&mut Rig, ThreadId);

/// Ways to end a thread that owns a mutex, by name.
fn endings() -> [(&'static str, End); 4] {
    [
        ("TerminateThread", |rig, thread| rig.os.terminate_thread(thread)),
        ("ExitThread", |rig, thread| _ = rig.ok(thread, &Syscall::ExitThread)),
        ("ExitProcess", |rig, thread| _ = rig.ok(thread, &Syscall::ExitProcess)),
        ("TerminateProcess", |rig, thread| rig.os.kill(rig.os.process_of(thread))),
    ]
}

#[test]
fn a_mutex_whose_owner_ends_is_abandoned_once() {
    for (how, end) in endings() {
        let mut rig = Rig::new(Windows::XP);
        let (owner, heir, third) = (rig.start("user", 0), rig.start("user", 0), rig.start("user", 0));
        let [owners, heirs, thirds] = [owner, heir, third].map(|thread| rig.handle(thread, &mutex("m")));
        assert_eq!(rig.ok(owner, &wait(owners)), ACQUIRED);
        assert_eq!(rig.ok(owner, &wait(owners)), ACQUIRED, "recursion");
        assert_eq!(rig.os.execute(heir, &wait(heirs)), None, "has to wait");
        end(&mut rig, owner);
        rig.os.assert_invariants();
        assert!(rig.os.mutexes().next().unwrap().mutex().unwrap().is_abandoned(), "{how} (G3.102)");
        assert_eq!(rig.ok(heir, &wait(heirs)), ABANDONED, "{how} (D, G3.102, G3.103)");
        assert_eq!(rig.os.execute(third, &wait(thirds)), None, "{how}: owned");
        assert_eq!(rig.code(third, &release(thirds)), 288, "{how} (D)");
        assert_eq!(rig.code(heir, &release(heirs)), 0, "{how}: the recursion has collapsed to one");
        assert_eq!(rig.code(heir, &release(heirs)), 288, "{how}");
        assert_eq!(rig.ok(third, &wait(thirds)), ACQUIRED, "{how} (D) once only");
    }
}

#[test]
fn a_thread_that_waits_changes_nothing() {
    let mut rig = Rig::new(Windows::XP);
    let (owner, waiter) = (rig.start("user", 0), rig.start("user", 0));
    let (owners, waiters) = (rig.handle(owner, &mutex("m")), rig.handle(waiter, &mutex("m")));
    rig.ok(owner, &wait(owners));
    let before = rig.os.clone();
    assert_eq!(rig.os.execute(waiter, &wait(waiters)), None);
    assert_eq!(rig.os, before);
    rig.ok(owner, &release(owners));
    assert_eq!(rig.ok(waiter, &wait(waiters)), ACQUIRED);
}

#[test]
fn waiting_and_releasing_need_a_mutex() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let (section, lock) = (rig.handle(thread, &section("s")), rig.handle(thread, &mutex("m")));
    let rows = [
        ("no right to wait", wait(section), 5),
        ("0.3 OBJECT_TYPE_MISMATCH", release(section), 6),
        ("0.3", wait(NULL), 6),
        ("0.3", release(NULL), 6),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact}) {call:?}");
    }
    assert_eq!(rig.code(thread, &release(lock)), 288, "nobody owns it");
}

/// (D) Counts: a crash of the only user resets them, a crash of one of several leaves them too high.
#[test]
fn a_killed_process_takes_back_nothing_that_it_wrote() {
    for others in [false, true] {
        let mut rig = Rig::new(Windows::XP);
        let (victim, other) = (rig.start("user", 0), rig.start("user", 0));
        let handle = rig.handle(victim, &section("s"));
        let view = rig.view(victim, handle);
        rig.ok(victim, &add(view, "count", 1));
        if others {
            rig.ok(other, &open_section("s", MapAccess::All));
        }
        rig.handle(victim, &create(HKCU, r"k\mark"));
        rig.os.kill(rig.process(victim));
        rig.os.assert_invariants();
        assert_eq!(rig.code(other, &section("s")), if others { 183 } else { 0 }, "(D)");
        let cells = rig.os.sections().next().unwrap().cells().unwrap();
        assert_eq!(cells.get("count").copied().unwrap_or(0), i64::from(others), "(D)");
        assert_eq!(rig.code(other, &open(HKCU, r"k\mark")), 0, "(C.7, H.14) the registry survives");
    }
}

#[test]
fn a_thread_that_ends_leaves_the_handles_of_its_process_open() {
    let mut rig = Rig::new(Windows::XP);
    let first = rig.start("user", 0);
    let process = rig.os.process_of(first);
    let second = rig.os.spawn_thread(process);
    let handle = rig.handle(first, &section("s"));
    rig.ok(first, &Syscall::MemoryWrite { word: "w".into(), value: 3 });
    rig.ok(first, &Syscall::ExitThread);
    assert!(rig.os.process(process).is_alive() && !rig.os.is_thread_alive(first));
    assert_eq!(rig.code(second, &map(handle, MapAccess::Read)), 0, "(D)");
    assert_eq!(rig.ok(second, &Syscall::MemoryAdd { word: "w".into(), delta: 1 }), Value::Number(4));
    assert_eq!(rig.ok(second, &Syscall::MemoryRead { word: "w".into() }), Value::Number(4));
    rig.ok(second, &Syscall::ExitThread);
    assert_eq!(rig.os.process(process).ending(), Some(Ending::Exited), "the last thread's end");
    assert_eq!(rig.os.all_objects().count(), 0);
}

#[test]
fn the_process_dies_with_all_its_threads() {
    for (how, ending) in [("ExitProcess", Ending::Exited), ("kill", Ending::Killed)] {
        let mut rig = Rig::new(Windows::XP);
        let first = rig.start("user", 0);
        let process = rig.os.process_of(first);
        let second = rig.os.spawn_thread(process);
        if ending == Ending::Killed {
            rig.os.kill(process);
        } else {
            rig.ok(first, &Syscall::ExitProcess);
        }
        assert_eq!(rig.os.process(process).ending(), Some(ending), "{how}");
        assert!(!rig.os.is_thread_alive(first) && !rig.os.is_thread_alive(second), "{how}");
        assert_eq!(rig.os.open_keys_of(process).count(), 0);
    }
}

/// (os D) Only mutexes are abandoned: a critical section stays locked, in its own process only.
#[test]
fn a_critical_section_is_left_by_its_thread_or_never() {
    let mut rig = Rig::new(Windows::XP);
    let (first, elsewhere) = (rig.start("user", 0), rig.start("user", 0));
    let second = rig.os.spawn_thread(rig.os.process_of(first));
    let enter = Syscall::EnterCriticalSection { name: "c".into() };
    let leave = Syscall::LeaveCriticalSection { name: "c".into() };
    let before = rig.os.clone();
    rig.ok(first, &enter);
    assert_eq!(rig.os.execute(second, &enter), None, "has to wait");
    assert_eq!(rig.code(second, &leave), 288);
    assert_eq!(rig.code(elsewhere, &enter), 0, "another process has another one");
    rig.ok(elsewhere, &leave);
    rig.ok(first, &leave);
    assert_eq!(rig.os, before);
    rig.ok(first, &enter);
    rig.ok(first, &Syscall::ExitThread);
    assert_eq!(rig.os.execute(second, &enter), None, "locked for ever");
}

#[test]
#[should_panic(expected = "thread 0 has ended and takes no step")]
fn an_ended_thread_cannot_be_run() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    rig.ok(thread, &Syscall::ExitThread);
    rig.os.execute(thread, &Syscall::RevertToSelf);
}

#[test]
#[should_panic(expected = "process 0 has ended and cannot end again")]
fn an_ended_process_cannot_be_killed() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    rig.os.kill(rig.process(thread));
    rig.os.kill(rig.process(thread));
}

/// (D) Handles are the process's and stay; a mutex is told to be abandoned, a critical section is not.
#[test]
fn a_terminated_thread_leaves_its_handles_and_its_critical_section() {
    let mut rig = Rig::new(Windows::XP);
    let victim = rig.start("user", 0);
    let process = rig.os.process_of(victim);
    let heir = rig.os.spawn_thread(process);
    let lock = rig.handle(victim, &mutex("m"));
    rig.ok(victim, &wait(lock));
    rig.ok(victim, &Syscall::EnterCriticalSection { name: "c".into() });
    rig.os.terminate_thread(victim);
    rig.os.assert_invariants();
    assert!(rig.os.process(process).is_alive() && !rig.os.is_thread_alive(victim));
    assert_eq!(rig.ok(heir, &wait(lock)), ABANDONED, "the handle is still good");
    assert_eq!(rig.os.execute(heir, &Syscall::EnterCriticalSection { name: "c".into() }), None, "for ever");
    rig.os.terminate_thread(heir);
    rig.os.assert_invariants();
    assert_eq!(rig.os.process(process).ending(), Some(Ending::Killed), "the last thread's end");
    assert_eq!(rig.os.all_objects().count(), 0);
}
