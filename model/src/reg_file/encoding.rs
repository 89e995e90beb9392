//! Bytes and text: the two encodings that regedit writes, and UTF-8.
//!
//! With a byte order mark the file is what that says. Without one, an edition 5 file is UTF-8 if it can be, and everything
//! else is Windows-1252, the code page of Western Europe: which one a real machine would take, no file says.
//!
//! Line ends are LF from here on: regedit takes CR LF, LF and CR alike.

use std::fmt;

use super::BYTES_MAX;
use crate::scenario::problem::{Problem, Problems};

/// Which of its two formats regedit wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edition {
    /// `REGEDIT4`: Windows 95 and NT 4.0, ANSI.
    Ansi,
    /// `Windows Registry Editor Version 5.00`: 2000 and later, UTF-16.
    Unicode,
}

impl Edition {
    /// The first line of a file.
    pub const fn header(self) -> &'static str {
        match self {
            Edition::Ansi => "REGEDIT4",
            Edition::Unicode => "Windows Registry Editor Version 5.00",
        }
    }
}

/// Text that Windows-1252 cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnsi {
    /// What cannot be held: a character, or a value's data that is no text.
    pub what: String,
}

impl fmt::Display for NotAnsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be written to a REGEDIT4 file", self.what)
    }
}

impl std::error::Error for NotAnsi {}

/// The characters of bytes 0x80 to 0x9f in Windows-1252. The five that it leaves open are control characters, as in
/// Windows' own tables.
const HIGH: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2C6}',
    '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}', '\u{2018}',
    '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}', '\u{2122}', '\u{161}',
    '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

/// The character of a byte of Windows-1252.
pub(super) fn from_ansi(byte: u8) -> char {
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// The byte of a character in Windows-1252.
pub(super) fn ansi_byte(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0..=0x7F | 0xA0..=0xFF) => Some(code as u8),
        _ => HIGH.iter().position(|known| *known == character).map(|index| index as u8 + 0x80),
    }
}

/// A file's text in Windows-1252.
///
/// # Errors
/// A character that is not in it.
pub fn to_ansi(text: &str) -> Result<Vec<u8>, NotAnsi> {
    let byte =
        |character: char| ansi_byte(character).ok_or_else(|| NotAnsi { what: format!("{character:?}") });
    text.chars().map(byte).collect()
}

/// A file's text in UTF-16LE with its byte order mark, as regedit writes it from Windows 2000 on.
pub fn to_utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// A file's text with LF as the end of each line.
///
/// # Errors
/// More than [`BYTES_MAX`], bytes that are not what the byte order mark says, a NUL.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<String, Problems> {
    if bytes.len() > BYTES_MAX {
        let message = format!("the file has {} bytes", bytes.len());
        let problem = Problem::new("too-large", 0..0, message).label(format!("expected at most {BYTES_MAX}"));
        return Err(alone(name, "", problem));
    }
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(name, rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(name, rest, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(name, rest)?,
        _ if bytes.starts_with(Edition::Ansi.header().as_bytes()) => ansi(bytes),
        _ => str::from_utf8(bytes).map_or_else(|_| ansi(bytes), str::to_owned),
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(at) = text.find('\0') {
        let problem = Problem::new("not-text", at..at + 1, "there is a NUL in the text")
            .label("expected text")
            .note("a file in UTF-16 begins with a byte order mark, FF FE");
        return Err(alone(name, &text, problem));
    }
    Ok(text)
}

fn ansi(bytes: &[u8]) -> String {
    bytes.iter().copied().map(from_ansi).collect()
}

fn utf8(name: &str, bytes: &[u8]) -> Result<String, Problems> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let (good, _) = bytes.split_at(error.valid_up_to());
        not_encoded(name, &String::from_utf8_lossy(good), "UTF-8")
    })
}

fn utf16(name: &str, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Problems> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => return Err(not_encoded(name, &text, "UTF-16")),
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(not_encoded(name, &text, "UTF-16")) }
}

fn not_encoded(name: &str, good: &str, encoding: &str) -> Problems {
    let message = format!("the file begins as {encoding}, and is not {encoding} from here on");
    let problem =
        Problem::new("not-text", good.len()..good.len(), message).label(format!("expected {encoding}"));
    alone(name, good, problem)
}

fn alone(name: &str, text: &str, problem: Problem) -> Problems {
    let mut problems = Problems::new(name, text);
    problems.push(problem);
    problems
}
