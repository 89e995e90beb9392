//! What is told of a run, row by row: calls as headings, internal actions nested, what changed, uneventful steps folded.
//!
//! Invariants
//! - Rows are in the order of the steps; every step is in exactly one row, or counted in exactly one fold, or (a few
//!   uneventful ones between two rows of one call) seen as a gap in the numbers.
//! - Cause and symptom have rows of their own.

use mapisim_model::finding::{Finding, name_of_code};
use mapisim_model::property::Property;
use mapisim_model::trace::{Run, Step, Who};

use super::lanes::{Mark, Note, Row};
use crate::digest::canonical;
use crate::names::{Names, Place};
use crate::narrate::change::{Change, changes};
use crate::narrate::remark::{Kind, Remark, remarks};
use crate::narrate::{answer, brief, inside, succeeded};
use crate::text::{BAD, DIM, HEADING, PLAIN, WARN, count};

/// Hidden steps between two rows of one call that get a fold of their own.
const FOLD_FROM: usize = 4;
/// Uneventful calls in a row that are folded into one row.
const CALLS_FROM: usize = 3;

/// The rows of a run.
pub fn rows(run: &Run, finding: Option<&Finding>, names: &Names, all_steps: bool) -> Vec<Row> {
    let mut teller = Teller { run, finding, names, all_steps, rows: Vec::new() };
    teller.tell();
    teller.rows
}

struct Teller<'a> {
    run: &'a Run,
    finding: Option<&'a Finding>,
    names: &'a Names,
    all_steps: bool,
    rows: Vec<Row>,
}

/// Neighbouring steps of one thread in one call.
struct Segment<'a> {
    steps: &'a [Step],
    items: Vec<Item<'a>>,
}

/// A step that is told, or several that are told as one.
struct Item<'a> {
    steps: &'a [Step],
    /// The steps of it that are told; the others only lie between.
    told: Vec<&'a Step>,
    frames: Vec<&'static str>,
    mark: Option<Mark>,
    remarks: Vec<Remark>,
    changes: Vec<Change>,
}

impl<'a> Teller<'a> {
    fn tell(&mut self) {
        let steps = &self.run.steps;
        let end = if self.all_steps { steps.len() } else { self.end_of_story() };
        let mut segments: Vec<Segment<'a>> = Vec::new();
        for steps in steps[..end].chunk_by(same_call) {
            segments.push(Segment { steps, items: self.items(steps) });
        }
        let mut index = 0;
        while index < segments.len() {
            let quiet = self.quiet_calls(&segments[index..]);
            if quiet >= CALLS_FROM {
                self.fold_calls(&segments[index..index + quiet]);
                index += quiet;
            } else {
                self.segment(&segments[index]);
                index += 1;
            }
        }
        let left = steps.len() - end;
        if left > 0 {
            let text = format!("… {} after the symptom, until all is done", count(left, "step"));
            self.fold(None, text, end, None);
        }
    }

    /// How many steps there are to tell: to the end of the call in which the victim notices.
    fn end_of_story(&self) -> usize {
        let steps = &self.run.steps;
        let Some(symptom) = self.finding.and_then(|finding| finding.symptom) else { return steps.len() };
        let rest = &steps[symptom - 1..];
        let call = rest.chunk_by(same_call).next().map_or(0, <[Step]>::len);
        let end = symptom - 1 + call;
        // Two steps more are told sooner than folded.
        if steps.len() - end <= 2 { steps.len() } else { end }
    }

    fn items(&self, steps: &'a [Step]) -> Vec<Item<'a>> {
        let mut items: Vec<Item<'a>> = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let remarks = remarks(self.run, step, self.names);
            let mark = self.mark(step);
            if !(self.all_steps || mark.is_some() || self.is_told(step, &remarks)) {
                continue;
            }
            let item = Item {
                steps: &steps[index..=index],
                told: vec![step],
                frames: inside(step),
                mark,
                remarks,
                changes: changes(self.run, step),
            };
            match items.last_mut().filter(|last| !self.all_steps && joins(last, &item)) {
                Some(last) => {
                    last.steps = &steps[offset(steps, last.steps)..=index];
                    last.told.push(step);
                    last.changes.extend(item.changes);
                    last.remarks.extend(item.remarks);
                }
                None => items.push(item),
            }
        }
        items
    }

