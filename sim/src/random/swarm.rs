//! Swarm: each run has a part of everything, so that what a full mix drowns comes to the surface.
//!
//! Per run it is drawn which processes take part (one at least; the others never take a step), whether anything fails,
//! and whether the choice is uniform or by priorities of some depth.

use std::collections::BTreeSet;

use super::Chooser;
use super::draw::{Draw, Role};
use super::pct::Priorities;
use super::uniform::Uniform;
use crate::world::{Actor, Cast, Process};

/// Depths of priorities that are drawn.
const DEPTH_MAX: u64 = 4;

/// What one run has.
pub(crate) struct Swarm {
    processes: BTreeSet<Process>,
    actors: BTreeSet<Actor>,
    faults: bool,
    by: Box<dyn Chooser>,
}

impl Swarm {
    pub(crate) fn draw(seed: u64, run: u64, cast: &Cast, length: usize) -> Self {
        let mut draw = Draw::of(seed, run, Role::Features);
        // Most often all take part: three of four do, and one always does.
        let mut processes: BTreeSet<Process> = cast.processes().filter(|_| draw.below(4) > 0).collect();
        if processes.is_empty() {
            processes.extend(cast.processes());
        }
        let actors = cast.actors().filter(|actor| processes.contains(&cast.process_of(*actor))).collect();
        let faults = draw.below(2) == 0;
        let depth = draw.below(DEPTH_MAX + 1) as u32;
        let by: Box<dyn Chooser> = if depth == 0 {
            Box::new(Uniform::new(seed, run))
        } else {
            Box::new(Priorities::draw(seed, run, cast.actors().len(), depth, length))
        };
        Swarm { processes, actors, faults, by }
    }

    /// Who takes part.
    pub(crate) fn processes(&self) -> &BTreeSet<Process> {
        &self.processes
    }

    /// Whether anything may fail.
    pub(crate) fn faults(&self) -> bool {
        self.faults
    }
}

impl Chooser for Swarm {
    fn choose(&mut self, ready: &[Actor], step: usize) -> Option<Actor> {
        let ready: Vec<Actor> = ready.iter().copied().filter(|actor| self.actors.contains(actor)).collect();
        if ready.is_empty() { None } else { self.by.choose(&ready, step) }
    }
}
