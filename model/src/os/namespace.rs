//! The directories in which objects have names, and how a name is followed.
//!
//! Modelled (os A.1-A.5)
//! - `\BaseNamedObjects`, which is session 0's own too, and `\Sessions\N\BaseNamedObjects`; the links
//!   `Global`, `Local` and `Session` in each. Prefixes are parts of a path, not tricks with strings.
//! - The directory is chosen by the process's session. A thread's token is never looked at (os A.3, H.1).
//! - Names are compared exactly (os A.4). Backslashes and odd names answer as tested (os A.5).
//!
//! Not modelled: `Restricted`, private namespaces, per-process isolation, absolute paths, the access lists of
//! directories. Our choices: `Session\x` itself cannot hold an object (5); a session's directory is there
//! while the session has a process; embedded NULs end a name, as they end a C string.
//!
//! Invariants
//! - Without Terminal Services there is one directory.

use std::fmt;
use std::sync::Arc;

use super::error::Win32Error;
use super::machine::Os;
use super::process::ProcessId;
use super::windows::{Namespaces, Windows};

/// A directory of named objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Directory {
    /// `\BaseNamedObjects`.
    Global,
    /// A session's own: `\Sessions\N\BaseNamedObjects`; on NT 4.0 TSE, the names in `\BaseNamedObjects` that
    /// are tagged with the session (os A.2).
    Session(u32),
}

/// The full name of an object: a directory and a name in it, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The directory.
    pub directory: Directory,
    /// The name in it, without a backslash.
    pub name: Arc<str>,
}

impl ObjectName {
    /// The path as the object manager would show it. For NT 4.0 TSE, where the path is the same for all
    /// sessions, the session that is part of the name is appended in brackets.
    pub fn path(&self, windows: &Windows) -> ObjectPath {
        ObjectPath { name: self.clone(), tagged: windows.namespaces == Namespaces::TaggedBySession }
    }
}

/// An object's path, to be printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectPath {
    name: ObjectName,
    tagged: bool,
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name.name;
        match self.name.directory {
            Directory::Global => write!(f, r"\BaseNamedObjects\{name}"),
            Directory::Session(session) if self.tagged => {
                write!(f, r"\BaseNamedObjects\{name} [session {session}]")
            }
            Directory::Session(session) => write!(f, r"\Sessions\{session}\BaseNamedObjects\{name}"),
        }
    }
}

/// Where a walk along a name has come to.
#[derive(Clone, Copy)]
enum Place {
    /// In a directory of objects.
    Names(Directory),
    /// In `\Sessions\BNOLINKS`, which the link `Session` leads to.
    SessionLinks,
}

/// The longest name, in bytes of UTF-16 (os A.5).
const NAME_BYTES_MAX: usize = 65532;

impl Os {
    /// Follows a name from the process's own directory to the full name of an object, there or not.
    ///
    /// # Errors
    /// 3 where a part before the last does not exist, 6 where it is no directory or the whole is none but a
    /// directory, 161 for a leading backslash, 123 for an empty part or too long a name (os A.5).
    pub(crate) fn resolve(&self, process: ProcessId, name: &str) -> Result<ObjectName, Win32Error> {
        let name = c_string(name);
        if 2 * name.encode_utf16().count() > NAME_BYTES_MAX {
            return Err(Win32Error::INVALID_NAME);
        }
        if name.starts_with('\\') {
            return Err(Win32Error::BAD_PATHNAME);
        }
        let mut place = Place::Names(self.home(self.process(process).session()));
        let mut rest = name;
        while let Some((part, further)) = rest.split_once('\\') {
            place = self.enter(place, part)?;
            rest = further;
        }
        match (place, rest) {
            // (os A.5, G3.78) nothing after the last backslash
            (_, "") => Err(Win32Error::INVALID_NAME),
            (Place::Names(directory), last) if !self.is_link(last) => {
                Ok(ObjectName { directory, name: last.into() })
            }
            // (os G3.77) the name of a directory, or of a link to one, is of another type than any object
            (Place::Names(_), _) => Err(Win32Error::INVALID_HANDLE),
            (Place::SessionLinks, last) => match self.session_directory(last) {
                Some(_) => Err(Win32Error::INVALID_HANDLE),
                None => Err(Win32Error::ACCESS_DENIED),
            },
        }
    }

    /// One step of the walk, along a part that is not the last.
    fn enter(&self, place: Place, part: &str) -> Result<Place, Win32Error> {
        if part.is_empty() {
            return Err(Win32Error::INVALID_NAME); // (os A.5) a double backslash
        }
        match place {
            Place::SessionLinks => {
                self.session_directory(part).map(Place::Names).ok_or(Win32Error::PATH_NOT_FOUND)
            }
            Place::Names(directory) => match part {
                _ if !self.is_link(part) => {
                    // (os A.5) a part that is an object but no directory; else one that is not there
                    let name = ObjectName { directory, name: part.into() };
                    let found = self.objects().named(&name).is_some();
                    Err(if found { Win32Error::INVALID_HANDLE } else { Win32Error::PATH_NOT_FOUND })
                }
                "Global" => Ok(Place::Names(Directory::Global)),
                "Local" => Ok(Place::Names(directory)), // (A.1) the directory that the link lies in
                _ => Ok(Place::SessionLinks),
            },
        }
    }

    /// Whether that name is one of the links; case matters (os A.4), and NT 4.0 has none (os A.2).
    fn is_link(&self, name: &str) -> bool {
        self.windows().namespaces == Namespaces::Prefixes && matches!(name, "Global" | "Local" | "Session")
    }

    /// The own directory of a session (os A.1, A.2).
    pub(crate) fn home(&self, session: u32) -> Directory {
        match self.windows().namespaces {
            _ if !self.has_terminal_services() => Directory::Global,
            Namespaces::Single => Directory::Global,
            Namespaces::Prefixes if session == 0 => Directory::Global,
            Namespaces::Prefixes | Namespaces::TaggedBySession => Directory::Session(session),
        }
    }

    /// The directory that `\Sessions\BNOLINKS\<number>` leads to.
    fn session_directory(&self, number: &str) -> Option<Directory> {
        let session: u32 = number.parse().ok().filter(|session: &u32| session.to_string() == number)?;
        let lives = |id: ProcessId| self.process(id).is_alive() && self.process(id).session() == session;
        (session == 0 || self.has_terminal_services() && self.process_ids().any(lives))
            .then(|| self.home(session))
    }
}

/// A text as a C program passes it: it ends at its first NUL.
pub(crate) fn c_string(text: &str) -> &str {
    text.split('\0').next().unwrap_or(text)
}
