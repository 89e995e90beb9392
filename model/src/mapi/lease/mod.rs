//! `lease`, our own repair: evidence that a profile is in use lies in the hive where the profile lies.
//!
//! A sweep is safe exactly when every possible holder's evidence is visible to every possible sweeper of that
//! resource. Counts in a section fail at that: who reaches a section depends on names, sessions, accounts and
//! rights, who reaches the profile depends on the hive alone. The two fixes narrow the gap from both sides;
//! this closes it.
//!
//! How it works
//! - **Evidence.** A session writes a volatile key `Leases\<profile>\<lease>` beside `Profiles`, never below
//!   it: a lease is never listed as a profile and cannot collide with one. Whoever can delete the profile can
//!   read its leases.
//! - **Liveness.** While the session is live its process holds a mutex of the lease's name open. The name
//!   dies with the last handle, in a crash too (os A.7, D); mutexes in `Global\` need no privilege (os A.9).
//!   For who asks, only error 2 is proof of death: success and 5 are proof of life (os A.10), and anything
//!   else is taken for it. Ending a lease is closing a handle, for which no account needs a right; the key is
//!   rubbish then, which anybody may remove.
//! - **One lock** for everybody who can share a hive: a mutex in `Global\` with a NULL access list. Under it
//!   a profile is found and leased; looked at and marked or deleted; created. It is taken when abandoned too:
//!   whatever was cut off anywhere leaves a state that the next one finishes.
//! - **Marks first, marks last.** A profile is marked before it is looked at and unmarked after it is gone;
//!   and it is marked while it is made. So what a crash leaves half done is marked, and any sweep by anybody
//!   clears it away. Deletion begins with MAPI's own section, and creation ends with it: without it nobody
//!   logs on.
//! - **One hive a call.** Each call opens MAPI's key once and goes on from there, and a session keeps it:
//!   what HKEY_CURRENT_USER means may change between two steps (os C.1), what an open key means may not.
//!
//! What a process has does not depend on an account, so it is initialised once, not once an account. Nothing
//! here is left open by the sources, so no assumption changes it (how a session reads its profile is not its
//! part).
//!
//! A lease's name is a process's number and a number in that process. Real process numbers are used again; a
//! real lease would carry the time of creation too, as Microsoft's own sample does in its names (mapi 6). A
//! volatile key and its profile go together when a hive is unloaded.
//!
//! Limits, the first three held by tests
//! - Older versions on the same machine neither leave leases nor look for them.
//! - NT 4.0 Terminal Server Edition has no names across its sessions (os A.2), so lock and mutexes are split there.
//!   What is in the registry and the numbers of processes are not: there a lease lasts until its key is removed or its
//!   process is dead, and who may delete announces it, so that a logon backs off. No live profile is lost; but a logon
//!   may be refused while another session looks at the profile, and two sessions may make one profile together.
//! - Who can read a profile but not write in its hive cannot log on: a session that can leave no evidence is
//!   refused.
//! - Whoever stops a process in the middle of a call, without ending it, stops all others on the machine that
//!   use MAPI; and as everybody may open the lock, anybody may keep it.
//! - A hive that is unloaded by force takes its profiles along, whatever MAPI does (os C.2).
//!
//! Reading order: this file (what a process has, the lock, the hive), `evidence`, `marked`, `profiles`,
//! `sessions`.

mod evidence;
mod marked;
mod profiles;
mod sessions;

use super::hresult::HResult;
use super::initialize::GLOBAL;
use super::instance::{INITIALIZING, Mapi};
use super::rule::Rule;
use super::rules::{Evidence, LeaseLock, LeaseRoot, LeaseRules, SectionName};
use super::{names, sweep};
use marked::SWEEP;

use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::sys::Win32Result;

/// The lock of everybody who can share a hive, without a prefix.
const LOCK: &str = "MAPI-Profiles";
/// What every lease's mutex begins with, without a prefix.
const LEASE: &str = "MAPI-Lease-";

