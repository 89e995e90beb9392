//! A part of the machine that copies of it share until one of them changes it, and that knows its own hash: most steps
//! change one part of a machine, and then only that part is hashed anew.
//!
//! Invariants
//! - The hash that is kept is that of the value: whoever may change the value loses it first.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A shared part.
#[derive(Clone, Default)]
pub(crate) struct Shared<T>(Arc<Part<T>>);

#[derive(Default)]
struct Part<T> {
    value: T,
    hash: OnceLock<u64>,
}

impl<T: Clone> Clone for Part<T> {
    fn clone(&self) -> Self {
        Part { value: self.value.clone(), hash: OnceLock::new() }
    }
}

impl<T> Shared<T> {
    /// A part that is shared with nobody yet.
    pub(crate) fn new(value: T) -> Self {
        Shared(Arc::new(Part { value, hash: OnceLock::new() }))
    }
}

impl<T: Clone> Shared<T> {
    /// The part, to be changed: a copy of its own where it is shared.
    pub(crate) fn make_mut(this: &mut Self) -> &mut T {
        let part = Arc::make_mut(&mut this.0);
        part.hash = OnceLock::new();
        &mut part.value
    }
}

impl<T: Hash> Shared<T> {
    fn own_hash(&self) -> u64 {
        *self.0.hash.get_or_init(|| {
            // The same everywhere: its keys are fixed. It decides nothing but where to look.
            let mut hasher = DefaultHasher::new();
            self.0.value.hash(&mut hasher);
            hasher.finish()
        })
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: Hash> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.own_hash());
    }
}

impl<T: Eq + Hash> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.own_hash() == other.own_hash() && self.0.value == other.0.value
    }
}

impl<T: Eq + Hash> Eq for Shared<T> {}

impl<T: Ord + Hash> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord + Hash> Ord for Shared<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.value.cmp(&other.0.value) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Shared;

    fn hash(part: &Shared<Vec<u8>>) -> u64 {
        part.own_hash()
    }

    #[test]
    fn a_part_that_was_changed_has_another_hash_and_its_copies_stay_as_they_were() {
        let first = Shared::new(vec![1, 2]);
        let mut second = first.clone();
        let before = hash(&second);
        Shared::make_mut(&mut second).push(3);
        assert_eq!(*first, [1, 2]);
        assert_ne!(first, second);
        assert_ne!(hash(&second), before);
        Shared::make_mut(&mut second).pop();
        assert_eq!((&second, hash(&second)), (&first, before));
        // One that nobody shares is changed where it is.
        Shared::make_mut(&mut second).clear();
        assert_ne!(hash(&second), before);
        assert!(second < first);
    }
}
