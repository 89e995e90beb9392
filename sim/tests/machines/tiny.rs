//! Random tiny programs, as data: what the engine runs, what a naive explorer runs, and how they are drawn.
//!
//! An actor has one register, 0 at first. Two grains: all ops of an actor as one call (a local state is then all that
//! it has been told), or each op as a call of its own (then it is the register).
//!
//! The naive explorer shares no code with the engine but the machine: global states are values in a `BTreeSet`, and
//! every run is enumerated.

use std::collections::BTreeSet;

use mapisim_sim::action::Action;
use mapisim_sim::world::{Actor, Machine, Outcome, Process};
use proptest::prelude::*;

use super::cells::{Bench, Cells, Op};

/// What an op does with the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Into the register.
    Load(usize),
    /// A number that does not depend on the register.
    Put(usize, i64),
    /// The register and one more.
    StoreNext(usize),
    Add(usize, i64),
    /// From the register to a number; the register becomes what was there.
    CompareExchange(usize, i64),
    Await(usize),
}

impl Deed {
    pub(crate) fn op(self, register: i64) -> Op {
        match self {
            Deed::Load(cell) => Op::Load(cell),
            Deed::Put(cell, value) => Op::Store(cell, value),
            Deed::StoreNext(cell) => Op::Store(cell, register + 1),
            Deed::Add(cell, value) => Op::Add(cell, value),
            Deed::CompareExchange(cell, value) => Op::CompareExchange(cell, register, value),
            Deed::Await(cell) => Op::Await(cell),
        }
    }

    /// The register after the op was answered.
    pub(crate) fn register(self, register: i64, answer: i64) -> i64 {
        match self {
            Deed::Load(_) | Deed::CompareExchange(..) | Deed::Await(_) => answer,
            Deed::Put(..) | Deed::StoreNext(_) | Deed::Add(..) => register,
        }
    }
}

/// A program per actor, and what must not be.
#[derive(Clone, Debug)]
pub(crate) struct Tiny {
    pub(crate) programs: Vec<Vec<Deed>>,
    /// Each op is a call of its own.
    pub(crate) fine: bool,
    /// Property `a cell`: cell 0 never holds this while the first actor lives.
    pub(crate) cell: i64,
    /// Property `register`: no actor ends with this in its register.
    pub(crate) register: i64,
    /// Whether a deadlock breaks the property `a deadlock`, which comes between the other two.
    pub(crate) deadlock: bool,
    pub(crate) crashes_max: usize,
}

const NAMES: [&str; 3] = ["ann", "bob", "cat"];
const OPS: [&str; 4] = ["first", "second", "third", "fourth"];

impl Tiny {
    /// The same as the engine runs it.
    pub(crate) fn bench(&self) -> Bench {
        let actors: Vec<(&str, &[&str])> = self
            .programs
            .iter()
            .zip(NAMES)
            .map(|(deeds, name)| (name, if self.fine { &OPS[..deeds.len()] } else { &["all"] }))
            .collect();
        let Tiny { programs, fine, cell, register, .. } = self.clone();
        let lengths: Vec<usize> = programs.iter().map(|deeds| if fine { deeds.len() } else { 1 }).collect();
        let world = Bench::new(&actors, move |actor, index, mut memory, steps| {
            let deeds = programs[actor.index()].clone();
            let mine = if fine { index..index + 1 } else { 0..deeds.len() };
            Box::pin(async move {
                for deed in &deeds[mine] {
                    memory = deed.register(memory, steps.step(deed.op(memory)).await);
                }
                memory
            })
        });
        let world = world.breaks(move |cells, standing| {
            if standing.actor() == Actor(0) && cells.numbers[0] == cell {
                return Some("a cell");
            }
            let ended = standing.call() == lengths[standing.actor().index()];
            (ended && *standing.memory() == register).then_some("register")
        });
        if self.deadlock { world.deadlock("a deadlock") } else { world }
    }
}

pub(crate) fn any_tiny(crashes_max: usize) -> impl Strategy<Value = Tiny> {
    let cell = 0..2_usize;
    let deed = prop_oneof![
        3 => cell.clone().prop_map(Deed::Load),
        1 => (cell.clone(), 0..3_i64).prop_map(|(cell, value)| Deed::Put(cell, value)),
        3 => cell.clone().prop_map(Deed::StoreNext),
        2 => (cell.clone(), 1..3_i64).prop_map(|(cell, value)| Deed::Add(cell, value)),
        2 => (cell.clone(), 0..3_i64).prop_map(|(cell, value)| Deed::CompareExchange(cell, value)),
        1 => cell.prop_map(Deed::Await),
    ];
    let programs = prop_oneof![
        prop::collection::vec(prop::collection::vec(deed.clone(), 0..=4), 2),
        prop::collection::vec(prop::collection::vec(deed, 0..=3), 3),
    ];
    (programs, any::<bool>(), 1..7_i64, 1..7_i64, any::<bool>(), 0..=crashes_max).prop_map(
        |(programs, fine, cell, register, deadlock, crashes_max)| Tiny {
            programs,
            fine,
            cell,
            register,
            deadlock,
            crashes_max,
        },
    )
}

