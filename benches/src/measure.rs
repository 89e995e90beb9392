//! One table: every cell is a run in a process of its own, so that nobody pays for what another left in the allocator, and
//! the peak of its memory is its own.
//!
//! A bench makes a [`Table`] and calls [`Table::run`]. Called with `--only N` (by itself) a bench does one piece of work and
//! prints what came of it; else it calls itself for each, takes the best of some repetitions by processor time, and prints
//! Markdown. Where rows of one group say different states or transitions, the table is printed and the process fails.

#![allow(dead_code, reason = "every bench uses a part of it")]

use std::process::Command;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// What a piece of work counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) states: usize,
    pub(crate) transitions: u64,
    /// What else is to be said, for the last column.
    pub(crate) says: String,
    /// Peak memory in KiB and processor time, where another process did the work; else they are measured here.
    pub(crate) elsewhere: Option<(u64, Duration)>,
}

/// Something to be measured.
pub(crate) struct Work {
    /// Works of a group do the same, and have to count the same where they are `exact`.
    group: String,
    who: String,
    exact: bool,
    times: usize,
    run: Box<dyn Fn() -> Option<Counted>>,
}

/// Works, and how they are told.
pub(crate) struct Table {
    title: &'static str,
    works: Vec<Work>,
}

struct Took {
    counted: Counted,
    processor: Duration,
    wall: Duration,
    peak_kib: u64,
}

impl Table {
    pub(crate) fn new(title: &'static str) -> Self {
        Table { title, works: Vec::new() }
    }

    /// Adds work that counts what all others of its group do; `None` where it cannot be done here.
    pub(crate) fn exact(
        &mut self,
        group: impl Into<String>,
        who: impl Into<String>,
        times: usize,
        run: impl Fn() -> Option<Counted> + 'static,
    ) {
        let (group, who, run) = (group.into(), who.into(), Box::new(run));
        self.works.push(Work { group, who, exact: true, times, run });
    }

    /// Adds work that counts something else, such as fewer states.
    pub(crate) fn other(
        &mut self,
        group: impl Into<String>,
        who: impl Into<String>,
        times: usize,
        run: impl Fn() -> Option<Counted> + 'static,
    ) {
        self.exact(group, who, times, run);
        self.works.last_mut().expect("just added").exact = false;
    }

    /// Measures all, or does the one piece that was asked for.
    pub(crate) fn run(&self) {
        let arguments: Vec<String> = std::env::args().collect();
        if let Some(at) = arguments.iter().position(|argument| argument == "--only") {
            let number: usize = arguments[at + 1].parse().expect("a number");
            self.works[number].once();
            return;
        }
        println!("### {}\n", self.title);
        println!(
            "| what | who | states | transitions | processor s | wall s | million states/s | million transitions/s | peak MB | bytes/state | |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|---|");
        let mut first: Option<(&str, usize, u64)> = None;
        let mut differs = Vec::new();
        for (number, work) in self.works.iter().enumerate() {
            let Some(took) = work.best(number) else {
                println!("| {} | {} | not run here | | | | | | | | |", work.group, work.who);
                continue;
            };
            let Took { counted, processor, wall, peak_kib } = took;
            let rate = |count: f64| count / processor.as_secs_f64().max(1e-6) / 1e6;
            println!(
                "| {} | {} | {} | {} | {:.4} | {:.4} | {:.2} | {:.2} | {} | {} | {} |",
                work.group,
                work.who,
                thousands(counted.states as u64),
                thousands(counted.transitions),
                processor.as_secs_f64(),
                wall.as_secs_f64(),
                rate(counted.states as f64),
                rate(counted.transitions as f64),
                peak_kib / 1024,
                // Of few states the program itself is the most of it.
                if counted.states >= 100_000 {
                    (peak_kib * 1024 / counted.states as u64).to_string()
                } else {
                    "-".to_owned()
                },
                counted.says,
            );
            if work.exact {
                let (group, states, transitions) = *first
                    .filter(|first| first.0 == work.group)
                    .get_or_insert((&work.group, counted.states, counted.transitions));
                first = Some((group, states, transitions));
                if (states, transitions) != (counted.states, counted.transitions) {
                    differs.push(format!("{}: {}", work.group, work.who));
                }
            }
        }
        if !differs.is_empty() {
            println!("\n**Counts differ: {}**", differs.join("; "));
            std::process::exit(1);
        }
        println!();
    }
}

impl Work {
    /// In a process of its own: does it and prints what a table needs.
    fn once(&self) {
        let (began, used) = (Instant::now(), ProcessTime::now());
        let counted = (self.run)();
        let (processor, wall) = (used.elapsed(), began.elapsed());
        let Some(counted) = counted else {
            println!("-");
            return;
        };
        let (peak, processor) = counted.elsewhere.unwrap_or_else(|| (peak_kib(), processor));
        println!(
            "{}\t{}\t{}\t{}\t{peak}\t{}",
            counted.states,
            counted.transitions,
            processor.as_nanos(),
            wall.as_nanos(),
            counted.says
        );
    }

    fn best(&self, number: usize) -> Option<Took> {
        let one = |_| {
            let this = std::env::current_exe().expect("a program");
            let asked = std::env::args().skip(1).filter(|argument| argument != "--bench");
            let done = Command::new(this).args(asked).args(["--only", &number.to_string()]).output();
            let done = done.expect("it starts");
            let text = String::from_utf8_lossy(&done.stdout);
            assert!(done.status.success(), "{}: {}", self.who, String::from_utf8_lossy(&done.stderr));
            let line = text.lines().last().filter(|line| *line != "-")?;
            let fields: Vec<&str> = line.splitn(6, '\t').collect();
            let number = |at: usize| -> u64 { fields[at].parse().expect("a number") };
            Some(Took {
                counted: Counted {
                    states: number(0) as usize,
                    transitions: number(1),
                    says: fields[5].to_owned(),
                    elsewhere: None,
                },
                processor: Duration::from_nanos(number(2)),
                wall: Duration::from_nanos(number(3)),
                peak_kib: number(4),
            })
        };
        let all: Option<Vec<Took>> = (0..self.times).map(one).collect();
        all?.into_iter().min_by_key(|took| took.processor)
    }
}

/// The most memory that this process ever had, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// A number with commas.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            told.push(',');
        }
        told.push(digit);
    }
    told
}
