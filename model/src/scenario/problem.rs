//! What is wrong with a file, and how it is shown: the place, the line itself, what was expected, the nearest name.
//!
//! Invariants
//! - A problem's span lies inside its file's text, and line, column and length are those of that span.
//! - Nothing from the file or its name reaches the rendering unless it is safe to print.

use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::visible::{quotable, visible};

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
    text: String,
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

    /// The problems as text for a terminal of that many columns; coloured with escape sequences if asked for.
    pub fn render(&self, coloured: bool, columns: usize) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Unicode).term_width(columns.max(40));
        let name = visible(&self.name);
        let mut rendered: Vec<String> =
            self.list.iter().map(|problem| self.render_one(&renderer, &name, problem)).collect();
        if self.unlisted > 0 {
            rendered.push(format!("{name}: and {} more", self.unlisted));
        }
        rendered.join("\n\n")
    }

    fn render_one(&self, renderer: &Renderer, name: &str, problem: &Problem) -> String {
        let title = Level::ERROR.primary_title(visible(&problem.message)).id(problem.code);
        let excerpt = Excerpt::of(&self.text, problem);
        let here = AnnotationKind::Primary.span(excerpt.span.clone()).label(visible(&problem.label));
        let there = excerpt
            .also
            .as_ref()
            .zip(problem.also.as_ref())
            .map(|(span, (_, label))| AnnotationKind::Context.span(span.clone()).label(visible(label)));
        let snippet = Snippet::source(excerpt.text.as_str())
            .line_start(excerpt.first_line)
            .path(name)
            .annotation(here)
            .annotations(there);
        let mut first = Group::with_title(title).element(snippet);
        for note in &problem.notes {
            first = first.element(Level::NOTE.message(visible(note)));
        }
        let mut groups = vec![first];
        if let Some(help) = &problem.help {
            let mut group = Group::with_title(Level::HELP.secondary_title(visible(&help.text)));
            if let Some(instead) = &help.instead {
                let patch = Patch::new(excerpt.span.clone(), visible(instead));
                let source =
                    Snippet::source(excerpt.text.as_str()).line_start(excerpt.first_line).patch(patch);
                group = group.element(source);
            }
            groups.push(group);
        }
        renderer.render(&groups)
    }
}

impl fmt::Display for Problems {
    /// As plain text of a hundred columns.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render(false, 100))
    }
}

impl std::error::Error for Problems {}

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
        assert!(span.end <= text.len() && span.start <= span.end, "a place lies inside its file");
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let shown = text[span.clone()].lines().next().unwrap_or_default();
        Place { line, column: before[line_start..].chars().count() + 1, length: shown.chars().count() }
    }
}

/// The lines of a file that a problem touches, safe to print, with the problem's places in them.
struct Excerpt {
    text: String,
    first_line: usize,
    span: Range<usize>,
    also: Option<Range<usize>>,
}

/// A line is shown whole up to this many bytes; of a longer one, this much on either side of the place.
const LINE_MAX: usize = 400;

impl Excerpt {
    fn of(text: &str, problem: &Problem) -> Self {
        let also = problem.also.as_ref().map(|(span, _)| span.clone());
        // What is far away on one endless line is better left out than shown in its stead.
        let also = also.filter(|also| also.start.abs_diff(problem.span.start) < 20 * LINE_MAX);
        let first = also.as_ref().map_or(problem.span.start, |also| also.start.min(problem.span.start));
        let last = also.as_ref().map_or(problem.span.end, |also| also.end.max(problem.span.end));
        let line_start = text[..first].rfind('\n').map_or(0, |end| end + 1);
        let line_end = text[last..].find('\n').map_or(text.len(), |end| last + end);
        let from = if first - line_start > LINE_MAX {
            text.floor_char_boundary(first - LINE_MAX)
        } else {
            line_start
        };
        let to = if line_end - last > LINE_MAX { text.ceil_char_boundary(last + LINE_MAX) } else { line_end };
        let mut span = problem.span.start - from..problem.span.end - from;
        let mut also = also.map(|also| also.start - from..also.end - from);
        let mut places = vec![&mut span.start, &mut span.end];
        if let Some(also) = &mut also {
            places.extend([&mut also.start, &mut also.end]);
        }
        let shown = quotable(&text[from..to], &mut places);
        let first_line = text[..from].bytes().filter(|byte| *byte == b'\n').count() + 1;
        Excerpt { text: shown, first_line, span, also }
    }
}
