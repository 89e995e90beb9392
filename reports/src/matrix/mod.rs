//! `matrix`: every scenario against every algorithm, and so against every product; each cell is a run.
//!
//! The rule of this family: products with the same algorithm are one column. A cell of which the scenario expects nothing
//! is shown like the others and marked, and counts neither as expected nor as unexpected.

mod json;
mod markdown;
mod text;

use mapisim_model::mapi::product::Product;
use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::Verdict;
use mapisim_model::property::Property;
use mapisim_model::scenario::Scenario;

use crate::cells::{CellResult, Finished};

pub use json::render as json;
pub use markdown::{escape, render as markdown};
pub use text::render as text;

/// Below so many columns it is a list.
pub const TABLE_COLUMNS: usize = 100;

/// The runs, as a table.
pub struct Matrix<'a> {
    /// The columns, in order.
    pub builds: Vec<Build>,
    /// The rows, in the order of the scenarios' names.
    pub rows: Vec<Row<'a>>,
}

/// One scenario.
pub struct Row<'a> {
    /// Which.
    pub scenario: &'a Scenario,
    /// Its runs, in the order of the columns; `None` where one was not finished.
    pub cells: Vec<Option<&'a Finished<'a>>>,
}

impl<'a> Matrix<'a> {
    /// The table of what was run: scenarios in order, each with these builds.
    pub fn new(builds: &[Build], finished: &'a [Finished<'a>]) -> Self {
        let same =
            |one: &Finished<'_>, other: &Finished<'_>| one.cell.scenario.name == other.cell.scenario.name;
        let row = |cells: &'a [Finished<'a>]| Row {
            scenario: cells[0].cell.scenario,
            cells: builds.iter().map(|build| cells.iter().find(|cell| cell.cell.build == *build)).collect(),
        };
        Matrix { builds: builds.to_vec(), rows: finished.chunk_by(same).map(row).collect() }
    }

    /// A column's cells, from the top.
    fn column(&self, index: usize) -> impl Iterator<Item = &'a Finished<'a>> {
        self.rows.iter().filter_map(move |row| row.cells[index])
    }

    /// The numbers of a column.
    fn sums(&self, index: usize) -> Sums {
        let mut sums = Sums::default();
        for cell in self.column(index) {
            let shown = shown(cell);
            sums.unexpected += usize::from(shown.mark == Mark::Unexpected);
            match shown.word {
                Word::Holds => sums.holds += 1,
                Word::Vacuous => {
                    sums.holds += 1;
                    sums.vacuous += 1;
                }
                Word::Breaks(_) => sums.breaks += 1,
                Word::Unanswered | Word::Impossible | Word::Failed => sums.no_verdict += 1,
            }
        }
        sums
    }
}

/// The numbers of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    /// Runs that hold, vacuous ones too.
    holds: usize,
    /// Those that hold without having met the danger that they are about.
    vacuous: usize,
    /// Runs that break something.
    breaks: usize,
    /// Runs without a verdict.
    no_verdict: usize,
    /// Runs that are not as their scenario expects.
    unexpected: usize,
}

impl Sums {
    /// Each with its name.
    const fn named(self) -> [(&'static str, usize); 5] {
        [
            ("holds", self.holds),
            ("vacuous", self.vacuous),
            ("breaks", self.breaks),
            ("no verdict", self.no_verdict),
            ("unexpected", self.unexpected),
        ]
    }
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    mark: Mark,
    word: Word,
}

/// Whether a run is as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Expected,
    Unexpected,
    NothingExpected,
}

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Holds,
    Vacuous,
    Breaks(Property),
    /// A bound was reached.
    Unanswered,
    /// Its schedule cannot happen with this algorithm.
    Impossible,
    /// Our own bug.
    Failed,
}

impl Mark {
    const fn sign(self) -> &'static str {
        match self {
            Mark::Expected => " ",
            Mark::Unexpected => "✗",
            Mark::NothingExpected => "·",
        }
    }
}

