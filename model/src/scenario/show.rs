//! How problems are shown: the place, the lines themselves, what was expected, the nearest name.
//!
//! Invariant: nothing from the file or its name reaches the rendering unless it is safe to print, and however long its
//! lines are, what is shown of them is short.

use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};

use super::problem::{Problem, Problems};
use super::visible::{quotable, visible};

impl Problems {
    /// The problems as text for a terminal of that many columns; coloured with escape sequences if asked for.
    pub fn render(&self, coloured: bool, columns: usize) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Unicode).term_width(columns.max(40));
        let name = visible(self.name());
        let mut shown: Vec<String> =
            self.list().iter().map(|problem| self.render_one(&renderer, &name, problem)).collect();
        if self.unlisted() > 0 {
            shown.push(format!("{name}: and {} more", self.unlisted()));
        }
        shown.join("\n\n")
    }

    fn render_one(&self, renderer: &Renderer, name: &str, problem: &Problem) -> String {
        let title = Level::ERROR.primary_title(visible(&problem.message)).id(problem.code);
        let mut first = Group::with_title(title);
        let excerpt = Excerpt::of(&self.text, problem);
        let origin = Origin::path(name).line(problem.line).char_column(problem.column);
        let here = AnnotationKind::Primary.span(excerpt.span.clone()).label(visible(&problem.label));
        let there = excerpt
            .also
            .iter()
            .zip(&problem.also)
            .map(|(span, (_, label))| AnnotationKind::Context.span(span.clone()).label(visible(label)));
        let snippet = Snippet::source(excerpt.text.as_str()).line_start(excerpt.first_line);
        let snippet = snippet.annotation(here).annotations(there);
        first = match excerpt.whole {
            _ if self.text.is_empty() => first.element(origin),
            true => first.element(snippet.path(name)),
            // The renderer would count columns from where the line was cut.
            false => first.element(origin).element(snippet),
        };
        for note in &problem.notes {
            first = first.element(Level::NOTE.message(wrapped(&visible(note))));
        }
        let mut groups = vec![first];
        let patched = Excerpt::around(&self.text, &problem.span);
        if let Some(help) = &problem.help {
            let mut group = Group::with_title(Level::HELP.secondary_title(visible(&help.text)));
            if let Some(instead) = &help.instead {
                let patch = Patch::new(patched.span.clone(), visible(instead));
                let source =
                    Snippet::source(patched.text.as_str()).line_start(patched.first_line).patch(patch);
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

/// How wide a note becomes before it goes on on the next line.
const NOTE_COLUMNS: usize = 88;

fn wrapped(note: &str) -> String {
    let mut out = String::with_capacity(note.len() + 8);
    let mut column = 0;
    for word in note.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > NOTE_COLUMNS {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out
}

/// The lines of a file that a problem touches, safe to print, with the problem's places in them.
struct Excerpt {
    text: String,
    first_line: usize,
    span: Range<usize>,
    also: Option<Range<usize>>,
    /// Its first line is there from its beginning.
    whole: bool,
}

/// This much of a line is shown at most on either side of a place, in bytes.
const BESIDE_MAX: usize = 400;

/// Two places on one line are not shown together where they are so many bytes apart: nobody cuts the line between them.
const APART_MAX: usize = 80;

/// This much of it where a corrected line is shown, which nobody else cuts.
const BESIDE_CORRECTED_MAX: usize = 60;

impl Excerpt {
    /// The lines of a problem, its other place included.
    fn of(text: &str, problem: &Problem) -> Self {
        let also = problem.also.as_ref().map(|(span, _)| span.clone());
        // What is far away is better left out than shown in the place's stead.
        let near = |also: &Range<usize>| {
            let (from, to) = (also.start.min(problem.span.start), also.start.max(problem.span.start));
            to - from < if text[from..to].contains('\n') { 20 * BESIDE_MAX } else { APART_MAX }
        };
        let also = also.filter(near);
        let first = also.as_ref().map_or(problem.span.start, |also| also.start.min(problem.span.start));
        let last = also.as_ref().map_or(problem.span.end, |also| also.end.max(problem.span.end));
        let (from, to) = cut(text, &(first..last), BESIDE_MAX);
        let mut span = problem.span.start - from..problem.span.end - from;
        let mut also = also.map(|also| also.start - from..also.end - from);
        let mut places = vec![&mut span.start, &mut span.end];
        if let Some(also) = &mut also {
            places.extend([&mut also.start, &mut also.end]);
        }
        let shown = quotable(&text[from..to], &mut places);
        Excerpt {
            text: shown,
            first_line: line_of(text, from),
            span,
            also,
            whole: from == 0 || text[..from].ends_with('\n'),
        }
    }

    /// The line of one place, short, and with dots where it was cut.
    fn around(text: &str, span: &Range<usize>) -> Self {
        let (from, to) = cut(text, span, BESIDE_CORRECTED_MAX);
        let mut place = span.start - from..span.end - from;
        let mut shown = quotable(&text[from..to], &mut [&mut place.start, &mut place.end]);
        let whole = from == 0 || text[..from].ends_with('\n');
        if !whole {
            shown.insert_str(0, DOTS);
            place = place.start + DOTS.len()..place.end + DOTS.len();
        }
        if to < text.len() && !text[to..].starts_with('\n') {
            shown.push_str(DOTS);
        }
        Excerpt { text: shown, first_line: line_of(text, from), span: place, also: None, whole }
    }
}

const DOTS: &str = "...";

/// The lines of a place: from where to where, and no more than `beside` bytes on either side.
fn cut(text: &str, span: &Range<usize>, beside: usize) -> (usize, usize) {
    let line_start = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let line_end = text[span.end..].find('\n').map_or(text.len(), |end| span.end + end);
    let from = text.floor_char_boundary(span.start.saturating_sub(beside)).max(line_start);
    let to = text.ceil_char_boundary((span.end + beside).min(text.len())).min(line_end);
    (from, to)
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1
}
