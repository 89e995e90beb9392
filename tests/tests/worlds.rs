//! Do reduced and whole searches agree in thousands of worlds that nobody wrote?
//!
//! Each test draws some hundred worlds of one kind and searches each of them whole, and with every reduction there is:
//!
//! - fused, for proofs with and without probes, and symmetric on top: whether anything breaks, and the probes passed
//! - with what nobody notices cleared: the same counterexample, action by action, and no more states
//! - symmetric alone: whether anything breaks, by as few actions, and as many states as stand for
//! - as `mapisim run` does it, where all is reduced that can be: the same verdict, and the shortest counterexample as long
//!
//! So that no agreement is empty, each kind has floors: how many worlds at least were small enough, held, broke, were
//! really reduced. Worlds are small, their scripts cut short; those of more states than [`STATES_MAX`] are left out. Others
//! are drawn with `PROPTEST_RNG_SEED`, as everywhere.
//!
//! And probes that a step passes are those that the world says it could pass, in every state of some of them.
//!
//! That these tests notice a wrong reduction was tried with mistakes planted in each: docs/reduction.md says which world
//! noticed.

use std::cell::RefCell;
use std::fmt::Debug;

use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::outcome;
use mapisim_model::probe::Probe;
use mapisim_model::property::Property;
use mapisim_model::scenario::{Scenario, ScenarioFile};
use mapisim_model::world::World;
use mapisim_sim::explore::explore;
use mapisim_sim::{Exploration, Limits, Space, Verdict, World as _, forget, fuse, symmetry};
use mapisim_tests::generate::{Kind, checked, small, with_twins};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestError, TestRunner};

/// A whole graph that is larger is left out.
const STATES_MAX: usize = 1_200;

/// In a whole graph that is no larger each step is moved and each swap made, all through.
const PROVED_MAX: usize = 150;

/// The same where one lock stands before everything: a step that is said wrongly to move under it seldom breaks anything.
const PROVED_OF_ONE_LOCK_MAX: usize = 700;

/// In so many worlds probes are looked for in every step.
const PROBED: usize = 60;

/// What came of the worlds of a kind: how many
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// were drawn,
    drawn: usize,
    /// were larger than that,
    too_large: usize,
    /// held,
    held: usize,
    /// broke, by a shortest run of the same length,
    broke: usize,
    /// held in fewer states,
    fewer: usize,
    /// have processes that stand for each other,
    symmetric: usize,
    /// have one lock before everything that matters,
    one_lock: usize,
    /// have threads that may die alone, so that no steps are fused,
    alone: usize,
    /// were looked through, step by step and swap by swap.
    proved: usize,
    /// And the states, of whole graphs and of reduced ones, where all held.
    whole: usize,
    reduced: usize,
}

/// Draws worlds and compares. What is asked for is at least reached, field by field.
#[track_caller]
fn agree<T: Debug>(
    cases: u32,
    worlds: impl Strategy<Value = T>,
    looked_at: impl Fn(&T) -> (Scenario, Build),
    floors: Counts,
) {
    let counts = RefCell::new(Counts::default());
    let failed = RefCell::new(None);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let ran = TestRunner::new(config).run(&worlds, |world| {
        let (scenario, build) = looked_at(&world);
        let mut counts = counts.borrow_mut();
        counts.drawn += 1;
        compare(&scenario, build, &mut counts).map_err(|why| {
            // The number is that of the first world, not of one that it was shrunk to.
            let number = *failed.borrow_mut().get_or_insert(counts.drawn);
            let text = scenario.file.to_text();
            TestCaseError::fail(format!("world {number} with {}: {why}\n{text}", build.id()))
        })
    });
    if let Err(TestError::Fail(why, _)) = ran {
        panic!("{why}");
    }
    let counts = counts.into_inner();
    println!("{counts:?}");
    let fields = |counts: Counts| {
        let Counts { held, broke, fewer, symmetric, one_lock, alone, proved, .. } = counts;
        [held, broke, fewer, symmetric, one_lock, alone, proved]
    };
    let enough = fields(counts).iter().zip(fields(floors)).all(|(count, floor)| *count >= floor);
    assert!(enough, "too few worlds were compared to mean anything: {counts:?}, of {floors:?} at least");
}

/// What two searches say that should be the same.
fn same<T: PartialEq + Debug>(what: &str, whole: &T, reduced: &T) -> Result<(), String> {
    if whole == reduced {
        Ok(())
    } else {
        Err(format!("{what}: {whole:?} in the whole graph, else {reduced:?}"))
    }
}

