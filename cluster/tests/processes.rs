//! The command, in several processes on this machine: the same bytes as one, and no verdict where one is lost.

#![cfg(unix)]

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::AtomicBool;

use mapisim::cli::{Io, Terminal};

/// Scenarios that hold and that break: a fault at any step, a deadlock, what is left behind, a thread that dies alone,
/// the crash of the machine.
const SCENARIOS: [&str; 8] = [
    "scenarios/article/bug-2-every-order.json",
    "scenarios/article/bug-2.json",
    "scenarios/comments/09-a-count-outlives-its-process.json",
    "scenarios/open/delete-dies-half-way.json",
    "scenarios/open/power-failure-half-way.json",
    "scenarios/properties/a-thread-dies-in-mapi.json",
    "scenarios/properties/no-deadlock.json",
    "scenarios/properties/no-orphan-after-a-crash.json",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is a member of the workspace").to_path_buf()
}

/// What `mapisim` prints, and how it ends.
fn mapisim(arguments: &[&str]) -> (String, i32) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let interrupted = AtomicBool::new(false);
    let mut io = Io { out: &mut out, err: &mut err, terminal: Terminal::none(), interrupted: &interrupted };
    let words = std::iter::once("mapisim").chain(arguments.iter().copied()).map(OsString::from);
    let status = mapisim::cli::run(words, &mut io);
    assert_eq!(String::from_utf8(err).expect("it is text"), "");
    (String::from_utf8(out).expect("it is text"), status.code().into())
}

/// The command, in the root of the repository, where the scenarios are.
fn cluster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapisim-cluster"));
    command.current_dir(root()).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command printed and complained of, and how it ended.
fn ended(output: &Output) -> (String, String, Option<i32>) {
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

#[test]
fn any_number_of_processes_prints_the_same_bytes_as_one_search() {
    // Tests are run in the folder of their crate.
    std::env::set_current_dir(root()).expect("it is there");
    for format in ["json", "text"] {
        let arguments: Vec<&str> = SCENARIOS.into_iter().chain(["--format", format]).collect();
        let alone: Vec<&str> = ["run", "--no-reduction"].into_iter().chain(arguments.clone()).collect();
        let (out, status) = mapisim(&alone);
        assert!(out.contains("holds") && out.contains("no-deadlock") && out.contains("no-orphan"), "{out}");
        for processes in if format == "json" { &["1", "2", "3"][..] } else { &["2"] } {
            let words = ["run", "--processes", processes].into_iter().chain(arguments.clone());
            let output = cluster(&words.collect::<Vec<_>>()).output().expect("it can be started");
            assert_eq!(ended(&output), (out.clone(), String::new(), Some(status)), "{processes} processes");
        }
    }
}

#[test]
fn the_bound_on_states_is_no_verdict_and_ends_with_3() {
    let arguments = ["run", SCENARIOS[0], "--algorithm", "patched", "--max-states", "1000"];
    let output = cluster(&arguments).output().expect("it can be started");
    let (out, err, status) = ended(&output);
    assert_eq!((err.as_str(), status), ("", Some(3)), "{out}");
    assert!(out.contains("inconclusive") && out.contains("1 without an answer"), "{out}");
}

/// Addresses of this machine that were free a moment ago, as a file of hosts.
fn hosts(folder: &Path, processes: usize) -> String {
    let free: Vec<TcpListener> =
        (0..processes).map(|_| TcpListener::bind("127.0.0.1:0").expect("there are free ports")).collect();
    let lines = free.iter().map(|listener| listener.local_addr().expect("it is bound").to_string() + "\n");
    let file = folder.join("hosts");
    std::fs::write(&file, "# here\n".to_owned() + &lines.collect::<String>()).expect("it can be written");
    file.to_string_lossy().into_owned()
}

/// One process on each host.
fn on_hosts(hosts: &str, arguments: &[&[&str]]) -> Vec<Child> {
    let start = |(index, arguments): (usize, &&[&str])| {
        let index = index.to_string();
        let words = ["run", "--hosts", hosts, "--index", &index].into_iter().chain(arguments.iter().copied());
        cluster(&words.collect::<Vec<_>>()).spawn().expect("it can be started")
    };
    arguments.iter().enumerate().map(start).collect()
}

#[test]
fn processes_on_hosts_come_together_and_the_first_one_tells() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let arguments = [SCENARIOS[4], "--format", "json"];
    let all = on_hosts(&hosts(folder.path(), 3), &[&arguments[..]; 3]);
    let ended: Vec<_> =
        all.into_iter().map(|child| ended(&child.wait_with_output().expect("it ends"))).collect();
    std::env::set_current_dir(root()).expect("it is there");
    let (out, status) = mapisim(&["run", "--no-reduction", SCENARIOS[4], "--format", "json"]);
    let silent = (String::new(), String::new(), Some(0));
    assert_eq!(ended, [(out, String::new(), Some(status)), silent.clone(), silent]);
}

#[test]
fn processes_that_were_asked_for_different_things_refuse_each_other() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let hosts = hosts(folder.path(), 2);
    let all = on_hosts(&hosts, &[&[SCENARIOS[0]], &[SCENARIOS[0], "--max-states", "9"]]);
    for child in all {
        let (out, err, status) = ended(&child.wait_with_output().expect("it ends"));
        assert!(out.is_empty() && err.contains("were not asked for the same"), "{out}{err}");
        assert_eq!(status, Some(2));
    }
}

