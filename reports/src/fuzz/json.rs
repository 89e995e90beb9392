//! What was caught, for programs: one object, format 1.

use mapisim_model::outcome::Verdict;
use mapisim_model::property::Property;
use mapisim_sim::random::Strategy;
use serde::Serialize;

use super::{Caught, How};
use crate::cells::Finished;
use crate::json::{seed_text, to_text};

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    seed: String,
    algorithm: &'a str,
    strategy: &'static str,
    worlds: u64,
    broken: u64,
    inconclusive: u64,
    runs: u64,
    steps: u64,
    seen_once: u64,
    comparable: bool,
    corpus: Vec<Replayed<'a>>,
    found: Vec<Row<'a>>,
    bugs: Vec<Bug<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    signature: String,
    property: &'a str,
    world: u64,
    worlds: u64,
    file: &'a str,
    processes: usize,
    calls: usize,
    steps: usize,
    attempts: usize,
    cut: bool,
    explanation: &'a str,
    schedule: String,
    scenario: &'a str,
}

/// A scenario of the corpus.
#[derive(Serialize)]
struct Replayed<'a> {
    scenario: &'a str,
    algorithm: &'a str,
    verdict: Option<&'static str>,
    property: Option<&'static str>,
}

#[derive(Serialize)]
struct Bug<'a> {
    world: u64,
    text: &'a str,
}

/// The whole report.
pub fn render(caught: &Caught, corpus: &[Finished<'_>]) -> String {
    let (hunt, tally) = (&caught.hunt, &caught.tally);
    let found = caught.catches.iter().map(|catch| {
        let shrunk = &catch.shrunk;
        let run = shrunk.outcome.run.as_ref();
        Row {
            signature: shrunk.signature.to_string(),
            property: shrunk.signature.property.id(),
            world: catch.world,
            worlds: catch.worlds,
            file: &catch.name,
            processes: shrunk.after.processes,
            calls: shrunk.after.calls,
            steps: shrunk.outcome.steps,
            attempts: shrunk.attempts,
            cut: shrunk.cut,
            explanation: &shrunk.file.about,
            schedule: run.map_or_else(String::new, |run| run.schedule.clone()),
            scenario: &catch.text,
        }
    });
    let corpus = corpus.iter().map(|cell| {
        let verdict = cell.checked().map(|checked| checked.outcome.verdict);
        Replayed {
            scenario: &cell.cell.scenario.name,
            algorithm: cell.cell.build.id(),
            verdict: verdict.map(Verdict::word),
            property: verdict.and_then(Verdict::property).map(Property::id),
        }
    });
    to_text(&Report {
        format: 1,
        seed: seed_text(hunt.seed),
        algorithm: hunt.build.id(),
        strategy: match hunt.how {
            How::Random { strategy: Strategy::Uniform, .. } => "uniform",
            How::Random { strategy: Strategy::Pct { .. }, .. } => "pct",
            How::Random { strategy: Strategy::Swarm, .. } => "swarm",
            How::Exhaustive { .. } => "exhaustive",
        },
        worlds: tally.worlds,
        broken: tally.broken,
        inconclusive: tally.inconclusive,
        runs: tally.runs,
        steps: tally.steps,
        seen_once: caught.seen_once(),
        comparable: !caught.stopped,
        corpus: corpus.collect(),
        found: found.collect(),
        bugs: caught.bugs.iter().map(|(world, text)| Bug { world: *world, text }).collect(),
    })
}
