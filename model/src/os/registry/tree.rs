//! A key: its values, and the keys below it.
//!
//! Subkeys are shared between copies of a tree until one of them changes.
//!
//! Invariants (os H.10)
//! - Subkeys are sorted: stable ones before volatile ones, each by upper-cased name; no two have one name.
//! - Values are in the order in which they were first set; no two have one name.
//! - Below a volatile key all keys are volatile (os C.5).

use std::sync::Arc;

use super::name;
use crate::os::error::Win32Error;
use crate::os::shared::Shared;
use crate::os::syscall::RegValue;

/// A key of the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    name: Arc<str>,
    volatile: bool,
    values: Vec<(Arc<str>, RegValue)>,
    subkeys: Vec<Shared<Key>>,
}

impl Key {
    /// An empty key.
    pub(crate) fn new(name: &str, volatile: bool) -> Self {
        Self { name: name.into(), volatile, values: Vec::new(), subkeys: Vec::new() }
    }

    /// Its name, as it was created.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The keys below it, in order of enumeration (os C.4).
    pub(crate) fn subkeys(&self) -> &[Shared<Self>] {
        &self.subkeys
    }

    /// The key of that name below it.
    pub(crate) fn subkey(&self, name: &str) -> Option<&Self> {
        self.position(name).map(|index| &*self.subkeys[index])
    }

    /// The same, to be changed.
    pub(crate) fn subkey_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.position(name).map(|index| Shared::make_mut(&mut self.subkeys[index]))
    }

    /// A new, empty key below this one.
    ///
    /// # Errors
    /// 1021 for a stable key below a volatile one (os C.5).
    pub(crate) fn create(&mut self, name: &str, volatile: bool) -> Result<(), Win32Error> {
        assert!(self.subkey(name).is_none(), "the key {name:?} exists already");
        if self.volatile && !volatile {
            return Err(Win32Error::CHILD_MUST_BE_VOLATILE);
        }
        let new = Self::new(name, volatile);
        let place = self.subkeys.partition_point(|key| {
            (key.volatile, name::compare(&key.name, name)) < (volatile, std::cmp::Ordering::Equal)
        });
        self.subkeys.insert(place, Shared::new(new));
        Ok(())
    }

    /// Unlinks a key that has no subkeys; its values go with it (os C.3).
    ///
    /// # Errors
    /// 2 where there is none of that name, 5 where it has subkeys (os C.3).
    pub(crate) fn delete(&mut self, name: &str) -> Result<(), Win32Error> {
        let index = self.position(name).ok_or(Win32Error::FILE_NOT_FOUND)?;
        if !self.subkeys[index].subkeys.is_empty() {
            return Err(Win32Error::ACCESS_DENIED);
        }
        self.subkeys.remove(index);
        Ok(())
    }

    /// Takes a key out, with everything below it: before the run, where nobody has handles.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Shared<Self>> {
        self.position(name).map(|index| self.subkeys.remove(index))
    }

    /// The values, in the order in which they were first set (os C.4).
    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = (&str, &RegValue)> {
        self.values.iter().map(|(name, value)| (&**name, value))
    }

    /// The value of that name; the name "" is that of the default value.
    pub(crate) fn value(&self, name: &str) -> Option<&RegValue> {
        self.values.iter().find(|(other, _)| name::same(other, name)).map(|(_, value)| value)
    }

    /// Sets a value: an existing one keeps its place and the case of its name, a new one comes last (os C.4).
    pub(crate) fn set_value(&mut self, name: &str, value: RegValue) {
        match self.values.iter_mut().find(|(other, _)| name::same(other, name)) {
            Some((_, old)) => *old = value,
            None => self.values.push((name.into(), value)),
        }
    }

    /// Removes a value; the later ones move up (os C.4).
    ///
    /// # Errors
    /// 2 where there is none of that name.
    pub(crate) fn delete_value(&mut self, name: &str) -> Result<(), Win32Error> {
        let index = self.values.iter().position(|(other, _)| name::same(other, name));
        self.values.remove(index.ok_or(Win32Error::FILE_NOT_FOUND)?);
        Ok(())
    }

    /// What is left of the tree once its hive is unloaded: volatile keys are gone (os C.5).
    pub(crate) fn stable(&self) -> Self {
        let subkeys =
            self.subkeys.iter().filter(|key| !key.volatile).map(|key| Shared::new(key.stable())).collect();
        Self { subkeys, ..self.clone() }
    }

    /// Checks the invariants of this key and all below it.
    pub(crate) fn assert_invariants(&self) {
        for pair in self.subkeys.windows(2) {
            let order = (pair[0].volatile, name::compare(&pair[0].name, &pair[1].name));
            assert!(
                order < (pair[1].volatile, std::cmp::Ordering::Equal),
                "the subkeys of {:?} are sorted",
                self.name
            );
        }
        for key in &self.subkeys {
            assert!(key.volatile || !self.volatile, "below the volatile {:?} all is volatile", self.name);
            let stable = self.subkeys.iter().filter(|other| name::same(&other.name, &key.name)).count();
            assert_eq!(stable, 1, "{:?} has one subkey of the name {:?}", self.name, key.name);
            key.assert_invariants();
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.subkeys.iter().position(|key| name::same(&key.name, name))
    }
}
