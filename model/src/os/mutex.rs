//! Mutexes: ownership by a thread, recursion, waiting, abandonment.
//!
//! Modelled (os D)
//! - A thread that waits for a mutex of another cannot run; it becomes the owner when it can (any waiter may
//!   be next).
//! - The owner may acquire again, and has to release as often.
//! - When the owner ends, the mutex is abandoned: the next waiter owns it and is told so (0x80), once.
//! - Release by another thread is 288.
//!
//! Not modelled: initial ownership, the order of waiters (see `wait`).
//!
//! A mutex whose last handle is closed while it is owned is gone, and nobody is told (os D).
//!
//! Invariants
//! - At most one thread owns a mutex, and it is alive. An abandoned mutex has no owner.

use std::collections::BTreeMap;

use super::error::Win32Error;
use super::machine::Os;
use super::object::{Kind, ObjectId};
use super::process::{ProcessId, ThreadId};
use super::security::AccessMask;
use super::syscall::{Answer, Handle, Value};

/// The state of a mutex.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mutex {
    held: Option<(ThreadId, u32)>,
    abandoned: bool,
}

impl Mutex {
    /// The thread that owns it.
    pub fn owner(&self) -> Option<ThreadId> {
        self.held.map(|(owner, _)| owner)
    }

    /// How often its owner has acquired it; 0 without an owner.
    pub fn recursion(&self) -> u32 {
        self.held.map_or(0, |(_, count)| count)
    }

    /// Its last owner ended without releasing it, and nobody has acquired it since.
    pub fn is_abandoned(&self) -> bool {
        self.abandoned
    }

    /// Acquires it for the thread, or says that it must wait.
    pub(crate) fn acquire(&mut self, thread: ThreadId) -> Option<Value> {
        let count = match self.held {
            Some((owner, _)) if owner != thread => return None,
            Some((_, count)) => {
                count.checked_add(1).expect("a mutex is acquired fewer times than there are numbers")
            }
            None => 1,
        };
        self.held = Some((thread, count));
        let abandoned = std::mem::take(&mut self.abandoned);
        assert!(!abandoned || count == 1, "a mutex that has an owner is not abandoned");
        Some(Value::Acquired { abandoned })
    }

    fn release(&mut self, thread: ThreadId) -> Answer {
        match self.held {
            Some((owner, 1)) if owner == thread => self.held = None,
            Some((owner, count)) if owner == thread => self.held = Some((owner, count - 1)),
            _ => return Err(Win32Error::NOT_OWNER),
        }
        Ok(Value::Nothing)
    }

    /// Its owner has another number.
    pub(super) fn rename_owner(&mut self, names: &BTreeMap<ThreadId, ThreadId>) {
        if let Some((owner, _)) = &mut self.held {
            *owner = names.get(owner).copied().unwrap_or(*owner);
        }
    }

    /// The thread has ended (os H.13). The recursion collapses to one acquisition, which nobody has.
    fn abandon(&mut self) {
        self.held = None;
        self.abandoned = true;
    }
}

impl Os {
    /// `OpenMutex`.
    pub(crate) fn open_mutex(&mut self, thread: ThreadId, name: &str, access: AccessMask) -> Answer {
        self.open_object(thread, name, |kind| matches!(kind, Kind::Mutex(_)), access)
    }

    /// `ReleaseMutex`; whatever the handle was opened for (os G3.87).
    pub(crate) fn release_mutex(&mut self, thread: ThreadId, mutex: Handle) -> Answer {
        let (id, state) = self.mutex_behind(self.process_of(thread), mutex)?;
        if state.owner() != Some(thread) {
            return Err(Win32Error::NOT_OWNER);
        }
        match &mut self.objects_mut().get_mut(&id).kind {
            Kind::Mutex(mutex) => mutex.release(thread),
            Kind::Section(_) | Kind::Event(_) => unreachable!("just found to be a mutex"),
        }
    }

    /// Abandons all mutexes of a thread that ends.
    pub(crate) fn abandon_mutexes(&mut self, thread: ThreadId) {
        if !self.owns_a_mutex(thread) {
            return;
        }
        for object in self.objects_mut().values_mut() {
            match &mut object.kind {
                Kind::Mutex(mutex) if mutex.owner() == Some(thread) => mutex.abandon(),
                Kind::Mutex(_) | Kind::Section(_) | Kind::Event(_) => {}
            }
        }
    }

    /// Forgets of every mutex that its last owner ended without releasing it: for who takes no notice of
    /// `WAIT_ABANDONED` the machine is the same.
    pub(crate) fn forget_abandonment(&mut self) {
        let abandoned = |kind: &Kind| matches!(kind, Kind::Mutex(mutex) if mutex.is_abandoned());
        if self.objects().iter().any(|(_, object)| abandoned(&object.kind)) {
            for object in self.objects_mut().values_mut() {
                if let Kind::Mutex(mutex) = &mut object.kind {
                    mutex.abandoned = false;
                }
            }
        }
    }

    fn mutex_behind(&self, process: ProcessId, handle: Handle) -> Result<(ObjectId, &Mutex), Win32Error> {
        let (id, _) = self.object_behind(process, handle)?;
        match &self.objects().get(&id).kind {
            Kind::Mutex(mutex) => Ok((id, mutex)),
            Kind::Section(_) | Kind::Event(_) => Err(Win32Error::INVALID_HANDLE),
        }
    }
}
