//! MAPILogonEx, Logoff, Release, with leases (mapi 1.5, 1.6).
//!
//! A session is live from its lease on: the lease is written under the lock under which its profile was
//! found, before MAPILogonEx returns, and ends when Logoff is called (or Release without it).

use super::marked::{RELEASE, profile_path};
use super::{Instance, Leasing};
use crate::mapi::hresult::HResult;
use crate::mapi::memory::Session;
use crate::mapi::rule::Rule;
use crate::mapi::rules::LeaseWritten;
use crate::os::error::Win32Error;
use crate::os::syscall::Handle;
use crate::sys::Win32Result;

impl Leasing<'_> {
    /// MAPILogonEx. A marked profile can be logged on to while it is whole (mapi 4.12).
    pub(in crate::mapi) async fn logon(&self, profile: &str) -> Result<Session, HResult> {
        let instance = self.instance().await?;
        let opened = async {
            let root = self.open_root().await?;
            let opened = self.open_and_lease(instance, root, profile).await;
            if opened.is_err() {
                self.mapi.close(&[root]).await;
            }
            opened
        };
        opened.await.map_err(|error| self.mapi.missing(error, Rule::LogonTellsMissing))
    }

    async fn open_and_lease(&self, instance: Instance, root: Handle, profile: &str) -> Win32Result<Session> {
        let open = async || {
            let (from, path) = self.below(root, &profile_path(profile));
            self.mapi.open_profile_at(from, &path, profile).await
        };
        match self.rules.written {
            LeaseWritten::UnderLock => {
                self.locked(instance, async || {
                    let lease = self.take_lease(instance, root, profile).await?;
                    let opened = async {
                        // Whoever is about to delete it did not see the lease, perhaps.
                        if self.is_announced(instance, root, profile).await? {
                            return Err(Win32Error::FILE_NOT_FOUND);
                        }
                        open().await
                    };
                    match opened.await {
                        Ok(opened) => Ok(Session { lease: Some(lease), ..opened }),
                        Err(error) => {
                            self.drop_lease(profile, &lease).await;
                            Err(error)
                        }
                    }
                })
                .await
            }
            LeaseWritten::AfterUnlock => {
                let opened = self.locked(instance, open).await?;
                match self.take_lease(instance, root, profile).await {
                    Ok(lease) => Ok(Session { lease: Some(lease), ..opened }),
                    Err(error) => {
                        self.mapi.close(&opened.keys()).await;
                        Err(error)
                    }
                }
            }
        }
    }

    /// Logoff: the lease ends.
    pub(in crate::mapi) async fn logoff(&self, session: &Session) -> HResult {
        self.end_lease(session).await;
        self.instance().await.map_or_else(|not_initialized| not_initialized, |_| HResult::OK)
    }

    /// Release (B11): the profile goes with its last session, if it is marked.
    pub(in crate::mapi) async fn release(&self, session: &Session) -> HResult {
        if session.live {
            self.end_lease(session).await;
        }
        let root = session.lease.as_ref().expect("a session has a lease").root;
        let cleaned_up = async {
            let instance = self.instance().await?;
            if !self.mapi.keeps(Rule::ReleaseDeletes) {
                return Ok(());
            }
            Ok(self.delete_if_marked_and_unused(instance, root, &session.profile, RELEASE).await?)
        };
        let result: Result<(), HResult> = cleaned_up.await;
        self.mapi.close(&session.keys()).await;
        self.mapi.close(&[root]).await;
        result.err().unwrap_or(HResult::OK)
    }
}
