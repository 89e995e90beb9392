//! Steps in words: what was asked, of which real object, and what was answered.
//!
//! The rule of this family: one line for each step; every object by its name, every error by name and number; pure
//! functions of the run. [`change`] tells what a step changed, [`remark`] what a reader should notice about it.

pub mod change;
pub mod remark;

use mapisim_model::mapi::memory::Code;
use mapisim_model::os::ThreadId;
use mapisim_model::os::syscall::{Key, RegValue, Syscall, Value};
use mapisim_model::trace::{Run, Step, Who};

use crate::digest::canonical;
use crate::names::Names;
use crate::place::value_word;

pub use mapisim_model::finding::name_of_code;

/// A step in one line: `RegDeleteKey HKU\…\Profiles\EventSvc → ERROR_SUCCESS (0)`.
pub fn line(run: &Run, step: &Step, names: &Names) -> String {
    match answer(step) {
        Some(answer) => format!("{} → {answer}", action(run, step, names)),
        None => action(run, step, names),
    }
}

/// What was asked, of which object: `RegDeleteKey HKU\…\Profiles\EventSvc`.
pub fn action(run: &Run, step: &Step, names: &Names) -> String {
    let Some(asked) = &step.syscall else {
        return fault(run, step);
    };
    let object = subject(step, names).map_or_else(String::new, |object| format!(" {object}"));
    let name = canonical::name(asked);
    match asked {
        Syscall::ExitThread => "the thread ends".to_owned(),
        Syscall::ExitProcess
        | Syscall::GetEffectiveUser
        | Syscall::GetProcessUser
        | Syscall::GetCurrentProcessId
        | Syscall::OpenThreadToken
        | Syscall::ImpersonateSelf { .. }
        | Syscall::SetThreadToken { .. }
        | Syscall::DuplicateTokenEx { .. }
        | Syscall::CheckTokenMembership { .. }
        | Syscall::PrivilegeCheck { .. }
        | Syscall::ByteLoad { .. }
        | Syscall::ByteStore { .. }
        | Syscall::CreateEvent { .. }
        | Syscall::OpenEvent { .. }
        | Syscall::SetEvent { .. }
        | Syscall::ResetEvent { .. }
        | Syscall::DuplicateHandle { .. }
        | Syscall::NtDeleteKey { .. }
        | Syscall::RegQueryInfoKey { .. }
        | Syscall::RevertToSelf
        | Syscall::RegOpenCurrentUser
        | Syscall::RegDisablePredefinedCache
        | Syscall::CreateFileMapping { .. }
        | Syscall::OpenFileMapping { .. }
        | Syscall::MapViewOfFile { .. }
        | Syscall::UnmapViewOfFile { .. }
        | Syscall::CreateMutex { .. }
        | Syscall::OpenMutex { .. }
        | Syscall::WaitForSingleObject { .. }
        | Syscall::ReleaseMutex { .. }
        | Syscall::CloseHandle { .. }
        | Syscall::RegOpenKeyEx { .. }
        | Syscall::RegCreateKeyEx { .. }
        | Syscall::RegCloseKey { .. }
        | Syscall::RegDeleteKey { .. }
        | Syscall::RegFlushKey { .. } => format!("{name}{object}"),
        Syscall::OpenProcess { process } => format!("{name} {process}"),
        Syscall::MemoryRead { word } => format!("reads its own \"{word}\""),
        Syscall::MemoryWrite { word, .. } => format!("writes its own \"{word}\""),
        Syscall::MemoryAdd { word, delta } => format!("adds {delta} to its own \"{word}\""),
        Syscall::EnterCriticalSection { name: section } | Syscall::LeaveCriticalSection { name: section } => {
            format!("{name} \"{section}\"")
        }
        Syscall::LogonUser { account, .. }
        | Syscall::LoadUserProfile { account }
        | Syscall::UnloadUserProfile { account } => format!("{name} {account}"),
        Syscall::ImpersonateLoggedOnUser { .. } => match acts_as(step) {
            Some(account) => format!("{name} {account}"),
            None => name.to_owned(),
        },
        Syscall::CellLoad { cell, .. } => format!("reads{object}[{cell}]"),
        Syscall::CellStore { cell, value, .. } => format!("writes{object}[{cell}] = {value}"),
        Syscall::CellAdd { cell, delta, .. } => format!("counts{object}[{cell}] {delta:+}"),
        Syscall::CellCompareExchange { cell, exchange, comparand, .. } => {
            format!("writes{object}[{cell}] = {exchange} if it is {comparand}")
        }
        Syscall::RegQueryValueEx { name: value, .. }
        | Syscall::RegSetValueEx { name: value, .. }
        | Syscall::RegDeleteValue { name: value, .. } => {
            format!("{name}{object} {}", value_name(value, names))
        }
        Syscall::RegEnumKeyEx { index, .. } | Syscall::RegEnumValue { index, .. } => {
            format!("{name}{object} #{index}")
        }
    }
}

