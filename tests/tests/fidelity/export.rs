//! `show --export-hive`: any moment's hive, as a registry file.

use std::path::Path;

use mapisim::cli::Status;
use mapisim_tests::command::mapisim;

const BUG_2: &str = "scenarios/article/bug-2.json";
const PROFILE: &str = r"Windows Messaging Subsystem\Profiles\EventSvc";

/// The hive of `svc` after a step of bug 2 with the original algorithm, printed.
fn after(step: &str) -> String {
    let ran = mapisim(&["show", BUG_2, "--algorithm", "original", "--at", step, "--export-hive", "svc", "-"]);
    assert_eq!((ran.status, ran.err.as_str()), (Status::AsExpected, ""), "step {step}");
    ran.out
}

/// How many steps that run has, by what is said of one too many.
fn steps() -> usize {
    let ran =
        mapisim(&["show", BUG_2, "--algorithm", "original", "--at", "9999", "--export-hive", "svc", "-"]);
    assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""));
    let (_, rest) =
        ran.err.split_once("the run has the steps 1 to ").unwrap_or_else(|| panic!("{}", ran.err));
    rest.split(';').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{}", ran.err))
}

fn keys_of_the_profile(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with('[') && line.contains(PROFILE)).count()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are Unicode")
}

/// What a file as regedit writes it says: UTF-16, little end first, with its mark.
fn decoded(bytes: &[u8]) -> String {
    let (mark, rest) = bytes.split_at(2);
    assert_eq!(mark, [0xff, 0xfe], "a file that regedit writes begins so");
    let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    String::from_utf16(&units).expect("that is text")
}

/// The profile comes, is deleted under a live session whose handles stay open, and is in no export from then on.
#[test]
fn each_step_has_its_hive_and_by_default_it_is_that_of_the_cause() {
    let counts: Vec<usize> =
        (0..=steps()).map(|step| keys_of_the_profile(&after(&step.to_string()))).collect();
    assert_eq!((counts.first(), counts.last()), (Some(&0), Some(&0)), "{counts:?}");
    assert_eq!(counts.iter().max(), Some(&4), "the profile and its three sections: {counts:?}");
    let ran = mapisim(&["show", BUG_2, "--algorithm", "original", "--export-hive", "svc", "-"]);
    let cause = counts.windows(2).position(|pair| pair[1] < pair[0]).expect("it is deleted") + 1;
    assert_eq!(ran.out, after(&cause.to_string()), "the step that broke it");
    assert_eq!(after(&steps().to_string()), {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("end.reg");
        let step = steps().to_string();
        let words =
            ["show", BUG_2, "--algorithm", "original", "--at", &step, "--export-hive", "svc", text(&path)];
        let ran = mapisim(&words);
        assert_eq!(ran.status, Status::AsExpected, "{}", ran.err);
        assert!(
            ran.out.starts_with(&format!("The hive of svc after step {step} of {step}: ")),
            "{}",
            ran.out
        );
        decoded(&std::fs::read(&path).expect("it was written"))
    });
}

/// What goes out comes in: a scenario that imports the file begins with the same hive, at every step of a run.
#[test]
fn an_exported_hive_is_the_same_when_a_scenario_imports_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (reg, json) = (folder.path().join("hive.reg"), folder.path().join("again.json"));
    let scenario = r#"{ "format": 1, "title": "again", "machine": { "windows": "2000" },
        "accounts": { "svc": { "sid": "S-1-5-21-1004336348-1177238915-682003330-1105", "hive": "loaded" } },
        "hives": { "svc": { "import": "hive.reg" } },
        "processes": { "p": { "account": "svc", "mapi": "original", "script": ["Idle"] } }, "schedule": [] }"#;
    std::fs::write(&json, scenario).expect("files can be written in it");
    let mut seen = std::collections::BTreeSet::new();
    for step in 0..=steps() {
        let out = after(&step.to_string());
        if !seen.insert(out.clone()) {
            continue;
        }
        let step = step.to_string();
        let words =
            ["show", BUG_2, "--algorithm", "original", "--at", &step, "--export-hive", "svc", text(&reg)];
        assert_eq!(mapisim(&words).status, Status::AsExpected);
        let again = mapisim(&["show", text(&json), "--at", "0", "--export-hive", "svc", "-"]);
        assert_eq!((again.status, again.out), (Status::AsExpected, out), "step {step}: {}", again.err);
    }
    assert!(seen.len() > 5, "the hive changes in between: {}", seen.len());
}

#[test]
fn whose_hive_may_be_said_by_name_sid_or_default() {
    let rows = [
        ("svc", "S-1-5-21-1004336348-1177238915-682003330-1105"),
        ("SVC", "S-1-5-21-1004336348-1177238915-682003330-1105"),
        ("s-1-5-21-1004336348-1177238915-682003330-1105", "S-1-5-21-1004336348-1177238915-682003330-1105"),
        (".DEFAULT", ".DEFAULT"),
        (".default", ".DEFAULT"),
        ("LocalSystem", ".DEFAULT"),
    ];
    for (asked, root) in rows {
        let ran = mapisim(&["show", BUG_2, "--at", "0", "--export-hive", asked, "-"]);
        assert_eq!(ran.status, Status::AsExpected, "{asked}: {}", ran.err);
        assert!(ran.out.contains(&format!("[HKEY_USERS\\{root}]\r\n")), "{asked}: {}", ran.out);
    }
    let ran = mapisim(&["show", BUG_2, "--export-hive", "svd", "-"]);
    assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""));
    assert!(ran.err.contains("there is no such account; there is `svc`, `.DEFAULT`"), "{}", ran.err);
}

#[test]
fn what_cannot_be_written_is_74_and_what_has_no_run_is_2() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "mine").expect("files can be written in it");
    for path in [blocked.join("hive.reg"), folder.path().to_owned()] {
        let ran = mapisim(&["show", BUG_2, "--export-hive", "svc", text(&path)]);
        assert_eq!((ran.status, ran.out.as_str()), (Status::Unwritten, ""), "{}", ran.err);
        assert!(ran.err.contains("could not be written"), "{}", ran.err);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("it can be listed").collect();
    assert_eq!(left.len(), 1, "nothing is left lying about: {left:?}");
    let holds = ["show", "scenarios/article/bug-2-every-order.json", "--algorithm", "patched"];
    let ran = mapisim(&[&holds[..], &["--export-hive", "svc", "-"]].concat());
    assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""));
    assert!(ran.err.contains("there is no one run to look at"), "{}", ran.err);
    let twice = ["--export-hive", "svc", "-", "--export-hive", "svc", "-"];
    for words in [&["--at", "3"][..], &["--export-hive", "svc"], &twice] {
        let ran = mapisim(&[&["show", BUG_2], words].concat());
        assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""), "{words:?}: {}", ran.err);
    }
}
