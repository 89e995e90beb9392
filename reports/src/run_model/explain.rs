//! From a finding to an explanation: its points, the two counts as data, and where an algorithm that holds goes another way.

use mapisim_model::finding::{self, Finding};
use mapisim_model::os::ThreadId;
use mapisim_model::os::syscall::{Syscall, Value};
use mapisim_model::trace::{Run, Step, Who};

use super::{Contrast, Explanation, Point, PointKind, View, Views};
use crate::names::Names;
use crate::narrate::line;
use crate::show::why::meaning;

/// Explains a finding.
pub fn explanation(run: &Run, finding: &Finding) -> Explanation {
    let points = finding.points.iter().map(|point| Point {
        kind: kind(point.kind),
        step: point.step,
        text: point.text.clone(),
    });
    let view_of = |kind: finding::PointKind| {
        let step = finding.points.iter().find(|point| point.kind == kind)?.step?;
        view(run, run.step(step))
    };
    let views = view_of(finding::PointKind::LookedAt).zip(view_of(finding::PointKind::Elsewhere));
    Explanation {
        summary: finding.summary.clone(),
        meaning: meaning(finding.property).to_owned(),
        cause: finding.cause,
        symptom: finding.symptom,
        points: points.collect(),
        views: views.map(|(looked, counted)| Views { looked, counted }),
        contrast: None,
    }
}

const fn kind(kind: finding::PointKind) -> PointKind {
    match kind {
        finding::PointKind::LookedAt => PointKind::LookedAt,
        finding::PointKind::Elsewhere => PointKind::Elsewhere,
        finding::PointKind::Because => PointKind::Because,
        finding::PointKind::Prompted => PointKind::Prompted,
    }
}

/// A count that a step read or made.
fn view(run: &Run, step: &Step) -> Option<View> {
    let Who::Thread(thread) = step.who else { return None };
    let (Syscall::CellLoad { cell, .. } | Syscall::CellAdd { cell, .. }) = step.syscall.as_ref()? else {
        return None;
    };
    let Some(Ok(Value::Number(count))) = &step.answer else { return None };
    let before = run.before(step.number);
    let user = before.effective_user(ThreadId(thread as u32));
    let section = step.object.clone()?;
    Some(View {
        step: step.number,
        who: run.threads[thread].name.clone(),
        short: Names::short(run).table(&section),
        section,
        session: run.processes[run.threads[thread].process].session,
        account: before.account_name(user).map_or_else(|| user.to_string(), str::to_owned),
        sid: user.to_string(),
        cell: cell.clone(),
        count: *count,
    })
}

/// A run of the same scenario with an algorithm that holds.
pub struct Held<'a> {
    /// The algorithm.
    pub algorithm: &'a str,
    /// Its cell.
    pub cell: &'a str,
    /// Its run.
    pub run: &'a Run,
}

/// Of the algorithms that hold, the one that goes the same way as a broken run longest, and where it turns off.
pub fn contrast(broken: &Run, cause: usize, held: &[Held<'_>]) -> Option<Contrast> {
    let mut best: Option<Contrast> = None;
    for other in held {
        let Some(step) = first_difference(broken, other.run).filter(|step| *step <= cause) else { continue };
        if best.as_ref().is_some_and(|best| best.step >= step) {
            continue;
        }
        let (here, there) = (broken.step(step), other.run.step(step));
        best = Some(Contrast {
            algorithm: other.algorithm.to_owned(),
            cell: other.cell.to_owned(),
            step,
            who: broken.actor_name(here).to_owned(),
            here: told(broken, here),
            there: told(other.run, there),
        });
    }
    best
}

/// The first step that both runs have and that is not the same in both.
fn first_difference(one: &Run, other: &Run) -> Option<usize> {
    let pairs = one.steps.iter().zip(&other.steps);
    let mut pairs = pairs.filter(|(a, b)| (a.who, told(one, a)) != (b.who, told(other, b)));
    pairs.next().map(|(step, _)| step.number)
}

fn told(run: &Run, step: &Step) -> String {
    line(run, step, &Names::full())
}
