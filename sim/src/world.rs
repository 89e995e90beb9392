//! What a user brings: a machine, actors on it, and what must hold.

use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;

use crate::fuse::{Mover, Taken};
use crate::pool::Pool;
use crate::space::{Scene, View};
use crate::steps::{Standing, Steps};

/// An actor (a thread), numbered from 0 in the order of the [`Cast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(pub u16);

/// What a fault kills at once: one or more actors (a process), numbered from 0 in the order of the [`Cast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process(pub u16);

/// Parts of the machine's state that are saved apart from each other: number `n` of the [`Cast`]'s is bit `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parts(pub u16);

impl Parts {
    /// Parts of a cast at most.
    pub const MAX: usize = 16;

    /// Whether all of these are among the others.
    pub fn is_within(self, others: Parts) -> bool {
        self.0 & !others.0 == 0
    }

    /// Whether the part of that number is among them.
    pub fn has(self, part: usize) -> bool {
        self.0 >> part & 1 == 1
    }
}

impl Actor {
    /// The number as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Process {
    /// The number as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What became of an attempt to take a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<A> {
    /// The step was taken and answered.
    Answered(A),
    /// The actor has to wait: nothing changed, and it may try again when something has.
    Wait,
    /// The actor does not exist any more (another one ended its process): nothing changed, and it never will run again.
    Gone,
}

/// The shared state. States that behave alike should be equal: an ever-growing counter in it makes every search endless.
pub trait Machine: Clone + Eq + Ord + Hash + Debug {
    /// What an actor asks for; one step.
    type Op: Clone + Eq + Ord + Hash + Debug;
    /// What it is told.
    type Answer: Clone + Eq + Ord + Hash + Debug;

    /// Takes one atomic step for an actor: a pure function of the machine, the actor and the op.
    fn execute(&mut self, actor: Actor, op: &Self::Op) -> Outcome<Self::Answer>;

    /// Whether a process lives, so that it could be killed.
    fn alive(&self, process: Process) -> bool;

    /// Kills a living process without running any of its code.
    fn crash(&mut self, process: Process);

    /// Whether it differs from another by nothing but what goes with a process when that is killed, so that
    /// [`Machine::crash`] makes both equal. `false`, as by default: nobody has looked.
    fn differs_by_one_alone(&self, _other: &Self, _process: Process) -> bool {
        false
    }

    /// Whether an actor could die alone, while its process lives on. By default none can.
    fn can_end(&self, _actor: Actor) -> bool {
        false
    }

    /// Ends an actor alone ([`Machine::can_end`]) without running any of its code; its process lives on.
    fn end(&mut self, actor: Actor) {
        unreachable!("actor {} of this machine cannot die alone", actor.0);
    }

    /// The parts of it that have changed since they were last saved, so that each of them is lost or kept if it fails
    /// now; `None` where it cannot fail. By default it cannot.
    fn unsaved(&self) -> Option<Parts> {
        None
    }

    /// It fails, as in a power failure: every process is dead, and of what was not saved only these parts are kept. It
    /// does not fail twice: [`Machine::unsaved`] says so afterwards.
    fn fail(&mut self, kept: Parts) {
        unreachable!("this machine cannot fail, whatever is kept ({:b})", kept.0);
    }

    /// The machine in which two processes have changed places: each has what the other had, and so have its actors,
    /// in their order. `None`, as by default: it cannot be told. See [`World::orbits`].
    fn swapped(&self, _one: Process, _other: Process) -> Option<Self> {
        None
    }

    /// Takes from the pool what it has in common with machines that were seen before ([`Pool::share`]), and is equal to what
    /// it was. Only memory and time depend on it. By default it has nothing in common with others.
    ///
    /// [`Pool::share`]: crate::Pool::share
    fn share(&mut self, _pool: &mut Pool) {}
}

/// Who takes part: names for people, and which actor belongs to which process.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cast {
    processes: Vec<String>,
    actors: Vec<(String, Process)>,
    parts: Vec<String>,
}

impl Cast {
    /// Adds a process. Every process has at least one actor, and a name of its own.
    pub fn process(&mut self, name: impl Into<String>) -> Process {
        let number = u16::try_from(self.processes.len()).expect("a cast has at most 65,536 processes");
        let name = name.into();
        assert!(
            self.find_process(&name).is_none(),
            "two processes are named `{name}`: schedules speak of them by name"
        );
        self.processes.push(name);
        Process(number)
    }

