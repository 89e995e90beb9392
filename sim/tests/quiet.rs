//! What is judged beside states: a state at rest, and a step at the moment when it is taken; and a call left alone.

use mapisim_sim::action::Action;
use mapisim_sim::alone;
use mapisim_sim::explore::{Counterexample, Limits, Verdict, explore};
use mapisim_sim::random;
use mapisim_sim::replay::replay;
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::Space;
use mapisim_sim::world::{Actor, Process, World};

use crate::machines::cells::{Bench, Op};

const ANN: Action = Action::Step(Actor(0));
const BOB: Action = Action::Step(Actor(1));

/// Ann puts 1 into cell 0 and takes it out again; Bob looks at the cell once and keeps what he saw.
fn tidy() -> Bench {
    Bench::new(&[("ann", &["Put", "Take"]), ("bob", &["Look"])], |actor, call, _, steps| {
        Box::pin(async move {
            let op = match (actor.0, call) {
                (0, 0) => Op::Store(0, 1),
                (0, _) => Op::Store(0, 0),
                _ => Op::Load(0),
            };
            steps.step(op).await
        })
    })
}

/// At rest cell 0 must be empty.
fn left_behind(world: Bench) -> Bench {
    world.at_rest("left behind", |view| view.machine().numbers[0] != 0)
}

fn found(world: &Bench, crashes_max: usize) -> Option<Counterexample<&'static str>> {
    let limits = Limits { crashes_max, ..Limits::default() };
    match explore(&mut Space::new(world), &limits).verdict {
        Verdict::Broken(found) => Some(found),
        Verdict::Holds => None,
        Verdict::RanOut => panic!("the bound is far away"),
    }
}

#[test]
fn a_state_in_which_somebody_can_run_is_not_judged_as_one_at_rest() {
    assert_eq!(found(&left_behind(tidy()), 0), None, "the cell is full only while ann has a step left");
}

#[test]
fn what_a_crash_leaves_behind_is_found_once_the_others_have_ended() {
    let world = left_behind(tidy());
    let found = found(&world, 1).expect("ann may be killed between her two steps");
    assert_eq!(found.property, "left behind");
    assert_eq!((found.actions.len(), found.actions.contains(&Action::Crash(Process(0)))), (3, true));
    let schedule = Schedule::exact(&found.actions, world.cast());
    let trace = replay(&mut Space::new(&world), &schedule).expect("it replays");
    assert_eq!(trace.broken, Some((3, "left behind")));
}

#[test]
fn a_state_at_rest_is_judged_though_a_crash_could_still_happen() {
    let world = left_behind(Bench::new(&[("ann", &["Put"])], |_, _, _, steps| {
        Box::pin(async move { steps.step(Op::Store(0, 1)).await })
    }));
    assert_eq!(found(&world, 1).map(|found| found.actions), Some(vec![ANN]));
    for run in 0..20 {
        let limits = Limits { crashes_max: 1, ..Limits::default() };
        let trace = random::run(&mut Space::new(&world), &limits, 1, run);
        let stored = trace.actions().first() == Some(&ANN);
        assert_eq!(trace.broken, stored.then_some((1, "left behind")), "run {run}");
    }
    let schedule = Schedule::parse("ann,kill ann").expect("a schedule");
    let trace = replay(&mut Space::new(&world), &schedule).expect("it replays");
    assert_eq!(trace.broken, Some((1, "left behind")), "it was at rest before the crash");
}

#[test]
fn a_deadlock_is_no_rest() {
    let world = left_behind(Bench::new(&[("ann", &["Put and wait"])], |_, _, _, steps| {
        Box::pin(async move {
            steps.step(Op::Store(0, 1)).await;
            steps.step(Op::Await(1)).await
        })
    }));
    assert_eq!(found(&world, 0), None, "nobody asks for deadlocks, and who waits is not at rest");
    assert_eq!(found(&world.deadlock("stuck"), 0).map(|found| found.property), Some("stuck"));
}

