//! A run as run.json has it: whatever several traces have in common is there once, and traces point to it by number, 0 first.
//!
//! Runs of one scenario with different algorithms share nearly all of their steps, so of sixty thousand steps some seven
//! thousand are different ones. A step is the same wherever the same is told of it: its lane, call and place are numbers in
//! its own trace, what it changed are numbers of things, and full names are numbers of names.
//!
//! Always holds
//! - What is written reads back as the very same run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trace::{
    Call, Delta, KeyState, Lane, LiveSession, Note, Place, Row, RowKind, Short, Step, StepKind, Thing,
    ThingId, Trace,
};
use super::{Asked, Cell, Coverage, RunModel, Scenario};

/// A run of scenarios with algorithms: all that reports say of it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RunModel")]
pub(super) struct Packed {
    /// The version of the format: 3.
    pub(super) format: u32,
    /// What it is: `mapisim-run`.
    pub(super) kind: String,
    /// The version of mapisim that ran.
    pub(super) version: String,
    /// The seed, 16 hexadecimal digits.
    pub(super) seed: String,
    /// What was asked for.
    pub(super) asked: Asked,
    /// How many files could not be read; nothing else of them is in here.
    pub(super) unread: usize,
    /// How many cells were not finished, since the run was interrupted.
    pub(super) unfinished: usize,
    /// What of the algorithm the runs that are told took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) coverage: Option<Coverage>,
    /// The scenarios, in the order of their paths.
    pub(super) scenarios: Vec<Scenario>,
    /// What came of each scenario with each algorithm, in the order of the scenarios. Its `trace` is a number of `traces`.
    pub(super) cells: Vec<Cell<usize>>,
    /// The runs, step by step.
    pub(super) traces: Vec<PackedTrace>,
    /// Full names.
    pub(super) names: Vec<String>,
    /// What short names stand for.
    pub(super) legend: Vec<Short>,
    /// Calls of scripts, as runs made them.
    pub(super) calls: Vec<Call>,
    /// Steps.
    pub(super) steps: Vec<PackedStep>,
    /// Rows of stories, without the numbers of their steps.
    pub(super) lines: Vec<Line>,
    /// What there is in a machine at some step. In here, numbers called `name`, `hkcu` and `lost` are of the file's `names`.
    pub(super) things: Vec<Thing>,
}

/// A run, step by step.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Trace")]
pub(super) struct PackedTrace {
    /// The processes, in the scenario's order.
    processes: Vec<String>,
    /// A lane for each thread, in the scenario's order.
    lanes: Vec<Lane>,
    /// A lane for each hive and each section that steps are about, hives first. Its `name` is a number of the file's `names`.
    places: Vec<Place>,
    /// The full names that it has, numbers of the file's `names`, in the order of their first use.
    names: Vec<usize>,
    /// What short names stand for, numbers of the file's `legend`.
    legend: Vec<usize>,
    /// The live sessions, in the order of their beginning.
    sessions: Vec<LiveSession>,
    /// The calls in the order of their beginning, numbers of the file's `calls`.
    calls: Vec<usize>,
    /// What happened: step 1, step 2 and so on, numbers of the file's `steps`.
    steps: Vec<usize>,
    /// The same told in short: uneventful steps folded, what belongs together joined.
    story: Vec<PackedRow>,
    /// The machine as a whole, at the beginning and each 64 steps.
    key_states: Vec<PackedState>,
    /// Who cannot go on at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<String>,
}

/// A step, wherever it is taken.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
pub(super) struct PackedStep {
    /// The lane of whoever did it; of a kill the first of its process.
    lane: usize,
    /// The call that it belongs to, a number of its trace's `calls`; none for a kill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<usize>,
    /// The internal actions it is in, outermost first: `sweep`, `in use?`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    inside: Vec<String>,
    /// What was asked, of which object.
    action: String,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// The full name of the object, a number of the file's `names`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<usize>,
    /// The place that it was about, a number of its trace's `places`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<usize>,
    /// What it did there, in a word or two: `made`, `0`, `0 → 1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effect: Option<String>,
    /// What changed, or was found out. A step without is uneventful.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
    /// What it is to the story.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kinds: Vec<StepKind>,
    /// Things of the machine that are new or changed, numbers of the file's `things`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set: Vec<usize>,
    /// Things that are gone; names are numbers of the file's `names`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gone: Vec<ThingId>,
}

