//! The machine as a list of things, and what a step changed of it.
//!
//! What is in it: every key of the loaded hives, deleted keys that are still open, sections and mutexes with names,
//! processes, threads, live sessions. What is not: unnamed objects, events, handles to tokens, words of memory.

use std::collections::BTreeMap;

use mapisim_model::os::view::{CurrentUserView, Holder, KeyTree};
use mapisim_model::os::{Os, ProcessId, ThreadId};
use mapisim_model::trace::{LiveSession, Run, Step};

use super::trace::{Delta, Thing, ThingId};
use crate::narrate::value_text;
use crate::place::value_word;

/// Full names, each with its number.
#[derive(Clone, Debug, Default)]
pub struct NameTable {
    known: BTreeMap<String, usize>,
    names: Vec<String>,
}

impl NameTable {
    /// The number of a name.
    pub fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.known.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.known.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// The names by number.
    pub fn into_names(self) -> Vec<String> {
        self.names
    }
}

/// Things by what they are.
pub type Things = BTreeMap<ThingId, Thing>;

/// The machine with its live sessions as things, part by part, in the order of their kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    keys: Things,
    objects: Things,
    rest: Things,
}

impl State {
    /// Everything there is, in order.
    pub fn things(&self) -> impl Iterator<Item = &Thing> {
        [&self.keys, &self.objects, &self.rest].into_iter().flat_map(BTreeMap::values)
    }

    /// What is there at the beginning.
    pub fn initial(run: &Run, names: &mut NameTable) -> Self {
        let os = &run.initial;
        let keys = all(|add| keys(os, names, add));
        let objects = all(|add| objects(os, names, add));
        State { keys, objects, rest: all(|add| rest(run, os, &[], names, add)) }
    }

    /// Goes from before a step to after it, and tells what that changes. Parts that both states share are not looked at.
    pub fn go_on(&mut self, run: &Run, step: &Step, names: &mut NameTable) -> Delta {
        let (before, after) = (run.before(step.number), &step.after);
        let mut delta = Delta::default();
        if !before.shares_registry(after) || open_keys(before) != open_keys(after) {
            replace(&mut self.keys, all(|add| keys(after, names, add)), &mut delta);
        }
        // Who holds an object is known to processes.
        replace(&mut self.objects, all(|add| objects(after, names, add)), &mut delta);
        replace(&mut self.rest, all(|add| rest(run, after, &step.sessions, names, add)), &mut delta);
        delta
    }
}

/// All that is added, by what it is.
fn all(tell: impl FnOnce(&mut dyn FnMut(Thing))) -> Things {
    let mut things = Things::new();
    tell(&mut |thing: Thing| {
        let id = thing.id();
        let before = things.insert(id.clone(), thing);
        assert!(before.is_none(), "two things are {id:?}");
    });
    things
}

/// Hives with their keys, and keys that were deleted and are still open.
fn keys(os: &Os, names: &mut NameTable, add: &mut dyn FnMut(Thing)) {
    let open = open_keys(os);
    for hive in os.hives_loaded() {
        let path = format!(r"HKU\{hive}");
        match os.key_tree(&path) {
            Some(root) => tree(root, &path, &open, names, add),
            // Another name of a hive.
            None => add(key(&path, Vec::new(), &open, names)),
        }
    }
    for ((path, deleted), by) in &open {
        if *deleted {
            add(Thing::Tombstone { name: names.number(path), open: by.clone() });
        }
    }
}

/// Processes, threads, live sessions.
fn rest(run: &Run, os: &Os, sessions: &[LiveSession], names: &mut NameTable, add: &mut dyn FnMut(Thing)) {
    for index in 0..run.processes.len() {
        let process = ProcessId(index as u32);
        let ended = !os.process(process).is_alive();
        let (hkcu, uncached) = match os.current_user_of(process) {
            Some(CurrentUserView::Mapped(root)) => (Some(names.number(&root.path)), false),
            Some(CurrentUserView::Uncached) => (None, true),
            Some(CurrentUserView::Unmapped) | None => (None, false),
        };
        add(Thing::Process { process: index, ended, hkcu, uncached });
    }
    for (index, thread) in run.threads.iter().enumerate() {
        let id = ThreadId(index as u32);
        if !os.is_thread_alive(id) {
            continue;
        }
        let account = run.processes[thread.process].account.clone();
        let impersonates = os.impersonation(id).map(|token| {
            os.account_name(token.user()).map_or_else(|| token.user().to_string(), str::to_owned)
        });
        add(Thing::Thread { lane: index, account, impersonates });
    }
    for session in sessions {
        add(Thing::Session {
            lane: session.thread,
            session: session.name.clone(),
            profile: session.profile.clone(),
            lost: session.lost.iter().map(|path| names.number(path)).collect(),
        });
    }
}

