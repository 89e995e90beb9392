//! One side of a comparison: the outcomes of a run, whichever file they are from.
//!
//! A run is read from `run.json` (format 2), from what `run --format json` printed (format 1), or from a baseline. Format 1
//! has neither signatures nor digests of the scenarios: what is missing is left open, never guessed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::baseline::{self, Baseline, Known};
use crate::run_model::{self, Cell, RunModel, Verdict, written};
use crate::said;

/// An outcome, as far as comparisons ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The path of its scenario.
    pub scenario: String,
    /// The algorithm, or `as-installed`.
    pub algorithm: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What is broken, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// What is expected: `holds`, or what is to break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Whether it is as expected.
    pub as_expected: bool,
    /// Every interleaving was looked at, as far as the verdict needs.
    pub exhaustive: bool,
    /// Distinct states seen; 0 for a scheduled run.
    pub states: usize,
    /// The length of the counterexample, or of the scheduled run.
    pub steps: usize,
    /// A hash of what happened; empty where there is no verdict.
    pub digest: String,
    /// What tells this failure from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Who broke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// In which call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The bound that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
    /// The probes that were not passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<String>,
}

impl Seen {
    /// What a cell comes to.
    pub fn of(outcome: &Cell) -> Self {
        let cause = said::cause(outcome);
        let call = cause.as_ref().map(|at| at.call.clone()).filter(|call| !call.is_empty());
        Seen {
            scenario: outcome.scenario.clone(),
            algorithm: outcome.algorithm.clone(),
            verdict: outcome.verdict,
            property: outcome.property.clone(),
            expected: outcome.expected.clone(),
            as_expected: outcome.as_expected,
            exhaustive: outcome.exhaustive,
            states: outcome.states,
            steps: outcome.steps,
            digest: outcome.digest.clone(),
            signature: outcome.signature.clone(),
            thread: cause.map(|at| at.thread),
            call,
            bound: outcome.bound.clone(),
            missed: outcome.missed.clone(),
        }
    }
}

/// A scenario, as far as comparisons ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Its path.
    pub path: String,
    /// One line that says what happens.
    pub title: String,
    /// A hash of the file; empty where it is not known.
    pub digest: String,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// What people call it: the name of its file.
    pub name: String,
    /// What kind of file it was.
    pub format: &'static str,
    /// The version of mapisim that ran; none where the file does not say.
    pub version: Option<String>,
    /// The seed, 16 hexadecimal digits.
    pub seed: String,
    /// The bound on the states of one search; none where the file does not say.
    pub states_max: Option<u64>,
    /// Under which other faults than the files' it was run, as flags; empty where under their own; none where the file does not
    /// say.
    pub faults: Option<String>,
    /// What it lacks of a whole run, as sentences.
    pub lacks: Vec<String>,
    /// The scenarios by path.
    pub stories: BTreeMap<String, Story>,
    /// The outcomes by scenario and algorithm.
    pub cells: BTreeMap<(String, String), Seen>,
    /// Known issues, where it is a baseline.
    pub known: Vec<Known>,
}

impl Side {
    /// A run.
    pub fn of_run(name: &str, model: &RunModel) -> Self {
        let mut lacks = Vec::new();
        if let Some(shard) = &model.asked.shard {
            lacks.push(format!("is only shard {shard} of a run"));
        }
        if model.unread > 0 {
            lacks.push(format!("lacks {} that could not be read", crate::text::count(model.unread, "file")));
        }
        if model.unfinished > 0 {
            lacks.push(format!(
                "was interrupted before {} were reached",
                crate::text::count(model.unfinished, "outcome")
            ));
        }
        let story = |scenario: &run_model::Scenario| Story {
            path: scenario.path.clone(),
            title: scenario.title.clone(),
            digest: scenario.digest.clone(),
        };
        Side {
            name: name.to_owned(),
            format: "run.json",
            version: Some(model.version.clone()),
            seed: model.seed.clone(),
            states_max: Some(model.asked.states_max),
            faults: Some(model.asked.faults.clone().unwrap_or_default()),
            lacks,
            stories: by_path(model.scenarios.iter().map(story)),
            cells: by_key(model.cells.iter().map(Seen::of)),
            known: Vec::new(),
        }
    }

