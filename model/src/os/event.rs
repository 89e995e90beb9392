//! Events: signalled or not.
//!
//! Modelled: an event of manual reset stays signalled until it is reset; one of automatic reset until a wait
//! has taken the signal. Setting and resetting ask for `EVENT_MODIFY_STATE` of the handle. Nothing is abandoned
//! when a process ends (os D).
//!
//! Not modelled: `PulseEvent`, semaphores, timers.

use super::error::Win32Error;
use super::machine::Os;
use super::object::Kind;
use super::process::ThreadId;
use super::security::{self, AccessMask};
use super::syscall::{Answer, Handle, Value};

/// The state of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// A wait leaves it signalled.
    pub manual_reset: bool,
    /// Whether a wait would end now.
    pub signalled: bool,
}

impl Event {
    /// Takes the signal, where there is one.
    pub(crate) fn acquire(&mut self) -> Option<Value> {
        let taken = self.signalled.then_some(Value::Acquired { abandoned: false });
        self.signalled &= self.manual_reset;
        taken
    }
}

impl Os {
    /// `OpenEvent`.
    pub(crate) fn open_event(&mut self, thread: ThreadId, name: &str, access: AccessMask) -> Answer {
        self.open_object(thread, name, |kind| matches!(kind, Kind::Event(_)), access)
    }

    /// `SetEvent`, `ResetEvent`: a handle of another type is 6, one without the right 5.
    pub(crate) fn set_event(&mut self, thread: ThreadId, event: Handle, signalled: bool) -> Answer {
        let (id, granted) = self.object_behind(self.process_of(thread), event)?;
        let Kind::Event(state) = self.objects().get(&id).kind else {
            return Err(Win32Error::INVALID_HANDLE);
        };
        if granted & security::event::MODIFY_STATE == 0 {
            return Err(Win32Error::ACCESS_DENIED);
        }
        if state.signalled != signalled {
            self.objects_mut().get_mut(&id).kind = Kind::Event(Event { signalled, ..state });
        }
        Ok(Value::Nothing)
    }
}
