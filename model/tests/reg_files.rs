//! Registry files where they are used: as the beginning of a scenario's hives, and as a view of a hive at any moment.
//!
//! In order: the shipped sample, imports, exports, and the scenarios about Windows' rules that came with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::names;
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::os::Os;
use mapisim_model::os::syscall::RegValue;
use mapisim_model::outcome::Outcome;
use mapisim_model::reg_file::{self, HiveTree, Mailbox, RegSource};
use mapisim_model::scenario::{self, Problems, Scenario};

const SAMPLE: &str = "event-service.reg";
const TEMPORARY: &str = "EventSvc 000004d801c486a9f0b3c2a0";
const SID: &str = "S-1-5-21-1004336348-1177238915-682003330-1105";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/windows")
}

/// The shipped sample: two whole profiles, one of them temporary and marked (mapi 2.4).
fn sample() -> HiveTree {
    let mailbox =
        Mailbox { site: "/o=Org/ou=Site".to_owned(), server: "SERVER1".to_owned(), alias: "svc".to_owned() };
    let mut tree = HiveTree::default();
    reg_file::seed_profile(&mut tree, "MS Exchange Settings", &mailbox, [0x11; 16]).unwrap();
    reg_file::seed_profile(&mut tree, TEMPORARY, &mailbox, [0x5e; 16]).unwrap();
    tree.create_key(&format!(r"{}\{}\{TEMPORARY}", names::PROFILES, names::DELETED_PROFILES)).unwrap();
    let default = "MS Exchange Settings\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    tree.set_value(names::PROFILES, "DefaultProfile", RegValue { kind: 1, data: default }).unwrap();
    tree
}

/// A scenario in which one thread of `svc` initialises MAPI, on that Windows, with one hive from a registry file.
fn importing(windows: &str, owner: &str) -> Scenario {
    let text = format!(
        r#"{{ "format": 1, "title": "t", "machine": {{ "windows": "{windows}" }},
        "accounts": {{ "svc": {{ "sid": "{SID}", "hive": "unloaded" }}, "LocalSystem": {{ "hive": "loaded" }} }},
        "hives": {{ "{owner}": {{ "import": "a.reg" }} }},
        "processes": {{ "p": {{ "account": "svc", "mapi": "original", "script": ["MAPIInitialize"] }} }},
        "schedule": [{{ "run": "p" }}] }}"#
    );
    scenario::read("s.json", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn imported(windows: &str, owner: &str, reg: &str) -> Result<Scenario, Problems> {
    let scenario = importing(windows, owner);
    assert_eq!(scenario.imports(), ["a.reg"]);
    let source = RegSource { name: "dir/a.reg".to_owned(), bytes: reg.as_bytes().to_vec() };
    scenario.with_imports(&BTreeMap::from([("a.reg".to_owned(), source)]))
}

fn run(scenario: &Scenario, build: Build) -> Outcome {
    check(scenario, build, &Bounds::default()).expect("no schedule here asks for what cannot happen")
}

/// The machine before a scheduled run.
fn initial(scenario: &Scenario) -> Os {
    run(scenario, Build::AsInstalled).run.expect("a scheduled run is told").initial
}

fn shipped(path: &Path) -> Scenario {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).unwrap();
    let scenario = scenario::read(&name, &text).unwrap_or_else(|problems| panic!("{problems}"));
    let sources = scenario.imports().into_iter().map(|import| {
        let file = path.parent().expect("a file is in a folder").join(import);
        let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (import.to_owned(), RegSource { name: file.display().to_string(), bytes })
    });
    let sources = sources.collect();
    scenario.with_imports(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_shipped_sample_is_the_whole_tree_of_the_facts_as_regedit_would_write_it() {
    let bytes = std::fs::read(folder().join(SAMPLE)).unwrap();
    let written = reg_file::write_unicode(&sample(), &format!(r"HKEY_USERS\{SID}"));
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), written);
    let back = reg_file::read(SAMPLE, &bytes).unwrap().hive(&[SID]).unwrap();
    assert_eq!(back, sample());
    let keys = back.entries().into_iter().filter(|entry| entry.path.contains(TEMPORARY)).count();
    assert_eq!(keys, 1 + 8 + 1, "the profile, its sections, its mark");
}

/// What MAPI itself reads of a modelled profile is in a whole one too.
#[test]
fn a_whole_profile_has_all_that_a_modelled_one_has() {
    let tree = sample();
    for (section, name, _) in names::sections() {
        let path = format!(r"{}\{section}", names::profile_path(TEMPORARY));
        assert!(tree.value(&path, name).is_some(), "{section} {name}");
    }
}

