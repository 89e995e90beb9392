//! Which verdicts hang on what the sources leave open?
//!
//! - each format, as people see it; the same bytes whatever runs at once
//! - what a run never asked for changes nothing of it
//! - a bound, and a schedule that cannot happen, are no verdict
//! - every report says how firm its verdict is
//! - `docs/assumptions.md` is what the command prints
//!
//! The document is written anew by `MAPISIM_WRITE_DOCS=1 cargo test -p mapisim-tests --test assumptions document`, which
//! takes minutes; `MAPISIM_WHOLE_DOCS=1` compares the whole of it. Without either, most searches are left out.

use std::collections::BTreeSet;

use mapisim::cli::Status;
use mapisim::digest::digest;
use mapisim_model::check::{Bounds, check};
use mapisim_model::firmness::{Landing, firmness};
use mapisim_model::mapi::assumptions::TABLE;
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::outcome::Verdict;
use mapisim_tests::command::{mapisim, transcript};
use mapisim_tests::{file, root, shipped};
use serde_json::Value;

const BUG_1: &str = "scenarios/article/bug-1.json";
const BUG_2: &str = "scenarios/article/bug-2.json";
const EVERY_ORDER: &str = "scenarios/article/bug-2-every-order.json";
const DOCUMENT: &str = "docs/assumptions.md";

#[test]
fn assumptions_tells_which_verdicts_move() {
    insta::assert_snapshot!("assumptions", transcript(100, &["assumptions", BUG_1, BUG_2]));
    insta::assert_snapshot!("assumptions-60", transcript(60, &["assumptions", BUG_1]));
    insta::assert_snapshot!(
        "assumptions-pairs",
        transcript(100, &["assumptions", BUG_2, "--algorithm", "patched", "--pairs"])
    );
    let json = ["assumptions", BUG_1, "--algorithm", "original", "--format", "json"];
    insta::assert_snapshot!("assumptions-json", transcript(100, &json));
    insta::assert_snapshot!(
        "assumptions-markdown",
        transcript(100, &["assumptions", BUG_1, BUG_2, "--format", "markdown"])
    );
    insta::assert_snapshot!("help-assumptions", transcript(100, &["assumptions", "--help"]));
}

#[test]
fn the_same_is_printed_whatever_runs_at_once() {
    let words = |jobs| ["assumptions", BUG_1, "--pairs", "--format", "json", "--jobs", jobs];
    assert_eq!(mapisim(&words("1")), mapisim(&words("3")));
    let words = |jobs| ["run", EVERY_ORDER, "--firmness", "-v", "--algorithm", "original", "--jobs", jobs];
    assert_eq!(mapisim(&words("1")), mapisim(&words("3")));
}

