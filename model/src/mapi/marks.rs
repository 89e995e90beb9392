//! Marks: a profile to be deleted later is written down by name (B6, B7).
//!
//! A mark is an empty subkey of `Deleted Profiles` (with fix 1: of a key that carries a CRC of the SID),
//! named after the profile. It says nothing of who marked it, nor which profile of that name was meant.

use std::ops::ControlFlow;

use super::instance::{Mapi, Purpose};
use super::names;
use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::sys::Win32Result;

impl Mapi<'_> {
    /// The path of the key that marks are under, for a purpose (C7). Without fix 1 nobody's SID is asked for.
    pub(super) async fn marks_path(&self, purpose: Purpose) -> Win32Result<String> {
        Ok(format!(r"{}\{}", names::PROFILES, self.marks_name(purpose).await?))
    }

    /// The same key's name, below the key of all profiles.
    pub(super) async fn marks_name(&self, purpose: Purpose) -> Win32Result<String> {
        use super::rules::Marks;
        match self.rules.marks {
            Marks::Shared => Ok(names::DELETED_PROFILES.to_owned()),
            Marks::PerAccount => Ok(names::suffixed_key(self.assumptions, self.suffix(purpose).await?)),
        }
    }

    /// Marks a profile (B7). Marking it again changes nothing (mapi 4.11).
    pub(super) async fn mark(&self, profile: &str) -> Win32Result<()> {
        self.sys
            .frame("mark", async || {
                let path = format!(r"{}\{profile}", self.marks_path(Purpose::Mark).await?);
                let (mark, _) = self.sys.reg_create_key(Key::CurrentUser, &path).await?;
                self.sys.reg_close_key(mark).await
            })
            .await
    }

    /// Whether a profile is marked.
    pub(super) async fn is_marked(&self, profile: &str, purpose: Purpose) -> Win32Result<bool> {
        self.sys
            .frame("marked?", async || {
                let path = format!(r"{}\{profile}", self.marks_path(purpose).await?);
                match self.sys.reg_open_key(Key::CurrentUser, &path, KeyAccess::Read).await {
                    Ok(mark) => self.sys.reg_close_key(mark).await.map(|()| true),
                    Err(Win32Error::FILE_NOT_FOUND) => Ok(false),
                    Err(error) => Err(error),
                }
            })
            .await
    }

    /// Removes a profile's mark, if it has one.
    pub(super) async fn unmark(&self, profile: &str, purpose: Purpose) -> Win32Result<()> {
        self.sys
            .frame("unmark", async || {
                let marks = self.marks_path(purpose).await?;
                self.unmark_below(&marks, profile).await
            })
            .await
    }

    /// The same, below the key of that path.
    pub(super) async fn unmark_below(&self, marks: &str, profile: &str) -> Win32Result<()> {
        match self.sys.reg_delete_key(Key::CurrentUser, &format!(r"{marks}\{profile}")).await {
            Ok(()) | Err(Win32Error::FILE_NOT_FOUND) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Every name that is marked (B6). No key, no marks.
    pub(super) async fn marked_profiles(&self, purpose: Purpose) -> Win32Result<Vec<String>> {
        self.sys
            .frame("list marks", async || {
                let marks = self.marks_path(purpose).await?;
                self.names_below(&marks).await
            })
            .await
    }

    /// The names below the key of that path; none where there is no key.
    pub(super) async fn names_below(&self, path: &str) -> Win32Result<Vec<String>> {
        match self.sys.reg_open_key(Key::CurrentUser, path, KeyAccess::Read).await {
            Ok(key) => {
                let names = self.subkeys(key).await;
                self.sys.reg_close_key(key).await?;
                names
            }
            Err(Win32Error::FILE_NOT_FOUND) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The names of a key's subkeys, by position until there are no more.
    pub(super) async fn subkeys(&self, key: Handle) -> Win32Result<Vec<String>> {
        self.sys
            .iterate("enumerate", Vec::new(), async |mut names: Vec<String>| {
                match self.sys.reg_enum_key(key, names.len() as u32).await {
                    Ok(name) => {
                        names.push(name);
                        ControlFlow::Continue(names)
                    }
                    Err(Win32Error::NO_MORE_ITEMS) => ControlFlow::Break(Ok(names)),
                    Err(error) => ControlFlow::Break(Err(error)),
                }
            })
            .await
    }
}
