//! Least runs: against every run there is, within their room, and on machines that can be checked by hand.

use std::collections::BTreeSet;

use mapisim_sim::action::Action;
use mapisim_sim::explore::{Counterexample, Limits, Verdict, explore};
use mapisim_sim::least::{Cost, PLACES_MAX, least};
use mapisim_sim::replay::replay;
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::{Space, State};
use mapisim_sim::world::World;
use proptest::prelude::*;

use crate::machines::cells::Bench;
use crate::machines::tiny::any_tiny;

/// A state, who stepped last, crashes and switches so far.
type Reached = (State, Option<u16>, u32, u32);

/// The least cost of breaking a property, by going through all that can be reached, one action at a time: slower than
/// any search should be, and with nothing to get wrong.
fn slowly(world: &Bench, limits: &Limits, property: &'static str) -> Option<Cost> {
    let mut space = Space::new(world);
    let mut level: BTreeSet<Reached> = BTreeSet::from([(space.initial().clone(), None, 0, 0)]);
    let mut seen = level.clone();
    let mut cheapest: Option<Cost> = None;
    let mut steps = 0;
    while !level.is_empty() {
        steps += 1;
        let mut next = BTreeSet::new();
        for (state, last, crashes, switches) in level {
            for action in space.possible(&state) {
                let Some(after) = space.apply(&state, action) else { continue };
                let (last, crashes, switches) = match action {
                    Action::Crash(_) | Action::End(_) | Action::Fail(_)
                        if crashes as usize == limits.crashes_max =>
                    {
                        continue;
                    }
                    Action::Crash(_) | Action::End(_) | Action::Fail(_) => (last, crashes + 1, switches),
                    Action::Step(actor) => (
                        Some(actor.0),
                        crashes,
                        switches + u32::from(last.is_some_and(|last| last != actor.0)),
                    ),
                };
                let by_step = world.step_breaks(&space.scene(&state, action, &after));
                let by_step = by_step.filter(|_| world.judges_steps() && matches!(action, Action::Step(_)));
                let broken = [by_step, space.broken(&after), space.still_broken(&after)];
                match broken.into_iter().flatten().min() {
                    Some(broken) if broken == property => {
                        let cost = Cost { crashes, switches, steps };
                        cheapest = Some(cheapest.map_or(cost, |known| known.min(cost)));
                    }
                    Some(_) => {}
                    None => {
                        let reached = (after, last, crashes, switches);
                        if seen.insert(reached.clone()) {
                            next.insert(reached);
                        }
                    }
                }
            }
        }
        level = next;
    }
    cheapest
}

fn found(world: &Bench, limits: &Limits) -> Option<Counterexample<&'static str>> {
    match explore(&mut Space::new(world), limits).verdict {
        Verdict::Broken(found) => Some(found),
        _ => None,
    }
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn no_run_that_breaks_the_same_costs_less_and_it_replays_to_what_it_says(tiny in any_tiny(1)) {
        let world = tiny.bench();
        let limits = Limits { crashes_max: tiny.crashes_max, ..Limits::default() };
        let Some(known) = found(&world, &limits) else { return Ok(()) };
        if known.actions.is_empty() {
            return Ok(());
        }
        let least = least(&mut Space::new(&world), &limits, &known, PLACES_MAX);
        prop_assert!(least.proved);
        prop_assert_eq!(Some(Cost::of(&least.actions)), slowly(&world, &limits, known.property));
        let schedule = Schedule::exact(&least.actions, &world.cast);
        let trace = replay(&mut Space::new(&world), &schedule).expect("it replays");
        prop_assert_eq!(trace.broken, Some((least.actions.len(), known.property)));
    }
}

#[test]
fn a_longer_run_with_fewer_switches_is_less_and_without_room_nothing_is_called_proved() {
    use mapisim_sim::steps::Steps;

    use crate::machines::cells::{Cells, Op};

    // Broken when both are done; ann may do it in one go if she goes the long way round first.
    let work = |steps: Steps<Cells>, long: bool| async move {
        if long {
            for _ in 0..4 {
                steps.step(Op::Add(1, 1)).await;
            }
        }
        steps.step(Op::Add(0, 1)).await;
        0
    };
    let world = Bench::new(&[("ann", &["Work"; 2]), ("bob", &["Work"])], move |actor, call, _, steps| {
        Box::pin(work(steps, actor.index() == 0 && call == 1))
    });
    // ann:1,bob:1 is shortest and switches; ann:6 is longer and does not.
    let world = world.breaks(|cells, _| (cells.numbers[0] == 2).then_some("two"));
    let limits = Limits::default();
    let known = found(&world, &limits).expect("it breaks");
    assert_eq!(known.actions.len(), 2);
    let told = |places_max| {
        let least = least(&mut Space::new(&world), &limits, &known, places_max);
        (Schedule::exact(&least.actions, &world.cast).to_string(), least.proved)
    };
    assert_eq!(told(PLACES_MAX), ("ann:6".to_owned(), true));
    assert!(!told(2).1);
    assert_eq!(told(2).0, Schedule::exact(&known.actions, &world.cast).to_string());
}
