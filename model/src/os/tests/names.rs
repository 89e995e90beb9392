//! Names of objects: which directory, which spelling, which error.

use super::rig::*;
use crate::os::syscall::MapAccess;
use crate::os::{Syscall, Value, Windows};

/// Where a name leads from a process in a session: the path, or the error.
fn resolve(windows: Windows, terminal_services: bool, session: u32, name: &str) -> Result<String, u32> {
    let mut rig = Rig::with(windows, terminal_services);
    let thread = rig.start("admin", session);
    rig.start("admin", 3); // so that session 3 exists
    let path = rig.os.resolve_name(rig.process(thread), name);
    path.map(|path| path.to_string()).map_err(|error| error.0)
}

/// (os A.1, A.2, A.4, A.5) On Windows 2000 with Terminal Services, seen from session 2 unless said otherwise.
#[test]
fn names_lead_where_the_links_lead() {
    let rows: [(&str, u32, &str, Result<&str, u32>); 25] = [
        ("A.2 unprefixed", 2, "X", Ok(r"\Sessions\2\BaseNamedObjects\X")),
        ("A.2 unprefixed, session 0", 0, "X", Ok(r"\BaseNamedObjects\X")),
        ("A.2 Global", 2, r"Global\X", Ok(r"\BaseNamedObjects\X")),
        ("A.2 Global, session 0", 0, r"Global\X", Ok(r"\BaseNamedObjects\X")),
        ("A.2 Local", 2, r"Local\X", Ok(r"\Sessions\2\BaseNamedObjects\X")),
        ("A.2 Local, session 0", 0, r"Local\X", Ok(r"\BaseNamedObjects\X")),
        ("A.1, G3.82 Session", 2, r"Session\3\X", Ok(r"\Sessions\3\BaseNamedObjects\X")),
        ("A.1 Session 0", 2, r"Session\0\X", Ok(r"\BaseNamedObjects\X")),
        ("A.1 Session that is not", 2, r"Session\7\X", Err(3)),
        ("A.1 Session by another spelling", 2, r"Session\03\X", Err(3)),
        ("A.1 links lie in each directory", 2, r"Local\Global\X", Ok(r"\BaseNamedObjects\X")),
        ("A.1 Local of the global directory", 2, r"Global\Local\X", Ok(r"\BaseNamedObjects\X")),
        ("A.1", 2, r"Session\3\Local\X", Ok(r"\Sessions\3\BaseNamedObjects\X")),
        ("A.4 case of an object's name", 2, "x", Ok(r"\Sessions\2\BaseNamedObjects\x")),
        ("A.4 case of a prefix", 2, r"global\X", Err(3)),
        ("A.4 case of a prefix", 2, r"LOCAL\X", Err(3)),
        ("A.5 unknown part", 2, r"a\b", Err(3)),
        ("A.5 leading backslash", 2, r"\X", Err(161)),
        ("A.5 leading backslash", 2, r"\X\", Err(161)),
        ("A.5 trailing backslash", 2, r"X\", Err(3)),
        ("A.5, G3.78 nothing after a directory", 2, r"Global\", Err(123)),
        ("A.5 double backslash", 2, r"Global\\X", Err(123)),
        ("G3.77 the name of a link", 2, "Global", Err(6)),
        ("G3.77 the name of a directory", 2, r"Session\3", Err(6)),
        ("A.2 reserved", 2, r"Session\X", Err(5)),
    ];
    for (fact, session, name, expected) in rows {
        let found = resolve(Windows::W2000, true, session, name);
        assert_eq!(
            found.as_deref().map_err(|error| *error),
            expected,
            "({fact}) {name} from session {session}"
        );
    }
}

/// (os A.2) Version by version, from session 2.
#[test]
fn each_version_has_its_own_directories() {
    type Row<'a> = (Windows, bool, [Result<&'a str, u32>; 3]);
    let ts = r"\Sessions\2\BaseNamedObjects\X";
    let global = r"\BaseNamedObjects\X";
    let rows: [Row<'_>; 7] = [
        (Windows::NT4, false, [Ok(global), Err(3), Err(3)]),
        (Windows::NT4, true, [Ok(global), Err(3), Err(3)]),
        (Windows::NT4_TSE, true, [Ok(r"\BaseNamedObjects\X [session 2]"), Err(3), Err(3)]),
        (Windows::W2000, false, [Ok(global), Ok(global), Ok(global)]),
        (Windows::W2000, true, [Ok(ts), Ok(global), Ok(ts)]),
        (Windows::SERVER_2003, true, [Ok(ts), Ok(global), Ok(ts)]),
        (Windows::VISTA, false, [Ok(ts), Ok(global), Ok(ts)]),
    ];
    for (version, terminal_services, expected) in rows {
        for (name, expected) in ["X", r"Global\X", r"Local\X"].into_iter().zip(expected) {
            let found = resolve(version, terminal_services, 2, name);
            assert_eq!(
                found.as_deref().map_err(|e| *e),
                expected,
                "(A.2) {name}, {version}, {terminal_services}"
            );
        }
    }
}

/// (os A.5, G3.83) 65532 bytes of UTF-16 fit.
#[test]
fn a_name_has_at_most_65532_bytes() {
    let rows = [(32766, 0), (32767, 123)];
    for (letters, answer) in rows {
        let mut rig = Rig::new(Windows::XP);
        let thread = rig.start("user", 0);
        assert_eq!(rig.code(thread, &mutex(&"x".repeat(letters))), answer, "(G3.83) {letters} letters");
    }
}

/// (os A.5) An object is no directory.
#[test]
fn nothing_lies_below_an_object() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    rig.ok(thread, &mutex("X"));
    assert_eq!(rig.code(thread, &mutex(r"X\Y")), 6, "(A.5)");
    assert_eq!(rig.code(thread, &section(r"X\Y")), 6, "(A.5)");
}

