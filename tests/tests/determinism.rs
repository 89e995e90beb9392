//! Are two runs the same, byte for byte?
//!
//! - with one job, two and seven; a second time; with another seed
//! - in every format, and in every file of a report
//! - each step done twice, in every shipped scenario
//! - `planted`: is it noticed where they are not?
//!
//! Two working directories are asked for in `process.rs`.

use std::collections::BTreeMap;

use mapisim_tests::command::mapisim;

#[path = "determinism/planted.rs"]
mod planted;

#[test]
fn how_many_run_at_once_changes_no_byte() {
    for arguments in [
        &["run", "scenarios/article", "-v", "--format", "json"][..],
        &["run", "scenarios/kb", "-v", "--format", "text"],
        &["run", "scenarios/kb", "--format", "junit"],
        &["run", "scenarios/kb", "--format", "markdown"],
        &["matrix", "scenarios/kb"],
        &["fuzz", "--cases", "40", "--seed", "7"],
    ] {
        let with = |jobs: &str| mapisim(&[arguments, &["--jobs", jobs]].concat());
        let one = with("1");
        assert!(one.out.len() > 300, "{arguments:?}: {} {}", one.out, one.err);
        for jobs in ["2", "7"] {
            assert_eq!(one, with(jobs), "{arguments:?} with {jobs}");
        }
    }
}

#[test]
fn every_file_of_a_report_has_the_same_bytes_with_one_job_and_with_seven() {
    let written = |jobs: &str| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let out = folder.path().join("report");
        let out = out.to_str().expect("its name is text");
        let ran = mapisim(&["report", "scenarios/kb", "--out", out, "--jobs", jobs]);
        assert_eq!(ran.status, mapisim::cli::Status::AsExpected, "{}", ran.err);
        let files = std::fs::read_dir(out).expect("it was written").map(|entry| {
            let path = entry.expect("it can be listed").path();
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("it can be read"))
        });
        files.collect::<BTreeMap<_, _>>()
    };
    let one = written("1");
    assert!(one.len() >= 4, "{:?}", one.keys());
    let seven = written("7");
    assert_eq!(one.keys().collect::<Vec<_>>(), seven.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(*bytes == seven[name], "{name} differs");
    }
}

#[test]
fn in_every_shipped_scenario_every_step_done_twice_gives_one_result() {
    let ran = mapisim(&["run", "scenarios", "--check-determinism", "-q", "--jobs", "2"]);
    assert_eq!(ran.status, mapisim::cli::Status::AsExpected, "{}{}", ran.out, ran.err);
}

#[test]
fn in_the_articles_scenarios_every_step_done_twice_gives_one_result() {
    let run = |more: &[&str]| mapisim(&[&["run", "scenarios/article", "--format", "json"], more].concat());
    let twice = run(&["--check-determinism"]);
    assert_eq!(twice.status, mapisim::cli::Status::AsExpected, "{}", twice.err);
    assert_eq!(twice, run(&[]), "looking twice changes nothing that is found");
}

#[test]
fn a_second_run_gives_the_same_bytes() {
    for arguments in [
        &["run", "scenarios/article/bug-1-every-order.json", "--algorithm", "all", "--format", "json"][..],
        &["show", "scenarios/article/bug-2-every-order.json", "--format", "json"],
        &["show", "scenarios/article/bug-1.json", "--all-steps"],
        &["fuzz", "--cases", "20", "--strategy", "swarm", "--format", "json"],
        &["schema"],
        &["builds"],
    ] {
        assert_eq!(mapisim(arguments), mapisim(arguments), "{arguments:?}");
    }
}

#[test]
fn the_seed_changes_nothing_that_is_not_drawn() {
    let with = |seed: &str| {
        mapisim(&["run", "scenarios/article/bug-2.json", "--format", "json", "--seed", seed]).out
    };
    let (one, other) = (with("1"), with("2"));
    assert_ne!(one, other);
    assert_eq!(one.replace("0000000000000001", "0000000000000002"), other);
}
