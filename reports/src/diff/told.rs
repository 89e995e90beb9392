//! A comparison as text, Markdown and JSON: what cannot be compared first, then the worst.

use anstyle::Style;

use super::{Diff, Row, Word, causes};
use crate::markdown::escape::{code, text};
use crate::said::plain;
use crate::text::{BAD, DIM, GOOD, HEADING, PLAIN, WARN, count, grouped, indented, paint, width, wrap};

/// Rows of a word that are told; the others are counted.
const ROWS_MAX: usize = 20;
/// Rows of a cause that are told, where a word has several causes.
const ROWS_OF_A_CAUSE: usize = 5;

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
    let words = diff.counts.iter().map(|count| format!("{} {}", grouped(count.outcomes), count.word.text()));
    let mut parts: Vec<String> = words.collect();
    let broken = match diff.same_broken {
        0 => String::new(),
        broken => format!(" (of which {} break as before)", grouped(broken)),
    };
    parts.push(format!("{} same{broken}", grouped(diff.same)));
    parts.join(", ")
}

/// The one thing that a reader has to know.
fn headline(diff: &Diff) -> String {
    match diff.rows.iter().filter(|row| row.fails).count() {
        0 => "No regression".to_owned(),
        number => count(number, "regression"),
    }
}

/// What to do next, each a command with what it is for.
fn next(diff: &Diff) -> Vec<(&'static str, String)> {
    let first = |wanted: &dyn Fn(&Row) -> bool| {
        diff.rows.iter().filter(|row| wanted(row)).find_map(|row| row.command.clone())
    };
    let mut next = Vec::new();
    if diff.regression {
        next.extend(first(&|row| row.fails).map(|command| ("the first that fails, step by step", command)));
    } else {
        let fixed = first(&|row| row.word == Word::Fixed);
        next.extend(fixed.map(|command| ("what was fixed first, step by step", command)));
        if diff.old_is_baseline && !diff.rows.is_empty() {
            let old = crate::command::quoted(&diff.old);
            next.push((
                "what this run came to becomes the baseline, once it was written beside it",
                format!("mapisim accept {old}"),
            ));
        }
    }
    next
}

/// The words that have rows, what cannot be compared first, each with its rows.
fn groups(diff: &Diff) -> Vec<(Word, Vec<&Row>)> {
    let first = [Word::Incomparable];
    let others = Word::ALL.into_iter().filter(|word| *word != Word::Incomparable);
    let groups = first.into_iter().chain(others).map(|word| {
        let rows: Vec<&Row> = diff.rows.iter().filter(|row| row.word == word).collect();
        (word, rows)
    });
    groups.filter(|(_, rows)| !rows.is_empty()).collect()
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

/// Rows of a word, by cause; each cause has at most so many of them told, and all together [`ROWS_MAX`].
fn told_by_cause<'a>(rows: &[&'a Row], all: bool) -> Vec<(Option<String>, Vec<&'a Row>, usize)> {
    let groups = causes::groups(rows);
    let each = if groups.len() == 1 { ROWS_MAX } else { ROWS_OF_A_CAUSE };
    let mut left = if all { usize::MAX } else { ROWS_MAX };
    let told = groups.into_iter().map(|(words, rows)| {
        let told = if all { rows.len() } else { rows.len().min(each).min(left) };
        left -= told;
        (words, rows, told)
    });
    told.collect()
}

/// What stands over the rows of a cause; over those that break nothing only where others stand before them.
fn cause_head(words: Option<String>, rows: &[&Row], several: bool) -> Option<String> {
    let number = grouped(rows.len());
    let none = || several.then(|| format!("{number} without a failure"));
    words.map(|words| format!("{number} × {words}")).or_else(none)
}

