//! Deleting a tree, as programs do: one step after the other, so that others may come in between.
//!
//! Modelled (os C.6): `RegDeleteTree` is no step but a loop over steps. Depth first, always the subkey at index
//! 0, children before their parent; with a name the named key goes last, without one the key stays and loses
//! its values. It stops at the first error and leaves the rest. What is created meanwhile below a key that has
//! been emptied makes that key's deletion fail (5).
//!
//! Our choice of handles: every key is opened with `KEY_ALL_ACCESS` to be emptied, and deleted by its name
//! below its parent.

use crate::os::error::Win32Error;
use crate::os::syscall::{Answer, Handle, Key, KeyAccess, Syscall, Value};

/// A key that is being emptied.
struct Open {
    key: Key,
    /// The handle to be closed, and the parent and name by which it will be deleted.
    own: Option<(Handle, Key, String)>,
}

/// `RegDeleteTree`, through whatever takes steps.
///
/// # Errors
/// As the first of its steps that fails: 2 for a name that is not there, 5 for a key that got a child meanwhile,
/// 1018 for a key that is gone.
pub async fn reg_delete_tree(
    step: impl AsyncFn(Syscall) -> Answer,
    key: Key,
    path: Option<&str>,
) -> Result<(), Win32Error> {
    let mut stack = match path {
        None | Some("") => vec![Open { key, own: None }],
        Some(path) => vec![open(&step, key, path).await?],
    };
    let mut result = Ok(());
    while let Some(top) = stack.last() {
        let key = top.key;
        result = match step(Syscall::RegEnumKeyEx { key, index: 0 }).await {
            Ok(Value::Text(name)) => match open(&step, key, &name).await {
                Ok(child) => {
                    stack.push(child);
                    Ok(())
                }
                Err(error) => Err(error),
            },
            Err(Win32Error::NO_MORE_ITEMS) => {
                let empty = stack.pop().expect("the top was just looked at");
                delete(&step, empty).await
            }
            Err(error) => Err(error),
            Ok(other) => unreachable!("an enumeration answered {other:?}"),
        };
        if result.is_err() {
            break;
        }
    }
    for left in stack {
        close(&step, &left).await;
    }
    result
}

async fn open(step: &impl AsyncFn(Syscall) -> Answer, key: Key, path: &str) -> Result<Open, Win32Error> {
    let path = path.to_owned();
    let call = Syscall::RegOpenKeyEx { key, path: Some(path.clone()), access: KeyAccess::All };
    match step(call).await? {
        Value::Handle(handle) => Ok(Open { key: handle.into(), own: Some((handle, key, path)) }),
        other => unreachable!("opening a key answered {other:?}"),
    }
}

/// Deletes an emptied key, or the values of the one that stays.
async fn delete(step: &impl AsyncFn(Syscall) -> Answer, empty: Open) -> Result<(), Win32Error> {
    close(step, &empty).await;
    if let Some((_, key, path)) = empty.own {
        return step(Syscall::RegDeleteKey { key, path: Some(path) }).await.map(|_| ());
    }
    loop {
        match step(Syscall::RegEnumValue { key: empty.key, index: 0 }).await {
            Ok(Value::Text(name)) => {
                step(Syscall::RegDeleteValue { key: empty.key, name }).await?;
            }
            Err(Win32Error::NO_MORE_ITEMS) => return Ok(()),
            Err(error) => return Err(error),
            Ok(other) => unreachable!("an enumeration answered {other:?}"),
        }
    }
}

async fn close(step: &impl AsyncFn(Syscall) -> Answer, open: &Open) {
    if let Some((handle, ..)) = &open.own {
        let closed = step(Syscall::RegCloseKey { key: Key::Handle(*handle) }).await;
        assert!(closed.is_ok(), "a handle that was just used can be closed: {closed:?}");
    }
}
