//! The engine against the published counts of a model that five other tools agree on.

use mapisim_sim::explore::{Exploration, Limits, Verdict, explore};
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::Space;
use mapisim_sim::world::World;
use mapisim_sim::{forget, fuse, symmetry};

use crate::machines::peers::{Case, Deleted, Peers};
use crate::machines::rows::{BOTH, Published, TABLE, row};

fn check((name, states, transitions, shortest): Published) {
    let (case, crashes_max) = row(name);
    let world = Peers::new(&case);
    let limits = Limits { crashes_max, whole_graph: true, ..Limits::default() };
    let found = explore(&mut Space::new(&world), &limits);
    let length = match &found.verdict {
        Verdict::Broken(counterexample) => Some(counterexample.actions.len()),
        Verdict::Holds => None,
        Verdict::RanOut => panic!("row {name} ran out of states"),
    };
    assert_eq!((found.states, found.transitions, length), (states, transitions, shortest), "row {name}");
}

/// All rows, h included: three seconds and 160 MB, the engine being optimised in tests too.
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
    let reduced = TABLE.map(|(name, _, _, shortest)| {
        let (case, crashes_max) = row(name);
        let limits = Limits { crashes_max, whole_graph: true, ..Limits::default() };
        let found = reduced(&world_of(&case, crashes_max), &limits);
        assert_eq!(found.verdict == Verdict::Holds, shortest.is_none(), "row {name}");
        (name, found.states)
    });
    assert_eq!(reduced, REDUCED);
}

/// All through, which is a proof; of the larger rows the first states.
#[test]
fn what_makes_the_states_fewer_is_so() {
    for (name, ..) in TABLE {
        let (case, crashes_max) = row(name);
        let (world, limits) = (world_of(&case, crashes_max), Limits { crashes_max, ..Limits::default() });
        let max = if name.starts_with(['g', 'h']) { FIRST } else { usize::MAX };
        let checked = (
            fuse::check(&world, &limits, max).map(drop),
            forget::check(&world, &limits, max).map(drop),
            symmetry::check(&world, &limits, max).map(drop),
        );
        assert_eq!(checked, (Ok(()), Ok(()), Ok(())), "row {name}");
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
    let told = TABLE.iter().filter(|(.., shortest)| shortest.is_some()).map(|(name, ..)| {
        let world = Peers::new(&row(name).0);
        let found = explore(&mut Space::new(&world), &Limits::default());
        let Verdict::Broken(counterexample) = found.verdict else { panic!("row {name} holds") };
        (*name, Schedule::exact(&counterexample.actions, world.cast()).to_string())
    });
    let told: Vec<(&str, String)> = told.collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let one_preemption = "S0:7,S1:4,S0:1";
    let reused = "S0:12,S1:2,S0:5,S1:2,S0:2";
    let shared = "S0:3,S1:12,S0:2";
    assert_eq!(told, [("a", one_preemption), ("c", one_preemption), ("r", reused), ("n", shared)]);
}
