//! Does the program do more work than it did for the same answers?
//!
//! - fixed pieces of work (`src/bin/kernel.rs`) take no more instructions than were written down, within a tolerance
//! - what they find is what was written down
//!
//! A clock would tell this only on a quiet machine; instructions are the same on a busy one. They differ by compiler: what
//! was written down is for one, and with another this says that it is skipped. It needs a valgrind; where there is none it
//! says that it is skipped, and with MAPISIM_VALGRIND=required it fails. MAPISIM_VALGRIND=write writes the file anew.

use std::fmt::Write as _;
use std::process::Command;

use mapisim_tests::{file, root};

/// What was written down, relative to the root.
const WRITTEN: &str = "tests/instructions.txt";

/// More instructions than were written down, in hundredths, that are no regression: standard libraries differ in how
/// they copy and clear memory, by what the processor can do.
const TOLERANCE: u64 = 5;

/// What a kernel took, and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Took {
    kernel: String,
    instructions: u64,
    found: String,
}

/// What the file says: the compiler, and the kernels.
fn parse(text: &str) -> (String, Vec<Took>) {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let compiler = lines.next().expect("a line with the compiler").to_owned();
    let took = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("`{line}` has three parts")).to_owned();
        let (kernel, instructions, found) = (word(), word(), word());
        Took { kernel, instructions: instructions.parse().expect("a number of instructions"), found }
    };
    (compiler, lines.map(took).collect())
}

/// What is wrong with what a kernel took, against what was written down.
fn complain(written: &Took, now: &Took) -> Option<String> {
    if now.found != written.found {
        return Some(format!("{} found {}, not {}", written.kernel, now.found, written.found));
    }
    let most = written.instructions + written.instructions * TOLERANCE / 100;
    (now.instructions > most).then(|| {
        let more = 100 * (now.instructions - written.instructions) / written.instructions;
        format!(
            "{} took {} instructions, {more} % more than {}: find out why, or write the file anew \
             (MAPISIM_VALGRIND=write) and say in the commit what they are spent on",
            written.kernel, now.instructions, written.instructions
        )
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "CI says by the environment that a missing valgrind is a failure; nothing that is found depends on it"
)]
fn asked() -> String {
    std::env::var("MAPISIM_VALGRIND").unwrap_or_default()
}

/// The first line that a program says of its version; none where there is no such program.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").current_dir(root()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned)
}

fn count(kernel: &str) -> Took {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args([env!("CARGO_BIN_EXE_kernel"), kernel])
        .output()
        .expect("valgrind told its version");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{kernel} failed: {told}");
    let collected = told
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .expect("callgrind tells what it counted");
    Took {
        kernel: kernel.to_owned(),
        instructions: collected.1.trim().parse().expect("a number of instructions"),
        found: String::from_utf8(output.stdout).expect("a kernel prints text").trim().to_owned(),
    }
}

#[test]
fn no_kernel_takes_more_instructions_than_were_written_down() {
    let (required, write) = (asked() == "required", asked() == "write");
    let (compiler, written) = parse(&file(WRITTEN));
    let Some(rustc) = version("rustc").filter(|_| version("valgrind").is_some()) else {
        assert!(!required, "MAPISIM_VALGRIND=required, but there is no valgrind on this machine");
        println!("skipped: there is no valgrind on this machine");
        return;
    };
    if rustc != compiler && !write {
        println!("skipped: {WRITTEN} is of {compiler}, and this is {rustc}");
        return;
    }
    let now: Vec<Took> = written.iter().map(|written| count(&written.kernel)).collect();
    if write {
        let mut text = String::new();
        for comment in file(WRITTEN).lines().filter(|line| line.starts_with('#')) {
            writeln!(text, "{comment}").expect("a string takes all");
        }
        writeln!(text, "{rustc}").expect("a string takes all");
        for Took { kernel, instructions, found } in &now {
            writeln!(text, "{kernel} {instructions} {found}").expect("a string takes all");
        }
        std::fs::write(root().join(WRITTEN), text).expect("the file can be written");
    }
    for took in &now {
        println!("{} took {} instructions", took.kernel, took.instructions);
    }
    if !write {
        let complaints: Vec<String> =
            written.iter().zip(&now).filter_map(|(written, now)| complain(written, now)).collect();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}

#[test]
fn more_instructions_and_other_findings_are_told_and_less_is_not() {
    let written = Took { kernel: "k".to_owned(), instructions: 1_000, found: "7 states".to_owned() };
    let with = |instructions, found: &str| Took { instructions, found: found.to_owned(), ..written.clone() };
    for (instructions, found, told) in [
        (1_000, "7 states", None),
        (1_050, "7 states", None),
        (1_051, "7 states", Some("k took 1051 instructions, 5 % more than 1000")),
        (500, "7 states", None),
        (500, "6 states", Some("k found 6 states, not 7 states")),
    ] {
        let complaint = complain(&written, &with(instructions, found));
        assert_eq!(complaint.is_some(), told.is_some(), "{complaint:?}");
        assert!(
            complaint.unwrap_or_default().starts_with(told.unwrap_or_default()),
            "{instructions}, {found}"
        );
    }
}

#[test]
fn what_is_written_down_reads_back() {
    let (compiler, written) = parse(&file(WRITTEN));
    assert!(compiler.starts_with("rustc "), "{compiler}");
    assert!(written.len() >= 3, "{written:?}");
}
