//! What is told of a run, row by row: calls as headings, internal actions nested, what changed, uneventful steps folded.
//!
//! Invariants
//! - Rows are in the order of the steps; every step is in exactly one row, or counted in exactly one fold, or (a few
//!   uneventful ones between two rows of one call) seen as a gap in the numbers.
//! - Cause and symptom have rows of their own.

use mapisim_model::finding::{Finding, name_of_code};
use mapisim_model::trace::{Run, Step, Who};

use super::items::{Choice, Item};
use super::lanes::{Mark, Note, Row};
use crate::names::Names;
use crate::narrate::change::{Change, changes};
use crate::narrate::remark::{Kind, Remark};
use crate::narrate::{answer, brief, succeeded};
use crate::text::{BAD, DIM, HEADING, PLAIN, WARN, count};

/// Hidden steps between two rows of one call that get a fold of their own.
const FOLD_FROM: usize = 4;
/// Uneventful calls in a row that are folded into one row.
const CALLS_FROM: usize = 3;

/// The rows of a run.
pub fn rows(run: &Run, finding: Option<&Finding>, names: &Names, all_steps: bool) -> Vec<Row> {
    rows_within(run, finding, names, all_steps, None)
}

/// The rows of a run; of some parts of it where they are given: first and last step of each, in order, none touching the
/// next.
pub fn rows_within(
    run: &Run,
    finding: Option<&Finding>,
    names: &Names,
    all_steps: bool,
    parts: Option<&[(usize, usize)]>,
) -> Vec<Row> {
    let choice = Choice { run, finding, names, all_steps };
    let mut teller = Teller { choice, rows: Vec::new() };
    match parts {
        None => teller.tell(),
        Some(parts) => teller.tell_parts(parts),
    }
    teller.rows
}

struct Teller<'a> {
    choice: Choice<'a>,
    rows: Vec<Row>,
}

/// Neighbouring steps of one thread in one call.
struct Segment<'a> {
    steps: &'a [Step],
    items: Vec<Item<'a>>,
}

impl<'a> Teller<'a> {
    fn tell(&mut self) {
        let steps = &self.choice.run.steps;
        let end = if self.choice.all_steps { steps.len() } else { self.end_of_story() };
        self.tell_steps(&steps[..end]);
        let left = steps.len() - end;
        if left > 0 {
            let text = format!("… {} after the symptom, until all is done", count(left, "step"));
            self.fold(None, text, end, None);
        }
    }

    fn tell_parts(&mut self, parts: &[(usize, usize)]) {
        let steps = &self.choice.run.steps;
        let mut next = 1;
        for (first, last) in parts {
            self.leave_out(next, first - 1);
            self.tell_steps(&steps[first - 1..*last]);
            next = last + 1;
        }
        self.leave_out(next, steps.len());
    }

    /// Steps that were not asked for.
    fn leave_out(&mut self, first: usize, last: usize) {
        if first <= last {
            let steps =
                if first == last { format!("step {first}") } else { format!("steps {first} to {last}") };
            self.fold(None, format!("… {steps}: left out"), last, None);
        }
    }

