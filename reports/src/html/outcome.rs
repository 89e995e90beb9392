//! One outcome of the page: its verdict, the two views, why, which step to change, and every step in words.

use mapisim_model::mapi::assumptions::TABLE;
use mapisim_model::property::Property;

use super::island::{Island, window};
use super::steps::{Began, Met, Segment, StepLine, begins_like, leave_out, segments};
use super::words::{self, plain};
use crate::mattered::TITLE;
use crate::run_model::trace::Trace;
use crate::run_model::{Cell, Explanation, Point, PointKind, Verdict, View};
use crate::show::why::FRESH_LOOKS;
use crate::text::{count, grouped};

/// One cell, as the template wants it.
pub struct Outcome {
    pub(super) id: String,
    pub(super) trace: i64,
    pub(super) cause: usize,
    pub(super) symptom: usize,
    pub(super) line: usize,
    pub(super) class: &'static str,
    pub(super) verdict: String,
    pub(super) algorithm: String,
    pub(super) expected: String,
    pub(super) meaning: String,
    /// What happened, in one sentence.
    pub(super) first: String,
    pub(super) texts: Vec<String>,
    pub(super) views: Vec<ViewCard>,
    pub(super) points: Vec<PointGroup>,
    pub(super) change: Vec<ChangeLine>,
    /// What stands over it.
    pub(super) change_title: &'static str,
    pub(super) same: Option<Same>,
    /// A cell that began the same way.
    pub(super) began: Option<Began>,
    pub(super) segments: Vec<Segment>,
    /// Whether uneventful steps are left out of them.
    pub(super) in_short: bool,
    pub(super) capped: String,
    pub(super) command: String,
    pub(super) facts: Vec<(String, String)>,
}

/// One of the two views.
pub(super) struct ViewCard {
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) count: i64,
    pub(super) says: String,
    pub(super) section: String,
    pub(super) from: String,
    pub(super) sid: String,
    pub(super) step: usize,
}

/// Pieces of the explanation under one heading.
pub(super) struct PointGroup {
    pub(super) title: &'static str,
    pub(super) points: Vec<PointLine>,
}

/// One piece; step 0 where none made it so.
pub(super) struct PointLine {
    pub(super) step: usize,
    pub(super) text: String,
}

/// A line on what to change; step 0 and an empty link where there is none.
pub(super) struct ChangeLine {
    pub(super) step: usize,
    pub(super) text: String,
    pub(super) link: String,
}

/// A cell that went the same way.
pub(super) struct Same {
    pub(super) id: String,
    pub(super) algorithm: String,
}

impl Outcome {
    /// The cell among the others of its scenario; traces that were met before are not told again.
    pub(super) fn new(
        cell: &Cell,
        others: &[Cell],
        met: &mut Vec<Met>,
        island: &mut Island,
        room: &mut usize,
    ) -> Self {
        let explanation = cell.explanation.as_ref();
        let cause = explanation.map_or(0, |explanation| explanation.cause);
        let trace =
            cell.trace.as_ref().map_or(-1, |trace| i64::try_from(island.add(trace, cause)).unwrap_or(-1));
        let same = met.iter().find(|known| known.trace == trace && trace >= 0);
        let same = same.map(|known| Same { id: known.id.clone(), algorithm: known.algorithm.clone() });
        let summary = explanation.map_or_else(String::new, |explanation| plain(&explanation.summary));
        let (first, rest) = summary.split_once(". ").unwrap_or((&summary, ""));
        let told = cell.trace.as_ref().filter(|_| same.is_none());
        // Of a scenario one run is told whole.
        let in_short = *room == 0 || met.iter().any(|known| !known.segments.is_empty());
        let mut segments = told.map_or_else(Vec::new, |trace| segments(trace, cell));
        let began = told.and_then(|_| begins_like(&mut segments, cell, trace, met));
        if in_short {
            leave_out(&mut segments, |step| step.eventful || step.id);
        }
        let length = |step: &StepLine| step.text.len() + step.notes.len() + 12;
        let length: usize = segments.iter().flat_map(|segment| &segment.steps).map(length).sum();
        *room = room.saturating_sub(length);
        Outcome {
            id: cell.id.clone(),
            trace,
            cause,
            symptom: explanation.and_then(|explanation| explanation.symptom).unwrap_or(0),
            line: cell.fatal_line.unwrap_or(0),
            class: words::look(cell).class,
            verdict: words::verdict(cell),
            algorithm: cell.algorithm.clone(),
            expected: words::expected(cell),
            meaning: explanation.map_or_else(String::new, |explanation| sentence(&explanation.meaning)),
            first: if rest.is_empty() { first.to_owned() } else { format!("{first}.") },
            texts: texts(cell, rest),
            views: explanation.map_or_else(Vec::new, views),
            points: explanation.map_or_else(Vec::new, |explanation| points(cell, explanation)),
            change_title: if explanation.is_some_and(|explanation| explanation.contrast.is_some()) {
                "Which step to change"
            } else {
                "What holds instead"
            },
            change: explanation
                .map_or_else(Vec::new, |explanation| change(cell, explanation, others, same.is_some())),
            same,
            began,
            in_short: in_short && !segments.is_empty(),
            segments,
            capped: cell.trace.as_ref().map_or_else(String::new, |trace| capped(trace, cause)),
            command: plain_command(&cell.command),
            facts: facts(cell, others),
        }
    }
}

