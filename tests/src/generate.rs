//! Worlds drawn at random, and what tests do with one.

pub use mapisim_model::generate::{Kind, world};

use mapisim_model::scenario::file::ScheduleFile;
use mapisim_model::scenario::item::Item;
use mapisim_model::scenario::{Call, Scenario, ScenarioFile};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// So many cases.
pub fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Draws a world that is small enough to be searched whole: scripts end early, each after so many of its calls. In some
/// calls on profiles must not fail, so that which of two came first is seen.
pub fn small(kind: Kind, calls_max: usize) -> impl Strategy<Value = ScenarioFile> {
    let strict = prop::sample::select(vec![false, false, true]);
    let calls = prop::array::uniform3(1..=calls_max);
    (world(kind), calls, strict).prop_map(|(mut file, calls, strict)| {
        for ((_, process), calls) in file.processes.0.iter_mut().zip(calls) {
            let threads = process.threads.iter_mut().flat_map(|threads| &mut threads.0);
            for script in process.script.iter_mut().chain(threads.map(|(_, script)| script)) {
                script.truncate(calls);
                script.iter_mut().filter(|_| strict).for_each(must_succeed);
            }
        }
        file
    })
}

fn must_succeed(item: &mut Item) {
    let Item::Call { call, must } = item else { return };
    if let Call::CreateProfile { .. } | Call::MAPILogonEx { .. } | Call::DeleteProfile { .. } = call {
        *must = Some("S_OK".to_owned());
    }
}

/// A world as a checked scenario: through its text, as users' files come in.
pub fn checked(file: &ScenarioFile) -> Scenario {
    crate::scenario("drawn.json", &file.to_text())
}

/// The same world with a schedule.
pub fn scheduled(file: &ScenarioFile, schedule: &str) -> ScenarioFile {
    ScenarioFile { schedule: Some(ScheduleFile::Text(schedule.to_owned())), ..file.clone() }
}

/// The first processes of a world once more, so that there are some that differ in nothing.
pub fn with_twins(file: &ScenarioFile, twins: usize) -> ScenarioFile {
    let mut file = file.clone();
    let again = file.processes.0.iter().take(twins).map(|(name, process)| {
        let mut twin = process.clone();
        if let Some(threads) = &mut twin.threads {
            for (name, _) in &mut threads.0 {
                *name = format!("{name} of the twin");
            }
        }
        (format!("twin of {name}"), twin)
    });
    let again: Vec<_> = again.collect();
    file.processes.0.extend(again);
    file
}
