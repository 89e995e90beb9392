//! The traces, packed for the script: one table of strings, and rows of numbers that point into it; -1 is "none".
//!
//! ```text
//! { "title": …, "s": [strings], "t": [ trace ] }
//! trace  { p: [process], l: [[thread, process, session, account, mapi, algorithm]], P: [[section?, name, short, what]],
//!          n: [full name], b: [[lane, name, profile, from, to, harmed]], c: [[lane, text, first, last, returned]],
//!          o: steps left out before the first, s: [[lane, call, inside, action, answer, place, effect, whole, notes, delta]],
//!          r: [[kind, first, last, after, lane, depth, text, notes]], k: [[after, things]], w: [waiting] }
//! notes  [kind, text, …]; delta [things, gone] or 0; whole is 1 where the whole machine takes the step, and no lane
//! ```

#![expect(
    clippy::cast_possible_wrap,
    reason = "numbers of steps, names and strings, which all are in memory, are below 2^63"
)]

use std::collections::BTreeMap;

use mapisim_model::scenario::visible::visible;

use super::STEPS_MAX;
use super::words::plain;
use crate::run_model::trace::{
    Delta, KEY_STATE_EACH, Note, NoteKind, PlaceKind, RowKind, Step, StepKind, Thing, ThingId, Trace,
};

/// The traces of a page.
#[derive(Default)]
pub struct Island {
    known: BTreeMap<String, usize>,
    strings: Vec<String>,
    traces: Vec<String>,
    /// The numbers of packed traces by their hash.
    packed: BTreeMap<[u8; 32], usize>,
}

/// Which steps of a trace are drawn: all of them, or as many as there may be, with the cause among them. The first is
/// behind a key state.
pub fn window(trace: &Trace, cause: usize) -> (usize, usize) {
    let steps = trace.steps.len();
    if steps <= STEPS_MAX {
        return (0, steps);
    }
    let wanted = cause.saturating_sub(STEPS_MAX * 3 / 4).min(steps - STEPS_MAX);
    let start = wanted / KEY_STATE_EACH * KEY_STATE_EACH;
    (start, start + STEPS_MAX)
}

impl Island {
    /// Takes a trace in and gives its number; traces that are the same have the same.
    pub fn add(&mut self, trace: &Trace, cause: usize) -> usize {
        let packed = self.pack(trace, cause);
        let key = *blake3::hash(packed.as_bytes()).as_bytes();
        if let Some(number) = self.packed.get(&key) {
            return *number;
        }
        self.traces.push(packed);
        self.packed.insert(key, self.traces.len() - 1);
        self.traces.len() - 1
    }

    /// The island as JSON.
    pub fn json(&self, title: &str) -> String {
        format!(
            "{{\"title\":{},\"s\":{},\"t\":[\n{}\n]}}",
            json(&title),
            json(&self.strings),
            self.traces.join(",\n")
        )
    }

    fn string(&mut self, text: &str) -> i64 {
        let text = visible(text);
        if let Some(number) = self.known.get(&*text) {
            return *number as i64;
        }
        self.strings.push(text.clone().into_owned());
        self.known.insert(text.into_owned(), self.strings.len() - 1);
        self.strings.len() as i64 - 1
    }

    fn maybe(&mut self, text: Option<&str>) -> i64 {
        text.map_or(-1, |text| self.string(text))
    }

    fn pack(&mut self, trace: &Trace, cause: usize) -> String {
        let (start, end) = window(trace, cause);
        let steps = &trace.steps[start..end];
        let mut fields: Vec<String> = Vec::new();
        let mut field =
            |name: &str, rows: Vec<String>| fields.push(format!("\"{name}\":[{}]", rows.join(",")));
        field("p", trace.processes.iter().map(|name| self.string(name).to_string()).collect());
        let lanes = trace.lanes.iter().map(|lane| {
            numbers(&[
                self.string(&lane.thread),
                lane.process as i64,
                i64::from(lane.session),
                self.string(&lane.account),
                self.string(&lane.mapi),
                self.string(&lane.algorithm),
            ])
        });
        field("l", lanes.collect());
        let places = trace.places.iter().map(|place| {
            let section = i64::from(place.kind == PlaceKind::Section);
            numbers(&[section, place.name as i64, self.string(&place.short), self.string(&place.what)])
        });
        field("P", places.collect());
        field("n", trace.names.iter().map(|name| self.string(&plain(name)).to_string()).collect());
        let bars = trace.sessions.iter().map(|bar| {
            numbers(&[
                bar.lane as i64,
                self.string(&bar.name),
                self.string(&bar.profile),
                bar.from as i64,
                step(bar.to),
                step(bar.harmed),
            ])
        });
        field("b", bars.collect());
        let calls = trace.calls.iter().map(|call| {
            let returned = self.maybe(call.returned.as_deref());
            numbers(&[
                call.lane as i64,
                self.string(&call.text),
                call.first as i64,
                call.last as i64,
                returned,
            ])
        });
        field("c", calls.collect());
        field("s", steps.iter().map(|step| self.step(step)).collect());
        let rows = trace.story.iter().filter(|row| {
            let inside = |step: usize| start < step && step <= end;
            row.first.map_or(inside(row.after.max(1)), inside) && row.last.is_none_or(inside)
        });
        let rows = rows.map(|row| {
            let kind = match row.kind {
                RowKind::Heading => 0,
                RowKind::Failed => 1,
                RowKind::Steps => 2,
                RowKind::Fold => 3,
            };
            let head = [
                kind,
                step(row.first),
                step(row.last),
                row.after as i64,
                row.lane.map_or(-1, |lane| lane as i64),
                row.depth as i64,
                self.string(&row.text),
            ];
            format!("[{},{}]", join(&head), self.notes(&row.notes))
        });
        field("r", rows.collect());
        let keys = trace.key_states.iter().filter(|key| start <= key.after && key.after <= end);
        let keys = keys.map(|key| format!("[{},{}]", key.after, self.things(&key.things)));
        field("k", keys.collect());
        field("w", trace.waiting.iter().map(|text| self.string(&plain(text)).to_string()).collect());
        format!("{{\"o\":{start},{}}}", fields.join(","))
    }

