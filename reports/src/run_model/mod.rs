//! The run model: one value that holds everything a report says. Every renderer is a pure function of it.
//!
//! It is data for programs too: it is written as `run.json` (format 3, kind `mapisim-run`) and reads back, so that two runs
//! can be compared. Its JSON Schema is made of its types (`mapisim schema run`, checked in as `reports/run.schema.json`).
//!
//! Reading order: this file (a run and its cells), [`trace`] (one run, step by step, with the machine's state), then how it
//! is made: [`make`] of cells, [`explain`] of findings, [`mattered`] of every order, [`tell`] of traces, [`state`] of machines; [`written`] is the JSON,
//! in which whatever several runs have in common is there once: [`packed`].
//!
//! Always holds
//! - Nothing in it depends on the machine that mapisim runs on, the time, or how many cells ran at once.
//! - Names and texts are as the scenario has them: whoever prints makes them visible.
//! - Every cell's `scenario` is the path of one of `scenarios`; every index of a trace lies inside its table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod explain;
pub mod make;
pub mod mattered;
pub mod packed;
pub mod state;
pub mod tell;
pub mod trace;
pub mod written;

use mattered::Mattered;
use trace::Trace;

/// The version of the format.
pub const FORMAT: u32 = 3;
/// The version before, which is still read: whatever several runs have in common is in each of them.
pub const FORMAT_BEFORE: u32 = 2;
/// What a file of it says that it is.
pub const KIND: &str = "mapisim-run";

/// A run of scenarios with algorithms: all that reports say of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunModel {
    /// The version of the format: 3.
    pub format: u32,
    /// What it is: `mapisim-run`.
    pub kind: String,
    /// The version of mapisim that ran.
    pub version: String,
    /// The seed, 16 hexadecimal digits.
    pub seed: String,
    /// What was asked for.
    pub asked: Asked,
    /// How many files could not be read; nothing else of them is in here.
    pub unread: usize,
    /// How many cells were not finished, since the run was interrupted.
    pub unfinished: usize,
    /// What of the algorithm the runs that are told took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// The scenarios, in the order of their paths.
    pub scenarios: Vec<Scenario>,
    /// What came of each scenario with each algorithm, in the order of the scenarios.
    pub cells: Vec<Cell>,
}

/// What was asked for, apart from where the files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The algorithms; none: those that each scenario expects something of.
    pub algorithms: Vec<String>,
    /// The bound on the distinct states of one search.
    pub states_max: u64,
    /// The part of all cells, `K/N`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// What may fail in every scenario without a schedule, whatever it says itself, as on the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<String>,
    /// A clock could end searches: what it ended cannot be compared with other runs.
    #[serde(default)]
    pub timed: bool,
}

/// What of the algorithm was taken: which call asked the machine for what, and what it was answered. A row is those three,
/// such as `MAPIInitialize RegOpenKeyEx ERROR_FILE_NOT_FOUND`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// How many rows drawn runs of all shipped scenarios take.
    pub rows: usize,
    /// Those of them that no run in here takes.
    pub never: Vec<String>,
}

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its path, with slashes.
    pub path: String,
    /// One line that says what happens.
    pub title: String,
    /// Markdown; may be empty.
    pub about: String,
    /// Where the story comes from.
    pub sources: Vec<String>,
    /// A hash of the file: the first 32 hexadecimal digits of BLAKE3.
    pub digest: String,
    /// The file as it was read.
    pub text: String,
    /// The version of Windows.
    pub windows: String,
    /// Whether Terminal Services are on.
    pub terminal_services: bool,
    /// Whether it has a schedule of its own; else every interleaving is looked at.
    pub scheduled: bool,
    /// How many processes may be killed.
    pub crashes: u32,
    /// How many threads may die alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub thread_deaths: u32,
    /// How often the machine may crash.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub machine_crashes: u32,
    /// The properties that are looked at, by name.
    pub checks: Vec<String>,
    /// Who takes part.
    pub processes: Vec<Process>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A process of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// The account that it runs as.
    pub account: String,
    /// Its Terminal Services session.
    pub session: u32,
    /// The product, version or algorithm that the scenario names for it.
    pub mapi: String,
}

/// A verdict, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing that was looked at breaks.
    Holds,
    /// A property is broken.
    Broken,
    /// A bound was reached before an answer.
    Inconclusive,
    /// The schedule asks for what cannot happen.
    Diverged,
    /// A bug of mapisim's own.
    Panicked,
}

impl Verdict {
    /// Its word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Broken => "broken",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Diverged => "diverged",
            Verdict::Panicked => "panicked",
        }
    }
}

