//! CreateProfile, DeleteProfile, GetProfileTable, AdminServices, with leases (mapi 1.4).
//!
//! The name of the marks' key is no profile's: it is taken, and there is no such profile.

use super::marked::profile_path;
use super::{Instance, Leasing};
use crate::mapi::hresult::HResult;
use crate::mapi::names;
use crate::mapi::profile::{Deletion, same_key};
use crate::mapi::rule::Rule;
use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key};
use crate::sys::Win32Result;

fn is_marks_key(profile: &str) -> bool {
    same_key(profile, names::DELETED_PROFILES)
}

impl Leasing<'_> {
    /// CreateProfile. A name in use is refused; a deletion that nobody has finished yet is finished first, so
    /// that a name can be used again once its last session is released.
    pub(in crate::mapi) async fn create_profile(&self, profile: &str) -> HResult {
        let created = async {
            let instance = self.instance().await?;
            if is_marks_key(profile) {
                return Err(HResult::NO_ACCESS);
            }
            let (root, _) = self.mapi.sys.reg_create_key(Key::CurrentUser, names::SUBSYSTEM).await?;
            let created = self.locked(instance, async || self.create(instance, root, profile).await).await;
            self.mapi.sys.reg_close_key(root).await?;
            Ok(created?)
        };
        created.await.err().unwrap_or(HResult::OK)
    }

    async fn create(&self, instance: Instance, root: Handle, profile: &str) -> Win32Result<()> {
        let sys = &self.mapi.sys;
        let (from, path) = self.below(root, &profile_path(profile));
        if self.is_there(from, &path).await? && self.mapi.keeps(Rule::CreateRefusesExisting) {
            self.announced(instance, root, profile, async || {
                let deletable = self.mapi.keeps(Rule::CreateFinishesDeletion)
                    && self.is_marked(root, profile).await?
                    && !self.in_use(instance, root, profile).await?;
                if !deletable {
                    return Err(Win32Error::ACCESS_DENIED);
                }
                self.delete_tree(instance, root, profile).await
            })
            .await?;
        }
        if self.mapi.keeps(Rule::CreationIsMarked) {
            self.mark(root, profile, "mark as incomplete").await?;
        }
        let (key, _) = sys.reg_create_key(from, &path).await?;
        let written = self.write_sections(key).await;
        sys.reg_close_key(key).await?;
        written?;
        self.unmark(root, profile).await
    }

    /// MAPI's own section last.
    async fn write_sections(&self, profile: Handle) -> Win32Result<()> {
        let sys = &self.mapi.sys;
        let mut sections = names::sections();
        if self.mapi.keeps(Rule::TopSectionLast) {
            sections.reverse();
        }
        for (section, name, value) in sections {
            let (key, _) = sys.reg_create_key(Key::Handle(profile), section).await?;
            let written = sys.reg_set_value(key, name, value).await;
            sys.reg_close_key(key).await?;
            written?;
        }
        Ok(())
    }

    /// DeleteProfile (B1): marks first, looks then, deletes what nobody uses.
    pub(in crate::mapi) async fn delete_profile(&self, profile: &str) -> Result<Deletion, HResult> {
        let instance = self.instance().await?;
        if is_marks_key(profile) {
            return Err(HResult::NOT_FOUND);
        }
        let deleted = self.in_hive(async |root| {
            self.locked(instance, async || self.mark_or_delete(instance, root, profile).await).await
        });
        Ok(deleted.await?)
    }

    async fn mark_or_delete(&self, instance: Instance, root: Handle, profile: &str) -> Win32Result<Deletion> {
        let (from, path) = self.below(root, &profile_path(profile));
        let keeps = |rule| self.mapi.keeps(rule);
        if !self.is_there(from, &path).await? {
            return if keeps(Rule::DeleteTellsMissing) {
                Err(Win32Error::FILE_NOT_FOUND)
            } else {
                Ok(Deletion::Deleted)
            };
        }
        let first = keeps(Rule::MarksFirst) && keeps(Rule::DeleteMarks);
        if first {
            self.mark(root, profile, "mark").await?;
        }
        self.announced(instance, root, profile, async || {
            let in_use = keeps(Rule::DeleteLooks) && self.in_use(instance, root, profile).await?;
            if in_use || !keeps(Rule::DeleteDeletes) {
                if !first && keeps(Rule::DeleteMarks) {
                    self.mark(root, profile, "mark").await?;
                }
                return self.mapi.marked_only();
            }
            self.delete_and_unmark(instance, root, profile, true, keeps(Rule::DeleteUnmarks)).await?;
            Ok(Deletion::Deleted)
        })
        .await
    }

    /// GetProfileTable: every profile but the marked ones (B8), as they were at one moment.
    pub(in crate::mapi) async fn profile_table(&self) -> (HResult, Vec<String>) {
        let listed = async {
            let instance = self.instance().await?;
            let visible = async |root| {
                let (from, path) = self.below(root, "Profiles");
                let marked = self.marked_profiles(root).await?;
                let mut rows = self.names_below(from, &path).await?;
                if self.mapi.keeps(Rule::TableHidesMarkKey) {
                    rows.retain(|name| !is_marks_key(name));
                }
                if self.mapi.keeps(Rule::TableHidesMarked) {
                    rows.retain(|name| !marked.iter().any(|mark| same_key(name, mark)));
                }
                Ok(rows)
            };
            match self.in_hive(async |root| self.locked(instance, async || visible(root).await).await).await {
                Err(Win32Error::FILE_NOT_FOUND) => Ok(Vec::new()),
                rows => Ok::<_, HResult>(rows?),
            }
        };
        match listed.await {
            Ok(rows) => (HResult::OK, rows),
            Err(error) => (error, Vec::new()),
        }
    }

    /// AdminServices: looks at a profile without using it.
    pub(in crate::mapi) async fn admin_services(&self, profile: &str) -> HResult {
        if let Err(not_initialized) = self.instance().await {
            return not_initialized;
        }
        let found = self.in_hive(async |root| {
            let (from, path) = self.below(root, &profile_path(profile));
            self.is_there(from, &path).await
        });
        match found.await {
            Ok(true) => HResult::OK,
            Ok(false) => self.mapi.missing(Win32Error::FILE_NOT_FOUND, Rule::AdminTellsMissing),
            Err(error) => self.mapi.missing(error, Rule::AdminTellsMissing),
        }
    }
}
