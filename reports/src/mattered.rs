//! What mattered in a run, in sentences: which orders it takes, whether they are enough, from where on nothing could save it, and
//! how likely it was.
//!
//! Always holds
//! - Each sentence is true of every order there is, and says nothing where that is not known.
//! - Names are short, as in the story; whoever prints makes them visible.

use mapisim_model::alike::{Alike, alike};
use mapisim_model::mapi::rules::Build;
use mapisim_model::mattered::{Mattered, Needed, Then, mattered};
use mapisim_model::trace::{Run, Step, Who};
use mapisim_sim::odds::{Chance, STATES_MAX};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cells::{CellResult, Finished};
use crate::names::Names;
use crate::narrate;
use crate::text::grouped;

/// What stands over it.
pub const TITLE: &str = "What mattered";
/// Orders that are told; more are counted.
const ORDERS_MAX: usize = 4;
/// States that are looked at where the run follows a schedule, and nobody has searched all orders before.
const SCHEDULED_STATES_MAX: usize = 50_000;
/// States that are looked at of each outcome of a report, which has hundreds: most graphs are smaller.
const REPORT_STATES_MAX: usize = 4_000;

/// Of more runs than that nobody counts how many break it.
const RUNS_MAX: u64 = 1_000_000_000_000;

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The step that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// It, in words.
    pub text: String,
}

/// Looks what mattered in one outcome.
pub fn look(finished: &mut Finished<'_>) {
    let scenario = finished.cell.scenario;
    if let CellResult::Checked(checked) = &mut finished.result {
        let states_max = if checked.outcome.exhaustive { STATES_MAX } else { SCHEDULED_STATES_MAX };
        checked.mattered = mattered(scenario, &checked.outcome, states_max);
    }
}

