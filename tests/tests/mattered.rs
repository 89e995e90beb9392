//! Is what is said to have mattered true of runs that were drawn, and is it said so that a reader has something of it?
//!
//! - every drawn run that breaks it keeps the orders that are needed; where they are enough, every run that keeps them breaks it
//! - it breaks in as many drawn runs as it is said to
//! - it is told in few words; nothing is told where order plays no part
//! - reports and `show --format json` have it; files without it are read

use mapisim::mattered::lines;
use mapisim::names::Names;
use mapisim::run_model::{Cell, Verdict, written};
use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rules::Build;
use mapisim_model::mattered::{Mattered, Then, mattered};
use mapisim_model::os::syscall::Syscall;
use mapisim_model::outcome::Outcome;
use mapisim_model::scenario::Scenario;
use mapisim_model::trace::{Step, Who};
use mapisim_model::world::World;
use mapisim_sim::random::{Plan, Strategy, drawn};
use mapisim_sim::{Action, Space};
use mapisim_tests::command::mapisim;
use mapisim_tests::{file, scenario};

const STATES_MAX: usize = 200_000;

fn outcome(path: &str, build: &str) -> (Scenario, Outcome) {
    let scenario = scenario(path, &file(&format!("scenarios/{path}")));
    let build = Build::from_id(build).expect("a build");
    let outcome = check(&scenario, build, &Bounds::default()).expect("it can happen");
    (scenario, outcome)
}

