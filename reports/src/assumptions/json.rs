//! As JSON, for programs: one object, format 1.

use mapisim_model::firmness::{Firmness, Flip, Pairs};
use mapisim_model::outcome::Verdict;
use mapisim_model::property::Property;
use serde::Serialize;

use crate::cells::Finished;
use crate::json::to_text;

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    verdicts: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    scenario: &'a str,
    algorithm: &'a str,
    verdict: &'a str,
    property: Option<&'a str>,
    as_expected: bool,
    stands: bool,
    flips_tried: usize,
    consulted: Vec<&'a str>,
    moved: Vec<Moved<'a>>,
    cannot_happen: Vec<Setting<'a>>,
    undecided: Vec<Setting<'a>>,
    pairs: Option<Together<'a>>,
}

#[derive(Serialize)]
struct Moved<'a> {
    assumption: &'a str,
    section: &'a str,
    from: &'a str,
    to: &'a str,
    verdict: &'a str,
    property: Option<&'a str>,
}

#[derive(Serialize)]
struct Setting<'a> {
    assumption: &'a str,
    to: &'a str,
}

#[derive(Serialize)]
struct Together<'a> {
    tried: usize,
    without_verdict: usize,
    moved: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Pair<'a> {
    settings: [Setting<'a>; 2],
    verdict: &'a str,
    property: Option<&'a str>,
}

/// The report as text. A cell without a verdict is not in it.
pub fn render(finished: &[Finished<'_>]) -> String {
    let rows = finished.iter().filter_map(row);
    to_text(&Report { format: 1, verdicts: rows.collect() })
}

fn row<'a>(cell: &'a Finished<'a>) -> Option<Row<'a>> {
    let checked = cell.checked()?;
    let firmness = checked.firmness.as_ref()?;
    Some(Row {
        scenario: &cell.cell.scenario.name,
        algorithm: cell.cell.build.id(),
        verdict: firmness.verdict.word(),
        property: property(firmness.verdict),
        as_expected: cell.as_expected(),
        stands: firmness.stands(),
        flips_tried: firmness.flips_tried(),
        consulted: firmness.consulted.iter().map(|assumption| assumption.name).collect(),
        moved: moved(firmness),
        cannot_happen: firmness.cannot_happen().map(setting).collect(),
        undecided: firmness.undecided().map(setting).collect(),
        pairs: checked.pairs.as_ref().map(together),
    })
}

fn property(verdict: Verdict) -> Option<&'static str> {
    verdict.property().map(Property::id)
}

fn setting(flip: Flip) -> Setting<'static> {
    Setting { assumption: flip.assumption.name, to: flip.to }
}

fn moved(firmness: &Firmness) -> Vec<Moved<'static>> {
    let moved = firmness.moved().map(|moved| Moved {
        assumption: moved.flip.assumption.name,
        section: moved.flip.assumption.section,
        from: moved.flip.from,
        to: moved.flip.to,
        verdict: moved.verdict.word(),
        property: property(moved.verdict),
    });
    moved.collect()
}

fn together(pairs: &Pairs) -> Together<'static> {
    let moved = pairs.moved.iter().map(|pair| Pair {
        settings: pair.flips.map(setting),
        verdict: pair.verdict.word(),
        property: property(pair.verdict),
    });
    Together { tried: pairs.tried, without_verdict: pairs.without_verdict, moved: moved.collect() }
}
