//! HKEY_CURRENT_USER: what it means in a process (os C.1).
//!
//! Modelled
//! - It is mapped once a process, by the effective token of the first thread that touches it, to that user's
//!   hive, or to `.DEFAULT` where that is not loaded; both stick (os H.7).
//! - `RegCloseKey(HKEY_CURRENT_USER)` drops the mapping, as does opening it with NULL (os I.5: by Raymond
//!   Chen's account; Wine and ReactOS do nothing).
//! - `RegDisablePredefinedCache` ends it for the process: each use follows the effective token of that
//!   moment.
//! - `RegOpenCurrentUser` never caches. The last two are not in NT 4.0 (our choice of error there: 127).
//! - The mapping is an open key like any other: it keeps a hive loaded, and dies with a hive unloaded by
//!   force.
//!
//! Invariants
//! - Which session a process is in plays no part.

use super::hive;
use super::name::KeyPath;
use super::open::OpenKey;
use crate::os::error::Win32Error;
use crate::os::machine::Os;
use crate::os::process::ThreadId;
use crate::os::syscall::Handle;
use crate::os::syscall::{Answer, Key, Value};

/// What HKEY_CURRENT_USER means in a process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum CurrentUser {
    /// Nothing yet: the next thread that touches it decides.
    Unmapped,
    /// That key.
    Mapped(OpenKey),
    /// The hive of whoever uses it, at each use.
    Uncached,
}

impl Os {
    /// `RegOpenCurrentUser`, with as much access as the hive's descriptor allows.
    pub(crate) fn reg_open_current_user(&mut self, thread: ThreadId) -> Answer {
        self.check_current_user_calls()?;
        let root = self.open_hive_root(thread)?;
        Ok(Value::Handle(self.insert_key(thread, root)))
    }

    /// `RegDisablePredefinedCache`.
    pub(crate) fn reg_disable_predefined_cache(&mut self, thread: ThreadId) -> Answer {
        self.check_current_user_calls()?;
        let process = self.process_of(thread);
        self.running_mut(process).current_user = CurrentUser::Uncached;
        self.collect_hives();
        Ok(Value::Nothing)
    }

    /// The key that HKEY_CURRENT_USER is for this thread now; maps it if nothing has.
    pub(crate) fn current_user(&mut self, thread: ThreadId) -> Result<OpenKey, Win32Error> {
        let process = self.process_of(thread);
        match &self.running(process).current_user {
            CurrentUser::Mapped(root) => Ok(root.clone()),
            CurrentUser::Uncached => self.open_hive_root(thread),
            CurrentUser::Unmapped => {
                let root = self.open_hive_root(thread)?;
                self.running_mut(process).current_user = CurrentUser::Mapped(root.clone());
                Ok(root)
            }
        }
    }

    /// Drops the mapping, where the key is HKEY_CURRENT_USER and there is one.
    pub(crate) fn remap_current_user(&mut self, thread: ThreadId, key: Key) {
        let is_current_user = matches!(key, Key::CurrentUser | Key::Handle(Handle::CURRENT_USER));
        let process = self.process_of(thread);
        if is_current_user && matches!(self.running(process).current_user, CurrentUser::Mapped(_)) {
            self.running_mut(process).current_user = CurrentUser::Unmapped;
            self.collect_hives();
        }
    }

    /// The root of the effective user's hive, or of `.DEFAULT` if that one cannot be opened, with maximum
    /// access.
    fn open_hive_root(&self, thread: ThreadId) -> Result<OpenKey, Win32Error> {
        let token = self.effective_token(thread);
        let open = |hive: &str| {
            if !self.registry().is_loaded(hive) {
                return Err(Win32Error::FILE_NOT_FOUND);
            }
            let path = KeyPath::users().join(&[hive]);
            let granted = self.registry().dacl(&path).check_maximum(self.windows(), token)?;
            Ok(OpenKey::new(path, granted))
        };
        open(&self.registry().hive_name(token.user())).or_else(|_| open(hive::DEFAULT))
    }

    fn check_current_user_calls(&self) -> Result<(), Win32Error> {
        if self.windows().current_user_calls { Ok(()) } else { Err(Win32Error::PROC_NOT_FOUND) }
    }
}
