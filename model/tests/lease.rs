//! The repair `lease`: on every scenario file, on what the fixes leave open, and its parts one by one.
//!
//! Contents
//! 1. every scenario file, every order, crashes at every step
//! 2. what the fixes leave open: names reused and shared, accounts mixed, rights missing, HKEY_CURRENT_USER
//!    moving
//! 3. cut off at every step, and finished by the next one
//! 4. each part left out, and found broken
//! 5. limits
//! 6. what it costs

mod short;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rule::Rule;
use mapisim_model::mapi::rules::{
    self, Algorithm, Build, Evidence, LEASE, LEASES, LeaseLock, LeaseProof, LeaseRoot, LeaseRules,
    LeaseWritten, Rules, SectionName,
};
use mapisim_model::os::process::ProcessId;
use mapisim_model::os::windows::HivesInUse;
use mapisim_model::outcome::{self, Outcome};
use mapisim_model::property::Property;
use mapisim_model::scenario::checked::HiveContent;
use mapisim_model::scenario::{self, Call, Scenario};
use mapisim_model::world::World;
use mapisim_sim::{Limits, Space, Verdict, explore};
use serde_json::{Value, json};
use short::{life, process, read, scenario, script_of};

const BUILD: Build = Build::All(Algorithm::Lease);

/// What breaks in some order, with so many crashes or fewer; `None`: nothing.
fn breaks(scenario: &Scenario, rules: Rules, crashes: usize) -> Option<Property> {
    let world = World::with_rules(scenario, rules);
    let limits = Limits { crashes_max: crashes, ..Limits::default() };
    let exploration = explore::explore(&mut Space::new(&world), &limits);
    match exploration.verdict {
        Verdict::Holds => None,
        Verdict::Broken(found) => Some(found.property),
        Verdict::RanOut => panic!("{} states were not enough", exploration.states),
    }
}

fn run(scenario: &Value, build: Build) -> Outcome {
    check(&read(scenario), build, &Bounds::default()).expect("the schedule can happen")
}

fn files() -> Vec<Scenario> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    let entries = |path: &std::path::Path| -> Vec<_> {
        let entries = std::fs::read_dir(path).expect("the scenarios are beside the model");
        entries.map(|entry| entry.expect("a folder can be listed").path()).collect()
    };
    let folders = entries(root.as_ref()).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<_> = folders.flat_map(|folder| entries(&folder)).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file).expect("a scenario is a file");
        let name = file.strip_prefix(root).expect("it lies in the folder").display().to_string();
        scenario::read(&name, &text).unwrap_or_else(|problems| panic!("{problems}"))
    };
    let runs = |scenario: &Scenario| !loses_its_hive(scenario) && !imports(scenario);
    files.iter().map(read).filter(runs).collect()
}

/// A hive that is unloaded by force takes its profiles along, whatever MAPI does (os C.2).
fn loses_its_hive(scenario: &Scenario) -> bool {
    let mut calls = scenario.threads().flat_map(|(_, thread)| &thread.script);
    scenario.windows.hives_in_use == HivesInUse::Unloaded
        && calls.any(|call| matches!(call.call, Call::UnloadUserProfile { .. }))
}

/// What a scenario imports is read by the command.
fn imports(scenario: &Scenario) -> bool {
    scenario.hives.iter().any(|hive| !matches!(hive.content, HiveContent::Profiles { .. }))
}

// ---- 1. every scenario file ------------------------------------------------------------------

/// What is left of a scenario without its story, its schedule and its products: many are alike then.
fn world_of(scenario: &Scenario) -> String {
    let mut world = serde_json::to_value(&scenario.file).expect("a scenario can be written");
    let members = world.as_object_mut().expect("a scenario is an object");
    members.retain(|name, _| ["machine", "accounts", "hives", "processes"].contains(&name.as_str()));
    for process in members["processes"].as_object_mut().expect("processes have names").values_mut() {
        process["mapi"] = Value::Null;
    }
    world.to_string()
}

/// Holds too, but takes as long as all others together twice; asked by its own schedule below.
const LARGE: &str = "open/orphan-mark-takes-the-next-of-its-name.json";

