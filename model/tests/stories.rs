//! The stories that ship: every scenario file reads, and `docs/claims.md` and the files know of each other.
//!
//! What the files expect is held elsewhere, by running them; here is what can be said without running anything.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mapisim_model::scenario::{self, Expect, Scenario};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package is a folder of the workspace")
        .to_owned()
}

/// Every scenario file, by its path from the workspace's root, with forward slashes.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in sorted(&root().join("scenarios")).into_iter().filter(|path| path.is_dir()) {
        for path in
            sorted(&folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "json"))
        {
            let name = |path: &Path| path.file_name().expect("it was listed").to_string_lossy().into_owned();
            let relative = format!("scenarios/{}/{}", name(&folder), name(&path));
            files.insert(relative, fs::read_to_string(&path).expect("it was listed"));
        }
    }
    assert!(files.len() > 100, "the stories are where they are looked for: {} files", files.len());
    files
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
}

fn scenarios() -> BTreeMap<String, Scenario> {
    let read = |(path, text): (String, String)| {
        let scenario = scenario::read(&path, &text).unwrap_or_else(|problems| panic!("{problems}"));
        (path, scenario)
    };
    files().into_iter().map(read).collect()
}

fn claims() -> String {
    fs::read_to_string(root().join("docs/claims.md")).expect("docs/claims.md is there")
}

#[test]
fn every_scenario_file_reads_and_tells_its_story() {
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    for (path, scenario) in scenarios() {
        assert!(!scenario.about.is_empty(), "{path} has no `about`");
        assert!(!scenario.sources.is_empty(), "{path} has no `sources`");
        assert!(!scenario.expect.is_empty(), "{path} expects nothing");
        if let Some(other) = titles.insert(scenario.title.clone(), path.clone()) {
            panic!("{path} and {other} have one title, {:?}", scenario.title);
        }
    }
}

#[test]
fn nothing_is_expected_to_hold_without_a_probe_or_a_code_that_some_call_must_return() {
    for (path, scenario) in scenarios() {
        let holds = scenario.expect.iter().any(|expectation| expectation.expect == Expect::Holds);
        let threads = scenario.processes.iter().flat_map(|process| &process.threads);
        let must = threads.flat_map(|thread| &thread.script).any(|call| call.must.is_some());
        // In this folder each file is about a property that one build breaks and another does not.
        let about_a_property = path.starts_with("scenarios/properties/");
        assert!(
            !holds || must || about_a_property || !scenario.must_reach.is_empty(),
            "{path} could hold for the wrong reason"
        );
    }
}

#[test]
fn every_file_that_the_claims_name_exists_and_every_file_is_named() {
    let claims = claims();
    let files = files();
    let named: Vec<&str> = claims.split("(../").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    for path in &named {
        assert!(files.contains_key(*path), "docs/claims.md names {path}, which is not there");
    }
    let others = ["scenarios/benign/", "scenarios/properties/", "scenarios/windows/"];
    for path in files.keys().filter(|path| !others.iter().any(|folder| path.starts_with(folder))) {
        assert!(named.contains(&path.as_str()), "docs/claims.md does not name {path}");
    }
    for folder in files.keys().filter_map(|path| path.rsplit_once('/')).map(|(folder, _)| folder) {
        if others.iter().any(|other| other.trim_end_matches('/') == folder) {
            continue;
        }
        assert!(
            named.iter().any(|path| path.starts_with(folder)),
            "docs/claims.md names nothing in {folder}"
        );
    }
}

#[test]
fn every_claim_of_the_article_and_every_comment_is_on_the_list() {
    let claims = claims();
    let first_cells: Vec<&str> = claims
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|cell| cell.split(", "))
        .collect();
    for (letter, count) in [("A", 6), ("B", 13), ("C", 7), ("D", 5), ("E", 2), ("c", 17)] {
        for number in 1..=count {
            let claim = format!("{letter}{number}");
            assert!(first_cells.contains(&claim.as_str()), "claim {claim} is not on the list");
        }
    }
}

fn is_json(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "json")
}

#[test]
fn every_other_scenario_file_that_a_story_mentions_exists() {
    let files = files();
    for (path, scenario) in scenarios() {
        let (folder, _) = path.rsplit_once('/').expect("it is in a folder");
        for mentioned in scenario.about.split('`').filter(|word| is_json(word)) {
            let beside = format!("{folder}/{mentioned}");
            let elsewhere = format!("scenarios/{mentioned}");
            assert!(
                files.contains_key(&beside) || files.contains_key(&elsewhere),
                "{path} mentions {mentioned}, which is not there"
            );
        }
    }
}
