//! What all reports say of a cell in the same words: its outcome, what is wrong with it, where a step stands, and what
//! happened as lines of plain text.
//!
//! Always holds
//! - Everything returned is visible text: no character in it steers a terminal or hides.

use std::collections::BTreeMap;

use mapisim_model::property::Property;
use mapisim_model::scenario::visible::visible;

use crate::run_model::trace::{RowKind, StepKind, Trace};
use crate::run_model::{Cell, RunModel, Scenario, Verdict};
use crate::show::why::meaning;

/// A text made visible.
pub fn plain(text: &str) -> String {
    visible(text).into_owned()
}

/// The outcome in a few words: `breaks live-profile`.
pub fn outcome(cell: &Cell) -> String {
    match (cell.verdict, &cell.property) {
        (Verdict::Broken, Some(property)) => format!("breaks {property}"),
        (Verdict::Broken, None) => "breaks".to_owned(),
        (Verdict::Holds, _) if cell.exhaustive => "holds in every order".to_owned(),
        (Verdict::Holds, _) => "holds in this run".to_owned(),
        (Verdict::Inconclusive, _) => "has no answer within the bounds".to_owned(),
        (Verdict::Diverged, _) => "has a schedule that cannot happen".to_owned(),
        (Verdict::Panicked, _) => "made mapisim itself fail".to_owned(),
    }
}

/// What is wrong with it; none where it is as expected.
pub fn wrong(cell: &Cell) -> Option<String> {
    if cell.as_expected {
        return None;
    }
    let trouble = cell.trouble.as_deref().map(plain);
    Some(match (cell.verdict, cell.expected.as_deref()) {
        (Verdict::Inconclusive, _) => "there is no answer within the bounds".to_owned(),
        (Verdict::Diverged | Verdict::Panicked, _) => trouble.unwrap_or_else(|| outcome(cell)),
        (Verdict::Broken, Some("holds")) => "it was to hold".to_owned(),
        (Verdict::Broken, None) => match &cell.other_faults {
            Some(faults) => format!("the scenario says nothing of {faults}, so it was to hold"),
            None => "nothing is said of it in the scenario, so it was to hold".to_owned(),
        },
        (_, Some(expected)) if expected != "holds" && Some(expected) != cell.property.as_deref() => {
            format!("it was to break {expected}")
        }
        _ => format!("it never came past {}", cell.missed.join(", ")),
    })
}

/// The first sentence of why it is broken; else what it came to.
pub fn sentence(cell: &Cell) -> String {
    match &cell.explanation {
        Some(explanation) => {
            let summary = plain(&explanation.summary);
            summary.split_once(". ").map_or(summary.clone(), |(first, _)| format!("{first}."))
        }
        None => format!("It {}.", outcome(cell)),
    }
}

/// What it means that a property is broken.
pub fn meaning_of(property: &str) -> &'static str {
    Property::from_id(property).map_or("something that was looked at does not hold", meaning)
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The step's number.
    pub step: usize,
    /// Who took it.
    pub thread: String,
    /// The call that it is part of; empty for a kill.
    pub call: String,
    /// The call's line in the scenario, 1 first.
    pub line: Option<usize>,
    /// What was done.
    pub action: String,
}

impl At {
    /// It in a few words: `outlook.exe in MAPIInitialize, step 55`.
    pub fn words(&self) -> String {
        if self.call.is_empty() {
            return format!("{}, step {}", self.thread, self.step);
        }
        format!("{} in {}, step {}", self.thread, self.call, self.step)
    }
}

/// Where a step of a cell's trace stands; none for step 0 and where there is no trace.
pub fn at(cell: &Cell, step: usize) -> Option<At> {
    let trace = cell.trace.as_ref()?;
    let found = trace.steps.get(step.checked_sub(1)?)?;
    let within = found.call.map(|index| &trace.calls[index]);
    Some(At {
        step,
        thread: plain(&trace.lanes[found.lane].thread),
        call: within.map_or_else(String::new, |call| plain(&call.name)),
        line: within.and_then(|call| call.line),
        action: plain(&found.action),
    })
}

/// Where it broke; none where it holds, or was broken from the start.
pub fn cause(cell: &Cell) -> Option<At> {
    at(cell, cell.explanation.as_ref()?.cause)
}

/// Where the victim notices.
pub fn symptom(cell: &Cell) -> Option<At> {
    at(cell, cell.explanation.as_ref()?.symptom?)
}

/// The cells that are not as expected.
pub fn unexpected(model: &RunModel) -> impl Iterator<Item = &Cell> {
    model.cells.iter().filter(|cell| !cell.as_expected)
}

/// The scenarios, each with its cells.
pub fn by_scenario(model: &RunModel) -> Vec<(&Scenario, Vec<&Cell>)> {
    let mut cells: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    for cell in &model.cells {
        cells.entry(&cell.scenario).or_default().push(cell);
    }
    let each = model.scenarios.iter();
    each.map(|scenario| (scenario, cells.remove(scenario.path.as_str()).unwrap_or_default())).collect()
}

/// What happened, as lines: the step, who, what, and what changed. `X` marks the cause, `!` the symptom.
pub fn timeline(trace: &Trace) -> String {
    let who = |lane: Option<usize>| lane.map_or_else(String::new, |lane| plain(&trace.lanes[lane].thread));
    let columns = trace.lanes.iter().map(|lane| plain(&lane.thread).chars().count()).max().unwrap_or(0);
    let mut lines = String::new();
    for row in &trace.story {
        let steps = row.first.zip(row.last).map_or(0..0, |(first, last)| first - 1..last);
        let kinds: Vec<StepKind> = trace.steps[steps].iter().flat_map(|step| step.kinds.clone()).collect();
        let mark = match () {
            () if kinds.contains(&StepKind::Cause) => 'X',
            () if kinds.contains(&StepKind::Symptom) => '!',
            () => ' ',
        };
        let numbers = match (row.first, row.last) {
            (Some(first), Some(last)) if first != last => format!("{first}-{last}"),
            (Some(first), _) => first.to_string(),
            _ => String::new(),
        };
        let indent = "  ".repeat(row.depth);
        let fold = if row.kind == RowKind::Fold { "… " } else { "" };
        let line =
            format!("{mark} {numbers:>9}  {:columns$}  {indent}{fold}{}", who(row.lane), plain(&row.text));
        lines += line.trim_end();
        lines.push('\n');
        for note in &row.notes {
            lines += &format!("{:w$}{indent}  -> {}\n", "", plain(&note.text), w = columns + 15);
        }
    }
    lines
}
