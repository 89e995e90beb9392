//! `mapisim fuzz`.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};
use mapisim_model::check::Bounds;
use mapisim_model::generate::Kind;
use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::Scenario;
use mapisim_model::scenario::visible::quoted;
use mapisim_model::shrink::Effort;
use mapisim_sim::random::Strategy;

use super::args::{self, Format, JOBS_MAX};
use super::exit::Status;
use super::files::write;
use super::input;
use super::output::Io;
use super::reading;
use super::run::{status_of, tell_trouble};
use crate::cells::{self, Builds, Finished, Running, Shard};
use crate::command;
use crate::fuzz::{self, Catch, How, Hunt, RUNS_MAX, json, text};

/// Worlds looked at where nobody says how many: about a second's work.
const CASES: u64 = 200;

/// What to do with what was caught and is in no file yet.
const UNSAVED: &str = "--save DIR writes each as a scenario file, to show and to keep\n";

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim fuzz                                 two hundred worlds, as installed
  mapisim fuzz --algorithm patched --cases 20000
  mapisim fuzz --save found                    each cause as a scenario file
  mapisim fuzz --strategy exhaustive           every order of each world
  mapisim fuzz --seed 2a --world 17            one world again
  mapisim fuzz --shard 1/2 --format json > 1.json
  mapisim fuzz --shard 2/2 --format json > 2.json
  mapisim fuzz --merge 1.json 2.json           both together: what one hunt would have said")]
pub(super) struct FuzzArgs {
    /// Look at so many worlds [default: 200; without a bound where --time is given]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) cases: Option<u32>,
    /// Stop after so long (90s, 5m, 500ms); what is cut off cannot be compared with other runs
    #[arg(long, value_name = "DUR", value_parser = args::duration)]
    pub(super) time: Option<Duration>,
    /// The seed of worlds and runs
    #[arg(long, value_name = "HEX", default_value = "0", value_parser = args::seed)]
    pub(super) seed: u64,
    /// Look at this world only
    #[arg(long, value_name = "N", conflicts_with_all = ["cases", "time", "shard"], value_parser = clap::value_parser!(u32))]
    pub(super) world: Option<u32>,
    /// Look only at part K of N of the worlds; every world is in one part
    #[arg(long, value_name = "K/N", value_parser = args::shard)]
    pub(super) shard: Option<Shard>,
    /// How to choose who runs
    #[arg(long, value_enum, default_value_t = Way::Pct, value_name = "HOW")]
    pub(super) strategy: Way,
    /// Of pct: how many orders between steps a failure may need
    #[arg(long, value_name = "D", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub(super) depth: u32,
    /// Draw so many runs of each world
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=i64::from(RUNS_MAX)))]
    pub(super) runs: u32,
    /// Of exhaustive: look at so many distinct states of one world at most
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_states: u32,
    /// Run this version of the algorithm in every process
    #[arg(long, value_name = "NAME", default_value = "as-installed", value_parser = args::one_algorithm)]
    pub(super) algorithm: Build,
    /// Let up to so many processes be killed in a world
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=8))]
    pub(super) crashes: u32,
    /// Let up to so many threads die alone in a world in which a process has two
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=8))]
    pub(super) thread_deaths: u32,
    /// Let the machine crash in some worlds, 0 or 1 times; what is left behind then is looked at too
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1))]
    pub(super) machine_crashes: u32,
    /// Write each cause as a scenario file into this folder
    #[arg(long, value_name = "DIR")]
    pub(super) save: Option<PathBuf>,
    /// Replay the scenarios of this folder first [default: that of --save, once it is there]
    #[arg(long, value_name = "DIR")]
    pub(super) corpus: Option<PathBuf>,
    /// Look at so many worlds at once; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub(super) jobs: Option<u16>,
    /// What the report looks like
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Of drawn runs: print which steps and answers of the algorithm were taken, and which never were
    #[arg(long)]
    pub(super) coverage: bool,
    /// Draw nothing: these are the JSON of every --shard of one hunt, to be put together
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["cases", "time", "world", "shard", "corpus", "coverage"])]
    pub(super) merge: Vec<PathBuf>,
    /// Tell on standard error how fast it was
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// How to look at a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Way {
    /// Each of those that can run is equally likely.
    Uniform,
    /// By priorities that change at few steps.
    Pct,
    /// For each run a part of the processes, of the faults and of the ways to choose.
    Swarm,
    /// Every order.
    Exhaustive,
}