/// The word of process memory that counts initialisations.
const INITIALISATIONS: &str = "lease initialisations";
/// The word of process memory that holds the instance while MAPI is initialised.
const INSTANCE: &str = "lease instance";
/// The word that keeps it: the lock's handle stays open as long as the process lives, so that no thread ends
/// up owning a mutex that it has no handle to any more.
const KEPT: &str = "lease instance kept";

/// MAPI with leases, on one thread.
pub(super) struct Leasing<'a> {
    mapi: &'a Mapi<'a>,
    rules: LeaseRules,
}

/// What a process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Instance {
    lock: Handle,
    process: u32,
    /// Names with `Global\` are there.
    global: bool,
}

impl Instance {
    fn to_word(self) -> i64 {
        i64::from(self.lock.0) << 33 | i64::from(self.process) << 1 | i64::from(self.global)
    }

    fn from_word(word: i64) -> Option<Self> {
        let (lock, process) = (word.cast_unsigned() >> 33, word.cast_unsigned() >> 1);
        let lock = Handle(u32::try_from(lock).expect("31 bits are fewer than 32"));
        (word != 0).then_some(Instance { lock, process: process as u32, global: word & 1 == 1 })
    }

    /// The name of an object that processes share.
    fn shared_name(self, name: &str) -> String {
        if self.global { format!("{GLOBAL}{name}") } else { name.to_owned() }
    }
}

impl Mapi<'_> {
    /// This version, where it leaves leases.
    pub(super) fn leasing(&self) -> Option<Leasing<'_>> {
        match self.rules.evidence {
            Evidence::Counts => None,
            Evidence::Leases(rules) => Some(Leasing { mapi: self, rules }),
        }
    }
}

