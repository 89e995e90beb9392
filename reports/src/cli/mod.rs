//! The `mapisim` command: arguments in, reports out, an exit status.
//!
//! The rule of this family: only here are files, clock, terminal and environment looked at; what is printed is made
//! elsewhere, by pure functions. Nothing is printed in pieces: a report is whole or not there.

mod accept;
mod against;
mod args;
mod assumptions;
mod builds;
mod checkpoint;
mod completions;
mod diagnose;
mod diff;
pub mod elsewhere;
#[cfg(test)]
mod examples;
mod exit;
mod faults;
mod files;
mod fuzz;
mod init;
mod input;
mod man;
mod matrix;
mod mutants;
mod output;
mod progress;
mod reading;
mod report;
mod run;
mod schema;
mod show;
mod shrink;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{CommandFactory as _, FromArgMatches as _};

pub use exit::Status;
pub use output::{Io, Terminal, usage};

use args::{Args, Command};

/// Help is not wider than this.
const HELP_COLUMNS: usize = 110;

/// Set once the user has asked to stop.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The whole program.
pub fn main() -> ExitCode {
    // A second interrupt does not wait for what is under way; nor does the first where nothing is yet.
    let handler = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) || reading::is_reading() {
            std::process::exit(Status::Interrupted.code().into());
        }
    });
    if let Err(error) = handler {
        eprintln!("mapisim: interrupts will not be waited for: {error}");
    }
    let mut io = Io::process(&INTERRUPTED);
    let status = catch_unwind(AssertUnwindSafe(|| run(std::env::args_os(), &mut io)));
    status.unwrap_or(Status::OurBug).into()
}

/// Runs the command with arguments, its own name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> Status {
    // Help is as wide as the terminal that was found, not as clap would find it.
    let command = Args::command().term_width(io.terminal.columns.min(HELP_COLUMNS));
    let parsed = command.try_get_matches_from(arguments).and_then(|found| Args::from_arg_matches(&found));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => return usage(io, error),
    };
    io.colour(args.color);
    io.terminal.ascii |= args.ascii;
    let status = match args.command {
        Command::Run(args) => run::run(&args, io),
        Command::Show(args) => show::run(&args, io),
        Command::Diagnose(args) => diagnose::run(&args, io),
        Command::Mutants(args) => mutants::run(&args, io),
        Command::Matrix(args) => matrix::run(&args, io),
        Command::Assumptions(args) => assumptions::run(&args, io),
        Command::Fuzz(args) => fuzz::run(&args, io),
        Command::Shrink(args) => shrink::run(&args, io),
        Command::Builds(args) => builds::run(&args, io),
        Command::Report(args) => report::run(&args, io),
        Command::Diff(args) => diff::run(&args, io),
        Command::Accept(args) => accept::run(&args, io),
        Command::Schema(args) => schema::run(&args, io),
        Command::Init(args) => init::run(&args, io),
        Command::Completions(args) => completions::run(&args, io),
        Command::Man(args) => man::run(&args, io),
    };
    if io.is_interrupted() { Status::Interrupted } else { status }
}
