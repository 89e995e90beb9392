//! Sections and views: memory shared between processes.
//!
//! Modelled (os A.6-A.8, A.10)
//! - A section is filled with zeros when it is made. What one view writes, all views of the section see at
//!   once.
//! - What a view may do is checked against the handle's mask when it is mapped (5), and by the hardware at
//!   each access.
//! - A view keeps the memory, not the name (os A.7).
//!
//! Memory is modelled as named cells of 64 bits, each read or written in one step.
//!
//! Not modelled: sizes, offsets, files, copy-on-write, protections other than read-only and read-write, an
//! end of memory. Our choice: an access that the hardware would refuse (no view there, a write through a
//! read-only view) answers 998 and the thread goes on; a real program would get an access violation.

use std::collections::BTreeMap;

use super::error::Win32Error;
use super::machine::Os;
use super::object::{Kind, Object, ObjectId};
use super::process::{ThreadId, View, store};
use super::security;
use super::syscall::{Answer, Handle, MapAccess, Value, ViewBase};

/// What is done to a cell.
#[derive(Clone, Copy)]
enum CellUse {
    Load,
    Store(i64),
    Add(i64),
    CompareExchange { exchange: i64, comparand: i64 },
}

impl Object {
    /// The cells, where it is a section.
    pub(crate) fn cells(&self) -> Option<&BTreeMap<String, i64>> {
        match &self.kind {
            Kind::Section(cells) => Some(cells),
            Kind::Mutex(_) => None,
        }
    }
}

impl Os {
    /// `MapViewOfFile`: the handle's mask decides (os A.6, G3.92).
    pub(crate) fn map_view_of_file(
        &mut self,
        thread: ThreadId,
        section: Handle,
        access: MapAccess,
    ) -> Answer {
        let process = self.process_of(thread);
        let (id, granted) = self.object_behind(process, section)?;
        if self.objects().get(&id).cells().is_none() {
            return Err(Win32Error::INVALID_HANDLE);
        }
        let writable = access != MapAccess::Read;
        let needed = if writable { security::section::MAP_WRITE } else { security::section::MAP_READ };
        if granted & needed != needed {
            return Err(Win32Error::ACCESS_DENIED);
        }
        Ok(Value::View(self.running_mut(process).map(View { section: id, writable })))
    }

    /// `UnmapViewOfFile`; 487 where no view is (os A.8).
    pub(crate) fn unmap_view_of_file(&mut self, thread: ThreadId, view: ViewBase) -> Answer {
        let process = self.process_of(thread);
        if !self.running(process).views.contains_key(&view) {
            return Err(Win32Error::INVALID_ADDRESS);
        }
        self.running_mut(process).views.remove(&view);
        self.collect_objects();
        Ok(Value::Nothing)
    }

    /// Reads a cell.
    pub(crate) fn cell_load(&mut self, thread: ThreadId, view: ViewBase, cell: &str) -> Answer {
        self.use_cell(thread, view, cell, CellUse::Load)
    }

    /// Writes a cell.
    pub(crate) fn cell_store(&mut self, thread: ThreadId, view: ViewBase, cell: &str, value: i64) -> Answer {
        self.use_cell(thread, view, cell, CellUse::Store(value))
    }

    /// Adds to a cell in one step, wrapping around as the hardware does.
    pub(crate) fn cell_add(&mut self, thread: ThreadId, view: ViewBase, cell: &str, delta: i64) -> Answer {
        self.use_cell(thread, view, cell, CellUse::Add(delta))
    }

    /// Replaces a cell's content if it is the one expected, in one step.
    pub(crate) fn cell_compare_exchange(
        &mut self,
        thread: ThreadId,
        view: ViewBase,
        cell: &str,
        exchange: i64,
        comparand: i64,
    ) -> Answer {
        self.use_cell(thread, view, cell, CellUse::CompareExchange { exchange, comparand })
    }

    fn use_cell(&mut self, thread: ThreadId, view: ViewBase, cell: &str, what: CellUse) -> Answer {
        let running = self.running(self.process_of(thread));
        let View { section, writable } = running.views.get(&view).ok_or(Win32Error::NOACCESS)?.clone();
        let old = self.cells(&section).get(cell).copied().unwrap_or(0);
        let (new, answer) = match what {
            CellUse::Load => return Ok(Value::Number(old)),
            CellUse::Store(value) => (value, Value::Nothing),
            CellUse::Add(delta) => (old.wrapping_add(delta), Value::Number(old.wrapping_add(delta))),
            CellUse::CompareExchange { exchange, comparand } => {
                (if old == comparand { exchange } else { old }, Value::Number(old))
            }
        };
        if !writable {
            // The hardware refuses a locked compare too, whatever it compares.
            return Err(Win32Error::NOACCESS);
        }
        if new != old {
            match &mut self.objects_mut().get_mut(&section).kind {
                Kind::Section(cells) => store(cells, cell, new),
                Kind::Mutex(_) => unreachable!("a view is of a section"),
            }
        }
        Ok(answer)
    }

    fn cells(&self, section: &ObjectId) -> &BTreeMap<String, i64> {
        self.objects().get(section).cells().expect("a view is of a section")
    }
}