/// Looks what mattered in each outcome of a report for which every order was searched; once for those of a scenario that
/// take the same steps.
pub fn look_at_all(finished: &mut [Finished<'_>]) {
    let same = |one: &Finished<'_>, other: &Finished<'_>| {
        let (one, other) = (one.cell, other.cell);
        std::ptr::eq(one.scenario, other.scenario)
            && alike(one.scenario, one.build, other.build) == Some(Alike::Same)
    };
    // Cells of one scenario are neighbours, and there are few of them.
    let first = |index: usize| {
        let before = index.saturating_sub(Build::all().count());
        (before..index).find(|other| same(&finished[*other], &finished[index])).unwrap_or(index)
    };
    let firsts: Vec<usize> = (0..finished.len()).map(first).collect();
    let look = |(index, (cell, first)): (usize, (&Finished<'_>, &usize))| {
        let outcome = &cell.checked().filter(|_| *first == index)?.outcome;
        // Where the search has seen more before it broke, the whole graph is hardly small enough.
        let small = outcome.exhaustive && outcome.states <= REPORT_STATES_MAX;
        small.then(|| mattered(cell.cell.scenario, outcome, REPORT_STATES_MAX)).flatten()
    };
    let found: Vec<Option<Mattered>> = finished.par_iter().zip(&firsts).enumerate().map(look).collect();
    for (cell, first) in finished.iter_mut().zip(firsts) {
        if let CellResult::Checked(checked) = &mut cell.result {
            checked.mattered.clone_from(&found[first]);
        }
    }
}

/// What mattered, in sentences; none where the order of steps plays no part.
pub fn lines(run: &Run, mattered: &Mattered, names: &Names) -> Vec<Line> {
    let fault = last_fault(run, mattered);
    if run.threads.len() == 1 && fault.is_none() {
        return Vec::new();
    }
    let plain = |text: &str| Line { step: None, text: text.to_owned() };
    if mattered.lost == 0 {
        let dies = if fault.is_some() { ", even if nothing dies" } else { "" };
        return vec![plain(&format!("Every order breaks it{dies}."))];
    }
    let told = mattered.orders.iter().take(ORDERS_MAX);
    let mut lines: Vec<Line> = told.map(|needed| order(run, mattered, needed, names)).collect();
    if mattered.orders.len() > ORDERS_MAX {
        let more = mattered.orders.len() - ORDERS_MAX;
        lines.push(plain(&format!("So with {more} more pairs of steps.")));
    }
    let needed = if mattered.orders.len() == 1 { "That order is needed" } else { "Those orders are needed" };
    let it = if mattered.orders.len() == 1 { "it" } else { "them" };
    lines.push(plain(&match mattered.enough {
        _ if mattered.orders.is_empty() => {
            "No order of two steps is common to all runs that break it: there are several ways.".to_owned()
        }
        Some(true) => format!("{needed}, and enough: whatever else comes when, it breaks."),
        Some(false) => format!("{needed}, but not enough: some runs keep to {it} and do not break it."),
        None => format!("{needed}: no run breaks it without {it}."),
    }));
    lines.push(lost(run, mattered, fault, names));
    lines.extend(chance(run, mattered, fault, names).map(|text| plain(&text)));
    lines
}

/// The last fault before it broke, or that broke it.
fn last_fault(run: &Run, mattered: &Mattered) -> Option<usize> {
    let steps = run.steps[..mattered.broke].iter();
    steps.rev().find(|step| !matches!(step.who, Who::Thread(_))).map(|step| step.number)
}

/// One order: `step 37: events.exe in DeleteProfile (mark: RegCreateKeyEx EventSvc) before step 49, …`.
fn order(run: &Run, mattered: &Mattered, needed: &Needed, names: &Names) -> Line {
    let then = match &needed.then {
        Then::Step(number) => {
            let step = run.step(*number);
            let begins = step.call.as_ref().is_some_and(|call| call.begins);
            let words = if begins { narrate::actor_and_call(run, step) } else { words(run, step, names) };
            format!("step {number}, {words}")
        }
        Then::Missed(step) => format!("{}, which then never comes", words(run, step, names)),
    };
    match needed.first {
        Some(first) => {
            Line { step: Some(first), text: format!("{} before {then}", words(run, run.step(first), names)) }
        }
        None => Line { step: Some(mattered.broke), text: format!("it breaks before {then}") },
    }
}

/// A step in words: `events.exe in DeleteProfile (mark: RegCreateKeyEx EventSvc)`.
fn words(run: &Run, step: &Step, names: &Names) -> String {
    let who = narrate::actor_and_call(run, step);
    if step.syscall.is_none() {
        return who;
    }
    let inside = narrate::inside(step).last().map_or_else(String::new, |frame| format!("{frame}: "));
    format!("{who} ({inside}{})", narrate::brief(run, step, names))
}

/// From where on nothing saves it.
fn lost(run: &Run, mattered: &Mattered, fault: Option<usize>, names: &Names) -> Line {
    if mattered.lost == mattered.broke {
        let text = format!("Up to step {} itself some way to go on does not break it.", mattered.broke);
        return Line { step: None, text };
    }
    let dies = if fault.is_some() { ", unless something else dies" } else { "" };
    let words = words(run, run.step(mattered.lost), names);
    Line { step: Some(mattered.lost), text: format!("after {words} nothing can save it{dies}") }
}

/// How likely it was, and what made it so.
fn chance(run: &Run, mattered: &Mattered, fault: Option<usize>, names: &Names) -> Option<String> {
    let chances = mattered.chances.as_ref()?;
    let later = fault
        .filter(|fault| *fault < mattered.lost)
        .map(|fault| format!("after {} {}", words(run, run.step(fault), names), breaks(chances[fault])));
    let first = match fault {
        Some(_) if !mattered.unaided => "while nothing dies no run breaks it".to_owned(),
        Some(_) => format!("even while nothing dies {}", breaks(chances[0])),
        None => breaks(chances[0]),
    };
    if !mattered.unaided && later.is_none() {
        return Some(sentence(&first));
    }
    let parts = std::iter::once(first).chain(later);
    let mut text = format!(
        "{}, if at each step all threads that can run are equally likely",
        parts.collect::<Vec<_>>().join("; ")
    );
    let raises = mattered.decisive().filter(|step| {
        let rise = chances[*step].0.saturating_sub(chances[step - 1].0);
        rise >= Chance::ONE.0 / 4 && Some(*step) != fault
    });
    match (raises, mattered.likely_from()) {
        (Some(step), _) => {
            let (from, to) = (percent(chances[step - 1]), percent(chances[step]));
            text += &format!("; step {step} raises that most, from {from} to {to}");
        }
        (None, Some(step)) if step > 1 && step < mattered.broke && Some(step) != fault => {
            text += &format!("; from step {step} on more likely than not");
        }
        _ => {}
    }
    Some(sentence(&text))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map_or_else(String::new, |letter| letter.to_uppercase().collect());
    format!("{first}{}.", letters.as_str())
}

/// A chance in words: `1 run in 14 breaks it`, `34% of runs break it`.
fn breaks(chance: Chance) -> String {
    match chance.one_in() {
        Some(runs) if runs <= 10 => format!("{} of runs break it", percent(chance)),
        Some(runs) if runs <= RUNS_MAX => format!("1 run in {} breaks it", grouped(runs as usize)),
        _ => format!("fewer than 1 run in {} breaks it", grouped(RUNS_MAX as usize)),
    }
}

/// A chance in percent, to the nearest; never 0% or 100% where it is not that.
fn percent(chance: Chance) -> String {
    if chance == Chance::ONE || chance == Chance::ZERO {
        return format!("{}%", chance.of(100));
    }
    match (chance.of(1000) + 5) / 10 {
        0 => "less than 1%".to_owned(),
        100 => "more than 99%".to_owned(),
        percent => format!("{percent}%"),
    }
}
