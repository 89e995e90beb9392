//! What a thread that dies alone leaves behind: found in every order, by drawn runs, and by a written schedule.

use mapisim_model::check::{Bounds, check};
use mapisim_model::draw::{Random, draw};
use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::{Outcome, Verdict};
use mapisim_model::property::Property;
use mapisim_model::scenario::{Scenario, read};
use mapisim_model::trace::Who;
use mapisim_sim::random::Strategy;

const DIES: &str = include_str!("../../scenarios/properties/a-thread-dies-in-mapi.json");

fn scenario(text: &str) -> Scenario {
    read("a-thread-dies.json", text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn checked(text: &str) -> Outcome {
    check(&scenario(text), Build::AsInstalled, &Bounds::default()).unwrap_or_else(|why| panic!("{why}"))
}

/// Threads that died alone in what was found.
fn deaths(outcome: &Outcome) -> usize {
    let run = outcome.run.as_ref().expect("what is broken is told");
    run.steps.iter().filter(|step| matches!(step.who, Who::Ended(_))).count()
}

#[test]
fn a_thread_that_dies_in_a_critical_section_stops_the_others_and_without_deaths_nothing_does() {
    let found = checked(DIES);
    assert_eq!((found.verdict, deaths(&found)), (Verdict::Broken(Property::NoDeadlock), 1));
    let none = checked(&DIES.replace(r#""thread_deaths": 1"#, r#""thread_deaths": 0"#));
    assert_eq!(none.verdict, Verdict::Holds);
    let another = DIES.replace(r#""thread_deaths": 1"#, r#""crash": [], "thread_deaths": 1"#);
    assert_eq!(checked(&another).verdict, Verdict::Holds, "`crash` says whose threads may die");
}

#[test]
fn the_schedule_of_what_was_found_reads_back_and_shows_the_same() {
    let found = checked(DIES);
    let schedule = found.run.as_ref().expect("it is told").schedule.clone();
    assert!(schedule.contains("end events.exe/worker"), "{schedule}");
    let fixed = DIES.replace(
        r#""faults": { "crashes": 0, "thread_deaths": 1 },"#,
        &format!(r#""schedule": "{schedule}","#),
    );
    let again = checked(&fixed);
    assert_eq!((again.verdict, again.finding), (found.verdict, found.finding));
    let turns = DIES.replace(
        r#""faults": { "crashes": 0, "thread_deaths": 1 },"#,
        r#""schedule": [{ "run": "events.exe/worker", "steps": 1 }, { "end": "events.exe/worker" }],"#,
    );
    assert_eq!(deaths(&checked(&turns)), 1);
    let last = turns.replace(r#"worker" }],"#, r#"worker" }, { "end": "events.exe/main" }],"#);
    let why = check(&scenario(&last), Build::AsInstalled, &Bounds::default()).map(|_| ()).unwrap_err();
    assert!(why.to_string().contains("is the last of its process"), "{why}");
}

#[test]
fn drawn_runs_meet_it_whoever_chooses() {
    for strategy in [Strategy::Uniform, Strategy::Pct { depth: 2 }, Strategy::Swarm] {
        let random = Random { strategy, seed: 1, first: 0, runs: 2_000 };
        let drawn = draw(&scenario(DIES), Build::AsInstalled, &random);
        let found = drawn.found.unwrap_or_else(|| panic!("{strategy:?}"));
        assert_eq!(deaths(&found), 1, "{strategy:?}");
    }
}
