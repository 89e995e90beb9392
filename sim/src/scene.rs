//! What properties and probes are shown: a transition, or a state at rest. Views into a space; nothing is found out.

use crate::action::Action;
use crate::space::{AnswerOf, OpOf, Space};
use crate::steps::Standing;
use crate::world::{Actor, World};

/// A transition as it is seen by probes and reports: the state before, what happened, the state after.
pub struct Scene<'a, W: World> {
    /// The space that the states belong to.
    pub space: &'a Space<'a, W>,
    /// The state before.
    pub before: &'a [u32],
    /// What happened.
    pub action: Action,
    /// The state after.
    pub after: &'a [u32],
}

impl<'a, W: World> Scene<'a, W> {
    /// The machine before.
    pub fn machine_before(&self) -> &'a W::Machine {
        self.space.machines.get(self.before[0])
    }

    /// The machine after.
    pub fn machine_after(&self) -> &'a W::Machine {
        self.space.machines.get(self.after[0])
    }

    /// Where an actor stood before; `None` when its process was killed.
    pub fn standing_before(&self, actor: Actor) -> Option<Standing<'a, W>> {
        self.space.standing_at(self.before[1 + actor.index()])
    }

    /// Where an actor stands after; `None` when its process was killed.
    pub fn standing_after(&self, actor: Actor) -> Option<Standing<'a, W>> {
        self.space.standing_at(self.after[1 + actor.index()])
    }

    /// The step that was taken and its answer; `None` for a fault.
    pub fn step(&self) -> Option<(Actor, &'a OpOf<W>, &'a AnswerOf<W>)> {
        let Action::Step(actor) = self.action else { return None };
        let op = self.space.wanted[self.before[1 + actor.index()] as usize].expect("a step was taken");
        let answer = self.space.answer_of(self.before[0], op).expect("a step was taken");
        Some((actor, &self.space.ops.get(op).1, self.space.answers.get(answer)))
    }
}

/// A state as it is looked at by [`World::at_rest`].
pub struct View<'a, W: World> {
    pub(crate) space: &'a Space<'a, W>,
    pub(crate) row: &'a [u32],
}

impl<'a, W: World> View<'a, W> {
    /// The machine.
    pub fn machine(&self) -> &'a W::Machine {
        self.space.machines.get(self.row[0])
    }

    /// Where an actor stands; `None` when its process was killed.
    pub fn standing(&self, actor: Actor) -> Option<Standing<'a, W>> {
        self.space.standing_at(self.row[1 + actor.index()])
    }
}
