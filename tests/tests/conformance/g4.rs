//! G.4: tokens and impersonation.

use mapisim_model::os::privilege::Privilege;
use mapisim_model::os::syscall::KeyAccess;
use mapisim_model::os::token::{Level, TokenKind};
use mapisim_model::os::{Handle, Sid, Syscall, ThreadId, Value, security};

use crate::rig::*;
use crate::{LeftOut, Row, code, from_xp};

fn impersonate_self(level: Level) -> Syscall {
    Syscall::ImpersonateSelf { level }
}

/// A copy of one's own token at a level.
fn at_level(r: &mut Rig, level: Level) -> Handle {
    r.ok(&impersonate_self(Level::Impersonation));
    let own = r.keep("own", &Syscall::OpenThreadToken);
    r.ok(&Syscall::RevertToSelf);
    r.keep("copy", &Syscall::DuplicateTokenEx { token: own, kind: TokenKind::Impersonation(level) })
}

/// Whether opening a key at the level gives one of the codes that real versions give.
fn opening_is_one_of(r: &mut Rig, level: Level, codes: &[u32]) -> Got {
    r.ok(&create(HKCU, "k"));
    r.ok(&impersonate_self(level));
    let got = r.ask(&open_for(HKCU, "k", KeyAccess::Read));
    Got::Truth(codes.iter().any(|number| got == code(*number)))
}

/// An event that an administrator made, a handle to it with less access, and a thread of his that impersonates
/// `other`, who may not open the event.
fn stranger_with_a_handle(r: &mut Rig) -> Handle {
    let admin = r.start("admin");
    r.become_thread(admin);
    r.ok(&event("e"));
    let handle = r.keep("less", &open_event("e", security::SYNCHRONIZE));
    let token = r.os.give_token(r.process(), "other");
    r.ok(&Syscall::ImpersonateLoggedOnUser { token });
    handle
}

fn duplicate_for(r: &mut Rig, handle: Handle, access: security::AccessMask) -> Got {
    let (source, target) = (r.process(), r.process());
    r.ask(&Syscall::DuplicateHandle { source, handle, target, access: Some(access) })
}

/// A thread that is started while its creator impersonates somebody who may not open the event.
fn helper_thread(r: &mut Rig) -> ThreadId {
    stranger_with_a_handle(r);
    r.os.spawn_thread(r.process())
}

fn sub_authorities(text: &str) -> Vec<u32> {
    text.parse::<Sid>().expect("that is a SID").sub_authorities().to_vec()
}

fn parse(text: &str) -> Got {
    match text.parse::<Sid>() {
        Ok(sid) => Got::Names(vec![sid.to_string()]),
        Err(error) => Got::Code(error.code().0),
    }
}

