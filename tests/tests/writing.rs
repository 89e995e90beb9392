//! Does a full disk leave what was there as it was?
//!
//! - whatever is written where there is no room: status 74, a message with the name of the file, the old file whole, no
//!   temporary file and no new folder left
//! - standard output that takes nothing is told, status 74
//!
//! A full disk is played by a limit on the size of files (`ulimit -f`), whose signal is ignored: then a write fails as it
//! does where there is no room.

#![cfg(unix)]

use std::collections::BTreeMap;
#[cfg(target_os = "linux")]
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use mapisim_tests::root;

const COMMAND: &str = env!("CARGO_BIN_EXE_mapisim-under-test");
const SEARCH: &str = "scenarios/article/bug-2-every-order.json";
const BUG_2: &str = "scenarios/article/bug-2.json";

/// Everything below a folder: its folders, and its files with their content.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            let content = if path.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else {
                std::fs::read(&path).expect("it can be read")
            };
            found.insert(path.display().to_string(), content);
        }
    }
    found
}

/// Runs the command where a file can have so many half kilobytes at most.
fn run(blocks: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let script = r#"trap "" XFSZ; ulimit -f "$1" || exit 99; shift; exec "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", blocks, COMMAND]).args(arguments).current_dir(root());
    let output = command.env_remove("CI").stdin(Stdio::null()).output().expect("a shell can be started");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_full_disk_leaves_what_was_there_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path =
        |name: &str| folder.path().join(name).to_str().expect("temporary paths are Unicode").to_owned();
    // What is there already: a report, a baseline, a saved search, pages.
    let (out, baseline, man, found) = (path("out"), path("baseline.json"), path("man"), path("found"));
    let (kept, hive) = (path("kept.mapisim"), path("hive.reg"));
    let before: [&[&str]; 6] = [
        &["report", BUG_2, "--out", &out],
        &["report", BUG_2, "--out", &out, "--baseline", &baseline],
        &["accept", &baseline],
        &["man", "--out", &man],
        &["run", BUG_2, "--save", &found],
        &["show", BUG_2, "--at", "40", "--export-hive", "svc", &hive],
    ];
    for arguments in before {
        assert_eq!(run("unlimited", arguments), (Some(0), String::new()), "{arguments:?}");
    }
    let unfinished = ["run", SEARCH, "--algorithm", "patched", "--max-time", "0s", "--checkpoint", &kept];
    assert_eq!(run("unlimited", &unfinished).0, Some(3));
    let old = everything(folder.path());
    let (new, deep) = (path("new"), path("deep/er/hive.reg"));
    let cases: [(&str, &[&str], &str); 11] = [
        // The first files still have room, the page has none.
        ("100", &["report", "scenarios/article", "--out", &out], "what was there is as it was"),
        ("0", &["report", BUG_2, "--out", &new], "what was there is as it was"),
        ("0", &["report", SEARCH, "--out", &out, "--baseline", &baseline], "what was there is as it was"),
        ("0", &["run", "scenarios/article", "--save", &found], "could not be written"),
        ("0", &["run", BUG_2, "--save", &new], "could not be written"),
        (
            "0",
            &["run", SEARCH, "--algorithm", "lease", "--max-time", "0s", "--checkpoint", &kept],
            "kept.mapisim` could not be written",
        ),
        (
            "0",
            &["show", BUG_2, "--at", "62", "--export-hive", "svc", &hive],
            "hive.reg` could not be written",
        ),
        (
            "0",
            &["show", BUG_2, "--at", "62", "--export-hive", "svc", &deep],
            "hive.reg` could not be written",
        ),
        ("0", &["fuzz", "--cases", "60", "--seed", "1", "--save", &new], "could not be written"),
        ("4", &["init", &new], "no file was"),
        ("2", &["man", "--out", &man], "no page was"),
    ];
    for (blocks, arguments, told) in cases {
        let (status, err) = run(blocks, arguments);
        assert_eq!(status, Some(74), "{arguments:?}: {err}");
        assert!(err.contains(told) && err.contains("File too large"), "{arguments:?}: {err}");
        assert_eq!(
            everything(folder.path()).keys().collect::<Vec<_>>(),
            old.keys().collect::<Vec<_>>(),
            "{arguments:?}"
        );
        assert!(everything(folder.path()) == old, "{arguments:?} changed a file");
    }
    // With room again the same commands go through.
    assert_eq!(run("unlimited", &["init", &new]), (Some(0), String::new()));
}

#[test]
fn a_baseline_that_cannot_be_replaced_stays_and_so_does_what_waits() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let baseline = folder.path().join("baseline.json");
    let name = baseline.to_str().expect("temporary paths are Unicode");
    let out = folder.path().join("out");
    let out = out.to_str().expect("temporary paths are Unicode");
    assert_eq!(run("unlimited", &["report", BUG_2, "--out", out, "--baseline", name]).0, Some(0));
    // A folder with something in it is where the baseline would be.
    std::fs::create_dir_all(baseline.join("something")).expect("it can be made");
    let old = everything(folder.path());
    let (status, err) = run("unlimited", &["accept", name]);
    assert_eq!(status, Some(74), "{err}");
    assert!(err.contains("baseline.json` could not be written") && err.contains("it is as it was"), "{err}");
    assert!(everything(folder.path()) == old);
}

// Only Linux has a file that takes nothing.
#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_takes_nothing_is_told() {
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    let commands: [&[&str]; 12] = [
        &["run", BUG_2],
        &["run", BUG_2, "--format", "json"],
        &["run", BUG_2, "--format", "junit"],
        &["run", BUG_2, "--format", "markdown"],
        &["show", BUG_2],
        &["show", BUG_2, "--format", "svg"],
        &["matrix", BUG_2],
        &["builds"],
        &["schema"],
        &["man"],
        &["completions", "bash"],
        &["--help"],
    ];
    for arguments in commands {
        let mut command = Command::new(COMMAND);
        command.args(arguments).current_dir(root()).stdin(Stdio::null());
        command.stdout(full.try_clone().expect("it can be shared"));
        let output = command.output().expect("the command can be started");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(74), "{arguments:?}: {err}");
        assert!(err.contains("standard output could not be written: No space left"), "{arguments:?}: {err}");
    }
}
