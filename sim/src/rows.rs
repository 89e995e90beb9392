//! States as rows of numbers, and how each number came about: for a search that is spread over several spaces.
//!
//! A number means nothing outside its [`Space`], and neither machines nor local states can be written down. What can be
//! told to another space is how a number was made: by which action, from which earlier numbers ([`Making`]). The other
//! space does the same ([`Rows::make`]) and gets a number of its own for the same thing. All that is told so goes back to
//! the initial state, which every space of a world has.
//!
//! Who keeps a state is decided by what its machine is, and not by a number ([`Rows::owner`]): a hash, taken once for each
//! machine. So all that can be done to a machine is found out in one place, and a step that only looks leads to a state of the
//! same owner. Nothing else is decided by it.
//!
//! Invariants
//! - Every number but those of the initial state has a making, and its making has smaller numbers only.
//! - The owner of a state is the same in every space of one world, whatever the order of discovery.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::action::Action;
use crate::explore::Limits;
use crate::shortest::actions;
use crate::space::{ENDED, KILLED, Scene, Space, Step};
use crate::world::{Actor, Parts, Process, World};

/// In a row: the local state of an actor whose process was killed.
pub const ROW_KILLED: u32 = KILLED;
/// In a row: the local state of an actor that died alone. Every other one has a smaller number.
pub const ROW_ENDED: u32 = ENDED;

/// How a machine, and perhaps a local state, came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Making {
    /// The machine before.
    pub machine: u32,
    /// What was done to it.
    pub by: By,
}

/// What was done to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The actor that stands at this local state took its step.
    Step(u32),
    /// A process was killed.
    Crash(Process),
    /// An actor died alone.
    End(Actor),
    /// The machine failed, and these parts were kept.
    Fail(Parts),
}

/// What one action leads to: the machine and, of a step, the local state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The machine after.
    pub machine: u32,
    /// The local state after; `None` where it is the mark of the dead.
    pub node: Option<u32>,
}

/// A space, seen as rows: a machine's number, then a local state's number for each actor. The space must be new.
pub struct Rows<'s, 'w, W: World> {
    space: &'s mut Space<'w, W>,
    limits: &'s Limits,
    hasher: FixedState,
    /// Per machine: a hash of what it is, and how it came about; `None` in the initial state.
    machines: Vec<(u64, Option<Making>)>,
    /// Per local state: how it came about; `None` in the initial state.
    nodes: Vec<Option<Making>>,
}

/// Where the actions lead that can happen in a state; room that is used again and again.
#[derive(Clone, Debug, Default)]
pub struct Successors {
    actions: Vec<Action>,
    rows: Vec<u32>,
    width: usize,
    /// Nobody can run; and whether somebody waits.
    pub still: Option<bool>,
}

impl Successors {
    /// The actions, steps first, each with the row that it leads to.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Action, &[u32])> {
        self.actions.iter().copied().zip(self.rows.chunks_exact(self.width.max(1)))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether nothing can happen any more.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    fn push(&mut self, action: Action, row: &[u32]) -> &mut [u32] {
        self.actions.push(action);
        let start = self.rows.len();
        self.rows.extend_from_slice(row);
        &mut self.rows[start..]
    }
}

impl<'s, 'w, W: World> Rows<'s, 'w, W> {
    /// The rows of a space in which nothing has been discovered but the initial state, within limits (those on states,
    /// bytes and jobs apart).
    pub fn new(space: &'s mut Space<'w, W>, limits: &'s Limits) -> Self {
        let actors = space.world().cast().actors().len();
        assert!(
            space.machines() == 1 && space.discovered().locals == actors,
            "numbers are told of from the beginning: a space in which something was discovered cannot tell them all"
        );
        assert!(space.fusing.is_none(), "steps that are fused make more than one number at once");
        let hasher = FixedState::default();
        let machines = vec![(hasher.hash_one(space.machines.get(0)), None)];
        Rows { space, limits, hasher, machines, nodes: vec![None; actors] }
    }

