//! As text: a table by folders at a hundred columns or more, else a list.

use mapisim_model::mapi::rules::Build;
use mapisim_model::property::Property;
use mapisim_model::scenario::visible::visible;

use super::{Mark, Matrix, Row, Shown, TABLE_COLUMNS, Word, meaning, place_of, shown};
use crate::cells::Finished;
use crate::text::{BAD, DIM, GOOD, HEADING, PLAIN, WARN, count, indented, pad, pad_left, paint, width};
use anstyle::Style;

/// The report.
pub fn render(matrix: &Matrix<'_>, columns: usize) -> String {
    let heads: Vec<Head> = matrix.builds.iter().map(|build| Head::of(*build)).collect();
    let table = columns >= TABLE_COLUMNS && !heads.is_empty();
    let mut out = if table { rows(matrix, &heads, columns) } else { list(matrix, columns) };
    out += &if table { summary_table(matrix, &heads, columns) } else { summary_list(matrix, columns) };
    out += &legend(matrix, columns);
    out + &last_line(matrix, columns)
}

/// A column's head, on two lines.
struct Head {
    lines: [String; 2],
    width: usize,
}

/// A mark and the longest word.
const CELL: usize = 8;

impl Head {
    fn of(build: Build) -> Self {
        let id = build.id();
        let lines = match id.split_once('-') {
            Some((first, second)) if width(id) > CELL => [format!("{first}-"), second.to_owned()],
            _ => [String::new(), id.to_owned()],
        };
        // Heads stand above words, beside marks.
        let longest = lines.iter().map(|line| width(line) + 1).max().unwrap_or(0);
        Head { width: longest.max(CELL), lines }
    }
}

/// How wide names are: as wide as they need, if the columns leave that much.
fn names_width(matrix: &Matrix<'_>, heads: &[Head], columns: usize) -> usize {
    let left = columns - heads.iter().map(|head| head.width + 1).sum::<usize>();
    let named = |row: &Row<'_>| {
        let (folder, name) = place_of(&row.scenario.name);
        width(&visible(folder)).max(width(&visible(name)) + 2)
    };
    let longest = matrix.rows.iter().map(named).max().unwrap_or(0);
    longest.max(width("    of them vacuous")).min(left)
}

fn rows(matrix: &Matrix<'_>, heads: &[Head], columns: usize) -> String {
    let room = names_width(matrix, heads, columns);
    let mut out = String::new();
    for group in matrix.rows.chunk_by(|one, other| folder(one) == folder(other)) {
        let titles = [String::new(), visible(folder(&group[0])).into_owned()];
        for (title, line) in titles.iter().zip(0..) {
            if title.is_empty() && heads.iter().all(|head| head.lines[line].is_empty()) {
                continue;
            }
            let mut cells = String::new();
            for head in heads {
                cells += &format!("  {}", pad(&head.lines[line], head.width - 1));
            }
            if width(title) > room {
                out += &format!("{}\n", paint(HEADING, title));
                out += &format!("{}\n", paint(DIM, format!("{}{cells}", " ".repeat(room)).trim_end()));
                continue;
            }
            let cells = paint(DIM, cells.trim_end());
            out += &format!("{}{cells}\n", paint(HEADING, title) + &" ".repeat(room - width(title)));
        }
        for row in group {
            out += &one_row(row, heads, room);
        }
        out.push('\n');
    }
    out
}

fn folder<'a>(row: &Row<'a>) -> &'a str {
    place_of(&row.scenario.name).0
}

fn one_row(row: &Row<'_>, heads: &[Head], room: usize) -> String {
    let name = visible(place_of(&row.scenario.name).1);
    let mut line = format!("  {name}");
    if width(&line) > room {
        // A name is there to be found again: it is not shortened.
        line = format!("{line}\n{}", " ".repeat(room));
    } else {
        line = pad(&line, room);
    }
    for (cell, head) in row.cells.iter().zip(heads) {
        let (text, style) = cell.map_or((String::new(), PLAIN), |cell| {
            let shown = shown(cell);
            (format!("{}{}", shown.mark.sign(), shown.word.short()), style(shown))
        });
        line += &format!(" {}{}", paint(style, &text), " ".repeat(head.width - width(&text)));
    }
    format!("{}\n", line.trim_end())
}

