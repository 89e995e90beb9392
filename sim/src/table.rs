//! Small tables: things and their numbers, and pairs of numbers and what they lead to.
//!
//! All are looked up, never iterated in hash order: [`Numbered`] keeps the order in which things were first seen.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
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
    entries: HashTable<(u64, V)>,
    hasher: FixedState,
}

impl<V: Copy> Memo<V> {
    pub(crate) fn new() -> Self {
        Memo { entries: HashTable::new(), hasher: FixedState::default() }
    }

    pub(crate) fn get(&self, a: u32, b: u32) -> Option<V> {
        let key = pair(a, b);
        self.entries.find(self.hasher.hash_one(key), |entry| entry.0 == key).map(|entry| entry.1)
    }

    /// Remembers a value that is not there yet.
    pub(crate) fn put(&mut self, a: u32, b: u32, value: V) {
        let key = pair(a, b);
        let hasher = &self.hasher;
        self.entries.insert_unique(hasher.hash_one(key), (key, value), |entry| hasher.hash_one(entry.0));
    }
}

fn pair(a: u32, b: u32) -> u64 {
    u64::from(a) << 32 | u64::from(b)
}

/// Distinct rows of numbers, all of one width, numbered in the order in which they were first seen; exact.
#[derive(Debug)]
pub(crate) struct Rows {
    width: usize,
    cells: Vec<u32>,
    index: HashTable<u32>,
    hasher: FixedState,
}

impl Rows {
    pub(crate) fn new(width: usize) -> Self {
        Rows { width, cells: Vec::new(), index: HashTable::new(), hasher: FixedState::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn row(&self, number: u32) -> &[u32] {
        row(&self.cells, self.width, number)
    }

    pub(crate) fn find(&self, wanted: &[u32]) -> Option<u32> {
        let (cells, width) = (&self.cells, self.width);
        self.index.find(self.hasher.hash_one(wanted), |number| row(cells, width, *number) == wanted).copied()
    }

    /// The number of a row, and whether it is new.
    pub(crate) fn number(&mut self, wanted: &[u32]) -> (u32, bool) {
        assert_eq!(wanted.len(), self.width, "a row has the width of its table");
        if let Some(number) = self.find(wanted) {
            return (number, false);
        }
        let number = u32::try_from(self.index.len()).expect("fewer than 4 billion states");
        self.cells.extend_from_slice(wanted);
        let (cells, width, hasher) = (&self.cells, self.width, &self.hasher);
        self.index.insert_unique(hasher.hash_one(wanted), number, |number| {
            hasher.hash_one(row(cells, width, *number))
        });
        (number, true)
    }
}

fn row(cells: &[u32], width: usize, number: u32) -> &[u32] {
    &cells[number as usize * width..][..width]
}
