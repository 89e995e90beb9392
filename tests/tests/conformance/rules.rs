//! What always holds (os H.1 to H.15), each as a rule about one step: what was before, what was asked, what came
//! back, what is after. The rules know the facts, not the machine's code.

use mapisim_model::os::token::{Level, TokenKind};
use mapisim_model::os::view::{CurrentUserView, Holder};
use mapisim_model::os::windows::DeleteNull;
use mapisim_model::os::{Handle, Key, Os, ProcessId, Syscall, Value};

use crate::program::Seen;

type Verdict = Result<(), String>;

fn must(holds: bool, sentence: &str) -> Verdict {
    if holds { Ok(()) } else { Err(sentence.to_owned()) }
}

/// The path of what the step made or opened by a name.
fn opened_path(seen: &Seen<'_>) -> Option<String> {
    let Ok(Value::Opened { handle, .. }) = seen.answer else { return None };
    Some(seen.after.object_of(seen.process(), *handle)?.path?.to_string())
}

/// H.1: without a prefix, the process's session is the directory, whoever the thread is.
pub(crate) fn directory_of_the_process(seen: &Seen<'_>) -> Verdict {
    let (Some(name), Some(path)) = (seen.object_name(), opened_path(seen)) else { return Ok(()) };
    let expected = match seen.before.process(seen.process()).session() {
        0 => format!(r"\BaseNamedObjects\{name}"),
        session => format!(r"\Sessions\{session}\BaseNamedObjects\{name}"),
    };
    must(
        name.contains('\\') || path == expected,
        "a plain name lies in the directory of its process's session",
    )
}

/// H.2: a prefix is a part of the path.
pub(crate) fn prefixes_lead(seen: &Seen<'_>) -> Verdict {
    let (Some(name), Some(path)) = (seen.object_name(), opened_path(seen)) else { return Ok(()) };
    let Some((prefix, leaf)) = name.split_once('\\') else { return Ok(()) };
    let session = seen.before.process(seen.process()).session();
    let expected = match (prefix, session) {
        ("Local", 1..) => format!(r"\Sessions\{session}\BaseNamedObjects\{leaf}"),
        _ => format!(r"\BaseNamedObjects\{leaf}"),
    };
    must(path == expected, "a prefix leads to its directory")
}

/// H.3: a name lives exactly as long as a handle.
pub(crate) fn names_die_with_handles(seen: &Seen<'_>) -> Verdict {
    let Syscall::CloseHandle { handle } = seen.call else { return Ok(()) };
    let Some(object) = seen.before.object_of(seen.process(), *handle) else { return Ok(()) };
    let by_handle = |holder: &&Holder| matches!(holder, Holder::Handle(..));
    let handles = seen.before.holders(&object.id).iter().filter(by_handle).count();
    let Some(path) = object.path.filter(|_| object.name_is_alive && handles == 1) else { return Ok(()) };
    let is_there =
        seen.after.all_objects().any(|other| other.name_is_alive && other.path.as_ref() == Some(&path));
    must(!is_there, "the name dies with the last handle")
}

/// H.4: Create on a name in use: type, access, then the existing object.
pub(crate) fn create_on_a_name_in_use(seen: &Seen<'_>) -> Verdict {
    let Some(name) = seen.object_name() else { return Ok(()) };
    let Ok(path) = seen.before.resolve_name(seen.process(), name) else { return Ok(()) };
    let mut objects = seen.before.all_objects();
    let Some(found) = objects.find(|object| object.name_is_alive && object.path.as_ref() == Some(&path))
    else {
        return must(!matches!(seen.answer, Ok(Value::Opened { existed: true, .. })), "nothing existed");
    };
    let same_type = match seen.call {
        Syscall::CreateFileMapping { .. } => found.cells().is_some(),
        Syscall::CreateMutex { .. } => found.mutex().is_some(),
        _ => found.event().is_some(),
    };
    let token = seen.before.effective_token(seen.thread);
    let may_open = found.may_open.iter().any(|sid| token.is_member_of(sid));
    let level = token.kind();
    let opens_nothing = level == TokenKind::Impersonation(Level::Identification);
    let holds = match seen.answer {
        Err(error) if !same_type => error.0 == 6,
        Err(error) if opens_nothing => error.0 == 1346,
        Err(error) => !may_open && error.0 == 5,
        Ok(Value::Opened { existed, .. }) => same_type && may_open && *existed,
        Ok(_) => false,
    };
    must(holds, "6 for another type, 5 for who may not, else the existing object")
}

