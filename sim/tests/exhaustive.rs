//! Every interleaving: against a naive explorer, and within limits.

use mapisim_sim::action::Action;
use mapisim_sim::explore::{Counterexample, Exploration, Limits, Verdict, explore, explore_while};
use mapisim_sim::replay::replay;
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::Space;
use mapisim_sim::world::{Actor, Process};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::machines::cells::{Bench, Op};
use crate::machines::tiny::{Naive, Tiny, any_tiny};
use crate::small::told;

fn limits(tiny: &Tiny, whole_graph: bool) -> Limits {
    Limits { crashes_max: tiny.crashes_max, whole_graph, ..Limits::default() }
}

/// Length, property, crashes, switches: what makes a counterexample least.
fn cost(found: &Counterexample<&'static str>) -> (usize, &'static str, u32, u32) {
    let (mut crashes, mut switches, mut last) = (0, 0, None);
    for action in &found.actions {
        match *action {
            Action::Crash(_) | Action::End(_) | Action::Fail(_) => crashes += 1,
            Action::Step(actor) => {
                switches += u32::from(last.is_some_and(|last| last != actor));
                last = Some(actor);
            }
        }
    }
    (found.actions.len(), found.property, crashes, switches)
}

fn broken<'a>(found: &'a Exploration<&'static str>) -> Option<&'a Counterexample<&'static str>> {
    if let Verdict::Broken(found) = &found.verdict { Some(found) } else { None }
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn a_naive_explorer_finds_the_same_states_and_the_same_least_counterexample(tiny in any_tiny(1)) {
        let naive = Naive::new(&tiny);
        let world = tiny.bench();
        let whole = explore(&mut Space::new(&world), &limits(&tiny, true));
        prop_assert_eq!(whole.states, naive.states.len());
        prop_assert_eq!(whole.transitions, naive.transitions);
        prop_assert_eq!(whole.levels.iter().sum::<usize>(), whole.states);
        prop_assert_eq!(broken(&whole).map(cost), naive.least);

        let first = explore(&mut Space::new(&world), &limits(&tiny, false));
        prop_assert_eq!(&first.verdict, &whole.verdict, "the whole graph changes no verdict");
        prop_assert!(first.states <= whole.states && first.transitions <= whole.transitions);
    }

    #[test]
    fn a_counterexample_replays_to_what_it_says_is_broken(tiny in any_tiny(2)) {
        let world = tiny.bench();
        let mut space = Space::new(&world);
        let found = explore(&mut space, &limits(&tiny, false));
        if let Some(counterexample) = broken(&found) {
            let schedule = Schedule::exact(&counterexample.actions, &world.cast);
            let trace = replay(&mut Space::new(&world), &schedule).expect("it replays");
            let length = counterexample.actions.len();
            prop_assert_eq!(&trace.actions()[..length], &counterexample.actions[..]);
            prop_assert_eq!(trace.broken, Some((length, counterexample.property)));
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn a_bound_on_states_is_kept_exactly_and_never_turns_into_a_pass(tiny in any_tiny(1)) {
        let world = tiny.bench();
        for whole_graph in [false, true] {
            let all = explore(&mut Space::new(&world), &limits(&tiny, whole_graph));
            for states_max in 1..=all.states + 1 {
                let bounded = Limits { states_max, ..limits(&tiny, whole_graph) };
                let found = explore(&mut Space::new(&world), &bounded);
                if states_max >= all.states {
                    prop_assert_eq!(&found, &all);
                    continue;
                }
                prop_assert_eq!(found.states, states_max);
                prop_assert_eq!(found.levels.iter().sum::<usize>(), states_max);
                match &found.verdict {
                    Verdict::Holds => prop_assert!(false, "a bound that was reached is no pass"),
                    Verdict::RanOut => {}
                    Verdict::Broken(found) => {
                        let least = broken(&all).map(|found| found.actions.len());
                        prop_assert_eq!(Some(found.actions.len()), least, "it is a shortest one all the same");
                    }
                }
            }
        }
    }
}

#[test]
fn random_tiny_programs_break_everything_and_hold_often_enough_to_mean_something() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..400 {
        let tiny = any_tiny(1).new_tree(&mut runner).expect("a program").current();
        let found = explore(&mut Space::new(&tiny.bench()), &limits(&tiny, false));
        let crashes = broken(&found).is_some_and(|found| cost(found).2 > 0);
        *seen.entry((broken(&found).map(|found| found.property), crashes)).or_insert(0) += 1;
    }
    let properties = [None, Some("a cell"), Some("a deadlock"), Some("register")];
    for property in properties {
        assert!(seen.get(&(property, false)).is_some_and(|times| *times >= 10), "{property:?}: {seen:?}");
    }
    assert!(seen.iter().any(|((_, crashes), _)| *crashes), "some need a crash: {seen:?}");
}

