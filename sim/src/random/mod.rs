//! Runs drawn from a seed.
//!
//! A seed is a stable name: run `n` of seed `s` is the same on every machine and in every version (a test pins it).
//! Each run has ChaCha streams of its own, one for each role (who runs, what fails, which features), so run 17 needs no
//! draw of runs 0 to 16, and a draw more in one role shifts no other.
//!
//! Strategies, a file each: [`uniform`] among those that can run, [`pct`] by priorities, [`swarm`] among a part of the
//! cast. Faults are the same in all of them ([`faults`]).

pub mod draw;
pub mod faults;
pub mod pct;
pub mod swarm;
pub mod uniform;

pub use draw::Draw;

use crate::action::Action;
use crate::explore::Limits;
use crate::replay::{self, Runner, Trace};
use crate::schedule::Schedule;
use crate::shortest::actions;
use crate::space::{Readiness, Space};
use crate::world::{Actor, World};
use faults::Faults;
use pct::Priorities;
use swarm::Swarm;
use uniform::Uniform;

/// How to choose who runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Each of those that can run is equally likely.
    Uniform,
    /// By priorities that change at `depth - 1` points.
    Pct {
        /// The depth: how many orders between steps a failure needs. At least 1.
        depth: u32,
    },
    /// For each run a part of the cast, of the faults and of the ways to choose.
    Swarm,
}

/// What random runs of one world are drawn by.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How to choose who runs.
    pub strategy: Strategy,
    /// What may fail.
    pub limits: Limits,
    /// How many steps a run takes, about: crashes and changes of priority are drawn below it.
    pub length: usize,
}

impl Plan {
    /// A plan with the length of the run in which nobody is interrupted.
    pub fn new<W: World>(space: &mut Space<'_, W>, strategy: Strategy, limits: Limits) -> Self {
        let whole = replay::replay(space, &Schedule::default()).expect("an empty schedule asks for nothing");
        Plan { strategy, limits, length: whole.moments.len().max(1) }
    }
}

/// Chooses who runs.
pub(crate) trait Chooser {
    /// One of those that can run, which are in the order of the cast and never none, before step `step` (0 first);
    /// `None`: nobody of those that take part in this run.
    fn choose(&mut self, ready: &[Actor], step: usize) -> Option<Actor>;
}

/// A uniform run: [`drawn`] with a plan of its own.
pub fn run<W: World>(space: &mut Space<'_, W>, limits: &Limits, seed: u64, run: u64) -> Trace<W::Property> {
    let plan = Plan::new(space, Strategy::Uniform, limits.clone());
    drawn(space, &plan, seed, run)
}

/// Run number `run` of a seed: ends where something breaks, or nobody can run.
pub fn drawn<W: World>(space: &mut Space<'_, W>, plan: &Plan, seed: u64, run: u64) -> Trace<W::Property> {
    let cast = space.world().cast();
    let actors = cast.actors().len();
    let mut faults = Faults::draw(seed, run, plan);
    let mut chooser: Box<dyn Chooser> = match plan.strategy {
        Strategy::Uniform => Box::new(Uniform::new(seed, run)),
        Strategy::Pct { depth } => Box::new(Priorities::draw(seed, run, actors, depth, plan.length)),
        Strategy::Swarm => {
            let swarm = Swarm::draw(seed, run, cast, plan.length);
            faults.keep(swarm.processes().clone(), swarm.faults());
            Box::new(swarm)
        }
    };
    let mut runner = Runner::new(space);
    let mut step = 0;
    let mut ready = Vec::with_capacity(actors);
    while !runner.is_broken() {
        ready.clear();
        for actor in cast.actors() {
            if runner.space.readiness(&runner.now, actor) == Readiness::Ready {
                ready.push(actor);
            }
        }
        if ready.is_empty() && (!faults.is_left() || runner.is_stuck()) {
            break;
        }
        // Where nobody can run, what is still to fail fails now: it may let somebody go on.
        let struck = if ready.is_empty() || faults.is_due(step) {
            let mut possible = actions(runner.space, &plan.limits, &runner.now.0);
            possible.retain(|action| action.is_fault() && runner.space.apply(&runner.now, *action).is_some());
            faults.strike(cast, &possible)
        } else {
            None
        };
        let action = match (struck, ready.is_empty()) {
            (Some(fault), _) => fault,
            (None, true) => continue,
            (None, false) => match chooser.choose(&ready, step) {
                Some(actor) => Action::Step(actor),
                None => break,
            },
        };
        step += usize::from(matches!(action, Action::Step(_)));
        if !runner.take(action) {
            break;
        }
    }
    runner.finish()
}
