//! The `mapisim-cluster` command: arguments, the processes that take part, what came of it.
//!
//! The rule of this family: only here are sockets, processes, files and clock.

mod hosts;
mod local;
mod mesh;
mod wait;

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use mapisim::cells::{Cell, Finished};
use mapisim::cli::elsewhere::{self, ElsewhereArgs};
use mapisim::cli::{Io, Status, usage};

use crate::work::Job;
use mesh::{Mesh, Refused, not_there};

/// Help is not wider than this.
const HELP_COLUMNS: usize = 110;

/// Set once the user has asked to stop.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "mapisim-cluster",
    bin_name = "mapisim-cluster",
    version,
    about = "Tries every order of scenarios' steps in several processes, on one machine or on several",
    long_about = "Does what `mapisim run --no-reduction` does, with the same verdicts, counts, counterexamples and reports, \
                  but in several processes at once: each keeps a part of the states. docs/cluster.md says when that pays.",
    after_help = EXAMPLES,
    disable_help_subcommand = true
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  mapisim-cluster run large.json --processes 3                   three processes on this machine
  mapisim-cluster run large.json --hosts hosts.txt --index 0     on the first of several machines,
  mapisim-cluster run large.json --hosts hosts.txt --index 1     on the second, and so on

Exit status: that of `mapisim run`; 3 also where another process could not be reached or was lost.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Explore scenario files in several processes, and compare with what they expect
    Run(Box<RunArgs>),
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    #[command(flatten)]
    run: ElsewhereArgs,
    /// Take so many processes on this machine; they talk over 127.0.0.1
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64), conflicts_with = "hosts")]
    processes: u16,
    /// One HOST:PORT a line, one for each process: start this command on each, with the same scenarios. Whoever reaches
    /// such a port can take part, so the network must be one that you trust
    #[arg(long, value_name = "FILE", requires = "index")]
    hosts: Option<PathBuf>,
    /// Which line of --hosts this process is, 0 first; that one tells what came of it
    #[arg(long, value_name = "I", requires = "hosts")]
    index: Option<usize>,
    /// Wait so many seconds at most until all processes are there
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    wait: u32,
    /// Which of the processes on this machine this one is: the first one starts the others
    #[arg(long, hide = true, conflicts_with = "hosts")]
    part: Option<usize>,
}

/// The whole program.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    mesh::note_lost_threads();
    let is_part = arguments.iter().any(|word| word == "--part");
    let handler = ctrlc::set_handler(move || {
        // An interrupt reaches all processes of a terminal; those that others started end with them.
        if !is_part && INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(Status::Interrupted.code().into());
        }
    });
    if let Err(error) = handler {
        eprintln!("mapisim-cluster: interrupts will not be waited for: {error}");
    }
    run(&arguments, &mut Io::process(&INTERRUPTED)).into()
}

/// Runs the command with arguments, its own name first.
pub fn run(arguments: &[OsString], io: &mut Io<'_>) -> Status {
    let command = Args::command().term_width(io.terminal.columns.min(HELP_COLUMNS));
    let parsed = command.try_get_matches_from(arguments).and_then(|found| Args::from_arg_matches(&found));
    let args = match parsed {
        Ok(Args { command: Command::Run(args) }) => args,
        Err(error) => return usage(io, error),
    };
    let words = arguments.get(1..).unwrap_or_default();
    elsewhere::run(&args.run, io, &mut |cells, io| {
        let job = Job {
            cells: cells.iter().map(|cell| (cell.scenario.clone(), cell.build)).collect(),
            states_max: args.run.states_max(),
        };
        together(&args, words, job, cells, io)
    })
}

/// Finds the others, works with them, and tells what came of it where this is the first process.
fn together<'a>(
    args: &RunArgs,
    words: &[OsString],
    job: Job,
    cells: &[Cell<'a>],
    io: &mut Io<'_>,
) -> Result<(Vec<Finished<'a>>, Status), Status> {
    let refused = |(status, why): Refused, io: &mut Io<'_>| {
        io.complain(&why);
        status
    };
    let patience = Duration::from_secs(args.wait.into());
    let found = match (&args.hosts, args.index, args.part) {
        (Some(file), Some(index), _) => hosts::read(file, index)
            .map(|(listener, addresses)| (Mesh { listener, addresses, index }, local::Children::none()))
            .map_err(|why| (Status::BadInput, why)),
        (_, _, Some(part)) => {
            local::join(part).map(|mesh| (mesh, local::Children::none())).map_err(not_there)
        }
        _ => local::start(usize::from(args.processes), words, patience).map_err(not_there),
    };
    let (mesh, mut children) = found.map_err(|why| refused(why, io))?;
    let (index, addresses) = (mesh.index, mesh.addresses.clone());
    let connected = mesh.connect(&mesh::token(&job), patience, io.interrupted);
    let connected = connected.map_err(|why| refused(why, io))?;
    let waiting = wait::Waiting {
        index,
        addresses: &addresses,
        cells,
        verbose: args.run.is_verbose(),
        started: args.part.is_some(),
    };
    let result = waiting.work(job, connected, &mut children, io);
    if index == 0 { Ok(result) } else { Err(result.1) }
}

/// A listener on a free port of this machine, for this machine.
fn free_port() -> std::io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0")
}
