//! The algorithm: MAPI's profile administration and sessions, as plain `async` functions that read like their
//! description, one per API call and one per internal action.
//!
//! The rule of this family: every `await` is one step of the machine and so a point where others may run;
//! nothing is shared but through the machine; what differs between versions is a value ([`rules::Rules`]),
//! and what the sources leave open is another ([`assumptions::Assumptions`]).
//!
//! Reading order: [`rules`], [`rule`] and [`product`] (which versions there are), [`assumptions`] (what is left open),
//! [`names`] (where things are kept), `instance`, `count`, `initialize` with `sweep`, `profile` with `marks`,
//! `session`; then [`lease`], our own repair, which has all of these once more.
pub mod assumptions;
mod count;
pub mod hresult;
mod initialize;
pub mod instance;
pub mod lease;
mod marks;
pub mod memory;
pub mod names;
pub mod product;
mod profile;
pub mod rule;
pub mod rules;
mod session;
mod sweep;

pub use instance::Mapi;
pub use profile::Deletion;
