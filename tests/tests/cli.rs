//! Does the command do what its users' scripts rely on?
//!
//! - exit statuses, one and several at once
//! - a bad file is told and keeps no other from being run; nothing is ever run silently over nothing
//! - bounds, shards, seeds, colours, formats
//! - as a real process: a full disk, a reader that goes away, an interrupt

use std::path::Path;

use mapisim::cli::{Status, Terminal};
use mapisim_tests::command::{Ran, mapisim, mapisim_at, mapisim_in};
use serde_json::Value;

const BUG_2: &str = "scenarios/article/bug-2.json";
const EVERY_ORDER: &str = "scenarios/article/bug-2-every-order.json";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in the folder"))
            .expect("folders can be made in it");
        std::fs::write(path, text).expect("files can be written in it");
    }
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are Unicode")
}

/// A small scenario that holds, and what it says it expects.
fn small(expect: &str) -> String {
    format!(
        r#"{{ "format": 1, "title": "small", "machine": {{ "windows": "2000" }},
             "accounts": {{ "svc": {{ "sid": "S-1-5-21-1-2-3-1105" }} }},
             "processes": {{ "p.exe": {{ "account": "svc", "mapi": "original", "script": ["MAPIInitialize"] }} }},
             "expect": {{ "original": "{expect}" }} }}"#
    )
}

/// The same with a schedule that cannot happen: one step more than there is.
fn diverging() -> String {
    small("holds").replace(r#""expect""#, r#""schedule": "p.exe:99", "expect""#)
}

fn outcomes(ran: &Ran) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.out));
    report["outcomes"].as_array().expect("outcomes are an array").clone()
}

// ---- faults --------------------------------------------------------------------------------------

#[test]
fn faults_on_the_command_line_take_the_place_of_the_files_and_what_it_expects_is_not_about_them() {
    const HALF_WAY: &str = "scenarios/open/power-failure-half-way.json";
    let first = |arguments: &[&str]| {
        let ran = mapisim(&[&["run", "--format", "json"], arguments].concat());
        (ran.status, outcomes(&ran)[0].clone())
    };
    let (status, own) = first(&[HALF_WAY, "--algorithm", "patched"]);
    assert_eq!((status, &own["verdict"]), (Status::AsExpected, &Value::from("broken")));
    let (status, none) = first(&[HALF_WAY, "--algorithm", "patched", "--machine-crashes", "0"]);
    assert_eq!((status, &none["verdict"]), (Status::AsExpected, &Value::from("holds")));
    assert_eq!((&own["expected"], &none["expected"]), (&Value::from("no-orphan"), &Value::Null));
    // Killing the process at any step breaks it as well, and nothing is expected of that.
    let killed = [HALF_WAY, "--algorithm", "patched", "--machine-crashes", "0", "--crashes", "1"];
    let told = mapisim(&[&["run"], &killed[..]].concat()).out;
    let said = "The scenario says nothing of --crashes 1 --machine-crashes 0, but it breaks no-orphan.";
    assert!(told.contains(said), "{told}");
    let (status, killed) = first(&killed);
    assert_eq!((status, &killed["property"]), (Status::Broken, &Value::from("no-orphan")));
    // A schedule says itself what fails, and its expectations stand.
    let scheduled = ["scenarios/open/power-failure-undoes-a-deletion.json", "--crashes", "1"];
    assert_eq!(first(&scheduled).1["expected"], Value::from("holds"));
    for wrong in [["--machine-crashes", "2"], ["--crashes", "9"], ["--thread-deaths", "-1"]] {
        assert_eq!(mapisim(&[&["run", HALF_WAY][..], &wrong].concat()).status, Status::BadInput, "{wrong:?}");
    }
}

