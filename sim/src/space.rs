//! Numbers for machine states and local states, each step computed once.
//!
//! A global state ([`State`]) is a row of small numbers: the machine's, then one for each actor's local state. They
//! are exact: equal rows are equal states and nothing is decided by a hash. `execute` runs once per (machine state,
//! actor, op), an actor's code once per (local state, answer); after that a step is two table look-ups.
//!
//! Numbers are handed out in the order of discovery, which is a function of the world and of the questions asked. They
//! mean nothing outside their [`Space`].

use crate::action::Action;
use crate::discover::TWO_RESULTS;
use crate::fuse::Fusing;
use crate::pairs::{BROKEN, CLEAN, CRASHES, ENDS, Executed, FAILS, FINISHED, Pairs, SWAPS, UNJUDGED, WAITS};
use crate::pool::Pool;
pub use crate::scene::{Scene, View};
use crate::steps::{Node, NodeOf, Standing};
use crate::symmetry::Symmetry;
use crate::table::{Memo, Numbered};
use crate::world::{Actor, Machine, Parts, Process, World};

/// A global state: machine number, then a local state's number for each actor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State(pub(crate) Box<[u32]>);

/// The local state of an actor whose process was killed.
pub(crate) const KILLED: u32 = u32::MAX;
/// The local state of an actor that died alone. Every other one has a smaller number.
pub(crate) const ENDED: u32 = u32::MAX - 1;
/// In the table of steps: the actor has to wait.
pub(crate) const WAIT: u32 = u32::MAX;
/// In the table of steps: the actor is gone.
pub(crate) const GONE: u32 = u32::MAX - 1;

/// What an actor could do in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Take its next step.
    Ready,
    /// Its next step has to wait.
    Waiting,
    /// Nothing ever again: its script ended, its process ended or was killed.
    Finished,
}

/// What an actor's next step leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// To this machine and this local state.
    To { machine: u32, node: u32 },
    /// It has to wait.
    Waits,
    /// Nothing ever again.
    Finished,
}

/// A world's states and steps, discovered as they are asked for.
pub struct Space<'w, W: World> {
    pub(crate) world: &'w W,
    pub(crate) machines: Numbered<W::Machine>,
    pub(crate) nodes: Numbered<NodeOf<W>>,
    /// Per node: the number of the op it wants; `None` at the end of its script.
    pub(crate) wanted: Vec<Option<u32>>,
    pub(crate) ops: Numbered<(Actor, OpOf<W>)>,
    pub(crate) answers: Numbered<AnswerOf<W>>,
    /// Per op: whether several local states want it.
    pub(crate) is_shared: Vec<bool>,
    /// (machine, op) to (machine, answer), or to a mark in place of the answer; where it may be asked for again.
    pub(crate) executed: Executed,
    /// A machine that a step left as it was, and its number: the next one that is asked for is mostly of the same machine.
    pub(crate) scratch: Option<(u32, W::Machine)>,
    /// What machines have in common.
    pub(crate) pool: Pool,
    /// (node, answer) to node.
    pub(crate) advanced: Memo<u32>,
    /// (machine, node) to what the step leads to, both of the above in one look-up, and to what is broken; (machine,
    /// process) to the machine after a crash.
    pub(crate) pairs: Pairs,
    /// What was ever found broken; a pair has the number.
    properties: Vec<W::Property>,
    /// How often actors' code was run.
    pub(crate) runs: usize,
    /// Somebody asks of steps what they were answered: probes, and who judges them.
    pub(crate) is_watched: bool,
    /// Everything is done twice and compared.
    pub(crate) twice: bool,
    /// Steps are fused, and how; `None`: each is one of its own.
    pub(crate) fusing: Option<Fusing>,
    /// What nobody notices is cleared ([`World::forget`]).
    pub(crate) forgets: bool,
    /// Of states that differ only by who is who one is looked at.
    pub(crate) symmetry: Option<Symmetry>,
    pub(crate) initial: State,
}

