//! Questions to shrinking: is the result the story, is it least, and does it stay as it is?

use super::*;
use crate::scenario::call::Call;

fn shipped(file: &str) -> ScenarioFile {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios").join(file);
    let text = std::fs::read_to_string(path).expect("the scenario is there");
    read(file, &text).unwrap_or_else(|problems| panic!("{problems}")).file
}

fn shrunk(file: &ScenarioFile, build: &str) -> Shrunk {
    let build = Build::from_id(build).expect("there is such a build");
    shrink(file, build, &Effort::default(), &from_text).expect("it breaks")
}

/// The scripts of a file, each call by its name.
fn names(file: &ScenarioFile) -> Vec<Vec<&'static str>> {
    let name = |item: &Item| match item {
        Item::Call { call, .. } => call.name(),
        Item::Repeat(_) => "repeat",
    };
    let all = file.processes.iter().flat_map(|(_, process)| scripts(process));
    all.map(|script| script.iter().map(name).collect()).collect()
}

const VICTIM: [&str; 4] = ["MAPIInitialize", "CreateProfile", "MAPILogonEx", "DeleteProfile"];

#[test]
fn the_articles_bugs_shrink_to_two_processes_and_no_call_that_is_not_needed() {
    let bug_1 = shrunk(&shipped("article/bug-1.json"), "original");
    let impersonates = ["TouchHKCU", "LogonUser", "ImpersonateLoggedOnUser", "MAPIInitialize"];
    assert_eq!(names(&bug_1.file), [VICTIM, impersonates]);
    let bug_2 = shrunk(&shipped("article/bug-2.json"), "original");
    assert_eq!(names(&bug_2.file), [VICTIM.to_vec(), vec!["MAPIInitialize"]]);
    assert!(bug_2.outcome.exhaustive && !bug_2.cut, "a least one, of every order");
    let sessions: Vec<u32> = bug_2.file.processes.iter().map(|(_, process)| process.session).collect();
    assert_eq!(sessions, [0, 1]);
}

#[test]
fn a_third_process_a_crash_and_other_accounts_go() {
    let shrunk = shrunk(&shipped("article/customer-machine.json"), "as-installed");
    assert_eq!(shrunk.after.processes, 2, "{}", shrunk.file.to_text());
    assert!(shrunk.after.calls <= 8, "{}", shrunk.file.to_text());
}

#[test]
fn no_single_change_keeps_the_signature_and_shrinking_again_changes_nothing() {
    for (file, build) in [
        ("article/bug-1.json", "original"),
        ("article/bug-2.json", "original"),
        ("open/release-across-sessions.json", "original"),
        ("mixed/old-mark-new-service.json", "as-installed"),
    ] {
        let once = shrunk(&shipped(file), build);
        let twice = shrunk(&once.file, build);
        assert_eq!(once.file.to_text(), twice.file.to_text(), "{file}");
        assert_eq!(once.signature, twice.signature);
        let (effort, build) = (Effort::default(), Build::from_id(build).expect("there is such a build"));
        let looker = Looker { build, effort: &effort, files: &from_text };
        let free = ScenarioFile { schedule: None, expect: Ordered::default(), ..once.file.clone() };
        for smaller in passes::all(&free) {
            assert!(looker.shows(&smaller, &once.signature).is_none(), "{file}: {}", smaller.to_text());
        }
    }
}

#[test]
fn the_written_file_replays_to_the_same_signature() {
    let shrunk = shrunk(&shipped("article/bug-2.json"), "original");
    let scenario = from_text(&shrunk.file).expect("it can be read");
    let again = check(&scenario, shrunk.outcome.build, &Bounds::default()).expect("it can happen");
    assert!(again.as_expected());
    assert_eq!(signature(&again), Some(&shrunk.signature));
}

#[test]
fn when_attempts_run_out_the_best_so_far_is_given_and_what_holds_is_not_shrunk() {
    let file = shipped("article/bug-2.json");
    let build = Build::from_id("original").expect("there is such a build");
    let little = Effort { attempts_max: 3, ..Effort::default() };
    let cut = shrink(&file, build, &little, &from_text).expect("it breaks");
    assert!(cut.cut && cut.attempts <= 3 && cut.after <= cut.before);
    let patched = Build::from_id("patched").expect("there is such a build");
    assert_eq!(shrink(&file, patched, &little, &from_text), None);
}

#[test]
fn what_is_too_large_to_search_is_shrunk_by_drawn_runs() {
    let file = shipped("article/bug-2-every-order.json");
    let build = Build::from_id("original").expect("there is such a build");
    let blind = Effort { states_max: 10, ..Effort::default() };
    let shrunk = shrink(&file, build, &blind, &from_text).expect("drawn runs find it");
    assert_eq!(names(&shrunk.file), [VICTIM.to_vec(), vec!["MAPIInitialize"]]);
    let script = shrunk.file.processes.0[0].1.script.as_ref().expect("it has one");
    assert!(matches!(&script[0], Item::Call { call: Call::MAPIInitialize {}, must: None }));
}
