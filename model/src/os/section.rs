//! Sections: how they are made, mapped and unmapped. What is done in a view is in `memory`.
//!
//! Modelled (os A.6-A.8, A.10)
//! - A section has a size, rounded up to pages, and a protection, which decides what its creator's handle is
//!   good for. Creating one that exists ignores both.
//! - What a view may do is checked against the handle's mask (5) and the section's protection (87) when it is
//!   mapped, then its size against the section's (5).
//! - A view keeps the memory, not the name (os A.7).
//!
//! Not modelled: files, reserved pages, views at an offset, running code in a view, the end of the machine's
//! memory. Our choices: a size above 2^63 is 87; a section that can be run is refused by versions without such
//! sections with 87, like any protection that they do not know.
//!
//! Invariants
//! - Sizes are multiples of a page, and no view is larger than its section.

use std::collections::BTreeMap;

use super::error::Win32Error;
use super::machine::Os;
use super::object::{Kind, Object};
use super::process::{ThreadId, View, ViewRights};
use super::security::{AccessMask, section};
use super::syscall::{Answer, Handle, MapAccess, Protection, Value, ViewBase};

/// The size of a page, in bytes.
pub const PAGE_BYTES: u64 = 4096;

/// A section in the page file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Section {
    /// Its size in bytes: a multiple of a page, never 0.
    bytes: u64,
    protection: Protection,
    /// Its content: cells by name; one that is 0 is not there.
    pub(crate) cells: BTreeMap<String, i64>,
}

impl Section {
    /// A section filled with zeros (os A.8).
    ///
    /// # Errors
    /// 87 for the size 0, or a protection that no section may have on this version (os A.8).
    fn new(bytes: u64, protection: Protection, can_run: bool) -> Result<Self, Win32Error> {
        let is_possible = match protection {
            Protection::ReadOnly | Protection::ReadWrite | Protection::WriteCopy => true,
            Protection::ExecuteRead | Protection::ExecuteReadWrite => can_run,
            Protection::NoAccess | Protection::Execute => false,
        };
        if !is_possible || bytes == 0 || bytes > u64::MAX / 2 {
            return Err(Win32Error::INVALID_PARAMETER);
        }
        Ok(Self { bytes: whole_pages(bytes), protection, cells: BTreeMap::new() })
    }

    /// What `CreateFileMapping` asks for, of a new and of an existing section (os A.6, G3.99).
    pub(crate) fn create_access(&self) -> AccessMask {
        match self.protection {
            Protection::ReadOnly | Protection::WriteCopy => section::CREATE_READ,
            Protection::ReadWrite => section::CREATE_READ | section::MAP_WRITE,
            Protection::ExecuteRead => section::CREATE_READ | section::MAP_EXECUTE,
            Protection::ExecuteReadWrite => section::CREATE_READ | section::MAP_WRITE | section::MAP_EXECUTE,
            Protection::NoAccess | Protection::Execute => unreachable!("no section is protected so"),
        }
    }

    /// Its size in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether a view may write to the section itself.
    fn is_writable(&self) -> bool {
        matches!(self.protection, Protection::ReadWrite | Protection::ExecuteReadWrite)
    }
}

impl Object {
    /// The section, where it is one.
    pub(crate) fn section(&self) -> Option<&Section> {
        match &self.kind {
            Kind::Section(section) => Some(section),
            Kind::Mutex(_) | Kind::Event(_) => None,
        }
    }
}

impl Os {
    /// `CreateFileMapping(INVALID_HANDLE_VALUE, ...)`. The arguments are looked at before the name.
    pub(crate) fn create_file_mapping(
        &mut self,
        thread: ThreadId,
        name: Option<&str>,
        (bytes, protection): (u64, Protection),
        everyone: bool,
    ) -> Answer {
        let section = Section::new(bytes, protection, self.windows().executable_sections)?;
        self.create_object(thread, name, Kind::Section(section), everyone)
    }

    /// `OpenFileMapping`. `FILE_MAP_COPY` is the bit of `SECTION_QUERY`, and is granted as the right to map for
    /// reading (os A.6, G3.100).
    pub(crate) fn open_file_mapping(&mut self, thread: ThreadId, name: &str, access: MapAccess) -> Answer {
        let asked = match access {
            MapAccess::Read | MapAccess::Copy => section::MAP_READ,
            MapAccess::Write => section::MAP_WRITE,
            MapAccess::ReadWrite => section::MAP_READ | section::MAP_WRITE,
            MapAccess::All => section::ALL,
        };
        self.open_object(thread, name, |kind| matches!(kind, Kind::Section(_)), asked)
    }

    /// `MapViewOfFile`: the handle's mask (os A.6, G3.92), the section's protection (os 0.3), then its size (os
    /// A.8).
    pub(crate) fn map_view_of_file(
        &mut self,
        thread: ThreadId,
        handle: Handle,
        access: MapAccess,
        bytes: u64,
    ) -> Answer {
        let process = self.process_of(thread);
        let (id, granted) = self.object_behind(process, handle)?;
        let section = self.objects().get(&id).section().ok_or(Win32Error::INVALID_HANDLE)?;
        let (needed, rights) = match access {
            MapAccess::Read => (section::MAP_READ, ViewRights::ReadOnly),
            MapAccess::Copy => (section::MAP_READ, ViewRights::Copy(BTreeMap::new())),
            MapAccess::Write | MapAccess::ReadWrite | MapAccess::All => {
                (section::MAP_WRITE, ViewRights::ReadWrite)
            }
        };
        if granted & needed != needed {
            return Err(Win32Error::ACCESS_DENIED);
        }
        if rights == ViewRights::ReadWrite && !section.is_writable() {
            return Err(Win32Error::INVALID_PARAMETER); // STATUS_SECTION_PROTECTION
        }
        let bytes = if bytes == 0 { section.bytes } else { bytes };
        if bytes > section.bytes {
            return Err(Win32Error::ACCESS_DENIED); // STATUS_INVALID_VIEW_SIZE
        }
        let view = View { section: id, bytes: whole_pages(bytes), rights };
        Ok(Value::View(self.running_mut(process).map(view)))
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
}

/// (os A.8) A size in whole pages.
fn whole_pages(bytes: u64) -> u64 {
    bytes.next_multiple_of(PAGE_BYTES)
}
