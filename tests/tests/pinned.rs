//! Does what was found mean what it meant before?
//!
//! `pinned.txt` beside the tests has the digests of a fixed set of scenarios with every algorithm, of the counterexample
//! files saved from them, and of runs drawn from fixed seeds. A change that is meant changes that file too, and so is
//! seen in review; one that is not meant is seen here.

use std::fmt::Write as _;

use mapisim_model::mapi::rules::Build;
use mapisim_model::world::World;
use mapisim_sim::{Limits, Process, Schedule, Space, random};
use mapisim_tests::command::mapisim;
use mapisim_tests::{root, shipped};
use serde_json::Value;

const FILE: &str = "tests/pinned.txt";

/// Looked at with every algorithm: replayed and searched, with and without crashes, everything that can break.
const SCENARIOS: [&str; 9] = [
    "scenarios/article/bug-1-every-order.json",
    "scenarios/article/bug-1.json",
    "scenarios/article/bug-2-every-order.json",
    "scenarios/article/bug-2.json",
    "scenarios/properties/all-hold.json",
    "scenarios/properties/name-reusable.json",
    "scenarios/properties/no-deadlock.json",
    "scenarios/properties/no-orphan-after-a-crash.json",
    "scenarios/windows/hive-unloaded-vista.json",
];

/// Drawn from: a scenario, and processes that may be killed in one run.
const DRAWN: [(&str, usize); 2] = [
    ("scenarios/article/bug-2-every-order.json", 0),
    ("scenarios/properties/no-orphan-after-a-crash.json", 1),
];
const SEEDS: [u64; 2] = [0, 0xfeed];
const RUNS: u64 = 3;

#[test]
fn what_was_found_before_is_found_again() {
    let found = [searched(), saved(), drawn()].concat();
    let path = root().join(FILE);
    let pinned = std::fs::read_to_string(&path).unwrap_or_default();
    if found == pinned {
        return;
    }
    let only_in = |one: &str, other: &str, sign: char| {
        let lines = one.lines().filter(|line| !other.lines().any(|known| known == *line));
        lines.fold(String::new(), |text, line| format!("{text}  {sign} {line}\n"))
    };
    std::fs::write(&path, &found).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    panic!(
        "what is found is not what was pinned:\n{}{}{FILE} has been written anew. If the change is meant, commit that \
         file and say in CHANGELOG.md what changed; if not, `git checkout {FILE}` and look for what changed it.",
        only_in(&pinned, &found, '-'),
        only_in(&found, &pinned, '+')
    );
}

/// A scenario with every algorithm: what came of it, its size and its digest.
fn searched() -> String {
    let mut lines = String::new();
    for name in SCENARIOS {
        let ran = mapisim(&["run", name, "--algorithm", "all", "--format", "json"]);
        let report: Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.out));
        for outcome in report["outcomes"].as_array().expect("outcomes are an array") {
            let [algorithm, verdict, digest] =
                ["algorithm", "verdict", "digest"].map(|key| outcome[key].as_str().expect("it is text"));
            let property = outcome["property"].as_str().unwrap_or("-");
            let [states, transitions, steps] = ["states", "transitions", "steps"].map(|key| &outcome[key]);
            let _text_takes_all = writeln!(
                lines,
                "run {name} {algorithm} {verdict} {property} states {states} transitions {transitions} steps {steps} {digest}"
            );
        }
    }
    lines
}

/// The counterexample files of two searches, byte for byte.
fn saved() -> String {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let into = folder.path().to_str().expect("temporary paths are Unicode");
    mapisim(&["run", SCENARIOS[0], SCENARIOS[2], "--algorithm", "all", "--save", into]);
    let files = std::fs::read_dir(folder.path()).expect("the folder was made");
    let mut paths: Vec<_> = files.map(|file| file.expect("it is listed").path()).collect();
    paths.sort();
    let mut lines = String::new();
    for path in paths {
        let bytes = std::fs::read(&path).expect("it was written");
        let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
        let _text_takes_all = writeln!(lines, "save {name} {}", &blake3::hash(&bytes).to_hex()[..32]);
    }
    lines
}

/// What a seed draws: a hash of the schedule, its length, and what it breaks.
fn drawn() -> String {
    let mut lines = String::new();
    for (name, crashes_max) in DRAWN {
        let scenario = shipped(name);
        let world = World::new(&scenario, Build::AsInstalled);
        let crashable = scenario.may_crash.iter().map(|index| Process(*index as u16)).collect();
        let limits = Limits { crashes_max, crashable: Some(crashable), ..Limits::default() };
        let mut space = Space::new(&world);
        for (seed, run) in SEEDS.into_iter().flat_map(|seed| (0..RUNS).map(move |run| (seed, run))) {
            let trace = random::run(&mut space, &limits, seed, run);
            let actions: Vec<_> = trace.moments.iter().map(|moment| moment.action).collect();
            let schedule = Schedule::exact(&actions, mapisim_sim::World::cast(&world)).to_string();
            let broken = trace.broken.map_or("-", |(_, property)| property.id());
            let hash = blake3::hash(schedule.as_bytes()).to_hex();
            let _text_takes_all = writeln!(
                lines,
                "draw {name} seed {seed:x} run {run} steps {} {broken} {}",
                actions.len(),
                &hash[..32]
            );
        }
    }
    lines
}
