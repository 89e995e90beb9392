//! Values of keys, and enumeration by position (os C.4, C.5).
//!
//! Modelled: the handle's mask decides (5), before the state of the key (1018). Positions are not cursors:
//! what another process does shows at the very next call.
//!
//! Not modelled: buffers that are too small. Our choice: HKEY_USERS itself has no values and takes none (5).

use super::hive::Place;
use super::name::{self, KeyPath};
use super::tree;
use crate::os::error::Win32Error;
use crate::os::machine::Os;
use crate::os::namespace::c_string;
use crate::os::process::ThreadId;
use crate::os::security::key;
use crate::os::syscall::{Answer, Key, KeyInfo, RegValue, Value};

impl Os {
    /// `RegQueryValueEx`: 2 where there is no such value, or its name is too long to exist.
    pub(crate) fn reg_query_value_ex(&mut self, thread: ThreadId, key: Key, name: &str) -> Answer {
        let path = self.base(thread, key)?.usable_for(key::QUERY_VALUE)?;
        let value = match self.registry().place(&path) {
            Place::Users => None,
            Place::Key(key) => key.value(c_string(name)),
        };
        value.cloned().map(Value::Data).ok_or(Win32Error::FILE_NOT_FOUND)
    }

    /// `RegSetValueEx`: 87 for a name that is too long (os C.5).
    pub(crate) fn reg_set_value_ex(
        &mut self,
        thread: ThreadId,
        key: Key,
        name: &str,
        value: &RegValue,
    ) -> Answer {
        let path = self.base(thread, key)?.usable_for(key::SET_VALUE)?;
        let name = c_string(name);
        if name.encode_utf16().count() > name::VALUE_NAME_UNITS_MAX {
            return Err(Win32Error::INVALID_PARAMETER);
        }
        self.writable(&path)?.set_value(name, value.clone());
        Ok(Value::Nothing)
    }

    /// `RegDeleteValue`: 2 where there is no such value.
    pub(crate) fn reg_delete_value(&mut self, thread: ThreadId, key: Key, name: &str) -> Answer {
        let path = self.base(thread, key)?.usable_for(key::SET_VALUE)?;
        self.writable(&path)?.delete_value(c_string(name))?;
        Ok(Value::Nothing)
    }

    /// `RegEnumValue`: by the order in which they were first set.
    pub(crate) fn reg_enum_value(&mut self, thread: ThreadId, key: Key, index: u32) -> Answer {
        let path = self.base(thread, key)?.usable_for(key::QUERY_VALUE)?;
        let name = match self.registry().place(&path) {
            Place::Users => None,
            Place::Key(key) => key.values().nth(index as usize).map(|(name, _)| name.to_owned()),
        };
        name.map(Value::Text).ok_or(Win32Error::NO_MORE_ITEMS)
    }

    /// `RegEnumKeyEx`: stable keys by upper-cased name, then volatile ones.
    pub(crate) fn reg_enum_key_ex(&mut self, thread: ThreadId, key: Key, index: u32) -> Answer {
        let path = self.base(thread, key)?.usable_for(key::ENUMERATE_SUB_KEYS)?;
        let name = match self.registry().place(&path) {
            Place::Users => self.registry().loaded().get(index as usize).map(|name| (*name).to_owned()),
            Place::Key(key) => key.subkeys().get(index as usize).map(|key| key.name().to_owned()),
        };
        name.map(Value::Text).ok_or(Win32Error::NO_MORE_ITEMS)
    }

    /// `RegQueryInfoKey`. The longest names and data are those of now; Windows may remember longer ones that are
    /// gone.
    pub(crate) fn reg_query_info_key(&mut self, thread: ThreadId, key: Key) -> Answer {
        let path = self.base(thread, key)?.usable_for(key::QUERY_VALUE)?;
        Ok(Value::KeyInfo(match self.registry().place(&path) {
            Place::Users => {
                let hives = self.registry().loaded();
                let names = hives.iter().copied();
                KeyInfo { subkeys: names.len() as u32, subkey_name_max: longest(names), ..KeyInfo::default() }
            }
            Place::Key(key) => KeyInfo {
                subkeys: key.subkeys().len() as u32,
                subkey_name_max: longest(key.subkeys().iter().map(|key| key.name())),
                values: key.values().len() as u32,
                value_name_max: longest(key.values().map(|(name, _)| name)),
                value_data_max: key.values().map(|(_, value)| value.data.len() as u32).max().unwrap_or(0),
            },
        }))
    }

    fn writable(&mut self, path: &KeyPath) -> Result<&mut tree::Key, Win32Error> {
        match path.hive() {
            None => Err(Win32Error::ACCESS_DENIED),
            Some(_) => {
                Ok(self.registry_mut().key_mut(path).expect("a live handle names a key that is there"))
            }
        }
    }
}

/// The longest of the names, in UTF-16 units.
fn longest<'a>(names: impl Iterator<Item = &'a str>) -> u32 {
    names.map(|name| name.encode_utf16().count() as u32).max().unwrap_or(0)
}
