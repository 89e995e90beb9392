//! Does `diff` say what changed, and does a baseline stay what people accepted?
//!
//! - each word, on runs that were changed by hand; what cannot be compared is said first
//! - `original` against `patched` reads like release notes
//! - `report --baseline` writes beside, `accept` replaces, CI may not
//! - the repository's own baseline and published report are up to date

use std::path::Path;
use std::process::{Command, Stdio};

use mapisim::baseline::{self, Known};
use mapisim::cli::Status;
use mapisim::diff::side::Side;
use mapisim::diff::told::{Look, json_report, markdown_report, text_report};
use mapisim::diff::{Diff, Word, compare};
use mapisim::run_model::{Cell, RunModel, Verdict, written};
use mapisim::{html, markdown};
use mapisim_tests::command::mapisim;
use mapisim_tests::{file, root};

const BUG_2: &str = "scenarios/article/bug-2.json";
const LOOK: Look = Look { columns: 100, all: false };
const SWEEP: &str = "fp1:live-profile/sweep/profile-key/sections-split-by-session";

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are Unicode")
}

fn model(arguments: &[&str]) -> RunModel {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let words = ["report", "--out", text(folder.path()), "--only", "run.json"];
    let words = words.into_iter().chain(arguments.iter().copied());
    let ran = mapisim(&words.collect::<Vec<_>>());
    let json = std::fs::read_to_string(folder.path().join("run.json"));
    written::from_json(&json.unwrap_or_else(|error| panic!("{error}: {}", ran.err))).expect("it reads back")
}

fn compared(old: &RunModel, new: &RunModel) -> Diff {
    compare(&Side::of_run("old", old), &Side::of_run("new", new), false)
}

fn holds(cell: &mut Cell) {
    (cell.verdict, cell.property, cell.signature) = (Verdict::Holds, None, None);
}

#[test]
fn runs_under_other_faults_are_not_compared_but_for_what_has_a_schedule() {
    let files = ["scenarios/open/power-failure-half-way.json", BUG_2];
    let own = model(&files);
    let killed = model(&[files[0], files[1], "--crashes", "1", "--machine-crashes", "0"]);
    let diff = compared(&own, &killed);
    assert_eq!(diff.rows.len(), 6, "bug 2 has a schedule: it is run as it is, and is the same");
    for row in &diff.rows {
        let why = row.note.as_deref();
        assert_eq!((row.word, why), (Word::Incomparable, Some("they were run under different faults")));
    }
    let told = text_report(&diff, LOOK);
    let note = "The faults differ: the files' own and --crashes 1 --machine-crashes 0.";
    let places = [told.find(note), told.find("incomparable: 6")];
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told}");
    assert!(compared(&killed, &killed).rows.is_empty(), "the same faults on both sides");
}

#[test]
fn the_folder_of_a_report_stands_for_its_run() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = text(folder.path());
    let wrote = mapisim(&["report", BUG_2, "--algorithm", "original", "--out", out, "--only", "run.json"]);
    assert_eq!(wrote.status, Status::AsExpected, "{}", wrote.err);
    let ran = mapisim(&["diff", out, text(&folder.path().join("run.json"))]);
    assert_eq!(ran.status, Status::AsExpected, "{}", ran.err);
    let empty = tempfile::tempdir().expect("a temporary folder can be made");
    let ran = mapisim(&["diff", text(empty.path()), out]);
    assert_eq!(ran.status, Status::BadInput);
    assert!(ran.err.contains("there is no file") && ran.err.contains("run.json"), "{}", ran.err);
}

