//! As text, for people.

use mapisim_model::firmness::{Landing, Pairs};
use mapisim_model::scenario::visible::visible;

use super::{Group, Sums, groups, sums, telling};
use crate::cells::Finished;
use crate::firmness::{flip_text, in_all, line, verdict_text};
use crate::text::{DIM, GOOD, HEADING, WARN, count, grouped, indented, pad, paint, width};

/// The report.
pub fn render(finished: &[Finished<'_>], columns: usize) -> String {
    let mut out = String::new();
    let mut last = None;
    for group in groups(finished) {
        let name = &group.scenario.name;
        if last.replace(name) != Some(name) {
            if !out.is_empty() {
                out.push('\n');
            }
            out += &format!("{}\n", paint(HEADING, &visible(name)));
        }
        out += &one(&group, columns);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out + &summary(&sums(finished), columns)
}

fn one(group: &Group<'_>, columns: usize) -> String {
    let builds: Vec<&str> = group.cells.iter().map(|cell| cell.cell.build.id()).collect();
    let verdict = verdict_text(group.firmness.verdict);
    let vacuous = if group.checked.outcome.vacuous.is_some() { " (vacuous)" } else { "" };
    let head = format!("{}: {verdict}{vacuous}", builds.join(", "));
    let mut out = indented(&head, 2, columns);
    let style = if group.firmness.stands() { GOOD } else { WARN };
    for text in indented(&format!("It {}.", line(group.firmness)), 4, columns).lines() {
        out += &format!("{}\n", paint(style, text));
    }
    out += &moves(group, columns);
    let untouched: Vec<&str> = group.firmness.not_tried().map(|assumption| assumption.name).collect();
    if !untouched.is_empty() {
        let text = format!("never asked for, so not tried: {}", untouched.join(", "));
        out += &indented(&text, 4, columns).lines().map(|line| paint(DIM, line) + "\n").collect::<String>();
    }
    out + &group.pairs.map_or_else(String::new, |pairs| together(pairs, columns))
}

/// A row for each flip that does not leave the verdict as it is.
fn moves(group: &Group<'_>, columns: usize) -> String {
    let rows: Vec<(String, &str, String)> = telling(group.firmness)
        .map(|(flip, landing)| (flip_text(&flip), flip.assumption.section, landed(landing)))
        .collect();
    let widest = rows.iter().map(|(flip, ..)| width(flip)).max().unwrap_or(0);
    let section = rows.iter().map(|(_, section, _)| width(section)).max().unwrap_or(0);
    let from = verdict_text(group.firmness.verdict);
    let lines = rows.into_iter().map(|(flip, place, landing)| {
        let head = format!("{}  mapi {}", pad(&flip, widest), pad(place, section));
        let line = format!("      {head}  {from} → {landing}");
        if width(&line) <= columns {
            return format!("{line}\n");
        }
        indented(&format!("{flip} (mapi {place})"), 6, columns)
            + &indented(&format!("{from} → {landing}"), 8, columns)
    });
    lines.collect()
}

fn landed(landing: Landing) -> String {
    match landing {
        Landing::Verdict(verdict) => verdict_text(verdict),
        Landing::CannotHappen => "its schedule cannot happen".to_owned(),
    }
}

fn together(pairs: &Pairs, columns: usize) -> String {
    let mut text = format!("{} tried: ", count(pairs.tried, "pair"));
    text += &match pairs.moved.len() {
        0 => "none moves what neither of the two moves alone".to_owned(),
        1 => "1 moves what neither of the two moves alone".to_owned(),
        number => format!("{number} move what neither of the two moves alone"),
    };
    if pairs.without_verdict > 0 {
        text += &format!("; {} without a verdict", pairs.without_verdict);
    }
    let mut out = indented(&text, 4, columns);
    for pair in &pairs.moved {
        let [one, other] = pair.flips;
        let text = format!("{} with {} → {}", flip_text(&one), flip_text(&other), verdict_text(pair.verdict));
        out += &indented(&text, 6, columns);
    }
    out
}

fn summary(sums: &Sums, columns: usize) -> String {
    let mut parts = vec![
        format!("{} tried with {}", count(sums.tried, "flip"), count(sums.verdicts, "verdict")),
        in_all(sums.stand, sums.hang),
    ];
    if sums.unknown > 0 {
        parts.push(format!("of {} it is not known", grouped(sums.unknown)));
    }
    if sums.pairs > 0 {
        parts.push(format!("{} tried", count(sums.pairs, "pair")));
    }
    let mut out = indented(&parts.join("; "), 0, columns);
    if !sums.by_assumption.is_empty() {
        let by: Vec<String> =
            sums.by_assumption.iter().map(|(name, number)| format!("{name} {number}")).collect();
        out += &indented(&format!("most hang on: {}", by.join(", ")), 0, columns);
    }
    out
}