fn plain_command(command: &str) -> String {
    mapisim_model::scenario::visible::visible(command).into_owned()
}

/// Words as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map_or_else(String::new, |letter| letter.to_uppercase().collect());
    format!("{first}{}.", letters.as_str())
}

fn texts(cell: &Cell, rest: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    texts.extend((!rest.is_empty()).then(|| rest.to_owned()));
    texts.extend(cell.trouble.as_deref().map(plain));
    texts.extend(cell.remarks.iter().map(|remark| plain(remark)));
    if cell.verdict == Verdict::Holds {
        if let Some(vacuous) = &cell.vacuous {
            texts.push(format!("It holds, but {vacuous}."));
        }
        if cell.exhaustive {
            texts.push(format!(
                "Every order in which the steps can follow each other was tried: {} and {} between them. Nothing that is looked at \
                 breaks in any of them.",
                count(cell.states, "distinct state"),
                count(cell.transitions as usize, "step")
            ));
        }
    }
    texts
}

fn views(explanation: &Explanation) -> Vec<ViewCard> {
    let Some(views) = &explanation.views else { return Vec::new() };
    let card = |view: &View, class, title: String, says: String| ViewCard {
        class,
        title,
        count: view.count,
        says,
        section: plain(&view.section),
        from: format!("session {}, as {}", view.session, plain(&view.account)),
        sid: mapisim_model::scenario::visible::visible(&view.sid).into_owned(),
        step: view.step,
    };
    let (looked, counted) = (&views.looked, &views.counted);
    let unused = if looked.count == 0 { ": so it took the profile for unused" } else { "" };
    let says = |view: &View| {
        let sessions = if view.count == 1 { "session" } else { "sessions" };
        format!("{sessions} counted on “{}”, in section {}", plain(&view.cell), view.short)
    };
    vec![
        card(
            looked,
            "looked",
            format!("What {} looked at", plain(&looked.who)),
            format!("{}{unused}.", says(looked)),
        ),
        card(
            counted,
            "true",
            format!("What was true: {} had counted its session", plain(&counted.who)),
            format!("{}.", says(counted)),
        ),
    ]
}

fn points(cell: &Cell, explanation: &Explanation) -> Vec<PointGroup> {
    let two = explanation.views.is_some();
    let later = looks_later(cell, explanation);
    let titles = [
        (PointKind::Prompted, "What made it look"),
        (PointKind::LookedAt, if later { FRESH_LOOKS } else { "What it looked at" }),
        (PointKind::Elsewhere, if later { "What is there" } else { "What was true elsewhere" }),
        (PointKind::Because, if two { "Why the two differ" } else { "Why" }),
    ];
    let mut groups = Vec::new();
    for (kind, title) in titles {
        if two && matches!(kind, PointKind::LookedAt | PointKind::Elsewhere) {
            continue;
        }
        let points = explanation.points.iter().filter(|point| point.kind == kind);
        let points: Vec<PointLine> = points.map(line).collect();
        if !points.is_empty() {
            groups.push(PointGroup { title, points });
        }
    }
    let mattered = explanation.mattered.iter().flat_map(|mattered| &mattered.lines);
    let mattered = mattered.map(|line| PointLine { step: line.step.unwrap_or(0), text: plain(&line.text) });
    let points: Vec<PointLine> = mattered.collect();
    if !points.is_empty() {
        groups.push(PointGroup { title: TITLE, points });
    }
    groups
}

/// Whether who looks is none of the run, but whoever comes next.
fn looks_later(cell: &Cell, explanation: &Explanation) -> bool {
    let mut looked = explanation.points.iter().filter(|point| point.kind == PointKind::LookedAt).peekable();
    cell.property.as_deref() == Some(Property::NoOrphan.id())
        && looked.peek().is_some()
        && looked.all(|point| point.step.is_none())
}

