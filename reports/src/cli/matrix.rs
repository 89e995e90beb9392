//! `mapisim matrix`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use mapisim_model::mapi::rules::Build;

use super::args::{self, Algorithms, Limits};
use super::exit::Status;
use super::input;
use super::output::Io;
use super::run::{run_cells, status_of, tell_cut, tell_trouble};
use crate::cells::{Builds, CellResult, Finished, plan};
use crate::matrix::{self, Matrix};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim matrix                                 every scenario against everything
  mapisim matrix scenarios/article --format markdown
  mapisim matrix --algorithm patched --algorithm lease mine.json

A cell of which a scenario expects nothing never makes the exit status other than 0.")]
pub(super) struct MatrixArgs {
    /// Scenario files, or folders of them [default: ./scenarios, else the shipped ones]
    paths: Vec<PathBuf>,
    /// Only this column: a version of the algorithm, or `as-installed` [default: all]
    #[arg(long, value_name = "NAME", value_parser = args::algorithm)]
    algorithm: Vec<Algorithms>,
    /// What the table looks like
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
    #[command(flatten)]
    limits: Limits,
}

/// What a table looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For documents.
    Markdown,
}

/// Runs everything and prints the table.
pub(super) fn run(args: &MatrixArgs, io: &mut Io<'_>) -> Status {
    let input = input::scenarios(&args.paths, io);
    let mut status = if input.unread > 0 { Status::BadInput } else { Status::AsExpected };
    if input.scenarios.is_empty() {
        return status;
    }
    let builds = match args::builds(&args.algorithm) {
        Builds::Named(builds) => builds,
        Builds::Expected => Build::all().collect(),
    };
    let planned = plan(&input.scenarios, &Builds::Named(builds.clone()), None);
    let effort = args.limits.effort();
    let finished = run_cells(&effort, &planned, io);
    for cell in finished.iter().filter(|cell| counts(cell)) {
        status = status.and(status_of(cell));
        tell_trouble(cell, io);
    }
    tell_cut(finished.len(), planned.len(), io);
    let matrix = Matrix::new(&builds, &finished);
    let report = match args.format {
        TableFormat::Text => matrix::text(&matrix, io.terminal.columns),
        TableFormat::Json => matrix::json(&matrix),
        TableFormat::Markdown => matrix::markdown(&matrix),
    };
    status.and(io.print(&report))
}

/// Whether a cell counts for the exit status: something is expected of it, or it failed.
fn counts(cell: &Finished<'_>) -> bool {
    cell.cell.scenario.expected(cell.cell.build).is_some() || matches!(cell.result, CellResult::Panicked(_))
}
