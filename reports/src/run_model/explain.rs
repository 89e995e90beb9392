//! From a finding to an explanation: its points, the two counts as data, and where an algorithm that holds goes another way.

use mapisim_model::carry::Carried;
use mapisim_model::finding::{self, Finding};
use mapisim_model::os::ThreadId;
use mapisim_model::os::syscall::{Syscall, Value};
use mapisim_model::outcome::Outcome;
use mapisim_model::trace::{Run, Step, Who};

use super::{Contrast, Explanation, Point, PointKind, View, Views};
use crate::digest::canonical;
use crate::names::Names;
use crate::narrate::line;
use crate::show::against::Beside;
use crate::show::against::words::came_of_it;
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
        mattered: None,
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

/// The same order with an algorithm that holds in it.
pub struct Held<'a> {
    /// The algorithm.
    pub algorithm: &'a str,
    /// Its cell.
    pub cell: &'a str,
    /// The broken run, carried over to it.
    pub carried: &'a Carried,
}

impl Held<'_> {
    fn run(&self) -> &Run {
        self.carried.outcome.run.as_ref().expect("what is carried over has a run")
    }
}

/// Of what comes of the same order so much is told.
const CAME_MAX: usize = 2;

/// Of the algorithms that hold, the one that goes the same way as a broken run longest, and the step that makes the
/// difference: the first that differs among those that the explanation rests on, else the first that differs at all. Where
/// none goes the same way at all, the first that looks at something else before it deletes.
pub fn contrast(outcome: &Outcome, finding: &Explanation, held: &[Held<'_>]) -> Option<Contrast> {
    let broken = outcome.run.as_ref()?;
    let mut best: Option<(usize, &Held<'_>, Differences)> = None;
    for other in held {
        let different = differences(broken, other.run());
        let Some((first, _)) = different.first().copied().filter(|(step, _)| *step <= finding.cause) else {
            continue;
        };
        if best.as_ref().is_none_or(|(longest, ..)| *longest < first) {
            best = Some((first, other, different));
        }
    }
    let rests_on = |step: usize| finding.points.iter().any(|point| point.step == Some(step));
    if let Some((_, other, different)) = best {
        let telling = different.iter().find(|(step, _)| rests_on(*step)).or(different.first())?;
        return beside(outcome, other, |_| Some(*telling));
    }
    // Where an algorithm takes other steps from the beginning, what it looks at instead.
    let looks = |beside: &Beside<'_>| {
        let [here, there] = beside.decisive()?.steps;
        here.zip(there)
    };
    held.iter().find_map(|other| beside(outcome, other, looks))
}

/// A broken run beside the same order with an algorithm that holds in it; the step that makes the difference is chosen.
fn beside(
    outcome: &Outcome,
    other: &Held<'_>,
    telling: impl Fn(&Beside<'_>) -> Option<(usize, usize)>,
) -> Option<Contrast> {
    let beside = Beside::new(outcome, other.carried)?;
    let (here, there) = telling(&beside)?;
    let [broken, holding] = [0, 1].map(|side| beside.sides[side].run);
    let (here, there) = (broken.step(here), holding.step(there));
    Some(Contrast {
        algorithm: other.algorithm.to_owned(),
        cell: other.cell.to_owned(),
        step: here.number,
        who: broken.actor_name(here).to_owned(),
        here: told(broken, here),
        there: told(holding, there),
        came: came_of_it(&beside, &Names::short(broken), CAME_MAX),
    })
}

/// Pairs of steps, one of each run.
type Differences = Vec<(usize, usize)>;

/// The steps of both runs that do the same to something shared and differ in what that is, or in what is answered: for
/// each thread as far as it does the same things in the same order. Sorted by the first run's steps.
fn differences(one: &Run, other: &Run) -> Differences {
    let mut different = Vec::new();
    for thread in 0..one.threads.len() {
        let own = |run: &'_ Run| -> Vec<usize> {
            let steps =
                run.steps.iter().filter(|step| step.who == Who::Thread(thread) && step.object.is_some());
            steps.map(|step| step.number).collect()
        };
        for (here, there) in own(one).into_iter().zip(own(other)) {
            let (a, b) = (one.step(here), other.step(there));
            if deed(a) != deed(b) {
                break;
            }
            if told(one, a) != told(other, b) {
                different.push((here, there));
            }
        }
    }
    different.sort_unstable();
    different
}

/// What a step does, apart from what it does it to.
fn deed(step: &Step) -> (Option<usize>, &[&'static str], Option<&'static str>) {
    let call = step.call.as_ref().map(|call| call.index);
    (call, &step.inside, step.syscall.as_ref().map(canonical::name))
}

fn told(run: &Run, step: &Step) -> String {
    line(run, step, &Names::full())
}
