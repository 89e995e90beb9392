//! `mapisim run`.

use std::path::{Component, Path};
use std::sync::atomic::Ordering;
use std::time::Duration;

use mapisim_model::check::WHOLE_MAX;
use mapisim_model::outcome::{Outcome, Verdict};
use mapisim_model::scenario::Scenario;
use mapisim_model::scenario::checked::HiveContent;
use mapisim_model::scenario::visible::quoted;
use mapisim_sim::Checkpoint;

use super::args::{RunArgs, RunFormat};
use super::checkpoint::{Keeper, resumed};
use super::exit::Status;
use super::files::write;
use super::input;
use super::output::Io;
use super::progress::Watcher;
use crate::cells::{self, CellResult, Finished, Flips, Running, Watched};
use crate::run_model::make::{Material, model};
use crate::run_model::{Asked, RunModel};
use crate::run_text::{Look, RunReport};
use crate::save;
use crate::{json, junit, markdown, run_text};

/// What runs cells: what came of them and whether what was to be kept could be, or why there is no report.
pub(super) type Runner<'r> = dyn for<'a> FnMut(&Effort, &[cells::Cell<'a>], &mut Io<'_>) -> Result<(Vec<Finished<'a>>, Status), Status>
    + 'r;

/// Runs scenarios and reports.
pub(super) fn run(args: &RunArgs, io: &mut Io<'_>) -> Status {
    run_by(args, io, &mut |effort, planned, io| run_kept(args, effort, planned, io))
}

/// The same, whoever runs the cells.
pub(super) fn run_by(args: &RunArgs, io: &mut Io<'_>, runner: &mut Runner<'_>) -> Status {
    let input = input::scenarios(&args.paths, io);
    let input = args.faults.apply(input, io);
    let mut status = if input.unread > 0 { Status::BadInput } else { Status::AsExpected };
    if input.scenarios.is_empty() {
        // What is wrong was told; a report about nothing would only hide it, but programs want one that they can read.
        let nothing = || model_of(args, &input, 0, &[]);
        return match args.format {
            RunFormat::Text => status,
            RunFormat::Json => status.and(io.print_plain(&json::render(args.seed, &[]))),
            RunFormat::Junit => status.and(io.print_plain(&junit::render(&nothing()))),
            RunFormat::Markdown => status.and(io.print_plain(&markdown::render(&nothing()))),
        };
    }
    let planned = cells::plan(&input.scenarios, &args.builds(), args.shard);
    let flips = if args.firmness { Flips::Single } else { Flips::None };
    let effort = Effort {
        max_memory: args.max_memory,
        twice: args.check_determinism,
        reduced: !args.no_reduction,
        flips,
        ..Effort::of(args.max_states, args.jobs, args.max_time)
    };
    io.terminal.progress &= !args.quiet;
    let finished = match runner(&effort, &planned, io) {
        Ok((finished, kept)) => {
            status = status.and(kept);
            finished
        }
        Err(refused) => return status.and(refused),
    };
    for cell in &finished {
        status = status.and(status_of(cell));
        tell_trouble(cell, io);
    }
    if let Some(folder) = &args.save {
        status = status.and(save_all(folder, &finished, io));
    }
    let report = match args.format {
        RunFormat::Json => return status.and(io.print_plain(&json::render(args.seed, &finished))),
        RunFormat::Junit => {
            let model = model_of(args, &input, planned.len(), &finished);
            return status.and(io.print_plain(&junit::render(&model)));
        }
        RunFormat::Markdown => {
            let model = model_of(args, &input, planned.len(), &finished);
            return status.and(io.print_plain(&markdown::render(&model)));
        }
        RunFormat::Text => {
            let look = Look { columns: io.terminal.columns, quiet: args.quiet, verbose: args.verbose };
            let report = RunReport { finished: &finished, planned: planned.len(), unread: input.unread };
            run_text::render(&report, look)
        }
    };
    status.and(io.print(&report))
}

/// All that reports say of it.
fn model_of(args: &RunArgs, input: &input::Input, planned: usize, finished: &[Finished<'_>]) -> RunModel {
    model(&Material {
        seed: args.seed,
        asked: Asked {
            algorithms: args.builds().ids(),
            states_max: u64::from(args.max_states),
            shard: args.shard.map(|shard| shard.to_string()),
            timed: args.max_time.is_some(),
            faults: args.faults.words(),
        },
        unread: input.unread,
        planned,
        finished,
        texts: &input.texts,
    })
}

/// Runs cells, one of them from a checkpoint on where that is asked for; and whether what was to be kept could be.
fn run_kept<'a>(
    args: &RunArgs,
    effort: &Effort,
    planned: &[cells::Cell<'a>],
    io: &mut Io<'_>,
) -> Result<(Vec<Finished<'a>>, Status), Status> {
    let from = args.resume.as_ref().map(|file| resumed(file, planned, effort, io)).transpose()?;
    let keeper = args.checkpoint.as_ref().map(|file| Keeper::new(file, planned, effort, io)).transpose()?;
    let keep = keeper.as_ref().map(|keeper| move |checkpoint: Checkpoint| keeper.keep(&checkpoint));
    let watched = Watched {
        from: from.as_ref().map(|(place, checkpoint)| (*place, checkpoint)),
        keep: keep.as_ref().map(|keep| keep as &(dyn Fn(Checkpoint) + Sync)),
        ..Watched::default()
    };
    let finished = run_watched(effort, planned, watched, io);
    let kept = keeper.map_or(Status::AsExpected, |keeper| keeper.status(io));
    Ok((finished, kept))
}

/// How much is to be done with each cell.
pub(super) struct Effort {
    /// Distinct states of one search at most.
    pub(super) max_states: u32,
    /// Bytes for the states of one search at most.
    pub(super) max_memory: Option<u64>,
    /// Every step is done twice and compared.
    pub(super) twice: bool,
    /// Large proofs may be made in fewer states.
    pub(super) reduced: bool,
    /// How many cells run at once.
    pub(super) jobs: Option<u16>,
    /// No search goes on for longer.
    pub(super) max_time: Option<Duration>,
    /// What is tried besides.
    pub(super) flips: Flips,
}

impl Effort {
    /// Each cell once.
    pub(super) const fn of(max_states: u32, jobs: Option<u16>, max_time: Option<Duration>) -> Self {
        Effort {
            max_states,
            max_memory: None,
            twice: false,
            reduced: true,
            jobs,
            max_time,
            flips: Flips::None,
        }
    }

    /// Bytes of one search at most.
    pub(super) fn bytes_max(&self) -> usize {
        self.max_memory.map_or(usize::MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
    }
}

/// Runs cells, and shows how far it is where somebody watches.
pub(super) fn run_cells<'a>(effort: &Effort, planned: &[cells::Cell<'a>], io: &Io<'_>) -> Vec<Finished<'a>> {
    run_watched(effort, planned, Watched::default(), io)
}

/// The same, from a checkpoint on or to one.
fn run_watched<'a>(
    effort: &Effort,
    planned: &[cells::Cell<'a>],
    watched: Watched<'_>,
    io: &Io<'_>,
) -> Vec<Finished<'a>> {
    let in_time = deadline(effort.max_time);
    let teller = Watcher::new(planned.len(), effort.max_states as usize, io.terminal);
    let interrupted = io.interrupted;
    let running = Running {
        states_max: effort.max_states as usize,
        bytes_max: effort.bytes_max(),
        twice: effort.twice,
        whole_max: if effort.reduced { WHOLE_MAX } else { usize::MAX },
        jobs: effort.jobs.map(usize::from),
        go_on: &|| !interrupted.load(Ordering::SeqCst),
        in_time: &*in_time,
        finished: &|| teller.finished(),
    };
    let progress = |cell: cells::Cell<'_>, progress| teller.progress(cell, progress);
    let results =
        cells::run_watched(planned, &running, effort.flips, Watched { progress: &progress, ..watched });
    teller.end();
    results.into_iter().flatten().collect()
}

/// Whether there is time left.
#[expect(
    clippy::disallowed_types,
    reason = "--max-time asks for a clock, and what it cuts off says that it did"
)]
fn deadline(limit: Option<Duration>) -> Box<dyn Fn() -> bool + Sync> {
    match limit {
        None => Box::new(|| true),
        Some(limit) => {
            let started = std::time::Instant::now();
            Box::new(move || started.elapsed() < limit)
        }
    }
}