#[test]
fn what_is_shown_under_other_faults_says_so_and_how_to_see_it_again() {
    let arguments = ["show", "scenarios/benign/one-account-one-session.json", "--machine-crashes", "1"];
    let shown = mapisim(&[&arguments[..], &["--algorithm", "patched"]].concat());
    assert_eq!(shown.status, Status::AsExpected, "{}", shown.err);
    let told = shown.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("a crash of the machine at any step"), "{told}");
    assert!(told.contains("The file's expectation is not about these faults."), "{told}");
    let half =
        ["show", "scenarios/open/delete-dies-half-way.json", "--crashes", "0", "--machine-crashes", "1"];
    let shown = mapisim(&[&half[..], &["--algorithm", "patched"]].concat()).out;
    let again = "--algorithm patched --crashes 0 --machine-crashes 1";
    assert!(shown.contains("crash machine keeping svc") && shown.contains(again), "{shown}");
    assert!(shown.contains("the machine crashes"), "{shown}");
}

// ---- exit statuses -------------------------------------------------------------------------------

#[test]
fn all_as_expected_is_0_and_a_surprise_is_1() {
    let files = folder(&[("good.json", &small("holds")), ("bad.json", &small("live-profile"))]);
    assert_eq!(mapisim(&["run", text(&files.path().join("good.json"))]).status, Status::AsExpected);
    let ran = mapisim(&["run", text(files.path())]);
    assert_eq!(ran.status, Status::Broken);
    assert!(ran.out.contains("It is expected to break live-profile, but it holds"), "{}", ran.out);
    assert!(ran.out.contains("2 cells, 1 as expected"), "{}", ran.out);
}

#[test]
fn a_property_that_breaks_unexpectedly_is_1() {
    let ran = mapisim(&["run", BUG_2, "--algorithm", "patched-2008"]);
    assert_eq!(ran.status, Status::AsExpected, "{}", ran.out);
    let broken = mapisim(&["show", BUG_2, "--schedule", "events.exe:41,outlook.exe,events.exe"]);
    assert_eq!(broken.status, Status::Broken, "{}", broken.err);
}

#[test]
fn no_answer_within_the_memory_is_3_too_and_the_same_with_any_number_of_jobs() {
    let with = |memory: &str, jobs: &str| {
        mapisim(&["run", EVERY_ORDER, "--algorithm", "patched", "--max-memory", memory, "--jobs", jobs])
    };
    let ran = with("50K", "1");
    assert_eq!(ran.status, Status::Inconclusive);
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("The bound on memory, 51,200 bytes, was reached after"), "{words}");
    assert!(words.contains("--max-memory allows more"), "{words}");
    assert_eq!(ran, with("50K", "2"));
    assert_eq!(with("1G", "1").status, Status::AsExpected);
}

#[test]
fn no_answer_within_the_bounds_is_3_and_says_which_bound() {
    let ran = mapisim(&["run", EVERY_ORDER, "--algorithm", "patched", "--max-states", "100"]);
    assert_eq!(ran.status, Status::Inconclusive);
    assert!(ran.out.contains("The bound on states was reached"), "{}", ran.out);
    let ran = mapisim(&["run", EVERY_ORDER, "--algorithm", "patched", "--max-time", "0s"]);
    assert_eq!(ran.status, Status::Inconclusive);
    assert!(ran.out.contains("cannot be compared"), "{}", ran.out);
    // A scheduled run is no search: it has an answer however little time there is.
    assert_eq!(mapisim(&["run", BUG_2, "--max-time", "0s"]).status, Status::AsExpected);
}

#[test]
fn a_schedule_that_cannot_happen_is_6_and_says_what_could() {
    let files = folder(&[("a.json", &diverging())]);
    for command in ["run", "show"] {
        let ran = mapisim(&[command, text(&files.path().join("a.json")), "--algorithm", "original"]);
        assert_eq!(ran.status, Status::Diverged, "{command}");
        assert!(ran.err.contains("only [] can happen there"), "{command}: {}", ran.err);
    }
}

