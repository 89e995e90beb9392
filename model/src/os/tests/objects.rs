//! Sections and mutexes: made, opened, shared, gone with their last handle.

use super::rig::*;
use crate::os::privilege::Privilege;
use crate::os::syscall::MapAccess;
use crate::os::view::Holder;
use crate::os::{Account, Syscall, Value, ViewBase, Windows};

#[test]
fn create_and_open_answer_as_the_vectors_say() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let rows = [
        ("G3.86 open missing", open_mutex("m"), 2),
        ("G3.86 create", mutex("m"), 0),
        ("G3.76 create again", mutex("m"), 183),
        ("G3.86 open in other case", open_mutex("M"), 2),
        ("G3.86 create in other case", mutex("M"), 0),
        ("A.6 section on a mutex's name", section("m"), 6),
        ("A.6 open section on a mutex's name", open_section("m", MapAccess::Read), 6),
        ("G3.89 create", section("s"), 0),
        ("G3.89 again", section("s"), 183),
        ("G3.89 other case", section("S"), 0),
        ("G3.89 open other case of another", open_section("sS", MapAccess::All), 2),
        ("A.6 mutex on a section's name", mutex("s"), 6),
        ("A.6 open mutex on a section's name", open_mutex("s"), 6),
        ("A.6 open", open_section("s", MapAccess::All), 0),
        ("0.3 close NULL", close(NULL), 6),
    ];
    for (fact, call, answer) in rows {
        let before = rig.os.clone();
        assert_eq!(rig.code(thread, &call), answer, "({fact})");
        assert!(
            answer == 0 || answer == 183 || rig.os == before,
            "({fact}) a refused call has changed something"
        );
    }
}

/// (os A.7, G3.94) Names live by handles, memory by handles and views.
#[test]
fn a_view_keeps_the_memory_but_not_the_name() {
    let mut rig = Rig::new(Windows::XP);
    let (one, two) = (rig.start("user", 0), rig.start("user", 0));
    let handle = rig.handle(one, &section("s"));
    let view = rig.view(one, handle);
    rig.ok(one, &add(view, "count", 7));
    rig.ok(one, &close(handle));
    assert_eq!(rig.cell(one, view, "count"), 7, "(G3.94) readable");
    assert_eq!(rig.code(two, &open_section("s", MapAccess::Read)), 2, "(G3.94) the name is gone");
    assert!(!rig.os.section_of_view(rig.process(one), view).unwrap().name_is_alive);

    let new = rig.handle(two, &section("s"));
    assert_eq!(rig.os.sections().count(), 2, "(G3.94) a second section of one path");
    let new_view = rig.view(two, new);
    assert_eq!(rig.cell(two, new_view, "count"), 0, "(G3.94) zeroed");
    rig.ok(two, &add(new_view, "count", 1));
    assert_eq!(rig.cell(one, view, "count"), 7, "(A.7) two refcount blocks");

    rig.ok(one, &unmap(view));
    assert_eq!(rig.os.sections().count(), 1, "(A.7) both gone: freed");
    rig.ok(two, &unmap(new_view));
    assert_eq!(rig.code(one, &section("s")), 183, "(A.7) a handle keeps the name without a view");
}

#[test]
fn processes_share_what_views_write() {
    let mut rig = Rig::new(Windows::XP);
    let (parent, child) = (rig.start("user", 0), rig.start("user", 0));
    let mine = rig.handle(parent, &section("s"));
    let mine = rig.view(parent, mine);
    rig.ok(parent, &add(mine, "n", 5));
    assert_eq!(rig.code(child, &section("s")), 183, "(G3.97)");
    let theirs = rig.handle(child, &open_section("s", MapAccess::All));
    let theirs = rig.view(child, theirs);
    assert_eq!(rig.cell(child, theirs, "n"), 5, "(G3.97)");
    let exchange =
        |comparand| Syscall::CellCompareExchange { view: theirs, cell: "n".into(), exchange: 9, comparand };
    assert_eq!(rig.ok(child, &exchange(4)), Value::Number(5));
    assert_eq!(rig.cell(parent, mine, "n"), 5);
    assert_eq!(rig.ok(child, &exchange(5)), Value::Number(5));
    assert_eq!(rig.cell(parent, mine, "n"), 9, "(A.8) at once");
    rig.ok(parent, &Syscall::CellStore { view: mine, cell: "n".into(), value: 0 });
    assert!(rig.os.section_of_view(rig.process(child), theirs).unwrap().cells().unwrap().is_empty());
}

