//! A thread's side of the seam between engine and machine: every step of [`crate::os::syscall`] as a typed `async` function.
//!
//! The algorithm is written against this and nothing else, so it reads like ordinary Win32 code. Every `await` of a
//! function here is exactly one step of the machine, and so one point where other threads may run.
//!
//! This file and `world.rs` are the only ones that know both the engine and the machine.

#![expect(clippy::missing_errors_doc, reason = "each fails as its step does: see crate::os::syscall")]

use std::fmt::Debug;
use std::hash::Hash;
use std::ops::ControlFlow;

use mapisim_sim::Steps;

use crate::os::Os;
use crate::os::error::Win32Error;
use crate::os::registry;
use crate::os::section::PAGE_BYTES;
use crate::os::security;
use crate::os::sid::Sid;
use crate::os::syscall::{
    Answer, Handle, Key, KeyAccess, LogonType, MapAccess, Protection, RegValue, Syscall, Timeout, Value,
    ViewBase,
};

/// What a call into the machine gives.
pub type Win32Result<T> = Result<T, Win32Error>;

/// A thread's way to the machine.
#[derive(Clone)]
pub struct Sys {
    steps: Steps<Os>,
}

/// Takes one kind of value out of an answer; another kind is our own bug.
macro_rules! expect {
    ($answer:expr, $pattern:pat => $result:expr) => {
        $answer.map(|value| match value {
            $pattern => $result,
            other => unreachable!("the machine answered {other:?} to a step that never gives that"),
        })
    };
}

impl Sys {
    /// A thread that takes its steps through the engine.
    pub fn new(steps: Steps<Os>) -> Self {
        Sys { steps }
    }

    async fn call(&self, call: Syscall) -> Answer {
        self.steps.step(call).await
    }

