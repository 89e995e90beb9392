//! Two runs in the same order with two builds: where they part, what decides it, and what came of it.
//!
//! The rule of this family: everything is read off the two runs and the pairs of their steps; what is told of one side is
//! told in the words that `show` has for it. [`rows`] lays the two beside each other, [`fates`] compares what became of
//! profiles and calls, [`words`] says it in sentences; [`text`] and [`json`] print it.
//!
//! Three kinds of difference are told apart. Two steps may be asked for by other names and answered the same; they may be
//! answered otherwise; or only one of the runs has such a step. A step that only one of them has counts where it changed
//! something that others can see, found something out, or failed.

pub mod fates;
pub mod json;
pub mod rows;
pub mod text;
pub mod words;

use std::collections::BTreeMap;

use mapisim_model::carry::{Carried, Wait};
use mapisim_model::finding::{Finding, PointKind};
use mapisim_model::os::syscall::{Syscall, Value};
use mapisim_model::outcome::Outcome;
use mapisim_model::property::Property;
use mapisim_model::trace::{Run, Step};

use crate::names::Names;
use crate::narrate::remark::{Kind as RemarkKind, remarks};
use crate::narrate::{action, actor_and_call, answer, inside};

/// One of the two.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// What came of it.
    pub outcome: &'a Outcome,
    /// Its run.
    pub run: &'a Run,
    /// What is broken in it.
    pub finding: Option<&'a Finding>,
}

/// Two runs in the same order.
pub struct Beside<'a> {
    /// The first run, and the one that was made of it.
    pub sides: [Side<'a>; 2],
    /// Where the order could not be kept.
    pub waits: &'a [Wait],
    /// Short names, the same on both sides.
    pub names: Names,
    /// For each side: a step's counterpart.
    counterparts: [BTreeMap<usize, usize>; 2],
    /// Where the two differ, in the order of the runs.
    pub differences: Vec<Difference>,
}

/// In what two steps differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They ask for something by another name, and are answered the same.
    Name,
    /// They are answered otherwise.
    Answer,
    /// Only one of the runs has such a step.
    Only,
}

/// What the other build does in other orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// It holds in every order.
    Holds {
        /// Of so many states.
        states: usize,
        /// In a search of fewer states, which proves the same.
        reduced: bool,
    },
    /// It breaks in another order.
    Breaks {
        /// What.
        property: Property,
        /// The command that shows it.
        command: String,
    },
    /// A bound was reached before an answer.
    Unsettled {
        /// After so many states.
        states: usize,
    },
}

/// A difference: a step of each side, or of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In what they differ.
    pub kind: Kind,
    /// The steps.
    pub steps: [Option<usize>; 2],
}

