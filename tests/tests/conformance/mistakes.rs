//! Machines that are wrong in one rule each, so that it is seen that the rule's test would notice.

use mapisim_model::os::{Answer, Key, Os, Syscall, ThreadId, Value, Win32Error};

/// Steps with other names of objects.
fn renamed(call: &Syscall, rename: impl Fn(&str) -> String) -> Syscall {
    let mut call = call.clone();
    if let Syscall::CreateFileMapping { name: Some(name), .. }
    | Syscall::CreateMutex { name: Some(name), .. }
    | Syscall::CreateEvent { name: Some(name), .. } = &mut call
    {
        *name = rename(name);
    }
    call
}

/// H.1: who impersonates is moved to the global directory.
pub(crate) fn moves_who_impersonates(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let impersonates = os.impersonation(thread).is_some();
    let rename = |name: &str| {
        if impersonates && !name.contains('\\') { format!(r"Global\{name}") } else { name.to_owned() }
    };
    os.execute(thread, &renamed(call, rename))
}

/// H.2: a prefix is a trick with strings that is simply cut off.
pub(crate) fn cuts_prefixes(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let leaf = |name: &str| name.rsplit('\\').next().unwrap_or_default().to_owned();
    os.execute(thread, &renamed(call, leaf))
}

/// H.3: a closed handle is kept elsewhere.
pub(crate) fn keeps_closed_handles(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    if let Syscall::CloseHandle { handle } = call {
        let process = os.process_of(thread);
        let copy =
            Syscall::DuplicateHandle { source: process, handle: *handle, target: process, access: None };
        os.execute(thread, &copy)?.ok();
    }
    os.execute(thread, call)
}

/// H.4: Create never says that something existed.
pub(crate) fn hides_what_existed(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    Some(match os.execute(thread, call)? {
        Ok(Value::Opened { handle, .. }) if !matches!(call, Syscall::RegCreateKeyEx { .. }) => {
            Ok(Value::Opened { handle, existed: false })
        }
        other => other,
    })
}

/// H.5: a missing privilege is called by its name.
pub(crate) fn names_the_privilege(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let is_section = matches!(call, Syscall::CreateFileMapping { .. });
    Some(os.execute(thread, call)?.map_err(|error| match error {
        Win32Error::ACCESS_DENIED if is_section => Win32Error::PRIVILEGE_NOT_HELD,
        other => other,
    }))
}

/// H.6: every object is made for everyone.
pub(crate) fn lets_everyone_in(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let mut call = call.clone();
    if let Syscall::CreateFileMapping { everyone, .. }
    | Syscall::CreateMutex { everyone, .. }
    | Syscall::CreateEvent { everyone, .. } = &mut call
    {
        *everyone = true;
    }
    os.execute(thread, &call)
}

/// H.7: HKEY_CURRENT_USER is mapped anew at every use.
pub(crate) fn forgets_hkcu(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    if let Syscall::RegCreateKeyEx { key: Key::CurrentUser, .. } = call {
        os.execute(thread, &Syscall::RegCloseKey { key: Key::CurrentUser })?.ok();
    }
    os.execute(thread, call)
}

/// H.8: each session has its own keys.
pub(crate) fn splits_hives(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let session = os.process(os.process_of(thread)).session();
    let mut call = call.clone();
    if let Syscall::RegCreateKeyEx { path, .. } = &mut call
        && session > 0
    {
        *path = format!("{path}-{session}");
    }
    os.execute(thread, &call)
}

/// H.9: a deleted key is merely not found.
pub(crate) fn finds_nothing_deleted(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    Some(os.execute(thread, call)?.map_err(|error| match error {
        Win32Error::KEY_DELETED => Win32Error::FILE_NOT_FOUND,
        other => other,
    }))
}

/// H.10: keys are enumerated from the end.
pub(crate) fn enumerates_backwards(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let Syscall::RegEnumKeyEx { key, index } = call else { return os.execute(thread, call) };
    let info = os.execute(thread, &Syscall::RegQueryInfoKey { key: *key })?;
    let count = if let Ok(Value::KeyInfo(info)) = info { info.subkeys } else { 0 };
    let index = if *index < count { count - 1 - index } else { *index };
    os.execute(thread, &Syscall::RegEnumKeyEx { key: *key, index })
}

/// H.11: deleting a key takes the keys below it along, in one step.
pub(crate) fn deletes_trees(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let Syscall::RegDeleteKey { key, path: Some(path) } = call else { return os.execute(thread, call) };
    let below = Syscall::RegDeleteKey { key: *key, path: Some(format!(r"{path}\b")) };
    os.execute(thread, &below)?.ok();
    os.execute(thread, call)
}

/// H.12: impersonation is the whole process's.
pub(crate) fn impersonates_for_all(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    if matches!(call, Syscall::ImpersonateLoggedOnUser { .. }) {
        let others: Vec<ThreadId> = os.threads_of(os.process_of(thread)).collect();
        for other in others {
            os.execute(other, call)?.ok();
        }
    }
    os.execute(thread, call)
}

/// H.13: a process that ends releases its mutexes first.
pub(crate) fn tidies_up_at_the_end(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    if matches!(call, Syscall::ExitProcess) {
        let threads: Vec<ThreadId> = os.threads_of(os.process_of(thread)).collect();
        for (number, owner) in (1..12).flat_map(|number| threads.iter().map(move |owner| (number, *owner))) {
            let mutex = mapisim_model::os::Handle(4 * number);
            while let Some(Ok(_)) = os.execute(owner, &Syscall::ReleaseMutex { mutex }) {}
        }
    }
    os.execute(thread, call)
}

/// H.14: a process that ends takes a key along.
pub(crate) fn loses_keys_at_the_end(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    if matches!(call, Syscall::ExitProcess) {
        let own = Syscall::RegDeleteKey { key: Key::CurrentUser, path: Some("b".to_owned()) };
        os.execute(thread, &own)?.ok();
    }
    os.execute(thread, call)
}

/// H.15: NULL is the empty path on every version.
pub(crate) fn has_the_null_bug(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    let mut call = call.clone();
    if let Syscall::RegDeleteKey { path: path @ None, .. } = &mut call {
        *path = Some(String::new());
    }
    os.execute(thread, &call)
}
