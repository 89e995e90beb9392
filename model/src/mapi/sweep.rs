//! The sweep (B12): whoever initialises MAPI deletes the marked profiles that nobody uses.
//!
//! It exists for the abnormal cases, an application that crashed or leaked a session (B13), and it is where the
//! cross-process bugs arise: "nobody uses it" is read in one place, "it is marked" in another.

use std::ops::ControlFlow;

use super::assumptions::SweepOrder;
use super::instance::{Instance, Mapi, Purpose};
use crate::sys::{Sys, Win32Result};

/// One name after the other; whoever sweeps remembers only those that are left.
pub(super) async fn each(sys: &Sys, names: Vec<String>, one: impl AsyncFn(&str)) {
    sys.iterate("sweep each", names, async |mut names: Vec<String>| {
        if names.is_empty() {
            return ControlFlow::Break(());
        }
        let name = names.remove(0);
        one(&name).await;
        ControlFlow::Continue(names)
    })
    .await;
}

impl Mapi<'_> {
    /// The sweep. What fails is left for the next one (mapi 4.27).
    pub(super) async fn sweep(&self, instance: Instance) {
        self.sys
            .frame("sweep", async || {
                let Ok(marked) = self.marked_profiles(Purpose::Sweep).await else { return };
                let one = async |profile: &str| {
                    let _ignored = self.sweep_one(instance, profile).await;
                };
                each(&self.sys, marked, one).await;
            })
            .await;
    }

    /// Deletes one marked profile unless the section counts a session on it (C5), under the lock (mapi 4.5).
    async fn sweep_one(&self, instance: Instance, profile: &str) -> Win32Result<()> {
        self.lock(instance).await?;
        let swept = self.sweep_unused(instance, profile).await;
        self.unlock(instance).await?;
        swept
    }

    async fn sweep_unused(&self, instance: Instance, profile: &str) -> Win32Result<()> {
        if self.sessions_counted(instance, profile).await? > 0 {
            return Ok(());
        }
        match self.assumptions.sweep_order {
            SweepOrder::ProfileFirst => {
                self.delete_if_there(profile).await?;
                self.unmark(profile, Purpose::Sweep).await
            }
            SweepOrder::MarkFirst => {
                self.unmark(profile, Purpose::Sweep).await?;
                self.delete_if_there(profile).await
            }
        }
    }
}
