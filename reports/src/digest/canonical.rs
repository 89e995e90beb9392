//! Steps as canonical text: one line each, everything in it, nothing shortened. The digest is a hash of these.
//!
//! A change of any line here changes digests that people have written down: that is what the version in the first line
//! of the canonical text is for.

use mapisim_model::mapi::memory::Code;
use mapisim_model::os::syscall::{
    Answer, Handle, Key, KeyAccess, MapAccess, RegValue, Syscall, Value, ViewBase,
};
use mapisim_model::trace::{Run, Step, Who};

/// One step: number, who, call, internal actions, what was asked, what was answered, what the call returned.
pub fn step(run: &Run, step: &Step) -> String {
    let who = match step.who {
        Who::Thread(_) => format!("thread {}", quoted(run.actor_name(step))),
        Who::Killed(_) => format!("kill {}", quoted(run.actor_name(step))),
    };
    let mut line = format!("{} {who}", step.number);
    if let Some(call) = &step.call {
        line += &format!(" call {} {}", call.index, quoted(&call.text));
    }
    if !step.inside.is_empty() {
        line += &format!(" in {}", quoted(&step.inside.join(" > ")));
    }
    if let Some(asked) = &step.syscall {
        line += &format!(" {}", syscall(asked));
    }
    if let Some(answered) = &step.answer {
        line += &format!(" -> {}", answer(answered));
    }
    if let Some(code) = step.call.as_ref().and_then(|call| call.returned) {
        line += &format!(" returned {}", returned(code));
    }
    line
}

/// What a step asks, with its arguments: `RegDeleteKey(HKCU, "Software\\X")`.
pub fn syscall(asked: &Syscall) -> String {
    let arguments = match asked {
        Syscall::ExitThread
        | Syscall::ExitProcess
        | Syscall::GetEffectiveUser
        | Syscall::GetProcessUser
        | Syscall::GetCurrentProcessId
        | Syscall::RevertToSelf
        | Syscall::RegOpenCurrentUser
        | Syscall::RegDisablePredefinedCache => vec![],
        Syscall::MemoryRead { word } => vec![quoted(word)],
        Syscall::MemoryWrite { word, value } => vec![quoted(word), value.to_string()],
        Syscall::MemoryAdd { word, delta } => vec![quoted(word), delta.to_string()],
        Syscall::EnterCriticalSection { name }
        | Syscall::LeaveCriticalSection { name }
        | Syscall::OpenMutex { name } => vec![quoted(name)],
        Syscall::LogonUser { account }
        | Syscall::LoadUserProfile { account }
        | Syscall::UnloadUserProfile { account } => vec![quoted(account)],
        Syscall::ImpersonateLoggedOnUser { token } => vec![handle(*token)],
        Syscall::OpenProcess { process } => vec![process.to_string()],
        Syscall::CreateFileMapping { name } | Syscall::CreateMutex { name, everyone: false } => {
            vec![optional(name.as_deref())]
        }
        Syscall::CreateMutex { name, everyone: true } => {
            vec![optional(name.as_deref()), "everyone".to_owned()]
        }
        Syscall::OpenFileMapping { name, access } => vec![quoted(name), map_access(*access).to_owned()],
        Syscall::MapViewOfFile { section, access } => vec![handle(*section), map_access(*access).to_owned()],
        Syscall::UnmapViewOfFile { view } => vec![base(*view)],
        Syscall::CellLoad { view, cell } => vec![base(*view), quoted(cell)],
        Syscall::CellStore { view, cell, value } => vec![base(*view), quoted(cell), value.to_string()],
        Syscall::CellAdd { view, cell, delta } => vec![base(*view), quoted(cell), delta.to_string()],
        Syscall::CellCompareExchange { view, cell, exchange, comparand } => {
            vec![base(*view), quoted(cell), exchange.to_string(), comparand.to_string()]
        }
        Syscall::WaitForSingleObject { object } => vec![handle(*object)],
        Syscall::ReleaseMutex { mutex } => vec![handle(*mutex)],
        Syscall::CloseHandle { handle: closed } => vec![handle(*closed)],
        Syscall::RegOpenKeyEx { key: root, path, access } => {
            vec![key(*root), optional(path.as_deref()), key_access(*access).to_owned()]
        }
        Syscall::RegCreateKeyEx { key: root, path, volatile } => {
            vec![key(*root), quoted(path), if *volatile { "volatile" } else { "stable" }.to_owned()]
        }
        Syscall::RegCloseKey { key: root } | Syscall::RegFlushKey { key: root } => vec![key(*root)],
        Syscall::RegQueryValueEx { key: root, name } | Syscall::RegDeleteValue { key: root, name } => {
            vec![key(*root), quoted(name)]
        }
        Syscall::RegSetValueEx { key: root, name, value } => vec![key(*root), quoted(name), data(value)],
        Syscall::RegDeleteKey { key: root, path } => vec![key(*root), optional(path.as_deref())],
        Syscall::RegEnumKeyEx { key: root, index } | Syscall::RegEnumValue { key: root, index } => {
            vec![key(*root), index.to_string()]
        }
    };
    format!("{}({})", name(asked), arguments.join(", "))
}

