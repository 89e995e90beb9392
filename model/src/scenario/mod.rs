//! Scenario files: what they may say, how they are read, and what is wrong where one is not.
//!
//! The rule of this family: text comes in ([`read`], [`read_bytes`]), a checked [`Scenario`] or [`Problems`] comes out,
//! and nothing here opens a file. One fault is one problem with its place; independent faults are reported together.
//!
//! Reading order
//! 1. [`file`], [`item`], [`call`], [`ordered`]: a file as it is written; [`unmodelled`]: calls that no script can make; `layout` writes one.
//! 2. `syntax` and `locate`: from bytes to a tree in which everything knows its place.
//! 3. `de`: from the tree to the file's types, with errors of shape.
//! 4. `check`: from the file to [`Scenario`] (in [`checked`]), with errors of meaning; [`profile_name`], `names`.
//! 5. [`problem`], [`place`], `show` and [`visible`]: what is wrong, and how that is shown.
//! 6. [`schema`]: the JSON Schema, made of the same types and tables.
//!
//! Always holds
//! - A [`ScenarioFile`] that is written reads back equal.
//! - Every problem's place lies inside the text that was read.
//! - No text, however large or deep, takes more than a bounded number of calls, problems or stack frames.

pub mod call;
pub mod checked;
pub mod faults;
pub mod file;
pub mod item;
pub mod ordered;
pub mod place;
pub mod problem;
pub mod profile_name;
pub mod schema;
pub mod unmodelled;
pub mod visible;

mod check;
mod de;
mod layout;
mod locate;
mod names;
mod read;
mod show;
mod syntax;

pub use call::Call;
pub use checked::{Expect, Expectation, Must, Scenario, ScriptCall};
pub use file::ScenarioFile;
pub use place::Place;
pub use problem::{Problem, Problems};
pub use read::{read, read_bytes};
pub use syntax::BYTES_MAX;

/// The version of the format.
pub const FORMAT: u64 = 1;

/// How many processes a scenario may have.
pub const PROCESSES_MAX: usize = 32;

/// How many threads all processes together may have.
pub const THREADS_MAX: usize = 64;

/// How many calls a thread may have once its repetitions are unrolled.
pub const CALLS_MAX: usize = 10_000;

#[cfg(test)]
mod tests;
