//! Names and numbers in words.

use crate::mapi::memory::Code;
use crate::trace::{ProcessInfo, Run};

/// `MAPI_E_CALL_FAILED 0x80004005`, `ERROR_ACCESS_DENIED (5)`, `ERROR_SUCCESS (0)`.
pub fn name_of_code(code: Code) -> String {
    match code {
        Code::Mapi(result) => result.to_string(),
        Code::Win32(Some(error)) => error.to_string(),
        Code::Win32(None) => "ERROR_SUCCESS (0)".to_owned(),
    }
}

/// `outlook.exe (account svc, session 2)`.
pub(super) fn process(process: &ProcessInfo) -> String {
    format!("{} (account {}, session {})", process.name, process.account, process.session)
}

/// `outlook.exe (account svc, impersonating backup, session 2)`: a thread before a step, by its process's name or its own.
pub(super) fn thread(run: &Run, thread: usize, number: usize, by_process: bool) -> String {
    let process = &run.processes[run.threads[thread].process];
    let name = if by_process { &process.name } else { &run.threads[thread].name };
    format!("{name} (account {}, session {})", identity(run, thread, number), process.session)
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The leaf of a path: what stands after the last backslash.
pub(super) fn leaf(path: &str) -> &str {
    path.rsplit_once('\\').map_or(path, |(_, leaf)| leaf)
}

/// The directory of a path: what stands before the last backslash.
pub(super) fn directory(path: &str) -> &str {
    path.rsplit_once('\\').map_or("", |(directory, _)| directory)
}

/// `svc impersonating backup`, or the account alone, for a thread before a step.
pub(super) fn identity(run: &Run, thread: usize, number: usize) -> String {
    let account = &run.processes[run.threads[thread].process].account;
    let os = run.before(number);
    let id = crate::os::process::ThreadId(thread as u32);
    match os.impersonation(id).and_then(|token| os.account_name(token.user())) {
        Some(user) if user != account => format!("{account}, impersonating {user}"),
        _ => account.clone(),
    }
}

/// What a crash of the machine does, where the lazy writer had just written the hives of these.
pub fn machine_crash(written: &[&str]) -> String {
    let hives = match written {
        [] => "every hive is as it was last flushed".to_owned(),
        [one] => format!("the hive of {one} is kept as it just was, every other is as it was last flushed"),
        [most @ .., last] => format!(
            "the hives of {} and {last} are kept as they just were, every other is as it was last flushed",
            most.join(", ")
        ),
    };
    format!("the machine crashed: every process is gone, {hives}")
}
