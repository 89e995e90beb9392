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

use crate::os::machine::Os;

impl Os {
    /// From now on hives have files, which hold what the hives hold now. To be called once the machine is set
    /// up, and only where it may crash.
    pub fn keep_disks(&mut self) {
        self.registry_mut().keep_disks();
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

    /// The machine crashes, and starts again: every process is gone, with every object, and every hive is as it
    /// was last flushed. [`Os::keep_disks`] must have been called before.
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
