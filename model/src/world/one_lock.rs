//! Which steps move where one lock stands before everything that matters.
//!
//! By default MAPI holds one mutex over a look at the counts and the mark, the deletion or the change of a count that
//! follows (mapi 4.5). Where all processes are of one account and come to one mutex, what is done under it is met by
//! nobody else who is under it. What is left are those who do not ask for the lock: they list marks, create a profile, or
//! read one through a session's keys.
//!
//! So these steps move
//! - under the lock: counts, looks for one mark, and a profile's keys, unless somebody may be creating that profile, or,
//!   for what deletes, has one of its keys open;
//! - steps on a profile that no other script names and that was never marked: nobody else comes to it;
//! - a session's reads of its profile: only a deletion meets them, and that one breaks `live-profile`;
//! - the end of a thread that has nothing open.
//!
//! Marks themselves stay: they are listed without the lock.
//!
//! Always holds
//! - All this is asked only of worlds of one account, one version (both the counts and the lock in one name space for all),
//!   default assumptions, one thread a process, no crash of the machine, and calls that are known here; there is none of it
//!   in any other world.

use std::collections::{BTreeMap, BTreeSet};

use mapisim_sim::Actor;

use super::World;
use crate::mapi::assumptions::Assumptions;
use crate::mapi::memory::Memory;
use crate::mapi::names;
use crate::mapi::rules::{Evidence, SectionName};
use crate::os::Os;
use crate::os::process::{ProcessId, ThreadId};
use crate::os::registry::{KeyPath, TreeKey};
use crate::os::syscall::{Handle, Key, Syscall};
use crate::property::{Property, shown};
use crate::scenario::Call;

/// A world with one lock.
pub(super) struct OneLock {
    /// The keys of all profiles that may be meant: the account's, and the one that stands in for it.
    profiles: [KeyPath; 2],
    /// Every profile that a script names, in upper case.
    names: BTreeMap<String, Uses>,
    /// What was marked in the beginning, in upper case.
    marked_at_first: BTreeSet<String>,
}

/// Who names a profile, and where: thread and index of the call.
#[derive(Default)]
struct Uses {
    by: BTreeSet<Actor>,
    created: Vec<(Actor, usize)>,
    deleted: Vec<(Actor, usize)>,
}

/// What a registry step is about.
enum Place<'a> {
    /// The key of marks, or one of them.
    Mark { itself: bool },
    /// The key of a profile, or one below it.
    Profile { name: &'a str, itself: bool },
}

impl OneLock {
    /// `None` where the world is not like that.
    pub(super) fn of(world: &World) -> Option<Self> {
        let os = &world.os;
        let first = world.threads.first()?.rules;
        let alone = world.threads.len() == world.cast.processes().len();
        let alike = world.threads.iter().all(|thread| thread.rules == first);
        let places = |id: ProcessId| (os.process(id).account(), os.process(id).session());
        let (account, session) = places(os.process_ids().next()?);
        let one_account = os.process_ids().all(|id| places(id).0 == account);
        let one_session = !os.has_terminal_services() || os.process_ids().all(|id| places(id).1 == session);
        let one_name = match first.section {
            SectionName::Global => true,
            SectionName::Session => one_session,
            SectionName::GlobalElseSession => false,
        };
        let plain = *world.assumptions.unasked() == Assumptions::default();
        let counts = first.evidence == Evidence::Counts && first.without.is_none();
        // A machine that may crash has files of its hives, which show what was flushed by then.
        let flushed = os.keeps_disks();
        if !(alone && alike && one_account && one_name && plain && counts) || flushed {
            return None;
        }
        let mut names: BTreeMap<String, Uses> = BTreeMap::new();
        for (actor, thread) in world.cast.actors().zip(&world.threads) {
            for (index, call) in thread.calls.iter().enumerate() {
                let (profile, created, deleted) = match &call.call {
                    Call::CreateProfile { profile } => (profile, true, false),
                    Call::DeleteProfile { profile } => (profile, false, true),
                    Call::MAPILogonEx { profile, .. } => (profile, false, false),
                    Call::MAPIInitialize {}
                    | Call::MAPIUninitialize {}
                    | Call::OpenMsgStore { .. }
                    | Call::Logoff { .. }
                    | Call::Release { .. } => continue,
                    _ => return None,
                };
                if shown::is_mark_key(profile) {
                    return None;
                }
                let uses = names.entry(profile.to_uppercase()).or_default();
                uses.by.insert(actor);
                uses.created.extend(created.then_some((actor, index)));
                uses.deleted.extend(deleted.then_some((actor, index)));
            }
        }
        let marks = shown::all(os).into_iter().flat_map(|shown| shown.marks);
        let marked_at_first = marks.map(|mark| mark.profile.to_uppercase()).collect();
        let below: Vec<&str> = names::PROFILES.split('\\').collect();
        let profiles = [account, shown::DEFAULT_HIVE]
            .map(|hive| KeyPath::users().join(&[&*os.hive_of(hive)]).join(&below));
        Some(OneLock { profiles, names, marked_at_first })
    }

