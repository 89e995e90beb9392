//! The world that mapisim simulates: a little of Windows, MAPI on it, what must hold, and the scenario format.
//!
//! Reading order: [`os`] (the machine), [`sys`] and [`world`] (the seam between machine and engine), [`mapi`] (the
//! algorithm), [`scenario`] and [`reg_file`] (the files), [`property`], [`probe`], then [`check`] and [`draw`] with
//! [`outcome`], [`trace`] and [`finding`] (what came of it, and why), [`carry`] (a run in the place of another build),
//! [`generate`] and [`shrink`] (worlds that nobody wrote,
//! and making what they show small); [`mutant`]: versions that lack a rule;
//! [`firmness`]: what a verdict hangs on.
// The algorithm is async functions that call each other many deep; each is a layer of one type.
#![recursion_limit = "256"]

pub mod alike;
pub mod carry;
pub mod check;
pub mod diagnose;
pub mod draw;
pub mod finding;
pub mod firmness;
pub mod generate;
pub mod mapi;
pub mod mattered;
pub mod mutant;
pub mod os;
pub mod outcome;
pub mod probe;
pub mod property;
pub mod record;
pub mod reg_file;
pub mod scenario;
mod script;
mod setup;
pub mod shrink;
pub mod sys;
pub mod trace;
pub mod world;
