//! Is the run model what programs can rely on?
//!
//! - it reads back as it was written, and what is none is refused in a sentence
//! - what runs have in common is there once; files of the format before are read
//! - its schema is the one that is checked in
//! - its states follow from each other, and say what the story says
//! - cells without a verdict are in it; of two runs the bytes are the same
//! - a report that cannot be written leaves the old one whole

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use mapisim::cli::{Io, Status, Terminal};
use mapisim::run_model::trace::{KEY_STATE_EACH, StepKind, Thing, ThingId, Trace};
use mapisim::run_model::{Cell, RunModel, Verdict, written};
use mapisim_model::mapi::assumptions::TABLE;
use mapisim_tests::command::{Ran, mapisim};
use mapisim_tests::{file, root};

const BUG_1: &str = "scenarios/article/bug-1.json";
const EVERY_ORDER: &str = "scenarios/article/bug-2-every-order.json";
const BUG_2: &str = "scenarios/article/bug-2.json";

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are Unicode")
}

fn report(out: &Path, arguments: &[&str]) -> Ran {
    let words = ["report"].into_iter().chain(arguments.iter().copied()).chain(["--out", text(out)]);
    mapisim(&words.collect::<Vec<_>>())
}

fn model(arguments: &[&str]) -> RunModel {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let ran = report(folder.path(), arguments);
    let json = std::fs::read_to_string(folder.path().join("run.json"));
    written::from_json(&json.unwrap_or_else(|error| panic!("{error}: {}", ran.err))).expect("it reads back")
}

fn cell<'a>(model: &'a RunModel, algorithm: &str) -> &'a Cell {
    model.cells.iter().find(|cell| cell.algorithm == algorithm).expect("it was run")
}

fn trace(cell: &Cell) -> &Trace {
    cell.trace.as_ref().expect("it has a run")
}

#[test]
fn it_reads_back_as_it_was_written() {
    let model = model(&[BUG_1, BUG_2, EVERY_ORDER]);
    let json = written::to_json(&model);
    let read = written::from_json(&json).expect("it reads back");
    assert_eq!(read, model);
    assert_eq!(written::to_json(&read), json);
    // One line for each scenario and cell, so that a difference shows where it is.
    let list = |name: &str| {
        let (_, rest) = json.split_once(&format!("\"{name}\":[\n")).expect("it is a list");
        rest.split_once("\n]").expect("it ends").0.lines().count()
    };
    assert_eq!((list("scenarios"), list("cells")), (model.scenarios.len(), model.cells.len()));
    // What runs have in common is there once.
    let steps: usize = model.cells.iter().filter_map(|cell| Some(cell.trace.as_ref()?.steps.len())).sum();
    assert!(3 * list("steps") < steps, "{} of {steps} steps", list("steps"));
    assert!(list("traces") < model.cells.iter().filter(|cell| cell.trace.is_some()).count());
}

#[test]
fn a_number_that_points_to_nothing_is_told() {
    let json = written::to_json(&model(&[BUG_2]));
    let (front, rest) = json.split_once("\"things\":[\n").expect("it has things");
    let (first, _) = rest.split_once(",\n").expect("it has many");
    let cut = format!("{front}\"things\":[\n{first}\n]}}\n");
    let why = written::from_json(&cut).expect_err("a step changes what is not there");
    assert!(why.starts_with("this run.json does not fit: there is no thing "), "{why}");
}

#[test]
fn the_format_before_is_still_read() {
    // Written by a version that wrote format 2.
    let old = file("tests/old/run-format-2.json");
    assert!(old.contains("\"format\":2"));
    let model = written::from_json(&old).expect("it reads");
    let cell = cell(&model, "original");
    let explanation = cell.explanation.as_ref().expect("it is explained");
    let trace = trace(cell);
    assert!(trace.steps[explanation.cause - 1].kinds.contains(&StepKind::Cause));
    assert_eq!((&cell.rests_on, &model.coverage), (&None, &None), "nobody knew");
    assert_eq!(written::from_json(&written::to_json(&model)), Ok(model));
}

#[test]
fn other_faults_than_the_scenarios_are_in_it_and_read_off_the_command_where_they_are_not() {
    let scheduled_too = [EVERY_ORDER, BUG_2, "--algorithm", "patched", "--max-states", "20000"];
    let model = model(&[&scheduled_too[..], &["--crashes", "1"]].concat());
    let told: Vec<(&str, Option<&str>)> =
        model.cells.iter().map(|cell| (cell.scenario.as_str(), cell.other_faults.as_deref())).collect();
    assert_eq!(told, [(EVERY_ORDER, Some("--crashes 1")), (BUG_2, None)]);
    let json = written::to_json(&model);
    let before = json.replace("\"other_faults\":\"--crashes 1\",", "");
    assert_ne!(before, json);
    assert_eq!(written::from_json(&before), Ok(model));
}

