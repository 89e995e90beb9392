//! Keys: opening, creating, enumerating, values.

use super::rig::*;
use crate::os::syscall::{KeyAccess, RegValue};
use crate::os::{Handle, Key, Syscall, Value, Windows};

#[test]
fn keys_are_opened_by_names_as_the_vectors_say() {
    let mut rig = Rig::new(Windows::XP);
    rig.os.create_key("user", r"a\b").unwrap();
    let thread = rig.start("user", 0);
    let key = rig.handle(thread, &open(HKCU, "a"));
    let (fits, too_long) = ("x".repeat(256), "x".repeat(257));
    let rows = [
        ("G2.45 trailing backslashes", open(HKCU, r"a\b\\"), 0),
        ("C.5 a doubled one", open(HKCU, r"a\\b"), 0),
        ("G2.46 missing", open(HKCU, "z"), 2),
        ("C.5 missing on the way", open(HKCU, r"z\b"), 2),
        ("G2.67 without case", open(HKCU, r"A\B"), 0),
        ("G2.48 \"\"", open(key, ""), 0),
        ("G2.48, I.6 NULL", open_null(key), 0),
        ("G2.51 leading backslash", open(HKCU, r"\a"), 161),
        ("G2.51", open(HKCU, r"\"), 161),
        ("G2.52 NULL handle", open(NULL, ""), 6),
        ("G2.49 NULL handle", open(NULL, "x"), 6),
        ("recorded: the handle before the path", open(NULL, r"\x"), 6),
        ("recorded: the handle before the path", create(NULL, r"\x"), 6),
        ("G2.72 256 letters", create(HKCU, &fits), 0),
        ("G2.72 and open", open(HKCU, &fits), 0),
        ("G2.72 257 letters", create(HKCU, &too_long), 87),
        ("G2.72 and open", open(HKCU, &too_long), 87),
        ("G2.56 create, leading backslash", create(HKCU, r"\c"), 161),
        ("G2.56 create, trailing ones", create(HKCU, r"c\\"), 0),
        ("C.5 create what is there", create(HKCU, r"A\B"), 183),
        ("C.5 create with its parents", create(HKCU, r"p\q\r"), 0),
        ("C.5 which are there now", open(HKCU, r"p\q"), 0),
        ("C.5 not below HKU", create(HKU, "new"), 87),
        ("C.4 past the end", enum_key(key, 1), 259),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
    }
}

#[test]
fn opening_a_key_twice_gives_two_handles() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let one = rig.handle(thread, &create(HKCU, "k"));
    let other = rig.handle(thread, &open(HKCU, "k"));
    assert_ne!(one, other, "(G2.44)");
    assert_ne!(rig.handle(thread, &open(one, "")), one, "(G2.48)");
    assert_eq!(rig.code(thread, &close_key(one)), 0);
    assert_eq!(rig.code(thread, &close_key(one)), 6, "(G2.57)");
    assert_eq!(rig.code(thread, &close_key(NULL)), 6, "(G2.57)");
    assert_eq!(rig.code(thread, &query(other, "")), 2);
}

#[test]
fn a_handle_of_another_type_is_no_key() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let section = rig.handle(thread, &section("s"));
    let key = rig.handle(thread, &create(HKCU, "k"));
    for call in [open(section, ""), query(section, ""), delete(section, ""), close_key(section), close(key)] {
        assert_eq!(rig.code(thread, &call), 6, "(0.3 OBJECT_TYPE_MISMATCH) {call:?}");
    }
}

/// (os G2.58, C.4) Values stay in the order in which they were first set, keys are sorted, volatile ones
/// last.
#[test]
fn enumeration_has_the_order_of_real_windows() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let key = rig.handle(thread, &create(HKCU, "k"));
    for name in ["A", "C", "D", "B", "c"] {
        rig.ok(thread, &set(key, name));
    }
    assert_eq!(rig.list(thread, |index| enum_value(key, index)), ["A", "C", "D", "B"], "(G2.58)");
    rig.ok(thread, &delete_value(key, "c"));
    rig.ok(thread, &set(key, "C"));
    assert_eq!(rig.list(thread, |index| enum_value(key, index)), ["A", "D", "B", "C"], "(C.4)");

    for name in ["b", "_", "A2", "Z"] {
        rig.ok(thread, &create(key, name));
    }
    rig.ok(thread, &create_volatile(key, "B2"));
    rig.ok(thread, &create_volatile(key, "a"));
    assert_eq!(rig.list(thread, |index| enum_key(key, index)), ["A2", "b", "Z", "_", "a", "B2"], "(C.4)");
}

/// (os C.4) Positions are no cursors.
#[test]
fn deleting_while_counting_up_skips_every_other_key() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let key = rig.handle(thread, &create(HKCU, "k"));
    for name in ["a", "b", "c", "d"] {
        rig.ok(thread, &create(key, name));
    }
    for index in 0.. {
        let Ok(Value::Text(name)) = rig.call(thread, &enum_key(key, index)) else { break };
        rig.ok(thread, &delete(key, &name));
    }
    assert_eq!(rig.list(thread, |index| enum_key(key, index)), ["b", "d"]);
}

