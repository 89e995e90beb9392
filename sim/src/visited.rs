//! The states that were seen: exact, each once, in the order in which they were first seen.
//!
//! A state is a machine's number and a key, the packed local states of its actors. Two parts. A log, in segments, which
//! never moves: a state's number is its place there. And for each machine a small table of the keys seen with it. A
//! search goes through a level machine by machine, and from one machine the actors' steps lead to few others, so the
//! tables in work are in the processor's cache, though all of them together would fit no cache; and a table need not
//! say again whose keys it has. A table grows by itself, by half once it is not small any more, and one that is large is
//! split, so neither a stall nor a doubling peak comes of growing; and threads fill the tables of different machines at
//! once.

use std::ops::Range;

use crate::key::Key;

/// States of one segment of the log.
const SEGMENT: usize = 1 << 12;

/// Keys that lie beside each other and are looked at together: a key is in the first of them, from its hash's on, that had
/// room. They fill up in order.
type Bucket<K> = [K; BUCKET];
const BUCKET: usize = 4;

/// Buckets of a table until which it is doubled.
const SMALL: usize = 1 << 4;

/// Buckets of a table from which on it is split instead of growing.
const SPLIT_FROM: usize = 1 << 14;

/// Tables that one is split into: a power of two.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 4;

/// The keys seen with one machine: open addressing by buckets, at most three quarters taken.
#[derive(Debug)]
pub(crate) struct Table<K> {
    buckets: Box<[Bucket<K>]>,
    taken: u32,
    /// First bits of a hash that led here.
    used: u32,
    /// Where it was split: by the next bits of a key's hash. It has no buckets of its own then.
    parts: Box<[Table<K>]>,
}

/// Where a key is, or could be put.
enum Place {
    Known,
    /// A bucket, and a place in it.
    Free(usize, usize),
    Nowhere,
}

/// Whether a key is in a bucket.
#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "a branch could not be foreseen")]
fn has<K: Key>(bucket: &Bucket<K>, key: &K) -> bool {
    bucket.iter().fold(false, |has, known| has | (known == key))
}

/// The first free place of a bucket; as many as it has where there is none.
#[inline]
fn free<K: Key>(bucket: &Bucket<K>) -> usize {
    bucket.iter().map(|known| usize::from(*known != K::FREE)).sum()
}

impl<K: Key> Table<K> {
    fn new(buckets: usize, used: u32) -> Self {
        Table {
            buckets: vec![[K::FREE; BUCKET]; buckets].into_boxed_slice(),
            taken: 0,
            used,
            parts: Box::default(),
        }
    }

    /// The part that a hash belongs to.
    #[inline]
    fn part(&self, hash: u64) -> &Self {
        let mut table = self;
        while let Some(part) = table.parts.get((hash << table.used >> (u64::BITS - PART_BITS)) as usize) {
            table = part;
        }
        table
    }

    #[inline]
    fn part_mut(&mut self, hash: u64) -> &mut Self {
        let mut table = self;
        while !table.parts.is_empty() {
            table = &mut table.parts[(hash << table.used >> (u64::BITS - PART_BITS)) as usize];
        }
        table
    }

    /// The bucket where to look first. In ascending order of hashes: a bigger table has its keys in the same order, so
    /// growing goes through both once.
    #[inline]
    fn start(&self, hash: u64) -> usize {
        scale(hash << self.used, self.buckets.len())
    }

    /// Whether a key is in the bucket where it is looked for first. Asking for several keys before they are added lets
    /// their way from memory overlap.
    #[inline]
    pub(crate) fn has_first(&self, key: &K) -> bool {
        let hash = key.hash();
        match self.buckets.get(scale(hash, self.buckets.len())) {
            Some(bucket) => has(bucket, key),
            None => self.parts_have_first(key, hash),
        }
    }

    #[cold]
    fn parts_have_first(&self, key: &K, hash: u64) -> bool {
        let part = self.part(hash);
        part.buckets.get(part.start(hash)).is_some_and(|bucket| has(bucket, key))
    }

    #[inline]
    fn find(&self, key: &K, hash: u64) -> Place {
        let mut at = self.start(hash);
        while let Some(bucket) = self.buckets.get(at) {
            if has(bucket, key) {
                return Place::Known;
            }
            let free = free(bucket);
            if free < BUCKET {
                return Place::Free(at, free);
            }
            at += 1;
            if at == self.buckets.len() {
                at = 0;
            }
        }
        Place::Nowhere
    }