    fn tell_steps(&mut self, steps: &'a [Step]) {
        let mut segments: Vec<Segment<'a>> = Vec::new();
        for steps in steps.chunk_by(same_call) {
            segments.push(Segment { steps, items: self.choice.items(steps) });
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
    }

    /// How many steps there are to tell: to the end of the call in which the victim notices.
    fn end_of_story(&self) -> usize {
        let steps = &self.choice.run.steps;
        let Some(symptom) = self.choice.finding.and_then(|finding| finding.symptom) else {
            return steps.len();
        };
        let rest = &steps[symptom - 1..];
        let call = rest.chunk_by(same_call).next().map_or(0, <[Step]>::len);
        let end = symptom - 1 + call;
        // Two steps more are told sooner than folded.
        if steps.len() - end <= 2 { steps.len() } else { end }
    }

    /// How many segments from here on are uneventful calls of one thread.
    fn quiet_calls(&self, segments: &[Segment<'_>]) -> usize {
        if self.choice.all_steps {
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
        let thread = lane(self.choice.run, last);
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
        let thread = lane(self.choice.run, first);
        if matches!(first.who, Who::Machine(_)) {
            segment.items.iter().for_each(|item| self.machine(item));
            return;
        }
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

    /// A crash of the machine: it is in no lane, since it is everybody's.
    fn machine(&mut self, item: &Item<'a>) {
        self.rows.push(Row {
            numbers: Some((item.first(), item.last())),
            mark: item.mark,
            thread: None,
            depth: 0,
            text: brief(self.choice.run, item.told[0], self.choice.names),
            style: if item.mark == Some(Mark::Cause) { BAD } else { HEADING },
            notes: self.notes(&item.remarks),
            after: item.last(),
        });
    }

    /// What uneventful steps changed: nothing, or locks only.
    fn nothing(&self, steps: &[Step]) -> &'static str {
        let locks = steps.iter().any(|step| changes(self.choice.run, step).iter().any(Change::is_lock));
        if locks { "nothing shared changed but locks" } else { "nothing shared changed" }
    }

    /// Items inside internal actions: an action with several items is a heading of its own.
    fn nested(&mut self, items: &[Item<'a>], thread: usize, depth: usize, level: usize, from: usize) {
        let mut next = from;
        for group in
            items.chunk_by(|one, other| one.frame(level).is_some() && one.frame(level) == other.frame(level))
        {
            let (start, end) = (group[0].first(), group[group.len() - 1].last());
            if start - next >= FOLD_FROM && !self.choice.all_steps {
                let hidden = &self.choice.run.steps[next - 1..start - 1];
                let text = format!("… {}", count(hidden.len(), "step"));
                self.fold(Some(thread), text, start - 1, Some(self.nothing(hidden)));
                if let Some(row) = self.rows.last_mut() {
                    row.depth = depth;
                }
            }
            match group[0].frame(level) {
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
            let begins = step.call.as_ref().is_some_and(|call| call.begins);
            let only_returns = matches!(item.changes.last(), Some(Change::SessionBegan(_)));
            let only_ends = |change: &Change| change.is_lock() || matches!(change, Change::SessionEnded(_));
            let calls = match item.told.len() {
                1 if returned && only_returns && !self.choice.all_steps => "returns".to_owned(),
                1 if begins
                    && item.changes.iter().all(only_ends)
                    && !item.changes.is_empty()
                    && !self.choice.all_steps =>
                {
                    "begins".to_owned()
                }
                1 => brief(self.choice.run, step, self.choice.names),
                _ => item.api_calls(),
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
        let mut notes =
            if item.told.len() > 1 { self.choice.together(item) } else { self.notes(&item.remarks) };
        if notes.is_empty() && self.choice.all_steps {
            notes.extend(self.plain_note(step));
        }
        let numbers = Some((item.first(), item.last()));
        self.rows.push(Row {
            numbers,
            mark: item.mark,
            thread: Some(thread),
            depth,
            text,
            style,
            notes,
            after: item.last(),
        });
    }

    fn notes(&self, remarks: &[Remark]) -> Vec<Note> {
        // Where anything else changed, that a lock changed hands is not worth a line.
        let only_locks = self.choice.all_steps || remarks.iter().all(|remark| remark.kind == Kind::Lock);
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
        let object = step.object.as_deref().map(|path| self.choice.names.object(path) + " ");
        let text = format!("{}→ {}", object.unwrap_or_default(), answer(step)?);
        Some(Note { text, style: DIM })
    }
}

fn same_call(one: &Step, other: &Step) -> bool {
    let index = |step: &Step| step.call.as_ref().map(|call| call.index);
    one.who == other.who && index(one).is_some() && index(one) == index(other)
}

/// The lane of a step: its thread's; of a kill the first thread's of the process.
fn lane(run: &Run, step: &Step) -> usize {
    match step.who {
        Who::Thread(thread) | Who::Ended(thread) => thread,
        Who::Killed(process) => run.threads.iter().position(|thread| thread.process == process).unwrap_or(0),
        Who::Machine(_) => 0,
    }
}
