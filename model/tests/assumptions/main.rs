//! What the sources leave open: each alternative of each assumption changes something that can be seen, and
//! the defaults change nothing.
//!
//! Contents
//! 1. the table: one row an alternative, with a scenario in which it matters
//! 2. what only a run's steps show, or only two versions together; the repair
//! 3. the defaults, pinned by the size of what they reach

mod rows;
#[path = "../short/mod.rs"]
mod short;

use std::collections::BTreeSet;

use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::assumptions::TABLE;
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::outcome::{Outcome, Verdict};
use mapisim_model::property::Property;
use mapisim_model::scenario::{self, Scenario};
use rows::{bug_2, rows};
use serde_json::json;
use short::read;

use Algorithm::{GlobalSection, Original, Patched, SidSuffix};

fn run(scenario: &Scenario, algorithm: Algorithm, name: &str, value: &str) -> Outcome {
    let mut scenario = scenario.clone();
    scenario.assumptions.set(name, value).expect("the table names what there is");
    check(&scenario, Build::All(algorithm), &Bounds::default()).expect("the schedule can happen")
}

// ---- 1. the table ----------------------------------------------------------------------------

#[test]
fn each_alternative_changes_what_is_found_where_it_matters() {
    let mut wrong = Vec::new();
    for row in rows() {
        let scenario = read(&row.scenario);
        let found = |value: &str| match run(&scenario, row.algorithm, row.name, value).verdict {
            Verdict::Holds => "-",
            Verdict::Broken(property) => property.id(),
            Verdict::Inconclusive => "a bound",
        };
        let default = default_of(row.name);
        let found = (found(default), found(row.value));
        if found != row.found {
            wrong.push(format!("{} = {}: {found:?}, not {:?}", row.name, row.value, row.found));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn default_of(name: &str) -> &'static str {
    TABLE.iter().find(|assumption| assumption.name == name).expect("it is in the table").alternatives[0]
}

#[test]
fn every_alternative_has_a_row() {
    let mut tested: BTreeSet<(&str, &str)> = rows().map(|row| (row.name, row.value)).collect();
    tested.extend([("mark-keys", "prefix"), ("old-marks", "swept")]);
    for assumption in TABLE {
        for value in &assumption.alternatives[1..] {
            assert!(
                tested.contains(&(assumption.name, value)),
                "{} = {value} is tested nowhere",
                assumption.name
            );
        }
    }
}

// ---- 2. what only a run's steps show, or only two versions together; the repair ----------------

/// What a process looks at below the key of all profiles, in its GetProfileTable.
fn looked_at(value: &str) -> BTreeSet<String> {
    let mut mixed = bug_2();
    mixed["processes"]["a"]["mapi"] = json!("patched");
    mixed["processes"]["b"]["mapi"] = json!("original");
    mixed["processes"]["b"]["script"] = short::script_of("init; table; idle");
    mixed["assumptions"] = json!({ "mark-keys": value });
    mixed["schedule"] = json!([{ "run": "a", "through": "DeleteProfile" }, { "run": "b" }]);
    let outcome = check(&read(&mixed), Build::AsInstalled, &Bounds::default()).expect("it can happen");
    let run = outcome.run.expect("a schedule is told");
    let table =
        run.steps.iter().filter(|step| step.call.as_ref().is_some_and(|call| call.name == "GetProfileTable"));
    let objects = table.filter_map(|step| step.object.as_deref());
    objects.filter_map(|path| path.rsplit_once('\\')).map(|(_, leaf)| leaf.to_owned()).collect()
}

#[test]
fn a_version_that_compares_by_prefix_looks_below_another_versions_mark_key() {
    let others = |looked: BTreeSet<String>| {
        looked.into_iter().filter(|leaf| leaf.starts_with("Deleted Profiles") && leaf.len() > 16).count()
    };
    assert_eq!((others(looked_at("exact")), others(looked_at("prefix"))), (0, 1));
}

#[test]
fn a_version_that_sweeps_the_old_marks_too_brings_the_old_bug_back() {
    let mut upgraded = bug_2();
    upgraded["processes"]["a"]["mapi"] = json!("original");
    upgraded["processes"]["b"]["mapi"] = json!("sid-suffix");
    let mut verdict = |value: &str| {
        upgraded["assumptions"] = json!({ "old-marks": value });
        check(&read(&upgraded), Build::AsInstalled, &Bounds::default()).expect("no schedule").verdict
    };
    assert_eq!(verdict("ignored"), Verdict::Holds);
    assert_eq!(verdict("swept"), Verdict::Broken(Property::LiveProfile));
}

/// The repair is ours, so nothing about it is left open; only how a session reads its profile is not the
/// repair's.
#[test]
fn no_assumption_changes_the_repair() {
    let scenario = read(&bug_2());
    let reached = |name, value| {
        let outcome = run(&scenario, Algorithm::Lease, name, value);
        (outcome.verdict, outcome.states, outcome.transitions)
    };
    let default = reached("lock", "section-namespace");
    assert_eq!(default.0, Verdict::Holds);
    for assumption in TABLE.iter().filter(|assumption| assumption.name != "session-reads") {
        for value in assumption.alternatives {
            assert_eq!(reached(assumption.name, value), default, "{} = {value}", assumption.name);
        }
    }
}

// ---- 3. the defaults -------------------------------------------------------------------------

/// Distinct states and transitions: a default that changed its meaning would show as another number.
#[test]
fn the_defaults_reach_just_what_they_always_did() {
    let pinned = [
        ("article/bug-1-every-order", Original, 1195, 2289),
        ("article/bug-1-every-order", Patched, 2132, 4156),
        ("article/bug-2-every-order", Original, 935, 1778),
        ("article/bug-2-every-order", SidSuffix, 1032, 1968),
        ("article/bug-2-every-order", Patched, 4323, 8318),
        ("kb/818861-every-order", GlobalSection, 5700, 10942),
        ("benign/crash-at-every-step", Patched, 17081, 50348),
        ("benign/one-account-one-session", Original, 10189, 19544),
        ("benign/one-account-one-session", Algorithm::Lease, 10562, 20066),
    ];
    for (file, algorithm, states, transitions) in pinned {
        let path = format!("{}/../scenarios/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the scenarios are beside the model");
        let scenario = scenario::read(file, &text).unwrap_or_else(|problems| panic!("{problems}"));
        let outcome = check(&scenario, Build::All(algorithm), &Bounds::default()).expect("no schedule");
        assert_eq!(
            (outcome.states, outcome.transitions),
            (states, transitions),
            "{file}, {}",
            algorithm.id()
        );
    }
}
