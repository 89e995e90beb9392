//! Does a search that was cut off end as if it had not been?
//!
//! - kept and gone on with again and again: the same bytes
//! - of several cells the one goes on that the file belongs to
//! - what is of something else, cut off or damaged is refused, status 2
//! - as a real process, interrupted: in `process.rs`

use std::path::PathBuf;

use mapisim::cli::Status;
use mapisim_tests::command::{Ran, mapisim};

const SCENARIO: &str = "scenarios/article/bug-2-every-order.json";

fn run(more: &[&str]) -> Ran {
    mapisim(&[&["run", SCENARIO, "--format", "json"], more].concat())
}

/// A folder, and the name of a file in it that is not there yet.
fn place() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file: PathBuf = folder.path().join("kept.mapisim");
    let name = file.to_str().expect("temporary paths are Unicode").to_owned();
    (folder, name)
}

/// A file that keeps the search with `patched`, just begun.
fn begun() -> (tempfile::TempDir, String) {
    let (folder, file) = place();
    let ran = run(&["--algorithm", "patched", "--max-time", "0s", "--checkpoint", &file]);
    assert_eq!(ran.status, Status::Inconclusive, "{}", ran.err);
    (folder, file)
}

#[test]
fn kept_and_gone_on_with_again_and_again_a_search_prints_the_same_bytes() {
    for (algorithm, more) in [
        ("patched", &[][..]),
        ("original", &[]),
        ("patched", &["--max-states", "3000"]),
        ("lease", &["--jobs", "2"]),
    ] {
        let with = |last: &[&str]| run(&[&["--algorithm", algorithm], more, last].concat());
        let whole = with(&[]);
        let (_folder, file) = begun();
        let mut ran = with(&["--checkpoint", &file, "--max-time", "1ms"]);
        let mut breaks = 0;
        // Each time twice as long, so that it ends on any machine.
        while ran.out.contains("--max-time") {
            breaks += 1;
            let time = format!("{}ms", 1u64 << breaks);
            ran = with(&["--resume", &file, "--checkpoint", &file, "--max-time", &time]);
            assert!(breaks < 20, "it comes to no end");
        }
        assert!(breaks > 0, "it was cut off nowhere");
        assert_eq!(ran, whole, "{algorithm} {more:?}");
    }
}

#[test]
fn of_several_cells_the_one_goes_on_that_the_file_belongs_to() {
    let (_folder, file) = begun();
    let all = ["--algorithm", "original", "--algorithm", "patched"];
    assert_eq!(run(&[&all[..], &["--resume", &file]].concat()), run(&all));
}

#[test]
fn what_belongs_to_something_else_is_refused() {
    let (_folder, file) = begun();
    let patched = ["--algorithm", "patched", "--resume", &file];
    for arguments in [
        &["--algorithm", "original", "--resume", &file][..],
        &[&patched[..], &["--max-states", "9"]].concat(),
        &[&patched[..], &["--max-memory", "1G"]].concat(),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""), "{arguments:?}");
        assert!(ran.err.contains("cannot be resumed: it is of another search"), "{}", ran.err);
    }
    let other = mapisim(&[&["run", "scenarios/article/bug-1-every-order.json"], &patched[..]].concat());
    assert_eq!(other.status, Status::BadInput, "{}", other.err);
    assert_eq!(run(&patched).status, Status::AsExpected);
}

#[test]
fn what_is_cut_off_or_damaged_or_not_there_is_refused() {
    let (_folder, file) = begun();
    let whole = std::fs::read(&file).expect("it was written");
    let mut changed = whole.clone();
    let last = changed.len() - 1;
    changed[last] ^= 4;
    for (bytes, why) in [
        (&whole[..last], "cut off or damaged"),
        (&changed, "cut off or damaged"),
        (b"{}", "it is no checkpoint"),
    ] {
        std::fs::write(&file, bytes).expect("it can be written");
        let ran = run(&["--algorithm", "patched", "--resume", &file]);
        assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""));
        assert!(ran.err.contains(why), "{}", ran.err);
    }
    std::fs::remove_file(&file).expect("it is there");
    let ran = run(&["--algorithm", "patched", "--resume", &file]);
    assert_eq!(ran.status, Status::BadInput);
    assert!(ran.err.contains("cannot be resumed: "), "{}", ran.err);
}

#[test]
fn one_search_is_kept_and_not_several_or_none() {
    let (_folder, file) = place();
    for (arguments, searches) in [
        (&["run", SCENARIO, "--algorithm", "all"][..], "7"),
        (&["run", "scenarios/article/bug-2.json", "--algorithm", "original"], "0"),
    ] {
        let ran = mapisim(&[arguments, &["--checkpoint", &file]].concat());
        assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""));
        assert!(ran.err.contains(&format!("keeps one search, and {searches} are asked for")), "{}", ran.err);
    }
}

#[test]
fn a_search_that_cannot_be_kept_is_74_and_its_verdict_is_told_all_the_same() {
    let arguments = ["--algorithm", "patched", "--max-time", "0s"];
    let ran = run(&[&arguments[..], &["--checkpoint", "Cargo.toml/kept.mapisim"]].concat());
    assert_eq!(ran.status, Status::Unwritten);
    assert!(ran.err.contains("could not be written"), "{}", ran.err);
    assert!(ran.out.contains("\"verdict\": \"inconclusive\""), "{}", ran.out);
}

#[test]
fn a_search_in_which_threads_die_goes_on_too() {
    const DEATHS: &str = "scenarios/properties/a-thread-dies-in-mapi.json";
    let with = |more: &[&str]| {
        mapisim(&[&["run", DEATHS, "--format", "json", "--algorithm", "lease"], more].concat())
    };
    let whole = with(&[]);
    let (_folder, file) = place();
    let mut ran = with(&["--checkpoint", &file, "--max-time", "1ms"]);
    for breaks in 1..20 {
        if ran.out.contains("--max-time") {
            let time = format!("{}ms", 1u64 << breaks);
            ran = with(&["--resume", &file, "--checkpoint", &file, "--max-time", &time]);
        }
    }
    assert_eq!(ran, whole);
}
