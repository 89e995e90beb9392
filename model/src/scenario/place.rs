//! Lines and columns, as people count them.

use std::ops::Range;

/// Where something is, for people: the place of a call or an expectation in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, 1 first.
    pub line: usize,
    /// The column in characters, 1 first.
    pub column: usize,
    /// The length in characters, as far as it is on that line.
    pub length: usize,
}

impl Place {
    pub(crate) fn of(text: &str, span: &Range<usize>) -> Self {
        Lines::of(text).place(span)
    }
}

/// Where lines and characters of a text are: made once, asked often.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// Where each line begins.
    starts: Vec<usize>,
    /// How many characters begin before each multiple of [`CHUNK`].
    characters: Vec<usize>,
}

const CHUNK: usize = 1024;

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let mut before = 0;
        let chunks = text.as_bytes().chunks(CHUNK).map(|chunk| {
            let this = before;
            before += begun(chunk);
            this
        });
        let mut characters: Vec<usize> = chunks.collect();
        characters.push(before);
        Lines { text, starts, characters }
    }

    fn characters_before(&self, at: usize) -> usize {
        let chunk = at / CHUNK;
        self.characters[chunk] + begun(&self.text.as_bytes()[chunk * CHUNK..at])
    }

    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        assert!(span.end <= self.text.len() && span.start <= span.end, "a place lies inside its file");
        let line = self.starts.partition_point(|start| *start <= span.start);
        let before = self.characters_before(self.starts[line - 1]);
        let shown = self.text[span.clone()].lines().next().unwrap_or_default();
        Place { line, column: self.characters_before(span.start) - before + 1, length: shown.chars().count() }
    }
}

/// How many characters begin in these bytes.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}
