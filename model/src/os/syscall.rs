//! Every step that a thread can take on the machine, and what comes back: the closed set of all interleaving
//! points.
//!
//! One [`Syscall`] is one atomic step. Its names are Windows' own; what several real calls do in one go
//! without another process being able to notice (OpenThreadToken, else OpenProcessToken, then
//! GetTokenInformation) is one step named after the call that gives the answer.
//!
//! Invariants
//! - A syscall names objects only through the caller's own handles, and kernel objects only by the names that
//!   the real call takes: nothing here can reach into another process.

use super::error::Win32Error;
use super::sid::Sid;

/// A handle in the calling process's handle table; a multiple of 4, never 0. `Handle(0)` is the NULL handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u32);

impl Handle {
    /// `HKEY_CURRENT_USER`, which opening it with NULL gives back; as an argument it is [`Key::CurrentUser`].
    pub const CURRENT_USER: Self = Self(0x8000_0001);
    /// `HKEY_USERS`, likewise.
    pub const USERS: Self = Self(0x8000_0003);
}

/// The base address of a mapped view in the calling process (abstract: 1, 2, ... times 64 KiB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewBase(pub u32);

/// The key argument of a registry call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `HKEY_CURRENT_USER`: resolved per process, by the first thread that touches it.
    CurrentUser,
    /// `HKEY_USERS`: the same for every process and session.
    Users,
    /// A handle that an earlier call returned.
    Handle(Handle),
}

impl From<Handle> for Key {
    fn from(handle: Handle) -> Self {
        Self::Handle(handle)
    }
}

/// Registry access asked for (`REGSAM`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAccess {
    /// `KEY_READ`.
    Read,
    /// `KEY_WRITE`.
    Write,
    /// `KEY_ALL_ACCESS`.
    All,
}

/// Access to a section asked for (`FILE_MAP_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MapAccess {
    /// `FILE_MAP_READ`.
    Read,
    /// `FILE_MAP_WRITE` alone: a handle good for no read-only view; as a view it can be read too.
    Write,
    /// `FILE_MAP_WRITE` (and read).
    ReadWrite,
    /// `FILE_MAP_ALL_ACCESS`.
    All,
}

/// A registry value: its type number (any 32-bit number is legal) and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegValue {
    /// `REG_SZ` 1, `REG_BINARY` 3, `REG_DWORD` 4, ...
    pub kind: u32,
    /// The data; text is UTF-16LE with its NUL.
    pub data: Vec<u8>,
}

