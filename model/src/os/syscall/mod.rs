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

mod argument;

pub use argument::{Handle, Key, KeyAccess, LogonType, MapAccess, Protection, RegValue, Timeout, ViewBase};

use super::error::Win32Error;
use super::privilege::Privilege;
use super::process::ProcessId;
use super::security::AccessMask;
use super::sid::Sid;
use super::token::{Level, TokenKind};

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
    /// `LogonUser`: a token of that account. Does not load its hive. Answers [`Value::Handle`].
    LogonUser {
        /// The account's name in the machine.
        account: String,
        /// What kind of logon: it decides about the kind of token, and adds a group.
        logon: LogonType,
    },
    /// `ImpersonateLoggedOnUser`. Answers [`Value::Nothing`].
    ImpersonateLoggedOnUser {
        /// A token handle.
        token: Handle,
    },
    /// `RevertToSelf`. Answers [`Value::Nothing`].
    RevertToSelf,
    /// `ImpersonateSelf`: the process's token at a level. Answers [`Value::Nothing`].
    ImpersonateSelf {
        /// The level.
        level: Level,
    },
    /// `SetThreadToken` on the calling thread. Answers [`Value::Nothing`].
    SetThreadToken {
        /// An impersonation token's handle; `None` is NULL and ends the impersonation.
        token: Option<Handle>,
    },
    /// `OpenThreadToken` of the calling thread. Answers [`Value::Handle`].
    OpenThreadToken,
    /// `DuplicateTokenEx`. Answers [`Value::Handle`].
    DuplicateTokenEx {
        /// A token handle.
        token: Handle,
        /// What the copy is to be.
        kind: TokenKind,
    },
    /// `CheckTokenMembership`. Answers [`Value::Truth`].
    CheckTokenMembership {
        /// An impersonation token's handle; `None` is NULL, the effective token.
        token: Option<Handle>,
        /// The group.
        sid: Sid,
    },
    /// `PrivilegeCheck` of one privilege in a token. Answers [`Value::Truth`].
    PrivilegeCheck {
        /// A token handle.
        token: Handle,
        /// The privilege.
        privilege: Privilege,
    },

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
    /// `CreateFileMapping(INVALID_HANDLE_VALUE, ...)`. Answers [`Value::Opened`].
    CreateFileMapping {
        /// The name as a program writes it (`Global\x`, `x`); `None` or empty: unnamed.
        name: Option<String>,
        /// Its size in bytes; rounded up to pages, ignored where the section exists.
        size: u64,
        /// How its pages are protected, which decides about the handle's rights too.
        protection: Protection,
        /// Made with a NULL access list: everyone may open it.
        everyone: bool,
    },
    /// `OpenFileMapping`. Answers [`Value::Handle`].
    OpenFileMapping {
        /// The name as a program writes it.
        name: String,
        /// What the handle will be good for.
        access: MapAccess,
    },
    /// `MapViewOfFile`, from the section's beginning. Answers [`Value::View`].
    MapViewOfFile {
        /// A section handle.
        section: Handle,
        /// What the view will be good for.
        access: MapAccess,
        /// How many bytes, rounded up to pages; 0 is the whole section.
        bytes: u64,
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
    /// Read a byte of mapped memory. Answers [`Value::Number`].
    ByteLoad {
        /// The view.
        view: ViewBase,
        /// Where, in bytes from the view's beginning.
        offset: u64,
    },
    /// Write a byte of mapped memory. Answers [`Value::Nothing`].
    ByteStore {
        /// The view.
        view: ViewBase,
        /// Where, in bytes from the view's beginning.
        offset: u64,
        /// The new content.
        value: u8,
    },
    /// `CreateMutex(..., FALSE, name)`: nobody owns a new one. Answers [`Value::Opened`].
    CreateMutex {
        /// The name as a program writes it; `None` or empty: unnamed.
        name: Option<String>,
        /// The attributes name a descriptor with a NULL access list: a mutex that this call makes may be
        /// opened by everyone (os A.10). Else they are NULL, and the list is the token's default.
        everyone: bool,
    },
    /// `OpenMutex`. Answers [`Value::Handle`].
    OpenMutex {
        /// The name as a program writes it.
        name: String,
        /// What the handle will be good for, bit for bit.
        access: AccessMask,
    },
    /// `CreateEvent`. Answers [`Value::Opened`].
    CreateEvent {
        /// The name as a program writes it; `None` or empty: unnamed.
        name: Option<String>,
        /// A wait leaves it signalled.
        manual_reset: bool,
        /// A new one is signalled.
        signalled: bool,
        /// Made with a NULL access list: everyone may open it.
        everyone: bool,
    },
    /// `OpenEvent`. Answers [`Value::Handle`].
    OpenEvent {
        /// The name as a program writes it.
        name: String,
        /// What the handle will be good for, bit for bit.
        access: AccessMask,
    },
    /// `SetEvent`. Answers [`Value::Nothing`].
    SetEvent {
        /// An event handle.
        event: Handle,
    },
    /// `ResetEvent`. Answers [`Value::Nothing`].
    ResetEvent {
        /// An event handle.
        event: Handle,
    },
    /// `WaitForSingleObject`: without a limit it cannot run while another thread owns the mutex, or the event
    /// is not signalled. Answers [`Value::Acquired`], or [`Value::TimedOut`].
    WaitForSingleObject {
        /// A mutex or event handle.
        object: Handle,
        /// How long.
        timeout: Timeout,
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

    /// `DuplicateHandle`, from one process into another. Answers [`Value::Handle`], a handle of the target.
    DuplicateHandle {
        /// The process whose handle it is.
        source: ProcessId,
        /// The handle there.
        handle: Handle,
        /// The process that gets the new handle.
        target: ProcessId,
        /// What the new handle is good for; `None` is `DUPLICATE_SAME_ACCESS`.
        access: Option<AccessMask>,
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
    /// `NtDeleteKey`: the key behind a handle, which says nothing against being asked twice. Answers
    /// [`Value::Nothing`].
    NtDeleteKey {
        /// The key.
        key: Handle,
    },
    /// `RegQueryInfoKey`. Answers [`Value::KeyInfo`].
    RegQueryInfoKey {
        /// The key.
        key: Key,
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

/// What `RegQueryInfoKey` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyInfo {
    /// How many keys lie below it.
    pub subkeys: u32,
    /// The longest of their names, in UTF-16 units.
    pub subkey_name_max: u32,
    /// How many values it has.
    pub values: u32,
    /// The longest of their names, in UTF-16 units.
    pub value_name_max: u32,
    /// The longest of their data, in bytes.
    pub value_data_max: u32,
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
    /// `WAIT_TIMEOUT` (0x102): it was not to be had.
    TimedOut,
    /// A new view.
    View(ViewBase),
    /// A number.
    Number(i64),
    /// Yes or no.
    Truth(bool),
    /// What a key holds.
    KeyInfo(KeyInfo),
    /// A name.
    Text(String),
    /// An account's SID.
    User(Sid),
    /// A registry value.
    Data(RegValue),
}

/// What a step answers.
pub type Answer = Result<Value, Win32Error>;
