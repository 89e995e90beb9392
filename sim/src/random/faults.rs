//! What fails in a random run: how often, when, and who.
//!
//! Up to the budget each number of faults of a kind is equally likely, and each is equally likely before every step of the
//! run's length, and after the last; so a long run is not sure to be crashed early, as it is with a chance at every step.

use std::collections::BTreeSet;

use super::Plan;
use super::draw::{Draw, Role};
use crate::action::Action;
use crate::limits::Limits;
use crate::world::{Cast, Process};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A process is killed.
    Crash,
    /// An actor dies alone.
    End,
    /// The machine fails.
    Fail,
}

/// The faults of one run.
pub(crate) struct Faults {
    draw: Draw,
    /// Before which steps; ascending.
    points: Vec<(usize, Kind)>,
    /// Who may be struck; `None`: everybody.
    may: Option<BTreeSet<Process>>,
}

impl Faults {
    pub(crate) fn draw(seed: u64, run: u64, plan: &Plan) -> Self {
        let mut draw = Draw::of(seed, run, Role::Faults);
        let mut points = Vec::new();
        let Limits { crashes_max, ends_max, may_fail, .. } = plan.limits;
        let budget = [(Kind::Crash, crashes_max), (Kind::End, ends_max), (Kind::Fail, may_fail.into())];
        for (kind, max) in budget {
            let faults = if max == 0 { 0 } else { draw.below(max as u64 + 1) };
            points.extend((0..faults).map(|_| (draw.below(plan.length as u64 + 1) as usize, kind)));
        }
        points.sort_unstable();
        Faults { draw, points, may: None }
    }

    /// Only these processes are struck; none at all where there are no faults.
    pub(crate) fn keep(&mut self, processes: BTreeSet<Process>, faults: bool) {
        if !faults {
            self.points.clear();
        }
        self.may = Some(processes);
    }

    /// Whether something is to fail before this step.
    pub(crate) fn is_due(&self, step: usize) -> bool {
        self.points.first().is_some_and(|(at, _)| *at <= step)
    }

    /// Whether something is still to fail.
    pub(crate) fn is_left(&self) -> bool {
        !self.points.is_empty()
    }

    /// Takes the next fault, one of those that can happen; `None` where none of its kind can.
    pub(crate) fn strike(&mut self, cast: &Cast, faults: &[Action]) -> Option<Action> {
        let (_, kind) = self.points.remove(0);
        let may = |process: Process| self.may.as_ref().is_none_or(|may| may.contains(&process));
        let may = |fault: &Action| match *fault {
            Action::Crash(process) => kind == Kind::Crash && may(process),
            Action::End(actor) => kind == Kind::End && may(cast.process_of(actor)),
            Action::Fail(_) => kind == Kind::Fail,
            Action::Step(_) => false,
        };
        let victims: Vec<Action> = faults.iter().copied().filter(may).collect();
        (!victims.is_empty()).then(|| self.draw.one_of(&victims))
    }
}