impl Way {
    fn word(self) -> String {
        self.to_possible_value().expect("none is hidden").get_name().to_owned()
    }
}

impl FuzzArgs {
    fn hunt(&self) -> Hunt {
        let random = |strategy| How::Random { strategy, runs: self.runs };
        let unbounded = if self.time.is_some() { u64::from(u32::MAX) } else { CASES };
        Hunt {
            kind: Kind {
                crashes: self.crashes,
                thread_deaths: self.thread_deaths,
                machine_crashes: self.machine_crashes,
                ..Kind::PRODUCTS
            },
            build: self.algorithm,
            seed: self.seed,
            first: self.world.map_or(0, u64::from),
            worlds: if self.world.is_some() { 1 } else { self.cases.map_or(unbounded, u64::from) },
            shard: self.shard,
            how: match self.strategy {
                Way::Uniform => random(Strategy::Uniform),
                Way::Pct => random(Strategy::Pct { depth: self.depth }),
                Way::Swarm => random(Strategy::Swarm),
                Way::Exhaustive => How::Exhaustive { states_max: self.max_states as usize },
            },
            effort: Effort::default(),
            coverage: self.coverage,
            jobs: self.jobs.map(usize::from),
        }
    }

    /// The command that draws one world again.
    fn again(&self, world: u64) -> String {
        let mut words = vec![format!("mapisim fuzz --seed {:x} --world {world}", self.seed)];
        words.push(format!("--algorithm {}", self.algorithm.id()));
        words.push(format!("--strategy {}", self.strategy.word()));
        match self.strategy {
            Way::Exhaustive => words.push(format!("--max-states {}", self.max_states)),
            Way::Pct => words.push(format!("--depth {} --runs {}", self.depth, self.runs)),
            Way::Uniform | Way::Swarm => words.push(format!("--runs {}", self.runs)),
        }
        words.push(format!("--crashes {}", self.crashes));
        // The defaults need not be said.
        words.extend((self.thread_deaths != 1).then(|| format!("--thread-deaths {}", self.thread_deaths)));
        words.extend(
            (self.machine_crashes > 0).then(|| format!("--machine-crashes {}", self.machine_crashes)),
        );
        words.join(" ")
    }
}

/// Draws worlds and reports.
#[expect(clippy::disallowed_types, reason = "--time asks for a clock, and what it cuts off says that it did")]
pub(super) fn run(args: &FuzzArgs, io: &mut Io<'_>) -> Status {
    if !args.merge.is_empty() {
        return merge(args, io);
    }
    let mut status = Status::AsExpected;
    let folder = args.corpus.clone().or_else(|| args.save.clone().filter(|folder| has_scenarios(folder)));
    let corpus = folder.map(|folder| {
        let input = input::scenarios(&[folder], io);
        status = status.and(if input.unread > 0 { Status::BadInput } else { Status::AsExpected });
        input.scenarios
    });
    let corpus = corpus.unwrap_or_default();
    let replayed = replay(&corpus, args, io);
    for cell in &replayed {
        tell_trouble(cell, io);
        status = status.and(if breaks(cell) { Status::Broken } else { trouble(cell) });
    }
    let started = std::time::Instant::now();
    let interrupted = io.interrupted;
    let go_on =
        || !interrupted.load(Ordering::SeqCst) && args.time.is_none_or(|limit| started.elapsed() < limit);
    let caught = fuzz::hunt(&args.hunt(), &go_on);
    if args.verbose {
        let seconds = started.elapsed().as_secs_f64();
        let rate = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX)) / seconds;
        io.tell(&format!(
            "{seconds:.2} s, {:.0} runs/s, {:.0} steps/s, shrinking included\n",
            rate(caught.tally.runs),
            rate(caught.tally.steps)
        ));
    }
    for (world, bug) in &caught.bugs {
        io.complain(&format!("this is a bug in mapisim itself: world {world} made it stop: {bug}"));
        status = status.and(Status::OurBug);
    }
    if !caught.catches.is_empty() {
        status = status.and(Status::Broken);
    }
    let saved = args
        .save
        .as_ref()
        .map(|folder| save(folder, caught.catches.iter().map(|catch| (&*catch.name, &*catch.text)), io));
    status = status.and(saved.unwrap_or(Status::AsExpected));
    let report = match args.format {
        Format::Json => json::render(&caught, &replayed),
        Format::Text => {
            let shown = |catch: &Catch| match &args.save {
                Some(folder) => {
                    command::show(&folder.join(&catch.name).to_string_lossy(), args.algorithm, None)
                }
                None => args.again(catch.world),
            };
            let coverage =
                if args.coverage { caught.coverage.render(io.terminal.columns) } else { String::new() };
            text::replayed(&replayed, io.terminal.columns)
                + &coverage
                + &text::render(&caught, io.terminal.columns, &shown)
                + if args.save.is_none() && !caught.catches.is_empty() { UNSAVED } else { "" }
        }
    };
    status.and(io.print(&report))
}