/// Searches a world whole and reduced.
fn compare(scenario: &Scenario, build: Build, counts: &mut Counts) -> Result<(), String> {
    let world = World::new(scenario, build);
    let limits = Limits { states_max: STATES_MAX, ..scenario.limits() };
    let whole = explore(&mut Space::new(&world), &limits);
    if whole.verdict == Verdict::RanOut {
        counts.too_large += 1;
        return Ok(());
    }
    let all_hold = holds(&whole);
    counts.held += usize::from(all_hold);
    counts.one_lock += usize::from(world.has_one_lock());
    if whole.states <= if world.has_one_lock() { PROVED_OF_ONE_LOCK_MAX } else { PROVED_MAX } {
        fuse::check(&world, &limits, usize::MAX)?;
        symmetry::check(&world, &limits, usize::MAX)?;
        forget::check(&world, &limits, usize::MAX)?;
        counts.proved += 1;
    }
    cleared(&world, &limits, &whole)?;
    let symmetric = Space::new(&world).symmetric(&limits).is_symmetric();
    if symmetric {
        counts.symmetric += 1;
        alike(&world, &limits, &whole)?;
    }
    match fused(&world, &limits, &whole, symmetric)? {
        Some(reduced) if all_hold => {
            counts.fewer += usize::from(reduced < whole.states);
            counts.whole += whole.states;
            counts.reduced += reduced;
        }
        Some(_) => {}
        None => {
            counts.alone += 1;
            same("whether steps are fused", &(scenario.thread_deaths > 0), &true)?;
        }
    }
    if let Verdict::Broken(found) = &whole.verdict {
        counts.broke += 1;
        let bounds = Bounds { states_max: STATES_MAX, whole_max: 0, ..Bounds::default() };
        let told = check(scenario, build, &bounds).expect("it has no schedule");
        let broken = outcome::Verdict::Broken(found.property);
        same(
            "where all is reduced that can be",
            &(broken, found.actions.len()),
            &(told.verdict, told.steps),
        )?;
    }
    Ok(())
}

fn holds(found: &Exploration<Property>) -> bool {
    found.verdict == Verdict::Holds
}

/// What nobody notices is cleared, and nothing else is done.
fn cleared(world: &World, limits: &Limits, whole: &Exploration<Property>) -> Result<(), String> {
    let cleared = explore(&mut Space::new(world).forgetting(), limits);
    same("where what nobody notices is cleared, what breaks and how", &whole.verdict, &cleared.verdict)?;
    same("where it is, the depth", &whole.levels.len(), &cleared.levels.len())?;
    if holds(whole) {
        same("where it is, the probes", &whole.probes, &cleared.probes)?;
    }
    same("whether it is no more states", &(cleared.states <= whole.states), &true)
}

/// Processes stand for each other, and nothing else is done.
fn alike(world: &World, limits: &Limits, whole: &Exploration<Property>) -> Result<(), String> {
    let some = explore(&mut Space::new(world).symmetric(limits), limits);
    same("where processes stand for each other, whether all holds", &holds(whole), &holds(&some))?;
    same("where they do, the depth", &whole.levels.len(), &some.levels.len())?;
    if holds(whole) {
        same("where they do, the probes", &whole.probes, &some.probes)?;
        same("where they do, the states that theirs stand for", &whole.states, &some.stand_for)?;
    }
    Ok(())
}

/// Steps are fused, with probes and without, and processes stand for each other where they may: the states that are left;
/// `None` where steps are not fused.
fn fused(
    world: &World,
    limits: &Limits,
    whole: &Exploration<Property>,
    symmetric: bool,
) -> Result<Option<usize>, String> {
    let mut left = None;
    for probing in [true, false] {
        let Some(mut space) = Space::fused(world, limits, probing) else { return Ok(None) };
        let found = explore(&mut space, limits);
        same("where steps are fused, whether all holds", &holds(whole), &holds(&found))?;
        if holds(whole) && probing {
            same("where they are, the probes", &whole.probes, &found.probes)?;
        }
        left = Some(found.states);
        if !symmetric {
            continue;
        }
        let space = Space::fused(world, limits, probing).expect("it was there before");
        let both = explore(&mut space.symmetric(limits), limits);
        same("where both is done, whether all holds", &holds(whole), &holds(&both))?;
        if holds(whole) {
            same("where both is done, the states that theirs stand for", &found.states, &both.stand_for)?;
            left = Some(both.states);
        }
        if holds(whole) && probing {
            same("where both is done, the probes", &whole.probes, &both.probes)?;
        }
    }
    Ok(left)
}

/// As installed, through its text.
fn as_it_is(file: &ScenarioFile) -> (Scenario, Build) {
    (checked(file), Build::AsInstalled)
}

/// The same, with both fixes: where one account is alone, one lock stands before everything.
fn with_both_fixes(file: &ScenarioFile) -> (Scenario, Build) {
    (checked(file), Build::All(Algorithm::Patched))
}

/// Something may be left behind when all is quiet, too.
fn left_behind((mut scenario, build): (Scenario, Build)) -> (Scenario, Build) {
    if !scenario.checks.contains(&Property::NoOrphan) {
        scenario.checks.push(Property::NoOrphan);
    }
    (scenario, build)
}

const TWO: Kind = Kind { processes: 2, ..Kind::ANY };
const ONE_ACCOUNT: Kind = Kind { accounts: 1, ..Kind::ANY };
const NONE: Counts = Counts {
    drawn: 0,
    too_large: 0,
    held: 0,
    broke: 0,
    fewer: 0,
    symmetric: 0,
    one_lock: 0,
    alone: 0,
    proved: 0,
    whole: 0,
    reduced: 0,
};

