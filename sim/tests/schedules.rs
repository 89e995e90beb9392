//! Schedules: as values, as text, replayed, and where they diverge.

use mapisim_sim::action::Action;
use mapisim_sim::explore::Limits;
use mapisim_sim::random;
use mapisim_sim::replay::{Trace, replay};
use mapisim_sim::schedule::{Schedule, Turn, Until};
use mapisim_sim::space::Space;
use mapisim_sim::world::{Actor, Cast, Process};
use proptest::prelude::*;

use crate::machines::cells::{Bench, Op};
use crate::machines::tiny::any_tiny;

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        2 => "[a-z ,:\"\\\\\u{a0}\u{2003}é\n]{0,6}",
        1 => prop::sample::select(vec!["kill", "end", "crash", "machine", "keeping", "and", "through", "", " ", "a through b", "kill a", "a:5", "\"", "\\", "a,b", "events.exe/main"])
            .prop_map(str::to_owned),
    ]
}

fn any_turn() -> impl Strategy<Value = Turn> {
    let until = prop_oneof![
        Just(Until::End),
        any::<u32>().prop_map(Until::Steps),
        any_name().prop_map(Until::Returned),
    ];
    prop_oneof![
        4 => (any_name(), until).prop_map(|(actor, until)| Turn::Run { actor, until }),
        1 => any_name().prop_map(|process| Turn::Crash { process }),
        1 => any_name().prop_map(|actor| Turn::End { actor }),
        1 => prop::collection::vec(any_name(), 0..3).prop_map(|kept| Turn::Fail { kept }),
    ]
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn every_schedule_reads_back_from_its_text(turns in prop::collection::vec(any_turn(), 0..6)) {
        let schedule = Schedule { turns };
        let text = schedule.to_string();
        prop_assert_eq!(Schedule::parse(&text), Ok(schedule), "{}", text);
    }

    #[test]
    fn no_text_makes_the_reader_stumble_and_what_it_reads_it_writes_the_same_way(text in any_name()) {
        match Schedule::parse(&text) {
            Ok(schedule) => prop_assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule)),
            Err(bad) => {
                prop_assert!(text.is_char_boundary(bad.at));
                prop_assert_eq!(text[..bad.at].chars().count(), bad.character);
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn the_exact_schedule_of_any_run_replays_to_the_same_trace(tiny in any_tiny(2), seed in any::<u64>()) {
        let world = tiny.bench();
        let mut space = Space::new(&world);
        let limits = Limits { crashes_max: tiny.crashes_max, ..Limits::default() };
        let run = random::run(&mut space, &limits, seed, 0);
        let schedule = Schedule::exact(&run.actions(), &world.cast);
        let schedule = Schedule::parse(&schedule.to_string()).expect("it reads back");
        let again = replay(&mut space, &schedule).expect("it replays");
        // A run ends where something breaks; a replay runs what is left.
        prop_assert_eq!(&again.moments[..run.moments.len()], &run.moments[..]);
        prop_assert_eq!(again.initial, run.initial);
        if run.broken.is_some() {
            prop_assert_eq!(again.broken, run.broken);
        } else {
            prop_assert_eq!(again.moments.len(), run.moments.len());
        }
    }
}

#[test]
fn a_text_that_is_no_schedule_is_told_where_and_what_was_expected() {
    for (text, expected) in [
        ("ann,", "expected a thread's name, `kill`, `end` or `crash machine` at character 5"),
        (",ann", "expected a thread's name, `kill`, `end` or `crash machine` at character 1"),
        ("ann bob", "expected `,` or the end at character 5"),
        ("é:", "expected a number of steps, 0 to 4294967295 at character 3"),
        ("ann:4294967296", "expected a number of steps, 0 to 4294967295 at character 5"),
        ("end", "expected the name of the thread to end at character 4"),
        ("kill", "expected the name of the process to kill at character 5"),
        ("ann through ", "expected a call's name at character 13"),
        ("\"ann", "expected `\"` at character 5"),
        ("\"a\\nn\"", "expected `\"` or `\\` after `\\` at character 4"),
    ] {
        let told = Schedule::parse(text).map_err(|bad| bad.to_string());
        assert_eq!(told, Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn spaces_around_turns_do_not_matter() {
    let tight = Schedule::parse("ann:2,kill \"b c\",ann through Add").expect("a schedule");
    let loose = Schedule::parse("  ann:2 ,\tkill   \"b c\" , ann   through   Add ").expect("a schedule");
    assert_eq!(tight, loose);
    assert_eq!(tight.to_string(), "ann:2,kill \"b c\",ann through Add");
    assert_eq!(Schedule::parse(" "), Ok(Schedule::default()));
}

#[test]
fn neighbouring_steps_of_one_actor_are_one_turn_and_a_crash_comes_between() {
    let mut cast = Cast::default();
    let process = cast.process("kill");
    let actors = [cast.actor(process, "a b"), cast.actor(process, "c")];
    let [one, two] = actors.map(Action::Step);
    let crash = Action::Crash(process);
    let told = |actions: &[Action]| Schedule::exact(actions, &cast).to_string();
    assert_eq!(told(&[one, one, two, one, crash, one]), "\"a b\":2,c:1,\"a b\":1,kill \"kill\",\"a b\":1");
    assert_eq!(told(&[]), "");
}

/// Ann adds 1 to cell 0 in each call, but for `Rest`, which takes no step; bob waits for cell 1.
fn adding(calls: &'static [&'static str]) -> Bench {
    Bench::new(&[("ann", calls), ("bob", &["Wait"])], move |actor, index, _, steps| {
        Box::pin(async move {
            if actor == Actor(1) {
                steps.step(Op::Await(1)).await;
            } else if calls[index] == "Raise" {
                steps.step(Op::Store(1, 1)).await;
            } else if calls[index] != "Rest" {
                steps.step(Op::Add(0, 1)).await;
                steps.step(Op::Add(0, 1)).await;
            }
            0
        })
    })
}

/// Replays `schedule` and then, to stop there, kills ann: how far she got.
fn ann_after(calls: &'static [&'static str], schedule: &str) -> Result<i64, String> {
    let world = adding(calls);
    let mut space = Space::new(&world);
    let schedule = Schedule::parse(&format!("{schedule},kill ann")).expect("a schedule");
    let trace = replay(&mut space, &schedule).map_err(|diverged| diverged.why)?;
    Ok(space.machine(&trace.moments.last().expect("a crash").after).numbers[0])
}

#[test]
fn a_turn_through_a_call_ends_when_the_next_such_call_has_returned() {
    const CALLS: &[&str] = &["Add", "Rest", "Add", "Sub", "Rest", "Add"];
    for (schedule, steps) in [
        ("ann through Add", Ok(2)),
        ("ann through Add,ann through Add", Ok(4)),
        ("ann through Add,ann through Add,ann through Add", Ok(8)),
        ("ann:1,ann through Add", Ok(2)),
        ("ann:2,ann through Add", Ok(4)),
        ("ann:3,ann through Add", Ok(4)),
        ("ann through Sub", Ok(6)),
        ("ann through Sub,ann through Add", Ok(8)),
        // Calls that take no step return with the step before, and can be run through by name all the same.
        ("ann through Rest", Ok(2)),
        ("ann through Add,ann through Rest", Ok(2)),
        ("ann:2,ann through Rest", Ok(2)),
        ("ann through Rest,ann through Rest", Ok(6)),
        ("ann through Rest,ann through Rest,ann through Add", Ok(8)),
        ("ann:3,ann through Rest", Ok(6)),
        ("ann through Sub,ann through Sub", Err("ann has no further call of Sub")),
        ("ann through Rest,ann through Rest,ann through Rest", Err("ann has no further call of Rest")),
        ("ann,ann through Add", Err("ann has no further call of Add")),
        ("ann through Nothing", Err("ann has no further call of Nothing")),
        ("ann:0", Ok(0)),
        ("ann:8", Ok(8)),
        ("ann,ann", Ok(8)),
    ] {
        assert_eq!(ann_after(CALLS, schedule), steps.map_err(str::to_owned), "{schedule}");
    }
    assert_eq!(ann_after(&["Rest", "Add"], "ann through Rest"), Ok(0), "one that takes no step comes first");
    assert_eq!(ann_after(&["Rest", "Rest"], "ann through Rest,ann through Rest"), Ok(0));
}

#[test]
fn what_cannot_happen_diverges_and_says_where_why_and_what_could() {
    let world = adding(&["Add", "Raise"]);
    let tail =
        "the schedule belongs to another scenario or algorithm, or the model changed since it was written";
    for (schedule, told) in [
        (
            "ann:1,bob",
            "turn 2 is `bob`, but after step 1 bob has to wait for another; only [ann, kill ann, kill bob] can \
             happen there",
        ),
        (
            "bob:1",
            "turn 1 is `bob:1`, but after step 0 bob has to wait for another; only [ann, kill ann, kill bob] can \
             happen there",
        ),
        (
            "ann:4",
            "turn 1 is `ann:4`, but after step 3 ann has ended; only [bob, kill ann, kill bob] can happen there",
        ),
        (
            "kill ann,ann:1",
            "turn 2 is `ann:1`, but after step 1 ann was killed; only [kill bob] can happen there",
        ),
        (
            "kill ann,ann through Add",
            "turn 2 is `ann through Add`, but after step 1 ann was killed; only [kill bob] can happen there",
        ),
        (
            "kill bob,kill bob",
            "turn 2 is `kill bob`, but after step 1 bob does not live any more; only [ann, kill ann] can happen there",
        ),
        (
            "ann through Add,\"Bob\"",
            "turn 2 is `Bob`, but after step 2 there is no thread `Bob`; only [ann, kill ann, kill bob] can happen \
             there",
        ),
        (
            "kill Bob",
            "turn 1 is `kill Bob`, but after step 0 there is no process `Bob`; only [ann, kill ann, kill bob] can \
             happen there",
        ),
        (
            "ann,bob through Rest",
            "turn 2 is `bob through Rest`, but after step 3 bob has no further call of Rest; only [bob, kill ann, \
             kill bob] can happen there",
        ),
    ] {
        let diverged = replay(&mut Space::new(&world), &Schedule::parse(schedule).expect("a schedule"));
        assert_eq!(diverged.map_err(|it| it.to_string()), Err(format!("{told}: {tail}")));
    }
}

#[test]
fn a_call_that_never_returns_because_its_process_was_ended_diverges() {
    let world = Bench::new(&[("ann", &["End"]), ("bob", &["Add"])], |actor, _, _, steps| {
        Box::pin(async move {
            steps.step(if actor == Actor(0) { Op::End(Process(1)) } else { Op::Add(0, 1) }).await;
            0
        })
    });
    let run = |text| replay(&mut Space::new(&world), &Schedule::parse(text).expect("a schedule"));
    assert_eq!(run("ann,bob through Add").map_err(|it| it.why), Err("bob has ended".to_owned()));
    assert_eq!(run("ann,bob:1").map_err(|it| it.why), Err("bob has ended".to_owned()));
    assert_eq!(run("ann,bob").map(|trace| trace.moments.len()), Ok(1), "to its end: it is there already");
}

#[test]
fn what_is_left_runs_actor_by_actor_and_who_has_to_wait_goes_on_when_he_can() {
    let order = |trace: Trace<&str>| -> Vec<u16> {
        let actor =
            |action| if let Action::Step(actor) = action { actor.0 } else { unreachable!("no crashes") };
        trace.actions().into_iter().map(actor).collect()
    };
    // Bob is first in the cast and waits for ann.
    let world = Bench::new(
        &[("bob", &["Wait", "Add"]), ("ann", &["Raise"]), ("cat", &["Add"])],
        |actor, index, _, steps| {
            Box::pin(async move {
                steps
                    .step(match (actor.0, index) {
                        (0, 0) => Op::Await(1),
                        (1, _) => Op::Store(1, 1),
                        _ => Op::Add(0, 1),
                    })
                    .await
            })
        },
    );
    let run =
        |text| replay(&mut Space::new(&world), &Schedule::parse(text).expect("a schedule")).expect("it runs");
    assert_eq!(order(run("")), [1, 2, 0, 0]);
    assert_eq!(order(run("cat")), [2, 1, 0, 0]);
    assert_eq!(order(run("ann,bob:1")), [1, 0, 0, 2]);
}

#[test]
fn a_deadlock_is_noticed_where_it_happens_though_a_crash_leads_out_of_it() {
    let world = Bench::new(&[("ann", &["Wait"]), ("bob", &["Wait"])], |_, _, _, steps| {
        Box::pin(async move { steps.step(Op::Await(0)).await })
    });
    let world = world.deadlock("stuck");
    let run =
        |text| replay(&mut Space::new(&world), &Schedule::parse(text).expect("a schedule")).expect("it runs");
    assert_eq!(run("kill ann,kill bob").broken, Some((0, "stuck")));
}

#[test]
fn a_run_is_broken_by_what_breaks_first_whatever_comes_later() {
    let world = Bench::new(&[("ann", &["Work"])], |_, _, _, steps| {
        Box::pin(async move {
            steps.step(Op::Add(0, 1)).await;
            steps.step(Op::Add(0, 1)).await;
            steps.step(Op::Await(1)).await
        })
    });
    let world = world.breaks(|cells, _| (cells.numbers[0] == 1).then_some("cell")).deadlock("a deadlock");
    let trace = replay(&mut Space::new(&world), &Schedule::default()).expect("it runs");
    assert_eq!((trace.moments.len(), trace.broken), (2, Some((1, "cell"))));
}

#[test]
fn a_script_that_never_ends_is_cut_and_says_so() {
    let world = Bench::new(&[("ann", &["Spin"])], |_, _, _, steps| {
        Box::pin(async move {
            let round = async |(): ()| {
                steps.step(Op::Load(0)).await;
                std::ops::ControlFlow::<i64>::Continue(())
            };
            steps.iterate("spin", (), round).await
        })
    });
    let found = mapisim_sim::explore::explore(&mut Space::new(&world), &Limits::default());
    assert_eq!((found.states, found.transitions), (2, 2), "a search sees a loop of one state");
    for text in ["", "ann:4000000000", "ann through Spin"] {
        let trace =
            replay(&mut Space::new(&world), &Schedule::parse(text).expect("a schedule")).expect("it runs");
        assert!(trace.cut, "{text}");
        assert_eq!(trace.moments.len(), mapisim_sim::replay::STEPS_MAX);
    }
}

#[test]
#[should_panic(expected = "two actors are named `ann`")]
fn two_actors_of_one_name_are_refused() {
    let mut cast = Cast::default();
    let process = cast.process("p");
    assert_eq!([cast.actor(process, "ann"), cast.actor(process, "ann")], [Actor(0), Actor(1)]);
}

#[test]
#[should_panic(expected = "two processes are named `p`")]
fn two_processes_of_one_name_are_refused() {
    let mut cast = Cast::default();
    assert_eq!([cast.process("p"), cast.process("p")], [Process(0), Process(1)]);
}