#[test]
fn what_verdicts_rest_on_and_what_runs_took_is_in_it() {
    let one = model(&[BUG_2]);
    let rests_on = |model: &RunModel| cell(model, "as-installed").rests_on.clone().expect("it has a verdict");
    let has = |name: &str| rests_on(&one).contains(&name.to_owned());
    assert!(has("count-identity") && !has("crc-kind"), "without fix 1 there is no CRC: {:?}", rests_on(&one));
    assert!(rests_on(&one).len() < TABLE.len());
    let never = |model: &RunModel| model.coverage.as_ref().expect("it is counted").never.len();
    let more = model(&[BUG_1, BUG_2, "scenarios/windows"]);
    let rows = more.coverage.as_ref().expect("it is counted").rows;
    assert!(0 < never(&more) && never(&more) < never(&one) && never(&one) < rows);
    assert!(one.cells.iter().all(|cell| !cell.cost.is_empty()), "of each run it is told what its calls cost");
}

#[test]
fn what_is_no_run_is_refused_in_a_sentence() {
    let refused = |json: &str| written::from_json(json).expect_err("it is none");
    assert!(refused("{").starts_with("this is no report: "));
    assert_eq!(refused("{}"), "this is no run.json: its \"kind\" is not \"mapisim-run\"");
    let later = refused(r#"{ "kind": "mapisim-run", "format": 4 }"#);
    assert_eq!(later, "this is format 4; this version of mapisim reads formats 2 and 3");
    for format in [2, 3] {
        let why = refused(&format!(r#"{{ "kind": "mapisim-run", "format": {format} }}"#));
        assert!(why.starts_with("this run.json does not fit: missing field"), "{why}");
    }
}

#[test]
fn the_schema_that_is_printed_is_the_one_that_is_checked_in() {
    // After a change: `mapisim schema run > reports/run.schema.json`.
    let same = mapisim(&["schema", "run"]).out == file("reports/run.schema.json");
    assert!(same, "reports/run.schema.json is not what `mapisim schema run` prints");
}

#[test]
fn bug_2_is_all_in_it() {
    let model = model(&[BUG_2]);
    let broken = cell(&model, "as-installed");
    assert_eq!((broken.verdict, broken.property.as_deref()), (Verdict::Broken, Some("live-profile")));
    assert_eq!((broken.as_expected, broken.id.as_str()), (true, "article-bug-2.as-installed"));
    let source: Vec<&str> = model.scenarios[0].text.lines().collect();
    let line = |number: Option<usize>| source[number.expect("it has a line") - 1].trim();
    assert_eq!(line(broken.expect_line), r#""as-installed": "live-profile","#);
    assert_eq!(line(broken.fatal_line), r#""script": ["MAPIInitialize", "MAPIUninitialize"]"#);

    assert!(
        broken.signature.as_ref().is_some_and(|signature| signature.contains("live-profile")),
        "{:?}",
        broken.signature
    );
    let explanation = broken.explanation.as_ref().expect("it is explained");
    let views = explanation.views.as_ref().expect("two processes counted in two sections");
    assert_eq!((views.looked.who.as_str(), views.looked.session, views.looked.count), ("outlook.exe", 2, 0));
    assert_eq!(
        (views.counted.who.as_str(), views.counted.session, views.counted.count),
        ("events.exe", 0, 1)
    );
    assert_ne!(views.looked.section, views.counted.section);
    let contrast = explanation.contrast.as_ref().expect("an algorithm holds on the same schedule");
    assert_eq!(
        contrast.algorithm, "global-section",
        "fix 1 makes no difference here, so the other alone is nearest"
    );
    assert!(contrast.here.contains(r"\Sessions\2\BaseNamedObjects") && contrast.there.contains("existed"));
    assert_eq!(
        contrast.came[..2],
        [
            "outlook.exe in MAPIInitialize reads 1 for eventsvc in A (step 52) instead of 0 in B.",
            "session s of events.exe loses nothing; with as-installed it loses 3 keys that it has open, from step 55 on.",
        ]
    );

    let trace = trace(broken);
    assert_eq!(trace.steps[explanation.cause - 1].kinds, [StepKind::Cause]);
    let session = &trace.sessions[0];
    assert_eq!(
        (session.lane, session.profile.as_str(), session.harmed),
        (0, "EventSvc", Some(explanation.cause))
    );
    let places: Vec<&str> = trace.places.iter().map(|place| place.short.as_str()).collect();
    assert_eq!(places, [r"HKU\svc", "A", "B"]);
}

type State = BTreeMap<ThingId, Thing>;

/// The machine after a step, as the format's description says how to get it.
fn state(trace: &Trace, step: usize) -> State {
    let key = trace.key_states.iter().rfind(|key| key.after <= step).expect("there is one at the beginning");
    let mut state: State = key.things.iter().map(|thing| (thing.id(), thing.clone())).collect();
    for later in &trace.steps[key.after..step] {
        for gone in &later.delta.gone {
            assert!(state.remove(gone).is_some(), "step {}: {gone:?} was not there", later.number);
        }
        state.extend(later.delta.set.iter().map(|thing| (thing.id(), thing.clone())));
    }
    state
}

#[test]
fn each_state_follows_from_the_one_before() {
    let model = model(&[BUG_1, BUG_2, "scenarios/windows"]);
    let mut compared = 0;
    for cell in &model.cells {
        let Some(trace) = &cell.trace else { continue };
        for pair in trace.key_states.windows(2) {
            assert_eq!(pair[1].after - pair[0].after, KEY_STATE_EACH);
            let last = pair[1].after - 1;
            let mut before = state(trace, last);
            let delta = &trace.steps[last].delta;
            before.retain(|id, _| !delta.gone.contains(id));
            before.extend(delta.set.iter().map(|thing| (thing.id(), thing.clone())));
            assert_eq!(before, state(trace, pair[1].after), "{} after {}", cell.id, pair[1].after);
            compared += 1;
        }
        let names = trace.names.len();
        for key in &trace.key_states {
            for thing in &key.things {
                if let Thing::Key { name, .. } | Thing::Section { name, .. } = thing {
                    assert!(*name < names, "{}: {name} is no name", cell.id);
                }
            }
        }
    }
    assert!(compared > 20, "only {compared} key states were compared");
}

#[test]
fn the_state_at_the_fatal_step_says_what_the_story_says() {
    let model = model(&[BUG_2]);
    let trace = trace(cell(&model, "as-installed"));
    let before = state(trace, 54);
    let after = state(trace, 55);
    let tombstones = |state: &State| state.keys().filter(|id| matches!(id, ThingId::Tombstone(_))).count();
    assert_eq!((tombstones(&before), tombstones(&after)), (0, 1));
    let counts = after.values().filter_map(|thing| match thing {
        Thing::Section { name, cells, .. } => {
            Some((trace.names[*name].as_str(), cells.get("eventsvc").copied()))
        }
        _ => None,
    });
    let counts: Vec<(&str, Option<i64>)> = counts.collect();
    assert_eq!(counts.len(), 2, "{counts:?}");
    for (name, count) in counts {
        assert_eq!(count, (!name.starts_with(r"\Sessions\2\")).then_some(1), "{name}");
    }
}

#[test]
fn cells_without_a_verdict_are_in_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("strays.json");
    let strays = file(BUG_2)
        .replace("\"schedule\": [", "\"schedule\": [ { \"run\": \"outlook.exe\", \"steps\": 9999 },");
    std::fs::write(&path, strays).expect("files can be written in it");
    let out = folder.path().join("out");
    let ran = report(&out, &[text(&path), "--algorithm", "original"]);
    assert_eq!(ran.status, Status::Diverged);
    let json = std::fs::read_to_string(out.join("run.json")).expect("it was written all the same");
    let model = written::from_json(&json).expect("it reads");
    let cell = cell(&model, "original");
    assert_eq!((cell.verdict, cell.as_expected), (Verdict::Diverged, false));
    assert!(cell.trouble.as_ref().is_some_and(|why| why.contains("outlook.exe")), "{cell:?}");
}

#[test]
fn two_reports_of_one_run_are_the_same_bytes_however_many_ran_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let outs = ["one", "two"].map(|name| folder.path().join(name));
    for (out, jobs) in outs.iter().zip(["1", "4"]) {
        assert_eq!(
            report(out, &[BUG_1, EVERY_ORDER, "scenarios/windows", "--jobs", jobs]).status,
            Status::AsExpected
        );
    }
    for name in ["run.json", "index.html"] {
        let [one, two] =
            [&outs[0], &outs[1]].map(|out| std::fs::read(out.join(name)).expect("it was written"));
        assert!(!one.is_empty() && one == two, "{name} differs");
    }
}

/// What is in a folder, by name.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries =
        std::fs::read_dir(folder).expect("it can be listed").map(|entry| entry.expect("it can be listed"));
    let read = entries.map(|entry| {
        let name = entry.file_name().into_string().expect("our names are Unicode");
        (name, std::fs::read(entry.path()).unwrap_or_default())
    });
    read.collect()
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_old_one_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().join("out");
    std::fs::create_dir_all(out.join("index.html/in the way")).expect("folders can be made in it");
    std::fs::write(out.join("run.json"), "the old one").expect("files can be written in it");
    let before = content(&out);
    let ran = report(&out, &[BUG_2]);
    assert_eq!(ran.status, Status::Unwritten);
    assert!(ran.err.contains("index.html") && ran.err.contains("could not be written"), "{}", ran.err);
    assert_eq!(content(&out), before, "nothing new, nothing half");

    let file = folder.path().join("a file");
    std::fs::write(&file, "").expect("files can be written in it");
    assert_eq!(report(&file, &[BUG_2]).status, Status::Unwritten);
}

#[test]
fn an_interrupted_report_leaves_the_old_one_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("run.json"), "the old one").expect("files can be written in it");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let interrupted = AtomicBool::new(true);
    let mut io = Io { out: &mut out, err: &mut err, terminal: Terminal::none(), interrupted: &interrupted };
    let words = ["mapisim", "report", BUG_2, "--out", text(folder.path())].map(std::ffi::OsString::from);
    assert_eq!(mapisim::cli::run(words, &mut io), Status::Interrupted);
    let left = content(folder.path());
    assert_eq!(left.into_iter().collect::<Vec<_>>(), [("run.json".to_owned(), b"the old one".to_vec())]);
    assert!(root().join(BUG_2).is_file());
}