impl Leasing<'_> {
    /// MAPIInitialize: the first of a process opens the lock and sweeps.
    pub(super) async fn initialize(&self) -> HResult {
        let sys = &self.mapi.sys;
        sys.enter_critical_section(INITIALIZING).await;
        let result = self.initialize_once().await;
        sys.leave_critical_section(INITIALIZING).await;
        result.err().unwrap_or(HResult::OK)
    }

    async fn initialize_once(&self) -> Result<(), HResult> {
        let sys = &self.mapi.sys;
        if sys.memory_add(INITIALISATIONS, 1).await > 1 {
            return Ok(());
        }
        let Ok(instance) = self.open_instance().await else {
            sys.memory_add(INITIALISATIONS, -1).await;
            return Err(HResult::NOT_ENOUGH_RESOURCES);
        };
        sys.memory_write(INSTANCE, instance.to_word()).await;
        if self.mapi.keeps(Rule::InitializeSweeps) {
            self.sweep(instance).await;
        }
        Ok(())
    }

    async fn open_instance(&self) -> Win32Result<Instance> {
        let sys = &self.mapi.sys;
        if let Some(kept) = Instance::from_word(sys.memory_read(KEPT).await) {
            return Ok(kept);
        }
        let process = u32::try_from(sys.current_process_id().await).expect("process numbers are small");
        let (lock, global) = match self.mapi.rules.section {
            SectionName::Session => (self.create_lock(LOCK).await?, false),
            SectionName::Global | SectionName::GlobalElseSession => {
                match self.create_lock(&format!("{GLOBAL}{LOCK}")).await {
                    Ok(lock) => (lock, true),
                    // (os A.2) This Windows has no prefixes.
                    Err(Win32Error::PATH_NOT_FOUND) => (self.create_lock(LOCK).await?, false),
                    Err(error) => return Err(error),
                }
            }
        };
        let instance = Instance { lock, process, global };
        sys.memory_write(KEPT, instance.to_word()).await;
        Ok(instance)
    }

    async fn create_lock(&self, name: &str) -> Win32Result<Handle> {
        if self.mapi.keeps(Rule::LockForEveryone) {
            self.mapi.sys.create_mutex_for_everyone(name).await
        } else {
            self.mapi.sys.create_mutex(name).await
        }
    }

    /// MAPIUninitialize. It returns nothing; without a MAPIInitialize before it, it does nothing.
    pub(super) async fn uninitialize(&self) -> HResult {
        let sys = &self.mapi.sys;
        sys.enter_critical_section(INITIALIZING).await;
        let nests = self.mapi.keeps(Rule::InitializeNests);
        if self.instance().await.is_ok() && (sys.memory_add(INITIALISATIONS, -1).await == 0 || !nests) {
            sys.memory_write(INSTANCE, 0).await;
            if !nests {
                sys.memory_write(INITIALISATIONS, 0).await;
            }
        }
        sys.leave_critical_section(INITIALIZING).await;
        HResult::OK
    }

    /// What the process has.
    ///
    /// # Errors
    /// MAPI_E_NOT_INITIALIZED.
    pub(super) async fn instance(&self) -> Result<Instance, HResult> {
        let word = self.mapi.sys.memory_read(INSTANCE).await;
        Instance::from_word(word).ok_or(HResult::NOT_INITIALIZED)
    }

    /// Does something as one, as far as everybody else here is concerned.
    async fn locked<T>(&self, instance: Instance, body: impl AsyncFn() -> Win32Result<T>) -> Win32Result<T> {
        if self.rules.lock == LeaseLock::Unlocked {
            return body().await;
        }
        let abandoned = self.mapi.sys.wait_for_mutex(instance.lock).await?;
        if abandoned && !self.mapi.keeps(Rule::AbandonedLockIsTaken) {
            self.mapi.sys.release_mutex(instance.lock).await?;
            return Err(Win32Error::ACCESS_DENIED);
        }
        let result = body().await;
        self.mapi.sys.release_mutex(instance.lock).await?;
        result
    }

    /// Opens MAPI's key in the hive that HKEY_CURRENT_USER means now.
    async fn open_root(&self) -> Win32Result<Handle> {
        self.mapi.sys.reg_open_key(Key::CurrentUser, names::SUBSYSTEM, KeyAccess::Read).await
    }

    /// Does something in the hive that HKEY_CURRENT_USER means now.
    async fn in_hive<T>(&self, body: impl AsyncFn(Handle) -> Win32Result<T>) -> Win32Result<T> {
        let root = self.open_root().await?;
        let result = body(root).await;
        self.mapi.sys.reg_close_key(root).await?;
        result
    }

    /// Where a path below MAPI's key begins, and what it is from there.
    fn below(&self, root: Handle, path: &str) -> (Key, String) {
        match self.rules.root {
            LeaseRoot::Opened => (Key::Handle(root), path.to_owned()),
            LeaseRoot::Named => (Key::CurrentUser, format!(r"{}\{path}", names::SUBSYSTEM)),
        }
    }

    /// Trigger 3: every marked profile that nobody uses, whoever marked it. What fails is left for the next
    /// one.
    async fn sweep(&self, instance: Instance) {
        let swept = self.mapi.sys.frame("sweep", async || {
            self.in_hive(async |root| {
                let marked = self.marked_profiles(root).await?;
                let one = async |profile: &str| {
                    let _ignored = self.delete_if_marked_and_unused(instance, root, profile, SWEEP).await;
                    Ok(())
                };
                sweep::each(&self.mapi.sys, marked, one).await
            })
            .await
        });
        let _ignored = swept.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_reads_back_from_the_one_word_that_holds_it() {
        for process in [0, 7, u32::MAX] {
            for global in [false, true] {
                let instance = Instance { lock: Handle(0x1234), process, global };
                assert_eq!(Instance::from_word(instance.to_word()), Some(instance));
            }
        }
        assert_eq!(Instance::from_word(0), None);
    }
}