fn style(shown: Shown) -> Style {
    match (shown.mark, shown.word) {
        (Mark::Unexpected, _) | (_, Word::Failed) => BAD,
        (Mark::NothingExpected, _) | (_, Word::Impossible) => DIM,
        (Mark::Expected, Word::Holds) => GOOD,
        (Mark::Expected, _) => WARN,
    }
}

fn summary_table(matrix: &Matrix<'_>, heads: &[Head], columns: usize) -> String {
    let room = names_width(matrix, heads, columns);
    let sums: Vec<_> = (0..heads.len()).map(|column| matrix.sums(column).named()).collect();
    let mut out = format!("{}\n", paint(HEADING, "in all"));
    for kind in 0..5 {
        let word = sums[0][kind].0;
        let word = if word == "vacuous" { "  of them vacuous" } else { word };
        let mut line = pad(&format!("  {word}"), room);
        for (sums, head) in sums.iter().zip(heads) {
            let number = pad_left(&sums[kind].1.to_string(), 5);
            line += &format!("  {}", pad(&number, head.width - 1));
        }
        out += &format!("{}\n", line.trim_end());
    }
    out.push('\n');
    out
}

fn list(matrix: &Matrix<'_>, columns: usize) -> String {
    let mut out = String::new();
    for row in &matrix.rows {
        let name = indented(&visible(&row.scenario.name), 0, columns);
        out += &name.lines().map(|line| paint(HEADING, line) + "\n").collect::<String>();
        let cells: Vec<&Finished<'_>> = row.cells.iter().copied().flatten().collect();
        let mut told: Vec<Shown> = Vec::new();
        for cell in &cells {
            let what = shown(cell);
            if told.contains(&what) {
                continue;
            }
            told.push(what);
            let same = cells.iter().filter(|other| shown(other) == what);
            let builds: Vec<&str> = same.map(|cell| cell.cell.build.id()).collect();
            let text = format!("{} {}: {}", what.mark.sign(), what.word.long(), builds.join(", "));
            let text = text.trim_start();
            let indent = if what.mark == Mark::Expected { 4 } else { 2 };
            let lines = indented(text, indent, columns);
            out += &lines.lines().map(|line| paint(style(what), line) + "\n").collect::<String>();
        }
    }
    out.push('\n');
    out
}

fn summary_list(matrix: &Matrix<'_>, columns: usize) -> String {
    let mut out = format!("{}\n", paint(HEADING, "in all"));
    for (column, build) in matrix.builds.iter().enumerate() {
        let parts: Vec<String> =
            matrix.sums(column).named().iter().map(|(word, number)| format!("{word} {number}")).collect();
        out += &indented(&format!("{}: {}", build.id(), parts.join(", ")), 2, columns);
    }
    out.push('\n');
    out
}

fn legend(matrix: &Matrix<'_>, columns: usize) -> String {
    let mut out = format!("{}\n", paint(HEADING, "columns"));
    for build in &matrix.builds {
        out += &indented(&format!("{}: {}", build.id(), meaning(*build)), 2, columns);
    }
    out += &format!("{}\n", paint(HEADING, "cells"));
    let broken: Vec<String> = Property::ALL
        .into_iter()
        .map(|property| format!("{} breaks {}", Word::Breaks(property).short(), property.id()))
        .collect();
    for text in [
        broken.join(", "),
        "vacuous: holds, but never met the danger it is about".to_owned(),
        "? no answer within the bounds, – the scenario's schedule cannot happen with this algorithm"
            .to_owned(),
        "✗ not as the scenario expects, · the scenario expects nothing of this algorithm".to_owned(),
    ] {
        out += &indented(&text, 2, columns);
    }
    out.push('\n');
    out
}

fn last_line(matrix: &Matrix<'_>, columns: usize) -> String {
    let cells: Vec<Shown> =
        matrix.rows.iter().flat_map(|row| row.cells.iter().flatten().map(|cell| shown(cell))).collect();
    let of = |mark: Mark| cells.iter().filter(|shown| shown.mark == mark).count();
    let vacuous = cells.iter().filter(|shown| shown.word == Word::Vacuous).count();
    let text = format!(
        "{}, {} as expected, {} not; of {} nothing is expected; {} vacuous",
        count(cells.len(), "cell"),
        of(Mark::Expected),
        of(Mark::Unexpected),
        of(Mark::NothingExpected),
        if vacuous == 0 { "none".to_owned() } else { vacuous.to_string() }
    );
    indented(&text, 0, columns)
}
