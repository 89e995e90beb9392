//! Runs of a scenario drawn from a seed, until one breaks something; then the story of what was found.

use std::collections::BTreeSet;

use mapisim_sim::random::{self, Plan, Strategy};
use mapisim_sim::shrink::{self, up_to_the_break};
use mapisim_sim::{Action, Schedule, Space, State, Trace, World as _, replay};

use crate::finding::{self, Finding, Signature};
use crate::mapi::rules::Build;
use crate::os::syscall::{Answer, Syscall};
use crate::outcome::{Outcome, Verdict};
use crate::property::Property;
use crate::record::record;
use crate::scenario::Scenario;
use crate::trace::Run;
use crate::world::{THREAD_ENDS, World};

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random {
    /// How to choose who runs.
    pub strategy: Strategy,
    /// The seed.
    pub seed: u64,
    /// The number of the first run; the same number gives the same run whatever was drawn before.
    pub first: u64,
    /// Runs at most.
    pub runs: u64,
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Runs that were made.
    pub runs: u64,
    /// Their steps.
    pub steps: u64,
    /// About how many steps a run takes: that of the one in which nobody is interrupted.
    pub length: usize,
    /// Threads.
    pub threads: usize,
    /// Different states that runs ended in, those that broke something included.
    pub ends: usize,
    /// What is broken, by the first run that breaks something.
    pub found: Option<Outcome>,
}

/// Draws runs of a scenario with a build until one breaks something, or there were so many. The scenario's own schedule
/// does not matter.
pub fn draw(scenario: &Scenario, build: Build, random: &Random) -> Drawn {
    draw_watched(scenario, build, random, None)
}

/// Shown each step of drawn runs: the call that it is part of, what was asked, and what was answered.
pub type Watch<'a> = &'a mut dyn FnMut(&str, &Syscall, &Answer);

/// The same, where each step is shown to somebody.
pub fn draw_watched(
    scenario: &Scenario,
    build: Build,
    random: &Random,
    mut watch: Option<Watch<'_>>,
) -> Drawn {
    let world = World::unprobed(scenario, build);
    let mut space = Space::new(&world);
    let plan = Plan::new(&mut space, random.strategy, scenario.limits());
    let mut drawn = Drawn {
        runs: 0,
        steps: 0,
        length: plan.length,
        threads: world.cast().actors().len(),
        ends: 0,
        found: None,
    };
    let mut ends: BTreeSet<State> = BTreeSet::new();
    for run in random.first..random.first.saturating_add(random.runs) {
        let trace = random::drawn(&mut space, &plan, random.seed, run);
        if let Some(watch) = &mut watch {
            show(&space, &trace, *watch);
        }
        drawn.runs += 1;
        drawn.steps += trace.moments.len() as u64;
        ends.insert(trace.moments.last().map_or(&trace.initial, |last| &last.after).clone());
        if trace.broken.is_some() {
            drawn.found = Some(told(scenario, build, &mut space, &up_to_the_break(&trace)));
            break;
        }
    }
    drawn.ends = ends.len();
    drawn
}

/// The first of drawn runs that shows a signature; those that break something else are passed over.
pub(crate) fn draw_for(
    scenario: &Scenario,
    build: Build,
    random: &Random,
    wanted: &Signature,
) -> Option<Outcome> {
    let world = World::unprobed(scenario, build);
    let mut space = Space::new(&world);
    let plan = Plan::new(&mut space, random.strategy, scenario.limits());
    let mut runs = random.first..random.first.saturating_add(random.runs);
    runs.find_map(|run| {
        let trace = random::drawn(&mut space, &plan, random.seed, run);
        trace.broken?;
        let outcome = told(scenario, build, &mut space, &up_to_the_break(&trace));
        outcome.finding.as_ref().is_some_and(|finding| finding.signature == *wanted).then_some(outcome)
    })
}

/// Shows each step of a run.
fn show(space: &Space<'_, World>, trace: &Trace<Property>, watch: Watch<'_>) {
    for (index, moment) in trace.moments.iter().enumerate() {
        let before = trace.before(index);
        let scene = space.scene(before, moment.action, &moment.after);
        let Some((actor, syscall, answer)) = scene.step() else { continue };
        let standing = scene.standing_before(actor).expect("who steps was not killed");
        let call =
            space.world().script_call(actor, standing.call()).map_or(THREAD_ENDS, |call| call.call.name());
        watch(call, syscall, answer);
    }
}

/// What a list of actions breaks, played on to the end of every script.
pub(crate) fn played(
    scenario: &Scenario,
    build: Build,
    space: &mut Space<'_, World>,
    actions: &[Action],
) -> Option<(Property, usize, Run, Finding)> {
    let schedule = Schedule::exact(actions, space.world().cast());
    let trace = replay::replay(space, &schedule).ok()?;
    let (steps, property) = trace.broken?;
    let run = record(scenario, build, space, &trace);
    let broke = space.world().what_broke(space, &trace, steps, property);
    let finding = finding::explain(&run, &broke, steps);
    Some((property, steps, run, finding))
}

/// The outcome of a list of actions that can happen and breaks something.
pub(crate) fn told(
    scenario: &Scenario,
    build: Build,
    space: &mut Space<'_, World>,
    actions: &[Action],
) -> Outcome {
    let told = played(scenario, build, space, actions);
    let (property, steps, run, finding) = told.expect("what was drawn can happen, and breaks something");
    Outcome {
        build,
        verdict: Verdict::Broken(property),
        expected: scenario.expected(build),
        exhaustive: false,
        states: 0,
        transitions: 0,
        steps,
        levels: Vec::new(),
        fused: false,
        stand_for: 0,
        bound: None,
        told: None,
        missed: Vec::new(),
        vacuous: None,
        consulted: space.world().consulted(),
        global_denied: space.world().is_global_section_denied(),
        run: Some(run),
        finding: Some(finding),
    }
}

/// The same outcome by a run that is easier to read, with the same signature: fewer crashes, fewer switches, fewer
/// steps. At most so many attempts are made.
pub(crate) fn easier(scenario: &Scenario, outcome: &Outcome, attempts_max: usize) -> (Outcome, usize) {
    let (Some(run), Some(found)) = (&outcome.run, &outcome.finding) else { return (outcome.clone(), 0) };
    let world = World::unprobed(scenario, outcome.build);
    let mut space = Space::new(&world);
    let exact = Schedule::parse(&run.schedule).expect("a run's own schedule can be read");
    let Ok(trace) = replay::replay(&mut space, &exact) else { return (outcome.clone(), 0) };
    let actions = up_to_the_break(&trace);
    let shows = |space: &mut Space<'_, World>, actions: &[Action]| {
        played(scenario, outcome.build, space, actions)
            .is_some_and(|(_, steps, _, other)| steps <= actions.len() && other.signature == found.signature)
    };
    let shrunk = shrink::shrink(&mut space, &actions, attempts_max, shows);
    (told(scenario, outcome.build, &mut space, &shrunk.actions), shrunk.attempts)
}