pub(crate) type OpOf<W> = <<W as World>::Machine as Machine>::Op;
pub(crate) type AnswerOf<W> = <<W as World>::Machine as Machine>::Answer;

impl<'w, W: World> Space<'w, W> {
    /// The space of a world, with nothing discovered but the initial state.
    pub fn new(world: &'w W) -> Self {
        Space::with(world, false)
    }

    /// The same, but everything that is found out is found out twice and compared: each step, crash and judgement, and
    /// each run of an actor's code. A difference is told and panics: such a world gives no result that can be trusted.
    pub fn checking(world: &'w W) -> Self {
        Space::with(world, true)
    }

    fn with(world: &'w W, twice: bool) -> Self {
        let mut space = Space {
            world,
            machines: Numbered::new(),
            nodes: Numbered::new(),
            wanted: Vec::new(),
            ops: Numbered::new(),
            answers: Numbered::new(),
            is_shared: Vec::new(),
            executed: Executed::default(),
            scratch: None,
            pool: Pool::default(),
            advanced: Memo::new(),
            pairs: Pairs::default(),
            properties: Vec::new(),
            runs: 0,
            is_watched: world.judges_steps() || world.probes_wanted() != 0,
            twice,
            fusing: None,
            forgets: false,
            symmetry: None,
            initial: State(Box::default()),
        };
        let cast = world.cast();
        for process in cast.processes() {
            let peopled = cast.actors().any(|actor| cast.process_of(actor) == process);
            assert!(
                peopled,
                "{} has no actor: a process is known to be killed by its actors",
                cast.process_name(process)
            );
        }
        let mut row = vec![space.number(world.machine())];
        for actor in cast.actors() {
            let node = Node { actor, call: 0, memory: world.memory(actor), begun: false, items: Vec::new() };
            row.push(space.enter(node, None));
        }
        space.initial = State(row.into_boxed_slice());
        space
    }

