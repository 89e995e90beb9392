//! Waiting for a mutex or an event.
//!
//! Modelled: a wait needs `SYNCHRONIZE` of the handle (5), which handles to sections and keys do not
//! get when they are opened (os G3.87; recorded answers); without a limit the thread cannot run until it has what it waits for; with the
//! limit 0 it looks once, and is told so where there is nothing (0x102).
//!
//! Not modelled: limits between 0 and for ever (there is no time), several objects at once, waiting for
//! processes and threads (a handle to one cannot be had), the order of waiters. Our choice: waiting for a token
//! is 5 as for a key.

use super::error::Win32Error;
use super::handle::Target;
use super::machine::Os;
use super::object::Kind;
use super::process::ThreadId;
use super::security;
use super::syscall::{Answer, Handle, Timeout, Value};

impl Os {
    /// `WaitForSingleObject`; `None` while the thread has to wait.
    pub(crate) fn wait_for_single_object(
        &mut self,
        thread: ThreadId,
        object: Handle,
        timeout: Timeout,
    ) -> Option<Answer> {
        let id = match self.running(self.process_of(thread)).handles.get(object) {
            None => return Some(Err(Win32Error::INVALID_HANDLE)),
            Some(Target::Object { id, granted }) if granted & security::SYNCHRONIZE != 0 => id.clone(),
            Some(_) => return Some(Err(Win32Error::ACCESS_DENIED)),
        };
        // Looked at before anything is copied to be changed.
        let is_free = match &self.objects().get(&id).kind {
            Kind::Mutex(mutex) => mutex.owner().is_none_or(|owner| owner == thread),
            Kind::Event(event) => event.signalled,
            Kind::Section(_) => return Some(Err(Win32Error::INVALID_HANDLE)), // STATUS_OBJECT_TYPE_MISMATCH
        };
        if !is_free {
            return match timeout {
                Timeout::Infinite => None,
                Timeout::Zero => Some(Ok(Value::TimedOut)),
            };
        }
        let taken = match &mut self.objects_mut().get_mut(&id).kind {
            Kind::Mutex(mutex) => mutex.acquire(thread),
            Kind::Event(event) => event.acquire(),
            Kind::Section(_) => None,
        };
        Some(Ok(taken.expect("what was just found free can be taken")))
    }
}
