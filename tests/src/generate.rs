//! Worlds drawn at random, and what tests do with one.

pub use mapisim_model::generate::{Kind, world};

use mapisim_model::scenario::file::ScheduleFile;
use mapisim_model::scenario::{Scenario, ScenarioFile};

/// A world as a checked scenario: through its text, as users' files come in.
pub fn checked(file: &ScenarioFile) -> Scenario {
    crate::scenario("drawn.json", &file.to_text())
}

/// The same world with a schedule.
pub fn scheduled(file: &ScenarioFile, schedule: &str) -> ScenarioFile {
    ScenarioFile { schedule: Some(ScheduleFile::Text(schedule.to_owned())), ..file.clone() }
}
