//! What was caught, for programs: one object, format 1; and that of every part of the worlds put together.

use std::collections::{BTreeMap, BTreeSet};

use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::visible::visible;
use mapisim_sim::random::Strategy;
use serde::{Deserialize, Serialize};

use super::{Caught, How, Hunt};
use crate::cells::Finished;
use crate::json::{seed_text, to_text};
use crate::text::{count, indented};

/// What came of a hunt, or of all parts of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    format: u32,
    seed: String,
    algorithm: String,
    strategy: String,
    asked: Asked,
    worlds: u64,
    broken: u64,
    inconclusive: u64,
    runs: u64,
    steps: u64,
    seen_once: u64,
    comparable: bool,
    corpus: Vec<Replayed>,
    found: Vec<Row>,
    bugs: Vec<Bug>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    signature: String,
    property: String,
    world: u64,
    worlds: u64,
    file: String,
    processes: usize,
    calls: usize,
    steps: usize,
    attempts: usize,
    cut: bool,
    explanation: String,
    schedule: String,
    scenario: String,
}

/// What was asked for, beside what stands above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    first: u64,
    cases: u64,
    crashes: u32,
    thread_deaths: u32,
    machine_crashes: u32,
    runs: Option<u32>,
    depth: Option<u32>,
    max_states: Option<usize>,
    shard: Option<String>,
}

/// A scenario of the corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Replayed {
    scenario: String,
    algorithm: String,
    verdict: Option<String>,
    property: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bug {
    world: u64,
    text: String,
}