    fn mark(&self, step: &Step) -> Option<Mark> {
        let finding = self.finding?;
        if step.number == finding.cause {
            return Some(Mark::Cause);
        }
        (Some(step.number) == finding.symptom).then_some(Mark::Symptom)
    }

    fn is_told(&self, step: &Step, remarks: &[Remark]) -> bool {
        let stuck = self.finding.is_some_and(|finding| finding.property == Property::NoDeadlock);
        let point = self
            .finding
            .is_some_and(|finding| finding.points.iter().any(|point| point.step == Some(step.number)));
        point || remarks.iter().any(|remark| remark.kind != Kind::Lock || stuck)
    }

    /// How many segments from here on are uneventful calls of one thread.
    fn quiet_calls(&self, segments: &[Segment<'_>]) -> usize {
        if self.all_steps {
            return 0;
        }
        let who = segments[0].steps[0].who;
        let quiet = |segment: &&Segment<'_>| {
            segment.items.is_empty() && segment.steps[0].who == who && segment.steps.len() > 1
        };
        segments.iter().take_while(quiet).count()
    }

    fn fold_calls(&mut self, segments: &[Segment<'_>]) {
        let steps: usize = segments.iter().map(|segment| segment.steps.len()).sum();
        let last = &segments[segments.len() - 1].steps[segments[segments.len() - 1].steps.len() - 1];
        let thread = lane(self.run, last);
        let text = format!("… {}, {}", count(segments.len(), "call"), count(steps, "step"));
        let steps: Vec<Step> = segments.iter().flat_map(|segment| segment.steps.iter().cloned()).collect();
        self.fold(Some(thread), text, last.number, Some(self.nothing(&steps)));
    }

    fn fold(&mut self, thread: Option<usize>, text: String, after: usize, note: Option<&str>) {
        self.rows.push(Row {
            numbers: None,
            mark: None,
            thread,
            depth: 0,
            text,
            style: DIM,
            notes: note.map(|text| Note { text: text.to_owned(), style: DIM }).into_iter().collect(),
            after,
        });
    }

    fn segment(&mut self, segment: &Segment<'a>) {
        let (first, last) = (&segment.steps[0], &segment.steps[segment.steps.len() - 1]);
        let thread = lane(self.run, first);
        let Some(call) = &first.call else {
            for item in &segment.items {
                self.item(item, thread, 0, 0, None);
            }
            return;
        };
        let result = last.call.as_ref().and_then(|call| call.returned);
        let outcome = result.map_or_else(String::new, |code| format!(" → {}", name_of_code(code)));
        let failed = result.is_some_and(|code| !succeeded(code));
        let heading = match (call.begins, call.index) {
            _ if call.name.starts_with('(') => "its script ends".to_owned(),
            (true, _) => format!("{}{outcome}", call.text),
            (false, _) => format!("{} goes on{outcome}", call.name),
        };
        let style = if failed { BAD } else { HEADING };
        if let ([Item { mark: None, .. }], 1) = (segment.items.as_slice(), segment.steps.len()) {
            // A call of one step is told in one row.
            self.item(&segment.items[0], thread, 0, 0, Some(heading));
            return;
        }
        let mut notes = Vec::new();
        if segment.items.is_empty() {
            let text = format!("{}, {}", count(segment.steps.len(), "step"), self.nothing(segment.steps));
            notes.push(Note { text, style: DIM });
        }
        let style = if segment.items.is_empty() && !failed { PLAIN } else { style };
        let numbers = segment.items.is_empty().then_some((first.number, last.number));
        let after = if segment.items.is_empty() { last.number } else { first.number - 1 };
        self.rows.push(Row {
            numbers,
            mark: None,
            thread: Some(thread),
            depth: 0,
            text: heading,
            style,
            notes,
            after,
        });
        self.nested(&segment.items, thread, 1, 0, first.number);
    }

    /// What uneventful steps changed: nothing, or locks only.
    fn nothing(&self, steps: &[Step]) -> &'static str {
        let locks = steps.iter().any(|step| changes(self.run, step).iter().any(Change::is_lock));
        if locks { "nothing shared changed but locks" } else { "nothing shared changed" }
    }

