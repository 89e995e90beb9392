//! What a search found broken: which property counts, and the run that shows it.

use std::ops::Range;

use super::{Counterexample, Search, Verdict};
use crate::action::Action;
use crate::shortest::{self, Goal};
use crate::space::Space;
use crate::world::World;

/// Something broken, and where: the rules by which one search of the whole and a search in several parts agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<P> {
    /// What is broken.
    pub property: P,
    /// Actions from the beginning to the states, or by the last of them, that break it.
    pub depth: usize,
}

impl<P: Copy + PartialEq> Found<P> {
    /// What counts once the level at `depth` was expanded: what a state of it breaks in which nobody can run (`still`), else
    /// what the next level breaks (`broken`). There `or_still` says what is broken once states of that next level in
    /// which nobody can run are looked at as well.
    pub fn by(
        depth: usize,
        still: Option<P>,
        broken: Option<P>,
        or_still: impl FnOnce(P) -> P,
    ) -> Option<Self> {
        match (still, broken) {
            (Some(property), _) => Some(Found { property, depth }),
            (None, Some(broken)) => Some(Found { property: or_still(broken), depth: depth + 1 }),
            (None, None) => None,
        }
    }

    /// Whether it is broken by states in which nobody can run.
    pub fn is_still<W: World<Property = P>>(&self, world: &W) -> bool {
        let property = Some(self.property);
        world.deadlock() == property || world.rest() == property
    }
}

impl<'w, W: World> Search<'_, 'w, W> {
    /// What breaks at a depth whose states begin at `start`: what a state there breaks in which nobody can run counts
    /// where that property comes first.
    pub(super) fn or_still(&mut self, broken: W::Property, start: usize) -> W::Property {
        let mut property = broken;
        if self.space.still_comes_before(broken) {
            for state in start..self.store.len() {
                let still = self.space.still_broken_in(&self.row(state as u32));
                property = still.map_or(property, |still| still.min(property));
            }
        }
        property
    }

    pub(super) fn counterexample(&mut self, found: &Found<W::Property>) -> Verdict<W::Property> {
        if self.space.is_symmetric() {
            return Verdict::Broken(Counterexample { property: found.property, actions: Vec::new() });
        }
        let property = Some(found.property);
        let still = found.is_still(self.space.world());
        let breaks = |space: &mut Space<'w, W>, row: &[u32]| {
            space.broken_in(row) == property || (still && space.still_broken_in(row) == property)
        };
        let row = |state: u32| {
            let mut row = vec![0; 1 + self.actors];
            self.store.row(&self.packing, state, &mut row);
            row
        };
        let states = self.level(found.depth);
        let states = states.filter(|state| breaks(self.space, &row(*state)));
        let mut goals: Vec<Goal> = states.map(Goal::State).collect();
        let mut depth = found.depth;
        if goals.is_empty() {
            // The last step broke it, and no state does: the steps of the level before are the goals.
            depth -= 1;
            goals = self.breaking_steps(depth, found.property);
        }
        let layers =
            shortest::Layers { store: &*self.store, packing: &self.packing, starts: &self.starts[..=depth] };
        let actions = shortest::shortest(self.space, &layers, self.limits, &goals);
        Verdict::Broken(Counterexample { property: found.property, actions })
    }

    /// The states at a depth.
    fn level(&self, depth: usize) -> Range<u32> {
        let end = self.starts.get(depth + 1).copied().unwrap_or(self.store.len());
        self.starts[depth] as u32..end as u32
    }

    /// The steps from the states at a depth that break a property by being taken.
    fn breaking_steps(&mut self, depth: usize, property: W::Property) -> Vec<Goal> {
        let mut goals = Vec::new();
        for state in self.level(depth) {
            let before = self.row(state);
            for action in self.space.world().cast().actors().map(Action::Step) {
                let mut after = before.clone();
                if self.space.apply_to(&mut after, action)
                    && self.space.step_breaks(&before, action, &after) == Some(property)
                {
                    goals.push(Goal::Action(state, action));
                }
            }
        }
        goals
    }
}