/// What a cell means for the exit status.
pub(super) fn status_of(cell: &Finished<'_>) -> Status {
    match &cell.result {
        CellResult::Panicked(_) => Status::OurBug,
        CellResult::Diverged(_) => Status::Diverged,
        CellResult::Checked(checked) => of_outcome(&checked.outcome),
    }
}

fn of_outcome(outcome: &Outcome) -> Status {
    match outcome.verdict {
        Verdict::Inconclusive => Status::Inconclusive,
        _ if outcome.as_expected() => Status::AsExpected,
        _ => Status::Broken,
    }
}

/// What has no verdict is told on standard error too: a report for programs has no place for it.
pub(super) fn tell_trouble(cell: &Finished<'_>, io: &mut Io<'_>) {
    let name = quoted(&cell.cell.scenario.name);
    let build = cell.cell.build.id();
    match &cell.result {
        CellResult::Checked(_) => {}
        CellResult::Diverged(why) => io.complain(&format!(
            "the schedule of {name} cannot happen with {build}: {}",
            mapisim_model::scenario::visible::visible(why)
        )),
        CellResult::Panicked(why) => {
            io.complain(&format!("this is a bug in mapisim itself: {name} with {build} made it stop: {why}"));
        }
    }
}

/// Whoever interrupts is told how much is missing from a table that does not say so itself.
pub(super) fn tell_cut(finished: usize, planned: usize, io: &mut Io<'_>) {
    if finished < planned {
        let cells = crate::text::count(planned, "cell");
        io.complain(&format!(
            "interrupted: of {cells} {} were not run",
            crate::text::grouped(planned - finished)
        ));
    }
}

