//! Checking a scenario with a build: its schedule, or every interleaving; then the story of what was found.

use mapisim_sim::{
    Checkpoint, Diverged, Limits, Progress, Schedule, Space, Trace, Watch, World as _, explore,
    least::{self, PLACES_MAX},
    replay,
};

use crate::finding::{self, Finding};
use crate::mapi::assumptions::Consulted;
use crate::mapi::rules::{Algorithm, Build};
use crate::outcome::{Bound, Outcome, Told, Verdict};
use crate::probe::Probe;
use crate::property::Property;
use crate::record::record;
use crate::scenario::Scenario;
use crate::trace::Run;
use crate::world::{World, probes};

/// How far to look.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// Distinct states at most.
    pub states_max: usize,
    /// Bytes that the visited states may take at most, as [`Limits::bytes_max`] counts them.
    pub bytes_max: usize,
    /// Everything is done twice and compared; a difference panics.
    pub twice: bool,
    /// A search of more states than this is done again with fewer of them, as a proof that all holds; whatever else
    /// comes of that, and `usize::MAX` always, the whole graph is searched. See [`mapisim_sim::fuse`].
    pub whole_max: usize,
    /// How many threads may work on one search; its result does not depend on it.
    pub jobs: usize,
    /// Asked now and then, and told how far it is, whether to go on. What it answers must not depend on a clock where a
    /// verdict is to be compared with another.
    pub go_on: &'a (dyn Fn(Progress) -> bool + Sync),
    /// A search goes on from here: one of this very scenario, build and bounds.
    pub from: Option<&'a Checkpoint>,
    /// Is given what a search needs to go on another day: where it is told to stop, and each time that it has grown by
    /// [`KEPT_EVERY`] states and by a quarter.
    pub keep: Option<&'a (dyn Fn(Checkpoint) + Sync)>,
}

/// New states at least between two checkpoints.
pub const KEPT_EVERY: usize = 1_000_000;

impl Default for Bounds<'_> {
    fn default() -> Self {
        Bounds {
            states_max: 10_000_000,
            bytes_max: usize::MAX,
            twice: false,
            whole_max: WHOLE_MAX,
            jobs: 1,
            go_on: &|_| true,
            from: None,
            keep: None,
        }
    }
}

/// Why a scenario has no outcome: its schedule asks for what cannot happen.
pub type CannotHappen = Box<Diverged>;

/// States of a whole graph that are searched before fewer of them are tried: well below a second's work.
pub const WHOLE_MAX: usize = 200_000;

/// Runs a scenario with a build: its own schedule where it has one, else every interleaving.
///
/// # Errors
/// [`Diverged`] where the schedule asks for what cannot happen.
///
/// # Panics
/// Where [`Bounds::from`] belongs to something else.
pub fn check(scenario: &Scenario, build: Build, bounds: &Bounds<'_>) -> Result<Outcome, Box<Diverged>> {
    let world = World::new(scenario, build);
    let mut space = if bounds.twice { Space::checking(&world) } else { Space::new(&world) };
    let checked = match &scenario.schedule {
        Some(schedule) => scheduled(&mut space, schedule)?,
        None => exhaustive(&mut space, &limits(scenario, bounds), bounds, PLACES_MAX),
    };
    Ok(outcome(scenario, build, &mut space, checked))
}

/// What [`check`] makes of a search of the whole graph that was done elsewhere, within [`limits`] of the same bounds;
/// `consulted` is what that search asked for, and `space` one of a world of this scenario and build.
pub fn searched(
    scenario: &Scenario,
    build: Build,
    space: &mut Space<'_, World>,
    bounds: &Bounds<'_>,
    (exploration, consulted): (explore::Exploration<Property>, Consulted),
) -> Outcome {
    let checked =
        judged(space, &limits(scenario, bounds), bounds, PLACES_MAX, (exploration, false, consulted));
    outcome(scenario, build, space, checked)
}

