//! What do people see? Snapshots of what the command prints, to be read when they change.
//!
//! - `run`, `show` at several widths, JSON, `builds`, `schema`, `--help`
//! - `run` and `show` at 60, 80 and 120 columns, with and without colours; what a newcomer meets
//! - what is said of every malformed file
//!
//! `INSTA_UPDATE=always cargo test -p mapisim-tests --test reports` takes what is printed now; then read the difference.

use mapisim::cli::Terminal;
use mapisim_tests::command::{mapisim_in, transcript};
use mapisim_tests::{file, root};

const BUG_1: &str = "scenarios/article/bug-1.json";
const BUG_2: &str = "scenarios/article/bug-2.json";
const EVERY_ORDER: &str = "scenarios/article/bug-2-every-order.json";

#[test]
fn run_tells_a_line_for_each_scenario_and_build() {
    insta::assert_snapshot!("run", transcript(100, &["run", "scenarios/article"]));
    insta::assert_snapshot!("run-80", transcript(80, &["run", BUG_1, "-v"]));
    insta::assert_snapshot!("run-50", transcript(50, &["run", BUG_1]));
    insta::assert_snapshot!("run-json", transcript(100, &["run", BUG_2, EVERY_ORDER, "--format", "json"]));
    insta::assert_snapshot!("run-unanswered", transcript(100, &["run", EVERY_ORDER, "--max-states", "500"]));
}

#[test]
fn show_tells_what_happened_and_why() {
    insta::assert_snapshot!("show-bug-1", transcript(100, &["show", BUG_1]));
    insta::assert_snapshot!("show-bug-2", transcript(100, &["show", BUG_2]));
    insta::assert_snapshot!("show-bug-2-140", transcript(140, &["show", BUG_2]));
    insta::assert_snapshot!("show-bug-2-80", transcript(80, &["show", BUG_2]));
    insta::assert_snapshot!("show-bug-2-50", transcript(50, &["show", BUG_2]));
    insta::assert_snapshot!("show-all-steps", transcript(140, &["show", BUG_2, "--all-steps"]));
    insta::assert_snapshot!(
        "show-searched",
        transcript(100, &["show", EVERY_ORDER, "--algorithm", "sid-suffix"])
    );
    insta::assert_snapshot!("show-holds", transcript(100, &["show", EVERY_ORDER, "--algorithm", "patched"]));
    insta::assert_snapshot!("show-fixed", transcript(100, &["show", BUG_2, "--algorithm", "patched"]));
    let schedule = "events.exe through DeleteProfile,kill events.exe,outlook.exe";
    insta::assert_snapshot!("show-own-schedule", transcript(100, &["show", BUG_2, "--schedule", schedule]));
}

#[test]
fn run_and_show_fit_every_width_with_and_without_colours() {
    for columns in [60, 80, 120] {
        let (run, show) = (["run", BUG_2, BUG_1], ["show", BUG_2, "--context", "8"]);
        insta::assert_snapshot!(format!("width-{columns}-run"), transcript(columns, &run));
        insta::assert_snapshot!(format!("width-{columns}-show"), transcript(columns, &show));
        insta::assert_snapshot!(format!("width-{columns}-run-coloured"), coloured(columns, &run));
        insta::assert_snapshot!(format!("width-{columns}-show-coloured"), coloured(columns, &show));
    }
    insta::assert_snapshot!("ascii", transcript(80, &["show", BUG_1, "--context", "8", "--ascii"]));
    let part = ["show", BUG_2, "--from", "36", "--to", "55", "--all-steps"];
    insta::assert_snapshot!("show-part", transcript(100, &part));
}

/// What a terminal with colours gets, its escapes as `\u{1b}`.
fn coloured(columns: usize, arguments: &[&str]) -> String {
    let terminal = Terminal { columns, out_colour: true, err_colour: true, ..Terminal::none() };
    mapisim_in(terminal, arguments).out.replace('\u{1b}', "\\u{1b}")
}

#[test]
fn the_first_minutes() {
    for (name, arguments) in [
        ("first-nosuch", &["run", "nosuch"][..]),
        ("first-pattern", &["show", BUG_1, BUG_2]),
        ("first-folder", &["show", "scenarios/article"]),
        ("first-misspelt", &["shwo", BUG_2]),
        ("first-algorithm", &["show", BUG_2, "--algorithm", "pached"]),
        ("help-init", &["init", "--help"]),
        ("help-completions", &["completions", "--help"]),
    ] {
        insta::assert_snapshot!(name, transcript(100, arguments));
    }
}

#[test]
fn what_is_known_of_products_and_versions() {
    insta::assert_snapshot!("builds", transcript(100, &["builds"]));
    insta::assert_snapshot!("builds-version", transcript(100, &["builds", "5.5.2657.49"]));
    insta::assert_snapshot!("help", transcript(100, &["--help"]));
    insta::assert_snapshot!("help-run", transcript(100, &["run", "--help"]));
    insta::assert_snapshot!("help-show", transcript(100, &["show", "--help"]));
}

#[test]
fn the_schema_that_is_printed_is_the_one_beside_the_scenarios() {
    let printed = mapisim_tests::command::mapisim(&["schema"]);
    assert_eq!(printed.out, file("scenarios/scenario.schema.json"));
}

#[test]
fn every_malformed_file_is_told_with_its_place_and_status_2() {
    let folder = root().join("tests/malformed");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("there are malformed files")
        .map(|entry| {
            entry.expect("it can be listed").file_name().into_string().expect("our names are Unicode")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 60, "only {} malformed files", names.len());
    for name in names {
        let path = format!("malformed/{name}");
        let told = transcript(100, &["run", &path]);
        assert!(told.ends_with("--- status 2\n"), "{told}");
        assert!(told.contains(&format!("{path}:")), "{told}");
        let stem = name.trim_end_matches(".json");
        insta::assert_snapshot!(format!("malformed-{stem}"), told);
    }
}
