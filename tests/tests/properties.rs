//! What holds in worlds that nobody wrote?
//!
//! - both fixes together lose no live profile in one account whose profiles have names of their own
//! - any run replays to the same digest
//! - the search of every order and runs drawn at random agree
//!
//! Cases are drawn from a fixed seed, so that a failure is there again in the next run.

use mapisim::cells::{Cell, CellResult, Checked, run_one};
use mapisim::save::counterexample;
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::outcome::Verdict;
use mapisim_model::property::Property;
use mapisim_model::scenario::Scenario;
use mapisim_model::world::World;
use mapisim_sim::random::{self, Plan};
use mapisim_sim::{Schedule, Space, World as _};
use mapisim_tests::generate::{Kind, cases, checked, scheduled, world};
use mapisim_tests::{running, scenario};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

/// A search that is larger is left without an answer: it would only take long.
const STATES_MAX: usize = 20_000;

fn look(scenario: &Scenario, build: Build) -> Checked {
    match run_one(Cell { scenario, build }, &running(STATES_MAX)) {
        CellResult::Checked(checked) => *checked,
        CellResult::Diverged(why) | CellResult::Panicked(why) => panic!("{why}\n{}", scenario.file.to_text()),
    }
}

/// Runs drawn from a seed until one breaks something, or there were so many: what breaks, and the run's exact schedule.
fn draw(scenario: &Scenario, build: Build, runs: u64) -> (Option<Property>, String) {
    let world = World::new(scenario, build);
    let mut space = Space::new(&world);
    let limits = scenario.limits();
    let mut last = String::new();
    for run in 0..runs {
        let trace = random::run(&mut space, &limits, 7, run);
        last = Schedule::exact(&trace.actions(), space.world().cast()).to_string();
        if let Some((_, property)) = trace.broken {
            return (Some(property), last);
        }
    }
    (None, last)
}

/// Whether runs drawn from a seed break something: uniform ones, then ones by priorities.
fn is_drawn(scenario: &Scenario, build: Build) -> bool {
    if draw(scenario, build, 1_000).0.is_some() {
        return true;
    }
    let world = World::new(scenario, build);
    let mut space = Space::new(&world);
    (2..=4).any(|depth| {
        let plan = Plan::new(&mut space, random::Strategy::Pct { depth }, scenario.limits());
        (0..1_000).any(|run| random::drawn(&mut space, &plan, 7, run).broken.is_some())
    })
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn both_fixes_lose_no_live_profile_in_one_account_with_names_of_their_own(
        file in world(Kind { accounts: 1, distinct_names: true, ..Kind::ANY })
    ) {
        let scenario = checked(&file);
        let outcome = look(&scenario, Build::All(Algorithm::Patched)).outcome;
        prop_assert_ne!(outcome.verdict.property(), Some(Property::LiveProfile), "{}", file.to_text());
    }

    #[test]
    fn any_run_replays_to_the_same_digest(file in world(Kind::WORST), run in 1..20_u64) {
        let (_, schedule) = draw(&checked(&file), Build::AsInstalled, run);
        let once = scheduled(&file, &schedule);
        let first = look(&checked(&once), Build::AsInstalled);
        let shown = first.outcome.run.as_ref().expect("a scheduled run is recorded").schedule.clone();
        let again = look(&checked(&scheduled(&file, &shown)), Build::AsInstalled);
        prop_assert_eq!(&first.digest, &again.digest, "{}", once.to_text());
        prop_assert_eq!(first.outcome.verdict, again.outcome.verdict);
    }

    #[test]
    fn a_counterexample_that_is_saved_replays_to_its_digest(file in world(Kind::WORST)) {
        let scenario = checked(&file);
        let found = look(&scenario, Build::AsInstalled);
        if let Some(saved) = counterexample(&scenario, &found.outcome) {
            let again = look(&self::scenario(&saved.name, &saved.text), Build::AsInstalled);
            prop_assert_eq!(&found.digest, &again.digest, "{}", saved.text);
            prop_assert!(again.outcome.as_expected(), "{}", saved.text);
        }
    }

    #[test]
    fn what_holds_in_every_order_holds_in_runs_drawn_at_random(file in world(Kind::WORST)) {
        let scenario = checked(&file);
        if look(&scenario, Build::AsInstalled).outcome.verdict == Verdict::Holds {
            let (broken, schedule) = draw(&scenario, Build::AsInstalled, 50);
            prop_assert_eq!(broken, None, "{}\n{}", schedule, file.to_text());
        }
    }
}

#[test]
fn most_of_what_breaks_in_some_order_is_found_by_runs_drawn_at_random() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut broken, mut found) = (0, 0);
    for _ in 0..120 {
        let file = world(Kind::ANY).new_tree(&mut runner).expect("worlds can be drawn").current();
        let scenario = checked(&file);
        if let Verdict::Broken(_) = look(&scenario, Build::AsInstalled).outcome.verdict {
            broken += 1;
            found += u32::from(is_drawn(&scenario, Build::AsInstalled));
        }
    }
    assert!(broken >= 5, "only {broken} of 120 worlds break: they are too tame to ask");
    assert!(found * 10 >= broken * 6, "only {found} of {broken} were found");
}
