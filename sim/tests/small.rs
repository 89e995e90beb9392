//! Machines small enough to check by hand, their numbers and shortest counterexamples pinned.

use mapisim_sim::explore::{Exploration, Limits, Verdict, explore};
use mapisim_sim::replay::replay;
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::{Readiness, Space};
use mapisim_sim::world::{Actor, Process};

use crate::machines::cells::{Bench, Op, Stray, any};

/// States, transitions, and what breaks by which schedule, of the whole graph.
fn check(world: &Bench, crashes_max: usize, states: usize, transitions: u64, broken: Option<(&str, &str)>) {
    let limits = Limits { crashes_max, whole_graph: true, ..Limits::default() };
    let found = explore(&mut Space::new(world), &limits);
    let schedule = told(world, &found);
    let schedule = schedule.as_ref().map(|(property, text)| (*property, text.as_str()));
    assert_eq!((found.states, found.transitions, schedule), (states, transitions, broken));
    assert_eq!(found.levels.iter().sum::<usize>(), states, "every state is on one level");
}

/// What breaks, and the schedule in words.
pub(crate) fn told(world: &Bench, found: &Exploration<&'static str>) -> Option<(&'static str, String)> {
    match &found.verdict {
        Verdict::Broken(it) => Some((it.property, Schedule::exact(&it.actions, &world.cast).to_string())),
        Verdict::Holds => None,
        Verdict::RanOut => panic!("ran out of states"),
    }
}

const BOTH: [(&str, &[&str]); 2] = [("ann", &["Work"]), ("bob", &["Work"])];

/// Cell 0 counts, cell 1 says how many are done.
fn counter(atomic: bool, locked: bool) -> Bench {
    let world = Bench::new(&BOTH, move |_, _, _, steps| {
        Box::pin(async move {
            if locked {
                steps.step(Op::Take(0)).await;
            }
            if atomic {
                steps.step(Op::Add(0, 1)).await;
            } else {
                let read = steps.step(Op::Load(0)).await;
                steps.step(Op::Store(0, read + 1)).await;
            }
            if locked {
                steps.step(Op::Give(0)).await;
            }
            steps.step(Op::Add(1, 1)).await;
            0
        })
    });
    world.breaks(|cells, _| (cells.numbers[1] == 2 && cells.numbers[0] != 2).then_some("counted"))
}

#[test]
fn reading_and_writing_back_loses_an_update_in_two_switches() {
    check(&counter(false, false), 0, 27, 38, Some(("counted", "ann:1,bob:3,ann:2")));
}

#[test]
fn an_atomic_add_loses_none() {
    check(&counter(true, false), 0, 12, 16, None);
}

#[test]
fn a_lock_around_reading_and_writing_back_loses_none() {
    check(&counter(false, true), 0, 30, 40, None);
}

fn two_locks() -> Bench {
    Bench::new(&BOTH, |actor, _, _, steps| {
        Box::pin(async move {
            let (first, second) = if actor == Actor(0) { (0, 1) } else { (1, 0) };
            for lock in [first, second] {
                steps.step(Op::Take(lock)).await;
            }
            for lock in [second, first] {
                steps.step(Op::Give(lock)).await;
            }
            0
        })
    })
}

#[test]
fn two_locks_in_opposite_order_deadlock_after_one_step_each() {
    check(&two_locks().deadlock("stuck"), 0, 19, 22, Some(("stuck", "ann:1,bob:1")));
}

#[test]
fn a_deadlock_that_nobody_asks_for_breaks_nothing_but_can_be_seen() {
    let world = two_locks();
    check(&world, 0, 19, 22, None);
    let mut space = Space::new(&world);
    let trace = replay(&mut space, &Schedule::parse("ann:1,bob:1").expect("a schedule")).expect("it runs");
    let last = trace.moments.last().expect("two steps").after.clone();
    assert_eq!((trace.moments.len(), trace.broken), (2, None));
    assert!(space.deadlocked(&last));
    let ready: Vec<Readiness> = world.cast.actors().map(|actor| space.readiness(&last, actor)).collect();
    assert_eq!(ready, [Readiness::Waiting, Readiness::Waiting]);
}

/// Two cells that are equal whenever the lock is free; `repairs`: who is given an abandoned lock makes them so.
fn pair_under_a_lock(abandons: bool, repairs: bool) -> Bench {
    let mut world = Bench::new(&BOTH, move |actor, _, _, steps| {
        Box::pin(async move {
            let abandoned = steps.step(Op::Take(0)).await == 1;
            if abandoned && repairs {
                let one = steps.step(Op::Load(0)).await;
                steps.step(Op::Store(1, one)).await;
            }
            let torn = if actor == Actor(0) {
                steps.step(Op::Store(0, 7)).await;
                steps.step(Op::Store(1, 7)).await;
                false
            } else {
                steps.step(Op::Load(0)).await != steps.step(Op::Load(1)).await
            };
            steps.step(Op::Give(0)).await;
            i64::from(torn)
        })
    });
    world.start.abandons = abandons;
    world.breaks(|_, standing| (*standing.memory() == 1).then_some("whole")).deadlock("stuck")
}

