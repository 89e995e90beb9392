//! Rows in columns: numbers, one lane for each thread, what changed. Interleaving is seen as indentation.
//!
//! Where there is no room for lanes, one column with the thread's name in each row.

use anstyle::Style;
use mapisim_model::scenario::visible::visible;
use mapisim_model::trace::Run;

use crate::text::{BAD, DIM, HEADING, PLAIN, WARN, indented, pad_left, paint, paint_padded, width, wrap};

/// A row of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The first and the last step that it tells; none for a heading or a fold.
    pub numbers: Option<(usize, usize)>,
    /// Whether it is the cause or the symptom.
    pub mark: Option<Mark>,
    /// The thread whose lane it is in; none for a remark across all lanes.
    pub thread: Option<usize>,
    /// How deep it is nested.
    pub depth: usize,
    /// What was done.
    pub text: String,
    /// How that looks.
    pub style: Style,
    /// What changed, or was found out.
    pub notes: Vec<Note>,
    /// The step after which the row's sessions are live.
    pub after: usize,
}

/// A line beside a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// How it looks.
    pub style: Style,
}

/// What a row is to the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Here it broke.
    Cause,
    /// Here the victim notices.
    Symptom,
}

impl Mark {
    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Mark::Cause => "✗",
            Mark::Symptom => "!",
        }
    }

    const fn style(self) -> Style {
        match self {
            Mark::Cause => BAD,
            Mark::Symptom => WARN,
        }
    }
}

/// A lane with what changed beside it is not narrower than this.
const LANE_BESIDE: usize = 24;
/// A lane with what changed inside it is not narrower than this.
const LANE_ALONE: usize = 20;
/// What changed is not told in less than this.
const NOTES_MIN: usize = 24;

/// The columns of a page.
struct Columns {
    numbers: usize,
    /// The threads that have a lane: those that have a row.
    threads: Vec<usize>,
    lane: usize,
    /// The width of what changed; 0 where it is told in the lanes.
    notes: usize,
}

impl Columns {
    /// How far an action is indented in the one that it is in: less where what changed has to find room in the lane.
    const fn indent(&self) -> usize {
        if self.notes == 0 && self.lane < 32 { 1 } else { 2 }
    }
}

/// The story as text.
pub fn layout(run: &Run, rows: &[Row], columns: usize) -> String {
    let numbers = rows.iter().map(|row| width(&numbers(row))).max().unwrap_or(1);
    let threads: Vec<usize> =
        (0..run.threads.len()).filter(|thread| rows.iter().any(|row| row.thread == Some(*thread))).collect();
    let idle = (0..run.threads.len()).filter(|thread| !threads.contains(thread));
    let idle: Vec<String> = idle.map(|thread| visible(&run.threads[thread].name).into_owned()).collect();
    let mut out = match fit(threads, numbers, columns) {
        Some(fitted) => in_lanes(run, rows, &fitted),
        None => in_one(run, rows, numbers, columns),
    };
    out += &key(run, rows, columns);
    if !idle.is_empty() {
        let text = format!("Nothing is done here by {}.", idle.join(", "));
        out += &dim(&indented(&text, 2, columns));
    }
    out
}

/// Widths for lanes; none where they do not fit.
fn fit(threads: Vec<usize>, numbers: usize, columns: usize) -> Option<Columns> {
    if columns < 60 {
        return None;
    }
    // Four for the sign and the gaps beside the numbers.
    let room = columns.checked_sub(numbers + 4)?;
    let lanes = threads.len().max(1);
    let notes = (room * 2 / 5).clamp(NOTES_MIN, 56);
    let beside = (room.saturating_sub(notes) / lanes).saturating_sub(2).min(44);
    if beside >= LANE_BESIDE {
        let notes = room - (beside + 2) * lanes;
        return Some(Columns { numbers, threads, lane: beside, notes });
    }
    let alone = (room / lanes).saturating_sub(2).min(60);
    (alone >= LANE_ALONE).then_some(Columns { numbers, threads, lane: alone, notes: 0 })
}

fn in_lanes(run: &Run, rows: &[Row], columns: &Columns) -> String {
    let mut out = lane_headings(run, columns);
    for row in rows {
        if row.thread.is_none() {
            out += &across(row, columns);
            continue;
        }
        let bars = bars(run, row.after);
        let indent = columns.indent() * row.depth;
        let mut cell = lane_lines(&row.text, row.style, indent, columns.lane);
        let mut beside = Vec::new();
        if columns.notes > 0 {
            beside = wrapped_notes(&row.notes, columns.notes);
        } else {
            for (text, style) in
                wrapped_notes(&row.notes, columns.lane.saturating_sub(columns.indent() + indent).max(12))
            {
                cell.push((format!("{}{text}", " ".repeat(indent + columns.indent())), style));
            }
        }
        for index in 0..cell.len().max(beside.len()) {
            let mut line = margin(row, index, columns.numbers);
            for thread in &columns.threads {
                let (bar, bar_style) = bars[*thread];
                let own = cell.get(index).filter(|_| row.thread == Some(*thread));
                let (text, style) = own.map_or(("", PLAIN), |(text, style)| (text.as_str(), *style));
                line += &format!("{} {}", paint(bar_style, bar), paint_padded(style, text, columns.lane));
            }
            if let Some((note, style)) = beside.get(index) {
                line += &paint(*style, note);
            }
            out += line.trim_end();
            out.push('\n');
        }
    }
    out
}

/// A row's text in lines, each behind its indentation.
fn lane_lines(text: &str, style: Style, indent: usize, lane: usize) -> Vec<(String, Style)> {
    let lines = wrap(&visible(text), lane.saturating_sub(2 + indent).max(8));
    lines.into_iter().map(|line| (format!("{}{line}", " ".repeat(indent)), style)).collect()
}

