//! Why: what the one who did it saw beside what was true, why the two differ, and the explanation in sentences.

use mapisim_model::finding::{Finding, Point, PointKind};
use mapisim_model::property::Property;
use mapisim_model::scenario::visible::visible;
use mapisim_model::trace::Run;

use super::views;
use crate::names::Names;
use crate::text::{BAD, HEADING, indented, pad, paint, wrap};

/// What stands over where a process looks that starts after the run.
pub const FRESH_LOOKS: &str = "Where the next process looks";

/// The explanation of a finding; empty where there is none.
pub fn render(run: &Run, finding: Option<&Finding>, names: &Names, columns: usize) -> String {
    let Some(finding) = finding else { return String::new() };
    let mut out = String::new();
    let of = |kind: PointKind| -> Vec<&Point> {
        finding.points.iter().filter(|point| point.kind == kind).collect()
    };
    let prompted = of(PointKind::Prompted);
    if !prompted.is_empty() {
        out += &heading("What made it look");
        out += &points(&prompted, names, columns);
        out.push('\n');
    }
    let (looked, elsewhere) = (of(PointKind::LookedAt), of(PointKind::Elsewhere));
    if let Some(views) = views::of(run, finding) {
        out += &views::render(run, finding, &views, names, columns);
        let told = [views.looked.step, views.counted.step].map(Some);
        let more: Vec<&Point> =
            looked.iter().chain(&elsewhere).copied().filter(|point| !told.contains(&point.step)).collect();
        out += &points(&more, names, columns);
        out.push('\n');
    } else if elsewhere.is_empty() {
        if !looked.is_empty() {
            out += &heading("What it saw");
            out += &points(&looked, names, columns);
            out.push('\n');
        }
    } else {
        // Of what stays behind, whoever comes next is asked: nobody of the run.
        let later = finding.property == Property::NoOrphan && looked.iter().all(|point| point.step.is_none());
        let (saw, was) = if later {
            (FRESH_LOOKS.to_owned(), "What is there")
        } else {
            (format!("What {} saw", deleter(run, finding)), "What was true")
        };
        out += &side_by_side((&saw, &looked), (was, &elsewhere), names, columns);
        out.push('\n');
    }
    let because = of(PointKind::Because);
    if !because.is_empty() {
        out += &heading(if elsewhere.is_empty() { "Why" } else { "Why the two differ" });
        out += &points(&because, names, columns);
        out.push('\n');
    }
    out += &heading("In short");
    out += &indented(&visible(&finding.summary), 2, columns);
    out.push('\n');
    out
}

/// What it means that a property is broken.
pub const fn meaning(property: Property) -> &'static str {
    match property {
        Property::LiveProfile => "a profile was deleted while a session was using it",
        Property::UsableSession => "a call on a live session failed for want of its profile",
        Property::NoOrphan => "a profile or a mark stays behind for ever",
        Property::HiddenWhenDeleted => "the profile table lists what is deleted",
        Property::NameReusable => "a deleted profile's name cannot be used again",
        Property::NoDeadlock => "nobody can go on, though not all are done",
        Property::CallResult => "a call returned something else than the scenario says",
    }
}

fn deleter(run: &Run, finding: &Finding) -> String {
    if finding.cause == 0 {
        "it".to_owned()
    } else {
        visible(run.actor_name(run.step(finding.cause))).into_owned()
    }
}

pub(super) fn heading(text: &str) -> String {
    format!("{}\n", paint(HEADING, text))
}

/// Points in lines, each with its step.
fn points(points: &[&Point], names: &Names, columns: usize) -> String {
    points.iter().map(|point| indented(&sentence(point, names), 2, columns)).collect()
}

fn sentence(point: &Point, names: &Names) -> String {
    let step = point.step.map_or_else(String::new, |step| format!("step {step}: "));
    format!("{step}{}", visible(&names.within(&point.text)))
}

/// Two views, one beside the other where there is room, else one below the other.
fn side_by_side(left: (&str, &[&Point]), right: (&str, &[&Point]), names: &Names, columns: usize) -> String {
    if columns < 80 {
        let one = |(title, list): (&str, &[&Point])| heading(title) + &points(list, names, columns);
        return format!("{}\n{}", one(left), one(right));
    }
    let half = (columns - 6) / 2;
    let lines = |list: &[&Point]| -> Vec<String> {
        list.iter().flat_map(|point| wrap(&sentence(point, names), half)).collect()
    };
    let (left_lines, right_lines) = (lines(left.1), lines(right.1));
    let mut out = format!("{}    {}\n", paint(BAD, &pad(left.0, half + 2)), paint(HEADING, right.0));
    for index in 0..left_lines.len().max(right_lines.len()) {
        let cell = |lines: &[String]| lines.get(index).cloned().unwrap_or_default();
        let line = format!("  {}    {}", pad(&cell(&left_lines), half), cell(&right_lines));
        out += line.trim_end();
        out.push('\n');
    }
    out
}
