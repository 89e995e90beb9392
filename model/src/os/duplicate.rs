//! `DuplicateHandle`: another handle to the same thing, in the same or another process.
//!
//! Modelled
//! - The new handle is one more to what the old one is open on: a key whose body is gone stays gone, an object
//!   lives by it (os A.7).
//! - With the same access nothing is checked again; with less neither; with more, the thing's own list is, with
//!   the effective token of this moment (os A.10, G4.111).
//!
//! Not modelled: inheritance, `DUPLICATE_CLOSE_SOURCE`, opening a process. Our choices: a process is named by
//! its number, as if it had been opened for `PROCESS_DUP_HANDLE` just before with the effective token, against
//! the default list of its own token (5); one that has ended is not found (87); a token is duplicated with the
//! same access only (5).

use super::error::Win32Error;
use super::handle::Target;
use super::machine::Os;
use super::process::{ProcessId, ThreadId};
use super::security::{self, AccessMask};
use super::syscall::{Answer, Handle, Value};

impl Os {
    /// `DuplicateHandle`.
    pub(crate) fn duplicate_handle(
        &mut self,
        thread: ThreadId,
        source: ProcessId,
        handle: Handle,
        target: ProcessId,
        access: Option<AccessMask>,
    ) -> Answer {
        self.check_process(thread, source)?;
        self.check_process(thread, target)?;
        let found = self.running(source).handles.get(handle).ok_or(Win32Error::INVALID_HANDLE)?.clone();
        let copy = match access {
            None => found,
            Some(asked) => self.with_access(thread, found, asked)?,
        };
        let handle = self.running_mut(target).handles.insert(copy);
        self.number_nameless_objects();
        Ok(Value::Handle(handle))
    }

    /// The same, good for something else.
    fn with_access(&self, thread: ThreadId, found: Target, asked: AccessMask) -> Result<Target, Win32Error> {
        let is_new = |granted: AccessMask| asked & !granted != 0;
        let (windows, token) = (self.windows(), self.effective_token(thread));
        match found {
            Target::Object { id, granted } => {
                let object = self.objects().get(&id);
                let granted = if is_new(granted) {
                    object.dacl.check_bits(windows, token, object.kind.rights(), asked)?
                } else {
                    asked
                };
                Ok(Target::Object { id, granted })
            }
            Target::Key(open) => {
                let granted = if is_new(open.granted()) {
                    let dacl = self.registry().dacl(open.path());
                    dacl.check_bits(windows, token, &security::key::RIGHTS, asked)?
                } else {
                    asked
                };
                Ok(Target::Key(open.good_for(granted)))
            }
            Target::Token(_) => Err(Win32Error::ACCESS_DENIED),
        }
    }

    /// Whether the thread could open that process to duplicate handles.
    fn check_process(&self, thread: ThreadId, process: ProcessId) -> Result<(), Win32Error> {
        let is_there = self.process_ids().any(|id| id == process);
        let running = is_there.then(|| self.process(process).running()).flatten();
        let dacl = running.ok_or(Win32Error::INVALID_PARAMETER)?.token.default_dacl();
        if process == self.process_of(thread) {
            return Ok(()); // GetCurrentProcess needs no opening
        }
        let token = self.effective_token(thread);
        dacl.check(self.windows(), token, security::process::DUP_HANDLE).map(|_| ())
    }
}