/// Writes every counterexample as a scenario file.
fn save_all(folder: &Path, finished: &[Finished<'_>], io: &mut Io<'_>) -> Status {
    let found = finished.iter().filter_map(|cell| {
        Some((cell.cell.scenario, save::counterexample(cell.cell.scenario, &cell.checked()?.outcome)?))
    });
    let mut names: Vec<String> = Vec::new();
    let mut status = Status::AsExpected;
    for (scenario, mut saved) in found {
        // Two scenarios of one name in two folders are two counterexamples.
        let (name, mut number) = (saved.name.clone(), 1);
        while names.contains(&saved.name) {
            number += 1;
            saved.name = format!("{}.{number}.json", name.trim_end_matches(".json"));
        }
        names.push(saved.name.clone());
        let written = write(folder, &saved.name, saved.text.as_bytes());
        if let Err(error) = written.and_then(|()| save_imports(folder, scenario)) {
            let path = folder.join(&saved.name);
            io.complain(&format!("{} could not be written: {error}", quoted(&path.to_string_lossy())));
            status = Status::Unwritten;
        }
    }
    status
}

/// Writes the registry files that a scenario imports beside its counterexample, so that it can be replayed from there.
fn save_imports(folder: &Path, scenario: &Scenario) -> std::io::Result<()> {
    for hive in &scenario.hives {
        let HiveContent::Imported { path, .. } = &hive.content else { continue };
        let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let source = input::import(&scenario.name, path)
            .filter(|_| inside)
            .ok_or_else(|| std::io::Error::other(format!("{} cannot be written beside it", quoted(path))))?;
        write(folder, path, &source.bytes)?;
    }
    Ok(())
}
