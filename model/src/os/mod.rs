//! The machine: a little of Windows, one file per kernel concept.
//!
//! The rule of this family: [`Os`] is the whole kernel state as a value (cheap to clone, `Eq`, `Ord`, `Hash`,
//! ordered containers only), [`Os::execute`] is the only thing that changes it on a thread's behalf, and
//! every rule names its evidence. Nothing here has heard of MAPI or of the engine.
//!
//! Reading order: `syscall` (what a thread can do) and `error`; `machine` (the state, and the way in);
//! `windows` (versions as data); who: `sid`, `privilege`, `account`, `token`, `security`; what a process has:
//! `process`, `handle`, `critical_section`; named things: `namespace`, `object`, `section`, `mutex`;
//! `registry`; then `view` (what reports may look at) and `invariants`.
//!
//! # Not modelled
//!
//! Each file's header says what it leaves out. What is left out of the whole, so that no step can ask for it:
//! - events, semaphores, timers, jobs, files, and waits with a limit or for several objects;
//! - `DuplicateHandle`, inheritance of handles, and processes or threads started by a step;
//! - security attributes given by a caller, access lists changed afterwards, restricted and filtered tokens;
//! - HKLM, HKCR, registry links, change notification, and the loss of writes at a power failure;
//! - logging on to and off from sessions as such: a session is where a process was started;
//! - time: nothing ever times out.
pub mod account;
mod critical_section;
mod duplicate;
pub mod error;
pub mod event;
mod handle;
mod impersonation;
mod invariants;
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
pub mod sid;
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
