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

/// Distinct rows of numbers, all of one width, numbered in the order in which they were first seen; exact.
#[derive(Debug)]
pub(crate) struct Rows {
    width: usize,
    cells: Vec<u32>,
    /// Open addressing: part of a row's hash, beside its number, so that few others are ever compared and growing reads
    /// no rows. At most three quarters are taken.
    slots: Vec<(u32, u32)>,
    hasher: FixedState,
}

/// The number in a free slot.
const FREE: u32 = u32::MAX;

/// What became of a row that was to be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    /// It was there.
    Known,
    /// It was added.
    New,
    /// It is new, and there is no room for it.
    NoRoom,
}

impl Rows {
    pub(crate) fn new(width: usize) -> Self {
        Rows { width, cells: Vec::new(), slots: vec![(0, FREE); SLOTS_MIN], hasher: FixedState::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len() / self.width
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn row(&self, number: u32) -> &[u32] {
        &self.cells[number as usize * self.width..][..self.width]
    }

    pub(crate) fn hash(&self, row: &[u32]) -> u32 {
        hash(&self.hasher, row)
    }

    /// Reads where a row of that hash would be found and does nothing else: reading for several rows at once and then
    /// placing them lets their way from memory overlap.
    pub(crate) fn touch(&self, hash: u32) -> u32 {
        let (_, number) = self.slots[hash as usize & (self.slots.len() - 1)];
        self.cells.get(number as usize * self.width).copied().unwrap_or(number)
    }

    pub(crate) fn find(&self, wanted: &[u32]) -> Option<u32> {
        self.slot(wanted, self.hash(wanted)).ok()
    }

    /// Adds a row where it is new, unless there are `rows_max` already. `hash` is its [`Rows::hash`].
    pub(crate) fn place(&mut self, wanted: &[u32], hash: u32, rows_max: usize) -> Placed {
        assert_eq!(wanted.len(), self.width, "a row has the width of its table");
        let Err(free) = self.slot(wanted, hash) else { return Placed::Known };
        let rows = self.len();
        if rows >= rows_max {
            return Placed::NoRoom;
        }
        let number = u32::try_from(rows).ok().filter(|number| *number != FREE);
        self.slots[free] = (hash, number.expect("fewer than 4 billion states"));
        self.cells.extend_from_slice(wanted);
        if 4 * (rows + 1) > 3 * self.slots.len() {
            self.grow();
        }
        Placed::New
    }

    /// The number of a row, or the slot that is free for it.
    fn slot(&self, wanted: &[u32], hash: u32) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let (known, number) = self.slots[at];
            if number == FREE {
                return Err(at);
            }
            if known == hash && self.row(number) == wanted {
                return Ok(number);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let mut slots = vec![(0, FREE); 2 * self.slots.len()];
        let mask = slots.len() - 1;
        for (tag, number) in self.slots.iter().filter(|slot| slot.1 != FREE) {
            let mut at = *tag as usize & mask;
            while slots[at].1 != FREE {
                at = (at + 1) & mask;
            }
            slots[at] = (*tag, *number);
        }
        self.slots = slots;
    }
}

/// Number by number: for short rows faster than hashing their bytes.
fn hash(hasher: &FixedState, row: &[u32]) -> u32 {
    let mut state = hasher.build_hasher();
    for cell in row {
        state.write_u32(*cell);
    }
    state.finish() as u32
}
