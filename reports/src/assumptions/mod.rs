//! `assumptions`: what verdicts hang on, and which stand whatever the sources leave open (mapi 4).
//!
//! The rule of this family: builds of one scenario with the same verdict that hangs on the same are told together; a bound
//! that was reached, and a schedule that cannot happen, are never told as a verdict.

mod json;
mod markdown;
mod text;

use std::collections::BTreeMap;

use mapisim_model::firmness::{Firmness, Flip, Landing, Pairs};
use mapisim_model::mapi::assumptions::TABLE;
use mapisim_model::scenario::Scenario;

use crate::cells::{Checked, Finished};
use crate::firmness::hangs_on;

pub use json::render as json;
pub use markdown::render as markdown;
pub use text::render as text;

/// Builds of one scenario of which the same is to be told.
struct Group<'a> {
    scenario: &'a Scenario,
    cells: Vec<&'a Finished<'a>>,
    checked: &'a Checked,
    firmness: &'a Firmness,
    pairs: Option<&'a Pairs>,
}

/// What was flipped, in groups. Cells without a verdict are in none.
fn groups<'a>(finished: &'a [Finished<'a>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for cell in finished {
        let Some((checked, firmness)) =
            cell.checked().and_then(|checked| Some((checked, checked.firmness.as_ref()?)))
        else {
            continue;
        };
        let pairs = checked.pairs.as_ref();
        let same = |group: &&mut Group<'_>| {
            group.scenario.name == cell.cell.scenario.name
                && group.firmness.verdict == firmness.verdict
                && group.firmness.consulted == firmness.consulted
                && telling(group.firmness).eq(telling(firmness))
                && group.pairs.map(|pairs| &pairs.moved) == pairs.map(|pairs| &pairs.moved)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.cells.push(cell),
            None => groups.push(Group {
                scenario: cell.cell.scenario,
                cells: vec![cell],
                checked,
                firmness,
                pairs,
            }),
        }
    }
    groups
}

/// Every flip that does not leave a verdict as it is, with what came of it.
fn telling(firmness: &Firmness) -> impl Iterator<Item = (Flip, Landing)> {
    let unmoved = Landing::Verdict(firmness.verdict);
    let told = firmness.flips.iter().filter(move |tried| tried.landing != unmoved);
    told.map(|tried| (tried.flip, tried.landing))
}

/// The numbers at the end.
struct Sums {
    verdicts: usize,
    stand: usize,
    hang: usize,
    unknown: usize,
    tried: usize,
    pairs: usize,
    /// How many verdicts hang on each assumption, those that many hang on first.
    by_assumption: Vec<(&'static str, usize)>,
}

fn sums(finished: &[Finished<'_>]) -> Sums {
    let checked: Vec<&Checked> = finished.iter().filter_map(Finished::checked).collect();
    let firm: Vec<&Firmness> = checked.iter().filter_map(|checked| checked.firmness.as_ref()).collect();
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    for name in firm.iter().flat_map(|firmness| hangs_on(firmness)) {
        *by.entry(name).or_insert(0) += 1;
    }
    let mut by_assumption: Vec<(&str, usize)> =
        TABLE.iter().filter_map(|known| Some((known.name, *by.get(known.name)?))).collect();
    by_assumption.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let stand = firm.iter().filter(|firmness| firmness.stands()).count();
    let hang = firm.iter().filter(|firmness| firmness.moved().next().is_some()).count();
    Sums {
        verdicts: firm.len(),
        stand,
        hang,
        unknown: firm.len() - stand - hang,
        tried: firm.iter().map(|firmness| firmness.flips_tried()).sum(),
        pairs: checked.iter().filter_map(|checked| checked.pairs.as_ref()).map(|pairs| pairs.tried).sum(),
        by_assumption,
    }
}