    /// A baseline.
    pub fn of_baseline(name: &str, baseline: &Baseline) -> Self {
        Side {
            name: name.to_owned(),
            format: "baseline",
            version: None,
            seed: baseline.seed.clone(),
            states_max: Some(baseline.states_max),
            faults: Some(String::new()),
            lacks: Vec::new(),
            stories: by_path(baseline.scenarios.iter().cloned()),
            cells: by_key(baseline.cells.iter().cloned()),
            known: baseline.known.clone(),
        }
    }

    /// Reads a side from a file's text, whichever of the three it is.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(name: &str, json: &str) -> Result<Self, String> {
        let header: Header =
            serde_json::from_str(json).map_err(|error| format!("this is no report: {error}"))?;
        match (header.kind.as_deref(), header.format) {
            (Some(baseline::KIND), _) => Ok(Self::of_baseline(name, &baseline::from_json(json)?)),
            (None, 1) if header.processes.is_some() => {
                Err("this is a scenario, and no report: `mapisim report` writes one of it, with run.json"
                    .to_owned())
            }
            (None, 1) => outcomes(name, json),
            _ => Ok(Self::of_run(name, &written::from_json(json)?)),
        }
    }

    /// The algorithm, where there is only one.
    pub fn only_algorithm(&self) -> Option<&str> {
        let mut algorithms = self.cells.keys().map(|(_, algorithm)| algorithm.as_str());
        let first = algorithms.next()?;
        algorithms.all(|other| other == first).then_some(first)
    }
}

fn by_path(stories: impl Iterator<Item = Story>) -> BTreeMap<String, Story> {
    stories.map(|story| (story.path.clone(), story)).collect()
}

fn by_key(cells: impl Iterator<Item = Seen>) -> BTreeMap<(String, String), Seen> {
    cells.map(|cell| ((cell.scenario.clone(), cell.algorithm.clone()), cell)).collect()
}

/// What says of a file which kind it is.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    format: u64,
    kind: Option<String>,
    /// What only a scenario has.
    processes: Option<serde::de::IgnoredAny>,
}

/// What `run --format json` prints, as far as it is asked for.
#[derive(Deserialize)]
struct Outcomes {
    seed: String,
    outcomes: Vec<OutcomeRow>,
}

#[derive(Deserialize)]
struct OutcomeRow {
    scenario: String,
    title: String,
    algorithm: String,
    verdict: Verdict,
    property: Option<String>,
    expected: Option<String>,
    as_expected: bool,
    exhaustive: bool,
    states: usize,
    steps: usize,
    digest: String,
    cause: Option<CausePlace>,
}

#[derive(Deserialize)]
struct CausePlace {
    thread: String,
    call: String,
}

fn outcomes(name: &str, json: &str) -> Result<Side, String> {
    let read: Outcomes = serde_json::from_str(json)
        .map_err(|error| format!("this output of `run --format json` does not fit: {error}"))?;
    let story = |row: &OutcomeRow| Story {
        path: row.scenario.clone(),
        title: row.title.clone(),
        digest: String::new(),
    };
    let stories = by_path(read.outcomes.iter().map(story));
    let cell = |row: OutcomeRow| {
        let call = |place: &CausePlace| place.call.split([' ', '(']).next().unwrap_or_default().to_owned();
        Seen {
            call: row.cause.as_ref().map(call).filter(|call| !call.is_empty()),
            thread: row.cause.map(|place| place.thread),
            scenario: row.scenario,
            algorithm: row.algorithm,
            verdict: row.verdict,
            property: row.property,
            expected: row.expected,
            as_expected: row.as_expected,
            exhaustive: row.exhaustive,
            states: row.states,
            steps: row.steps,
            digest: row.digest,
            signature: None,
            bound: None,
            missed: Vec::new(),
        }
    };
    Ok(Side {
        name: name.to_owned(),
        format: "run --format json",
        version: None,
        seed: read.seed,
        states_max: None,
        faults: None,
        lacks: Vec::new(),
        stories,
        cells: by_key(read.outcomes.into_iter().map(cell)),
        known: Vec::new(),
    })
}
