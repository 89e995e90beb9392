//! `show --format json`, version 1: the outcome of one scenario with one build, and its whole run.
//!
//! ```json
//! { "format": 1, "scenario": "path", "title": "…", "algorithm": "…", "verdict": "holds|broken|inconclusive",
//!   "property": null, "expected": null, "as_expected": true, "digest": "hex", "schedule": "…", "explanation": "…",
//!   "vacuous": null, "firmness": "stands …",
//!   "cause": null, "symptom": null,
//!   "threads": [ { "thread": "…", "process": "…", "account": "…", "session": 0, "mapi": "…", "algorithm": "…" } ],
//!   "mattered": { "states": 1, "unaided": true, "chances": [0], "decisive": 1, "lost": 0, "enough": true,
//!                 "orders": [ { "first": 1, "then": 2 } ], "lines": [ { "step": 1, "text": "…" } ] },
//!   "points": [ { "kind": "looked at", "step": 1, "text": "…" } ],
//!   "steps": [ { "step": 1, "thread": "…", "call": "…", "actions": ["sweep"], "syscall": "RegDeleteKey", "object": "HKU\\…",
//!                "line": "…", "answer": "…", "returned": null, "changed": ["…"],
//!                "sessions": [ { "thread": "…", "session": "s", "profile": "…", "lost": ["HKU\\…"] } ] } ] }
//! ```
//!
//! A step's `sessions` are those that are live after it, each with the keys that it has open and that were deleted.
//! `changed` is in words with full names. A kill has no `call`, `syscall` or `answer`. A search without a counterexample
//! has no steps.
//!
//! `mattered` is null where nothing breaks, and where the graph of all orders is too large. Its `chances` are those that it breaks
//! after so many steps, 0 first, in parts of a thousand million, rounded down; null where threads can go round in circles. An
//! order without `first` is that it breaks before `then`; one without `then`, that it comes before a step that is none of this
//! run, which `lines` have in words.

use mapisim_model::finding::name_of_code;
use mapisim_model::outcome::Vacuity;
use mapisim_model::scenario::Scenario;
use mapisim_model::trace::{Run, Step};
use serde::Serialize;

use crate::cells::Checked;
use crate::digest::canonical;
use crate::firmness;
use crate::json::{Place, explanation, places, to_text};
use crate::names::Names;
use crate::narrate;
use crate::narrate::remark::remarks;
use crate::run_model::mattered::{Mattered, of};

#[derive(Serialize)]
struct Shown<'a> {
    format: u32,
    scenario: &'a str,
    title: &'a str,
    algorithm: &'a str,
    verdict: &'a str,
    property: Option<&'a str>,
    expected: Option<&'a str>,
    as_expected: bool,
    digest: &'a str,
    schedule: Option<&'a str>,
    explanation: String,
    vacuous: Option<&'a str>,
    firmness: String,
    cause: Option<Place>,
    symptom: Option<Place>,
    threads: Vec<Actor<'a>>,
    points: Vec<Point<'a>>,
    mattered: Option<Mattered>,
    steps: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Actor<'a> {
    thread: &'a str,
    process: &'a str,
    account: &'a str,
    session: u32,
    mapi: &'a str,
    algorithm: &'a str,
}

#[derive(Serialize)]
struct Point<'a> {
    kind: &'a str,
    step: Option<usize>,
    text: &'a str,
}

#[derive(Serialize)]
struct Told<'a> {
    step: usize,
    thread: &'a str,
    call: Option<&'a str>,
    actions: &'a [&'static str],
    syscall: Option<&'a str>,
    object: Option<&'a str>,
    line: String,
    answer: Option<String>,
    returned: Option<String>,
    changed: Vec<String>,
    sessions: Vec<Live<'a>>,
}

#[derive(Serialize)]
struct Live<'a> {
    thread: &'a str,
    session: &'a str,
    profile: &'a str,
    lost: &'a [String],
}

/// The whole run as text, with a line end at the end.
pub fn render(scenario: &Scenario, checked: &Checked) -> String {
    let outcome = &checked.outcome;
    let (cause, symptom) = places(outcome);
    let run = outcome.run.as_ref();
    to_text(&Shown {
        format: 1,
        scenario: &scenario.name,
        title: &scenario.title,
        algorithm: outcome.build.id(),
        verdict: outcome.verdict.word(),
        property: outcome.verdict.property().map(mapisim_model::property::Property::id),
        expected: outcome.expected.map(mapisim_model::scenario::Expect::id),
        as_expected: outcome.as_expected(),
        digest: &checked.digest,
        schedule: run.map(|run| run.schedule.as_str()),
        explanation: explanation(outcome),
        vacuous: outcome.vacuous.map(Vacuity::text),
        firmness: checked
            .firmness
            .as_ref()
            .map_or_else(|| firmness::rests_on(outcome.consulted), firmness::line),
        cause,
        symptom,
        threads: run.map_or_else(Vec::new, threads),
        mattered: run.zip(checked.mattered.as_ref()).map(|(run, mattered)| of(run, mattered)),
        points: outcome.finding.as_ref().map_or_else(Vec::new, points),
        steps: run.map_or_else(Vec::new, |run| run.steps.iter().map(|step| told(run, step)).collect()),
    })
}

fn threads(run: &Run) -> Vec<Actor<'_>> {
    let threads = run.threads.iter().map(|thread| {
        let process = &run.processes[thread.process];
        Actor {
            thread: &thread.name,
            process: &process.name,
            account: &process.account,
            session: process.session,
            mapi: &process.mapi,
            algorithm: process.algorithm.id(),
        }
    });
    threads.collect()
}

fn points(finding: &mapisim_model::finding::Finding) -> Vec<Point<'_>> {
    let points = finding.points.iter();
    points.map(|point| Point { kind: point.kind.heading(), step: point.step, text: &point.text }).collect()
}

fn told<'a>(run: &'a Run, step: &'a Step) -> Told<'a> {
    let names = Names::full();
    let call = step.call.as_ref();
    Told {
        step: step.number,
        thread: run.actor_name(step),
        call: call.map(|call| call.text.as_str()),
        actions: &step.inside,
        syscall: step.syscall.as_ref().map(canonical::name),
        object: step.object.as_deref(),
        line: narrate::line(run, step, &names),
        answer: narrate::answer(step),
        returned: call.and_then(|call| call.returned).map(name_of_code),
        changed: remarks(run, step, &names).into_iter().map(|remark| remark.text).collect(),
        sessions: step
            .sessions
            .iter()
            .map(|session| Live {
                thread: &run.threads[session.thread].name,
                session: &session.name,
                profile: &session.profile,
                lost: &session.lost,
            })
            .collect(),
    }
}
