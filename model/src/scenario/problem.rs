//! What is wrong with a file: problems as data, for programs and for whoever shows them.
//!
//! Invariant: a problem's span lies inside its file's text, and line, column and length are those of that span.

use std::ops::Range;

use super::place::Place;

/// How many problems of one file are reported at most.
pub const PROBLEMS_MAX: usize = 50;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing, for programs: `unknown-call`.
    pub code: &'static str,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// The line, 1 first.
    pub line: usize,
    /// The column in characters, 1 first.
    pub column: usize,
    /// The length in characters, as far as it is on that line; 0 where a place is meant.
    pub length: usize,
    /// What is said beside the place.
    pub label: String,
    /// What would help.
    pub help: Option<Help>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// The place in bytes.
    pub span: Range<usize>,
    /// Another place that matters, and what is said beside it.
    pub also: Option<(Range<usize>, String)>,
}

/// What would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// In words.
    pub text: String,
    /// What the place would read instead, as JSON.
    pub instead: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Problem {
            code,
            message: message.into(),
            line: 1,
            column: 1,
            length: 0,
            label: String::new(),
            help: None,
            notes: Vec::new(),
            span,
            also: None,
        }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(Help { text: text.into(), instead: None });
        self
    }

    /// Help that says what to write in the place instead.
    pub(crate) fn instead(mut self, text: impl Into<String>, replacement: impl Into<String>) -> Self {
        self.help = Some(Help { text: text.into(), instead: Some(replacement.into()) });
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn also(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.also = Some((span, label.into()));
        self
    }
}

/// What is wrong with one file: one problem or more, in the order of their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    name: String,
    pub(super) text: String,
    list: Vec<Problem>,
    unlisted: usize,
}

impl Problems {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Problems { name: name.to_owned(), text: text.to_owned(), list: Vec::new(), unlisted: 0 }
    }

    /// Whether no further problem will be listed, so that nobody needs to work out what would help.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= PROBLEMS_MAX
    }

    pub(crate) fn push(&mut self, mut problem: Problem) {
        if self.is_full() {
            self.unlisted += 1;
            return;
        }
        let place = Place::of(&self.text, &problem.span);
        (problem.line, problem.column, problem.length) = (place.line, place.column, place.length);
        let after = self.list.iter().position(|other| other.span.start > problem.span.start);
        self.list.insert(after.unwrap_or(self.list.len()), problem);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The file's name, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The problems, in the order of their places.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many more there are that are not listed.
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }
}