/// Three actors that add 1 to cell 0 twice each; all lone processes.
fn adders() -> Bench {
    Bench::new(&[("ann", &["Add"; 2]), ("bob", &["Add"; 2]), ("cat", &["Add"; 2])], |_, _, _, steps| {
        Box::pin(async move {
            steps.step(Op::Add(0, 1)).await;
            0
        })
    })
}

#[test]
fn a_crash_budget_allows_just_so_many_and_only_whom_it_names() {
    let world = adders();
    // Who lives is at 0, 1 or 2; of n who were killed only the sum is left, 0 to 2n: 27 + 81 + 45 + 7 states in all.
    for (crashes_max, crashable, states, transitions) in [
        (0, None, 27, 54),
        (1, None, 108, 243),
        (2, None, 153, 435),
        (3, None, 160, 480),
        (2, Some(vec![Process(1)]), 54, 117),
        (2, Some(vec![]), 27, 54),
        (3, Some(vec![Process(0), Process(2)]), 96, 244),
    ] {
        let limits = Limits { crashes_max, crashable: crashable.clone(), ..Limits::default() };
        let found = explore(&mut Space::new(&world), &limits);
        assert_eq!(found.verdict, Verdict::Holds);
        assert_eq!((found.states, found.transitions), (states, transitions), "{crashes_max} {crashable:?}");
    }
}

#[test]
fn every_crash_that_a_counterexample_needs_is_paid_from_the_budget() {
    for needed in 0..=2 {
        let world = adders().breaks(move |cells, standing| {
            let dead = cells_dead(cells);
            (dead == needed && standing.call() == 2).then_some("dead")
        });
        for crashes_max in 0..=2 {
            let limits = Limits { crashes_max, ..Limits::default() };
            let found = explore(&mut Space::new(&world), &limits);
            assert_eq!(broken(&found).is_some(), needed <= crashes_max, "{needed} of {crashes_max}");
            assert!(broken(&found).is_none_or(|found| cost(found).2 as usize == needed));
        }
    }
}

fn cells_dead(cells: &crate::machines::cells::Cells) -> usize {
    use mapisim_sim::world::Machine;
    (0..3).filter(|process| !cells.alive(Process(*process))).count()
}

#[test]
fn of_two_properties_that_break_equally_soon_the_first_in_order_counts_deadlocks_included() {
    // After one step each, ann stands at cell 0 == 1 and both wait for ever.
    let stuck = || {
        Bench::new(&[("ann", &["Work"])], |_, _, _, steps| {
            Box::pin(async move {
                steps.step(Op::Add(0, 1)).await;
                steps.step(Op::Await(1)).await
            })
        })
    };
    for (deadlock, expected) in [("a deadlock", "a deadlock"), ("z deadlock", "cell")] {
        let world = stuck().breaks(|cells, _| (cells.numbers[0] == 1).then_some("cell")).deadlock(deadlock);
        let found = explore(&mut Space::new(&world), &Limits::default());
        assert_eq!(broken(&found).map(cost), Some((1, expected, 0, 0)));
        let trace = replay(&mut Space::new(&world), &Schedule::default()).expect("it runs");
        assert_eq!(trace.broken, Some((1, expected)), "a replay says the same");
    }
}

#[test]
fn of_equally_short_counterexamples_one_without_crashes_counts_even_if_it_has_more_switches() {
    let world = adders().breaks(|cells, standing| {
        let quiet = cells_dead(cells) == 1 || cells.numbers[0] == 4;
        (standing.call() == 2 && quiet).then_some("quiet")
    });
    for (crashes_max, expected) in [(0, "ann:2,bob:2"), (1, "ann:2,kill bob")] {
        let limits = Limits { crashes_max, ..Limits::default() };
        let found = explore(&mut Space::new(&world), &limits);
        assert_eq!(told(&world, &found), Some(("quiet", expected.to_owned())));
    }
    let world = adders().breaks(|cells, standing| {
        let other = cells_dead(cells) == 1 || cells.numbers[0] == 3;
        (standing.actor() == Actor(0) && standing.call() == 2 && other).then_some("quiet")
    });
    let limits = Limits { crashes_max: 1, ..Limits::default() };
    let found = explore(&mut Space::new(&world), &limits);
    assert_eq!(told(&world, &found), Some(("quiet", "ann:2,bob:1".to_owned())), "not `ann:2,kill bob`");
}