/// (os A.6, G3.92) What a handle was opened for, and what it can be mapped for.
#[test]
fn the_mask_of_a_section_handle_decides_about_views() {
    let rows = [
        (MapAccess::Read, MapAccess::Read, 0),
        (MapAccess::Read, MapAccess::Write, 5),
        (MapAccess::Read, MapAccess::ReadWrite, 5),
        (MapAccess::Read, MapAccess::All, 5),
        (MapAccess::Write, MapAccess::Read, 5),
        (MapAccess::Write, MapAccess::Write, 0),
        (MapAccess::ReadWrite, MapAccess::Read, 0),
        (MapAccess::ReadWrite, MapAccess::ReadWrite, 0),
        (MapAccess::All, MapAccess::All, 0),
    ];
    for (opened, mapped, answer) in rows {
        let mut rig = Rig::new(Windows::XP);
        let thread = rig.start("user", 0);
        rig.ok(thread, &section("s"));
        let handle = rig.handle(thread, &open_section("s", opened));
        assert_eq!(rig.code(thread, &map(handle, mapped)), answer, "(G3.92) {opened:?} mapped {mapped:?}");
    }
}

#[test]
fn a_read_only_view_refuses_every_write() {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    let handle = rig.handle(thread, &section("s"));
    let Value::View(view) = rig.ok(thread, &map(handle, MapAccess::Read)) else { panic!("no view") };
    let cell = || "n".to_owned();
    for call in [
        add(view, "n", 1),
        Syscall::CellStore { view, cell: cell(), value: 1 },
        Syscall::CellCompareExchange { view, cell: cell(), exchange: 1, comparand: 5 },
        Syscall::CellLoad { view: ViewBase(9), cell: cell() },
    ] {
        assert_eq!(rig.code(thread, &call), 998, "{call:?}");
    }
    assert_eq!(rig.cell(thread, view, "n"), 0);
    assert_eq!(rig.code(thread, &unmap(view)), 0);
    assert_eq!(rig.code(thread, &unmap(view)), 487, "(A.8, G3.95)");
    let mutex = rig.handle(thread, &mutex("m"));
    assert_eq!(rig.code(thread, &map(mutex, MapAccess::Read)), 6);
}

/// (os A.9) Who may create a section in the global directory, from session 2 of Windows 2000 SP4.
#[test]
fn global_sections_need_the_privilege_from_other_sessions() {
    let rows = [
        ("A.9 an ordinary user", "user", 2, r"Global\X", 5),
        ("A.9 his own directory", "user", 2, "X", 0),
        ("A.9 his own directory", "user", 2, r"Local\X", 0),
        ("A.9 session 0", "user", 0, r"Global\X", 0),
        ("A.9 an administrator", "admin", 2, r"Global\X", 0),
        ("A.9 the system", "LocalSystem", 2, r"Global\X", 0),
        ("A.9 who was given it", "trusted", 2, r"Global\X", 0),
    ];
    for (fact, account, session, name, answer) in rows {
        let mut rig = Rig::new(Windows::W2000_SP4);
        let trusted = Account::new("trusted", "S-1-5-21-1-2-3-1002".parse().unwrap());
        rig.os.add_account(trusted.with_privilege(Privilege::CreateGlobal));
        let thread = rig.start(account, session);
        assert_eq!(rig.code(thread, &section(name)), answer, "({fact})");
        assert_eq!(rig.code(thread, &mutex(r"Global\M")), 0, "(A.9) mutexes need nothing");
    }
    for version in Windows::ALL {
        let mut rig = Rig::new(*version);
        let thread = rig.start("user", 2);
        let expected = match version.name {
            "nt4" | "nt4-tse" => 3,
            "2000" | "xp" => 0,
            _ => 5,
        };
        assert_eq!(rig.code(thread, &section(r"Global\X")), expected, "(A.9, A.2) {version}");
    }
}

