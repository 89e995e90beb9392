//! What a hive holds, apart from any machine: keys and values by path, below a root that has no name here.
//!
//! Invariant: the tree obeys the registry's own rules of names and order (os C.4, C.5), since it is made of the
//! registry's own keys.

use crate::os::Os;
use crate::os::error::Win32Error;
use crate::os::registry::{TreeKey, check_key_name, parts_of};
use crate::os::syscall::RegValue;

/// The content of a hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiveTree {
    root: TreeKey,
}

/// A key of a hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'t> {
    /// Its path below the root, the root's own being empty: `Software\Microsoft`.
    pub path: String,
    /// Its values, in the order in which they were first set; the name "" is that of the default value.
    pub values: Vec<(&'t str, &'t RegValue)>,
}

impl Default for HiveTree {
    fn default() -> Self {
        Self { root: TreeKey::new("", false) }
    }
}

impl HiveTree {
    /// What the hive of an account, or `.DEFAULT`, holds at this moment, loaded or not, volatile keys included.
    pub fn of(os: &Os, account: &str) -> Self {
        let mut tree = Self::default();
        copy(os.hive_root(account), &mut tree.root);
        tree
    }

    /// Puts everything into the hive of an account, or `.DEFAULT`, before the run.
    ///
    /// # Errors
    /// None that its own rules have not excluded: as [`Os::create_key`].
    pub fn seed(&self, os: &mut Os, account: &str) -> Result<(), Win32Error> {
        for entry in self.entries() {
            os.create_key(account, &entry.path)?;
            for (name, value) in entry.values {
                os.set_value(account, &entry.path, name, value.clone())?;
            }
        }
        Ok(())
    }

    /// All keys, each before those below it, in order of enumeration (os C.4).
    pub fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = Vec::new();
        let mut todo = vec![(String::new(), &self.root)];
        while let Some((path, key)) = todo.pop() {
            for below in key.subkeys().iter().rev() {
                let separator = if path.is_empty() { "" } else { "\\" };
                todo.push((format!("{path}{separator}{}", below.name()), below));
            }
            entries.push(Entry { path, values: key.values().collect() });
        }
        entries
    }

    /// One value.
    pub fn value(&self, path: &str, name: &str) -> Option<&RegValue> {
        let parts = parts_of(path).ok()?;
        parts.into_iter().try_fold(&self.root, |key, part| key.subkey(part))?.value(name)
    }

    /// Creates a key with its parents, or finds it. Answers how many keys are new.
    ///
    /// # Errors
    /// 161 for a leading backslash, 87 for a name that is too long (os C.5).
    pub fn create_key(&mut self, path: &str) -> Result<usize, Win32Error> {
        let mut key = &mut self.root;
        let mut new = 0;
        for part in parts_of(path)? {
            check_key_name(part)?;
            if key.subkey(part).is_none() {
                key.create(part, false)?;
                new += 1;
            }
            key = key.subkey_mut(part).expect("the key is there or was just created");
        }
        Ok(new)
    }

    /// Sets a value of a key that is created where it is not there.
    ///
    /// # Errors
    /// As [`create_key`](Self::create_key).
    pub fn set_value(&mut self, path: &str, name: &str, value: RegValue) -> Result<(), Win32Error> {
        self.create_key(path)?;
        self.key_mut(path).expect("the key was just created").set_value(name, value);
        Ok(())
    }

    /// Deletes a value; one that is not there is fine.
    pub fn delete_value(&mut self, path: &str, name: &str) {
        if let Some(key) = self.key_mut(path) {
            let _it_may_not_be_there = key.delete_value(name);
        }
    }

    /// Deletes a key and everything below it; one that is not there is fine. The root stays, and loses all it has.
    /// Answers how many keys are gone.
    pub fn delete_key(&mut self, path: &str) -> usize {
        let parts = parts_of(path).unwrap_or_default();
        let Some((last, above)) = parts.split_last() else {
            let gone = count(&self.root) - 1;
            *self = Self::default();
            return gone;
        };
        let parent = above.iter().try_fold(&mut self.root, |key, part| key.subkey_mut(part));
        parent.and_then(|parent| parent.remove(last)).map_or(0, |gone| count(&gone))
    }

    fn key_mut(&mut self, path: &str) -> Option<&mut TreeKey> {
        let parts = parts_of(path).ok()?;
        parts.into_iter().try_fold(&mut self.root, |key, part| key.subkey_mut(part))
    }
}

fn copy(from: &TreeKey, to: &mut TreeKey) {
    for (name, value) in from.values() {
        to.set_value(name, value.clone());
    }
    for key in from.subkeys() {
        to.create(key.name(), false).expect("no two subkeys have one name, and none is volatile here");
        copy(key, to.subkey_mut(key.name()).expect("it was just created"));
    }
}

fn count(key: &TreeKey) -> usize {
    1 + key.subkeys().iter().map(|below| count(below)).sum::<usize>()
}