/// A global state as a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Global {
    cells: Cells,
    actors: Vec<Local>,
}

/// Where an actor is: ops done, its register, what it was told in this call; `None`: killed.
type Local = Option<(usize, i64, Vec<i64>)>;

/// All there is to know about a tiny program, without the engine.
#[derive(Debug, Default)]
pub(crate) struct Naive {
    pub(crate) states: BTreeSet<Global>,
    pub(crate) transitions: u64,
    /// Of all runs that break something for the first time at their end the least: by length, property, crashes,
    /// switches.
    pub(crate) least: Option<(usize, &'static str, u32, u32)>,
}

impl Naive {
    pub(crate) fn new(tiny: &Tiny) -> Self {
        let start = Global::start(tiny);
        let mut naive = Naive::default();
        naive.enumerate(tiny, &start);
        naive.runs(tiny, &start, 0, (0, 0), None);
        naive
    }

    fn enumerate(&mut self, tiny: &Tiny, state: &Global) {
        if self.states.insert(state.clone()) {
            for (_, next) in state.next(tiny) {
                self.transitions += 1;
                self.enumerate(tiny, &next);
            }
        }
    }

    /// Every run from here on, up to the length of the shortest one known to break something.
    fn runs(&mut self, tiny: &Tiny, state: &Global, length: usize, cost: (u32, u32), last: Option<Actor>) {
        if let Some(property) = state.broken(tiny) {
            let run = (length, property, cost.0, cost.1);
            self.least = Some(self.least.map_or(run, |known| known.min(run)));
            return;
        }
        if self.least.is_some_and(|least| length >= least.0) {
            return;
        }
        for (action, next) in state.next(tiny) {
            let (crashes, switches) = cost;
            match action {
                Action::Crash(_) | Action::End(_) | Action::Fail(_) => {
                    self.runs(tiny, &next, length + 1, (crashes + 1, switches), last);
                }
                Action::Step(actor) => {
                    let switch = u32::from(last.is_some_and(|last| last != actor));
                    self.runs(tiny, &next, length + 1, (crashes, switches + switch), Some(actor));
                }
            }
        }
    }
}

impl Global {
    pub(crate) fn start(tiny: &Tiny) -> Self {
        Global { cells: tiny.bench().start, actors: vec![Some((0, 0, Vec::new())); tiny.programs.len()] }
    }

    pub(crate) fn lives(&self, actor: Actor) -> bool {
        self.actors[actor.index()].is_some()
    }

    /// The call that an actor is in, and the op that it wants.
    pub(crate) fn wanted(&self, tiny: &Tiny, actor: Actor) -> Option<(usize, Op)> {
        let (done, register, _) = self.actors[actor.index()].as_ref()?;
        let deed = tiny.programs[actor.index()].get(*done)?;
        Some((if tiny.fine { *done } else { 0 }, deed.op(*register)))
    }

    fn step(&self, tiny: &Tiny, actor: usize) -> Option<Outcome<Global>> {
        let (done, register, told) = self.actors[actor].as_ref()?;
        let deed = *tiny.programs[actor].get(*done)?;
        let mut next = self.clone();
        let number = u16::try_from(actor).expect("at most three");
        let Outcome::Answered(answer) = next.cells.execute(Actor(number), &deed.op(*register)) else {
            return Some(Outcome::Wait);
        };
        let mut told = told.clone();
        told.push(answer);
        if tiny.fine || done + 1 == tiny.programs[actor].len() {
            told.clear();
        }
        next.actors[actor] = Some((done + 1, deed.register(*register, answer), told));
        Some(Outcome::Answered(next))
    }

    pub(crate) fn next(&self, tiny: &Tiny) -> Vec<(Action, Global)> {
        let mut all = Vec::new();
        for (actor, number) in (0..self.actors.len()).zip(0..) {
            if let Some(Outcome::Answered(next)) = self.step(tiny, actor) {
                all.push((Action::Step(Actor(number)), next));
            }
        }
        let crashes = self.actors.iter().filter(|actor| actor.is_none()).count();
        for (actor, number) in (0..self.actors.len()).zip(0..) {
            if crashes < tiny.crashes_max && self.actors[actor].is_some() {
                let mut next = self.clone();
                next.cells.crash(Process(number));
                next.actors[actor] = None;
                all.push((Action::Crash(Process(number)), next));
            }
        }
        all
    }

    pub(crate) fn broken(&self, tiny: &Tiny) -> Option<&'static str> {
        let alive = || {
            self.actors.iter().zip(&tiny.programs).filter_map(|(actor, deeds)| Some((actor.as_ref()?, deeds)))
        };
        let steps: Vec<_> = (0..self.actors.len()).filter_map(|actor| self.step(tiny, actor)).collect();
        let ended = |((done, register, _), deeds): (&(usize, i64, Vec<i64>), &Vec<Deed>)| {
            *done == deeds.len() && *register == tiny.register
        };
        if self.actors[0].is_some() && self.cells.numbers[0] == tiny.cell {
            Some("a cell")
        } else if tiny.deadlock && !steps.is_empty() && steps.iter().all(|step| *step == Outcome::Wait) {
            Some("a deadlock")
        } else {
            alive().any(ended).then_some("register")
        }
    }
}
