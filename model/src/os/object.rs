//! Named and unnamed objects: how they are created, opened and forgotten.
//!
//! Modelled (os A.6, A.7, A.9, A.10)
//! - Create on a name in use: type (6), then access against what Create asks for (5), then the existing
//!   object (os H.4).
//! - Create on a free name: `SeCreateGlobalPrivilege` for sections in the global directory from another
//!   session (os H.5); owner and access list from the effective token.
//! - A name lives as long as some handle is open; a section's memory as long as some handle or view (os H.3).
//!   A name that has died can be created again while the old memory lives on: these are two objects.
//!
//! - A mask asked for bit by bit: generic bits stand for those of the type, none at all and bits that the type
//!   does not have are refused (5), the system's list needs a privilege (1314) (os A.6, G3.86, G3.87).
//!
//! Not modelled: other types than sections, mutexes and events, access lists given by the caller other than the
//! NULL list, permanent objects. Our choices: nobody has the privilege for the system's list enabled; opening the
//! empty name is 6 (it is the directory itself); at the identification level an object cannot be created in a
//! directory, only without a name; `CloseHandle` on a key handle is 6.
//!
//! Invariants
//! - Who holds an object is known from the handles and views alone; there is no count that could be wrong.
//! - An object that nobody holds is not there. A named one is held by a handle.
//! - Objects without a name are numbered 0, 1, ... in the order of their first holder: states that behave
//!   alike are equal.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Win32Error;
use super::event::Event;
use super::handle::{Target, lowest_free};
use super::machine::Os;
use super::mutex::Mutex;
use super::namespace::{Directory, ObjectName};
use super::privilege::Privilege;
use super::process::{ProcessId, ThreadId};
use super::section::Section;
use super::security::{self, AccessMask, Dacl, Rights};
use super::shared::Shared;
use super::syscall::{Answer, Handle, Value};

/// Which object, within one state of the machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectId {
    /// The one that has this name.
    Named(ObjectName),
    /// One without a name, or whose name has died. The number may change from one state to the next.
    Nameless(u32),
}

/// The type of an object, with what only that type has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A section.
    Section(Section),
    /// A mutex.
    Mutex(Mutex),
    /// An event.
    Event(Event),
}

/// A section, mutex or event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Object {
    /// The name it was created with; it may have died since.
    pub(crate) created_as: Option<ObjectName>,
    /// Who may open it.
    pub(crate) dacl: Dacl,
    /// The rest.
    pub(crate) kind: Kind,
}

/// All objects of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Objects {
    all: BTreeMap<ObjectId, Shared<Object>>,
}

impl Kind {
    /// A mutex that nobody owns.
    pub(crate) fn new_mutex() -> Self {
        Self::Mutex(Mutex::default())
    }

    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// What a Create call asks for, of a new and of an existing object (os A.6).
    fn create_access(&self) -> AccessMask {
        match self {
            Self::Section(section) => section.create_access(),
            Self::Mutex(_) => security::mutex::ALL,
            Self::Event(_) => security::event::ALL,
        }
    }

    /// The rights that there are to such an object.
    pub(crate) fn rights(&self) -> &'static Rights {
        match self {
            Self::Section(_) => &security::section::RIGHTS,
            Self::Mutex(_) => &security::mutex::RIGHTS,
            Self::Event(_) => &security::event::RIGHTS,
        }
    }
}

impl Objects {
    /// The object of that name.
    pub(crate) fn named(&self, name: &ObjectName) -> Option<&Object> {
        self.all.get(&ObjectId::Named(name.clone())).map(|object| &**object)
    }

    /// The object; whoever holds a handle or view can rely on it.
    pub(crate) fn get(&self, id: &ObjectId) -> &Object {
        self.all.get(id).expect("an object is there while a handle or view is")
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, id: &ObjectId) -> &mut Object {
        Shared::make_mut(self.all.get_mut(id).expect("an object is there while a handle or view is"))
    }