/// (os A.3, H.1) The directory is the process's, whoever the thread is.
#[test]
fn impersonation_does_not_move_the_directory() {
    let mut rig = Rig::new(Windows::W2000);
    let thread = rig.start("LocalSystem", 2);
    let token = rig.logon(thread, "user");
    let before = rig.os.resolve_name(rig.process(thread), "X");
    rig.impersonate(thread, token);
    assert_eq!(rig.os.resolve_name(rig.process(thread), "X"), before);
    rig.ok(thread, &section("X"));
    let paths: Vec<String> = rig.os.sections().map(|section| section.path.unwrap().to_string()).collect();
    assert_eq!(paths, [r"\Sessions\2\BaseNamedObjects\X"]);
}

/// (os A.2) Who meets whom under which name.
#[test]
fn sessions_meet_in_the_global_directory_only() {
    let rows = [
        ("A.2 plain and plain", "X", "X", false),
        ("A.2 Global and Global", r"Global\X", r"Global\X", true),
        ("A.2 the service's plain name is global", "X", r"Global\X", true),
        ("A.2 the service's Local name is global", r"Local\X", r"Global\X", true),
        ("A.2 but not the client's", r"Global\X", "X", false),
    ];
    for (fact, service, client, meet) in rows {
        let mut rig = Rig::new(Windows::W2000);
        let (console, remote) = (rig.start("admin", 0), rig.start("admin", 1));
        assert_eq!(rig.code(console, &section(service)), 0, "({fact})");
        assert_eq!(rig.code(remote, &section(client)), if meet { 183 } else { 0 }, "({fact})");
    }
}

/// (os A.5) Names in Open and Create that are no names.
#[test]
fn the_empty_name_makes_an_unnamed_object_and_opens_nothing() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    assert_eq!(rig.code(thread, &section("")), 0, "(A.5)");
    assert_eq!(rig.code(thread, &section("")), 0, "(A.5)");
    assert_eq!(rig.code(thread, &Syscall::CreateMutex { name: None, everyone: false }), 0);
    assert_eq!(rig.os.sections().count(), 2);
    assert!(rig.os.all_objects().all(|object| object.path.is_none() && !object.name_is_alive));
    assert_eq!(rig.code(thread, &open_section("", MapAccess::Read)), 6);
    assert_eq!(rig.code(thread, &open_mutex("")), 6);
}

/// (os A.10) A NULL list allows everyone; the default one names the owner and the system. It is the maker who decides.
#[test]
fn a_mutex_made_for_everyone_can_be_opened_by_everyone() {
    for (everyone, answer) in [(true, 0), (false, 5)] {
        let mut rig = Rig::new(Windows::XP);
        let (maker, other) = (rig.start("user", 1), rig.start("other", 2));
        let made = |everyone| Syscall::CreateMutex { name: Some(r"Global\M".into()), everyone };
        assert_eq!(rig.code(maker, &made(everyone)), 0, "(A.9) a mutex needs no privilege");
        assert_eq!(rig.code(other, &open_mutex(r"Global\M")), answer);
        let again = if everyone { 183 } else { 5 };
        assert_eq!(rig.code(other, &made(true)), again, "(A.6) the list of one that exists stays as it is");
    }
}

#[test]
fn a_process_number_names_a_process_while_it_lives() {
    let mut rig = Rig::new(Windows::W2000);
    let (one, other) = (rig.start("user", 0), rig.start("user", 0));
    let number = |rig: &mut Rig, thread| rig.ok(thread, &Syscall::GetCurrentProcessId);
    assert_ne!(number(&mut rig, one), number(&mut rig, other));
    let Value::Number(process) = number(&mut rig, one) else { panic!("a process has a number") };
    let open = Syscall::OpenProcess { process: u32::try_from(process).unwrap() };
    assert_eq!(rig.code(other, &open), 0);
    rig.os.kill(rig.process(one));
    assert_eq!(rig.code(other, &open), 87);
}
