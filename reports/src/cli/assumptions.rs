//! `mapisim assumptions`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::args::{self, Algorithms};
use super::exit::Status;
use super::input;
use super::matrix::TableFormat;
use super::output::Io;
use super::run::{Effort, run_cells, status_of, tell_trouble};
use crate::assumptions;
use crate::cells::{Finished, Flips, plan};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim assumptions scenarios/article/bug-1.json
  mapisim assumptions mine.json --algorithm patched --pairs
  mapisim assumptions scenarios --format markdown

Only what a verdict rests on is flipped: the algorithm never asked for the rest. That a verdict moves is no failure; the \
exit status is that of `run`, and 3 where a flip had no answer within the bounds.")]
pub(super) struct AssumptionsArgs {
    /// Scenario files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// This version of the algorithm (or `as-installed`, or `all`) instead of those that a file expects something of
    #[arg(long, value_name = "NAME", value_parser = args::algorithm)]
    algorithm: Vec<Algorithms>,
    /// Flip each two of them at once as well
    #[arg(long)]
    pairs: bool,
    /// What the table looks like
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
    /// Run so many at once; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Look at so many distinct states of one run at most
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_states: u32,
    /// Stop searching after so long (90s, 5m, 500ms); what is cut off cannot be compared with other runs
    #[arg(long, value_name = "DUR", value_parser = args::duration)]
    max_time: Option<Duration>,
}

/// Flips, and prints what moves.
pub(super) fn run(args: &AssumptionsArgs, io: &mut Io<'_>) -> Status {
    let input = input::scenarios(&args.paths, io);
    let mut status = if input.unread > 0 { Status::BadInput } else { Status::AsExpected };
    if input.scenarios.is_empty() {
        return status;
    }
    let flips = if args.pairs { Flips::Pairs } else { Flips::Single };
    let planned = plan(&input.scenarios, &args::builds(&args.algorithm), None);
    let effort = Effort { flips, ..Effort::of(args.max_states, args.jobs, args.max_time) };
    let finished = run_cells(&effort, &planned, io);
    for cell in &finished {
        status = status.and(status_of(cell)).and(undecided(cell));
        tell_trouble(cell, io);
    }
    let report = match args.format {
        TableFormat::Text => assumptions::text(&finished, io.terminal.columns),
        TableFormat::Json => assumptions::json(&finished),
        TableFormat::Markdown => assumptions::markdown(&finished),
    };
    status.and(io.print(&report))
}

/// A flip without an answer is no answer.
fn undecided(cell: &Finished<'_>) -> Status {
    let firmness = cell.checked().and_then(|checked| checked.firmness.as_ref());
    if firmness.is_some_and(|firmness| firmness.undecided().next().is_some()) {
        Status::Inconclusive
    } else {
        Status::AsExpected
    }
}
