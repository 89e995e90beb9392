//! Is every rule of every build missed when it is left out?
//!
//! - docs/mutants.md has a row for each mutant, and the scenario it names notices that mutant in the way it says
//! - whoever is noticed by nobody is shown to be the same as its build
//!
//! Which scenario is the first, and how many there are, is the command's business: `mapisim mutants --first --format
//! markdown` prints the page's tables.

use std::collections::BTreeMap;

use mapisim::cells::Cell;
use mapisim::mutants::{Running, notices};
use mapisim_model::mapi::rules::Build;
use mapisim_model::mutant::Mutant;
use mapisim_tests::command::mapisim;
use mapisim_tests::{file, shipped};

/// A row of the page: who notices, and how.
struct Row {
    by: String,
    how: String,
}

/// The page's rows, by build and mutant.
fn rows() -> BTreeMap<(String, String), Row> {
    let page = file("docs/mutants.md");
    let (mut build, mut rows) = (String::new(), BTreeMap::new());
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            name.clone_into(&mut build);
        } else if let Some(row) = line.strip_prefix("| `") {
            let parts: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
            let [mutant, _does, by, how] = parts[..] else { panic!("no row: {line}") };
            let mutant = mutant.trim_end_matches('`').to_owned();
            let row = Row { by: by.to_owned(), how: how.to_owned() };
            assert!(rows.insert((build.clone(), mutant), row).is_none(), "twice: {line}");
        }
    }
    rows
}

#[test]
fn each_mutant_is_noticed_by_the_scenario_that_the_page_names() {
    let mut rows = rows();
    for mutant in Mutant::all() {
        let name = (mutant.algorithm.id().to_owned(), mutant.id().to_owned());
        let row = rows.remove(&name).unwrap_or_else(|| panic!("docs/mutants.md has no row for {name:?}"));
        if let Some(why) = mutant.equivalent() {
            assert_eq!((row.by.as_str(), row.how), ("nobody", format!("the same: {why}")), "{name:?}");
            continue;
        }
        let (scenario, build) = row.by.split_once(", ").unwrap_or_else(|| panic!("{name:?}: {}", row.by));
        let scenario = shipped(&format!("scenarios/{scenario}.json"));
        let cell = Cell { scenario: &scenario, build: Build::from_id(build).expect("a build") };
        let running = Running { states_max: 200_000, jobs: None, first_only: true, go_on: &|| true };
        assert_eq!(notices(mutant, cell, running), Some(row.how), "{name:?} by {}", row.by);
    }
    assert!(rows.is_empty(), "docs/mutants.md has rows for what is no mutant: {:?}", rows.keys());
}

#[test]
fn the_command_tells_who_notices_and_who_does_not() {
    let one = ["mutants", "scenarios/properties/calls-answer-as-documented.json", "--algorithm", "patched"];
    let ran = mapisim(&one);
    assert_eq!(ran.status.code(), 1, "one scenario does not notice all:\n{}{}", ran.out, ran.err);
    assert!(ran.out.contains("table-hides-marked"), "{}", ran.out);
    assert!(ran.out.contains("nobody notices"), "{}", ran.out);
    let with = |more: &[&str]| mapisim(&[&one[..], more].concat());
    assert_eq!(with(&["--jobs", "1"]).out, with(&["--jobs", "2"]).out);
    let json: serde_json::Value = serde_json::from_str(&with(&["--format", "json"]).out).expect("JSON");
    assert_eq!(json["mutants"][0]["algorithm"], "patched");
}
