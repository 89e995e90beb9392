//! What HKEY_CURRENT_USER means, to whom, and from when on (os C.1).

use super::rig::*;
use crate::os::view::CurrentUserView;
use crate::os::{Syscall, ThreadId, Windows};

/// Where HKEY_CURRENT_USER leads a thread now: seen by creating a key there.
fn hkcu_of(rig: &mut Rig, thread: ThreadId) -> String {
    let key = rig.handle(thread, &open_null_root());
    let path = rig.os.key_of(rig.process(thread), key).unwrap().path;
    rig.ok(thread, &close_key(key));
    path
}

fn open_null_root() -> Syscall {
    open_for(HKCU, "", crate::os::syscall::KeyAccess::Read)
}

fn impersonator(rig: &mut Rig, account: &str, whom: &str) -> ThreadId {
    let thread = rig.start(account, 0);
    let token = rig.logon(thread, whom);
    rig.impersonate(thread, token);
    thread
}

const USER: &str = r"HKU\S-1-5-21-1-2-3-1000";
const ADMIN: &str = r"HKU\S-1-5-21-1-2-3-500";
const DEFAULT: &str = r"HKU\.DEFAULT";

#[test]
fn the_first_thread_to_touch_it_decides_for_the_process() {
    let mut rig = Rig::new(Windows::XP);
    let first = impersonator(&mut rig, "admin", "user");
    let second = rig.os.spawn_thread(rig.os.process_of(first));
    assert_eq!(rig.os.current_user_of(rig.process(first)), Some(CurrentUserView::Unmapped));
    assert_eq!(hkcu_of(&mut rig, first), USER, "(C.1)");
    rig.ok(first, &Syscall::RevertToSelf);
    assert_eq!(hkcu_of(&mut rig, first), USER, "(C.1) it stays when the context changes");
    assert_eq!(hkcu_of(&mut rig, second), USER, "(C.1) for other threads too");
}

#[test]
fn impersonation_after_the_first_touch_changes_nothing() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("admin", 0);
    assert_eq!(hkcu_of(&mut rig, thread), ADMIN);
    let token = rig.logon(thread, "user");
    rig.impersonate(thread, token);
    rig.os.create_key("admin", "k").unwrap();
    // (os C.1 [inf]) the cached hive, but the token of this moment: the user may not open the administrator's
    // key
    assert_eq!(rig.code(thread, &open(HKCU, "k")), 5);
    rig.ok(thread, &Syscall::RevertToSelf);
    assert_eq!(rig.code(thread, &open(HKCU, "k")), 0);
}

#[test]
fn a_hive_that_is_not_loaded_gives_default_and_that_sticks() {
    let mut rig = Rig::new(Windows::XP);
    let (thread, admin) = (rig.start("other", 0), rig.start("admin", 0));
    assert_eq!(hkcu_of(&mut rig, thread), DEFAULT, "(C.1)");
    assert_eq!(rig.code(thread, &create(HKCU, "k")), 5, "an ordinary user may only read .DEFAULT");
    assert_eq!(rig.code(thread, &set(HKCU, "v")), 5);
    rig.ok(admin, &Syscall::LoadUserProfile { account: "other".into() });
    assert_eq!(hkcu_of(&mut rig, thread), DEFAULT, "(C.1) sticky");
    rig.ok(thread, &close_key(HKCU));
    assert_eq!(hkcu_of(&mut rig, thread), r"HKU\S-1-5-21-1-2-3-1001", "(C.1) mapped anew");
}

/// (os C.1) All ways to drop the mapping, and two that do not.
#[test]
fn closing_hkcu_or_opening_it_with_null_maps_it_anew() {
    let rows = [
        ("C.1, I.5 RegCloseKey", close_key(HKCU), USER),
        ("C.1 RegOpenKeyEx NULL", open_null(HKCU), USER),
        ("C.1 RegOpenKeyEx \"\"", open(HKCU, ""), ADMIN),
        ("C.1 closing another", close_key(HKU), ADMIN),
    ];
    for (fact, call, hive) in rows {
        let mut rig = Rig::new(Windows::W2000);
        let thread = rig.start("admin", 0);
        assert_eq!(hkcu_of(&mut rig, thread), ADMIN);
        let kept = rig.handle(thread, &create(HKCU, "k"));
        rig.ok(thread, &call);
        let token = rig.os.give_token(rig.process(thread), "user");
        rig.impersonate(thread, token);
        assert_eq!(rig.os.key_of(rig.process(thread), kept).unwrap().path, format!(r"{ADMIN}\k"));
        assert_eq!(rig.code(thread, &query(kept, "")), 2, "({fact}) handles opened before stay valid");
        if hive == USER {
            assert_eq!(hkcu_of(&mut rig, thread), hive, "({fact})");
        } else {
            assert_eq!(rig.code(thread, &open_null_root()), 5, "({fact}) still the administrator's");
        }
    }
}

#[test]
fn without_the_cache_each_use_follows_the_token() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("admin", 0);
    assert_eq!(hkcu_of(&mut rig, thread), ADMIN);
    rig.ok(thread, &Syscall::RegDisablePredefinedCache);
    let (user, other) = (rig.logon(thread, "user"), rig.logon(thread, "other"));
    rig.impersonate(thread, user);
    assert_eq!(hkcu_of(&mut rig, thread), USER, "(C.1)");
    rig.impersonate(thread, other);
    assert_eq!(hkcu_of(&mut rig, thread), DEFAULT, "(C.1)");
    rig.ok(thread, &Syscall::RevertToSelf);
    assert_eq!(hkcu_of(&mut rig, thread), ADMIN, "(C.1)");
    assert_eq!(rig.os.current_user_of(rig.process(thread)), Some(CurrentUserView::Uncached));
}

#[test]
fn reg_open_current_user_neither_uses_nor_makes_the_mapping() {
    let mut rig = Rig::new(Windows::XP);
    let thread = impersonator(&mut rig, "admin", "user");
    let key = rig.handle(thread, &Syscall::RegOpenCurrentUser);
    assert_eq!(rig.os.key_of(rig.process(thread), key).unwrap().path, USER, "(G2.63)");
    rig.ok(thread, &Syscall::RevertToSelf);
    assert_eq!(hkcu_of(&mut rig, thread), ADMIN, "(C.1)");
    let key = rig.handle(thread, &Syscall::RegOpenCurrentUser);
    assert_eq!(rig.os.key_of(rig.process(thread), key).unwrap().path, ADMIN, "(C.1)");
}

#[test]
fn nt4_has_neither_of_the_two_calls() {
    for (version, answer) in [(Windows::NT4, 127), (Windows::NT4_TSE, 127), (Windows::W2000, 0)] {
        let mut rig = Rig::new(version);
        let thread = rig.start("user", 0);
        assert_eq!(rig.code(thread, &Syscall::RegOpenCurrentUser), answer, "(C.1) {version}");
        assert_eq!(rig.code(thread, &Syscall::RegDisablePredefinedCache), answer, "(C.1) {version}");
    }
}

/// (os C.1, H.8) The hive is keyed by SID alone: no session splits it.
#[test]
fn two_sessions_of_one_user_share_one_hive() {
    let mut rig = Rig::new(Windows::W2000);
    let (console, remote) = (rig.start("user", 0), rig.start("user", 2));
    rig.ok(console, &create(HKCU, r"Profiles\Deleted Profiles\EventSvc"));
    assert_eq!(rig.code(remote, &open(HKCU, r"Profiles\Deleted Profiles\EventSvc")), 0);
}
