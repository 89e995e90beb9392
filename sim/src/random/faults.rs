//! What fails in a random run: how often, when, and who.
//!
//! Up to the budget each number of crashes is equally likely, and each crash is equally likely before every step of the
//! run's length, and after the last; so a long run is not sure to be crashed early, as it is with a chance at every step.

use std::collections::BTreeSet;

use super::Plan;
use super::draw::{Draw, Role};
use crate::world::Process;

/// The crashes of one run.
pub(crate) struct Faults {
    draw: Draw,
    /// Before which steps; ascending.
    points: Vec<usize>,
    /// Who may be struck; `None`: everybody.
    may: Option<BTreeSet<Process>>,
}

impl Faults {
    pub(crate) fn draw(seed: u64, run: u64, plan: &Plan) -> Self {
        let mut draw = Draw::of(seed, run, Role::Faults);
        let crashes =
            if plan.limits.crashes_max == 0 { 0 } else { draw.below(plan.limits.crashes_max as u64 + 1) };
        let mut points: Vec<usize> =
            (0..crashes).map(|_| draw.below(plan.length as u64 + 1) as usize).collect();
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
        self.points.first().is_some_and(|at| *at <= step)
    }

    /// Whether something is still to fail.
    pub(crate) fn is_left(&self) -> bool {
        !self.points.is_empty()
    }

    /// Takes the next crash: who, of those that can be killed; `None` where there is nobody.
    pub(crate) fn strike(&mut self, victims: &[Process]) -> Option<Process> {
        self.points.remove(0);
        let may = |process: &Process| self.may.as_ref().is_none_or(|may| may.contains(process));
        let victims: Vec<Process> = victims.iter().copied().filter(may).collect();
        (!victims.is_empty()).then(|| self.draw.one_of(&victims))
    }
}
