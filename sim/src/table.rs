//! Small tables: things and their numbers, and pairs of numbers and what they lead to.
//!
//! All are looked up, never iterated in hash order: [`Numbered`] keeps the order in which things were first seen.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use indexmap::IndexSet;

/// Distinct things, numbered in the order in which they were first seen.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    things: IndexSet<T, FixedState>,
}

impl<T: Eq + Hash> Numbered<T> {
    pub(crate) fn new() -> Self {
        Numbered { things: IndexSet::with_hasher(FixedState::default()) }
    }

    /// The number of a thing, and whether it is new.
    pub(crate) fn number(&mut self, thing: T) -> (u32, bool) {
        let (index, new) = self.things.insert_full(thing);
        (u32::try_from(index).expect("fewer than 4 billion distinct things"), new)
    }

    /// The number of a thing that was seen.
    pub(crate) fn find(&self, thing: &T) -> Option<u32> {
        self.things.get_index_of(thing).map(|index| index as u32)
    }

    pub(crate) fn get(&self, number: u32) -> &T {
        &self.things[number as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }
}

/// A function on pairs of numbers, filled in as it is computed.
#[derive(Debug)]
pub(crate) struct Memo<V> {
    /// Open addressing: an entry is in the first free slot from its hash on. At most half are taken.
    slots: Vec<Option<(u32, u32, V)>>,
    taken: usize,
    hasher: FixedState,
}

impl<V: Copy> Memo<V> {
    pub(crate) fn new() -> Self {
        Memo { slots: vec![None; SLOTS_MIN], taken: 0, hasher: FixedState::default() }
    }

    pub(crate) fn get(&self, a: u32, b: u32) -> Option<V> {
        let mask = self.slots.len() - 1;
        let mut at = hash(&self.hasher, &[a, b]) as usize & mask;
        while let Some((one, two, value)) = self.slots[at] {
            if (one, two) == (a, b) {
                return Some(value);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// Remembers a value that is not there yet.
    pub(crate) fn put(&mut self, a: u32, b: u32, value: V) {
        if 2 * (self.taken + 1) > self.slots.len() {
            let twice = vec![None; 2 * self.slots.len()];
            for entry in std::mem::replace(&mut self.slots, twice).into_iter().flatten() {
                self.insert(entry);
            }
        }
        self.insert((a, b, value));
        self.taken += 1;
    }

    fn insert(&mut self, entry: (u32, u32, V)) {
        let mask = self.slots.len() - 1;
        let mut at = hash(&self.hasher, &[entry.0, entry.1]) as usize & mask;
        while self.slots[at].is_some() {
            at = (at + 1) & mask;
        }
        self.slots[at] = Some(entry);
    }
}

/// Slots of an empty table; a power of two, as every table's number of slots.
const SLOTS_MIN: usize = 16;

/// Number by number: for short rows faster than hashing their bytes.
fn hash(hasher: &FixedState, row: &[u32]) -> u32 {
    let mut state = hasher.build_hasher();
    for cell in row {
        state.write_u32(*cell);
    }
    state.finish() as u32
}
