//! Of all the shortest runs to a goal, the one a person reads most easily: fewest crashes, then fewest switches between
//! actors.
//!
//! A breadth-first search has put every state on its level; a shortest run goes from level to level. So one pass over
//! the levels, from the goals back to the start, finds for every state that leads to a goal and every actor that may
//! have stepped last the least cost of the way that is left, and its first action. States that lead nowhere cost no
//! room. Ties go to the actor first in the cast, and to steps before crashes.

use std::ops::Range;

use crate::action::Action;
use crate::explore::Limits;
use crate::packing::Packing;
use crate::space::Space;
use crate::store::Store;
use crate::strike;
use crate::table::Memo;
use crate::world::World;

/// States by depth: `starts[d]..starts[d + 1]` are the states at depth `d`; the goals are on the last level.
pub(crate) struct Layers<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) packing: &'a Packing,
    pub(crate) starts: &'a [usize],
}

/// Crashes, then switches.
type Cost = (u32, u32);
/// What it costs, its first action, and where that leads.
type Way = (Cost, Action, u32);

/// Where a run is to end.
pub(crate) enum Goal {
    /// In this state.
    State(u32),
    /// With this action, taken in this state.
    Action(u32, Action),
}

impl Goal {
    /// The state, which is on the last level.
    fn state(&self) -> u32 {
        match *self {
            Goal::State(state) | Goal::Action(state, _) => state,
        }
    }
}

/// In place of a state: the run ends here.
const END: u32 = u32::MAX;

/// The least of the shortest runs to any of the goals: in ascending order of their states, and all of one kind.
pub(crate) fn shortest<W: World>(
    space: &mut Space<'_, W>,
    layers: &Layers<'_>,
    limits: &Limits,
    goals: &[Goal],
) -> Vec<Action> {
    let actors = space.world().cast().actors().len();
    let mut ways = Ways { space, layers, limits, actors, first: Memo::new() };
    let last_level = layers.starts[layers.starts.len() - 1];
    let end = goals.iter().map(Goal::state).max().map_or(last_level, |goal| goal as usize + 1);
    let mut left = Left::new(layers, last_level..end, actors + 1);
    let nothing = vec![(0, 0); actors + 1];
    for same_state in goals.chunk_by(|one, other| one.state() == other.state()) {
        let state = same_state[0].state();
        let mut least = Vec::new();
        for goal in same_state {
            match *goal {
                Goal::State(_) => left.add(state, &nothing),
                Goal::Action(_, action) => ways.improve(&mut least, action, END, &nothing),
            }
        }
        ways.settle(state, least, &mut left);
    }
    for pair in layers.starts.windows(2).rev() {
        left = ways.level(pair[0]..pair[1], &left);
    }
    ways.read()
}

/// What is left to pay from the states of one level, per actor that stepped last (one more: nobody yet).
struct Left {
    level: Range<usize>,
    /// The states of the level, to be searched.
    sorted: Vec<u32>,
    width: usize,
    /// Per state of the level: where its costs begin; `None` where it leads to no goal.
    begins: Vec<Option<usize>>,
    costs: Vec<Cost>,
}

impl Left {
    fn new(layers: &Layers<'_>, level: Range<usize>, width: usize) -> Self {
        let begins = vec![None; level.len()];
        let sorted = layers.store.sorted(level.start as u32..level.end as u32);
        Left { level, sorted, width, begins, costs: Vec::new() }
    }

    fn add(&mut self, state: u32, costs: &[Cost]) {
        self.begins[state as usize - self.level.start] = Some(self.costs.len());
        self.costs.extend_from_slice(costs);
    }

    /// The costs of a state; `None` where it is on another level or leads to no goal.
    fn of(&self, state: u32) -> Option<&[Cost]> {
        let place = (state as usize).checked_sub(self.level.start)?;
        let begin = (*self.begins.get(place)?)?;
        Some(&self.costs[begin..][..self.width])
    }
}