/// What is changed, the word for it, whether it is a regression, of which cell, and how.
type Change = (&'static str, Word, bool, usize, fn(&mut Cell));

#[test]
fn each_change_has_its_word_and_fails_as_it_should() {
    let old = model(&[BUG_2, "scenarios/article/bug-2-every-order.json"]);
    assert_eq!((compared(&old, &old).rows, compared(&old, &old).regression), (Vec::new(), false));
    let of = |scenario: &str, algorithm: &str| {
        let found = old
            .cells
            .iter()
            .position(|cell| cell.scenario.ends_with(scenario) && cell.algorithm == algorithm);
        found.expect("it was run")
    };
    let (original, patched, every) =
        (of("bug-2.json", "original"), of("bug-2.json", "patched"), of("every-order.json", "patched"));
    let changes: [Change; 10] = [
        ("it holds no more", Word::Regressed, true, patched, |cell| {
            (cell.verdict, cell.property, cell.as_expected) =
                (Verdict::Broken, Some("live-profile".to_owned()), false);
        }),
        ("it fails altogether", Word::Regressed, true, patched, |cell| {
            (cell.verdict, cell.as_expected) = (Verdict::Panicked, false);
        }),
        ("a canary lives", Word::Escaped, true, original, holds),
        ("another signature", Word::Changed, true, original, |cell| {
            cell.signature = Some("fp1:live-profile/delete/profile-key/count-lowered".to_owned());
        }),
        ("no answer", Word::Weaker, true, every, |cell| {
            (cell.verdict, cell.as_expected) = (Verdict::Inconclusive, false);
        }),
        ("not in every order", Word::Weaker, true, every, |cell| cell.exhaustive = false),
        ("fewer states", Word::Weaker, true, every, |cell| cell.states -= 1),
        ("a probe lost", Word::Weaker, true, every, |cell| cell.missed = vec!["mark-written".to_owned()]),
        ("a longer run", Word::Moved, false, original, |cell| cell.steps += 1),
        ("in every order now", Word::Stronger, false, patched, |cell| cell.exhaustive = true),
    ];
    for (what, word, fails, index, change) in changes {
        let mut new = old.clone();
        change(&mut new.cells[index]);
        let diff = compared(&old, &new);
        let words: Vec<(Word, bool)> = diff.rows.iter().map(|row| (row.word, row.fails)).collect();
        assert_eq!(words, [(word, fails)], "{what}");
        assert_eq!((diff.regression, diff.same), (fails, old.cells.len() - 1), "{what}");
    }
    // An unwelcome break that is gone is fixed.
    let (mut was, mut is) = (old.clone(), old.clone());
    for cell in [&mut was.cells[original], &mut is.cells[original]] {
        (cell.expected, cell.as_expected) = (Some("holds".to_owned()), false);
    }
    holds(&mut is.cells[original]);
    let diff = compared(&was, &is);
    assert_eq!((diff.rows[0].word, diff.regression), (Word::Fixed, false));
    // A break that must happen is back; a wrong one is the right one again.
    let (mut was, is) = (old.clone(), old.clone());
    holds(&mut was.cells[original]);
    was.cells[original].as_expected = false;
    let diff = compared(&was, &is);
    assert_eq!((diff.rows[0].word, diff.regression), (Word::Fixed, false), "the canary is back");
    was = old.clone();
    (was.cells[original].property, was.cells[original].signature, was.cells[original].as_expected) =
        (Some("no-orphan".to_owned()), None, false);
    let diff = compared(&was, &is);
    assert_eq!((diff.rows[0].word, diff.regression), (Word::Fixed, false), "it breaks what it must");
    // What is only on one side.
    let mut fewer = old.clone();
    fewer.cells.remove(patched);
    let gone = compared(&old, &fewer);
    assert_eq!((gone.rows[0].word, gone.regression), (Word::Gone, true));
    assert!(!compare(&Side::of_run("old", &old), &Side::of_run("new", &fewer), true).regression, "lenient");
    let new = compared(&fewer, &old);
    assert_eq!((new.rows[0].word, new.regression), (Word::New, false));
    fewer.cells.remove(original);
    let mut bad = old.clone();
    bad.cells[original].as_expected = false;
    assert!(compared(&fewer, &bad).regression, "new, and not as expected");
}

#[test]
fn what_cannot_be_compared_is_said_first_and_not_guessed_over() {
    let old = model(&[BUG_2]);
    let mut new = old.clone();
    new.scenarios[0].digest = "another".to_owned();
    (new.seed, new.asked.states_max, new.unread) = ("2a".to_owned(), 5, 1);
    holds(&mut new.cells[0]);
    let diff = compared(&old, &new);
    assert!(diff.rows.iter().all(|row| row.word == Word::Incomparable) && !diff.regression);
    let told = text_report(&diff, LOOK);
    let order = [
        "old → new",
        "No regression: ",
        "new lacks 1 file",
        "The seeds differ",
        "The bounds on states differ",
        "incomparable: 7",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|part| told.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told}");
    let mut timed = old.clone();
    (timed.cells[0].bound, timed.cells[0].verdict) = (Some("stopped".to_owned()), Verdict::Inconclusive);
    timed.cells[0].as_expected = false;
    let diff = compared(&old, &timed);
    assert_eq!((diff.rows[0].word, diff.regression), (Word::Incomparable, true), "judged as a new one");
}

#[test]
fn the_output_of_run_is_compared_without_signatures_and_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("old.json");
    let ran = mapisim(&["run", BUG_2, "--format", "json"]);
    std::fs::write(&path, &ran.out).expect("it can be written");
    let old = Side::read("old.json", &ran.out).expect("it is a run");
    let new = model(&[BUG_2]);
    let diff = compare(&old, &Side::of_run("new", &new), false);
    assert_eq!((diff.rows.len(), diff.regression), (0, false), "{}", text_report(&diff, LOOK));
    assert!(diff.notes[0].contains("It has no signatures"), "{:?}", diff.notes);
    let same = mapisim(&["diff", text(&path), text(&path), "--format", "json"]);
    assert_eq!(same.status, Status::AsExpected);
    let read: serde_json::Value = serde_json::from_str(&same.out).expect("it is JSON");
    assert_eq!(
        (read["kind"].as_str(), read["same"].as_u64()),
        (Some("mapisim-diff"), Some(new.cells.len() as u64))
    );
    let none = mapisim(&["diff", BUG_2, "nowhere.json"]);
    assert_eq!((none.status, none.out.as_str()), (Status::BadInput, ""));
}

