//! Checking a scenario with a build: its schedule, or every interleaving; then the story of what was found.

use mapisim_sim::{
    Counterexample, Diverged, Limits, Process, Schedule, Space, Trace, World as _, explore, replay,
};

use crate::finding;
use crate::mapi::rules::Build;
use crate::outcome::{Bound, Outcome, Verdict};
use crate::probe::Probe;
use crate::property::Property;
use crate::record::record;
use crate::scenario::Scenario;
use crate::world::{World, probes};

/// How far to look.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// Distinct states at most.
    pub states_max: usize,
    /// Asked now and then, with the number of states so far, whether to go on. What it answers must not depend on a
    /// clock where a verdict is to be compared with another.
    pub go_on: &'a (dyn Fn(usize) -> bool + Sync),
}

impl Default for Bounds<'_> {
    fn default() -> Self {
        Bounds { states_max: 10_000_000, go_on: &|_| true }
    }
}

/// Runs a scenario with a build: its own schedule where it has one, else every interleaving.
///
/// # Errors
/// [`Diverged`] where the schedule asks for what cannot happen.
pub fn check(scenario: &Scenario, build: Build, bounds: &Bounds<'_>) -> Result<Outcome, Box<Diverged>> {
    let world = World::new(scenario, build);
    let mut space = Space::new(&world);
    let checked = match &scenario.schedule {
        Some(schedule) => scheduled(&mut space, schedule)?,
        None => exhaustive(&mut space, &limits(scenario, bounds.states_max), bounds),
    };
    let run = checked.trace.as_ref().map(|trace| record(scenario, build, &mut space, trace));
    let broken = checked.trace.as_ref().and_then(|trace| trace.broken);
    let finding = match (&run, broken) {
        (Some(run), Some((step, property))) => {
            let trace = checked.trace.as_ref().expect("a run is told of a trace");
            Some(finding::explain(run, &world.what_broke(&space, trace, step, property), step))
        }
        _ => None,
    };
    let vacuous = probes::vacuity(scenario, checked.probes).filter(|_| checked.verdict == Verdict::Holds);
    Ok(Outcome {
        build,
        verdict: checked.verdict,
        expected: scenario.expected(build),
        exhaustive: scenario.schedule.is_none() && checked.verdict != Verdict::Inconclusive,
        states: checked.states,
        transitions: checked.transitions,
        steps: checked.steps,
        levels: checked.levels,
        bound: checked.bound,
        missed: missed(scenario, build, checked.probes),
        vacuous,
        run,
        finding,
    })
}

/// The verdict of a world of a scenario, such as a mutant's, and the probes of `must_reach` that it does not pass;
/// nothing is told of it.
///
/// # Errors
/// [`Diverged`] where the schedule asks for what cannot happen.
pub fn verdict(
    scenario: &Scenario,
    build: Build,
    world: &World,
    bounds: &Bounds<'_>,
) -> Result<(Verdict, Vec<Probe>), Box<Diverged>> {
    let mut space = Space::new(world);
    let checked = match &scenario.schedule {
        Some(schedule) => scheduled(&mut space, schedule)?,
        None => exhaustive(&mut space, &limits(scenario, bounds.states_max), bounds),
    };
    Ok((checked.verdict, missed(scenario, build, checked.probes)))
}

fn missed(scenario: &Scenario, build: Build, probes: u64) -> Vec<Probe> {
    let asked = scenario.must_reach.iter().copied().filter(|probe| probe.is_asked_of(build));
    asked.filter(|probe| probes & probe.bit() == 0).collect()
}

/// What a run or a search gave, before it is told.
struct Checked {
    verdict: Verdict,
    trace: Option<Trace<Property>>,
    probes: u64,
    states: usize,
    transitions: u64,
    steps: usize,
    levels: Vec<usize>,
    bound: Option<Bound>,
}

fn scheduled(space: &mut Space<'_, World>, schedule: &Schedule) -> Result<Checked, Box<Diverged>> {
    let trace = replay::replay(space, schedule)?;
    let verdict = match trace.broken {
        Some((_, property)) => Verdict::Broken(property),
        None if trace.cut => Verdict::Inconclusive,
        None => Verdict::Holds,
    };
    Ok(Checked {
        verdict,
        probes: trace.probes,
        states: 0,
        transitions: 0,
        steps: trace.moments.len(),
        levels: Vec::new(),
        bound: trace.cut.then_some(Bound::Steps),
        trace: Some(trace),
    })
}

fn exhaustive(space: &mut Space<'_, World>, limits: &Limits, bounds: &Bounds<'_>) -> Checked {
    let exploration = explore::explore_while(space, limits, &mut |states| (bounds.go_on)(states));
    let bound = if exploration.stopped { Bound::Stopped } else { Bound::States };
    let (verdict, trace, steps) = match exploration.verdict {
        mapisim_sim::Verdict::Holds => (Verdict::Holds, None, 0),
        mapisim_sim::Verdict::RanOut => (Verdict::Inconclusive, None, 0),
        mapisim_sim::Verdict::Broken(Counterexample { property, actions }) => {
            let steps = actions.len();
            (Verdict::Broken(property), Some(play_on(space, &actions)), steps)
        }
    };
    let probes = exploration.probes | trace.as_ref().map_or(0, |trace| trace.probes);
    Checked {
        verdict,
        trace,
        probes,
        states: exploration.states,
        transitions: exploration.transitions,
        steps,
        levels: exploration.levels,
        bound: (verdict == Verdict::Inconclusive).then_some(bound),
    }
}

/// A counterexample, played on to the end of every script, so that the victim is seen to notice. This is just what a
/// replay of its schedule does.
fn play_on(space: &mut Space<'_, World>, actions: &[mapisim_sim::Action]) -> Trace<Property> {
    let schedule = Schedule::exact(actions, space.world().cast());
    replay::replay(space, &schedule).expect("a counterexample can happen: it was just found")
}

fn limits(scenario: &Scenario, states_max: usize) -> Limits {
    let crashable = scenario.may_crash.iter().map(|index| Process(*index as u16)).collect();
    Limits {
        states_max,
        crashes_max: scenario.crashes as usize,
        crashable: Some(crashable),
        whole_graph: false,
    }
}
