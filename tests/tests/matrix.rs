//! Is the matrix every scenario against everything, and is what holds for nothing said to?
//!
//! - each format, as people see it
//! - cells are those of `run --algorithm all`, whatever runs at once
//! - only cells that something is expected of count
//! - a scenario that never met its danger is told as vacuous, by every report

use std::path::PathBuf;

use mapisim::cli::Status;
use mapisim_tests::command::{mapisim, mapisim_at, transcript};
use mapisim_tests::file;
use serde_json::Value;

const SOME: [&str; 4] = [
    "scenarios/article/bug-1.json",
    "scenarios/article/bug-2.json",
    "scenarios/kb/303221.json",
    "scenarios/properties/no-orphan.json",
];

fn with(words: &[&'static str]) -> Vec<&'static str> {
    std::iter::once("matrix").chain(SOME).chain(words.iter().copied()).collect()
}

#[test]
fn the_matrix_is_a_table_a_list_json_or_markdown() {
    insta::assert_snapshot!("matrix", transcript(100, &with(&[])));
    insta::assert_snapshot!("matrix-60", transcript(60, &with(&[])));
    insta::assert_snapshot!(
        "matrix-some",
        transcript(100, &with(&["--algorithm", "patched", "--algorithm", "lease"]))
    );
    insta::assert_snapshot!("matrix-json", transcript(100, &with(&["--format", "json"])));
    insta::assert_snapshot!("matrix-markdown", transcript(100, &with(&["--format", "markdown"])));
    insta::assert_snapshot!("help-matrix", transcript(100, &["matrix", "--help"]));
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal() {
    for columns in [100, 140, 60, 30] {
        for line in mapisim_at(columns, &with(&[])).out.lines() {
            assert!(mapisim::text::width(line) <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn each_cell_is_the_run_of_that_scenario_with_that_algorithm_whatever_runs_at_once() {
    let one = mapisim(&with(&["--format", "json", "--jobs", "1"]));
    assert_eq!(one.out, mapisim(&with(&["--format", "json", "--jobs", "3"])).out);
    let matrix: Value = serde_json::from_str(&one.out).expect("it is JSON");
    let words = ["run", "--algorithm", "all", "--format", "json"];
    let run = mapisim(&words.into_iter().chain(SOME).collect::<Vec<_>>());
    let run: Value = serde_json::from_str(&run.out).expect("it is JSON");
    let mut cells = Vec::new();
    for row in matrix["rows"].as_array().expect("rows") {
        for cell in row["cells"].as_array().expect("cells") {
            cells.push((&row["scenario"], &cell["algorithm"], &cell["verdict"], &cell["property"]));
        }
    }
    let outcomes = run["outcomes"].as_array().expect("outcomes").iter();
    let outcomes: Vec<_> = outcomes
        .map(|outcome| {
            (&outcome["scenario"], &outcome["algorithm"], &outcome["verdict"], &outcome["property"])
        })
        .collect();
    assert_eq!(cells, outcomes);
    assert_eq!(cells.len(), SOME.len() * 7);
}

/// A shipped scenario, changed, as a file of its own.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> (tempfile::TempDir, PathBuf) {
    let mut scenario: Value = serde_json::from_str(&file(name)).expect("a scenario is JSON");
    change(&mut scenario);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("changed.json");
    std::fs::write(&path, scenario.to_string()).expect("a file can be written in it");
    (folder, path)
}

#[test]
fn a_cell_that_nothing_is_expected_of_never_fails_the_matrix() {
    let expecting = |expect: Value| changed(SOME[1], |scenario| scenario["expect"] = expect);
    let (_folder, path) = expecting(serde_json::json!({ "patched": "holds" }));
    let ran = mapisim(&["matrix", path.to_str().expect("temporary paths are Unicode")]);
    assert_eq!(ran.status, Status::AsExpected, "{}", ran.out);
    assert!(ran.out.contains("·live"), "{}", ran.out);

    let (_folder, path) = expecting(serde_json::json!({ "patched": "live-profile" }));
    let ran = mapisim(&["matrix", path.to_str().expect("temporary paths are Unicode")]);
    assert_eq!(ran.status, Status::Broken, "{}", ran.out);
    assert!(ran.out.contains("✗holds"), "{}", ran.out);
}

#[test]
fn a_schedule_that_cannot_happen_is_no_verdict() {
    // The steps of one algorithm are too many for another.
    let (_folder, path) = changed(SOME[1], |scenario| {
        scenario["schedule"] = "events.exe:42,outlook.exe:27,events.exe:34".into();
        scenario["expect"] = serde_json::json!({});
    });
    let ran = mapisim(&["matrix", path.to_str().expect("temporary paths are Unicode")]);
    assert_eq!((ran.status, ran.err.as_str()), (Status::AsExpected, ""), "{}", ran.out);
    assert!(ran.out.contains("·–"), "{}", ran.out);
}

#[test]
fn what_holds_without_meeting_its_danger_is_vacuous_in_every_report() {
    // Nobody has a session, so no profile can be lost.
    let (_folder, path) = changed(SOME[1], |scenario| {
        for process in ["events.exe", "outlook.exe"] {
            let script = serde_json::json!(["MAPIInitialize", "MAPIUninitialize"]);
            scenario["processes"][process]["script"] = script;
        }
        scenario.as_object_mut().expect("an object").remove("schedule");
        scenario.as_object_mut().expect("an object").remove("must_reach");
        scenario["expect"] = serde_json::json!({ "original": "holds" });
    });
    let path = path.to_str().expect("temporary paths are Unicode");
    let says = |words: &[&str], what: &str| {
        let ran = mapisim(words);
        let flowing = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(what), "{words:?} does not say {what}:\n{}", ran.out);
        assert_eq!(ran.status, Status::AsExpected);
    };
    says(&["run", path], "holds, vacuous");
    says(&["run", path], "; 1 vacuous");
    says(&["run", path, "-v"], "It holds vacuously: no session was live at a sweep");
    says(&["show", path], "It holds vacuously: no session was live at a sweep");
    says(&["show", path, "--format", "json"], r#""vacuous": "no session was live at a sweep""#);
    says(&["matrix", path], "vacuous");
    says(&["matrix", path], "7 vacuous");
    says(&["assumptions", path], "original: holds (vacuous)");
}
