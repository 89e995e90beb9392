//! Are two runs the same, byte for byte?
//!
//! - with one job and with two; a second time; with another seed
//! - in every format
//! - each step done twice
//!
//! Two working directories are asked for in `process.rs`.

use mapisim_tests::command::mapisim;

#[test]
fn how_many_run_at_once_changes_no_byte() {
    for (paths, format) in [("scenarios/article", "json"), ("scenarios/kb", "text")] {
        let with = |jobs: &str| mapisim(&["run", paths, "-v", "--format", format, "--jobs", jobs]);
        let one = with("1");
        assert!(one.out.len() > 5_000, "{}", one.out);
        assert_eq!(one, with("2"), "{format}");
    }
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
