//! The two bugs of the article on the bare machine: what a sweep that looks into its own section would see
//! (os F).

use super::rig::*;
use crate::os::{Handle, ThreadId, ViewBase, Windows};

const PROFILE: &str = r"Profiles\EventSvc";
const MARK: &str = r"Profiles\Deleted Profiles\EventSvc";

/// A process logs on to a profile that it has made, counts itself, and marks the profile for deletion.
fn log_on_and_mark(rig: &mut Rig, thread: ThreadId, name: &str) -> Handle {
    let profile = rig.handle(thread, &create(HKCU, PROFILE));
    let section = rig.handle(thread, &section(name));
    let view = rig.view(thread, section);
    rig.ok(thread, &add(view, "EventSvc", 1));
    rig.ok(thread, &create(HKCU, MARK));
    profile
}

/// A process starts: it looks for marks, and deletes what its own section does not count.
fn sweep(rig: &mut Rig, thread: ThreadId, name: &str) {
    let section = rig.handle(thread, &section(name));
    let view: ViewBase = rig.view(thread, section);
    if rig.code(thread, &open(HKCU, MARK)) == 0 && rig.cell(thread, view, "EventSvc") == 0 {
        rig.ok(thread, &delete(HKCU, PROFILE));
    }
}

/// (F, bug 2) The section's name, and what the service reads afterwards.
#[test]
fn a_second_session_sweeps_the_profile_unless_the_section_is_global() {
    for (name, answer) in [("MAPI", 1018), (r"Global\MAPI", 2)] {
        let mut rig = Rig::new(Windows::W2000);
        let (service, outlook) = (rig.start("admin", 0), rig.start("admin", 2));
        let profile = log_on_and_mark(&mut rig, service, name);
        sweep(&mut rig, outlook, name);
        assert_eq!(rig.code(service, &query(profile, "001e6602")), answer, "{name}");
    }
}

/// (F, bug 1) One hive by the mapping, two sections by names made of the effective user.
#[test]
fn an_impersonator_shares_the_hive_but_not_a_section_named_after_its_user() {
    let mut rig = Rig::new(Windows::SERVER_2003);
    let (service, web) = (rig.start("user", 0), rig.start("user", 0));
    assert_eq!(rig.code(web, &open(HKCU, "x")), 2, "maps HKCU to the user's hive (C.1)");
    let token = rig.logon(web, "admin");
    rig.impersonate(web, token);
    let name = |rig: &Rig, thread: ThreadId| format!("MAPI-{}", rig.os.effective_user(thread));
    let (mine, theirs) = (name(&rig, service), name(&rig, web));
    assert_ne!(mine, theirs);
    let profile = log_on_and_mark(&mut rig, service, &mine);
    sweep(&mut rig, web, &theirs);
    assert_eq!(rig.code(service, &query(profile, "001e6602")), 1018);
}
