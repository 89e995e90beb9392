//! Is a run that is carried over to another build the same order there, and is the difference told?
//!
//! - carried over to its own build a run is itself; to any build it is a run that replays
//! - a step that waits, a fault, and a turn that ends within a call
//! - what `show --against` prints: snapshots, widths, JSON, what is refused
//!
//! Worlds are drawn from a fixed seed, so that a failure is there again in the next run.

use mapisim::cells::{Cell, CellResult, Checked, Running, run_one};
use mapisim::cli::Status;
use mapisim::digest::digest;
use mapisim_model::carry::{Carried, carry_over};
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::os::syscall::Syscall;
use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::Scenario;
use mapisim_model::trace::{Run, Step, Who};
use mapisim_model::world::World;
use mapisim_sim::random;
use mapisim_sim::{Schedule, Space, World as _};
use mapisim_tests::command::{mapisim, mapisim_at, transcript};
use mapisim_tests::generate::{Kind, checked, world};
use mapisim_tests::{file, scenario};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const BUG_1: &str = "scenarios/article/bug-1.json";
const BUG_2: &str = "scenarios/article/bug-2.json";
const EVERY_ORDER: &str = "scenarios/article/bug-2-every-order.json";

fn look(scenario: &Scenario, build: Build) -> Checked {
    let running = Running {
        states_max: 20_000,
        bytes_max: usize::MAX,
        twice: false,
        whole_max: usize::MAX,
        jobs: None,
        go_on: &|| true,
        in_time: &|| true,
        finished: &|| {},
    };
    match run_one(Cell { scenario, build }, &running) {
        CellResult::Checked(checked) => *checked,
        CellResult::Diverged(why) | CellResult::Panicked(why) => panic!("{why}\n{}", scenario.file.to_text()),
    }
}

fn read(path: &str) -> Scenario {
    scenario(path, &file(path))
}

fn build(name: &str) -> Build {
    Build::from_id(name).expect("there is such a build")
}

/// The scenario with a schedule.
fn in_order(scenario: &Scenario, schedule: &str) -> Scenario {
    let schedule = Schedule::parse(schedule).expect("it was printed by a run");
    Scenario { schedule: Some(schedule), ..scenario.clone() }
}

/// A run drawn at random, faults included, as people look at it.
fn drawn(scenario: &Scenario, build: Build, run: u64) -> Checked {
    let world = World::new(scenario, build);
    let mut space = Space::new(&world);
    let trace = random::run(&mut space, &scenario.limits(), 7, run);
    let schedule = Schedule::exact(&trace.actions(), space.world().cast()).to_string();
    look(&in_order(scenario, &schedule), build)
}

/// What any carried run has to be: a run that replays to itself, in which every thread makes its calls in order, with
/// pairs that go forward in each call.
fn assert_is_a_run(scenario: &Scenario, run: &Run, build: Build, carried: &Carried) {
    let other = carried.outcome.run.as_ref().expect("there is a run");
    let again = look(&in_order(scenario, &other.schedule), build);
    assert_eq!(again.digest, digest(&carried.outcome), "{}", other.schedule);
    let place = |run: &Run, step: usize| {
        let step = run.step(step);
        (step.who, step.call.as_ref().map(|call| call.index))
    };
    let mut seen = Vec::new();
    for (here, there) in &carried.pairs {
        let machine = matches!(run.step(*here).who, Who::Machine(_));
        assert!(machine || place(run, *here) == place(other, *there), "steps {here} and {there}");
        assert!(!seen.contains(there), "step {there} is the counterpart of two");
        seen.push(*there);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x6d61_7069),
        ..ProptestConfig::default()
    })]

    #[test]
    fn carried_over_to_its_own_build_a_run_is_itself(file in world(Kind::WORST), run in 1..20_u64) {
        let scenario = checked(&file);
        for algorithm in [Algorithm::Original, Algorithm::Patched, Algorithm::Lease] {
            let build = Build::All(algorithm);
            let first = drawn(&scenario, build, run);
            let told = first.outcome.run.as_ref().expect("a scheduled run is recorded");
            let carried = carry_over(&scenario, told, build);
            let other = carried.outcome.run.as_ref().expect("there is a run");
            prop_assert_eq!(&told.schedule, &other.schedule, "{}", file.to_text());
            prop_assert_eq!(&first.digest, &digest(&carried.outcome));
            prop_assert!(carried.pairs.iter().all(|(here, there)| here == there));
            prop_assert_eq!(carried.pairs.len(), told.steps.len());
            prop_assert_eq!(carried.waits.len(), 0);
        }
    }

    #[test]
    fn carried_over_to_any_build_a_run_is_one_that_replays(file in world(Kind::WORST), run in 1..20_u64) {
        let scenario = checked(&file);
        let first = drawn(&scenario, Build::AsInstalled, run);
        let told = first.outcome.run.as_ref().expect("a scheduled run is recorded");
        for algorithm in Algorithm::ALL {
            let build = Build::All(algorithm);
            assert_is_a_run(&scenario, told, build, &carry_over(&scenario, told, build));
        }
    }
}