    /// Items inside internal actions: an action with several items is a heading of its own.
    fn nested(&mut self, items: &[Item<'a>], thread: usize, depth: usize, level: usize, from: usize) {
        let mut next = from;
        for group in items
            .chunk_by(|one, other| frame(one, level).is_some() && frame(one, level) == frame(other, level))
        {
            let (start, end) = (group[0].steps[0].number, end_of(&group[group.len() - 1]));
            if start - next >= FOLD_FROM && !self.all_steps {
                let hidden = &self.run.steps[next - 1..start - 1];
                let text = format!("… {}", count(hidden.len(), "step"));
                self.fold(Some(thread), text, start - 1, Some(self.nothing(hidden)));
                if let Some(row) = self.rows.last_mut() {
                    row.depth = depth;
                }
            }
            match frame(&group[0], level) {
                Some(name) if group.len() > 1 => {
                    self.rows.push(Row {
                        numbers: None,
                        mark: None,
                        thread: Some(thread),
                        depth,
                        text: name.to_owned(),
                        style: PLAIN,
                        notes: Vec::new(),
                        after: start - 1,
                    });
                    self.nested(group, thread, depth + 1, level + 1, start);
                }
                _ => self.item(&group[0], thread, depth, level, None),
            }
            next = end + 1;
        }
    }

    fn item(&mut self, item: &Item<'a>, thread: usize, depth: usize, level: usize, text: Option<String>) {
        let step = item.told[0];
        let text = text.unwrap_or_else(|| {
            let inside = item.frames[level.min(item.frames.len())..].join(" › ");
            let returned = step.call.as_ref().is_some_and(|call| call.returned.is_some());
            let only_returns = matches!(item.changes.last(), Some(Change::SessionBegan(_)));
            let calls = match item.told.len() {
                1 if returned && only_returns && !self.all_steps => "returns".to_owned(),
                1 => brief(self.run, step, self.names),
                _ => api_calls(&item.told),
            };
            match inside.as_str() {
                "" => calls,
                _ if inside.ends_with('?') => format!("{inside} {calls}"),
                _ => format!("{inside}: {calls}"),
            }
        });
        let style = match item.mark {
            Some(Mark::Cause) => BAD,
            Some(Mark::Symptom) => WARN,
            None => PLAIN,
        };
        let mut notes = if item.told.len() > 1 { self.together(item) } else { self.notes(&item.remarks) };
        if notes.is_empty() && self.all_steps {
            notes.extend(self.plain_note(step));
        }
        let numbers = Some((item.steps[0].number, end_of(item)));
        self.rows.push(Row {
            numbers,
            mark: item.mark,
            thread: Some(thread),
            depth,
            text,
            style,
            notes,
            after: end_of(item),
        });
    }

    fn notes(&self, remarks: &[Remark]) -> Vec<Note> {
        // Where anything else changed, that a lock changed hands is not worth a line.
        let only_locks = self.all_steps || remarks.iter().all(|remark| remark.kind == Kind::Lock);
        let told = remarks.iter().filter(|remark| only_locks || remark.kind != Kind::Lock);
        let notes = told.map(|remark| {
            let style = match remark.kind {
                Kind::Harm | Kind::Failure => BAD,
                Kind::Lock => DIM,
                Kind::Change | Kind::Finding => PLAIN,
            };
            Note { text: remark.text.clone(), style }
        });
        notes.collect()
    }

    /// What an uneventful step was about, where every step is told.
    fn plain_note(&self, step: &Step) -> Option<Note> {
        let object = step.object.as_deref().map(|path| self.names.object(path) + " ");
        let text = format!("{}→ {}", object.unwrap_or_default(), answer(step)?);
        Some(Note { text, style: DIM })
    }

    /// What several steps did to one profile, in one note.
    fn together(&self, item: &Item<'_>) -> Vec<Note> {
        let keys =
            item.changes.iter().filter(|change| matches!(change, Change::KeyMade(_) | Change::KeyDeleted(_)));
        let keys = keys.count();
        let values = item.changes.iter().filter(|change| matches!(change, Change::Value { .. })).count();
        let top = item.changes.iter().find_map(|change| match change {
            Change::KeyMade(path) | Change::KeyDeleted(path)
                if matches!(Place::of(path), Place::Profile(_)) =>
            {
                Some(path)
            }
            _ => None,
        });
        let path = item.changes.iter().find_map(profile_path).unwrap_or_default();
        let sign =
            if item.changes.iter().any(|change| matches!(change, Change::KeyDeleted(_))) { "-" } else { "+" };
        let values = if values > 0 { format!(", {}", count(values, "value")) } else { String::new() };
        let text = match top {
            Some(path) => format!("{sign} profile {}: {}{values}", self.names.key(path), count(keys, "key")),
            None => format!("{sign} {}{values} of {}", count(keys, "key"), self.names.key(&path)),
        };
        let harm = item.remarks.iter().rev().find(|remark| remark.kind == Kind::Harm);
        let harm = harm.map(|remark| Note { text: remark.text.clone(), style: BAD });
        std::iter::once(Note { text, style: PLAIN }).chain(harm).collect()
    }
}

/// Where a slice of steps begins in a longer one that it is a part of.
fn offset(all: &[Step], part: &[Step]) -> usize {
    part[0].number - all[0].number
}

fn end_of(item: &Item<'_>) -> usize {
    item.steps[item.steps.len() - 1].number
}

fn same_call(one: &Step, other: &Step) -> bool {
    let index = |step: &Step| step.call.as_ref().map(|call| call.index);
    one.who == other.who && index(one).is_some() && index(one) == index(other)
}

fn frame(item: &Item<'_>, level: usize) -> Option<&'static str> {
    item.frames.get(level).copied()
}

/// The lane of a step: its thread's; of a kill the first thread's of the process.
fn lane(run: &Run, step: &Step) -> usize {
    match step.who {
        Who::Thread(thread) => thread,
        Who::Killed(process) => run.threads.iter().position(|thread| thread.process == process).unwrap_or(0),
    }
}

/// Whether a step only goes on with what the one before did to the same profile.
fn joins(last: &Item<'_>, item: &Item<'_>) -> bool {
    let plain = |item: &Item<'_>| item.mark.is_none() && !item.changes.is_empty();
    let deletes = |item: &Item<'_>| item.changes.iter().any(|change| matches!(change, Change::KeyDeleted(_)));
    let profile = |item: &Item<'_>| -> Option<Option<String>> {
        let paths: Vec<_> = item
            .changes
            .iter()
            .filter(|change| !matches!(change, Change::SessionLost(_)))
            .map(profile_path)
            .collect();
        paths.iter().all(|path| path.is_some() && *path == paths[0]).then(|| paths.first().cloned().flatten())
    };
    plain(last)
        && plain(item)
        && last.frames == item.frames
        && deletes(last) == deletes(item)
        && profile(last).flatten().is_some()
        && profile(last) == profile(item)
}

/// The path of the profile that a change is about.
fn profile_path(change: &Change) -> Option<String> {
    let (Change::KeyMade(path) | Change::KeyDeleted(path) | Change::Value { key: path, .. }) = change else {
        return None;
    };
    match Place::of(path) {
        Place::Profile(_) => Some(path.clone()),
        Place::Section(_) => path.rsplit_once('\\').map(|(profile, _)| profile.to_owned()),
        _ => None,
    }
}

/// `RegCreateKeyEx ×4, RegSetValueEx ×3`.
fn api_calls(steps: &[&Step]) -> String {
    let mut calls: Vec<(&str, usize)> = Vec::new();
    for step in steps {
        let name = step.syscall.as_ref().map_or("", canonical::name);
        match calls.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => *times += 1,
            None => calls.push((name, 1)),
        }
    }
    let words = calls
        .iter()
        .map(|(name, times)| if *times > 1 { format!("{name} ×{times}") } else { (*name).to_owned() });
    words.collect::<Vec<_>>().join(", ")
}
