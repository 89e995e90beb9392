//! Why a table lists what is deleted, and why a name is refused that nobody uses.

use super::signature::{Deed, Hit, Signature, Why};
use super::words::{directory, identity, leaf};
use super::{Finding, Point, PointKind, marks};
use crate::os::syscall::Syscall;
use crate::property::Property;
use crate::property::shown::{is_mark_key, same_name};
use crate::trace::{Run, Step, Who};

/// Explains a table that lists a marked profile, or a key that marks are under: `row`, as GetProfileTable returned at a
/// step.
pub(super) fn listed(run: &Run, number: usize, row: &str) -> Finding {
    let step = run.step(number);
    let (Who::Thread(thread), Some(call)) = (step.who, &step.call) else {
        unreachable!("a table is listed by a thread's call")
    };
    let mark = if is_mark_key(row) {
        let made = run.steps[..number].iter().filter_map(|step| step.object.as_deref());
        let key = made.map(directory).find(|path| is_mark_key(leaf(path)) && same_name(leaf(path), row));
        key.and_then(|key| marks::key_made(run, number, key))
    } else {
        marks::written(run, number, row, None)
    };
    let what = if is_mark_key(row) {
        format!("\"{row}\", which is no profile but a key that marks are under")
    } else {
        format!("\"{row}\", which is marked for deletion")
    };
    let mut summary = vec![format!(
        "At step {number} GetProfileTable of {} returned a table that lists {what}.",
        run.actor_name(step)
    )];
    let mut points = Vec::new();
    if let Some(mark) = mark {
        summary.push(format!(
            "{} wrote the mark {} at step {}.",
            run.actor_name(mark),
            mark.object.as_deref().unwrap_or_default(),
            mark.number
        ));
        points.push(marks::prompted(run, mark));
    }
    let looks = marks::looks_within(run, thread, call.index, row);
    summary.push(match looks.first() {
        Some(look) => format!("What it hides it had looked up elsewhere: {}.", look.text),
        None => "It had not looked for marks.".to_owned(),
    });
    let hit = if is_mark_key(row) { Hit::MarkKey } else { Hit::ProfileKey };
    let first = looks.first().and_then(|look| look.step);
    let why = match (first, mark) {
        (None, _) => Why::NotLooked,
        (Some(look), Some(mark)) if mark.number > look => Why::MarkedAfterTheLook,
        (Some(_), _) => Why::MarkKeysDiffer,
    };
    let signature =
        Signature::new(Property::HiddenWhenDeleted, (Deed::List, own(run, step, mark)), hit, [why]);
    points.extend(looks);
    finding(signature, number, mark, &summary, points)
}

/// Explains why CreateProfile was refused at a step though nobody uses the name.
pub(super) fn refused(run: &Run, number: usize, profile: &str) -> Finding {
    let step = run.step(number);
    let mark = marks::written(run, number, profile, None);
    let tried = last_try(run, number, profile);
    let mut summary = vec![format!(
        "At step {number} CreateProfile {profile} of {} was refused, since the profile is still there: it was to be \
         deleted, and no session uses it.",
        run.actor_name(step)
    )];
    let mut points: Vec<Point> = mark.map(|mark| marks::prompted(run, mark)).into_iter().collect();
    if let Some(mark) = mark {
        summary.push(format!(
            "{} had marked it at step {}, in {}.",
            run.actor_name(mark),
            mark.number,
            directory(mark.object.as_deref().unwrap_or_default())
        ));
    }
    let killed = run.steps[..number].iter().rev().find_map(|step| match step.who {
        Who::Killed(process) => Some((step, process)),
        Who::Thread(_) | Who::Ended(_) | Who::Machine(_) => None,
    });
    match (tried, killed) {
        (Some((step, thread, call)), _) => {
            let looks = marks::looks_within(run, thread, call, profile);
            let name = step.call.as_ref().map_or("", |call| call.name.as_str());
            summary.push(format!(
                "The last one who could have deleted it was {} in its {name} at step {}, running as {}: {}.",
                run.actor_name(step),
                step.number,
                identity(run, thread, step.number),
                looks.last().map_or("it did not look", |look| look.text.as_str())
            ));
            points.extend(looks);
        }
        (None, Some((step, process))) => {
            let text = format!("{} was killed before it released its session", run.processes[process].name);
            summary.push(format!("Nobody has looked for it since: {text} at step {}.", step.number));
            points.push(Point { kind: PointKind::Because, step: Some(step.number), text });
        }
        (None, None) => summary.push("Nobody has looked for its mark since.".to_owned()),
    }
    let cause = tried.map(|(step, ..)| step).or(killed.map(|(step, _)| step)).or(mark);
    let (deed, why) = match (tried, killed) {
        (Some((step, thread, call)), _) => (Deed::of(step), gave_up(run, step, thread, call, mark)),
        (None, Some(_)) => (Deed::End, Why::Crash),
        (None, None) => (mark.map_or(Deed::Nothing, |_| Deed::Mark), Why::NotLooked),
    };
    let own = cause.is_some() && own(run, step, cause);
    let signature = Signature::new(Property::NameReusable, (deed, own), Hit::ProfileKey, [why]);
    finding(signature, number, cause, &summary, points)
}

/// Whether two steps are of one process.
fn own(run: &Run, step: &Step, other: Option<&Step>) -> bool {
    other.is_some_and(|other| run.process_of(step) == run.process_of(other))
}

/// Why the one who looked for a mark last did not delete the profile: it looked in another key than where the mark is,
/// or before it was there; or it found it and took the profile for in use.
fn gave_up(run: &Run, look: &Step, thread: usize, call: usize, mark: Option<&Step>) -> Why {
    let Some(mark) = mark else { return Why::NotLooked };
    let at = |step: &Step| step.object.as_deref().map(directory).unwrap_or_default().to_owned();
    let own = run.steps.iter().filter(|step| step.who == Who::Thread(thread));
    let mut own = own.filter(|step| step.call.as_ref().is_some_and(|info| info.index == call));
    if !own.any(|step| same_name(&at(step), &at(mark))) {
        Why::MarkKeysDiffer
    } else if look.number < mark.number {
        Why::MarkedAfterTheLook
    } else {
        Why::TakenForUsed
    }
}

/// The last step before one at which somebody looked whether this profile is marked, outside of tables: the step, its
/// thread and the index of its call.
fn last_try<'a>(run: &'a Run, number: usize, profile: &str) -> Option<(&'a Step, usize, usize)> {
    run.steps[..number].iter().rev().find_map(|step| {
        let (Who::Thread(thread), Some(call), Some(object)) = (step.who, &step.call, step.object.as_deref())
        else {
            return None;
        };
        let looks = matches!(step.syscall, Some(Syscall::RegOpenKeyEx { .. }));
        let about = is_mark_key(leaf(directory(object))) && same_name(leaf(object), profile);
        (looks && about).then_some((step, thread, call.index))
    })
}

fn finding(
    signature: Signature,
    broken: usize,
    cause: Option<&Step>,
    summary: &[String],
    points: Vec<Point>,
) -> Finding {
    let (property, summary) = (signature.property, summary.join(" "));
    let (cause, symptom) = cause.map_or((broken, None), |cause| (cause.number, Some(broken)));
    Finding { property, cause, symptom, summary, points, signature }
}
