//! `mapisim report`.
//!
//! Invariants
//! - Every file is made and written whole beside its place before any takes its place, and all do or none does
//!   (`files.rs`): a run that is interrupted, or a folder that cannot be written, leaves the old report as it was.
//! - A baseline is never written, only what waits to be accepted beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mapisim_model::scenario::visible::quoted;
use rayon::prelude::*;

use super::args::{self, Algorithms, JOBS_MAX};
use super::diff::read_text;
use super::exit::Status;
use super::faults::FaultArgs;
use super::files::{Old, Unwritten, with_ending, write_all};
use super::input;
use super::output::Io;
use super::run::{Effort, run_cells, status_of, tell_trouble};
use crate::baseline::{self, WAITING};
use crate::cells::{self, Flips, Shard};
use crate::diff::compare;
use crate::diff::side::Side;
use crate::diff::told::{Look, markdown_report, text_report};
use crate::mattered;
use crate::merge::merge;
use crate::outputs::{OUTPUTS, Output};
use crate::run_model::make::{Material, model};
use crate::run_model::{Asked, Cell, RunModel, Verdict, written};
use crate::said;
use crate::text::{count, grouped, indented};

/// So many outcomes that are not as expected are told; the report has all.
const WRONG_MAX: usize = 5;

/// What `report` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mapisim report --out report                         ./scenarios, or the shipped ones
  mapisim report scenarios/article mine.json --out report
  mapisim report mine.json --algorithm all --out report

  mapisim report --baseline reports/baseline.json --out report
  mapisim report --merge part1/run.json part2/run.json --out report

Open report/index.html: it is one file, and works from disk. run.json is for `diff` and `--merge`, junit.xml and \
run.sarif are for CI, report.md is for a job summary. The exit status is that of `run`; with --baseline, 1 is for \
what got worse since, and for nothing else.")]
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    jobs: Option<u16>,
    /// Look at so many distinct states of one scenario at most
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_states: u32,
    /// Settle otherwise each point that a verdict rests on, and tell whether it moves [default: of what breaks on a
    /// schedule alone]
    #[arg(long)]
    firmness: bool,
    /// The seed of whatever is drawn
    #[arg(long, value_name = "HEX", default_value = "0", value_parser = args::seed)]
    seed: u64,
    /// Run only part K of N; every cell is in one part
    #[arg(long, value_name = "K/N", value_parser = args::shard)]
    shard: Option<Shard>,
    /// Run nothing: PATHs are the run.json of every shard of a run, to be put together
    #[arg(long, requires = "paths", conflicts_with_all = ["algorithm", "crashes", "thread_deaths", "machine_crashes", "jobs", "max_states", "firmness", "seed", "shard"])]
    merge: bool,
    /// Compare with this baseline; where it is not the same, what it would be is written beside it as FILE.new
    #[arg(long, value_name = "FILE", conflicts_with_all = ["crashes", "thread_deaths", "machine_crashes"])]
    baseline: Option<PathBuf>,
    /// Leave out what happened step by step and the scenarios' texts: for a report that is kept
    #[arg(long)]
    brief: bool,
    /// Write only this file of the report
    #[arg(long, value_name = "NAME", value_parser = output_name)]
    only: Vec<String>,
    #[command(flatten)]
    faults: FaultArgs,
}

/// A name of an output.
fn output_name(text: &str) -> Result<String, String> {
    let names: Vec<&str> = OUTPUTS.iter().map(|output| output.name).collect();
    if names.contains(&text) {
        return Ok(text.to_owned());
    }
    let near =
        args::nearest(text, &names).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    Err(format!("{near}there are {}", names.join(", ")))
}

