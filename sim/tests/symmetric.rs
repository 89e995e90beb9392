//! Of states that differ only by who is who one is looked at, and finds the same; what nobody notices is cleared, and finds
//! the same; and a world that says wrongly who is alike, or what is noticed, is caught.

use mapisim_sim::explore::explore;
use mapisim_sim::{Exploration, Limits, Space, Verdict, forget, symmetry};
use proptest::prelude::*;

use crate::machines::shop::{CellIsThree, Lie, Op, Scripts, scripts};

fn with_crashes(crashes_max: usize) -> Limits {
    Limits { crashes_max, ..Limits::default() }
}

fn whole(world: &Scripts, limits: &Limits) -> Exploration<CellIsThree> {
    explore(&mut Space::new(world), limits)
}

fn symmetric(world: &Scripts, limits: &Limits) -> Exploration<CellIsThree> {
    explore(&mut Space::new(world).symmetric(limits), limits)
}

/// Some of the programs twice or three times.
fn duplicated() -> impl Strategy<Value = Vec<Vec<Op>>> {
    (scripts(), 1..3_usize, 1..2_usize).prop_map(|(mut ops, first, second)| {
        ops.truncate(2);
        let again = [vec![ops[0].clone(); first], vec![ops[1].clone(); second]].concat();
        ops.extend(again);
        ops.truncate(4);
        for script in &mut ops {
            script.truncate(4);
        }
        ops
    })
}

proptest! {
    #![proptest_config(super::cases(600))]

    #[test]
    fn who_is_who_makes_no_difference(ops in duplicated(), crashes in 0..2_usize) {
        let (world, limits) = (Scripts::new(ops, Lie::Nothing), with_crashes(crashes));
        let checked = symmetry::check(&world, &limits, 300);
        prop_assert!(checked.is_ok(), "{checked:?}");
        let (all, some) = (whole(&world, &limits), symmetric(&world, &limits));
        prop_assert_eq!(all.verdict == Verdict::Holds, some.verdict == Verdict::Holds);
        prop_assert_eq!(all.levels.len(), some.levels.len(), "by as few actions");
        prop_assert!(some.states <= all.states, "{} states, {} symmetric", all.states, some.states);
        let fused = Space::fused(&world, &limits, false).expect("no step is judged");
        let both = explore(&mut fused.symmetric(&limits), &limits);
        prop_assert_eq!(all.verdict == Verdict::Holds, both.verdict == Verdict::Holds);
    }

    #[test]
    fn nobody_notices_what_is_cleared(ops in scripts(), crashes in 0..3_usize) {
        let (world, limits) = (Scripts::new(ops, Lie::Nothing), with_crashes(crashes));
        let checked = forget::check(&world, &limits, 3_000);
        prop_assert!(checked.is_ok(), "{checked:?}");
        let (all, cleared) = (whole(&world, &limits), explore(&mut Space::new(&world).forgetting(), &limits));
        prop_assert_eq!(&all.verdict, &cleared.verdict, "the same run");
        prop_assert!(cleared.states <= all.states);
    }
}

/// Some that read and write under a lock.
fn careful(processes: usize) -> Vec<Vec<Op>> {
    vec![vec![Op::Lock, Op::Load, Op::Store(0), Op::Unlock, Op::Think]; processes]
}

#[test]
fn processes_that_share_nothing_have_as_many_states_as_there_are_ways_to_count_them() {
    for (processes, thoughts, all, some) in [(2, 3, 16, 10), (3, 3, 64, 20), (4, 3, 256, 35), (5, 2, 243, 21)]
    {
        let world = Scripts::new(vec![vec![Op::Think; thoughts]; processes], Lie::Nothing);
        let limits = Limits::default();
        let found = (whole(&world, &limits).states, symmetric(&world, &limits).states);
        assert_eq!(found, (all, some), "{processes} that think {thoughts} times");
    }
}

