//! What is written reads back.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::scenario::call::SPELLINGS;
use crate::scenario::file::*;
use crate::scenario::item::{Item, Repeat};
use crate::scenario::ordered::Ordered;

#[test]
fn the_example_is_written_as_people_write_it() {
    let written = good(EXAMPLE).file.to_text();
    assert_eq!(good(&written).file, good(EXAMPLE).file);
    for line in [
        r#"  "machine": { "windows": "2000", "terminal_services": true },"#,
        r#"        "MAPIInitialize","#,
        r#"        { "MAPILogonEx": { "profile": "EventSvc", "session": "s" } },"#,
        r#"    { "run": "events.exe" }"#,
    ] {
        assert!(written.lines().any(|written| written == line), "{line}\n{written}");
    }
    assert!(written.lines().all(|line| line.chars().count() <= 100), "{written}");
    assert!(written.ends_with("}\n"));
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z]{1,4}", 1 => any::<String>()]
}

fn named<V: Clone + std::fmt::Debug>(value: impl Strategy<Value = V>) -> impl Strategy<Value = Ordered<V>> {
    vec((name(), value), 0..4).prop_map(|entries| {
        let mut named: Vec<(String, V)> = Vec::new();
        for (name, value) in entries {
            if named.iter().all(|(known, _)| *known != name) {
                named.push((name, value));
            }
        }
        named.into_iter().collect()
    })
}

fn item() -> impl Strategy<Value = Item> {
    let call = (0..SPELLINGS.len(), vec(name(), 2), option::of(name())).prop_map(|(index, values, must)| {
        let mut values = values.into_iter();
        let call = Call::build(SPELLINGS[index].name, |_| values.next().unwrap()).unwrap();
        Item::Call { call, must }
    });
    call.prop_recursive(3, 12, 3, |item| {
        (any::<u32>(), vec(item, 0..3)).prop_map(|(times, r#do)| Item::Repeat(Repeat { times, r#do }))
    })
}

fn process() -> impl Strategy<Value = ProcessFile> {
    let script = option::of(vec(item(), 0..4));
    let threads = option::of(named(vec(item(), 0..3)));
    (name(), any::<u32>(), name(), script, threads).prop_map(|(account, session, mapi, script, threads)| {
        ProcessFile { account, session, mapi, script, threads }
    })
}

fn schedule() -> impl Strategy<Value = ScheduleFile> {
    let turn = prop_oneof![
        name().prop_map(TurnFile::Run),
        (name(), name()).prop_map(|(actor, call)| TurnFile::Through(actor, call)),
        (name(), any::<u32>()).prop_map(|(actor, steps)| TurnFile::Steps(actor, steps)),
        name().prop_map(TurnFile::Crash),
        name().prop_map(TurnFile::End),
        vec(name(), 0..3).prop_map(TurnFile::CrashMachine),
    ];
    prop_oneof![name().prop_map(ScheduleFile::Text), vec(turn, 0..4).prop_map(ScheduleFile::Turns)]
}

fn account() -> impl Strategy<Value = AccountFile> {
    let hive = prop_oneof![Just(HiveState::Loaded), Just(HiveState::Unloaded)];
    (option::of(name()), vec(name(), 0..3), vec(name(), 0..3), hive)
        .prop_map(|(sid, groups, privileges, hive)| AccountFile { sid, groups, privileges, hive })
}

fn hive() -> impl Strategy<Value = HiveFile> {
    (vec(name(), 0..3), vec(name(), 0..3), option::of(name()))
        .prop_map(|(profiles, deleted_profiles, import)| HiveFile { profiles, deleted_profiles, import })
}

fn file() -> impl Strategy<Value = ScenarioFile> {
    let head = (option::of(name()), name(), name(), vec(name(), 0..3), name(), option::of(any::<bool>()));
    let world = (named(account()), named(hive()), named(process()), option::of(schedule()));
    let faults = (any::<u32>(), option::of(vec(name(), 0..3)), any::<u32>(), any::<u32>());
    let verdicts = (faults, named(name()), option::of(vec(name(), 0..3)), vec(name(), 0..3), named(name()));
    (head, world, verdicts).prop_map(|(head, world, verdicts)| {
        let (schema, title, about, sources, windows, terminal_services) = head;
        let (accounts, hives, processes, schedule) = world;
        let ((crashes, crash, thread_deaths, machine_crashes), assumptions, checks, must_reach, expect) =
            verdicts;
        ScenarioFile {
            schema,
            format: FORMAT,
            title,
            about,
            sources,
            machine: MachineFile { windows, terminal_services },
            accounts,
            hives,
            processes,
            schedule,
            faults: FaultsFile { crashes, crash, thread_deaths, machine_crashes },
            assumptions,
            checks,
            must_reach,
            expect,
        }
    })
}

proptest! {
    /// By our own reader of trees and by `serde_json` alike, meaningful or not.
    #[test]
    fn every_file_that_is_written_reads_back_equal(file in file()) {
        let text = file.to_text();
        prop_assert_eq!(serde_json::from_str::<ScenarioFile>(&text).unwrap(), file.clone());
        let tree = locate::Node::read(&text).unwrap();
        prop_assert_eq!(de::read::<ScenarioFile>(&tree).unwrap(), file);
    }
}
