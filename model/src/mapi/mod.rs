//! The algorithm: MAPI's profile administration and sessions, as plain `async` functions that read like their
//! description, one per API call and one per internal action.
//!
//! The rule of this family: every `await` is one step of the machine and so a point where others may run; nothing is
//! shared but through the machine; what differs between versions is a value ([`rules::Rules`]), and what the sources
//! leave open is another ([`assumptions::Assumptions`]).
pub mod assumptions;
pub mod hresult;
pub mod product;
pub mod rules;
