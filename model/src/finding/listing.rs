//! Why a table lists what is deleted, and why a name is refused that nobody uses.

use super::words::{identity, leaf};
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
        let key = made
            .map(super::words::directory)
            .find(|path| is_mark_key(leaf(path)) && same_name(leaf(path), row));
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
    points.extend(looks);
    finding(Property::HiddenWhenDeleted, number, mark, &summary, points)
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
            super::words::directory(mark.object.as_deref().unwrap_or_default())
        ));
    }
    let killed = run.steps[..number].iter().rev().find_map(|step| match step.who {
        Who::Killed(process) => Some((step, process)),
        Who::Thread(_) => None,
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
    finding(Property::NameReusable, number, cause, &summary, points)
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
        let about = is_mark_key(leaf(super::words::directory(object))) && same_name(leaf(object), profile);
        (looks && about).then_some((step, thread, call.index))
    })
}

fn finding(
    property: Property,
    broken: usize,
    cause: Option<&Step>,
    summary: &[String],
    points: Vec<Point>,
) -> Finding {
    let summary = summary.join(" ");
    match cause {
        Some(cause) => Finding { property, cause: cause.number, symptom: Some(broken), summary, points },
        None => Finding { property, cause: broken, symptom: None, summary, points },
    }
}