    fn slots(&self) -> usize {
        BUCKET * self.buckets.len()
    }

    /// Whether it grows before the next key.
    #[inline]
    fn is_full(&self) -> bool {
        4 * (self.taken as usize + 1) > 3 * self.slots()
    }

    /// Slots that it has after it has grown, in all its parts.
    fn grown(&self) -> usize {
        let buckets = match self.buckets.len() {
            0 => 1,
            buckets @ 1..SMALL => 2 * buckets,
            buckets @ SMALL..SPLIT_FROM => buckets + buckets / 2,
            buckets => (buckets + buckets / 2).next_multiple_of(PARTS),
        };
        BUCKET * buckets
    }

    /// Grows; slots that it has then beyond [`Table::grown`], should its keys be spread badly over the parts.
    #[cold]
    fn grow(&mut self) -> usize {
        let buckets = self.grown() / BUCKET;
        if self.buckets.is_empty() {
            self.buckets = vec![[K::FREE; BUCKET]; buckets].into_boxed_slice();
            return 0;
        }
        let mut grown = Table::new(0, self.used);
        if self.buckets.len() < SPLIT_FROM {
            grown = Table::new(buckets, self.used);
        } else {
            let part = || Table::new(buckets / PARTS, self.used + PART_BITS);
            grown.parts = std::iter::repeat_with(part).take(PARTS).collect();
        }
        let mut more = 0;
        for bucket in &self.buckets {
            for key in bucket {
                if *key == K::FREE {
                    break;
                }
                let hash = key.hash();
                if grown.parts.is_empty() {
                    grown.put(*key, hash);
                    continue;
                }
                let part = grown.part_mut(hash);
                // Parts may be fuller than others for now: that costs no slots that nobody reckoned with.
                if (part.taken as usize) + 1 < part.slots() {
                    part.put(*key, hash);
                } else {
                    more += grown.add(*key).expect("each key is there once");
                }
            }
        }
        *self = grown;
        more
    }

    /// Puts a key that is not there where there is room for it.
    #[inline]
    fn put(&mut self, key: K, hash: u64) {
        let mut at = self.start(hash);
        let mut place = free(&self.buckets[at]);
        while place == BUCKET {
            at = if at + 1 == self.buckets.len() { 0 } else { at + 1 };
            place = free(&self.buckets[at]);
        }
        self.buckets[at][place] = key;
        self.taken += 1;
    }

    /// Adds a key. `None` where it was there, else how many slots came of it.
    #[inline]
    pub(crate) fn add(&mut self, key: K) -> Option<usize> {
        let hash = key.hash();
        let table = self.part_mut(hash);
        match table.find(&key, hash) {
            Place::Known => None,
            Place::Free(at, place) if !table.is_full() => {
                table.buckets[at][place] = key;
                table.taken += 1;
                Some(0)
            }
            _ => Some(table.add_growing(key)),
        }
    }

    #[cold]
    fn add_growing(&mut self, key: K) -> usize {
        let planned = self.grown() - self.slots();
        let more = planned + self.grow();
        if self.parts.is_empty() {
            self.put(key, key.hash());
            return more;
        }
        more + self.add(key).expect("a key that was not there")
    }

    /// Slots that come of adding a key that is not there yet; `None` where it is there.
    fn cost(&self, key: &K) -> Option<usize> {
        let hash = key.hash();
        let part = self.part(hash);
        match part.find(key, hash) {
            Place::Known => None,
            _ if part.is_full() => Some(part.grown() - part.slots()),
            _ => Some(0),
        }
    }
}

/// A hash as a place among so many.
#[inline]
fn scale(hash: u64, places: usize) -> usize {
    ((u128::from(hash) * places as u128) >> 64) as usize
}

/// Some states of the log.
#[derive(Debug)]
struct Segment<K> {
    machines: Vec<u32>,
    keys: Vec<K>,
}

/// The log and the tables.
#[derive(Debug)]
pub(crate) struct Visited<K> {
    segments: Vec<Segment<K>>,
    /// Per machine.
    tables: Vec<Table<K>>,
    /// Of all tables together.
    slots: usize,
}

