//! Evidence: a session's lease is written, proved and forgotten.
//!
//! Invariants
//! - A lease's mutex exists before its key does, and as long as its session is live.
//! - A lease is removed by others only when its mutex does not exist, so never while its session is live.

use std::ops::ControlFlow;

use super::{Instance, LEASE, Leasing};
use crate::mapi::memory::{Lease, Session};
use crate::mapi::rules::LeaseProof;
use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::sys::Win32Result;

/// The key of a profile's leases, below MAPI's key.
pub(super) fn leases_path(profile: &str) -> String {
    format!(r"Leases\{profile}")
}

fn lease_path(profile: &str, lease: &str) -> String {
    format!(r"{}\{lease}", leases_path(profile))
}

impl Leasing<'_> {
    /// A session is there: writes its lease. The number of the profile's key is no other live session's.
    pub(super) async fn take_lease(
        &self,
        instance: Instance,
        root: Handle,
        session: &Session,
    ) -> Win32Result<Lease> {
        let sys = &self.mapi.sys;
        let name = format!("{}-{}", instance.process, session.profile_key.0);
        let alive = sys.create_mutex(&instance.shared_name(&format!("{LEASE}{name}"))).await?;
        let (from, path) = self.below(root, &lease_path(&session.profile, &name));
        match sys.reg_create_volatile_key(from, &path).await {
            Ok((key, _)) => sys.reg_close_key(key).await.map(|()| Lease { root, alive, name }),
            Err(error) => {
                sys.close_handle(alive).await?;
                Err(error)
            }
        }
    }

    /// The session is over. Its lease ends with the handle; the key is removed by whom its hive lets.
    pub(super) async fn end_lease(&self, session: &Session) {
        let Some(lease) = &session.lease else { return };
        let closed = self.mapi.sys.close_handle(lease.alive).await;
        assert!(closed.is_ok(), "a lease's handle is its own, so closing it succeeds");
        let (from, path) = self.below(lease.root, &lease_path(&session.profile, &lease.name));
        let _rubbish_if_it_stays = self.mapi.sys.reg_delete_key(from, &path).await;
    }

    /// Whether a live session is on a profile. Forgets the leases of those that are not. Under the lock no
    /// new lease is written meanwhile; one may vanish, so it always looks at the first (os C.4).
    pub(super) async fn in_use(&self, instance: Instance, root: Handle, profile: &str) -> Win32Result<bool> {
        let sys = &self.mapi.sys;
        sys.frame("in use?", async || {
            let (from, path) = self.below(root, &leases_path(profile));
            let leases = match sys.reg_open_key(from, &path, KeyAccess::Read).await {
                Ok(leases) => leases,
                Err(Win32Error::FILE_NOT_FOUND) => return Ok(false),
                Err(error) => return Err(error),
            };
            let used = self.any_alive(instance, leases).await;
            sys.reg_close_key(leases).await?;
            used
        })
        .await
    }

    async fn any_alive(&self, instance: Instance, leases: Handle) -> Win32Result<bool> {
        let sys = &self.mapi.sys;
        sys.iterate("each lease", (), async |()| {
            let lease = match sys.reg_enum_key(leases, 0).await {
                Ok(lease) => lease,
                Err(Win32Error::NO_MORE_ITEMS) => return ControlFlow::Break(Ok(false)),
                Err(error) => return ControlFlow::Break(Err(error)),
            };
            if self.is_alive(instance, &lease).await {
                return ControlFlow::Break(Ok(true));
            }
            match sys.reg_delete_key(Key::Handle(leases), &lease).await {
                Ok(()) | Err(Win32Error::FILE_NOT_FOUND) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(Err(error)),
            }
        })
        .await
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
            Err(Win32Error::FILE_NOT_FOUND) => false,
            Err(_) => self.rules.proof == LeaseProof::Mutex,
        }
    }
}
