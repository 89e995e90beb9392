//! Faults: where a process that is killed, an actor that dies alone, or its own failure
//! leaves the machine; and how many a state has seen.

use crate::discover::{TWO_RESULTS, difference};
use crate::pairs::{CRASHES, ENDS, FAILS, FINISHED, UNKNOWN};
use crate::space::{ENDED, KILLED, Space};
use crate::world::{Actor, Machine, Parts, Process, World};

impl<W: World> Space<'_, W> {
    /// How many processes were killed on the way to a state.
    pub(crate) fn crashes_in(&self, row: &[u32]) -> usize {
        let cast = self.world.cast();
        let killed = |process: &Process| {
            cast.actors().any(|actor| cast.process_of(actor) == *process && row[1 + actor.index()] == KILLED)
        };
        cast.processes().filter(killed).count()
    }

    /// The machine after a crash; `None` where there is nobody to be killed.
    pub(crate) fn crash(&mut self, machine: u32, process: Process) -> Option<u32> {
        self.strike(machine, CRASHES + u32::from(process.0), |machine| {
            machine.alive(process).then(|| {
                let mut after = machine.clone();
                after.crash(process);
                assert!(!after.alive(process), "a process that was killed lives no more");
                after
            })
        })
    }

    /// The machine after an actor died alone; `None` where it cannot.
    pub(crate) fn end(&mut self, machine: u32, actor: Actor) -> Option<u32> {
        self.strike(machine, ENDS + u32::from(actor.0), |machine| {
            machine.can_end(actor).then(|| {
                let mut after = machine.clone();
                after.end(actor);
                assert!(!after.can_end(actor), "an actor that died cannot die again");
                after
            })
        })
    }

    /// The machine after it failed and these parts were kept; `None` where it cannot fail, or one of them is saved.
    pub(crate) fn fail(&mut self, machine: u32, kept: Parts) -> Option<u32> {
        self.strike(machine, FAILS + u32::from(kept.0), |machine| {
            machine.unsaved().filter(|unsaved| kept.is_within(*unsaved)).map(|_| {
                let mut after = machine.clone();
                after.fail(kept);
                assert_eq!(after.unsaved(), None, "a machine that failed cannot fail again");
                after
            })
        })
    }

    fn strike(
        &mut self,
        machine: u32,
        key: u32,
        fault: impl Fn(&W::Machine) -> Option<W::Machine>,
    ) -> Option<u32> {
        let known = self.pairs.get(machine, key).map_or(UNKNOWN, |pair| pair.machine);
        if known != UNKNOWN {
            return (known != FINISHED).then_some(known);
        }
        let before = self.machines.get(machine);
        let after = fault(before);
        if self.twice {
            let again = fault(before);
            assert!(after == again, "{TWO_RESULTS}: a fault leaves {}", difference(&after, &again));
        }
        let after = after.map(|after| self.number_machine(after));
        self.pairs.found(machine, key, (after.unwrap_or(FINISHED), 0));
        after
    }
}

/// How many actors died alone on the way to a state.
pub(crate) fn ended_in(row: &[u32]) -> usize {
    row[1..].iter().filter(|node| **node == ENDED).count()
}