    /// Adds an actor to a process. Every actor has a name of its own.
    pub fn actor(&mut self, process: Process, name: impl Into<String>) -> Actor {
        assert!(
            process.index() < self.processes.len(),
            "an actor belongs to a process that was added before"
        );
        let number = u16::try_from(self.actors.len()).expect("a cast has at most 65,536 actors");
        let name = name.into();
        assert!(
            self.find_actor(&name).is_none(),
            "two actors are named `{name}`: schedules speak of them by name"
        );
        self.actors.push((name, process));
        Actor(number)
    }

    /// Adds a part of the machine that is saved apart from the others ([`Machine::unsaved`]). Every part has a name of
    /// its own.
    pub fn part(&mut self, name: impl Into<String>) {
        assert!(
            self.parts.len() < Parts::MAX,
            "a machine has at most {} parts that are saved apart",
            Parts::MAX
        );
        let name = name.into();
        assert!(!self.parts.contains(&name), "two parts are named `{name}`: schedules speak of them by name");
        self.parts.push(name);
    }

    /// Every set of parts, the empty one first.
    pub fn sets_of_parts(&self) -> impl Iterator<Item = Parts> + use<> {
        let sets = 1_u32 << self.parts.len();
        (0..sets).map(|set| Parts(u16::try_from(set).expect("there are 16 parts at most")))
    }

    /// The names of some parts, in their order.
    pub fn part_names(&self, parts: Parts) -> Vec<String> {
        let named = self.parts.iter().enumerate().filter(|(number, _)| parts.has(*number));
        named.map(|(_, name)| name.clone()).collect()
    }

    /// The parts of those names.
    ///
    /// # Errors
    /// The first name that is none of a part.
    pub fn find_parts<'n>(&self, names: &'n [String]) -> Result<Parts, &'n str> {
        names.iter().try_fold(Parts::default(), |parts, name| {
            let number = self.parts.iter().position(|known| known == name).ok_or(name.as_str())?;
            Ok(Parts(parts.0 | 1 << number))
        })
    }

    /// All actors, in order.
    pub fn actors(&self) -> impl ExactSizeIterator<Item = Actor> + use<> {
        (0..u16::try_from(self.actors.len()).expect("checked when added")).map(Actor)
    }

    /// All processes, in order.
    pub fn processes(&self) -> impl ExactSizeIterator<Item = Process> + use<> {
        (0..u16::try_from(self.processes.len()).expect("checked when added")).map(Process)
    }

    /// An actor's name.
    pub fn actor_name(&self, actor: Actor) -> &str {
        &self.actors[actor.index()].0
    }

    /// A process's name.
    pub fn process_name(&self, process: Process) -> &str {
        &self.processes[process.index()]
    }

    /// The process an actor belongs to.
    pub fn process_of(&self, actor: Actor) -> Process {
        self.actors[actor.index()].1
    }

    /// The actor of that name.
    pub fn find_actor(&self, name: &str) -> Option<Actor> {
        self.actors().find(|actor| self.actor_name(*actor) == name)
    }

    /// The process of that name.
    pub fn find_process(&self, name: &str) -> Option<Process> {
        self.processes().find(|process| self.process_name(*process) == name)
    }
}

/// A call that is under way: it ends with the actor's memory for the next call.
pub type Call<'a, Memory> = Pin<Box<dyn Future<Output = Memory> + 'a>>;

/// A closed world: everything that can happen follows from it.
pub trait World {
    /// The shared state.
    type Machine: Machine;
    /// What an actor remembers between two calls of its script: small, explicit, and all there is.
    type Memory: Clone + Eq + Ord + Hash + Debug;
    /// What can break. Its order decides between properties that break on equally short runs.
    type Property: Copy + Ord + Hash + Debug;

    /// The state in the beginning.
    fn machine(&self) -> Self::Machine;

    /// Who takes part.
    fn cast(&self) -> &Cast;

    /// An actor's memory before its first call.
    fn memory(&self, actor: Actor) -> Self::Memory;

    /// The names of the calls in an actor's script, in order.
    fn script(&self, actor: Actor) -> &[String];

