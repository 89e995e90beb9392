//! Hives: which are loaded, by whom, and what unloading does.

use super::rig::*;
use crate::os::registry::UserHive;
use crate::os::{Syscall, ThreadId, Windows};

fn load(account: &str) -> Syscall {
    Syscall::LoadUserProfile { account: account.into() }
}

fn unload(account: &str) -> Syscall {
    Syscall::UnloadUserProfile { account: account.into() }
}

#[test]
fn loads_nest_and_each_needs_its_own_unload() {
    let mut rig = Rig::new(Windows::SERVER_2003);
    let thread = rig.start("admin", 0);
    let hive = rig.sid("other").to_string();
    let rows = [
        ("C.2 not loaded", open(HKU, &hive), 2),
        ("C.2 unload without a load", unload("other"), 6),
        ("G4.127 load", load("other"), 0),
        ("G4.127 twice", load("other"), 0),
        ("G4.127 unload", unload("other"), 0),
        ("G4.127 still there", delete(HKU, &format!(r"{hive}\x")), 2),
        ("G4.127 unload again", unload("other"), 0),
        ("C.2 now it is gone", open(HKU, &hive), 2),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
    }
    assert_eq!(rig.os.hives_loaded(), [".DEFAULT", "S-1-5-18", "S-1-5-21-1-2-3-1000", "S-1-5-21-1-2-3-500"]);
    assert_eq!(rig.list(thread, |index| enum_key(HKU, index)), rig.os.hives_loaded());
}

#[test]
fn what_was_written_is_there_after_the_next_load_but_for_volatile_keys() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("admin", 0);
    let hive = rig.sid("other").to_string();
    rig.ok(thread, &load("other"));
    let root = rig.handle(thread, &open(HKU, &hive));
    let stable = rig.handle(thread, &create(root, r"a\b"));
    rig.ok(thread, &set(stable, "v"));
    let volatile = rig.handle(thread, &create_volatile(root, r"a\w"));
    for handle in [root, stable, volatile] {
        rig.ok(thread, &close_key(handle));
    }
    rig.ok(thread, &unload("other"));
    rig.ok(thread, &load("other"));
    let rows = [("C.5 stable", r"a\b", 0), ("C.5 volatile", r"a\w", 2)];
    for (fact, path, answer) in rows {
        assert_eq!(rig.code(thread, &open(HKU, &format!(r"{hive}\{path}"))), answer, "({fact})");
    }
    assert_eq!(rig.os.value(&format!(r"HKU\{hive}\a\b"), "v"), Some(&dword(1)));
}

/// (os C.2, G1.39-G1.42) Unloading with an open handle: what the call says, what the handle says then,
/// whether the hive is there, and whether it still is once the handle is closed.
#[test]
fn unloading_a_hive_in_use_depends_on_the_version() {
    let rows = [
        (Windows::NT4, 5, 2, true, true),
        (Windows::W2000, 5, 2, true, true),
        (Windows::W2000_SP4, 5, 2, true, true),
        (Windows::XP, 0, 2, true, false),
        (Windows::SERVER_2003, 0, 2, true, false),
        (Windows::VISTA, 0, 1018, false, false),
        (Windows::W10, 0, 1018, false, false),
    ];
    for (version, answer, afterwards, stays, stays_when_closed) in rows {
        let mut rig = Rig::new(version);
        let (system, service) = (rig.start("LocalSystem", 0), rig.start("user", 0));
        let hive = rig.sid("user").to_string();
        let key = rig.handle(service, &create(HKCU, "k"));
        rig.ok(service, &close_key(HKCU));
        assert_eq!(rig.code(system, &unload("user")), answer, "{version}");
        assert_eq!(rig.code(service, &query(key, "")), afterwards, "{version}");
        let flushed = if afterwards == 1018 { 1018 } else { 0 };
        assert_eq!(rig.code(service, &flush(key)), flushed, "(G1.40, G1.41) {version}");
        assert_eq!(rig.os.hives_loaded().contains(&hive.as_str()), stays, "{version}");
        assert_eq!(rig.os.key_of(rig.process(service), key).unwrap().hive_unloaded, afterwards == 1018);
        assert_eq!(rig.code(service, &close_key(key)), 0, "(G1.42) {version}");
        assert_eq!(rig.os.hives_loaded().contains(&hive.as_str()), stays_when_closed, "{version}");
    }
}

