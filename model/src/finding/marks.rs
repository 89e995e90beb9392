//! Marks in a run: who wrote one, who looked for it, where, and what they were told.

use super::words::{directory, identity, leaf};
use super::{Point, PointKind};
use crate::mapi::names;
use crate::os::error::Win32Error;
use crate::os::syscall::{Answer, Syscall, Value};
use crate::property::shown::{is_mark_key, same_name};
use crate::trace::{Run, Step, Who};

/// The last step, up to one, that wrote a mark for a profile (under a key of that full path, where one is given).
pub(super) fn written<'a>(run: &'a Run, up_to: usize, profile: &str, key: Option<&str>) -> Option<&'a Step> {
    run.steps[..up_to].iter().rev().find(|step| {
        let path = step.object.as_deref().unwrap_or_default();
        let made = matches!(step.answer, Some(Ok(Value::Opened { existed: false, .. })));
        let under = key.is_none_or(|key| same_name(key, directory(path)));
        matches!(step.syscall, Some(Syscall::RegCreateKeyEx { .. }))
            && made
            && under
            && is_mark(path)
            && same_name(leaf(path), profile)
    })
}

/// The first step that made a key that marks are under, by its full path.
pub(super) fn key_made<'a>(run: &'a Run, up_to: usize, key: &str) -> Option<&'a Step> {
    run.steps[..up_to].iter().find(|step| {
        let path = step.object.as_deref().unwrap_or_default();
        matches!(step.syscall, Some(Syscall::RegCreateKeyEx { .. })) && same_name(directory(path), key)
    })
}

/// Whether a full path is that of a mark.
fn is_mark(path: &str) -> bool {
    is_mark_key(leaf(directory(path)))
}

/// A point that tells who marked a profile.
pub(super) fn prompted(run: &Run, mark: &Step) -> Point {
    let Who::Thread(thread) = mark.who else { unreachable!("a mark is written by a thread") };
    let text = format!(
        "{}, running as {}, wrote the mark {}",
        run.actor_name(mark),
        identity(run, thread, mark.number),
        mark.object.as_deref().unwrap_or_default()
    );
    Point { kind: PointKind::Prompted, step: Some(mark.number), text }
}

/// A look for marks: at a key of marks as a whole, or at one mark.
pub(crate) fn look(syscall: &Syscall, answer: &Answer, object: &str) -> Option<String> {
    if !matches!(syscall, Syscall::RegOpenKeyEx { .. }) {
        return None;
    }
    let told = match answer {
        Ok(_) => "which is there".to_owned(),
        Err(Win32Error::FILE_NOT_FOUND) => "which is not there".to_owned(),
        Err(error) => format!("which answered {error}"),
    };
    (is_mark_key(leaf(object)) || is_mark(object)).then(|| format!("{object}, {told}"))
}

/// A look at a profile's count: the section's full name and what it says.
pub(crate) fn count(
    syscall: &Syscall,
    answer: &Answer,
    object: &str,
    profile: &str,
) -> Option<(String, i64)> {
    match (syscall, answer) {
        (Syscall::CellLoad { cell, .. }, Ok(Value::Number(count))) if *cell == names::count_cell(profile) => {
            Some((object.to_owned(), *count))
        }
        _ => None,
    }
}

/// Every look for marks, and every count read of a profile, by a thread within one call: points in the order of steps.
pub(super) fn looks_within(run: &Run, thread: usize, call: usize, profile: &str) -> Vec<Point> {
    let mut points = Vec::new();
    for step in run.steps.iter().filter(|step| step.who == Who::Thread(thread)) {
        if step.call.as_ref().is_none_or(|info| info.index != call) {
            continue;
        }
        if let Some(seen) = seen(step, profile) {
            let text = format!(
                "{} (account {}) looked at {seen}",
                run.actor_name(step),
                identity(run, thread, step.number)
            );
            points.push(Point { kind: PointKind::LookedAt, step: Some(step.number), text });
        }
    }
    points
}

fn seen(step: &Step, profile: &str) -> Option<String> {
    let (syscall, answer, object) = (step.syscall.as_ref()?, step.answer.as_ref()?, step.object.as_deref()?);
    look(syscall, answer, object).or_else(|| {
        count(syscall, answer, object, profile)
            .map(|(section, count)| format!("the count of \"{profile}\" in {section}: {count}"))
    })
}