/// A row of a story, wherever it is told.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// What it is.
    kind: RowKind,
    /// The lane; none for a remark across all lanes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lane: Option<usize>,
    /// How deep it is nested.
    depth: usize,
    /// What was done.
    text: String,
    /// What changed, or was found out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
}

/// A row of the story.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Row")]
pub(super) struct PackedRow {
    /// What it says, a number of the file's `lines`.
    line: usize,
    /// The last step that has happened by then.
    after: usize,
    /// The first step that it tells; none for a heading or a fold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<usize>,
    /// The last step that it tells, where that is not `after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<usize>,
}

/// The machine after a step, as a whole; step 0 is the beginning.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KeyState")]
pub(super) struct PackedState {
    /// The step.
    after: usize,
    /// Everything there is, in order: numbers of the file's `things`.
    things: Vec<usize>,
}

/// Values that are each there once, as JSON, with their numbers.
#[derive(Default)]
pub(super) struct Pool {
    known: BTreeMap<String, usize>,
}

impl Pool {
    fn number(&mut self, value: &impl Serialize) -> usize {
        let next = self.known.len();
        *self.known.entry(json(value)).or_insert(next)
    }

    /// They as JSON, by number.
    pub(super) fn lines(self) -> Vec<String> {
        let mut lines: Vec<(String, usize)> = self.known.into_iter().collect();
        lines.sort_unstable_by_key(|(_, number)| *number);
        lines.into_iter().map(|(line, _)| line).collect()
    }
}

/// As JSON text.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a run model is plain data with string keys")
}

/// What the traces of a run have in common.
#[derive(Default)]
pub(super) struct Pools {
    pub(super) traces: Pool,
    pub(super) names: Pool,
    pub(super) legend: Pool,
    pub(super) calls: Pool,
    pub(super) steps: Pool,
    pub(super) lines: Pool,
    pub(super) things: Pool,
}

impl Pools {
    /// Takes a trace in and gives its number.
    pub(super) fn trace(&mut self, trace: &Trace) -> usize {
        let names: Vec<usize> = trace.names.iter().map(|name| self.names.number(name)).collect();
        let places = trace.places.iter().map(|place| Place { name: names[place.name], ..place.clone() });
        let key_states = trace.key_states.iter().map(|key| PackedState {
            after: key.after,
            things: key.things.iter().map(|thing| self.thing(thing, &names)).collect(),
        });
        let key_states = key_states.collect();
        let story = trace.story.iter().map(|row| PackedRow {
            line: self.lines.number(&Line {
                kind: row.kind,
                lane: row.lane,
                depth: row.depth,
                text: row.text.clone(),
                notes: row.notes.clone(),
            }),
            after: row.after,
            first: row.first,
            last: row.last.filter(|last| *last != row.after),
        });
        let packed = PackedTrace {
            processes: trace.processes.clone(),
            lanes: trace.lanes.clone(),
            places: places.collect(),
            legend: trace.legend.iter().map(|short| self.legend.number(short)).collect(),
            sessions: trace.sessions.clone(),
            calls: trace.calls.iter().map(|call| self.calls.number(call)).collect(),
            story: story.collect(),
            steps: trace.steps.iter().map(|step| self.step(step, &names)).collect(),
            key_states,
            waiting: trace.waiting.clone(),
            names,
        };
        self.traces.number(&packed)
    }

    fn step(&mut self, step: &Step, names: &[usize]) -> usize {
        let packed = PackedStep {
            lane: step.lane,
            call: step.call,
            inside: step.inside.clone(),
            action: step.action.clone(),
            answer: step.answer.clone(),
            object: step.object.map(|name| names[name]),
            place: step.place,
            effect: step.effect.clone(),
            notes: step.notes.clone(),
            kinds: step.kinds.clone(),
            set: step.delta.set.iter().map(|thing| self.thing(thing, names)).collect(),
            gone: step.delta.gone.iter().map(|id| id.renamed(|name| names[name])).collect(),
        };
        self.steps.number(&packed)
    }