#[test]
fn of_what_breaks_on_equally_short_runs_the_first_in_order_counts_whatever_its_kind() {
    let world = |rest| {
        Bench::new(&[("ann", &["Put"])], |_, _, _, steps| {
            Box::pin(async move { steps.step(Op::Store(0, 1)).await })
        })
        .breaks(|cells, _| (cells.numbers[0] == 1).then_some("m"))
        .at_rest(rest, |view| view.machine().numbers[0] == 1)
    };
    for (rest, property) in [("a", "a"), ("z", "m")] {
        let world = world(rest);
        assert_eq!(found(&world, 0).map(|found| found.property), Some(property));
        let trace = replay(&mut Space::new(&world), &Schedule { turns: Vec::new() }).expect("it replays");
        assert_eq!(trace.broken, Some((1, property)));
    }
}

/// Bob is wrong where he saw the cell full and it is full as he returns: at his own step only.
fn told_of_the_full(world: Bench) -> Bench {
    world.step_breaks(|scene| {
        let (actor, op, answer) = scene.step().expect("only steps are asked about");
        let full = actor == Actor(1) && *op == Op::Load(0) && *answer == 1;
        full.then_some("saw it full")
    })
}

#[test]
fn a_step_is_judged_when_it_is_taken_and_the_state_it_leads_to_stays_as_it_was() {
    let world = told_of_the_full(tidy());
    assert_eq!(found(&world, 0).map(|found| found.actions), Some(vec![ANN, BOB]));
    let all = |world: &Bench| {
        let limits = Limits { whole_graph: true, ..Limits::default() };
        explore(&mut Space::new(world), &limits)
    };
    assert_eq!(all(&world).states, all(&tidy()).states, "judging steps splits no state");
    let trace = |text: &str| {
        let schedule = Schedule::parse(text).expect("a schedule");
        replay(&mut Space::new(&world), &schedule).expect("it replays").broken
    };
    assert_eq!(trace("ann:1,bob:1"), Some((2, "saw it full")));
    assert_eq!(trace("bob:1,ann"), None);
}

#[test]
fn a_step_into_a_state_that_is_known_already_is_judged_too() {
    // Both ways lead to one state; only the second, by Bob's step, is wrong.
    let world = Bench::new(&[("ann", &["Put"]), ("bob", &["Say"])], |actor, _, _, steps| {
        Box::pin(async move {
            steps.step(Op::Store(usize::from(actor.0), 1)).await;
            0
        })
    });
    let world = world.step_breaks(|scene| {
        let (actor, ..) = scene.step().expect("only steps are asked about");
        (actor == Actor(1) && scene.machine_before().numbers[0] == 1).then_some("said it late")
    });
    assert_eq!(found(&world, 0).map(|found| found.actions), Some(vec![ANN, BOB]));
}

#[test]
fn of_the_steps_that_break_it_the_one_with_fewest_switches_is_told() {
    // Bob's step breaks it once Ann has taken two; she may take them together.
    let world = Bench::new(&[("ann", &["Add"; 2]), ("bob", &["Add"; 2])], |_, _, _, steps| {
        Box::pin(async move {
            steps.step(Op::Add(0, 1)).await;
            0
        })
    });
    let world = world.step_breaks(|scene| (scene.machine_after().numbers[0] == 4).then_some("four"));
    assert_eq!(found(&world, 0).map(|found| found.actions), Some(vec![ANN, ANN, BOB, BOB]));
}

#[test]
fn a_call_left_alone_runs_to_its_end_or_stops_where_it_has_to_wait() {
    let mut cells = tidy().machine();
    let mut seen = Vec::new();
    let sum = alone(
        &mut cells,
        Actor(1),
        async |steps| {
            let sum = steps
                .frame("sum", async || steps.step(Op::Add(0, 2)).await + steps.step(Op::Add(0, 3)).await);
            sum.await + steps.step(Op::Load(0)).await
        },
        |before, op, answer, after| seen.push((before.numbers[0], *op, *answer, after.numbers[0])),
    );
    assert_eq!(sum, Some(2 + 5 + 5));
    assert_eq!(seen, [(0, Op::Add(0, 2), 2, 2), (2, Op::Add(0, 3), 5, 5), (5, Op::Load(0), 5, 5)]);
    let waited = alone(&mut cells, Actor(1), async |steps| steps.step(Op::Await(1)).await, |_, _, _, _| {});
    assert_eq!((waited, cells.numbers[1]), (None, 0));
}
