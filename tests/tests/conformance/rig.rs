//! A machine to ask, and what a question gives.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mapisim_model::os::registry::{reg_delete_key_value, reg_delete_tree, reg_open_key};
use mapisim_model::os::syscall::{KeyAccess, LogonType, MapAccess, Protection, RegValue, Timeout};
use mapisim_model::os::{
    Account, Answer, Handle, Key, Os, ProcessId, Syscall, ThreadId, Value, ViewBase, Windows, security,
};

/// HKEY_CURRENT_USER.
pub(crate) const HKCU: Key = Key::CurrentUser;
/// The NULL handle.
pub(crate) const NULL: Handle = Handle(0);

/// What a question gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    /// 0, an error, 183 for a Create that found the thing there, 0x80 or 0x102 for a wait.
    Code(u32),
    /// A number.
    Number(u64),
    /// Yes or no.
    Truth(bool),
    /// Names.
    Names(Vec<String>),
}

/// A machine with the accounts `user` and `other` (of Users), `admin` (of Administrators) and `LocalSystem`, the
/// hives of the first and third loaded; and a thread of `user` in session 1, of a process of its own.
pub(crate) struct Rig {
    pub(crate) os: Os,
    /// The thread that is asked.
    pub(crate) me: ThreadId,
    handles: BTreeMap<&'static str, Handle>,
}

impl Rig {
    pub(crate) fn new(windows: Windows) -> Self {
        let mut os = Os::boot(windows, true);
        let accounts =
            [("user", "1000", "Users"), ("other", "1001", "Users"), ("admin", "500", "Administrators")];
        for (name, rid, group) in accounts {
            let sid = format!("S-1-5-21-1-2-3-{rid}").parse().expect("that is a SID");
            os.add_account(Account::new(name, sid).in_group(group).expect("that is a group"));
        }
        os.add_account(Account::well_known("LocalSystem").expect("that is well known"));
        os.load_hive("user");
        os.load_hive("admin");
        let mut rig = Self { os, me: ThreadId(0), handles: BTreeMap::new() };
        rig.me = rig.start("user");
        rig
    }

    /// One more process with one thread, in session 1.
    pub(crate) fn start(&mut self, account: &str) -> ThreadId {
        let process = self.os.spawn("test.exe", account, 1);
        self.os.spawn_thread(process)
    }

    /// From now on this one is asked.
    pub(crate) fn become_thread(&mut self, thread: ThreadId) {
        self.me = thread;
    }

    /// One step, which must not have to wait.
    pub(crate) fn step(&mut self, call: &Syscall) -> Answer {
        let answer = self.os.execute(self.me, call).unwrap_or_else(|| panic!("{call:?} has to wait"));
        self.os.assert_invariants();
        answer
    }

    /// The question that a row is about.
    pub(crate) fn ask(&mut self, call: &Syscall) -> Got {
        match self.step(call) {
            Ok(Value::Opened { existed: true, .. }) => Got::Code(183),
            Ok(Value::Acquired { abandoned: true }) => Got::Code(0x80),
            Ok(Value::TimedOut) => Got::Code(0x102),
            Ok(Value::Number(number)) => {
                Got::Number(number.try_into().expect("no row has a negative number"))
            }
            Ok(Value::Truth(truth)) => Got::Truth(truth),
            Ok(_) => Got::Code(0),
            Err(error) => Got::Code(error.0),
        }
    }

    /// A step of the set-up, which must succeed.
    pub(crate) fn ok(&mut self, call: &Syscall) -> Value {
        self.step(call).unwrap_or_else(|error| panic!("the set-up fails: {call:?}: {error}"))
    }

    /// A step of the set-up that gives a handle, which is remembered under a name.
    pub(crate) fn keep(&mut self, name: &'static str, call: &Syscall) -> Handle {
        let (Value::Handle(handle) | Value::Opened { handle, .. }) = self.ok(call) else {
            panic!("{call:?} gives no handle")
        };
        self.handles.insert(name, handle);
        handle
    }

    /// A handle that was remembered.
    pub(crate) fn h(&self, name: &str) -> Handle {
        self.handles[name]
    }

    /// A view of the whole section.
    pub(crate) fn view(&mut self, section: Handle, access: MapAccess) -> ViewBase {
        let Value::View(view) = self.ok(&map(section, access, 0)) else { panic!("no view") };
        view
    }

    /// How large that view is.
    pub(crate) fn bytes(&self, view: ViewBase) -> Got {
        Got::Number(self.os.view_bytes(self.process(), view).expect("the view is there"))
    }

    /// What a handle is good for.
    pub(crate) fn granted(&self, handle: Handle) -> Got {
        Got::Number(self.os.granted(self.process(), handle).expect("the handle is open").into())
    }

    /// All names that an enumeration gives.
    pub(crate) fn list(&mut self, call: impl Fn(u32) -> Syscall) -> Got {
        let mut names = Vec::new();
        while let Ok(Value::Text(name)) = self.step(&call(names.len() as u32)) {
            names.push(name);
        }
        Got::Names(names)
    }

    /// `RegDeleteTree`, its steps one right after the other.
    pub(crate) fn delete_tree(&mut self, key: Key, path: Option<&str>) -> Got {
        let rig = RefCell::new(self);
        let run = reg_delete_tree(async |call| rig.borrow_mut().step(&call), key, path);
        Got::Code(at_once(run).map_or_else(|error| error.0, |()| 0))
    }

