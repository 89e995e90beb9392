//! A machine of numbered cells and locks, and a world on it put together from closures.
//!
//! Modelled: cells that hold a number; locks held by an actor, which a crash abandons (the next owner is told so) or,
//! where the machine says so, leaves held for ever; processes that die by a crash or by another's hand.

use std::collections::BTreeSet;

use mapisim_sim::space::{Scene, View};
use mapisim_sim::steps::{Standing, Steps};
use mapisim_sim::world::{Actor, Call, Cast, Machine, Outcome, Process, World};

/// The shared state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cells {
    pub(crate) numbers: Vec<i64>,
    pub(crate) locks: Vec<Lock>,
    /// Whether a crash releases the locks of the dead.
    pub(crate) abandons: bool,
    /// Planted: it is no function.
    pub(crate) strays: Option<Stray>,
    /// Which process each actor belongs to.
    owners: Vec<Process>,
    dead: BTreeSet<Process>,
}

/// What a machine that is no function does by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stray {
    /// It answers.
    Answer,
    /// It changes a cell.
    Change,
    /// It changes a cell when somebody crashes.
    Crash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lock {
    Free,
    Held(Actor),
    Abandoned,
}

/// One step. Cells and locks are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Op {
    /// Answers the cell.
    Load(usize),
    /// Answers what was stored.
    Store(usize, i64),
    /// Answers the sum.
    Add(usize, i64),
    /// Stores the last number if the cell is the middle one; answers what the cell was.
    CompareExchange(usize, i64, i64),
    /// Waits while the cell is 0; answers it.
    Await(usize),
    /// Waits for a lock; answers 1 where a dead process had abandoned it.
    Take(usize),
    /// Gives a lock back.
    Give(usize),
    /// Ends another process.
    End(Process),
}

/// A number that is another one each time: the first of a hash map.
#[expect(clippy::disallowed_types, reason = "the order of a HashMap is what is to be caught")]
pub(crate) fn any() -> i64 {
    let map: std::collections::HashMap<i64, i64> = (0..10_000).map(|number| (number, number)).collect();
    map.into_values().next().expect("ten thousand numbers")
}

impl Cells {
    fn end(&mut self, process: Process) {
        self.dead.insert(process);
        for lock in &mut self.locks {
            if matches!(*lock, Lock::Held(actor) if self.owners[actor.index()] == process) && self.abandons {
                *lock = Lock::Abandoned;
            }
        }
    }
}

impl Machine for Cells {
    type Op = Op;
    type Answer = i64;

    fn execute(&mut self, actor: Actor, op: &Op) -> Outcome<i64> {
        if self.dead.contains(&self.owners[actor.index()]) {
            return Outcome::Gone;
        }
        match self.strays {
            Some(Stray::Answer) => return Outcome::Answered(any()),
            Some(Stray::Change) => self.numbers[1] = any(),
            Some(Stray::Crash) | None => {}
        }
        Outcome::Answered(match *op {
            Op::Store(cell, value) => {
                self.numbers[cell] = value;
                value
            }
            Op::Add(cell, value) => {
                self.numbers[cell] += value;
                self.numbers[cell]
            }
            Op::CompareExchange(cell, expected, value) => {
                let found = self.numbers[cell];
                if found == expected {
                    self.numbers[cell] = value;
                }
                found
            }
            Op::Await(cell) if self.numbers[cell] == 0 => return Outcome::Wait,
            Op::Load(cell) | Op::Await(cell) => self.numbers[cell],
            Op::Take(lock) => match self.locks[lock] {
                Lock::Held(_) => return Outcome::Wait,
                before => {
                    self.locks[lock] = Lock::Held(actor);
                    i64::from(before == Lock::Abandoned)
                }
            },
            Op::Give(lock) => {
                assert_eq!(self.locks[lock], Lock::Held(actor), "a lock is given back by who holds it");
                self.locks[lock] = Lock::Free;
                0
            }
            Op::End(process) => {
                self.end(process);
                0
            }
        })
    }

    fn alive(&self, process: Process) -> bool {
        !self.dead.contains(&process)
    }

    fn crash(&mut self, process: Process) {
        self.end(process);
        if self.strays == Some(Stray::Crash) {
            self.numbers[1] = any();
        }
    }
}

