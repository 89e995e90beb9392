//! A machine to test on, and short names for its calls.

use crate::os::security;
use crate::os::syscall::{KeyAccess, LogonType, MapAccess, Protection, RegValue, Timeout};
use crate::os::{
    Account, Answer, Handle, Key, Os, ProcessId, Sid, Syscall, ThreadId, Value, ViewBase, Windows,
};

/// HKEY_CURRENT_USER.
pub(super) const HKCU: Key = Key::CurrentUser;
/// HKEY_USERS.
pub(super) const HKU: Key = Key::Users;
/// The NULL handle.
pub(super) const NULL: Handle = Handle(0);

/// A machine with four accounts: `user` and `other` (of Users), `admin` (of Administrators) and
/// `LocalSystem`. The hives of the first and third are loaded.
pub(super) struct Rig {
    pub(super) os: Os,
}

impl Rig {
    pub(super) fn new(windows: Windows) -> Self {
        Self::with(windows, true)
    }

    pub(super) fn with(windows: Windows, terminal_services: bool) -> Self {
        let mut os = Os::boot(windows, terminal_services);
        for (name, sid, group) in [
            ("user", "S-1-5-21-1-2-3-1000", "Users"),
            ("other", "S-1-5-21-1-2-3-1001", "Users"),
            ("admin", "S-1-5-21-1-2-3-500", "Administrators"),
        ] {
            os.add_account(Account::new(name, sid.parse().unwrap()).in_group(group).unwrap());
        }
        os.add_account(Account::well_known("LocalSystem").unwrap());
        os.load_hive("user");
        os.load_hive("admin");
        Self { os }
    }

    /// A process with one thread.
    pub(super) fn start(&mut self, account: &str, session: u32) -> ThreadId {
        let process = self.os.spawn("test.exe", account, session);
        self.os.spawn_thread(process)
    }

    /// One step, which must not have to wait; the invariants are checked after it.
    pub(super) fn call(&mut self, thread: ThreadId, call: &Syscall) -> Answer {
        let answer = self.os.execute(thread, call).unwrap_or_else(|| panic!("{call:?} has to wait"));
        self.os.assert_invariants();
        answer
    }

    /// 0, the error, or 183 for a Create that found the thing there.
    pub(super) fn code(&mut self, thread: ThreadId, call: &Syscall) -> u32 {
        match self.call(thread, call) {
            Ok(Value::Opened { existed: true, .. }) => 183,
            Ok(_) => 0,
            Err(error) => error.0,
        }
    }

    /// A call that must give a handle.
    pub(super) fn handle(&mut self, thread: ThreadId, call: &Syscall) -> Handle {
        match self.call(thread, call) {
            Ok(Value::Handle(handle) | Value::Opened { handle, .. }) => handle,
            other => panic!("{call:?} gave no handle: {other:?}"),
        }
    }

    /// A call that must succeed.
    pub(super) fn ok(&mut self, thread: ThreadId, call: &Syscall) -> Value {
        self.call(thread, call).unwrap_or_else(|error| panic!("{call:?}: {error}"))
    }

    /// Maps the whole section.
    pub(super) fn view(&mut self, thread: ThreadId, section: Handle) -> ViewBase {
        match self.ok(thread, &map(section, MapAccess::ReadWrite)) {
            Value::View(view) => view,
            other => panic!("no view: {other:?}"),
        }
    }

    /// What a cell holds.
    pub(super) fn cell(&mut self, thread: ThreadId, view: ViewBase, cell: &str) -> i64 {
        match self.ok(thread, &Syscall::CellLoad { view, cell: cell.into() }) {
            Value::Number(number) => number,
            other => panic!("no number: {other:?}"),
        }
    }

    /// A token of the account by LogonUser.
    pub(super) fn logon(&mut self, thread: ThreadId, account: &str) -> Handle {
        self.handle(thread, &logon(account))
    }

    /// Puts a token on the thread.
    pub(super) fn impersonate(&mut self, thread: ThreadId, token: Handle) {
        self.ok(thread, &Syscall::ImpersonateLoggedOnUser { token });
    }

    /// The names that an enumeration gives.
    pub(super) fn list(&mut self, thread: ThreadId, call: impl Fn(u32) -> Syscall) -> Vec<String> {
        let names = (0..).map_while(|index| match self.call(thread, &call(index)) {
            Ok(Value::Text(name)) => Some(name),
            other => {
                assert_eq!(other.map_err(|error| error.0), Err(259));
                None
            }
        });
        names.collect()
    }

    pub(super) fn process(&self, thread: ThreadId) -> ProcessId {
        self.os.process_of(thread)
    }

    pub(super) fn sid(&self, account: &str) -> Sid {
        self.os.account(account).unwrap().sid.clone()
    }
}

