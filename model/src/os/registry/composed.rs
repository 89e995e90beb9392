//! Calls of advapi32 that are no step but a few of them, so that others may come in between.
//!
//! Modelled
//! - `RegOpenKey`, the old call without rights: it is `RegOpenKeyEx` but for no path (NULL or ""). Then a predefined
//!   key is given back, and HKEY_CURRENT_USER bound anew (os C.1, G2.47); any other handle is given back as it is,
//!   without the kernel being asked, so that of a deleted key too (os C.3); and NULL is no error (os G2.49).
//! - `RegDeleteKeyValue`: opens the key, deletes the value, closes the key (os G1.36). Without a path it is
//!   `RegDeleteValue`.
//!
//! Not modelled: NULL pointers for the result.

use crate::os::error::Win32Error;
use crate::os::security::MAXIMUM_ALLOWED;
use crate::os::syscall::{Answer, Handle, Key, KeyAccess, Syscall, Value};

/// `RegOpenKey`, through whatever takes steps.
///
/// # Errors
/// As `RegOpenKeyEx(MAXIMUM_ALLOWED)`.
pub async fn reg_open_key(
    step: impl AsyncFn(Syscall) -> Answer,
    key: Key,
    path: Option<&str>,
) -> Result<Handle, Win32Error> {
    let path = path.filter(|path| !path.is_empty());
    let is_predefined =
        !matches!(key, Key::Handle(handle) if handle != Handle::CURRENT_USER && handle != Handle::USERS);
    if let (Key::Handle(handle), None, false) = (key, path, is_predefined) {
        return Ok(handle);
    }
    open(&step, key, path, KeyAccess::Mask(MAXIMUM_ALLOWED)).await
}

/// `RegDeleteKeyValue`, through whatever takes steps.
///
/// # Errors
/// As the first of its steps that fails: 6 where the key is none, 2 where the path or the value is not there.
pub async fn reg_delete_key_value(
    step: impl AsyncFn(Syscall) -> Answer,
    key: Key,
    path: Option<&str>,
    name: &str,
) -> Result<(), Win32Error> {
    let name = name.to_owned();
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return step(Syscall::RegDeleteValue { key, name }).await.map(|_| ());
    };
    let handle = open(&step, key, Some(path), KeyAccess::Write).await?;
    let deleted = step(Syscall::RegDeleteValue { key: handle.into(), name }).await;
    let closed = step(Syscall::RegCloseKey { key: handle.into() }).await;
    assert!(closed.is_ok(), "a handle that was just opened can be closed: {closed:?}");
    deleted.map(|_| ())
}

async fn open(
    step: &impl AsyncFn(Syscall) -> Answer,
    key: Key,
    path: Option<&str>,
    access: KeyAccess,
) -> Result<Handle, Win32Error> {
    match step(Syscall::RegOpenKeyEx { key, path: path.map(str::to_owned), access }).await? {
        Value::Handle(handle) => Ok(handle),
        other => unreachable!("opening a key answered {other:?}"),
    }
}
