//! Deleting keys: the name goes at once, open handles keep a body that answers 1018 (os C.3).

use super::rig::*;
use crate::os::syscall::KeyAccess;
use crate::os::{Handle, Syscall, ThreadId, Windows};

/// What every call says to a handle whose key has been deleted (os C.3), by the vector's id.
fn stale_answers(handle: Handle) -> Vec<(&'static str, Syscall, u32)> {
    vec![
        ("G1.1 RegEnumValue", enum_value(handle, 0), 1018),
        ("G1.2 RegEnumKey", enum_key(handle, 0), 1018),
        ("G1.3 RegQueryValueEx", query(handle, "v"), 1018),
        ("G1.4 RegSetValueEx", set(handle, "v"), 1018),
        ("C.3 RegDeleteValue", delete_value(handle, "v"), 1018),
        ("G1.5 RegOpenKey sub, not 2", open(handle, "test"), 1018),
        ("G1.6 RegCreateKey sub", create(handle, "test"), 1018),
        ("G1.7 RegFlushKey", flush(handle), 1018),
        ("C.3, I.7 RegOpenKeyEx \"\"", open(handle, ""), 1018),
        ("C.3, I.7 RegOpenKeyEx NULL", open_null(handle), 1018),
        ("C.3 RegDeleteKey \"\"", delete(handle, ""), 1018),
        ("C.3 RegDeleteKey sub", delete(handle, "test"), 1018),
        ("C.5 RegCreateKey, leading backslash first", create(handle, r"\x"), 161),
    ]
}

fn assert_stale(rig: &mut Rig, thread: ThreadId, handle: Handle, when: &str) {
    for (fact, call, answer) in stale_answers(handle) {
        let before = rig.os.clone();
        assert_eq!(rig.code(thread, &call), answer, "({fact}) {when}");
        assert_eq!(rig.os, before, "({fact}) {when}: a refused call has changed something");
    }
}

#[test]
fn every_call_but_close_is_refused_on_a_deleted_key_for_ever() {
    let mut rig = Rig::new(Windows::W2000);
    let (victim, deleter) = (rig.start("user", 0), rig.start("user", 1));
    let handle = rig.handle(victim, &create(HKCU, r"Profiles\EventSvc"));
    rig.ok(victim, &set(handle, "v"));
    rig.ok(deleter, &delete(HKCU, r"Profiles\EventSvc"));
    assert_stale(&mut rig, victim, handle, "right after the deletion");

    let again = rig.handle(deleter, &create(HKCU, r"Profiles\EventSvc"));
    assert_stale(&mut rig, victim, handle, "once the name was created again (C.3)");
    assert_eq!(rig.code(deleter, &query(again, "v")), 2, "the new key is empty (C.3)");
    assert!(rig.os.key_of(rig.process(victim), handle).unwrap().deleted);
    assert!(!rig.os.key_of(rig.process(deleter), again).unwrap().deleted);

    assert_eq!(rig.code(victim, &close_key(handle)), 0, "(G1.18)");
    assert_eq!(rig.code(victim, &close_key(handle)), 6, "(G2.57)");
}

#[test]
fn all_handles_to_one_body_go_stale_together_and_other_keys_do_not() {
    let mut rig = Rig::new(Windows::XP);
    let (one, two) = (rig.start("user", 0), rig.start("user", 0));
    let first = rig.handle(one, &create(HKCU, "k"));
    let by_other_case = rig.handle(two, &open(HKCU, "K"));
    let neighbour = rig.handle(two, &create(HKCU, "k2"));
    rig.ok(one, &delete(first, ""));
    assert_eq!(rig.code(one, &query(first, "")), 1018, "(G1.28)");
    assert_eq!(rig.code(two, &query(by_other_case, "")), 1018, "(C.3)");
    assert_eq!(rig.code(two, &query(neighbour, "")), 2);
    assert_eq!(rig.code(two, &open(HKCU, "k")), 2, "(G1.28) reopen by name");
}

#[test]
fn a_key_with_subkeys_is_refused_and_one_with_values_is_not() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let parent = rig.handle(thread, &create(HKCU, "P"));
    let child = rig.handle(thread, &create(parent, "C"));
    rig.ok(thread, &set(child, "v"));
    let rows = [
        ("G1.19, G1.24 P with C below it, both open", delete(HKCU, "P"), 5),
        ("G1.19 the same through its own handle", delete(parent, ""), 5),
        ("G1.20, C.3 C with a value", delete(parent, "C"), 0),
        ("C.3 C again", delete(parent, "C"), 2),
        ("G1.20 P, although the handle of C is still open", delete(HKCU, "P"), 0),
        ("G1.21 P again, by name", delete(HKCU, "P"), 2),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
    }
    assert_eq!(rig.code(thread, &query(child, "v")), 1018);
}

