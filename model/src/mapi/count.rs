//! Counts: how many sessions are on a profile, as a section says (B3 to B5).
//!
//! A profile's count is one cell. Where entries carry a process's number (mapi 4.14) each process has a cell
//! of its own for it, and the profile's cell is the set of those processes, one bit each: the linked list of
//! the article, flat.

use std::ops::ControlFlow;

use super::assumptions::{CrashRepair, Lock};
use super::instance::{Instance, Mapi};
use super::names;
use super::rule::Rule;
use crate::sys::Win32Result;

impl Mapi<'_> {
    /// How many sessions the section counts for a profile (B5: in use = counted there).
    pub(super) async fn sessions_counted(&self, instance: Instance, profile: &str) -> Win32Result<i64> {
        self.sys
            .frame("in use?", async || {
                self.lock_counts(instance).await?;
                let count = match self.assumptions.crash_repair() {
                    CrashRepair::None => self.sys.cell_load(instance.view, &self.count_cell(profile)).await,
                    CrashRepair::PidValidated => self.living_entries(instance, profile).await,
                };
                self.unlock_counts(instance).await?;
                count
            })
            .await
    }

    /// Changes a profile's count (B4).
    pub(super) async fn count_session(
        &self,
        instance: Instance,
        profile: &str,
        delta: i64,
    ) -> Win32Result<()> {
        let rule = if delta > 0 { Rule::LogonCounts } else { Rule::LogoffUncounts };
        if !self.keeps(rule) {
            return Ok(());
        }
        self.sys
            .frame("count", async || {
                self.lock_counts(instance).await?;
                let counted = match self.assumptions.crash_repair() {
                    CrashRepair::None => {
                        let cell = self.count_cell(profile);
                        self.sys.cell_add(instance.view, &cell, delta).await.map(|_| ())
                    }
                    CrashRepair::PidValidated => self.change_entry(instance, profile, delta).await,
                };
                self.unlock_counts(instance).await?;
                counted
            })
            .await
    }

    /// The cell of a profile.
    fn count_cell(&self, profile: &str) -> String {
        if self.keeps(Rule::CountsIgnoreCase) { names::count_cell(profile) } else { profile.to_owned() }
    }

    /// The sessions of processes that live.
    async fn living_entries(&self, instance: Instance, profile: &str) -> Win32Result<i64> {
        let holders = self.sys.cell_load(instance.view, &names::count_cell(profile)).await?;
        self.sys
            .iterate("each entry", (holders, 0), async |(holders, sum): (i64, i64)| {
                if holders == 0 {
                    return ControlFlow::Break(Ok(sum));
                }
                let process = holders.trailing_zeros();
                let rest = holders & (holders - 1);
                if !self.sys.is_process_alive(process).await {
                    return ControlFlow::Continue((rest, sum));
                }
                match self.sys.cell_load(instance.view, &names::entry_cell(profile, process)).await {
                    Ok(count) => ControlFlow::Continue((rest, sum + count)),
                    Err(error) => ControlFlow::Break(Err(error)),
                }
            })
            .await
    }

    async fn change_entry(&self, instance: Instance, profile: &str, delta: i64) -> Win32Result<()> {
        let process = u32::try_from(self.sys.current_process_id().await).expect("process numbers are small");
        let holder =
            1i64.checked_shl(process).filter(|bit| *bit > 0).expect("there are fewer processes than bits");
        let entry = self.sys.cell_add(instance.view, &names::entry_cell(profile, process), delta).await?;
        let set = match (entry, delta) {
            (1, 1) => holder,
            (0, -1) => -holder,
            _ => return Ok(()),
        };
        self.sys.cell_add(instance.view, &names::count_cell(profile), set).await.map(|_| ())
    }

    async fn lock_counts(&self, instance: Instance) -> Win32Result<()> {
        if self.assumptions.lock() == Lock::CountsOnly {
            self.sys.wait_for_mutex(instance.mutex).await?;
        }
        Ok(())
    }

    async fn unlock_counts(&self, instance: Instance) -> Win32Result<()> {
        if self.assumptions.lock() == Lock::CountsOnly {
            self.sys.release_mutex(instance.mutex).await
        } else {
            Ok(())
        }
    }
}
