//! A search's states, and the three things done with a block of them: look what is known of them, find where their
//! actions lead, and add what is new. Numbers only: no code of a world runs in here, so the parts of a block are worked
//! on side by side.
//!
//! What is not known yet is handed out to be found out before a block is expanded; so what a block leads to is a function
//! of the block and of the world, never of who worked on which part when.
//!
//! What a large level leads to is not added at once: transitions wait, by groups of machines. Then the
//! tables of one group after the other are filled while they are in the processor's cache, and several jobs fill
//! different groups.
//!
//! Invariants
//! - New states are numbered in the order of (state before, action), however many jobs there are; those of a large level,
//!   and of one that comes of a large one, in the order of their machines. How many jobs there are changes neither.

use std::cmp::Ordering;
use std::ops::{Range, RangeInclusive};

use rayon::prelude::*;

use crate::chunk::{Chunk, Groups};
use crate::key::Key;
use crate::packing::{Packing, Size};
use crate::pairs::{BROKEN, Pairs};
use crate::symmetry::Symmetry;
use crate::visited::{Table, Visited};

/// What is known; read by all at once.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) pairs: &'a Pairs,
    pub(crate) packing: &'a Packing,
    pub(crate) faults: &'a Faults,
    /// Of states that differ only by who is who one is looked at.
    pub(crate) symmetry: Option<&'a Symmetry>,
    /// How many may work side by side.
    pub(crate) jobs: usize,
    /// States of the level in work.
    pub(crate) level: usize,
}

/// Who may be killed, and who may die alone.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    /// In one run.
    pub(crate) crashes_max: usize,
    /// Per process: its actors, and whether it may be killed.
    pub(crate) processes: Vec<(Vec<usize>, bool)>,
    /// Actors that may die alone in one run.
    pub(crate) ends_max: usize,
    /// Per actor: whether it may.
    pub(crate) may_end: Vec<bool>,
    /// The ways in which the machine may fail ([`FAILS`](crate::pairs::FAILS)).
    pub(crate) fails: Vec<u32>,
}

impl Faults {
    /// Whether nothing can fail at all.
    pub(crate) fn none(&self) -> bool {
        self.crashes_max + self.ends_max + self.fails.len() == 0
    }
}

/// What has to be found out: a machine, and a local state or what fails ([`CRASHES`], [`ENDS`], `FAILS`).
pub(crate) type Missing = (u32, u32);

/// What is known of some states.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Machines and local states of which nobody knows whether something is broken there.
    pub(crate) unjudged: Vec<Missing>,
    /// The numbers of what is broken.
    pub(crate) broken: Vec<u32>,
    /// In the order of the states, with the first one each time: where steps lead that nobody has taken yet.
    pub(crate) steps: Vec<(usize, Missing)>,
}

/// How much may be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) states_max: usize,
    pub(crate) bytes_max: usize,
}

/// Why there was no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    States,
    Bytes,
}