#[test]
fn from_original_to_patched_reads_like_release_notes() {
    let old = model(&["scenarios/article", "--algorithm", "original"]);
    let new = model(&["scenarios/article", "--algorithm", "patched"]);
    let diff = compared(&old, &new);
    assert_eq!(diff.across, Some(("original".to_owned(), "patched".to_owned())));
    let fixed = diff.rows.iter().filter(|row| row.word == Word::Fixed);
    assert!(fixed.clone().any(|row| row.scenario == BUG_2) && fixed.count() >= 5);
    // Two scenarios wait for the failure itself, and say that it does not come with both fixes.
    let expected: Vec<&str> = diff
        .rows
        .iter()
        .filter(|row| row.word == Word::Expected)
        .map(|row| row.scenario.trim_start_matches("scenarios/article/"))
        .collect();
    assert_eq!(expected, ["a-new-profile-of-that-name-does-not-help.json", "runs-for-days-then-stops.json"]);
    assert!(!diff.regression, "what every scenario says of itself is no regression");
    for columns in [60, 80, 140] {
        let told = text_report(&diff, Look { columns, all: false });
        // Of a line painted as a whole the paint takes at most this much more.
        let paint = |line: &str| if line.contains('\u{1b}') { 20 } else { 0 };
        let commands = |line: &&str| !line.starts_with("  mapisim show ");
        assert!(
            told.lines().filter(commands).all(|line| line.chars().count() <= columns + paint(line)),
            "{columns}: {told}"
        );
    }
    insta::assert_snapshot!("original-to-patched", text_report(&diff, LOOK));
    insta::assert_snapshot!("original-to-patched-markdown", markdown_report(&diff));
    let json: serde_json::Value = serde_json::from_str(&json_report(&diff)).expect("it is JSON");
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(diff.rows.len()));
}