/// H.5: a new global section from another session needs the privilege.
pub(crate) fn global_sections_need_the_privilege(seen: &Seen<'_>) -> Verdict {
    use mapisim_model::os::privilege::Privilege;
    let Syscall::CreateFileMapping { name: Some(name), .. } = seen.call else { return Ok(()) };
    let session = seen.before.process(seen.process()).session();
    let path = format!(r"\BaseNamedObjects\{}", name.trim_start_matches(r"Global\"));
    let mut names = seen.before.all_objects().filter(|object| object.name_is_alive);
    let exists = names.any(|object| object.path.is_some_and(|other| other.to_string() == path));
    if !name.starts_with(r"Global\") || session == 0 || exists {
        return Ok(());
    }
    let may = seen.before.effective_token(seen.thread).may_use(Privilege::CreateGlobal);
    let holds = match seen.answer {
        Ok(_) => may,
        Err(error) => !may && matches!(error.0, 5 | 1346),
    };
    must(holds, "5 exactly where the effective token lacks the privilege")
}

/// H.6: a new object's list comes from the effective token.
pub(crate) fn lists_come_from_the_effective_token(seen: &Seen<'_>) -> Verdict {
    let Ok(Value::Opened { handle, existed: false }) = seen.answer else { return Ok(()) };
    if matches!(seen.call, Syscall::CreateMutex { everyone: true, .. }) {
        return Ok(()); // its maker said so
    }
    let Some(object) = seen.after.object_of(seen.process(), *handle) else { return Ok(()) };
    let owner = seen.before.effective_token(seen.thread).owner();
    let names: Vec<String> = object.may_open.iter().map(ToString::to_string).collect();
    let holds =
        names.len() == 2 && names.contains(&owner.to_string()) && names.contains(&"S-1-5-18".to_owned());
    must(holds, "the list names the effective token's owner and the system")
}

fn mapping(os: &Os, process: ProcessId) -> Option<String> {
    match os.current_user_of(process)? {
        CurrentUserView::Mapped(key) => Some(key.path),
        CurrentUserView::Unmapped | CurrentUserView::Uncached => None,
    }
}

/// H.7: HKEY_CURRENT_USER stays what it was first, until it is closed or opened with NULL.
pub(crate) fn hkcu_is_sticky(seen: &Seen<'_>) -> Verdict {
    let drops = matches!(
        seen.call,
        Syscall::ExitProcess | Syscall::RegOpenKeyEx { key: Key::CurrentUser, path: None, .. }
    );
    let Some(was) = mapping(seen.before, seen.process()).filter(|_| !drops) else { return Ok(()) };
    must(mapping(seen.after, seen.process()) == Some(was), "the mapping sticks whoever uses it")
}

/// The full path of the key that a call starts from.
fn base(os: &Os, process: ProcessId, key: Key) -> Option<String> {
    match key {
        Key::CurrentUser | Key::Handle(Handle::CURRENT_USER) => mapping(os, process),
        Key::Users | Key::Handle(Handle::USERS) => None,
        Key::Handle(handle) => os.key_of(process, handle).filter(|key| !key.deleted).map(|key| key.path),
    }
}

/// H.8: HKEY_USERS is one for the machine.
pub(crate) fn hives_are_not_split(seen: &Seen<'_>) -> Verdict {
    let (Syscall::RegCreateKeyEx { key, path, .. }, Ok(Value::Opened { handle, .. })) =
        (seen.call, seen.answer)
    else {
        return Ok(());
    };
    let Some(base) = base(seen.before, seen.process(), *key) else { return Ok(()) };
    let made = seen.after.key_of(seen.process(), *handle).map(|key| key.path.to_lowercase());
    must(
        made == Some(format!(r"{base}\{path}").to_lowercase()),
        "a key lies where its name says, for everybody",
    )
}

/// H.9: a handle to a deleted key answers 1018, for ever.
pub(crate) fn deletion_sticks(seen: &Seen<'_>) -> Verdict {
    for process in seen.after.process_ids() {
        for (handle, key) in seen.before.open_keys_of(process).filter(|(_, key)| key.deleted) {
            let now = seen.after.key_of(process, handle);
            must(now.is_none_or(|now| now == key), "a tombstone is never taken away")?;
        }
    }
    let (Syscall::RegQueryValueEx { key, .. }
    | Syscall::RegSetValueEx { key, .. }
    | Syscall::RegEnumKeyEx { key, .. }
    | Syscall::RegOpenKeyEx { key, .. }
    | Syscall::RegCreateKeyEx { key, .. }
    | Syscall::RegDeleteKey { key, path: Some(_) }) = seen.call
    else {
        return Ok(());
    };
    let Key::Handle(handle) = key else { return Ok(()) };
    let is_deleted = seen.before.key_of(seen.process(), *handle).is_some_and(|key| key.deleted);
    let code = seen.answer.as_ref().map_or_else(|error| error.0, |_| 0);
    must(!is_deleted || code == 1018, "every use but close is refused with 1018")
}

/// H.10: keys are enumerated by their upper-cased names.
pub(crate) fn keys_are_sorted(seen: &Seen<'_>) -> Verdict {
    let (Syscall::RegEnumKeyEx { key, index }, Ok(Value::Text(name))) = (seen.call, seen.answer) else {
        return Ok(());
    };
    let Some(base) = base(seen.before, seen.process(), *key) else { return Ok(()) };
    let mut names = seen.before.subkeys(&base).unwrap_or_default();
    names.sort_by_key(|name| name.to_uppercase());
    must(names.get(*index as usize) == Some(&&**name), "the position is that among the sorted names")
}

/// How many keys there are in loaded hives.
fn keys(os: &Os) -> usize {
    fn below(os: &Os, path: &str) -> usize {
        let names = os.subkeys(path).unwrap_or_default();
        names.iter().map(|name| 1 + below(os, &format!(r"{path}\{name}"))).sum()
    }
    os.hives_loaded().iter().map(|hive| below(os, &format!(r"HKU\{hive}"))).sum()
}

/// H.11: no step deletes more than one key.
pub(crate) fn trees_are_deleted_key_by_key(seen: &Seen<'_>) -> Verdict {
    must(keys(seen.after) + 1 >= keys(seen.before), "a step deletes one key at most")
}

/// H.12: impersonation is the calling thread's own.
pub(crate) fn impersonation_is_not_inherited(seen: &Seen<'_>) -> Verdict {
    let threads = seen.before.process_ids().flat_map(|process| seen.before.threads_of(process));
    let mut others = threads.filter(|thread| *thread != seen.thread && seen.after.is_thread_alive(*thread));
    let same = others.all(|other| seen.before.impersonation(other) == seen.after.impersonation(other));
    must(same, "no other thread's token changes")
}

/// H.13: the end of a process runs no code of its own.
pub(crate) fn the_end_abandons(seen: &Seen<'_>) -> Verdict {
    if !matches!(seen.call, Syscall::ExitProcess) {
        return Ok(());
    }
    let mine: Vec<_> = seen.before.threads_of(seen.process()).collect();
    for mutex in seen.before.mutexes().filter(|object| object.name_is_alive) {
        let owner = mutex.mutex().and_then(mapisim_model::os::mutex::Mutex::owner);
        if owner.is_none_or(|owner| !mine.contains(&owner)) {
            continue;
        }
        let now = seen.after.mutexes().find(|other| other.name_is_alive && other.path == mutex.path);
        let is_abandoned =
            now.is_none_or(|now| now.mutex().is_some_and(mapisim_model::os::mutex::Mutex::is_abandoned));
        must(is_abandoned, "what it owned is abandoned, not released")?;
    }
    let holders = seen.after.all_objects().flat_map(|object| seen.after.holders(&object.id));
    let mut processes = holders.map(|holder| match holder {
        Holder::Handle(process, _) | Holder::View(process, _) => process,
    });
    must(processes.all(|process| process != seen.process()), "it holds nothing any more")
}

/// H.14: the registry survives.
pub(crate) fn the_registry_survives(seen: &Seen<'_>) -> Verdict {
    must(!matches!(seen.call, Syscall::ExitProcess) || keys(seen.before) == keys(seen.after), "no key goes")
}

/// H.15: a switch of the version decides, here about a NULL path.
pub(crate) fn versions_decide(seen: &Seen<'_>) -> Verdict {
    let Syscall::RegDeleteKey { path: None, .. } = seen.call else { return Ok(()) };
    let is_87 = matches!(seen.answer, Err(error) if error.0 == 87);
    must(is_87 == (seen.before.windows().delete_null == DeleteNull::InvalidParameter), "87 from XP on")
}
