//! Access masks, access lists, and the check that is made when something is opened.
//!
//! Modelled: allow entries, the check against the effective token at the moment of opening
//! (os A.10); what was granted stays with the handle whatever token is used later.
//!
//! A NULL list allows everyone everything (os A.10); it is kept as the list that says so.
//!
//! Not modelled: deny entries, the owner's implicit rights, integrity levels, the system's list, setting a
//! descriptor: no step can do it.
//!
//! Invariants
//! - Nothing is granted to a thread whose token is below the impersonation level (os B.2).

use std::collections::BTreeMap;

use super::error::Win32Error;
use super::shared::Shared;
use super::sid::Sid;
use super::token::Token;
use super::windows::Windows;

/// An access mask, bit for bit as Windows has it.
pub type AccessMask = u32;

/// Delete the object itself.
pub(crate) const DELETE: AccessMask = 0x0001_0000;

/// Wait for the object.
pub const SYNCHRONIZE: AccessMask = 0x0010_0000;

/// The system's list: needs a privilege.
pub const ACCESS_SYSTEM_SECURITY: AccessMask = 0x0100_0000;

/// All that the list allows.
pub const MAXIMUM_ALLOWED: AccessMask = 0x0200_0000;

/// The rights that there are to one type of object, and what the four generic bits stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) all: AccessMask,
    pub(crate) read: AccessMask,
    pub(crate) write: AccessMask,
    pub(crate) execute: AccessMask,
}

impl Rights {
    const GENERIC: [AccessMask; 4] = [0x8000_0000, 0x4000_0000, 0x2000_0000, 0x1000_0000];

    /// The mask with the type's own bits for the generic ones.
    fn without_generic(self, mask: AccessMask) -> AccessMask {
        let meanings = [self.read, self.write, self.execute, self.all];
        let pairs = Self::GENERIC.into_iter().zip(meanings);
        let meant = pairs.filter(|(bit, _)| mask & bit != 0).fold(0, |all, (_, meaning)| all | meaning);
        meant | mask & !Self::GENERIC.into_iter().fold(0, |all, bit| all | bit)
    }
}

/// Rights to a process, as far as a step asks for one.
pub(crate) mod process {
    use super::AccessMask;
    /// `PROCESS_DUP_HANDLE`.
    pub(crate) const DUP_HANDLE: AccessMask = 0x0040;
}

/// Rights to a key.
pub mod key {
    use super::{AccessMask, Rights};
    /// `KEY_QUERY_VALUE`.
    pub const QUERY_VALUE: AccessMask = 0x0001;
    /// `KEY_NOTIFY`.
    pub const NOTIFY: AccessMask = 0x0010;
    pub(crate) const RIGHTS: Rights = Rights { all: ALL, read: READ, write: WRITE, execute: READ };
    pub(crate) const SET_VALUE: AccessMask = 0x0002;
    pub(crate) const CREATE_SUB_KEY: AccessMask = 0x0004;
    pub(crate) const ENUMERATE_SUB_KEYS: AccessMask = 0x0008;
    /// `KEY_READ`.
    pub(crate) const READ: AccessMask = 0x0002_0019;
    /// `KEY_WRITE`.
    pub(crate) const WRITE: AccessMask = 0x0002_0006;
    /// `KEY_ALL_ACCESS`.
    pub(crate) const ALL: AccessMask = 0x000F_003F;
}

/// Rights to a section.
pub mod section {
    use super::{AccessMask, Rights, SYNCHRONIZE};
    /// `SECTION_MAP_WRITE`.
    pub const MAP_WRITE: AccessMask = 0x0002;
    /// `SECTION_MAP_READ`.
    pub const MAP_READ: AccessMask = 0x0004;
    /// `SECTION_MAP_EXECUTE`.
    pub const MAP_EXECUTE: AccessMask = 0x0008;
    /// What `CreateFileMapping(PAGE_READONLY)` asks for, of an existing section too (os A.6, G3.99).
    pub(crate) const CREATE_READ: AccessMask = 0x000F_0005;
    /// `FILE_MAP_ALL_ACCESS`, `SECTION_ALL_ACCESS` (os G3.100).
    pub const ALL: AccessMask = 0x000F_001F;
    pub(crate) const RIGHTS: Rights =
        Rights { all: ALL | SYNCHRONIZE, read: 0x0002_0005, write: 0x0002_0002, execute: 0x0002_0008 };
}

