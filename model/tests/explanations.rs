//! Does the explanation say what happened? What a summary must say, and must not, where the usual reason is the wrong one.

use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rules::Build;
use mapisim_model::scenario;

fn summary(file: &str, build: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios").join(file);
    let text = std::fs::read_to_string(path).expect("the scenario is there");
    let scenario = scenario::read(file, &text).unwrap_or_else(|problems| panic!("{problems}"));
    let build = Build::from_id(build).expect("there is such a build");
    let outcome = check(&scenario, build, &Bounds::default()).unwrap_or_else(|diverged| panic!("{diverged}"));
    outcome.finding.unwrap_or_else(|| panic!("{file} is not broken")).summary
}

#[test]
fn each_reason_is_told_where_it_is_the_reason_and_nowhere_else() {
    const SESSIONS: &str = "each Terminal Services session has object names of its own";
    const ACCOUNTS: &str = "the two run under different accounts";
    const REFUSED: &str = r"had asked for Global\ too, and was refused with ERROR_ACCESS_DENIED (5)";
    const UNFIXED: &str = "whose MAPI does not have fix 2";
    for (file, build, said, all_reasons) in [
        ("article/bug-1.json", "original", ACCOUNTS, true),
        ("article/bug-2.json", "original", SESSIONS, true),
        ("kb/818861-terminal-server-edition.json", "original", SESSIONS, true),
        ("vista/two-programs-of-one-session.json", "patched-2008", REFUSED, true),
        ("vista/who-starts-first.json", "patched-2008", REFUSED, true),
        ("mixed/old-mark-new-service.json", "as-installed", UNFIXED, true),
        ("windows/hive-unloaded-vista.json", "original", "unloaded svc's registry hive", false),
        (
            "open/profile-called-deleted-profiles.json",
            "original",
            "for the mark of a profile, because",
            false,
        ),
    ] {
        let summary = summary(file, build);
        assert!(summary.contains(said), "{file}: {summary}");
        for other in [SESSIONS, ACCOUNTS, REFUSED, UNFIXED].iter().filter(|reason| **reason != said) {
            assert!(!summary.contains(other), "{file} says too much: {summary}");
        }
        assert_eq!(summary.contains("They are two sections because"), all_reasons, "{file}: {summary}");
        assert!(!summary.contains("did not look"), "{file}: {summary}");
    }
}
