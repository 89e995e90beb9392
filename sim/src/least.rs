//! Of all runs that break a property, the one a person follows most easily: fewest crashes, then fewest switches
//! between actors, then fewest steps.
//!
//! Dijkstra's search over (state, actor that stepped last), so what it finds is least and not merely small. A run that
//! is known already bounds it from above: whatever costs as much is not looked at. Where it runs out of room the known
//! run is the answer, and is not called proved.
//!
//! A run ends where the first thing breaks, as a replay of it does; a run on which something else breaks first is none
//! of the property's.

use std::collections::{BTreeMap, VecDeque};

use foldhash::fast::FixedState;
use indexmap::{Equivalent, IndexMap};

use crate::action::Action;
use crate::explore::{Counterexample, Limits};
use crate::shortest::actions;
use crate::space::Space;
use crate::world::World;

/// What a run costs a reader: compared from the top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost {
    /// Processes killed, threads that died alone, and failures of the machine.
    pub crashes: u32,
    /// Changes from one actor to another between two steps; a fault in between is none.
    pub switches: u32,
    /// Actions.
    pub steps: u32,
}

impl Cost {
    /// What a run costs.
    pub fn of(run: &[Action]) -> Self {
        let add = |(cost, last): (Cost, Option<usize>), action: &Action| cost.after(last, *action);
        run.iter().fold((Cost::default(), None), add).0
    }

    /// After one action more, where this actor stepped last; and who stepped last then.
    fn after(self, last: Option<usize>, action: Action) -> (Self, Option<usize>) {
        let steps = self.steps + 1;
        match action {
            Action::Crash(_) | Action::End(_) | Action::Fail(_) => {
                (Cost { crashes: self.crashes + 1, steps, ..self }, last)
            }
            Action::Step(actor) => {
                let actor = actor.index();
                let switches = self.switches + u32::from(last.is_some_and(|last| last != actor));
                (Cost { switches, steps, ..self }, Some(actor))
            }
        }
    }
}

/// A least run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Least {
    /// What happens; the property is broken after the last action.
    pub actions: Vec<Action>,
    /// No run that the limits allow and that breaks the property costs less. `false`: the search ran out of room, and
    /// this is the run that was known before.
    pub proved: bool,
}

/// States, each with the actor that stepped last, that [`least`] keeps by default.
pub const PLACES_MAX: usize = 1_000_000;

/// A state and the actor that stepped last: the cost of the best way there, and its last action.
struct Place {
    cost: Cost,
    /// The place before and what was done there; `None` in the beginning.
    by: Option<(usize, Action)>,
    settled: bool,
}

/// By state and actor that stepped last, in the order in which they were reached.
type Places = IndexMap<(Box<[u32]>, Option<usize>), Place, FixedState>;

/// A key of [`Places`] that is only looked for; its hash is that of the key.
#[derive(Hash)]
struct At<'a> {
    row: &'a [u32],
    last: Option<usize>,
}

impl Equivalent<(Box<[u32]>, Option<usize>)> for At<'_> {
    fn equivalent(&self, (row, last): &(Box<[u32]>, Option<usize>)) -> bool {
        *self.row == **row && self.last == *last
    }
}

/// The least run that breaks what a known run breaks, within limits (those on states, bytes and jobs apart), looking at
/// `places_max` places at most.
pub fn least<W: World>(
    space: &mut Space<'_, W>,
    limits: &Limits,
    known: &Counterexample<W::Property>,
    places_max: usize,
) -> Least {
    let unproved = Least { actions: known.actions.clone(), proved: false };
    let mut best = (Cost::of(&known.actions), None);
    let mut places: Places = IndexMap::default();
    let mut queue: BTreeMap<Cost, VecDeque<usize>> = BTreeMap::new();
    let beginning = (space.initial().0.clone(), None);
    places.insert(beginning, Place { cost: Cost::default(), by: None, settled: false });
    queue.entry(Cost::default()).or_default().push_back(0);
    let mut after = space.initial().0.to_vec();
    while let Some(mut cheapest) = queue.first_entry() {
        let cost = *cheapest.key();
        let next = cheapest.get_mut().pop_front();
        let Some(at) = next else {
            cheapest.remove();
            continue;
        };
        if cost >= best.0 {
            break;
        }
        if std::mem::replace(&mut places[at].settled, true) {
            continue;
        }
        let (before, last) = places.get_index(at).map(|(place, _)| place.clone()).expect("it was put there");
        for action in actions(space, limits, &before) {
            let (cost, last) = cost.after(last, action);
            if cost >= best.0 {
                continue;
            }
            after.copy_from_slice(&before);
            if !space.apply_to(&mut after, action) {
                continue;
            }
            let by_step = space.step_breaks(&before, action, &after);
            let place =
                places.get_full(&At { row: &after, last }).map(|(number, _, place)| (number, place.cost));
            // Nothing is broken in a state that has a place.
            let broken = if place.is_none() { breaks(space, &after) } else { None };
            match [by_step, broken].into_iter().flatten().min() {
                Some(property) if property == known.property => {
                    best = (cost, Some((at, action)));
                    continue;
                }
                Some(_) => continue,
                None => {}
            }
            if place.is_some_and(|(_, known)| known <= cost) {
                continue;
            }
            if places.len() >= places_max {
                return unproved;
            }
            let better = Place { cost, by: Some((at, action)), settled: false };
            let number = if let Some((number, _)) = place {
                places[number] = better;
                number
            } else {
                places.insert_full((after.clone().into_boxed_slice(), last), better).0
            };
            queue.entry(cost).or_default().push_back(number);
        }
    }
    let mut actions = Vec::new();
    let Some(mut by) = best.1.map(Some) else { return Least { proved: true, ..unproved } };
    while let Some((at, action)) = by {
        actions.push(action);
        by = places[at].by;
    }
    actions.reverse();
    Least { actions, proved: true }
}

/// The first property, in order, that a state breaks.
fn breaks<W: World>(space: &mut Space<'_, W>, state: &[u32]) -> Option<W::Property> {
    let broken = space.broken_in(state);
    let still = space.still_broken_in(state);
    [broken, still].into_iter().flatten().min()
}
