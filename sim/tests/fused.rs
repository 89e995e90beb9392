//! Fewer states: fused steps find the same, and a world that says wrongly how its steps move is caught.

use mapisim_sim::explore::explore;
use mapisim_sim::{Limits, Space, Verdict, fuse};
use proptest::prelude::*;

use crate::machines::cells::{self, Bench};
use crate::machines::shop::{Lie, Op, Scripts, scripts};

/// Two that count up under a lock, and think in between.
fn careful() -> Vec<Vec<Op>> {
    let one = vec![Op::Think, Op::Lock, Op::Think, Op::Load, Op::Store(1), Op::Think, Op::Unlock, Op::Think];
    vec![one.clone(), one]
}

/// Two that add up without a lock, modulo 5. Only an update that is lost makes a 3.
fn careless() -> Vec<Vec<Op>> {
    vec![vec![Op::Think, Op::Load, Op::Store(1)], vec![Op::Load, Op::Store(4), Op::Load, Op::Store(2)]]
}

fn with_crashes(crashes_max: usize) -> Limits {
    Limits { crashes_max, ..Limits::default() }
}

proptest! {
    #![proptest_config(super::cases(3_000))]

    #[test]
    fn fused_and_single_steps_find_the_same(ops in scripts(), crashes in 0..2_usize) {
        let world = Scripts::new(ops, Lie::Nothing);
        let limits = with_crashes(crashes);
        let checked = fuse::check(&world, &limits, usize::MAX);
        prop_assert!(checked.is_ok(), "{checked:?}");
        let whole = explore(&mut Space::new(&world), &limits);
        let fused = explore(&mut Space::fused(&world, &limits, false).expect("no step is judged"), &limits);
        prop_assert_eq!(whole.verdict == Verdict::Holds, fused.verdict == Verdict::Holds);
        if whole.verdict == Verdict::Holds {
            prop_assert!(fused.states <= whole.states, "{} states, {} fused", whole.states, fused.states);
        }
    }
}

#[test]
fn whoever_counts_under_a_lock_has_few_states() {
    let states = |crashes, fused: bool| {
        let (world, limits) = (Scripts::new(careful(), Lie::Nothing), with_crashes(crashes));
        let mut space = Space::new(&world);
        if fused {
            space = Space::fused(&world, &limits, false).expect("no step is judged");
        }
        let found = explore(&mut space, &limits);
        assert_eq!(found.verdict, Verdict::Holds);
        found.states
    };
    assert_eq!((states(0, false), states(0, true)), (60, 13));
    // That a crash left the lock broken is what nobody notices.
    assert_eq!((states(1, false), states(1, true)), (140, 31));
}

#[test]
fn a_world_that_says_wrongly_how_its_steps_move_is_caught() {
    for lie in [
        Lie::LoadsMove,
        Lie::StoresComeEarlier,
        Lie::LocksComeEarlier,
        Lie::UnlocksGoLater,
        Lie::WhatIsSeenMoves,
    ] {
        let believed = [careful(), careless()]
            .map(|ops| fuse::check(&Scripts::new(ops, lie), &with_crashes(0), usize::MAX));
        assert!(believed.iter().any(Result::is_err), "{lie:?} is believed: {believed:?}");
    }
    let checked = fuse::check(&Scripts::new(careful(), Lie::Nothing), &with_crashes(1), usize::MAX);
    let checked = checked.expect("nothing is said wrongly");
    assert!(checked.moves > 50 && checked.pairs > 100, "little was looked at: {checked:?}");
}

#[test]
fn a_load_that_is_said_to_move_hides_a_lost_update() {
    let verdict = |lie| {
        let (world, limits) = (Scripts::new(careless(), lie), Limits::default());
        let mut space = Space::fused(&world, &limits, false).expect("no step is judged");
        explore(&mut space, &limits).verdict == Verdict::Holds
    };
    assert!(!verdict(Lie::Nothing), "the update that is lost is found");
    assert!(verdict(Lie::LoadsMove), "with the lie it is not: such lies are what the check is for");
}

#[test]
fn where_steps_are_judged_or_actors_die_alone_nothing_is_fused() {
    let bench = || {
        Bench::new(&[("ann", &["all"])], |_, _, memory, steps| {
            Box::pin(async move {
                steps.step(cells::Op::Load(0)).await;
                memory
            })
        })
    };
    let (plain, judging) = (bench(), bench().step_breaks(|_| None));
    let is_fused = |world: &Bench, ends_max| {
        Space::fused(world, &Limits { ends_max, ..Limits::default() }, false).is_some()
    };
    assert_eq!([is_fused(&plain, 0), is_fused(&judging, 0), is_fused(&plain, 1)], [true, false, false]);
}
