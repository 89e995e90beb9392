//! Every interleaving, breadth first: the first thing found broken is broken by a shortest run.
//!
//! A state is expanded once. Crashes are actions like steps, within a budget. Reaching the bound on states is a verdict
//! of its own, never a pass.
//!
//! Invariants
//! - States are numbered in the order of discovery, so the states of one depth are neighbours: a level is a range.
//! - `Holds` means that the queue ran empty: every state that the limits allow was expanded.

use std::hint::black_box;
use std::ops::Range;

use crate::action::Action;
use crate::least::{self, Goal};
use crate::space::{Scene, Space, Step};
use crate::table::{Placed, Rows};
use crate::world::{Machine, Process, World};

/// How far to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Distinct states at most; one more and the verdict is [`Verdict::RanOut`].
    pub states_max: usize,
    /// Processes that may be killed in one run.
    pub crashes_max: usize,
    /// Which processes may be killed; `None`: any.
    pub crashable: Option<Vec<Process>>,
    /// Go on after something broke, so that the whole graph is counted.
    pub whole_graph: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { states_max: 10_000_000, crashes_max: 0, crashable: None, whole_graph: false }
    }
}

impl Limits {
    /// Whether the limits let a process be killed after so many were.
    pub(crate) fn may_crash(&self, process: Process, crashes: usize) -> bool {
        crashes < self.crashes_max && self.crashable.as_ref().is_none_or(|who| who.contains(&process))
    }
}

/// What an exploration found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<P> {
    /// Nothing breaks in any state that can be reached.
    Holds,
    /// A property breaks, by a shortest run.
    Broken(Counterexample<P>),
    /// The bound on states was reached before an answer.
    RanOut,
}

/// A shortest run that breaks a property; of those the one with fewest crashes, then fewest switches between actors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample<P> {
    /// What breaks. Where several properties break on shortest runs, the first in their order.
    pub property: P,
    /// What happens; it is broken after the last action.
    pub actions: Vec<Action>,
}

/// The answer of an exploration, and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exploration<P> {
    /// The verdict.
    pub verdict: Verdict<P>,
    /// Distinct states seen.
    pub states: usize,
    /// Actions taken from states that were expanded.
    pub transitions: u64,
    /// Distinct states first seen at each depth.
    pub levels: Vec<usize>,
    /// The probes passed by some transition.
    pub probes: u64,
    /// It was told to stop before it was done.
    pub stopped: bool,
}

/// Explores a world breadth first.
pub fn explore<W: World>(space: &mut Space<'_, W>, limits: &Limits) -> Exploration<W::Property> {
    explore_while(space, limits, &mut |_| true)
}

