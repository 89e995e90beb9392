//! Probabilistic concurrency testing: who has the highest priority runs, and priorities change at few points.
//!
//! A failure of depth `d` needs `d` orders between steps. With `n` actors and runs of at most `k` steps one run finds it
//! with a probability of at least 1 / (n k^(d-1)) (Burckhardt and others, ASPLOS 2010): actors get priorities in a random
//! order, all above `d`; at `d - 1` steps drawn from the run's length the actor about to run falls to one of the
//! priorities below.

use super::Chooser;
use super::draw::{Draw, Role};
use crate::world::Actor;

/// Priorities, and when they change.
pub(crate) struct Priorities {
    /// Per actor; the highest runs.
    of: Vec<usize>,
    /// The steps before which the priority of the actor about to run changes, each with its new one; ascending.
    changes: Vec<(usize, usize)>,
}

impl Priorities {
    pub(crate) fn draw(seed: u64, run: u64, actors: usize, depth: u32, length: usize) -> Self {
        Self::from(&mut Draw::of(seed, run, Role::Schedule), actors, depth, length)
    }

    /// From draws that are under way.
    pub(crate) fn from(draw: &mut Draw, actors: usize, depth: u32, length: usize) -> Self {
        let depth = depth.max(1) as usize;
        let mut of: Vec<usize> = (depth..depth + actors).collect();
        for last in (1..of.len()).rev() {
            of.swap(last, draw.below(last as u64 + 1) as usize);
        }
        let mut changes: Vec<(usize, usize)> =
            (1..depth).map(|low| (draw.below(length.max(1) as u64) as usize, low)).collect();
        changes.sort_unstable();
        Priorities { of, changes }
    }
}

impl Chooser for Priorities {
    fn choose(&mut self, ready: &[Actor], step: usize) -> Option<Actor> {
        let of = &mut self.of;
        while let Some((_, low)) = self.changes.first().copied().filter(|(at, _)| *at <= step) {
            let first = ready.iter().max_by_key(|actor| of[actor.index()])?;
            of[first.index()] = low;
            self.changes.remove(0);
        }
        ready.iter().copied().max_by_key(|actor| of[actor.index()])
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
    fn priorities_are_all_different_and_each_change_comes_once() {
        for run in 0..100 {
            let mut priorities = Priorities::draw(1, run, 4, 3, 10);
            let ready: Vec<Actor> = (0..4).map(Actor).collect();
            let mut sorted = priorities.of.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [3, 4, 5, 6]);
            let order: Vec<Actor> = (0..12).filter_map(|step| priorities.choose(&ready, step)).collect();
            let switches = order.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(switches <= 2, "{order:?}: each change makes one switch at most");
            assert!(priorities.changes.is_empty());
        }
    }
}