/// The whole report, as text.
pub fn render(caught: &Caught, corpus: &[Finished<'_>]) -> String {
    to_text(&report(caught, corpus))
}

/// The whole report.
fn report(caught: &Caught, corpus: &[Finished<'_>]) -> Report {
    let (hunt, tally) = (&caught.hunt, &caught.tally);
    let found = caught.catches.iter().map(|catch| {
        let shrunk = &catch.shrunk;
        let run = shrunk.outcome.run.as_ref();
        Row {
            signature: shrunk.signature.to_string(),
            property: shrunk.signature.property.id().to_owned(),
            world: catch.world,
            worlds: catch.worlds,
            file: catch.name.clone(),
            processes: shrunk.after.processes,
            calls: shrunk.after.calls,
            steps: shrunk.outcome.steps,
            attempts: shrunk.attempts,
            cut: shrunk.cut,
            explanation: shrunk.file.about.clone(),
            schedule: run.map_or_else(String::new, |run| run.schedule.clone()),
            scenario: catch.text.clone(),
        }
    });
    let corpus = corpus.iter().map(|cell| {
        let verdict = cell.checked().map(|checked| checked.outcome.verdict);
        Replayed {
            scenario: cell.cell.scenario.name.clone(),
            algorithm: cell.cell.build.id().to_owned(),
            verdict: verdict.map(|verdict| verdict.word().to_owned()),
            property: verdict.and_then(Verdict::property).map(|property| property.id().to_owned()),
        }
    });
    Report {
        format: 1,
        seed: seed_text(hunt.seed),
        algorithm: hunt.build.id().to_owned(),
        strategy: match hunt.how {
            How::Random { strategy: Strategy::Uniform, .. } => "uniform",
            How::Random { strategy: Strategy::Pct { .. }, .. } => "pct",
            How::Random { strategy: Strategy::Swarm, .. } => "swarm",
            How::Exhaustive { .. } => "exhaustive",
        }
        .to_owned(),
        asked: asked(hunt),
        worlds: tally.worlds,
        broken: tally.broken,
        inconclusive: tally.inconclusive,
        runs: tally.runs,
        steps: tally.steps,
        seen_once: caught.seen_once(),
        comparable: !caught.stopped,
        corpus: corpus.collect(),
        found: found.collect(),
        bugs: caught.bugs.iter().map(|(world, text)| Bug { world: *world, text: text.clone() }).collect(),
    }
}

/// What parts of one hunt have in common, and which part it is.
fn asked(hunt: &Hunt) -> Asked {
    let (strategy, runs, states_max) = match hunt.how {
        How::Random { strategy, runs } => (Some(strategy), Some(runs), None),
        How::Exhaustive { states_max } => (None, None, Some(states_max)),
    };
    Asked {
        first: hunt.first,
        cases: hunt.worlds,
        crashes: hunt.kind.crashes,
        thread_deaths: hunt.kind.thread_deaths,
        machine_crashes: hunt.kind.machine_crashes,
        runs,
        depth: if let Some(Strategy::Pct { depth }) = strategy { Some(depth) } else { None },
        max_states: states_max,
        shard: hunt.shard.map(|shard| shard.to_string()),
    }
}

impl Report {
    /// It as text.
    pub fn to_text(&self) -> String {
        to_text(self)
    }

    /// It from its text.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let report: Report = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if report.format != 1 {
            return Err(format!("its format is {}, not 1", report.format));
        }
        // Files are written by these names.
        match report.found.iter().find(|row| row.file.contains(['/', '\\', ':']) || row.file.starts_with('.'))
        {
            Some(row) => Err(format!("{:?} is no name of a scenario file", row.file)),
            None => Ok(report),
        }
    }

    /// Whether anything was found.
    pub fn is_broken(&self) -> bool {
        !self.found.is_empty() || self.corpus.iter().any(|replayed| replayed.property.is_some())
    }

    /// Whether a bug of ours was met.
    pub fn has_bugs(&self) -> bool {
        !self.bugs.is_empty()
    }

    /// The scenario file of each cause: its name and its text.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.iter().map(|row| (&*row.file, &*row.scenario))
    }

    /// It for people.
    pub fn to_lines(&self) -> String {
        let mut lines = String::new();
        for row in &self.found {
            let worlds = count(row.worlds as usize, "world");
            lines += &format!(
                "\u{2717} {}\n    in {worlds}, first in world {}: {}\n",
                row.signature, row.world, row.file
            );
            lines += &indented(&visible(&row.explanation), 4, COLUMNS);
        }
        for bug in &self.bugs {
            lines += &format!(
                "\u{2717} a bug in mapisim itself, in world {}: {}\n",
                bug.world,
                visible(&bug.text)
            );
        }
        let causes = count(self.found.len(), "cause");
        let worlds = count(self.worlds as usize, "world");
        lines
            + &format!(
                "{causes} found in {} of {worlds}; {}, seed {}\n",
                self.broken, self.algorithm, self.seed
            )
    }

    /// All parts of one hunt put together, each with the name of its file: what the hunt gives that was not cut into parts.
    ///
    /// # Errors
    /// A sentence that says what does not fit, and in which files.
    pub fn merge(parts: &[(String, Report)]) -> Result<Report, String> {
        let Some((first_name, first)) = parts.first() else {
            return Err("there is nothing to merge".to_owned());
        };
        let mut there: BTreeMap<(u64, u64), &str> = BTreeMap::new();
        let mut whole = Report { asked: Asked { shard: None, ..first.asked.clone() }, ..first.clone() };
        (whole.found, whole.bugs) = (Vec::new(), Vec::new());
        (whole.worlds, whole.broken, whole.inconclusive, whole.runs, whole.steps) = (0, 0, 0, 0, 0);
        for (name, part) in parts {
            if part.hunted() != first.hunted() || part.corpus != first.corpus {
                return Err(format!(
                    "{first_name} and {name} are not of one hunt, or replayed different things"
                ));
            }
            let of = part.shard().ok_or_else(|| format!("{name} says that it is a part that cannot be"))?;
            if let Some(other) = there.insert(of, name) {
                return Err(format!("{other} and {name} are the same part, {}/{}", of.1, of.0));
            }
            whole.worlds += part.worlds;
            whole.broken += part.broken;
            whole.inconclusive += part.inconclusive;
            whole.runs += part.runs;
            whole.steps += part.steps;
            whole.comparable &= part.comparable;
            whole.bugs.extend(part.bugs.iter().cloned());
            for row in &part.found {
                whole.add(row);
            }
        }
        all_there(&there)?;
        whole.found.sort_by_key(|row| row.world);
        whole.bugs.sort_by_key(|bug| bug.world);
        whole.seen_once = whole.found.iter().filter(|row| row.worlds == 1).count() as u64;
        Ok(whole)
    }

    /// A cause that several parts met is told as the one did that met it first.
    fn add(&mut self, row: &Row) {
        let Some(known) = self.found.iter_mut().find(|known| known.signature == row.signature) else {
            self.found.push(row.clone());
            return;
        };
        let worlds = known.worlds + row.worlds;
        if row.world < known.world {
            *known = row.clone();
        }
        known.worlds = worlds;
    }

    /// What all parts of one hunt have in common.
    fn hunted(&self) -> (&str, &str, &str, Asked) {
        (&self.seed, &self.algorithm, &self.strategy, Asked { shard: None, ..self.asked.clone() })
    }

    /// How many parts there are, and which one this is; a whole is the only part.
    fn shard(&self) -> Option<(u64, u64)> {
        let (part, parts) = self.asked.shard.as_deref().unwrap_or("1/1").split_once('/')?;
        let (part, parts) = (part.parse().ok()?, parts.parse().ok()?);
        (1..=parts).contains(&part).then_some((parts, part))
    }
}

/// There is no hole, and all are parts of one size.
fn all_there(there: &BTreeMap<(u64, u64), &str>) -> Result<(), String> {
    let sizes: BTreeSet<u64> = there.keys().map(|(parts, _)| *parts).collect();
    if let [one, other] = sizes.iter().take(2).collect::<Vec<_>>()[..] {
        return Err(format!("there are parts of {one} and of {other} among them: they are not of one hunt"));
    }
    let of = sizes.first().copied().unwrap_or(1);
    let missing = (1..=of).filter(|part| !there.contains_key(&(of, *part))).take(10);
    let missing: Vec<String> = missing.map(|part| format!("{part}/{of}")).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("part {} is missing", missing.join(", "))) }
}

/// The width of the lines for people.
const COLUMNS: usize = 100;
