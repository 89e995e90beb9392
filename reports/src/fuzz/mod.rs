//! Worlds and schedules drawn from a seed; what breaks is made small, told apart by cause, and looked at once more.
//!
//! Always holds
//! - World `n` and its runs depend on the seed and `n` alone, and what is reported on the seed and the number of worlds:
//!   not on how many are looked at side by side.
//! - What is reported was read back from its text and broke the same once more.
//!
//! `text` and `json` tell it.

pub mod json;
pub mod text;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mapisim_model::check::{Bounds, check};
use mapisim_model::draw::{Random, Watch, draw_watched};
use mapisim_model::finding::Signature;
use mapisim_model::generate::{Kind, case};
use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::{Outcome, Verdict};
use mapisim_model::scenario::{ScenarioFile, read};
use mapisim_model::shrink::{Effort, Shrunk, from_text, shrink_found};
use mapisim_sim::random::Strategy;
use rayon::prelude::*;

use crate::cells::{Shard, panic_text};
use crate::coverage::Coverage;

/// Worlds looked at between two questions whether to go on.
const BATCH: u64 = 256;

/// Runs of one world at most, so that runs of all worlds have numbers of their own.
pub const RUNS_MAX: u32 = 1 << 20;

/// How to look at a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Runs are drawn.
    Random {
        /// How to choose who runs.
        strategy: Strategy,
        /// So many, unless one breaks something earlier.
        runs: u32,
    },
    /// Every order, as far as there are no more than so many states.
    Exhaustive {
        /// Distinct states of one world at most.
        states_max: usize,
    },
}

/// What to look for, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hunt {
    /// What worlds to draw.
    pub kind: Kind,
    /// Which versions of MAPI they run.
    pub build: Build,
    /// The seed.
    pub seed: u64,
    /// The first world.
    pub first: u64,
    /// So many worlds at most.
    pub worlds: u64,
    /// Only the worlds of this part.
    pub shard: Option<Shard>,
    /// How to look at each.
    pub how: How,
    /// How far to go with making what was found small.
    pub effort: Effort,
    /// Count what of the algorithm drawn runs take.
    pub coverage: bool,
    /// How many worlds at once; `None`: as many as there are processors.
    pub jobs: Option<usize>,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Worlds.
    pub worlds: u64,
    /// Worlds in which something broke.
    pub broken: u64,
    /// Worlds without an answer, since a bound was reached.
    pub inconclusive: u64,
    /// Runs, or searches.
    pub runs: u64,
    /// Steps of runs, or transitions of searches.
    pub steps: u64,
    /// The most threads of a world.
    pub threads: usize,
    /// The longest run of a world in which nobody is interrupted.
    pub length: usize,
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catch {
    /// The first world that showed it.
    pub world: u64,
    /// How many worlds showed it.
    pub worlds: u64,
    /// What it was made.
    pub shrunk: Shrunk,
    /// The name of its scenario file.
    pub name: String,
    /// Its scenario file.
    pub text: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// What was looked for.
    pub hunt: Hunt,
    /// What was looked at.
    pub tally: Tally,
    /// The causes, in the order of the worlds that showed them first.
    pub catches: Vec<Catch>,
    /// Our own bugs: the world, and what went wrong.
    pub bugs: Vec<(u64, String)>,
    /// What of the algorithm was taken, where that was asked for.
    pub coverage: Coverage,
    /// It was told to stop before all worlds were looked at.
    pub stopped: bool,
}

impl Caught {
    /// How many causes one world only showed: by Good and Turing their share of all worlds is about the chance that a
    /// further world shows a cause that none has shown.
    pub fn seen_once(&self) -> u64 {
        self.catches.iter().filter(|catch| catch.worlds == 1).count() as u64
    }
}

/// What came of one world.
struct Looked {
    world: u64,
    tally: Tally,
    found: Option<(ScenarioFile, Outcome)>,
    coverage: Coverage,
    bug: Option<String>,
}

/// Looks at worlds as long as `go_on` says so.
pub fn hunt(hunt: &Hunt, go_on: &(dyn Fn() -> bool + Sync)) -> Caught {
    match rayon::ThreadPoolBuilder::new().num_threads(hunt.jobs.unwrap_or(0)).build() {
        Ok(pool) => pool.install(|| hunted(hunt, go_on)),
        // No threads to be had: the global ones give the same.
        Err(_) => hunted(hunt, go_on),
    }
}

fn hunted(hunt: &Hunt, go_on: &(dyn Fn() -> bool + Sync)) -> Caught {
    let mut caught = Caught {
        hunt: *hunt,
        tally: Tally::default(),
        catches: Vec::new(),
        bugs: Vec::new(),
        coverage: Coverage::default(),
        stopped: false,
    };
    let mut causes: BTreeMap<Signature, (u64, u64, ScenarioFile, Outcome)> = BTreeMap::new();
    let end = hunt.first.saturating_add(hunt.worlds);
    let mut next = hunt.first;
    while next < end {
        if !go_on() {
            caught.stopped = true;
            break;
        }
        let batch = next..end.min(next.saturating_add(BATCH));
        next = batch.end;
        let mine = |world: &u64| hunt.shard.is_none_or(|shard| world % shard.parts == shard.index - 1);
        let looked: Vec<Looked> = batch.into_par_iter().filter(mine).map(|world| look(hunt, world)).collect();
        for one in looked {
            add(&mut caught.tally, &one.tally);
            caught.coverage.add(one.coverage);
            caught.bugs.extend(one.bug.map(|bug| (one.world, bug)));
            let Some((file, outcome)) = one.found else { continue };
            let finding = outcome.finding.as_ref().expect("what is broken is explained");
            causes
                .entry(finding.signature.clone())
                .and_modify(|(_, worlds, ..)| *worlds += 1)
                .or_insert_with(|| (one.world, 1, file, outcome));
        }
    }
    let mut causes: Vec<_> = causes.into_values().collect();
    causes.sort_by_key(|(world, ..)| *world);
    let small: Vec<_> = causes
        .into_par_iter()
        .map(|(world, worlds, file, outcome)| {
            guarded(|| small(hunt, world, worlds, &file, &outcome)).map_err(|bug| (world, bug))
        })
        .collect();
    for result in small {
        match result {
            Ok(catch) => caught.catches.push(catch),
            Err(bug) => caught.bugs.push(bug),
        }
    }
    caught
}