/// What came of one scenario with one algorithm. `T` is what there is of its trace: all of it, or in run.json its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
#[schemars(rename = "Cell")]
pub struct Cell<T = Trace> {
    /// Its name in links, unlike any other cell's: letters, digits, `-`, `.` and `_`.
    pub id: String,
    /// The path of its scenario.
    pub scenario: String,
    /// The algorithm, or `as-installed`.
    pub algorithm: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What is broken, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// What is expected: `holds`, or what is to break; none where the scenario does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Under which other faults than its scenario's it was run, as flags: `--crashes 1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_faults: Option<String>,
    /// Whether it is as expected, every probe reached.
    pub as_expected: bool,
    /// Every interleaving was looked at, as far as the verdict needs.
    pub exhaustive: bool,
    /// Distinct states seen; 0 for a scheduled run.
    pub states: usize,
    /// Transitions taken; 0 for a scheduled run.
    pub transitions: u64,
    /// Distinct states first seen at each depth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<usize>,
    /// The length of the counterexample, or of the scheduled run.
    pub steps: usize,
    /// A hash of what happened; empty where there is no verdict.
    pub digest: String,
    /// The bound that was reached: `states`, `steps` or `stopped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
    /// The probes of `must_reach` that were not passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<String>,
    /// Why it says little that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vacuous: Option<String>,
    /// The points that the sources leave open which the verdict rests on, by name: no other was asked for before it was
    /// found. None where there is no verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_on: Option<Vec<String>>,
    /// What the verdict hangs on, where that was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmness: Option<Firmness>,
    /// What tells this failure from others, whatever the names, steps and order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The line of the scenario's `expect` entry, 1 first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_line: Option<usize>,
    /// The line of the call in which it broke, 1 first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fatal_line: Option<usize>,
    /// What happened instead of a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Sentences on bounds and probes that the verdict is to be read with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The exact schedule, which replays the trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// The command that shows it again.
    pub command: String,
    /// What the run's calls cost, where there is a run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cost: Vec<CallCost>,
    /// What is broken, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// What happened, step by step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<T>,
}

impl<T> Cell<T> {
    /// The same with another trace.
    pub fn with_trace<U>(&self, trace: Option<U>) -> Cell<U> {
        Cell {
            id: self.id.clone(),
            scenario: self.scenario.clone(),
            algorithm: self.algorithm.clone(),
            verdict: self.verdict,
            property: self.property.clone(),
            expected: self.expected.clone(),
            other_faults: self.other_faults.clone(),
            as_expected: self.as_expected,
            exhaustive: self.exhaustive,
            states: self.states,
            transitions: self.transitions,
            levels: self.levels.clone(),
            steps: self.steps,
            digest: self.digest.clone(),
            bound: self.bound.clone(),
            missed: self.missed.clone(),
            vacuous: self.vacuous.clone(),
            rests_on: self.rests_on.clone(),
            firmness: self.firmness.clone(),
            signature: self.signature.clone(),
            expect_line: self.expect_line,
            fatal_line: self.fatal_line,
            trouble: self.trouble.clone(),
            remarks: self.remarks.clone(),
            schedule: self.schedule.clone(),
            command: self.command.clone(),
            cost: self.cost.clone(),
            explanation: self.explanation.clone(),
            trace,
        }
    }
}

/// What a verdict hangs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Firmness {
    /// The assumptions that the run or search asked for, by name.
    pub consulted: Vec<String>,
    /// How many single flips of them were tried.
    pub flips_tried: usize,
    /// The flips that give another verdict.
    pub moved: Vec<Moved>,
}

/// A flip of an assumption that gives another verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The assumption.
    pub assumption: String,
    /// Its other setting.
    pub alternative: String,
    /// The verdict then: `holds`, `inconclusive`, or what breaks.
    pub verdict: String,
}

/// How many steps a kind of call took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallCost {
    /// The API.
    pub call: String,
    /// How often it was called.
    pub times: usize,
    /// How many steps those calls took in all.
    pub steps: usize,
}

/// What is broken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Why, in two to four plain sentences, every name in full.
    pub summary: String,
    /// What it means that this property is broken.
    pub meaning: String,
    /// The step that broke it; 0 where it was broken from the start.
    pub cause: usize,
    /// The step at which the victim notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<usize>,
    /// What the summary rests on.
    pub points: Vec<Point>,
    /// What the one who did it counted, and what was true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Views>,
    /// The step that makes the difference to an algorithm that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast: Option<Contrast>,
    /// What mattered, where every order could be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mattered: Option<Mattered>,
}

/// A piece of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// What it is about.
    pub kind: PointKind,
    /// The step that made it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// It, in words.
    pub text: String,
}

/// What a piece of an explanation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// What the one who did it looked at.
    LookedAt,
    /// What was true elsewhere.
    Elsewhere,
    /// Why the two differ.
    Because,
    /// How it came to look at all.
    Prompted,
}

/// Two counts of one profile's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Views {
    /// What the one who did it looked at.
    pub looked: View,
    /// Where the session was counted.
    pub counted: View,
}

/// A count as somebody saw or made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The step.
    pub step: usize,
    /// The thread.
    pub who: String,
    /// The section, by its full name.
    pub section: String,
    /// Its letter in the trace.
    pub short: String,
    /// The session of the thread's process.
    pub session: u32,
    /// The account that the thread acts as.
    pub account: String,
    /// That account's SID.
    pub sid: String,
    /// The profile's name in the section.
    pub cell: String,
    /// The count.
    pub count: i64,
}

/// The step that makes the difference to an algorithm that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contrast {
    /// The algorithm: of those that hold in the same order of calls, the one that goes the same way longest.
    pub algorithm: String,
    /// Its cell.
    pub cell: String,
    /// The step here that makes the difference.
    pub step: usize,
    /// Who does it.
    pub who: String,
    /// What is done here, every name in full.
    pub here: String,
    /// What is done there.
    pub there: String,
    /// What is found out there, and what comes of it: sentences, with the short names of this cell's trace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub came: Vec<String>,
}
