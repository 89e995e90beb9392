//! What a step changed that others can see: the machine before it compared with the machine after it.
//!
//! Comparing states rather than reading calls means that what a process's death takes with it is told as well.
//!
//! Not told: handles, views and words of a process's own memory, which nobody else can see.

use std::collections::{BTreeMap, BTreeSet};

use mapisim_model::os::view::{CurrentUserView, KeyTree};
use mapisim_model::os::{Os, ProcessId, ThreadId};
use mapisim_model::trace::{LiveSession, Run, Step, Who};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A hive is loaded: the path of its root.
    HiveLoaded(String),
    /// A hive is not loaded any more.
    HiveUnloaded(String),
    /// A key was made.
    KeyMade(String),
    /// A key was deleted.
    KeyDeleted(String),
    /// A value was written, or deleted where `deleted`.
    Value {
        /// The key.
        key: String,
        /// The value's name.
        name: String,
        /// It is gone.
        deleted: bool,
    },
    /// A section was made.
    SectionMade(String),
    /// A section is gone.
    SectionGone(String),
    /// A count in a section.
    Count {
        /// The section.
        section: String,
        /// The cell: a profile's name in lower case.
        cell: String,
        /// Before.
        from: i64,
        /// After.
        to: i64,
    },
    /// A mutex was made.
    MutexMade(String),
    /// A mutex is gone.
    MutexGone(String),
    /// A mutex has another owner, a thread by index; `None`: nobody.
    Owner {
        /// The mutex.
        mutex: String,
        /// Before.
        from: Option<usize>,
        /// After.
        to: Option<usize>,
    },
    /// A thread acts as another account from here on; `None`: as its process's.
    Acts {
        /// The thread, by index.
        thread: usize,
        /// The account.
        account: Option<String>,
    },
    /// HKEY_CURRENT_USER of a process is this hive from here on; `None`: whoever uses it decides.
    CurrentUser {
        /// The process, by index.
        process: usize,
        /// The path of the hive's root.
        hive: Option<String>,
    },
    /// A process ended.
    Ended(usize),
    /// A session is live from here on.
    SessionBegan(LiveSession),
    /// A session is not live any more.
    SessionEnded(LiveSession),
    /// A live session lost keys that it has open: how many it has lost by now.
    SessionLost(LiveSession),
}

impl Change {
    /// Only a lock changed hands, or came and went: nothing that a reader looks for where nobody is stuck.
    pub fn is_lock(&self) -> bool {
        matches!(self, Change::Owner { .. } | Change::MutexMade(_) | Change::MutexGone(_))
    }
}

/// What a step changed.
pub fn changes(run: &Run, step: &Step) -> Vec<Change> {
    let before = run.before(step.number);
    let after = &step.after;
    let mut changes = Vec::new();
    if before != after {
        if matches!(step.who, Who::Machine(_)) {
            // Nobody has logged on yet; what the files hold is what counts.
            registry(&with_all_hives(before), &with_all_hives(after), &mut changes);
        } else if !before.shares_registry(after) {
            registry(before, after, &mut changes);
        }
        if !before.shares_objects(after) {
            objects(before, after, &mut changes);
        }
        threads(run, before, after, &mut changes);
    }
    let earlier = if step.number == 1 { &[][..] } else { &run.step(step.number - 1).sessions };
    sessions(earlier, &step.sessions, &mut changes);
    changes
}

/// A machine on which everybody has logged on.
fn with_all_hives(os: &Os) -> Os {
    let mut os = os.clone();
    for owner in os.hive_owners() {
        os.load_hive(&owner);
    }
    os
}

fn registry(before: &Os, after: &Os, changes: &mut Vec<Change>) {
    let (old, new) = (before.hives_loaded(), after.hives_loaded());
    for hive in &old {
        let path = format!(r"HKU\{hive}");
        if new.contains(hive) {
            if let Some((before, after)) = before.key_tree(&path).zip(after.key_tree(&path)) {
                keys(before, after, &path, changes);
            }
        } else {
            changes.push(Change::HiveUnloaded(path));
        }
    }
    let loaded = new.iter().filter(|hive| !old.contains(hive));
    changes.extend(loaded.map(|hive| Change::HiveLoaded(format!(r"HKU\{hive}"))));
}

/// Compares a key that both states have, and what is below it. What they share is not walked through.
fn keys(before: KeyTree<'_>, after: KeyTree<'_>, path: &str, changes: &mut Vec<Change>) {
    if before.is_shared(after) {
        return;
    }
    values(before, after, path, changes);
    for old in before.subkeys() {
        let key = || format!(r"{path}\{}", old.name());
        match after.subkeys().find(|new| new.name() == old.name()) {
            Some(new) if old.is_shared(new) => {}
            Some(new) => keys(old, new, &key(), changes),
            None => changes.push(Change::KeyDeleted(key())),
        }
    }
    for new in after.subkeys().filter(|new| !before.subkeys().any(|old| old.name() == new.name())) {
        made(new, &format!(r"{path}\{}", new.name()), changes);
    }
}