fn add(all: &mut Tally, one: &Tally) {
    all.worlds += one.worlds;
    all.broken += one.broken;
    all.inconclusive += one.inconclusive;
    all.runs += one.runs;
    all.steps += one.steps;
    all.threads = all.threads.max(one.threads);
    all.length = all.length.max(one.length);
}

/// A panic in here is our own bug, and a result like others.
fn guarded<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(panic_text(&*panic)))
}

/// Looks at one world.
fn look(hunt: &Hunt, world: u64) -> Looked {
    let mut looked = Looked {
        world,
        tally: Tally { worlds: 1, ..Tally::default() },
        found: None,
        coverage: Coverage::default(),
        bug: None,
    };
    let result = guarded(|| {
        let file = case(hunt.kind, hunt.seed, world);
        let (tally, found) = look_at(hunt, world, &file, &mut looked.coverage)?;
        Ok((tally, found.map(|outcome| (file, outcome))))
    });
    match result {
        Ok((tally, found)) => {
            looked.tally = Tally { worlds: 1, broken: found.is_some().into(), ..tally };
            looked.found = found;
        }
        Err(bug) => looked.bug = Some(bug),
    }
    looked
}

fn look_at(
    hunt: &Hunt,
    world: u64,
    file: &ScenarioFile,
    coverage: &mut Coverage,
) -> Result<(Tally, Option<Outcome>), String> {
    let scenario = read("drawn.json", &file.to_text()).map_err(|problems| problems.to_string())?;
    match hunt.how {
        How::Random { strategy, runs } => {
            let first = world * u64::from(RUNS_MAX);
            let random = Random { strategy, seed: hunt.seed, first, runs: runs.into() };
            let mut see = |call: &str, syscall: &_, answer: &_| coverage.see(call, syscall, answer);
            let watch: Option<Watch<'_>> = if hunt.coverage { Some(&mut see) } else { None };
            let drawn = draw_watched(&scenario, hunt.build, &random, watch);
            let tally = Tally {
                runs: drawn.runs,
                steps: drawn.steps,
                threads: drawn.threads,
                length: drawn.length,
                ..Tally::default()
            };
            Ok((tally, drawn.found))
        }
        How::Exhaustive { states_max } => {
            let bounds = Bounds { states_max, ..Bounds::default() };
            let outcome = check(&scenario, hunt.build, &bounds).map_err(|diverged| diverged.to_string())?;
            let tally = Tally {
                runs: 1,
                steps: outcome.transitions,
                inconclusive: (outcome.verdict == Verdict::Inconclusive).into(),
                ..Tally::default()
            };
            Ok((tally, outcome.finding.is_some().then_some(outcome)))
        }
    }
}

/// Makes what was found small, and looks at it once more.
fn small(
    hunt: &Hunt,
    world: u64,
    worlds: u64,
    file: &ScenarioFile,
    outcome: &Outcome,
) -> Result<Catch, String> {
    let mut shrunk = shrink_found(file, outcome, &hunt.effort, &from_text)
        .ok_or_else(|| "what was found did not show again".to_owned())?;
    let signature = shrunk.signature.to_string();
    let cause = signature.split_once(':').map_or("", |(_, cause)| cause).replace('/', ".");
    shrunk.file.title = title(&shrunk.signature);
    shrunk.file.sources = vec![format!("mapisim fuzz --seed {:x}, world {world}", hunt.seed)];
    let text = shrunk.file.to_text();
    let again = read("small.json", &text).map_err(|problems| problems.to_string())?;
    let again = check(&again, hunt.build, &Bounds::default()).map_err(|diverged| diverged.to_string())?;
    let same = again.finding.as_ref().is_some_and(|finding| finding.signature == shrunk.signature);
    if !same || !again.as_expected() {
        return Err(format!("{signature} was found, but its scenario file does not show it:\n{text}"));
    }
    let name = format!("{cause}.{}.json", hunt.build.id());
    Ok(Catch { world, worlds, shrunk, name, text })
}

/// A cause as a title: `live-profile: sweep hits profile-key, sections-split-by-session`.
fn title(signature: &Signature) -> String {
    let why: Vec<String> = signature.why.iter().map(ToString::to_string).collect();
    let own = if signature.own { " of its own" } else { "" };
    format!(
        "{}: {}{own} hits {}, {}",
        signature.property.id(),
        signature.deed,
        signature.hit,
        why.join(" and ")
    )
}