    /// Whether a step of a thread in one of its calls moves. `guarded`: a deletion of what a live session has open breaks
    /// a property. `mortal`: its process may be killed.
    pub(super) fn moves(
        &self,
        os: &Os,
        (process, actor): (ProcessId, Actor),
        (call, memory): (usize, &Memory),
        op: &Syscall,
        (guarded, mortal): (bool, bool),
    ) -> bool {
        let thread = ThreadId(actor.0.into());
        let locked = || os.owns_a_mutex(thread);
        let (key, path) = match op {
            Syscall::CellLoad { .. } => return locked(),
            // A count that is left behind goes with its section, or stays while somebody else has that open.
            Syscall::CellAdd { cell, .. } => {
                return locked() && (!mortal || self.is_private(os, cell, actor, call));
            }
            Syscall::ExitThread => {
                let running = os.running(process);
                return running.handles.iter().next().is_none() && running.views.is_empty();
            }
            Syscall::RegOpenKeyEx { key, path: Some(path), .. }
            | Syscall::RegCreateKeyEx { key, path, .. }
            | Syscall::RegDeleteKey { key, path: Some(path) } => (*key, path.as_str()),
            Syscall::RegEnumKeyEx { key, .. }
            | Syscall::RegQueryValueEx { key, .. }
            | Syscall::RegSetValueEx { key, .. } => (*key, ""),
            _ => return false,
        };
        let (name, itself) = match self.place(os, process, key, path) {
            Some(Place::Mark { itself }) => {
                return itself && matches!(op, Syscall::RegOpenKeyEx { .. }) && locked();
            }
            Some(Place::Profile { name, itself }) => (name, itself),
            None => return false,
        };
        if self.is_private(os, name, actor, call) {
            let makes = itself && matches!(op, Syscall::RegCreateKeyEx { .. });
            return !makes || self.there(os).iter().any(Option::is_some);
        }
        if !self.is_made(os, name, actor) {
            return false;
        }
        match op {
            Syscall::RegOpenKeyEx { .. } => locked(),
            Syscall::RegEnumKeyEx { .. } | Syscall::RegDeleteKey { .. } => {
                locked() && !self.is_open_elsewhere(os, name, Some(process))
            }
            Syscall::RegQueryValueEx { .. } => guarded && is_live(memory, key),
            _ => false,
        }
    }

    /// Clears what a process has left behind that nobody else ever comes to.
    pub(super) fn clear_left_behind(&self, os: &mut Os, process_of: impl Fn(Actor) -> ProcessId) {
        for (name, uses) in &self.names {
            let mut users = uses.by.iter();
            let (Some(user), None) = (users.next(), users.next()) else { continue };
            if os.process(process_of(*user)).is_alive() || self.marked_at_first.contains(name) {
                continue;
            }
            let (there, count) = (self.there(os), names::count_cell(name));
            let is_left = os.has_cell(&count) || there.iter().flatten().any(|key| key.subkey(name).is_some());
            if !is_left || is_marked(there, name) || self.is_open_elsewhere(os, name, None) {
                continue;
            }
            for profiles in &self.profiles {
                os.remove_key(profiles, name);
            }
            os.clear_cell(&count);
        }
    }