/// What an event is known by in every run.
#[derive(Clone, Debug, PartialEq)]
enum Name {
    Step(usize, usize, Vec<&'static str>, Syscall),
    Fault(Who),
}

fn told_name(step: &Step) -> Name {
    let (Who::Thread(thread), Some(call), Some(asked)) = (step.who, &step.call, &step.syscall) else {
        return Name::Fault(step.who);
    };
    Name::Step(thread, call.index, step.inside.clone(), asked.clone())
}

/// A drawn run as names, and whether the property breaks in it.
fn draw(space: &mut Space<'_, World>, plan: &Plan, run: u64, outcome: &Outcome) -> (Vec<Name>, bool) {
    let trace = drawn(space, plan, 1, run);
    let names = trace.moments.iter().enumerate().map(|(at, moment)| match moment.action {
        Action::Step(actor) => {
            let standing = space.standing(trace.before(at), actor).expect("who steps lives");
            let asked = standing.wanted().expect("who steps asks").clone();
            Name::Step(actor.index(), standing.call(), standing.frames(), asked)
        }
        Action::Crash(process) => Name::Fault(Who::Killed(process.index())),
        Action::End(actor) => Name::Fault(Who::Ended(actor.index())),
        Action::Fail(kept) => Name::Fault(Who::Machine(mapisim_model::trace::Written(kept.0))),
    });
    let names = names.collect();
    (names, trace.broken.map(|(_, property)| property) == outcome.verdict.property())
}

/// Whether a run, which ends where something `breaks`, keeps to the orders that are told, and takes the steps that they name.
fn keeps((run, breaks): (&[Name], bool), outcome: &Outcome, mattered: &Mattered) -> bool {
    let told = outcome.run.as_ref().expect("it breaks something");
    let place = |name: &Name| run.iter().position(|known| known == name);
    let broke = told_name(told.step(mattered.broke));
    mattered.orders.iter().all(|needed| {
        let first = needed.first.map_or_else(|| broke.clone(), |step| told_name(told.step(step)));
        let (then, late) = match &needed.then {
            Then::Step(number) => (told_name(told.step(*number)), *number > mattered.broke),
            Then::Missed(step) => (told_name(step), true),
        };
        if needed.first.is_none() && breaks {
            return place(&then).is_none();
        }
        let comes_late = late && place(&then).is_none();
        place(&first).is_some_and(|first| comes_late || place(&then).is_some_and(|then| first < then))
    })
}

#[test]
fn drawn_runs_break_it_just_where_they_keep_to_what_is_needed() {
    let pct = Strategy::Pct { depth: 3 };
    let rows = [
        ("article/bug-1-every-order.json", "original", pct),
        ("article/bug-2-every-order.json", "sid-suffix", pct),
        ("open/logon-counted-after-the-lock.json", "patched", pct),
        ("open/reused-name-swept-before-logon.json", "original", Strategy::Pct { depth: 6 }),
        ("open/direct-delete-across-accounts.json", "original", Strategy::Uniform),
        ("open/delete-dies-half-way.json", "original", Strategy::Uniform),
        ("open/crash-before-logon.json", "original", Strategy::Uniform),
    ];
    for (path, build, strategy) in rows {
        let (scenario, outcome) = outcome(path, build);
        let mattered = mattered(&scenario, &outcome, STATES_MAX).expect("it is small");
        assert!(!mattered.orders.is_empty(), "{path} needs an order");
        let world = World::new(&scenario, outcome.build);
        let mut space = Space::new(&world);
        let plan = Plan::new(&mut space, strategy, scenario.limits());
        let told = &outcome.run.as_ref().expect("it breaks something").steps[..mattered.broke];
        let dies: Vec<Name> =
            told.iter().map(told_name).filter(|name| matches!(name, Name::Fault(_))).collect();
        let (mut broken, mut kept) = (0, 0);
        for run in 0..1_500 {
            let (names, breaks) = draw(&mut space, &plan, run, &outcome);
            if names.iter().any(|name| matches!(name, Name::Fault(_)) && !dies.contains(name)) {
                continue; // that is no run of those that it is said of
            }
            let keeps = keeps((&names, breaks), &outcome, &mattered);
            assert!(keeps || !breaks, "run {run} of {path} breaks it without what is needed");
            assert!(breaks || !keeps || mattered.enough != Some(true), "run {run} of {path} keeps all that");
            (broken, kept) = (broken + usize::from(breaks), kept + usize::from(keeps));
        }
        assert!(broken > 1, "{path}: {broken} runs break it, {kept} keep to what is needed");
    }
}

#[test]
fn it_breaks_in_as_many_drawn_runs_as_is_said() {
    let rows = [
        ("open/direct-delete-across-accounts.json", "original"),
        ("open/direct-delete-across-sessions.json", "sid-suffix"),
        ("open/identity-of-the-release.json", "patched"),
        ("open/logon-counted-after-the-lock.json", "patched"),
    ];
    for (path, build) in rows {
        let (scenario, outcome) = outcome(path, build);
        let mattered = mattered(&scenario, &outcome, STATES_MAX).expect("it is small");
        // In millionths.
        let chance = mattered.chances.as_ref().expect("nothing goes round in circles")[0].of(1_000_000);
        let world = World::new(&scenario, outcome.build);
        let mut space = Space::new(&world);
        let plan = Plan::new(&mut space, Strategy::Uniform, scenario.limits());
        let runs = 2_000_u64;
        let broken = (0..runs).filter(|run| draw(&mut space, &plan, *run, &outcome).1).count() as u64;
        // Within four times the standard deviation, all squared.
        let off = u128::from((broken * 1_000_000).abs_diff(chance * runs)).pow(2);
        let variance = u128::from(runs) * u128::from(chance * (1_000_000 - chance));
        assert!(off < 16 * variance, "{path}: {broken} runs of {runs}, not {chance} of a million");
    }
}

#[test]
fn it_is_told_in_few_words() {
    let rows = [
        ("article/bug-1-every-order.json", "original"),
        ("article/bug-2-every-order.json", "sid-suffix"),
        ("open/logon-counted-after-the-lock.json", "patched"),
        ("open/identity-of-the-release.json", "original"),
        ("open/release-across-accounts.json", "original"),
        ("open/delete-dies-half-way.json", "original"),
        ("open/crash-before-logon.json", "original"),
        ("open/power-failure-half-way.json", "patched"),
        ("open/fix-2-on-nt4.json", "patched"),
    ];
    let mut told = String::new();
    for (path, build) in rows {
        let (scenario, outcome) = outcome(path, build);
        let mattered = mattered(&scenario, &outcome, STATES_MAX).expect("it is small");
        let run = outcome.run.as_ref().expect("it breaks something");
        told += &format!("{path} {build}: {} states\n", mattered.states);
        for line in lines(run, &mattered, &Names::short(run)) {
            told += &format!(
                "  {}{}\n",
                line.step.map_or_else(String::new, |step| format!("step {step}: ")),
                line.text
            );
        }
    }
    insta::assert_snapshot!("mattered", told);
}

#[test]
fn reports_have_it_and_files_without_it_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().to_str().expect("temporary paths are Unicode");
    let path = "scenarios/article/bug-2-every-order.json";
    let ran = mapisim(&["report", path, "--algorithm", "all", "--out", out]);
    let read = |name: &str| {
        std::fs::read_to_string(folder.path().join(name))
            .unwrap_or_else(|error| panic!("{error}: {}", ran.err))
    };
    let model = written::from_json(&read("run.json")).expect("it reads back");
    let told = |cell: &Cell| cell.explanation.as_ref().and_then(|explanation| explanation.mattered.clone());
    for cell in &model.cells {
        assert_eq!(told(cell).is_some(), cell.verdict == Verdict::Broken, "{}", cell.id);
    }
    let first = told(&model.cells[0]).expect("it breaks");
    assert_eq!(first.chances.map(|chances| chances.len()), Some(model.cells[0].steps + 1));
    assert!(first.lines.iter().all(|line| !line.text.is_empty()) && first.enough == Some(true));
    assert!(read("index.html").contains("<h3>What mattered</h3>"));
    // As files were before: the same, but for this.
    let mut before: serde_json::Value = serde_json::from_str(&read("run.json")).expect("it is JSON");
    for cell in before["cells"].as_array_mut().expect("a list") {
        if let Some(explanation) = cell.get_mut("explanation").and_then(serde_json::Value::as_object_mut) {
            explanation.remove("mattered").expect("it was there");
        }
    }
    let without = written::from_json(&before.to_string()).expect("it is read");
    assert!(without.cells.iter().all(|cell| told(cell).is_none()));
    assert_eq!(without.cells.len(), model.cells.len());
}

#[test]
fn show_tells_programs_the_same() {
    let shown = mapisim(&["show", "scenarios/open/delete-dies-half-way.json", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&shown.out).expect("it is JSON");
    let mattered = &json["mattered"];
    // Killed after it has deleted one key and before it deletes the next, and in no other way.
    assert_eq!(mattered["orders"], serde_json::json!([{ "first": 18, "then": 45 }, { "first": 45 }]));
    assert_eq!((&mattered["enough"], &mattered["unaided"]), (&true.into(), &false.into()));
    let holds =
        mapisim(&["show", "scenarios/article/bug-2.json", "--algorithm", "patched", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&holds.out).expect("it is JSON");
    assert!(json["mattered"].is_null());
}
