//! Handles to keys: opening, creating, closing.
//!
//! Modelled (os C.3, C.5)
//! - Opening and creating check the *key's* descriptor against the effective token; what the handle was
//!   opened with does not matter. Querying and setting check the handle's mask.
//! - A NULL path is the same as "" for a real handle: a new handle to the same key. For HKCU and HKU it gives
//!   the predefined handle itself, and makes HKCU be mapped anew (os C.1).
//! - A handle whose body is gone answers 1018 to everything but close (os C.3), to opening "" too (os I.7).
//!
//! Our choices: HKEY_USERS is opened with as much as its descriptor allows at every use; creating directly
//! below it is 87; a leading backslash (161) is seen after a handle that is none (6, recorded) but before the
//! key's state, as the object manager looks at it first; `RegCloseKey` of a handle that is no key is 6; `RegCreateKeyEx` asks for `KEY_ALL_ACCESS`.

use super::hive::Place;
use super::hkcu::CurrentUser;
use super::name::{self, KeyPath};
use crate::os::error::Win32Error;
use crate::os::handle::Target;
use crate::os::machine::Os;
use crate::os::process::{Process, ProcessId, Running, ThreadId};
use crate::os::security::{AccessMask, key};
use crate::os::syscall::{Answer, Handle, Key, KeyAccess, Value};

/// What has become of the key that a handle was opened on. There is no way back from the last two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// It is there.
    Live,
    /// It was deleted (os C.3).
    Deleted,
    /// Its hive was unloaded by force (os C.2).
    HiveUnloaded,
}

/// An open key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OpenKey {
    path: KeyPath,
    granted: AccessMask,
    body: Body,
}

impl OpenKey {
    /// A key that was just opened.
    pub(crate) fn new(path: KeyPath, granted: AccessMask) -> Self {
        Self { path, granted, body: Body::Live }
    }

    /// Where it is, or was.
    pub(crate) fn path(&self) -> &KeyPath {
        &self.path
    }

    /// What has become of it.
    pub(crate) fn body(&self) -> Body {
        self.body
    }

    /// What the handle is good for.
    pub(crate) fn granted(&self) -> AccessMask {
        self.granted
    }

    /// The same key, dead or alive, by a handle that is good for something else.
    pub(crate) fn good_for(self, granted: AccessMask) -> Self {
        Self { granted, ..self }
    }

    /// Whether it is there.
    pub(crate) fn is_live(&self) -> bool {
        self.body == Body::Live
    }

    /// The path, while the key is there.
    ///
    /// # Errors
    /// 1018 once it is not (os C.3).
    pub(crate) fn live(self) -> Result<KeyPath, Win32Error> {
        if self.is_live() { Ok(self.path) } else { Err(Win32Error::KEY_DELETED) }
    }

    /// The path, for a use that the handle must have been opened for.
    ///
    /// # Errors
    /// 5 where it was not, 1018 where the key is gone.
    pub(crate) fn usable_for(self, needed: AccessMask) -> Result<KeyPath, Win32Error> {
        if self.granted & needed == needed { self.live() } else { Err(Win32Error::ACCESS_DENIED) }
    }

    /// The key is gone, for good.
    fn bury(&mut self, body: Body) {
        assert!(self.is_live(), "{} is gone already", self.path);
        self.body = body;
    }
}

impl Key {
    /// The predefined handles may be passed by their number too.
    fn normal(self) -> Self {
        match self {
            Self::Handle(Handle::CURRENT_USER) => Self::CurrentUser,
            Self::Handle(Handle::USERS) => Self::Users,
            other => other,
        }
    }

    /// The predefined handle.
    fn predefined(self) -> Option<Handle> {
        match self.normal() {
            Self::CurrentUser => Some(Handle::CURRENT_USER),
            Self::Users => Some(Handle::USERS),
            Self::Handle(_) => None,
        }
    }
}

impl Os {
    /// `RegOpenKeyEx`.
    pub(crate) fn reg_open_key_ex(
        &mut self,
        thread: ThreadId,
        key: Key,
        path: Option<&str>,
        access: KeyAccess,
    ) -> Answer {
        if let (Some(predefined), None) = (key.predefined(), path) {
            self.remap_current_user(thread, key); // (os C.1)
            return Ok(Value::Handle(predefined));
        }
        let found = self.find_key(thread, key, path.unwrap_or_default())?;
        let token = self.effective_token(thread);
        let dacl = self.registry().dacl(&found);
        let granted = dacl.check_bits(self.windows(), token, &key::RIGHTS, access.mask())?; // (os C.5)
        Ok(Value::Handle(self.insert_key(thread, OpenKey::new(found, granted))))
    }

    /// `RegCreateKeyEx(KEY_ALL_ACCESS)`: creates missing parents one by one (os C.5); those made before one
    /// fails stay.
    pub(crate) fn reg_create_key_ex(
        &mut self,
        thread: ThreadId,
        key: Key,
        path: &str,
        volatile: bool,
    ) -> Answer {
        let base = self.base(thread, key)?;
        let parts = name::parts_of(path)?;
        let base = base.live()?;
        let (mut found, missing) = self.walk(&base, &parts)?;
        let existed = missing.is_empty();
        if existed {
            self.check_key(thread, &found, key::ALL)?;
        }
        for part in missing {
            name::check_key_name(part)?;
            if let Place::Users = self.registry().place(&found) {
                return Err(Win32Error::INVALID_PARAMETER); // (os C.5) hives only
            }
            self.check_key(thread, &found, key::CREATE_SUB_KEY)?;
            let parent = self.registry_mut().key_mut(&found).expect("the walk has just found it");
            parent.create(part, volatile)?;
            found = found.join(&[part]);
        }
        let handle = self.insert_key(thread, OpenKey::new(found, key::ALL));
        Ok(Value::Opened { handle, existed })
    }