impl<'a> Beside<'a> {
    /// A run and what was made of it with another build; none where the first has no run.
    pub fn new(outcome: &'a Outcome, carried: &'a Carried) -> Option<Self> {
        let side = |outcome: &'a Outcome| {
            let run = outcome.run.as_ref()?;
            Some(Side { outcome, run, finding: outcome.finding.as_ref() })
        };
        let sides = [side(outcome)?, side(&carried.outcome)?];
        let back = carried.pairs.iter().map(|(here, there)| (*there, *here)).collect();
        let mut beside = Beside {
            names: Names::of(&[sides[0].run, sides[1].run]),
            sides,
            waits: &carried.waits,
            counterparts: [carried.pairs.iter().copied().collect(), back],
            differences: Vec::new(),
        };
        beside.differences = beside.find_differences();
        Some(beside)
    }

    /// The step of the other side that is the counterpart of one of this side.
    pub fn counterpart(&self, side: usize, step: usize) -> Option<usize> {
        self.counterparts[side].get(&step).copied()
    }

    fn find_differences(&self) -> Vec<Difference> {
        let mut found: Vec<((usize, usize), Difference)> = Vec::new();
        for step in &self.sides[0].run.steps {
            let at = (step.number, 0);
            match self.counterpart(0, step.number) {
                Some(there) => {
                    let kind = self.differs(step, self.sides[1].run.step(there));
                    found.extend(
                        kind.map(|kind| (at, Difference { kind, steps: [Some(step.number), Some(there)] })),
                    );
                }
                None if self.is_eventful(0, step) => {
                    found.push((at, Difference { kind: Kind::Only, steps: [Some(step.number), None] }));
                }
                None => {}
            }
        }
        let mut before = 0;
        for step in &self.sides[1].run.steps {
            match self.counterpart(1, step.number) {
                Some(here) => before = here,
                None if self.is_eventful(1, step) => {
                    let difference = Difference { kind: Kind::Only, steps: [None, Some(step.number)] };
                    found.push(((before, step.number), difference));
                }
                None => {}
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, difference)| difference).collect()
    }

    /// The first difference that is more than another name.
    pub fn parting(&self) -> Option<Difference> {
        self.differences.iter().copied().find(|difference| difference.kind != Kind::Name)
    }

    /// What the one who broke it looked at, beside what was seen there in the other run; none where nothing is broken, or
    /// the other never looks.
    pub fn decisive(&self) -> Option<Difference> {
        let side = self.sides.iter().position(|side| side.finding.is_some())?;
        let finding = self.sides[side].finding?;
        let looked = finding.points.iter().find(|point| point.kind == PointKind::LookedAt)?.step?;
        let there = self.counterpart(side, looked).or_else(|| self.same_action(side, looked))?;
        let (here, other) = (self.sides[side].run.step(looked), self.sides[1 - side].run.step(there));
        if self.counterpart(side, looked).is_some() && answer(here) == answer(other) {
            return None;
        }
        let mut steps = [Some(looked), Some(there)];
        if side == 1 {
            steps.reverse();
        }
        Some(Difference { kind: Kind::Answer, steps })
    }

    /// Of the steps of the other side in the same call and internal action, the last that finds something out.
    fn same_action(&self, side: usize, step: usize) -> Option<usize> {
        let step = self.sides[side].run.step(step);
        let call = step.call.as_ref()?.index;
        let steps = self.sides[1 - side].run.steps.iter().rev();
        let mut there = steps.filter(|other| {
            other.who == step.who
                && other.call.as_ref().is_some_and(|known| known.index == call)
                && !step.inside.is_empty()
                && other.inside.starts_with(&step.inside)
        });
        let finds = |other: &&Step| {
            let told = remarks(self.sides[1 - side].run, other, &self.names);
            told.iter().any(|remark| remark.kind == RemarkKind::Finding)
        };
        there.find(finds).map(|other| other.number)
    }

    fn differs(&self, one: &Step, other: &Step) -> Option<Kind> {
        let full = Names::full();
        if answer(one) != answer(other) {
            return Some(Kind::Answer);
        }
        let asked =
            |side: usize, step: &Step| (asked(self.sides[side].run, step, &full), step.object.clone());
        (asked(0, one) != asked(1, other)).then_some(Kind::Name)
    }

    /// Whether a step changed something that others can see, found something out, or failed.
    pub fn is_eventful(&self, side: usize, step: &Step) -> bool {
        remarks(self.sides[side].run, step, &self.names).iter().any(|remark| remark.kind != RemarkKind::Lock)
    }

    /// Who does it, and in which call: `outlook.exe in MAPIInitialize, sweep`.
    pub fn place(&self, difference: &Difference) -> String {
        let side = usize::from(difference.steps[0].is_none());
        let Some(number) = difference.steps[side] else { return String::new() };
        let (run, step) = (self.sides[side].run, self.sides[side].run.step(number));
        let within = inside(step);
        let within = if within.is_empty() { String::new() } else { format!(", {}", within.join(" › ")) };
        format!("{}{within}", actor_and_call(run, step))
    }

    /// What a step does and what comes of it, in words: `CreateFileMapping "MAPI-S-1-5-…-1105" makes B`.
    pub fn deed(&self, side: usize, number: usize, names: &Names) -> String {
        deed(self.sides[side].run, self.sides[side].run.step(number), names)
    }
}

/// A step with what came of it.
fn deed(run: &Run, step: &Step, names: &Names) -> String {
    let asked = asked(run, step, names);
    let object = || step.object.as_deref().map_or_else(|| "it".to_owned(), |path| names.object(path));
    let told = remarks(run, step, names);
    let found = told.iter().find(|remark| matches!(remark.kind, RemarkKind::Finding | RemarkKind::Failure));
    match (&step.syscall, &step.answer) {
        (
            Some(Syscall::CreateFileMapping { .. } | Syscall::CreateMutex { .. }),
            Some(Ok(Value::Opened { existed, .. })),
        ) => {
            let how = if *existed { "opens" } else { "makes" };
            let exists = if *existed { ", which exists" } else { "" };
            format!("{asked} {how} {}{exists}", object())
        }
        (Some(Syscall::CellLoad { .. }), _) if found.is_some() => {
            found.map_or_else(String::new, |remark| remark.text.clone())
        }
        _ => {
            let answered = answer(step).map_or_else(String::new, |answer| format!(" → {answer}"));
            let found = found.filter(|remark| remark.kind == RemarkKind::Finding);
            let found = found.map_or_else(String::new, |remark| format!(": {}", remark.text));
            format!("{asked}{answered}{found}")
        }
    }
}

/// What a step asks for; of a named object the name that it asks for, whatever that turned out to be.
fn asked(run: &Run, step: &Step, names: &Names) -> String {
    match &step.syscall {
        Some(
            Syscall::CreateFileMapping { name: Some(name), .. }
            | Syscall::CreateMutex { name: Some(name), .. },
        ) => {
            let call = if matches!(step.syscall, Some(Syscall::CreateMutex { .. })) {
                "CreateMutex"
            } else {
                "CreateFileMapping"
            };
            format!("{call} \"{}\"", names.within(name))
        }
        _ => action(run, step, names),
    }
}