fn dim(text: &str) -> String {
    text.lines().map(|line| paint(DIM, line) + "\n").collect()
}

/// A row that belongs to no thread, with what changed below it.
fn across(row: &Row, columns: &Columns) -> String {
    let mut out = format!("{}  {}\n", margin(row, 0, columns.numbers), paint(row.style, &visible(&row.text)));
    let room = (columns.lane + 2) * columns.threads.len() + columns.notes;
    for (line, style) in wrapped_notes(&row.notes, room.saturating_sub(4).max(16)) {
        out += &format!("{}    {}\n", margin(row, 1, columns.numbers), paint(style, &line));
    }
    out
}

/// Threads' names, with account and session below.
fn lane_headings(run: &Run, columns: &Columns) -> String {
    let margin = " ".repeat(columns.numbers + 4);
    let heads: Vec<(Vec<String>, Vec<String>)> = columns
        .threads
        .iter()
        .map(|thread| {
            let thread = &run.threads[*thread];
            let process = &run.processes[thread.process];
            let place = format!("{}, session {}", process.account, process.session);
            (wrap(&visible(&thread.name), columns.lane - 2), wrap(&visible(&place), columns.lane - 2))
        })
        .collect();
    let mut out = String::new();
    let tallest = heads.iter().map(|(name, place)| name.len() + place.len()).max().unwrap_or(0);
    for index in 0..tallest {
        let mut line = margin.clone();
        for (name, place) in &heads {
            let (text, style) = match name.get(index) {
                Some(text) => (text.as_str(), HEADING),
                None => (place.get(index - name.len()).map_or("", String::as_str), DIM),
            };
            line += &format!("  {}", paint_padded(style, text, columns.lane));
        }
        if index == 0 && columns.notes > 0 {
            let heads = ["what changed, or was found out", "what changed"];
            line += &paint(HEADING, heads[usize::from(columns.notes < width(heads[0]))]);
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

/// One column: the thread's name in each row, and what changed below.
fn in_one(run: &Run, rows: &[Row], numbers: usize, columns: usize) -> String {
    let mut out = String::new();
    let names: Vec<String> = run.threads.iter().map(|thread| visible(&thread.name).into_owned()).collect();
    for row in rows {
        let bars = bars(run, row.after);
        let stagger = 2 * row.thread.map_or(0, |thread| thread.min(6));
        let name = row.thread.map_or_else(String::new, |thread| format!("{}: ", names[thread]));
        let bar: String = bars.iter().map(|(bar, style)| paint(*style, bar)).collect();
        let lead = numbers + 4 + bars.len() + 1 + stagger;
        let text =
            wrap(&format!("{name}{}", visible(&row.text)), columns.saturating_sub(lead + row.depth).max(16));
        let mut notes: Vec<(String, Style)> = Vec::new();
        for (line, style) in wrapped_notes(&row.notes, columns.saturating_sub(lead + 4).max(16)) {
            notes.push((format!("    {line}"), style));
        }
        let lines =
            text.into_iter().map(|line| (format!("{}{line}", " ".repeat(row.depth)), row.style)).chain(notes);
        for (index, (line, style)) in lines.enumerate() {
            let line = format!(
                "{}{bar} {}{}",
                margin(row, index, numbers),
                " ".repeat(stagger),
                paint(style, &line)
            );
            out += line.trim_end();
            out.push('\n');
        }
    }
    out
}

fn wrapped_notes(notes: &[Note], columns: usize) -> Vec<(String, Style)> {
    let mut lines = Vec::new();
    for note in notes {
        for (index, line) in wrap(&visible(&note.text), columns.saturating_sub(2)).into_iter().enumerate() {
            lines.push((if index > 0 { format!("  {line}") } else { line }, note.style));
        }
    }
    lines
}

/// Number and sign of a row's line.
fn margin(row: &Row, line: usize, columns: usize) -> String {
    if line > 0 {
        return " ".repeat(columns + 4);
    }
    let sign = row.mark.map_or_else(|| " ".to_owned(), |mark| paint(mark.style(), mark.sign()));
    format!("{sign} {}  ", paint(DIM, &pad_left(&numbers(row), columns)))
}

fn numbers(row: &Row) -> String {
    match row.numbers {
        None => String::new(),
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("{first}-{last}"),
    }
}

/// Each thread's bar after a step: solid while it has a live session, broken once that has lost keys.
fn bars(run: &Run, after: usize) -> Vec<(&'static str, Style)> {
    let sessions = if after == 0 { &[][..] } else { &run.step(after).sessions };
    let bar = |thread: usize| {
        let mut live = sessions.iter().filter(|session| session.thread == thread).peekable();
        if live.peek().is_none() {
            return (" ", PLAIN);
        }
        if live.any(|session| !session.lost.is_empty()) { ("┇", BAD) } else { ("┃", HEADING) }
    };
    (0..run.threads.len()).map(bar).collect()
}

/// What the signs mean, of those that are there.
fn key(run: &Run, rows: &[Row], columns: usize) -> String {
    let shown: Vec<&str> = rows.iter().flat_map(|row| bars(run, row.after)).map(|(bar, _)| bar).collect();
    let mut words = Vec::new();
    if shown.contains(&"┃") {
        words.push("┃ a session is live");
    }
    if shown.contains(&"┇") {
        words.push("┇ it is live, but keys that it has open are deleted");
    }
    if rows.iter().any(|row| row.mark == Some(Mark::Cause)) {
        words.push("✗ the cause");
    }
    if rows.iter().any(|row| row.mark == Some(Mark::Symptom)) {
        words.push("! the symptom");
    }
    if words.is_empty() { String::new() } else { dim(&indented(&words.join(" · "), 2, columns)) }
}
