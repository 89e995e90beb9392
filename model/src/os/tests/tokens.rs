//! Tokens: who may log on, impersonate, create and open what.

use super::rig::*;
use crate::os::privilege::Privilege;
use crate::os::syscall::LogonType;
use crate::os::token::{Level, TokenKind};
use crate::os::{Sid, Syscall, Value, Win32Error, Windows};

#[test]
fn the_effective_user_is_the_threads_where_it_impersonates() {
    let mut rig = Rig::new(Windows::XP);
    let first = rig.start("admin", 0);
    let (admin, user) = (rig.sid("admin"), rig.sid("user"));
    assert_eq!(rig.ok(first, &Syscall::GetEffectiveUser), Value::User(admin.clone()), "(G4.114)");
    assert_eq!(rig.code(first, &Syscall::RevertToSelf), 0, "(B.3) idempotent");
    let token = rig.logon(first, "user");
    rig.impersonate(first, token);
    let second = rig.os.spawn_thread(rig.os.process_of(first));
    let rows = [
        ("B.1", first, Syscall::GetEffectiveUser, &user),
        ("B.1", first, Syscall::GetProcessUser, &admin),
        ("G4.112, B.1 a new thread does not inherit", second, Syscall::GetEffectiveUser, &admin),
    ];
    for (fact, thread, call, expected) in rows {
        assert_eq!(rig.ok(thread, &call), Value::User(expected.clone()), "({fact})");
    }
    rig.ok(first, &close(token));
    assert_eq!(rig.os.effective_user(first), &user, "closing the handle does not end the impersonation");
    rig.ok(first, &Syscall::RevertToSelf);
    assert_eq!(rig.ok(first, &Syscall::GetEffectiveUser), Value::User(admin));
    assert_eq!(rig.code(first, &Syscall::ImpersonateLoggedOnUser { token }), 6);
}

/// (os B.3) LogonUser before XP: SE_TCB_NAME, of the primary token.
#[test]
fn logging_on_needs_the_system_before_xp() {
    let rows = [
        (Windows::NT4, "admin", 1314),
        (Windows::NT4, "LocalSystem", 0),
        (Windows::W2000_SP4, "admin", 1314),
        (Windows::W2000_SP4, "LocalSystem", 0),
        (Windows::XP, "user", 0),
        (Windows::SERVER_2003, "user", 0),
    ];
    for (version, account, answer) in rows {
        let mut rig = Rig::new(version);
        let thread = rig.start(account, 0);
        let call = logon("other");
        assert_eq!(rig.code(thread, &call), answer, "(B.3) {account} on {version}");
    }
    let mut rig = Rig::new(Windows::W2000);
    let thread = rig.start("LocalSystem", 0);
    let token = rig.logon(thread, "user");
    rig.impersonate(thread, token);
    assert_eq!(rig.code(thread, &logon("other")), 0, "(B.1) the primary token counts");
    assert_eq!(rig.code(thread, &logon("nobody")), 1326);
}

/// (os B.2) A token of somebody else, not made by the process itself: version, process, whether opens work.
#[test]
fn who_may_not_impersonate_gets_identification_and_fails_at_the_next_open() {
    let rows = [
        ("B.2 no such test before SP4", Windows::W2000, "other", true),
        ("B.2 an ordinary user", Windows::W2000_SP4, "other", false),
        ("B.2 an ordinary user", Windows::SERVER_2003, "other", false),
        ("B.2 an administrator", Windows::SERVER_2003, "admin", true),
        ("B.2 the system", Windows::SERVER_2003, "LocalSystem", true),
        ("B.2 the same identity", Windows::SERVER_2003, "user", true),
    ];
    for (fact, version, account, works) in rows {
        let mut rig = Rig::new(version);
        rig.os.create_key("user", "k").unwrap();
        let thread = rig.start(account, 0);
        let token = rig.os.give_token(rig.process(thread), "user");
        assert_eq!(rig.code(thread, &Syscall::ImpersonateLoggedOnUser { token }), 0, "({fact}) never fails");
        assert_eq!(rig.os.effective_user(thread), &rig.sid("user"), "({fact}) it can be looked at");
        let expected = if works { 0 } else { 1346 };
        assert_eq!(rig.code(thread, &open(HKCU, "k")), expected, "({fact}, G4.107, G4.108) HKCU");
        assert_eq!(rig.code(thread, &section("s")), expected, "({fact}) a named section");
        assert_eq!(rig.code(thread, &open_null(HKU)), 0, "({fact}) a predefined handle is not opened");
        assert_eq!(rig.code(thread, &section("")), 0, "({fact}) an unnamed section");
        rig.ok(thread, &Syscall::RevertToSelf);
        assert_eq!(rig.code(thread, &mutex("m")), 0, "({fact})");
    }
}

