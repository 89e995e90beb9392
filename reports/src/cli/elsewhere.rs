//! `run` for a command that searches elsewhere, such as in several processes: the same arguments, as far as they make sense
//! there, the same reports and the same exit statuses.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser as _};

use super::args::{self, Algorithms, Args, Command, RunArgs, RunFormat};
use super::exit::Status;
use super::output::Io;
use super::run::run_by;
use crate::cells::{Cell, Finished};

/// What such a command can be told of what is to be run, and how it is to be told.
#[derive(Clone, Debug, ClapArgs)]
pub struct ElsewhereArgs {
    /// Scenario files, or folders of them [default: ./scenarios, else the shipped ones]
    paths: Vec<PathBuf>,
    /// Run this version of the algorithm (or `as-installed`, or `all`) instead of those that a file expects something of
    #[arg(long, value_name = "NAME", value_parser = args::algorithm)]
    algorithm: Vec<Algorithms>,
    /// What the report looks like
    #[arg(long, value_enum, default_value_t = RunFormat::Text)]
    format: RunFormat,
    /// Write each counterexample as a scenario file into this folder
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Look at so many distinct states of one scenario at most, in all processes together
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_states: u32,
    /// Print only what is not as expected, and the summary
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print also the explanation of everything that breaks, and on standard error how much was sent
    #[arg(short, long)]
    verbose: bool,
}

impl ElsewhereArgs {
    /// Distinct states of one scenario at most.
    pub fn states_max(&self) -> usize {
        self.max_states as usize
    }

    /// Whether more is to be told.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// The arguments of `run` that come to the same: no reduction, and all else as it is where nobody says.
    fn to_run(&self) -> RunArgs {
        let parsed = Args::try_parse_from(["mapisim", "run", "--no-reduction"]).map(|args| args.command);
        let Ok(Command::Run(unsaid)) = parsed else { unreachable!("these are arguments of `run`") };
        RunArgs {
            paths: self.paths.clone(),
            algorithm: self.algorithm.clone(),
            format: self.format,
            save: self.save.clone(),
            max_states: self.max_states,
            quiet: self.quiet,
            verbose: self.verbose,
            ..unsaid
        }
    }
}

/// What searches: what came of the cells, in their order, and how that ended; or why there is nothing to report.
pub type Search<'s> =
    dyn for<'a> FnMut(&[Cell<'a>], &mut Io<'_>) -> Result<(Vec<Finished<'a>>, Status), Status> + 's;

/// Runs scenarios by that search, and reports.
pub fn run(args: &ElsewhereArgs, io: &mut Io<'_>, search: &mut Search<'_>) -> Status {
    let status = run_by(&args.to_run(), io, &mut |_, planned, io| search(planned, io));
    if io.is_interrupted() { Status::Interrupted } else { status }
}
