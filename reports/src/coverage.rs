//! What of the algorithm was ever taken: which call asked the machine for what, and what it was answered.
//!
//! A row is a call of a script, a step of the machine and a kind of answer: `MAPIInitialize RegOpenKeyEx
//! ERROR_FILE_NOT_FOUND`. What could be taken is the list that drawn runs of all shipped scenarios take, with every
//! version of the algorithm; a test makes that list anew.
//!
//! Always holds
//! - A row that is not in the list may still be taken, in a world that no shipped scenario is like: it is counted too.

use std::collections::{BTreeMap, BTreeSet};

use mapisim_model::os::syscall::{Answer, Syscall};

use crate::digest::canonical;
use crate::text::{HEADING, count, grouped, indented, pad, paint, width};

/// What runs of the shipped scenarios take, a row a line.
pub const REACHABLE: &str = include_str!("coverage/reachable.txt");

/// How often each row was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    taken: BTreeMap<(String, &'static str, String), u64>,
}

impl Coverage {
    /// Counts a step.
    pub fn see(&mut self, call: &str, syscall: &Syscall, answer: &Answer) {
        let answer = match answer {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.name().map_or_else(|| format!("error {}", error.0), str::to_owned),
        };
        *self.taken.entry((call.to_owned(), canonical::name(syscall), answer)).or_default() += 1;
    }

    /// Counts all that another counted.
    pub fn add(&mut self, other: Coverage) {
        for (row, times) in other.taken {
            *self.taken.entry(row).or_default() += times;
        }
    }

    /// The rows that were taken, one a line, in order.
    pub fn rows(&self) -> String {
        self.taken.keys().fold(String::new(), |rows, (call, syscall, answer)| {
            rows + call + "\t" + syscall + "\t" + answer + "\n"
        })
    }

    /// Those of the list that were never taken.
    pub fn never(&self) -> impl Iterator<Item = &'static str> {
        let rows = self.rows();
        let taken: BTreeSet<String> = rows.lines().map(str::to_owned).collect();
        REACHABLE.lines().filter(move |row| !taken.contains(*row))
    }

    /// The rows, how often each was taken, and which of the list never were.
    pub fn render(&self, columns: usize) -> String {
        let mut out = format!("{}\n", paint(HEADING, "Coverage of the algorithm"));
        let widest = |text: &dyn Fn(&(String, &'static str, String)) -> usize| {
            self.taken.keys().map(text).max().unwrap_or(0)
        };
        let (calls, asked, answers) =
            (widest(&|row| width(&row.0)), widest(&|row| width(row.1)), widest(&|row| width(&row.2)));
        for ((call, syscall, answer), times) in &self.taken {
            let line = format!(
                "  {}  {}  {}  {}",
                pad(call, calls),
                pad(syscall, asked),
                pad(answer, answers),
                grouped(usize::try_from(*times).unwrap_or(usize::MAX))
            );
            out += &format!("{}\n", line.trim_end());
        }
        let never: Vec<&str> = self.never().collect();
        let all = REACHABLE.lines().count();
        out += &format!(
            "{} of {} that the shipped scenarios take, and {} more\n",
            grouped(all - never.len()),
            count(all, "row"),
            grouped(self.taken.len() - (all - never.len()))
        );
        for row in never {
            out += &indented(&format!("never: {}", row.replace('\t', " ")), 2, columns);
        }
        out.push('\n');
        out
    }
}
