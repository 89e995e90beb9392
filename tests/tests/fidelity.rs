//! Is the list of what is modelled still true? And can any moment's hive be taken out of the machine?
//!
//! - `the_documents_name_every_step_and_every_refusal`: docs/fidelity.md, from the code
//! - `what_is_said_to_be_inside_is_and_what_is_said_to_be_absent_is_not`: the two kinds of refusal
//! - `every_refused_call_stops_its_file_with_what_to_do`: each of them, written into a script
//! - `export`: `show --export-hive`
#[path = "fidelity/export.rs"]
mod export;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use mapisim::cli::Status;
use mapisim_model::scenario::call::NAMES;
use mapisim_model::scenario::unmodelled::{UNMODELLED, Why};
use mapisim_tests::command::mapisim;
use mapisim_tests::{file, hold_block};

/// What the steps are about: the concept, its facts, and its steps.
const CONCEPTS: &[(&str, &str, &[&str])] = &[
    ("Processes and threads", "D, E", &["ExitThread", "ExitProcess", "GetCurrentProcessId", "OpenProcess"]),
    (
        "Memory and locks of one process",
        "D",
        &["MemoryRead", "MemoryWrite", "MemoryAdd", "EnterCriticalSection", "LeaveCriticalSection"],
    ),
    (
        "Tokens, impersonation, privileges, groups",
        "B",
        &[
            "GetEffectiveUser",
            "GetProcessUser",
            "LogonUser",
            "ImpersonateLoggedOnUser",
            "RevertToSelf",
            "ImpersonateSelf",
            "SetThreadToken",
            "OpenThreadToken",
            "DuplicateTokenEx",
            "CheckTokenMembership",
            "PrivilegeCheck",
        ],
    ),
    ("Hives, loaded and unloaded", "C.2, C.7", &["LoadUserProfile", "UnloadUserProfile", "RegFlushKey"]),
    (
        "Sections and views, with their names, lifetimes and access",
        "A",
        &["CreateFileMapping", "OpenFileMapping", "MapViewOfFile", "UnmapViewOfFile"],
    ),
    (
        "What is in a section",
        "A.8",
        &["CellLoad", "CellStore", "CellAdd", "CellCompareExchange", "ByteLoad", "ByteStore"],
    ),
    (
        "Mutexes, waiting, abandonment",
        "A.6, D",
        &["CreateMutex", "OpenMutex", "ReleaseMutex", "WaitForSingleObject"],
    ),
    ("Events", "A.6, D", &["CreateEvent", "OpenEvent", "SetEvent", "ResetEvent"]),
    ("Handles", "A.7, A.10", &["CloseHandle", "DuplicateHandle"]),
    (
        "Keys and values, deletion under open handles, enumeration",
        "C.3, C.4, C.5",
        &[
            "RegOpenKeyEx",
            "RegCreateKeyEx",
            "RegCloseKey",
            "RegQueryValueEx",
            "RegSetValueEx",
            "RegDeleteValue",
            "RegDeleteKey",
            "NtDeleteKey",
            "RegQueryInfoKey",
            "RegEnumKeyEx",
            "RegEnumValue",
        ],
    ),
    ("HKEY_CURRENT_USER as a process sees it", "C.1", &["RegOpenCurrentUser", "RegDisablePredefinedCache"]),
];

/// Steps under names of our own, for what is no call of Windows.
const OURS: &[&str] = &[
    "ByteLoad",
    "ByteStore",
    "CellAdd",
    "CellCompareExchange",
    "CellLoad",
    "CellStore",
    "GetEffectiveUser",
    "GetProcessUser",
    "MemoryAdd",
    "MemoryRead",
    "MemoryWrite",
];

/// The variants of `Syscall`, read off its source.
fn steps() -> BTreeSet<String> {
    let source = file("model/src/os/syscall/mod.rs");
    let (_, rest) = source.split_once("pub enum Syscall {").expect("the enum is there");
    let (body, _) = rest.split_once("\n}\n").expect("the enum ends");
    let variants = body.lines().filter_map(|line| {
        let line = line
            .strip_prefix("    ")
            .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))?;
        line.split([' ', ',']).next().map(str::to_owned)
    });
    let variants: BTreeSet<String> = variants.collect();
    assert!(variants.len() > 40, "{variants:?}");
    variants
}

#[test]
fn the_documents_name_every_step_and_every_refusal() {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for step in CONCEPTS.iter().flat_map(|(_, _, steps)| *steps) {
        *named.entry(step).or_default() += 1;
    }
    assert_eq!(
        named.keys().copied().map(str::to_owned).collect::<BTreeSet<_>>(),
        steps(),
        "each is under a concept"
    );
    assert!(named.values().all(|times| *times == 1), "under one: {named:?}");
    let mut table = String::from("| concept | facts | steps |\n|---|---|---|\n");
    for (concept, facts, steps) in CONCEPTS {
        let steps: Vec<String> = steps
            .iter()
            .map(|step| format!("`{step}`{}", if NAMES.contains(step) { " (script)" } else { "" }))
            .collect();
        writeln!(table, "| {concept} | {facts} | {} |", steps.join(", ")).expect("a string takes all");
    }
    hold_block("docs/fidelity.md", "steps", &table);

    let mut table = String::from("| call | | instead |\n|---|---|---|\n");
    for call in UNMODELLED {
        let why = match call.why {
            Why::Inside => "a step inside other calls",
            Why::Absent => "not modelled",
        };
        writeln!(table, "| `{}` | {why} | {} |", call.name, call.instead).expect("a string takes all");
    }
    hold_block("docs/fidelity.md", "refused", &table);
}

#[test]
fn what_is_said_to_be_inside_is_and_what_is_said_to_be_absent_is_not() {
    let steps = steps();
    for call in UNMODELLED {
        assert_eq!(steps.contains(call.name), call.why == Why::Inside, "{}", call.name);
    }
    for step in &steps {
        let ways = [
            NAMES.contains(&step.as_str()),
            UNMODELLED.iter().any(|call| call.name == step),
            OURS.contains(&step.as_str()),
        ];
        assert_eq!(
            ways.iter().filter(|way| **way).count(),
            1,
            "{step} is a call, is refused, or is ours: {ways:?}"
        );
    }
}

#[test]
fn every_refused_call_stops_its_file_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for call in UNMODELLED {
        let text = format!(
            r#"{{ "format": 1, "title": "t", "machine": {{ "windows": "2000" }},
                 "accounts": {{ "svc": {{ "sid": "S-1-5-21-1-2-3-1105" }} }},
                 "processes": {{ "p": {{ "account": "svc", "mapi": "original", "script": ["MAPIInitialize",
                   {{ "{}": {{ "key": "x" }} }}, "{}"] }} }}, "expect": {{ "original": "holds" }} }}"#,
            call.name, call.name
        );
        let path = folder.path().join(format!("{}.json", call.name));
        std::fs::write(&path, text).expect("files can be written in it");
        let ran = mapisim(&["run", path.to_str().expect("temporary paths are Unicode")]);
        assert_eq!(ran.status, Status::BadInput, "{}", ran.err);
        let said = match call.why {
            Why::Inside => format!("{} is no call of scripts", call.name),
            Why::Absent => format!("{} is not modelled", call.name),
        };
        let told = format!("{}{}", ran.out, ran.err);
        assert_eq!(told.matches(&said).count(), 2, "{told}");
        let words: String = call.instead.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
        assert!(told.contains(&words), "{told}");
    }
}
