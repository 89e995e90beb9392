//! Registry files, `.reg` as regedit writes and reads them: what a hive holds at the beginning comes in through them,
//! and what it holds at any moment goes out.
//!
//! The rule of this family: bytes come in ([`read`]), a [`HiveTree`] or [`Problems`](crate::scenario::Problems) comes
//! out, and the other way round; nothing here opens a file.
//!
//! What regedit accepts is known from Wine's conformance tests, which run on real Windows (`programs/reg/tests/import.c`
//! and `export.c`); the vectors of that origin say so in `tests`. Where it passes over a line that it cannot read, this
//! reader reports the line: a starting hive with something missing would make a verdict wrong.
//!
//! Reading order: `encoding` (bytes and text), `tree` (a hive's keys and values), `line` (one value), `read` (a file),
//! `write`, `import` (hives of a scenario), `profile` (a whole MAPI profile, mapi 2.4).
//!
//! Modelled: both editions, `REGEDIT4` (Windows-1252; text inside hexadecimal data is ANSI too) and `Windows Registry
//! Editor Version 5.00` (UTF-16LE); keys, values of every type, deletions, comments, continued lines.
//!
//! Not modelled: the format of Windows 3.1 (`REGEDIT`), the short root names (HKCU), other code pages than 1252, the
//! NUL that newer versions append to unterminated text (XP does not, as here).
//!
//! Always holds
//! - What is written reads back equal, and what is equal is written the same, byte for byte.
//! - No bytes, however many or deep, make the reader panic, recurse or build without bound.
mod encoding;
mod import;
mod line;
mod profile;
mod read;
mod tree;
mod write;

pub use encoding::{Edition, NotAnsi, to_ansi, to_utf16};
pub use import::RegSource;
pub use profile::{Mailbox, seed_profile};
pub use read::{Block, RegFile, Setting, read};
pub use tree::{Entry, HiveTree};
pub use write::{export, write_ansi, write_unicode};

/// How many bytes a registry file may have.
pub const BYTES_MAX: usize = 4 << 20;

/// How many keys one may leave in a hive.
pub const KEYS_MAX: usize = 4_000;

/// How many values one may set.
pub const VALUES_MAX: usize = 10_000;

/// How deep a key may be below the root of its hive (os C.5).
pub const DEPTH_MAX: usize = 512;

#[cfg(test)]
mod tests;
