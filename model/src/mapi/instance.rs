//! MAPI as one thread uses it: what a process keeps for an account, and how a call finds it.
//!
//! A process keeps an *instance* for each account it was initialised under (mapi 4.3, default): the section
//! that counts sessions, a view of it, and the mutex that protects it. Every call looks the instance up by
//! the SID of the moment; a call under an account that has none is answered MAPI_E_NOT_INITIALIZED. Under
//! other settings of `identity-read` it keeps one, or the mark key's suffix.
//!
//! Invariants
//! - An instance's word in process memory is 0 exactly while the account is not initialised in that process.

use super::assumptions::{
    CountIdentity, IdentityRead, Lock, MarkIdentity, ReleaseIdentity, Settled, SweepIdentity,
};
use super::hresult::HResult;
use super::names;
use super::rule::Rule;
use super::rules::Rules;
use crate::os::error::Win32Error;
use crate::os::sid::Sid;
use crate::os::syscall::{Handle, ViewBase};
use crate::sys::{Sys, Win32Result};

/// The critical section that serialises initialisation within a process.
pub(super) const INITIALIZING: &str = "MAPI initialisation";

/// One version of MAPI, on one thread.
#[derive(Clone)]
pub struct Mapi<'a> {
    /// The thread's way to the machine.
    pub(super) sys: Sys,
    /// The version.
    pub(super) rules: &'a Rules,
    /// What the sources leave open, settled.
    pub(super) assumptions: &'a Settled,
}

/// What a process keeps for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Instance {
    /// The section that counts sessions.
    pub(super) section: Handle,
    /// A view of it.
    pub(super) view: ViewBase,
    /// The mutex that protects it.
    pub(super) mutex: Handle,
}

/// Bits of each part of an instance's word: one word, since real code reads one pointer.
const PART: u32 = 20;

impl Instance {
    pub(super) fn to_word(self) -> i64 {
        let parts = [self.section.0, self.view.0, self.mutex.0];
        parts.into_iter().fold(0, |word, part| {
            assert!(part < 1 << PART, "handles and views are small numbers");
            word << PART | i64::from(part)
        })
    }

    fn from_word(word: i64) -> Option<Self> {
        let part = |index: u32| (word.cast_unsigned() >> (PART * index) & ((1 << PART) - 1)) as u32;
        (word != 0).then(|| Instance {
            section: Handle(part(2)),
            view: ViewBase(part(1)),
            mutex: Handle(part(0)),
        })
    }
}

/// The word of process memory that holds the mark key's suffix and 1, where it is read once.
pub(super) const SUFFIX: &str = "mark key's suffix";

/// Whose SID is wanted, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Purpose {
    Count,
    Mark,
    Release,
    Sweep,
}

impl<'a> Mapi<'a> {
    /// MAPI of a version, for one thread.
    pub fn new(sys: Sys, rules: &'a Rules, assumptions: &'a Settled) -> Self {
        Mapi { sys, rules, assumptions }
    }

    /// Whether this version keeps a rule: every one but a mutant's.
    pub(super) fn keeps(&self, rule: Rule) -> bool {
        self.rules.keeps(rule)
    }

    /// The SID "under which MAPI is running" (mapi C7, 4.2): the effective token's, unless an assumption says
    /// otherwise.
    pub(super) async fn user(&self, purpose: Purpose) -> Win32Result<Sid> {
        let process = match purpose {
            Purpose::Count => self.assumptions.count_identity() == CountIdentity::Process,
            Purpose::Mark => self.assumptions.mark_identity() == MarkIdentity::Process,
            Purpose::Release => self.assumptions.release_identity() == ReleaseIdentity::Process,
            Purpose::Sweep => self.assumptions.sweep_identity() == SweepIdentity::Process,
        };
        if process { self.sys.process_user().await } else { self.sys.effective_user().await }
    }

    /// Whose an instance is: an account's, or the process's where the section is chosen once.
    fn owner(&self, user: &Sid) -> String {
        match self.assumptions.identity_read() {
            IdentityRead::EachCall | IdentityRead::SuffixOnce => user.to_string(),
            IdentityRead::Once | IdentityRead::SectionOnce => "the process".to_owned(),
        }
    }

    /// The word of process memory that holds an instance.
    pub(super) fn instance_word(&self, user: &Sid) -> String {
        format!("instance of {}", self.owner(user))
    }

    /// The word of process memory that counts its initialisations.
    pub(super) fn initialized_word(&self, user: &Sid) -> String {
        format!("initialisations of {}", self.owner(user))
    }

    /// The word of process memory that counts its sessions that are not released, where that matters (mapi
    /// M11.1).
    pub(super) fn sessions_word(&self, user: &Sid) -> String {
        format!("sessions of {}", self.owner(user))
    }

    /// The mark key's suffix for a purpose (mapi C7, 4.3).
    pub(super) async fn suffix(&self, purpose: Purpose) -> Win32Result<u32> {
        let once = matches!(self.assumptions.identity_read(), IdentityRead::Once | IdentityRead::SuffixOnce);
        if once && let Ok(known) = u32::try_from(self.sys.memory_read(SUFFIX).await - 1) {
            return Ok(known);
        }
        Ok(names::suffix(self.assumptions, &self.user(purpose).await?))
    }

    /// The instance of the moment's account (mapi 4.3).
    ///
    /// # Errors
    /// MAPI_E_NOT_INITIALIZED where this process has none for it.
    pub(super) async fn instance(&self) -> Result<Instance, HResult> {
        let user = self.user(Purpose::Count).await?;
        self.instance_of(&user).await
    }

    /// The instance of an account.
    ///
    /// # Errors
    /// MAPI_E_NOT_INITIALIZED where this process has none for it.
    pub(super) async fn instance_of(&self, user: &Sid) -> Result<Instance, HResult> {
        let word = self.sys.memory_read(&self.instance_word(user)).await;
        Instance::from_word(word).ok_or(HResult::NOT_INITIALIZED)
    }

    /// Takes the lock over a whole operation (mapi 4.5). A lock that its last owner abandoned is taken like
    /// any other.
    pub(super) async fn lock(&self, instance: Instance) -> Win32Result<()> {
        if self.locks_operations() {
            self.sys.wait_for_mutex(instance.mutex).await?;
        }
        Ok(())
    }

    /// Gives it back.
    pub(super) async fn unlock(&self, instance: Instance) -> Win32Result<()> {
        if self.locks_operations() { self.sys.release_mutex(instance.mutex).await } else { Ok(()) }
    }

    fn locks_operations(&self) -> bool {
        matches!(self.assumptions.lock(), Lock::SectionNamespace | Lock::SessionNamespace)
    }
}

/// A Win32 error as MAPI hands it on where nothing more is said: not found and no access have codes of their
/// own, all else is the catch-all that the article saw (mapi 4.19).
impl From<Win32Error> for HResult {
    fn from(error: Win32Error) -> Self {
        match error {
            Win32Error::FILE_NOT_FOUND => HResult::NOT_FOUND,
            Win32Error::ACCESS_DENIED => HResult::NO_ACCESS,
            _ => HResult::CALL_FAILED,
        }
    }
}