    /// `RegCloseKey`: the one call that a handle to a deleted key answers (os C.3).
    pub(crate) fn reg_close_key(&mut self, thread: ThreadId, key: Key) -> Answer {
        match key.normal() {
            Key::CurrentUser | Key::Users => self.remap_current_user(thread, key),
            Key::Handle(handle) => {
                let process = self.process_of(thread);
                let Some(Target::Key(_)) = self.running(process).handles.get(handle) else {
                    return Err(Win32Error::INVALID_HANDLE); // (os C.5, G2.57)
                };
                self.running_mut(process).handles.remove(handle);
            }
        }
        self.collect_hives();
        Ok(Value::Nothing)
    }

    /// `RegFlushKey`: the whole hive goes to its file. What is written is seen by all without it (os C.7).
    pub(crate) fn reg_flush_key(&mut self, thread: ThreadId, key: Key) -> Answer {
        let path = self.base(thread, key)?.live()?;
        if let Some(hive) = path.hive() {
            self.flush_hive(hive);
        }
        Ok(Value::Nothing)
    }

    /// The open key that a call starts from, dead or alive. Maps HKCU where that is due.
    pub(crate) fn base(&mut self, thread: ThreadId, key: Key) -> Result<OpenKey, Win32Error> {
        match key.normal() {
            Key::CurrentUser => self.current_user(thread),
            Key::Users => {
                let users = KeyPath::users();
                let token = self.effective_token(thread);
                let granted = self.registry().dacl(&users).check_maximum(self.windows(), token)?;
                Ok(OpenKey::new(users, granted))
            }
            Key::Handle(handle) => match self.running(self.process_of(thread)).handles.get(handle) {
                Some(Target::Key(open)) => Ok(open.clone()),
                _ => Err(Win32Error::INVALID_HANDLE),
            },
        }
    }

    /// The key at a path below the one that a call starts from.
    ///
    /// # Errors
    /// 1018 where the latter is gone, 2 where a part does not exist, 87 and 161 for names that no key can
    /// have, 6 before all where the handle is none.
    pub(crate) fn find_key(&mut self, thread: ThreadId, key: Key, path: &str) -> Result<KeyPath, Win32Error> {
        let base = self.base(thread, key)?;
        let parts = name::parts_of(path)?;
        let base = base.live()?;
        match self.walk(&base, &parts)? {
            (found, []) => Ok(found),
            _ => Err(Win32Error::FILE_NOT_FOUND),
        }
    }

    /// Checks the descriptor of a key against the effective token.
    ///
    /// # Errors
    /// 5, or 1346 below the impersonation level.
    pub(crate) fn check_key(
        &self,
        thread: ThreadId,
        path: &KeyPath,
        asked: AccessMask,
    ) -> Result<(), Win32Error> {
        let token = self.effective_token(thread);
        self.registry().dacl(path).check(self.windows(), token, asked).map(|_| ())
    }

    /// A new handle in the thread's process.
    pub(crate) fn insert_key(&mut self, thread: ThreadId, open: OpenKey) -> Handle {
        let process = self.process_of(thread);
        self.running_mut(process).handles.insert(Target::Key(open))
    }

    /// Marks what is open on such paths as gone, in every process at once (os H.9).
    pub(crate) fn bury(&mut self, is_gone: impl Fn(&KeyPath) -> bool, body: Body) {
        let is_gone = |open: &OpenKey| open.is_live() && is_gone(&open.path);
        let holders: Vec<ProcessId> =
            self.process_ids().filter(|id| keys_of(self.process(*id)).any(is_gone)).collect();
        for process in holders {
            let running = self.running_mut(process);
            keys_mut(running).filter(|open| is_gone(open)).for_each(|open| open.bury(body));
        }
    }

    /// Every key that is open, by handle or as a mapped HKEY_CURRENT_USER.
    pub(crate) fn open_keys(&self) -> impl Iterator<Item = &OpenKey> {
        self.process_ids().flat_map(|id| keys_of(self.process(id)))
    }

    /// Goes down from a live path as far as the parts exist; answers what is left of them.
    fn walk<'a>(&self, from: &KeyPath, parts: &'a [&'a str]) -> Result<(KeyPath, &'a [&'a str]), Win32Error> {
        let mut place = self.registry().place(from);
        let mut names = Vec::with_capacity(parts.len());
        for part in parts {
            name::check_key_name(part)?;
            let Some((name, below)) = self.registry().below(place, part) else { break };
            names.push(name);
            place = below;
        }
        Ok((from.join(&names), &parts[names.len()..]))
    }
}

fn keys_of(process: &Process) -> impl Iterator<Item = &OpenKey> {
    process.running().into_iter().flat_map(|running| {
        let handles = running.handles.iter().filter_map(|(_, target)| match target {
            Target::Key(open) => Some(open),
            Target::Object { .. } | Target::Token(_) => None,
        });
        handles.chain(match &running.current_user {
            CurrentUser::Mapped(open) => Some(open),
            CurrentUser::Unmapped | CurrentUser::Uncached => None,
        })
    })
}

fn keys_mut(running: &mut Running) -> impl Iterator<Item = &mut OpenKey> {
    let handles = running.handles.targets_mut().filter_map(|target| match target {
        Target::Key(open) => Some(open),
        Target::Object { .. } | Target::Token(_) => None,
    });
    handles.chain(match &mut running.current_user {
        CurrentUser::Mapped(open) => Some(open),
        CurrentUser::Unmapped | CurrentUser::Uncached => None,
    })
}