/// Rights to a mutex.
pub mod mutex {
    use super::{AccessMask, Rights};
    /// `MUTEX_ALL_ACCESS`.
    pub const ALL: AccessMask = 0x001F_0001;
    pub(crate) const RIGHTS: Rights =
        Rights { all: ALL, read: 0x0002_0001, write: 0x0002_0000, execute: 0x0012_0000 };
}

/// Rights to an event.
pub mod event {
    use super::{AccessMask, Rights};
    /// `EVENT_MODIFY_STATE`.
    pub const MODIFY_STATE: AccessMask = 0x0002;
    /// `EVENT_ALL_ACCESS`.
    pub const ALL: AccessMask = 0x001F_0003;
    pub(crate) const RIGHTS: Rights =
        Rights { all: ALL, read: 0x0002_0001, write: 0x0002_0002, execute: 0x0012_0000 };
}

/// A discretionary access list that only allows: who may do what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dacl {
    allowed: Shared<BTreeMap<Sid, AccessMask>>,
}

impl Dacl {
    /// The list with those entries; entries for one SID add up.
    pub(crate) fn allowing(entries: impl IntoIterator<Item = (Sid, AccessMask)>) -> Self {
        let mut allowed = BTreeMap::new();
        for (sid, mask) in entries {
            *allowed.entry(sid).or_insert(0) |= mask;
        }
        Self { allowed: Shared::new(allowed) }
    }

    /// What a NULL list comes to: everyone, all rights (os A.10).
    pub(crate) fn everyone() -> Self {
        let everyone = Sid::named("Everyone").expect("Everyone is well known");
        Self::allowing([(everyone, AccessMask::MAX)])
    }

    /// All that the list allows to the token (`MAXIMUM_ALLOWED`).
    fn allowed_to(&self, token: &Token) -> AccessMask {
        let entries = self.allowed.iter().filter(|(sid, _)| token.is_member_of(sid));
        entries.fold(0, |granted, (_, mask)| granted | mask)
    }

    /// The entries, by SID.
    pub fn entries(&self) -> impl Iterator<Item = (&Sid, AccessMask)> {
        self.allowed.iter().map(|(sid, mask)| (sid, *mask))
    }

    /// Opens with a mask that a program gave bit by bit, and answers what it stands for.
    ///
    /// # Errors
    /// As [`Dacl::check`]; 5 for no bit at all and for bits that the type does not have, 1314 for the system's
    /// list (os A.6, G3.86, G3.87).
    pub(crate) fn check_bits(
        &self,
        windows: &Windows,
        token: &Token,
        rights: &Rights,
        asked: AccessMask,
    ) -> Result<AccessMask, Win32Error> {
        let asked = rights.without_generic(asked);
        if asked & ACCESS_SYSTEM_SECURITY != 0 {
            return Err(Win32Error::PRIVILEGE_NOT_HELD);
        }
        let exact = asked & !MAXIMUM_ALLOWED;
        if asked == 0 || exact & !rights.all != 0 {
            return Err(Win32Error::ACCESS_DENIED);
        }
        let granted = self.check(windows, token, exact)?;
        if asked & MAXIMUM_ALLOWED == 0 {
            return Ok(granted);
        }
        Ok(granted | self.check_maximum(windows, token)? & rights.all)
    }

    /// Opens with just the rights asked for, and answers them.
    ///
    /// # Errors
    /// 5 where the list does not allow them all; the version's own error below the impersonation level (os
    /// B.2).
    pub(crate) fn check(
        &self,
        windows: &Windows,
        token: &Token,
        asked: AccessMask,
    ) -> Result<AccessMask, Win32Error> {
        token.may_open(windows)?;
        if self.allowed_to(token) & asked == asked { Ok(asked) } else { Err(Win32Error::ACCESS_DENIED) }
    }

    /// Opens with as many rights as the list allows, and answers them.
    ///
    /// # Errors
    /// As [`Dacl::check`]; 5 where the list allows nothing.
    pub(crate) fn check_maximum(&self, windows: &Windows, token: &Token) -> Result<AccessMask, Win32Error> {
        token.may_open(windows)?;
        match self.allowed_to(token) {
            0 => Err(Win32Error::ACCESS_DENIED),
            granted => Ok(granted),
        }
    }
}
