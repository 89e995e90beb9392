//! What a reader should notice about a step: what it changed for others, what it found out, how it failed.
//!
//! A step without a remark is uneventful: reports fold it.

use mapisim_model::finding::machine_crash;
use mapisim_model::os::error::Win32Error;
use mapisim_model::os::syscall::{Answer, Syscall, Value};
use mapisim_model::trace::{Run, Step, Who};

use super::change::{Change, changes};
use crate::names::Names;
use crate::place::{Place, value_word};

/// One remark, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What kind of thing.
    pub kind: Kind,
    /// It, in words.
    pub text: String,
}

/// What kind of thing a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something that others can see changed.
    Change,
    /// A lock changed hands, and nothing else.
    Lock,
    /// Something was found out.
    Finding,
    /// Something failed.
    Failure,
    /// A live session was harmed.
    Harm,
}

/// The remarks on a step, in the order in which a reader wants them.
pub fn remarks(run: &Run, step: &Step, names: &Names) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if let Who::Machine(written) = step.who {
        let crashed = machine_crash(&run.kept(written));
        let text = crashed.strip_prefix("the machine crashed: ").unwrap_or(&crashed).to_owned();
        remarks.push(Remark { kind: Kind::Change, text });
    }
    remarks.extend(found_out(step, names));
    remarks.extend(failed(step));
    let all = changes(run, step);
    let above = all.iter().filter(|change| is_above(change, &all)).count();
    for change in all.iter().filter(|change| !is_above(change, &all)) {
        let kind = match change {
            Change::SessionLost(_) => Kind::Harm,
            change if change.is_lock() => Kind::Lock,
            _ => Kind::Change,
        };
        let mut text = words(run, step, change, names);
        if above > 0 && matches!(change, Change::KeyMade(_)) {
            text += &format!(" (and {} above it)", crate::text::count(above, "key"));
        }
        remarks.push(Remark { kind, text });
    }
    remarks
}

/// Whether a change made a key only to make another below it, which says it all.
fn is_above(change: &Change, all: &[Change]) -> bool {
    let Change::KeyMade(path) = change else { return false };
    let below = format!(r"{path}\");
    all.iter().any(|other| matches!(other, Change::KeyMade(lower) if lower.starts_with(&below)))
}

/// What a step found out, where others' fate hangs on it.
fn found_out(step: &Step, names: &Names) -> Option<Remark> {
    let text = match (step.syscall.as_ref()?, step.answer.as_ref()?) {
        (Syscall::CellLoad { cell, .. }, Ok(Value::Number(count))) => {
            let section = step.object.as_deref()?;
            let verdict = if *count > 0 { "in use" } else { "nobody uses it" };
            format!(
                "{} says {count} for {cell}: {verdict}{}",
                names.table(section),
                others(step, section, cell, *count, names)
            )
        }
        (Syscall::RegEnumKeyEx { .. }, Ok(Value::Text(name))) if step.inside.contains(&"list marks") => {
            format!("finds the mark \"{name}\"")
        }
        (Syscall::RegOpenKeyEx { .. }, Ok(_)) if step.inside.contains(&"marked?") => {
            "it is marked".to_owned()
        }
        (Syscall::CreateFileMapping { .. }, Ok(Value::Opened { existed: true, .. })) => {
            format!("opens table {}, which exists", names.table(step.object.as_deref()?))
        }
        (Syscall::WaitForSingleObject { .. }, Ok(Value::Acquired { abandoned: true })) => {
            format!("{} was abandoned by whoever had it", names.object(step.object.as_deref()?))
        }
        (asked, answer) if step.inside.contains(&"in use?") => lease(asked, answer)?.to_owned(),
        _ => return None,
    };
    Some(Remark { kind: Kind::Finding, text })
}

/// What the repair's look at a profile's leases found out (the lease algorithm).
const fn lease(asked: &Syscall, answer: &Answer) -> Option<&'static str> {
    match (asked, answer) {
        (Syscall::OpenMutex { .. }, Err(Win32Error::FILE_NOT_FOUND)) => Some("that lease is dead"),
        (Syscall::OpenMutex { .. }, _) => Some("that lease is alive: in use"),
        (Syscall::RegOpenKeyEx { .. }, Err(Win32Error::FILE_NOT_FOUND)) => {
            Some("it never had a lease: nobody uses it")
        }
        (Syscall::RegEnumKeyEx { .. }, Err(Win32Error::NO_MORE_ITEMS)) => {
            Some("no living lease: nobody uses it")
        }
        _ => None,
    }
}

