//! A search that is stopped and goes on finds what it would have found.

use mapisim_sim::explore::{Exploration, Limits, Verdict, explore, explore_from};
use mapisim_sim::space::Space;
use mapisim_sim::world::World;
use mapisim_sim::{Checkpoint, Progress, Watch};
use proptest::prelude::*;

use crate::machines::peers::{Case, Peers};
use crate::machines::rows::{NONE, row};
use crate::machines::tiny::any_tiny;

/// Stops when it was asked so many times, and keeps what it is given.
struct StopAt {
    left: usize,
    kept: Option<Checkpoint>,
}

impl Watch for StopAt {
    fn go_on(&mut self, _progress: Progress) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    fn wants_checkpoint(&mut self, _states: usize, stopping: bool) -> bool {
        stopping
    }

    fn keep(&mut self, checkpoint: Checkpoint) {
        self.kept = Some(checkpoint);
    }
}

/// A search that is stopped again and again, after `asked` questions each time, and goes on in a new space.
fn in_parts<W: World>(world: &W, limits: &Limits, asked: usize) -> (Exploration<W::Property>, usize) {
    let (mut from, mut breaks) = (None, 0);
    loop {
        let mut watch = StopAt { left: asked, kept: None };
        // What it goes on from went through bytes.
        let read =
            from.map(|from: Checkpoint| Checkpoint::from_bytes(&from.to_bytes()).expect("it reads back"));
        let found = explore_from(&mut Space::new(world), limits, read.as_ref(), &mut watch);
        let found = found.expect("it is the same world");
        if !found.stopped {
            return (found, breaks);
        }
        from = Some(watch.kept.expect("a search that was told to stop is kept"));
        breaks += 1;
        assert!(breaks < 10_000, "it comes no further");
    }
}

#[test]
fn stopped_again_and_again_it_ends_as_if_it_had_not_been() {
    for (case, crashes_max) in [(NONE, 0), (NONE, 1), (row("g").0, 0)] {
        let world = Peers::new(&case);
        for limits in [
            Limits { crashes_max, ..Limits::default() },
            Limits { crashes_max, jobs: 2, ..Limits::default() },
            Limits { crashes_max, states_max: 200, ..Limits::default() },
            Limits { crashes_max, bytes_max: 1_500_000, ..Limits::default() },
        ] {
            let whole = explore(&mut Space::new(&world), &limits);
            // Of a level that takes several questions nothing is kept until it is done.
            let widest = whole.levels.iter().max().expect("there is a first state").div_ceil(1 << 13);
            for asked in [widest + 1, widest + 2, 15] {
                let (found, breaks) = in_parts(&world, &limits, asked);
                assert!(found == whole, "{case:?}: {:?}, not {:?}", found.verdict, whole.verdict);
                assert!(breaks > 0 || whole.levels.len() < 15, "it was stopped nowhere");
            }
        }
    }
}

#[test]
fn stopped_in_the_middle_of_a_level_it_goes_on_from_its_beginning() {
    let world = Peers::new(&row("g").0);
    let limits = Limits::default();
    let whole = explore(&mut Space::new(&world), &limits);
    // The second question about a level that takes two.
    let first = whole.levels.iter().position(|states| *states > 1 << 13).expect("it has a large level");
    let mut watch = StopAt { left: first + 2, kept: None };
    let cut = explore_from(&mut Space::new(&world), &limits, None, &mut watch).expect("it begins");
    let kept = watch.kept.expect("it was told to stop");
    let before: usize = whole.levels[..=first].iter().sum();
    assert_eq!(kept.states(), before);
    assert!(cut.states > before, "it was stopped between two levels");
    let go_on = &mut StopAt { left: usize::MAX, kept: None };
    let found = explore_from(&mut Space::new(&world), &limits, Some(&kept), go_on);
    assert!(found.expect("it is the same world") == whole);
}

/// Its states are kept in the order of their numbers, so these are the same, too. Levels of several blocks are among them.
#[test]
fn what_is_kept_is_the_same_whatever_the_number_of_jobs() {
    let world = Peers::new(&row("g").0);
    let kept = |jobs, left| {
        let mut watch = StopAt { left, kept: None };
        let limits = Limits { crashes_max: 1, jobs, ..Limits::default() };
        explore_from(&mut Space::new(&world), &limits, None, &mut watch).expect("it begins");
        watch.kept.expect("it was told to stop")
    };
    for left in [25, 50, 70] {
        let one = kept(1, left);
        for jobs in [2, 3, 7] {
            assert!(kept(jobs, left) == one, "{jobs} jobs keep something else after {left} questions");
        }
    }
    assert!(kept(1, 70).states() > 250_000);
}

#[test]
fn what_is_kept_of_another_world_is_refused() {
    let kept = |case: &Case<'_>| {
        let mut watch = StopAt { left: 12, kept: None };
        explore_from(&mut Space::new(&Peers::new(case)), &Limits::default(), None, &mut watch)
            .expect("it begins");
        watch.kept.expect("it was told to stop")
    };
    let others = [
        Case { global_section: true, ..NONE },
        Case { processes: "SSD", accounts: "XXX", sessions: "011", ..NONE },
    ];
    for other in &others {
        for (mine, theirs) in [(&NONE, other), (other, &NONE)] {
            let go_on = &mut StopAt { left: usize::MAX, kept: None };
            let world = Peers::new(mine);
            let found = explore_from(&mut Space::new(&world), &Limits::default(), Some(&kept(theirs)), go_on);
            assert!(found.is_err(), "{mine:?} goes on from {theirs:?}");
        }
    }
}

#[test]
fn bytes_that_are_cut_off_or_too_many_are_no_checkpoint() {
    let mut watch = StopAt { left: 5, kept: None };
    explore_from(&mut Space::new(&Peers::new(&NONE)), &Limits::default(), None, &mut watch)
        .expect("it begins");
    let bytes = watch.kept.expect("it was told to stop").to_bytes();
    assert!(Checkpoint::from_bytes(&bytes).is_some());
    for length in 0..bytes.len() {
        assert_eq!(Checkpoint::from_bytes(&bytes[..length]), None, "{length} bytes");
    }
    assert_eq!(Checkpoint::from_bytes(&[&bytes[..], &[0; 8]].concat()), None);
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn a_generated_world_is_searched_in_parts_as_it_is_whole(tiny in any_tiny(2), asked in 2usize..6) {
        let world = tiny.bench();
        let limits = Limits { crashes_max: tiny.crashes_max, ..Limits::default() };
        let whole = explore(&mut Space::new(&world), &limits);
        prop_assert_eq!(&in_parts(&world, &limits, asked).0, &whole);
        prop_assert!(whole.verdict != Verdict::RanOut);
    }

    #[test]
    fn no_bytes_stop_the_program(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(Checkpoint::from_bytes(&bytes).is_some_and(|read| read.to_bytes() != bytes), false);
    }
}
