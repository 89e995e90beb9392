//! Critical sections: locks of one process's threads.
//!
//! Modelled: entering waits while another thread of the process is in; a thread that ends inside leaves it
//! locked for ever, since a critical section has no owner that the kernel knows of (os D: only mutexes are
//! abandoned).
//!
//! Not modelled: recursion (entering one's own again waits for ever, where Windows would count), spinning.
//!
//! Invariants
//! - The lock is a word of process memory: 0 when free, else the number of the thread inside, from 1.

use std::collections::BTreeMap;

use super::error::Win32Error;
use super::machine::Os;
use super::process::ThreadId;
use super::syscall::{Answer, Value};

const STEM: &str = "critical section ";

fn word(name: &str) -> String {
    format!("{STEM}{name}")
}

/// What a word holds once threads have other numbers.
pub(super) fn renamed(word: &str, value: i64, names: &BTreeMap<ThreadId, ThreadId>) -> i64 {
    let inside = u32::try_from(value - 1).ok().filter(|_| word.starts_with(STEM));
    let renamed = inside.and_then(|thread| names.get(&ThreadId(thread)));
    renamed.map_or(value, |thread| i64::from(thread.0) + 1)
}

impl Os {
    /// `EnterCriticalSection`; `None` while a thread is in it.
    pub(crate) fn enter_critical_section(&mut self, thread: ThreadId, name: &str) -> Option<Answer> {
        if self.memory_read(thread, &word(name)) != Value::Number(0) {
            return None;
        }
        self.memory_write(thread, &word(name), i64::from(thread.0) + 1);
        Some(Ok(Value::Nothing))
    }

    /// Leaving a critical section that another thread is in is undefined on Windows; here it fails.
    pub(crate) fn leave_critical_section(&mut self, thread: ThreadId, name: &str) -> Answer {
        if self.memory_read(thread, &word(name)) != Value::Number(i64::from(thread.0) + 1) {
            return Err(Win32Error::NOT_OWNER);
        }
        self.memory_write(thread, &word(name), 0);
        Ok(Value::Nothing)
    }
}