/// The object's short name. What the recorder could not name is named as it was asked for.
fn subject(step: &Step, names: &Names) -> Option<String> {
    if let Some(path) = &step.object {
        return Some(names.object(path));
    }
    let root = |key: &Key| match key {
        Key::CurrentUser => r"HKCU".to_owned(),
        Key::Users => "HKU".to_owned(),
        Key::Handle(handle) => format!("(handle {})", handle.0),
    };
    match step.syscall.as_ref()? {
        Syscall::CreateFileMapping { name, .. } | Syscall::CreateMutex { name, .. } => {
            Some(name.as_ref().map_or_else(|| "without a name".to_owned(), |name| format!("\"{name}\"")))
        }
        Syscall::RegOpenKeyEx { key, path: Some(path), .. }
        | Syscall::RegCreateKeyEx { key, path, .. }
        | Syscall::RegDeleteKey { key, path: Some(path) } => Some(format!(r"{}\{path}", root(key))),
        Syscall::RegOpenKeyEx { key, .. }
        | Syscall::RegDeleteKey { key, .. }
        | Syscall::RegCloseKey { key }
        | Syscall::RegQueryValueEx { key, .. }
        | Syscall::RegEnumKeyEx { key, .. } => Some(root(key)),
        Syscall::WaitForSingleObject { object: handle, .. }
        | Syscall::ReleaseMutex { mutex: handle }
        | Syscall::CloseHandle { handle } => Some(format!("(handle {})", handle.0)),
        _ => None,
    }
}

/// The account that the step's thread acts as after it, where it impersonates.
fn acts_as(step: &Step) -> Option<&str> {
    let Who::Thread(thread) = step.who else { return None };
    let acting = step.after.impersonation(ThreadId(thread as u32))?;
    step.after.account_name(acting.user())
}

fn value_name(name: &str, names: &Names) -> String {
    match value_word(name).filter(|_| *names != Names::full()) {
        Some(word) => format!("{name} ({word})"),
        None if name.is_empty() => "(default)".to_owned(),
        None => name.to_owned(),
    }
}

/// What was answered: `ERROR_KEY_DELETED (1018)`, `made`, `0`. None for a kill.
pub fn answer(step: &Step) -> Option<String> {
    let asked = step.syscall.as_ref()?;
    Some(match step.answer.as_ref()? {
        Err(error) => error.to_string(),
        Ok(Value::Nothing) if canonical::name(asked).starts_with("Reg") => "ERROR_SUCCESS (0)".to_owned(),
        Ok(Value::Nothing) => "done".to_owned(),
        Ok(Value::Handle(_)) => "opened".to_owned(),
        Ok(Value::Opened { existed: true, .. }) => "opened, it existed".to_owned(),
        Ok(Value::Opened { existed: false, .. }) => "made".to_owned(),
        Ok(Value::Acquired { abandoned: false }) => "taken".to_owned(),
        Ok(Value::Acquired { abandoned: true }) => "taken, abandoned by its last owner".to_owned(),
        Ok(Value::TimedOut) => "WAIT_TIMEOUT (258)".to_owned(),
        Ok(Value::Truth(truth)) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Ok(Value::KeyInfo(info)) => format!("{} subkeys, {} values", info.subkeys, info.values),
        Ok(Value::View(_)) => "mapped".to_owned(),
        Ok(Value::Number(number)) => match asked {
            Syscall::CellAdd { delta, .. } => format!("count {} → {number}", number - delta),
            Syscall::MemoryRead { .. } if *number > 1_000_000 => "set".to_owned(),
            _ => number.to_string(),
        },
        Ok(Value::Text(text)) => format!("\"{text}\""),
        Ok(Value::User(sid)) => step.after.account_name(sid).map_or_else(|| sid.to_string(), str::to_owned),
        Ok(Value::Data(data)) => value_text(data),
    })
}

