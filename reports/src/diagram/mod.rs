//! Sequence diagrams of a run: a lane for each thread, hive and section, a row for what is worth telling, a bar for each
//! live session. [`svg`] and [`mermaid`] draw what is laid out here.
//!
//! Always holds
//! - Everything in a picture is visible text, and every index of a row or bar lies inside its list.
//! - Rows are in the order of the steps. Where there are too many, those nearest to what matters stay.

pub mod mermaid;
pub mod svg;

use crate::run_model::Cell;
use crate::run_model::trace::{PlaceKind, RowKind, StepKind, Trace};
use crate::said::plain;

/// A run as lanes, rows and bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it shows, in a line.
    pub title: String,
    /// Why it came to that, in plain sentences; may be empty.
    pub summary: String,
    /// The lanes: threads, then hives and sections.
    pub lanes: Vec<Lane>,
    /// What happened.
    pub rows: Vec<Row>,
    /// The live sessions.
    pub bars: Vec<Bar>,
}

/// A lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// What it is, in a line each.
    pub details: Vec<String>,
    /// Whether it is a thread; else something that threads share.
    pub thread: bool,
}

/// What a row is to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing special.
    Plain,
    /// It broke the property.
    Cause,
    /// The victim notices.
    Symptom,
    /// A call that others follow, or an inner action.
    Heading,
    /// What is left out.
    Fold,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The steps that it tells, `37` or `57-62`; empty for a heading.
    pub steps: String,
    /// The lane of whoever did it; none for a remark across all lanes.
    pub from: Option<usize>,
    /// The lane of what it was done to, where that has one.
    pub to: Option<usize>,
    /// What was done.
    pub text: String,
    /// What changed, or was found out.
    pub notes: Vec<String>,
    /// What it is to the story.
    pub mark: Mark,
    /// How deep it is nested.
    pub depth: usize,
}

/// A live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The lane of its thread.
    pub lane: usize,
    /// What it is called: `session s on "EventSvc"`.
    pub name: String,
    /// The row in which it begins.
    pub from: usize,
    /// The row in which it ends; the last where it does not.
    pub to: usize,
    /// The row in which it loses its profile.
    pub harmed: Option<usize>,
}

/// The picture of a cell's run with at most so many rows; none where there is no run.
pub fn picture(cell: &Cell, rows_max: usize) -> Option<Picture> {
    let trace = cell.trace.as_ref()?;
    let all: Vec<(Row, usize)> = rows(trace);
    let kept = nearest(&all, rows_max);
    let after: Vec<usize> = kept.iter().map(|(_, after)| *after).collect();
    let last = kept.len().saturating_sub(1);
    let row_of = |step: usize| after.iter().position(|after| *after >= step).unwrap_or(last);
    let bars = trace.sessions.iter().map(|session| Bar {
        lane: session.lane,
        name: format!("session {} on “{}”", plain(&session.name), plain(&session.profile)),
        from: row_of(session.from),
        to: session.to.map_or(last, row_of),
        harmed: session.harmed.map(row_of),
    });
    Some(Picture {
        title: format!("{} with {}: {}", plain(&cell.scenario), cell.algorithm, crate::said::outcome(cell)),
        summary: cell.explanation.as_ref().map_or_else(String::new, |found| plain(&found.summary)),
        lanes: lanes(trace),
        bars: bars.collect(),
        rows: kept.into_iter().map(|(row, _)| row).collect(),
    })
}

fn lanes(trace: &Trace) -> Vec<Lane> {
    let threads = trace.lanes.iter().map(|lane| Lane {
        name: plain(&lane.thread),
        details: vec![format!("{}, session {}", plain(&lane.account), lane.session), plain(&lane.mapi)],
        thread: true,
    });
    let places = trace.places.iter().map(|place| {
        let what = match place.kind {
            PlaceKind::Hive => "registry hive",
            PlaceKind::Section => "section",
        };
        let full = plain(&trace.names[place.name]);
        let name = if place.kind == PlaceKind::Section {
            format!("section {}", plain(&place.short))
        } else {
            plain(&place.short)
        };
        let details = if place.kind == PlaceKind::Section { vec![full] } else { vec![what.to_owned()] };
        Lane { name, details, thread: false }
    });
    threads.chain(places).collect()
}

/// Every row of the story, each with the last step that has happened by then.
fn rows(trace: &Trace) -> Vec<(Row, usize)> {
    let rows = trace.story.iter().map(|row| {
        let steps = row.first.zip(row.last).map_or(0..0, |(first, last)| first - 1..last);
        let steps = &trace.steps[steps];
        let has = |kind| steps.iter().any(|step| step.kinds.contains(&kind));
        let mark = match row.kind {
            _ if has(StepKind::Cause) => Mark::Cause,
            _ if has(StepKind::Symptom) => Mark::Symptom,
            RowKind::Fold => Mark::Fold,
            RowKind::Heading | RowKind::Failed => Mark::Heading,
            RowKind::Steps => Mark::Plain,
        };
        let place = steps.iter().find_map(|step| step.place).map(|place| trace.lanes.len() + place);
        let numbers = match (row.first, row.last) {
            (Some(first), Some(last)) if first != last => format!("{first}-{last}"),
            (first, _) => first.map_or_else(String::new, |first| first.to_string()),
        };
        let told = Row {
            steps: numbers,
            from: row.lane,
            to: place.filter(|_| row.kind == RowKind::Steps),
            text: plain(&row.text),
            notes: row.notes.iter().map(|note| plain(&note.text)).collect(),
            mark,
            depth: row.depth,
        };
        (told, row.after)
    });
    rows.collect()
}

/// At most so many rows: those nearest to cause and symptom, and a row for each gap.
fn nearest(all: &[(Row, usize)], rows_max: usize) -> Vec<(Row, usize)> {
    if all.len() <= rows_max {
        return all.to_vec();
    }
    let matters = |row: &Row| matches!(row.mark, Mark::Cause | Mark::Symptom);
    let mut anchors: Vec<usize> =
        all.iter().enumerate().filter(|(_, (row, _))| matters(row)).map(|(index, _)| index).collect();
    if anchors.is_empty() {
        anchors.push(all.len() - 1);
    }
    let distance = |index: usize| anchors.iter().map(|anchor| anchor.abs_diff(index)).min().unwrap_or(0);
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|index| (distance(*index), *index));
    // Each run of rows that stays can have a gap before and behind it.
    order.truncate(rows_max.saturating_sub(anchors.len() + 1).max(1));
    order.sort_unstable();
    let mut kept: Vec<(Row, usize)> = Vec::new();
    let mut next = 0;
    for index in order.into_iter().chain([all.len()]) {
        if index > next {
            let text = format!("{} left out", crate::text::count(index - next, "row"));
            let row = Row {
                steps: String::new(),
                from: None,
                to: None,
                text,
                notes: Vec::new(),
                mark: Mark::Fold,
                depth: 0,
            };
            kept.push((row, all[index - 1].1));
        }
        kept.extend(all.get(index).cloned());
        next = index + 1;
    }
    kept
}
