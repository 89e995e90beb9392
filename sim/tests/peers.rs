//! The engine against the published counts of a model that five other tools agree on.

use mapisim_sim::explore::{Exploration, Limits, Verdict, explore};
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::Space;
use mapisim_sim::world::World;
use mapisim_sim::{forget, fuse, symmetry};

use crate::machines::peers::{Case, Deleted, Peers};

const NONE: Case<'_> = Case {
    processes: "SS",
    accounts: "XX",
    sessions: "01",
    own_marks: false,
    global_section: false,
    rounds: 1,
    one_name: false,
};
const BOTH: Case<'_> = Case { own_marks: true, global_section: true, ..NONE };

/// Row, case, crashes, states, transitions, length of a shortest counterexample.
type Row = (&'static str, Case<'static>, usize, usize, u64, Option<usize>);

/// All rows, h included: three seconds and 160 MB, the engine being optimised in tests too.
const TABLE: [Row; 11] = [
    ("a", NONE, 0, 457, 836, Some(12)),
    ("b", Case { global_section: true, ..NONE }, 0, 339, 636, None),
    ("c", Case { accounts: "XY", sessions: "00", ..NONE }, 0, 457, 836, Some(12)),
    ("d", Case { accounts: "XY", sessions: "00", own_marks: true, ..NONE }, 0, 225, 420, None),
    ("e", Case { processes: "SSD", accounts: "XXX", sessions: "011", ..BOTH }, 0, 4_824, 13_452, None),
    ("f", Case { processes: "SSD", accounts: "XXX", sessions: "011", ..BOTH }, 1, 9_244, 35_201, None),
    ("g", Case { processes: "SSSD", accounts: "XXXX", sessions: "0101", ..BOTH }, 0, 155_214, 579_912, None),
    (
        "g1",
        Case { processes: "SSSD", accounts: "XXXX", sessions: "0101", ..BOTH },
        1,
        333_130,
        1_661_865,
        None,
    ),
    (
        "h",
        Case { processes: "SSSSD", accounts: "XXXXX", sessions: "01010", ..BOTH },
        0,
        6_710_016,
        31_403_442,
        None,
    ),
    ("r", Case { rounds: 2, ..BOTH }, 0, 2_371, 4_454, Some(23)),
    ("n", Case { one_name: true, ..BOTH }, 0, 409, 724, Some(17)),
];

fn check((row, case, crashes_max, states, transitions, shortest): Row) {
    let world = Peers::new(&case);
    let limits = Limits { crashes_max, whole_graph: true, ..Limits::default() };
    let found = explore(&mut Space::new(&world), &limits);
    let length = match &found.verdict {
        Verdict::Broken(counterexample) => Some(counterexample.actions.len()),
        Verdict::Holds => None,
        Verdict::RanOut => panic!("row {row} ran out of states"),
    };
    assert_eq!((found.states, found.transitions, length), (states, transitions, shortest), "row {row}");
}

#[test]
fn every_row_has_exactly_the_published_states_transitions_and_verdict() {
    TABLE.into_iter().for_each(check);
}

/// States, and whether it holds, of a row's reduced graph.
fn reduced(world: &Peers, limits: &Limits) -> Exploration<Deleted> {
    let space = Space::fused(world, limits, false).expect("no step is judged");
    explore(&mut space.symmetric(limits), limits)
}

/// The world of a row, that knows whether processes may crash.
fn world_of(case: &Case<'_>, crashes_max: usize) -> Peers {
    let world = Peers::new(case);
    if crashes_max > 0 { world.mortal() } else { world }
}

/// The states of each row's reduced graph, by row: with steps fused and what nobody notices cleared, and with symmetry,
/// which is there in one row only, as names are taken lowest first.
const REDUCED: [(&str, usize); 11] = [
    ("a", 131),
    ("b", 70),
    ("c", 131),
    ("d", 4),
    ("e", 362),
    ("f", 1_417),
    ("g", 8_109),
    ("g1", 36_564),
    ("h", 240_112),
    ("r", 1_689),
    ("n", 158),
];

#[test]
fn every_row_is_proved_or_broken_in_fewer_states() {
    let reduced = TABLE.map(|(row, case, crashes_max, _, _, shortest)| {
        let limits = Limits { crashes_max, whole_graph: true, ..Limits::default() };
        let found = reduced(&world_of(&case, crashes_max), &limits);
        assert_eq!(found.verdict == Verdict::Holds, shortest.is_none(), "row {row}");
        (row, found.states)
    });
    assert_eq!(reduced, REDUCED);
}

/// All through, which is a proof; of the larger rows the first states.
#[test]
fn what_makes_the_states_fewer_is_so() {
    for (row, case, crashes_max, ..) in TABLE {
        let (world, limits) = (world_of(&case, crashes_max), Limits { crashes_max, ..Limits::default() });
        let max = if row.starts_with(['g', 'h']) { FIRST } else { usize::MAX };
        let checked = (
            fuse::check(&world, &limits, max).map(drop),
            forget::check(&world, &limits, max).map(drop),
            symmetry::check(&world, &limits, max).map(drop),
        );
        assert_eq!(checked, (Ok(()), Ok(()), Ok(())), "row {row}");
    }
}

/// States of the larger rows that are looked at.
const FIRST: usize = 5_000;

#[test]
fn identical_processes_have_as_many_times_fewer_states_as_they_have_orders() {
    let states = |processes, whole| {
        let names = (&"XXXX"[..processes], &"0101"[..processes]);
        let case = Case { processes: &"SSSS"[..processes], accounts: names.0, sessions: names.1, ..BOTH };
        let case = Case { one_name: true, ..case };
        let (world, limits) = (Peers::new(&case), Limits { whole_graph: true, ..Limits::default() });
        let space = Space::new(&world);
        let mut space = if whole { space } else { space.symmetric(&limits) };
        explore(&mut space, &limits).states
    };
    assert_eq!([2, 3].map(|processes| states(processes, true)), [409, 11_237]);
    assert_eq!([2, 3, 4].map(|processes| states(processes, false)), [213, 2_094, 14_650]);
}

/// What the model says of the algorithm, as schedules: few switches, so that a person can follow them.
#[test]
fn the_shortest_counterexamples_are_told_with_the_fewest_switches() {
    let told = TABLE.iter().filter(|row| row.5.is_some()).map(|(row, case, ..)| {
        let world = Peers::new(case);
        let found = explore(&mut Space::new(&world), &Limits::default());
        let Verdict::Broken(counterexample) = found.verdict else { panic!("row {row} holds") };
        (*row, Schedule::exact(&counterexample.actions, world.cast()).to_string())
    });
    let told: Vec<(&str, String)> = told.collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(row, text)| (*row, text.as_str())).collect();
    let one_preemption = "S0:7,S1:4,S0:1";
    let reused = "S0:12,S1:2,S0:5,S1:2,S0:2";
    let shared = "S0:3,S1:12,S0:2";
    assert_eq!(told, [("a", one_preemption), ("c", one_preemption), ("r", reused), ("n", shared)]);
}
