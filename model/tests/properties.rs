//! Every property: broken by a scenario, held by a benign one, explained, and shown to catch a planted mistake.

use mapisim_model::check::{Bounds, check};
use mapisim_model::finding::{Finding, PointKind};
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::os::syscall::Syscall;
use mapisim_model::outcome::{Outcome, Vacuity, Verdict};
use mapisim_model::property::Property;
use mapisim_model::scenario::{self, Scenario};

/// A scenario of the folder, as text.
fn text(name: &str) -> String {
    let path = format!("{}/../scenarios/properties/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read(text: &str) -> Scenario {
    scenario::read("a scenario", text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn outcome(scenario: &Scenario, build: Build) -> Outcome {
    check(scenario, build, &Bounds::default()).expect("its schedule can happen")
}

fn with(text: &str, from: &str, to: &str) -> Scenario {
    assert!(text.contains(from), "the scenario has {from}");
    read(&text.replace(from, to))
}

fn finding(outcome: &Outcome) -> &Finding {
    outcome.finding.as_ref().expect("what is broken is explained")
}

const PATCHED: Build = Build::All(Algorithm::Patched);
const ORIGINAL: Build = Build::All(Algorithm::Original);

#[test]
fn every_scenario_of_the_properties_comes_out_as_it_expects() {
    for name in [
        "live-profile",
        "usable-session",
        "no-orphan",
        "no-orphan-after-a-crash",
        "no-orphan-name-used-again",
        "hidden-when-deleted",
        "name-reusable",
        "no-deadlock",
        "call-result",
        "all-hold",
    ] {
        let scenario = read(&text(name));
        for expectation in &scenario.expect {
            let outcome = outcome(&scenario, expectation.build);
            assert!(outcome.as_expected(), "{name} with {}: {outcome:?}", expectation.build.id());
            assert!(outcome.exhaustive, "{name} has no schedule");
        }
    }
}

#[test]
fn every_property_is_broken_and_held_by_some_scenario() {
    let mut broken = Vec::new();
    let mut held = Vec::new();
    for name in [
        "live-profile",
        "usable-session",
        "no-orphan",
        "hidden-when-deleted",
        "name-reusable",
        "no-deadlock",
        "call-result",
    ] {
        for expectation in &read(&text(name)).expect {
            match expectation.expect {
                scenario::Expect::Breaks(property) => broken.push(property),
                scenario::Expect::Holds => {}
            }
        }
    }
    held.extend(read(&text("all-hold")).checks);
    broken.sort_unstable();
    broken.dedup();
    assert_eq!((broken, held), (Property::ALL.to_vec(), Property::ALL.to_vec()));
}

// ---- no-deadlock -----------------------------------------------------------------------------

#[test]
fn a_lock_that_is_never_given_back_is_explained_by_who_closed_its_handle() {
    let outcome = outcome(&read(&text("no-deadlock")), PATCHED);
    let (run, finding) = (outcome.run.as_ref().expect("a counterexample"), finding(&outcome));
    assert_eq!(finding.property, Property::NoDeadlock);
    let steps: Vec<&str> =
        finding.points.iter().filter_map(|point| Some(run.actor_name(run.step(point.step?)))).collect();
    assert_eq!(steps, ["events.exe/main", "events.exe/worker"], "who closed it, and who needed it");
    assert_eq!(finding.signature.to_string(), "fp1:no-deadlock/wait/mutex/held-by-nobody");
}

// ---- live-profile and usable-session ---------------------------------------------------------

#[test]
fn a_session_becomes_unusable_by_the_step_that_took_its_profile_and_shows_it_by_a_later_one() {
    let outcome = outcome(&read(&text("usable-session")), ORIGINAL);
    let (run, finding) = (outcome.run.as_ref().expect("a counterexample"), finding(&outcome));
    assert_eq!(finding.property, Property::UsableSession);
    let cause = run.step(finding.cause);
    assert!(matches!(cause.syscall, Some(Syscall::RegDeleteKey { .. })), "{cause:?}");
    assert_eq!(run.actor_name(cause), "outlook.exe");
    let symptom = run.step(finding.symptom.expect("it is noticed"));
    assert_eq!(symptom.call.as_ref().map(|call| call.name.as_str()), Some("OpenMsgStore"));
    assert_eq!(symptom.number, outcome.steps, "it is broken when the call returns");
}

#[test]
fn a_profile_lost_after_the_last_call_on_its_session_leaves_it_usable() {
    let text = text("usable-session");
    let unread = text.replace("        { \"OpenMsgStore\": { \"session\": \"s\" } },\n", "");
    assert_ne!(text, unread);
    assert_eq!(outcome(&read(&unread), ORIGINAL).verdict, Verdict::Holds);
    let live = unread.replace("usable-session", "live-profile");
    assert_eq!(outcome(&read(&live), ORIGINAL).verdict, Verdict::Broken(Property::LiveProfile));
}

#[test]
fn of_two_sessions_the_explanation_is_about_the_one_whose_call_failed() {
    let text = text("usable-session");
    let both = text.replace(
        "        { \"OpenMsgStore\": { \"session\": \"s\" } },\n",
        "        { \"MAPILogonEx\": { \"profile\": \"EventSvc\", \"session\": \"t\" } },\n        { \"OpenMsgStore\": { \"session\": \"t\" } },\n",
    );
    let outcome = outcome(&read(&both), ORIGINAL);
    assert_eq!(outcome.verdict, Verdict::Broken(Property::UsableSession));
    let finding = finding(&outcome);
    assert!(finding.summary.contains("session \"t\""), "{}", finding.summary);
}

#[test]
fn a_profile_deleted_while_somebody_logs_on_is_blamed_on_who_deleted_it() {
    // Planted: the count rises only after the lock was given back (mapi 4.8).
    let text = text("live-profile").replace(
        "\"session\": 2,\n      \"mapi\": \"outlook\",\n      \"script\": [\n        \"MAPIInitialize\",",
        "\"session\": 2,\n      \"mapi\": \"outlook\",\n      \"script\": [\n        \"MAPIInitialize\", { \"DeleteProfile\": { \"profile\": \"EventSvc\" } },",
    );
    assert!(text.contains("\"MAPIInitialize\", { \"DeleteProfile\""));
    assert_eq!(
        outcome(&read(&text), PATCHED).verdict,
        Verdict::Holds,
        "one section, and the count rises in time"
    );
    let planted = with(
        &text,
        r#""checks": ["live-profile"],"#,
        r#""checks": ["live-profile"], "assumptions": { "logon-count": "last" },"#,
    );
    let outcome = outcome(&planted, PATCHED);
    assert_eq!(outcome.verdict, Verdict::Broken(Property::LiveProfile));
    let run = outcome.run.as_ref().expect("a counterexample");
    let finding = finding(&outcome);
    let cause = run.step(finding.cause);
    assert!(matches!(cause.syscall, Some(Syscall::RegDeleteKey { .. })), "{cause:?}");
    assert_eq!(run.actor_name(cause), "outlook.exe");
    assert!(finding.cause < outcome.steps, "the session became live only later");
}

// ---- no-orphan -------------------------------------------------------------------------------

#[test]
fn an_orphan_is_explained_by_its_mark_and_by_where_everybody_looks() {
    let outcome = outcome(&read(&text("no-orphan")), PATCHED);
    let (run, finding) = (outcome.run.as_ref().expect("a counterexample"), finding(&outcome));
    let cause = run.step(finding.cause);
    assert_eq!(cause.inside, ["mark"]);
    assert!(cause.object.as_deref().is_some_and(|path| path.ends_with(r"Deleted Profiles14d420e2\EventSvc")));
    let looked: Vec<&str> = finding
        .points
        .iter()
        .filter(|point| point.kind == PointKind::LookedAt)
        .map(|point| point.text.as_str())
        .collect();
    assert_eq!(looked.len(), 2, "one fresh process for each account: {looked:?}");
    assert!(
        looked[0].contains("LocalSystem") && looked[0].contains("Deleted Profiles130e45a4"),
        "{looked:?}"
    );
    assert!(looked[1].contains("admin") && looked[1].contains("-500"), "{looked:?}");
    assert!(finding.summary.contains("No fresh process looks for marks in that key"), "{}", finding.summary);
}

#[test]
fn a_count_that_a_crash_left_in_a_section_that_lives_keeps_its_profile_for_ever() {
    // Another process of the account idles, so the section outlives the crash (mapi 4.14).
    let text = text("no-orphan-after-a-crash");
    let idler = "  \"processes\": {\n    \"idler.exe\": { \"account\": \"svc\", \"mapi\": \"exchange-5.5\", \"script\": [\"MAPIInitialize\", \"Idle\"] },";
    let text = text.replace("  \"processes\": {", idler);
    let scenario = with(&text, r#""crashes": 1"#, r#""crashes": 1, "crash": ["events.exe"]"#);
    let outcome = outcome(&scenario, PATCHED);
    assert_eq!(outcome.verdict, Verdict::Broken(Property::NoOrphan));
    let finding = finding(&outcome);
    assert!(finding.summary.contains("reads a count of 1"), "{}", finding.summary);
    let because = |text: &str| {
        finding.points.iter().any(|point| {
            point.kind == PointKind::Because && point.step.is_some() && point.text.contains(text)
        })
    };
    assert!(because("events.exe was killed") && because("raised the count"), "{:?}", finding.points);
}

#[test]
fn a_sweep_that_removes_the_mark_first_is_caught_by_a_crash() {
    // Planted (mapi 4.7): a partly deleted profile is left that nothing marks.
    let text = text("no-orphan-after-a-crash");
    let sweeper = "  \"processes\": {\n    \"outlook.exe\": { \"account\": \"svc\", \"mapi\": \"outlook\", \"script\": [\"MAPIInitialize\", \"MAPIUninitialize\"] },";
    let text = text.replace("  \"processes\": {", sweeper).replace(r#""crashes": 1"#, r#""crashes": 2"#);
    let careful = outcome(&read(&text), ORIGINAL);
    assert_eq!(careful.verdict, Verdict::Holds, "the profile goes first");
    let planted = with(
        &text,
        r#""checks": ["no-orphan"],"#,
        r#""checks": ["no-orphan"], "assumptions": { "sweep-order": "mark-first" },"#,
    );
    let planted = outcome(&planted, ORIGINAL);
    assert_eq!(planted.verdict, Verdict::Broken(Property::NoOrphan));
    let finding = finding(&planted);
    assert!(finding.summary.contains("no mark asks anybody"), "{}", finding.summary);
    let run = planted.run.as_ref().expect("a counterexample");
    assert!(matches!(run.step(finding.cause).syscall, Some(Syscall::RegDeleteKey { .. })));
}

#[test]
fn a_marked_profile_whose_session_idles_is_no_orphan() {
    let text = text("no-orphan").replace("\"ExitProcess\"", "\"Idle\"");
    assert_eq!(outcome(&read(&text), PATCHED).verdict, Verdict::Holds);
}

#[test]
fn what_is_left_behind_is_found_by_a_scheduled_run_too() {
    let scenario = with(
        &text("no-orphan"),
        r#""checks": ["no-orphan"],"#,
        r#""checks": ["no-orphan"], "schedule": [{ "run": "backup.exe" }],"#,
    );
    let outcome = outcome(&scenario, PATCHED);
    assert_eq!((outcome.verdict, outcome.exhaustive), (Verdict::Broken(Property::NoOrphan), false));
}

// ---- hidden-when-deleted ---------------------------------------------------------------------

#[test]
fn a_table_that_lists_the_deleted_is_explained_by_the_mark_and_by_where_the_lister_looked() {
    let outcome = outcome(&read(&text("hidden-when-deleted")), Build::AsInstalled);
    let (run, finding) = (outcome.run.as_ref().expect("a counterexample"), finding(&outcome));
    let cause = run.step(finding.cause);
    assert_eq!((run.actor_name(cause), cause.inside.as_slice()), ("events.exe", ["mark"].as_slice()));
    let symptom = run.step(finding.symptom.expect("the table is the symptom"));
    let call = symptom.call.as_ref().expect("a call");
    assert_eq!((call.name.as_str(), call.returned.is_some()), ("GetProfileTable", true));
    let looked = finding.points.iter().find(|point| point.kind == PointKind::LookedAt).expect("it looked");
    assert!(looked.text.ends_with(r"Profiles\Deleted Profiles, which is not there"), "{}", looked.text);
}

#[test]
fn a_table_that_was_right_when_it_was_listed_stays_right() {
    let text = text("hidden-when-deleted");
    let schedule = |turns: &str| {
        let to = format!(r#""checks": ["hidden-when-deleted"], "schedule": [{turns}],"#);
        outcome(&with(&text, r#""checks": ["hidden-when-deleted"],"#, &to), Build::AsInstalled).verdict
    };
    let listed_first = r#"{ "run": "events.exe", "through": "CreateProfile" },
        { "run": "outlook.exe", "through": "GetProfileTable" }, { "run": "events.exe" }"#;
    assert_eq!(schedule(listed_first), Verdict::Holds, "it is marked only after the table was listed");
    let marked_first = r#"{ "run": "events.exe" }, { "run": "outlook.exe" }"#;
    assert_eq!(schedule(marked_first), Verdict::Broken(Property::HiddenWhenDeleted));
}

// ---- name-reusable ---------------------------------------------------------------------------

#[test]
fn a_name_refused_is_explained_by_the_release_that_looked_elsewhere() {
    let outcome = outcome(&read(&text("name-reusable")), PATCHED);
    let (run, finding) = (outcome.run.as_ref().expect("a counterexample"), finding(&outcome));
    assert_eq!(run.step(finding.cause).call.as_ref().map(|call| call.name.as_str()), Some("Release"));
    let symptom = run.step(finding.symptom.expect("the refusal is the symptom"));
    assert_eq!(symptom.call.as_ref().map(|call| call.name.as_str()), Some("CreateProfile"));
    let kinds: Vec<PointKind> = finding.points.iter().map(|point| point.kind).collect();
    assert_eq!(kinds, [PointKind::Prompted, PointKind::LookedAt]);
}

#[test]
fn a_name_may_be_refused_as_long_as_a_session_is_not_released() {
    let text = text("name-reusable");
    let kept = text.replace("        { \"Release\": { \"session\": \"s\" } },\n", "");
    assert_ne!(kept, text);
    assert_eq!(outcome(&read(&kept), PATCHED).verdict, Verdict::Holds);
    let careful = text.replace(r#""assumptions": { "release-identity": "process" },"#, "");
    assert_eq!(outcome(&read(&careful), PATCHED).verdict, Verdict::Holds, "without the planted mistake");
}

// ---- vacuity ---------------------------------------------------------------------------------

#[test]
fn a_scenario_that_holds_without_meeting_the_danger_says_which() {
    let text = text("live-profile");
    let holds = outcome(&read(&text), PATCHED);
    assert_eq!(
        (holds.verdict, holds.vacuous),
        (Verdict::Holds, None),
        "a sweep met a live session, and its mark"
    );
    assert_eq!(outcome(&read(&text), ORIGINAL).vacuous, None, "what breaks is not empty");

    let unmarked = text.replace("        { \"DeleteProfile\": { \"profile\": \"EventSvc\" } },\n", "");
    assert_ne!(unmarked, text);
    assert_eq!(outcome(&read(&unmarked), PATCHED).vacuous, Some(Vacuity::NoMark));

    let sessionless = unmarked.replace("        { \"MAPILogonEx\": { \"profile\": \"EventSvc\", \"session\": \"s\" } },\n        { \"OpenMsgStore\": { \"session\": \"s\" } },\n        { \"Logoff\": { \"session\": \"s\" } },\n        { \"Release\": { \"session\": \"s\" } },\n", "");
    assert_ne!(sessionless, unmarked);
    let sessionless = outcome(&read(&sessionless), PATCHED);
    assert_eq!(sessionless.vacuous.map(Vacuity::text), Some("no session was live at a sweep"));
}

#[test]
fn a_schedule_that_keeps_the_processes_apart_is_vacuous_and_one_process_or_named_probes_never_are() {
    let text = text("live-profile");
    let apart =
        r#""checks": ["live-profile"], "schedule": [{ "run": "outlook.exe" }, { "run": "events.exe" }],"#;
    let apart = text.replace(r#""checks": ["live-profile"],"#, apart);
    assert_eq!(outcome(&read(&apart), ORIGINAL).vacuous, Some(Vacuity::NoLiveSession));
    let named = apart.replace(
        r#""checks": ["live-profile"],"#,
        r#""checks": ["live-profile"], "must_reach": ["mark-written"],"#,
    );
    assert_eq!(outcome(&read(&named), ORIGINAL).vacuous, None, "it is judged by what it names");
    let one = read(&self::text("no-orphan").replace("no-orphan", "live-profile"));
    assert_eq!(outcome(&one, ORIGINAL).vacuous, None);
}