    /// `RegDeleteKeyValue`, its steps one right after the other.
    pub(crate) fn delete_key_value(&mut self, key: impl Into<Key>, path: Option<&str>, name: &str) -> Got {
        let rig = RefCell::new(self);
        let run = reg_delete_key_value(async |call| rig.borrow_mut().step(&call), key.into(), path, name);
        Got::Code(at_once(run).map_or_else(|error| error.0, |()| 0))
    }

    /// `RegOpenKey`: the handle that it gives.
    pub(crate) fn open_key(&mut self, key: impl Into<Key>, path: Option<&str>) -> Result<Handle, Got> {
        let rig = RefCell::new(self);
        let run = reg_open_key(async |call| rig.borrow_mut().step(&call), key.into(), path);
        at_once(run).map_err(|error| Got::Code(error.0))
    }

    pub(crate) fn process(&self) -> ProcessId {
        self.os.process_of(self.me)
    }
}

/// What a call of several steps comes to, none of which may have to wait.
fn at_once<T>(run: impl Future<Output = T>) -> T {
    match pin!(run).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("no step here has to wait"),
    }
}

pub(crate) fn create(key: impl Into<Key>, path: &str) -> Syscall {
    Syscall::RegCreateKeyEx { key: key.into(), path: path.into(), volatile: false }
}

pub(crate) fn create_volatile(key: impl Into<Key>, path: &str) -> Syscall {
    Syscall::RegCreateKeyEx { key: key.into(), path: path.into(), volatile: true }
}

pub(crate) fn open(key: impl Into<Key>, path: &str) -> Syscall {
    open_for(key, path, KeyAccess::All)
}

pub(crate) fn open_for(key: impl Into<Key>, path: &str, access: KeyAccess) -> Syscall {
    Syscall::RegOpenKeyEx { key: key.into(), path: Some(path.into()), access }
}

pub(crate) fn delete(key: impl Into<Key>, path: &str) -> Syscall {
    Syscall::RegDeleteKey { key: key.into(), path: Some(path.into()) }
}

pub(crate) fn nt_delete(key: Handle) -> Syscall {
    Syscall::NtDeleteKey { key }
}

pub(crate) fn close_key(key: impl Into<Key>) -> Syscall {
    Syscall::RegCloseKey { key: key.into() }
}

pub(crate) fn query(key: impl Into<Key>, name: &str) -> Syscall {
    Syscall::RegQueryValueEx { key: key.into(), name: name.into() }
}

pub(crate) fn set(key: impl Into<Key>, name: &str) -> Syscall {
    let value = RegValue { kind: 3, data: vec![1, 2, 3] };
    Syscall::RegSetValueEx { key: key.into(), name: name.into(), value }
}

pub(crate) fn delete_value(key: impl Into<Key>, name: &str) -> Syscall {
    Syscall::RegDeleteValue { key: key.into(), name: name.into() }
}

pub(crate) fn enum_key(key: impl Into<Key>, index: u32) -> Syscall {
    Syscall::RegEnumKeyEx { key: key.into(), index }
}

pub(crate) fn enum_value(key: impl Into<Key>, index: u32) -> Syscall {
    Syscall::RegEnumValue { key: key.into(), index }
}

pub(crate) fn flush(key: impl Into<Key>) -> Syscall {
    Syscall::RegFlushKey { key: key.into() }
}

pub(crate) fn section(name: &str) -> Syscall {
    section_of(name, 4096, Protection::ReadWrite)
}

pub(crate) fn section_of(name: &str, size: u64, protection: Protection) -> Syscall {
    Syscall::CreateFileMapping { name: Some(name.into()), size, protection, everyone: false }
}

pub(crate) fn open_section(name: &str, access: MapAccess) -> Syscall {
    Syscall::OpenFileMapping { name: name.into(), access }
}

pub(crate) fn map(section: Handle, access: MapAccess, bytes: u64) -> Syscall {
    Syscall::MapViewOfFile { section, access, bytes }
}

pub(crate) fn store(view: ViewBase, offset: u64, value: u8) -> Syscall {
    Syscall::ByteStore { view, offset, value }
}

pub(crate) fn load(view: ViewBase, offset: u64) -> Syscall {
    Syscall::ByteLoad { view, offset }
}

pub(crate) fn mutex(name: &str) -> Syscall {
    Syscall::CreateMutex { name: Some(name.into()), everyone: false }
}

pub(crate) fn open_mutex(name: &str) -> Syscall {
    Syscall::OpenMutex { name: name.into(), access: security::mutex::ALL }
}

pub(crate) fn event(name: &str) -> Syscall {
    Syscall::CreateEvent { name: Some(name.into()), manual_reset: true, signalled: false, everyone: false }
}

pub(crate) fn open_event(name: &str, access: security::AccessMask) -> Syscall {
    Syscall::OpenEvent { name: name.into(), access }
}

pub(crate) fn look(object: Handle) -> Syscall {
    Syscall::WaitForSingleObject { object, timeout: Timeout::Zero }
}

pub(crate) fn release(mutex: Handle) -> Syscall {
    Syscall::ReleaseMutex { mutex }
}

pub(crate) fn close(handle: Handle) -> Syscall {
    Syscall::CloseHandle { handle }
}

pub(crate) fn logon(account: &str) -> Syscall {
    Syscall::LogonUser { account: account.into(), logon: LogonType::Interactive }
}
