//! The cluster's tests. Contents
//!
//! - [`parts`]: a search in several parts finds what one search finds.
//! - [`processes`]: the command, in several processes on this machine.

#[path = "../../sim/tests/machines/mod.rs"]
#[expect(dead_code, reason = "the engine's tests use all of them")]
mod machines;
mod parts;
mod processes;