#[test]
fn of_several_statuses_the_first_in_the_documented_order_counts() {
    let everything = [
        ("diverges.json", diverging()),
        ("malformed.json", "{".to_owned()),
        ("surprise.json", small("live-profile")),
        ("good.json", small("holds")),
    ];
    // What ends each status is taken away in turn.
    let expected = [Status::Diverged, Status::BadInput, Status::Broken, Status::AsExpected];
    for (index, status) in expected.into_iter().enumerate() {
        let files: Vec<(&str, &str)> =
            everything[index..].iter().map(|(name, text)| (*name, text.as_str())).collect();
        let folder = folder(&files);
        let ran = mapisim(&["run", text(folder.path())]);
        assert_eq!(ran.status, status, "{}{}", ran.out, ran.err);
    }
    // A report that cannot be written comes before what is broken and after what is bad input.
    let files = folder(&[("surprise.json", &small("live-profile")), ("not-a-folder", "")]);
    let blocked = files.path().join("not-a-folder");
    let ran = mapisim(&["run", BUG_2, text(&files.path().join("surprise.json")), "--save", text(&blocked)]);
    assert_eq!(ran.status, Status::Unwritten, "{}", ran.err);
    let ran = mapisim(&["run", BUG_2, "nowhere.json", "--save", text(&blocked)]);
    assert_eq!(ran.status, Status::BadInput, "{}", ran.err);
}

// ---- input ---------------------------------------------------------------------------------------

#[test]
fn a_bad_file_is_told_and_keeps_no_other_from_being_run() {
    let files = folder(&[("a.json", "{ \"format\": 1,"), ("b.json", &small("holds")), ("c.json", "[]")]);
    let ran = mapisim(&["run", text(files.path()), "--format", "json"]);
    assert_eq!(ran.status, Status::BadInput);
    assert_eq!(outcomes(&ran).len(), 1);
    assert!(ran.err.contains("a.json") && ran.err.contains("c.json"), "{}", ran.err);
}

#[test]
fn nothing_to_run_is_an_error() {
    let files = folder(&[("empty/notes.txt", ""), ("schema/scenario.schema.json", "{}")]);
    for path in ["nowhere.json", "empty", "schema"] {
        let path = files.path().join(path);
        for command in ["run", "show"] {
            let ran = mapisim(&[command, text(&path)]);
            assert_eq!(ran.status, Status::BadInput, "{command} {}", path.display());
            assert!(ran.err.contains("there is no"), "{command} {}: {}", path.display(), ran.err);
            assert_eq!(ran.out, "", "{command} {}", path.display());
        }
    }
}

