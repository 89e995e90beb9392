//! `mapisim assumptions`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::args::{self, Algorithms, Limits};
use super::exit::Status;
use super::input;
use super::matrix::TableFormat;
use super::output::Io;
use super::run::{Effort, run_cells, status_of, tell_cut, tell_trouble};
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
    #[command(flatten)]
    limits: Limits,
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
    let effort = Effort { flips, ..args.limits.effort() };
    let finished = run_cells(&effort, &planned, io);
    for cell in &finished {
        status = status.and(status_of(cell)).and(undecided(cell));
        tell_trouble(cell, io);
    }
    tell_cut(finished.len(), planned.len(), io);
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
