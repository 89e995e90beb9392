//! As JSON, for programs: one object, format 1.

use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::Vacuity;
use mapisim_model::scenario::Expect;
use serde::Serialize;

use super::{Matrix, Word, products, shown};
use crate::cells::Finished;
use crate::json::to_text;

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    columns: Vec<Column<'a>>,
    rows: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Column<'a> {
    algorithm: &'a str,
    products: Vec<&'a str>,
    holds: usize,
    vacuous: usize,
    breaks: usize,
    no_verdict: usize,
    unexpected: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    scenario: &'a str,
    title: &'a str,
    cells: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    algorithm: &'a str,
    verdict: &'a str,
    property: Option<&'a str>,
    expected: Option<&'a str>,
    as_expected: Option<bool>,
    vacuous: Option<&'a str>,
}

/// The report as text. A verdict is that of `run`, or `impossible` where the schedule cannot happen, or `failed`.
pub fn render(matrix: &Matrix<'_>) -> String {
    let columns = matrix.builds.iter().enumerate().map(|(index, build)| column(matrix, index, *build));
    let rows = matrix.rows.iter().map(|row| Line {
        scenario: &row.scenario.name,
        title: &row.scenario.title,
        cells: row.cells.iter().copied().flatten().map(entry).collect(),
    });
    to_text(&Report { format: 1, columns: columns.collect(), rows: rows.collect() })
}

fn column(matrix: &Matrix<'_>, index: usize, build: Build) -> Column<'static> {
    let sums = matrix.sums(index);
    Column {
        algorithm: build.id(),
        products: products(build),
        holds: sums.holds,
        vacuous: sums.vacuous,
        breaks: sums.breaks,
        no_verdict: sums.no_verdict,
        unexpected: sums.unexpected,
    }
}

fn entry<'a>(cell: &'a Finished<'a>) -> Entry<'a> {
    let (verdict, property) = match shown(cell).word {
        Word::Holds | Word::Vacuous => ("holds", None),
        Word::Breaks(property) => ("broken", Some(property.id())),
        Word::Unanswered => ("inconclusive", None),
        Word::Impossible => ("impossible", None),
        Word::Failed => ("failed", None),
    };
    let expected = cell.cell.scenario.expected(cell.cell.build);
    Entry {
        algorithm: cell.cell.build.id(),
        verdict,
        property,
        expected: expected.map(Expect::id),
        as_expected: expected.map(|_| cell.as_expected()),
        vacuous: cell.checked().and_then(|checked| checked.outcome.vacuous).map(Vacuity::text),
    }
}
