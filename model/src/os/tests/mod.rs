//! What the machine answers, by concept; each row of a table names the fact that it comes from.
//!
//! - `deletion`, `keys`, `hives`, `current_user`: the registry (os C; vectors G.1, G.2)
//! - `names`, `objects`, `memory`: named objects and sections (os A; vectors G.3)
//! - `disks`: what is left when the machine crashes (os C.7)
//! - `duplicates`: handles to the same thing
//! - `tokens`: who may do what (os B; vectors G.4)
//! - `death`, `waits`: the end of threads and processes (os D), waiting
//! - `equality`: machines that behave alike are equal
//! - `properties`: random programs against naive references and the invariants
//! - `story`: the two bugs of the article, step by step, without MAPI (os F)
mod current_user;
mod death;
mod deletion;
mod disks;
mod duplicates;
mod equality;
mod hives;
mod keys;
mod memory;
mod names;
mod objects;
mod properties;
mod rig;
mod story;
mod tokens;
mod waits;
