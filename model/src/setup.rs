//! The machine as a scenario describes it, before anybody has taken a step.

use crate::mapi::names;
use crate::os::Os;
use crate::scenario::Scenario;
use crate::scenario::checked::{Hive, HiveContent};

/// Boots a scenario's machine: accounts, hives with their profiles, processes and threads in the file's order.
pub(crate) fn boot(scenario: &Scenario) -> Os {
    let mut os = Os::boot(scenario.windows, scenario.terminal_services);
    for account in &scenario.accounts {
        os.add_account(account.account.clone());
        if account.hive_loaded {
            os.load_hive(&account.account.name);
        }
    }
    for hive in &scenario.hives {
        fill(&mut os, hive);
    }
    for process in &scenario.processes {
        let account = &scenario.accounts[process.account].account.name;
        let id = os.spawn(&process.name, account, process.session);
        for _thread in &process.threads {
            os.spawn_thread(id);
        }
    }
    if scenario.machine_may_crash() {
        os.keep_disks();
    }
    os
}

/// Puts into a hive what it holds at the beginning.
fn fill(os: &mut Os, hive: &Hive) {
    let owner = &hive.owner;
    match &hive.content {
        HiveContent::Profiles { profiles, deleted } => {
            for profile in profiles {
                for (section, name, value) in names::sections() {
                    let path = format!(r"{}\{section}", names::profile_path(profile));
                    os.set_value(owner, &path, name, value)
                        .expect("a profile's name was checked when the file was read");
                }
            }
            for marked in deleted {
                // What marks there are before the run begins, an unfixed MAPI wrote (mapi B6).
                let path = format!(r"{}\{}\{marked}", names::PROFILES, names::DELETED_PROFILES);
                os.create_key(owner, &path).expect("a profile's name was checked when the file was read");
            }
        }
        HiveContent::Imported { tree, .. } => {
            tree.seed(os, owner).expect("names were checked when the registry file was read");
        }
        HiveContent::Import(path) => panic!("{path} has to be read before the run: `Scenario::with_imports`"),
    }
}