/// The scenarios of three processes take some seconds with crashes; here they have none.
#[test]
fn no_live_profile_is_lost_in_any_scenario_in_any_order_with_crashes_at_every_step() {
    let files = files();
    assert!(files.len() >= 19, "only {} scenarios were found", files.len());
    let mut worlds = BTreeSet::new();
    let asked = |scenario: &Scenario| scenario.name != LARGE && worlds.insert(world_of(scenario));
    for mut scenario in files.into_iter().filter(asked) {
        // Without its schedule what its calls must return means nothing.
        scenario.checks = vec![Property::LiveProfile, Property::NoDeadlock];
        let crashes = if scenario.processes.len() > 2 { 0 } else { 2 };
        assert_eq!(breaks(&scenario, LEASE, crashes), None, "{} with {crashes} crashes", scenario.name);
    }
}

#[test]
fn no_live_profile_is_lost_in_any_scenario_with_a_schedule_of_its_own() {
    for scenario in files().iter().filter(|scenario| scenario.schedule.is_some()) {
        let outcome = check(scenario, BUILD, &Bounds::default());
        // A schedule in steps was written for another version.
        let Ok(outcome) = outcome else { continue };
        // What its calls must return was written for the versions that it expects something of.
        let lost = outcome::Verdict::Broken(Property::LiveProfile);
        assert_ne!(outcome.verdict, lost, "{}", scenario.name);
    }
}

// ---- 2. what the fixes leave open ------------------------------------------------------------

fn whole() -> String {
    format!("init; {}; uninit", life("P", "s"))
}

fn two(windows: &str, one: &str, other: &str) -> Scenario {
    read(&scenario(windows, &[process(one), process(other)]))
}

/// One process of `svc` in which HKEY_CURRENT_USER becomes `backup`'s hive at any time, and one of `backup` that deletes.
/// Both hives have the profile.
fn moving() -> Scenario {
    let mut moving = scenario("2000", &[process("svc 0: idle"), process("backup 2: init; delete P; idle")]);
    moving["hives"] = json!({ "svc": { "profiles": ["P"] }, "backup": { "profiles": ["P"] } });
    moving["processes"]["a"] = json!({ "account": "svc", "session": 0, "mapi": "lease", "threads": {
        "main": script_of(
            "touch; token backup; be backup; init; logon P s; delete P; store s; logoff s; release s; uninit",
        ),
        "other": script_of("uncache"),
    } });
    read(&moving)
}

fn question(name: &str) -> Scenario {
    let whole = whole();
    let reused = |profile| format!("init; {}; {}; uninit", life(profile, "s"), life(profile, "t"));
    let as_another = |another: &str, then: &str| {
        format!(
            "touch; token {another}; be {another}; init; create P; logon P s; {then}delete P; store s; \
             logoff s; release s; uninit"
        )
    };
    match name {
        "a name reused" => {
            two("2000", &format!("svc 0: {}", reused("P")), &format!("svc 1: {}", reused("Q")))
        }
        "a name shared" => two("2000", &format!("svc 0: {whole}"), &format!("svc 1: {whole}")),
        "a name shared and reused" => {
            two("2000", &format!("svc 0: {}", reused("P")), &format!("svc 1: {whole}"))
        }
        "another account in one hive" => {
            two("xp", &format!("svc 0: {whole}"), &format!("svc 0: {}", as_another("backup", "")))
        }
        "another account for logon only" => {
            two("xp", &format!("svc 0: {whole}"), &format!("svc 2: {}", as_another("backup", "revert; ")))
        }
        "an administrator for logon only, on .DEFAULT" => two(
            "xp-sp2",
            &format!("LocalSystem 0: {whole}"),
            &format!("roamer 1: {}", as_another("svc", "revert; ")),
        ),
        "no right to make global objects" => {
            two("server-2003", &format!("user 1: {whole}"), &format!("user 2: {whole}"))
        }
        "no names across sessions needed" => {
            two("nt4", &format!("svc 0: {whole}"), &format!("svc 0: {whole}"))
        }
        "HKEY_CURRENT_USER moves" => moving(),
        _ => panic!("no such question: {name}"),
    }
}

const QUESTIONS: [&str; 9] = [
    "a name reused",
    "a name shared",
    "a name shared and reused",
    "another account in one hive",
    "another account for logon only",
    "an administrator for logon only, on .DEFAULT",
    "no right to make global objects",
    "no names across sessions needed",
    "HKEY_CURRENT_USER moves",
];

#[test]
fn no_live_profile_is_lost_where_the_fixes_leave_it_open() {
    for name in QUESTIONS {
        assert_eq!(breaks(&question(name), LEASE, 2), None, "{name}");
    }
}

