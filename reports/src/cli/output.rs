//! Where output goes: standard output and error, their colours and widths.
//!
//! Invariants
//! - A reader that goes away is no error of ours. Any other failure to write is told, and ends with status 74.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue};
use terminal_size::{Width, terminal_size_of};

use super::args::{Args, Color, nearest};
use super::exit::Status;
use crate::text::ascii;

/// The width of what is no terminal.
const COLUMNS: usize = 100;

/// Where the command's output goes.
pub struct Io<'a> {
    /// Standard output: reports.
    pub out: &'a mut dyn Write,
    /// Standard error: what went wrong.
    pub err: &'a mut dyn Write,
    /// What is known of the terminal.
    pub terminal: Terminal,
    /// Set once the user has asked to stop.
    pub interrupted: &'a AtomicBool,
}

/// What is known of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all sixteen together can be"
)]
pub struct Terminal {
    /// Colours on standard output.
    pub out_colour: bool,
    /// Colours on standard error.
    pub err_colour: bool,
    /// The width of standard output.
    pub columns: usize,
    /// Whether somebody watches standard error.
    pub progress: bool,
    /// Reports are drawn with ASCII signs only.
    pub ascii: bool,
}

impl Terminal {
    /// No terminal: no colours, a hundred columns.
    pub const fn none() -> Self {
        Terminal { out_colour: false, err_colour: false, columns: COLUMNS, progress: false, ascii: false }
    }

    /// The process's own.
    fn of_process() -> Self {
        let columns = terminal_size_of(io::stdout()).map(|(Width(columns), _)| usize::from(columns));
        let choice = |choice: ColorChoice| !matches!(choice, ColorChoice::Never);
        Terminal {
            out_colour: choice(AutoStream::choice(&io::stdout())),
            err_colour: choice(AutoStream::choice(&io::stderr())),
            columns: columns
                .filter(|_| io::stdout().is_terminal())
                .map_or(COLUMNS, |columns| columns.max(20)),
            progress: io::stderr().is_terminal(),
            // What is no terminal gets the same bytes whatever the locale.
            ascii: io::stdout().is_terminal() && !speaks_utf8(&locale()),
        }
    }
}

/// The locale that decides about characters; empty where there is none (POSIX, "Environment Variables").
#[expect(
    clippy::disallowed_methods,
    reason = "only the command reads the environment, and only about a terminal"
)]
fn locale() -> String {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default()
}

/// Whether a locale's characters are UTF-8. Where none is set they are taken to be: so it is in containers, on Windows and
/// on macOS.
fn speaks_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.is_empty() || locale.contains("utf-8") || locale.contains("utf8")
}

impl<'a> Io<'a> {
    /// The process's own output.
    pub fn process(interrupted: &'a AtomicBool) -> Self {
        // They live as long as the program.
        let out: &'static mut io::Stdout = Box::leak(Box::new(io::stdout()));
        let err: &'static mut io::Stderr = Box::leak(Box::new(io::stderr()));
        Io { out, err, terminal: Terminal::of_process(), interrupted }
    }

    /// Settles colours.
    pub(super) fn colour(&mut self, color: Color) {
        match color {
            Color::Auto => {}
            Color::Always => (self.terminal.out_colour, self.terminal.err_colour) = (true, true),
            Color::Never => (self.terminal.out_colour, self.terminal.err_colour) = (false, false),
        }
    }

    /// Whether the user has asked to stop.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Prints a report.
    pub(super) fn print(&mut self, text: &str) -> Status {
        let text = if self.terminal.out_colour { text.to_owned() } else { strip_str(text).to_string() };
        self.print_plain(&self.drawn(text))
    }

    /// A text as this terminal can draw it.
    fn drawn(&self, text: String) -> String {
        if self.terminal.ascii { ascii(&text) } else { text }
    }

    /// Prints what is for programs, byte for byte.
    pub(super) fn print_plain(&mut self, text: &str) -> Status {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        match written {
            Ok(()) => Status::AsExpected,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Status::AsExpected,
            Err(error) => {
                self.complain(&format!("standard output could not be written: {error}"));
                Status::Unwritten
            }
        }
    }

    /// Says what went wrong, in one paragraph of its own.
    pub fn complain(&mut self, text: &str) {
        self.tell(&format!("mapisim: {text}\n"));
    }

    /// Writes to standard error; if even that fails there is nobody left to tell.
    pub fn tell(&mut self, text: &str) {
        let text = if self.terminal.err_colour { text.to_owned() } else { strip_str(text).to_string() };
        let text = self.drawn(text);
        let _nobody_is_left_to_tell = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }
}

/// Tells what clap has to say: help, version, or what is wrong with the arguments.
pub fn usage(io: &mut Io<'_>, mut error: clap::Error) -> Status {
    suggest(&mut error);
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        io.tell(&text);
        return Status::BadInput;
    }
    io.print(&text)
}

/// Adds the command that was perhaps meant, where clap finds none: of short words that have two letters the wrong way round
/// too few are alike for it.
fn suggest(error: &mut clap::Error) {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return };
    let command = Args::command();
    let names: Vec<&str> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(clap::Command::get_name)
        .collect();
    if let Some(near) =
        nearest(word, &names).filter(|_| error.get(ContextKind::SuggestedSubcommand).is_none())
    {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![near.to_owned()]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_says_whether_its_characters_are_utf_8() {
        let asked = ["", "C.UTF-8", "de_DE.utf8", "C", "POSIX", "en_US.ISO-8859-1"];
        assert_eq!(asked.map(speaks_utf8), [true, true, true, false, false, false]);
    }
}
