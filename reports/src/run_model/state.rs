//! The machine as a list of things, and what a step changed of it.
//!
//! What is in it: every key of the loaded hives, deleted keys that are still open, sections and mutexes with names,
//! processes, threads, live sessions. What is not: unnamed objects, events, handles to tokens, words of memory.

use std::collections::BTreeMap;

use mapisim_model::os::view::{CurrentUserView, Holder};
use mapisim_model::os::{Os, ProcessId, ThreadId};
use mapisim_model::trace::{LiveSession, Run};

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

/// Everything there is, by what it is.
pub type State = BTreeMap<ThingId, Thing>;

/// The machine with its live sessions as things.
pub fn state(run: &Run, os: &Os, sessions: &[LiveSession], names: &mut NameTable) -> State {
    let mut state = State::new();
    let mut add = |thing: Thing| {
        let id = thing.id();
        let before = state.insert(id.clone(), thing);
        assert!(before.is_none(), "two things are {id:?}");
    };
    let open = open_keys(os);
    for hive in os.hives_loaded() {
        keys(os, &format!(r"HKU\{hive}"), &open, names, &mut add);
    }
    for ((path, deleted), by) in &open {
        if *deleted {
            add(Thing::Tombstone { name: names.number(path), open: by.clone() });
        }
    }
    objects(os, names, &mut add);
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
    state
}

/// What has to be done to one state to get the other.
pub fn delta(before: &State, after: &State) -> Delta {
    let set = after.iter().filter(|(id, thing)| before.get(*id) != Some(thing));
    let gone = before.keys().filter(|id| !after.contains_key(*id));
    Delta { set: set.map(|(_, thing)| thing.clone()).collect(), gone: gone.cloned().collect() }
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

fn keys(os: &Os, path: &str, open: &OpenKeys, names: &mut NameTable, add: &mut impl FnMut(Thing)) {
    let values = os.values(path).unwrap_or_default().into_iter().map(|(name, value)| {
        let name = match (name, value_word(name)) {
            ("", _) => "(default)".to_owned(),
            (name, Some(word)) => format!("{name} ({word})"),
            (name, None) => name.to_owned(),
        };
        format!("{name} = {}", value_text(value))
    });
    let open_by = open.get(&(path.to_owned(), false)).cloned().unwrap_or_default();
    add(Thing::Key { name: names.number(path), values: values.collect(), open: open_by });
    for name in os.subkeys(path).unwrap_or_default() {
        keys(os, &format!(r"{path}\{name}"), open, names, add);
    }
}

fn objects(os: &Os, names: &mut NameTable, add: &mut impl FnMut(Thing)) {
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
        let before: State = [key(0, &[]), key(1, &[]), key(2, &[0])].into();
        let after: State = [key(0, &[]), key(2, &[0, 0]), key(3, &[])].into();
        let delta = delta(&before, &after);
        assert_eq!(delta.set, [key(2, &[0, 0]).1, key(3, &[]).1]);
        assert_eq!(delta.gone, [ThingId::Key(1)]);
        assert!(super::delta(&after, &after).is_empty());
    }

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = NameTable::default();
        assert_eq!([names.number("b"), names.number("a"), names.number("b")], [0, 1, 0]);
        assert_eq!(names.into_names(), ["b", "a"]);
    }
}