    /// The keys of all profiles, where they are.
    fn there<'o>(&self, os: &'o Os) -> There<'o> {
        self.profiles.each_ref().map(|profiles| os.registry().key(profiles))
    }

    /// A profile's name in upper case, and who names it.
    fn uses(&self, name: &str) -> Option<(&str, &Uses)> {
        let mut uses = self.names.iter().filter(|(known, _)| is_same(known, name));
        uses.next().map(|(name, uses)| (name.as_str(), uses))
    }

    /// No other script names it, and it was never marked.
    fn is_private(&self, os: &Os, name: &str, actor: Actor, call: usize) -> bool {
        let Some((name, uses)) = self.uses(name) else { return false };
        uses.by.iter().eq([&actor])
            && !self.marked_at_first.contains(name)
            && uses.deleted.iter().all(|(_, index)| *index >= call)
            && !is_marked(self.there(os), name)
    }

    /// Nobody else may be creating it, now or later.
    fn is_made(&self, os: &Os, name: &str, actor: Actor) -> bool {
        let Some((name, uses)) = self.uses(name) else { return true };
        if uses.created.iter().all(|(creator, _)| *creator == actor) {
            return true;
        }
        // Marked by its creator, who was through by then.
        let [(creator, created)] = uses.created[..] else { return false };
        let later = |(deleter, deleted): &(Actor, usize)| *deleter == creator && *deleted > created;
        uses.deleted.iter().all(later)
            && !self.marked_at_first.contains(name)
            && is_marked(self.there(os), name)
    }

    /// Whether a process other than that one has a key of a profile open that is not deleted.
    fn is_open_elsewhere(&self, os: &Os, name: &str, than: Option<ProcessId>) -> bool {
        os.process_ids().filter(|process| Some(*process) != than).any(|process| {
            let mut keys = os.live_keys_of(process);
            keys.any(|key| {
                matches!(self.place_of(key, ""), Some(Place::Profile { name: open, .. }) if is_same(open, name))
            })
        })
    }

    fn place<'a>(&self, os: &'a Os, process: ProcessId, key: Key, path: &'a str) -> Option<Place<'a>> {
        match key {
            Key::CurrentUser => {
                place_below(path.strip_prefix(names::PROFILES)?.strip_prefix('\\')?.split('\\'))
            }
            Key::Users => None,
            Key::Handle(handle) => self.place_of(os.live_key_of(process, handle)?, path),
        }
    }

    /// What is at a path below a key.
    fn place_of<'a>(&self, key: &'a KeyPath, path: &'a str) -> Option<Place<'a>> {
        let path = (!path.is_empty()).then(|| path.split('\\')).into_iter().flatten();
        if let Some(below) = self.profiles.iter().find_map(|profiles| key.below(profiles)) {
            return place_below(below.split('\\').chain(path));
        }
        self.profiles.iter().find_map(|profiles| {
            let mut below = key.parts().chain(path.clone());
            let leads = profiles.parts().all(|part| below.next().is_some_and(|other| is_same(part, other)));
            leads.then(|| place_below(below))
        })?
    }
}

/// The keys of all profiles in a state of the machine.
type There<'o> = [Option<&'o TreeKey>; 2];

fn is_marked(there: There<'_>, name: &str) -> bool {
    there.into_iter().flatten().any(|profiles| {
        let mut marks = profiles.subkeys().iter().filter(|key| shown::is_mark_key(key.name()));
        marks.any(|key| key.subkey(name).is_some())
    })
}

/// What is at a path below the key of all profiles.
fn place_below<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<Place<'a>> {
    let first = names.next().filter(|first| !first.is_empty())?;
    let (second, third) = (names.next(), names.next());
    if shown::is_mark_key(first) {
        return Some(Place::Mark { itself: second.is_some() && third.is_none() });
    }
    Some(Place::Profile { name: first, itself: second.is_none() })
}

/// Whether two names are one in upper case.
fn is_same(one: &str, other: &str) -> bool {
    one == other
        || one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii()) && one.to_uppercase() == other.to_uppercase()
}

/// Whether a key is one that a live session has open.
fn is_live(memory: &Memory, key: Key) -> bool {
    let Key::Handle(key) = key else { return false };
    let open = |keys: [Handle; 3]| keys.contains(&key);
    memory.sessions.values().any(|session| session.live && open(session.keys()))
}

impl World {
    /// Whether the deletion of what a live session has open breaks a property.
    pub(super) fn guards_sessions(&self) -> bool {
        self.checks(Property::LiveProfile)
    }
}
