//! As Markdown: a table for each folder.

use mapisim_model::firmness::Landing;
use mapisim_model::scenario::visible::visible;

use super::{Group, groups, sums, telling};
use crate::cells::Finished;
use crate::firmness::{flip_text, in_all, tried, verdict_text};
use crate::matrix::{escape, place_of};
use crate::text::count;

/// The report.
pub fn render(finished: &[Finished<'_>]) -> String {
    let mut out = String::new();
    let mut last = None;
    for group in groups(finished) {
        let (folder, name) = place_of(&group.scenario.name);
        if last != Some(folder) {
            if last.is_some() {
                out.push('\n');
            }
            last = Some(folder);
            if !folder.is_empty() {
                out += &format!("### {}\n\n", escape(&visible(folder)));
            }
            out +=
                "| scenario | algorithms | verdict | stands, or hangs on | tried |\n|---|---|---|---|---|\n";
        }
        out += &row(name, &group);
    }
    let sums = sums(finished);
    let unknown =
        if sums.unknown > 0 { format!(", of {} it is not known", sums.unknown) } else { String::new() };
    out += &format!(
        "\nOf {}: {}{unknown}; {} tried.\n",
        count(sums.verdicts, "verdict"),
        in_all(sums.stand, sums.hang),
        count(sums.tried, "flip")
    );
    if !sums.by_assumption.is_empty() {
        out += "\n| assumption | verdicts that hang on it |\n|---|---|\n";
        for (name, number) in sums.by_assumption {
            out += &format!("| `{name}` | {number} |\n");
        }
    }
    out
}

fn row(name: &str, group: &Group<'_>) -> String {
    let builds: Vec<&str> = group.cells.iter().map(|cell| cell.cell.build.id()).collect();
    let vacuous = if group.checked.outcome.vacuous.is_some() { " (vacuous)" } else { "" };
    let mut lines = Vec::new();
    if group.firmness.stands() {
        lines.push("stands".to_owned());
    }
    lines.extend(telling(group.firmness).map(|(flip, landing)| {
        let landed = match landing {
            Landing::Verdict(verdict) => verdict_text(verdict),
            Landing::CannotHappen => "its schedule cannot happen".to_owned(),
        };
        format!("`{}` (mapi {}): {landed}", flip_text(&flip), flip.assumption.section)
    }));
    if let Some(pairs) = group.pairs {
        lines.extend(pairs.moved.iter().map(|pair| {
            let [one, other] = pair.flips;
            format!("`{}` with `{}`: {}", flip_text(&one), flip_text(&other), verdict_text(pair.verdict))
        }));
    }
    format!(
        "| {} | {} | {}{vacuous} | {} | {} |\n",
        escape(&visible(name)),
        builds.join(", "),
        verdict_text(group.firmness.verdict),
        lines.join("<br>"),
        tried(group.firmness)
    )
}
