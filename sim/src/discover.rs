//! What a step and its answer lead to: found out once, and numbered.
//!
//! A step is executed on a copy of the machine, an actor's code is run forward from what it has been told. What comes of
//! both gets a number; from then on it is looked up.

use std::fmt::Debug;
use std::hash::Hash;

use crate::pairs::NODES_MAX;
use crate::space::{GONE, OpOf, Space, WAIT};
use crate::steps::{NodeOf, forward};
use crate::table::Numbered;
use crate::world::{Machine, Outcome, World};

impl<W: World> Space<'_, W> {
    pub(crate) fn execute(&mut self, machine: u32, op: u32) -> (u32, u32) {
        if let Some(known) = self.executed.get(machine, op) {
            return known;
        }
        let (actor, wanted) = self.ops.get(op);
        let before = self.machines.get(machine);
        let mut after = match self.scratch.take() {
            Some((of, scratch)) if of == machine => scratch,
            _ => before.clone(),
        };
        let outcome = after.execute(*actor, wanted);
        if self.twice {
            let mut again = before.clone();
            let second = again.execute(*actor, wanted);
            let who = self.world.cast().actor_name(*actor);
            assert!(outcome == second, "{TWO_RESULTS}: {wanted:?} of {who}: {outcome:?}, then {second:?}");
            assert!(
                after == again,
                "{}: {wanted:?} of {who} leaves {}",
                TWO_RESULTS,
                difference(&after, &again)
            );
        }
        // Most steps that only look leave the machine as it is, which is seen faster than a number is found.
        let same = after == *before;
        let answered = matches!(outcome, Outcome::Answered(_));
        assert!(same || answered, "a step that is not taken changes nothing: {wanted:?}");
        let after = if same {
            self.scratch = Some((machine, after));
            machine
        } else {
            self.number_machine(after)
        };
        let answer = match outcome {
            Outcome::Answered(answer) => self.answers.number(answer).0,
            Outcome::Wait => WAIT,
            Outcome::Gone => GONE,
        };
        let result = (after, answer);
        // Fused steps end before one that was looked at, and is taken later.
        if self.fusing.is_some() || self.is_shared[op as usize] || self.is_watched {
            self.executed.put(machine, op, result);
        }
        result
    }

    /// The number of what an op on a machine was answered, if it was.
    pub(crate) fn answer_of(&self, machine: u32, op: u32) -> Option<u32> {
        if let Some((_, answer)) = self.executed.get(machine, op) {
            return Some(answer);
        }
        let (actor, wanted) = self.ops.get(op);
        match self.machines.get(machine).clone().execute(*actor, wanted) {
            Outcome::Answered(answer) => self.answers.find(&answer),
            Outcome::Wait | Outcome::Gone => None,
        }
    }

    /// The number of a machine.
    pub(crate) fn number(&mut self, mut machine: W::Machine) -> u32 {
        machine.share(&mut self.pool);
        self.machines.number(machine).0
    }

    pub(crate) fn advance(&mut self, node: u32, answer: u32) -> u32 {
        if let Some(known) = self.advanced.get(node, answer) {
            return known;
        }
        let mut told = self.nodes.get(node).clone();
        told.hear(self.answers.get(answer).clone());
        let asked = self.wanted[node as usize].map(|op| self.ops.get(op).1.clone());
        let next = self.enter(told, asked);
        self.advanced.put(node, answer, next);
        next
    }

    /// Runs an actor's code forward and numbers where it stops.
    pub(crate) fn enter(&mut self, from: NodeOf<W>, asked: Option<OpOf<W>>) -> u32 {
        let actor = from.actor;
        self.runs += 1;
        let again = self.twice.then(|| forward(self.world, from.clone(), asked.clone()));
        let (node, wanted) = forward(self.world, from, asked);
        if let Some((second, second_wanted)) = again {
            let who = self.world.cast().actor_name(actor);
            let same = node == second && wanted == second_wanted;
            assert!(
                same,
                "{}: {who} in call {} wants {wanted:?}, then {second_wanted:?}, or remembers otherwise: {}",
                TWO_RESULTS,
                node.call,
                difference(&node, &second)
            );
        }
        let (number, new) = self.nodes.number(node);
        assert!(number < NODES_MAX, "fewer than 500 million local states");
        if new {
            let op = wanted.map(|op| number_op(&mut self.ops, &mut self.is_shared, (actor, op)));
            self.wanted.push(op);
            self.add_twins(number);
        }
        number
    }
}

/// The number of an op that one more local state wants; and it is noted where several do.
pub(crate) fn number_op<O: Eq + Hash>(ops: &mut Numbered<O>, is_shared: &mut Vec<bool>, op: O) -> u32 {
    let (number, new) = ops.number(op);
    if new {
        is_shared.push(false);
    } else {
        is_shared[number as usize] = true;
    }
    number
}

/// What a world is told that is no function.
pub(crate) const TWO_RESULTS: &str =
    "done twice, it gave two results (no clock, no hash order, no global state may decide a step)";

/// Where two things begin to differ, as they are printed.
pub(crate) fn difference(one: &impl Debug, other: &impl Debug) -> String {
    let (one, other) = (format!("{one:?}"), format!("{other:?}"));
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(40)).take(120).collect::<String>();
    format!("`...{}...`, then `...{}...`", part(&one), part(&other))
}