/// A DWORD.
pub(super) fn dword(number: u32) -> RegValue {
    RegValue { kind: 4, data: number.to_le_bytes().to_vec() }
}

pub(super) fn open(key: impl Into<Key>, path: &str) -> Syscall {
    open_for(key, path, KeyAccess::All)
}

pub(super) fn open_for(key: impl Into<Key>, path: &str, access: KeyAccess) -> Syscall {
    Syscall::RegOpenKeyEx { key: key.into(), path: Some(path.into()), access }
}

pub(super) fn open_null(key: impl Into<Key>) -> Syscall {
    Syscall::RegOpenKeyEx { key: key.into(), path: None, access: KeyAccess::Read }
}

pub(super) fn create(key: impl Into<Key>, path: &str) -> Syscall {
    Syscall::RegCreateKeyEx { key: key.into(), path: path.into(), volatile: false }
}

pub(super) fn create_volatile(key: impl Into<Key>, path: &str) -> Syscall {
    Syscall::RegCreateKeyEx { key: key.into(), path: path.into(), volatile: true }
}

pub(super) fn close_key(key: impl Into<Key>) -> Syscall {
    Syscall::RegCloseKey { key: key.into() }
}

pub(super) fn query(key: impl Into<Key>, name: &str) -> Syscall {
    Syscall::RegQueryValueEx { key: key.into(), name: name.into() }
}

pub(super) fn set(key: impl Into<Key>, name: &str) -> Syscall {
    Syscall::RegSetValueEx { key: key.into(), name: name.into(), value: dword(1) }
}

pub(super) fn delete_value(key: impl Into<Key>, name: &str) -> Syscall {
    Syscall::RegDeleteValue { key: key.into(), name: name.into() }
}

pub(super) fn delete(key: impl Into<Key>, path: &str) -> Syscall {
    Syscall::RegDeleteKey { key: key.into(), path: Some(path.into()) }
}

pub(super) fn delete_null(key: impl Into<Key>) -> Syscall {
    Syscall::RegDeleteKey { key: key.into(), path: None }
}

pub(super) fn enum_key(key: impl Into<Key>, index: u32) -> Syscall {
    Syscall::RegEnumKeyEx { key: key.into(), index }
}

pub(super) fn enum_value(key: impl Into<Key>, index: u32) -> Syscall {
    Syscall::RegEnumValue { key: key.into(), index }
}

pub(super) fn flush(key: impl Into<Key>) -> Syscall {
    Syscall::RegFlushKey { key: key.into() }
}

pub(super) fn section(name: &str) -> Syscall {
    section_of(Some(name.into()), 4096, Protection::ReadWrite)
}

/// A section of that size and protection, to be opened by whom its maker's token says.
pub(super) fn section_of(name: Option<String>, size: u64, protection: Protection) -> Syscall {
    Syscall::CreateFileMapping { name, size, protection, everyone: false }
}

pub(super) fn logon(account: &str) -> Syscall {
    Syscall::LogonUser { account: account.into(), logon: LogonType::Interactive }
}

pub(super) fn event(name: &str, manual_reset: bool, signalled: bool) -> Syscall {
    Syscall::CreateEvent { name: Some(name.into()), manual_reset, signalled, everyone: false }
}

pub(super) fn look(object: Handle) -> Syscall {
    Syscall::WaitForSingleObject { object, timeout: Timeout::Zero }
}

pub(super) fn open_section(name: &str, access: MapAccess) -> Syscall {
    Syscall::OpenFileMapping { name: name.into(), access }
}

pub(super) fn map(section: Handle, access: MapAccess) -> Syscall {
    Syscall::MapViewOfFile { section, access, bytes: 0 }
}

pub(super) fn unmap(view: ViewBase) -> Syscall {
    Syscall::UnmapViewOfFile { view }
}

pub(super) fn add(view: ViewBase, cell: &str, delta: i64) -> Syscall {
    Syscall::CellAdd { view, cell: cell.into(), delta }
}

pub(super) fn mutex(name: &str) -> Syscall {
    Syscall::CreateMutex { name: Some(name.into()), everyone: false }
}

pub(super) fn open_mutex(name: &str) -> Syscall {
    Syscall::OpenMutex { name: name.into(), access: security::mutex::ALL }
}

pub(super) fn wait(object: Handle) -> Syscall {
    Syscall::WaitForSingleObject { object, timeout: Timeout::Infinite }
}

pub(super) fn release(mutex: Handle) -> Syscall {
    Syscall::ReleaseMutex { mutex }
}

pub(super) fn close(handle: Handle) -> Syscall {
    Syscall::CloseHandle { handle }
}
