//! Does a saved counterexample show what was found?
//!
//! - replaying it gives the same digest, and is as it expects
//! - it stands alone: only its own build, no schema, an exact schedule
//! - saving is deterministic, and takes nothing that is there away where it fails

use std::collections::BTreeMap;
use std::path::Path;

use mapisim::cli::Status;
use mapisim_tests::command::mapisim;
use serde_json::Value;

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are Unicode")
}

fn outcomes(out: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(out).expect("JSON");
    report["outcomes"].as_array().expect("an array").clone()
}

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries =
        std::fs::read_dir(folder).expect("it can be listed").map(|entry| entry.expect("an entry").path());
    let file = |path: &Path| path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    entries.map(|path| (file(&path), std::fs::read_to_string(&path).expect("text"))).collect()
}

#[test]
fn every_saved_counterexample_replays_to_the_digest_that_was_found() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let folders = ["scenarios/article", "scenarios/benign", "scenarios/kb", "scenarios/vista"];
    let arguments = [&["run"][..], &folders, &["--format", "json", "--save", text(folder.path())]].concat();
    let found = mapisim(&arguments);
    assert_eq!(found.status, Status::AsExpected, "{}", found.err);
    let mut digests = BTreeMap::new();
    for outcome in outcomes(&found.out).iter().filter(|outcome| outcome["verdict"] == "broken") {
        let word = |field: &str| outcome[field].as_str().expect("text").to_owned();
        let stem = word("scenario").rsplit('/').next().unwrap_or("").trim_end_matches(".json").to_owned();
        digests.insert(format!("{stem}.{}.{}.json", word("algorithm"), word("property")), word("digest"));
    }
    assert!(digests.len() >= 20, "{digests:?}");
    assert_eq!(
        // What a scenario imports is written beside it.
        files(folder.path()).into_keys().filter(|name| !name.contains(".reg")).collect::<Vec<_>>(),
        digests.keys().cloned().collect::<Vec<_>>()
    );
    let again = mapisim(&["run", text(folder.path()), "--format", "json"]);
    assert_eq!(again.status, Status::AsExpected, "{}{}", again.out, again.err);
    let replayed = outcomes(&again.out);
    assert_eq!(replayed.len(), digests.len());
    for outcome in &replayed {
        let name = outcome["scenario"].as_str().expect("text").rsplit('/').next().unwrap_or("");
        assert_eq!(outcome["digest"], digests[name].as_str(), "{name}");
        assert_eq!(outcome["exhaustive"], false, "{name}");
    }
}

#[test]
fn a_saved_counterexample_stands_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run = || {
        mapisim(&[
            "run",
            "scenarios/article/bug-2-every-order.json",
            "--algorithm",
            "sid-suffix",
            "--save",
            text(folder.path()),
        ])
    };
    assert_eq!(run().status, Status::AsExpected);
    let first = files(folder.path());
    let saved: Value =
        serde_json::from_str(&first["bug-2-every-order.sid-suffix.live-profile.json"]).expect("JSON");
    assert!(saved.get("$schema").is_none() && saved.get("must_reach").is_none(), "{saved}");
    assert_eq!(saved["expect"], serde_json::json!({ "sid-suffix": "live-profile" }));
    let schedule = saved["schedule"].as_str().expect("text");
    assert!(schedule.split(',').all(|turn| turn.contains(':')), "{schedule}");
    // Saving again over what is there gives the same.
    run();
    assert_eq!(files(folder.path()), first);
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_is_74_and_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let blocked = folder.path().join("a-file");
    std::fs::write(&blocked, "what was there").expect("it can be written");
    let ran = mapisim(&["run", "scenarios/article/bug-2.json", "--save", text(&blocked)]);
    assert_eq!(ran.status, Status::Unwritten);
    assert!(ran.err.contains("could not be written"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&blocked).expect("it is there"), "what was there");
}
