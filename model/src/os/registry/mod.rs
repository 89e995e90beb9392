//! The registry: trees of keys below HKEY_USERS, reached through handles.
//!
//! A key has two identities, and the defect under study lives in the gap between them: its *name*, which
//! deletion unlinks at once, and its *body*, which open handles keep. Here a body that has lost its name is
//! nothing but the handles that are still open on it: each says [`Body::Deleted`], for ever, and nothing can
//! turn it back.
//!
//! Reading order: `name` (names and paths), `tree` (a key), `hive` (what is loaded), `open` (handles), `hkcu`
//! (HKEY_CURRENT_USER), `value`, `delete`, `delete_tree`, `composed` (calls of a few steps), `disk` (what a crash of the machine leaves).
//!
//! Modelled (os C): deletion under open handles (os C.3), enumeration by position (os C.4), names, limits of
//! names and volatile keys (os C.5), HKCU (os C.1), loading and unloading of hives (os C.2), flushing and what a crash
//! of the machine takes back (os C.7), access by the
//! key's descriptor at opening and by the handle's mask afterwards.
//!
//! Not modelled: HKLM and HKCR, links, change notification, renaming, saving to files, sizes of values, depth limits, classes, descriptors set on single keys
//! (every key inherits its hive's), the copy from which XP saves a hive in use (all that is written before
//! the hive goes is kept).
//!
//! Invariants
//! - A handle that is not [`Body::Live`] names no key that can be found; one that is, does.
//! - Subkeys are in order: stable before volatile, each by upper-cased name; no two have one name.
mod composed;
mod delete;
mod delete_tree;
mod disk;
mod hive;
mod hkcu;
mod name;
mod open;
mod tree;
mod value;

pub use composed::{reg_delete_key_value, reg_open_key};
pub use delete_tree::reg_delete_tree;
pub use hive::UserHive;
pub(crate) use hive::{DEFAULT as DEFAULT_HIVE, Registry};
pub(crate) use hkcu::CurrentUser;
pub use name::KeyPath;
pub(crate) use name::{VALUE_NAME_UNITS_MAX, check_key_name, parts_of, same as same_name};
pub use open::Body;
pub(crate) use open::OpenKey;
pub(crate) use tree::Key as TreeKey;
