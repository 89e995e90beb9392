//! A hive's content as regedit writes it: each key before those below it, values in the order in which they were set,
//! hexadecimal lines of at most 78 columns (Wine's export.c has just these lines of real Windows).
//!
//! Two choices of ours, so that nothing is lost: text whose data is not one plain string with its NUL is written as
//! `hex(1):`, where regedit cuts it at the first NUL; and what has a line end or a NUL in its name, for which the format
//! has no words, is left out with a comment that says so.

use std::fmt::Write as _;

use super::encoding::{Edition, NotAnsi, ansi_byte, to_ansi};
use super::line::{REG_BINARY, REG_DWORD, REG_SZ, TEXT_KINDS};
use super::tree::HiveTree;
use crate::os::Os;
use crate::os::syscall::RegValue;

/// What the hive of an account, or `.DEFAULT`, holds at this moment, loaded or not: a file of edition 5 with the full
/// names, `HKEY_USERS\S-1-5-21-...`. [`to_utf16`](super::to_utf16) makes the bytes of it that regedit writes.
pub fn export(os: &Os, account: &str) -> String {
    let path = os.hive_path(account);
    let root = path.strip_prefix("HKU").map(|below| format!("HKEY_USERS{below}"));
    write_unicode(&HiveTree::of(os, account), &root.expect("a hive is below HKU"))
}

/// A file of edition 5 with a hive's content below a root such as `HKEY_CURRENT_USER`. Lines end in CR LF.
pub fn write_unicode(tree: &HiveTree, root: &str) -> String {
    write(tree, root, Edition::Unicode).expect("edition 5 can say everything")
}

/// The bytes of a `REGEDIT4` file with a hive's content below a root such as `HKEY_CURRENT_USER`. Lines end in CR LF.
///
/// # Errors
/// Characters that are not in Windows-1252, and data of a text type that is no UTF-16.
pub fn write_ansi(tree: &HiveTree, root: &str) -> Result<Vec<u8>, NotAnsi> {
    to_ansi(&write(tree, root, Edition::Ansi)?)
}

fn write(tree: &HiveTree, root: &str, edition: Edition) -> Result<String, NotAnsi> {
    let mut out = format!("{}\r\n\r\n", edition.header());
    for entry in tree.entries() {
        let separator = if entry.path.is_empty() { "" } else { "\\" };
        let key = format!("{root}{separator}{}", entry.path);
        if !can_be_written(&key) {
            left_out(&mut out, "key", &key);
            out.push_str("\r\n");
            continue;
        }
        put(&mut out, &format!("[{key}]"));
        for (name, value) in entry.values {
            if can_be_written(name) {
                put(&mut out, &line(name, value, edition)?);
            } else {
                left_out(&mut out, "value", name);
            }
        }
        out.push_str("\r\n");
    }
    Ok(out)
}

fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push_str("\r\n");
}

fn can_be_written(name: &str) -> bool {
    !name.contains(['\r', '\n', '\0'])
}

fn left_out(out: &mut String, what: &str, name: &str) {
    put(out, &format!("; left out: the {what} \"{}\"", name.escape_debug()));
}

/// A value, with its continuation lines.
fn line(name: &str, value: &RegValue, edition: Edition) -> Result<String, NotAnsi> {
    let mut out = if name.is_empty() { "@=".to_owned() } else { format!("\"{}\"=", escaped(name)) };
    match (value.kind, plain_text(value), <[u8; 4]>::try_from(value.data.as_slice())) {
        (REG_SZ, Some(text), _) => {
            let _ = write!(out, "\"{}\"", escaped(&text));
        }
        (REG_DWORD, _, Ok(bytes)) => {
            let _ = write!(out, "dword:{:08x}", u32::from_le_bytes(bytes));
        }
        (REG_BINARY, ..) => {
            out.push_str("hex:");
            push_bytes(&mut out, &value.data);
        }
        (kind, ..) => {
            let _ = write!(out, "hex({kind:x}):");
            let ansi = edition == Edition::Ansi && TEXT_KINDS.contains(&kind);
            let data = if ansi { ansi_data(name, &value.data)? } else { value.data.clone() };
            push_bytes(&mut out, &data);
        }
    }
    Ok(out)
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"")
}

/// The text of a value whose data is just that and one NUL, where it fits on a line.
fn plain_text(value: &RegValue) -> Option<String> {
    let (units, rest) = value.data.as_chunks::<2>();
    let (last, units) = units.split_last()?;
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    let text = String::from_utf16(&units).ok()?;
    (rest.is_empty() && *last == [0, 0] && can_be_written(&text)).then_some(text)
}

/// UTF-16 as ANSI, byte for unit.
fn ansi_data(name: &str, data: &[u8]) -> Result<Vec<u8>, NotAnsi> {
    let (units, rest) = data.as_chunks::<2>();
    let byte = |unit: &[u8; 2]| char::from_u32(u16::from_le_bytes(*unit).into()).and_then(ansi_byte);
    let bytes: Option<Vec<u8>> = units.iter().map(byte).collect();
    let not_ansi = || NotAnsi { what: format!("the data of the value {name:?}") };
    bytes.filter(|_| rest.is_empty()).ok_or_else(not_ansi)
}

/// Where a line has to end before its backslash.
const COLUMNS_MAX: usize = 77;

fn push_bytes(out: &mut String, bytes: &[u8]) {
    let mut room = COLUMNS_MAX.saturating_sub(out.chars().count()) / 3;
    for (index, byte) in bytes.iter().enumerate() {
        let _ = write!(out, "{byte:02x}");
        if index + 1 == bytes.len() {
            return;
        }
        out.push(',');
        room = room.saturating_sub(1);
        if room == 0 {
            out.push_str("\\\r\n  ");
            room = (COLUMNS_MAX - 2) / 3;
        }
    }
}