    /// The world.
    pub fn world(&self) -> &'w W {
        self.world
    }

    /// The state in the beginning.
    pub fn initial(&self) -> &State {
        &self.initial
    }

    /// The machine of a state.
    pub fn machine(&self, state: &State) -> &W::Machine {
        self.machines.get(state.0[0])
    }

    /// Where an actor stands; `None` when its process was killed.
    pub fn standing(&self, state: &State, actor: Actor) -> Option<Standing<'_, W>> {
        self.standing_at(state.0[1 + actor.index()])
    }

    pub(crate) fn standing_at(&self, node: u32) -> Option<Standing<'_, W>> {
        if node >= ENDED {
            return None;
        }
        let wanted = self.wanted[node as usize].map(|op| &self.ops.get(op).1);
        Some(Standing { node: self.nodes.get(node), wanted })
    }

    /// A transition that was taken, to be looked at.
    pub fn scene<'a>(&'a self, before: &'a State, action: Action, after: &'a State) -> Scene<'a, W> {
        Scene { space: self, before: &before.0, action, after: &after.0 }
    }

    /// What an actor could do in a state.
    pub fn readiness(&mut self, state: &State, actor: Actor) -> Readiness {
        self.readiness_in(&state.0, actor)
    }

    fn readiness_in(&mut self, row: &[u32], actor: Actor) -> Readiness {
        match self.step_in(row, actor) {
            Step::To { .. } => Readiness::Ready,
            Step::Waits => Readiness::Waiting,
            Step::Finished => Readiness::Finished,
        }
    }

    /// What an actor's next step leads to.
    pub(crate) fn step_in(&mut self, row: &[u32], actor: Actor) -> Step {
        self.step_of(row[0], row[1 + actor.index()])
    }

    pub(crate) fn step_of(&mut self, machine: u32, node: u32) -> Step {
        if node >= ENDED {
            return Step::Finished;
        }
        if let Some(pair) = self.pairs.get(machine, node) {
            return match pair.machine {
                WAITS => Step::Waits,
                FINISHED => Step::Finished,
                machine => Step::To { machine, node: pair.node },
            };
        }
        let step = self.single_step(machine, node);
        let step = self.fuse(machine, node, step);
        let leads = match step {
            Step::To { machine, node } => (machine, node),
            Step::Waits => (WAITS, 0),
            Step::Finished => (FINISHED, 0),
        };
        self.pairs.found(machine, node, leads);
        step
    }

    /// Where a step or a crash leads, found out where it is not known.
    pub(crate) fn find_out(&mut self, machine: u32, key: u32) {
        if key < CRASHES {
            self.step_of(machine, key);
        } else if key < ENDS {
            self.crash(machine, Process((key - CRASHES) as u16));
        } else if key < FAILS {
            self.end(machine, Actor((key - ENDS) as u16));
        } else if key < SWAPS {
            self.fail(machine, Parts((key - FAILS) as u16));
        } else {
            self.permute(machine, key - SWAPS);
        }
    }

    /// All that is known of machines.
    pub(crate) fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    /// Machines found.
    pub(crate) fn machines(&self) -> usize {
        self.machines.len()
    }

    /// Whose the local states are that were found after the first `known`.
    pub(crate) fn owners(&self, known: usize) -> impl Iterator<Item = Actor> {
        (known..self.nodes.len()).map(|node| self.nodes.get(node as u32).actor)
    }

    /// Everything that can happen in a state: steps in the order of the cast, then faults (budget and permission are
    /// the caller's to keep).
    pub fn possible(&mut self, state: &State) -> Vec<Action> {
        let cast = self.world.cast();
        let steps = cast.actors().filter(|actor| self.readiness(state, *actor) == Readiness::Ready);
        let mut actions: Vec<Action> = steps.map(Action::Step).collect();
        let alive = |process: &Process| self.machines.get(state.0[0]).alive(*process);
        actions.extend(cast.processes().filter(alive).map(Action::Crash));
        let can_end = |actor: &Actor| self.machines.get(state.0[0]).can_end(*actor);
        actions.extend(cast.actors().filter(can_end).map(Action::End));
        if let Some(unsaved) = self.machines.get(state.0[0]).unsaved() {
            actions.extend(cast.sets_of_parts().filter(|kept| kept.is_within(unsaved)).map(Action::Fail));
        }
        actions
    }

    /// Nobody can run, though somebody has not finished.
    pub fn deadlocked(&mut self, state: &State) -> bool {
        self.deadlocked_in(&state.0)
    }

    pub(crate) fn deadlocked_in(&mut self, row: &[u32]) -> bool {
        let mut waiting = false;
        for actor in self.world.cast().actors() {
            match self.readiness_in(row, actor) {
                Readiness::Ready => return false,
                Readiness::Waiting => waiting = true,
                Readiness::Finished => {}
            }
        }
        waiting
    }

    /// What a state breaks in which nobody can run any more: the property of deadlocks where somebody waits, else that
    /// of rest where the world finds it broken.
    pub fn still_broken(&mut self, state: &State) -> Option<W::Property> {
        self.still_broken_in(&state.0)
    }

    pub(crate) fn still_broken_in(&mut self, row: &[u32]) -> Option<W::Property> {
        let mut waiting = false;
        for actor in self.world.cast().actors() {
            match self.readiness_in(row, actor) {
                Readiness::Ready => return None,
                Readiness::Waiting => waiting = true,
                Readiness::Finished => {}
            }
        }
        self.still_breaks(row, waiting)
    }

    /// The same where it is known that nobody can run, and whether somebody waits.
    pub(crate) fn still_breaks(&self, row: &[u32], waiting: bool) -> Option<W::Property> {
        if waiting {
            return self.world.deadlock();
        }
        self.world.rest().filter(|_| self.world.at_rest(&View { space: self, row }))
    }

    /// Whether a state in which nobody can run could break a property that comes before this one.
    pub(crate) fn still_comes_before(&self, property: W::Property) -> bool {
        [self.world.deadlock(), self.world.rest()].into_iter().flatten().any(|still| still < property)
    }

    /// What a step breaks by being taken.
    pub(crate) fn step_breaks(&self, before: &[u32], action: Action, after: &[u32]) -> Option<W::Property> {
        let judged = matches!(action, Action::Step(_)) && self.world.judges_steps();
        judged.then(|| self.world.step_breaks(&Scene { space: self, before, action, after })).flatten()
    }

    /// The state after an action; `None` where it cannot happen.
    pub fn apply(&mut self, state: &State, action: Action) -> Option<State> {
        let mut row = state.0.clone();
        self.apply_to(&mut row, action).then_some(State(row))
    }

    /// Carries out an action on a row; `false`, and the row unchanged, where it cannot happen.
    pub(crate) fn apply_to(&mut self, row: &mut [u32], action: Action) -> bool {
        match action {
            Action::Step(actor) => {
                let Step::To { machine, node } = self.step_in(row, actor) else { return false };
                row[0] = machine;
                row[1 + actor.index()] = node;
            }
            Action::Crash(process) => {
                let Some(after) = self.crash(row[0], process) else { return false };
                row[0] = after;
                let cast = self.world.cast();
                for actor in cast.actors().filter(|actor| cast.process_of(*actor) == process) {
                    let slot = &mut row[1 + actor.index()];
                    *slot = if *slot == ENDED { ENDED } else { KILLED };
                }
            }
            Action::End(actor) => {
                let slot = 1 + actor.index();
                let after = if row[slot] >= ENDED { None } else { self.end(row[0], actor) };
                let Some(after) = after else { return false };
                (row[0], row[slot]) = (after, ENDED);
            }
            Action::Fail(kept) => {
                let Some(after) = self.fail(row[0], kept) else { return false };
                row.fill(KILLED);
                row[0] = after;
            }
        }
        true
    }

    /// The first property, in order, that a state breaks (deadlock apart).
    pub fn broken(&mut self, state: &State) -> Option<W::Property> {
        self.broken_in(&state.0)
    }

    pub(crate) fn broken_in(&mut self, row: &[u32]) -> Option<W::Property> {
        let slots = row[1..].iter().filter(|node| **node < ENDED);
        slots.filter_map(|node| self.judge(row[0], *node)).min()
    }

    fn judge(&mut self, machine: u32, node: u32) -> Option<W::Property> {
        let known = self.pairs.judged(machine, node);
        let judged = if known == UNJUDGED { self.look(machine, node) } else { known };
        (judged != CLEAN).then(|| self.property(judged))
    }

    /// Looks whether something is broken, and remembers it.
    pub(crate) fn look(&mut self, machine: u32, node: u32) -> u32 {
        let standing = self.standing_at(node).expect("the killed are not judged");
        let broken = self.world.broken(self.machines.get(machine), standing.actor(), &standing);
        if self.twice {
            let second = self.world.broken(self.machines.get(machine), standing.actor(), &standing);
            assert!(broken == second, "{TWO_RESULTS}: what is broken is {broken:?}, then {second:?}");
        }
        let judged = broken.map_or(CLEAN, |property| {
            let known = self.properties.iter().position(|known| *known == property);
            BROKEN
                + known.unwrap_or_else(|| {
                    self.properties.push(property);
                    self.properties.len() - 1
                }) as u32
        });
        self.pairs.judge(machine, node, judged, self.initial.0.len() - 1);
        judged
    }

    /// The property of a number that a pair has.
    pub(crate) fn property(&self, judged: u32) -> W::Property {
        self.properties[(judged - BROKEN) as usize]
    }

    /// How much has been discovered: distinct machine states, local states, and runs of the actors' code.
    pub fn discovered(&self) -> Discovered {
        Discovered { machines: self.machines.len(), locals: self.nodes.len(), runs: self.runs }
    }
}

/// How much of a space has been discovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// Distinct states of the machine.
    pub machines: usize,
    /// Distinct local states of all actors.
    pub locals: usize,
    /// Runs of the actors' code.
    pub runs: usize,
}