impl<K: Key> Visited<K> {
    pub(crate) fn new() -> Self {
        Visited { segments: Vec::new(), tables: Vec::new(), slots: 0 }
    }

    /// Makes tables for so many machines.
    pub(crate) fn cover(&mut self, machines: usize) {
        if self.tables.len() < machines {
            self.tables.resize_with(machines, || Table::new(0, 0));
        }
    }

    /// The tables, to be filled: what comes of it is to be told to [`Visited::grew`].
    pub(crate) fn tables(&mut self) -> &mut [Table<K>] {
        &mut self.tables
    }

    /// Takes into account how many slots came of filling the tables.
    pub(crate) fn grew(&mut self, slots: usize) {
        self.slots += slots;
    }

    /// Adds a state to its machine's table; `false` where it was there. A new one is to be appended.
    pub(crate) fn add(&mut self, machine: u32, key: K) -> bool {
        let more = self.tables[machine as usize].add(key);
        self.slots += more.unwrap_or(0);
        more.is_some()
    }

    /// States seen.
    pub(crate) fn len(&self) -> usize {
        self.segments.last().map_or(0, |last| (self.segments.len() - 1) * SEGMENT + last.keys.len())
    }

    /// A state: its machine and its key.
    #[inline]
    pub(crate) fn state(&self, state: usize) -> (u32, &K) {
        let segment = &self.segments[state / SEGMENT];
        (segment.machines[state % SEGMENT], &segment.keys[state % SEGMENT])
    }

    /// Some states in order, as they lie in the log: the first one's number, machines, keys.
    pub(crate) fn stretches(&self, states: Range<usize>) -> impl Iterator<Item = (usize, &[u32], &[K])> {
        let segments = states.start / SEGMENT..states.end.div_ceil(SEGMENT);
        segments.map(move |segment| {
            let first = segment * SEGMENT;
            let range = states.start.max(first)..states.end.min(first + SEGMENT);
            let (start, range) = (range.start, range.start - first..range.end - first);
            (start, &self.segments[segment].machines[range.clone()], &self.segments[segment].keys[range])
        })
    }

    /// Some states in order, those of one machine that lie beside each other together: the first one's number, the machine,
    /// the keys.
    #[inline]
    pub(crate) fn runs(&self, states: Range<usize>, mut each: impl FnMut(usize, u32, &[K])) {
        for (mut first, mut machines, mut keys) in self.stretches(states) {
            while let Some(machine) = machines.first().copied() {
                let run = machines.iter().position(|other| *other != machine).unwrap_or(machines.len());
                let some;
                (some, keys) = keys.split_at(run);
                machines = &machines[run..];
                each(first, machine, some);
                first += run;
            }
        }
    }