#[test]
fn two_processes_of_any_build() {
    let floors = Counts { held: 230, broke: 30, fewer: 230, one_lock: 20, proved: 20, ..NONE };
    agree(550, small(TWO, 9), as_it_is, floors);
}

#[test]
fn three_processes_of_any_build() {
    let floors = Counts { held: 150, broke: 15, fewer: 150, one_lock: 5, proved: 20, ..NONE };
    agree(400, small(Kind::ANY, 6), as_it_is, floors);
}

#[test]
fn one_lock_for_two_or_three_processes() {
    let floors = Counts { held: 80, broke: 10, fewer: 80, symmetric: 4, one_lock: 100, proved: 45, ..NONE };
    agree(350, small(ONE_ACCOUNT, 5), with_both_fixes, floors);
}

#[test]
fn what_is_left_behind_under_one_lock() {
    let floors = Counts { held: 80, broke: 10, fewer: 80, symmetric: 3, one_lock: 90, proved: 40, ..NONE };
    agree(300, small(ONE_ACCOUNT, 4), |file| left_behind(with_both_fixes(file)), floors);
}

#[test]
fn what_is_left_behind_by_any_build() {
    let floors = Counts { held: 200, broke: 25, fewer: 200, one_lock: 15, proved: 30, ..NONE };
    agree(400, small(TWO, 6), |file| left_behind(as_it_is(file)), floors);
}

#[test]
fn products_of_one_or_two_threads_that_may_die_alone() {
    let floors = Counts { held: 130, broke: 35, fewer: 130, one_lock: 12, proved: 12, ..NONE };
    agree(400, small(Kind { processes: 2, ..Kind::PRODUCTS }, 9), as_it_is, floors);
}

#[test]
fn machines_that_may_crash() {
    let floors = Counts { held: 80, broke: 10, fewer: 80, proved: 12, ..NONE };
    agree(250, small(Kind { machine_crashes: 1, ..Kind::ANY }, 6), as_it_is, floors);
}

#[test]
fn whatever_can_fail() {
    let floors = Counts { held: 80, broke: 18, fewer: 75, proved: 8, ..NONE };
    agree(250, small(Kind { processes: 2, ..Kind::WORST }, 8), as_it_is, floors);
}

#[test]
fn two_that_differ_in_nothing() {
    let worlds = small(Kind { processes: 1, ..Kind::ANY }, 6);
    let floors = Counts { held: 75, broke: 40, fewer: 75, symmetric: 110, one_lock: 80, proved: 30, ..NONE };
    agree(300, worlds, |file| as_it_is(&with_twins(file, 1)), floors);
}

#[test]
fn two_that_differ_in_nothing_and_a_third() {
    let floors = Counts { held: 12, fewer: 12, symmetric: 10, ..NONE };
    agree(150, small(TWO, 2), |file| as_it_is(&with_twins(file, 1)), floors);
}

#[test]
fn two_that_differ_in_nothing_under_one_lock() {
    let worlds = small(Kind { processes: 1, ..ONE_ACCOUNT }, 5);
    let floors = Counts { held: 65, broke: 40, fewer: 65, symmetric: 110, one_lock: 110, proved: 40, ..NONE };
    agree(250, worlds, |file| with_both_fixes(&with_twins(file, 1)), floors);
}

/// A search shows a step to who looks for probes only where the world says that it could pass one. Where everything is done
/// twice every step is shown, and a probe that was not said to be ahead panics. Each probe has to be passed somewhere: one
/// that is new is asked for here, too.
#[test]
fn probes_that_are_passed_were_said_to_be_ahead() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let worlds = small(Kind { processes: 2, machine_crashes: 1, ..Kind::ANY }, 6);
    let (mut passed, mut danger) = (0, [0, 0]);
    for _ in 0..PROBED {
        let file = worlds.new_tree(&mut runner).expect("worlds can be drawn").current();
        let scenario = checked(&file);
        let limits = Limits { states_max: STATES_MAX, ..scenario.limits() };
        let mut named = scenario.clone();
        named.must_reach = Probe::ALL.to_vec();
        for scenario in [&named, &scenario] {
            let world = World::new(scenario, Build::AsInstalled);
            let twice = explore(&mut Space::checking(&world), &limits);
            let once = explore(&mut Space::new(&world), &limits);
            assert_eq!(once, twice, "{}", file.to_text());
            if scenario.must_reach.is_empty() {
                danger[usize::from(once.probes == world.probes_wanted())] += 1;
            } else {
                passed |= once.probes;
            }
        }
    }
    let missed: Vec<&str> =
        Probe::ALL.iter().filter(|probe| passed & probe.bit() == 0).map(|probe| probe.id()).collect();
    assert!(missed.is_empty(), "no world passes {missed:?}");
    assert!(danger.iter().all(|worlds| *worlds >= 5), "{danger:?} worlds that met no danger, and some");
}
