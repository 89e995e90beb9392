//! Why a profile, or a mark, stays for ever: who marked it and where, and where everybody looks who could clean up.
//!
//! The fresh processes that come after the run are no steps of it; what they did is told without step numbers.

use super::signature::{self, Deed, Hit, Signature, Why};
use super::words::{directory, identity, leaf, list, machine_crash};
use super::{Finding, Point, PointKind, marks};
use crate::mapi::names;
use crate::mapi::rules::Algorithm;
use crate::os::syscall::{Syscall, Value};
use crate::property::Property;
use crate::property::no_orphan::Orphan;
use crate::property::shown::same_name;
use crate::trace::{Run, Step, Who};

/// What was left, and what each fresh process looked at.
pub(crate) struct Aftermath {
    /// The first orphan.
    pub(crate) orphan: Orphan,
    /// The fresh processes, in order.
    pub(crate) cleaners: Vec<Cleaner>,
}

/// A fresh process, and what it saw of an orphan.
pub(crate) struct Cleaner {
    /// Its account.
    pub(crate) account: String,
    /// Its version of MAPI.
    pub(crate) algorithm: Algorithm,
    /// What it looked at for marks, in words.
    pub(crate) looked: Vec<String>,
    /// Whether it looked at the key that the orphan's mark is under.
    pub(crate) found: bool,
    /// The sections that it read a count of the profile in, and the count.
    pub(crate) counts: Vec<(String, i64)>,
}

/// Explains what a run that ended with the step of that number leaves behind.
pub(super) fn explain(run: &Run, step: usize, aftermath: &Aftermath) -> Finding {
    let orphan = &aftermath.orphan;
    let profile = leaf(orphan.profile());
    let mark = orphan.mark_key().and_then(|key| marks::written(run, step, profile, Some(key)));
    let deleted = last_deletion(run, step, orphan.profile());
    let cause = match orphan {
        Orphan::Marked { .. } => mark.or(deleted),
        Orphan::Part { .. } => deleted,
        Orphan::Mark { .. } => deleted.max_by_number(mark),
    };
    let mut points: Vec<Point> = mark.map(|mark| marks::prompted(run, mark)).into_iter().collect();
    points.extend(aftermath.cleaners.iter().map(looked_at));
    points.push(Point { kind: PointKind::Elsewhere, step: None, text: there(orphan) });
    points.extend(because(run, step, aftermath, mark));
    let mut summary = vec![left(orphan)];
    summary.extend(mark.map(|mark| marked_by(run, mark)));
    summary.push(why_for_ever(aftermath));
    let signature = signature(run, step, aftermath, cause);
    let cause = cause.map_or(0, |cause| cause.number);
    Finding {
        property: Property::NoOrphan,
        cause,
        symptom: None,
        summary: summary.join(" "),
        points,
        signature,
    }
}

/// What makes this the same finding as another: what was left by whom, and why nobody removes it.
fn signature(run: &Run, step: usize, aftermath: &Aftermath, cause: Option<&Step>) -> Signature {
    let hit = match aftermath.orphan {
        Orphan::Marked { .. } => Hit::ProfileKey,
        Orphan::Part { .. } => Hit::ProfilePart,
        Orphan::Mark { .. } => Hit::Mark,
    };
    let deed = cause.map_or(Deed::Nothing, |cause| {
        match Hit::of_path(cause.object.as_deref().unwrap_or_default()) {
            Hit::Mark if matches!(cause.syscall, Some(Syscall::RegCreateKeyEx { .. })) => Deed::Mark,
            _ => Deed::of(cause),
        }
    });
    let sweeps = |cleaner: &&Cleaner| cleaner.found;
    let stale = |cleaner: &Cleaner| cleaner.counts.iter().find(|(_, count)| *count > 0).cloned();
    let left = aftermath.cleaners.iter().filter(sweeps).find_map(stale);
    let mut why = vec![match &left {
        _ if aftermath.orphan.mark_key().is_none() => Why::Unmarked,
        Some(_) => Why::CountLeft,
        None if aftermath.cleaners.iter().any(|cleaner| cleaner.found) => Why::Refused,
        None => Why::MarkKeyUnseen,
    }];
    let profile = leaf(aftermath.orphan.profile());
    let counted = left.and_then(|(section, _)| {
        run.steps[..step].iter().rev().find(|step| rise(run, step, &section, profile).is_some())
    });
    let killed = [cause, counted].into_iter().flatten().any(|step| signature::killed_since(run, step));
    why.extend(killed.then_some(Why::Crash));
    Signature::new(Property::NoOrphan, (deed, false), hit, why)
}

