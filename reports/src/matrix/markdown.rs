//! As Markdown: a table for each folder.

use mapisim_model::scenario::visible::visible;

use super::{Mark, Matrix, Row, meaning, place_of, shown};
use crate::cells::Finished;

/// The report.
pub fn render(matrix: &Matrix<'_>) -> String {
    let mut out = String::new();
    let heads: Vec<&str> = matrix.builds.iter().map(|build| build.id()).collect();
    let rule = "---|".repeat(heads.len() + 1);
    for group in matrix.rows.chunk_by(|one, other| folder(one) == folder(other)) {
        let title = folder(&group[0]);
        if !title.is_empty() {
            out += &format!("### {}\n\n", escape(&visible(title)));
        }
        out += &format!("| scenario | {} |\n|{rule}\n", heads.join(" | "));
        for row in group {
            out += &one_row(row);
        }
        out.push('\n');
    }
    out += &format!("### in all\n\n| | {} |\n|{rule}\n", heads.join(" | "));
    let sums: Vec<_> = (0..heads.len()).map(|column| matrix.sums(column).named()).collect();
    for kind in 0..5 {
        let numbers: Vec<String> = sums.iter().map(|sums| sums[kind].1.to_string()).collect();
        let word = sums.first().map_or("", |sums| sums[kind].0);
        out += &format!("| {word} | {} |\n", numbers.join(" | "));
    }
    out.push('\n');
    for build in &matrix.builds {
        out += &format!("- `{}`: {}\n", build.id(), meaning(*build));
    }
    out + "- in bold: not as the scenario expects; in brackets: it expects nothing of this algorithm\n"
}

fn folder<'a>(row: &Row<'a>) -> &'a str {
    place_of(&row.scenario.name).0
}

fn one_row(row: &Row<'_>) -> String {
    let cells: Vec<String> = row.cells.iter().map(|cell| cell.map_or_else(String::new, cell_text)).collect();
    format!("| {} | {} |\n", escape(&visible(place_of(&row.scenario.name).1)), cells.join(" | "))
}

fn cell_text(cell: &Finished<'_>) -> String {
    let shown = shown(cell);
    let word = shown.word.long();
    let word = word.strip_prefix("breaks ").unwrap_or(&word);
    match shown.mark {
        Mark::Expected => word.to_owned(),
        Mark::Unexpected => format!("**✗ {word}**"),
        Mark::NothingExpected => format!("({word})"),
    }
}

/// Text that Markdown leaves as it is, in a table too.
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if "\\`*_[]<>|#&".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}
