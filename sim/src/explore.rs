//! Every interleaving, breadth first: the first thing found broken is broken by a shortest run.
//!
//! A state is expanded once. Crashes are actions like steps, within a budget. Reaching the bound on states is a verdict
//! of its own, never a pass.
//!
//! Invariants
//! - States are numbered in the order of discovery, so the states of one depth are neighbours: a level is a range.
//! - `Holds` means that the queue ran empty: every state that the limits allow was expanded.

use crate::action::Action;
use crate::least;
use crate::space::{Readiness, Scene, Space};
use crate::table::Rows;
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
}

/// Explores a world breadth first.
pub fn explore<W: World>(space: &mut Space<'_, W>, limits: &Limits) -> Exploration<W::Property> {
    let mut search = Search::new(space, limits);
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
}

/// Something broken, and where.
struct Found<P> {
    property: P,
    depth: usize,
}

impl<'s, 'w, W: World> Search<'s, 'w, W> {
    fn new(space: &'s mut Space<'w, W>, limits: &'s Limits) -> Self {
        let initial = space.initial().0.clone();
        let mut rows = Rows::new(initial.len());
        rows.number(&initial);
        let wanted = space.world().probes_wanted();
        Search { space, limits, rows, starts: vec![0], transitions: 0, probes: 0, wanted }
    }

    fn run(&mut self) -> Verdict<W::Property> {
        let initial = self.space.initial().0.clone();
        let mut found = self.space.broken_in(&initial).map(|property| Found { property, depth: 0 });
        let mut depth = 0;
        while self.starts[depth] < self.rows.len() && (found.is_none() || self.limits.whole_graph) {
            let end = self.rows.len();
            let Some(Expanded { broken, deadlock }) = self.expand(self.starts[depth]..end) else {
                // The bound: what breaks already is broken all the same.
                return found.map_or(Verdict::RanOut, |found| self.counterexample(&found));
            };
            self.starts.push(end);
            if found.is_none() {
                let deadlocked = self.space.world().deadlock().filter(|_| deadlock);
                found = match (deadlocked, broken) {
                    (Some(property), _) => Some(Found { property, depth }),
                    (None, Some(broken)) => {
                        let property = self.or_deadlock(broken, end);
                        Some(Found { property, depth: depth + 1 })
                    }
                    (None, None) => None,
                };
            }
            depth += 1;
        }
        found.map_or(Verdict::Holds, |found| self.counterexample(&found))
    }

    /// Expands a level. `None`: the bound was reached.
    fn expand(&mut self, level: std::ops::Range<usize>) -> Option<Expanded<W::Property>> {
        let mut expanded = Expanded { broken: None, deadlock: false };
        for number in level {
            let number = u32::try_from(number).expect("states are numbered in 32 bits");
            let before: Box<[u32]> = self.rows.row(number).into();
            let mut ready = false;
            let mut waiting = false;
            for actor in self.space.world().cast().actors() {
                match self.space.readiness_in(&before, actor) {
                    Readiness::Ready => {
                        ready = true;
                        self.follow(&before, Action::Step(actor), &mut expanded)?;
                    }
                    Readiness::Waiting => waiting = true,
                    Readiness::Finished => {}
                }
            }
            expanded.deadlock |= waiting && !ready;
            if self.limits.crashes_max > 0 {
                let crashes = self.space.crashes_in(&before);
                for process in self.space.world().cast().processes() {
                    if self.limits.may_crash(process, crashes) {
                        self.follow(&before, Action::Crash(process), &mut expanded)?;
                    }
                }
            }
        }
        Some(expanded)
    }

    /// Takes one action, if it can happen, and numbers where it leads. `None`: the bound was reached.
    fn follow(&mut self, before: &[u32], action: Action, expanded: &mut Expanded<W::Property>) -> Option<()> {
        let mut after: Box<[u32]> = before.into();
        if !self.space.apply_to(&mut after, action) {
            return Some(());
        }
        self.transitions += 1;
        if self.probes & self.wanted != self.wanted {
            let scene = Scene { space: self.space, before, action, after: &after };
            self.probes |= self.space.world().probes(&scene) & self.wanted;
        }
        if self.rows.find(&after).is_some() {
            return Some(());
        }
        if self.rows.len() >= self.limits.states_max {
            return None;
        }
        self.rows.number(&after);
        let broken = self.space.broken_in(&after);
        expanded.broken = [expanded.broken, broken].into_iter().flatten().min();
        Some(())
    }

    /// A deadlock at the same depth counts where its property comes first.
    fn or_deadlock(&mut self, broken: W::Property, level: usize) -> W::Property {
        match self.space.world().deadlock() {
            Some(deadlock) if deadlock < broken => {
                let level = level..self.rows.len();
                let stuck =
                    level.into_iter().any(|state| self.space.deadlocked_in(self.rows.row(state as u32)));
                if stuck { deadlock } else { broken }
            }
            _ => broken,
        }
    }

    fn counterexample(&mut self, found: &Found<W::Property>) -> Verdict<W::Property> {
        let start = self.starts[found.depth];
        let end = self.starts.get(found.depth + 1).copied().unwrap_or(self.rows.len());
        let deadlock = self.space.world().deadlock() == Some(found.property);
        let breaks = |space: &mut Space<'w, W>, row: &[u32]| {
            space.broken_in(row) == Some(found.property) || (deadlock && space.deadlocked_in(row))
        };
        let goals: Vec<u32> =
            (start as u32..end as u32).filter(|state| breaks(self.space, self.rows.row(*state))).collect();
        let layers = least::Layers { rows: &self.rows, starts: &self.starts[..=found.depth] };
        let actions = least::shortest(self.space, &layers, self.limits, &goals);
        Verdict::Broken(Counterexample { property: found.property, actions })
    }
}

struct Expanded<P> {
    broken: Option<P>,
    deadlock: bool,
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
