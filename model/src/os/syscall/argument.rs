//! What steps are given: handles, keys, access, protections, levels.

use crate::os::security::{self, AccessMask};

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
    /// Just these bits; 0 is refused (os C.5).
    Mask(AccessMask),
}

impl KeyAccess {
    /// `KEY_QUERY_VALUE` alone.
    pub const QUERY_VALUE: Self = Self::Mask(security::key::QUERY_VALUE);
    /// `KEY_NOTIFY` alone, which no step of this machine asks of a handle.
    pub const NOTIFY: Self = Self::Mask(security::key::NOTIFY);

    /// The bits.
    pub(crate) fn mask(self) -> AccessMask {
        match self {
            Self::Read => security::key::READ,
            Self::Write => security::key::WRITE,
            Self::All => security::key::ALL,
            Self::Mask(mask) => mask,
        }
    }
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
    /// `FILE_MAP_COPY`, the same bit as `SECTION_QUERY`: a handle opened for it can be read, a view keeps what
    /// it writes to itself.
    Copy,
}

/// How the pages of a section are protected (`flProtect` of `CreateFileMapping`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protection {
    /// `PAGE_READONLY`.
    ReadOnly,
    /// `PAGE_READWRITE`.
    ReadWrite,
    /// `PAGE_WRITECOPY`.
    WriteCopy,
    /// `PAGE_EXECUTE_READ`.
    ExecuteRead,
    /// `PAGE_EXECUTE_READWRITE`.
    ExecuteReadWrite,
    /// `PAGE_NOACCESS`, which no section may have (os A.8).
    NoAccess,
    /// `PAGE_EXECUTE` alone, which no section may have (os A.8).
    Execute,
}

/// How long a wait may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timeout {
    /// `INFINITE`: the thread cannot run until it has what it waits for.
    Infinite,
    /// 0: it looks once.
    Zero,
}

/// What kind of logon `LogonUser` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogonType {
    /// `LOGON32_LOGON_INTERACTIVE`: a primary token.
    Interactive,
    /// `LOGON32_LOGON_BATCH`: a primary token.
    Batch,
    /// `LOGON32_LOGON_SERVICE`: a primary token.
    Service,
    /// `LOGON32_LOGON_NETWORK`: an impersonation token.
    Network,
}

/// A registry value: its type number (any 32-bit number is legal) and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegValue {
    /// `REG_SZ` 1, `REG_BINARY` 3, `REG_DWORD` 4, ...
    pub kind: u32,
    /// The data; text is UTF-16LE with its NUL.
    pub data: Vec<u8>,
}
