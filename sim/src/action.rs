//! What can happen next.

use crate::schedule::Turn;
use crate::world::{Actor, Cast, Parts, Process};

/// One action: an actor takes its next step, or a fault. Faults are actions like any other, so they are scheduled,
/// narrated, replayed and shrunk like everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// An actor takes its next step.
    Step(Actor),
    /// A process dies without running any of its code.
    Crash(Process),
    /// An actor dies without running any of its code, and its process goes on.
    End(Actor),
    /// The machine fails: every process dies at once, and what was not saved is lost, these parts apart.
    Fail(Parts),
}

impl Action {
    /// Whether it is a fault.
    pub fn is_fault(self) -> bool {
        !matches!(self, Action::Step(_))
    }

    /// The action in words: `events.exe`, `kill events.exe`, `end events.exe/worker`,
    /// `crash machine keeping svc`.
    pub fn describe(self, cast: &Cast) -> String {
        match self {
            Action::Step(actor) => cast.actor_name(actor).to_owned(),
            Action::Crash(process) => format!("kill {}", cast.process_name(process)),
            Action::End(actor) => format!("end {}", cast.actor_name(actor)),
            Action::Fail(kept) => Turn::Fail { kept: cast.part_names(kept) }.to_string(),
        }
    }
}