/// Runs scenarios, or puts shards together, and writes the report.
pub(super) fn run(args: &ReportArgs, io: &mut Io<'_>) -> Status {
    // What cannot be read is told before anything is run.
    let old = match args.baseline.as_deref().map(old_baseline).transpose() {
        Ok(old) => old,
        Err(why) => {
            io.complain(&why);
            return Status::BadInput;
        }
    };
    let (mut status, model) = match if args.merge { merged(args, io) } else { ran(args, io) } {
        Ok(found) => found,
        Err(status) => return status,
    };
    let against = args.baseline.as_deref().zip(old).map(|(path, old)| {
        let old = old.unwrap_or_else(|| no_baseline(path, &model));
        Against::new(path, &old, &model, io)
    });
    if let Some(against) = &against {
        status = regression(status, against.regression);
    }
    let model = if args.brief { brief(model) } else { model };
    let wanted = |output: &&Output| args.only.is_empty() || args.only.iter().any(|name| name == output.name);
    let outputs: Vec<&Output> = OUTPUTS.iter().filter(wanted).collect();
    let rendered = outputs.par_iter().map(|output| (args.out.join(output.name), (output.render)(&model)));
    let mut files: Vec<(PathBuf, String)> = rendered.collect();
    let (mut told, mut waiting, mut stale) = (String::new(), None, None);
    if let Some(against) = against {
        files.extend(args.only.is_empty().then(|| (args.out.join("diff.md"), against.markdown)));
        told = against.told;
        (waiting, stale) = (against.waiting, against.stale);
    }
    let names: Vec<String> = files.iter().map(|(path, _)| name(path)).collect();
    files.extend(waiting);
    // The page that people open takes its place last.
    files.sort_by_key(|(path, _)| path.ends_with("index.html"));
    match write(&args.out, &files, io) {
        Ok(()) => {
            if let Some(stale) = stale {
                let _there_may_be_none = std::fs::remove_file(stale);
            }
            let folder = args.out.to_string_lossy();
            let written = format!("in {}: {}", quoted(&folder), names.join(", "));
            let said = came_of(&model, &written, io.terminal.columns);
            status.and(io.print(&format!("{told}{said}")))
        }
        Err((why, unwritten)) => {
            io.complain(&why);
            status.and(unwritten)
        }
    }
}

/// How many outcomes are as expected, what was written, and the first of those that are not.
fn came_of(model: &RunModel, written: &str, columns: usize) -> String {
    let wrong: Vec<&Cell> = said::unexpected(model).collect();
    let cells = count(model.cells.len(), "cell");
    let mut head = format!("{cells}, {} as expected", grouped(model.cells.len() - wrong.len()));
    if model.unread > 0 {
        head += &format!("; {} could not be read", count(model.unread, "file"));
    }
    let mut out = String::new();
    for cell in wrong.iter().take(WRONG_MAX) {
        let text = format!("{}  {}: {}", cell.scenario, cell.algorithm, said::outcome(cell));
        let why = said::wrong(cell).unwrap_or_default();
        out += &indented(&format!("✗ {}; {why}", said::plain(&text)), 0, columns);
    }
    if wrong.len() > WRONG_MAX {
        out += &format!("and {} more that are not as expected\n", grouped(wrong.len() - WRONG_MAX));
    }
    out + &indented(&head, 0, columns) + &indented(written, 0, columns)
}

/// A run against a baseline.
struct Against {
    /// Whether something got worse.
    regression: bool,
    /// What changed, as text.
    told: String,
    /// The same as Markdown.
    markdown: String,
    /// What the baseline would be and where it waits to be accepted; none where it is the same.
    waiting: Option<(PathBuf, String)>,
    /// What waited before, where it is of no use any more.
    stale: Option<PathBuf>,
}