fn line(point: &Point) -> PointLine {
    PointLine { step: point.step.unwrap_or(0), text: plain(&point.text) }
}

/// Where an algorithm that holds goes another way, what comes of it unless the same run has told that before, and which
/// hold at all.
fn change(cell: &Cell, explanation: &Explanation, others: &[Cell], told: bool) -> Vec<ChangeLine> {
    let mut lines = Vec::new();
    if let Some(contrast) = &explanation.contrast {
        let text = format!(
            ", by {}. Here it is: {}. With {}, which holds in the same order of steps, it is: {}.",
            plain(&contrast.who),
            plain(&contrast.here),
            contrast.algorithm,
            plain(&contrast.there)
        );
        lines.push(ChangeLine { step: contrast.step, text, link: contrast.cell.clone() });
        if !contrast.came.is_empty() && !told {
            let came: Vec<String> = contrast.came.iter().map(|came| plain(came)).collect();
            let text = format!("The same order with {}: {}", contrast.algorithm, came.join(" "));
            lines.push(ChangeLine { step: 0, text, link: String::new() });
        }
    }
    let holds = others.iter().filter(|other| other.verdict == Verdict::Holds && other.id != cell.id);
    let holds: Vec<&str> = holds.map(|other| other.algorithm.as_str()).collect();
    let text = if holds.is_empty() {
        "No algorithm that was run on this scenario holds.".to_owned()
    } else {
        format!("This scenario holds with {}.", holds.join(", "))
    };
    lines.push(ChangeLine { step: 0, text, link: String::new() });
    lines
}

fn capped(trace: &Trace, cause: usize) -> String {
    let (start, end) = window(trace, cause);
    if end - start == trace.steps.len() {
        return String::new();
    }
    format!(
        "Only steps {} to {end} of {} are shown here: a page draws {} of a run at most. run.json has them all.",
        start + 1,
        grouped(trace.steps.len()),
        grouped(super::STEPS_MAX)
    )
}

/// On how many of the points that the sources leave open a verdict rests, on which, and what is known of its firmness.
fn rests_on(cell: &Cell, others: &[Cell]) -> Option<String> {
    let points = cell.rests_on.as_ref()?;
    let of = format!("{} of the {} points that the sources leave open", points.len(), TABLE.len());
    if points.is_empty() {
        return Some(format!("none {}: whatever is true of them, it stands", of.trim_start_matches("0 ")));
    }
    let like = others.iter().take_while(|other| other.id != cell.id);
    let like = like.into_iter().find(|other| other.rests_on.as_ref() == Some(points));
    let which =
        like.map_or_else(|| points.join(", "), |other| format!("the same as with {}", other.algorithm));
    Some(format!("{of}: {which}"))
}

fn facts(cell: &Cell, others: &[Cell]) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, text: String| facts.push((name.to_owned(), text));
    if cell.states > 0 {
        let size = format!(
            "{} and {} between them, {} deep{}",
            count(cell.states, "state"),
            count(cell.transitions as usize, "step"),
            count(cell.levels.len(), "level"),
            if cell.verdict == Verdict::Broken { "; no shorter run breaks it" } else { "" }
        );
        fact("searched", size);
    }
    if cell.steps > 0 {
        fact("length", count(cell.steps, "step"));
    }
    if !cell.cost.is_empty() {
        let cost = cell.cost.iter().map(|cost| {
            let times = if cost.times == 1 { String::new() } else { format!(" in {} calls", cost.times) };
            format!("{} {}{times}", cost.call, cost.steps)
        });
        fact("steps of", cost.collect::<Vec<_>>().join(", "));
    }
    if let Some(text) = rests_on(cell, others) {
        fact("rests on", text);
    }
    if let Some(firmness) = &cell.firmness {
        let tried = format!(
            "{} of {} tried",
            count(firmness.flips_tried, "flip"),
            count(firmness.consulted.len(), "assumption")
        );
        let text = if firmness.moved.is_empty() {
            format!("stands whatever the sources leave open: {tried}")
        } else {
            let moved = firmness
                .moved
                .iter()
                .map(|moved| format!("{} (with {}: {})", moved.assumption, moved.alternative, moved.verdict));
            format!("hangs on {}; {tried}", moved.collect::<Vec<_>>().join(", "))
        };
        fact("firmness", text);
    }
    if let Some(signature) = &cell.signature {
        fact("signature", signature.clone());
    }
    if let Some(schedule) = &cell.schedule {
        fact("schedule", plain_command(schedule));
    }
    if !cell.digest.is_empty() {
        fact("digest", cell.digest.clone());
    }
    facts
}