/// (os G1.22, G1.23) Many children, each with a grandchild: one in the middle, then all, then the parent.
#[test]
fn a_tree_is_deleted_key_by_key_from_below() {
    let mut rig = Rig::new(Windows::SERVER_2003);
    let thread = rig.start("user", 0);
    let parent = rig.handle(thread, &create(HKCU, "P"));
    let names: Vec<String> = (0..100).map(|number| format!("child {number}")).collect();
    for name in &names {
        rig.os.create_key("user", &format!(r"P\{name}\grandchild")).unwrap();
    }
    assert_eq!(rig.code(thread, &delete(HKCU, "P")), 5, "(G1.22) nothing below it is open");
    for name in names.iter().skip(50).chain(&names[..50]) {
        assert_eq!(rig.code(thread, &delete(parent, name)), 5, "(G1.23)");
        assert_eq!(rig.code(thread, &delete(parent, &format!(r"{name}\grandchild"))), 0, "(G1.23)");
        assert_eq!(rig.code(thread, &delete(parent, name)), 0, "(G1.23)");
    }
    assert_eq!(rig.code(thread, &delete(HKCU, "P")), 0, "(G1.23)");
}

#[test]
fn the_unlinked_name_is_gone_for_everybody_at_once() {
    let mut rig = Rig::new(Windows::XP);
    let (one, two) = (rig.start("user", 0), rig.start("user", 0));
    let parent = rig.handle(two, &create(HKCU, "P"));
    for name in ["a", "b", "c"] {
        rig.handle(two, &create(parent, name));
    }
    rig.ok(one, &delete(HKCU, r"P\b"));
    assert_eq!(rig.list(two, |index| enum_key(parent, index)), ["a", "c"], "(C.3)");
    assert_eq!(rig.code(two, &open(parent, "b")), 2, "(C.3)");
}

/// (os G1.27, C.3) NULL is 87, or the key itself where Windows has the bug.
#[test]
fn deleting_null_depends_on_the_version() {
    for version in Windows::ALL {
        let mut rig = Rig::new(*version);
        let thread = rig.start("user", 0);
        let key = rig.handle(thread, &create(HKCU, "k"));
        let has_bug = ["nt4", "nt4-tse", "2000", "2000-sp4"].contains(&version.name);
        assert_eq!(rig.code(thread, &delete_null(key)), if has_bug { 0 } else { 87 }, "{version}");
        assert_eq!(rig.code(thread, &open(HKCU, "k")), if has_bug { 2 } else { 0 }, "{version}");
    }
}

#[test]
fn roots_cannot_be_deleted() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("admin", 0);
    let hive = rig.sid("user").to_string();
    let rows = [
        ("C.3 the root of a hive", delete(HKCU, "")),
        ("C.3 the root of an empty hive by name", delete(HKU, &hive)),
        ("C.3 .DEFAULT", delete(HKU, ".DEFAULT")),
        ("C.3 HKEY_USERS", delete(HKU, "")),
    ];
    for (fact, call) in rows {
        assert_eq!(rig.code(thread, &call), 5, "({fact})");
    }
}

/// (os C.3) The mask of the handle does not matter, the descriptor of the key does.
#[test]
fn deleting_asks_the_key_and_not_the_handle() {
    let mut rig = Rig::new(Windows::XP);
    rig.os.create_key("user", r"a\b").unwrap();
    rig.os.create_key(".DEFAULT", "d").unwrap();
    let (user, other) = (rig.start("user", 0), rig.start("other", 0));
    let path = format!(r"{}\a\b", rig.sid("user"));
    assert_eq!(rig.code(other, &delete(HKU, &path)), 5, "(C.3) no right");
    assert_eq!(rig.code(other, &delete(HKU, r".DEFAULT\d")), 5, "(C.3) may read, may not delete");
    let read_only = rig.handle(user, &open_for(HKCU, r"a\b", KeyAccess::Read));
    assert_eq!(rig.code(user, &set(read_only, "v")), 5, "(C.5)");
    assert_eq!(rig.code(user, &delete(read_only, "")), 0, "(C.3)");
}

#[test]
fn values_are_deleted_once() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let key = rig.handle(thread, &create(HKCU, "k"));
    let long = "n".repeat(16384);
    let rows = [
        ("G1.29 set", set(key, "v"), 0),
        ("G1.29 delete", delete_value(key, "V"), 0),
        ("G1.29 query", query(key, "v"), 2),
        ("G1.29 delete again", delete_value(key, "v"), 2),
        ("G1.30 default value set", set(key, ""), 0),
        ("G1.30 queried", query(key, ""), 0),
        ("G1.30 deleted", delete_value(key, ""), 0),
        ("G1.30 then", query(key, ""), 2),
        ("G1.31 400 letters", delete_value(key, &"n".repeat(400)), 2),
        ("C.5 16383 letters", set(key, &long[1..]), 0),
        ("G2.70, C.5 16384 letters", set(key, &long), 87),
        ("G2.70, C.5", query(key, &long), 2),
        ("G2.70, C.5", delete_value(key, &long), 2),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
    }
}