trait MaxByNumber<'a> {
    fn max_by_number(self, other: Option<&'a Step>) -> Option<&'a Step>;
}

impl<'a> MaxByNumber<'a> for Option<&'a Step> {
    fn max_by_number(self, other: Option<&'a Step>) -> Option<&'a Step> {
        [self, other].into_iter().flatten().max_by_key(|step| step.number)
    }
}

fn left(orphan: &Orphan) -> String {
    let profile = leaf(orphan.profile());
    match orphan {
        Orphan::Marked { mark_key, .. } => format!(
            "Once all is quiet and every account has initialised MAPI once more, profile \"{profile}\" is still there, \
             marked for deletion in {mark_key}, though no session uses it."
        ),
        Orphan::Part { .. } => format!(
            "Once all is quiet and every account has initialised MAPI once more, a part of profile \"{profile}\" is \
             still there, and no mark asks anybody to delete the rest."
        ),
        Orphan::Mark { mark_key, .. } => format!(
            "Once all is quiet and every account has initialised MAPI once more, \"{profile}\" is still marked for \
             deletion in {mark_key}, though no profile of that name is there."
        ),
    }
}

fn there(orphan: &Orphan) -> String {
    match orphan {
        Orphan::Marked { profile, mark_key } => format!("{profile} is there, marked under {mark_key}"),
        Orphan::Part { profile } => format!("{profile} is there in part, and not marked"),
        Orphan::Mark { profile, mark_key } => {
            format!("the mark of \"{}\" is there under {mark_key}, its profile is not", leaf(profile))
        }
    }
}

fn marked_by(run: &Run, mark: &Step) -> String {
    let Who::Thread(thread) = mark.who else { unreachable!("a mark is written by a thread") };
    format!(
        "{} marked it at step {}, running as {}.",
        run.actor_name(mark),
        mark.number,
        identity(run, thread, mark.number)
    )
}

fn looked_at(cleaner: &Cleaner) -> Point {
    let mut seen = cleaner.looked.clone();
    seen.extend(cleaner.counts.iter().map(|(section, count)| format!("{section}, which says {count}")));
    let text = format!(
        "a fresh process of {} ({}) in session 0 looks at {}",
        cleaner.account,
        cleaner.algorithm.id(),
        if seen.is_empty() { "nothing".to_owned() } else { list(&seen) }
    );
    Point { kind: PointKind::LookedAt, step: None, text }
}

/// Why nobody will ever remove it.
fn why_for_ever(aftermath: &Aftermath) -> String {
    if aftermath.orphan.mark_key().is_none() {
        return "A sweep deletes what is marked, so nobody will ever sweep it.".to_owned();
    }
    let sweepers: Vec<&Cleaner> = aftermath.cleaners.iter().filter(|cleaner| cleaner.found).collect();
    let counted = |cleaner: &&Cleaner| cleaner.counts.iter().find(|(_, count)| *count > 0).cloned();
    match sweepers.iter().find_map(counted) {
        None if sweepers.is_empty() => {
            "No fresh process looks for marks in that key, so nobody will ever sweep it.".to_owned()
        }
        None => "Those who look in that key may not remove it, so it stays.".to_owned(),
        Some((section, count)) => format!(
            "Whoever sweeps that key reads a count of {count} in {section}, which no living session will ever lower, and \
             takes it for in use."
        ),
    }
}

