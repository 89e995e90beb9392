//! `mapisim report`.
//!
//! Invariants
//! - Every file is made and written whole beside its place before any takes its place: a run that is interrupted, or a
//!   folder that cannot be written, leaves the old report as it was.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use mapisim_model::scenario::visible::quoted;

use super::args::{self, Algorithms};
use super::exit::Status;
use super::input;
use super::output::Io;
use super::run::{Effort, run_cells, status_of, tell_trouble};
use crate::cells::{self, Builds, Flips, Shard};
use crate::outputs::{OUTPUTS, Output};
use crate::run_model::make::{Material, model};
use crate::run_model::{Asked, RunModel};

/// What `report` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mapisim report --out report                         ./scenarios, or the shipped ones where there is none
  mapisim report scenarios/article mine.json --out report
  mapisim report mine.json --algorithm all --out report

Open report/index.html: it is one file, and works from disk. The exit status is that of `run`.")]
pub(super) struct ReportArgs {
    /// Scenario files, or folders of them [default: ./scenarios, else the shipped ones]
    paths: Vec<PathBuf>,
    /// The folder to write into; it is made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Run this version of the algorithm (or `as-installed`, or `all`) instead of those that a file expects something of
    #[arg(long, value_name = "NAME", value_parser = args::algorithm)]
    algorithm: Vec<Algorithms>,
    /// Run so many at once; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Look at so many distinct states of one scenario at most
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_states: u32,
    /// Settle otherwise each point that a verdict rests on, and tell whether it moves
    #[arg(long)]
    firmness: bool,
    /// The seed of whatever is drawn
    #[arg(long, value_name = "HEX", default_value = "0", value_parser = args::seed)]
    seed: u64,
    /// Run only part K of N; every cell is in one part
    #[arg(long, value_name = "K/N", value_parser = args::shard)]
    shard: Option<Shard>,
}

/// Runs scenarios and writes the report.
pub(super) fn run(args: &ReportArgs, io: &mut Io<'_>) -> Status {
    let input = input::scenarios(&args.paths, io);
    let mut status = if input.unread > 0 { Status::BadInput } else { Status::AsExpected };
    if input.scenarios.is_empty() {
        // What is wrong was told; a report about nothing would only hide it.
        return status;
    }
    let builds = args::builds(&args.algorithm);
    let planned = cells::plan(&input.scenarios, &builds, args.shard);
    let flips = if args.firmness { Flips::Single } else { Flips::None };
    let effort = Effort { flips, ..Effort::of(args.max_states, args.jobs, None) };
    let finished = run_cells(&effort, &planned, io);
    for cell in &finished {
        status = status.and(status_of(cell));
        tell_trouble(cell, io);
    }
    if io.is_interrupted() {
        io.complain(&format!("interrupted: {} is as it was", quoted(&args.out.to_string_lossy())));
        return Status::Interrupted;
    }
    let model = model(&Material {
        seed: args.seed,
        asked: asked(args, &builds),
        unread: input.unread,
        planned: planned.len(),
        finished: &finished,
        texts: &input.texts,
    });
    match write(&args.out, &model, OUTPUTS) {
        Ok(()) => {
            let names: Vec<&str> = OUTPUTS.iter().map(|output| output.name).collect();
            let folder = quoted(&args.out.to_string_lossy()).clone();
            let told = crate::text::count(model.cells.len(), "cell");
            status.and(io.print(&format!("{told} in {folder}: {}\n", names.join(", "))))
        }
        Err(why) => {
            io.complain(&why);
            status.and(Status::Unwritten)
        }
    }
}

fn asked(args: &ReportArgs, builds: &Builds) -> Asked {
    let algorithms = match builds {
        Builds::Expected => Vec::new(),
        Builds::Named(named) => named.iter().map(|build| build.id().to_owned()).collect(),
    };
    Asked {
        algorithms,
        states_max: u64::from(args.max_states),
        shard: args.shard.map(|shard| format!("{}/{}", shard.index, shard.parts)),
        timed: false,
    }
}

/// Writes every output, all of them or, as far as the file system lets us, none.
fn write(folder: &Path, model: &RunModel, outputs: &[Output]) -> Result<(), String> {
    let trouble = |path: &Path, error: &std::io::Error| {
        format!(
            "{} could not be written: {error}; what was there is as it was",
            quoted(&path.to_string_lossy())
        )
    };
    std::fs::create_dir_all(folder).map_err(|error| trouble(folder, &error))?;
    let mut ready = Vec::new();
    for output in outputs {
        let path = folder.join(output.name);
        if path.is_dir() {
            return Err(trouble(&path, &std::io::Error::other("it is a folder")));
        }
        let text = (output.render)(model);
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| trouble(&path, &error))?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all());
        written.map_err(|error| trouble(&path, &error))?;
        ready.push((file, path));
    }
    for (file, path) in ready {
        readable(&file).map_err(|error| trouble(&path, &error))?;
        file.persist(&path).map_err(|error| trouble(&path, &error.error))?;
    }
    Ok(())
}

/// Temporary files are their owner's alone; a report is for whoever may look into its folder.
#[cfg(unix)]
pub(super) fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(super) fn readable(_file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
