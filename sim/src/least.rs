//! Of all the shortest runs to a goal, the one a person reads most easily: fewest crashes, then fewest switches between
//! actors.
//!
//! A breadth-first search has put every state on its level; a shortest run goes from level to level. So one pass over
//! the levels, in order, finds for every (state, actor that stepped last) the least cost of getting there. Ties go to
//! what was discovered first.

use crate::action::Action;
use crate::explore::Limits;
use crate::space::Space;
use crate::table::Rows;
use crate::world::World;

/// States by depth: `starts[d]..starts[d + 1]` are the states at depth `d`; the goals are on the last level.
pub(crate) struct Layers<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) starts: &'a [usize],
}

/// Crashes, then switches.
type Cost = (u32, u32);

/// How a state was reached at least cost with a given actor last.
#[derive(Clone, Copy)]
struct Reached {
    cost: Cost,
    from: u32,
    last: u16,
    action: Action,
}

/// The least of the shortest runs to any of the goals.
pub(crate) fn shortest<W: World>(
    space: &mut Space<'_, W>,
    layers: &Layers<'_>,
    limits: &Limits,
    goals: &[u32],
) -> Vec<Action> {
    let mut pass = Pass::new(space, layers, limits);
    pass.forward();
    pass.back(goals)
}

struct Pass<'s, 'w, 'l, W: World> {
    space: &'s mut Space<'w, W>,
    layers: &'l Layers<'l>,
    limits: &'l Limits,
    /// Per state and last actor (one more slot: nobody yet).
    reached: Vec<Option<Reached>>,
    actors: usize,
}

impl<'s, 'w, 'l, W: World> Pass<'s, 'w, 'l, W> {
    fn new(space: &'s mut Space<'w, W>, layers: &'l Layers<'l>, limits: &'l Limits) -> Self {
        let actors = space.world().cast().actors().len();
        let mut reached = vec![None; layers.rows.len() * (actors + 1)];
        let nobody = actors as u16;
        let actions = Action::Crash(crate::world::Process(0));
        reached[actors] = Some(Reached { cost: (0, 0), from: 0, last: nobody, action: actions });
        Pass { space, layers, limits, reached, actors }
    }

    fn forward(&mut self) {
        for (start, end) in self.layers.starts.iter().zip(&self.layers.starts[1..]) {
            for state in *start..*end {
                self.expand(state as u32, *end);
            }
        }
    }

    /// Goes on from a state to those of the next level, which begins at `next`.
    fn expand(&mut self, state: u32, next: usize) {
        let before: Box<[u32]> = self.layers.rows.row(state).into();
        let cast = self.space.world().cast();
        let crashes = self.space.crashes_in(&before);
        let steps = cast.actors().map(Action::Step);
        let faults = cast.processes().filter(|process| self.limits.may_crash(*process, crashes));
        let actions: Vec<Action> = steps.chain(faults.map(Action::Crash)).collect();
        for action in actions {
            let mut after = before.clone();
            if !self.space.apply_to(&mut after, action) {
                continue;
            }
            if let Some(to) = self.layers.rows.find(&after).filter(|to| *to as usize >= next) {
                self.relax(state, action, to);
            }
        }
    }

    fn relax(&mut self, state: u32, action: Action, to: u32) {
        let nobody = self.actors as u16;
        for last in 0..=nobody {
            let Some(Reached { cost: (crashes, switches), .. }) = self.reached[self.slot(state, last)] else {
                continue;
            };
            let (cost, now) = match action {
                Action::Crash(_) => ((crashes + 1, switches), last),
                Action::Step(actor) => {
                    let switch = u32::from(last != nobody && last != actor.0);
                    ((crashes, switches + switch), actor.0)
                }
            };
            let slot = self.slot(to, now);
            if self.reached[slot].is_none_or(|known| cost < known.cost) {
                self.reached[slot] = Some(Reached { cost, from: state, last, action });
            }
        }
    }

    /// Reads the least run off backwards.
    fn back(&self, goals: &[u32]) -> Vec<Action> {
        let ends = goals.iter().flat_map(|goal| (0..=self.actors as u16).map(|last| (*goal, last)));
        let (mut state, mut last) = ends
            .filter(|(goal, last)| self.reached[self.slot(*goal, *last)].is_some())
            .min_by_key(|(goal, last)| self.reached[self.slot(*goal, *last)].map(|reached| reached.cost))
            .expect("a goal was reached by the search that put it on its level");
        let mut actions = Vec::new();
        while state != 0 {
            let reached = self.reached[self.slot(state, last)].expect("it was reached from somewhere");
            actions.push(reached.action);
            (state, last) = (reached.from, reached.last);
        }
        actions.reverse();
        actions
    }

    fn slot(&self, state: u32, last: u16) -> usize {
        state as usize * (self.actors + 1) + usize::from(last)
    }
}