#[test]
fn a_lock_keeps_two_cells_equal_while_nobody_crashes() {
    check(&pair_under_a_lock(true, false), 0, 16, 16, None);
}

#[test]
fn an_abandoned_lock_shows_the_next_owner_what_is_half_done() {
    check(&pair_under_a_lock(true, false), 1, 52, 76, Some(("whole", "ann:2,kill ann,bob:4")));
}

#[test]
fn an_owner_who_minds_that_the_lock_was_abandoned_repairs_what_is_half_done() {
    check(&pair_under_a_lock(true, true), 1, 56, 81, None);
}

#[test]
fn a_lock_that_its_dead_owner_keeps_stops_everybody() {
    check(&pair_under_a_lock(false, true), 1, 39, 60, Some(("stuck", "ann:1,kill ann")));
}

/// Bob works; ann ends his process.
fn ended_by_another() -> Bench {
    let world = Bench::new(&[("ann", &["End"]), ("bob", &["Add", "Add"])], |actor, _, memory, steps| {
        Box::pin(async move {
            let op = if actor == Actor(0) { Op::End(Process(1)) } else { Op::Add(0, 1) };
            memory + steps.step(op).await
        })
    });
    world.deadlock("stuck")
}

#[test]
fn whom_another_ended_never_runs_again_and_waits_for_nobody() {
    let world = ended_by_another();
    check(&world, 0, 6, 5, None);
    let mut space = Space::new(&world);
    let trace = replay(&mut space, &Schedule::parse("bob:1,ann,bob").expect("a schedule")).expect("it runs");
    let last = trace.moments.last().expect("two steps").after.clone();
    assert_eq!(trace.moments.len(), 2);
    assert_eq!(space.readiness(&last, Actor(1)), Readiness::Finished);
    assert_eq!(
        space.standing(&last, Actor(1)).map(|bob| bob.call()),
        Some(1),
        "he stands where he was stopped"
    );
    assert_eq!(space.possible(&last).len(), 1, "only ann's crash is left");
}

#[test]
#[should_panic(expected = "ann in call 0 wants Some(Add(0, ")]
#[expect(clippy::disallowed_types, reason = "the order of a HashSet is what is to be caught")]
fn an_actor_that_goes_by_hash_order_is_caught_when_everything_is_done_twice() {
    let world = Bench::new(&[("ann", &["Work"])], |_, _, _, steps| {
        Box::pin(async move {
            let any: std::collections::HashSet<i64> = (0..1_000_000).collect();
            let any = any.iter().next();
            steps.step(Op::Add(0, *any.expect("a million numbers"))).await
        })
    });
    Space::checking(&world);
}

/// What the checking mode says of a world.
fn caught(world: &Bench, crashes_max: usize) -> String {
    let limits = Limits { crashes_max, whole_graph: true, ..Limits::default() };
    let look = || explore(&mut Space::checking(world), &limits).states;
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(look));
    let panicked = panicked.expect_err("two maps of ten thousand numbers have two orders");
    let told = panicked.downcast_ref::<String>().expect("an assertion has a text").clone();
    assert!(told.starts_with("done twice, it gave two results"), "{told}");
    told
}

#[test]
fn a_machine_that_answers_by_hash_order_is_caught_with_both_answers_and_who_asked() {
    let mut world = counter(true, false);
    world.start.strays = Some(Stray::Answer);
    let told = caught(&world, 0);
    assert!(told.contains("Add(0, 1) of ann: Answered("), "{told}");
    assert!(told.contains("), then Answered("), "{told}");
}

#[test]
fn a_machine_that_changes_by_hash_order_is_caught_with_where_the_two_begin_to_differ() {
    let mut world = counter(true, false);
    world.start.strays = Some(Stray::Change);
    let told = caught(&world, 0);
    assert!(told.contains("Add(0, 1) of ann leaves `...Cells { numbers: ["), "{told}");
}

#[test]
fn a_crash_that_leaves_what_hash_order_says_is_caught() {
    let mut world = counter(true, false);
    world.start.strays = Some(Stray::Crash);
    let told = caught(&world, 1);
    assert!(told.contains("a fault leaves `...Some(Cells { numbers: ["), "{told}");
}

#[test]
fn a_judgement_by_hash_order_is_caught() {
    let world = counter(true, false).breaks(|_, _| Some(any().to_string().leak()));
    let told = caught(&world, 0);
    assert!(told.contains("what is broken is Some(\"") && told.contains("\"), then Some(\""), "{told}");
}

#[test]
fn done_twice_a_world_that_is_a_function_gives_the_same_results() {
    let world = crate::machines::tiny::any_tiny(1);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..50 {
        let tiny = proptest::strategy::Strategy::new_tree(&world, &mut runner).expect("a program");
        let tiny = proptest::strategy::ValueTree::current(&tiny);
        let limits = Limits { crashes_max: tiny.crashes_max, ..Limits::default() };
        let bench = tiny.bench();
        assert_eq!(explore(&mut Space::checking(&bench), &limits), explore(&mut Space::new(&bench), &limits));
    }
}
