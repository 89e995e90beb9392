//! Steps as canonical text: one line each, everything in it, nothing shortened. The digest is a hash of these.
//!
//! A change of any line here changes digests that people have written down: that is what the version in the first line
//! of the canonical text is for.

use mapisim_model::mapi::memory::Code;
use mapisim_model::os::security::AccessMask;
use mapisim_model::os::syscall::{
    Answer, Handle, Key, KeyAccess, LogonType, MapAccess, Protection, RegValue, Syscall, Timeout, Value,
    ViewBase,
};
use mapisim_model::os::token::{Level, TokenKind};
use mapisim_model::trace::{Run, Step, Who};

/// One step: number, who, call, internal actions, what was asked, what was answered, what the call returned.
pub fn step(run: &Run, step: &Step) -> String {
    let who = match step.who {
        Who::Thread(_) => format!("thread {}", quoted(run.actor_name(step))),
        Who::Ended(_) => format!("end {}", quoted(run.actor_name(step))),
        Who::Killed(_) => format!("kill {}", quoted(run.actor_name(step))),
        Who::Machine(kept) => {
            let kept: Vec<String> = run.kept(kept).into_iter().map(quoted).collect();
            format!("crash machine [{}]", kept.join(", "))
        }
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
        | Syscall::OpenThreadToken
        | Syscall::RevertToSelf
        | Syscall::RegOpenCurrentUser
        | Syscall::RegDisablePredefinedCache => vec![],
        Syscall::MemoryRead { word } => vec![quoted(word)],
        Syscall::MemoryWrite { word, value } => vec![quoted(word), value.to_string()],
        Syscall::MemoryAdd { word, delta } => vec![quoted(word), delta.to_string()],
        Syscall::EnterCriticalSection { name } | Syscall::LeaveCriticalSection { name } => vec![quoted(name)],
        Syscall::OpenMutex { name, access } | Syscall::OpenEvent { name, access } => {
            vec![quoted(name), mask(*access)]
        }
        Syscall::LogonUser { account, logon } => vec![quoted(account), logon_type(*logon).to_owned()],
        Syscall::LoadUserProfile { account } | Syscall::UnloadUserProfile { account } => {
            vec![quoted(account)]
        }
        Syscall::ImpersonateLoggedOnUser { token } => vec![handle(*token)],
        Syscall::ImpersonateSelf { level } => vec![level_name(*level).to_owned()],
        Syscall::SetThreadToken { token } => vec![optional_handle(*token)],
        Syscall::DuplicateTokenEx { token, kind } => vec![handle(*token), token_kind(*kind).to_owned()],
        Syscall::CheckTokenMembership { token, sid } => vec![optional_handle(*token), sid.to_string()],
        Syscall::PrivilegeCheck { token, privilege } => {
            vec![handle(*token), privilege.name().to_owned()]
        }
        Syscall::CreateFileMapping { name, size, protection: asked, everyone } => {
            let mut arguments =
                vec![optional(name.as_deref()), size.to_string(), protection(*asked).to_owned()];
            arguments.extend(everyone.then(|| "everyone".to_owned()));
            arguments
        }
        Syscall::CreateMutex { name, everyone } => {
            let mut arguments = vec![optional(name.as_deref())];
            arguments.extend(everyone.then(|| "everyone".to_owned()));
            arguments
        }
        Syscall::CreateEvent { name, manual_reset, signalled, everyone } => {
            let mut arguments = vec![optional(name.as_deref())];
            arguments.push(if *manual_reset { "manual" } else { "auto" }.to_owned());
            arguments.push(if *signalled { "signalled" } else { "not signalled" }.to_owned());
            arguments.extend(everyone.then(|| "everyone".to_owned()));
            arguments
        }
        Syscall::SetEvent { event } | Syscall::ResetEvent { event } => vec![handle(*event)],
        Syscall::DuplicateHandle { source, handle: shared, target, access } => vec![
            format!("process {}", source.0),
            handle(*shared),
            format!("process {}", target.0),
            access.map_or_else(|| "same access".to_owned(), mask),
        ],
        Syscall::ByteLoad { view, offset } => vec![base(*view), offset.to_string()],
        Syscall::ByteStore { view, offset, value } => {
            vec![base(*view), offset.to_string(), value.to_string()]
        }
        Syscall::NtDeleteKey { key: opened } => vec![handle(*opened)],
        Syscall::OpenProcess { process } => vec![process.to_string()],
        Syscall::OpenFileMapping { name, access } => vec![quoted(name), map_access(*access).to_owned()],
        Syscall::MapViewOfFile { section, access, bytes } => {
            vec![handle(*section), map_access(*access).to_owned(), bytes.to_string()]
        }
        Syscall::UnmapViewOfFile { view } => vec![base(*view)],
        Syscall::CellLoad { view, cell } => vec![base(*view), quoted(cell)],
        Syscall::CellStore { view, cell, value } => vec![base(*view), quoted(cell), value.to_string()],
        Syscall::CellAdd { view, cell, delta } => vec![base(*view), quoted(cell), delta.to_string()],
        Syscall::CellCompareExchange { view, cell, exchange, comparand } => {
            vec![base(*view), quoted(cell), exchange.to_string(), comparand.to_string()]
        }
        Syscall::WaitForSingleObject { object, timeout } => {
            let timeout = match timeout {
                Timeout::Infinite => "infinite",
                Timeout::Zero => "0",
            };
            vec![handle(*object), timeout.to_owned()]
        }
        Syscall::ReleaseMutex { mutex } => vec![handle(*mutex)],
        Syscall::CloseHandle { handle: closed } => vec![handle(*closed)],
        Syscall::RegOpenKeyEx { key: root, path, access } => {
            vec![key(*root), optional(path.as_deref()), key_access(*access)]
        }
        Syscall::RegCreateKeyEx { key: root, path, volatile } => {
            vec![key(*root), quoted(path), if *volatile { "volatile" } else { "stable" }.to_owned()]
        }
        Syscall::RegCloseKey { key: root }
        | Syscall::RegFlushKey { key: root }
        | Syscall::RegQueryInfoKey { key: root } => vec![key(*root)],
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
        Syscall::OpenThreadToken => "OpenThreadToken",
        Syscall::ImpersonateSelf { .. } => "ImpersonateSelf",
        Syscall::SetThreadToken { .. } => "SetThreadToken",
        Syscall::DuplicateTokenEx { .. } => "DuplicateTokenEx",
        Syscall::CheckTokenMembership { .. } => "CheckTokenMembership",
        Syscall::PrivilegeCheck { .. } => "PrivilegeCheck",
        Syscall::ByteLoad { .. } => "ByteLoad",
        Syscall::ByteStore { .. } => "ByteStore",
        Syscall::CreateEvent { .. } => "CreateEvent",
        Syscall::OpenEvent { .. } => "OpenEvent",
        Syscall::SetEvent { .. } => "SetEvent",
        Syscall::ResetEvent { .. } => "ResetEvent",
        Syscall::DuplicateHandle { .. } => "DuplicateHandle",
        Syscall::NtDeleteKey { .. } => "NtDeleteKey",
        Syscall::RegQueryInfoKey { .. } => "RegQueryInfoKey",
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
        Ok(Value::TimedOut) => "timeout".to_owned(),
        Ok(Value::Truth(truth)) => truth.to_string(),
        Ok(Value::KeyInfo(info)) => format!(
            "{} subkeys, names to {}; {} values, names to {}, data to {}",
            info.subkeys, info.subkey_name_max, info.values, info.value_name_max, info.value_data_max
        ),
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

fn optional_handle(token: Option<Handle>) -> String {
    token.map_or_else(|| "NULL".to_owned(), handle)
}

fn mask(access: AccessMask) -> String {
    format!("0x{access:08x}")
}

const fn logon_type(logon: LogonType) -> &'static str {
    match logon {
        LogonType::Interactive => "interactive",
        LogonType::Batch => "batch",
        LogonType::Service => "service",
        LogonType::Network => "network",
    }
}

const fn level_name(level: Level) -> &'static str {
    match level {
        Level::Anonymous => "anonymous",
        Level::Identification => "identification",
        Level::Impersonation => "impersonation",
    }
}

const fn token_kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Primary => "primary",
        TokenKind::Impersonation(level) => level_name(level),
    }
}

const fn protection(protection: Protection) -> &'static str {
    match protection {
        Protection::ReadOnly => "read-only",
        Protection::ReadWrite => "read-write",
        Protection::WriteCopy => "write-copy",
        Protection::ExecuteRead => "execute-read",
        Protection::ExecuteReadWrite => "execute-read-write",
        Protection::NoAccess => "no-access",
        Protection::Execute => "execute",
    }
}

fn key_access(access: KeyAccess) -> String {
    match access {
        KeyAccess::Read => "read".to_owned(),
        KeyAccess::Write => "write".to_owned(),
        KeyAccess::All => "all".to_owned(),
        KeyAccess::Mask(asked) => mask(asked),
    }
}

const fn map_access(access: MapAccess) -> &'static str {
    match access {
        MapAccess::Read => "read",
        MapAccess::Write => "write",
        MapAccess::Copy => "copy",
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