/// A step's name: the Windows call that it is.
pub const fn name(asked: &Syscall) -> &'static str {
    match asked {
        Syscall::ExitThread => "ExitThread",
        Syscall::ExitProcess => "ExitProcess",
        Syscall::MemoryRead { .. } => "MemoryRead",
        Syscall::MemoryWrite { .. } => "MemoryWrite",
        Syscall::MemoryAdd { .. } => "MemoryAdd",
        Syscall::EnterCriticalSection { .. } => "EnterCriticalSection",
        Syscall::LeaveCriticalSection { .. } => "LeaveCriticalSection",
        Syscall::GetEffectiveUser => "GetEffectiveUser",
        Syscall::GetProcessUser => "GetProcessUser",
        Syscall::GetCurrentProcessId => "GetCurrentProcessId",
        Syscall::OpenProcess { .. } => "OpenProcess",
        Syscall::LogonUser { .. } => "LogonUser",
        Syscall::ImpersonateLoggedOnUser { .. } => "ImpersonateLoggedOnUser",
        Syscall::RevertToSelf => "RevertToSelf",
        Syscall::LoadUserProfile { .. } => "LoadUserProfile",
        Syscall::UnloadUserProfile { .. } => "UnloadUserProfile",
        Syscall::CreateFileMapping { .. } => "CreateFileMapping",
        Syscall::OpenFileMapping { .. } => "OpenFileMapping",
        Syscall::MapViewOfFile { .. } => "MapViewOfFile",
        Syscall::UnmapViewOfFile { .. } => "UnmapViewOfFile",
        Syscall::CellLoad { .. } => "CellLoad",
        Syscall::CellStore { .. } => "CellStore",
        Syscall::CellAdd { .. } => "CellAdd",
        Syscall::CellCompareExchange { .. } => "CellCompareExchange",
        Syscall::CreateMutex { .. } => "CreateMutex",
        Syscall::OpenMutex { .. } => "OpenMutex",
        Syscall::WaitForSingleObject { .. } => "WaitForSingleObject",
        Syscall::ReleaseMutex { .. } => "ReleaseMutex",
        Syscall::CloseHandle { .. } => "CloseHandle",
        Syscall::RegOpenKeyEx { .. } => "RegOpenKeyEx",
        Syscall::RegCreateKeyEx { .. } => "RegCreateKeyEx",
        Syscall::RegCloseKey { .. } => "RegCloseKey",
        Syscall::RegQueryValueEx { .. } => "RegQueryValueEx",
        Syscall::RegSetValueEx { .. } => "RegSetValueEx",
        Syscall::RegDeleteValue { .. } => "RegDeleteValue",
        Syscall::RegDeleteKey { .. } => "RegDeleteKey",
        Syscall::RegEnumKeyEx { .. } => "RegEnumKeyEx",
        Syscall::RegEnumValue { .. } => "RegEnumValue",
        Syscall::RegFlushKey { .. } => "RegFlushKey",
        Syscall::RegOpenCurrentUser => "RegOpenCurrentUser",
        Syscall::RegDisablePredefinedCache => "RegDisablePredefinedCache",
    }
}