/// What other sections say at that moment, where it differs: the reader sees what the thread does not.
fn others(step: &Step, section: &str, cell: &str, count: i64, names: &Names) -> String {
    let mut others = Vec::new();
    for path in names.tables().filter(|path| *path != section) {
        let other = step
            .after
            .sections()
            .find(|other| other.path.as_ref().is_some_and(|known| known.to_string() == path));
        let Some(cells) = other.and_then(|other| other.cells()) else { continue };
        let there = cells.get(cell).copied().unwrap_or(0);
        if there != count {
            others.push(format!("{} says {there}", names.table(path)));
        }
    }
    if others.is_empty() { String::new() } else { format!(" (but {})", others.join(", ")) }
}

/// How a step failed, unless that is how it finds out that something is not there.
fn failed(step: &Step) -> Option<Remark> {
    let Some(Err(error)) = step.answer else { return None };
    let asks = ["list marks", "marked?", "unmark", "delete profile", "in use?"];
    let creates = step.call.as_ref().is_some_and(|call| call.name == "CreateProfile");
    let expected = match error {
        Win32Error::NO_MORE_ITEMS => true,
        Win32Error::FILE_NOT_FOUND => creates || step.inside.iter().any(|frame| asks.contains(frame)),
        _ => false,
    };
    let text = match error {
        Win32Error::KEY_DELETED => format!("{error}: the key that it has open was deleted"),
        _ => error.to_string(),
    };
    (!expected).then_some(Remark { kind: Kind::Failure, text })
}

fn words(run: &Run, step: &Step, change: &Change, names: &Names) -> String {
    let crashed = matches!(step.who, Who::Machine(_));
    match change {
        Change::HiveLoaded(path) => format!("+ hive {}", names.key(path)),
        Change::HiveUnloaded(path) => format!("- hive {}", names.key(path)),
        Change::KeyMade(path) if crashed => format!("+ {} is back: its deletion is lost", key(path, names)),
        Change::KeyMade(path) => format!("+ {}", key(path, names)),
        Change::KeyDeleted(path) if crashed => format!("- {} is lost", key(path, names)),
        Change::KeyDeleted(path) => format!("- {}", key(path, names)),
        Change::Value { name, deleted, .. } => {
            let sign = if *deleted { "-" } else { "+" };
            let word = value_word(name).map_or_else(String::new, |word| format!(" ({word})"));
            format!("{sign} value {name}{word}")
        }
        Change::SectionMade(path) => format!("+ table {}, nothing counted in it", names.table(path)),
        Change::SectionGone(path) => format!("- table {}", names.table(path)),
        Change::Count { section, cell, from, to } => {
            format!("{}[{cell}]  {from} → {to}", names.table(section))
        }
        Change::MutexMade(path) => format!("+ {}", names.object(path)),
        Change::MutexGone(path) => format!("- {}", names.object(path)),
        Change::Owner { mutex, from, to } => match (from, to) {
            (_, Some(thread)) => format!("{} is {}'s", names.object(mutex), run.threads[*thread].name),
            (_, None) => format!("{} is free", names.object(mutex)),
        },
        Change::Acts { thread, account } => {
            let thread = &run.threads[*thread];
            let again = || format!("{} again", run.processes[thread.process].account);
            format!("{} acts as {}", thread.name, account.clone().unwrap_or_else(again))
        }
        Change::CurrentUser { process, hive } => match hive {
            Some(path) => {
                format!("HKEY_CURRENT_USER of {} is {}", run.processes[*process].name, names.key(path))
            }
            None => format!("HKEY_CURRENT_USER of {} follows who acts", run.processes[*process].name),
        },
        Change::Ended(process) => match step.who {
            Who::Killed(_) | Who::Machine(_) => format!("{} is gone", run.processes[*process].name),
            Who::Thread(_) | Who::Ended(_) => format!("{} ends", run.processes[*process].name),
        },
        Change::SessionBegan(session) => format!("session {} on {} is live", session.name, session.profile),
        Change::SessionEnded(session) => format!("session {} is over", session.name),
        Change::SessionLost(session) => format!(
            "session {} of {} has lost {} of the keys it has open",
            session.name,
            run.threads[session.thread].name,
            session.lost.len()
        ),
    }
}

/// A key, by what it is and where.
fn key(path: &str, names: &Names) -> String {
    let word = match Place::of(path) {
        Place::Mark(_) => "mark",
        Place::Profile(_) => "profile",
        Place::Profiles | Place::Marks | Place::Section(_) | Place::Elsewhere => "key",
    };
    format!("{word} {}", names.key(path))
}
