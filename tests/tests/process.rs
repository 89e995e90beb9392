//! What can only be asked of a real process: pipes, a full disk, an interrupt, the folder it is started in.

#![cfg(unix)]

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use mapisim_model::scenario::{ScenarioFile, file::FaultsFile};
use mapisim_tests::{command, root, shipped};

const BUG_2: &str = "scenarios/article/bug-2.json";

fn mapisim(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapisim-under-test"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

fn ran(mut command: Command) -> Output {
    command.output().expect("the command can be started")
}

#[test]
fn a_process_prints_the_same_bytes_as_the_library_and_ends_with_the_same_status() {
    for arguments in
        [&["run", "scenarios/kb", "--format", "json"][..], &["show", BUG_2], &["show", "nowhere"], &["rnu"]]
    {
        let process = ran(mapisim(&root().join("tests"), arguments));
        let library = command::mapisim(arguments);
        assert_eq!(String::from_utf8_lossy(&process.stdout), library.out, "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&process.stderr), library.err, "{arguments:?}");
        assert_eq!(process.status.code(), Some(library.status.code().into()), "{arguments:?}");
    }
}

#[test]
fn where_it_is_started_changes_nothing() {
    // At the root there is a folder of scenarios; elsewhere the shipped ones of the same names are run.
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    for arguments in [&["run", "--format", "json", "--shard", "1/30"][..], &["show", BUG_2]] {
        let here = ran(mapisim(&root(), arguments));
        let there = ran(mapisim(elsewhere.path(), arguments));
        assert!(!here.stdout.is_empty());
        assert_eq!(here, there, "{arguments:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error_of_ours() {
    let mut command = mapisim(&root(), &["show", BUG_2, "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut complaint).expect("it is text");
    let status = child.wait().expect("it ends");
    assert_eq!((status.code(), complaint.as_str()), (Some(0), ""));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_74() {
    let full =
        std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has a full disk to offer");
    let mut command = mapisim(&root(), &["run", BUG_2]);
    let output = command.stdout(full).stderr(Stdio::piped()).output().expect("it can be started");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(74), "{complaint}");
    assert!(complaint.contains("standard output could not be written"), "{complaint}");
}

#[test]
fn an_interrupt_prints_what_was_finished_and_ends_with_130() {
    // One cell that is done at once, and one that would take minutes.
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write(folder.path(), "a.json", &shipped(BUG_2).file);
    write(folder.path(), "b.json", &long());
    let arguments = ["run", "a.json", "b.json", "--jobs", "1", "--max-states", "4000000000"];
    let output = interrupted(folder.path(), &arguments);
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(130), "{out}{}", String::from_utf8_lossy(&output.stderr));
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("a.json") && words.contains("interrupted, 1 cell not run"), "{out}");
}

#[test]
fn an_interrupted_table_says_so_and_claims_nothing_of_what_was_not_tried() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write(folder.path(), "b.json", &long());
    let tables: [(&[&str], &str, &str); 3] = [
        (
            &["mutants", "b.json", "--algorithm", "patched", "--max-states", "4000000000"],
            "interrupted: of 31 mutants",
            "0 missed",
        ),
        (&["matrix", "b.json", "--max-states", "4000000000"], "interrupted: of 7 cells", "as expected"),
        (&["diagnose", "--orphan"], "interrupted: there are worlds that were not tried", "worlds tried"),
    ];
    for (arguments, said, shown) in tables {
        let output = interrupted(folder.path(), arguments);
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(130), "{arguments:?}: {out}{err}");
        assert!(err.contains(said), "{arguments:?}: {err}");
        assert!(out.contains(shown), "{arguments:?}: {out}");
        assert!(!out.contains("nobody notices") && !out.contains("never enough"), "{arguments:?}: {out}");
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let made = Command::new("mkfifo").arg(folder.path().join("a.json")).status().expect("there is `mkfifo`");
    assert!(made.success());
    for arguments in [&["run", "a.json"][..], &["run", "."], &["diff", "a.json", "a.json"]] {
        let output = ran(mapisim(folder.path(), arguments));
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert!(err.contains("`a.json` cannot be read: it is a named pipe"), "{arguments:?}: {err}");
    }
    // What a shell passes on is read, and while nothing comes an interrupt ends it at once.
    let mut command = mapisim(folder.path(), &["run", "/dev/stdin"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
    let stdin = child.stdin.take();
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    drop(stdin);
}

#[test]
fn an_interrupted_search_is_kept_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write(folder.path(), "b.json", &long());
    let output = interrupted(folder.path(), &["run", "b.json", "--checkpoint", "kept"]);
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let resume = ["run", "b.json", "--resume", "kept", "--max-time", "0s"];
    let output = ran(mapisim(folder.path(), &[&resume[..], &["--checkpoint", "again"]].concat()));
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{out}{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("it was written");
    assert!(read("kept").len() > 10_000, "it had hardly begun");
    assert!(read("kept") == read("again"), "it does not begin where it was");
}

fn write(folder: &Path, name: &str, file: &ScenarioFile) {
    std::fs::write(folder.join(name), file.to_text()).expect("files can be written in it");
}

/// A scenario that would take minutes.
fn long() -> ScenarioFile {
    let mut long = shipped("scenarios/article/customer-machine.json").file;
    long.faults = FaultsFile { crashes: 3, ..FaultsFile::default() };
    long.expect.0.retain(|(build, _)| build == "patched");
    let extra: Vec<_> = shipped("scenarios/article/bug-1.json").file.processes.0;
    long.processes.0.extend(extra.into_iter().map(|(name, process)| (format!("another {name}"), process)));
    long.must_reach.clear();
    long
}

/// What comes of a command that is interrupted after two seconds.
fn interrupted(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = mapisim(folder, arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
    interrupt(&child);
    child.wait_with_output().expect("it ends")
}

/// Interrupts a process after two seconds.
fn interrupt(child: &Child) {
    std::thread::sleep(std::time::Duration::from_secs(2));
    let sent =
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is `kill`");
    assert!(sent.success());
}
