//! Probabilistic concurrency testing: who has the highest priority runs, and priorities change at few points.
//!
//! A failure of depth `d` needs `d` orders between steps. With `n` actors and runs of at most `k` steps one run finds it
//! with a probability of at least 1 / (n k^(d-1)) (Burckhardt and others, ASPLOS 2010): actors get priorities in a random
//! order, and at `d - 1` steps drawn from the run's length the actor about to run falls, below all who never fell.
//!
//! Where among those who fell before it comes to lie is drawn when it falls, and only from places that let somebody else
//! run now. The paper draws all places beforehand; then most changes but the first let the same actor go on, and of two
//! actors only one order in (d-1)! makes them take turns `d - 1` times. The bound holds all the same: whatever a run of
//! the paper does can be done by the changes of it that have an effect, each made when it first has one. Points that are
//! drawn twice count once, so runs with fewer changes are among those that are drawn; and at the `j`-th change there are at
//! most `j` places, so each choice of points and places is at least as likely as one of the paper's.

use super::Chooser;
use super::draw::{Draw, Role};
use crate::world::Actor;

/// Priorities, and when they change.
pub(crate) struct Priorities {
    /// All actors; the first of them that can run does.
    order: Vec<Actor>,
    /// So many at its end have fallen.
    fallen: usize,
    /// The steps before which the actor about to run falls; descending.
    points: Vec<usize>,
    /// Where to.
    draw: Draw,
}

impl Priorities {
    pub(crate) fn draw(seed: u64, run: u64, actors: usize, depth: u32, length: usize) -> Self {
        Self::from(Draw::of(seed, run, Role::Schedule), actors, depth, length)
    }

    fn from(mut draw: Draw, actors: usize, depth: u32, length: usize) -> Self {
        let mut order: Vec<Actor> = (0..actors).map(|actor| Actor(actor as u16)).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, draw.below(last as u64 + 1) as usize);
        }
        // Who begins is drawn already, so nobody falls before the first step.
        let places = length.saturating_sub(1) as u64;
        let changes = if places == 0 { 1..1 } else { 1..depth.max(1) };
        let mut points: Vec<usize> = changes.map(|_| 1 + draw.below(places) as usize).collect();
        points.sort_unstable_by(|one, other| other.cmp(one));
        points.dedup();
        Priorities { order, fallen: 0, points, draw }
    }

    /// The highest of those that can run falls, below the next of them at least; where it is the only one, nothing changes.
    fn fall(&mut self, ready: &[Actor]) {
        let mut can_run = (0..self.order.len()).filter(|at| ready.contains(&self.order[*at]));
        let (Some(first), Some(next)) = (can_run.next(), can_run.next()) else { return };
        let others = self.order.len() - 1;
        let falls = self.order.remove(first);
        // It may have fallen before; the next one, which comes after it, has moved up by one.
        self.fallen -= usize::from(first >= others + 1 - self.fallen);
        let highest = next.max(others - self.fallen);
        let place = highest + self.draw.below((others - highest) as u64 + 1) as usize;
        self.order.insert(place, falls);
        self.fallen += 1;
    }
}

impl Chooser for Priorities {
    fn choose(&mut self, ready: &[Actor], step: usize) -> Option<Actor> {
        while self.points.last().is_some_and(|at| *at <= step) {
            self.points.pop();
            self.fall(ready);
        }
        self.order.iter().copied().find(|actor| ready.contains(actor))
    }
}

/// The chance, at most, that `runs` runs all miss a failure of depth `depth` among `actors` actors in runs of at most
/// `length` steps: (1 - 1 / (n k^(d-1)))^N. Only multiplications and one division, so it is the same on every machine.
pub fn chance_of_a_miss(actors: usize, length: usize, depth: u32, runs: u64) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let mut ways = number(actors.max(1));
    for _ in 1..depth.max(1) {
        ways *= number(length.max(1));
    }
    let (mut miss, mut power, mut left) = (1.0, 1.0 - 1.0 / ways, runs);
    while left > 0 {
        if left & 1 == 1 {
            miss *= power;
        }
        power *= power;
        left >>= 1;
    }
    miss
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_bound_is_that_of_the_paper() {
        // Depth 1 of 3 actors: 12 runs find it with 99 %; depth 2 with 30 steps: 412 runs.
        assert!(chance_of_a_miss(3, 30, 1, 12) < 0.01 && chance_of_a_miss(3, 30, 1, 11) > 0.01);
        assert!(chance_of_a_miss(3, 30, 2, 413) < 0.01 && chance_of_a_miss(3, 30, 2, 411) > 0.01);
        assert!((chance_of_a_miss(2, 9, 1, 3) - 0.125).abs() < f64::EPSILON);
        assert!((chance_of_a_miss(2, 9, 1, 0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn each_change_lets_somebody_else_run_and_comes_once() {
        let ready: Vec<Actor> = (0..4).map(Actor).collect();
        for run in 0..100 {
            let mut priorities = Priorities::draw(1, run, 4, 4, 10);
            let changes = priorities.points.len();
            let order: Vec<Actor> = (0..12).filter_map(|step| priorities.choose(&ready, step)).collect();
            let switches = order.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert_eq!(switches, changes, "{order:?}");
            priorities.order.sort_unstable();
            assert_eq!(priorities.order, ready);
        }
    }

    #[test]
    fn nothing_changes_where_only_one_can_run() {
        for run in 0..20 {
            let mut priorities = Priorities::draw(1, run, 3, 5, 10);
            let before = priorities.order.clone();
            assert!((0..10).all(|step| priorities.choose(&[Actor(1)], step) == Some(Actor(1))));
            assert!(priorities.order == before && priorities.fallen == 0 && priorities.points.is_empty());
        }
    }

    /// Two take turns as often as priorities change; of three, whoever falls second comes before the first or after.
    #[test]
    fn every_order_that_changes_can_make_is_drawn() {
        let turns = |actors: u16, depth| -> BTreeSet<Vec<u16>> {
            let ready: Vec<Actor> = (0..actors).map(Actor).collect();
            let told = (0..2_000).map(|run| {
                let mut priorities = Priorities::draw(3, run, actors.into(), depth, 6);
                let mut told: Vec<u16> =
                    (0..8).filter_map(|step| priorities.choose(&ready, step)).map(|actor| actor.0).collect();
                told.dedup();
                told
            });
            told.collect()
        };
        let two: Vec<Vec<u16>> = turns(2, 4).into_iter().filter(|turns| turns.len() == 4).collect();
        assert_eq!(two, [[0, 1, 0, 1], [1, 0, 1, 0]]);
        let three = turns(3, 4);
        let ends = three.iter().filter(|turns| turns.len() == 4 && turns.starts_with(&[0, 1, 2]));
        let ends: Vec<u16> = ends.map(|turns| turns[3]).collect();
        assert_eq!(ends, [0, 1], "{three:?}");
    }
}
