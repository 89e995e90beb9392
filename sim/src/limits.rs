//! How far a search looks, and what may fail in it.

use crate::world::{Cast, Parts, Process};

/// How far to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Distinct states at most; one more and the verdict is [`Verdict::RanOut`](crate::Verdict::RanOut).
    pub states_max: usize,
    /// Bytes at most that the visited states may take, in the log that keeps their order and in the table that finds
    /// them, free slots included; one more and the verdict is [`Verdict::RanOut`](crate::Verdict::RanOut). Counted by the
    /// engine and not by the allocator, so that it is the same everywhere. The machine's distinct states with what is known
    /// of each, the actors' local states and the transitions that wait to be added (some million at most) are not counted.
    pub bytes_max: usize,
    /// How many threads may work on this search; what it finds does not depend on it.
    pub jobs: usize,
    /// Processes that may be killed in one run.
    pub crashes_max: usize,
    /// Which processes may be killed; `None`: any.
    pub crashable: Option<Vec<Process>>,
    /// Actors that may die alone in one run, those of processes that may be killed.
    pub ends_max: usize,
    /// Whether the machine may fail, once: [`Machine::fail`](crate::world::Machine::fail).
    pub may_fail: bool,
    /// Go on after something broke, so that the whole graph is counted.
    pub whole_graph: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            states_max: 10_000_000,
            bytes_max: usize::MAX,
            jobs: 1,
            crashes_max: 0,
            crashable: None,
            ends_max: 0,
            may_fail: false,
            whole_graph: false,
        }
    }
}

impl Limits {
    /// Whether the limits let a process be killed after so many were.
    pub(crate) fn may_crash(&self, process: Process, crashes: usize) -> bool {
        crashes < self.crashes_max && self.may_strike(process)
    }

    /// Whether the limits let an actor of a process die alone after so many did.
    pub(crate) fn may_end(&self, process: Process, ended: usize) -> bool {
        ended < self.ends_max && self.may_strike(process)
    }

    /// The parts that may be kept when the machine fails, as far as the limits let it: whether it still can, and what of
    /// them is not saved anyway, is the machine's to say.
    pub(crate) fn ways_to_fail(&self, cast: &Cast) -> impl Iterator<Item = Parts> + use<> {
        let may = self.may_fail;
        cast.sets_of_parts().filter(move |_| may)
    }

    fn may_strike(&self, process: Process) -> bool {
        self.crashable.as_ref().is_none_or(|who| who.contains(&process))
    }
}
