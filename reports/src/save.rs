//! A counterexample as a scenario file: the scenario it was found in, with the exact schedule, expecting just what it shows.

use mapisim_model::outcome::Outcome;
use mapisim_model::scenario::file::ScheduleFile;
use mapisim_model::scenario::ordered::Ordered;
use mapisim_model::scenario::{Scenario, ScenarioFile};
use mapisim_sim::Schedule;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its name: `<stem>.<algorithm>.<property>.json`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// The counterexample of an outcome as a scenario file; none where nothing is broken.
///
/// Of a search the steps up to the break are written: what is left then runs in the file's order, as it did when it was
/// found. Of a scheduled run all steps are written, since what is left ran in the order that its schedule says. So a
/// replay gives the same digest in both cases. What was to be reached is left out: a run need not come past what a
/// search does.
pub fn counterexample(scenario: &Scenario, outcome: &Outcome) -> Option<Saved> {
    let property = outcome.verdict.property()?;
    let run = outcome.run.as_ref()?;
    let exact = Schedule::parse(&run.schedule).expect("a run's own schedule can be read");
    let schedule = if scenario.schedule.is_none() {
        exact.first(outcome.told.map_or(outcome.steps, |told| told.steps))
    } else {
        exact
    };
    let file = ScenarioFile {
        schema: None,
        schedule: Some(ScheduleFile::Text(schedule.to_string())),
        must_reach: Vec::new(),
        expect: Ordered(vec![(outcome.build.id().to_owned(), property.id().to_owned())]),
        ..scenario.file.clone()
    };
    let name = format!("{}.{}.{}.json", stem(&scenario.name), outcome.build.id(), property.id());
    Some(Saved { name, text: file.to_text() })
}

/// The name of a file without its folders and ending.
fn stem(name: &str) -> &str {
    let leaf = name.rsplit(['/', '\\']).next().unwrap_or(name);
    leaf.strip_suffix(".json").filter(|stem| !stem.is_empty()).unwrap_or(leaf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_cut_at_an_action() {
        let exact = Schedule::parse("a:3,kill b,c:2").unwrap();
        let cut = |actions| exact.first(actions).to_string();
        assert_eq!(
            [cut(0), cut(2), cut(3), cut(4), cut(5), cut(9)].join(" | "),
            " | a:2 | a:3 | a:3,kill b | a:3,kill b,c:1 | a:3,kill b,c:2"
        );
    }

    #[test]
    fn a_stem_has_neither_folder_nor_ending() {
        assert_eq!(
            [stem("a/b/c.json"), stem(r"a\b.json"), stem("x"), stem(".json")],
            ["c", "b", "x", ".json"]
        );
    }
}