/// Explores a world breadth first while `go_on`, asked now and then with the number of distinct states so far, says so.
/// Told to stop, the verdict is what is known by then: [`Verdict::RanOut`] unless something has been found broken.
pub fn explore_while<W: World>(
    space: &mut Space<'_, W>,
    limits: &Limits,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Exploration<W::Property> {
    let mut search = Search::new(space, limits, go_on);
    let verdict = search.run();
    let mut levels: Vec<usize> = search.starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    levels.push(search.rows.len() - search.starts[search.starts.len() - 1]);
    levels.retain(|states| *states > 0);
    Exploration {
        verdict,
        states: search.rows.len(),
        transitions: search.transitions,
        levels,
        probes: search.probes,
        stopped: search.stopped,
    }
}

struct Search<'s, 'w, W: World> {
    space: &'s mut Space<'w, W>,
    limits: &'s Limits,
    rows: Rows,
    /// Where each level begins.
    starts: Vec<usize>,
    transitions: u64,
    probes: u64,
    wanted: u64,
    go_on: &'s mut dyn FnMut(usize) -> bool,
    stopped: bool,
}

/// Something broken, and where.
struct Found<P> {
    property: P,
    depth: usize,
}

impl<'s, 'w, W: World> Search<'s, 'w, W> {
    fn new(space: &'s mut Space<'w, W>, limits: &'s Limits, go_on: &'s mut dyn FnMut(usize) -> bool) -> Self {
        let initial = space.initial().0.clone();
        let mut rows = Rows::new(initial.len());
        rows.place(&initial, rows.hash(&initial), 1);
        let wanted = space.world().probes_wanted();
        let starts = vec![0];
        Search { space, limits, rows, starts, transitions: 0, probes: 0, wanted, go_on, stopped: false }
    }

    fn run(&mut self) -> Verdict<W::Property> {
        let initial = self.space.initial().0.clone();
        let mut found = self.space.broken_in(&initial).map(|broken| self.or_still(broken, 0, 0));
        let mut depth = 0;
        while self.starts[depth] < self.rows.len() && (found.is_none() || self.limits.whole_graph) {
            let end = self.rows.len();
            let seen = self.expand(self.starts[depth]..end, found.is_none());
            self.starts.push(end);
            if found.is_none() {
                found = match (seen.still, seen.broken) {
                    (Some(property), _) => Some(Found { property, depth }),
                    (None, Some(broken)) => Some(self.or_still(broken, depth + 1, end)),
                    (None, None) => None,
                };
            }
            if !seen.complete {
                // What breaks already is broken all the same.
                return found.map_or(Verdict::RanOut, |found| self.counterexample(&found));
            }
            depth += 1;
        }
        found.map_or(Verdict::Holds, |found| self.counterexample(&found))
    }

    /// Expands a level; `judging`: none of its states breaks anything, and it matters whether their successors do.
    fn expand(&mut self, level: Range<usize>, judging: bool) -> Seen<W::Property> {
        let mut seen = Seen { broken: None, still: None, complete: true };
        let mut next = Successors::default();
        for start in level.clone().step_by(BATCH) {
            if start % ASKED_EVERY < BATCH && !(self.go_on)(self.rows.len()) {
                self.stopped = true;
                seen.complete = false;
                return seen;
            }
            next.clear();
            for state in start..level.end.min(start + BATCH) {
                let still = self.steps(state as u32, &mut next).filter(|_| judging);
                let before = self.rows.row(state as u32);
                let still = still.and_then(|waiting| self.space.still_breaks(before, waiting));
                seen.still = [seen.still, still].into_iter().flatten().min();
                if self.limits.crashes_max > 0 {
                    self.crashes(state as u32, &mut next);
                }
            }
            if seen.complete {
                self.follow(&mut next, judging, &mut seen);
            }
        }
        seen
    }

    /// The steps that can be taken from a state. Where nobody can run: whether somebody waits.
    fn steps(&mut self, state: u32, next: &mut Successors) -> Option<bool> {
        let before = self.rows.row(state);
        let (mut ready, mut waiting) = (false, false);
        for actor in self.space.world().cast().actors() {
            match self.space.step_in(before, actor) {
                Step::To { machine, node } => {
                    ready = true;
                    let after = next.add(state, Action::Step(actor), before);
                    after[0] = machine;
                    after[1 + actor.index()] = node;
                }
                Step::Waits => waiting = true,
                Step::Finished => {}
            }
        }
        (!ready).then_some(waiting)
    }

    /// The crashes that can happen in a state.
    fn crashes(&mut self, state: u32, next: &mut Successors) {
        let before = self.rows.row(state);
        let crashes = self.space.crashes_in(before);
        for process in self.space.world().cast().processes() {
            if self.limits.may_crash(process, crashes) {
                let action = Action::Crash(process);
                if !self.space.apply_to(next.add(state, action, before), action) {
                    next.take_back(before.len());
                }
            }
        }
    }

    /// Numbers where the actions lead. Where there is no room the level is not complete, and nothing more is numbered.
    fn follow(&mut self, next: &mut Successors, judging: bool, seen: &mut Seen<W::Property>) {
        let rows = next.rows.chunks_exact(self.rows.width());
        next.hashes.extend(rows.clone().map(|after| self.rows.hash(after)));
        black_box(next.hashes.iter().fold(0, |all, hash| all ^ self.rows.touch(*hash)));
        for (((state, action), after), hash) in next.actions.iter().zip(rows).zip(&next.hashes) {
            let placed = self.rows.place(after, *hash, self.limits.states_max);
            if placed == Placed::NoRoom {
                seen.complete = false;
                return;
            }
            self.transitions += 1;
            let before = self.rows.row(*state);
            if self.probes & self.wanted != self.wanted {
                let scene = Scene { space: self.space, before, action: *action, after };
                self.probes |= self.space.world().probes(&scene) & self.wanted;
            }
            if judging {
                let new = placed == Placed::New;
                let by_step = self.space.step_breaks(before, *action, after);
                let broken = new.then(|| self.space.newly_broken_in(before, *action, after)).flatten();
                seen.broken = [seen.broken, by_step, broken].into_iter().flatten().min();
            }
        }
    }

    /// What breaks at a depth whose states begin at `start`: what a state there breaks in which nobody can run counts
    /// where that property comes first.
    fn or_still(&mut self, broken: W::Property, depth: usize, start: usize) -> Found<W::Property> {
        let mut property = broken;
        if self.space.still_comes_before(broken) {
            for state in start..self.rows.len() {
                let still = self.space.still_broken_in(self.rows.row(state as u32));
                property = still.map_or(property, |still| still.min(property));
            }
        }
        Found { property, depth }
    }

    fn counterexample(&mut self, found: &Found<W::Property>) -> Verdict<W::Property> {
        let property = Some(found.property);
        let world = self.space.world();
        let still = world.deadlock() == property || world.rest() == property;
        let breaks = |space: &mut Space<'w, W>, row: &[u32]| {
            space.broken_in(row) == property || (still && space.still_broken_in(row) == property)
        };
        let states = self.level(found.depth);
        let states = states.filter(|state| breaks(self.space, self.rows.row(*state)));
        let mut goals: Vec<Goal> = states.map(Goal::State).collect();
        let mut depth = found.depth;
        if goals.is_empty() {
            // The last step broke it, and no state does: the steps of the level before are the goals.
            depth -= 1;
            goals = self.breaking_steps(depth, found.property);
        }
        let layers = least::Layers { rows: &self.rows, starts: &self.starts[..=depth] };
        let actions = least::shortest(self.space, &layers, self.limits, &goals);
        Verdict::Broken(Counterexample { property: found.property, actions })
    }

    /// The states at a depth.
    fn level(&self, depth: usize) -> Range<u32> {
        let end = self.starts.get(depth + 1).copied().unwrap_or(self.rows.len());
        self.starts[depth] as u32..end as u32
    }

    /// The steps from the states at a depth that break a property by being taken.
    fn breaking_steps(&mut self, depth: usize, property: W::Property) -> Vec<Goal> {
        let mut goals = Vec::new();
        for state in self.level(depth) {
            let before = self.rows.row(state);
            for action in self.space.world().cast().actors().map(Action::Step) {
                let mut after: Box<[u32]> = before.into();
                if self.space.apply_to(&mut after, action)
                    && self.space.step_breaks(before, action, &after) == Some(property)
                {
                    goals.push(Goal::Action(state, action));
                }
            }
        }
        goals
    }
}