/// Tells the story of what was found.
fn outcome(scenario: &Scenario, build: Build, space: &mut Space<'_, World>, checked: Checked) -> Outcome {
    let (run, finding) = checked.trace.as_ref().map(|trace| told(scenario, build, space, trace)).unzip();
    let vacuous = probes::vacuity(scenario, checked.probes).filter(|_| checked.verdict == Verdict::Holds);
    Outcome {
        build,
        verdict: checked.verdict,
        expected: scenario.expected(build),
        exhaustive: scenario.schedule.is_none() && checked.verdict != Verdict::Inconclusive,
        states: checked.states,
        transitions: checked.transitions,
        steps: checked.steps,
        levels: checked.levels,
        fused: checked.fused,
        stand_for: checked.stand_for,
        bound: checked.bound,
        missed: missed(scenario, build, checked.probes),
        told: checked.told,
        vacuous,
        consulted: checked.consulted,
        global_denied: space.world().is_global_section_denied(),
        run,
        finding: finding.flatten(),
    }
}

/// What comes of a schedule, whichever the scenario has; `space` is one of a world of that scenario and build.
pub(crate) fn replayed(
    scenario: &Scenario,
    build: Build,
    space: &mut Space<'_, World>,
    schedule: &Schedule,
) -> Result<Outcome, Box<Diverged>> {
    let checked = scheduled(space, schedule)?;
    Ok(Outcome { exhaustive: false, ..outcome(scenario, build, space, checked) })
}

/// A run of a build that takes the same steps, as people look at it.
pub(crate) fn told_again(scenario: &Scenario, build: Build, run: &Run) -> (Run, Option<Finding>) {
    let schedule = Schedule::parse(&run.schedule).expect("it was printed by a run");
    let world = World::new(scenario, build);
    let mut space = Space::new(&world);
    let trace = replay::replay(&mut space, &schedule).expect("both take the same steps");
    told(scenario, build, &mut space, &trace)
}

/// A run as people look at it, with what is broken in it.
fn told(
    scenario: &Scenario,
    build: Build,
    space: &mut Space<'_, World>,
    trace: &Trace<Property>,
) -> (Run, Option<Finding>) {
    let run = record(scenario, build, space, trace);
    let finding = trace.broken.map(|(step, property)| {
        finding::explain(&run, &space.world().what_broke(space, trace, step, property), step)
    });
    (run, finding)
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
        None => exhaustive(&mut space, &limits(scenario, bounds), bounds, 0),
    };
    Ok((checked.verdict, missed(scenario, build, checked.probes)))
}

fn missed(scenario: &Scenario, build: Build, probes: u64) -> Vec<Probe> {
    let asked = scenario.must_reach.iter().copied().filter(|probe| is_asked_of(*probe, build));
    asked.filter(|probe| probes & probe.bit() == 0).collect()
}

/// Whether a scenario that names a probe can ask it of a build: `lease` has no sections that could be split.
pub(crate) fn is_asked_of(probe: Probe, build: Build) -> bool {
    !(probe == Probe::SectionsSplit && build == Build::All(Algorithm::Lease))
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
    fused: bool,
    stand_for: usize,
    bound: Option<Bound>,
    told: Option<Told>,
    /// What was asked for before it was found; what is asked for while the story is told on has no part in the verdict.
    consulted: Consulted,
}

fn scheduled(space: &mut Space<'_, World>, schedule: &Schedule) -> Result<Checked, Box<Diverged>> {
    let trace = replay::replay(space, schedule)?;
    let consulted = space.world().consulted();
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
        fused: false,
        stand_for: 0,
        bound: trace.cut.then_some(Bound::Steps),
        told: None,
        consulted,
        trace: Some(trace),
    })
}

/// Asks and tells whoever gave the bounds.
struct Watching<'a> {
    bounds: &'a Bounds<'a>,
    /// States of the last checkpoint.
    kept: usize,
}

impl Watch for Watching<'_> {
    fn go_on(&mut self, progress: Progress) -> bool {
        (self.bounds.go_on)(progress)
    }

    fn wants_checkpoint(&mut self, states: usize, stopping: bool) -> bool {
        let due = states >= self.kept + KEPT_EVERY.max(self.kept / 4);
        self.bounds.keep.is_some() && (stopping || due)
    }

    fn keep(&mut self, checkpoint: Checkpoint) {
        self.kept = checkpoint.states();
        if let Some(keep) = self.bounds.keep {
            keep(checkpoint);
        }
    }
}

