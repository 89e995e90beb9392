//! The sweep (B12): whoever initialises MAPI deletes the marked profiles that nobody uses.
//!
//! It exists for the abnormal cases, an application that crashed or leaked a session (B13), and it is where
//! the cross-process bugs arise: "nobody uses it" is read in one place, "it is marked" in another.

use std::ops::ControlFlow;

use super::assumptions::{OldMarks, SweepFailure, SweepOrder, SweepWalk};
use super::instance::{Instance, Mapi, Purpose};
use super::names;
use super::rule::Rule;
use super::rules::Marks;
use crate::os::error::Win32Error;
use crate::os::syscall::{Key, KeyAccess};
use crate::sys::{Sys, Win32Result};

/// One name after the other; whoever sweeps remembers only those that are left, and the first failure.
pub(super) async fn each(
    sys: &Sys,
    names: Vec<String>,
    one: impl AsyncFn(&str) -> Win32Result<()>,
) -> Win32Result<()> {
    type Left = (Vec<String>, Win32Result<()>);
    sys.iterate("sweep each", (names, Ok(())), async |(mut names, swept): Left| {
        if names.is_empty() {
            return ControlFlow::Break(swept);
        }
        let name = names.remove(0);
        let one = one(&name).await;
        ControlFlow::Continue((names, swept.and(one)))
    })
    .await
}

impl Mapi<'_> {
    /// The sweep.
    ///
    /// # Errors
    /// By default none: what fails is left for the next one (mapi 4.27).
    pub(super) async fn sweep(&self, instance: Instance) -> Win32Result<()> {
        self.sys
            .frame("sweep", async || {
                let swept = match self.assumptions.sweep_walk() {
                    SweepWalk::Listed => self.sweep_listed(instance).await,
                    SweepWalk::ByPosition => self.sweep_by_position(instance).await,
                };
                let old = self.sweep_old_marks(instance).await;
                self.noticed(swept.and(old))
            })
            .await
    }

    /// What becomes of a failure (mapi 4.27).
    fn noticed(&self, swept: Win32Result<()>) -> Win32Result<()> {
        swept.or_else(|failure| match self.assumptions.sweep_failure() {
            SweepFailure::Ignored => Ok(()),
            SweepFailure::NotInitialized => Err(failure),
        })
    }

    async fn sweep_listed(&self, instance: Instance) -> Win32Result<()> {
        let marked = self.marked_profiles(Purpose::Sweep).await?;
        let one = async |profile: &str| self.noticed(self.sweep_one(instance, profile, None).await);
        each(&self.sys, marked, one).await
    }

    /// The slip: marks move up while it removes them (mapi 4.7, os C.4).
    async fn sweep_by_position(&self, instance: Instance) -> Win32Result<()> {
        let path = self.marks_path(Purpose::Sweep).await?;
        let marks = match self.sys.reg_open_key(Key::CurrentUser, &path, KeyAccess::Read).await {
            Ok(marks) => marks,
            Err(Win32Error::FILE_NOT_FOUND) => return Ok(()),
            Err(error) => return Err(error),
        };
        let swept = self.sys.iterate("sweep each", 0, async |position: u32| {
            let name = self.sys.frame("list marks", async || self.sys.reg_enum_key(marks, position).await);
            match name.await {
                Ok(profile) => {
                    let _ignored = self.sweep_one(instance, &profile, None).await;
                    ControlFlow::Continue(position + 1)
                }
                Err(Win32Error::NO_MORE_ITEMS) => ControlFlow::Break(Ok(())),
                Err(error) => ControlFlow::Break(Err(error)),
            }
        });
        let swept = swept.await;
        self.sys.reg_close_key(marks).await?;
        swept
    }

    /// The marks that versions without fix 1 left (mapi 4.15).
    async fn sweep_old_marks(&self, instance: Instance) -> Win32Result<()> {
        if self.rules.marks == Marks::Shared || self.assumptions.old_marks() == OldMarks::Ignored {
            return Ok(());
        }
        let old = names::profile_path(names::DELETED_PROFILES);
        let marked = self.sys.frame("list marks", async || self.names_below(&old).await).await?;
        let one = async |profile: &str| self.noticed(self.sweep_one(instance, profile, Some(&old)).await);
        each(&self.sys, marked, one).await
    }

    /// Deletes one marked profile unless the section counts a session on it (C5), under the lock (mapi 4.5).
    /// Its mark is in this version's own key, or below `marks`.
    async fn sweep_one(&self, instance: Instance, profile: &str, marks: Option<&str>) -> Win32Result<()> {
        self.lock(instance).await?;
        let swept = self.sweep_unused(instance, profile, marks).await;
        self.unlock(instance).await?;
        swept
    }

    async fn sweep_unused(&self, instance: Instance, profile: &str, marks: Option<&str>) -> Win32Result<()> {
        if self.keeps(Rule::SweepLooks) && self.sessions_counted(instance, profile).await? > 0 {
            return Ok(());
        }
        let unmark = async || match marks {
            _ if !self.keeps(Rule::SweepUnmarks) => Ok(()),
            None => self.unmark(profile, Purpose::Sweep).await,
            Some(marks) => self.unmark_below(marks, profile).await,
        };
        match self.assumptions.sweep_order() {
            _ if !self.keeps(Rule::SweepDeletes) => unmark().await,
            SweepOrder::ProfileFirst => {
                self.delete_if_there(profile).await?;
                unmark().await
            }
            SweepOrder::MarkFirst => {
                unmark().await?;
                self.delete_if_there(profile).await
            }
        }
    }
}