/// (os B.2) Explicit credentials: what LogonUser made, its maker may impersonate.
#[test]
fn a_token_from_logon_user_may_be_impersonated_by_its_maker() {
    let mut rig = Rig::new(Windows::SERVER_2003);
    rig.os.create_key("user", "k").unwrap();
    let thread = rig.start("other", 0);
    let token = rig.logon(thread, "user");
    rig.impersonate(thread, token);
    assert_eq!(rig.code(thread, &open(HKCU, "k")), 0);
}

/// (os I.8) The error is a switch.
#[test]
fn the_error_at_identification_can_be_chosen() {
    let mut rig =
        Rig::new(Windows { open_at_identification: Win32Error::ACCESS_DENIED, ..Windows::SERVER_2003 });
    let thread = rig.start("other", 0);
    let token = rig.os.give_token(rig.process(thread), "user");
    rig.impersonate(thread, token);
    assert_eq!(rig.code(thread, &open(HKCU, "k")), 5);
}

/// (os A.9, B.2) A privilege of a token below the impersonation level does not count, but the level is seen
/// first.
#[test]
fn an_identification_token_creates_nothing_global() {
    let mut rig = Rig::new(Windows::SERVER_2003);
    let thread = rig.start("user", 2);
    let token = rig.os.give_token(rig.process(thread), "admin");
    rig.impersonate(thread, token);
    assert_eq!(rig.code(thread, &section(r"Global\X")), 1346);
}

/// (os B.3) What kind of token a logon gives, and which group it adds.
#[test]
fn the_type_of_a_logon_decides_about_its_token() {
    let rows = [
        (LogonType::Interactive, "Interactive", 1349),
        (LogonType::Batch, "Batch", 1349),
        (LogonType::Service, "Service", 1349),
        (LogonType::Network, "Network", 0),
    ];
    for (logon, group, set) in rows {
        let mut rig = Rig::new(Windows::W2000);
        let thread = rig.start("LocalSystem", 0);
        let call = Syscall::LogonUser { account: "user".into(), logon };
        let token = rig.handle(thread, &call);
        assert_eq!(rig.code(thread, &Syscall::SetThreadToken { token: Some(token) }), set, "{logon:?}");
        rig.impersonate(thread, token);
        let group = Sid::named(group).unwrap();
        let member = Syscall::CheckTokenMembership { token: None, sid: group };
        assert_eq!(rig.ok(thread, &member), Value::Truth(true), "{logon:?}");
        assert_eq!(rig.code(thread, &Syscall::SetThreadToken { token: None }), 0);
        assert_eq!(rig.ok(thread, &member), Value::Truth(false), "{logon:?}: not the process's");
    }
}

/// (os B.2) Each level: what opening a key, opening the token, asking for a privilege and copying it upwards give.
#[test]
fn levels_decide_what_a_token_is_good_for() {
    let rows = [
        (Level::Anonymous, 1347, 1347, 1346),
        (Level::Identification, 1346, 0, 1346),
        (Level::Impersonation, 0, 0, 0),
    ];
    for (level, opening, token_opening, upward) in rows {
        let mut rig = Rig::new(Windows::SERVER_2003);
        rig.os.create_key("user", "k").unwrap();
        let thread = rig.start("user", 0);
        let primary = rig.logon(thread, "user");
        let kind = |level| TokenKind::Impersonation(level);
        let copy = rig.handle(thread, &Syscall::DuplicateTokenEx { token: primary, kind: kind(level) });
        let raise = Syscall::DuplicateTokenEx { token: copy, kind: kind(Level::Impersonation) };
        assert_eq!(rig.code(thread, &raise), upward, "{level:?}");
        let asked = Syscall::PrivilegeCheck { token: copy, privilege: Privilege::Impersonate };
        let of_anonymous = if level == Level::Anonymous { 1346 } else { 0 };
        assert_eq!(rig.code(thread, &asked), of_anonymous, "{level:?}");
        rig.ok(thread, &Syscall::SetThreadToken { token: Some(copy) });
        assert_eq!(rig.code(thread, &open(HKCU, "k")), opening, "{level:?}");
        assert_eq!(rig.code(thread, &Syscall::OpenThreadToken), token_opening, "{level:?}");
        rig.ok(thread, &Syscall::RevertToSelf);
        rig.ok(thread, &Syscall::ImpersonateSelf { level });
        assert_eq!(rig.code(thread, &open(HKCU, "k")), opening, "{level:?}");
    }
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let primary = rig.logon(thread, "user");
    let users = Sid::named("Users").unwrap();
    let rows = [
        ("B.3 no token of its own", Syscall::OpenThreadToken, 1008),
        ("G4.121", Syscall::CheckTokenMembership { token: Some(primary), sid: users }, 1309),
        ("no token", Syscall::SetThreadToken { token: Some(NULL) }, 6),
        ("no token", Syscall::DuplicateTokenEx { token: NULL, kind: TokenKind::Primary }, 6),
    ];
    for (fact, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
    }
}
