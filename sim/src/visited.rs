//! The states that were seen: exact, each once, in the order in which they were first seen.
//!
//! Two parts. A log of keys, in segments, which never moves: a state's number is its place there. And a table of the
//! same keys, in shards by the first bits of a key's hash; each grows by itself and by half, so neither a stall nor
//! a doubling peak comes of growing, and threads fill different shards at once. Keys are compared whole: a hash decides
//! where to look and nothing else.

use std::ops::Range;

use rayon::prelude::*;

/// A packed state.
pub(crate) type Key<const N: usize> = [u64; N];

/// What no state's key is.
const fn free<const N: usize>() -> Key<N> {
    [u64::MAX; N]
}

/// Shards of a table: a power of two.
pub(crate) const SHARDS: usize = 1 << SHARD_BITS;
const SHARD_BITS: u32 = 6;

/// Keys of one segment of the log.
const SEGMENT: usize = 1 << 12;

/// Where to look for a key: the first bits choose the shard, those after it the slot.
#[inline]
pub(crate) fn hash<const N: usize>(key: &Key<N>) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = 0x2545_f491_4f6c_dd1d;
    for word in key {
        let wide = u128::from(state ^ word) * u128::from(MIX);
        state = wide as u64 ^ (wide >> 64) as u64;
    }
    (state ^ state >> 32).wrapping_mul(MIX)
}

/// The shard of a hash.
#[inline]
pub(crate) fn shard(hash: u64) -> usize {
    (hash >> (u64::BITS - SHARD_BITS)) as usize
}

/// A part of the table: open addressing, at most three fifths taken.
#[derive(Debug, Default)]
pub(crate) struct Shard<const N: usize> {
    slots: Vec<Key<N>>,
    taken: usize,
}

impl<const N: usize> Shard<N> {
    /// In ascending order of hashes: a bigger table has its keys in the same order, so growing goes through both once.
    #[inline]
    fn start(&self, hash: u64) -> usize {
        ((u128::from(hash << SHARD_BITS) * self.slots.len() as u128) >> 64) as usize
    }

    /// Reads where a key of that hash would be found and does nothing else: reading for several keys at once and then
    /// adding them lets their way from memory overlap.
    #[inline]
    pub(crate) fn touch(&self, hash: u64) -> u64 {
        self.slots.get(self.start(hash)).map_or(0, |key| key[0])
    }

    /// Adds a key; `false` where it was there.
    #[inline]
    pub(crate) fn add(&mut self, key: &Key<N>, hash: u64) -> bool {
        let full = self.is_full();
        let mut at = self.start(hash);
        while let Some(known) = self.slots.get_mut(at) {
            if known == key {
                return false;
            }
            if *known == free() {
                if full {
                    break;
                }
                *known = *key;
                self.taken += 1;
                return true;
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
        self.grow();
        self.add(key, hash)
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, key: &Key<N>, hash: u64) -> bool {
        let mut at = self.start(hash);
        while let Some(known) = self.slots.get(at) {
            if known == key {
                return true;
            }
            if *known == free() {
                return false;
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        false
    }

    /// Whether it grows before the next key.
    fn is_full(&self) -> bool {
        5 * (self.taken + 1) > 3 * self.slots.len()
    }

    /// Slots after it has grown.
    fn grown(&self) -> usize {
        (self.slots.len() + self.slots.len() / 2).max(8)
    }

    #[cold]
    fn grow(&mut self) {
        let slots = vec![free(); self.grown()];
        let old = std::mem::replace(&mut self.slots, slots);
        self.taken = 0;
        for key in old.iter().filter(|key| **key != free()) {
            self.add(key, hash(key));
        }
    }
}

/// The log and the table.
#[derive(Debug)]
pub(crate) struct Visited<const N: usize> {
    segments: Vec<Vec<Key<N>>>,
    pub(crate) shards: Vec<Shard<N>>,
}

impl<const N: usize> Visited<N> {
    pub(crate) fn new() -> Self {
        Visited { segments: Vec::new(), shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }

    /// States seen.
    pub(crate) fn len(&self) -> usize {
        self.segments.last().map_or(0, |last| (self.segments.len() - 1) * SEGMENT + last.len())
    }

    /// The key of a state.
    #[inline]
    pub(crate) fn key(&self, state: usize) -> &Key<N> {
        &self.segments[state / SEGMENT][state % SEGMENT]
    }

    /// Puts states in ascending order of their keys' words, the last word first: what a machine's states ask for is then
    /// asked for together.
    pub(crate) fn sort(&mut self, states: Range<usize>, jobs: usize) {
        let mut keys: Vec<Key<N>> = states.clone().map(|state| *self.key(state)).collect();
        let order = |one: &Key<N>, other: &Key<N>| one.iter().rev().cmp(other.iter().rev());
        if jobs > 1 {
            keys.par_sort_unstable_by(order);
        } else {
            keys.sort_unstable_by(order);
        }
        for (state, key) in states.zip(keys) {
            self.segments[state / SEGMENT][state % SEGMENT] = key;
        }
    }

    /// Bytes of the log and the table.
    pub(crate) fn bytes(&self) -> usize {
        let slots: usize = self.shards.iter().map(|shard| shard.slots.len()).sum();
        (slots + self.segments.len() * SEGMENT) * size_of::<Key<N>>()
    }

    /// Bytes after `more` keys, at most.
    pub(crate) fn bytes_after(&self, more: usize) -> usize {
        let slots: usize = self.shards.iter().map(Shard::grown).sum();
        // One that grows twice or more ends with no more than 5/3 * 3/2 slots for each of its keys.
        (slots + 3 * (more + SHARDS) + (self.len() + more).div_ceil(SEGMENT) * SEGMENT) * size_of::<Key<N>>()
    }

    /// Bytes after one key of that hash that is not there yet; exactly.
    pub(crate) fn bytes_after_one(&self, hash: u64, bytes: usize) -> usize {
        let shard = &self.shards[shard(hash)];
        let slots = if shard.is_full() { shard.grown() - shard.slots.len() } else { 0 };
        let segment = if self.len().is_multiple_of(SEGMENT) { SEGMENT } else { 0 };
        bytes + (slots + segment) * size_of::<Key<N>>()
    }

    /// Appends a key that was added to its shard.
    #[inline]
    pub(crate) fn append(&mut self, key: Key<N>) {
        match self.segments.last_mut() {
            Some(last) if last.len() < SEGMENT => last.push(key),
            _ => {
                let mut segment = Vec::with_capacity(SEGMENT);
                segment.push(key);
                self.segments.push(segment);
            }
        }
    }

    /// Takes the keys out, a segment at a time, in order; the table goes first.
    pub(crate) fn into_keys(mut self) -> impl Iterator<Item = Key<N>> {
        self.shards = Vec::new();
        std::mem::take(&mut self.segments).into_iter().flatten()
    }
}