    /// Runs a part of a call under a name (an internal action such as the sweep); once it has ended only its result is
    /// remembered. See [`Steps::frame`].
    pub async fn frame<T>(&self, label: &'static str, body: impl AsyncFn() -> T) -> T
    where
        T: Clone + Ord + Hash + Debug + 'static,
    {
        self.steps.frame(label, body).await
    }

    /// Runs a loop whose rounds know only the state handed to them. See [`Steps::iterate`].
    pub async fn iterate<S, T>(
        &self,
        label: &'static str,
        first: S,
        round: impl AsyncFn(S) -> ControlFlow<T, S>,
    ) -> T
    where
        S: Clone + Ord + Hash + Debug + 'static,
        T: Clone + Ord + Hash + Debug + 'static,
    {
        self.steps.iterate(label, first, round).await
    }

    // ---- process and thread ------------------------------------------------------------------

    /// The thread function returns.
    pub async fn exit_thread(&self) {
        let _nobody_is_left_to_read_it = self.call(Syscall::ExitThread).await;
    }

    /// `ExitProcess`.
    pub async fn exit_process(&self) {
        let _nobody_is_left_to_read_it = self.call(Syscall::ExitProcess).await;
    }

    /// `EnterCriticalSection`: waits while another thread of the process is in it.
    pub async fn enter_critical_section(&self, name: &str) {
        let entered = self.call(Syscall::EnterCriticalSection { name: name.to_owned() }).await;
        assert!(entered.is_ok(), "entering a critical section cannot fail");
    }

    /// `LeaveCriticalSection`.
    pub async fn leave_critical_section(&self, name: &str) {
        let left = self.call(Syscall::LeaveCriticalSection { name: name.to_owned() }).await;
        assert!(left.is_ok(), "a thread leaves only a critical section that it is in");
    }

    /// Reads a word of process memory; 0 when it was never written.
    pub async fn memory_read(&self, word: &str) -> i64 {
        let answer = self.call(Syscall::MemoryRead { word: word.to_owned() }).await;
        expect!(answer, Value::Number(number) => number).expect("a process can read its own memory")
    }

    /// Writes a word of process memory.
    pub async fn memory_write(&self, word: &str, value: i64) {
        let written = self.call(Syscall::MemoryWrite { word: word.to_owned(), value }).await;
        assert!(written.is_ok(), "a process can write its own memory");
    }

    /// Adds to a word of process memory in one step; the new content.
    pub async fn memory_add(&self, word: &str, delta: i64) -> i64 {
        let answer = self.call(Syscall::MemoryAdd { word: word.to_owned(), delta }).await;
        expect!(answer, Value::Number(number) => number).expect("a process can write its own memory")
    }

    // ---- tokens and user profiles ------------------------------------------------------------

    /// The user of the effective token.
    pub async fn effective_user(&self) -> Win32Result<Sid> {
        expect!(self.call(Syscall::GetEffectiveUser).await, Value::User(user) => user)
    }

    /// The user of the process's token.
    pub async fn process_user(&self) -> Win32Result<Sid> {
        expect!(self.call(Syscall::GetProcessUser).await, Value::User(user) => user)
    }

    /// `GetCurrentProcessId`.
    pub async fn current_process_id(&self) -> i64 {
        let answer = self.call(Syscall::GetCurrentProcessId).await;
        expect!(answer, Value::Number(number) => number).expect("a process knows its number")
    }

    /// `OpenProcess`: whether a process of that number lives.
    pub async fn is_process_alive(&self, process: u32) -> bool {
        self.call(Syscall::OpenProcess { process }).await.is_ok()
    }

    /// `LogonUser`.
    pub async fn logon_user(&self, account: &str) -> Win32Result<Handle> {
        let answer = self
            .call(Syscall::LogonUser { account: account.to_owned(), logon: LogonType::Interactive })
            .await;
        expect!(answer, Value::Handle(token) => token)
    }

    /// `ImpersonateLoggedOnUser`.
    pub async fn impersonate_logged_on_user(&self, token: Handle) -> Win32Result<()> {
        expect!(self.call(Syscall::ImpersonateLoggedOnUser { token }).await, Value::Nothing => ())
    }

    /// `RevertToSelf`.
    pub async fn revert_to_self(&self) -> Win32Result<()> {
        expect!(self.call(Syscall::RevertToSelf).await, Value::Nothing => ())
    }

    /// `LoadUserProfile`.
    pub async fn load_user_profile(&self, account: &str) -> Win32Result<()> {
        let answer = self.call(Syscall::LoadUserProfile { account: account.to_owned() }).await;
        expect!(answer, Value::Nothing => ())
    }

    /// `UnloadUserProfile`.
    pub async fn unload_user_profile(&self, account: &str) -> Win32Result<()> {
        let answer = self.call(Syscall::UnloadUserProfile { account: account.to_owned() }).await;
        expect!(answer, Value::Nothing => ())
    }

    // ---- named objects -----------------------------------------------------------------------

    /// `CreateFileMapping` of a named section of one page, to be read and written; the handle, and whether it
    /// existed.
    pub async fn create_file_mapping(&self, name: &str) -> Win32Result<(Handle, bool)> {
        let call = Syscall::CreateFileMapping {
            name: Some(name.to_owned()),
            size: PAGE_BYTES,
            protection: Protection::ReadWrite,
            everyone: false,
        };
        expect!(self.call(call).await, Value::Opened { handle, existed } => (handle, existed))
    }

    /// `MapViewOfFile`, the whole section.
    pub async fn map_view_of_file(&self, section: Handle, access: MapAccess) -> Win32Result<ViewBase> {
        expect!(self.call(Syscall::MapViewOfFile { section, access, bytes: 0 }).await, Value::View(view) => view)
    }

    /// `UnmapViewOfFile`.
    pub async fn unmap_view_of_file(&self, view: ViewBase) -> Win32Result<()> {
        expect!(self.call(Syscall::UnmapViewOfFile { view }).await, Value::Nothing => ())
    }

    /// Reads a cell of shared memory; 0 when it was never written.
    pub async fn cell_load(&self, view: ViewBase, cell: &str) -> Win32Result<i64> {
        let answer = self.call(Syscall::CellLoad { view, cell: cell.to_owned() }).await;
        expect!(answer, Value::Number(number) => number)
    }

    /// Adds to a cell of shared memory in one step; the new content.
    pub async fn cell_add(&self, view: ViewBase, cell: &str, delta: i64) -> Win32Result<i64> {
        let answer = self.call(Syscall::CellAdd { view, cell: cell.to_owned(), delta }).await;
        expect!(answer, Value::Number(number) => number)
    }

    /// `CreateMutex` of a named mutex, not owned, with the token's default access list.
    pub async fn create_mutex(&self, name: &str) -> Win32Result<Handle> {
        self.create_named_mutex(name, false).await
    }

    /// `CreateMutex` of a named mutex, not owned, that everyone may open.
    pub async fn create_mutex_for_everyone(&self, name: &str) -> Win32Result<Handle> {
        self.create_named_mutex(name, true).await
    }

    async fn create_named_mutex(&self, name: &str, everyone: bool) -> Win32Result<Handle> {
        let answer = self.call(Syscall::CreateMutex { name: Some(name.to_owned()), everyone }).await;
        expect!(answer, Value::Opened { handle, .. } => handle)
    }

    /// `OpenMutex`.
    pub async fn open_mutex(&self, name: &str) -> Win32Result<Handle> {
        let call = Syscall::OpenMutex { name: name.to_owned(), access: security::mutex::ALL };
        let answer = self.call(call).await;
        expect!(answer, Value::Handle(handle) => handle)
    }

    /// `WaitForSingleObject` on a mutex, for ever; whether it was abandoned.
    pub async fn wait_for_mutex(&self, mutex: Handle) -> Win32Result<bool> {
        let call = Syscall::WaitForSingleObject { object: mutex, timeout: Timeout::Infinite };
        let answer = self.call(call).await;
        expect!(answer, Value::Acquired { abandoned } => abandoned)
    }

    /// `ReleaseMutex`.
    pub async fn release_mutex(&self, mutex: Handle) -> Win32Result<()> {
        expect!(self.call(Syscall::ReleaseMutex { mutex }).await, Value::Nothing => ())
    }

    /// `CloseHandle`.
    pub async fn close_handle(&self, handle: Handle) -> Win32Result<()> {
        expect!(self.call(Syscall::CloseHandle { handle }).await, Value::Nothing => ())
    }

    // ---- registry ----------------------------------------------------------------------------

    /// `RegOpenKeyEx`.
    pub async fn reg_open_key(&self, key: Key, path: &str, access: KeyAccess) -> Win32Result<Handle> {
        let answer = self.call(Syscall::RegOpenKeyEx { key, path: Some(path.to_owned()), access }).await;
        expect!(answer, Value::Handle(handle) => handle)
    }

    /// `RegCreateKeyEx` of a key that survives a restart; the handle, and whether it existed.
    pub async fn reg_create_key(&self, key: Key, path: &str) -> Win32Result<(Handle, bool)> {
        self.create_key(key, path, false).await
    }

    /// `RegCreateKeyEx` of a key that goes with the hive's unloading, as do those above it that it has to make.
    pub async fn reg_create_volatile_key(&self, key: Key, path: &str) -> Win32Result<(Handle, bool)> {
        self.create_key(key, path, true).await
    }

    async fn create_key(&self, key: Key, path: &str, volatile: bool) -> Win32Result<(Handle, bool)> {
        let call = Syscall::RegCreateKeyEx { key, path: path.to_owned(), volatile };
        expect!(self.call(call).await, Value::Opened { handle, existed } => (handle, existed))
    }

    /// `RegCloseKey`.
    pub async fn reg_close_key(&self, key: Handle) -> Win32Result<()> {
        expect!(self.call(Syscall::RegCloseKey { key: Key::Handle(key) }).await, Value::Nothing => ())
    }

    /// `RegCloseKey(HKEY_CURRENT_USER)`: the next use maps it anew (os C.1).
    pub async fn reg_close_current_user(&self) -> Win32Result<()> {
        expect!(self.call(Syscall::RegCloseKey { key: Key::CurrentUser }).await, Value::Nothing => ())
    }

    /// `RegQueryValueEx`.
    pub async fn reg_query_value(&self, key: Handle, name: &str) -> Win32Result<RegValue> {
        let call = Syscall::RegQueryValueEx { key: Key::Handle(key), name: name.to_owned() };
        expect!(self.call(call).await, Value::Data(data) => data)
    }

    /// `RegSetValueEx`.
    pub async fn reg_set_value(&self, key: Handle, name: &str, value: RegValue) -> Win32Result<()> {
        let call = Syscall::RegSetValueEx { key: Key::Handle(key), name: name.to_owned(), value };
        expect!(self.call(call).await, Value::Nothing => ())
    }

    /// `RegDeleteKey`.
    pub async fn reg_delete_key(&self, key: Key, path: &str) -> Win32Result<()> {
        let answer = self.call(Syscall::RegDeleteKey { key, path: Some(path.to_owned()) }).await;
        expect!(answer, Value::Nothing => ())
    }

    /// `RegDeleteTree`: a loop of steps, each of which others may come after (os C.6).
    pub async fn reg_delete_tree(&self, key: Key, path: Option<&str>) -> Win32Result<()> {
        registry::reg_delete_tree(async |call| self.call(call).await, key, path).await
    }

    /// `RegEnumKeyEx`.
    pub async fn reg_enum_key(&self, key: Handle, index: u32) -> Win32Result<String> {
        let answer = self.call(Syscall::RegEnumKeyEx { key: Key::Handle(key), index }).await;
        expect!(answer, Value::Text(name) => name)
    }

    /// `RegOpenCurrentUser`.
    pub async fn reg_open_current_user(&self) -> Win32Result<Handle> {
        expect!(self.call(Syscall::RegOpenCurrentUser).await, Value::Handle(handle) => handle)
    }

    /// `RegDisablePredefinedCache`.
    pub async fn reg_disable_predefined_cache(&self) -> Win32Result<()> {
        expect!(self.call(Syscall::RegDisablePredefinedCache).await, Value::Nothing => ())
    }
}
