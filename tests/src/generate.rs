//! Worlds drawn at random, and what tests do with one.

pub use mapisim_model::generate::{Kind, world};

use mapisim_model::scenario::file::ScheduleFile;
use mapisim_model::scenario::{Scenario, ScenarioFile};
use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same each time.
pub fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(0x6d61_7069), ..Config::default() }
}

/// A world as a checked scenario: through its text, as users' files come in.
pub fn checked(file: &ScenarioFile) -> Scenario {
    crate::scenario("drawn.json", &file.to_text())
}

/// The same world with a schedule.
pub fn scheduled(file: &ScenarioFile, schedule: &str) -> ScenarioFile {
    ScenarioFile { schedule: Some(ScheduleFile::Text(schedule.to_owned())), ..file.clone() }
}
