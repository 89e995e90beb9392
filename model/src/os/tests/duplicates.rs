//! Handles that are duplicated into another process.

use super::rig::*;
use crate::os::security::{self, AccessMask};
use crate::os::syscall::KeyAccess;
use crate::os::{Handle, ProcessId, Syscall, ThreadId, Windows};

fn duplicate(source: ProcessId, handle: Handle, target: ProcessId, access: Option<AccessMask>) -> Syscall {
    Syscall::DuplicateHandle { source, handle, target, access }
}

fn two() -> (Rig, [ThreadId; 2], [ProcessId; 2]) {
    let mut rig = Rig::new(Windows::SERVER_2003);
    let threads = [rig.start("user", 0), rig.start("user", 0)];
    let processes = threads.map(|thread| rig.process(thread));
    (rig, threads, processes)
}

/// (os A.7) A duplicated handle counts: the name and the memory live by it when the first is closed and its
/// process dead.
#[test]
fn an_object_lives_by_a_duplicate() {
    let (mut rig, [one, two], [p, q]) = two();
    let handle = rig.handle(one, &section("s"));
    let view = rig.view(one, handle);
    rig.ok(one, &add(view, "n", 3));
    let theirs = rig.handle(one, &duplicate(p, handle, q, None));
    rig.os.kill(p);
    assert_eq!(rig.code(two, &section("s")), 183);
    let view = rig.view(two, theirs);
    assert_eq!(rig.cell(two, view, "n"), 3);
    assert_eq!(rig.os.granted(q, theirs), Some(0xF_0007), "the same access");
}

/// (os C.3) A duplicate of a dead key is dead, and a key that dies takes its duplicates along.
#[test]
fn a_duplicate_shares_the_body_of_a_key() {
    let (mut rig, [one, two], [p, q]) = two();
    let key = rig.handle(one, &create(HKCU, "k"));
    let before = rig.handle(one, &duplicate(p, key, q, None));
    assert_eq!(rig.code(two, &query(before, "v")), 2);
    rig.ok(two, &delete(before, ""));
    let after = rig.handle(one, &duplicate(p, key, q, None));
    rig.ok(one, &create(HKCU, "k"));
    for handle in [before, after] {
        assert_eq!(rig.code(two, &query(handle, "v")), 1018);
        assert_eq!(rig.code(two, &close_key(handle)), 0);
    }
}

/// (os A.10, G4.111) What is asked of the list, and what is not.
#[test]
fn only_more_access_is_checked_again() {
    let (mut rig, [one, _], [p, _]) = two();
    rig.ok(one, &mutex("m"));
    let handle = rig.handle(one, &Syscall::OpenMutex { name: "m".into(), access: security::SYNCHRONIZE });
    let key = rig.handle(one, &create(HKCU, "k"));
    let read = rig.handle(one, &open_for(HKCU, "k", KeyAccess::Read));
    let lock = Some(security::mutex::ALL);
    assert_eq!(rig.code(one, &duplicate(p, handle, p, lock)), 0, "its owner may");
    let copy = rig.handle(one, &duplicate(p, key, p, Some(security::key::QUERY_VALUE)));
    assert_eq!(rig.code(one, &set(copy, "v")), 5, "less");
    let more = rig.handle(one, &duplicate(p, read, p, Some(0xF_003F)));
    assert_eq!(rig.code(one, &set(more, "v")), 0, "more");
    let token = rig.logon(one, "other");
    rig.impersonate(one, token);
    assert_eq!(rig.code(one, &duplicate(p, handle, p, lock)), 5, "another may not have more");
    assert_eq!(rig.code(one, &duplicate(p, handle, p, Some(0))), 0, "but less");
    assert_eq!(rig.code(one, &duplicate(p, handle, p, None)), 0, "or the same");
    assert_eq!(rig.code(one, &duplicate(p, read, p, Some(0xF_003F))), 5);
    assert_eq!(rig.code(one, &duplicate(p, token, p, Some(1))), 5, "our choice for tokens");
}

/// Our choice: a process is opened as any object.
#[test]
fn other_users_processes_are_closed() {
    let (mut rig, [one, two], [p, q]) = two();
    let (other, system) = (rig.start("other", 0), rig.start("LocalSystem", 0));
    let handle = rig.handle(one, &section("s"));
    let rows = [
        ("the same user", two, duplicate(p, handle, q, None), 0),
        ("another user takes", other, duplicate(p, handle, rig.process(other), None), 5),
        ("another user gives", other, duplicate(rig.process(other), NULL, p, None), 5),
        ("the system", system, duplicate(p, handle, rig.process(system), None), 0),
        ("no such handle", one, duplicate(p, Handle(400), p, None), 6),
        ("NULL", one, duplicate(p, NULL, p, None), 6),
        ("no such process", one, duplicate(ProcessId(99), handle, p, None), 87),
    ];
    for (what, thread, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "{what}");
    }
    rig.os.kill(q);
    assert_eq!(rig.code(one, &duplicate(p, handle, q, None)), 87, "an ended process");
}
