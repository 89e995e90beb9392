//! Do fewer states find the same?
//!
//! - every step that is said to move past those of others does, in every shipped scenario with every build; processes that
//!   are said to differ in nothing do, and what is said to be noticed by nobody is not
//! - where one lock stands before everything, all this is proved: all through the whole graphs of the article's worlds
//! - reduced and whole graphs agree on whether anything breaks, and on the probes passed, in all of these and in worlds
//!   drawn at random
//! - what people are told is the same with and without reduction
//! - a small search is of the whole graph
//! - builds that take the same steps are searched once, and what is handed on is what their own search finds
//!
//! Graphs of more states than [`STATES_MAX`] are left out here: they would only take long.

use mapisim_model::alike::{Alike, alike, handed_on};
use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rules::{Algorithm, Build};
use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::Scenario;
use mapisim_model::world::World;
use mapisim_sim::explore::explore;
use mapisim_sim::{Exploration, Limits, Space, World as _, forget, fuse, symmetry};
use mapisim_tests::generate::{Kind, cases, checked, with_twins, world};
use mapisim_tests::{every_shipped, shipped};
use proptest::prelude::*;

/// A whole graph that is larger is not asked for.
const STATES_MAX: usize = 3_000;

/// So many states, the first of a graph, have their steps moved.
const MOVED_MAX: usize = 60;

/// Every shipped scenario that is searched in every order.
fn searched() -> Vec<Scenario> {
    every_shipped().into_iter().filter(|scenario| scenario.schedule.is_none()).collect()
}

fn limits(scenario: &Scenario) -> Limits {
    Limits { states_max: STATES_MAX, ..scenario.limits() }
}

/// The states of the whole and of the reduced graph of a world that holds; `None` where it breaks, is too large, or is
/// not reduced.
///
/// # Panics
/// Where the two do not agree, or a step does not move as it is said to.
fn compare(scenario: &Scenario, build: Build) -> Option<(usize, usize)> {
    let world = World::new(scenario, build);
    let (name, limits) = (format!("{} with {}", scenario.name, build.id()), limits(scenario));
    if world.judges_steps() || limits.ends_max > 0 {
        let fused = Space::fused(&world, &limits, false);
        assert!(fused.is_none(), "{name}: steps are judged, or threads may die alone");
        return None;
    }
    let checked = fuse::check(&world, &limits, MOVED_MAX)
        .and_then(|_| symmetry::check(&world, &limits, MOVED_MAX))
        .and_then(|_| forget::check(&world, &limits, MOVED_MAX));
    if let Err(wrong) = checked {
        panic!("{name}: {wrong}\n{}", scenario.file.to_text());
    }
    let whole = explore(&mut Space::new(&world), &limits);
    if whole.verdict == mapisim_sim::Verdict::RanOut {
        return None;
    }
    let fused = |probing| {
        let mut space = Space::fused(&world, &limits, probing).expect("no step is judged");
        explore(&mut space, &limits)
    };
    let symmetric = explore(
        &mut Space::fused(&world, &limits, false).expect("no step is judged").symmetric(&limits),
        &limits,
    );
    let holds = |found: &Exploration<_>| found.verdict == mapisim_sim::Verdict::Holds;
    let (quick, probing) = (fused(false), fused(true));
    let agree = [&quick, &probing, &symmetric].into_iter().all(|reduced| holds(reduced) == holds(&whole));
    assert!(
        agree,
        "{name}: {:?}, but reduced {:?}\n{}",
        whole.verdict,
        quick.verdict,
        scenario.file.to_text()
    );
    if !holds(&whole) {
        return None;
    }
    assert_eq!(whole.probes, probing.probes, "{name}: the probes passed");
    assert_eq!(symmetric.stand_for, quick.states, "{name}: what the symmetric graph's states stand for");
    assert!(quick.states <= probing.states && probing.states <= whole.states, "{name}: the states");
    Some((whole.states, quick.states))
}

#[test]
fn what_one_search_hands_on_to_another_build_is_what_its_own_finds() {
    let bounds = Bounds { states_max: STATES_MAX, ..Bounds::default() };
    let (mut same, mut told_anew, mut denied) = (0, 0, 0);
    for scenario in every_shipped() {
        let mut known = Vec::new();
        for build in Build::all() {
            let Ok(own) = check(&scenario, build, &bounds) else { continue };
            for earlier in &known {
                match handed_on(&scenario, earlier, build) {
                    Some(handed) => {
                        assert!(
                            handed == own,
                            "{}: {} hands on what is not {}",
                            scenario.name,
                            earlier.build.id(),
                            build.id()
                        );
                        match alike(&scenario, earlier.build, build) {
                            Some(Alike::Same) => same += 1,
                            _ => told_anew += usize::from(own.run.is_some()),
                        }
                    }
                    None if earlier.global_denied && alike(&scenario, earlier.build, build).is_some() => {
                        denied += 1;
                    }
                    None => {}
                }
            }
            known.push(own);
        }
    }
    assert!(
        same > 50 && told_anew > 50 && denied > 5,
        "{same} the same, {told_anew} told anew, {denied} denied"
    );
}

