//! What registry files mean, where a malformed one is wrong, and that what is written reads back.

mod anything;
mod malformed;
mod meaning;

use super::*;
use crate::os::syscall::RegValue;
use crate::scenario::Problems;

const ROOT: &str = "HKEY_CURRENT_USER";

/// What an empty hive holds after the import of a text.
fn hive_of(text: &[u8]) -> Result<HiveTree, Problems> {
    read("test.reg", text)?.hive(&["S-1-5-21-1-2-3-1000"])
}

fn good(text: &[u8]) -> HiveTree {
    hive_of(text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// An edition 5 file with these lines below a key `k`.
fn with_values(lines: &str) -> String {
    format!("Windows Registry Editor Version 5.00\n\n[{ROOT}\\k]\n{lines}\n")
}

fn sz(text: &str) -> RegValue {
    RegValue { kind: 1, data: line::utf16(text) }
}

fn raw(kind: u32, data: &[u8]) -> RegValue {
    RegValue { kind, data: data.to_vec() }
}

/// Where a row comes from, its lines, and what they come to.
type Row<T> = (&'static str, &'static str, Vec<T>);
