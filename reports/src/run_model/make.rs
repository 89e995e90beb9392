//! From cells that were run to the run model.

use std::collections::BTreeMap;

use mapisim_model::alike::alike;
use mapisim_model::carry::{Carried, carry_over};
use mapisim_model::firmness::Flip;
use mapisim_model::outcome::{self, Bound, Outcome};
use mapisim_model::property::Property;
use mapisim_model::scenario::{Expect, Scenario};
use mapisim_model::trace::{Run, Who};
use rayon::prelude::*;

use super::explain::{Held, contrast, explanation};
use super::mattered;
use super::tell::trace;
use super::{
    Asked, CallCost, Cell, Contrast, Coverage, Explanation, FORMAT, Firmness, KIND, Moved, Process, RunModel,
    Scenario as Told, Verdict,
};
use crate::cells::{CellResult, Checked, Finished, bound_sentence, missed_sentence};
use crate::command;
use crate::coverage;
use crate::json::seed_text;

/// What a model is made of.
pub struct Material<'a> {
    /// The seed.
    pub seed: u64,
    /// What was asked for.
    pub asked: Asked,
    /// How many files could not be read.
    pub unread: usize,
    /// How many cells were to be run.
    pub planned: usize,
    /// The cells that were finished, in order.
    pub finished: &'a [Finished<'a>],
    /// The scenario files' texts, by path.
    pub texts: &'a BTreeMap<String, String>,
}

/// The model of a run.
pub fn model(material: &Material<'_>) -> RunModel {
    let finished = material.finished;
    let mut scenarios: Vec<Told> = Vec::new();
    for cell in finished {
        let scenario = cell.cell.scenario;
        if scenarios.last().is_none_or(|last| last.path != scenario.name) {
            scenarios.push(told(scenario, material.texts.get(&scenario.name).map_or("", String::as_str)));
        }
    }
    let ids = ids(finished);
    let cells = finished.par_iter().zip(&ids).map(|(cell, id)| make(cell, id, &material.asked));
    let mut cells: Vec<Cell> = cells.collect();
    add_contrasts(finished, &mut cells);
    RunModel {
        format: FORMAT,
        kind: KIND.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: seed_text(material.seed),
        asked: material.asked.clone(),
        unread: material.unread,
        unfinished: material.planned - finished.len(),
        coverage: Some(coverage(finished)),
        scenarios,
        cells,
    }
}

fn told(scenario: &Scenario, text: &str) -> Told {
    let processes = scenario.processes.iter().map(|process| Process {
        name: process.name.clone(),
        account: scenario.accounts[process.account].account.name.clone(),
        session: process.session,
        mapi: process.mapi.written.clone(),
    });
    Told {
        path: scenario.name.clone(),
        title: scenario.title.clone(),
        about: scenario.about.clone(),
        sources: scenario.sources.clone(),
        digest: blake3::hash(text.as_bytes()).to_hex()[..32].to_owned(),
        text: text.to_owned(),
        windows: scenario.file.machine.windows.clone(),
        terminal_services: scenario.terminal_services,
        scheduled: scenario.schedule.is_some(),
        crashes: scenario.crashes,
        thread_deaths: scenario.thread_deaths,
        machine_crashes: scenario.machine_crashes,
        checks: scenario.checks.iter().map(|property| property.id().to_owned()).collect(),
        processes: processes.collect(),
    }
}

/// What the runs that are told took.
fn coverage(finished: &[Finished<'_>]) -> Coverage {
    let mut taken = coverage::Coverage::default();
    for run in finished.iter().filter_map(|cell| cell.checked()?.outcome.run.as_ref()) {
        for step in &run.steps {
            if let (Some(call), Some(asked), Some(answer)) = (&step.call, &step.syscall, &step.answer) {
                taken.see(&call.name, asked, answer);
            }
        }
    }
    let never = taken.never().map(|row| row.replace('\t', " ")).collect();
    Coverage { rows: coverage::REACHABLE.lines().count(), never }
}

/// A name for each cell that links can have: from its path and algorithm, numbered where two would be the same.
fn ids(finished: &[Finished<'_>]) -> Vec<String> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let ids = finished.iter().map(|cell| {
        let path = cell.cell.scenario.name.trim_end_matches(".json");
        let path = path.strip_prefix("scenarios/").unwrap_or(path);
        let id = format!("{}.{}", slug(path), cell.cell.build.id());
        let times = used.entry(id.clone()).or_insert(0);
        *times += 1;
        if *times == 1 { id } else { format!("{id}.{times}") }
    });
    ids.collect()
}