#[test]
fn the_counterexamples_of_the_story_are_carried_over_to_what_holds() {
    for (path, one, other) in [
        (BUG_1, "original", "sid-suffix"),
        (BUG_1, "original", "patched"),
        (BUG_2, "original", "global-section"),
        (BUG_2, "sid-suffix", "patched"),
        (BUG_2, "original", "lease"),
        (EVERY_ORDER, "original", "patched"),
        (EVERY_ORDER, "sid-suffix", "lease"),
    ] {
        let scenario = read(path);
        let first = look(&scenario, build(one));
        assert!(matches!(first.outcome.verdict, Verdict::Broken(_)), "{path} {one}");
        let run = first.outcome.run.as_ref().expect("a counterexample");
        let carried = carry_over(&scenario, run, build(other));
        assert_is_a_run(&scenario, run, build(other), &carried);
        assert_eq!(carried.outcome.verdict, Verdict::Holds, "{path} {one} {other}");
        // And back, where the order could be kept: what broke breaks again.
        let back = carried.outcome.run.as_ref().expect("a run");
        if !carried.waits.is_empty() {
            continue;
        }
        let back = carry_over(&scenario, back, build(one));
        assert!(matches!(back.outcome.verdict, Verdict::Broken(_)), "{path} {other} {one}: {:?}", back.waits);
    }
}

#[test]
fn who_has_to_wait_goes_on_as_soon_as_it_can() {
    let scenario = read(EVERY_ORDER);
    let first = look(&scenario, build("original"));
    let run = first.outcome.run.as_ref().expect("a counterexample");
    // events.exe is still in DeleteProfile when outlook.exe sweeps; with one lock for both it has to give it back first.
    let carried = carry_over(&scenario, run, build("patched"));
    let wait = carried.waits.first().expect("outlook.exe has to wait");
    let other = carried.outcome.run.as_ref().expect("a run");
    assert_eq!((wait.thread, wait.owner), (1, Some(0)));
    assert!(wait.object.contains("MAPI-Lock-"), "{}", wait.object);
    let given_back = other.steps[wait.after..]
        .iter()
        .position(|step| step.who == Who::Thread(0) && step.object.as_deref() == Some(&wait.object));
    let given_back = wait.after + given_back.expect("the lock is given back");
    assert_eq!(other.steps[given_back + 1].who, Who::Thread(1), "it goes on at once");
}

#[test]
fn a_fault_comes_between_the_same_turns() {
    let scenario = read(BUG_2);
    for schedule in [
        "events.exe through DeleteProfile,kill events.exe,outlook.exe",
        "events.exe:29,kill events.exe,outlook.exe",
        "events.exe through MAPILogonEx,outlook.exe:10,kill events.exe,outlook.exe",
    ] {
        let scenario = in_order(&scenario, schedule);
        let first = look(&scenario, build("original"));
        let run = first.outcome.run.as_ref().expect("a scheduled run");
        for other in ["patched", "lease"] {
            let carried = carry_over(&scenario, run, build(other));
            assert_is_a_run(&scenario, run, build(other), &carried);
            let told = carried.outcome.run.as_ref().expect("a run");
            let kill =
                told.steps.iter().find(|step| step.who == Who::Killed(0)).expect("events.exe is killed");
            let calls = |run: &Run, before: usize| {
                let steps = run.steps[..before].iter().rev();
                let mut calls = steps.filter(|step| step.who == Who::Thread(0));
                calls.next().and_then(|step| step.call.as_ref().map(|call| call.index))
            };
            let killed = run.steps.iter().position(|step| step.who == Who::Killed(0)).expect("it is killed");
            assert_eq!(
                calls(run, killed),
                calls(told, kill.number - 1),
                "{schedule} {other}: in the same call"
            );
        }
    }
}

