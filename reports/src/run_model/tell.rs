//! From a run to a trace: steps in words, lanes, live sessions, the machine's state at every step.

use mapisim_model::finding::{Finding, name_of_code};
use mapisim_model::os::syscall::{Syscall, Value};
use mapisim_model::scenario::Scenario;
use mapisim_model::trace::{LiveSession as Live, Run, Step as Told, Who};

use super::state::{NameTable, State};
use super::trace::{
    Call, Delta, KEY_STATE_EACH, KeyState, Lane, LiveSession, Note, NoteKind, Place, PlaceKind, Row, RowKind,
    Short, Step, StepKind, Trace,
};
use crate::names::{Entry, Names};
use crate::narrate::remark::{Kind, remarks};
use crate::narrate::{action, answer};
use crate::show::lanes;
use crate::show::rows::rows;
use crate::text::{BAD, DIM, HEADING};

/// Tells a run.
pub fn trace(scenario: &Scenario, run: &Run, finding: Option<&Finding>) -> Trace {
    let short = Names::short(run);
    let mut teller = Teller {
        run,
        finding,
        short: &short,
        names: NameTable::default(),
        places: Vec::new(),
        calls: Vec::new(),
        current: vec![None; run.threads.len()],
        sessions: Vec::new(),
    };
    teller.find_places();
    let (steps, key_states) = teller.steps(scenario);
    let waiting = run.waiting.iter().map(|waiting| {
        let who = &run.threads[waiting.thread].name;
        let owner = waiting
            .owner
            .map_or_else(String::new, |owner| format!(", which {} has", run.threads[owner].name));
        format!("{who} waits for {}{owner}", waiting.object)
    });
    Trace {
        processes: run.processes.iter().map(|process| process.name.clone()).collect(),
        lanes: lanes_of(run),
        legend: short
            .legend()
            .into_iter()
            .map(|Entry { short, full, what }| Short { short, full, what })
            .collect(),
        story: rows(run, finding, &short, false).into_iter().map(row).collect(),
        waiting: waiting.collect(),
        places: teller.places,
        calls: teller.calls,
        sessions: teller.sessions,
        names: teller.names.into_names(),
        steps,
        key_states,
    }
}

fn lanes_of(run: &Run) -> Vec<Lane> {
    let lanes = run.threads.iter().map(|thread| {
        let process = &run.processes[thread.process];
        Lane {
            thread: thread.name.clone(),
            process: thread.process,
            session: process.session,
            account: process.account.clone(),
            mapi: process.mapi.clone(),
            algorithm: process.algorithm.id().to_owned(),
        }
    });
    lanes.collect()
}

struct Teller<'a> {
    run: &'a Run,
    finding: Option<&'a Finding>,
    short: &'a Names,
    names: NameTable,
    places: Vec<Place>,
    calls: Vec<Call>,
    /// The call that each thread is in: its index in the script, and in `calls`.
    current: Vec<Option<(usize, usize)>>,
    sessions: Vec<LiveSession>,
}