/// Puts the parts of one hunt together, and reports as that hunt would.
fn merge(args: &FuzzArgs, io: &mut Io<'_>) -> Status {
    let read = |path: &PathBuf| {
        let name = quoted(&path.to_string_lossy()).clone();
        let text = reading::text(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
        let report = json::Report::from_text(&text)
            .map_err(|error| format!("{name} is not what `mapisim fuzz --format json` printed: {error}"))?;
        Ok((name, report))
    };
    let parts: Result<Vec<_>, String> = args.merge.iter().map(read).collect();
    let whole = match parts.and_then(|parts| json::Report::merge(&parts)) {
        Ok(whole) => whole,
        Err(why) => {
            io.complain(&why);
            return Status::BadInput;
        }
    };
    let mut status = if whole.has_bugs() { Status::OurBug } else { Status::AsExpected };
    status = status.and(if whole.is_broken() { Status::Broken } else { Status::AsExpected });
    if let Some(folder) = &args.save {
        status = status.and(save(folder, whole.files(), io));
    }
    status.and(match args.format {
        Format::Json => io.print_plain(&whole.to_text()),
        Format::Text => io.print(&whole.to_lines()),
    })
}

/// Whether a folder is there with any scenario in it.
fn has_scenarios(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.map(|file| file.path()).any(|path| path.extension().is_some_and(|ending| ending == "json"))
}

/// Runs a corpus: with what each file expects something of.
fn replay<'a>(corpus: &'a [Scenario], args: &FuzzArgs, io: &Io<'_>) -> Vec<Finished<'a>> {
    let interrupted = io.interrupted;
    let running = Running {
        states_max: args.max_states as usize,
        bytes_max: Bounds::default().bytes_max,
        twice: false,
        whole_max: Bounds::default().whole_max,
        jobs: args.jobs.map(usize::from),
        go_on: &|| !interrupted.load(Ordering::SeqCst),
        in_time: &|| true,
        finished: &|| {},
    };
    cells::run(&cells::plan(corpus, &Builds::Expected, None), &running).into_iter().flatten().collect()
}

fn breaks(cell: &Finished<'_>) -> bool {
    cell.checked().is_some_and(|checked| matches!(checked.outcome.verdict, Verdict::Broken(_)))
}

/// What a scenario of the corpus that breaks nothing means: a cause that is gone is good news.
fn trouble(cell: &Finished<'_>) -> Status {
    match status_of(cell) {
        Status::Broken => Status::AsExpected,
        other => other,
    }
}

/// Writes every cause that is not there yet as a scenario file.
fn save<'f>(folder: &Path, files: impl Iterator<Item = (&'f str, &'f str)>, io: &mut Io<'_>) -> Status {
    let mut status = Status::AsExpected;
    for (name, text) in files.filter(|(name, _)| !folder.join(name).exists()) {
        if let Err(error) = write(folder, name, text.as_bytes()) {
            let path = folder.join(name);
            io.complain(&format!("{} could not be written: {error}", quoted(&path.to_string_lossy())));
            status = Status::Unwritten;
        }
    }
    status
}