/// (os C.1, C.2; mapi 4.19) The mapping is a handle too, and a service that bound it while impersonating
/// loses it at logoff.
#[test]
fn a_mapped_hkcu_keeps_a_hive_in_use_and_dies_with_a_forced_unload() {
    for (version, open_code) in [(Windows::XP, 2), (Windows::VISTA, 1018)] {
        let mut rig = Rig::new(version);
        let (system, user) = (rig.start("LocalSystem", 0), rig.start("user", 0));
        assert_eq!(rig.code(user, &open(HKCU, "x")), 2);
        rig.ok(system, &unload("user"));
        assert_eq!(rig.code(user, &open(HKCU, "x")), open_code, "{version}");
        rig.ok(system, &load("user"));
        assert_eq!(rig.code(user, &open(HKCU, "x")), open_code, "{version}: a new load does not revive it");
        rig.ok(user, &close_key(HKCU));
        assert_eq!(rig.code(user, &open(HKCU, "x")), 2, "{version}: mapped anew (C.1)");
    }
}

#[test]
fn a_lingering_hive_goes_with_the_process_that_holds_it() {
    let mut rig = Rig::new(Windows::XP);
    let (system, user) = (rig.start("LocalSystem", 0), rig.start("user", 0));
    rig.handle(user, &create(HKCU, "k"));
    rig.ok(system, &unload("user"));
    assert_eq!(rig.os.hive_state("user"), UserHive::Lingering);
    rig.os.kill(rig.process(user));
    assert_eq!(rig.os.hive_state("user"), UserHive::OnDisk, "(C.2)");
}

/// (os C.2) Who may load: holders of two privileges, later administrators and the system, and then as a
/// process.
#[test]
fn loading_needs_a_right() {
    let codes = |version: Windows| {
        ["user", "admin", "LocalSystem"].map(|account| {
            let mut rig = Rig::new(version);
            let thread = rig.start(account, 0);
            rig.code(thread, &load("other"))
        })
    };
    assert_eq!(codes(Windows::W2000), [1314, 0, 0]);
    assert_eq!(codes(Windows::XP), [1314, 0, 0]);
    assert_eq!(codes(Windows::XP_SP2), [5, 0, 0]);

    let impersonating = |version: Windows| {
        let mut rig = Rig::new(version);
        let thread: ThreadId = rig.start("user", 0);
        let token = rig.logon(thread, "admin");
        rig.impersonate(thread, token);
        rig.code(thread, &load("other"))
    };
    assert_eq!(impersonating(Windows::XP), 0);
    assert_eq!(impersonating(Windows::SERVER_2003), 5, "(C.2) impersonating an administrator is not enough");
}

/// (os C.2, KB 834878) The system's hive is .DEFAULT; before XP loading its profile splits it in two.
#[test]
fn the_systems_hive_is_default_or_splits_from_it() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("LocalSystem", 0);
    rig.ok(thread, &load("LocalSystem"));
    rig.ok(thread, &create(HKCU, "k"));
    assert_eq!(rig.code(thread, &open(HKU, r".DEFAULT\k")), 0);
    assert_eq!(rig.code(thread, &open(HKU, r"S-1-5-18\k")), 0);
    rig.ok(thread, &unload("LocalSystem"));
    assert_eq!(rig.code(thread, &open(HKU, r".DEFAULT\k")), 0, "(C.2) always loaded");

    let mut rig = Rig::new(Windows::W2000);
    let (before, after) = (rig.start("LocalSystem", 0), rig.start("LocalSystem", 0));
    rig.ok(before, &create(HKCU, "k"));
    assert_eq!(rig.code(before, &open(HKU, "S-1-5-18")), 2);
    rig.ok(after, &load("LocalSystem"));
    assert_eq!(rig.code(after, &open(HKCU, "k")), 2, "(C.2) the writes are split");
    assert_eq!(rig.code(before, &open(HKCU, "k")), 0, "(C.1) the older mapping stays");
}
