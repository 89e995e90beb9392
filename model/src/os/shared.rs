//! A part of the machine that copies of it share until one of them changes it, and that knows its own hash: most steps
//! change one part of a machine, and then only that part is hashed anew.
//!
//! Invariants
//! - The hash that is kept is that of the value: whoever may change the value loses it first.
//! - Only one that nobody changes any more is settled; a copy that is to be changed is not.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::num::NonZeroU64;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use foldhash::fast::FixedState;

/// Who keeps the parts that are shared by all who have an equal one.
pub(crate) trait Settle {
    /// Replaces a part by the one that is kept, or keeps it.
    fn settle<T: Clone + Eq + Hash + 'static>(&mut self, part: &mut T);
}

/// A shared part.
#[derive(Clone, Default)]
pub(crate) struct Shared<T>(Arc<Part<T>>);

#[derive(Default)]
struct Part<T> {
    value: T,
    /// 0 where it is not known yet. Whoever finds it out finds the same, so it matters to nobody who is first.
    hash: AtomicU64,
    /// It is the one that all who have an equal part share.
    settled: AtomicBool,
}

impl<T> Part<T> {
    fn new(value: T) -> Self {
        Part { value, hash: AtomicU64::new(0), settled: AtomicBool::new(false) }
    }
}

impl<T: Clone> Clone for Part<T> {
    fn clone(&self) -> Self {
        Part::new(self.value.clone())
    }
}

impl<T> Shared<T> {
    /// A part that is shared with nobody yet.
    pub(crate) fn new(value: T) -> Self {
        Shared(Arc::new(Part::new(value)))
    }

    /// Has it replaced by the one that all share, unless it is that.
    pub(crate) fn settle(this: &mut Self, settle: impl FnOnce(&mut Self)) {
        if !this.0.settled.load(Relaxed) {
            settle(this);
            this.0.settled.store(true, Relaxed);
        }
    }
}

impl<T: Clone> Shared<T> {
    /// The part, to be changed: a copy of its own where it is shared.
    pub(crate) fn make_mut(this: &mut Self) -> &mut T {
        let part = Arc::make_mut(&mut this.0);
        (*part.hash.get_mut(), *part.settled.get_mut()) = (0, false);
        &mut part.value
    }
}

impl<T: Hash> Shared<T> {
    fn own_hash(&self) -> u64 {
        let known = self.0.hash.load(Relaxed);
        if known != 0 {
            return known;
        }
        // The same everywhere: its seed is fixed. It decides nothing but where to look.
        let hash = FixedState::default().hash_one(&self.0.value);
        let hash = NonZeroU64::new(hash).map_or(1, NonZeroU64::get);
        self.0.hash.store(hash, Relaxed);
        hash
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
