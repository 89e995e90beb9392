//! Deleting keys (os C.3).
//!
//! Modelled: deletion succeeds while other handles are open, and the name is gone at once; those handles
//! answer 1018 from then on, for ever, whatever is created under the name later. A key with subkeys is
//! refused with 5. The handle's mask plays no part: the key is opened afresh with DELETE. NULL is 87, or on
//! NT 4.0 and 2000 the key itself.
//!
//! A tree is deleted by programs, one key after the other; no step deletes more than one.
//!
//! Not modelled: native deletion, which succeeds a second time on the same handle.
//!
//! Invariants
//! - A deleted body is below no key, and never will be again.

use super::open::Body;
use crate::os::error::Win32Error;
use crate::os::machine::Os;
use crate::os::process::ThreadId;
use crate::os::security;
use crate::os::syscall::{Answer, Key, Value};
use crate::os::windows::DeleteNull;

impl Os {
    /// `RegDeleteKey`.
    pub(crate) fn reg_delete_key(&mut self, thread: ThreadId, key: Key, path: Option<&str>) -> Answer {
        let path = match (path, self.windows().delete_null) {
            (Some(path), _) => path,
            (None, DeleteNull::DeletesTheKeyItself) => "",
            (None, DeleteNull::InvalidParameter) => return Err(Win32Error::INVALID_PARAMETER),
        };
        let found = self.find_key(thread, key, path)?;
        self.check_key(thread, &found, security::DELETE)?;
        let Some((parent, name)) = found.split_last().filter(|(parent, _)| parent.hive().is_some()) else {
            return Err(Win32Error::ACCESS_DENIED); // the root of a hive, or HKEY_USERS
        };
        self.registry_mut().key_mut(&parent).expect("a key's parent is there").delete(name)?;
        assert!(self.registry().key(&found).is_none(), "{found} was deleted and can still be found");
        self.bury(|path| *path == found, Body::Deleted);
        Ok(Value::Nothing)
    }
}
