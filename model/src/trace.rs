//! A run as people look at it: every step with its thread, its call, what it asked, which real object that was, what it
//! was told, and the machine after it.
//!
//! Invariants
//! - Steps are numbered from 1 without gaps; step `n` is `steps[n - 1]`.
//! - The machine before step `n` is the machine after step `n - 1`, or the initial one.

use crate::mapi::memory::Code;
use crate::mapi::rules::Algorithm;
use crate::os::Os;
use crate::os::syscall::{Answer, Syscall};

/// A process of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its name in the scenario.
    pub name: String,
    /// Its account's name.
    pub account: String,
    /// Its Terminal Services session.
    pub session: u32,
    /// The product, version or algorithm that the scenario names for it.
    pub mapi: String,
    /// What it ran.
    pub algorithm: Algorithm,
}

/// A thread of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadInfo {
    /// `process`, or `process/thread` where there are several.
    pub name: String,
    /// The index of its process.
    pub process: usize,
}

/// Who did a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A thread, by index, took a step.
    Thread(usize),
    /// A process, by index, was killed.
    Killed(usize),
    /// A thread, by index, died alone.
    Ended(usize),
    /// The machine crashed; the lazy writer had just written these of [`Run::hives`].
    Machine(Written),
}

/// Whose hives the lazy writer had just written: number `n` of [`Run::hives`] is bit `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written(pub u16);

/// The call that a step belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallInfo {
    /// Its index in the thread's script; the script's length for the end of the thread.
    pub index: usize,
    /// The API's name: `DeleteProfile`; `(thread ends)` for the end.
    pub name: String,
    /// The call with its arguments: `DeleteProfile EventSvc`.
    pub text: String,
    /// This is its first step.
    pub begins: bool,
    /// What it returned, where this is its last step.
    pub returned: Option<Code>,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// Who did it.
    pub who: Who,
    /// The call it belongs to; `None` for a kill.
    pub call: Option<CallInfo>,
    /// The internal actions it is in, outermost first: `sweep`, `in use?`.
    pub inside: Vec<&'static str>,
    /// What was asked; `None` for a kill.
    pub syscall: Option<Syscall>,
    /// What was answered; `None` for a kill.
    pub answer: Option<Answer>,
    /// The real object's full name: `\Sessions\2\BaseNamedObjects\MAPI-...`, `HKU\S-1-5-...\...\Deleted Profiles`.
    pub object: Option<String>,
    /// The sessions that are live after it.
    pub sessions: Vec<LiveSession>,
    /// The machine after it.
    pub after: Os,
}

/// A session that is live: from MAPILogonEx returning S_OK until Logoff is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// The index of the thread that has it.
    pub thread: usize,
    /// The script's name for it.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// The keys that it has open and that were deleted, by full name.
    pub lost: Vec<String>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The processes, in the scenario's order.
    pub processes: Vec<ProcessInfo>,
    /// The threads, in the scenario's order.
    pub threads: Vec<ThreadInfo>,
    /// The machine before the first step.
    pub initial: Os,
    /// What happened.
    pub steps: Vec<Step>,
    /// Who could not go on at the end, though it had not ended.
    pub waiting: Vec<Waiting>,
    /// The exact schedule, as text that replays it.
    pub schedule: String,
    /// Whose hives there are, where the machine may crash; else none.
    pub hives: Vec<String>,
}

/// A thread that waits when nobody can run any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its index.
    pub thread: usize,
    /// The full name of what it waits for.
    pub object: String,
    /// The index of the thread that has it.
    pub owner: Option<usize>,
}

impl Run {
    /// The step of a number.
    pub fn step(&self, number: usize) -> &Step {
        &self.steps[number - 1]
    }

    /// The machine before the step of a number.
    pub fn before(&self, number: usize) -> &Os {
        if number == 1 { &self.initial } else { &self.steps[number - 2].after }
    }

    /// The process that did a step; `None` for a crash of the machine.
    pub fn process_of(&self, step: &Step) -> Option<usize> {
        match step.who {
            Who::Thread(thread) | Who::Ended(thread) => Some(self.threads[thread].process),
            Who::Killed(process) => Some(process),
            Who::Machine(_) => None,
        }
    }

    /// The process that did a step, which is not a crash of the machine.
    pub fn whose(&self, step: &Step) -> &ProcessInfo {
        let process = self.process_of(step).expect("a crash of the machine is nobody's deed");
        &self.processes[process]
    }

    /// The name of who did a step: a thread's, or the killed process's.
    pub fn actor_name(&self, step: &Step) -> &str {
        match step.who {
            Who::Thread(thread) | Who::Ended(thread) => &self.threads[thread].name,
            Who::Killed(process) => &self.processes[process].name,
            Who::Machine(_) => "the machine",
        }
    }

    /// Whose hives the lazy writer had just written when the machine crashed.
    pub fn kept(&self, written: Written) -> Vec<&str> {
        let hives = self.hives.iter().enumerate().filter(|(number, _)| written.0 >> number & 1 == 1);
        hives.map(|(_, owner)| owner.as_str()).collect()
    }
}