    /// One call of an actor's script, to be run on `steps`. It must be a pure function of its arguments and of what
    /// `steps` answers: no globals, no clock, no state of its own that outlives it.
    fn call(
        &self,
        actor: Actor,
        index: usize,
        memory: Self::Memory,
        steps: Steps<Self::Machine>,
    ) -> Call<'_, Self::Memory>;

    /// The first property, in order, that an actor's standing breaks on this machine. Called for every actor that was
    /// not killed, whenever it or the machine changed.
    fn broken(
        &self,
        machine: &Self::Machine,
        actor: Actor,
        standing: &Standing<'_, Self>,
    ) -> Option<Self::Property>
    where
        Self: Sized;

    /// The property that a deadlock breaks; `None` where nobody asks.
    fn deadlock(&self) -> Option<Self::Property> {
        None
    }

    /// The property that states at rest can break ([`World::at_rest`]); `None` where nobody asks, and nobody is asked.
    fn rest(&self) -> Option<Self::Property> {
        None
    }

    /// Whether a state at rest breaks [`World::rest`]: one in which nobody can run any more and nobody waits, since every
    /// script has ended, idles or was killed with its process. Such a state is judged in itself and not for any one
    /// actor: what is left behind once all is quiet.
    fn at_rest(&self, _view: &View<'_, Self>) -> bool
    where
        Self: Sized,
    {
        false
    }

    /// Whether steps are judged ([`World::step_breaks`]), and not only the states that they lead to.
    fn judges_steps(&self) -> bool {
        false
    }

    /// The first property, in order, that a step breaks by being taken: for what is wrong at the moment when a call
    /// returns, though the same state is right where it was reached otherwise. Asked for every step where
    /// [`World::judges_steps`] says so.
    fn step_breaks(&self, _scene: &Scene<'_, Self>) -> Option<Self::Property>
    where
        Self: Sized,
    {
        None
    }

    /// How a step moves past the steps and crashes of other processes, asked for where steps are fused ([`Space::fused`]).
    /// It must be so in every state, and stay so whatever the others do; past what breaks a property it need not move. A step
    /// that is said to move changes nothing that [`World::broken`] sees: neither of its own actor nor of another.
    ///
    /// [`Space::fused`]: crate::Space::fused
    fn mover(&self, _taken: &Taken<'_, Self>) -> Mover
    where
        Self: Sized,
    {
        Mover::Neither
    }

    /// Sets of processes that differ in nothing but their places: one may stand for another, so that of all states that
    /// differ only by who is who one is looked at ([`Space::symmetric`]). By default none.
    ///
    /// In a set all have as many actors, with the same scripts and the same memory to begin with; no op, no answer and no
    /// memory says which process is meant; and nothing that is judged, probed or moved depends on it.
    /// [`symmetry::check`] looks whether it is so.
    ///
    /// [`Space::symmetric`]: crate::Space::symmetric
    /// [`symmetry::check`]: crate::symmetry::check
    fn orbits(&self) -> Vec<Vec<Process>> {
        Vec::new()
    }

    /// Clears what no actor will ever notice again and no property or probe looks at, so that machines that differ in
    /// nothing else are one; done twice it clears no more than done once. Used where steps are fused ([`Space::fused`]); [`forget::check`] looks whether it is so. By
    /// default nothing.
    ///
    /// [`Space::fused`]: crate::Space::fused
    /// [`forget::check`]: crate::forget::check
    fn forget(&self, _machine: &mut Self::Machine) {}

    /// Which of at most 64 probes this transition passes: bits to be gathered over a run or search, so that nothing
    /// holds for the wrong reason.
    fn probes(&self, _scene: &Scene<'_, Self>) -> u64
    where
        Self: Sized,
    {
        0
    }

    /// The probes that a step could pass by its actor and where that stands, whatever the machine is and wherever others
    /// stand; with no standing, those that faults could pass. A transition is not shown to [`World::probes`] where it could
    /// pass none that is still asked for. By default it may be any. [`Space::checking`] looks whether it is so.
    ///
    /// [`Space::checking`]: crate::Space::checking
    fn probes_ahead(&self, _standing: Option<&Standing<'_, Self>>) -> u64
    where
        Self: Sized,
    {
        u64::MAX
    }

    /// The probes anybody asks for: once all are reached, [`World::probes`] is not called any more.
    fn probes_wanted(&self) -> u64 {
        0
    }
}
