//! Files of hives, and what a machine that crashes has left.
//!
//! Modelled (os C.7)
//! - What is written is in the kernel's memory. A whole hive goes to its file by `RegFlushKey`, when it is
//!   unloaded, and by the lazy writer.
//! - A crash of the machine (a power failure, a stop of the kernel) ends every process and every object, and
//!   takes each hive back to its file: never half of a flush, and one hive apart from the others.
//!
//! Our choices, where the sources are silent
//! - The lazy writer never comes by itself: no number is known for its interval, and there is no time. Whoever
//!   plays the faults says when it comes, hive by hive ([`Os::lazy_flush`]).
//! - The lazy writer writes a hive between two steps, or not at all.
//! - After the crash the machine has started again and nobody has logged on: `.DEFAULT` is the one hive that
//!   is loaded, and no process runs. Loads that were counted are forgotten.
//! - What a scenario starts with is in the files.
//!
//! Not modelled: the files' own format, a flush that fails, shutting down (each hive is flushed by then).
//!
//! Invariants
//! - A machine on which [`Os::keep_disks`] was not called has no files and is equal whatever was flushed, so
//!   runs without such crashes have no more states than before.

use std::sync::Arc;

use super::hive::DEFAULT;
use crate::os::machine::Os;

impl Os {
    /// From now on hives have files, which hold what the hives hold now. To be called once the machine is set
    /// up, and only where it may crash.
    pub fn keep_disks(&mut self) {
        self.registry_mut().keep_disks();
    }

    /// Whether it has files of hives, and so can crash.
    pub fn keeps_disks(&self) -> bool {
        self.registry().keeps_disks()
    }

    /// Whose hives there are: the accounts that have one of their own, then `.DEFAULT`.
    pub fn hive_owners(&self) -> Vec<String> {
        let own = self.accounts().filter(|account| *self.hive_of(&account.name) != *DEFAULT);
        own.map(|account| account.name.clone()).chain([DEFAULT.to_owned()]).collect()
    }

    /// Whether the lazy writer would write the hive of an account, or `.DEFAULT`: its file does not hold what it holds.
    pub fn is_unflushed(&self, owner: &str) -> bool {
        self.registry().is_dirty(&self.hive_of(owner))
    }

    /// The hives whose files do not hold what they hold, by their names below HKEY_USERS: those that the lazy
    /// writer would write, and that a crash would take back.
    pub fn dirty_hives(&self) -> Vec<Arc<str>> {
        let registry = self.registry();
        registry.names().into_iter().filter(|hive| registry.is_dirty(hive)).collect()
    }

    /// The lazy writer writes one hive, by its name below HKEY_USERS. There must be such a hive.
    pub fn lazy_flush(&mut self, hive: &str) {
        self.flush_hive(hive);
    }

    /// The same, by whose hive it is.
    pub fn lazy_flush_of(&mut self, owner: &str) {
        let hive = self.hive_of(owner);
        self.flush_hive(&hive);
    }

    /// The machine crashes, and starts again: every process is gone, with every object, and every hive is as it
    /// was last flushed. [`Os::keep_disks`] must have been called before; it keeps none any more, and so cannot crash
    /// again, until that is called again.
    pub fn machine_crash(&mut self) {
        // Before the processes: a hive that waited for its last handle is not written by their end.
        self.registry_mut().restart();
        self.end_every_process();
        assert_eq!(self.all_objects().count(), 0, "an object has outlived the machine");
    }

    pub(super) fn flush_hive(&mut self, hive: &str) {
        if self.registry().is_dirty(hive) {
            self.registry_mut().flush(hive);
        }
    }
}
