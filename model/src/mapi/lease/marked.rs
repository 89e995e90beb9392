//! Marks and deletion, below one hive's key.
//!
//! The marks are where the article has them (mapi B6), in one key for everybody.
//!
//! Invariants
//! - A profile that is half made or half deleted is marked.
//! - A deletion under way has removed MAPI's own section first, so that nobody can log on any more.

use super::evidence::leases_path;
use super::{Instance, Leasing};
use crate::mapi::names;
use crate::mapi::rule::Rule;
use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::sys::Win32Result;

/// What has a marked profile deleted, with the rules that it follows.
#[derive(Clone, Copy)]
pub(super) struct Trigger {
    marked: Rule,
    looks: Rule,
    deletes: Rule,
    unmarks: Rule,
}

/// Trigger 2 (B11).
pub(super) const RELEASE: Trigger = Trigger {
    marked: Rule::ReleaseLooksForMark,
    looks: Rule::ReleaseLooksForSessions,
    deletes: Rule::ReleaseDeletes,
    unmarks: Rule::ReleaseUnmarks,
};

/// Trigger 3 (B12).
pub(super) const SWEEP: Trigger = Trigger {
    marked: Rule::SweepLooksAgain,
    looks: Rule::SweepLooks,
    deletes: Rule::SweepDeletes,
    unmarks: Rule::SweepUnmarks,
};

/// The key of the marks, below MAPI's key.
fn marks_path() -> String {
    format!(r"Profiles\{}", names::DELETED_PROFILES)
}

fn mark_path(profile: &str) -> String {
    format!(r"{}\{profile}", marks_path())
}

/// A profile's key, below MAPI's key.
pub(super) fn profile_path(profile: &str) -> String {
    format!(r"Profiles\{profile}")
}

impl Leasing<'_> {
    /// Marks a profile, as one to be deleted (frame `mark`) or one not complete yet.
    pub(super) async fn mark(&self, root: Handle, profile: &str, why: &'static str) -> Win32Result<()> {
        let sys = &self.mapi.sys;
        sys.frame(why, async || {
            let (from, path) = self.below(root, &mark_path(profile));
            let (mark, _) = sys.reg_create_key(from, &path).await?;
            sys.reg_close_key(mark).await
        })
        .await
    }

    /// Removes a profile's mark, if it has one.
    pub(super) async fn unmark(&self, root: Handle, profile: &str) -> Win32Result<()> {
        let (from, path) = self.below(root, &mark_path(profile));
        self.mapi.sys.frame("unmark", async || self.delete_key_if_there(from, &path).await).await
    }

    /// Whether a profile is marked.
    pub(super) async fn is_marked(&self, root: Handle, profile: &str) -> Win32Result<bool> {
        let (from, path) = self.below(root, &mark_path(profile));
        self.mapi.sys.frame("marked?", async || self.is_there(from, &path).await).await
    }

    /// Every name that is marked. No key, no marks.
    pub(super) async fn marked_profiles(&self, root: Handle) -> Win32Result<Vec<String>> {
        let (from, path) = self.below(root, &marks_path());
        self.mapi.sys.frame("list marks", async || self.names_below(from, &path).await).await
    }

    /// The names of a key's subkeys; none where there is no key.
    pub(super) async fn names_below(&self, from: Key, path: &str) -> Win32Result<Vec<String>> {
        let sys = &self.mapi.sys;
        match sys.reg_open_key(from, path, KeyAccess::Read).await {
            Ok(key) => {
                let names = self.mapi.subkeys(key).await;
                sys.reg_close_key(key).await?;
                names
            }
            Err(Win32Error::FILE_NOT_FOUND) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Deletes a profile if it is marked, still, and nobody uses it, and finishes what others began (B11,
    /// B12).
    pub(super) async fn delete_if_marked_and_unused(
        &self,
        instance: Instance,
        root: Handle,
        profile: &str,
        trigger: Trigger,
    ) -> Win32Result<()> {
        let keeps = |rule| self.mapi.keeps(rule);
        self.locked(instance, async || {
            if keeps(trigger.marked) && !self.is_marked(root, profile).await? {
                return Ok(());
            }
            self.announced(instance, root, profile, async || {
                if keeps(trigger.looks) && self.in_use(instance, root, profile).await? {
                    return Ok(());
                }
                let (deletes, unmarks) = (keeps(trigger.deletes), keeps(trigger.unmarks));
                self.delete_and_unmark(instance, root, profile, deletes, unmarks).await
            })
            .await
        })
        .await
    }

    /// Deletes a profile, then removes its mark.
    pub(super) async fn delete_and_unmark(
        &self,
        instance: Instance,
        root: Handle,
        profile: &str,
        deletes: bool,
        unmarks: bool,
    ) -> Win32Result<()> {
        let last = self.mapi.keeps(Rule::UnmarksLast);
        if unmarks && !last {
            self.unmark(root, profile).await?;
        }
        if deletes {
            self.delete_tree(instance, root, profile).await?;
        }
        if unmarks && last { self.unmark(root, profile).await } else { Ok(()) }
    }

    /// Deletes what there is of a profile that is marked and that nobody uses.
    pub(super) async fn delete_tree(
        &self,
        instance: Instance,
        root: Handle,
        profile: &str,
    ) -> Win32Result<()> {
        let sys = &self.mapi.sys;
        sys.frame("delete profile", async || {
            let (from, path) = self.below(root, &profile_path(profile));
            match sys.reg_open_key(from, &path, KeyAccess::All).await {
                Ok(key) => {
                    let emptied = sys.frame("delete sections", async || self.empty(key).await).await;
                    sys.reg_close_key(key).await?;
                    emptied?;
                    if self.mapi.keeps(Rule::DeletionIsWhole) {
                        sys.reg_delete_key(from, &path).await?;
                    }
                }
                Err(Win32Error::FILE_NOT_FOUND) => {}
                Err(error) => return Err(error),
            }
            Ok(())
        })
        .await?;
        // Without one lock for all a lease may come that is about to be taken back.
        if !instance.global || !self.mapi.keeps(Rule::LeasesGoWithProfile) {
            return Ok(());
        }
        let (from, path) = self.below(root, &leases_path(profile));
        sys.frame("forget leases", async || self.delete_key_if_there(from, &path).await).await
    }

    async fn empty(&self, profile: Handle) -> Win32Result<()> {
        if self.mapi.keeps(Rule::TopSectionFirst) {
            self.delete_key_if_there(Key::Handle(profile), names::TOP_SECTION).await?;
        }
        self.mapi.delete_subkeys(profile).await
    }

    pub(super) async fn is_there(&self, from: Key, path: &str) -> Win32Result<bool> {
        match self.mapi.sys.reg_open_key(from, path, KeyAccess::Read).await {
            Ok(key) => self.mapi.sys.reg_close_key(key).await.map(|()| true),
            Err(Win32Error::FILE_NOT_FOUND) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn delete_key_if_there(&self, from: Key, path: &str) -> Win32Result<()> {
        match self.mapi.sys.reg_delete_key(from, path).await {
            Ok(()) | Err(Win32Error::FILE_NOT_FOUND) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
