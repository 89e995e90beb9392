//! What a crash of the machine leaves behind: found in every order, by drawn runs, and by a written schedule.

use mapisim_model::check::{Bounds, check};
use mapisim_model::draw::{Random, draw};
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::outcome::{Outcome, Verdict};
use mapisim_model::probe::Probe;
use mapisim_model::property::Property;
use mapisim_model::scenario::faults::OtherFaults;
use mapisim_model::scenario::{Scenario, read};
use mapisim_model::shrink::{Effort, from_text, shrink};
use mapisim_model::trace::Who;
use mapisim_sim::random::Strategy;

const HALF_WAY: &str = include_str!("../../scenarios/open/power-failure-half-way.json");
const UNDONE: &str = include_str!("../../scenarios/open/power-failure-undoes-a-deletion.json");
const MAY: &str = r#""faults": { "crashes": 0, "machine_crashes": 1 },"#;

fn scenario(text: &str) -> Scenario {
    read("power.json", text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn checked(text: &str) -> Outcome {
    check(&scenario(text), Build::AsInstalled, &Bounds::default()).unwrap_or_else(|why| panic!("{why}"))
}

/// Crashes of the machine in what is told.
fn crashes(outcome: &Outcome) -> usize {
    let run = outcome.run.as_ref().expect("what is broken is told");
    run.steps.iter().filter(|step| matches!(step.who, Who::Machine(_))).count()
}

#[test]
fn half_a_deletion_is_on_disk_for_good_and_without_a_crash_nothing_breaks() {
    let found = checked(HALF_WAY);
    assert_eq!((found.verdict, crashes(&found)), (Verdict::Broken(Property::NoOrphan), 1));
    let finding = found.finding.expect("it is explained");
    let told = |words: &str| finding.points.iter().any(|point| point.text.contains(words));
    assert!(
        told("the machine crashed") && told("the hive of svc is kept as it just was"),
        "{:?}",
        finding.points
    );
    let none = checked(&HALF_WAY.replace(r#""machine_crashes": 1"#, r#""machine_crashes": 0"#));
    assert_eq!(none.verdict, Verdict::Holds);
}

#[test]
fn the_schedule_of_what_was_found_reads_back_in_words_and_in_turns_and_shows_the_same() {
    let found = checked(HALF_WAY);
    let schedule = found.run.as_ref().expect("it is told").schedule.clone();
    let (before, crash) = schedule.rsplit_once(',').expect("the crash is the last turn");
    assert_eq!(crash, "crash machine keeping svc");
    let fixed = HALF_WAY.replace(MAY, &format!(r#""schedule": "{schedule}","#));
    let again = checked(&fixed);
    assert_eq!((again.verdict, &again.finding), (found.verdict, &found.finding));
    let (thread, steps) = before.split_once(':').expect("so many steps");
    let turns = format!(
        r#""schedule": [{{ "run": "{thread}", "steps": {steps} }}, {{ "crash_machine": ["svc"] }}],"#
    );
    let again = checked(&HALF_WAY.replace(MAY, &turns));
    assert_eq!((again.verdict, &again.finding), (found.verdict, &found.finding));
    // Nothing was written: all is as it was.
    let lost = checked(&HALF_WAY.replace(MAY, &turns.replace(r#"["svc"]"#, "[]")));
    assert_eq!(lost.verdict, Verdict::Holds);
}

#[test]
fn a_deletion_that_was_not_written_is_undone() {
    let undone = checked(UNDONE);
    let profile = r"HKU\S-1-5-21-1004336348-1177238915-682003330-1105\Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles\Old";
    let run = undone.run.expect("it is told");
    let [.., before, crash] = run.steps.as_slice() else { panic!("some steps") };
    assert!(!before.after.key_exists(profile));
    let mut after = crash.after.clone();
    after.load_hive("svc");
    assert!(after.key_exists(profile), "it is back");
    assert!(!after.keeps_disks(), "it crashes once");
}

#[test]
fn drawn_runs_find_it_and_the_repair_holds() {
    let scenario = scenario(HALF_WAY);
    for strategy in [Strategy::Uniform, Strategy::Pct { depth: 2 }, Strategy::Swarm] {
        let random = Random { strategy, seed: 1, first: 0, runs: 2_000 };
        let drawn = draw(&scenario, Build::AsInstalled, &random);
        let found = drawn.found.unwrap_or_else(|| panic!("{strategy:?} finds it"));
        assert_eq!((found.verdict, crashes(&found)), (Verdict::Broken(Property::NoOrphan), 1));
        let held = draw(&scenario, Build::All(Algorithm::Lease), &random);
        assert_eq!((held.runs, held.found), (2_000, None));
    }
}

#[test]
fn what_is_lost_is_a_probe_and_a_scenario_that_loses_nothing_does_not_pass_it() {
    let with = |probe: &str, schedule: &str| {
        let text = UNDONE.replace(r#"["profile-deleted", "writes-lost"]"#, &format!(r#"["{probe}"]"#));
        checked(&text.replace(r#"{ "crash_machine": [] }"#, schedule)).missed
    };
    assert_eq!(with("writes-lost", r#"{ "crash_machine": [] }"#), []);
    assert_eq!(with("writes-lost", r#"{ "crash_machine": ["svc"] }"#), [Probe::WritesLost]);
    assert_eq!(with("crash-while-live", r#"{ "crash_machine": [] }"#), [Probe::CrashWhileLive]);
}

#[test]
fn shrinking_keeps_the_crash_and_takes_the_rest_away() {
    let more = HALF_WAY
        .replace(r#""crashes": 0"#, r#""crashes": 1"#)
        .replace(r#""MAPIUninitialize""#, r#"{ "CreateProfile": { "profile": "New" } }, "MAPIUninitialize""#);
    let file = scenario(&more).file;
    let shrunk = shrink(&file, Build::AsInstalled, &Effort::default(), &from_text).expect("it breaks");
    let faults = &shrunk.file.faults;
    assert_eq!((faults.crashes + faults.machine_crashes, shrunk.file.processes.0.len()), (1, 1));
    let script = shrunk.file.processes.0[0].1.script.as_ref().expect("one thread");
    assert_eq!(script.len(), 2, "{script:?}");
}

#[test]
fn a_machine_crashes_once_and_only_with_few_hives_and_only_hives_are_kept() {
    let refused = |text: &str, why: &str| {
        let problems = read("power.json", text).expect_err(why).to_string();
        assert!(problems.contains(why), "{problems}");
    };
    refused(&HALF_WAY.replace(r#""machine_crashes": 1"#, r#""machine_crashes": 2"#), "crashes once at most");
    refused(&UNDONE.replace(r#""crash_machine": []"#, r#""crash_machine": ["svx"]"#), "svx");
    let many: Vec<String> =
        (0..8).map(|number| format!(r#""a{number}": {{ "sid": "S-1-5-21-1-2-3-{number}" }},"#)).collect();
    let many = HALF_WAY.replace(r#""accounts": {"#, &format!(r#""accounts": {{ {}"#, many.join(" ")));
    refused(&many, "has 10 hives");
    let none = scenario(&many.replace(r#""machine_crashes": 1"#, r#""machine_crashes": 0"#));
    let others = OtherFaults { machine_crashes: Some(1), ..OtherFaults::default() };
    assert!(none.with_faults(others).is_err_and(|why| why.contains("has 10 hives")));
}

#[test]
fn under_other_faults_a_file_expects_nothing_and_one_with_a_schedule_is_run_as_it_is() {
    let others = OtherFaults { machine_crashes: Some(0), ..OtherFaults::default() };
    let build = Build::All(Algorithm::Original);
    let outcome = |scenario: Result<Scenario, String>| {
        check(&scenario.expect("few hives"), build, &Bounds::default()).unwrap_or_else(|why| panic!("{why}"))
    };
    let held = outcome(scenario(HALF_WAY).with_faults(others));
    assert_eq!((held.verdict, held.expected), (Verdict::Holds, None));
    let same = OtherFaults { machine_crashes: Some(1), crashes: Some(0), ..others };
    assert!(outcome(scenario(HALF_WAY).with_faults(same)).expected.is_some(), "these are its own");
    assert!(outcome(scenario(UNDONE).with_faults(same)).expected.is_some(), "it has a schedule");
}