    /// Puts states in ascending order of their machines: what is known of a machine is then used while it is near.
    pub(crate) fn sort(&mut self, states: Range<usize>) {
        let (mut least, mut most, mut sorted) = (u32::MAX, 0, true);
        for (_, machines, _) in self.stretches(states.clone()) {
            for machine in machines {
                sorted &= most <= *machine;
                (least, most) = (least.min(*machine), most.max(*machine));
            }
        }
        if sorted {
            return;
        }
        let span = most - least;
        // Where each machine's states begin.
        let mut starts = vec![0; span as usize + 2];
        for (_, machines, _) in self.stretches(states.clone()) {
            for machine in machines {
                starts[(machine - least) as usize + 1] += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut keys = vec![K::ZERO; states.len()];
        for (_, machines, some) in self.stretches(states.clone()) {
            for (machine, key) in machines.iter().zip(some) {
                let start = &mut starts[(machine - least) as usize];
                keys[*start] = *key;
                *start += 1;
            }
        }
        // By now they are where each one's end.
        let (mut state, mut begin) = (states.start, 0);
        for (machine, end) in (least..).zip(&starts[..=span as usize]) {
            let mut run = &keys[begin..*end];
            begin = *end;
            while !run.is_empty() {
                let (segment, at) = (&mut self.segments[state / SEGMENT], state % SEGMENT);
                let (some, rest) = run.split_at(run.len().min(SEGMENT - at));
                segment.machines[at..at + some.len()].fill(machine);
                segment.keys[at..at + some.len()].copy_from_slice(some);
                state += some.len();
                run = rest;
            }
        }
    }

    /// Bytes of the tables.
    pub(crate) fn bytes_of_tables(&self) -> usize {
        self.slots * size_of::<K>()
    }

    /// Bytes of the log and of the tables.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes_of_tables() + self.segments.len() * Self::SEGMENT_BYTES
    }

    const SEGMENT_BYTES: usize = SEGMENT * (size_of::<K>() + size_of::<u32>());

    /// Bytes after `more` keys, at most.
    pub(crate) fn bytes_after(&self, more: usize) -> usize {
        // A table that does not grow stays as it is. One that does ends with no more than 4/3 * 2 slots for each of its
        // keys, of which no more than 3/4 of its slots were there before; a new one at least bears what is rounded up.
        let log = (self.len() + more).div_ceil(SEGMENT) * Self::SEGMENT_BYTES;
        (2 * self.slots + (3 + 4 + PARTS) * more) * size_of::<K>() + log
    }

    /// Bytes that come of a state; `None` where it was seen.
    pub(crate) fn cost(&self, machine: u32, key: &K) -> Option<usize> {
        let slots = self.tables[machine as usize].cost(key)?;
        let log = if self.len().is_multiple_of(SEGMENT) { Self::SEGMENT_BYTES } else { 0 };
        Some(slots * size_of::<K>() + log)
    }

    /// Appends a state whose key was added to its machine's table.
    pub(crate) fn append(&mut self, machine: u32, key: K) {
        self.append_all(&[machine], &[key]);
    }

    /// Appends states whose keys were added to their machines' tables.
    pub(crate) fn append_all(&mut self, mut machines: &[u32], mut keys: &[K]) {
        while !keys.is_empty() {
            let at = self.len() % SEGMENT;
            if at == 0 {
                let (machines, keys) = (Vec::with_capacity(SEGMENT), Vec::with_capacity(SEGMENT));
                self.segments.push(Segment { machines, keys });
            }
            let room = keys.len().min(SEGMENT - at);
            let (some_machines, some_keys);
            (some_machines, machines) = machines.split_at(room);
            (some_keys, keys) = keys.split_at(room);
            let last = self.segments.last_mut().expect("there is room in it");
            last.machines.extend_from_slice(some_machines);
            last.keys.extend_from_slice(some_keys);
        }
    }

    /// Takes the states out, a segment at a time, in order; the tables go first.
    pub(crate) fn into_states(mut self) -> impl Iterator<Item = (u32, K)> {
        self.tables = Vec::new();
        let segments = std::mem::take(&mut self.segments).into_iter();
        segments.flat_map(|segment| segment.machines.into_iter().zip(segment.keys))
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKET, SPLIT_FROM, Table, Visited};
    use crate::key::Key;

    fn slots<K: Key>(table: &Table<K>) -> usize {
        table.slots() + table.parts.iter().map(slots).sum::<usize>()
    }

    /// So many keys of one machine, far more than one table has without being split.
    fn fill<K: Key>(keys: u32, key: impl Fn(u32) -> K) {
        let mut seen = Visited::new();
        seen.cover(1);
        for number in 0..keys {
            let key = key(number);
            let (before, cost) = (seen.bytes(), seen.cost(0, &key).expect("it is new"));
            assert!(seen.add(0, key), "it is new");
            seen.append(0, key);
            assert_eq!(seen.bytes(), before + cost, "what it was said to cost");
            assert!(seen.cost(0, &key).is_none() && !seen.add(0, key), "it is there");
        }
        assert!(!seen.tables[0].parts.is_empty(), "it was split");
        assert_eq!(seen.slots, slots(&seen.tables[0]));
        assert!(3 * seen.slots < 8 * keys as usize, "{} slots for {keys} keys", seen.slots);
        assert!((0..keys).all(|number| !seen.add(0, key(number))), "all are there");
        assert!(seen.state(keys as usize - 1) == (0, &key(keys - 1)));
        assert!(
            (0..keys).filter(|number| seen.tables[0].has_first(&key(*number))).count() > keys as usize / 4
        );
    }

    #[test]
    fn a_table_that_is_split_again_and_again_has_every_key_once_and_costs_what_it_says() {
        let keys = (8 * SPLIT_FROM * BUCKET) as u32;
        fill(keys, |number| number);
        fill(keys, |number| number << 8);
        fill(keys, |number| [u64::from(number) << 40, 7]);
    }
}