/// A key that was made, and what was made below it in the same step.
fn made(new: KeyTree<'_>, path: &str, changes: &mut Vec<Change>) {
    changes.push(Change::KeyMade(path.to_owned()));
    for below in new.subkeys() {
        made(below, &format!(r"{path}\{}", below.name()), changes);
    }
}

fn values(before: KeyTree<'_>, after: KeyTree<'_>, path: &str, changes: &mut Vec<Change>) {
    let old: BTreeMap<&str, _> = before.values().collect();
    let new: BTreeMap<&str, _> = after.values().collect();
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    for name in names {
        if old.get(name) != new.get(name) {
            let deleted = !new.contains_key(name);
            changes.push(Change::Value { key: path.to_owned(), name: name.to_owned(), deleted });
        }
    }
}

fn objects(before: &Os, after: &Os, changes: &mut Vec<Change>) {
    let (old, new) = (sections(before), sections(after));
    let gone = old.keys().filter(|path| !new.contains_key(*path));
    changes.extend(gone.map(|path| Change::SectionGone(path.clone())));
    for (path, cells) in &new {
        let earlier = old.get(path);
        if earlier.is_none() {
            changes.push(Change::SectionMade(path.clone()));
        }
        let names: BTreeSet<&String> =
            cells.keys().chain(earlier.iter().flat_map(|cells| cells.keys())).collect();
        for cell in names {
            let from = earlier.and_then(|cells| cells.get(cell)).copied().unwrap_or(0);
            let to = cells.get(cell).copied().unwrap_or(0);
            if from != to {
                changes.push(Change::Count { section: path.clone(), cell: cell.clone(), from, to });
            }
        }
    }
    let (old, new) = (owners(before), owners(after));
    let gone = old.keys().filter(|path| !new.contains_key(*path));
    changes.extend(gone.map(|path| Change::MutexGone(path.clone())));
    for (path, owner) in &new {
        match old.get(path) {
            None => changes.push(Change::MutexMade(path.clone())),
            Some(from) if from != owner => {
                changes.push(Change::Owner { mutex: path.clone(), from: *from, to: *owner });
            }
            Some(_) => {}
        }
    }
}

/// The cells of every section that has a name.
fn sections(os: &Os) -> BTreeMap<String, BTreeMap<String, i64>> {
    let sections = os.sections().filter_map(|section| {
        let path = section.path.as_ref()?.to_string();
        Some((path, section.cells().cloned().unwrap_or_default()))
    });
    sections.collect()
}

/// The owner of every mutex that has a name.
fn owners(os: &Os) -> BTreeMap<String, Option<usize>> {
    let mutexes = os.mutexes().filter_map(|object| {
        let path = object.path.as_ref()?.to_string();
        Some((path, object.mutex()?.owner().map(|thread| thread.0 as usize)))
    });
    mutexes.collect()
}

fn threads(run: &Run, before: &Os, after: &Os, changes: &mut Vec<Change>) {
    for index in 0..run.processes.len() {
        let process = ProcessId(index as u32);
        if before.process(process).is_alive() && !after.process(process).is_alive() {
            changes.push(Change::Ended(index));
            continue;
        }
        let (old, new) = (before.current_user_of(process), after.current_user_of(process));
        if old != new {
            match new {
                Some(CurrentUserView::Mapped(root)) => {
                    changes.push(Change::CurrentUser { process: index, hive: Some(root.path) });
                }
                Some(CurrentUserView::Uncached) => {
                    changes.push(Change::CurrentUser { process: index, hive: None });
                }
                Some(CurrentUserView::Unmapped) | None => {}
            }
        }
    }
    for index in 0..run.threads.len() {
        let thread = ThreadId(index as u32);
        if !after.is_thread_alive(thread) {
            continue;
        }
        let user = |os: &Os| os.impersonation(thread).map(|token| token.user().clone());
        let (old, new) = (user(before), user(after));
        if old != new {
            let account =
                new.map(|sid| after.account_name(&sid).map_or_else(|| sid.to_string(), str::to_owned));
            changes.push(Change::Acts { thread: index, account });
        }
    }
}

fn sessions(before: &[LiveSession], after: &[LiveSession], changes: &mut Vec<Change>) {
    let find = |sessions: &[LiveSession], one: &LiveSession| {
        sessions.iter().find(|other| (other.thread, &other.name) == (one.thread, &one.name)).cloned()
    };
    for session in before.iter().filter(|session| find(after, session).is_none()) {
        changes.push(Change::SessionEnded(session.clone()));
    }
    for session in after {
        match find(before, session) {
            None => changes.push(Change::SessionBegan(session.clone())),
            Some(earlier) if earlier.lost.len() < session.lost.len() => {
                changes.push(Change::SessionLost(session.clone()));
            }
            Some(_) => {}
        }
    }
}
