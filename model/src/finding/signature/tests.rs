//! Questions to signatures: what leaves one as it is, and what makes another.

use super::*;
use crate::check::{Bounds, check};
use crate::finding::Finding;
use crate::mapi::rules::Build;
use crate::scenario;

/// A shipped scenario's file.
fn text(file: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios").join(file);
    std::fs::read_to_string(path).expect("the scenario is there")
}

fn finding(name: &str, text: &str, build: &str) -> Finding {
    let scenario = scenario::read(name, text).unwrap_or_else(|problems| panic!("{problems}"));
    let build = Build::from_id(build).expect("there is such a build");
    let outcome = check(&scenario, build, &Bounds::default()).unwrap_or_else(|diverged| panic!("{diverged}"));
    outcome.finding.unwrap_or_else(|| panic!("{name} is not broken"))
}

fn signature(file: &str, build: &str) -> String {
    finding(file, &text(file), build).signature.to_string()
}

const BUG_1: &str = "fp1:live-profile/sweep/profile-key/sections-split-by-account";
const BUG_2: &str = "fp1:live-profile/sweep/profile-key/sections-split-by-session";

#[test]
fn the_same_bug_of_several_scenarios_has_one_signature_and_two_bugs_have_two() {
    for (file, build, expected) in [
        ("article/bug-1.json", "original", BUG_1),
        ("article/bug-1-every-order.json", "original", BUG_1),
        ("kb/817375.json", "original", BUG_1),
        ("article/bug-2.json", "original", BUG_2),
        ("article/bug-2.json", "sid-suffix", BUG_2),
        ("article/bug-2-every-order.json", "original", BUG_2),
        ("kb/818861-every-order.json", "original", BUG_2),
        ("comments/03-twice-over-terminal-services.json", "as-installed", BUG_2),
    ] {
        assert_eq!(signature(file, build), expected, "{file} {build}");
    }
}

#[test]
fn each_reason_has_a_word() {
    for (file, build, expected) in [
        (
            "open/crc-collision-two-domains.json",
            "patched",
            "sweep/profile-key/sections-split-by-account+one-mark-key-for-two-accounts",
        ),
        (
            "open/direct-delete-across-sessions.json",
            "original",
            "delete/profile-key/sections-split-by-session",
        ),
        ("open/release-across-sessions.json", "original", "release/profile-key/sections-split-by-session"),
        (
            "open/direct-delete-across-accounts.json",
            "patched",
            "delete/profile-key/sections-split-by-account",
        ),
        (
            "vista/two-programs-of-one-session.json",
            "patched-2008",
            "sweep/profile-key/sections-split-by-privilege",
        ),
        ("mixed/old-mark-new-service.json", "as-installed", "sweep/profile-key/sections-split-by-version"),
        ("windows/hive-unloaded-vista.json", "original", "unload/hive/hive-unloaded"),
        ("open/profile-called-deleted-profiles.json", "original", "sweep/mark/named-as-the-mark-key"),
    ] {
        let signature = signature(file, build);
        let (_, rest) = signature.split_once('/').expect("it has parts");
        assert_eq!(rest, expected, "{file} {build}");
    }
}

#[test]
fn renaming_everything_leaves_it() {
    let file = "article/bug-2.json";
    let renamed = text(file)
        .replace("EventSvc", "Another Name")
        .replace("events.exe", "victim.exe")
        .replace("outlook.exe", "b.exe")
        .replace("svc", "who")
        .replace("S-1-5-21-1004336348-1177238915-682003330-1105", "S-1-5-21-1-2-3-4567")
        .replace("\"session\": 2", "\"session\": 5");
    let other = finding(file, &renamed, "original");
    assert!(other.summary.contains("b.exe"), "it was renamed: {}", other.summary);
    assert_eq!(other.signature.to_string(), BUG_2);
}

#[test]
fn independent_steps_in_another_order_leave_it() {
    let file = "article/bug-2.json";
    let mut value: serde_json::Value = serde_json::from_str(&text(file)).expect("it is JSON");
    let mut numbers = BTreeSet::new();
    for schedule in [
        "events.exe through DeleteProfile,outlook.exe,events.exe",
        "events.exe through CreateProfile,outlook.exe:2,events.exe through DeleteProfile,outlook.exe,events.exe",
        "events.exe through OpenMsgStore,outlook.exe,events.exe",
    ] {
        value["schedule"] = serde_json::json!(schedule);
        let finding = finding(file, &value.to_string(), "original");
        numbers.insert(finding.summary);
        assert_eq!(finding.signature.to_string(), BUG_2, "{schedule}");
    }
    assert!(numbers.len() > 1, "the runs do differ");
}

#[test]
fn every_signature_reads_back_and_nothing_else_is_read() {
    let mut all = 0;
    for own in [false, true] {
        let calls = SPELLINGS.iter().map(|spelling| Deed::Call(spelling.name));
        for deed in Deed::WORDS.iter().map(|(deed, _)| *deed).chain(calls) {
            for (hit, _) in Hit::WORDS {
                for why in Why::WORDS.iter().map(|(why, _)| *why).chain([Why::Answered(1018)]) {
                    let property = Property::ALL[all % Property::ALL.len()];
                    let signature = Signature::new(property, (deed, own), *hit, [why, Why::NotLooked]);
                    assert_eq!(signature.to_string().parse(), Ok(signature));
                    all += 1;
                }
            }
        }
    }
    assert!(all > 1000, "{all}");
    for text in [
        "",
        "fp1:",
        "fp2:live-profile/sweep/profile-key/not-looked",
        "fp1:live-profile/sweep/profile-key/",
        "fp1:live-profile/sweep/profile-key",
        "fp1:live-profile/sweep/profile-key/not-looked/more",
        "fp1:live-profile/call-Nonsense/profile-key/not-looked",
        "fp1:live-profile/sweep/profile-key/not-looked+not-looked",
        "fp1:live-profile/sweep/profile-key/answered-05",
    ] {
        assert!(text.parse::<Signature>().is_err(), "{text}");
    }
}
