//! Profiles: CreateProfile, DeleteProfile, GetProfileTable, AdminServices (mapi 1.4), and the deletion
//! itself.

use std::ops::ControlFlow;

use super::assumptions::{CreateMarked, DeleteMarked, DeleteOrder, MarkKeys, StaleMark};
use super::hresult::HResult;
use super::instance::{Instance, Mapi, Purpose};
use super::names;
use super::rule::Rule;
use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::sys::Win32Result;

/// What DeleteProfile did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deletion {
    /// The profile is in use, and will be deleted later.
    Marked,
    /// The profile is gone.
    Deleted,
}

impl Mapi<'_> {
    /// CreateProfile. By default a name whose key exists is refused, marked or not (mapi 4.9), and an old
    /// mark of the name is left alone (mapi 4.10).
    pub async fn create_profile(&self, profile: &str) -> HResult {
        if let Some(leasing) = self.leasing() {
            return leasing.create_profile(profile).await;
        }
        if let Err(not_initialized) = self.instance().await
            && self.keeps(Rule::CallsNeedInitialize)
        {
            return not_initialized;
        }
        match self.sys.reg_create_key(Key::CurrentUser, &names::profile_path(profile)).await {
            Ok((key, existed)) => {
                let created =
                    if existed { self.take_over(key, profile).await } else { self.fill(key, profile).await };
                let _closing_succeeds = self.sys.reg_close_key(key).await;
                created.map_or_else(HResult::from, |()| HResult::OK)
            }
            Err(error) => error.into(),
        }
    }

    /// A new profile is written (mapi 4.10: what becomes of an old mark of its name).
    async fn fill(&self, key: Handle, profile: &str) -> Win32Result<()> {
        self.write_sections(key).await?;
        match self.assumptions.stale_mark() {
            StaleMark::Kept => Ok(()),
            StaleMark::Removed => self.unmark(profile, Purpose::Mark).await,
        }
    }

    /// A profile of that name is there (mapi 4.9).
    async fn take_over(&self, key: Handle, profile: &str) -> Win32Result<()> {
        let choice = self.assumptions.create_marked();
        if !self.keeps(Rule::CreateRefusesExisting) {
            return self.write_sections(key).await;
        }
        if choice == CreateMarked::NoAccess || !self.is_marked(profile, Purpose::Mark).await? {
            return Err(Win32Error::ACCESS_DENIED);
        }
        self.write_sections(key).await?;
        if choice == CreateMarked::ClearsMark { self.unmark(profile, Purpose::Mark).await } else { Ok(()) }
    }

    async fn write_sections(&self, profile: Handle) -> Win32Result<()> {
        for (section, name, value) in names::sections() {
            let (key, _) = self.sys.reg_create_key(Key::Handle(profile), section).await?;
            let written = self.sys.reg_set_value(key, name, value).await;
            self.sys.reg_close_key(key).await?;
            written?;
        }
        Ok(())
    }

    /// DeleteProfile: marks a profile that is in use, deletes one that is not (B1, B10). Both are S_OK to the
    /// caller.
    ///
    /// # Errors
    /// MAPI_E_NOT_FOUND where there is no such profile.
    pub async fn delete_profile(&self, profile: &str) -> Result<Deletion, HResult> {
        if let Some(leasing) = self.leasing() {
            return leasing.delete_profile(profile).await;
        }
        let instance = self.instance().await?;
        self.lock(instance).await?;
        let result = self.mark_or_delete(instance, profile).await;
        self.unlock(instance).await?;
        Ok(result?)
    }

    /// The order is mapi 4.6: does the name exist, is it in use, then mark or delete; or mark before the
    /// look.
    async fn mark_or_delete(&self, instance: Instance, profile: &str) -> Win32Result<Deletion> {
        let path = names::profile_path(profile);
        let key = match self.sys.reg_open_key(Key::CurrentUser, &path, KeyAccess::Read).await {
            Err(Win32Error::FILE_NOT_FOUND) if !self.keeps(Rule::DeleteTellsMissing) => {
                return Ok(Deletion::Deleted);
            }
            opened => opened?,
        };
        self.sys.reg_close_key(key).await?;
        if self.assumptions.delete_marked() == DeleteMarked::NotFound
            && self.is_marked(profile, Purpose::Mark).await?
        {
            return Err(Win32Error::FILE_NOT_FOUND);
        }
        let mark_first = self.assumptions.delete_order() == DeleteOrder::MarkFirst;
        let marks = self.keeps(Rule::DeleteMarks);
        if mark_first && marks {
            self.mark(profile).await?;
        }
        let in_use = self.keeps(Rule::DeleteLooks) && self.sessions_counted(instance, profile).await? > 0;
        if in_use || !self.keeps(Rule::DeleteDeletes) {
            if !mark_first && marks {
                self.mark(profile).await?;
            }
            return self.marked_only();
        }
        self.delete_if_there(profile).await?;
        if self.keeps(Rule::DeleteUnmarks) {
            self.unmark(profile, Purpose::Mark).await?;
        }
        Ok(Deletion::Deleted)
    }

    /// What DeleteProfile answers where it did not delete (B1).
    pub(super) fn marked_only(&self) -> Win32Result<Deletion> {
        if self.keeps(Rule::DeleteInUseSucceeds) {
            Ok(Deletion::Marked)
        } else {
            Err(Win32Error::ACCESS_DENIED)
        }
    }

    /// Deletes a profile's key and everything below it, step by step: RegDeleteKey takes no key that has
    /// subkeys (os C.3, mapi 4.7). A profile that is gone already is fine.
    pub(super) async fn delete_if_there(&self, profile: &str) -> Win32Result<()> {
        self.sys
            .frame("delete profile", async || {
                let path = names::profile_path(profile);
                match self.sys.reg_open_key(Key::CurrentUser, &path, KeyAccess::All).await {
                    Ok(key) => {
                        let emptied = self.delete_subkeys(key).await;
                        self.sys.reg_close_key(key).await?;
                        emptied?;
                        if !self.keeps(Rule::DeletionIsWhole) {
                            return Ok(());
                        }
                        self.sys.reg_delete_key(Key::CurrentUser, &path).await
                    }
                    Err(Win32Error::FILE_NOT_FOUND) => Ok(()),
                    Err(error) => Err(error),
                }
            })
            .await
    }

    /// Always the first subkey, since positions move up as keys go (os C.4).
    pub(super) async fn delete_subkeys(&self, key: Handle) -> Win32Result<()> {
        self.sys
            .iterate("delete sections", (), async |()| match self.sys.reg_enum_key(key, 0).await {
                Ok(section) => match self.sys.reg_delete_key(Key::Handle(key), &section).await {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => ControlFlow::Break(Err(error)),
                },
                Err(Win32Error::NO_MORE_ITEMS) => ControlFlow::Break(Ok(())),
                Err(error) => ControlFlow::Break(Err(error)),
            })
            .await
    }

    /// GetProfileTable: every profile but the marked ones (B8). By default it knows its own marker key by its
    /// exact name (mapi 4.15), so another version's is listed as if it were a profile.
    pub async fn profile_table(&self) -> (HResult, Vec<String>) {
        if let Some(leasing) = self.leasing() {
            return leasing.profile_table().await;
        }
        if let Err(not_initialized) = self.instance().await {
            return (not_initialized, Vec::new());
        }
        match self.visible_profiles().await {
            Ok(rows) => (HResult::OK, rows),
            Err(error) => (error.into(), Vec::new()),
        }
    }

    async fn visible_profiles(&self) -> Win32Result<Vec<String>> {
        let profiles = match self.sys.reg_open_key(Key::CurrentUser, names::PROFILES, KeyAccess::Read).await {
            Ok(profiles) => profiles,
            Err(Win32Error::FILE_NOT_FOUND) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let rows = self.subkeys(profiles).await;
        self.sys.reg_close_key(profiles).await?;
        let mut hidden = Vec::new();
        if self.keeps(Rule::TableHidesMarkKey) {
            hidden.push(self.marks_name(Purpose::Mark).await?);
        }
        if self.keeps(Rule::TableHidesMarked) {
            hidden.extend(self.marked_profiles(Purpose::Mark).await?);
        }
        let rows = rows?;
        if self.assumptions.mark_keys() == MarkKeys::Prefix {
            let prefix = names::DELETED_PROFILES.to_uppercase();
            for key in rows.iter().filter(|name| name.to_uppercase().starts_with(&prefix)) {
                hidden.extend(self.names_below(&names::profile_path(key)).await?);
                hidden.push(key.clone());
            }
        }
        let visible = |name: &String| !hidden.iter().any(|hidden| same_key(name, hidden));
        Ok(rows.into_iter().filter(visible).collect())
    }

    /// AdminServices: looks at a profile without using it (mapi 1.4).
    pub async fn admin_services(&self, profile: &str) -> HResult {
        if let Some(leasing) = self.leasing() {
            return leasing.admin_services(profile).await;
        }
        if let Err(not_initialized) = self.instance().await {
            return not_initialized;
        }
        let path = names::profile_path(profile);
        match self.sys.reg_open_key(Key::CurrentUser, &path, KeyAccess::Read).await {
            Ok(key) => self.sys.reg_close_key(key).await.map_or_else(HResult::from, |()| HResult::OK),
            Err(error) => self.missing(error, Rule::AdminTellsMissing),
        }
    }

    /// An error of a call that needs a profile by its name (mapi 1.4, 1.5).
    pub(super) fn missing(&self, error: Win32Error, rule: Rule) -> HResult {
        match error {
            Win32Error::FILE_NOT_FOUND if self.keeps(rule) => HResult::LOGON_FAILED,
            other => other.into(),
        }
    }
}

/// Key names are compared without case (os C.5).
pub(super) fn same_key(one: &str, other: &str) -> bool {
    one.to_uppercase() == other.to_uppercase()
}
