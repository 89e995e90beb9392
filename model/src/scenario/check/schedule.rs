//! The schedule: turn by turn or in words, every name in it somebody's, every call in that thread's script.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use mapisim_sim::{Schedule, Turn, Until};

use super::Check;
use super::accounts::DEFAULT_HIVE;
use crate::scenario::call::NAMES;
use crate::scenario::checked::{Process, Thread};
use crate::scenario::file::{ScheduleFile, TurnFile};
use crate::scenario::locate::{self, Node};
use crate::scenario::names::{Unknown, listed, report_unknown};
use crate::scenario::problem::Problem;
use crate::scenario::visible::quoted;

/// The schedule, if there is one.
pub(super) fn schedule(check: &mut Check<'_>, processes: &[Process]) -> Option<Schedule> {
    let (file, tree) = (check.file, check.tree);
    let node = tree.value("schedule");
    let (schedule, places) = match file.schedule.as_ref()? {
        ScheduleFile::Turns(turns) => {
            let places = node.elements().iter().map(TurnPlace::of).collect();
            (Schedule { turns: turns.iter().map(turn).collect() }, places)
        }
        ScheduleFile::Text(text) => in_words(check, text, node)?,
    };
    let written = file.processes.iter().map(|(_, process)| {
        let alone = usize::from(process.script.is_some());
        alone + process.threads.as_ref().map_or(0, |threads| threads.iter().len())
    });
    let complete =
        written.sum::<usize>() == processes.iter().map(|process| process.threads.len()).sum::<usize>();
    let mut follow = Follow { processes, reached: BTreeMap::new() };
    for (turn, place) in schedule.turns.iter().zip(&places) {
        // Where threads are missing that was reported, and what is said of them here is no fault of its own. Where
        // enough is wrong, looking for names takes time, and nobody would see what is found.
        if !complete || check.problems.is_full() {
            break;
        }
        follow.turn(check, turn, place);
    }
    Some(schedule)
}

fn turn(turn: &TurnFile) -> Turn {
    let run = |actor: &String, until| Turn::Run { actor: actor.clone(), until };
    match turn {
        TurnFile::Run(actor) => run(actor, Until::End),
        TurnFile::Steps(actor, steps) => run(actor, Until::Steps(*steps)),
        TurnFile::Through(actor, call) => run(actor, Until::Returned(call.clone())),
        TurnFile::Crash(process) => Turn::Crash { process: process.clone() },
        TurnFile::End(actor) => Turn::End { actor: actor.clone() },
        TurnFile::CrashMachine(written) => Turn::Fail { kept: written.clone() },
    }
}

/// Where a turn's parts are.
struct TurnPlace {
    who: Range<usize>,
    call: Range<usize>,
    /// Whether a part is a JSON string of its own, so that another one could be written in its place.
    apart: bool,
}

impl TurnPlace {
    fn of(node: &Node) -> Self {
        let who = ["run", "crash", "end", "crash_machine"].into_iter().find_map(|name| node.member(name));
        let who = who.map_or(node, |member| &member.value);
        TurnPlace { who: who.span.clone(), call: node.value("through").span.clone(), apart: true }
    }

    fn unknown<'n>(
        &self,
        code: &'static str,
        noun: &'static str,
        expected: &'static str,
        name: &'n str,
    ) -> Unknown<'n> {
        Unknown { code, span: self.who.clone(), noun, expected, name, replaceable: self.apart }
    }
}

/// A schedule in words, with the place of each turn in the file.
fn in_words(check: &mut Check<'_>, text: &str, node: &Node) -> Option<(Schedule, Vec<TurnPlace>)> {
    let written = &check.text[node.span.clone()];
    let at = |offset| node.span.start + locate::inside(written, offset);
    match Schedule::parse(text) {
        Ok(schedule) => {
            let places = turns(text).into_iter().map(|turn| {
                let span = at(turn.start)..at(turn.end);
                TurnPlace { who: span.clone(), call: span, apart: false }
            });
            Some((schedule, places.collect()))
        }
        Err(error) => {
            let end = text[error.at..].chars().next().map_or(error.at, |c| error.at + c.len_utf8());
            check.problems.push(
                Problem::new("bad-schedule", at(error.at)..at(end), "this is no schedule")
                    .label(format!("expected {}", error.expected))
                    .note(
                        "turns are `name`, `name:steps`, `name through Call`, `kill name`, `end name` or \
                           `crash machine`, with commas between them",
                    ),
            );
            None
        }
    }
}

