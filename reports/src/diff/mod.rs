//! What changed between two runs, in a few words of fixed meaning.
//!
//! | word | from -> to | |
//! |---|---|---|
//! | regressed | holds, or had to -> breaks, or has no verdict any more | fails |
//! | escaped | a break that must happen -> holds | fails |
//! | changed | breaks in one way -> breaks in another | fails |
//! | weaker | every order -> one run, or no answer; a probe lost; fewer states within the same limits | fails |
//! | gone | not in the new run | fails, unless lenient |
//! | incomparable | another scenario file, other faults, another limit that matters, or cut off by a clock | fails if not as expected |
//! | new | only in the new run | fails if not as expected |
//! | known | a known issue of the baseline | does not fail |
//! | expected | across algorithms: breaks `call-result`, as the scenario says of the new one | does not fail |
//! | fixed | an unwelcome break -> holds, or -> the break that must be; across algorithms, any break -> holds | does not fail |
//! | stronger | one run, or no answer -> every order | does not fail |
//! | moved | the same failure at another step or with another digest | does not fail |
//! | same | | counted |
//!
//! Failures are told apart by their signatures; where one side has none, by the property and the call that broke it.
//!
//! Outcomes are matched by scenario and algorithm. Where each side has one algorithm and the two differ, they are matched
//! by scenario: then the difference is what the one algorithm makes better or worse. What is better or worse the scenario
//! says, where the question is its own (`call-result`): it may wait for a failure of the one, which the other does not show.
//! A property of ours that held and breaks is a regression, whatever is expected.
//!
//! Reading order: this file, [`side`] (what is compared), [`judge`] (one pair), [`causes`] (rows of one cause),
//! [`told`] (as text, Markdown, JSON).

pub mod causes;
pub mod judge;
pub mod side;
pub mod told;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::run_model::Verdict;
use side::{Seen, Side};

/// What became of an outcome. In order, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// It held, and breaks.
    Regressed,
    /// It had to break, and holds.
    Escaped,
    /// It breaks in another way.
    Changed,
    /// Less is known than before.
    Weaker,
    /// It is not there any more.
    Gone,
    /// The two cannot be compared.
    Incomparable,
    /// It was not there before.
    New,
    /// It is a known issue.
    Known,
    /// It breaks, as the scenario says of the new algorithm.
    Expected,
    /// It broke, and holds.
    Fixed,
    /// More is known than before.
    Stronger,
    /// The same failure elsewhere.
    Moved,
    /// Nothing changed.
    Same,
}

impl Word {
    /// All of them, worst first.
    pub const ALL: [Word; 13] = [
        Word::Regressed,
        Word::Escaped,
        Word::Changed,
        Word::Weaker,
        Word::Gone,
        Word::Incomparable,
        Word::New,
        Word::Known,
        Word::Expected,
        Word::Fixed,
        Word::Stronger,
        Word::Moved,
        Word::Same,
    ];

    /// It as reports write it.
    pub const fn text(self) -> &'static str {
        match self {
            Word::Regressed => "regressed",
            Word::Escaped => "escaped",
            Word::Changed => "changed",
            Word::Weaker => "weaker",
            Word::Gone => "gone",
            Word::Incomparable => "incomparable",
            Word::New => "new",
            Word::Known => "known",
            Word::Expected => "expected",
            Word::Fixed => "fixed",
            Word::Stronger => "stronger",
            Word::Moved => "moved",
            Word::Same => "same",
        }
    }

    /// What it means, for headings.
    pub const fn meaning(self) -> &'static str {
        match self {
            Word::Regressed => "held, or had to, and does not any more",
            Word::Escaped => "a break that must happen does not happen any more",
            Word::Changed => "breaks in another way than before",
            Word::Weaker => "less is known than before",
            Word::Gone => "not in the new run",
            Word::Incomparable => "cannot be compared",
            Word::New => "only in the new run",
            Word::Known => "known issues of the baseline",
            Word::Expected => "returns something else, as the scenario says of the new algorithm",
            Word::Fixed => "broke, and holds",
            Word::Stronger => "more is known than before",
            Word::Moved => "the same, in another way",
            Word::Same => "as before",
        }
    }
}

/// What became of one outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The word for it.
    pub word: Word,
    /// Whether it makes the comparison fail.
    pub fails: bool,
    /// The path of its scenario.
    pub scenario: String,
    /// The scenario's title.
    pub title: String,
    /// The algorithm; across algorithms, the new one.
    pub algorithm: String,
    /// What it was.
    pub was: Option<String>,
    /// What it is.
    pub is: Option<String>,
    /// What else there is to say.
    pub note: Option<String>,
    /// What tells the failure from others: of the new one, or of the one that is gone.
    pub signature: Option<String>,
    /// What that failure breaks.
    pub property: Option<String>,
    /// The command that shows it.
    pub command: Option<String>,
}

/// How many outcomes a word has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The word.
    pub word: Word,
    /// How many there are.
    pub outcomes: usize,
    /// How many of them make the comparison fail.
    pub failing: usize,
}

