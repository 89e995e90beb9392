//! MAPIInitialize and MAPIUninitialize (mapi 1.2).
//!
//! Only a process's first MAPIInitialize under an account does work: it opens the shared memory (B2), then
//! sweeps (B12); later ones only count. MAPIUninitialize undoes it when the count is back at 0.

use super::assumptions::{GlobalDenied, IdentityRead, LeakedSessions, Lock, SweepOn};
use super::hresult::HResult;
use super::instance::{INITIALIZING, Instance, Mapi, Purpose, SUFFIX};
use super::names;
use super::rule::Rule;
use super::rules::{Marks, SectionName};
use crate::os::error::Win32Error;
use crate::os::sid::Sid;
use crate::os::syscall::MapAccess;
use crate::sys::Win32Result;

/// The prefix that fix 2 puts in front of the section's name (D5).
pub(super) const GLOBAL: &str = r"Global\";

impl Mapi<'_> {
    /// MAPIInitialize. Trigger 3 of deletion is in here (B12).
    pub async fn initialize(&self) -> HResult {
        if let Some(leasing) = self.leasing() {
            return leasing.initialize().await;
        }
        let user = match self.user(Purpose::Count).await {
            Ok(user) => user,
            Err(error) => return error.into(),
        };
        self.sys.enter_critical_section(INITIALIZING).await;
        let result = self.initialize_once(&user).await;
        self.sys.leave_critical_section(INITIALIZING).await;
        result.err().unwrap_or(HResult::OK)
    }

    async fn initialize_once(&self, user: &Sid) -> Result<(), HResult> {
        let instance = if self.sys.memory_add(&self.initialized_word(user), 1).await == 1 {
            // Step 5 of the documented order: shared globals of all processes.
            let instance = match self.open_shared_memory(user).await {
                Ok(instance) => instance,
                Err(error) => {
                    self.sys.memory_add(&self.initialized_word(user), -1).await;
                    return Err(self.refusal(error));
                }
            };
            self.sys.memory_write(&self.instance_word(user), instance.to_word()).await;
            self.keep_suffix(user).await;
            instance
        } else if self.assumptions.sweep_on() == SweepOn::EveryInitialize {
            self.instance_of(user).await?
        } else {
            return Ok(());
        };
        // Step 7: the profile provider, last.
        if self.keeps(Rule::InitializeSweeps) && self.sweep(instance).await.is_err() {
            self.uninitialize_once(user, instance).await;
            return Err(HResult::NOT_INITIALIZED);
        }
        Ok(())
    }

    /// What is said where the fifth step fails (mapi 1.2, 4.17).
    fn refusal(&self, error: Win32Error) -> HResult {
        let denied = error == Win32Error::ACCESS_DENIED;
        if denied && self.assumptions.global_denied() == GlobalDenied::NoAccess {
            return HResult::NO_ACCESS;
        }
        HResult::NOT_ENOUGH_RESOURCES
    }

    /// Where the mark key's suffix is read once, this is when (mapi 4.3).
    async fn keep_suffix(&self, user: &Sid) {
        let keep = self.rules.marks == Marks::PerAccount
            && match self.assumptions.identity_read() {
                IdentityRead::EachCall | IdentityRead::SectionOnce => false,
                IdentityRead::Once => true,
                IdentityRead::SuffixOnce => self.sys.memory_read(SUFFIX).await == 0,
            };
        if keep {
            let suffix = names::suffix(self.assumptions, user);
            self.sys.memory_write(SUFFIX, i64::from(suffix) + 1).await;
        }
    }

    /// Opens or makes the section that counts sessions, and the mutex that protects it (B2, mapi 4.5).
    async fn open_shared_memory(&self, user: &Sid) -> Win32Result<Instance> {
        let name = self.section_name(user).await;
        let (section, global) = match self.rules.section {
            SectionName::Session => (self.sys.create_file_mapping(&name).await?.0, false),
            SectionName::Global | SectionName::GlobalElseSession => {
                match self.sys.create_file_mapping(&format!("{GLOBAL}{name}")).await {
                    Ok((section, _)) => (section, true),
                    Err(Win32Error::ACCESS_DENIED) => {
                        // Only here the two go different ways.
                        self.assumptions.global_section_was_denied();
                        if self.rules.section == SectionName::Global {
                            return Err(Win32Error::ACCESS_DENIED);
                        }
                        (self.sys.create_file_mapping(&name).await?.0, false)
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        let view = self.sys.map_view_of_file(section, MapAccess::All).await?;
        let prefix = if global && self.assumptions.lock() != Lock::SessionNamespace { GLOBAL } else { "" };
        let mutex = self.sys.create_mutex(&format!("{prefix}{}", names::mutex_name(user))).await?;
        Ok(Instance { section, view, mutex })
    }

    /// The section's name, without a prefix (mapi 4.1).
    async fn section_name(&self, user: &Sid) -> String {
        let name = names::section_name(user);
        match self.rules.without {
            Some(Rule::SectionIsShared) => format!("{name}-{}", self.sys.current_process_id().await),
            Some(Rule::SectionPerAccount) => "MAPI".to_owned(),
            _ => name,
        }
    }

    /// MAPIUninitialize. It returns nothing; without a MAPIInitialize before it, it does nothing.
    pub async fn uninitialize(&self) -> HResult {
        if let Some(leasing) = self.leasing() {
            return leasing.uninitialize().await;
        }
        let user = match self.user(Purpose::Count).await {
            Ok(user) => user,
            Err(error) => return error.into(),
        };
        self.sys.enter_critical_section(INITIALIZING).await;
        if let Ok(instance) = self.instance_of(&user).await
            && !self.is_held(&user).await
        {
            self.uninitialize_once(&user, instance).await;
        }
        self.sys.leave_critical_section(INITIALIZING).await;
        HResult::OK
    }

    async fn uninitialize_once(&self, user: &Sid, instance: Instance) {
        if !self.keeps(Rule::InitializeNests) {
            self.sys.memory_write(&self.initialized_word(user), 1).await;
        }
        if self.sys.memory_add(&self.initialized_word(user), -1).await == 0 {
            self.close_shared_memory(user, instance).await;
        }
    }

    /// Whether sessions that leaked keep the last MAPIUninitialize from doing anything (mapi M11.1).
    async fn is_held(&self, user: &Sid) -> bool {
        self.assumptions.leaked_sessions() == LeakedSessions::HoldMapi
            && self.sys.memory_read(&self.initialized_word(user)).await == 1
            && self.sys.memory_read(&self.sessions_word(user)).await > 0
    }

    async fn close_shared_memory(&self, user: &Sid, instance: Instance) {
        self.sys.memory_write(&self.instance_word(user), 0).await;
        if !self.keeps(Rule::SectionGoesWithMapi) {
            return;
        }
        let closed = [
            self.sys.unmap_view_of_file(instance.view).await,
            self.sys.close_handle(instance.section).await,
            self.sys.close_handle(instance.mutex).await,
        ];
        assert!(
            closed.iter().all(Result::is_ok),
            "an instance's handles are its own, so closing them succeeds"
        );
    }
}