#[test]
fn a_process_that_does_not_come_is_told_and_gives_no_verdict() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let hosts = hosts(folder.path(), 2);
    let [alone] = &mut on_hosts(&hosts, &[&[SCENARIOS[0], "--wait", "1"]])[..] else { unreachable!("one") };
    let mut complaint = String::new();
    alone.stderr.take().expect("it is piped").read_to_string(&mut complaint).expect("it is text");
    assert_eq!(alone.wait().expect("it ends").code(), Some(3));
    assert!(complaint.contains("process 1, which should be at") && complaint.contains("within 1 seconds"));
}

#[test]
fn a_process_that_cannot_reach_an_earlier_one_says_why() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let hosts = hosts(folder.path(), 2);
    let arguments = ["run", SCENARIOS[0], "--hosts", &hosts, "--index", "1", "--wait", "1"];
    let (out, err, status) = ended(&cluster(&arguments).output().expect("it can be started"));
    assert_eq!((out.as_str(), status), ("", Some(3)));
    assert!(err.contains("was not there within 1 seconds: Connection refused"), "{err}");
}

#[test]
fn hosts_in_another_order_are_told_from_those_that_are_there() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let hosts = hosts(folder.path(), 3);
    let text = std::fs::read_to_string(&hosts).expect("it was written");
    let lines: Vec<&str> = text.lines().collect();
    let swapped = folder.path().join("swapped");
    std::fs::write(&swapped, [lines[1], lines[3], lines[2]].join("\n")).expect("it can be written");
    let start = |hosts: &str, index: &str, wait: &str| {
        let arguments = ["run", SCENARIOS[0], "--hosts", hosts, "--index", index, "--wait", wait];
        cluster(&arguments).spawn().expect("it can be started")
    };
    let first = start(&hosts, "0", "60");
    let others = [start(&hosts, "1", "5"), start(&swapped.to_string_lossy(), "1", "5")];
    let (out, err, status) = ended(&first.wait_with_output().expect("it ends"));
    assert_eq!((out.as_str(), status), ("", Some(2)));
    assert!(err.contains("says that it is process 1, and so does another"), "{err}");
    for other in others {
        let (out, err, status) = ended(&other.wait_with_output().expect("it ends"));
        assert_eq!((out.as_str(), status), ("", Some(3)), "{err}");
    }
}

#[test]
fn a_file_of_hosts_that_is_none_is_bad_input() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("hosts");
    std::fs::write(&file, "no address\n").expect("it can be written");
    let arguments = ["run", SCENARIOS[0], "--index", "0", "--hosts", &file.to_string_lossy()];
    let (out, err, status) = ended(&cluster(&arguments).output().expect("it can be started"));
    assert_eq!((out.as_str(), status), ("", Some(2)));
    assert!(err.contains("line 1: `no address` is no address; HOST:PORT is one"), "{err}");
}

/// A short search, then one of some seconds: the customer's machine, with three processes that may be killed.
fn short_and_long(folder: &Path) -> [String; 2] {
    let shipped = |name| std::fs::read_to_string(root().join(name)).expect("it is shipped");
    let text = shipped("scenarios/article/customer-machine.json");
    let longer = text.replacen("\"processes\": {", "\"faults\": { \"crashes\": 3 },\n  \"processes\": {", 1);
    assert_ne!(longer, text, "the processes were found");
    [("a.json", shipped(SCENARIOS[0])), ("b.json", longer)].map(|(name, text)| {
        std::fs::write(folder.join(name), text).expect("it can be written");
        folder.join(name).to_string_lossy().into_owned()
    })
}

#[test]
fn a_process_that_is_lost_in_the_middle_leaves_no_verdict() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let hosts = hosts(folder.path(), 3);
    let [short, long] = short_and_long(folder.path());
    let arguments = [&*short, &long, "-v", "--algorithm", "lease"];
    let mut all = on_hosts(&hosts, &[&arguments[..]; 3]);
    // Once the first cell is done, all are there and work on the second.
    let mut told = BufReader::new(all[0].stderr.take().expect("it is piped"));
    let mut line = String::new();
    told.read_line(&mut line).expect("it is text");
    assert!(line.contains("bytes sent"), "{line}");
    all[2].kill().expect("it can be killed");
    let mut complaint = String::new();
    told.read_to_string(&mut complaint).expect("it is text");
    let first = all.remove(0).wait_with_output().expect("it ends");
    let out = text(&first.stdout);
    assert_eq!(first.status.code(), Some(3), "{out}{complaint}");
    assert!(
        complaint.contains("connection to process ") && complaint.contains("has no verdict"),
        "{complaint}"
    );
    assert!(out.contains("a.json") && !out.contains("b.json"), "{out}");
    let other = ended(&all.remove(0).wait_with_output().expect("it ends"));
    assert!(other.0.is_empty() && other.1.contains("connection to process "), "{other:?}");
    assert_eq!(other.2, Some(3));
    all.remove(0).wait().expect("it was killed");
}

#[test]
fn an_interrupt_ends_all_processes_and_tells_what_was_finished() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let [short, long] = short_and_long(folder.path());
    let arguments = ["run", &short, &long, "-v", "--algorithm", "lease"];
    let mut first = cluster(&arguments).spawn().expect("it can be started");
    let mut told = BufReader::new(first.stderr.take().expect("it is piped"));
    let mut line = String::new();
    told.read_line(&mut line).expect("it is text");
    let sent = Command::new("kill").args(["-INT", &first.id().to_string()]).status();
    assert!(sent.expect("there is `kill`").success());
    // Standard error is closed when the last of the processes has ended.
    let mut rest = String::new();
    told.read_to_string(&mut rest).expect("it is text");
    let output = first.wait_with_output().expect("it ends");
    let words = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!((rest.as_str(), output.status.code()), ("", Some(130)), "{words}");
    assert!(words.contains("a.json") && words.contains("interrupted, 1 cell not run"), "{words}");
}
