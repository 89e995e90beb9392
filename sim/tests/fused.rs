//! Fewer states: fused steps find the same, and a world that says wrongly how its steps move is caught.

use mapisim_sim::explore::explore;
use mapisim_sim::world::Call;
use mapisim_sim::{
    Actor, Cast, Limits, Machine, Mover, Outcome, Process, Space, Standing, Steps, Taken, Verdict, World,
    fuse,
};
use proptest::prelude::*;

/// A shared cell, a lock that a crash breaks, and a word for each actor that nobody else can see.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Shop {
    cell: u8,
    owner: Option<u16>,
    broken_locks: u8,
    words: Vec<u8>,
    dead: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Op {
    Load,
    Store(u8),
    Lock,
    Unlock,
    Think,
}

impl Machine for Shop {
    type Op = Op;
    type Answer = u8;

    fn execute(&mut self, actor: Actor, op: &Op) -> Outcome<u8> {
        match *op {
            Op::Store(value) => self.cell = value,
            Op::Lock if self.owner.is_some() => return Outcome::Wait,
            Op::Lock => self.owner = Some(actor.0),
            Op::Unlock if self.owner == Some(actor.0) => self.owner = None,
            Op::Load | Op::Unlock => {}
            Op::Think => self.words[actor.index()] = (self.words[actor.index()] + 1) % 4,
        }
        Outcome::Answered(if *op == Op::Load { self.cell } else { 0 })
    }

    fn alive(&self, process: Process) -> bool {
        !self.dead[process.index()]
    }

    fn crash(&mut self, process: Process) {
        self.dead[process.index()] = true;
        self.words[process.index()] = 0;
        if self.owner == Some(process.0) {
            self.owner = None;
            self.broken_locks += 1;
        }
    }
}

/// What a world says wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    Nothing,
    LoadsMove,
    StoresComeEarlier,
    LocksComeEarlier,
    UnlocksGoLater,
    WhatIsSeenMoves,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct CellIsThree;

struct Scripts {
    cast: Cast,
    ops: Vec<Vec<Op>>,
    names: Vec<Vec<String>>,
    lie: Lie,
}

impl Scripts {
    fn new(ops: Vec<Vec<Op>>, lie: Lie) -> Self {
        let mut cast = Cast::default();
        for number in 0..ops.len() {
            let process = cast.process(format!("p{number}"));
            cast.actor(process, format!("p{number}"));
        }
        let names = ops.iter().map(|script| script.iter().map(|op| format!("{op:?}")).collect()).collect();
        Scripts { cast, ops, names, lie }
    }
}

impl World for Scripts {
    type Machine = Shop;
    type Memory = u8;
    type Property = CellIsThree;

    fn machine(&self) -> Shop {
        Shop { words: vec![0; self.ops.len()], dead: vec![false; self.ops.len()], ..Shop::default() }
    }

    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn memory(&self, _: Actor) -> u8 {
        0
    }

    fn script(&self, actor: Actor) -> &[String] {
        &self.names[actor.index()]
    }

    fn call(&self, actor: Actor, index: usize, memory: u8, steps: Steps<Shop>) -> Call<'_, u8> {
        let op = self.ops[actor.index()][index];
        Box::pin(async move {
            // A store adds to what was loaded last.
            let op = if let Op::Store(more) = op { Op::Store((memory + more) % 5) } else { op };
            let answer = steps.step(op).await;
            if op == Op::Load { answer } else { memory }
        })
    }

    fn broken(&self, shop: &Shop, _: Actor, standing: &Standing<'_, Self>) -> Option<CellIsThree> {
        let seen = self.lie == Lie::WhatIsSeenMoves && shop.words.contains(&1) && standing.memory() == &0;
        (seen || shop.cell == 3).then_some(CellIsThree)
    }

    fn deadlock(&self) -> Option<CellIsThree> {
        Some(CellIsThree)
    }

    fn mover(&self, taken: &Taken<'_, Self>) -> Mover {
        match (taken.before.wanted(), self.lie) {
            (Some(Op::Think), _) | (Some(Op::Load), Lie::LoadsMove) => Mover::Both,
            (Some(Op::Lock), Lie::LocksComeEarlier) | (Some(Op::Store(_)), Lie::StoresComeEarlier) => {
                Mover::Left
            }
            (Some(Op::Lock), _) | (Some(Op::Unlock), Lie::UnlocksGoLater) => Mover::Right,
            (Some(Op::Unlock), _) => Mover::Left,
            _ => Mover::Neither,
        }
    }
}

fn scripts() -> impl Strategy<Value = Vec<Vec<Op>>> {
    let op = prop_oneof![
        Just(Op::Load),
        (1..3_u8).prop_map(Op::Store),
        Just(Op::Lock),
        Just(Op::Unlock),
        Just(Op::Think)
    ];
    prop::collection::vec(prop::collection::vec(op, 1..6), 2..4)
}

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
    // A lock that a crash leaves broken is given back in a step of its own.
    assert_eq!((states(1, false), states(1, true)), (140, 75));
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