/// Where the turns of a well-formed schedule are: what is between its commas, those in quotes apart.
fn turns(text: &str) -> Vec<Range<usize>> {
    let mut ends = Vec::new();
    let (mut in_quotes, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => ends.push(at),
            _ => {}
        }
    }
    ends.push(text.len());
    let starts = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
    let trimmed = |(start, end): (usize, usize)| {
        let turn = &text[start..end];
        let from = start + turn.len() - turn.trim_start().len();
        from..from + turn.trim().len()
    };
    starts.zip(ends.iter().copied()).map(trimmed).collect()
}

/// Follows a schedule as far as that can be done without running it.
struct Follow<'p> {
    processes: &'p [Process],
    /// How many calls a thread has returned from at least, by its name.
    reached: BTreeMap<&'p str, usize>,
}

impl<'p> Follow<'p> {
    fn threads(&self) -> impl Iterator<Item = &'p Thread> + Clone + use<'p> {
        self.processes.iter().flat_map(|process| &process.threads)
    }

    fn turn(&mut self, check: &mut Check<'_>, turn: &Turn, place: &TurnPlace) {
        match turn {
            Turn::Crash { process } => {
                let names = self.processes.iter().map(|known| known.name.as_str());
                if !names.clone().any(|known| known == process) {
                    let unknown = place.unknown("unknown-process", "process", "a process", process);
                    report_unknown(&mut check.problems, &unknown, names);
                }
            }
            Turn::End { actor } => {
                if !self.threads().any(|known| known.name == *actor) {
                    self.unknown_thread(check, actor, place);
                }
            }
            Turn::Fail { kept } => {
                let accounts = check.file.accounts.iter().map(|(name, _)| name);
                let names: Vec<&str> = accounts.chain([DEFAULT_HIVE]).collect();
                if let Some(unknown) = kept.iter().find(|owner| !names.contains(&owner.as_str())) {
                    let unknown =
                        place.unknown("unknown-account", "account", "an account, or .DEFAULT", unknown);
                    report_unknown(&mut check.problems, &Unknown { replaceable: false, ..unknown }, names);
                }
            }
            Turn::Run { actor, until } => match self.threads().find(|known| known.name == *actor) {
                Some(thread) => self.run(check, thread, until, place),
                None => self.unknown_thread(check, actor, place),
            },
        }
    }

    fn unknown_thread(&self, check: &mut Check<'_>, name: &str, place: &TurnPlace) {
        let Some(process) = self.processes.iter().find(|process| process.name == name) else {
            let unknown = place.unknown("unknown-thread", "thread", "a thread", name);
            let names = self.threads().map(|thread| thread.name.as_str());
            return report_unknown(&mut check.problems, &unknown, names);
        };
        let message = format!("{} is a process whose threads have names", quoted(name));
        check.problems.push(
            Problem::new("unknown-thread", place.who.clone(), message)
                .label("expected a thread")
                .note(listed(&process.threads.iter().map(|thread| thread.name.as_str()).collect::<Vec<_>>())),
        );
    }

    fn run(&mut self, check: &mut Check<'_>, thread: &'p Thread, until: &Until, place: &TurnPlace) {
        let reached = self.reached.entry(&thread.name).or_default();
        let call = match until {
            Until::Steps(_) => return,
            Until::End => {
                *reached = thread.script.len();
                return;
            }
            Until::Returned(call) => call,
        };
        let calls = || thread.script.iter().map(|known| known.call.name());
        if let Some(ahead) = calls().skip(*reached).position(|known| known == call) {
            *reached += ahead + 1;
        } else if NAMES.contains(&call.as_str()) {
            let further = if calls().any(|known| known == call) { "further " } else { "" };
            let message = format!("{} has no {further}{call} to run through", quoted(&thread.name));
            let problem = Problem::new("call-not-in-script", place.call.clone(), message);
            check.problems.push(problem.label("expected a call that is still ahead in that thread's script"));
        } else {
            let unknown = Unknown {
                span: place.call.clone(),
                ..place.unknown("unknown-call", "call", "a call of that thread's script", call)
            };
            report_unknown(&mut check.problems, &unknown, calls().collect::<BTreeSet<_>>());
        }
    }
}
