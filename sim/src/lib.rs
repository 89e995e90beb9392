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
//! 5. [`replay`], [`explore`], [`least`], [`random`]: one schedule, all of them, the most readable of the shortest
//!    ones that break something, one drawn from a seed.
//!
//! Always holds
//! - Nothing here reads a clock, the environment, a file or unseeded randomness, and no hash order reaches a result:
//!   the same world and arguments give the same result on every machine.

pub mod action;
pub mod explore;
pub mod least;
pub mod random;
pub mod replay;
pub mod schedule;
pub mod space;
pub mod steps;
mod table;
pub mod world;

pub use action::Action;
pub use explore::{Counterexample, Exploration, Limits, Verdict};
pub use replay::{Diverged, Moment, Trace};
pub use schedule::{Schedule, Turn, Until};
pub use space::{Scene, Space, State};
pub use steps::{Standing, Steps};
pub use world::{Actor, Cast, Machine, Outcome, Process, World};
