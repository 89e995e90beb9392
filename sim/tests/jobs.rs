//! How much is kept and how many work on it: neither changes what is found.

use mapisim_sim::explore::{Exploration, Limits, Verdict, explore};
use mapisim_sim::space::Space;
use mapisim_sim::world::World;
use proptest::prelude::*;

use crate::machines::peers::Peers;
use crate::machines::rows::row;
use crate::machines::tiny::any_tiny;

fn of<W: World>(world: &W, limits: &Limits) -> Exploration<W::Property> {
    explore(&mut Space::new(world), limits)
}

#[test]
fn a_large_search_finds_exactly_the_same_with_one_job_and_with_several() {
    // Levels of tens of thousands of states, so that jobs do share them.
    let (case, crashes_max) = row("g1");
    let world = Peers::new(&case);
    let limits = Limits { crashes_max, ..Limits::default() };
    let one = of(&world, &limits);
    assert_eq!(one.states, 333_130);
    for jobs in [2, 3, 7] {
        assert!(of(&world, &Limits { jobs, ..limits.clone() }) == one, "{jobs} jobs find something else");
    }
    // Cut off at a number of states or of bytes, too.
    for limits in
        [Limits { states_max: 100_000, ..limits.clone() }, Limits { bytes_max: 2_000_000, ..limits.clone() }]
    {
        let one = of(&world, &limits);
        assert!(matches!(one.verdict, Verdict::RanOut));
        assert!(of(&world, &Limits { jobs: 2, ..limits }) == one, "two jobs stop elsewhere");
    }
}

#[test]
fn a_state_takes_no_more_than_24_bytes_however_the_tables_happen_to_be_filled() {
    let (case, crashes_max) = row("g1");
    let world = Peers::new(&case);
    for states_max in (60_000..=300_000).step_by(20_000) {
        let found = of(&world, &Limits { crashes_max, states_max, ..Limits::default() });
        assert!(found.bytes <= 24 * found.states, "{} bytes for {} states", found.bytes, found.states);
    }
}

proptest! {
    #![proptest_config(crate::cases(60))]

    #[test]
    fn a_bound_on_bytes_is_kept_and_never_turns_into_a_pass(tiny in any_tiny(1)) {
        let world = tiny.bench();
        let limits = Limits { crashes_max: tiny.crashes_max, ..Limits::default() };
        let all = of(&world, &limits);
        for bytes_max in (0..all.bytes + 200).step_by(all.bytes / 8 + 1) {
            let found = of(&world, &Limits { bytes_max, ..limits.clone() });
            if bytes_max >= all.bytes {
                prop_assert_eq!(&found, &all);
                continue;
            }
            // The first state is always kept.
            prop_assert!(found.bytes <= bytes_max || found.states == 1);
            prop_assert!(found.verdict != Verdict::Holds || all.states == 1, "a bound that was reached is no pass");
            prop_assert!(found.out_of_bytes || found.verdict == all.verdict);
        }
        prop_assert!(!all.out_of_bytes);
    }
}