/// Puts what is there now in the place of what was, and adds to `delta` what that changes.
fn replace(things: &mut Things, now: Things, delta: &mut Delta) {
    let set = now.iter().filter(|(id, thing)| things.get(*id) != Some(thing));
    delta.set.extend(set.map(|(_, thing)| thing.clone()));
    delta.gone.extend(things.keys().filter(|id| !now.contains_key(*id)).cloned());
    *things = now;
}

/// The keys that are open, by path and whether they were deleted, each with the processes that have it open.
type OpenKeys = BTreeMap<(String, bool), Vec<usize>>;

fn open_keys(os: &Os) -> OpenKeys {
    let mut open = OpenKeys::new();
    for process in os.process_ids() {
        for (_, key) in os.open_keys_of(process) {
            open.entry((key.path, key.deleted)).or_default().push(process.0 as usize);
        }
    }
    open
}

fn tree(
    tree_key: KeyTree<'_>,
    path: &str,
    open: &OpenKeys,
    names: &mut NameTable,
    add: &mut dyn FnMut(Thing),
) {
    let values = tree_key.values().map(|(name, value)| {
        let name = match (name, value_word(name)) {
            ("", _) => "(default)".to_owned(),
            (name, Some(word)) => format!("{name} ({word})"),
            (name, None) => name.to_owned(),
        };
        format!("{name} = {}", value_text(value))
    });
    add(key(path, values.collect(), open, names));
    for below in tree_key.subkeys() {
        tree(below, &format!(r"{path}\{}", below.name()), open, names, add);
    }
}

fn key(path: &str, values: Vec<String>, open: &OpenKeys, names: &mut NameTable) -> Thing {
    let open = open.get(&(path.to_owned(), false)).cloned().unwrap_or_default();
    Thing::Key { name: names.number(path), values, open }
}

fn objects(os: &Os, names: &mut NameTable, add: &mut dyn FnMut(Thing)) {
    for section in os.sections().filter(|section| section.name_is_alive) {
        let Some(path) = &section.path else { continue };
        let mut held: Vec<usize> = Vec::new();
        for holder in os.holders(&section.id) {
            let (Holder::Handle(process, _) | Holder::View(process, _)) = holder;
            if !held.contains(&(process.0 as usize)) {
                held.push(process.0 as usize);
            }
        }
        let cells = section.cells().cloned().unwrap_or_default();
        add(Thing::Section { name: names.number(&path.to_string()), cells, held });
    }
    for object in os.mutexes().filter(|object| object.name_is_alive) {
        let (Some(path), Some(mutex)) = (&object.path, object.mutex()) else { continue };
        let owner = mutex.owner().map(|thread| thread.0 as usize);
        let abandoned = mutex.is_abandoned();
        add(Thing::Mutex { name: names.number(&path.to_string()), owner, abandoned });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: usize, open: &[usize]) -> (ThingId, Thing) {
        (ThingId::Key(name), Thing::Key { name, values: Vec::new(), open: open.to_vec() })
    }

    #[test]
    fn a_delta_has_what_is_new_changed_and_gone_and_nothing_else() {
        let mut things: Things = [key(0, &[]), key(1, &[]), key(2, &[0])].into();
        let after: Things = [key(0, &[]), key(2, &[0, 0]), key(3, &[])].into();
        let mut delta = Delta::default();
        replace(&mut things, after.clone(), &mut delta);
        assert_eq!(delta.set, [key(2, &[0, 0]).1, key(3, &[]).1]);
        assert_eq!(delta.gone, [ThingId::Key(1)]);
        assert_eq!(things, after);
        let mut nothing = Delta::default();
        replace(&mut things, after, &mut nothing);
        assert!(nothing.is_empty());
    }

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = NameTable::default();
        assert_eq!([names.number("b"), names.number("a"), names.number("b")], [0, 1, 0]);
        assert_eq!(names.into_names(), ["b", "a"]);
    }
}
