//! The two views of one profile's count at the fatal step: what the one who deleted it saw, and what was true elsewhere.
//!
//! Each line is one thing that made the views what they are, with the step that made it so; `≠` is before what differs.
//! Not told here: what is no count of a section, such as a lease. `why` tells that in sentences.

use mapisim_model::finding::{Finding, PointKind};
use mapisim_model::os::syscall::{Syscall, Value};
use mapisim_model::scenario::visible::visible;
use mapisim_model::trace::Run;

use crate::names::Names;
use crate::run_model::explain::explanation;
use crate::run_model::{View, Views};
use crate::text::{BAD, DIM, HEADING, indented, pad, paint, paint_padded, width, wrap};

/// Narrower than this the views are lists, one below the other.
const TABLE_MIN: usize = 60;
/// A side of the table is not wider than this.
const SIDE_MAX: usize = 56;

/// The two counts that a finding rests on.
pub(super) fn of(run: &Run, finding: &Finding) -> Option<Views> {
    explanation(run, finding).views
}

/// The views as a table.
pub(super) fn render(run: &Run, finding: &Finding, views: &Views, names: &Names, columns: usize) -> String {
    let rows = rows(run, finding, views, names);
    let saw = format!("what {} saw", visible(&views.looked.who));
    let was = "what was true elsewhere".to_owned();
    let at = if finding.cause > 0 { format!(" at step {}", finding.cause) } else { String::new() };
    let mut out = format!("{}\n", paint(HEADING, &format!("Two views{at}")));
    if columns < TABLE_MIN {
        for (title, side) in [(saw, 0), (was, 1)] {
            out += &format!("  {}\n", paint(HEADING, &title));
            for row in &rows {
                out += &indented(&format!("{} {}: {}", row.sign(), row.label, row.sides[side]), 2, columns);
            }
        }
        return out;
    }
    let label = rows.iter().map(|row| width(row.label)).max().unwrap_or(0);
    let side = ((columns - label - 8) / 2).min(SIDE_MAX);
    let blank = " ".repeat(label + 6);
    let heads = [wrap(&saw, side), wrap(&was, side)];
    for index in 0..heads[0].len().max(heads[1].len()) {
        let part = |side: usize| heads[side].get(index).map_or("", String::as_str);
        let line = format!("{blank}{}  {}", paint_padded(BAD, part(0), side), paint(HEADING, part(1)));
        out += line.trim_end();
        out.push('\n');
    }
    for row in &rows {
        let cells = row.sides.each_ref().map(|text| wrap(text, side));
        for index in 0..cells[0].len().max(cells[1].len()) {
            let part = |side: usize| cells[side].get(index).map_or("", String::as_str);
            let head = match index {
                0 => format!("  {} {}  ", row.sign(), paint_padded(DIM, row.label, label)),
                _ => blank.clone(),
            };
            out += format!("{head}{}  {}", pad(part(0), side), part(1)).trim_end();
            out.push('\n');
        }
    }
    out
}

/// One thing, on both sides.
struct Row {
    label: &'static str,
    differs: bool,
    sides: [String; 2],
}

impl Row {
    const fn sign(&self) -> &'static str {
        if self.differs { "≠" } else { " " }
    }
}

fn rows(run: &Run, finding: &Finding, views: &Views, names: &Names) -> Vec<Row> {
    let (one, other) = (&views.looked, &views.counted);
    let row = |label, told: &dyn Fn(&View) -> String| {
        let sides = [told(one), told(other)];
        Row { label, differs: sides[0] != sides[1], sides: sides.map(|text| visible(&text).into_owned()) }
    };
    let sid = |view: &View| {
        let short = names.within(&view.sid);
        let ambiguous = one.sid != other.sid && names.within(&one.sid) == names.within(&other.sid);
        if ambiguous { view.sid.clone() } else { short }
    };
    let opened = [opened(run, one), opened(run, other)];
    let mut rows = vec![
        row("who", &|view| view.who.clone()),
        row("session", &|view| view.session.to_string()),
        row("acts as", &|view| format!("{}, {}", view.account, sid(view))),
    ];
    // Steps are told, but do not make a difference.
    rows[0].differs = false;
    if let [Some((here, asked)), Some((there, wanted))] = &opened {
        let told = |name: &str, step: &usize| format!("{} (step {step})", visible(&names.within(name)));
        rows.push(Row {
            label: "asks for",
            differs: asked != wanted,
            sides: [told(asked, here), told(wanted, there)],
        });
    }
    rows.push(row("gets", &|view| format!("{} in {}", view.short, directory(&view.section))));
    let count = |view: &View| format!("{} for \"{}\" (step {})", view.count, visible(&view.cell), view.step);
    rows.extend(mark(run, finding, one));
    rows.push(Row { label: "count", differs: one.count != other.count, sides: [count(one), count(other)] });
    rows
}

/// The mark that made it look: where it was found, and who wrote it.
fn mark(run: &Run, finding: &Finding, looked: &View) -> Option<Row> {
    let prompted = finding.points.iter().find(|point| point.kind == PointKind::Prompted)?;
    let written = run.step(prompted.step?);
    let process = run.process_of(run.step(looked.step));
    let name = written.object.as_deref()?.rsplit('\\').next()?;
    let mut before = run.steps[..looked.step].iter().rev().filter(|step| run.process_of(step) == process);
    let found = before.find(|step| {
        let listed = matches!(step.syscall, Some(Syscall::RegEnumKeyEx { .. }));
        listed && matches!(&step.answer, Some(Ok(Value::Text(found))) if found.eq_ignore_ascii_case(name))
    })?;
    let wrote = format!("{} wrote it (step {})", visible(run.actor_name(written)), written.number);
    let sides = [format!("finds it (step {})", found.number), wrote];
    Some(Row { label: "mark", differs: false, sides })
}

/// The step in which the viewer's process last asked for the section, and the name that it asked for.
fn opened(run: &Run, view: &View) -> Option<(usize, String)> {
    let process = run.process_of(run.step(view.step));
    let before = run.steps[..view.step].iter().rev();
    let mut mine =
        before.filter(|step| run.process_of(step) == process && step.object.as_ref() == Some(&view.section));
    mine.find_map(|step| match step.syscall.as_ref()? {
        Syscall::CreateFileMapping { name: Some(name), .. } | Syscall::OpenFileMapping { name, .. } => {
            Some((step.number, name.clone()))
        }
        _ => None,
    })
}

/// The folder of a name in the object name space.
fn directory(path: &str) -> &str {
    path.rsplit_once('\\').map_or(path, |(folder, _)| folder)
}