impl Teller<'_> {
    /// Hives and sections that steps are about, hives first, each in the order of its first use.
    fn find_places(&mut self) {
        let legend = self.short.legend();
        let mut found = [Vec::new(), Vec::new()];
        for path in self.run.steps.iter().filter_map(|step| step.object.as_deref()) {
            let (which, full) = match hive_of(path) {
                Some(hive) => (0, hive),
                None if self.short.tables().any(|table| table == path) => (1, path.to_owned()),
                None => continue,
            };
            if !found[which].contains(&full) {
                found[which].push(full);
            }
        }
        for (kind, full) in [PlaceKind::Hive, PlaceKind::Section]
            .into_iter()
            .zip(found)
            .flat_map(|(kind, all)| all.into_iter().map(move |full| (kind, full)))
        {
            let entry = legend.iter().find(|entry| entry.full == full);
            let short = entry.map_or_else(|| self.short.object(&full), |entry| entry.short.clone());
            let what = entry.map_or_else(String::new, |entry| entry.what.clone());
            self.places.push(Place { kind, name: self.names.number(&full), short, what });
        }
    }

    fn steps(&mut self, scenario: &Scenario) -> (Vec<Step>, Vec<KeyState>) {
        let run = self.run;
        let mut state = State::initial(run, &mut self.names);
        let key = |after: usize, state: &State| KeyState { after, things: state.things().cloned().collect() };
        let mut keys = vec![key(0, &state)];
        let mut steps = Vec::with_capacity(run.steps.len());
        for told in &run.steps {
            let earlier = if told.number == 1 { &[][..] } else { &run.step(told.number - 1).sessions[..] };
            let same = told.after == *run.before(told.number) && told.sessions == earlier;
            let changed = if same { Delta::default() } else { state.go_on(run, told, &mut self.names) };
            if told.number % KEY_STATE_EACH == 0 {
                keys.push(key(told.number, &state));
            }
            let step = self.step(scenario, told, earlier, changed);
            steps.push(step);
        }
        (steps, keys)
    }

    fn step(&mut self, scenario: &Scenario, told: &Told, earlier: &[Live], delta: Delta) -> Step {
        let mut kinds = self.bars(told, earlier);
        if let Some(finding) = self.finding {
            if told.number == finding.cause {
                kinds.push(StepKind::Cause);
            }
            if Some(told.number) == finding.symptom {
                kinds.push(StepKind::Symptom);
            }
        }
        if !matches!(told.who, Who::Thread(_)) {
            let machine = matches!(told.who, Who::Machine(_));
            kinds.push(if machine { StepKind::MachineCrash } else { StepKind::Crash });
        }
        kinds.sort();
        let notes = remarks(self.run, told, self.short).into_iter().map(|remark| Note {
            kind: match remark.kind {
                Kind::Harm | Kind::Failure => NoteKind::Bad,
                Kind::Lock => NoteKind::Quiet,
                Kind::Change | Kind::Finding => NoteKind::Plain,
            },
            text: remark.text,
        });
        Step {
            number: told.number,
            lane: lane(self.run, told),
            call: self.call(scenario, told),
            inside: told.inside.iter().map(|frame| (*frame).to_owned()).collect(),
            action: action(self.run, told, self.short),
            answer: answer(told),
            object: told.object.as_deref().map(|path| self.names.number(path)),
            place: told.object.as_deref().and_then(|path| self.place(path)),
            effect: effect(told),
            notes: notes.collect(),
            kinds,
            delta,
        }
    }

    fn place(&mut self, path: &str) -> Option<usize> {
        let full = hive_of(path).unwrap_or_else(|| path.to_owned());
        let number = self.names.number(&full);
        self.places.iter().position(|place| place.name == number)
    }

    fn call(&mut self, scenario: &Scenario, told: &Told) -> Option<usize> {
        let Who::Thread(thread) = told.who else { return None };
        let info = told.call.as_ref()?;
        let known = self.current[thread].filter(|(index, _)| *index == info.index).map(|(_, call)| call);
        let number = known.unwrap_or_else(|| {
            let script = scenario.threads().nth(thread).map(|(_, thread)| &thread.script);
            let line = script.and_then(|script| script.get(info.index)).map(|call| call.place.line);
            self.calls.push(Call {
                lane: thread,
                name: info.name.clone(),
                text: info.text.clone(),
                line,
                first: told.number,
                last: told.number,
                returned: None,
            });
            self.calls.len() - 1
        });
        self.current[thread] = Some((info.index, number));
        let call = &mut self.calls[number];
        call.last = told.number;
        call.returned = info.returned.map(name_of_code);
        Some(number)
    }

    /// Which sessions begin, end and are harmed here.
    fn bars(&mut self, told: &Told, earlier: &[Live]) -> Vec<StepKind> {
        let mut kinds = Vec::new();
        let same = |one: &Live, other: &Live| (one.thread, &one.name) == (other.thread, &other.name);
        for gone in earlier.iter().filter(|one| !told.sessions.iter().any(|other| same(one, other))) {
            if let Some(bar) = self.bar(gone) {
                bar.to = Some(told.number);
            }
            kinds.push(StepKind::SessionEnd);
        }
        for live in &told.sessions {
            if !earlier.iter().any(|other| same(live, other)) {
                self.sessions.push(LiveSession {
                    lane: live.thread,
                    name: live.name.clone(),
                    profile: live.profile.clone(),
                    from: told.number,
                    to: None,
                    harmed: None,
                });
                kinds.push(StepKind::SessionStart);
            }
            if let Some(bar) = self.bar(live).filter(|bar| bar.harmed.is_none() && !live.lost.is_empty()) {
                bar.harmed = Some(told.number);
            }
        }
        kinds
    }

    fn bar(&mut self, live: &Live) -> Option<&mut LiveSession> {
        self.sessions.iter_mut().rev().find(|bar| (bar.lane, &bar.name) == (live.thread, &live.name))
    }
}