/// Nothing stays that was to go, nothing marked is listed, nobody waits for ever, and names are free again.
#[test]
fn whatever_else_can_be_asked_holds_too() {
    for name in QUESTIONS {
        let mut scenario = question(name);
        scenario.checks = Property::CHECKABLE.to_vec();
        scenario.checks.retain(|property| *property != Property::CallResult);
        assert_eq!(breaks(&scenario, LEASE, 2), None, "{name}, with crashes");
    }
}

#[test]
fn most_of_these_questions_are_the_undoing_of_others() {
    let lost = |rules| {
        let lost = |name: &&&str| breaks(&question(name), rules, 0).is_some();
        QUESTIONS.iter().filter(lost).copied().collect::<Vec<_>>()
    };
    let original = lost(rules::ORIGINAL);
    assert_eq!(original.len(), 8, "all but NT 4.0 with its one namespace: {original:?}");
    let patched = lost(rules::PATCHED);
    let direct = ["another account in one hive", "another account for logon only"];
    assert!(direct.iter().all(|name| patched.contains(name)), "{patched:?}");
}

// ---- 3. cut off at every step ----------------------------------------------------------------

/// A process is killed at each step of its life in turn. The next one finishes what it finds: it can make the
/// profile anew, use it, and no mark and no lease is left in the end.
#[test]
fn whatever_was_cut_off_at_any_step_is_finished_by_the_next_one() {
    let next = "svc 1: init; delete P; table; create P!; logon P t!; delete P!; store t!; logoff t!; release t!; idle";
    let mut cut_off = scenario("2000", &[process(&format!("svc 0: {}", whole())), process(next)]);
    cut_off["faults"] = json!({ "crashes": 1 });
    for steps in 1.. {
        cut_off["schedule"] = json!([{ "run": "a", "steps": steps }, { "crash": "a" }, { "run": "b" }]);
        let Ok(outcome) = check(&read(&cut_off), BUILD, &Bounds::default()) else {
            assert!(steps > 80, "its life is longer than {steps} steps");
            return;
        };
        assert_eq!(outcome.verdict, outcome::Verdict::Holds, "killed after {steps} steps");
        let run = outcome.run.expect("a schedule is told");
        let os = &run.steps.last().expect("steps were taken").after;
        let hive = os.hive_path("svc");
        let below = |key: &str| {
            let path = format!(r"{hive}\{}\{key}", mapisim_model::mapi::names::SUBSYSTEM);
            os.subkeys(&path).unwrap_or_default().len()
        };
        let left = (below(r"Profiles\Deleted Profiles"), below("Leases"), below(r"Profiles\P"));
        assert_eq!(left, (0, 0, 0), "killed after {steps} steps: marks, leases, sections");
    }
}

// ---- 4. each part left out -------------------------------------------------------------------

fn without(change: impl FnOnce(&mut LeaseRules)) -> Rules {
    let mut parts = LEASES;
    change(&mut parts);
    Rules { evidence: Evidence::Leases(parts), ..LEASE }
}

#[test]
fn each_part_that_is_left_out_is_missed() {
    // With announcements in their place, names across sessions are not needed: NT 4.0 has none.
    let plain_names = Rules { section: SectionName::Session, ..LEASE };
    assert_eq!(breaks(&question("a name shared"), plain_names, 0), None, "announced instead");
    let unannounced = Rules { without: Some(Rule::DeletionIsAnnounced), ..plain_names };
    let cases = [
        ("the lock", "a name shared", without(|parts| parts.lock = LeaseLock::Unlocked)),
        ("the lease under it", "a name shared", without(|parts| parts.written = LeaseWritten::AfterUnlock)),
        (
            "refusal as a proof of life",
            "another account in one hive",
            without(|parts| parts.proof = LeaseProof::MutexOpened),
        ),
        ("names across sessions", "a name shared", unannounced),
        ("one hive a call", "HKEY_CURRENT_USER moves", without(|parts| parts.root = LeaseRoot::Named)),
    ];
    for (part, asked, rules) in cases {
        assert_eq!(breaks(&question(asked), LEASE, 0), None, "with {part}");
        assert_eq!(breaks(&question(asked), rules, 0), Some(Property::LiveProfile), "without {part}");
    }
}

