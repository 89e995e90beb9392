//! Memory in views: cells and bytes, shared by all views of a section.
//!
//! Modelled
//! - What one view writes, all views of the section see at once (os A.8).
//! - A view for copying sees what others write until it writes to a page itself; from then on that page is its
//!   own (os G3.98).
//!
//! Memory is named cells of 64 bits, each read or written in one step. A byte is a cell that is named after its
//! offset, so a program uses bytes or names for one place, not both; named cells lie in the first page.
//!
//! Our choice: an access that the hardware would refuse (no view there, past its end, a write through a
//! read-only view) answers 998 and the thread goes on; a real program would get an access violation.
//!
//! Invariants
//! - A cell that is 0 is not kept, so memories with the same content are equal.

use std::collections::BTreeMap;

use super::error::Win32Error;
use super::machine::Os;
use super::object::Kind;
use super::process::{ThreadId, ViewRights, store};
use super::section::PAGE_BYTES;
use super::syscall::{Answer, Value, ViewBase};

/// What is done to a cell.
#[derive(Clone, Copy)]
pub(crate) enum CellUse {
    /// Read it.
    Load,
    /// Write it.
    Store(i64),
    /// Add to it in one step, wrapping around as the hardware does.
    Add(i64),
    /// Replace its content if it is the one expected, in one step.
    CompareExchange {
        /// What to write.
        exchange: i64,
        /// What must be there.
        comparand: i64,
    },
}

impl CellUse {
    /// The new content and the answer, given the old.
    fn apply(self, old: i64) -> (i64, Value) {
        match self {
            Self::Load => (old, Value::Number(old)),
            Self::Store(value) => (value, Value::Nothing),
            Self::Add(delta) => (old.wrapping_add(delta), Value::Number(old.wrapping_add(delta))),
            Self::CompareExchange { exchange, comparand } => {
                (if old == comparand { exchange } else { old }, Value::Number(old))
            }
        }
    }
}

impl Os {
    /// Reads a byte.
    pub(crate) fn byte_load(&mut self, thread: ThreadId, view: ViewBase, offset: u64) -> Answer {
        self.use_byte(thread, view, offset, CellUse::Load)
    }

    /// Writes a byte.
    pub(crate) fn byte_store(&mut self, thread: ThreadId, view: ViewBase, offset: u64, value: u8) -> Answer {
        self.use_byte(thread, view, offset, CellUse::Store(value.into()))
    }

    fn use_byte(&mut self, thread: ThreadId, view: ViewBase, offset: u64, what: CellUse) -> Answer {
        let views = &self.running(self.process_of(thread)).views;
        if views.get(&view).is_none_or(|view| offset >= view.bytes) {
            return Err(Win32Error::NOACCESS);
        }
        self.use_cell(thread, view, &byte_name(offset), what)
    }

    /// Reads or writes a cell.
    pub(crate) fn use_cell(&mut self, thread: ThreadId, base: ViewBase, cell: &str, what: CellUse) -> Answer {
        let process = self.process_of(thread);
        let view = self.running(process).views.get(&base).ok_or(Win32Error::NOACCESS)?;
        let page = page_of(cell);
        let shared = &self.objects().get(&view.section).section().expect("a view is of a section").cells;
        let own = match &view.rights {
            ViewRights::Copy(pages) => pages.get(&page),
            ViewRights::ReadOnly | ViewRights::ReadWrite => None,
        };
        let old = own.unwrap_or(shared).get(cell).copied().unwrap_or(0);
        let (new, answer) = what.apply(old);
        if matches!(what, CellUse::Load) {
            return Ok(answer);
        }
        match view.rights {
            // The hardware refuses a locked compare too, whatever it compares.
            ViewRights::ReadOnly => return Err(Win32Error::NOACCESS),
            ViewRights::ReadWrite if new == old => {}
            ViewRights::ReadWrite => {
                let section = view.section.clone();
                match &mut self.objects_mut().get_mut(&section).kind {
                    Kind::Section(section) => store(&mut section.cells, cell, new),
                    Kind::Mutex(_) | Kind::Event(_) => unreachable!("a view is of a section"),
                }
            }
            ViewRights::Copy(_) => {
                // The first write takes the whole page along, as it is now.
                let of_page = shared.iter().filter(|(name, _)| own.is_none() && page_of(name) == page);
                let copy: BTreeMap<String, i64> =
                    of_page.map(|(name, value)| (name.clone(), *value)).collect();
                let view = self.running_mut(process).views.get_mut(&base).expect("the view was just found");
                let ViewRights::Copy(pages) = &mut view.rights else { unreachable!("it is for copying") };
                store(pages.entry(page).or_insert(copy), cell, new);
            }
        }
        Ok(answer)
    }
}

/// The name of the cell that a byte is.
fn byte_name(offset: u64) -> String {
    format!("byte {offset}")
}

/// The page that a cell lies in, from 0.
fn page_of(cell: &str) -> u64 {
    let offset = cell.strip_prefix("byte ").and_then(|offset| offset.parse::<u64>().ok());
    offset.map_or(0, |offset| offset / PAGE_BYTES)
}
