//! The command, called in this process: no terminal, a hundred columns unless said otherwise.

use std::ffi::OsString;
use std::sync::atomic::AtomicBool;

use mapisim::cli::{Io, Status, Terminal, run};

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub status: Status,
    /// What it printed.
    pub out: String,
    /// What it complained of.
    pub err: String,
}

/// Runs `mapisim` with arguments.
pub fn mapisim(arguments: &[&str]) -> Ran {
    mapisim_in(Terminal::none(), arguments)
}

/// Runs `mapisim` with arguments in a terminal of that many columns.
pub fn mapisim_at(columns: usize, arguments: &[&str]) -> Ran {
    mapisim_in(Terminal { columns, ..Terminal::none() }, arguments)
}

/// Runs `mapisim` with arguments in some terminal.
pub fn mapisim_in(terminal: Terminal, arguments: &[&str]) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let interrupted = AtomicBool::new(false);
    let mut io = Io { out: &mut out, err: &mut err, terminal, interrupted: &interrupted };
    let words = std::iter::once("mapisim").chain(arguments.iter().copied()).map(OsString::from);
    let status = run(words, &mut io);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is printed is text");
    Ran { status, out: text(out), err: text(err) }
}

/// Arguments, status and output in one text, for snapshots.
pub fn transcript(columns: usize, arguments: &[&str]) -> String {
    let ran = mapisim_at(columns, arguments);
    let mut text = format!("$ mapisim {}\n{}", arguments.join(" "), ran.out);
    if !ran.err.is_empty() {
        text += &format!("--- stderr\n{}", ran.err);
    }
    text + &format!("--- status {}\n", ran.status.code())
}