/// Without liveness nothing that lives is lost, but the name of a profile whose session crashed never comes
/// back.
#[test]
fn a_lease_whose_holder_is_not_asked_for_lasts_for_ever() {
    let next = "svc 1: init; create P!; idle";
    let mut crashed = scenario("2000", &[process(&format!("svc 0: {}", whole())), process(next)]);
    crashed["faults"] = json!({ "crashes": 1 });
    crashed["schedule"] =
        json!([{ "run": "a", "through": "OpenMsgStore" }, { "crash": "a" }, { "run": "b" }]);
    assert_eq!(run(&crashed, BUILD).verdict, outcome::Verdict::Holds);
    let scenario = read(&crashed);
    let world = World::with_rules(&scenario, without(|parts| parts.proof = LeaseProof::KeyAlone));
    let schedule = scenario.schedule.as_ref().expect("just set");
    let trace = mapisim_sim::replay::replay(&mut Space::new(&world), schedule).expect("it can happen");
    assert_eq!(trace.broken.map(|(_, property)| property), Some(Property::CallResult));
}

// ---- 5. limits -------------------------------------------------------------------------------

#[test]
fn an_older_version_beside_it_neither_leaves_leases_nor_looks_for_them() {
    let mut mixed =
        scenario("2000", &[process(&format!("svc 0: {}", whole())), process("svc 1: init; uninit")]);
    mixed["processes"]["b"]["mapi"] = json!("outlook");
    let verdict = |mixed: &Value| run(mixed, Build::AsInstalled).verdict;
    assert_eq!(verdict(&mixed), outcome::Verdict::Broken(Property::LiveProfile));
    mixed["processes"]["b"]["mapi"] = json!("lease");
    assert_eq!(verdict(&mixed), outcome::Verdict::Holds);
}

/// What processes of two sessions share there is the registry and the numbers of processes, and that is enough.
#[test]
fn on_nt4_terminal_server_edition_sessions_share_no_names_and_yet_nothing_is_lost() {
    let whole = whole();
    let across = two("nt4-tse", &format!("svc 0: {whole}"), &format!("svc 1: {whole}"));
    assert_eq!(breaks(&across, LEASE, 2), None);
    let unannounced = Rules { without: Some(Rule::DeletionIsAnnounced), ..LEASE };
    assert_eq!(breaks(&across, unannounced, 0), Some(Property::LiveProfile), "a lock in each session");
    let within = two("nt4-tse", &format!("svc 1: {whole}"), &format!("svc 1: {whole}"));
    assert_eq!(breaks(&within, LEASE, 2), None);
}

#[test]
fn who_may_read_a_profile_but_not_write_beside_it_is_refused_a_session() {
    let reader = "roamer 1: init!; logon P s=MAPI_E_NO_ACCESS; idle";
    let mut read_only = scenario("xp", &[process(reader)]);
    read_only["hives"] = json!({ ".DEFAULT": { "profiles": ["P"] } });
    assert_eq!(run(&read_only, BUILD).verdict, outcome::Verdict::Holds);
    let patched = run(&read_only, Build::All(Algorithm::Patched));
    assert_eq!(patched.verdict, outcome::Verdict::Broken(Property::CallResult), "the others let it in");
}

// ---- 6. what it costs ------------------------------------------------------------------------

/// Steps a call, and what a process has open while its session is live: keys, and handles to objects.
fn cost(algorithm: Algorithm) -> String {
    let mut alone = scenario("2000", &[process(&format!("svc 0: {}", whole()))]);
    alone["schedule"] = json!([{ "run": "a" }]);
    let outcome = run(&alone, Build::All(algorithm));
    let run = outcome.run.expect("a schedule is told");
    let mut row = format!("{:9}", algorithm.id());
    let script = ["MAPIInitialize", "CreateProfile", "MAPILogonEx", "DeleteProfile", "Logoff", "Release"];
    for name in script {
        let of_call = |call: &mapisim_model::trace::CallInfo| call.name == name;
        let steps = run.steps.iter().filter(|step| step.call.as_ref().is_some_and(of_call)).count();
        write!(row, "{steps:4}").expect("a string can be written to");
    }
    let live = run.steps.iter().rfind(|step| !step.sessions.is_empty()).expect("a session was live");
    let keys = live.after.open_keys_of(ProcessId(0)).count();
    let holders: usize = live.after.all_objects().map(|object| live.after.holders(&object.id).len()).sum();
    write!(row, " | {keys:2}{holders:3}").expect("a string can be written to");
    row
}

#[test]
fn the_cost_is_a_few_steps_a_call_and_a_handle_or_two_a_session() {
    let table = [Algorithm::Original, Algorithm::Patched, Algorithm::Lease].map(cost).join("\n");
    //         initialize, create, logon, delete, logoff, release | keys, handles and views
    let expected = "\
original    9  13   8   9   5  21 |  3  3
patched    10  13   8  10   5  23 |  3  3
lease       9  20  10  14   3  23 |  4  2";
    assert_eq!(table, expected, "\n{table}");
}