#[test]
fn who_dies_half_way_dies_half_way_there_too() {
    let scenario = read("scenarios/open/delete-dies-half-way.json");
    let first = look(&scenario, build("patched"));
    let run = first.outcome.run.as_ref().expect("a counterexample");
    let deleted = |run: &Run, who: usize| {
        let steps = run.steps.iter().filter(|step| step.who == Who::Thread(who));
        let object = |step: &Step| step.object.clone().filter(|path| path.contains(r"\Old\"));
        let deletes = |step: &&Step| matches!(step.syscall, Some(Syscall::RegDeleteKey { .. }));
        steps.filter(deletes).filter_map(object).collect::<Vec<_>>()
    };
    let carried = carry_over(&scenario, run, build("lease"));
    let other = carried.outcome.run.as_ref().expect("a run");
    let (here, there) = (deleted(run, 0), deleted(other, 0));
    assert!(here.len() == 1 && there.len() < 3, "{here:?} {there:?}");
    assert_eq!(here.last(), there.last(), "it stops behind the deletion of the same key");
}

#[test]
fn every_story_of_what_is_open_can_be_carried_over() {
    let ran = mapisim(&["run", "scenarios/article", "scenarios/open", "scenarios/mixed", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let mut carried = 0;
    for outcome in report["outcomes"].as_array().expect("outcomes") {
        let word = |field: &str| outcome[field].as_str().expect("text");
        if word("verdict") == "broken" && (word("algorithm") == "original" || word("algorithm") == "patched")
        {
            let scenario = read(word("scenario"));
            let first = look(&scenario, build(word("algorithm")));
            let Some(run) = &first.outcome.run else { continue };
            let other = if word("algorithm") == "original" { "patched" } else { "lease" };
            assert_is_a_run(&scenario, run, build(other), &carry_over(&scenario, run, build(other)));
            carried += 1;
        }
    }
    assert!(carried >= 40, "only {carried}");
}

#[test]
fn two_runs_are_told_side_by_side() {
    let against = |path, one, other| ["show", path, "--algorithm", one, "--against", other];
    insta::assert_snapshot!("against-bug-2", transcript(100, &against(BUG_2, "original", "patched")));
    insta::assert_snapshot!("against-bug-2-60", transcript(60, &against(BUG_2, "original", "patched")));
    insta::assert_snapshot!("against-bug-2-140", transcript(140, &against(BUG_2, "original", "patched")));
    insta::assert_snapshot!("against-bug-1", transcript(100, &against(BUG_1, "original", "sid-suffix")));
    insta::assert_snapshot!("against-lease", transcript(100, &against(BUG_2, "original", "lease")));
    insta::assert_snapshot!("against-broken-too", transcript(100, &against(BUG_2, "original", "sid-suffix")));
    insta::assert_snapshot!(
        "against-searched",
        transcript(100, &against(EVERY_ORDER, "original", "patched"))
    );
    insta::assert_snapshot!("against-back", transcript(100, &against(BUG_2, "patched", "original")));
    insta::assert_snapshot!("against-same", transcript(100, &against(BUG_2, "patched", "patched-2008")));
    let open = "scenarios/open/uninitialise-forgets-sessions.json";
    insta::assert_snapshot!("against-open", transcript(100, &against(open, "patched", "lease")));
}

#[test]
fn the_page_on_it_shows_what_is_printed() {
    let page = file("docs/against.md");
    let block = page.split("```console\n").nth(1).and_then(|rest| rest.split("```").next());
    let (command, shown) = block.and_then(|block| block.split_once('\n')).expect("a block with a command");
    let arguments: Vec<&str> = command.split(' ').skip(2).collect();
    let told = mapisim(&arguments).out;
    let parts = shown.split("[...]\n").filter(|part| !part.is_empty());
    assert!(parts.clone().count() >= 1 && shown.lines().count() > 20, "{shown}");
    for part in parts {
        assert!(told.contains(part), "{command} does not print\n{part}\nbut\n{told}");
    }
}

#[test]
fn a_build_that_holds_in_this_order_only_is_said_to_and_how_to_see_the_other() {
    // Whoever starts first decides, so one order says little.
    let path = "scenarios/article/bug-2.json";
    let order = "outlook.exe,events.exe";
    let arguments = ["show", path, "--algorithm", "patched", "--schedule", order, "--against", "original"];
    let told = mapisim(&arguments);
    assert_eq!(told.status, Status::AsExpected, "{}", told.err);
    let mut lines = told.out.lines().map(str::trim);
    let command =
        lines.find(|line| line.starts_with("mapisim show")).expect("a command on a line of its own");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let schedule = command.split_once("--schedule ").expect("a schedule").1.trim_matches('\'');
    let words = [&words[..words.len().min(5)], &[schedule][..]].concat();
    let shown = mapisim(&words.iter().map(|word| word.trim_matches('\'')).collect::<Vec<_>>());
    assert_eq!(shown.status, Status::Broken, "{command}\n{}", shown.err);
    assert!(shown.out.contains("breaks live-profile"));
}

#[test]
fn every_width_is_kept_but_by_commands() {
    for columns in [60, 76, 80, 100, 120] {
        for other in ["patched", "lease", "sid-suffix"] {
            let told =
                mapisim_at(columns, &["show", BUG_2, "--algorithm", "original", "--against", other]).out;
            for line in told.lines().filter(|line| !line.contains("mapisim show")) {
                assert!(line.chars().count() <= columns, "{columns} {other}: {line}");
            }
        }
    }
}

#[test]
fn programs_get_both_sides_with_full_names() {
    let told =
        mapisim(&["show", BUG_2, "--algorithm", "original", "--against", "patched", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(report["sides"][0]["verdict"], "broken");
    assert_eq!(report["sides"][1]["verdict"], "holds");
    assert_eq!(report["other_orders"]["verdict"], "holds");
    assert_eq!(report["parting"]["kind"], "answer");
    let line = |side: usize| report["parting"]["steps"][side]["line"].as_str().expect("a line").to_owned();
    assert!(line(0).contains(r"\Sessions\2\BaseNamedObjects\MAPI-S-1-5-21-"), "{}", line(0));
    assert!(line(1).contains(r"Global\MAPI-S-1-5-21-") && line(1).contains("which exists"), "{}", line(1));
    let fates = report["came_of_it"].as_array().expect("fates");
    assert!(fates.iter().any(|fate| fate["of"] == "OpenMsgStore s of events.exe"));
    // The digests are those of the same runs shown alone.
    for side in 0..2 {
        let word = |field: &str| report["sides"][side][field].as_str().expect("text").to_owned();
        let arguments = [
            "show",
            BUG_2,
            "--algorithm",
            &word("algorithm"),
            "--schedule",
            &word("schedule"),
            "--format",
            "json",
        ];
        let alone: serde_json::Value = serde_json::from_str(&mapisim(&arguments).out).expect("JSON");
        assert_eq!(alone["digest"].as_str(), Some(word("digest").as_str()));
    }
}

#[test]
fn names_in_a_file_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("hostile.json");
    let hostile = file(BUG_2).replace("outlook.exe", "out\\u001b[31m\\u202elook");
    std::fs::write(&path, hostile).expect("it can be written");
    let path = path.to_str().expect("temporary paths are Unicode");
    for columns in [60, 100] {
        let told = mapisim_at(columns, &["show", path, "--algorithm", "original", "--against", "patched"]);
        assert!(told.out.contains("\\u{1b}") && told.out.contains("\\u{202e}"), "{}{}", told.out, told.err);
        assert!(!told.out.contains(['\u{1b}', '\u{202e}']), "{}", told.out.escape_debug());
    }
}

#[test]
fn an_algorithm_that_takes_other_steps_from_the_beginning_is_told_by_what_it_looks_at() {
    let path = "scenarios/open/uninitialise-forgets-sessions.json";
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().to_str().expect("temporary paths are Unicode");
    mapisim(&["report", path, "--out", out]);
    let run = std::fs::read_to_string(folder.path().join("run.json")).expect("it was written");
    let run: serde_json::Value = serde_json::from_str(&run).expect("JSON");
    let cell = run["cells"].as_array().expect("cells").iter().find(|cell| cell["algorithm"] == "patched");
    let contrast = &cell.expect("it was run")["explanation"]["contrast"];
    assert_eq!(contrast["algorithm"], "lease");
    let came = contrast["came"][0].as_str().expect("a sentence");
    assert!(came.contains("finds out \"that lease is alive: in use\""), "{came}");
}

#[test]
fn what_cannot_be_told_side_by_side_is_refused() {
    let against = ["show", BUG_2, "--algorithm", "original", "--against", "patched"];
    for more in [&["--format", "svg"][..], &["--format", "mermaid"], &["--from", "3"], &["--all-steps"]] {
        let refused = mapisim(&[&against[..], more].concat());
        assert_eq!((refused.status, refused.out.as_str()), (Status::BadInput, ""), "{more:?}");
        assert!(refused.err.contains("--against"), "{more:?}: {}", refused.err);
    }
    let holds = mapisim(&["show", EVERY_ORDER, "--algorithm", "patched", "--against", "original"]);
    assert_eq!((holds.status, holds.out.as_str()), (Status::BadInput, ""));
    assert!(holds.err.contains("--algorithm original --against patched"), "{}", holds.err);
}
