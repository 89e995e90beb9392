//! Access masks, access lists, and the check that is made when something is opened.
//!
//! Modelled: allow entries, the check against the effective token at the moment of opening
//! (os A.10); what was granted stays with the handle whatever token is used later.
//!
//! A NULL list allows everyone everything (os A.10); it is kept as the list that says so.
//!
//! Not modelled: deny entries, the owner's implicit rights, integrity levels, changing a descriptor: no step
//! can do it.
//!
//! Invariants
//! - Nothing is granted to a thread whose token is below the impersonation level (os B.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::Win32Error;
use super::sid::Sid;
use super::token::Token;
use super::windows::Windows;

/// An access mask, bit for bit as Windows has it.
pub type AccessMask = u32;

/// Delete the object itself.
pub(crate) const DELETE: AccessMask = 0x0001_0000;

/// Rights to a key.
pub(crate) mod key {
    use super::AccessMask;
    pub(crate) const QUERY_VALUE: AccessMask = 0x0001;
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
pub(crate) mod section {
    use super::AccessMask;
    pub(crate) const MAP_WRITE: AccessMask = 0x0002;
    pub(crate) const MAP_READ: AccessMask = 0x0004;
    /// What `CreateFileMapping(PAGE_READWRITE)` asks for, of an existing section too (os A.6, G3.99).
    pub(crate) const CREATE_READ_WRITE: AccessMask = 0x000F_0007;
    /// `FILE_MAP_ALL_ACCESS`, `SECTION_ALL_ACCESS` (os G3.100).
    pub(crate) const ALL: AccessMask = 0x000F_001F;
}

/// Rights to a mutex.
pub(crate) mod mutex {
    use super::AccessMask;
    /// `MUTEX_ALL_ACCESS`.
    pub(crate) const ALL: AccessMask = 0x001F_0001;
}

/// A discretionary access list that only allows: who may do what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dacl {
    allowed: Arc<BTreeMap<Sid, AccessMask>>,
}

impl Dacl {
    /// The list with those entries; entries for one SID add up.
    pub(crate) fn allowing(entries: impl IntoIterator<Item = (Sid, AccessMask)>) -> Self {
        let mut allowed = BTreeMap::new();
        for (sid, mask) in entries {
            *allowed.entry(sid).or_insert(0) |= mask;
        }
        Self { allowed: Arc::new(allowed) }
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
