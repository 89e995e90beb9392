//! Random runs: against exhaustive search, and what a seed means.

use mapisim_sim::action::Action;
use mapisim_sim::explore::{Limits, Verdict, explore};
use mapisim_sim::random::{self, Draw, Plan, Strategy};
use mapisim_sim::replay::replay;
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::Space;
use mapisim_sim::world::{Actor, Process};
use proptest::prelude::*;

use crate::machines::cells::{Bench, Op};
use crate::machines::peers::Peers;
use crate::machines::rows::row;
use crate::machines::tiny::any_tiny;

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn random_runs_find_nothing_that_exhaustive_search_excludes_and_find_what_is_common(tiny in any_tiny(1)) {
        let world = tiny.bench();
        let mut space = Space::new(&world);
        let limits = Limits { crashes_max: tiny.crashes_max, ..Limits::default() };
        let whole = explore(&mut space, &limits);
        let mut found = 0;
        for run in 0..200 {
            let trace = random::run(&mut space, &limits, 1, run);
            let crashes = trace.actions().iter().filter(|action| matches!(action, Action::Crash(_))).count();
            prop_assert!(crashes <= tiny.crashes_max);
            let Some((steps, property)) = trace.broken else { continue };
            found += 1;
            prop_assert_eq!(steps, trace.moments.len(), "a run ends where something breaks");
            let Verdict::Broken(least) = &whole.verdict else {
                return Err(TestCaseError::fail(format!("{property} cannot break")));
            };
            prop_assert!(least.actions.len() <= steps);
            prop_assert!(least.actions.len() < steps || least.property <= property);
            let schedule = Schedule::exact(&trace.actions(), &world.cast);
            prop_assert_eq!(replay(&mut space, &schedule).expect("it replays").broken, trace.broken);
        }
        // Two steps among three actors: at least one run in nine takes just these.
        if let Verdict::Broken(least) = &whole.verdict
            && least.actions.len() <= 2
            && least.actions.iter().all(|action| matches!(action, Action::Step(_)))
        {
            prop_assert!(found > 0, "{:?}", least);
        }
    }
}

#[test]
fn random_runs_find_the_bugs_of_the_article() {
    let [broken, fixed] = ["a", "b"].map(|name| Peers::new(&row(name).0));
    let finds = |world| {
        let mut space = Space::new(world);
        (0..2_000).filter(|run| random::run(&mut space, &Limits::default(), 7, *run).broken.is_some()).count()
    };
    // The exact probability under a uniform scheduler is 0.020: some 40 of 2,000.
    assert_eq!((finds(&broken), finds(&fixed)), (37, 0));
}

/// Ann and bob add to cell 0 three times each.
fn adders() -> Bench {
    Bench::new(&[("ann", &["Add"]), ("bob", &["Add"])], |_, _, _, steps| {
        Box::pin(async move {
            for _ in 0..3 {
                steps.step(Op::Add(0, 1)).await;
            }
            0
        })
    })
}

// A seed is a name that users write down. A change here breaks every seed that anybody has written down: do not
// "update" these numbers.
#[test]
fn a_seed_means_what_it_always_meant() {
    let draws = |stream, bound| -> Vec<u64> {
        let mut draw = Draw::new(42, stream);
        (0..6).map(|_| draw.below(bound)).collect()
    };
    assert_eq!(draws(0, 1_000), [681, 950, 427, 627, 288, 149]);
    assert_eq!(draws(1, 1_000), [716, 166, 482, 846, 66, 773]);
    assert_eq!(
        draws(0, u64::MAX)[..3],
        [12_578_764_544_318_200_736, 17_529_487_244_874_322_311, 7_886_285_670_807_131_019]
    );

    let world = adders();
    let mut space = Space::new(&world);
    let told = |space: &mut Space<'_, Bench>, crashes_max, seed, run| {
        let limits = Limits { crashes_max, ..Limits::default() };
        Schedule::exact(&random::run(space, &limits, seed, run).actions(), &world.cast).to_string()
    };
    assert_eq!(told(&mut space, 0, 42, 0), "bob:2,ann:1,bob:1,ann:2");
    assert_eq!(told(&mut space, 0, 42, 1), "bob:1,ann:2,bob:1,ann:1,bob:1");
    assert_eq!(told(&mut space, 0, 43, 0), "ann:1,bob:2,ann:1,bob:1,ann:1");
    assert_eq!(told(&mut space, 2, 42, 10), "bob:1,kill ann,bob:2");
    assert_eq!(told(&mut space, 2, 42, 24), "kill bob,ann:3");
}

#[test]
fn a_run_is_the_same_whatever_was_run_before_it() {
    let world = adders();
    let limits = Limits { crashes_max: 1, ..Limits::default() };
    let mut used = Space::new(&world);
    explore(&mut used, &limits);
    for run in 0..50 {
        let fresh = random::run(&mut Space::new(&world), &limits, 5, run);
        assert_eq!(random::run(&mut used, &limits, 5, run).actions(), fresh.actions());
    }
}