#[test]
fn between_two_algorithms_what_the_scenario_says_of_the_new_one_decides() {
    let old = model(&["scenarios/article/runs-for-days-then-stops.json", "--algorithm", "original"]);
    let new = model(&["scenarios/article/runs-for-days-then-stops.json", "--algorithm", "patched"]);
    let judged = |change: &dyn Fn(&mut Cell, &mut Cell)| {
        let (mut was, mut is) = (old.clone(), new.clone());
        change(&mut was.cells[0], &mut is.cells[0]);
        let diff = compared(&was, &is);
        (diff.rows.first().map(|row| row.word), diff.regression)
    };
    let nothing_expected = |is: &mut Cell| (is.expected, is.as_expected) = (None, false);
    assert_eq!(judged(&|_, _| ()), (Some(Word::Expected), false), "it says that just this breaks");
    assert_eq!(
        judged(&|_, is| (is.expected, is.as_expected) = (Some("holds".to_owned()), false)),
        (Some(Word::Regressed), true),
        "it says that it holds"
    );
    assert_eq!(judged(&|_, is| nothing_expected(is)), (Some(Word::Regressed), true), "it says nothing");
    let broken = |was: &mut Cell| {
        (was.verdict, was.property, was.signature) =
            (Verdict::Broken, Some("live-profile".to_owned()), Some(SWEEP.to_owned()));
    };
    let ours = judged(&|_, is| {
        broken(is);
        is.expected = Some("live-profile".to_owned());
    });
    assert_eq!(ours, (Some(Word::Regressed), true), "what we ask ourselves is worse where it breaks");
    let both = judged(&|was, is| {
        broken(was);
        nothing_expected(is);
    });
    assert_eq!(both, (Some(Word::Changed), false), "both break, and nobody promised anything");
    let otherwise = judged(&|was, is| {
        broken(was);
        (is.expected, is.as_expected) = (Some("no-orphan".to_owned()), false);
    });
    assert_eq!(otherwise, (Some(Word::Changed), true), "something else was promised");
    let missed = judged(&|_, is| {
        holds(is);
        nothing_expected(is);
        is.missed = vec!["mark-written".to_owned()];
    });
    assert_eq!(missed, (Some(Word::Weaker), false), "both hold; who holds on another way was not asked");
}

#[test]
fn a_known_issue_mutes_its_signature_and_no_other_until_its_version() {
    let mut before = model(&[BUG_2]);
    let new = before.clone();
    let index = before.cells.iter().position(|cell| cell.algorithm == "original").expect("it was run");
    holds(&mut before.cells[index]);
    let with = |signature: &str, until: &str| {
        let known = Known {
            signature: signature.to_owned(),
            reason: "KB 818861".to_owned(),
            until: until.to_owned(),
        };
        let text = baseline::to_json(&baseline::of_run(&before, &[known]));
        let read = baseline::from_json(&text).expect("it reads back");
        assert_eq!(baseline::to_json(&read), text);
        compare(&Side::of_baseline("baseline", &read), &Side::of_run("new", &new), false)
    };
    let muted = with(SWEEP, "99.0.0");
    assert_eq!((muted.rows[0].word, muted.regression), (Word::Known, false));
    assert!(muted.rows[0].note.as_ref().is_some_and(|note| note == "known until 99.0.0: KB 818861"));
    assert!(with(SWEEP, "0.0.1").regression, "it has expired");
    assert!(with("fp1:live-profile/delete/profile-key/count-lowered", "99.0.0").regression);
    let bad = baseline::to_json(&baseline::of_run(
        &before,
        &[Known { signature: "bug 2".to_owned(), reason: String::new(), until: "1.0.0".to_owned() }],
    ));
    assert!(baseline::from_json(&bad).expect_err("it is no signature").contains("is no signature"));
}