/// One atomic step of a thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syscall {
    // ---- process and thread ------------------------------------------------------------------
    /// The thread function returned. The last thread's end ends the process. Answers [`Value::Nothing`].
    ExitThread,
    /// `ExitProcess`: every thread of the process ends. Answers [`Value::Nothing`].
    ExitProcess,

    // ---- memory that the threads of one process share ---------------------------------------
    /// Read a word of process memory; a word never written is 0. Answers [`Value::Number`].
    MemoryRead {
        /// The word's name.
        word: String,
    },
    /// Write a word of process memory; writing 0 removes it. Answers [`Value::Nothing`].
    MemoryWrite {
        /// The word's name.
        word: String,
        /// The new content.
        value: i64,
    },
    /// `InterlockedExchangeAdd`, answering the *new* content as [`Value::Number`].
    MemoryAdd {
        /// The word's name.
        word: String,
        /// What to add.
        delta: i64,
    },

    /// `EnterCriticalSection`: cannot run while another thread of the process is in it. Answers
    /// [`Value::Nothing`].
    EnterCriticalSection {
        /// The critical section's name.
        name: String,
    },
    /// `LeaveCriticalSection`. Answers [`Value::Nothing`].
    LeaveCriticalSection {
        /// The critical section's name.
        name: String,
    },

    // ---- tokens ------------------------------------------------------------------------------
    /// The user of the effective token: the thread's when it impersonates, else the process's. Answers
    /// [`Value::User`].
    GetEffectiveUser,
    /// The user of the process's primary token, whatever the thread impersonates. Answers [`Value::User`].
    GetProcessUser,
    /// `GetCurrentProcessId`: never another living process's number. Answers [`Value::Number`].
    GetCurrentProcessId,
    /// `OpenProcess`, the handle closed at once: whether a process of that number lives. Answers
    /// [`Value::Nothing`], or 87 where none does.
    OpenProcess {
        /// The number.
        process: u32,
    },
    /// `LogonUser` (interactive): a primary token of that account. Does not load its hive. Answers
    /// [`Value::Handle`].
    LogonUser {
        /// The account's name in the machine.
        account: String,
    },
    /// `ImpersonateLoggedOnUser`. Answers [`Value::Nothing`].
    ImpersonateLoggedOnUser {
        /// A token handle.
        token: Handle,
    },
    /// `RevertToSelf`. Answers [`Value::Nothing`].
    RevertToSelf,

    // ---- user profiles -----------------------------------------------------------------------
    /// `LoadUserProfile`: the account's hive is under HKU from now on. Answers [`Value::Nothing`].
    LoadUserProfile {
        /// The account's name in the machine.
        account: String,
    },
    /// `UnloadUserProfile`. Answers [`Value::Nothing`].
    UnloadUserProfile {
        /// The account's name in the machine.
        account: String,
    },

    // ---- named objects -----------------------------------------------------------------------
    /// `CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, ...)`. Answers [`Value::Opened`].
    CreateFileMapping {
        /// The name as a program writes it (`Global\x`, `x`); `None` or empty: unnamed.
        name: Option<String>,
    },
    /// `OpenFileMapping`. Answers [`Value::Handle`].
    OpenFileMapping {
        /// The name as a program writes it.
        name: String,
        /// What the handle will be good for.
        access: MapAccess,
    },
    /// `MapViewOfFile`, the whole section. Answers [`Value::View`].
    MapViewOfFile {
        /// A section handle.
        section: Handle,
        /// What the view will be good for.
        access: MapAccess,
    },
    /// `UnmapViewOfFile`. Answers [`Value::Nothing`].
    UnmapViewOfFile {
        /// The view.
        view: ViewBase,
    },
    /// Read a cell of mapped memory; a cell never written is 0. Answers [`Value::Number`].
    CellLoad {
        /// The view.
        view: ViewBase,
        /// The cell's name.
        cell: String,
    },
    /// Write a cell of mapped memory. Answers [`Value::Nothing`].
    CellStore {
        /// The view.
        view: ViewBase,
        /// The cell's name.
        cell: String,
        /// The new content.
        value: i64,
    },
    /// `InterlockedExchangeAdd` on a cell, answering the *new* content as [`Value::Number`].
    CellAdd {
        /// The view.
        view: ViewBase,
        /// The cell's name.
        cell: String,
        /// What to add.
        delta: i64,
    },
    /// `InterlockedCompareExchange` on a cell, answering the *old* content as [`Value::Number`].
    CellCompareExchange {
        /// The view.
        view: ViewBase,
        /// The cell's name.
        cell: String,
        /// What to write.
        exchange: i64,
        /// What must be there for it to be written.
        comparand: i64,
    },
    /// `CreateMutex(attributes, FALSE, name)`. Answers [`Value::Opened`].
    CreateMutex {
        /// The name as a program writes it; `None` or empty: unnamed.
        name: Option<String>,
        /// The attributes name a descriptor with a NULL access list: a mutex that this call makes may be
        /// opened by everyone (os A.10). Else they are NULL, and the list is the token's default.
        everyone: bool,
    },
    /// `OpenMutex(MUTEX_ALL_ACCESS)`. Answers [`Value::Handle`].
    OpenMutex {
        /// The name as a program writes it.
        name: String,
    },
    /// `WaitForSingleObject(mutex, INFINITE)`: cannot run while another thread owns it. Answers
    /// [`Value::Acquired`].
    WaitForSingleObject {
        /// A mutex handle.
        object: Handle,
    },
    /// `ReleaseMutex`. Answers [`Value::Nothing`].
    ReleaseMutex {
        /// A mutex handle.
        mutex: Handle,
    },
    /// `CloseHandle` (not for registry keys). Answers [`Value::Nothing`].
    CloseHandle {
        /// A section, mutex or token handle.
        handle: Handle,
    },

    // ---- registry ----------------------------------------------------------------------------
    /// `RegOpenKeyEx`. Answers [`Value::Handle`].
    RegOpenKeyEx {
        /// The key to start from.
        key: Key,
        /// The path below it, parts separated by backslashes; `None` is NULL, which differs from `""` for
        /// some keys.
        path: Option<String>,
        /// What the handle will be good for.
        access: KeyAccess,
    },
    /// `RegCreateKeyEx`, creating missing parents. Answers [`Value::Opened`].
    RegCreateKeyEx {
        /// The key to start from.
        key: Key,
        /// The path below it.
        path: String,
        /// `REG_OPTION_VOLATILE`.
        volatile: bool,
    },
    /// `RegCloseKey`; on [`Key::CurrentUser`] it drops the process's mapping. Answers [`Value::Nothing`].
    RegCloseKey {
        /// The key.
        key: Key,
    },
    /// `RegQueryValueEx`. Answers [`Value::Data`].
    RegQueryValueEx {
        /// The key.
        key: Key,
        /// The value's name; `""` is the default value.
        name: String,
    },
    /// `RegSetValueEx`. Answers [`Value::Nothing`].
    RegSetValueEx {
        /// The key.
        key: Key,
        /// The value's name.
        name: String,
        /// The new value.
        value: RegValue,
    },
    /// `RegDeleteValue`. Answers [`Value::Nothing`].
    RegDeleteValue {
        /// The key.
        key: Key,
        /// The value's name.
        name: String,
    },
    /// `RegDeleteKey`: one key without subkeys, never a tree. Answers [`Value::Nothing`].
    RegDeleteKey {
        /// The key to start from.
        key: Key,
        /// The path below it; `None` is NULL.
        path: Option<String>,
    },
    /// `RegEnumKeyEx`: the name at a position. Answers [`Value::Text`]; past the end `ERROR_NO_MORE_ITEMS`.
    RegEnumKeyEx {
        /// The key.
        key: Key,
        /// The position, 0 first.
        index: u32,
    },
    /// `RegEnumValue`: the name at a position. Answers [`Value::Text`].
    RegEnumValue {
        /// The key.
        key: Key,
        /// The position, 0 first.
        index: u32,
    },
    /// `RegFlushKey`. Answers [`Value::Nothing`].
    RegFlushKey {
        /// The key.
        key: Key,
    },
    /// `RegOpenCurrentUser`: the effective user's hive now, uncached. Answers [`Value::Handle`].
    RegOpenCurrentUser,
    /// `RegDisablePredefinedCache`. Answers [`Value::Nothing`].
    RegDisablePredefinedCache,
}

/// What a step that succeeded gives back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Success and nothing else.
    Nothing,
    /// A new handle.
    Handle(Handle),
    /// A new handle from a Create call.
    Opened {
        /// The handle.
        handle: Handle,
        /// The thing existed before (`ERROR_ALREADY_EXISTS` with a valid handle, `REG_OPENED_EXISTING_KEY`).
        existed: bool,
    },
    /// A mutex is owned now.
    Acquired {
        /// `WAIT_ABANDONED`: its last owner ended without releasing it.
        abandoned: bool,
    },
    /// A new view.
    View(ViewBase),
    /// A number.
    Number(i64),
    /// A name.
    Text(String),
    /// An account's SID.
    User(Sid),
    /// A registry value.
    Data(RegValue),
}

/// What a step answers.
pub type Answer = Result<Value, Win32Error>;
