//! `run --format json`: one object, format 1. Seeds and digests are strings; nothing in it depends on the machine, the
//! time, or how many cells ran at once.

use mapisim_model::outcome::Outcome;
use mapisim_model::trace::{Run, Step};
use serde::Serialize;

use crate::cells::{Checked, Finished, bound_sentence, fused_sentence, missed_sentence};
use crate::names::Names;
use crate::narrate;

/// The whole report.
#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    seed: String,
    outcomes: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    scenario: &'a str,
    title: &'a str,
    algorithm: &'a str,
    verdict: &'a str,
    property: Option<&'a str>,
    expected: Option<&'a str>,
    as_expected: bool,
    exhaustive: bool,
    states: usize,
    transitions: u64,
    steps: usize,
    digest: &'a str,
    cause: Option<Place>,
    symptom: Option<Place>,
    explanation: String,
}

/// A step that matters.
#[derive(Serialize)]
pub(crate) struct Place {
    step: usize,
    thread: String,
    call: String,
    action: String,
}

/// The report as text, with a line end at the end. A cell without a verdict is not in it.
pub fn render(seed: u64, finished: &[Finished<'_>]) -> String {
    let rows = finished.iter().filter_map(|cell| Some(row(cell, cell.checked()?)));
    to_text(&Report { format: 1, seed: seed_text(seed), outcomes: rows.collect() })
}

/// A seed as every report writes it: 16 hexadecimal digits.
pub fn seed_text(seed: u64) -> String {
    format!("{seed:016x}")
}

pub(crate) fn to_text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a report is plain data with string keys");
    text.push('\n');
    text
}

fn row<'a>(cell: &Finished<'a>, checked: &'a Checked) -> Row<'a> {
    let outcome = &checked.outcome;
    let (cause, symptom) = places(outcome);
    Row {
        scenario: &cell.cell.scenario.name,
        title: &cell.cell.scenario.title,
        algorithm: outcome.build.id(),
        verdict: outcome.verdict.word(),
        property: outcome.verdict.property().map(mapisim_model::property::Property::id),
        expected: outcome.expected.map(mapisim_model::scenario::Expect::id),
        as_expected: outcome.as_expected(),
        exhaustive: outcome.exhaustive,
        states: outcome.states,
        transitions: outcome.transitions,
        steps: outcome.steps,
        digest: &checked.digest,
        cause,
        symptom,
        explanation: explanation(outcome),
    }
}

/// Cause and symptom of what is broken.
pub(crate) fn places(outcome: &Outcome) -> (Option<Place>, Option<Place>) {
    let (Some(run), Some(finding)) = (&outcome.run, &outcome.finding) else { return (None, None) };
    let at = |number: usize| (number > 0).then(|| place(run, run.step(number)));
    (at(finding.cause), finding.symptom.and_then(at))
}

fn place(run: &Run, step: &Step) -> Place {
    Place {
        step: step.number,
        thread: run.actor_name(step).to_owned(),
        call: step.call.as_ref().map_or_else(String::new, |call| call.text.clone()),
        action: narrate::line(run, step, &Names::full()),
    }
}

/// Why it is as it is, in plain sentences; empty where there is nothing to explain.
pub fn explanation(outcome: &Outcome) -> String {
    let finding = outcome.finding.as_ref().map(|finding| finding.summary.clone());
    let sentences = [finding, bound_sentence(outcome), missed_sentence(outcome), fused_sentence(outcome)];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