/// The states of a search.
pub(crate) trait Store {
    /// States seen.
    fn len(&self) -> usize;
    /// Bytes that they take, free room in the tables included.
    fn bytes(&self) -> usize;
    /// Adds one state; `false`: it was there.
    fn begin(&mut self, packing: &Packing, row: &[u32]) -> bool;
    /// Unpacks a state.
    fn row(&self, packing: &Packing, state: u32, row: &mut [u32]);
    /// Where faults lead that can happen in some states: what has to be found out for that.
    fn missing(&mut self, known: Known<'_>, states: Range<usize>) -> Vec<Missing>;
    /// Which states stand for those that the actions of some states lead to, of which nothing else is missing: what has to
    /// be found out for that.
    fn unsettled(&mut self, known: Known<'_>, states: Range<usize>) -> Vec<Missing>;
    /// Whether what was found has to be added before states are expanded.
    fn must_add(&self, known: Known<'_>) -> bool;
    /// Finds where the actions of some states lead, of which nothing is missing. Those in which nobody can run, and
    /// whether somebody waits.
    fn expand(&mut self, known: Known<'_>, states: Range<usize>) -> Vec<(u32, bool)>;
    /// Adds what was found and is new; how many transitions that were, and why not all.
    fn add(&mut self, room: Room, jobs: usize) -> (u64, Option<Full>);
    /// Forgets what was found.
    fn forget(&mut self);
    /// Numbers some states, a whole level, anew: those of one machine beside each other.
    fn sort(&mut self, states: Range<usize>);
    /// Looks what is known of some states.
    fn look(&mut self, known: Known<'_>, states: Range<usize>) -> Looked;
    /// Some states in ascending order of their keys, for [`Store::search`].
    fn sorted(&self, states: Range<u32>) -> Vec<u32>;
    /// The place of a row among [`Store::sorted`] states.
    fn search(&self, packing: &Packing, sorted: &[u32], row: &[u32]) -> Option<u32>;
    /// The same states, packed in another way.
    fn repacked(self: Box<Self>, from: &Packing, to: &Packing, actors: usize) -> Box<dyn Store>;
}

/// An empty store for keys of that size.
pub(crate) fn store(size: Size) -> Box<dyn Store> {
    match size {
        Size::Half => Box::new(Keys::<u32>::new()),
        Size::Words(1) => Box::new(Keys::<[u64; 1]>::new()),
        Size::Words(2) => Box::new(Keys::<[u64; 2]>::new()),
        Size::Words(3..=4) => Box::new(Keys::<[u64; 4]>::new()),
        Size::Words(5..=40) => Box::new(Keys::<[u64; 40]>::new()),
        Size::Words(words) => {
            panic!("every interleaving of so many actors cannot be explored: their states take {words} words")
        }
    }
}

/// Parts of a block for each of several jobs; one job does a block in one. What comes of them is put together in order,
/// so their number changes nothing.
const PARTS: usize = 2;

/// States of such a part at least, if there are so many.
const PART_MIN: usize = 1 << 8;

/// Fewer transitions than this are added by one job: sharing them out would take longer.
const SHARED_FROM: usize = 1 << 12;

/// States of a level that are worth sorting.
const SORTED_FROM: usize = 1 << 12;

/// Where a level has so many states, what they lead to is added by groups of machines.
const GROUPED_FROM: usize = 1 << 11;

/// Groups: so many that the tables of one fit the processor's own cache, up to some hundred million states. The fewer,
/// the more lies beside each other of what waits for one.
const GROUP_BITS: RangeInclusive<u32> = 6..=9;

/// Bytes of the tables of a group, about.
const GROUP_BYTES: usize = 1 << 17;

/// Parts that several jobs fill, for all groups, empty ones included.
const FILLED: usize = 64;

/// Bytes of transitions that wait to be added, at most (and those of a block). The more, the more meet in one table.
const WAITING_BYTES_MAX: usize = 3 << 22;

/// Keys looked up together: their way from memory overlaps.
const BATCH: usize = 64;

struct Keys<K> {
    seen: Visited<K>,
    /// Where the actions of the states lead that were expanded last, each of a part of every block.
    chunks: Vec<Chunk<K>>,
    /// How many actions wait that were found, of how many blocks.
    waiting: usize,
    blocks: usize,
    groups: Groups,
}

impl<K: Key> Keys<K> {
    fn new() -> Self {
        Keys { seen: Visited::new(), chunks: Vec::new(), waiting: 0, blocks: 0, groups: Groups::ONE }
    }
}

impl<K: Key + 'static> Store for Keys<K> {
    fn len(&self) -> usize {
        self.seen.len()
    }

    fn bytes(&self) -> usize {
        self.seen.bytes()
    }

    fn begin(&mut self, packing: &Packing, row: &[u32]) -> bool {
        let (machine, key) = packing.pack(row);
        self.seen.cover(machine as usize + 1);
        let new = self.seen.add(machine, key);
        if new {
            self.seen.append(machine, key);
        }
        new
    }

    fn row(&self, packing: &Packing, state: u32, row: &mut [u32]) {
        let (machine, key) = self.seen.state(state as usize);
        packing.unpack(machine, key, row);
    }

    fn missing(&mut self, known: Known<'_>, states: Range<usize>) -> Vec<Missing> {
        if known.faults.none() {
            return Vec::new();
        }
        self.in_parts(known, states, |chunk, seen, states| chunk.scan(seen, known, states));
        self.chunks.iter_mut().flat_map(|chunk| std::mem::take(&mut chunk.missing)).collect()
    }

    fn unsettled(&mut self, known: Known<'_>, states: Range<usize>) -> Vec<Missing> {
        let Some(symmetry) = known.symmetry else { return Vec::new() };
        self.in_parts(known, states, |chunk, seen, states| chunk.unsettled(seen, known, symmetry, states));
        self.chunks.iter_mut().flat_map(|chunk| std::mem::take(&mut chunk.missing)).collect()
    }

    fn must_add(&self, known: Known<'_>) -> bool {
        let outgrown = known.packing.machines() as u64 > (self.groups.count as u64) << self.groups.shift;
        let bytes = self.waiting * size_of::<(u32, K)>();
        self.waiting > 0 && (bytes >= WAITING_BYTES_MAX || outgrown)
    }

    fn expand(&mut self, known: Known<'_>, states: Range<usize>) -> Vec<(u32, bool)> {
        assert!(!self.must_add(known), "what was found is added in time");
        let machines = known.packing.machines();
        self.seen.cover(machines);
        if self.waiting == 0 {
            self.groups = self.groups(known.level, machines);
        }
        let groups = self.groups;
        self.in_parts(known, states, |chunk, seen, states| {
            chunk.expand(seen, known, states, groups);
        });
        self.waiting = self.chunks.iter_mut().map(|chunk| chunk.end_block(self.blocks, groups)).sum();
        self.blocks += 1;
        self.chunks.iter_mut().flat_map(|chunk| std::mem::take(&mut chunk.still)).collect()
    }

    fn add(&mut self, room: Room, jobs: usize) -> (u64, Option<Full>) {
        let found = self.waiting;
        let roomy =
            self.seen.len() + found <= room.states_max && self.seen.bytes_after(found) <= room.bytes_max;
        let result = if roomy {
            if self.groups == Groups::ONE {
                self.add_in_order();
            } else {
                self.add_by_groups(jobs > 1 && found >= SHARED_FROM);
            }
            (found as u64, None)
        } else {
            self.add_one_by_one(room)
        };
        self.forget();
        result
    }

    fn forget(&mut self) {
        self.chunks.iter_mut().for_each(Chunk::forget);
        (self.blocks, self.waiting) = (0, 0);
    }

    fn sort(&mut self, states: Range<usize>) {
        if states.len() >= SORTED_FROM || self.groups != Groups::ONE {
            self.seen.sort(states);
        }
    }

    fn look(&mut self, known: Known<'_>, states: Range<usize>) -> Looked {
        self.in_parts(known, states, |chunk, seen, states| chunk.look(seen, known, states));
        let mut all = Looked::default();
        for chunk in &mut self.chunks {
            all.unjudged.append(&mut chunk.looked.unjudged);
            all.broken.append(&mut chunk.looked.broken);
            all.steps.append(&mut chunk.looked.steps);
        }
        all.broken.sort_unstable();
        all.broken.dedup();
        assert!(all.broken.iter().all(|number| *number >= BROKEN), "what is clean is not broken");
        all
    }

    fn sorted(&self, states: Range<u32>) -> Vec<u32> {
        let mut sorted: Vec<u32> = states.collect();
        sorted.sort_unstable_by(|one, other| self.compare(*one, self.seen.state(*other as usize)));
        sorted
    }

    fn search(&self, packing: &Packing, sorted: &[u32], row: &[u32]) -> Option<u32> {
        if !packing.can_pack(row) {
            return None;
        }
        let (machine, key) = packing.pack(row);
        let place = sorted.binary_search_by(|state| self.compare(*state, (machine, &key))).ok()?;
        Some(sorted[place])
    }

    fn repacked(self: Box<Self>, from: &Packing, to: &Packing, actors: usize) -> Box<dyn Store> {
        let mut row = vec![0; 1 + actors];
        let mut other = store(to.size());
        for (machine, key) in self.seen.into_states() {
            from.unpack(machine, &key, &mut row);
            assert!(other.begin(to, &row), "distinct states stay distinct, however they are packed");
        }
        other
    }
}

impl<K: Key> Keys<K> {
    /// How a state compares with another one.
    fn compare(&self, state: u32, (machine, key): (u32, &K)) -> Ordering {
        let (mine, my_key) = self.seen.state(state as usize);
        mine.cmp(&machine).then_with(|| my_key.order(key))
    }

    /// Has the parts of a block worked on, side by side where there are several jobs.
    fn in_parts(
        &mut self,
        known: Known<'_>,
        states: Range<usize>,
        work: impl Fn(&mut Chunk<K>, &Visited<K>, Range<usize>) + Sync,
    ) {
        let parts = if known.jobs > 1 { PARTS * known.jobs } else { 1 };
        let each = states.len().div_ceil(parts).max(PART_MIN);
        let parts = states.len().div_ceil(each);
        if self.chunks.len() < parts {
            self.chunks.resize_with(parts, Chunk::default);
        }
        let seen = &self.seen;
        let work = |(part, chunk): (usize, &mut Chunk<K>)| {
            let start = states.start + part * each;
            chunk.edges.cover(known.packing.locals());
            work(chunk, seen, start..states.end.min(start + each));
        };
        let chunks = &mut self.chunks[..parts];
        if parts > 1 {
            chunks.par_iter_mut().enumerate().for_each(work);
        } else {
            chunks.iter_mut().enumerate().for_each(work);
        }
    }

    /// By which groups what a level leads to waits.
    fn groups(&self, level: usize, machines: usize) -> Groups {
        if level < GROUPED_FROM {
            return Groups::ONE;
        }
        let bits = (self.seen.bytes_of_tables() / GROUP_BYTES).checked_ilog2().map_or(0, |bits| bits + 1);
        let bits = bits.clamp(*GROUP_BITS.start(), *GROUP_BITS.end());
        // With room for twice as many machines.
        let needed = usize::BITS - machines.leading_zeros() + 1;
        Groups { count: 1 << bits, shift: needed.saturating_sub(bits) }
    }

    /// Near a bound: one state after the other, until there is no room for the next.
    fn add_one_by_one(&mut self, room: Room) -> (u64, Option<Full>) {
        let (mut taken, mut bytes) = (0, self.seen.bytes());
        let all = (0..self.groups.count).flat_map(|group| led(&self.chunks, self.blocks, group));
        for (machine, key) in all.flatten().copied() {
            if let Some(more) = self.seen.cost(machine, &key) {
                if self.seen.len() >= room.states_max {
                    return (taken, Some(Full::States));
                }
                if bytes + more > room.bytes_max {
                    return (taken, Some(Full::Bytes));
                }
                self.seen.add(machine, key);
                self.seen.append(machine, key);
                bytes = self.seen.bytes();
            }
            taken += 1;
        }
        (taken, None)
    }

    /// A few states: one after the other.
    fn add_in_order(&mut self) {
        let (mut machines, mut keys) = (Vec::with_capacity(self.waiting), Vec::with_capacity(self.waiting));
        for (machine, key) in led(&self.chunks, self.blocks, 0).flatten().copied() {
            if self.seen.add(machine, key) {
                machines.push(machine);
                keys.push(key);
            }
        }
        self.seen.append_all(&machines, &keys);
    }

    /// Group by group, so that a machine's table is in the cache while it is filled, and each job fills groups of its
    /// own.
    fn add_by_groups(&mut self, shared: bool) {
        let (chunks, blocks, Groups { count, shift }) = (&self.chunks, self.blocks, self.groups);
        let together = (count / FILLED).max(1);
        let fill = |mut filled: Filled<K>, (some, tables): (usize, &mut [Table<K>])| {
            for (group, tables) in (some * together..).zip(tables.chunks_mut(1 << shift)) {
                led(chunks, blocks, group).for_each(|led| filled.add(tables, led));
                filled.sort((group << shift) as u32, tables.len());
            }
            filled
        };
        let tables = self.seen.tables();
        let filled: Vec<Filled<K>> = if shared {
            // Handed out one by one: some have far more to do than others.
            let parts = tables.par_chunks_mut(together << shift).enumerate().with_max_len(1);
            parts.fold(Filled::default, fill).collect()
        } else {
            vec![tables.chunks_mut(together << shift).enumerate().fold(Filled::default(), fill)]
        };
        for filled in filled {
            self.seen.grew(filled.slots);
            self.seen.append_all(&filled.machines, &filled.keys);
        }
    }
}

/// What waits to be added to the tables of a group, in the order in which it was found.
fn led<K: Key>(chunks: &[Chunk<K>], blocks: usize, group: usize) -> impl Iterator<Item = &[(u32, K)]> {
    (0..blocks).flat_map(move |block| chunks.iter().map(move |chunk| chunk.led(block, group)))
}

/// What came of filling the tables of some groups.
struct Filled<K> {
    /// Slots that tables have now and had not before.
    slots: usize,
    /// States that were new, in ascending order of their machines.
    machines: Vec<u32>,
    keys: Vec<K>,
    /// Those of the group in work, in the order in which they were found.
    new: Vec<(u32, K)>,
    /// Per machine of the group in work: where its next state goes.
    places: Vec<usize>,
}

impl<K> Default for Filled<K> {
    fn default() -> Self {
        Filled { slots: 0, machines: Vec::new(), keys: Vec::new(), new: Vec::new(), places: Vec::new() }
    }
}

impl<K: Key> Filled<K> {
    /// Adds states to the tables of their group, a power of two of them unless it is the last one.
    fn add(&mut self, tables: &mut [Table<K>], led: &[(u32, K)]) {
        let mask = tables.len().next_power_of_two() as u32 - 1;
        let mut left = [(0, K::ZERO); BATCH];
        for batch in led.chunks(BATCH) {
            let mut leave = 0;
            for (machine, key) in batch {
                // Without a branch: it could not be foreseen.
                left[leave] = (*machine, *key);
                leave += usize::from(!tables[(machine & mask) as usize].has_first(key));
            }
            for (machine, key) in &left[..leave] {
                if let Some(slots) = tables[(machine & mask) as usize].add(*key) {
                    self.slots += slots;
                    self.new.push((*machine, *key));
                }
            }
        }
    }

    /// Puts the new states of a group in order, whose machines are so many from `first` on.
    fn sort(&mut self, first: u32, machines: usize) {
        if self.new.len() < machines / 4 {
            self.new.sort_by_key(|(machine, _)| *machine);
            self.machines.extend(self.new.iter().map(|(machine, _)| machine));
            self.keys.extend(self.new.iter().map(|(_, key)| key));
        } else {
            self.places.clear();
            self.places.resize(machines, 0);
            for (machine, _) in &self.new {
                self.places[(machine - first) as usize] += 1;
            }
            let mut next = self.keys.len();
            for (machine, place) in (first..).zip(&mut self.places) {
                self.machines.extend(std::iter::repeat_n(machine, *place));
                next += std::mem::replace(place, next);
            }
            self.keys.resize(next, K::ZERO);
            for (machine, key) in &self.new {
                let place = &mut self.places[(machine - first) as usize];
                self.keys[*place] = *key;
                *place += 1;
            }
        }
        self.new.clear();
    }
}
