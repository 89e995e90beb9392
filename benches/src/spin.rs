//! The peers' rows e to h in SPIN (`benches/spin/peers.pml`), where it and a C compiler are installed.
//!
//! Without partial-order reduction: every step of the model is global, so it finds nothing to reduce, and the whole graph
//! is what is compared. Processor time is that of the search alone, its translation and compilation left out, in steps of
//! 10 ms; memory is what SPIN says it took for states, its tables included.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::measure::Counted;
use crate::peers::Case;

const MODEL: &str = include_str!("../spin/peers.pml");

/// The whole graph of a row; `None` where SPIN is not there.
pub(crate) fn explore(case: &Case<'_>, crashes_max: usize, breadth_first: bool) -> Option<Counted> {
    let folder = std::env::temp_dir().join(format!("mapisim-spin-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    std::fs::write(folder.join("peers.pml"), MODEL).expect("it can be written to");
    let found = search(&folder, case.processes.len(), crashes_max, breadth_first);
    std::fs::remove_dir_all(&folder).expect("it was made here");
    found
}

fn search(folder: &Path, processes: usize, crashes_max: usize, breadth_first: bool) -> Option<Counted> {
    let run = |program: &str, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).current_dir(folder).output().ok()?;
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{program}: {text}{}", String::from_utf8_lossy(&done.stderr));
        Some(text)
    };
    let (n, crashes) = (format!("-DN={processes}"), format!("-DCRASHES={crashes_max}"));
    run("spin", &["-a", &n, &crashes, "peers.pml"])?;
    let how = if breadth_first { "-DBFS" } else { "-DNOBFS" };
    run("gcc", &["-O2", "-w", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=8000", how, "-o", "pan", "pan.c"])?;
    let before = children();
    let pan = folder.join("pan");
    // A table for 2^20 states, or for 2^23 where there are as many.
    let room = if processes < 5 { "-w20" } else { "-w23" };
    let text = run(pan.to_str().expect("its name is text"), &["-m10000", room])?;
    let took = children() - before;
    assert!(text.contains("errors: 0"), "every one of these rows holds: {text}");
    let number = |what: &str| {
        let line = text.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("no `{what}`: {text}"));
        line.split_whitespace().next().expect("a number").parse::<f64>().expect("a number")
    };
    Some(Counted {
        states: number("states, stored") as usize,
        // It counts the first state as generated.
        transitions: number("transitions (=") as u64 - 1,
        says: String::new(),
        elsewhere: Some(((number("total actual memory usage") * 1024.0) as u64, took)),
    })
}

/// Processor time of all children that have ended.
fn children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux machine");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("a name").split_whitespace().collect();
    let ticks: u64 = fields[13].parse::<u64>().expect("ticks") + fields[14].parse::<u64>().expect("ticks");
    Duration::from_millis(ticks * 10)
}