    fn thing(&mut self, thing: &Thing, names: &[usize]) -> usize {
        self.things.number(&thing.clone().renamed(|name| names[name]))
    }
}

impl Packed {
    /// The run as a whole.
    ///
    /// # Errors
    /// Where a number points to nothing.
    pub(super) fn unpacked(self) -> Result<RunModel, String> {
        let cells = self.cells.iter().map(|cell| {
            let trace = cell.trace.map(|number| self.trace(number)).transpose()?;
            Ok(cell.with_trace(trace))
        });
        let cells = cells.collect::<Result<Vec<_>, String>>()?;
        Ok(RunModel {
            format: self.format,
            kind: self.kind,
            version: self.version,
            seed: self.seed,
            asked: self.asked,
            unread: self.unread,
            unfinished: self.unfinished,
            coverage: self.coverage,
            scenarios: self.scenarios,
            cells,
        })
    }

    fn trace(&self, number: usize) -> Result<Trace, String> {
        let packed = at(&self.traces, number, "trace")?;
        let local: BTreeMap<usize, usize> =
            packed.names.iter().enumerate().map(|(here, name)| (*name, here)).collect();
        let local = |name: usize| {
            local.get(&name).copied().ok_or_else(|| format!("trace {number} has no name {name}"))
        };
        let things = |numbers: &[usize]| -> Result<Vec<Thing>, String> {
            let all =
                numbers.iter().map(|thing| at(&self.things, *thing, "thing")?.clone().try_renamed(&local));
            all.collect()
        };
        let steps = packed.steps.iter().enumerate().map(|(index, step)| {
            let step = at(&self.steps, *step, "step")?;
            let gone = step.gone.iter().map(|id| id.try_renamed(&local));
            Ok(Step {
                number: index + 1,
                lane: step.lane,
                call: step.call,
                inside: step.inside.clone(),
                action: step.action.clone(),
                answer: step.answer.clone(),
                object: step.object.map(&local).transpose()?,
                place: step.place,
                effect: step.effect.clone(),
                notes: step.notes.clone(),
                kinds: step.kinds.clone(),
                delta: Delta { set: things(&step.set)?, gone: gone.collect::<Result<_, String>>()? },
            })
        });
        let story = packed.story.iter().map(|row| {
            let line = at(&self.lines, row.line, "line")?;
            Ok(Row {
                kind: line.kind,
                first: row.first,
                last: row.first.map(|_| row.last.unwrap_or(row.after)),
                after: row.after,
                lane: line.lane,
                depth: line.depth,
                text: line.text.clone(),
                notes: line.notes.clone(),
            })
        });
        let places =
            packed.places.iter().map(|place| Ok(Place { name: local(place.name)?, ..place.clone() }));
        let keys = packed
            .key_states
            .iter()
            .map(|key| Ok(KeyState { after: key.after, things: things(&key.things)? }));
        Ok(Trace {
            processes: packed.processes.clone(),
            lanes: packed.lanes.clone(),
            places: places.collect::<Result<_, String>>()?,
            names: all(&self.names, &packed.names, "name")?,
            legend: all(&self.legend, &packed.legend, "legend")?,
            sessions: packed.sessions.clone(),
            calls: all(&self.calls, &packed.calls, "call")?,
            steps: steps.collect::<Result<_, String>>()?,
            story: story.collect::<Result<_, String>>()?,
            key_states: keys.collect::<Result<_, String>>()?,
            waiting: packed.waiting.clone(),
        })
    }
}

fn at<'a, T>(list: &'a [T], number: usize, what: &str) -> Result<&'a T, String> {
    list.get(number).ok_or_else(|| format!("there is no {what} {number} in it"))
}

fn all<T: Clone>(list: &[T], numbers: &[usize], what: &str) -> Result<Vec<T>, String> {
    numbers.iter().map(|number| at(list, *number, what).cloned()).collect()
}