/// Letters, digits, `-` and `_`; whatever else becomes one `-`.
fn slug(path: &str) -> String {
    let mut slug = String::new();
    for c in path.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "scenario".to_owned() } else { slug.to_owned() }
}

fn make(finished: &Finished<'_>, id: &str, asked: &Asked) -> Cell {
    let scenario = finished.cell.scenario;
    let build = finished.cell.build;
    let expectation = scenario.expectation(build);
    let mut cell = Cell {
        id: id.to_owned(),
        scenario: scenario.name.clone(),
        algorithm: build.id().to_owned(),
        verdict: Verdict::Panicked,
        property: None,
        expected: expectation.map(|expectation| Expect::id(expectation.expect).to_owned()),
        other_faults: scenario.other_faults.map(|others| command::faults(&others).join(" ")),
        as_expected: finished.as_expected(),
        exhaustive: false,
        states: 0,
        transitions: 0,
        levels: Vec::new(),
        steps: 0,
        digest: String::new(),
        bound: None,
        missed: Vec::new(),
        vacuous: None,
        rests_on: None,
        firmness: None,
        signature: None,
        expect_line: expectation.map(|expectation| expectation.place.line),
        fatal_line: None,
        trouble: None,
        remarks: Vec::new(),
        schedule: None,
        command: command::show_of(scenario, build, None),
        cost: Vec::new(),
        explanation: None,
        trace: None,
    };
    if asked.states_max != DEFAULT_STATES {
        cell.command += &format!(" --max-states {}", asked.states_max);
    }
    match &finished.result {
        CellResult::Checked(checked) => fill(&mut cell, scenario, checked),
        CellResult::Diverged(why) => {
            cell.verdict = Verdict::Diverged;
            cell.trouble = Some(why.clone());
        }
        CellResult::Panicked(why) => cell.trouble = Some(why.clone()),
    }
    cell
}

/// The bound on states that needs no flag.
pub const DEFAULT_STATES: u64 = 10_000_000;

fn fill(cell: &mut Cell, scenario: &Scenario, checked: &Checked) {
    let outcome = &checked.outcome;
    cell.verdict = match outcome.verdict {
        outcome::Verdict::Holds => Verdict::Holds,
        outcome::Verdict::Broken(_) => Verdict::Broken,
        outcome::Verdict::Inconclusive => Verdict::Inconclusive,
    };
    cell.property = outcome.verdict.property().map(|property| Property::id(property).to_owned());
    cell.exhaustive = outcome.exhaustive;
    cell.states = outcome.states;
    cell.transitions = outcome.transitions;
    cell.levels.clone_from(&outcome.levels);
    cell.steps = outcome.steps;
    cell.digest.clone_from(&checked.digest);
    cell.bound = outcome.bound.map(|bound| bound_word(bound).to_owned());
    cell.missed = outcome.missed.iter().map(|probe| probe.id().to_owned()).collect();
    cell.vacuous = outcome.vacuous.map(|vacuous| vacuous.text().to_owned());
    let rests_on = outcome.consulted.iter().map(|assumption| assumption.name.to_owned()).collect();
    cell.rests_on = (outcome.verdict != outcome::Verdict::Inconclusive).then_some(rests_on);
    cell.firmness = checked.firmness.as_ref().map(firmness);
    cell.remarks = [bound_sentence(outcome), missed_sentence(outcome)].into_iter().flatten().collect();
    let Some(run) = &outcome.run else { return };
    cell.schedule = Some(run.schedule.clone());
    cell.cost = cost(run);
    let finding = outcome.finding.as_ref();
    cell.signature = finding.map(|finding| finding.signature.to_string());
    cell.explanation = finding.map(|finding| Explanation {
        mattered: checked.mattered.as_ref().map(|mattered| mattered::of(run, mattered)),
        ..explanation(run, finding)
    });
    cell.signature = finding.map(|finding| finding.signature.to_string());
    cell.fatal_line = fatal_line(scenario, outcome);
    cell.trace = Some(trace(scenario, run, finding));
}

/// What a verdict hangs on; a flip that had no answer is told as inconclusive.
fn firmness(firmness: &mapisim_model::firmness::Firmness) -> Firmness {
    let moved = |flip: Flip, verdict: String| Moved {
        assumption: flip.assumption.name.to_owned(),
        alternative: flip.to.to_owned(),
        verdict,
    };
    let answered = firmness.moved().map(|known| {
        let verdict = known.verdict.property().map_or(known.verdict.word(), Property::id);
        moved(known.flip, verdict.to_owned())
    });
    let undecided = firmness.undecided().map(|flip| moved(flip, "inconclusive".to_owned()));
    Firmness {
        consulted: firmness.consulted.iter().map(|assumption| assumption.name.to_owned()).collect(),
        flips_tried: firmness.flips_tried(),
        moved: answered.chain(undecided).collect(),
    }
}