/// The steps that made it so: the count that nobody lowers, and who died with it; or the looks of those who swept.
fn because(run: &Run, step: usize, aftermath: &Aftermath, mark: Option<&Step>) -> Vec<Point> {
    let profile = leaf(aftermath.orphan.profile());
    let mut points = Vec::new();
    let stale = aftermath.cleaners.iter().flat_map(|cleaner| &cleaner.counts).find(|(_, count)| *count > 0);
    if let Some((section, _)) = stale {
        points.extend(run.steps[..step].iter().filter_map(|step| rise(run, step, section, profile)));
    }
    if aftermath.orphan.mark_key().is_none() {
        let deletions = run.steps[..step].iter().filter(|step| deletes(step, aftermath.orphan.profile()));
        points.extend(deletions.map(|step| {
            let text =
                format!("{} deleted {}", run.actor_name(step), step.object.as_deref().unwrap_or_default());
            Point { kind: PointKind::Because, step: Some(step.number), text }
        }));
    }
    let after = mark.map_or(step, |mark| mark.number);
    for later in &run.steps[..step] {
        match later.who {
            Who::Killed(process) => {
                let text = format!("{} was killed", run.processes[process].name);
                points.push(Point { kind: PointKind::Because, step: Some(later.number), text });
            }
            Who::Machine(kept) => {
                let text = machine_crash(&run.kept(kept));
                points.push(Point { kind: PointKind::Because, step: Some(later.number), text });
            }
            Who::Ended(_) => {
                let text = format!("{} died", run.actor_name(later));
                points.push(Point { kind: PointKind::Because, step: Some(later.number), text });
            }
            Who::Thread(thread) if later.number > after => points.extend(missed(run, later, thread, profile)),
            Who::Thread(_) => {}
        }
    }
    points.sort_by_key(|point| point.step);
    points
}

fn rise(run: &Run, step: &Step, section: &str, profile: &str) -> Option<Point> {
    let Some(Syscall::CellAdd { cell, delta, .. }) = &step.syscall else { return None };
    let Some(Ok(Value::Number(count))) = &step.answer else { return None };
    if *cell != names::count_cell(profile) || step.object.as_deref() != Some(section) {
        return None;
    }
    let text = format!(
        "{} {} the count of \"{profile}\" in {section} to {count}",
        run.actor_name(step),
        if *delta > 0 { "raised" } else { "lowered" }
    );
    Some(Point { kind: PointKind::Because, step: Some(step.number), text })
}

/// A look for marks, after the mark was written, that came to nothing.
fn missed(run: &Run, step: &Step, thread: usize, profile: &str) -> Option<Point> {
    let (syscall, answer, object) = (step.syscall.as_ref()?, step.answer.as_ref()?, step.object.as_deref()?);
    let looked = marks::look(syscall, answer, object)?;
    if answer.is_ok() {
        return None;
    }
    let call = step.call.as_ref().map_or("", |call| call.name.as_str());
    let text = format!(
        "{} (account {}) looked for a mark in its {call} at {looked}",
        run.actor_name(step),
        identity(run, thread, step.number)
    );
    let about = leaf(object);
    let concerns = same_name(about, profile) || crate::property::shown::is_mark_key(about);
    concerns.then_some(Point { kind: PointKind::Because, step: Some(step.number), text })
}

/// The last step that deleted the key of a profile, or one below it.
fn last_deletion<'a>(run: &'a Run, up_to: usize, profile: &str) -> Option<&'a Step> {
    run.steps[..up_to].iter().rev().find(|step| deletes(step, profile))
}

fn deletes(step: &Step, profile: &str) -> bool {
    let path = step.object.as_deref().unwrap_or_default();
    matches!(step.syscall, Some(Syscall::RegDeleteKey { .. }))
        && matches!(step.answer, Some(Ok(_)))
        && (same_name(path, profile) || same_name(directory(path), profile))
}