/// States that are expanded together: their successors' way from memory overlaps.
const BATCH: usize = 32;

/// States that are expanded between two questions whether to go on, about.
const ASKED_EVERY: usize = 4096;

/// Where the actions that can happen in a few states lead; room that is used again and again.
#[derive(Default)]
struct Successors {
    /// The state before, and what happens.
    actions: Vec<(u32, Action)>,
    /// The state after: one row per action.
    rows: Vec<u32>,
    hashes: Vec<u32>,
}

impl Successors {
    fn clear(&mut self) {
        self.actions.clear();
        self.rows.clear();
        self.hashes.clear();
    }

    /// Adds an action that leads to a row still like `before`, to be changed.
    fn add(&mut self, state: u32, action: Action, before: &[u32]) -> &mut [u32] {
        self.actions.push((state, action));
        let start = self.rows.len();
        self.rows.extend_from_slice(before);
        &mut self.rows[start..]
    }

    /// Takes the last one back: it cannot happen.
    fn take_back(&mut self, width: usize) {
        self.actions.pop();
        self.rows.truncate(self.rows.len() - width);
    }
}

/// What the expansion of a level saw.
struct Seen<P> {
    /// The first property, in order, that a state of the next level breaks.
    broken: Option<P>,
    /// The first property, in order, that a state of this level breaks in which nobody can run.
    still: Option<P>,
    /// Every successor is numbered; else the bound was reached, and only states in which nobody can run were looked
    /// for from there on.
    complete: bool,
}

/// Whether a machine has a living process that the limits let be killed; for random runs.
pub(crate) fn crashable<W: World>(
    machine: &W::Machine,
    limits: &Limits,
    crashes: usize,
    process: Process,
) -> bool {
    limits.may_crash(process, crashes) && machine.alive(process)
}
