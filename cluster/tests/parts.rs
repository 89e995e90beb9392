//! A search in several parts, threads of this process, against one search.

use std::cell::RefCell;
use std::collections::BTreeMap;

use mapisim_cluster::explore as in_parts;
use mapisim_sim::explore::{Exploration, Limits, Verdict, explore};
use mapisim_sim::space::Space;
use mapisim_sim::world::World;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::machines::cells::{Bench, Op};
use crate::machines::peers::{Deleted, Peers};
use crate::machines::rows::{TABLE, row};
use crate::machines::tiny::{Tiny, any_tiny};

/// Rows of the peers' table.
const ROWS: [&str; 5] = ["a", "e", "f", "r", "n"];

#[test]
fn the_peers_rows_have_exactly_the_published_counts_in_any_number_of_parts() {
    for (name, states, transitions, shortest) in TABLE.into_iter().filter(|(name, ..)| ROWS.contains(name)) {
        let (case, crashes_max) = row(name);
        let limits = Limits { crashes_max, whole_graph: true, ..Limits::default() };
        let alone = whole(&Peers::new(&case), &limits);
        for parts in 1..=4 {
            let found =
                in_parts(parts, move || Peers::new(&case), &[Deleted], &limits).expect("no part stops").found;
            let length = match &found.verdict {
                Verdict::Broken(counterexample) => Some(counterexample.actions.len()),
                Verdict::Holds => None,
                Verdict::RanOut => panic!("row {name} ran out of states"),
            };
            let counted = (found.states, found.transitions, length);
            assert_eq!(counted, (states, transitions, shortest), "row {name} in {parts} parts");
            assert_eq!(same(&found), same(&alone), "row {name} in {parts} parts");
        }
    }
}

/// One search of the whole.
fn whole<W: World>(world: &W, limits: &Limits) -> Exploration<W::Property> {
    explore(&mut Space::new(world), limits)
}

/// All that does not depend on how states are kept.
fn same<P: Clone>(found: &Exploration<P>) -> Exploration<P> {
    Exploration { bytes: 0, ..found.clone() }
}

/// All properties of the worlds below, in their order.
const PROPERTIES: [&str; 5] = ["a cell", "a deadlock", "by a step", "left behind", "register"];

/// A random world, in which states at rest and steps are judged, too, and probes are asked for.
fn judged(tiny: &Tiny, rest: Option<i64>, step: Option<i64>) -> Bench {
    let mut world = tiny.bench().probes(0b111, |scene| {
        let stored = scene.step().is_some_and(|(_, op, _)| matches!(op, Op::Store(..)));
        let second = scene.machine_after().numbers[1] > 1;
        u64::from(stored) | u64::from(second) << 1 | u64::from(scene.action.is_fault()) << 2
    });
    if let Some(rest) = rest {
        world = world.at_rest("left behind", move |view| view.machine().numbers[1] == rest);
    }
    if let Some(step) = step {
        world = world.step_breaks(move |scene| {
            let (_, _, answer) = scene.step()?;
            (*answer == step).then_some("by a step")
        });
    }
    world
}

#[test]
fn random_worlds_break_in_the_same_run_with_the_same_counts_in_any_number_of_parts() {
    let config = Config {
        cases: 250,
        rng_seed: RngSeed::Fixed(0x6d61_7069),
        failure_persistence: None,
        ..Config::default()
    };
    let worlds = (any_tiny(2), option::of(0..4_i64), option::of(2..6_i64), 1..=4_usize, any::<bool>());
    let verdicts = RefCell::new(BTreeMap::<String, usize>::new());
    TestRunner::new(config)
        .run(&worlds, |(tiny, rest, step, parts, whole_graph)| {
            let limits = Limits { crashes_max: tiny.crashes_max, whole_graph, ..Limits::default() };
            let alone = whole(&judged(&tiny, rest, step), &limits);
            let world = tiny.clone();
            let found = in_parts(parts, move || judged(&world, rest, step), &PROPERTIES, &limits);
            prop_assert_eq!(same(&found.expect("no part stops").found), same(&alone));
            let verdict = match &alone.verdict {
                Verdict::Broken(found) => found.property,
                Verdict::Holds => "holds",
                Verdict::RanOut => "ran out",
            };
            *verdicts.borrow_mut().entry(verdict.to_owned()).or_default() += 1;
            Ok(())
        })
        .expect("every world is found the same");
    let verdicts = verdicts.into_inner();
    let met: Vec<&str> = verdicts.keys().map(String::as_str).collect();
    assert_eq!(
        met,
        ["a cell", "a deadlock", "by a step", "holds", "left behind", "register"],
        "{verdicts:?}"
    );
}

#[test]
fn the_bound_on_states_is_one_of_all_parts_together_and_gives_no_verdict() {
    let case = row("e").0;
    for parts in 1..=3 {
        let limits = Limits { states_max: 4_000, ..Limits::default() };
        let found =
            in_parts(parts, move || Peers::new(&case), &[Deleted], &limits).expect("no part stops").found;
        assert_eq!((&found.verdict, found.states), (&Verdict::RanOut, 4_000));
        assert_eq!(found.levels.iter().sum::<usize>(), 4_000);
        let enough = Limits { states_max: 4_824, ..Limits::default() };
        let found =
            in_parts(parts, move || Peers::new(&case), &[Deleted], &enough).expect("no part stops").found;
        assert_eq!((&found.verdict, found.states), (&Verdict::Holds, 4_824));
    }
}
