//! `mapisim mutants`.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use clap::{Args as ClapArgs, ValueEnum};
use mapisim_model::mapi::rules::Algorithm;

use super::args::JOBS_MAX;
use super::exit::Status;
use super::input;
use super::output::Io;
use crate::mutants::{self, Running};
use crate::text::{count, grouped};

/// What the report looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For documents.
    Markdown,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim mutants                              every build's mutants: some minutes
  mapisim mutants --first --algorithm lease    the first scenario that notices each
  mapisim mutants mine --algorithm patched     what a folder of scenarios of one's own would notice

Exit status: 0 every mutant is noticed or shown to be the same as its build, 1 one is missed.")]
pub(super) struct MutantsArgs {
    /// Scenario files, or folders of them [default: ./scenarios, else the shipped ones]
    paths: Vec<PathBuf>,
    /// Only the mutants of this version of the algorithm
    #[arg(long, value_name = "NAME", value_parser = algorithm)]
    algorithm: Vec<Algorithm>,
    /// Stop at the first scenario that notices a mutant
    #[arg(long)]
    first: bool,
    /// What the report looks like
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Run so many at once; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    jobs: Option<u16>,
    /// Look at so many distinct states of one scenario at most; a mutant with more is not noticed there
    #[arg(long, value_name = "N", default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_states: u32,
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::from_id(text).ok_or_else(|| {
        let known = Algorithm::ALL.map(Algorithm::id);
        super::args::unknown_algorithm(text, &known)
    })
}

/// Runs mutants and tells who noticed them.
pub(super) fn run(args: &MutantsArgs, io: &mut Io<'_>) -> Status {
    let input = input::scenarios(&args.paths, io);
    let unread = if input.unread > 0 { Status::BadInput } else { Status::AsExpected };
    if input.scenarios.is_empty() {
        return unread;
    }
    let algorithms = if args.algorithm.is_empty() { Algorithm::ALL.to_vec() } else { args.algorithm.clone() };
    let interrupted = io.interrupted;
    let running = Running {
        states_max: args.max_states as usize,
        jobs: args.jobs.map(usize::from),
        first_only: args.first,
        go_on: &|| !interrupted.load(Ordering::SeqCst),
    };
    let wanted = mutants::mutants(&algorithms);
    let rows = mutants::table(&input.scenarios, &wanted, running);
    if rows.len() < wanted.len() {
        let (all, cut) = (count(wanted.len(), "mutant"), grouped(wanted.len() - rows.len()));
        io.complain(&format!("interrupted: of {all} {cut} were not tried to the end"));
    }
    let report = match args.format {
        Format::Text => mutants::text(&rows),
        Format::Json => mutants::json(&rows),
        Format::Markdown => mutants::markdown(&rows, !args.first),
    };
    let missed = if rows.iter().any(mutants::Row::is_missed) { Status::Broken } else { Status::AsExpected };
    unread.and(missed).and(io.print(&report))
}