#[test]
fn a_folder_is_read_with_its_folders_in_the_order_of_names_each_file_once() {
    let good = small("holds");
    let files =
        folder(&[("b.json", &good), ("a/z.json", &good), ("a.json", &good), ("c.txt", "no scenario")]);
    let inner = files.path().join("a");
    let ran = mapisim(&["run", text(files.path()), text(&inner), "--format", "json"]);
    let names: Vec<String> = outcomes(&ran)
        .iter()
        .map(|outcome| {
            outcome["scenario"].as_str().expect("a name").rsplit('/').next().unwrap_or("").to_owned()
        })
        .collect();
    assert_eq!(names, ["a.json", "z.json", "b.json"]);
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_round_in_a_circle_is_followed_once() {
    let files = folder(&[("a.json", &small("holds"))]);
    std::os::unix::fs::symlink(files.path(), files.path().join("again")).expect("links can be made");
    let ran = mapisim(&["run", text(files.path()), "--format", "json"]);
    assert_eq!((ran.status, outcomes(&ran).len()), (Status::AsExpected, 1));
}

#[test]
fn without_a_folder_of_scenarios_the_shipped_ones_are_run() {
    let ran = mapisim(&["run", "--shard", "1/40", "--format", "json"]);
    assert_eq!(ran.status, Status::AsExpected, "{}", ran.err);
    assert!(
        outcomes(&ran)
            .iter()
            .all(|outcome| outcome["scenario"].as_str().expect("a name").starts_with("scenarios/"))
    );
    assert_eq!(mapisim(&["run", BUG_2]).status, Status::AsExpected);
    assert_eq!(mapisim(&["run", "scenarios/article/"]).status, Status::AsExpected);
}

#[test]
fn show_takes_one_file() {
    let ran = mapisim(&["show", "scenarios/article"]);
    assert_eq!(ran.status, Status::BadInput);
    assert!(ran.err.contains("`show` takes one file"), "{}", ran.err);
}

#[test]
fn a_file_cannot_steer_the_terminal() {
    let hostile = small("holds").replace(r#""title": "small""#, r#""title": "a\u001b[31m\u202eb\u0007""#);
    let files = folder(&[("a.json", &hostile)]);
    let terminal = Terminal { out_colour: true, err_colour: true, ..Terminal::none() };
    for command in [["run", "-v"], ["show", "--all-steps"]] {
        let ran = mapisim_in(terminal, &[command[0], command[1], text(&files.path().join("a.json"))]);
        assert!(ran.out.contains(r"a\u{1b}[31m\u{202e}b\u{7}"), "{}", ran.out);
        assert!(!ran.out.contains("\u{1b}[31m\u{202e}") && !ran.out.contains('\u{7}'), "{}", ran.out);
    }
}

// ---- flags ---------------------------------------------------------------------------------------

#[test]
fn an_algorithm_without_an_expectation_is_run_when_it_is_asked_for() {
    let files = folder(&[("a.json", &small("holds"))]);
    let ran = mapisim(&["run", text(files.path()), "--algorithm", "all", "--format", "json"]);
    let outcomes = outcomes(&ran);
    let names: Vec<&str> =
        outcomes.iter().map(|outcome| outcome["algorithm"].as_str().expect("a name")).collect();
    assert_eq!(names[..3], ["as-installed", "original", "sid-suffix"]);
    let expected: Vec<&Value> = outcomes[..3].iter().map(|outcome| &outcome["expected"]).collect();
    assert_eq!(expected, [&Value::Null, &Value::String("holds".to_owned()), &Value::Null]);
    assert!(outcomes.iter().all(|outcome| outcome["as_expected"] == true), "{}", ran.out);
    let twice =
        mapisim(&["run", BUG_2, "--algorithm", "patched", "--algorithm", "patched", "--format", "json"]);
    assert_eq!(self::outcomes(&twice).len(), 1);
}

#[test]
fn shards_are_disjoint_and_together_everything() {
    let all = mapisim(&["run", "scenarios/kb", "--format", "json", "--max-states", "10"]);
    let mut parts = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        parts.extend(outcomes(&mapisim(&[
            "run",
            "scenarios/kb",
            "--format",
            "json",
            "--max-states",
            "10",
            "--shard",
            part,
        ])));
    }
    let key = |outcome: &Value| format!("{} {}", outcome["scenario"], outcome["algorithm"]);
    let mut parts: Vec<String> = parts.iter().map(key).collect();
    let mut all: Vec<String> = outcomes(&all).iter().map(key).collect();
    parts.sort();
    all.sort();
    assert_eq!(parts, all);
}

#[test]
fn a_seed_is_a_string_of_16_digits() {
    let seed = |argument: &str| {
        let ran = mapisim(&["run", BUG_2, "--algorithm", "patched", "--format", "json", "--seed", argument]);
        serde_json::from_str::<Value>(&ran.out).expect("JSON")["seed"].clone()
    };
    assert_eq!(seed("2A"), "000000000000002a");
    assert_eq!(seed("0xffffffffffffffff"), "ffffffffffffffff");
}

#[test]
fn quiet_prints_only_surprises_and_verbose_explains_what_breaks() {
    let quiet = mapisim(&["run", BUG_2, "-q"]);
    assert_eq!(quiet.out.lines().count(), 1, "{}", quiet.out);
    let verbose = mapisim(&["run", BUG_2, "-v"]);
    assert!(verbose.out.contains("while session \"s\" of events.exe"), "{}", verbose.out);
}

#[test]
fn colours_are_there_only_where_they_are_wanted() {
    assert!(mapisim(&["run", BUG_2, "--color", "always"]).out.contains('\u{1b}'));
    let terminal = Terminal { out_colour: true, err_colour: true, ..Terminal::none() };
    assert!(mapisim_in(terminal, &["run", BUG_2]).out.contains('\u{1b}'));
    assert!(!mapisim_in(terminal, &["run", BUG_2, "--color", "never"]).out.contains('\u{1b}'));
}

#[test]
fn no_line_is_wider_than_the_terminal_but_for_what_is_there_to_be_pasted() {
    for columns in [40, 60, 80, 100, 140] {
        for arguments in [
            &["run", "scenarios/article"][..],
            &["show", BUG_2],
            &["show", BUG_2, "--all-steps"],
            &["builds"],
        ] {
            let ran = mapisim_at(columns, arguments);
            // Commands and the names of files are not broken into lines.
            let pasted = |line: &str| line.contains("mapisim show") || !line.trim().contains(' ');
            for line in ran.out.lines().filter(|line| !pasted(line)) {
                let width = mapisim::text::width(line);
                assert!(width <= columns, "{width} > {columns} in {arguments:?}: {line}");
            }
        }
    }
}

#[test]
fn what_is_misspelt_is_answered_with_what_was_meant() {
    for (arguments, meant) in [
        (&["shwo"][..], "show"),
        (&["run", "--algoritm", "all"], "--algorithm"),
        (&["run", "--format", "jsn"], "json"),
        (&["run", "--algorithm", "fixed"], "sid-suffix"),
        (&["run", "--shard", "4/3"], "K from 1 to N"),
        (&["run", "--seed", "xyz"], "hexadecimal"),
        (&["run", "--jobs", "0"], "--jobs"),
        (&["fuzz", "--jobs", "10000"], "1..=512"),
        (&["builds", "exchange-2003"], "`exchange-2003-rtm`"),
        (&["show"], "<PATH>"),
        (&["show", BUG_2, "--schedule", "events.exe:x"], "expected a number of steps"),
        (&["show", BUG_2, "--schedule", "evnts.exe"], "`events.exe`"),
        (&["builds", "5.5"], "four numbers"),
        (&["builds", "4.0.1.1"], "5.5, 6.0, 6.5"),
    ] {
        let ran = mapisim(arguments);
        assert_eq!(ran.status, Status::BadInput, "{arguments:?}");
        assert!(ran.err.contains(meant), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["run", "--help"], &["show", "--help"], &["--version"]] {
        let ran = mapisim(arguments);
        assert_eq!((ran.status, ran.err.as_str()), (Status::AsExpected, ""), "{arguments:?}");
        assert!(ran.out.contains("mapisim"), "{arguments:?}: {}", ran.out);
    }
}

// ---- JSON ----------------------------------------------------------------------------------------

#[test]
fn an_outcome_has_the_documented_fields_in_the_documented_order_and_no_others() {
    let ran = mapisim(&["run", BUG_2, "--algorithm", "original", "--format", "json"]);
    let fields = [
        "scenario",
        "title",
        "algorithm",
        "verdict",
        "property",
        "expected",
        "as_expected",
        "exhaustive",
        "states",
        "transitions",
        "steps",
        "digest",
        "cause",
        "symptom",
        "explanation",
    ];
    let outcome = &outcomes(&ran)[0];
    let object = outcome.as_object().expect("an outcome is an object");
    assert_eq!(object.len(), fields.len(), "{outcome}");
    let places: Vec<usize> = fields
        .iter()
        .map(|field| {
            ran.out
                .find(&format!("\"{field}\":"))
                .unwrap_or_else(|| panic!("there is no {field}: {}", ran.out))
        })
        .collect();
    assert!(places.is_sorted(), "{}", ran.out);
    assert_eq!(outcome["digest"].as_str().expect("a string").len(), 32);
    for place in ["cause", "symptom"] {
        let object = outcome[place].as_object().unwrap_or_else(|| panic!("{place}: {outcome}"));
        let names: Vec<&str> = object.keys().map(String::as_str).collect();
        assert_eq!(names.len(), 4, "{place}: {names:?}");
        assert!(
            ["step", "thread", "call", "action"].iter().all(|name| object.contains_key(*name)),
            "{place}: {names:?}"
        );
    }
}

#[test]
fn the_json_of_show_has_every_step() {
    let ran = mapisim(&["show", BUG_2, "--format", "json"]);
    let shown: Value = serde_json::from_str(&ran.out).expect("JSON");
    let steps = shown["steps"].as_array().expect("steps are an array");
    assert!(steps.iter().enumerate().all(|(index, step)| step["step"] == index + 1));
    let cause = &steps[shown["cause"]["step"].as_u64().expect("a number") as usize - 1];
    assert_eq!(cause["syscall"], "RegDeleteKey");
    assert_eq!(cause["answer"], "ERROR_SUCCESS (0)");
    let symptom = &steps[shown["symptom"]["step"].as_u64().expect("a number") as usize - 1];
    assert_eq!(symptom["answer"], "ERROR_KEY_DELETED (1018)");
    assert_eq!(symptom["returned"], "MAPI_E_CALL_FAILED 0x80004005");
}

// ---- what went wrong first -----------------------------------------------------------------------

#[test]
fn a_call_that_lacks_what_an_earlier_one_was_to_bring_is_explained_by_that_one() {
    let script = |calls: &str| small("call-result").replace(r#"["MAPIInitialize"]"#, calls);
    let lacks = script(
        r#"["MAPIInitialize", { "MAPILogonEx": { "profile": "P", "session": "s" } },
            { "OpenMsgStore": { "session": "s", "must": "S_OK" } }]"#,
    );
    let folder = folder(&[("lacks.json", &lacks)]);
    let ran = mapisim(&["show", text(&folder.path().join("lacks.json")), "--algorithm", "original"]);
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "returned MAPI_E_INVALID_OBJECT 0x80040108; the scenario says that it must return S_OK.",
        "the first call of p.exe to fail was MAPILogonEx P as s, which returned MAPI_E_LOGON_FAILED 0x80040111 at step",
        "Windows had answered ERROR_FILE_NOT_FOUND (2)",
    ] {
        assert!(words.contains(told), "{told}: {}", ran.out);
    }
}

#[test]
fn a_report_says_what_is_not_as_expected_and_how_much_was_not_read() {
    let folder = folder(&[
        ("in/bad.json", "{"),
        ("in/good.json", &small("holds")),
        ("in/odd.json", &small("live-profile")),
    ]);
    let (scenarios, out) = (folder.path().join("in"), folder.path().join("out"));
    let ran = mapisim(&["report", text(&scenarios), "--out", text(&out)]);
    assert_eq!(ran.status, Status::BadInput);
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let odd = format!(
        "✗ {} original: holds in every order; it was to break live-profile",
        text(&scenarios.join("odd.json"))
    );
    assert!(words.contains(&odd), "{}", ran.out);
    assert!(words.contains("2 cells, 1 as expected; 1 file could not be read in `"), "{}", ran.out);
    // What a report is made of is none.
    let (scenario, report) = (scenarios.join("odd.json"), out.join("run.json"));
    let ran = mapisim(&["diff", text(&scenario), text(&report)]);
    assert!(
        ran.status == Status::BadInput && ran.err.contains("this is a scenario, and no report"),
        "{}",
        ran.err
    );
}