    /// All, named ones first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ObjectId, &Object)> {
        self.all.iter().map(|(id, object)| (id, &**object))
    }

    /// The same, to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.all.values_mut().map(Shared::make_mut)
    }

    fn insert(&mut self, id: ObjectId, object: Shared<Object>) {
        let before = self.all.insert(id, object);
        assert!(
            before.is_none(),
            "two objects have one identity: {:?}",
            before.and_then(|old| old.created_as.clone())
        );
    }

    fn free_number(&self) -> u32 {
        let numbers = self.all.keys().filter_map(|id| match id {
            ObjectId::Nameless(number) => Some(*number),
            ObjectId::Named(_) => None,
        });
        lowest_free(0, numbers)
    }
}

impl Os {
    /// `CreateFileMapping`, `CreateMutex(attributes, FALSE, ...)`, `CreateEvent` (os A.6). What is made may be
    /// opened by everyone where the caller says so, else by whom its token's default list allows (os A.10).
    pub(crate) fn create_object(
        &mut self,
        thread: ThreadId,
        name: Option<&str>,
        kind: Kind,
        everyone: bool,
    ) -> Answer {
        let process = self.process_of(thread);
        let granted = kind.create_access();
        let name = match name {
            None | Some("") => None, // (A.5) no name
            Some(name) => Some(self.resolve(process, name)?),
        };
        let token = self.effective_token(thread);
        let dacl = if everyone { Dacl::everyone() } else { token.default_dacl() }; // (os A.10)
        let (id, existed) = match &name {
            Some(name) if self.objects().named(name).is_some() => {
                self.check_object(thread, name, |other| other.is_like(&kind), granted)?;
                (ObjectId::Named(name.clone()), true)
            }
            Some(name) => {
                token.may_open(self.windows())?;
                self.check_create_global(thread, name, &kind)?;
                (ObjectId::Named(name.clone()), false)
            }
            None => (ObjectId::Nameless(self.objects().free_number()), false),
        };
        if !existed {
            let object = Shared::new(Object { created_as: name, dacl, kind });
            self.objects_mut().insert(id.clone(), object);
        }
        let handle = self.running_mut(process).handles.insert(Target::Object { id, granted });
        self.number_nameless_objects();
        Ok(Value::Opened { handle, existed })
    }

    /// `CloseHandle`: of the last handle, the name dies (os A.7).
    pub(crate) fn close_handle(&mut self, thread: ThreadId, handle: Handle) -> Answer {
        let process = self.process_of(thread);
        match self.running(process).handles.get(handle) {
            None | Some(Target::Key(_)) => return Err(Win32Error::INVALID_HANDLE),
            Some(Target::Object { .. } | Target::Token(_)) => {}
        }
        self.running_mut(process).handles.remove(handle);
        self.collect_objects();
        Ok(Value::Nothing)
    }

    /// The object behind a handle of the process, and what the handle is good for.
    pub(crate) fn object_behind(
        &self,
        process: ProcessId,
        handle: Handle,
    ) -> Result<(ObjectId, AccessMask), Win32Error> {
        match self.running(process).handles.get(handle) {
            Some(Target::Object { id, granted }) => Ok((id.clone(), *granted)),
            _ => Err(Win32Error::INVALID_HANDLE),
        }
    }

    /// Opens what has that name, if it is of the right type.
    pub(crate) fn open_object(
        &mut self,
        thread: ThreadId,
        name: &str,
        is_like: impl Fn(&Kind) -> bool,
        asked: AccessMask,
    ) -> Answer {
        let process = self.process_of(thread);
        if name.is_empty() {
            return Err(Win32Error::INVALID_HANDLE);
        }
        let name = self.resolve(process, name)?;
        let granted = self.check_object(thread, &name, is_like, asked)?;
        let target = Target::Object { id: ObjectId::Named(name), granted };
        let handle = self.running_mut(process).handles.insert(target);
        self.number_nameless_objects();
        Ok(Value::Handle(handle))
    }

    /// Existence (2), type (6), then access with the effective token of this moment (5) (os A.6, A.10).
    fn check_object(
        &self,
        thread: ThreadId,
        name: &ObjectName,
        is_like: impl Fn(&Kind) -> bool,
        asked: AccessMask,
    ) -> Result<AccessMask, Win32Error> {
        let object = self.objects().named(name).ok_or(Win32Error::FILE_NOT_FOUND)?;
        if !is_like(&object.kind) {
            return Err(Win32Error::INVALID_HANDLE);
        }
        let token = self.effective_token(thread);
        object.dacl.check_bits(self.windows(), token, object.kind.rights(), asked)
    }

