//! One value of a registry file: `"name"=data`, over as many lines as it takes.
//!
//! A hexadecimal list goes on after a backslash at the end of its line; empty lines and comments may stand between. A
//! comment is the rest of a line after `;`; `#` begins one only where a line begins.

use std::ops::Range;

use super::encoding::{Edition, from_ansi};
use crate::os::syscall::RegValue;
use crate::scenario::problem::Problem;

/// Text is of these types: in a `REGEDIT4` file their hexadecimal data is ANSI.
pub(super) const TEXT_KINDS: [u32; 3] = [REG_SZ, 2, 7];

pub(super) const REG_SZ: u32 = 1;
pub(super) const REG_BINARY: u32 = 3;
pub(super) const REG_DWORD: u32 = 4;

/// A place in a text, and where reading goes on.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

pub(super) type Read<T> = Result<T, Box<Problem>>;

/// What was read is wrong.
pub(super) fn wrong<T>(problem: Problem) -> Read<T> {
    Err(Box::new(problem))
}

impl<'t> Reader<'t> {
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// What is left of this line.
    pub(super) fn line(&self) -> &'t str {
        self.rest().split('\n').next().unwrap_or_default()
    }

    pub(super) fn skip_blanks(&mut self) {
        self.at += self.line().len() - self.line().trim_start_matches([' ', '\t']).len();
    }

    /// To the beginning of the next line, or the end.
    pub(super) fn next_line(&mut self) {
        self.at = (self.at + self.line().len() + 1).min(self.text.len());
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// The place of the next characters of this line; at its end, the end.
    fn here(&self, characters: usize) -> Range<usize> {
        let length = self.line().chars().take(characters).map(char::len_utf8).sum::<usize>();
        self.at..self.at + length
    }

    /// The name of a value; "" is the default value's.
    pub(super) fn name(&mut self) -> Read<String> {
        if self.take("@") { Ok(String::new()) } else { self.quoted("the name of a value") }
    }

    /// The `=` between name and data.
    pub(super) fn equals(&mut self) -> Read<()> {
        self.skip_blanks();
        if !self.take("=") {
            let problem = Problem::new("no-equals", self.here(1), "a value's name is not followed by `=`");
            return wrong(problem.label("expected `=`"));
        }
        self.skip_blanks();
        Ok(())
    }

    /// The data of a value; `None`: the value is to be deleted.
    pub(super) fn data(&mut self, edition: Edition) -> Read<Option<RegValue>> {
        if self.take("-") {
            self.end_of_line()?;
            return Ok(None);
        }
        if self.rest().starts_with('"') {
            let text = self.quoted("text")?;
            self.end_of_line()?;
            return Ok(Some(RegValue { kind: REG_SZ, data: utf16(&text) }));
        }
        if self.take("dword:") {
            return self.dword().map(Some);
        }
        if self.take("hex") {
            let kind = self.kind()?;
            let bytes = self.bytes()?;
            let ansi = edition == Edition::Ansi && TEXT_KINDS.contains(&kind);
            let data = if ansi { utf16_of_ansi(&bytes) } else { bytes };
            return Ok(Some(RegValue { kind, data }));
        }
        let word = self.line().split([' ', '\t', ';', ':']).next().map_or(0, |word| word.chars().count());
        wrong(
            Problem::new("bad-data", self.here(word), "this is no data of a value")
                .label("expected `\"text\"`, `dword:`, `hex:`, `hex(type):` or `-`"),
        )
    }

    /// Text in quotation marks, with `\\` and `\"` for the two characters that need it.
    fn quoted(&mut self, what: &str) -> Read<String> {
        let opening = self.here(1);
        if !self.take("\"") {
            let message = format!("{what} has to be in quotation marks");
            return wrong(
                Problem::new("no-quote", opening, message)
                    .label("expected `\"` or, for the default value, `@`"),
            );
        }
        let mut text = String::new();
        let line = self.line();
        let mut characters = line.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at += at + 1;
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('\\' | '"'))) => text.push(escaped),
                    other => {
                        let end = other.map_or(line.len(), |(at, other)| at + other.len_utf8());
                        let place = self.at + at..self.at + end;
                        return wrong(
                            Problem::new("bad-escape", place, "a backslash stands alone")
                                .label(r#"expected `\\` or `\"`"#),
                        );
                    }
                },
                other => text.push(other),
            }
        }
        let end = self.at + line.len();
        wrong(
            Problem::new("no-quote", end..end, format!("{what} does not end on its line"))
                .label("expected `\"`")
                .also(opening, "it begins here"),
        )
    }

    fn dword(&mut self) -> Read<RegValue> {
        self.skip_blanks();
        let digits = self.line().chars().take_while(char::is_ascii_hexdigit).count();
        let place = self.here(digits.max(1));
        let number = u32::from_str_radix(&self.line()[..digits], 16).ok().filter(|_| digits <= 8);
        let Some(number) = number else {
            return wrong(
                Problem::new("bad-dword", place, "this is no number of 32 bits")
                    .label("expected one to eight hexadecimal digits"),
            );
        };
        self.at += digits;
        self.end_of_line()?;
        Ok(RegValue { kind: REG_DWORD, data: number.to_le_bytes().to_vec() })
    }

    /// What stands between `hex` and the bytes: `:`, or the type and `:`.
    fn kind(&mut self) -> Read<u32> {
        let mut kind = REG_BINARY;
        if self.take("(") {
            let digits = self.line().chars().take_while(char::is_ascii_hexdigit).count();
            let number = u32::from_str_radix(&self.line()[..digits], 16);
            let Ok(number) = number else {
                return wrong(
                    Problem::new("bad-type", self.here(digits.max(1)), "this is no type of a value")
                        .label("expected a number of 32 bits, in hexadecimal digits"),
                );
            };
            self.at += digits;
            if !self.take(")") {
                return wrong(
                    Problem::new("bad-type", self.here(1), "the type is not closed").label("expected `)`"),
                );
            }
            kind = number;
        }
        if self.take(":") {
            return Ok(kind);
        }
        wrong(
            Problem::new("bad-data", self.here(1), "`hex` is not followed by its data")
                .label("expected `:`, or `(type):`"),
        )
    }

    /// Bytes as two digits each, with commas between them, to the end of the value.
    fn bytes(&mut self) -> Read<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut after_byte = false;
        loop {
            self.skip_blanks();
            match self.line().bytes().next() {
                None | Some(b';') => return Ok(bytes),
                Some(b'\\') if !after_byte => self.go_on()?,
                Some(b',') if after_byte => {
                    self.at += 1;
                    after_byte = false;
                }
                Some(_) if !after_byte => {
                    let digits = self.line().chars().take_while(char::is_ascii_hexdigit).count();
                    let byte = u8::from_str_radix(&self.line()[..digits], 16).ok().filter(|_| digits <= 2);
                    let Some(byte) = byte else {
                        return wrong(
                            Problem::new("bad-byte", self.here(digits.max(1)), "this is no byte")
                                .label("expected one or two hexadecimal digits"),
                        );
                    };
                    bytes.push(byte);
                    self.at += digits;
                    after_byte = true;
                }
                Some(_) => {
                    return wrong(
                        Problem::new("bad-byte", self.here(1), "two bytes are not kept apart")
                            .label("expected `,` or the end of the line")
                            .note(r"a list that goes on on the next line ends in `,\`"),
                    );
                }
            }
        }
    }

    /// After a backslash: to the next line that has something of the value.
    fn go_on(&mut self) -> Read<()> {
        let backslash = self.here(1);
        self.at += 1;
        self.end_of_line()?;
        loop {
            self.next_line();
            if self.rest().is_empty() {
                return wrong(
                    Problem::new("cut-short", backslash, "the file ends inside a value")
                        .label("expected another line after this"),
                );
            }
            self.skip_blanks();
            if self.line().starts_with('\\') {
                return wrong(
                    Problem::new("bad-byte", self.here(1), "a continued line has no bytes")
                        .label("expected one or two hexadecimal digits"),
                );
            }
            if !self.line().is_empty() && !self.line().starts_with(';') {
                return Ok(());
            }
        }
    }

    /// Nothing but blanks and a comment.
    pub(super) fn end_of_line(&mut self) -> Read<()> {
        self.skip_blanks();
        if self.line().is_empty() || self.line().starts_with(';') {
            return Ok(());
        }
        let place = self.here(usize::MAX);
        wrong(
            Problem::new("more-on-line", place, "there is more on this line")
                .label("expected the end of the line, or a comment that begins with `;`"),
        )
    }
}

/// Text as the registry keeps it: UTF-16LE with a NUL.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn utf16_of_ansi(bytes: &[u8]) -> Vec<u8> {
    // Every character of Windows-1252 is one unit.
    bytes.iter().flat_map(|byte| (u32::from(from_ansi(*byte)) as u16).to_le_bytes()).collect()
}