/// It as text, with a line end at the end.
pub fn text_report(diff: &Diff, look: Look) -> String {
    let mut out = paint_lines(HEADING, &indented(&heading(diff), 0, look.columns));
    let style = if diff.regression { BAD } else { GOOD };
    out += &paint_lines(style, &indented(&format!("{}: {}", headline(diff), summary(diff)), 0, look.columns));
    for note in &diff.notes {
        out += &paint_lines(WARN, &indented(&plain(note), 2, look.columns));
    }
    for (word, rows) in groups(diff) {
        let style = match word {
            Word::Regressed | Word::Escaped | Word::Changed | Word::Weaker | Word::Gone
                if rows.iter().any(|row| row.fails) =>
            {
                BAD
            }
            Word::Changed | Word::Weaker | Word::Moved | Word::Same => PLAIN,
            Word::Fixed | Word::Stronger => GOOD,
            _ => WARN,
        };
        let (head, meaning) =
            (format!("{}: {}", word.text(), grouped(rows.len())), format!("({})", word.meaning()));
        out += &if width(&head) + 1 + width(&meaning) <= look.columns {
            format!("\n{} {}\n", paint(style, &head), paint(DIM, &meaning))
        } else {
            format!("\n{}\n{}", paint(style, &head), paint_lines(DIM, &indented(&meaning, 2, look.columns)))
        };
        let causes = told_by_cause(&rows, look.all);
        let several = causes.len() > 1;
        for (words, rows, told) in causes {
            if let Some(head) = cause_head(words, &rows, several) {
                for (number, line) in wrap(&head, look.columns.saturating_sub(4)).iter().enumerate() {
                    let indent = if number == 0 { 2 } else { 4 };
                    out += &format!("{}{}\n", " ".repeat(indent), paint(HEADING, line));
                }
            }
            for row in &rows[..told] {
                out += &row_text(diff, row, look.columns);
            }
            if told < rows.len() {
                out += &format!("    and {} more; -v shows all\n", count(rows.len() - told, "outcome"));
            }
        }
    }
    let next = next(diff);
    if !next.is_empty() {
        out.push('\n');
    }
    for (what, command) in next {
        out += &format!("{}  {command}\n", paint_lines(DIM, &indented(&format!("{what}:"), 0, look.columns)));
    }
    out
}

/// One row: its title and place, what it was and is, what else there is to say.
fn row_text(diff: &Diff, row: &Row, columns: usize) -> String {
    let algorithm = if diff.across.is_some() { String::new() } else { format!("  {}", row.algorithm) };
    let place = format!("{}{algorithm}", plain(&row.scenario));
    let mut out = String::new();
    if row.title.is_empty() {
        out += &indented(&place, 4, columns);
    } else {
        out += &indented(&plain(&row.title), 4, columns);
        out += &paint_lines(DIM, &indented(&place, 6, columns));
    }
    out += &indented(&plain(&change(row)), 6, columns);
    if let Some(note) = &row.note {
        out += &indented(&plain(note), 6, columns);
    }
    out
}

fn paint_lines(style: Style, text: &str) -> String {
    text.lines().map(|line| paint(style, line) + "\n").collect()
}

/// It as Markdown, short enough for a comment on a pull request, with a line end at the end.
pub fn markdown_report(diff: &Diff) -> String {
    let title = match &diff.across {
        Some((one, other)) => format!("{} to {}", code(one), code(other)),
        None => format!("{} to {}", code(&diff.old), code(&diff.new)),
    };
    let mut out = format!("## {title}\n\n**{}**: {}.\n", headline(diff), summary(diff));
    if !diff.notes.is_empty() {
        out.push('\n');
    }
    for note in &diff.notes {
        out += &format!("> {}\n", text(note));
    }
    for (word, rows) in groups(diff) {
        let mut name = word.text().to_owned();
        name[..1].make_ascii_uppercase();
        out += &format!("\n### {name}: {} ({})\n", grouped(rows.len()), word.meaning());
        let causes = told_by_cause(&rows, false);
        let several = causes.len() > 1;
        for (words, rows, told) in causes {
            out.push('\n');
            if let Some(head) = cause_head(words, &rows, several) {
                out += &format!("**{}**\n\n", text(&head));
            }
            for row in &rows[..told] {
                out += &row_markdown(diff, row);
            }
            if told < rows.len() {
                out += &format!("- and {} more\n", count(rows.len() - told, "outcome"));
            }
        }
    }
    for (what, command) in next(diff) {
        out += &format!("\nNext, {what}: {}\n", code(&command));
    }
    out
}

fn row_markdown(diff: &Diff, row: &Row) -> String {
    let title = if row.title.is_empty() { code(&row.scenario) } else { format!("**{}**", text(&row.title)) };
    let place = if row.title.is_empty() { String::new() } else { format!(" ({})", code(&row.scenario)) };
    let with = if diff.across.is_some() { String::new() } else { format!(" with {}", code(&row.algorithm)) };
    let note = row.note.as_ref().map_or_else(String::new, |note| format!("; {}", text(note)));
    format!("- {title}{place}{with}: {}{note}\n", text(&change(row)))
}

/// It as JSON, with a line end at the end.
pub fn json_report(diff: &Diff) -> String {
    crate::json::to_text(diff)
}