#[test]
fn reduced_and_whole_graphs_of_every_shipped_scenario_agree() {
    let (mut compared, mut whole, mut reduced) = (0, 0, 0);
    for scenario in searched() {
        for expected in &scenario.expect {
            if let Some((of_whole, of_reduced)) = compare(&scenario, expected.build) {
                compared += 1;
                whole += of_whole;
                reduced += of_reduced;
            }
        }
    }
    assert!(compared >= 200, "only {compared} were compared");
    assert!(whole > 3 * reduced, "{whole} states were reduced to {reduced} only");
}

#[test]
fn what_is_told_is_the_same_with_and_without_reduction() {
    let folders = ["scenarios/article/", "scenarios/benign/", "scenarios/properties/"];
    let mut proofs = 0;
    for scenario in searched().iter().filter(|one| folders.iter().any(|folder| one.name.starts_with(folder)))
    {
        for expected in &scenario.expect {
            let look = |whole_max| {
                let bounds = Bounds { whole_max, states_max: STATES_MAX, ..Bounds::default() };
                check(scenario, expected.build, &bounds).expect("nothing is scheduled")
            };
            let (whole, mut reduced) = (look(usize::MAX), look(0));
            let name = format!("{} with {}", scenario.name, expected.build.id());
            // The reduced search asked for assumptions of its own, past where the whole one was given up.
            reduced.consulted = whole.consulted;
            if reduced.fused {
                assert_eq!(reduced.verdict, Verdict::Holds, "{name}: only proofs are reduced");
                proofs += 1;
                if whole.verdict == Verdict::Inconclusive {
                    continue; // The whole graph is too large for this bound: that is what reductions are for.
                }
                reduced.fused = false;
                reduced.levels.clone_from(&whole.levels);
                (reduced.states, reduced.transitions) = (whole.states, whole.transitions);
                reduced.stand_for = whole.stand_for;
            }
            assert_eq!(whole, reduced, "{name}");
        }
    }
    assert!(proofs >= 20, "only {proofs} were proved in fewer states");
}

#[test]
fn a_small_search_is_of_the_whole_graph() {
    let scenario = shipped("scenarios/article/bug-2-every-order.json");
    let outcome = check(&scenario, Build::All(Algorithm::Patched), &Bounds::default()).expect("no schedule");
    assert!(!outcome.fused && outcome.states > 100, "{} states", outcome.states);
}

/// All through their whole graphs, as far as they are no larger than that.
#[test]
fn what_one_lock_makes_move_is_proved_on_the_worlds_of_the_article() {
    let folders = ["scenarios/article/", "scenarios/benign/", "scenarios/products/"];
    let mut proofs = 0;
    for scenario in searched().iter().filter(|one| folders.iter().any(|folder| one.name.starts_with(folder)))
    {
        for algorithm in [Algorithm::Patched, Algorithm::GlobalSection] {
            let build = Build::All(algorithm);
            let (world, limits) = (World::new(scenario, build), limits(scenario));
            if world.judges_steps() || explore(&mut Space::new(&world), &limits).states >= STATES_MAX {
                continue;
            }
            let checked = fuse::check(&world, &limits, STATES_MAX);
            let checked = checked.and_then(|_| forget::check(&world, &limits, 2 * STATES_MAX));
            assert!(checked.is_ok(), "{} with {}: {checked:?}", scenario.name, build.id());
            proofs += 1;
        }
    }
    assert!(proofs >= 10, "only {proofs} were small enough");
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn reduced_and_whole_graphs_of_worlds_that_nobody_wrote_agree(
        file in world(Kind { machine_crashes: 1, ..Kind::ANY })
    ) {
        compare(&checked(&file), Build::AsInstalled);
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn so_do_those_of_worlds_with_processes_that_differ_in_nothing(file in world(Kind::ANY), twins in 1..3_usize) {
        compare(&checked(&with_twins(&file, twins)), Build::AsInstalled);
    }
}
