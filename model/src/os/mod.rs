//! The machine: a little of Windows, one file per kernel concept.
//!
//! The rule of this family: [`Os`] is the whole kernel state as a value (cheap to clone, `Eq`, `Ord`, `Hash`, ordered
//! containers only), [`Os::execute`] is the only thing that changes it on a thread's behalf, and every rule names
//! its evidence. Nothing here has heard of MAPI or of the engine.
pub mod error;
pub mod sid;
pub mod syscall;
