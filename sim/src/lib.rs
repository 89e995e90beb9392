//! A deterministic engine: runs, explores and replays any closed world of actors on a shared machine.
//!
//! It has never heard of Windows. A [`World`] brings a [`Machine`] (the shared state and its atomic steps) and a cast
//! of actors, each a script of calls written as plain `async` code in which every `await` of [`Steps::step`] is one
//! step of the machine and so one point where others may run. Everything else here is an answer to "which action
//! next?".
//!
//! Reading order
//! 1. [`world`]: what a user brings: machine, actors, properties.
//! 2. [`steps`]: how `async` code becomes an automaton: run forward from what it has been answered so far.
//! 3. [`space`]: numbers for machine states and local states, each step computed once.
//! 4. [`action`] and [`schedule`]: what can happen next, and lists of it, as values and as text.
//! 5. [`replay`], [`explore`], [`least`], [`random`]: one schedule, all of them, the most readable one that breaks
//!    something, one drawn from a seed.
//! 6. [`shrink`]: a run that shows something, made easier to read.
//! 7. [`odds`]: what mattered in a run: how likely it was to fail, from where on it was lost, which orders it takes.
//! 8. [`watch`] and [`checkpoint`]: how far a search is, and how it goes on another day.
//! 9. [`fuse`], [`forget`], [`symmetry`]: fewer states, for proofs: steps that nobody else can notice are no states of their
//!    own, what nobody notices is cleared, actors that differ in nothing stand for each other.
//! 10. [`alone`](mod@alone): one call on a copy of a machine, for properties that ask "what if nobody interfered?".
//! 11. [`rows`]: states as rows of numbers, for searches that are spread over several spaces.
//!
//! An example: two actors count up by reading and writing back, and one update is lost.
//!
//! ```
//! use mapisim_sim::explore::{Limits, Verdict, explore};
//! use mapisim_sim::world::{Actor, Call, Cast, Machine, Outcome, Process, World};
//! use mapisim_sim::{Schedule, Space, Standing, Steps};
//!
//! /// The shared state: the count, and how many are done with it.
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
//! struct Counter {
//!     count: u32,
//!     done: u32,
//! }
//!
//! /// One atomic step each.
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
//! enum Op {
//!     Read,
//!     Write(u32),
//!     Done,
//! }
//!
//! impl Machine for Counter {
//!     type Op = Op;
//!     type Answer = u32;
//!
//!     fn execute(&mut self, _actor: Actor, op: &Op) -> Outcome<u32> {
//!         match *op {
//!             Op::Read => {}
//!             Op::Write(count) => self.count = count,
//!             Op::Done => self.done += 1,
//!         }
//!         Outcome::Answered(self.count)
//!     }
//!
//!     fn alive(&self, _process: Process) -> bool {
//!         false // nobody is killed in this example
//!     }
//!
//!     fn crash(&mut self, _process: Process) {}
//! }
//!
//! /// What must hold.
//! #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
//! struct EveryUpdateCounts;
//!
//! struct Update {
//!     cast: Cast,
//!     script: Vec<String>,
//! }
//!
//! impl World for Update {
//!     type Machine = Counter;
//!     type Memory = ();
//!     type Property = EveryUpdateCounts;
//!
//!     fn machine(&self) -> Counter {
//!         Counter { count: 0, done: 0 }
//!     }
//!
//!     fn cast(&self) -> &Cast {
//!         &self.cast
//!     }
//!
//!     fn memory(&self, _actor: Actor) {}
//!
//!     fn script(&self, _actor: Actor) -> &[String] {
//!         &self.script
//!     }
//!
//!     fn call(&self, _actor: Actor, _index: usize, _memory: (), steps: Steps<Counter>) -> Call<'_, ()> {
//!         Box::pin(async move {
//!             let count = steps.step(Op::Read).await;
//!             steps.step(Op::Write(count + 1)).await;
//!             steps.step(Op::Done).await;
//!         })
//!     }
//!
//!     fn broken(&self, counter: &Counter, _: Actor, _: &Standing<'_, Self>) -> Option<EveryUpdateCounts> {
//!         (counter.done == 2 && counter.count != 2).then_some(EveryUpdateCounts)
//!     }
//! }
//!
//! let mut cast = Cast::default();
//! for name in ["ann", "bob"] {
//!     let process = cast.process(name);
//!     cast.actor(process, name);
//! }
//! let world = Update { cast, script: vec!["CountUp".to_owned()] };
//!
//! let found = explore(&mut Space::new(&world), &Limits::default());
//! let Verdict::Broken(counterexample) = found.verdict else { panic!("it is lost in some interleaving") };
//! let schedule = Schedule::exact(&counterexample.actions, &world.cast);
//! assert_eq!(counterexample.property, EveryUpdateCounts);
//! assert_eq!(schedule.to_string(), "ann:1,bob:3,ann:2");
//! ```
//!
//! Always holds
//! - Nothing here reads a clock, the environment, a file or unseeded randomness, and no hash order reaches a result:
//!   the same world and arguments give the same result on every machine.

pub mod action;
pub mod alone;
pub mod checkpoint;
mod chunk;
mod discover;
pub mod explore;
pub mod forget;
pub mod fuse;
mod key;
pub mod least;
mod limits;
pub mod odds;
mod packing;
mod pairs;
mod pool;
pub mod random;
pub mod replay;
pub mod rows;
mod scene;
pub mod schedule;
mod shortest;
pub mod shrink;
pub mod space;
pub mod steps;
mod store;
mod strike;
pub mod symmetry;
mod table;
mod visited;
pub mod watch;
pub mod world;

pub use action::Action;
pub use alone::alone;
pub use checkpoint::Checkpoint;
pub use explore::{Counterexample, Exploration, Verdict};
pub use fuse::{Mover, Taken};
pub use limits::Limits;
pub use pool::Pool;
pub use replay::{Diverged, Moment, Trace};
pub use schedule::{Schedule, Turn, Until};
pub use space::{Scene, Space, State, View};
pub use steps::{Standing, Steps};
pub use watch::{Progress, Watch};
pub use world::{Actor, Cast, Machine, Outcome, Parts, Process, World};