/// What changed between two runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The version of the format: 1.
    pub format: u32,
    /// What it is: `mapisim-diff`.
    pub kind: &'static str,
    /// The old file's name.
    pub old: String,
    /// Whether the old file is a baseline.
    pub old_is_baseline: bool,
    /// The new file's name.
    pub new: String,
    /// The two algorithms, where outcomes were matched by scenario alone.
    pub across: Option<(String, String)>,
    /// What makes the two files differ as a whole.
    pub notes: Vec<String>,
    /// How many there are of each word that there is, worst first.
    pub counts: Vec<Count>,
    /// The failures that these are about, each once: by word, then the most frequent first.
    pub causes: Vec<causes::Cause>,
    /// What changed, worst first; what is the same is only counted.
    pub rows: Vec<Row>,
    /// How many are the same.
    pub same: usize,
    /// How many of these break.
    pub same_broken: usize,
    /// Whether there is a regression.
    pub regression: bool,
}

/// Compares two runs. Lenient: what is gone is told and does not fail.
pub fn compare(old: &Side, new: &Side, lenient: bool) -> Diff {
    let across = match (old.only_algorithm(), new.only_algorithm()) {
        (Some(one), Some(other)) if one != other => Some((one.to_owned(), other.to_owned())),
        _ => None,
    };
    let mut rows = Vec::new();
    let (mut same, mut same_broken) = (0, 0);
    for key in keys(old, new, across.as_ref()) {
        let was = old.cells.get(&(key.0.clone(), key.1.clone()));
        let is = new.cells.get(&(key.0.clone(), key.2.clone()));
        let row =
            judge::row(&judge::Pair { old, new, was, is, across: across.is_some(), lenient }, &key.0, &key.2);
        if row.word == Word::Same {
            same += 1;
            same_broken += usize::from(is.is_some_and(|is| is.verdict == Verdict::Broken));
        } else {
            rows.push(row);
        }
    }
    rows.sort_by(|a, b| {
        let key = |row: &Row| (row.word, !row.fails, row.scenario.clone(), row.algorithm.clone());
        key(a).cmp(&key(b))
    });
    let counts = Word::ALL.into_iter().filter_map(|word| {
        let outcomes = rows.iter().filter(|row| row.word == word).count();
        let failing = rows.iter().filter(|row| row.word == word && row.fails).count();
        (outcomes > 0).then_some(Count { word, outcomes, failing })
    });
    Diff {
        format: 1,
        kind: "mapisim-diff",
        old: old.name.clone(),
        old_is_baseline: old.format == "baseline",
        new: new.name.clone(),
        notes: notes(old, new),
        regression: rows.iter().any(|row| row.fails),
        counts: counts.collect(),
        causes: causes::of_all(&rows),
        across,
        rows,
        same,
        same_broken,
    }
}

/// Scenario, old algorithm, new algorithm of every outcome that either side has.
fn keys(old: &Side, new: &Side, across: Option<&(String, String)>) -> BTreeSet<(String, String, String)> {
    let keys = old.cells.keys().chain(new.cells.keys());
    let key = |(scenario, algorithm): &(String, String)| match across {
        Some((one, other)) => (scenario.clone(), one.clone(), other.clone()),
        None => (scenario.clone(), algorithm.clone(), algorithm.clone()),
    };
    keys.map(key).collect()
}

/// What makes the two files differ as a whole, and what either lacks.
fn notes(old: &Side, new: &Side) -> Vec<String> {
    let mut notes = Vec::new();
    for side in [old, new] {
        notes.extend(side.lacks.iter().map(|lacks| format!("{} {lacks}.", side.name)));
    }
    for side in [old, new].into_iter().filter(|side| side.format == "run --format json") {
        notes.push(format!(
            "{} is what `run --format json` printed. It has no signatures: failures are told apart by the property and the \
             call that broke it.",
            side.name
        ));
    }
    // A baseline that is not there yet has neither seed nor bounds.
    if !old.seed.is_empty() && old.seed != new.seed {
        notes.push(format!(
            "The seeds differ: {} and {}. What is drawn at random differs with them.",
            old.seed, new.seed
        ));
    }
    if let (Some(one), Some(other)) = (&old.faults, &new.faults)
        && one != other
    {
        let told =
            |faults: &String| if faults.is_empty() { "the files' own".to_owned() } else { faults.clone() };
        notes.push(format!(
            "The faults differ: {} and {}. Searches under different faults are not compared.",
            told(one),
            told(other)
        ));
    }
    if let (Some(one), Some(other)) = (old.states_max, new.states_max)
        && one != other
    {
        let (one, other) = (crate::text::grouped(one as usize), crate::text::grouped(other as usize));
        notes.push(format!(
            "The bounds on states differ: {one} and {other}. Searches without an answer are not compared."
        ));
    }
    if let (Some(one), Some(other)) = (&old.version, &new.version)
        && one != other
    {
        notes.push(format!("The versions of mapisim differ: {one} and {other}."));
    }
    notes
}

/// Whether two broken outcomes are the same failure.
pub(super) fn same_failure(was: &Seen, is: &Seen) -> bool {
    match (&was.signature, &is.signature) {
        (Some(one), Some(other)) => one == other,
        _ => (&was.property, &was.call) == (&is.property, &is.call),
    }
}