impl Word {
    /// At most seven characters.
    const fn short(self) -> &'static str {
        match self {
            Word::Holds => "holds",
            Word::Vacuous => "vacuous",
            Word::Unanswered => "?",
            Word::Impossible => "–",
            Word::Failed => "BUG",
            Word::Breaks(property) => match property {
                Property::LiveProfile => "live",
                Property::UsableSession => "usable",
                Property::NoOrphan => "orphan",
                Property::HiddenWhenDeleted => "hidden",
                Property::NameReusable => "reuse",
                Property::NoDeadlock => "stuck",
                Property::CallResult => "result",
            },
        }
    }

    /// In full.
    fn long(self) -> String {
        match self {
            Word::Holds => "holds".to_owned(),
            Word::Vacuous => "holds, vacuously".to_owned(),
            Word::Breaks(property) => format!("breaks {}", property.id()),
            Word::Unanswered => "no answer within the bounds".to_owned(),
            Word::Impossible => "its schedule cannot happen".to_owned(),
            Word::Failed => "mapisim itself failed".to_owned(),
        }
    }
}

fn shown(cell: &Finished<'_>) -> Shown {
    let expects = cell.cell.scenario.expected(cell.cell.build).is_some();
    let mark = match (expects, cell.as_expected()) {
        (false, _) => Mark::NothingExpected,
        (true, true) => Mark::Expected,
        (true, false) => Mark::Unexpected,
    };
    let word = match &cell.result {
        CellResult::Panicked(_) => return Shown { mark: Mark::Unexpected, word: Word::Failed },
        CellResult::Diverged(_) => Word::Impossible,
        CellResult::Checked(checked) => match checked.outcome.verdict {
            Verdict::Holds if checked.outcome.vacuous.is_some() => Word::Vacuous,
            Verdict::Holds => Word::Holds,
            Verdict::Broken(property) => Word::Breaks(property),
            Verdict::Inconclusive => Word::Unanswered,
        },
    };
    Shown { mark, word }
}

/// The products that run just this algorithm; for what is installed: none in particular.
fn products(build: Build) -> Vec<&'static str> {
    let has = |product: &Product| build == Build::All(product.algorithm());
    Product::ALL.into_iter().filter(has).map(Product::id).collect()
}

/// What a column is, in words.
fn meaning(build: Build) -> String {
    match (build, products(build).as_slice()) {
        (Build::AsInstalled, _) => "each process with the product that the scenario gives it".to_owned(),
        (_, []) => "in no product".to_owned(),
        (_, products) => products.join(", "),
    }
}

/// A scenario's folder, and its name in it without `.json`.
pub fn place_of(scenario: &str) -> (&str, &str) {
    let (folder, file) = scenario.rsplit_once('/').unwrap_or(("", scenario));
    (folder, file.strip_suffix(".json").unwrap_or(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width;

    #[test]
    fn every_word_fits_its_column_and_no_two_are_the_same() {
        let words = Property::ALL.map(Word::Breaks).into_iter().chain([
            Word::Holds,
            Word::Vacuous,
            Word::Unanswered,
            Word::Impossible,
            Word::Failed,
        ]);
        let mut words: Vec<&str> = words.map(Word::short).collect();
        assert!(words.iter().all(|word| width(word) <= 7), "{words:?}");
        words.sort_unstable();
        let number = words.len();
        words.dedup();
        assert_eq!(words.len(), number);
    }

    #[test]
    fn every_product_is_in_exactly_one_column() {
        let named: Vec<&str> = Build::all().flat_map(products).collect();
        assert_eq!(named.len(), Product::ALL.len());
        assert!(Product::ALL.iter().all(|product| named.contains(&product.id())));
        assert_eq!(meaning(Build::from_id("lease").unwrap()), "in no product");
    }

    #[test]
    fn a_scenario_has_a_folder_and_a_name() {
        assert_eq!(place_of("scenarios/article/bug-1.json"), ("scenarios/article", "bug-1"));
        assert_eq!(place_of("mine.json"), ("", "mine"));
    }
}