impl Against {
    fn new(path: &Path, old: &Side, model: &RunModel, io: &Io<'_>) -> Self {
        let compared = compare(old, &Side::of_run("this run", model), false);
        let mut told = text_report(&compared, Look { columns: io.terminal.columns, all: false });
        let new = baseline::to_json(&baseline::of_run(model, &old.known));
        let beside = beside(path);
        let same = read_text(path).is_ok_and(|known| known == new);
        if !same {
            told += &format!(
                "{} is not the same: `mapisim accept {}` puts {} in its place\n",
                quoted(&path.to_string_lossy()),
                path.display(),
                name(&beside)
            );
        }
        Against {
            regression: compared.regression,
            told,
            markdown: markdown_report(&compared),
            stale: same.then(|| beside.clone()),
            waiting: (!same).then_some((beside, new)),
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Where what waits to be accepted lies.
pub(super) fn beside(baseline: &Path) -> PathBuf {
    with_ending(baseline, WAITING)
}

/// The baseline as it is; `None` where there is none yet.
fn old_baseline(path: &Path) -> Result<Option<Side>, String> {
    if !path.exists() {
        return Ok(None);
    }
    let name = path.to_string_lossy().into_owned();
    let read = baseline::from_json(&read_text(path)?);
    Ok(Some(Side::of_baseline(&name, &read.map_err(|why| format!("{}: {why}", quoted(&name)))?)))
}

/// What a run is compared with where there is no baseline yet: asked for the same, and nothing in it.
fn no_baseline(path: &Path, model: &RunModel) -> Side {
    Side {
        lacks: vec!["is not there yet".to_owned()],
        stories: BTreeMap::new(),
        cells: BTreeMap::new(),
        ..Side::of_run(&path.to_string_lossy(), model)
    }
}

/// With a baseline, 1 is for a regression alone.
fn regression(status: Status, regression: bool) -> Status {
    let status = if status == Status::Broken { Status::AsExpected } else { status };
    if regression { status.and(Status::Broken) } else { status }
}

/// Runs what is asked for. What is wrong was told, where there is nothing to report.
fn ran(args: &ReportArgs, io: &mut Io<'_>) -> Result<(Status, RunModel), Status> {
    let input = input::scenarios(&args.paths, io);
    let input = args.faults.apply(input, io);
    let mut status = if input.unread > 0 { Status::BadInput } else { Status::AsExpected };
    if input.scenarios.is_empty() {
        // A report about nothing would only hide what was told.
        return Err(status);
    }
    let builds = args::builds(&args.algorithm);
    let planned = cells::plan(&input.scenarios, &builds, args.shard);
    let flips = if args.firmness { Flips::Single } else { Flips::Scheduled };
    let effort = Effort { flips, ..Effort::of(args.max_states, args.jobs, None) };
    let mut finished = run_cells(&effort, &planned, io);
    mattered::look_at_all(&mut finished);
    for cell in &finished {
        status = status.and(status_of(cell));
        tell_trouble(cell, io);
    }
    if io.is_interrupted() {
        io.complain(&format!("interrupted: {} is as it was", quoted(&args.out.to_string_lossy())));
        return Err(Status::Interrupted);
    }
    let model = model(&Material {
        seed: args.seed,
        asked: Asked {
            algorithms: builds.ids(),
            states_max: u64::from(args.max_states),
            shard: args.shard.map(|shard| shard.to_string()),
            timed: false,
            faults: args.faults.words(),
        },
        unread: input.unread,
        planned: planned.len(),
        finished: &finished,
        texts: &input.texts,
    });
    Ok((status, model))
}

/// Puts shards together.
fn merged(args: &ReportArgs, io: &mut Io<'_>) -> Result<(Status, RunModel), Status> {
    let read = args.paths.iter().map(|path| {
        let name = path.to_string_lossy().into_owned();
        let model = written::from_json(&read_text(path)?);
        Ok((name.clone(), model.map_err(|why| format!("{}: {why}", quoted(&name)))?))
    });
    let whole = read.collect::<Result<Vec<_>, String>>().and_then(|shards| merge(&shards));
    match whole {
        Ok(model) => Ok((status_of_run(&model), model)),
        Err(why) => {
            io.complain(&why);
            Err(Status::BadInput)
        }
    }
}

/// What a run means for the exit status.
fn status_of_run(model: &RunModel) -> Status {
    let first = if model.unread > 0 { Status::BadInput } else { Status::AsExpected };
    let first = if model.unfinished > 0 { first.and(Status::Interrupted) } else { first };
    model.cells.iter().map(status_of_cell).fold(first, Status::and)
}

fn status_of_cell(cell: &Cell) -> Status {
    match cell.verdict {
        Verdict::Panicked => Status::OurBug,
        Verdict::Diverged => Status::Diverged,
        Verdict::Inconclusive => Status::Inconclusive,
        Verdict::Holds | Verdict::Broken if cell.as_expected => Status::AsExpected,
        Verdict::Holds | Verdict::Broken => Status::Broken,
    }
}

/// The same without what happened step by step, and without the scenarios' texts.
fn brief(mut model: RunModel) -> RunModel {
    for scenario in &mut model.scenarios {
        scenario.text = String::new();
    }
    for cell in &mut model.cells {
        cell.trace = None;
        cell.levels = Vec::new();
        cell.cost = Vec::new();
        if let Some(mattered) =
            cell.explanation.as_mut().and_then(|explanation| explanation.mattered.as_mut())
        {
            mattered.chances = None;
        }
    }
    model
}

/// Writes every file, all of them or none.
fn write(folder: &Path, files: &[(PathBuf, String)], io: &Io<'_>) -> Result<(), (String, Status)> {
    let bytes: Vec<(PathBuf, &[u8])> =
        files.iter().map(|(path, text)| (path.clone(), text.as_bytes())).collect();
    write_all(&bytes, Old::Replaced, &|| io.is_interrupted()).map_err(|why| match why {
        Unwritten::Trouble(path, error) => {
            let path = quoted(&path.to_string_lossy()).clone();
            (format!("{path} could not be written: {error}; what was there is as it was"), Status::Unwritten)
        }
        Unwritten::Stopped => {
            let folder = quoted(&folder.to_string_lossy()).clone();
            (format!("interrupted: {folder} is as it was"), Status::Interrupted)
        }
    })
}