#[test]
fn what_breaks_for_one_actor_by_the_step_of_another_is_seen_at_once() {
    let world = adders().breaks(|cells, standing| {
        (standing.actor() == Actor(1) && standing.call() == 0 && cells.numbers[0] == 2).then_some("overtaken")
    });
    let found = explore(&mut Space::new(&world), &Limits::default());
    assert_eq!(told(&world, &found), Some(("overtaken", "ann:2".to_owned())));
    let trace = replay(&mut Space::new(&world), &Schedule::default()).expect("it runs");
    assert_eq!(trace.broken, Some((2, "overtaken")));
}

#[test]
fn what_is_broken_or_stuck_in_the_beginning_is_broken_after_no_action() {
    let waits = |breaks: bool| {
        let world = Bench::new(&[("ann", &["Work"])], |_, _, _, steps| {
            Box::pin(async move { steps.step(Op::Await(1)).await })
        });
        world.breaks(move |_, _| breaks.then_some("cell")).deadlock("a deadlock")
    };
    for breaks in [false, true] {
        let world = waits(breaks);
        let found = explore(&mut Space::new(&world), &Limits::default());
        assert_eq!(broken(&found).map(cost), Some((0, "a deadlock", 0, 0)));
        let trace = replay(&mut Space::new(&world), &Schedule::default()).expect("it runs");
        assert_eq!(trace.broken, Some((0, "a deadlock")));
    }
}

#[test]
fn probes_gather_over_a_search_and_over_a_run_and_only_those_asked_for() {
    let passes = |wanted| {
        adders().probes(wanted, |scene| match scene.step() {
            Some((actor, Op::Add(0, 1), answer)) => {
                assert_eq!(scene.machine_before().numbers[0] + 1, scene.machine_after().numbers[0]);
                assert_eq!(scene.standing_before(actor).map(|before| before.call() + 1), {
                    scene.standing_after(actor).map(|after| after.call())
                });
                1 << *answer
            }
            Some(_) => unreachable!("they only add"),
            None => 1 << 60,
        })
    };
    let one_crash = Limits { crashes_max: 1, ..Limits::default() };
    for (wanted, limits, reached) in [
        (u64::MAX, Limits::default(), 0b111_1110),
        (0b1010, Limits::default(), 0b1010),
        (u64::MAX, one_crash, 0b111_1110 | 1 << 60),
        (0, Limits::default(), 0),
    ] {
        let world = passes(wanted);
        assert_eq!(explore(&mut Space::new(&world), &limits).probes, reached);
    }
    let world = passes(u64::MAX);
    let schedule = Schedule::parse("ann,kill bob,cat:1,kill cat").expect("a schedule");
    let trace = replay(&mut Space::new(&world), &schedule).expect("it runs");
    assert_eq!(trace.probes, 0b1110 | 1 << 60, "ann 1 and 2, cat 3, and crashes");
}

#[test]
fn a_bound_that_is_reached_beside_a_violation_is_no_excuse() {
    // Breadth first: 1 state, then 3, then 6; cell 0 is 2 in all of the last.
    let world = adders().breaks(|cells, _| (cells.numbers[0] == 2).then_some("cell"));
    for (states_max, verdict) in [(4, None), (5, Some("ann:2")), (10, Some("ann:2"))] {
        let limits = Limits { states_max, ..Limits::default() };
        let found = explore(&mut Space::new(&world), &limits);
        let told = broken(&found).map(|found| Schedule::exact(&found.actions, &world.cast).to_string());
        assert_eq!(told.as_deref(), verdict, "{states_max}: {:?}", found.verdict);
        assert_eq!(found.states, states_max);
    }
}

#[test]
fn told_to_stop_it_says_so_and_never_that_anything_holds() {
    let world = adders();
    let mut asked = Vec::new();
    let found = explore_while(&mut Space::new(&world), &Limits::default(), &mut |states| {
        asked.push(states);
        asked.len() < 3
    });
    assert!(found.stopped);
    assert_eq!(found.verdict, Verdict::RanOut);
    assert_eq!(asked.last(), Some(&found.states), "it is asked with the states so far, and stops at once");
    assert!(!explore(&mut Space::new(&world), &Limits::default()).stopped);
}

#[test]
#[should_panic(expected = "bob has no actor")]
fn a_process_without_actors_is_refused() {
    let mut world = adders();
    world.cast = mapisim_sim::world::Cast::default();
    let ann = world.cast.process("ann");
    assert_eq!(world.cast.actor(ann, "ann"), Actor(0));
    world.cast.process("bob");
    Space::new(&world);
}