    /// The world.
    pub fn world(&self) -> &'w W {
        self.space.world()
    }

    /// The row of the initial state: machine 0, and local state N of actor N.
    pub fn initial(&self) -> Box<[u32]> {
        self.space.initial().0.clone()
    }

    /// Which of so many parts keeps a state.
    pub fn owner(&self, row: &[u32], parts: usize) -> usize {
        let content = self.machines[row[0] as usize].0;
        // All of its bits count, and so does how many parts there are.
        let mixed = (content ^ content >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((u128::from(mixed) * parts as u128) >> 64) as usize
    }

    /// How a machine came about; `None`: it is the initial one.
    pub fn making_of_machine(&self, machine: u32) -> Option<Making> {
        self.machines[machine as usize].1
    }

    /// How a local state came about; `None`: it is one of the initial state.
    pub fn making_of_node(&self, node: u32) -> Option<Making> {
        self.nodes[node as usize]
    }

    /// How much has been discovered: machines, then local states.
    pub fn known(&self) -> (usize, usize) {
        (self.machines.len(), self.nodes.len())
    }

    /// Does what a making says; `None` where it cannot be done.
    pub fn make(&mut self, making: Making) -> Option<Made> {
        let Making { machine, by } = making;
        let made = match by {
            By::Step(node) => match self.space.step_of(machine, node) {
                Step::To { machine, node } => Some(Made { machine, node: (node < ENDED).then_some(node) }),
                Step::Waits | Step::Finished => None,
            },
            By::Crash(process) => {
                self.space.crash(machine, process).map(|machine| Made { machine, node: None })
            }
            By::End(actor) => self.space.end(machine, actor).map(|machine| Made { machine, node: None }),
            By::Fail(kept) => self.space.fail(machine, kept).map(|machine| Made { machine, node: None }),
        };
        self.note(making);
        made
    }

    /// Notes what is new after something was done.
    fn note(&mut self, making: Making) {
        let (machines, nodes) = (self.space.machines(), self.space.discovered().locals);
        let new = (machines - self.machines.len(), nodes - self.nodes.len());
        assert!(
            new.0 <= 1 && new.1 <= 1,
            "one action makes one machine and one local state at most: {new:?}"
        );
        if new.0 == 1 {
            let content = self.hasher.hash_one(self.space.machines.get(machines as u32 - 1));
            self.machines.push((content, Some(making)));
        }
        if new.1 == 1 {
            self.nodes.push(Some(making));
        }
    }

    fn step(&mut self, row: &[u32], actor: Actor) -> Step {
        let (machine, node) = (row[0], row[1 + actor.index()]);
        let step = self.space.step_of(machine, node);
        if node < ENDED {
            self.note(Making { machine, by: By::Step(node) });
        }
        step
    }

    /// Where the actions lead that can happen in a state: steps in the order of the cast, then crashes, then deaths of
    /// actors alone, then failures of the machine.
    pub fn successors(&mut self, row: &[u32], next: &mut Successors) {
        next.actions.clear();
        next.rows.clear();
        next.width = row.len();
        let mut waiting = false;
        for actor in self.world().cast().actors() {
            match self.step(row, actor) {
                Step::To { machine, node } => {
                    let after = next.push(Action::Step(actor), row);
                    (after[0], after[1 + actor.index()]) = (machine, node);
                }
                Step::Waits => waiting = true,
                Step::Finished => {}
            }
        }
        next.still = next.actions.is_empty().then_some(waiting);
        if self.limits.crashes_max > 0 || self.limits.ends_max > 0 || self.limits.may_fail {
            let faults = actions(self.space, self.limits, row).into_iter().filter(|action| action.is_fault());
            for action in faults {
                let mut after = row.to_vec();
                if self.apply(&mut after, action) {
                    next.push(action, &after);
                }
            }
        }
    }

    /// Carries out an action on a row; `false`, and the row unchanged, where it cannot happen.
    pub fn apply(&mut self, row: &mut [u32], action: Action) -> bool {
        let by = match action {
            Action::Step(actor) => By::Step(row[1 + actor.index()]),
            Action::Crash(process) => By::Crash(process),
            Action::End(actor) => By::End(actor),
            Action::Fail(kept) => By::Fail(kept),
        };
        let making = Making { machine: row[0], by };
        let happened = self.space.apply_to(row, action);
        self.note(making);
        happened
    }

    /// The first property, in order, that a state breaks (those of states in which nobody can run apart).
    pub fn broken(&mut self, row: &[u32]) -> Option<W::Property> {
        self.space.broken_in(row)
    }

    /// What a state breaks in which nobody can run, where it is known whether somebody waits.
    pub fn still_breaks(&self, row: &[u32], waiting: bool) -> Option<W::Property> {
        self.space.still_breaks(row, waiting)
    }

    /// What a state breaks because nobody can run in it; `None` where somebody can.
    pub fn still_broken(&mut self, row: &[u32]) -> Option<W::Property> {
        let mut waiting = false;
        for actor in self.world().cast().actors() {
            match self.step(row, actor) {
                Step::To { .. } => return None,
                Step::Waits => waiting = true,
                Step::Finished => {}
            }
        }
        self.space.still_breaks(row, waiting)
    }

    /// Whether a state in which nobody can run could break a property that comes before this one.
    pub fn still_comes_before(&self, property: W::Property) -> bool {
        self.space.still_comes_before(property)
    }

    /// What an action breaks by being taken.
    pub fn step_breaks(&self, before: &[u32], action: Action, after: &[u32]) -> Option<W::Property> {
        self.space.step_breaks(before, action, after)
    }

    /// The probes that an action passes, of those that anybody asks for.
    pub fn probes(&self, before: &[u32], action: Action, after: &[u32]) -> u64 {
        let scene = Scene { space: self.space, before, action, after };
        self.world().probes(&scene) & self.world().probes_wanted()
    }
}