#[test]
fn volatile_keys_take_no_stable_children() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let rows = [
        ("G2.55", create_volatile(HKCU, "v"), 0),
        ("G2.55 stable under volatile", create(HKCU, r"v\s"), 1021),
        ("G2.55 volatile under volatile", create_volatile(HKCU, r"v\w"), 0),
        ("G2.55 reopening it without the flag", create(HKCU, r"v\w"), 183),
        ("C.5 the flag is ignored for what exists", create_volatile(HKCU, "v"), 183),
        ("C.5 missing parents are volatile too", create_volatile(HKCU, r"p\q"), 0),
        ("C.5", create(HKCU, r"p\r"), 1021),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
    }
}

/// (os C.5) `RegCreateKeyEx` makes missing parents one after the other.
#[test]
fn parents_made_before_a_creation_fails_stay() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let path = format!(r"p\q\{}", "x".repeat(257));
    assert_eq!(rig.code(thread, &create(HKCU, &path)), 87);
    assert_eq!(rig.code(thread, &open(HKCU, r"p\q")), 0);
}

#[test]
fn values_keep_any_type_and_the_case_of_their_name() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let key = rig.handle(thread, &create(HKCU, "k"));
    let odd = RegValue { kind: 0xff00_ff00, data: Vec::new() };
    let call = Syscall::RegSetValueEx { key: key.into(), name: "Odd".into(), value: odd.clone() };
    rig.ok(thread, &call);
    assert_eq!(rig.ok(thread, &query(key, "oDD")), Value::Data(odd), "(G2.71)");
    rig.ok(thread, &set(key, "ODD"));
    assert_eq!(rig.ok(thread, &enum_value(key, 0)), Value::Text("Odd".into()));
    assert_eq!(rig.ok(thread, &query(key, "Odd")), Value::Data(dword(1)));
}

/// (os C.5) The descriptor is asked at opening, the handle's mask afterwards.
#[test]
fn the_mask_of_the_handle_decides_about_values() {
    let mut rig = Rig::new(Windows::XP);
    rig.os.create_key("user", "k").unwrap();
    let thread = rig.start("user", 0);
    let read = rig.handle(thread, &open_for(HKCU, "k", KeyAccess::Read));
    let write = rig.handle(thread, &open_for(HKCU, "k", KeyAccess::Write));
    let rows = [
        ("C.5 read: set", set(read, "v"), 5),
        ("C.5 write: set", set(write, "v"), 0),
        ("C.5 read: query", query(read, "v"), 0),
        ("C.5 write: query", query(write, "v"), 5),
        ("C.5 write: enumerate keys", enum_key(write, 0), 5),
        ("C.5 write: enumerate values", enum_value(write, 0), 5),
        ("C.5 read: delete value", delete_value(read, "v"), 5),
        ("G2.54 read: create below, the descriptor decides", create(read, "sub"), 0),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
    }
    rig.ok(thread, &delete(HKCU, r"k\sub"));
    rig.ok(thread, &delete(HKCU, "k"));
    assert_eq!(rig.code(thread, &set(read, "v")), 5, "the mask is looked at before the body");
    assert_eq!(rig.code(thread, &query(read, "v")), 1018);
}

/// User hives: the user, the system, administrators. `.DEFAULT`: the system, administrators; everybody reads.
#[test]
fn who_may_open_whose_hive() {
    let rows = [
        ("user", "user", KeyAccess::All, 0),
        ("other", "user", KeyAccess::Read, 5),
        ("admin", "user", KeyAccess::All, 0),
        ("LocalSystem", "user", KeyAccess::All, 0),
        ("user", ".DEFAULT", KeyAccess::Read, 0),
        ("user", ".DEFAULT", KeyAccess::Write, 5),
        ("user", ".DEFAULT", KeyAccess::All, 5),
        ("admin", ".DEFAULT", KeyAccess::All, 0),
        ("LocalSystem", ".DEFAULT", KeyAccess::All, 0),
    ];
    for (who, whose, access, answer) in rows {
        let mut rig = Rig::new(Windows::XP);
        rig.os.create_key(whose, "k").unwrap();
        let path = rig.os.hive_path(whose).replacen(r"HKU\", "", 1) + r"\k";
        let thread = rig.start(who, 0);
        assert_eq!(
            rig.code(thread, &open_for(HKU, &path, access)),
            answer,
            "{who} opens {whose} for {access:?}"
        );
        let may_create = answer == 0 && access == KeyAccess::All;
        if access == KeyAccess::All {
            let new = format!(r"{path}\new");
            assert_eq!(
                rig.code(thread, &create(HKU, &new)),
                if may_create { 0 } else { 5 },
                "{who} in {whose}"
            );
        }
    }
}

#[test]
fn predefined_handles_have_their_real_numbers() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    assert_eq!(rig.handle(thread, &open_null(HKCU)), Handle::CURRENT_USER, "(G2.47)");
    assert_eq!(rig.handle(thread, &open_null(HKU)), Handle::USERS);
    rig.ok(thread, &create(Key::Handle(Handle::CURRENT_USER), "k"));
    assert_eq!(rig.code(thread, &open(HKCU, "k")), 0);
    assert_eq!(rig.code(thread, &close_key(Key::Handle(Handle::USERS))), 0);
}