#[test]
fn what_a_run_never_asked_for_changes_nothing_of_it() {
    let sample = [
        (BUG_1, Build::AsInstalled),
        (BUG_2, Build::All(Algorithm::Patched)),
        (EVERY_ORDER, Build::All(Algorithm::Original)),
        (EVERY_ORDER, Build::All(Algorithm::GlobalSection)),
        (EVERY_ORDER, Build::All(Algorithm::Lease)),
        ("scenarios/properties/no-orphan.json", Build::AsInstalled),
        ("scenarios/kb/303221.json", Build::AsInstalled),
    ];
    let mut tried = 0;
    for (name, build) in sample {
        let scenario = shipped(name);
        let outcome = check(&scenario, build, &Bounds::default()).expect("it can happen");
        for assumption in TABLE.iter().filter(|assumption| !outcome.consulted.has(assumption.name)) {
            for alternative in assumption.alternatives {
                let mut flipped = scenario.clone();
                flipped.assumptions.set(assumption.name, alternative).expect("it is in the table");
                let other = check(&flipped, build, &Bounds::default()).expect("it can happen");
                let what = format!("{name} with {}: {} = {alternative}", build.id(), assumption.name);
                assert_eq!(outcome.verdict, other.verdict, "{what}");
                assert_eq!(outcome.consulted, other.consulted, "{what}");
                assert_eq!(
                    (outcome.states, outcome.transitions, outcome.steps, &outcome.levels),
                    (other.states, other.transitions, other.steps, &other.levels),
                    "{what}"
                );
                // After what is broken the story is told on, which may ask for more.
                if outcome.verdict == Verdict::Holds || scenario.schedule.is_some() {
                    assert_eq!(digest(&outcome), digest(&other), "{what}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "only {tried} flips were left out");
}

#[test]
fn what_a_verdict_rests_on_differs_between_algorithms() {
    let scenario = shipped(EVERY_ORDER);
    let rests = |algorithm, name| {
        let outcome = check(&scenario, Build::All(algorithm), &Bounds::default());
        outcome.expect("it can happen").consulted.has(name)
    };
    assert!(!rests(Algorithm::Original, "crc-kind"), "without fix 1 there is no CRC");
    assert!(rests(Algorithm::SidSuffix, "crc-kind"), "fix 1 is a CRC");
    assert!(rests(Algorithm::Original, "count-identity"));
    assert!(!rests(Algorithm::Lease, "crash-repair"), "leases are no counts");
}

#[test]
fn bug_1_hangs_on_whose_sid_names_the_section_and_nothing_else() {
    let scenario = shipped(BUG_1);
    let firm =
        firmness(&scenario, Build::All(Algorithm::Original), &Bounds::default()).expect("it can happen");
    let moved: Vec<_> = firm.moved().map(|moved| (moved.flip.assumption.name, moved.flip.to)).collect();
    assert_eq!(moved, [("count-identity", "process")]);
    assert!(firm.moved().all(|moved| moved.verdict == Verdict::Holds) && !firm.stands());
    assert_eq!(firm.consulted.count() + firm.not_tried().count(), TABLE.len());
    assert!(firm.flips_tried() >= firm.consulted.count(), "each has an alternative");
}

#[test]
fn a_schedule_that_cannot_happen_under_a_flip_is_not_a_verdict() {
    let mut scenario = shipped(BUG_2);
    let build = Build::All(Algorithm::Original);
    let outcome = check(&scenario, build, &Bounds::default()).expect("it can happen");
    let exact = outcome.run.expect("it is scheduled").schedule;
    scenario.schedule = Some(mapisim_sim::Schedule::parse(&exact).expect("a schedule reads back"));
    let firm = firmness(&scenario, build, &Bounds::default()).expect("it can happen");
    let lock =
        firm.flips.iter().find(|tried| tried.flip.assumption.name == "lock" && tried.flip.to == "none");
    assert_eq!(lock.expect("it was tried").landing, Landing::CannotHappen, "there are fewer steps then");
    assert!(firm.cannot_happen().count() > 1);
    assert!(firm.moved().all(|moved| moved.flip.assumption.name != "lock"));
}

#[test]
fn a_flip_that_reached_a_bound_leaves_it_open_whether_a_verdict_stands() {
    let words = ["assumptions", EVERY_ORDER, "--algorithm", "original", "--max-states", "960"];
    let ran = mapisim(&words);
    assert_eq!(ran.status, Status::Inconclusive, "{}", ran.out);
    assert!(ran.out.contains("breaks live-profile → inconclusive"), "{}", ran.out);
    assert!(!ran.out.contains("It stands"), "{}", ran.out);
    let words = ["assumptions", EVERY_ORDER, "--algorithm", "original", "--max-states", "100"];
    let ran = mapisim(&words);
    assert_eq!(ran.status, Status::Inconclusive);
    assert!(ran.out.contains("It has no verdict"), "{}", ran.out);
}

#[test]
fn run_and_show_say_how_firm_a_verdict_is() {
    let ran = mapisim(&["run", BUG_1, "--algorithm", "original", "--algorithm", "patched"]);
    assert!(ran.out.contains("each verdict rests on 15 to 21 of the 28 points"), "{}", ran.out);
    let ran = mapisim(&["run", BUG_1, "--firmness", "--algorithm", "original"]);
    let line = "hangs on count-identity: 1 of 21 flips of 15 assumptions moves it";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert!(ran.out.contains("0 stand whatever the sources leave open, 1 hangs on it"), "{}", ran.out);
    assert!(mapisim(&["show", BUG_1]).out.contains(line));
    let shown = mapisim(&["show", BUG_1, "--format", "json"]);
    let shown: Value = serde_json::from_str(&shown.out).expect("it is JSON");
    assert_eq!(shown["firmness"], line);
    // One that is too large says how it can be asked for.
    let large = "scenarios/article/customer-machine-patched.json";
    let ran = mapisim(&["show", large]);
    assert!(
        ran.out.contains(&format!("mapisim assumptions {large} --algorithm as-installed")),
        "{}",
        ran.out
    );
}

// ---- the document ----------------------------------------------------------------------------------

const HEAD: &str = "# What the results hang on

What MAPI did is known in part. Each point that the sources leave open is an assumption with a default
([facts/mapi.md](facts/mapi.md), section 4). This table shows, for every shipped scenario of the article and of the KB
articles, what happens when one of them is settled otherwise: which results stand whatever Microsoft really did, and which
hang on what. Only assumptions that a run asks for are tried; the others cannot matter to it.
They are settled otherwise one at a time; `--pairs` tries each two at once.

It is what `mapisim assumptions scenarios/article scenarios/kb --format markdown` prints. A test compares it;
`MAPISIM_WRITE_DOCS=1 cargo test -p mapisim-tests --test assumptions document` writes it anew.

";

/// The scenarios whose searches take long: they are compared when the whole document is.
fn is_large(name: &str) -> bool {
    name != EVERY_ORDER && shipped(name).schedule.is_none()
}

fn set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value != "0")
}

#[test]
fn the_document_is_what_the_command_prints() {
    let whole = set("MAPISIM_WHOLE_DOCS") || set("MAPISIM_WRITE_DOCS");
    let names = mapisim::shipped::scenarios().into_iter().map(|(name, _)| name);
    let folders = ["scenarios/article/", "scenarios/kb/"];
    let names: Vec<String> =
        names.filter(|name| folders.iter().any(|folder| name.starts_with(folder))).collect();
    let tried = names.iter().filter(|name| whole || !is_large(name)).map(String::as_str);
    let words: Vec<&str> = ["assumptions", "--format", "markdown"].into_iter().chain(tried).collect();
    let ran = mapisim(&words);
    assert_eq!((ran.status, ran.err.as_str()), (Status::AsExpected, ""));
    if set("MAPISIM_WRITE_DOCS") {
        std::fs::write(root().join(DOCUMENT), format!("{HEAD}{}", ran.out)).expect("it can be written");
        return;
    }
    let document = file(DOCUMENT);
    if whole {
        assert_eq!(document, format!("{HEAD}{}", ran.out), "{DOCUMENT} is old");
        return;
    }
    assert!(document.starts_with(HEAD), "{DOCUMENT} begins otherwise");
    let stem = |name: &str| name.rsplit('/').next().unwrap_or(name).trim_end_matches(".json").to_owned();
    let large: BTreeSet<String> = names.iter().filter(|name| is_large(name)).map(|name| stem(name)).collect();
    let rows = |text: &str| -> BTreeSet<String> {
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 4);
        let small = |line: &&str| line.split(" | ").next().is_none_or(|head| !large.contains(&head[2..]));
        rows.filter(small).map(str::to_owned).collect()
    };
    assert_eq!(rows(&document), rows(&ran.out), "{DOCUMENT} is old");
    for stem in large {
        assert!(document.contains(&format!("| {stem} |")), "{DOCUMENT} has no row for {stem}");
    }
}
