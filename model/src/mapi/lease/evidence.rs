//! Evidence: a session's lease is written, proved and forgotten.
//!
//! Invariants
//! - A lease's mutex exists before its key does, and as long as its session is live.
//! - A lease is removed by others only when its mutex does not exist, and, where mutexes have no names for the whole
//!   machine, its process does not either; so never while its session is live.

use std::ops::ControlFlow;

use super::{Instance, LEASE, Leasing};
use crate::mapi::memory::{Lease, Session};
use crate::mapi::rule::Rule;
use crate::mapi::rules::LeaseProof;
use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::sys::Win32Result;

/// The key of a profile's leases, below MAPI's key.
pub(super) fn leases_path(profile: &str) -> String {
    format!(r"Leases\{profile}")
}

/// The key of those who have announced that they may delete a profile, below MAPI's key.
fn deletions_path(profile: &str) -> String {
    format!(r"Deletions\{profile}")
}

fn lease_path(profile: &str, lease: &str) -> String {
    format!(r"{}\{lease}", leases_path(profile))
}

impl Leasing<'_> {
    /// A session is about to be there: writes its lease. The number of MAPI's key, which the session keeps, is no
    /// other live session's.
    pub(super) async fn take_lease(
        &self,
        instance: Instance,
        root: Handle,
        profile: &str,
    ) -> Win32Result<Lease> {
        let sys = &self.mapi.sys;
        let name = format!("{}-{}", instance.process, root.0);
        let alive = sys.create_mutex(&instance.shared_name(&format!("{LEASE}{name}"))).await?;
        let (from, path) = self.below(root, &lease_path(profile, &name));
        let written = if self.mapi.keeps(Rule::LeaseIsVolatile) {
            sys.reg_create_volatile_key(from, &path).await
        } else {
            sys.reg_create_key(from, &path).await
        };
        match written {
            Ok((key, _)) => sys.reg_close_key(key).await.map(|()| Lease { root, alive, name }),
            Err(error) => {
                sys.close_handle(alive).await?;
                Err(error)
            }
        }
    }

    /// The session is over. Its lease ends with the handle; the key is removed by whom its hive lets.
    pub(super) async fn end_lease(&self, session: &Session) {
        if let Some(lease) = &session.lease {
            self.drop_lease(&session.profile, lease).await;
        }
    }

    /// The same of a session that has not begun.
    pub(super) async fn drop_lease(&self, profile: &str, lease: &Lease) {
        let closed = self.mapi.sys.close_handle(lease.alive).await;
        assert!(closed.is_ok(), "a lease's handle is its own, so closing it succeeds");
        if !self.mapi.keeps(Rule::LogoffForgetsLease) {
            return;
        }
        let (from, path) = self.below(lease.root, &lease_path(profile, &lease.name));
        let _rubbish_if_it_stays = self.mapi.sys.reg_delete_key(from, &path).await;
    }

    /// Does what may end in a deletion. Where no lock is shared by all who can share a hive it is announced first, beside
    /// the leases: who logs on writes a lease and then looks for announcements, who deletes announces and then looks for
    /// leases, so one of them sees the other (os A.2).
    pub(super) async fn announced<T>(
        &self,
        instance: Instance,
        root: Handle,
        profile: &str,
        body: impl AsyncFn() -> Win32Result<T>,
    ) -> Win32Result<T> {
        if instance.global || !self.mapi.keeps(Rule::DeletionIsAnnounced) {
            return body().await;
        }
        let sys = &self.mapi.sys;
        let (from, path) = self.below(root, &format!(r"{}\{}", deletions_path(profile), instance.process));
        let (key, _) = sys.reg_create_volatile_key(from, &path).await?;
        sys.reg_close_key(key).await?;
        let result = body().await;
        let _rubbish_once_the_process_ends = sys.reg_delete_key(from, &path).await;
        result
    }

    /// Whether a living process has announced that it may delete a profile.
    pub(super) async fn is_announced(
        &self,
        instance: Instance,
        root: Handle,
        profile: &str,
    ) -> Win32Result<bool> {
        if instance.global || !self.mapi.keeps(Rule::DeletionIsAnnounced) {
            return Ok(false);
        }
        let (from, path) = self.below(root, &deletions_path(profile));
        self.any_below(from, &path, async |process: &str| self.is_process_alive(process).await).await
    }

    /// Whether a process lives whose number a name begins with. Numbers are the machine's, whatever the session.
    async fn is_process_alive(&self, name: &str) -> bool {
        let number = name.split('-').next().and_then(|number| number.parse().ok());
        match number {
            Some(process) => self.mapi.sys.is_process_alive(process).await,
            // Not written by this version: nothing proves it dead.
            None => true,
        }
    }

    /// Whether a live session is on a profile. Forgets the leases of those that are not.
    pub(super) async fn in_use(&self, instance: Instance, root: Handle, profile: &str) -> Win32Result<bool> {
        let sys = &self.mapi.sys;
        sys.frame("in use?", async || {
            let (from, path) = self.below(root, &leases_path(profile));
            self.any_below(from, &path, async |lease: &str| self.is_alive(instance, lease).await).await
        })
        .await
    }

    /// Whether one below a key is alive. Removes those that are not, so it always looks at the first: whatever comes or
    /// goes meanwhile, it ends with one that lives or with none (os C.4).
    async fn any_below(
        &self,
        from: Key,
        path: &str,
        is_alive: impl AsyncFn(&str) -> bool,
    ) -> Win32Result<bool> {
        let sys = &self.mapi.sys;
        let key = match sys.reg_open_key(from, path, KeyAccess::Read).await {
            Ok(key) => key,
            Err(Win32Error::FILE_NOT_FOUND) => return Ok(false),
            Err(error) => return Err(error),
        };
        let any = sys.iterate("each lease", 0, async |position: u32| {
            let name = match sys.reg_enum_key(key, position).await {
                Ok(name) => name,
                Err(Win32Error::NO_MORE_ITEMS) => return ControlFlow::Break(Ok(false)),
                Err(error) => return ControlFlow::Break(Err(error)),
            };
            if is_alive(&name).await {
                return ControlFlow::Break(Ok(true));
            }
            if !self.mapi.keeps(Rule::DeadLeasesAreForgotten) {
                return ControlFlow::Continue(position + 1);
            }
            match sys.reg_delete_key(Key::Handle(key), &name).await {
                Ok(()) | Err(Win32Error::FILE_NOT_FOUND) => ControlFlow::Continue(position),
                Err(error) => ControlFlow::Break(Err(error)),
            }
        });
        let any = any.await;
        sys.reg_close_key(key).await?;
        any
    }

    /// Whether a lease's session lives: only a mutex that does not exist proves that it does not.
    async fn is_alive(&self, instance: Instance, lease: &str) -> bool {
        if self.rules.proof == LeaseProof::KeyAlone {
            return true;
        }
        match self.mapi.sys.open_mutex(&instance.shared_name(&format!("{LEASE}{lease}"))).await {
            Ok(mutex) => {
                let closed = self.mapi.sys.close_handle(mutex).await;
                assert!(closed.is_ok(), "a handle that was just opened can be closed");
                true
            }
            // Without names for the whole machine it may be in another session: then the process has to be dead.
            Err(Win32Error::FILE_NOT_FOUND) => !instance.global && self.is_process_alive(lease).await,
            Err(_) => self.rules.proof == LeaseProof::Mutex,
        }
    }
}