#[test]
fn an_import_is_what_the_hive_holds_at_the_beginning_loaded_or_not() {
    for root in ["HKEY_CURRENT_USER".to_owned(), format!(r"HKEY_USERS\{SID}")] {
        let reg = format!("REGEDIT4\r\n\r\n[{root}\\Software\\X]\r\n\"a\"=dword:1\r\n");
        let os = initial(&imported("2000", "svc", &reg).unwrap());
        let value = HiveTree::of(&os, "svc").value(r"software\x", "A").cloned();
        assert_eq!(value, Some(RegValue { kind: 4, data: vec![1, 0, 0, 0] }));
        let exported = reg_file::export(&os, "svc");
        let lines = format!("[HKEY_USERS\\{SID}\\Software\\X]\r\n\"a\"=dword:00000001\r\n");
        assert!(exported.contains(&lines), "{exported}");
    }
}

/// (os C.2) From XP on `.DEFAULT` and LocalSystem's hive are one; before, they are two.
#[test]
fn the_systems_hive_may_be_called_default_from_xp_on() {
    let rows = [
        ("xp", "LocalSystem", ".DEFAULT", true),
        ("xp", ".DEFAULT", "S-1-5-18", true),
        ("xp", ".DEFAULT", ".default", true),
        ("2000", "LocalSystem", "S-1-5-18", true),
        ("2000", "LocalSystem", ".DEFAULT", false),
        ("2000", ".DEFAULT", "S-1-5-18", false),
        ("xp", "svc", ".DEFAULT", false),
    ];
    for (windows, owner, name, is_read) in rows {
        let reg = format!("REGEDIT4\n[HKEY_USERS\\{name}\\Software]\n");
        assert_eq!(imported(windows, owner, &reg).is_ok(), is_read, "{windows} {owner} {name}");
    }
}

#[test]
fn an_error_points_into_the_registry_file() {
    let problems = imported("2000", "svc", "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\Software]\n").unwrap_err();
    let shown = problems.to_string();
    for part in ["dir/a.reg:3:2", "HKEY_LOCAL_MACHINE", &format!(r"HKEY_USERS\{SID}")] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn an_import_that_nobody_read_is_an_error_that_names_the_scenario() {
    let problems = importing("2000", "svc").with_imports(&BTreeMap::new()).unwrap_err();
    assert_eq!((problems.name(), problems.list()[0].code), ("a.reg", "no-file"));
    assert!(problems.to_string().contains("s.json"), "{problems}");
}

/// The export shows what a support engineer would see in regedit: first the mark, then neither profile nor mark.
#[test]
fn a_hive_can_be_written_at_any_moment_of_a_run() {
    let scenario = shipped(&folder().join("hkcu-mapped-before-impersonation.json"));
    let outcome = run(&scenario, Build::All(Algorithm::Original));
    let run = outcome.run.as_ref().expect("a scheduled run is told");
    let profile = format!("[HKEY_USERS\\{SID}\\{}]\r\n", names::profile_path("EventSvc"));
    let mark = format!("[HKEY_USERS\\{SID}\\{}\\{}\\EventSvc]\r\n", names::PROFILES, names::DELETED_PROFILES);
    let mut seen = Vec::new();
    for os in std::iter::once(&run.initial).chain(run.steps.iter().map(|step| &step.after)) {
        let text = reg_file::export(os, "svc");
        let shows = (text.contains(&profile), text.contains(&mark));
        if seen.last() != Some(&shows) {
            seen.push(shows);
        }
        let back = reg_file::read("x.reg", &reg_file::to_utf16(&text)).unwrap().hive(&[SID]).unwrap();
        assert_eq!(back, HiveTree::of(os, "svc"));
    }
    assert_eq!(seen, [(false, false), (true, false), (true, true), (false, true), (false, false)]);
}

#[test]
fn every_scenario_about_a_rule_of_windows_comes_out_as_it_expects() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_scenario = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let mut files: Vec<PathBuf> = files.filter(is_scenario).collect();
    files.sort();
    assert!(files.len() > 30, "{files:?}");
    for path in files {
        let scenario = shipped(&path);
        assert!(!scenario.expect.is_empty(), "{}", path.display());
        for expectation in &scenario.expect {
            let outcome = run(&scenario, expectation.build);
            let place = format!("{} with {}", path.display(), expectation.build.id());
            assert!(outcome.as_expected(), "{place}: {:?}, missed {:?}", outcome.verdict, outcome.missed);
        }
    }
}