const fn bound_word(bound: Bound) -> &'static str {
    match bound {
        Bound::States => "states",
        Bound::Steps => "steps",
        Bound::Stopped => "stopped",
        Bound::Memory { .. } => "memory",
    }
}

fn fatal_line(scenario: &Scenario, outcome: &Outcome) -> Option<usize> {
    let (run, finding) = outcome.run.as_ref().zip(outcome.finding.as_ref())?;
    let step = run.steps.get(finding.cause.checked_sub(1)?)?;
    let Who::Thread(thread) = step.who else { return None };
    let (_, thread) = scenario.threads().nth(thread)?;
    thread.script.get(step.call.as_ref()?.index).map(|call| call.place.line)
}

/// How many steps each kind of call took, in the order of first use; calls that were begun and not ended count too.
fn cost(run: &Run) -> Vec<CallCost> {
    let mut costs: Vec<CallCost> = Vec::new();
    for call in run.steps.iter().filter_map(|step| step.call.as_ref()) {
        if call.name.starts_with('(') {
            continue;
        }
        let index = costs.iter().position(|cost| cost.call == call.name).unwrap_or_else(|| {
            costs.push(CallCost { call: call.name.clone(), times: 0, steps: 0 });
            costs.len() - 1
        });
        costs[index].times += usize::from(call.begins);
        costs[index].steps += 1;
    }
    costs
}

/// Each broken run beside what the same order comes to with the algorithms that hold on its scenario.
fn add_contrasts(finished: &[Finished<'_>], cells: &mut [Cell]) {
    let mut rest = cells;
    let mut groups = Vec::new();
    for group in finished.chunk_by(|one, other| one.cell.scenario.name == other.cell.scenario.name) {
        let (cells, later) = rest.split_at_mut(group.len());
        rest = later;
        groups.push((group, cells));
    }
    groups.into_par_iter().for_each(|(group, cells)| {
        let names: Vec<(String, String)> =
            cells.iter().map(|cell| (cell.algorithm.clone(), cell.id.clone())).collect();
        // Builds that take the same steps break it in the same run: what that is beside is found once.
        let mut known: Vec<(&str, usize, Option<Contrast>)> = Vec::new();
        for (cell, broken) in cells.iter_mut().zip(group) {
            let (Some(explanation), Some(checked)) = (&mut cell.explanation, broken.checked()) else {
                continue;
            };
            let is_same = |(digest, cause, _): &&(&str, usize, _)| {
                (*digest, *cause) == (&*checked.digest, explanation.cause)
            };
            if let Some((.., same)) = known.iter().find(is_same) {
                explanation.contrast.clone_from(same);
                continue;
            }
            let carried = held(group, &checked.outcome);
            let held = carried.iter().map(|(index, carried)| {
                let (algorithm, cell) = &names[*index];
                Held { algorithm, cell, carried }
            });
            explanation.contrast = contrast(&checked.outcome, explanation, &held.collect::<Vec<_>>());
            known.push((&checked.digest, explanation.cause, explanation.contrast.clone()));
        }
    });
}

/// The order of a broken run with each build that holds on its scenario, and in that order; by the cells' places. Of builds
/// that take the same steps the first.
fn held(group: &[Finished<'_>], broken: &Outcome) -> Vec<(usize, Carried)> {
    let mut held: Vec<(usize, Carried)> = Vec::new();
    let Some(run) = &broken.run else { return held };
    for (index, other) in group.iter().enumerate() {
        let holds = other.checked().is_some_and(|checked| checked.outcome.verdict == outcome::Verdict::Holds);
        let (scenario, build) = (other.cell.scenario, other.cell.build);
        let is_known = |(known, carried): &(usize, Carried)| {
            !carried.outcome.global_denied && alike(scenario, group[*known].cell.build, build).is_some()
        };
        if holds && !held.iter().any(is_known) {
            let carried = carry_over(scenario, run, build);
            if carried.outcome.verdict == outcome::Verdict::Holds {
                held.push((index, carried));
            }
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_only_what_a_link_may_have() {
        assert_eq!(slug("article/bug-2"), "article-bug-2");
        assert_eq!(slug("../<script>\u{202e} \"x\""), "script-x");
        assert_eq!(slug("…"), "scenario");
    }
}
