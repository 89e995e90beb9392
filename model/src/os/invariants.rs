//! What always holds of the machine as a whole (os H). The properties here are about our own code, never
//! about MAPI.

use super::machine::Os;
use super::object::{Kind, ObjectId};
use super::section::PAGE_BYTES;

impl Os {
    /// Checks every invariant. It reads the whole machine, so tests call it after each step, runs now and
    /// then.
    pub fn assert_invariants(&self) {
        self.registry().assert_invariants();
        self.assert_keys();
        self.assert_objects();
        self.assert_processes();
    }

    /// A handle that is not gone names a key that is there (os H.9).
    fn assert_keys(&self) {
        for open in self.open_keys().filter(|open| open.is_live()) {
            let is_there = open.path().hive().is_none() || self.registry().key(open.path()).is_some();
            assert!(is_there, "{} is open and not gone, yet it cannot be found", open.path());
        }
    }

    /// A name lives by handles, memory by handles and views (os H.3); a mutex's owner is alive (os H.13).
    fn assert_objects(&self) {
        for (_, id, _) in self.holds() {
            self.objects().get(id);
        }
        for (id, object) in self.objects().iter() {
            let handles = self.holds().filter(|(_, held, by_handle)| *held == id && *by_handle).count();
            let views = self.holds().filter(|(_, held, by_handle)| *held == id && !by_handle).count();
            match id {
                ObjectId::Named(_) => assert!(handles > 0, "the name {id:?} is alive without a handle"),
                ObjectId::Nameless(_) => assert!(handles + views > 0, "{id:?} is there without a holder"),
            }
            if let Some(section) = object.section() {
                let views = self.process_ids().filter_map(|process| self.process(process).running());
                let of_it =
                    views.flat_map(|running| running.views.values()).filter(|view| view.section == *id);
                for view in of_it {
                    let fits =
                        view.bytes <= section.bytes() && view.bytes % PAGE_BYTES == 0 && view.bytes > 0;
                    assert!(fits, "a view of {} bytes lies in {id:?} of {}", view.bytes, section.bytes());
                }
            }
            if let Kind::Mutex(mutex) = &object.kind {
                let owner_lives = mutex.owner().is_none_or(|owner| self.is_thread_alive(owner));
                assert!(owner_lives, "{id:?} is owned by a thread that has ended");
                assert!(
                    !mutex.is_abandoned() || mutex.owner().is_none(),
                    "{id:?} is both owned and abandoned"
                );
            }
        }
    }

    /// No thread outlives its process; a process's handles are multiples of 4, none of them 0.
    fn assert_processes(&self) {
        for process in self.process_ids() {
            let Some(running) = self.process(process).running() else {
                assert!(
                    self.threads_of(process).all(|thread| !self.is_thread_alive(thread)),
                    "a thread has outlived its process"
                );
                continue;
            };
            for (handle, _) in running.handles.iter() {
                assert!(handle.0 > 0 && handle.0 % 4 == 0, "{handle:?} is no handle");
            }
        }
    }
}
