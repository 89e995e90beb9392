//! What the machine answers, by concept; each row of a table names the fact that it comes from.
//!
//! - `deletion`, `keys`, `hives`, `current_user`: the registry (os C; vectors G.1, G.2)
//! - `names`, `objects`: named objects and sections (os A; vectors G.3)
//! - `tokens`: who may do what (os B; vectors G.4)
//! - `death`: the end of threads and processes (os D)
//! - `equality`: machines that behave alike are equal
//! - `properties`: random programs against naive references and the invariants
//! - `story`: the two bugs of the article, step by step, without MAPI (os F)
mod current_user;
mod death;
mod deletion;
mod equality;
mod hives;
mod keys;
mod names;
mod objects;
mod properties;
mod rig;
mod story;
mod tokens;