fn reads_as(text: &str) -> Got {
    Got::Names(vec![text.to_owned()])
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row::new(
            104,
            "Anonymous: OpenThreadToken",
            |r| {
                r.ok(&impersonate_self(Level::Anonymous));
                r.ask(&Syscall::OpenThreadToken)
            },
            code(1347),
        ),
        Row::new(
            104,
            "Anonymous: RegOpenKeyEx",
            |r| opening_is_one_of(r, Level::Anonymous, &[6, 1347, 1346]),
            Got::Truth(true),
        ),
        Row::new(
            105,
            "Anonymous to Identification",
            |r| {
                let token = at_level(r, Level::Anonymous);
                r.ask(&Syscall::DuplicateTokenEx {
                    token,
                    kind: TokenKind::Impersonation(Level::Identification),
                })
            },
            code(1346),
        ),
        Row::new(
            106,
            "PrivilegeCheck of Anonymous",
            |r| {
                let token = at_level(r, Level::Anonymous);
                r.ask(&Syscall::PrivilegeCheck { token, privilege: Privilege::Backup })
            },
            code(1346),
        ),
        Row::new(
            106,
            "PrivilegeCheck of Identification",
            |r| {
                let token = at_level(r, Level::Identification);
                r.ask(&Syscall::PrivilegeCheck { token, privilege: Privilege::Backup })
            },
            Got::Truth(false),
        ),
        Row::new(
            107,
            "Identification: RegOpenKeyEx",
            |r| opening_is_one_of(r, Level::Identification, &[6, 1346, 5]),
            Got::Truth(true),
        ),
        Row::new(
            108,
            "Impersonation: RegOpenKeyEx",
            |r| opening_is_one_of(r, Level::Impersonation, &[0]),
            Got::Truth(true),
        ),
        Row::new(
            111,
            "more access is checked again",
            |r| {
                let h = stranger_with_a_handle(r);
                duplicate_for(r, h, security::event::MODIFY_STATE)
            },
            code(5),
        ),
        Row::new(
            111,
            "less is not",
            |r| {
                let h = stranger_with_a_handle(r);
                duplicate_for(r, h, 0)
            },
            code(0),
        ),
        Row::new(
            112,
            "the creator may not",
            |r| {
                stranger_with_a_handle(r);
                r.ask(&open_event("e", security::event::ALL))
            },
            code(5),
        ),
        Row::new(
            112,
            "the thread that it made may",
            |r| {
                let thread = helper_thread(r);
                r.become_thread(thread);
                r.ask(&open_event("e", security::event::ALL))
            },
            code(0),
        ),
        Row::new(114, "no thread token", |r| r.ask(&Syscall::OpenThreadToken), code(1008)),
        Row::new(
            114,
            "the effective token is the process's",
            |r| Got::Truth(r.ok(&Syscall::GetEffectiveUser) == r.ok(&Syscall::GetProcessUser)),
            Got::Truth(true),
        ),
        Row::new(
            115,
            "after ImpersonateSelf",
            |r| {
                r.ok(&impersonate_self(Level::Impersonation));
                r.ask(&Syscall::OpenThreadToken)
            },
            code(0),
        ),
        Row::new(
            115,
            "after clearing",
            |r| {
                r.ok(&impersonate_self(Level::Impersonation));
                r.ok(&Syscall::SetThreadToken { token: None });
                r.ask(&Syscall::OpenThreadToken)
            },
            code(1008),
        ),
        Row::new(120, "the default list names the owner, not the user", default_list, Got::Truth(true)),
        Row::new(
            121,
            "CheckTokenMembership of a primary token",
            |r| {
                let token = primary(r);
                r.ask(&Syscall::CheckTokenMembership { token: Some(token), sid: users() })
            },
            code(1309),
        )
        .on(from_xp),
        Row::new(
            121,
            "of NULL",
            |r| r.ask(&Syscall::CheckTokenMembership { token: None, sid: users() }),
            Got::Truth(true),
        ),
        Row::new(124, "S-1-5", |_| parse("S-1-5"), code(1337)),
        Row::new(124, "WD)", |_| parse("WD)"), code(1337)),
        Row::new(124, "s-1-12-1", |_| parse("s-1-12-1"), reads_as("S-1-12-1")),
        Row::new(124, "S-0x1-0XC-0x1a", |_| parse("S-0x1-0XC-0x1a"), reads_as("S-1-12-26")),
        Row::new(124, "WD", |_| parse("WD"), reads_as("S-1-1-0")),
        Row::new(124, "SY", |_| parse("SY"), reads_as("S-1-5-18")),
        Row::new(124, "LS", |_| parse("LS"), reads_as("S-1-5-19")),
        Row::new(124, "NS", |_| parse("NS"), reads_as("S-1-5-20")),
        Row::new(124, "BA", |_| parse("BA"), reads_as("S-1-5-32-544")),
        Row::new(124, "BU", |_| parse("BU"), reads_as("S-1-5-32-545")),
        Row::new(
            125,
            "how many sub-authorities",
            |_| Got::Number(sub_authorities("S-1-5-21-93476-23408-4576").len() as u64),
            Got::Number(4),
        ),
        Row::new(
            125,
            "the first",
            |_| Got::Number(sub_authorities("S-1-5-21-93476-23408-4576")[0].into()),
            Got::Number(21),
        ),
        Row::new(127, "loaded twice, unloaded twice", load_twice, code(0)),
        Row::new(
            127,
            "once more is too often",
            |r| {
                load_twice(r);
                r.ask(&unload())
            },
            code(6),
        ),
    ]
}

fn users() -> Sid {
    Sid::named("Users").expect("Users is well known")
}

fn primary(r: &mut Rig) -> Handle {
    r.keep("primary", &logon("other"))
}

/// Of an object of an administrator whose objects belong to his group, or of a user.
fn default_list(r: &mut Rig) -> Got {
    let admin = r.start("admin");
    r.become_thread(admin);
    let token = r.os.effective_token(admin);
    let (owner, user) = (token.owner().clone(), token.user().clone());
    let handle = r.keep("m", &mutex("m"));
    let object = r.os.object_of(r.process(), handle).expect("the handle is open");
    let names = |sid: &Sid| object.may_open.contains(&sid);
    Got::Truth(names(&owner) && (owner == user || !names(&user)))
}

fn unload() -> Syscall {
    Syscall::UnloadUserProfile { account: "other".into() }
}

fn load_twice(r: &mut Rig) -> Got {
    let system = r.start("LocalSystem");
    r.become_thread(system);
    for _ in 0..2 {
        let loaded = r.ok(&Syscall::LoadUserProfile { account: "other".into() });
        assert_eq!(loaded, Value::Nothing);
    }
    r.ok(&unload());
    r.ask(&unload())
}

pub(crate) const LEFT_OUT: &[(u32, LeftOut)] = &[
    (109, LeftOut::AccessLists),
    (110, LeftOut::AccessLists),
    (113, LeftOut::AccessLists),
    (116, LeftOut::TokenHandles),
    (117, LeftOut::TokenHandles),
    (118, LeftOut::TokenHandles),
    (119, LeftOut::StartingProcesses),
    (122, LeftOut::AccessLists),
    (123, LeftOut::TokenHandles),
    (126, LeftOut::AccessLists),
    (128, LeftOut::Enumeration),
];
