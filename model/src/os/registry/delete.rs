//! Deleting keys (os C.3).
//!
//! Modelled: deletion succeeds while other handles are open, and the name is gone at once; those handles
//! answer 1018 from then on, for ever, whatever is created under the name later. A key with subkeys is
//! refused with 5. The handle's mask plays no part: the key is opened afresh with DELETE. NULL is 87, or on
//! NT 4.0 and 2000 the key itself.
//!
//! A tree is deleted by programs, one key after the other; no step deletes more than one.
//!
//! `NtDeleteKey`, which `RegDeleteKey` is made of, says nothing against a handle whose key is gone (G1.15).
//!
//! Invariants
//! - A deleted body is below no key, and never will be again.

use super::name::KeyPath;
use super::open::Body;
use crate::os::error::Win32Error;
use crate::os::machine::Os;
use crate::os::process::ThreadId;
use crate::os::security;
use crate::os::syscall::{Answer, Handle, Key, Value};
use crate::os::windows::DeleteNull;

impl Os {
    /// `NtDeleteKey`: the handle must be good for `DELETE`; on a key that is gone it succeeds and does nothing (os
    /// C.3, G1.15).
    pub(crate) fn nt_delete_key(&mut self, thread: ThreadId, key: Handle) -> Answer {
        let open = self.base(thread, Key::Handle(key))?;
        if open.granted() & security::DELETE == 0 {
            return Err(Win32Error::ACCESS_DENIED);
        }
        if open.is_live() {
            self.delete_key_at(open.path())?;
        }
        Ok(Value::Nothing)
    }

    /// `RegDeleteKey`.
    pub(crate) fn reg_delete_key(&mut self, thread: ThreadId, key: Key, path: Option<&str>) -> Answer {
        let path = match (path, self.windows().delete_null) {
            (Some(path), _) => path,
            (None, DeleteNull::DeletesTheKeyItself) => "",
            (None, DeleteNull::InvalidParameter) => return Err(Win32Error::INVALID_PARAMETER),
        };
        let found = self.find_key(thread, key, path)?;
        self.check_key(thread, &found, security::DELETE)?;
        self.delete_key_at(&found)?;
        Ok(Value::Nothing)
    }

    fn delete_key_at(&mut self, found: &KeyPath) -> Result<(), Win32Error> {
        let Some((parent, name)) = found.split_last().filter(|(parent, _)| parent.hive().is_some()) else {
            return Err(Win32Error::ACCESS_DENIED); // the root of a hive, or HKEY_USERS
        };
        self.registry_mut().key_mut(&parent).expect("a key's parent is there").delete(name)?;
        assert!(self.registry().key(found).is_none(), "{found} was deleted and can still be found");
        self.bury(|path| path == found, Body::Deleted);
        Ok(())
    }
}