    fn step(&mut self, step: &Step) -> String {
        let inside: Vec<&str> = step.inside.iter().map(String::as_str).collect();
        let inside = if inside.is_empty() { -1 } else { self.string(&inside.join(" › ")) };
        let head = [
            step.lane as i64,
            step.call.map_or(-1, |call| call as i64),
            inside,
            self.string(&step.action),
            self.maybe(step.answer.as_deref()),
            step.place.map_or(-1, |place| place as i64),
            self.maybe(step.effect.as_deref()),
            i64::from(step.kinds.contains(&StepKind::MachineCrash)),
        ];
        let delta = self.delta(&step.delta);
        format!("[{},{},{delta}]", join(&head), self.notes(&step.notes))
    }

    fn notes(&mut self, notes: &[Note]) -> String {
        let mut all = Vec::new();
        for note in notes {
            all.push(match note.kind {
                NoteKind::Plain => 0,
                NoteKind::Quiet => 1,
                NoteKind::Bad => 2,
            });
            all.push(self.string(&note.text));
        }
        numbers(&all)
    }

    fn delta(&mut self, delta: &Delta) -> String {
        if delta.is_empty() {
            return "0".to_owned();
        }
        let gone: Vec<String> = delta.gone.iter().map(|id| self.gone(id)).collect();
        format!("[{},[{}]]", self.things(&delta.set), gone.join(","))
    }

    fn gone(&mut self, id: &ThingId) -> String {
        let (tag, number) = match id {
            ThingId::Key(name) => (0, name),
            ThingId::Tombstone(name) => (1, name),
            ThingId::Section(name) => (2, name),
            ThingId::Mutex(name) => (3, name),
            ThingId::Process(process) => (4, process),
            ThingId::Thread(lane) => (5, lane),
            ThingId::Session(lane, session) => {
                return numbers(&[6, *lane as i64, self.string(session)]);
            }
        };
        numbers(&[tag, *number as i64])
    }

    fn things(&mut self, things: &[Thing]) -> String {
        let things: Vec<String> = things.iter().map(|thing| self.thing(thing)).collect();
        format!("[{}]", things.join(","))
    }

    fn thing(&mut self, thing: &Thing) -> String {
        let indices = |list: &[usize]| numbers(&list.iter().map(|index| *index as i64).collect::<Vec<_>>());
        match thing {
            Thing::Key { name, values, open } => {
                let values: Vec<i64> = values.iter().map(|value| self.string(value)).collect();
                format!("[0,{name},{},{}]", numbers(&values), indices(open))
            }
            Thing::Tombstone { name, open } => format!("[1,{name},{}]", indices(open)),
            Thing::Section { name, cells, held } => {
                let cells = cells.iter().flat_map(|(cell, count)| [self.string(cell), *count]);
                let cells: Vec<i64> = cells.collect();
                format!("[2,{name},{},{}]", numbers(&cells), indices(held))
            }
            Thing::Mutex { name, owner, abandoned } => {
                numbers(&[3, *name as i64, owner.map_or(-1, |lane| lane as i64), i64::from(*abandoned)])
            }
            Thing::Process { process, ended, hkcu, uncached } => {
                let hkcu = hkcu.map_or(-1, |name| name as i64);
                numbers(&[4, *process as i64, i64::from(*ended), hkcu, i64::from(*uncached)])
            }
            Thing::Thread { lane, account, impersonates } => {
                let account = self.string(account);
                numbers(&[5, *lane as i64, account, self.maybe(impersonates.as_deref())])
            }
            Thing::Session { lane, session, profile, lost } => {
                let (session, profile) = (self.string(session), self.string(profile));
                format!("[6,{lane},{session},{profile},{}]", indices(lost))
            }
        }
    }
}

/// As JSON text.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("strings are JSON")
}

fn step(number: Option<usize>) -> i64 {
    number.map_or(-1, |number| number as i64)
}

fn join(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

fn numbers(list: &[i64]) -> String {
    format!("[{}]", join(list))
}