    /// (os A.9) A new section in the global directory, from a process of another session than 0, needs the
    /// privilege in the effective token. Only that directory carries a session, so those of other sessions
    /// ask for nothing.
    fn check_create_global(
        &self,
        thread: ThreadId,
        name: &ObjectName,
        kind: &Kind,
    ) -> Result<(), Win32Error> {
        let session = self.process(self.process_of(thread)).session();
        let from_elsewhere = self.home(session) != Directory::Global && name.directory == Directory::Global;
        let needed =
            matches!(kind, Kind::Section(_)) && from_elsewhere && self.windows().create_global_privilege;
        if needed && !self.effective_token(thread).may_use(Privilege::CreateGlobal) {
            return Err(Win32Error::ACCESS_DENIED); // (os I.9) not 1314
        }
        Ok(())
    }

    /// Forgets the names and objects that nobody holds any more (os A.7). To be called after anything was
    /// closed.
    pub(crate) fn collect_objects(&mut self) {
        // Whether some handle is open, for each that somebody holds.
        let mut held: BTreeMap<&ObjectId, bool> = BTreeMap::new();
        for (_, id, by_handle) in self.holds() {
            *held.entry(id).or_insert(false) |= by_handle;
        }
        let lives = |id: &ObjectId| match id {
            ObjectId::Named(_) => held.get(id) == Some(&true),
            ObjectId::Nameless(_) => held.contains_key(id),
        };
        let ended = self.objects().iter().map(|(id, _)| id).filter(|id| !lives(id));
        let ended: Vec<(ObjectId, bool)> = ended.map(|id| (id.clone(), held.contains_key(id))).collect();
        for (id, is_viewed) in ended {
            let object = self.objects_mut().all.remove(&id).expect("the object was just found");
            if is_viewed {
                // The name has died, the memory lives on in the views.
                let nameless = ObjectId::Nameless(self.objects().free_number());
                self.objects_mut().insert(nameless.clone(), object);
                self.rename_object(&BTreeMap::from([(id, nameless)]));
            }
        }
        self.number_nameless_objects();
    }

    /// Numbers the objects without a name in the order of their first holder.
    pub(crate) fn number_nameless_objects(&mut self) {
        let mut names: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
        for (_, id, _) in self.holds() {
            if matches!(id, ObjectId::Nameless(_)) && !names.contains_key(id) {
                names.insert(id.clone(), ObjectId::Nameless(names.len() as u32));
            }
        }
        names.retain(|old, new| old != new);
        if names.is_empty() {
            return;
        }
        let objects = self.objects_mut();
        let moved: Vec<(ObjectId, Shared<Object>)> = names
            .iter()
            .map(|(old, new)| (new.clone(), objects.all.remove(old).expect("a held object is there")))
            .collect();
        for (id, object) in moved {
            objects.insert(id, object);
        }
        self.rename_object(&names);
    }

    /// Gives objects new identities, wherever they are held, all at once.
    fn rename_object(&mut self, names: &BTreeMap<ObjectId, ObjectId>) {
        let holders: BTreeSet<ProcessId> =
            self.holds().filter(|(_, id, _)| names.contains_key(id)).map(|(process, ..)| process).collect();
        for process in holders {
            let running = self.running_mut(process);
            let in_handles = running.handles.targets_mut().filter_map(|target| match target {
                Target::Object { id, .. } => Some(id),
                Target::Key(_) | Target::Token(_) => None,
            });
            let in_views = running.views.values_mut().map(|view| &mut view.section);
            for id in in_handles.chain(in_views) {
                if let Some(new) = names.get(id) {
                    *id = new.clone();
                }
            }
        }
    }

    /// Everything that holds an object: who, which, and whether by a handle (else by a view). In the order of
    /// processes, in each handles before views.
    pub(crate) fn holds(&self) -> impl Iterator<Item = (ProcessId, &ObjectId, bool)> {
        self.process_ids().filter_map(|id| Some((id, self.process(id).running()?))).flat_map(
            |(process, running)| {
                let handles = running.handles.iter().filter_map(move |(_, target)| match target {
                    Target::Object { id, .. } => Some((process, id, true)),
                    Target::Key(_) | Target::Token(_) => None,
                });
                handles.chain(running.views.values().map(move |view| (process, &view.section, false)))
            },
        )
    }
}
