//! Does `mapisim shrink` give a smaller scenario that shows the same?

use mapisim_tests::command::mapisim;
use mapisim_tests::{root, scenario};

fn shipped(file: &str) -> String {
    root().join("scenarios").join(file).to_str().expect("its name is text").to_owned()
}

#[test]
fn a_shrunk_scenario_is_as_it_expects_and_shrinks_no_further() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let out = folder.path().join("small.json");
    let out = out.to_str().expect("its name is text");
    let ran = mapisim(&["shrink", &shipped("article/bug-2.json"), "--algorithm", "original", "--out", out]);
    assert_eq!(ran.status.code(), 0, "{ran:?}");
    assert!(ran.out.contains("made smaller from 2 processes"), "{}", ran.out);
    assert_eq!(mapisim(&["run", out]).status.code(), 0);
    let once = std::fs::read_to_string(out).expect("it was written");
    let small = scenario("small.json", &once);
    assert_eq!(small.threads().map(|(_, thread)| thread.script.len()).collect::<Vec<_>>(), [4, 1]);
    let again = mapisim(&["shrink", out]);
    assert_eq!((again.status.code(), again.out), (0, once));
}

#[test]
fn what_holds_has_nothing_to_shrink_and_a_folder_is_refused() {
    let holds = mapisim(&["shrink", &shipped("article/bug-2.json"), "--algorithm", "patched"]);
    assert_eq!((holds.status.code(), holds.out.as_str()), (3, ""));
    assert!(holds.err.contains("there is nothing to shrink"), "{}", holds.err);
    assert_eq!(mapisim(&["shrink", &shipped("article")]).status.code(), 2);
    assert_eq!(mapisim(&["shrink", "no-such-file.json"]).status.code(), 2);
}

#[test]
fn a_scenario_that_imports_a_registry_file_can_be_shrunk() {
    let ran = mapisim(&["shrink", &shipped("windows/exported-hive.json"), "--max-attempts", "20"]);
    assert_eq!(ran.status.code(), 0, "{ran:?}");
    assert!(ran.out.contains("call-result"), "{}", ran.out);
}
