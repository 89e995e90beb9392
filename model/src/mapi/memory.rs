//! What a thread remembers between two calls of its script.

use std::collections::{BTreeMap, BTreeSet};

use super::hresult::HResult;
use crate::os::error::Win32Error;
use crate::os::syscall::Handle;

/// A thread's explicit memory at a call's boundary: small, ordered, and all there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// Its sessions, by the script's name for them.
    pub sessions: BTreeMap<String, Session>,
    /// Its tokens, by the script's name for them.
    pub tokens: BTreeMap<String, Handle>,
    /// The profiles it marked.
    pub marked: BTreeSet<String>,
    /// What the last call returned.
    pub returned: Option<Code>,
    /// The calls, by index, that did not return what the script says they must.
    pub surprises: Vec<usize>,
    /// What the last call listed, where it was GetProfileTable and somebody asks.
    pub table: Option<Vec<String>>,
}

/// A MAPI session, as the thread that logged on knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session {
    /// The profile's name.
    pub profile: String,
    /// Logoff has not been called (nor Release without it).
    pub live: bool,
    /// The profile's key, open for the session's life (mapi 0.8: error 1018 needs an open handle).
    pub profile_key: Handle,
    /// MAPI's own section, open likewise.
    pub top_section: Handle,
    /// The Exchange global section, open likewise.
    pub global_section: Handle,
    /// What shows that the session is there, in the version that leaves leases.
    pub lease: Option<Lease>,
}

/// A session's lease, as its thread knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease {
    /// MAPI's own key in the hive where the profile lies, open for the session's life.
    pub root: Handle,
    /// The mutex that exists as long as the session is live.
    pub alive: Handle,
    /// The lease's name, of its key and of its mutex.
    pub name: String,
}

impl Session {
    /// Every key of its profile that the session has open.
    pub fn keys(&self) -> [Handle; 3] {
        [self.profile_key, self.top_section, self.global_section]
    }
}

/// What a call returned: MAPI calls an HRESULT, Windows calls a Win32 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Of a MAPI call.
    Mapi(HResult),
    /// Of a Windows call; `None` is success.
    Win32(Option<Win32Error>),
}

impl From<Result<(), Win32Error>> for Code {
    fn from(result: Result<(), Win32Error>) -> Self {
        Code::Win32(result.err())
    }
}

impl From<HResult> for Code {
    fn from(result: HResult) -> Self {
        Code::Mapi(result)
    }
}