/// What a step was answered: `ok`, `ok handle 12 existed`, `error 1018`.
pub fn answer(answered: &Answer) -> String {
    let value = match answered {
        Err(error) => return format!("error {}", error.0),
        Ok(Value::Nothing) => return "ok".to_owned(),
        Ok(Value::Handle(opened)) => handle(*opened),
        Ok(Value::Opened { handle: opened, existed }) => {
            format!("{} {}", handle(*opened), if *existed { "existed" } else { "new" })
        }
        Ok(Value::Acquired { abandoned }) => if *abandoned { "abandoned" } else { "acquired" }.to_owned(),
        Ok(Value::View(view)) => base(*view),
        Ok(Value::Number(number)) => number.to_string(),
        Ok(Value::Text(text)) => quoted(text),
        Ok(Value::User(sid)) => sid.to_string(),
        Ok(Value::Data(value)) => data(value),
    };
    format!("ok {value}")
}

/// What a call returned, as a number.
fn returned(code: Code) -> String {
    match code {
        Code::Mapi(result) => format!("0x{:08X}", result.0),
        Code::Win32(None) => "0".to_owned(),
        Code::Win32(Some(error)) => error.0.to_string(),
    }
}

fn handle(handle: Handle) -> String {
    format!("handle {}", handle.0)
}

fn base(view: ViewBase) -> String {
    format!("view {}", view.0)
}

fn key(key: Key) -> String {
    match key {
        Key::CurrentUser => "HKCU".to_owned(),
        Key::Users => "HKU".to_owned(),
        Key::Handle(opened) => handle(opened),
    }
}

const fn key_access(access: KeyAccess) -> &'static str {
    match access {
        KeyAccess::Read => "read",
        KeyAccess::Write => "write",
        KeyAccess::All => "all",
    }
}

const fn map_access(access: MapAccess) -> &'static str {
    match access {
        MapAccess::Read => "read",
        MapAccess::Write => "write",
        MapAccess::ReadWrite => "read-write",
        MapAccess::All => "all",
    }
}

/// A registry value: its type number and its bytes.
fn data(value: &RegValue) -> String {
    let mut text = format!("type {} ", value.kind);
    for byte in &value.data {
        text += &format!("{byte:02x}");
    }
    text
}

fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), quoted)
}

/// Text in quotes, in which quotes, backslashes and whatever is no printable ASCII are escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            other => out += &format!("\\u{{{:x}}}", u32::from(other)),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapisim_model::os::error::Win32Error;

    #[test]
    fn nothing_that_tells_two_steps_apart_is_left_out() {
        let delete = |path: Option<&str>| Syscall::RegDeleteKey {
            key: Key::Handle(Handle(12)),
            path: path.map(str::to_owned),
        };
        assert_eq!(syscall(&delete(Some(r"a\b"))), r#"RegDeleteKey(handle 12, "a\\b")"#);
        assert_ne!(syscall(&delete(None)), syscall(&delete(Some("NULL"))));
        let value = RegValue { kind: 4, data: vec![1, 0, 255] };
        let set = Syscall::RegSetValueEx { key: Key::CurrentUser, name: "ä\n".to_owned(), value };
        assert_eq!(syscall(&set), r#"RegSetValueEx(HKCU, "\u{e4}\u{a}", type 4 0100ff)"#);
    }

    #[test]
    fn answers_are_numbers_not_names() {
        assert_eq!(answer(&Err(Win32Error::KEY_DELETED)), "error 1018");
        assert_eq!(answer(&Ok(Value::Opened { handle: Handle(8), existed: true })), "ok handle 8 existed");
        assert_eq!(answer(&Ok(Value::Nothing)), "ok");
        assert_eq!(returned(Code::Mapi(mapisim_model::mapi::hresult::HResult::CALL_FAILED)), "0x80004005");
    }
}
