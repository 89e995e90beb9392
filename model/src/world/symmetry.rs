//! Which processes differ in nothing, and what nobody will ever notice: what lets the engine take several states for one.
//!
//! Processes differ in nothing where account, session, version, rules and every thread's script are the same, profile
//! names and session names in it included. Names have to be, since names come in an order: a sweep takes the marks one
//! after the other as they are enumerated, so a machine with two profile names exchanged behaves otherwise. Accounts have
//! to be, since SIDs are in names and CRCs, and hives are enumerated in their order.
//!
//! Always holds
//! - Where a program takes a process's number down (a lease, a count that carries it), no two processes are alike: the
//!   number would have to be found and changed wherever it went.
//! - That a mutex was abandoned is forgotten only where no version that takes part asks for it.

use mapisim_sim::Process;

use super::{Thread, World};
use crate::mapi::assumptions::CrashRepair;
use crate::mapi::rule::Rule;
use crate::mapi::rules::Evidence;
use crate::os::Os;
use crate::os::process::ProcessId;
use crate::property::Property;
use crate::scenario::Call;
use crate::scenario::checked::Must;

impl World {
    /// Processes that differ in nothing, in sets.
    pub(super) fn alike(&self) -> Vec<Vec<Process>> {
        if self.takes_down_process_numbers() {
            return Vec::new();
        }
        let mut sets: Vec<Vec<Process>> = Vec::new();
        for process in self.cast.processes() {
            match sets.iter_mut().find(|set| self.are_alike(set[0], process)) {
                Some(set) => set.push(process),
                None => sets.push(vec![process]),
            }
        }
        sets.retain(|set| set.len() > 1);
        sets
    }

    fn are_alike(&self, one: Process, other: Process) -> bool {
        let belongs = |process: Process| {
            let process = self.os.process(ProcessId(process.0.into()));
            (process.account(), process.session())
        };
        let threads = |process: Process| {
            let actors = self.cast.actors().filter(move |actor| self.cast.process_of(*actor) == process);
            actors.map(|actor| &self.threads[actor.index()])
        };
        belongs(one) == belongs(other)
            && threads(one).count() == threads(other).count()
            && threads(one).zip(threads(other)).all(|(one, other)| one.is_like(other))
    }

    fn takes_down_process_numbers(&self) -> bool {
        let counts_carry_them = self.assumptions.unasked().crash_repair == CrashRepair::PidValidated;
        counts_carry_them
            || self.threads.iter().any(|thread| {
                thread.rules.evidence != Evidence::Counts
                    || thread.rules.without == Some(Rule::SectionIsShared)
            })
    }

    /// Clears what nobody will ever notice.
    pub(super) fn clear_unnoticed(&self, os: &mut Os) {
        if self.threads.iter().all(|thread| thread.rules.keeps(Rule::AbandonedLockIsTaken)) {
            os.forget_abandonment();
        }
        if let Some(one_lock) = self.one_lock.as_ref().filter(|_| !self.checks(Property::NoOrphan)) {
            one_lock.clear_left_behind(os, |actor| self.process_id(actor));
        }
    }
}

impl Thread {
    /// Whether it does the same, wherever that is in the file.
    fn is_like(&self, other: &Self) -> bool {
        let calls = |thread: &Self| -> Vec<(Call, Option<Must>)> {
            thread.calls.iter().map(|call| (call.call.clone(), call.must)).collect()
        };
        (self.algorithm, self.rules) == (other.algorithm, other.rules)
            && self.script == other.script
            && calls(self) == calls(other)
    }
}
