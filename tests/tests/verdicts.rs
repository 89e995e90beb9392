//! Does every shipped scenario come out as it says, with every build?
//!
//! - all of them, with every build that they expect something of
//! - no build leaves one without an answer
//! - each bug breaks the original, and the fix that was made for it closes it, while the other fix does not
//! - what was to be reached was reached, and every property that is expected to break has somebody to blame

use std::sync::LazyLock;

use mapisim::cells::{Builds, CellResult, Finished, plan, run};
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::outcome::Verdict;
use mapisim_model::property::Property;
use mapisim_model::scenario::Scenario;
use mapisim_tests::{every_shipped, running, shipped};

/// Every shipped scenario with every build that it expects something of, run once for all questions.
static EXPECTED: LazyLock<Vec<Finished<'static>>> = LazyLock::new(|| {
    let scenarios: &'static [Scenario] = every_shipped().leak();
    run_all(scenarios, &Builds::Expected)
});

fn run_all<'a>(scenarios: &'a [Scenario], builds: &Builds) -> Vec<Finished<'a>> {
    run(&plan(scenarios, builds, None), &running(10_000_000)).into_iter().flatten().collect()
}

fn name(cell: &Finished<'_>) -> String {
    format!("{} with {}", cell.cell.scenario.name, cell.cell.build.id())
}

fn verdict(cell: &Finished<'_>) -> Verdict {
    match &cell.result {
        CellResult::Checked(checked) => checked.outcome.verdict,
        CellResult::Diverged(why) => panic!("{}: {why}", name(cell)),
        CellResult::Panicked(why) => panic!("{} stopped: {why}", name(cell)),
    }
}

#[test]
fn every_shipped_scenario_is_as_it_expects_with_every_build() {
    let surprises = EXPECTED.iter().filter(|cell| !cell.as_expected());
    let surprises: Vec<String> =
        surprises.map(|cell| format!("{}: {:?}", name(cell), verdict(cell))).collect();
    assert!(surprises.is_empty(), "not as expected:\n{}", surprises.join("\n"));
    for scenario in every_shipped() {
        assert!(!scenario.expect.is_empty(), "{} expects nothing", scenario.name);
    }
}

#[test]
fn nothing_holds_without_meeting_the_danger_that_it_is_about() {
    let vacuous = EXPECTED.iter().filter_map(|cell| {
        let why = cell.checked()?.outcome.vacuous?;
        Some(format!("{}: holds, but {}", name(cell), why.text()))
    });
    let vacuous: Vec<String> = vacuous.collect();
    assert!(vacuous.is_empty(), "{}", vacuous.join("\n"));
}

#[test]
fn whatever_breaks_has_a_cause_that_lies_before_its_symptom_and_is_told() {
    let mut broken = 0;
    for cell in EXPECTED.iter() {
        let Verdict::Broken(property) = verdict(cell) else { continue };
        broken += 1;
        let outcome = &cell.checked().expect("it has a verdict").outcome;
        let finding = outcome.finding.as_ref().unwrap_or_else(|| panic!("{} is not explained", name(cell)));
        let run = outcome.run.as_ref().unwrap_or_else(|| panic!("{} has no run", name(cell)));
        assert_eq!(finding.property, property, "{}", name(cell));
        // What is left over for good is told as it is in the end, and may have been there from the start.
        let at_rest =
            matches!(property, Property::NoOrphan | Property::NameReusable | Property::HiddenWhenDeleted);
        let caused = (usize::from(!at_rest)..=run.steps.len()).contains(&finding.cause);
        assert!(caused, "{}", name(cell));
        assert!(finding.symptom.is_none_or(|symptom| symptom > finding.cause), "{}", name(cell));
        assert!(
            at_rest || finding.summary.contains(&format!("step {}", finding.cause)),
            "{}: {}",
            name(cell),
            finding.summary
        );
        if property == Property::LiveProfile {
            // A session whose logon was under way is live, and has lost something, only later.
            let after = run.steps[finding.cause - 1..].iter();
            let lost = after.flat_map(|step| &step.sessions).any(|session| !session.lost.is_empty());
            assert!(lost, "{}: nothing is lost from the cause on", name(cell));
            assert!(finding.points.len() >= 2, "{}: nothing to point at", name(cell));
        }
    }
    assert!(broken >= 25, "only {broken} cells break");
}

/// The four corners of a bug: neither fix, either, both.
fn corners(scenario: &Scenario) -> [bool; 4] {
    let builds = [Algorithm::Original, Algorithm::SidSuffix, Algorithm::GlobalSection, Algorithm::Patched];
    let scenarios = std::slice::from_ref(scenario);
    let cells = run_all(scenarios, &Builds::Named(builds.map(Build::All).to_vec()));
    let breaks: Vec<bool> =
        cells.iter().map(|cell| verdict(cell) == Verdict::Broken(Property::LiveProfile)).collect();
    breaks.try_into().expect("there are four")
}

#[test]
fn fix_1_closes_bug_1_and_fix_2_does_not() {
    for name in ["article/bug-1", "article/bug-1-every-order", "kb/817375", "kb/817375-every-order"] {
        let scenario = shipped(&format!("scenarios/{name}.json"));
        assert_eq!(corners(&scenario), [true, false, true, false], "{name}");
    }
}

#[test]
fn fix_2_closes_bug_2_and_fix_1_does_not() {
    for name in ["article/bug-2", "article/bug-2-every-order", "kb/818861", "kb/818861-every-order"] {
        let scenario = shipped(&format!("scenarios/{name}.json"));
        assert_eq!(corners(&scenario), [true, true, false, false], "{name}");
    }
}

#[test]
fn both_bugs_at_once_take_both_fixes() {
    let scenario = shipped("scenarios/article/customer-machine.json");
    assert_eq!(corners(&scenario), [true, true, true, false]);
}

#[test]
fn a_schedule_shows_what_the_search_of_every_order_finds() {
    for name in ["article/bug-1", "article/bug-2", "kb/817375", "kb/818861"] {
        let one = shipped(&format!("scenarios/{name}.json"));
        let every = shipped(&format!("scenarios/{name}-every-order.json"));
        assert_eq!(corners(&one), corners(&every), "{name}");
    }
}