fn accept(baseline: &Path, ci: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapisim-under-test"));
    command.args(["accept", text(baseline)]).env_remove("CI").stdin(Stdio::null());
    if let Some(ci) = ci {
        command.env("CI", ci);
    }
    let output = command.output().expect("the command can be started");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_baseline_is_replaced_by_accept_alone_and_never_in_ci() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (path, waiting) = (folder.path().join("baseline.json"), folder.path().join("baseline.json.new"));
    let out = folder.path().join("out");
    let report = |algorithm: &str| {
        mapisim(&[
            "report",
            BUG_2,
            "--algorithm",
            algorithm,
            "--baseline",
            text(&path),
            "--out",
            text(&out),
            "--only",
            "report.md",
        ])
    };
    let nothing = accept(&path, None);
    assert!(nothing.0 == Some(2) && nothing.1.contains("there is nothing to accept"), "{nothing:?}");
    let first = report("patched");
    assert_eq!(first.status, Status::AsExpected);
    assert!(first.out.contains("is not there yet.") && !first.out.contains("differ"), "{}", first.out);
    assert!(!path.exists() && waiting.exists(), "a report writes no baseline");
    let in_ci = accept(&path, Some("true"));
    assert!(in_ci.0 == Some(2) && in_ci.1.contains("CI is set"), "{in_ci:?}");
    assert!(!path.exists() && waiting.exists());
    assert_eq!(accept(&path, None), (Some(0), String::new()));
    assert!(path.exists() && !waiting.exists());
    let accepted = std::fs::read_to_string(&path).expect("it is there");
    let same = report("patched");
    assert_eq!((same.status, waiting.exists()), (Status::AsExpected, false));
    assert!(same.out.contains("1 same"), "{}", same.out);
    let worse = report("original");
    assert_eq!((worse.status, waiting.exists()), (Status::Broken, true), "{}", worse.out);
    assert!(worse.out.starts_with("patched → original"), "{}", worse.out);
    // What waits is of no use once the baseline is right again.
    assert!(report("patched").status == Status::AsExpected && !waiting.exists());
    std::fs::write(&waiting, "{").expect("it can be written");
    let broken = accept(&path, None);
    assert!(broken.0 == Some(2) && broken.1.contains("nothing was changed"), "{broken:?}");
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), accepted);
}

#[test]
fn the_baseline_and_the_published_report_are_up_to_date() {
    let model = model(&["scenarios"]);
    // Everything there is makes files that one can still open and send.
    let sizes = (written::to_json(&model).len(), html::render(&model).len());
    assert!(
        sizes.0 < 10_000_000 && sizes.1 < 6_000_000,
        "run.json has {} bytes, index.html {}",
        sizes.0,
        sizes.1
    );
    let checked_in = baseline::from_json(&file("reports/baseline.json")).expect("it is a baseline");
    let diff = compare(
        &Side::of_baseline("reports/baseline.json", &checked_in),
        &Side::of_run("this run", &model),
        false,
    );
    let now = baseline::to_json(&baseline::of_run(&model, &checked_in.known));
    let refresh = "look at what changed, then: cargo run --release -- report scenarios --baseline reports/baseline.json --only \
                   report.md --out reports/published; cargo run --release -- accept";
    assert!(
        file("reports/baseline.json") == now,
        "reports/baseline.json is stale; {refresh}\n{}",
        text_report(&diff, LOOK)
    );
    let published = file("reports/published/report.md");
    assert!(published == markdown::render(&model), "reports/published/report.md is stale; {refresh}");
    assert!(
        !root().join("reports/baseline.json.new").exists(),
        "something waits to be accepted, or to be removed"
    );
}