struct Ways<'s, 'w, 'l, W: World> {
    space: &'s mut Space<'w, W>,
    layers: &'l Layers<'l>,
    limits: &'l Limits,
    actors: usize,
    /// (state, actor that stepped last) to the first action of the least way, and where it leads.
    first: Memo<(Action, u32)>,
}

impl<W: World> Ways<'_, '_, '_, W> {
    /// Goes one level back: what is left to pay from its states, given that for the next level.
    fn level(&mut self, level: Range<usize>, next: &Left) -> Left {
        let mut left = Left::new(self.layers, level.clone(), self.actors + 1);
        for state in level {
            self.state(state as u32, next, &mut left);
        }
        left
    }

    fn state(&mut self, state: u32, next: &Left, left: &mut Left) {
        let Layers { store, packing, .. } = *self.layers;
        let mut before = vec![0; 1 + self.actors];
        store.row(packing, state, &mut before);
        let mut least = Vec::new();
        for action in actions(self.space, self.limits, &before) {
            let mut after = before.clone();
            if !self.space.apply_to(&mut after, action) {
                continue;
            }
            let Some(to) = store.search(packing, &next.sorted, &after) else { continue };
            let Some(costs) = next.of(to) else { continue };
            self.improve(&mut least, action, to, costs);
        }
        self.settle(state, least, left);
    }

    /// Takes an action into account: the least way for each actor that may have stepped last.
    fn improve(&self, least: &mut Vec<Way>, action: Action, to: u32, costs: &[Cost]) {
        let ways = (0..=self.actors).map(|last| (self.pay(last, action, costs), action, to));
        if least.is_empty() {
            least.extend(ways);
        } else {
            least
                .iter_mut()
                .zip(ways)
                .filter(|(known, way)| way.0 < known.0)
                .for_each(|(known, way)| *known = way);
        }
    }

    /// Remembers the least ways from a state, if there are any.
    fn settle(&mut self, state: u32, least: Vec<Way>, left: &mut Left) {
        if !least.is_empty() {
            left.add(state, &least.iter().map(|way| way.0).collect::<Vec<_>>());
            for (last, (_, action, to)) in least.into_iter().enumerate() {
                self.first.put(state, last as u32, (action, to));
            }
        }
    }

    /// What an action and the way after it cost, after a step by `last`.
    fn pay(&self, last: usize, action: Action, costs: &[Cost]) -> Cost {
        match action {
            Action::Crash(_) | Action::End(_) | Action::Fail(_) => (costs[last].0 + 1, costs[last].1),
            Action::Step(actor) => {
                let (crashes, switches) = costs[actor.index()];
                (crashes, switches + u32::from(last != self.actors && last != actor.index()))
            }
        }
    }

    /// Reads the least run off, from the start.
    fn read(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        let (mut state, mut last) = (0, self.actors as u32);
        while let Some((action, to)) = self.first.get(state, last) {
            actions.push(action);
            state = to;
            if let Action::Step(actor) = action {
                last = u32::from(actor.0);
            }
        }
        actions
    }
}

/// What the limits let be tried in a state: steps, then crashes, then deaths of actors alone, then failures of the
/// machine.
pub(crate) fn actions<W: World>(space: &Space<'_, W>, limits: &Limits, before: &[u32]) -> Vec<Action> {
    let steps = space.world().cast().actors().map(Action::Step);
    steps.chain(faults(space, limits, before)).collect()
}

/// What the limits let fail in a state, in that order.
pub(crate) fn faults<W: World>(space: &Space<'_, W>, limits: &Limits, before: &[u32]) -> Vec<Action> {
    if limits.crashes_max == 0 && limits.ends_max == 0 && !limits.may_fail {
        return Vec::new();
    }
    let cast = space.world().cast();
    let crashes = space.crashes_in(before);
    let faults = cast.processes().filter(|process| limits.may_crash(*process, crashes));
    let ended = strike::ended_in(before);
    let ends = cast.actors().filter(|actor| limits.may_end(cast.process_of(*actor), ended));
    let faults = faults.map(Action::Crash).chain(ends.map(Action::End));
    faults.chain(limits.ways_to_fail(cast).map(Action::Fail)).collect()
}
