//! Small programs with a lock, a shared cell and words of their own, whose world can be made to say what is not so.

use std::collections::BTreeMap;

use mapisim_sim::world::Call;
use mapisim_sim::{Actor, Cast, Machine, Mover, Outcome, Process, Standing, Steps, Taken, World};
use proptest::prelude::*;

/// A shared cell, a lock that a crash breaks, and a word for each actor that nobody else can see.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shop {
    cell: u8,
    owner: Option<u16>,
    broken_locks: u8,
    words: Vec<u8>,
    dead: Vec<bool>,
    lie: Lie,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Op {
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

    fn swapped(&self, one: Process, other: Process) -> Option<Self> {
        let mut swapped = self.clone();
        if self.lie != Lie::SwapsForgetTheOwner {
            swapped.owner = self.owner.map(|owner| match owner {
                owner if owner == one.0 => other.0,
                owner if owner == other.0 => one.0,
                owner => owner,
            });
        }
        if self.lie != Lie::SwapsForgetTheWords {
            swapped.words.swap(one.index(), other.index());
        }
        if self.lie != Lie::SwapsForgetTheDead {
            swapped.dead.swap(one.index(), other.index());
        }
        Some(swapped)
    }
}

/// What a world says wrongly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lie {
    #[default]
    Nothing,
    LoadsMove,
    StoresComeEarlier,
    LocksComeEarlier,
    UnlocksGoLater,
    WhatIsSeenMoves,
    SwapsForgetTheOwner,
    SwapsForgetTheWords,
    SwapsForgetTheDead,
    AllAreAlike,
    OneIsLookedAt,
    NobodyLoads,
    NobodyWaits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CellIsThree;

pub(crate) struct Scripts {
    cast: Cast,
    ops: Vec<Vec<Op>>,
    names: Vec<Vec<String>>,
    lie: Lie,
}

impl Scripts {
    pub(crate) fn new(ops: Vec<Vec<Op>>, lie: Lie) -> Self {
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
        let processes = self.ops.len();
        Shop { words: vec![0; processes], dead: vec![false; processes], lie: self.lie, ..Shop::default() }
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
        let seen = match self.lie {
            Lie::WhatIsSeenMoves => shop.words.contains(&1) && standing.memory() == &0,
            Lie::OneIsLookedAt => shop.words[0] == 2,
            _ => false,
        };
        (seen || shop.cell == 3).then_some(CellIsThree)
    }

    fn deadlock(&self) -> Option<CellIsThree> {
        Some(CellIsThree)
    }

    fn orbits(&self) -> Vec<Vec<Process>> {
        let mut alike: BTreeMap<&[Op], Vec<Process>> = BTreeMap::new();
        for process in self.cast.processes() {
            let script: &[Op] = if self.lie == Lie::AllAreAlike { &[] } else { &self.ops[process.index()] };
            alike.entry(script).or_default().push(process);
        }
        alike.into_values().collect()
    }

    /// Nobody asks how often the lock was broken.
    fn forget(&self, shop: &mut Shop) {
        shop.broken_locks = 0;
        match self.lie {
            Lie::NobodyLoads => shop.cell = 0,
            Lie::NobodyWaits => shop.owner = None,
            _ => {}
        }
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

/// Two or three of them.
pub(crate) fn scripts() -> impl Strategy<Value = Vec<Vec<Op>>> {
    let op = prop_oneof![
        Just(Op::Load),
        (1..3_u8).prop_map(Op::Store),
        Just(Op::Lock),
        Just(Op::Unlock),
        Just(Op::Think)
    ];
    prop::collection::vec(prop::collection::vec(op, 1..6), 2..4)
}