/// A registry value, as RegEdit would show it.
pub fn value_text(value: &RegValue) -> String {
    match value.kind {
        1 => {
            let units: Vec<u16> =
                value.data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            format!("\"{}\"", String::from_utf16_lossy(&units).trim_end_matches('\0'))
        }
        4 if value.data.len() == 4 => {
            let bytes = [value.data[0], value.data[1], value.data[2], value.data[3]];
            format!("{}", u32::from_le_bytes(bytes))
        }
        _ => format!("{} bytes", value.data.len()),
    }
}

/// A fault, as schedules say it: `kill events.exe`.
fn fault(run: &Run, step: &Step) -> String {
    match step.who {
        Who::Machine(written) => match run.kept(written).as_slice() {
            [] => "crash machine".to_owned(),
            kept => format!("crash machine keeping {}", kept.join(" and ")),
        },
        Who::Ended(_) => format!("end {}", run.actor_name(step)),
        Who::Thread(_) | Who::Killed(_) => format!("kill {}", run.actor_name(step)),
    }
}

/// The internal actions of a step, as a reader wants them: rounds of loops are left out.
pub fn inside(step: &Step) -> Vec<&'static str> {
    step.inside
        .iter()
        .copied()
        .filter(|frame| !matches!(*frame, "sweep each" | "enumerate" | "delete sections" | "each lease"))
        .collect()
}

/// Whether a call succeeded.
pub fn succeeded(code: Code) -> bool {
    match code {
        Code::Mapi(result) => result.succeeded(),
        Code::Win32(error) => error.is_none(),
    }
}

/// Who did a step, and in which call: `outlook.exe in MAPIInitialize`.
pub fn actor_and_call(run: &Run, step: &Step) -> String {
    match &step.call {
        Some(call) => format!("{} in {}", run.actor_name(step), call.name),
        None if matches!(step.who, Who::Ended(_)) => format!("the death of {}", run.actor_name(step)),
        None if matches!(step.who, Who::Machine(_)) => "the crash of the machine".to_owned(),
        None => format!("the kill of {}", run.actor_name(step)),
    }
}

/// A step in few words, for where its object is told beside it: `RegDeleteKey 13dbb0c8…`.
pub fn brief(run: &Run, step: &Step, names: &Names) -> String {
    let Some(asked) = &step.syscall else {
        return match step.who {
            Who::Machine(_) => "the machine crashes".to_owned(),
            _ => format!("{} is killed", run.actor_name(step)),
        };
    };
    let name = canonical::name(asked);
    match (asked, &step.object) {
        (Syscall::CreateFileMapping { .. } | Syscall::WaitForSingleObject { .. }, Some(path)) => {
            format!("{name} {}", names.object(path))
        }
        (Syscall::RegQueryValueEx { name: value, .. } | Syscall::RegSetValueEx { name: value, .. }, _) => {
            format!("{name} {}", value_name(value, names))
        }
        (Syscall::CellAdd { cell, delta, .. }, Some(path)) => {
            format!("{}[{cell}] {delta:+}", names.object(path))
        }
        (_, Some(path)) if path.starts_with(r"HKU\") => {
            let leaf = names.leaf(path);
            format!("{name} {}", leaf.split_once(" (").map_or(leaf.as_str(), |(leaf, _)| leaf))
        }
        _ => action(run, step, names),
    }
}