#[test]
fn the_factor_comes_near_the_number_of_orders_and_fusing_goes_on_top() {
    let limits = with_crashes(1);
    let states = |processes| {
        let world = Scripts::new(careful(processes), Lie::Nothing);
        let fused = || Space::fused(&world, &limits, false).expect("no step is judged");
        let of = |space: &mut Space<'_, Scripts>| explore(space, &limits).states;
        (
            of(&mut Space::new(&world)),
            of(&mut Space::new(&world).symmetric(&limits)),
            of(&mut fused()),
            of(&mut fused().symmetric(&limits)),
        )
    };
    assert_eq!(
        [states(2), states(3), states(4)],
        [(51, 27, 14, 8), (270, 58, 44, 12), (1_269, 101, 128, 16)]
    );
}

#[test]
fn sets_of_processes_may_lie_between_each_other() {
    let limits = with_crashes(1);
    let thinks = || vec![Op::Think, Op::Load, Op::Think];
    let locks = || vec![Op::Lock, Op::Load, Op::Store(0), Op::Unlock];
    for scripts in [
        vec![thinks(), locks(), thinks()],
        vec![thinks(), locks(), thinks(), locks()],
        vec![locks(), thinks(), thinks(), locks()],
    ] {
        let world = Scripts::new(scripts, Lie::Nothing);
        let (whole, some) = (whole(&world, &limits), symmetric(&world, &limits));
        assert_eq!(some.verdict, whole.verdict);
        assert!(some.states < whole.states && some.stand_for == whole.states, "{some:?} for {whole:?}");
    }
}

#[test]
fn it_makes_no_difference_how_many_work_on_it() {
    let thinks = vec![Op::Think, Op::Load, Op::Store(0), Op::Think, Op::Think, Op::Think, Op::Load];
    let locks = vec![Op::Lock, Op::Think, Op::Unlock, Op::Think, Op::Think];
    let world = Scripts::new([vec![thinks; 3], vec![locks; 3]].concat(), Lie::Nothing);
    let limits = |jobs| Limits { jobs, ..Limits::default() };
    let (one, two) = (symmetric(&world, &limits(1)), symmetric(&world, &limits(2)));
    assert!(one.levels.iter().any(|level| *level > 300), "levels of {:?}", one.levels);
    assert_eq!(one, two);
}

#[test]
fn who_may_be_killed_is_not_like_who_may_not() {
    let world = Scripts::new(vec![vec![Op::Think]; 2], Lie::Nothing);
    let limits =
        Limits { crashes_max: 1, crashable: Some(vec![mapisim_sim::Process(0)]), ..Limits::default() };
    assert!(!Space::new(&world).symmetric(&limits).is_symmetric());
    assert!(Space::new(&world).symmetric(&with_crashes(1)).is_symmetric());
}

#[test]
fn a_world_that_says_wrongly_who_is_alike_is_caught() {
    let uneven = vec![vec![Op::Load, Op::Store(4)], vec![Op::Lock, Op::Think, Op::Think]];
    for lie in [
        Lie::SwapsForgetTheOwner,
        Lie::SwapsForgetTheWords,
        Lie::SwapsForgetTheDead,
        Lie::AllAreAlike,
        Lie::OneIsLookedAt,
    ] {
        let thoughts = vec![vec![Op::Think, Op::Think]; 2];
        let believed = [careful(2), thoughts, uneven.clone()]
            .map(|ops| symmetry::check(&Scripts::new(ops, lie), &with_crashes(1), usize::MAX));
        assert!(believed.iter().any(Result::is_err), "{lie:?} is believed: {believed:?}");
    }
    let checked = symmetry::check(&Scripts::new(careful(3), Lie::Nothing), &with_crashes(1), usize::MAX);
    let checked = checked.expect("nothing is said wrongly");
    assert!(checked.swaps > 200 && checked.actions > 1_000, "little was looked at: {checked:?}");
}

#[test]
fn a_world_that_says_wrongly_what_nobody_notices_is_caught() {
    let counting = vec![vec![Op::Lock, Op::Load, Op::Store(1), Op::Unlock]; 2];
    for lie in [Lie::NobodyLoads, Lie::NobodyWaits] {
        let believed = forget::check(&Scripts::new(counting.clone(), lie), &with_crashes(1), usize::MAX);
        assert!(believed.is_err(), "{lie:?} is believed: {believed:?}");
    }
    let checked = forget::check(&Scripts::new(counting.clone(), Lie::Nothing), &with_crashes(1), usize::MAX);
    assert!(checked.as_ref().is_ok_and(|pairs| *pairs > 50), "little was looked at: {checked:?}");
}
