//! Calls of Windows and MAPI that somebody may write in a script, and that no script can make: each with why, and what to
//! do instead. A name from here stops a file with that, where any other unknown name is taken for a slip.
//!
//! Two kinds. Some are steps of the machine ([`Syscall`](crate::os::Syscall)) that scripts reach only through other
//! calls; the others are not modelled at all, and no step has their name.
//!
//! Always holds: no name here is that of a call of scripts; [`Why::Absent`] ones are no steps of the machine, the others
//! are. A test compares them with the steps, and the table in the documents with both.

use std::ops::Range;

use super::problem::Problem;

/// Why a script cannot make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The machine has the step; no call of scripts is just that step.
    Inside,
    /// The machine has no such step.
    Absent,
}

/// A call that no script can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmodelled {
    /// Its name.
    pub name: &'static str,
    /// Why.
    pub why: Why,
    /// What to do instead, as a clause.
    pub instead: &'static str,
}

const fn inside(name: &'static str, instead: &'static str) -> Unmodelled {
    Unmodelled { name, why: Why::Inside, instead }
}

const fn absent(name: &'static str, instead: &'static str) -> Unmodelled {
    Unmodelled { name, why: Why::Absent, instead }
}

const BY_MAPI: &str = "MAPI's own calls take this step; for a protocol of your own use the machine from Rust (`mapisim_model::os`)";
const TOUCH: &str = "`TouchHKCU` opens a key below HKEY_CURRENT_USER and closes it";
const FILL: &str = "put the key into the file's `hives`, or import a `.reg` file";
const START: &str = "name the process in the file's `processes`: all are there from the start";
const THREAD: &str = "name the thread in its process's `threads`: all are there from the start";
const TOKEN: &str = "`LogonUser` makes a token, `ImpersonateLoggedOnUser` uses it";
const KILL: &str = "`faults` has crashes at any step, and a `schedule` has `kill`";
const END: &str = "`faults` has `thread_deaths` at any step, and a `schedule` has `end`";
const LOCK: &str =
    "mutexes and events are the objects that processes wait for; what is locked is settled by `assumptions`";
const TIME: &str = "there is no time: leave `schedule` out, and every order is tried";
const LEAVE_OUT: &str = "leave it out: nothing that the properties look at depends on it";
const PROFILE: &str = "`CreateProfile` makes a whole profile; what is in it is not told apart";

