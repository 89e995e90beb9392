//! A comparison as text, Markdown and JSON: what cannot be compared first, then the worst.

use super::{Diff, Row, Word};
use crate::markdown::escape::{code, text};
use crate::said::plain;
use crate::text::{BAD, DIM, GOOD, HEADING, PLAIN, WARN, count, grouped, indented, paint};

/// Rows of a word that are told; the others are counted.
const ROWS_MAX: usize = 20;

/// How text is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How wide it is.
    pub columns: usize,
    /// Every row, however many there are.
    pub all: bool,
}

/// What the two sides are called.
fn heading(diff: &Diff) -> String {
    let files = format!("{} → {}", plain(&diff.old), plain(&diff.new));
    match &diff.across {
        Some((one, other)) => format!("{one} → {other} ({files})"),
        None => files,
    }
}

/// The words that there are, as a sentence: `1 regressed, 2 fixed, 40 same`.
fn summary(diff: &Diff) -> String {
    let number = |word| diff.rows.iter().filter(|row| row.word == word).count();
    let words = Word::ALL.into_iter().filter(|word| *word != Word::Same && number(*word) > 0);
    let mut parts: Vec<String> =
        words.map(|word| format!("{} {}", grouped(number(word)), word.text())).collect();
    let broken = match diff.same_broken {
        0 => String::new(),
        broken => format!(" (of which {} break as before)", grouped(broken)),
    };
    parts.push(format!("{} same{broken}", grouped(diff.same)));
    parts.join(", ")
}

/// How it ends.
fn end(diff: &Diff) -> String {
    match diff.rows.iter().filter(|row| row.fails).count() {
        0 => "No regression.".to_owned(),
        1 => "1 of them counts as a regression.".to_owned(),
        number => format!("{} of them count as regressions.", grouped(number)),
    }
}

/// The words that have rows, what cannot be compared first, each with its rows and how many of them are told.
fn groups(diff: &Diff, all: bool) -> Vec<(Word, Vec<&Row>, usize)> {
    let first = [Word::Incomparable];
    let others = Word::ALL.into_iter().filter(|word| *word != Word::Incomparable);
    let groups = first.into_iter().chain(others).map(|word| {
        let rows: Vec<&Row> = diff.rows.iter().filter(|row| row.word == word).collect();
        let told = if all { rows.len() } else { rows.len().min(ROWS_MAX) };
        (word, rows, told)
    });
    groups.filter(|(_, rows, _)| !rows.is_empty()).collect()
}

/// What an outcome was and is, in a line.
fn change(row: &Row) -> String {
    match (&row.was, &row.is) {
        (Some(_), Some(is)) if row.word == Word::Moved => is.clone(),
        (Some(was), Some(is))
            if row.word == Word::Changed
                && was.split_once(' ').map(|(_, was)| was) == is.split_once(' ').map(|(_, is)| is) =>
        {
            format!("{is}, as before, but in another way")
        }
        (Some(was), Some(is)) => format!("{was} → {is}"),
        (Some(was), None) => was.clone(),
        (None, is) => is.clone().unwrap_or_default(),
    }
}

/// It as text, with a line end at the end.
pub fn text_report(diff: &Diff, look: Look) -> String {
    let mut out = format!("{}\n", paint(HEADING, &heading(diff)));
    for note in &diff.notes {
        out += &paint(WARN, &indented(&plain(note), 2, look.columns));
    }
    for (word, rows, told) in groups(diff, look.all) {
        let style = match word {
            Word::Regressed | Word::Escaped | Word::Changed | Word::Weaker | Word::Gone => BAD,
            Word::Incomparable | Word::New | Word::Known => WARN,
            Word::Fixed | Word::Stronger => GOOD,
            Word::Moved | Word::Same => PLAIN,
        };
        out += &format!("\n{} {}\n", paint(style, word.text()), paint(DIM, &format!("({})", word.meaning())));
        for row in &rows[..told] {
            let algorithm =
                if diff.across.is_some() { String::new() } else { format!("  {}", row.algorithm) };
            out += &format!("  {}{algorithm}\n", plain(&row.scenario));
            if !row.title.is_empty() && diff.across.is_some() {
                out += &indented(&plain(&row.title), 4, look.columns);
            }
            out += &indented(&plain(&change(row)), 4, look.columns);
            if let Some(note) = &row.note {
                out += &indented(&plain(note), 4, look.columns);
            }
        }
        if told < rows.len() {
            out += &format!("  and {} more; -v shows all\n", count(rows.len() - told, "outcome"));
        }
    }
    out + &format!("\n{}. {}\n", summary(diff), end(diff))
}

/// It as Markdown, short enough for a comment on a pull request, with a line end at the end.
pub fn markdown_report(diff: &Diff) -> String {
    let title = match &diff.across {
        Some((one, other)) => format!("{} to {}", code(one), code(other)),
        None => format!("{} to {}", code(&diff.old), code(&diff.new)),
    };
    let mut out = format!("## {title}\n\n{}. {}\n", summary(diff), end(diff));
    if !diff.notes.is_empty() {
        out.push('\n');
    }
    for note in &diff.notes {
        out += &format!("> {}\n", text(note));
    }
    for (word, rows, told) in groups(diff, false) {
        let mut name = word.text().to_owned();
        name[..1].make_ascii_uppercase();
        out += &format!("\n### {name}: {} ({})\n\n", grouped(rows.len()), word.meaning());
        for row in &rows[..told] {
            let title =
                if row.title.is_empty() { code(&row.scenario) } else { format!("**{}**", text(&row.title)) };
            let place =
                if row.title.is_empty() { String::new() } else { format!(" ({})", code(&row.scenario)) };
            let with =
                if diff.across.is_some() { String::new() } else { format!(" with {}", code(&row.algorithm)) };
            let note = row.note.as_ref().map_or_else(String::new, |note| format!("; {}", text(note)));
            out += &format!("- {title}{place}{with}: {}{note}\n", text(&change(row)));
        }
        if told < rows.len() {
            out += &format!("- and {} more\n", count(rows.len() - told, "outcome"));
        }
    }
    out
}

/// It as JSON, with a line end at the end.
pub fn json_report(diff: &Diff) -> String {
    crate::json::to_text(diff)
}