/// `places_max`: how far to look for the counterexample that is followed most easily.
fn exhaustive(
    space: &mut Space<'_, World>,
    limits: &Limits,
    bounds: &Bounds<'_>,
    places_max: usize,
) -> Checked {
    let (exploration, fused) = search(space, limits, bounds);
    let consulted = space.world().consulted();
    judged(space, limits, bounds, places_max, (exploration, fused, consulted))
}

/// What a search comes to: whether its steps were fused, and what it asked for.
fn judged(
    space: &mut Space<'_, World>,
    limits: &Limits,
    bounds: &Bounds<'_>,
    places_max: usize,
    (exploration, fused, consulted): (explore::Exploration<Property>, bool, Consulted),
) -> Checked {
    let bound = match (exploration.stopped, exploration.out_of_bytes) {
        (true, _) => Bound::Stopped,
        (false, true) => Bound::Memory { bytes: bounds.bytes_max },
        (false, false) => Bound::States,
    };
    let mut told = None;
    let (verdict, trace, steps) = match exploration.verdict {
        mapisim_sim::Verdict::Holds => (Verdict::Holds, None, 0),
        mapisim_sim::Verdict::RanOut => (Verdict::Inconclusive, None, 0),
        mapisim_sim::Verdict::Broken(shortest) => {
            let steps = shortest.actions.len();
            let least = least::least(space, limits, &shortest, places_max);
            told = Some(Told { steps: least.actions.len(), proved: least.proved });
            (Verdict::Broken(shortest.property), Some(play_on(space, &least.actions)), steps)
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
        fused,
        stand_for: exploration.stand_for,
        bound: (verdict == Verdict::Inconclusive).then_some(bound),
        told,
        consulted,
    }
}

/// Searches the whole graph or, where it is large and all holds, one in which steps are fused and processes that differ in
/// nothing stand for each other; and whether it was that one. A
/// search that is kept or goes on is one of the whole graph.
fn search(
    space: &mut Space<'_, World>,
    limits: &Limits,
    bounds: &Bounds<'_>,
) -> (explore::Exploration<Property>, bool) {
    let explore = |space: &mut Space<'_, World>, limits: &Limits| {
        let mut watching = Watching { bounds, kept: bounds.from.map_or(0, Checkpoint::states) };
        let exploration = explore::explore_from(space, limits, bounds.from, &mut watching);
        exploration.expect("a search goes on from a checkpoint of its own")
    };
    if bounds.whole_max >= limits.states_max || bounds.from.is_some() || bounds.keep.is_some() {
        return (explore(space, limits), false);
    }
    let within = Limits { states_max: bounds.whole_max, ..limits.clone() };
    let whole = explore(space, &within);
    if whole.verdict != mapisim_sim::Verdict::RanOut || whole.stopped || whole.out_of_bytes {
        return (whole, false);
    }
    let world = space.world();
    let probing = whole.probes & world.probes_wanted() != world.probes_wanted();
    if let Some(mut fused) = Space::fused(world, limits, probing) {
        if bounds.twice {
            fused = fused.twice();
        }
        fused = fused.symmetric(limits);
        let mut found = explore(&mut fused, limits);
        if found.verdict == mapisim_sim::Verdict::Holds || found.stopped {
            found.probes |= whole.probes;
            return (found, true);
        }
    }
    // Begun anew, so that nothing is told which a search of the whole graph alone would not tell.
    *space = if bounds.twice { Space::checking(world) } else { Space::new(world) };
    (explore(space, limits), false)
}

/// A counterexample, played on to the end of every script, so that the victim is seen to notice. This is just what a
/// replay of its schedule does.
fn play_on(space: &mut Space<'_, World>, actions: &[mapisim_sim::Action]) -> Trace<Property> {
    let schedule = Schedule::exact(actions, space.world().cast());
    replay::replay(space, &schedule).expect("a counterexample can happen: it was just found")
}

/// The limits of a search of every interleaving.
pub fn limits(scenario: &Scenario, bounds: &Bounds<'_>) -> Limits {
    Limits {
        states_max: bounds.states_max,
        bytes_max: bounds.bytes_max,
        jobs: bounds.jobs,
        ..scenario.limits()
    }
}
