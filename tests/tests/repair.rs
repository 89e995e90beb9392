//! Does the repair keep what docs/repair.md says of it?
//!
//! - in worlds drawn at random, with a crash at any step, no live profile is lost, nothing is left behind, names are free
//! - it costs what the page says, beside the others

use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::os::process::ProcessId;
use mapisim_model::outcome::Verdict;
use mapisim_model::property::Property;
use mapisim_model::scenario::{Call, Scenario};
use mapisim_tests::generate::{Kind, checked, world};
use mapisim_tests::{file, scenario};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

const BUILD: Build = Build::All(Algorithm::Lease);

/// A search that is larger is left without an answer: it would only take long.
const STATES_MAX: usize = 40_000;

/// The account whose hive is not loaded in worlds drawn at random.
const UNLOADED: &str = "backup";

/// Whether one of its programs leaves a session for good: then its profile is in use, and no orphan.
fn leaks(scenario: &Scenario) -> bool {
    let ends = |(_, thread): (_, &mapisim_model::scenario::checked::Thread)| {
        let any = |wanted: fn(&Call) -> bool| thread.script.iter().any(|call| wanted(&call.call));
        any(|call| matches!(call, Call::MAPILogonEx { .. }))
            && !any(|call| matches!(call, Call::Release { .. }))
    };
    scenario.threads().any(ends)
}

#[test]
fn in_worlds_that_nobody_wrote_nothing_is_lost_left_behind_or_refused() {
    let mut runner = TestRunner::deterministic();
    let (mut held, mut crashes, mut leaking) = (0, 0, 0);
    for _ in 0..60 {
        let file = world(Kind { processes: 2, ..Kind::ANY }).new_tree(&mut runner).expect("drawn").current();
        let mut scenario = checked(&file);
        scenario.checks = vec![
            Property::LiveProfile,
            Property::UsableSession,
            Property::NoOrphan,
            Property::HiddenWhenDeleted,
            Property::NameReusable,
            Property::NoDeadlock,
        ];
        // A program whose own hive is not loaded leaves its marks in `.DEFAULT`; once its account has logged on, and has a
        // hive of its own, nobody of these accounts looks there any more.
        if file.processes.iter().any(|(_, process)| process.account == UNLOADED) {
            scenario.checks.retain(|property| *property != Property::NoOrphan);
        }
        let bounds = Bounds { states_max: STATES_MAX, ..Bounds::default() };
        match check(&scenario, BUILD, &bounds).expect("it has no schedule").verdict {
            Verdict::Holds => {
                held += 1;
                crashes += u32::from(scenario.crashes > 0);
                leaking += u32::from(leaks(&scenario));
            }
            Verdict::Inconclusive => {}
            Verdict::Broken(property) => panic!("{}: {}", property.id(), file.to_text()),
        }
    }
    assert!(
        held >= 30 && crashes >= 10 && leaking >= 5,
        "{held} held, {crashes} with crashes, {leaking} leaking"
    );
}

/// How many worlds hold, of those drawn of a kind in which what it allows may happen.
fn live_profiles_survive(kind: Kind, worlds: usize, states_max: usize, may: fn(&Scenario) -> bool) -> usize {
    let mut runner = TestRunner::deterministic();
    let drawn = (0..worlds).map(|_| world(kind).new_tree(&mut runner).expect("drawn").current());
    drawn
        .filter(|file| {
            let mut scenario = checked(file);
            if !may(&scenario) {
                return false;
            }
            scenario.checks = vec![Property::LiveProfile];
            let bounds = Bounds { states_max, ..Bounds::default() };
            let verdict = check(&scenario, BUILD, &bounds).expect("it has no schedule").verdict;
            assert!(!matches!(verdict, Verdict::Broken(_)), "{}", file.to_text());
            verdict == Verdict::Holds
        })
        .count()
}

#[test]
fn where_threads_die_alone_no_live_profile_is_lost() {
    let kind = Kind { processes: 2, threads: true, thread_deaths: 1, crashes: 0, ..Kind::ANY };
    let held = live_profiles_survive(kind, 250, 250_000, |scenario| scenario.thread_deaths > 0);
    assert!(held >= 8, "{held} held");
}

#[test]
fn where_the_machine_crashes_no_live_profile_is_lost() {
    let kind = Kind { processes: 2, machine_crashes: 1, ..Kind::ANY };
    let held = live_profiles_survive(kind, 100, STATES_MAX, |scenario| scenario.machine_crashes > 0);
    assert!(held >= 8, "{held} held");
}

const CALLS: [&str; 6] =
    ["MAPIInitialize", "CreateProfile", "MAPILogonEx", "DeleteProfile", "Logoff", "Release"];

/// Steps of each call, and what the process has open while its session is live.
fn cost(algorithm: Algorithm) -> String {
    let one = scenario("benign/release-cleans-up.json", &alone());
    let outcome = check(&one, Build::All(algorithm), &Bounds::default()).expect("a schedule that can happen");
    let run = outcome.run.expect("a schedule is told");
    let steps = |name: &&str| {
        let of_call = |call: &mapisim_model::trace::CallInfo| call.name == *name;
        run.steps.iter().filter(|step| step.call.as_ref().is_some_and(of_call)).count()
    };
    let live = run.steps.iter().rfind(|step| !step.sessions.is_empty()).expect("a session was live");
    let keys = live.after.open_keys_of(ProcessId(0)).count();
    let handles: usize = live.after.all_objects().map(|object| live.after.holders(&object.id).len()).sum();
    let steps: Vec<usize> = CALLS.iter().map(steps).collect();
    let all: usize = steps.iter().sum();
    let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
    format!("| `{}` | {} | {all} | {keys} | {handles} |", algorithm.id(), steps.join(" | "))
}

/// One program, one profile.
fn alone() -> String {
    serde_json::json!({
        "format": 1,
        "title": "One temporary profile's life",
        "machine": { "windows": "2000", "terminal_services": true },
        "accounts": { "svc": { "sid": "S-1-5-21-1004336348-1177238915-682003330-1105", "groups": ["Administrators"] } },
        "processes": { "one.exe": { "account": "svc", "mapi": "lease", "script": [
            "MAPIInitialize",
            { "CreateProfile": { "profile": "P" } },
            { "MAPILogonEx": { "profile": "P", "session": "s" } },
            { "DeleteProfile": { "profile": "P" } },
            { "OpenMsgStore": { "session": "s" } },
            { "Logoff": { "session": "s" } },
            { "Release": { "session": "s" } },
            "MAPIUninitialize",
        ] } },
        "schedule": [{ "run": "one.exe" }],
        "expect": {},
    })
    .to_string()
}

#[test]
fn it_costs_what_the_page_says() {
    let head = format!("| algorithm | {} | all | keys | handles and views |", CALLS.join(" | "));
    let rule = "|---".repeat(CALLS.len() + 4) + "|";
    let rows = Algorithm::ALL.map(cost).join("\n");
    let table = format!("{head}\n{rule}\n{rows}\n");
    assert!(file("docs/repair.md").contains(&table), "docs/repair.md lacks this table:\n\n{table}");
}