/// (os A.9) Opening needs only the list; Create on an existing name is an opening.
#[test]
fn an_existing_global_section_needs_no_privilege() {
    let mut rig = Rig::new(Windows::SERVER_2003);
    let (service, client) = (rig.start("user", 0), rig.start("user", 2));
    rig.ok(service, &section("X"));
    assert_eq!(rig.code(client, &section(r"Global\X")), 183, "(A.9)");
    assert_eq!(rig.code(client, &open_section(r"Global\X", MapAccess::ReadWrite)), 0, "(A.9)");
}

/// (os A.9) The effective token's privilege counts.
#[test]
fn impersonation_gives_and_takes_the_privilege() {
    let mut rig = Rig::new(Windows::SERVER_2003);
    let (admin, user) = (rig.start("admin", 2), rig.start("user", 2));
    let token = rig.logon(admin, "user");
    rig.impersonate(admin, token);
    assert_eq!(rig.code(admin, &section(r"Global\A")), 5);
    let token = rig.logon(user, "admin");
    rig.impersonate(user, token);
    assert_eq!(rig.code(user, &section(r"Global\B")), 0);
}

/// (os A.10) Who may open what whom made, by the default list: the owner and the system.
#[test]
fn the_default_list_names_the_owner_and_the_system() {
    let rows = [
        (Windows::W2000, "user", "user", 183),
        (Windows::W2000, "user", "other", 5),
        (Windows::W2000, "user", "LocalSystem", 183),
        (Windows::W2000, "user", "admin", 5),
        (Windows::W2000, "admin", "LocalSystem", 183),
        (Windows::W2000, "LocalSystem", "admin", 183), // owned by the group
        (Windows::W2000, "LocalSystem", "user", 5),
        (Windows::XP, "LocalSystem", "admin", 5), // (KB 318825) owned by its maker
        (Windows::SERVER_2003, "LocalSystem", "admin", 183),
    ];
    for (version, maker, opener, answer) in rows {
        let mut rig = Rig::new(version);
        let (maker_thread, opener_thread) = (rig.start(maker, 0), rig.start(opener, 0));
        let (name, lock) = ("s", "m");
        rig.ok(maker_thread, &section(name));
        rig.ok(maker_thread, &mutex(lock));
        let what = format!("(A.10) {version}: {maker} made it, {opener} opens it");
        assert_eq!(rig.code(opener_thread, &section(name)), answer, "{what}");
        assert_eq!(rig.code(opener_thread, &mutex(lock)), answer, "{what}");
        let opened = if answer == 5 { 5 } else { 0 };
        assert_eq!(rig.code(opener_thread, &open_section(name, MapAccess::Read)), opened, "{what}");
        assert_eq!(rig.code(opener_thread, &open_mutex(lock)), opened, "{what}");
    }
}

/// (os A.10) The list comes from the token of the moment of creation, the check from that of opening; a
/// handle keeps what it has.
#[test]
fn what_was_made_while_impersonating_belongs_to_the_impersonated() {
    let mut rig = Rig::new(Windows::W2000);
    let (server, user) = (rig.start("admin", 0), rig.start("user", 0));
    let token = rig.os.give_token(rig.process(server), "user");
    rig.impersonate(server, token);
    let handle = rig.handle(server, &section("s"));
    rig.ok(server, &Syscall::RevertToSelf);
    assert_eq!(rig.code(server, &section("s")), 5, "(A.10)");
    assert_eq!(rig.code(server, &map(handle, MapAccess::ReadWrite)), 0, "(A.10)");
    assert_eq!(rig.code(user, &section("s")), 183, "(A.10)");
    rig.ok(server, &close(handle));
}

#[test]
fn holders_are_known_by_process() {
    let mut rig = Rig::new(Windows::XP);
    let (one, two) = (rig.start("user", 0), rig.start("user", 0));
    let first = rig.handle(one, &section("s"));
    let view = rig.view(one, first);
    let second = rig.handle(two, &section("s"));
    let id = rig.os.object_of(rig.process(one), first).unwrap().id;
    let (p, q) = (rig.process(one), rig.process(two));
    let all = [Holder::Handle(p, first), Holder::View(p, view), Holder::Handle(q, second)];
    assert_eq!(rig.os.holders(&id), all);
}