/// All of them, by kind and name.
pub const UNMODELLED: &[Unmodelled] = &[
    inside("CheckTokenMembership", "who is in which group is said by `accounts`"),
    inside("CloseHandle", BY_MAPI),
    inside("CreateEvent", BY_MAPI),
    inside("CreateFileMapping", BY_MAPI),
    inside("CreateMutex", BY_MAPI),
    inside("DuplicateHandle", BY_MAPI),
    inside("DuplicateTokenEx", TOKEN),
    inside("EnterCriticalSection", BY_MAPI),
    inside("ExitThread", "a thread ends with its script"),
    inside("GetCurrentProcessId", BY_MAPI),
    inside("ImpersonateSelf", TOKEN),
    inside("LeaveCriticalSection", BY_MAPI),
    inside("MapViewOfFile", BY_MAPI),
    inside("NtDeleteKey", BY_MAPI),
    inside("OpenEvent", BY_MAPI),
    inside("OpenFileMapping", BY_MAPI),
    inside("OpenMutex", BY_MAPI),
    inside("OpenProcess", BY_MAPI),
    inside("OpenThreadToken", TOKEN),
    inside("PrivilegeCheck", "who has which privilege is said by `accounts`"),
    inside("RegCreateKeyEx", FILL),
    inside("RegDeleteKey", BY_MAPI),
    inside("RegDeleteValue", BY_MAPI),
    inside("RegEnumKeyEx", "`GetProfileTable` lists profiles"),
    inside("RegEnumValue", BY_MAPI),
    inside("RegFlushKey", "what is written is seen by all at once without it"),
    inside("RegOpenKeyEx", TOUCH),
    inside("RegQueryInfoKey", BY_MAPI),
    inside("RegQueryValueEx", "`OpenMsgStore` reads the profile of a session"),
    inside("RegSetValueEx", FILL),
    inside("ReleaseMutex", BY_MAPI),
    inside("ResetEvent", BY_MAPI),
    inside("SetEvent", BY_MAPI),
    inside("SetThreadToken", TOKEN),
    inside("UnmapViewOfFile", BY_MAPI),
    inside("WaitForSingleObject", BY_MAPI),
    absent("AccessCheck", "the access lists of hives follow from `accounts`"),
    absent(
        "AdjustTokenPrivileges",
        "every privilege that an account has is enabled: say which in `accounts`",
    ),
    absent("CopyProfile", PROFILE),
    absent("CreateFile", LEAVE_OUT),
    absent("CreatePrivateNamespace", "every process uses its session's own name space"),
    absent("CreateProcess", START),
    absent("CreateProcessAsUser", START),
    absent("CreateProcessWithLogonW", START),
    absent("CreateRestrictedToken", "name an account that has fewer groups and privileges"),
    absent("CreateSemaphore", LOCK),
    absent("CreateThread", THREAD),
    absent("CreateWaitableTimer", TIME),
    absent("ExitWindowsEx", "end each script; a hive is unloaded by `UnloadUserProfile`"),
    absent("GetProfileType", LEAVE_OUT),
    absent("GetTickCount", TIME),
    absent("ImpersonateAnonymousToken", "name an account with few rights, and use its token"),
    absent("ImpersonateNamedPipeClient", TOKEN),
    absent("MAPILogon", "`MAPILogonEx` is the call"),
    absent("MAPIOpenLocalFormContainer", LEAVE_OUT),
    absent("OpenProcessToken", TOKEN),
    absent("RegConnectRegistry", "all hives are on the one machine"),
    absent("RegDeleteTree", "no step deletes more than a key; `DeleteProfile` deletes a profile key by key"),
    absent("RegDisablePredefinedCacheEx", "`RegDisablePredefinedCache` does it for HKEY_CURRENT_USER"),
    absent("RegLoadKey", "`LoadUserProfile` loads an account's hive"),
    absent(
        "RegNotifyChangeKeyValue",
        "nobody is told of changes: let the thread look again, with `GetProfileTable`",
    ),
    absent("RegOpenUserClassesRoot", LEAVE_OUT),
    absent("RegOverridePredefKey", "`RegCloseKey` of HKEY_CURRENT_USER lets it be bound anew"),
    absent("RegRenameKey", LEAVE_OUT),
    absent("RegRestoreKey", FILL),
    absent("RegSaveKey", "`mapisim show --export-hive` writes a hive as it is at any step"),
    absent("RegSetKeySecurity", "every key has its hive's access list"),
    absent("RegUnLoadKey", "`UnloadUserProfile` unloads an account's hive"),
    absent("RenameProfile", PROFILE),
    absent("ResumeThread", TIME),
    absent("SHDeleteKey", "no step deletes more than a key; `DeleteProfile` deletes a profile key by key"),
    absent("SetPrivateObjectSecurity", "every key has its hive's access list"),
    absent("SetTokenInformation", "a process's session is said by `processes`"),
    absent("Sleep", TIME),
    absent("SuspendThread", TIME),
    absent("TerminateProcess", KILL),
    absent("TerminateThread", END),
    absent("WTSDisconnectSession", "a session that is disconnected goes on as before: leave it out"),
    absent("WTSLogoffSession", "kill the session's processes in the `schedule`"),
    absent("WTSQueryUserToken", TOKEN),
    absent("WaitForMultipleObjects", LOCK),
];

/// The call of that name, by whatever case and with or without the `A` or `W` of its two forms.
pub(super) fn find(name: &str) -> Option<&'static Unmodelled> {
    let stem = name.strip_suffix(['A', 'W']).unwrap_or(name);
    let is = |asked: &str| UNMODELLED.iter().find(|call| call.name.eq_ignore_ascii_case(asked));
    is(name).or_else(|| is(stem))
}

impl Unmodelled {
    /// The same as a problem of a file.
    pub(super) fn problem(&self, span: Range<usize>) -> Problem {
        let (message, label) = match self.why {
            Why::Inside => (format!("{} is no call of scripts", self.name), "a step inside other calls"),
            Why::Absent => (format!("{} is not modelled", self.name), "no script can make this call"),
        };
        Problem::new("not-modelled", span, message).label(label).help(self.instead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::call::NAMES;

    #[test]
    fn each_is_there_once_in_order_and_is_no_call_of_scripts() {
        for pair in UNMODELLED.windows(2) {
            let key = |call: &Unmodelled| (call.why, call.name);
            assert!(key(&pair[0]) < key(&pair[1]), "{} before {}", pair[0].name, pair[1].name);
        }
        for call in UNMODELLED {
            assert!(!NAMES.contains(&call.name), "{}", call.name);
            assert!(!call.instead.ends_with('.') && !call.instead.is_empty(), "{}", call.name);
        }
    }

    #[test]
    fn a_name_is_known_by_its_forms_and_a_slip_is_not() {
        let rows = [
            ("RegNotifyChangeKeyValue", Some("RegNotifyChangeKeyValue")),
            ("CreateFileMappingW", Some("CreateFileMapping")),
            ("createprocessa", None),
            ("createprocessA", Some("CreateProcess")),
            ("CreateProcessWithLogonW", Some("CreateProcessWithLogonW")),
            ("TerminateProces", None),
            ("MAPIInitialise", None),
            ("", None),
        ];
        for (name, expected) in rows {
            assert_eq!(find(name).map(|call| call.name), expected, "{name}");
        }
    }
}
