//! Does `mapisim diagnose` find what the stories say, and nothing that they refute?
//!
//! - the article's symptom: bug 1 and bug 2, by the ingredients that each needs; neither with both fixes
//! - comments 11 to 14: what makes the second CreateProfile of one process fail, and what does not
//! - comment 9: the two families of leak, told apart by what is counted
//! - what it saves can be shown; what it prints does not depend on how many run at once

use mapisim_tests::command::{Ran, mapisim};
use serde_json::Value;

fn diagnose(arguments: &str) -> Ran {
    mapisim(&[&["diagnose"], &arguments.split(' ').collect::<Vec<_>>()[..]].concat())
}

/// The diagnosis as JSON: its stories, and what was ruled out.
fn stories(arguments: &str) -> (Vec<Value>, Vec<String>) {
    let ran = diagnose(&format!("{arguments} --format json"));
    let json: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err));
    let stories = json["stories"].as_array().expect("stories").clone();
    assert_eq!(ran.status.code(), u8::from(stories.is_empty()), "{}", ran.out);
    let ruled = json["ruled_out"].as_array().expect("a list");
    (stories, ruled.iter().map(|one| one.as_str().expect("text").to_owned()).collect())
}

fn ingredients(story: &Value) -> Vec<&str> {
    story["ingredients"].as_array().expect("a list").iter().map(|one| one.as_str().expect("text")).collect()
}

fn products(story: &Value) -> Vec<&str> {
    story["products"].as_array().expect("a list").iter().map(|pair| pair[0].as_str().expect("text")).collect()
}

const SYMPTOM: &str = "--call OpenMsgStore --error MAPI_E_CALL_FAILED";
const SWEEPS: &str = "another process initialises MAPI";

#[test]
fn the_articles_symptom_is_bug_1_and_bug_2() {
    let (found, _) = stories(SYMPTOM);
    let with = |wanted: &[&str]| {
        let story = found.iter().find(|story| ingredients(story) == wanted);
        products(story.unwrap_or_else(|| panic!("nothing with {wanted:?} in {found:#?}")))
    };
    let bug_1 = with(&[SWEEPS, "that process impersonates another account"]);
    assert_eq!(bug_1, ["exchange-5.5"], "fix 1 closes it");
    let bug_2 = with(&[SWEEPS, "that process is in another session"]);
    assert_eq!(bug_2, ["exchange-2003-rtm", "exchange-5.5"], "fix 1 does not help, fix 2 does");
}

#[test]
fn stories_are_told_in_ways_that_differ_where_the_products_allow_it_each_with_its_product() {
    let (found, _) = stories(SYMPTOM);
    let explained = |wanted: &str| {
        let story = found.iter().find(|story| ingredients(story)[0] == wanted).expect("it is there");
        story["explanation"].as_str().expect("text")
    };
    assert!(explained(SWEEPS).contains("in the sweep of its MAPIInitialize"), "{found:#?}");
    assert!(explained("another process deletes the profile").contains("in its DeleteProfile"), "{found:#?}");
    let told = diagnose(SYMPTOM).out;
    assert!(told.contains("Each of these 2 is needed"), "{told}");
    assert!(told.contains("   With exchange-"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
}

#[test]
fn with_both_fixes_a_sweep_is_not_the_story() {
    let (found, _) = stories(&format!("{SYMPTOM} --mapi32 5.5.2657.50"));
    let assumed = |story: &Value| ingredients(story).iter().any(|one| one.starts_with("assumption"));
    let sweep = found.iter().filter(|story| ingredients(story).contains(&SWEEPS) && !assumed(story));
    assert_eq!(sweep.count(), 0, "{found:#?}");
}

#[test]
fn the_second_create_profile_of_one_process_fails_by_a_mark_that_is_written_elsewhere_and_not_by_a_leak() {
    let (found, ruled) =
        stories("--call CreateProfile --error MAPI_E_NO_ACCESS --processes 1 --product exchange-2003-rtm");
    let plain = found.iter().find(|story| {
        ingredients(story).contains(&"assumption mark-identity = process")
            && !ingredients(story).contains(&"a session is never released")
    });
    let plain = plain.unwrap_or_else(|| panic!("no identity of the mark in {found:#?}"));
    assert!(ingredients(plain).contains(&"the process impersonates"), "{plain:#}");
    assert!(ruled.iter().any(|one| one.contains("a session is never released")), "{ruled:?}");
    assert!(
        ruled.iter().any(|one| one == "all is done twice in one process; the process impersonates"),
        "{ruled:?}"
    );
}

#[test]
fn the_two_families_of_leak_are_told_apart_by_what_is_counted() {
    let (found, _) = stories("--mark-left");
    let counts: Vec<&str> = found
        .iter()
        .flat_map(|story| story["checks"].as_array().expect("a list"))
        .filter(|check| check["question"] == "sections and what they count")
        .map(|check| check["answer"].as_str().expect("text"))
        .collect();
    assert!(counts.iter().any(|counts| counts.ends_with(": 1")), "a count that stays: {counts:?}");
    assert!(counts.iter().any(|counts| !counts.contains(": 1")), "a mark that nobody sweeps: {counts:?}");
}

#[test]
fn what_is_saved_can_be_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("text");
    let ran = diagnose(&format!(
        "{SYMPTOM} --product exchange-5.5 --processes 2 --session different --save {path}"
    ));
    assert_eq!(ran.status.code(), 0, "{}{}", ran.out, ran.err);
    let saved = std::fs::read_dir(path).expect("it was made").count();
    assert!(saved > 0, "nothing was saved");
    assert_eq!(mapisim(&["run", path]).status.code(), 0, "each is as it expects");
}

#[test]
fn it_prints_the_same_however_many_run_at_once() {
    let asked = format!("{SYMPTOM} --product exchange-5.5 --processes 2");
    assert_eq!(diagnose(&format!("{asked} --jobs 1")), diagnose(&format!("{asked} --jobs 3")));
}

#[test]
fn what_no_world_shows_is_said_with_how_many_were_tried() {
    let ran = diagnose("--call Logoff --error MAPI_E_NO_SUPPORT --processes 1 --product outlook");
    assert_eq!(ran.status.code(), 1);
    assert!(ran.out.contains("0 stories, of "), "{}", ran.out);
}