/// The hive that a key is in: the first two parts of its path.
fn hive_of(path: &str) -> Option<String> {
    let rest = path.strip_prefix(r"HKU\")?;
    let hive = rest.split('\\').next().unwrap_or(rest);
    Some(format!(r"HKU\{hive}"))
}

/// What a step did to its object, in a word or two.
fn effect(step: &Told) -> Option<String> {
    step.object.as_ref()?;
    let word = match (step.syscall.as_ref()?, step.answer.as_ref()?) {
        (_, Err(error)) => return Some(format!("error {}", error.0)),
        (Syscall::CellLoad { .. }, Ok(Value::Number(count))) => return Some(format!("says {count}")),
        (Syscall::CellAdd { delta, .. }, Ok(Value::Number(count))) => {
            return Some(format!("{} → {count}", count - delta));
        }
        (Syscall::CellStore { .. } | Syscall::CellCompareExchange { .. }, _) => "written",
        (_, Ok(Value::Opened { existed: false, .. })) => "made",
        (_, Ok(Value::Opened { existed: true, .. }))
        | (Syscall::RegOpenKeyEx { .. } | Syscall::RegOpenCurrentUser, _) => "opened",
        (Syscall::RegCreateKeyEx { .. }, _) => "key made",
        (Syscall::RegDeleteKey { .. } | Syscall::NtDeleteKey { .. }, _) => "key deleted",
        (Syscall::RegSetValueEx { .. }, _) => "value written",
        (Syscall::RegDeleteValue { .. }, _) => "value deleted",
        (
            Syscall::RegQueryValueEx { .. } | Syscall::RegEnumKeyEx { .. } | Syscall::RegEnumValue { .. },
            _,
        ) => "read",
        (Syscall::RegCloseKey { .. } | Syscall::CloseHandle { .. }, _) => "closed",
        (Syscall::MapViewOfFile { .. }, _) => "mapped",
        (Syscall::UnmapViewOfFile { .. }, _) => "unmapped",
        _ => return None,
    };
    Some(word.to_owned())
}

/// The lane of a step: its thread's; of a kill the first thread's of the process; of a crash of the
/// machine, which is everybody's, the first.
fn lane(run: &Run, step: &Told) -> usize {
    match step.who {
        Who::Thread(thread) | Who::Ended(thread) => thread,
        Who::Killed(process) => run.threads.iter().position(|thread| thread.process == process).unwrap_or(0),
        Who::Machine(_) => 0,
    }
}

fn row(row: lanes::Row) -> Row {
    let fold = row.numbers.is_none() && row.text.starts_with('…');
    let kind = match row.style {
        _ if fold => RowKind::Fold,
        style if style == BAD && row.mark.is_none() => RowKind::Failed,
        style if style == HEADING || row.numbers.is_none() => RowKind::Heading,
        _ => RowKind::Steps,
    };
    let notes = row.notes.into_iter().map(|note| Note {
        kind: match note.style {
            style if style == BAD => NoteKind::Bad,
            style if style == DIM => NoteKind::Quiet,
            _ => NoteKind::Plain,
        },
        text: note.text,
    });
    Row {
        kind,
        first: row.numbers.map(|(first, _)| first),
        last: row.numbers.map(|(_, last)| last),
        after: row.after,
        lane: row.thread,
        depth: row.depth,
        text: row.text,
        notes: notes.collect(),
    }
}
