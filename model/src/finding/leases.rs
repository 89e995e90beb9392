//! What the repair looked at before it deleted: a profile's leases, and whether the mutex of each is there.

use super::signature::Why;
use super::words::{leaf, process};
use super::{Point, PointKind};
use crate::os::syscall::Syscall;
use crate::trace::{Run, Step, Who};

/// The last look at leases that led to a deletion, in the same call.
pub(super) struct LeaseLook<'a> {
    run: &'a Run,
    step: &'a Step,
    /// The step that made the mutex of the session that was not seen.
    own: Option<&'a Step>,
}

impl<'a> LeaseLook<'a> {
    /// The look before a deletion, where its version looks at leases; the victim is that thread.
    pub(super) fn find(run: &'a Run, cause: &Step, victim: usize) -> Option<Self> {
        let call = |step: &Step| step.call.as_ref().map(|call| call.index);
        let before = run.steps[..cause.number - 1].iter().rev();
        let mut looks = before.filter(|step| step.who == cause.who && call(step) == call(cause));
        let step = looks.find(|step| {
            step.inside.contains(&"in use?")
                && matches!(step.syscall, Some(Syscall::OpenMutex { .. } | Syscall::RegOpenKeyEx { .. }))
        })?;
        // The lease has the mutex's name; a tag behind it says whose names it is among (os A.2).
        let name = |step: &'a Step| {
            let path = step.object.as_deref().unwrap_or_default();
            leaf(path.split(" [").next().unwrap_or_default())
        };
        let made = run.steps[..cause.number].iter().rev();
        let own = made.filter(|made| made.who == Who::Thread(victim));
        let own = own.filter(|made| matches!(made.syscall, Some(Syscall::CreateMutex { .. })));
        let own = own.filter(|made| name(made) == name(step)).take(1).next();
        Some(LeaseLook { run, step, own })
    }

    fn told(&self) -> String {
        let object = self.step.object.as_deref().unwrap_or_default();
        match &self.step.answer {
            Some(Err(error)) => format!("{object}, which answered {error}"),
            _ => format!("{object}, which is there"),
        }
    }

    /// What it believed, what was true, and why they differ, in two sentences.
    pub(super) fn belief(&self) -> String {
        let looked = format!("At step {} it had looked for {}", self.step.number, self.told());
        match self.own {
            Some(own) if self.is_split() => format!(
                "{looked}, and took the lease for one of a session that is over. The session's own mutex is {}: each \
                 Terminal Services session of this Windows has object names of its own, and none that all share.",
                own.object.as_deref().unwrap_or_default()
            ),
            _ => format!("{looked}: it found no lease of the session."),
        }
    }

    fn is_split(&self) -> bool {
        self.own.is_some_and(|own| own.object != self.step.object)
    }

    /// Why what it looked at and what was true differ.
    pub(super) fn why(&self) -> Why {
        if self.is_split() { Why::SplitBySession } else { Why::NotCounted }
    }

    /// What it looked at.
    pub(super) fn looked_at(&self) -> Point {
        let by = process(self.run.whose(self.step));
        let text = format!("{by} looked for {}", self.told());
        Point { kind: PointKind::LookedAt, step: Some(self.step.number), text }
    }

    /// What was true elsewhere.
    pub(super) fn elsewhere(&self) -> Option<Point> {
        let own = self.own?;
        let by = process(self.run.whose(own));
        let text = format!("the session of {by} keeps {}", own.object.as_deref().unwrap_or_default());
        Some(Point { kind: PointKind::Elsewhere, step: Some(own.number), text })
    }
}