/// One call of an actor's script: actor, index, memory, steps.
type Program = Box<dyn Fn(Actor, usize, i64, Steps<Cells>) -> Call<'static, i64>>;
type Breaks = Box<dyn Fn(&Cells, &Standing<'_, Bench>) -> Option<&'static str>>;
type AtRest = Box<dyn Fn(&View<'_, Bench>) -> bool>;
type StepBreaks = Box<dyn Fn(&Scene<'_, Bench>) -> Option<&'static str>>;
type Probes = Box<dyn Fn(&Scene<'_, Bench>) -> u64>;

/// A world on [`Cells`], every actor a process of its own; memory is one number, properties are named by texts.
pub(crate) struct Bench {
    pub(crate) start: Cells,
    pub(crate) cast: Cast,
    scripts: Vec<Vec<String>>,
    program: Program,
    breaks: Breaks,
    deadlock: Option<&'static str>,
    rest: Option<(&'static str, AtRest)>,
    steps: Option<StepBreaks>,
    probes: Probes,
    probes_wanted: u64,
}

impl Bench {
    /// Actors by name, each with the names of its calls; two cells that are 0, two free locks, and nothing breaks.
    pub(crate) fn new(
        actors: &[(&str, &[&str])],
        program: impl Fn(Actor, usize, i64, Steps<Cells>) -> Call<'static, i64> + 'static,
    ) -> Self {
        let mut cast = Cast::default();
        let mut owners = Vec::new();
        for (name, _) in actors {
            let process = cast.process(*name);
            cast.actor(process, *name);
            owners.push(process);
        }
        let script = |calls: &&[&str]| calls.iter().map(|&call| call.to_owned()).collect();
        Bench {
            start: Cells {
                numbers: vec![0; 2],
                locks: vec![Lock::Free; 2],
                abandons: true,
                owners,
                strays: None,
                dead: BTreeSet::new(),
            },
            cast,
            scripts: actors.iter().map(|(_, calls)| script(calls)).collect(),
            program: Box::new(program),
            breaks: Box::new(|_, _| None),
            deadlock: None,
            rest: None,
            steps: None,
            probes: Box::new(|_| 0),
            probes_wanted: 0,
        }
    }

    pub(crate) fn breaks(
        mut self,
        breaks: impl Fn(&Cells, &Standing<'_, Bench>) -> Option<&'static str> + 'static,
    ) -> Self {
        self.breaks = Box::new(breaks);
        self
    }

    pub(crate) fn deadlock(mut self, property: &'static str) -> Self {
        self.deadlock = Some(property);
        self
    }

    pub(crate) fn at_rest(
        mut self,
        property: &'static str,
        at_rest: impl Fn(&View<'_, Bench>) -> bool + 'static,
    ) -> Self {
        self.rest = Some((property, Box::new(at_rest)));
        self
    }

    pub(crate) fn step_breaks(
        mut self,
        breaks: impl Fn(&Scene<'_, Bench>) -> Option<&'static str> + 'static,
    ) -> Self {
        self.steps = Some(Box::new(breaks));
        self
    }

    pub(crate) fn probes(mut self, wanted: u64, probes: impl Fn(&Scene<'_, Bench>) -> u64 + 'static) -> Self {
        self.probes = Box::new(probes);
        self.probes_wanted = wanted;
        self
    }
}

impl World for Bench {
    type Machine = Cells;
    type Memory = i64;
    type Property = &'static str;

    fn machine(&self) -> Cells {
        self.start.clone()
    }

    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn memory(&self, _actor: Actor) -> i64 {
        0
    }

    fn script(&self, actor: Actor) -> &[String] {
        &self.scripts[actor.index()]
    }

    fn call(&self, actor: Actor, index: usize, memory: i64, steps: Steps<Cells>) -> Call<'_, i64> {
        (self.program)(actor, index, memory, steps)
    }

    fn broken(&self, machine: &Cells, _actor: Actor, standing: &Standing<'_, Self>) -> Option<&'static str> {
        (self.breaks)(machine, standing)
    }

    fn deadlock(&self) -> Option<&'static str> {
        self.deadlock
    }

    fn rest(&self) -> Option<&'static str> {
        self.rest.as_ref().map(|rest| rest.0)
    }

    fn at_rest(&self, view: &View<'_, Self>) -> bool {
        self.rest.as_ref().is_some_and(|rest| (rest.1)(view))
    }

    fn judges_steps(&self) -> bool {
        self.steps.is_some()
    }

    fn step_breaks(&self, scene: &Scene<'_, Self>) -> Option<&'static str> {
        self.steps.as_ref().and_then(|breaks| breaks(scene))
    }

    fn probes(&self, scene: &Scene<'_, Self>) -> u64 {
        (self.probes)(scene)
    }

    fn probes_wanted(&self) -> u64 {
        self.probes_wanted
    }
}
