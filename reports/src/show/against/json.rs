//! `show --against --format json`, version 1: two runs in the same order, and where they differ.
//!
//! ```json
//! { "format": 1, "scenario": "path", "title": "…",
//!   "sides": [ { "algorithm": "…", "verdict": "holds|broken|inconclusive", "property": null, "digest": "hex",
//!                "schedule": "…", "steps": 99, "explanation": "…", "cause": null, "symptom": null } ],
//!   "other_orders": { "verdict": "holds", "property": null, "states": 4323, "command": null },
//!   "explanation": "…",
//!   "parting": { "kind": "answer", "place": "…", "steps": [ { "step": 43, "line": "…" }, null ] },
//!   "decisive": null,
//!   "differences": [ { "kind": "name|answer|only", "place": "…", "steps": [ … ] } ],
//!   "came_of_it": [ { "of": "profile HKU\\…", "sides": [ "…", "…" ] } ],
//!   "waits": [ { "thread": "…", "after": 1, "object": "…", "owner": "…" } ],
//!   "pairs": [ [ 1, 1 ] ] }
//! ```
//!
//! The first side is the run that was asked for, the second what was made of it with the other build. All names are full.
//! `pairs` are steps with their counterparts. `other_orders` is null where the second side breaks, or was not searched.

use mapisim_model::scenario::Scenario;
use serde::Serialize;

use super::{Beside, Difference, Elsewhere, Kind, fates, words};
use crate::json::{Place, explanation, places, to_text};
use crate::names::Names;

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    scenario: &'a str,
    title: &'a str,
    sides: [Side<'a>; 2],
    other_orders: Option<Orders<'a>>,
    explanation: String,
    parting: Option<Differing>,
    decisive: Option<Differing>,
    differences: Vec<Differing>,
    came_of_it: Vec<Fate>,
    waits: Vec<Wait<'a>>,
    pairs: Vec<[usize; 2]>,
}

#[derive(Serialize)]
struct Side<'a> {
    algorithm: &'a str,
    verdict: &'a str,
    property: Option<&'a str>,
    digest: String,
    schedule: &'a str,
    steps: usize,
    explanation: String,
    cause: Option<Place>,
    symptom: Option<Place>,
}

#[derive(Serialize)]
struct Orders<'a> {
    verdict: &'a str,
    property: Option<&'a str>,
    states: Option<usize>,
    command: Option<&'a str>,
}

#[derive(Serialize)]
struct Differing {
    kind: &'static str,
    place: String,
    steps: [Option<Step>; 2],
}

#[derive(Serialize)]
struct Step {
    step: usize,
    line: String,
}

#[derive(Serialize)]
struct Fate {
    of: String,
    sides: [String; 2],
}

#[derive(Serialize)]
struct Wait<'a> {
    thread: &'a str,
    after: usize,
    object: &'a str,
    owner: Option<&'a str>,
}

/// The comparison as text, with a line end at the end.
pub fn render(scenario: &Scenario, beside: &Beside<'_>, elsewhere: Option<&Elsewhere>) -> String {
    let full = Names::full();
    let differing = |difference: Difference| Differing {
        kind: match difference.kind {
            Kind::Name => "name",
            Kind::Answer => "answer",
            Kind::Only => "only",
        },
        place: beside.place(&difference),
        steps: [0, 1].map(|side| {
            difference.steps[side].map(|step| Step { step, line: beside.deed(side, step, &full) })
        }),
    };
    let run = beside.sides[1].run;
    let waits = beside.waits.iter().map(|wait| Wait {
        thread: &run.threads[wait.thread].name,
        after: wait.after,
        object: &wait.object,
        owner: wait.owner.map(|owner| run.threads[owner].name.as_str()),
    });
    let fates = fates::fates(beside, &full).into_iter().map(|fates::Fate { of, sides }| Fate { of, sides });
    to_text(&Report {
        format: 1,
        scenario: &scenario.name,
        title: &scenario.title,
        sides: [0, 1].map(|at| side(&beside.sides[at])),
        other_orders: elsewhere.map(orders),
        explanation: words::in_short(beside, &full).join(" "),
        parting: beside.parting().map(differing),
        decisive: beside.decisive().map(differing),
        differences: beside.differences.iter().copied().map(differing).collect(),
        came_of_it: fates.collect(),
        waits: waits.collect(),
        pairs: beside.counterparts[0].iter().map(|(here, there)| [*here, *there]).collect(),
    })
}

fn side<'a>(side: &super::Side<'a>) -> Side<'a> {
    let (cause, symptom) = places(side.outcome);
    Side {
        algorithm: side.outcome.build.id(),
        verdict: side.outcome.verdict.word(),
        property: side.outcome.verdict.property().map(mapisim_model::property::Property::id),
        digest: crate::digest::digest(side.outcome),
        schedule: &side.run.schedule,
        steps: side.run.steps.len(),
        explanation: explanation(side.outcome),
        cause,
        symptom,
    }
}

fn orders(elsewhere: &Elsewhere) -> Orders<'_> {
    let (verdict, property, states, command) = match elsewhere {
        Elsewhere::Holds { states, .. } => ("holds", None, Some(*states), None),
        Elsewhere::Breaks { property, command } => {
            ("broken", Some(property.id()), None, Some(command.as_str()))
        }
        Elsewhere::Unsettled { states } => ("inconclusive", None, Some(*states), None),
    };
    Orders { verdict, property, states, command }
}
