//! Runs that were drawn, made easier to read: against the least counterexample, and their own promise.

use mapisim_sim::action::Action;
use mapisim_sim::explore::{Limits, Verdict, explore};
use mapisim_sim::random;
use mapisim_sim::replay::replay;
use mapisim_sim::schedule::Schedule;
use mapisim_sim::shrink::{cost, shrink, up_to_the_break};
use mapisim_sim::space::Space;
use mapisim_sim::world::World;
use proptest::prelude::*;

use crate::machines::peers::Peers;
use crate::machines::rows::row;
use crate::machines::tiny::any_tiny;

/// What a list of actions, and what is left after them, breaks.
fn broken<W: World>(space: &mut Space<'_, W>, actions: &[Action]) -> Option<(usize, W::Property)> {
    let schedule = Schedule::exact(actions, space.world().cast());
    replay(space, &schedule).ok()?.broken.filter(|(steps, _)| *steps <= actions.len())
}

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn a_shrunk_run_breaks_the_same_costs_no_more_and_shrinks_no_further(tiny in any_tiny(1)) {
        let world = tiny.bench();
        let mut space = Space::new(&world);
        let limits = Limits { crashes_max: tiny.crashes_max, ..Limits::default() };
        for run in 0..20 {
            let trace = random::run(&mut space, &limits, 3, run);
            let Some((_, property)) = trace.broken else { continue };
            let actions = up_to_the_break(&trace);
            let shows = |space: &mut Space<'_, _>, actions: &[Action]| {
                broken(space, actions).is_some_and(|(_, other)| other == property)
            };
            let shrunk = shrink(&mut space, &actions, 10_000, shows);
            prop_assert!(!shrunk.cut);
            prop_assert!(cost(&shrunk.actions) <= cost(&actions));
            prop_assert!(shows(&mut space, &shrunk.actions));
            let again = shrink(&mut space, &shrunk.actions, 10_000, shows);
            prop_assert_eq!(&again.actions, &shrunk.actions);
            let Verdict::Broken(least) = explore(&mut space, &limits).verdict else { unreachable!("it broke") };
            prop_assert!(least.actions.len() <= shrunk.actions.len());
        }
    }
}

#[test]
fn the_bug_of_the_article_shrinks_from_a_drawn_run_to_few_switches() {
    let world = Peers::new(&row("a").0);
    let mut space = Space::new(&world);
    let drawn = (0..2_000).map(|run| random::run(&mut space, &Limits::default(), 7, run));
    let found: Vec<Vec<Action>> =
        drawn.filter(|trace| trace.broken.is_some()).map(|trace| up_to_the_break(&trace)).collect();
    for actions in found.iter().take(5) {
        let shrunk = shrink(&mut space, actions, 1_000, |space, actions| broken(space, actions).is_some());
        let (crashes, turns, steps) = cost(&shrunk.actions);
        assert!(crashes == 0 && turns <= 3 && steps <= actions.len() && !shrunk.cut, "{shrunk:?}");
        let cut = shrink(&mut space, actions, 1, |space, actions| broken(space, actions).is_some());
        assert!(cut.attempts == 1 && (cut.cut || cut.actions == shrunk.actions), "{cut:?}");
    }
}