#[test]
fn draws_are_even_and_below_their_bound() {
    let mut draw = Draw::new(3, 0);
    let mut seen = [0_u32; 6];
    for _ in 0..60_000 {
        seen[usize::try_from(draw.below(6)).expect("below 6")] += 1;
    }
    assert!(seen.iter().all(|times| (9_700..10_300).contains(times)), "{seen:?}");
    assert_eq!(draw.below(1), 0);
}

#[test]
#[should_panic(expected = "there is no number below 0")]
fn nothing_is_drawn_below_0() {
    Draw::new(3, 0).below(0);
}

#[test]
fn a_crash_can_still_come_when_nobody_can_run_any_more() {
    // Bob waits for the lock that ann keeps for ever; only her death lets him on.
    let world = Bench::new(&[("ann", &["Keep"]), ("bob", &["Take"])], |_, _, _, steps| {
        Box::pin(async move { steps.step(Op::Take(0)).await })
    });
    let got_it = |world: Bench| {
        world.breaks(|_, standing| {
            (standing.actor() == Actor(1) && standing.call() == 1 && *standing.memory() == 1).then_some("got")
        })
    };
    let world = got_it(world);
    let limits = Limits { crashes_max: 1, crashable: Some(vec![Process(0)]), ..Limits::default() };
    let mut space = Space::new(&world);
    let found = (0..500).filter(|run| random::run(&mut space, &limits, 9, *run).broken.is_some()).count();
    assert!(found > 0);
}

/// Three preemptions at three of some fifty steps. The bound of the paper is 1 run in 2 * 56^3, one in 351,232.
#[test]
fn priorities_find_what_needs_three_preemptions_in_one_run_of_a_thousand() {
    let world = Peers::new(&row("r").0);
    let mut space = Space::new(&world);
    let mut finds = |depth| {
        let plan = Plan::new(&mut space, Strategy::Pct { depth }, Limits::default());
        (0..10_000).filter(|run| random::drawn(&mut space, &plan, 7, *run).broken.is_some()).count()
    };
    let found = [3, 4, 5].map(&mut finds);
    assert!(found[0] == 0 && found[1] >= 5 && found[2] > 2 * found[1], "{found:?}");
}

#[test]
fn every_strategy_finds_what_is_common_and_nothing_that_cannot_be() {
    let [broken, fixed] = ["a", "b"].map(|name| Peers::new(&row(name).0));
    for (strategy, least) in [
        (Strategy::Uniform, 20),
        (Strategy::Pct { depth: 2 }, 20),
        (Strategy::Pct { depth: 3 }, 20),
        (Strategy::Swarm, 20),
    ] {
        let finds = |world| {
            let mut space = Space::new(world);
            let plan = Plan::new(&mut space, strategy, Limits::default());
            (0..2_000).filter(|run| random::drawn(&mut space, &plan, 7, *run).broken.is_some()).count()
        };
        let (found, wrong) = (finds(&broken), finds(&fixed));
        assert!(found >= least && wrong == 0, "{strategy:?}: {found} found, {wrong} wrong");
    }
}

// Do not "update" these either.
#[test]
fn a_seed_means_what_it_always_meant_with_every_strategy() {
    let world = adders();
    let mut space = Space::new(&world);
    let mut told = |strategy, crashes_max, run| {
        let plan = Plan::new(&mut space, strategy, Limits { crashes_max, ..Limits::default() });
        Schedule::exact(&random::drawn(&mut space, &plan, 42, run).actions(), &world.cast).to_string()
    };
    let pct: Vec<String> = (0..4).map(|run| told(Strategy::Pct { depth: 3 }, 0, run)).collect();
    assert_eq!(
        pct.join(" | "),
        "ann:3,bob:3 | ann:1,bob:2,ann:2,bob:1 | bob:2,ann:1,bob:1,ann:2 | bob:3,ann:3"
    );
    let swarm: Vec<String> = (0..6).map(|run| told(Strategy::Swarm, 1, run)).collect();
    assert_eq!(
        swarm.join(" | "),
        "bob:3 | ann:1,bob:2,ann:2,bob:1 | bob:1,ann:1,bob:1,ann:2,bob:1 | bob:3 | ann:3,bob:3,kill ann | \
         bob:3,kill bob,ann:3"
    );
}

#[test]
fn crashes_come_at_every_step_of_a_run_about_equally_often() {
    let world = adders();
    let mut space = Space::new(&world);
    let limits = Limits { crashes_max: 1, crashable: Some(vec![Process(0)]), ..Limits::default() };
    let plan = Plan::new(&mut space, Strategy::Pct { depth: 1 }, limits);
    assert_eq!(plan.length, 6);
    let mut at = [0_u32; 7];
    for run in 0..3_000 {
        let actions = random::drawn(&mut space, &plan, 1, run).actions();
        if let Some(step) = actions.iter().position(|action| matches!(action, Action::Crash(_))) {
            at[step] += 1;
        }
    }
    // Half of the runs have a crash, at one of seven places; where ann has ended there is nobody to be killed.
    assert!(at[..3].iter().all(|times| (170..260).contains(times)), "{at:?}");
}
