//! The machine: a little of Windows, one file per kernel concept.
//!
//! The rule of this family: [`Os`] is the whole kernel state as a value (cheap to clone, `Eq`, `Ord`, `Hash`,
//! ordered containers only), [`Os::execute`] is the only thing that changes it on a thread's behalf, and
//! every rule names its evidence. Nothing here has heard of MAPI or of the engine.
//!
//! Reading order: `syscall` (what a thread can do) and `error`; `machine` (the state, and the way in);
//! `windows` (versions as data); who: `sid`, `privilege`, `account`, `token`, `impersonation`, `security`; what a
//! process has: `process`, `handle`, `duplicate`, `critical_section`; named things: `namespace`, `object`,
//! `section`, `memory`, `mutex`, `event`, `wait`; `registry`; then `view` (what reports may look at) and
//! `invariants`.
//!
//! How true it is to Windows is asked from outside, by the vectors of (os G) and by recorded sequences.
//!
//! # Not modelled
//!
//! Each file's header says what it leaves out. What is left out of the whole, so that no step can ask for it:
//! - semaphores, timers, jobs, files; waits with a limit other than 0, or for several objects;
//! - inheritance of handles, and processes or threads started, opened or ended by another's step;
//! - access lists of a caller's own other than the NULL list, lists changed afterwards, restricted and filtered
//!   tokens, rights of token handles, the delegation level;
//! - native creation of objects without `OBJ_OPENIF`, where versions differ (os H.15), and absolute names;
//! - HKLM, HKCR, registry links, renaming, change notification, buffers that are too small, and the loss of
//!   writes at a power failure;
//! - private namespaces, and Terminal Server's mapping of the registry;
//! - logging on to and off from sessions as such: a session is where a process was started;
//! - time: nothing ever times out but a wait that does not wait.
pub mod account;
mod critical_section;
mod duplicate;
pub mod error;
pub mod event;
mod handle;
mod impersonation;
mod invariants;
mod left;
mod machine;
mod memory;
pub mod mutex;
pub mod namespace;
pub mod object;
pub mod privilege;
pub mod process;
pub mod registry;
pub mod section;
pub mod security;
pub(crate) mod shared;
pub mod sid;
mod swap;
pub mod syscall;
#[cfg(test)]
mod tests;
pub mod token;
pub mod view;
mod wait;
pub mod windows;

pub use account::Account;
pub use error::Win32Error;
pub use machine::Os;
pub use process::{Process, ProcessId, ThreadId};
pub use sid::Sid;
pub use syscall::{Answer, Handle, Key, Syscall, Value, ViewBase};
pub use windows::Windows;
