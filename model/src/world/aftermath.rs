//! What comes after a run: on a copy of the machine every account logs on once more and a fresh process of it initialises
//! and uninitialises MAPI, so that whatever can still be cleaned up is.
//!
//! Always holds
//! - It is no part of the run: no state of it is numbered, and nothing of it is remembered.
//! - What shows nothing to clean up is left as it is: a sweep acts on marks only (mapi B12).

use mapisim_sim::{Actor, alone};

use super::World;
use crate::finding::marks;
use crate::finding::orphan::{Aftermath, Cleaner};
use crate::mapi::Mapi;
use crate::mapi::rules::{Algorithm, Rules};
use crate::os::Os;
use crate::os::process::ThreadId;
use crate::os::registry::UserHive;
use crate::os::syscall::{Answer, Syscall};
use crate::property::no_orphan;
use crate::property::shown::same_name;
use crate::record;
use crate::sys::Sys;

/// A step that a fresh process took.
pub(crate) struct CleanUpStep<'a> {
    /// Whose process it is: the account's name.
    pub(crate) account: &'a str,
    /// The version of MAPI that it uses.
    pub(crate) algorithm: Algorithm,
    /// Its thread.
    pub(crate) thread: ThreadId,
    /// The machine before.
    pub(crate) before: &'a Os,
    /// What was asked.
    pub(crate) syscall: &'a Syscall,
    /// What was answered.
    pub(crate) answer: &'a Answer,
    /// The machine after.
    pub(crate) after: &'a Os,
}

impl World {
    /// The machine after every account has logged on in session 0, which loads its hive, and a process of it for each
    /// algorithm that takes part has initialised MAPI and uninitialised it. One that would have to wait for ever is
    /// killed. Each step is shown to `saw`.
    pub(crate) fn cleaned_up(&self, os: &Os, mut saw: impl FnMut(&CleanUpStep<'_>)) -> Os {
        let mut os = os.clone();
        let accounts: Vec<String> = os.accounts().map(|account| account.name.clone()).collect();
        for account in &accounts {
            if os.hive_state(account) == UserHive::OnDisk {
                os.load_hive(account);
            }
        }
        if !no_orphan::is_amiss(&os) {
            return os;
        }
        for account in &accounts {
            for (algorithm, rules) in self.algorithms() {
                self.clean_up_as(&mut os, account, algorithm, rules, &mut saw);
            }
        }
        os
    }

    /// What fresh processes leave behind on a machine at rest, and what each of them looked at. There must be something.
    pub(crate) fn aftermath(&self, os: &Os) -> Aftermath {
        let left = self.cleaned_up(os, |_| {});
        let orphan = no_orphan::first(&left).expect("told only where there is one");
        let profile = orphan.profile().rsplit('\\').next().unwrap_or_default();
        let mut cleaners: Vec<Cleaner> = Vec::new();
        let mut last = None;
        self.cleaned_up(os, |step| {
            if last != Some(step.thread) {
                last = Some(step.thread);
                cleaners.push(Cleaner {
                    account: step.account.to_owned(),
                    algorithm: step.algorithm,
                    looked: Vec::new(),
                    found: false,
                    counts: Vec::new(),
                });
            }
            let Some(object) =
                record::object(step.before, step.after, step.thread, step.syscall, step.answer)
            else {
                return;
            };
            let cleaner = cleaners.last_mut().expect("just added");
            if let Some(look) = marks::look(step.syscall, step.answer, &object) {
                cleaner.found |=
                    step.answer.is_ok() && orphan.mark_key().is_some_and(|key| same_name(key, &object));
                cleaner.looked.push(look);
            }
            cleaner.counts.extend(marks::count(step.syscall, step.answer, &object, profile));
        });
        Aftermath { orphan, cleaners }
    }

    fn clean_up_as(
        &self,
        os: &mut Os,
        account: &str,
        algorithm: Algorithm,
        rules: Rules,
        saw: &mut impl FnMut(&CleanUpStep<'_>),
    ) {
        let process = os.spawn("a fresh process", account, 0);
        let thread = os.spawn_thread(process);
        let script = async |steps| {
            let sys = Sys::new(steps);
            let mapi = Mapi::new(sys.clone(), &rules, &self.assumptions);
            let _what_it_returns_is_no_matter = mapi.initialize().await;
            let _what_it_returns_is_no_matter = mapi.uninitialize().await;
            sys.exit_thread().await;
        };
        let actor = Actor(u16::try_from(thread.0).expect("a scenario has few threads"));
        let ended = alone(os, actor, script, |before, syscall, answer, after| {
            saw(&CleanUpStep { account, algorithm, thread, before, syscall, answer, after });
        });
        if ended.is_none() {
            os.kill(process);
        }
    }
}
