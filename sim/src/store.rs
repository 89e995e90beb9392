//! A search's states, and the three things done with a block of them: find where their actions lead, add what is new,
//! and look whether anything is broken there. Numbers only: no code of a world runs in here, so a block's chunks are
//! worked on side by side.
//!
//! Whatever is not known yet is handed back to be found out, and the block is asked again; so what a block leads to is
//! a function of the block and of the world, never of who worked on which part when.
//!
//! Invariants
//! - New states are numbered in the order of (state before, action), however many jobs there are; the states of a large
//!   level then in the order of their keys.

use std::hint::black_box;
use std::ops::Range;

use rayon::prelude::*;

use crate::packing::Packing;
use crate::pairs::{BROKEN, CLEAN, CRASHES, ENDS, FINISHED, Pairs, UNJUDGED, UNKNOWN, WAITS};
use crate::space::{ENDED, KILLED};
use crate::symmetry::Symmetry;
use crate::visited::{Key, SHARDS, Visited, hash, shard};

/// What is known; read by all at once.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) pairs: &'a Pairs,
    pub(crate) packing: &'a Packing,
    pub(crate) faults: &'a Faults,
    pub(crate) symmetry: Option<&'a Symmetry>,
    /// How many may work side by side.
    pub(crate) jobs: usize,
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
}

/// What has to be found out: a machine, and a local state or who is struck ([`CRASHES`], [`ENDS`]).
pub(crate) type Missing = (u32, u32);

/// What became of a block.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    /// What has to be found out first; where there is anything, ask again.
    pub(crate) missing: Vec<Missing>,
    /// States in which nobody can run, and whether somebody waits.
    pub(crate) still: Vec<(u32, bool)>,
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
    /// Finds where the actions of some states lead.
    fn expand(&mut self, known: Known<'_>, states: Range<usize>) -> Expanded;
    /// Adds what was found and is new; how many transitions that were, and why not all.
    fn add(&mut self, room: Room, jobs: usize) -> (u64, Option<Full>);
    /// Numbers some states, a whole level, anew: those of one machine beside each other.
    fn sort(&mut self, states: Range<usize>, jobs: usize);
    /// Looks whether anything is broken in some states: what has to be found out first, and the numbers of what is.
    fn judge(&self, known: Known<'_>, states: Range<usize>) -> (Vec<Missing>, Vec<u32>);
    /// Some states in ascending order of their keys, for [`Store::search`].
    fn sorted(&self, states: Range<u32>) -> Vec<u32>;
    /// The place of a row among [`Store::sorted`] states.
    fn search(&self, packing: &Packing, sorted: &[u32], row: &[u32]) -> Option<u32>;
    /// The same states, packed in another way.
    fn repacked(self: Box<Self>, from: &Packing, to: &Packing, actors: usize) -> Box<dyn Store>;
}

/// An empty store for keys of so many words.
pub(crate) fn store(words: usize) -> Box<dyn Store> {
    match words {
        1 => Box::new(Keys::<1>::new()),
        2 => Box::new(Keys::<2>::new()),
        3..=4 => Box::new(Keys::<4>::new()),
        5..=40 => Box::new(Keys::<40>::new()),
        _ => {
            panic!("every interleaving of so many actors cannot be explored: their states take {words} words")
        }
    }
}

/// States of a chunk: what one job takes at a time.
const CHUNK: usize = 256;

/// Fewer transitions than this are worked on by one job: sharing them out would take longer.
const SHARED_FROM: usize = 4096;

/// States of a level that are worth sorting.
const SORTED_FROM: usize = 4096;

/// Keys looked up together: their way from memory overlaps.
const BATCH: usize = 64;

struct Keys<const N: usize> {
    seen: Visited<N>,
    /// Where the actions of the states lead that were expanded last.
    chunks: Vec<Chunk<N>>,
}

/// Where the actions of a few states lead; room that is used again and again.
#[derive(Default)]
struct Chunk<const N: usize> {
    keys: Vec<Key<N>>,
    hashes: Vec<u64>,
    expanded: Expanded,
}

impl<const N: usize> Keys<N> {
    fn new() -> Self {
        Keys { seen: Visited::new(), chunks: Vec::new() }
    }
}

impl<const N: usize> Store for Keys<N> {
    fn len(&self) -> usize {
        self.seen.len()
    }

    fn bytes(&self) -> usize {
        self.seen.bytes()
    }

    fn begin(&mut self, packing: &Packing, row: &[u32]) -> bool {
        let mut key = [0; N];
        packing.pack(row, &mut key);
        let hash = hash(&key);
        let new = self.seen.shards[shard(hash)].add(&key, hash);
        if new {
            self.seen.append(key);
        }
        new
    }

    fn row(&self, packing: &Packing, state: u32, row: &mut [u32]) {
        packing.unpack(self.seen.key(state as usize), row);
    }

    fn expand(&mut self, known: Known<'_>, states: Range<usize>) -> Expanded {
        let seen = &self.seen;
        let parts = states.len().div_ceil(CHUNK);
        self.chunks.resize_with(parts, Chunk::default);
        let work = |(part, chunk): (usize, &mut Chunk<N>)| {
            let start = states.start + part * CHUNK;
            chunk.expand(seen, known, start..states.end.min(start + CHUNK));
        };
        if known.jobs > 1 && parts > 1 {
            self.chunks.par_iter_mut().enumerate().for_each(work);
        } else {
            self.chunks.iter_mut().enumerate().for_each(work);
        }
        let mut all = Expanded::default();
        for chunk in &mut self.chunks {
            all.missing.append(&mut chunk.expanded.missing);
            all.still.append(&mut chunk.expanded.still);
        }
        all
    }

    fn add(&mut self, room: Room, jobs: usize) -> (u64, Option<Full>) {
        let found: usize = self.chunks.iter().map(|chunk| chunk.keys.len()).sum();
        let roomy =
            self.seen.len() + found <= room.states_max && self.seen.bytes_after(found) <= room.bytes_max;
        if !roomy {
            return self.add_one_by_one(room);
        }
        if jobs > 1 && found >= SHARED_FROM {
            self.add_side_by_side(jobs, found);
        } else {
            let mut new = Vec::new();
            for chunk in &self.chunks {
                new.clear();
                let all = 0..chunk.keys.len() as u32;
                chunk.add_to(&mut self.seen.shards, 0, all, &mut |at| new.push(at));
                for at in &new {
                    self.seen.append(chunk.keys[*at as usize]);
                }
            }
        }
        (found as u64, None)
    }

    fn sort(&mut self, states: Range<usize>, jobs: usize) {
        if states.len() >= SORTED_FROM {
            self.seen.sort(states, jobs);
        }
    }

    fn judge(&self, known: Known<'_>, states: Range<usize>) -> (Vec<Missing>, Vec<u32>) {
        let judge = |start: usize| {
            let (mut missing, mut broken) = (Vec::new(), Vec::new());
            for state in start..states.end.min(start + CHUNK) {
                let key = self.seen.key(state);
                let machine = known.packing.machine(key);
                let pairs = known.pairs.of(machine);
                for node in known.packing.actors(key).filter(|node| *node < ENDED) {
                    match pairs.and_then(|pairs| pairs.get(node)).map_or(UNJUDGED, |pair| pair.judged) {
                        CLEAN => {}
                        UNJUDGED => missing.push((machine, node)),
                        number => broken.push(number),
                    }
                }
            }
            (missing, broken)
        };
        let starts = states.clone().step_by(CHUNK);
        let parts: Vec<_> = if known.jobs > 1 && states.len() > SHARED_FROM {
            starts.collect::<Vec<_>>().into_par_iter().map(judge).collect()
        } else {
            starts.map(judge).collect()
        };
        let (mut missing, mut broken) = (Vec::new(), Vec::new());
        for (some_missing, some_broken) in parts {
            missing.extend(some_missing);
            broken.extend(some_broken);
        }
        broken.sort_unstable();
        broken.dedup();
        assert!(broken.iter().all(|number| *number >= BROKEN), "what is clean is not broken");
        (missing, broken)
    }

    fn sorted(&self, states: Range<u32>) -> Vec<u32> {
        let mut sorted: Vec<u32> = states.collect();
        sorted.sort_unstable_by_key(|state| self.seen.key(*state as usize));
        sorted
    }

    fn search(&self, packing: &Packing, sorted: &[u32], row: &[u32]) -> Option<u32> {
        if !packing.can_pack(row) {
            return None;
        }
        let mut key = [0; N];
        packing.pack(row, &mut key);
        let place = sorted.binary_search_by_key(&&key, |state| self.seen.key(*state as usize)).ok()?;
        Some(sorted[place])
    }

    fn repacked(self: Box<Self>, from: &Packing, to: &Packing, actors: usize) -> Box<dyn Store> {
        let mut row = vec![0; 1 + actors];
        let mut other = store(to.words());
        for key in self.seen.into_keys() {
            from.unpack(&key, &mut row);
            assert!(other.begin(to, &row), "distinct states stay distinct, however they are packed");
        }
        other
    }
}

impl<const N: usize> Keys<N> {
    /// Near a bound: one key after the other, until there is no room for the next.
    fn add_one_by_one(&mut self, room: Room) -> (u64, Option<Full>) {
        let (mut taken, mut bytes) = (0, self.seen.bytes());
        for chunk in &self.chunks {
            for (key, hash) in chunk.keys.iter().zip(&chunk.hashes) {
                let shard = shard(*hash);
                if !self.seen.shards[shard].has(key, *hash) {
                    let after = self.seen.bytes_after_one(*hash, bytes);
                    if self.seen.len() >= room.states_max {
                        return (taken, Some(Full::States));
                    }
                    if after > room.bytes_max {
                        return (taken, Some(Full::Bytes));
                    }
                    self.seen.shards[shard].add(key, *hash);
                    self.seen.append(*key);
                    bytes = after;
                }
                taken += 1;
            }
        }
        (taken, None)
    }

    /// Each job fills shards of its own; then the new keys are appended in their order.
    fn add_side_by_side(&mut self, jobs: usize, found: usize) {
        let chunks = &self.chunks;
        let each = SHARDS.div_ceil(jobs.min(SHARDS));
        let fill = |(group, shards): (usize, &mut [crate::visited::Shard<N>])| {
            let first = group * each;
            let mine = first..first + shards.len();
            let (mut new, mut base, mut some) = (Vec::new(), 0, Vec::new());
            for chunk in chunks {
                some.clear();
                some.resize(chunk.keys.len(), 0);
                let mut picked = 0;
                for (at, hash) in chunk.hashes.iter().enumerate() {
                    // Without a branch: it could not be foreseen.
                    some[picked] = at as u32;
                    picked += usize::from(mine.contains(&shard(*hash)));
                }
                chunk.add_to(shards, first, some[..picked].iter().copied(), &mut |at| new.push(base + at));
                base += chunk.keys.len() as u32;
            }
            new
        };
        let groups: Vec<Vec<u32>> = self.seen.shards.par_chunks_mut(each).enumerate().map(fill).collect();
        let mut new = vec![0u64; found.div_ceil(64)];
        for at in groups.iter().flatten() {
            new[*at as usize / 64] |= 1 << (at % 64);
        }
        let mut base = 0;
        for chunk in &self.chunks {
            for (at, key) in chunk.keys.iter().enumerate() {
                let at = base + at;
                if new[at / 64] >> (at % 64) & 1 == 1 {
                    self.seen.append(*key);
                }
            }
            base += chunk.keys.len();
        }
    }
}

impl<const N: usize> Chunk<N> {
    fn expand(&mut self, seen: &Visited<N>, known: Known<'_>, states: Range<usize>) {
        let Known { pairs, packing, faults, .. } = known;
        self.keys.clear();
        self.hashes.clear();
        for state in states {
            let before = *seen.key(state);
            let machine = packing.machine(&before);
            let missing = self.expanded.missing.len();
            let (mut ready, mut waiting) = (false, false);
            let of_machine = pairs.of(machine);
            for (actor, node) in packing.actors(&before).enumerate() {
                if node >= ENDED {
                    continue;
                }
                match of_machine.and_then(|pairs| pairs.get(node)) {
                    Some(pair) if pair.machine < FINISHED => {
                        ready = true;
                        let mut after = before;
                        packing.set_machine(&mut after, pair.machine);
                        packing.set_actor(&mut after, actor, pair.node);
                        self.keys.push(after);
                    }
                    None => self.expanded.missing.push((machine, node)),
                    Some(pair) if pair.machine == UNKNOWN => self.expanded.missing.push((machine, node)),
                    Some(pair) => waiting |= pair.machine == WAITS,
                }
            }
            if !ready && missing == self.expanded.missing.len() {
                self.expanded.still.push((state as u32, waiting));
            }
            if faults.crashes_max > 0 {
                self.crash(known, &before);
            }
            if faults.ends_max > 0 {
                self.end(known, &before);
            }
        }
        if let Some(symmetry) = known.symmetry {
            symmetry.settle(pairs, packing, &mut self.keys, &mut self.expanded.missing);
        }
        self.hashes.extend(self.keys.iter().map(hash));
    }

    fn crash(&mut self, known: Known<'_>, before: &Key<N>) {
        let Known { pairs, packing, faults, .. } = known;
        let killed =
            |(actors, _): &&(Vec<usize>, bool)| actors.iter().any(|actor| packing.is_killed(before, *actor));
        if faults.processes.iter().filter(killed).count() >= faults.crashes_max {
            return;
        }
        let machine = packing.machine(before);
        for (process, (actors, _)) in faults.processes.iter().enumerate().filter(|(_, (_, may))| *may) {
            let key = CRASHES + process as u32;
            match pairs.get(machine, key) {
                None => self.expanded.missing.push((machine, key)),
                Some(pair) if pair.machine == UNKNOWN => self.expanded.missing.push((machine, key)),
                Some(pair) if pair.machine == FINISHED => {}
                Some(pair) => {
                    let mut after = *before;
                    packing.set_machine(&mut after, pair.machine);
                    for actor in actors.iter().filter(|actor| !packing.is_ended(before, **actor)) {
                        packing.set_actor(&mut after, *actor, KILLED);
                    }
                    self.keys.push(after);
                }
            }
        }
    }

    fn end(&mut self, known: Known<'_>, before: &Key<N>) {
        let Known { pairs, packing, faults, .. } = known;
        let actors = 0..faults.may_end.len();
        if actors.clone().filter(|actor| packing.is_ended(before, *actor)).count() >= faults.ends_max {
            return;
        }
        let machine = packing.machine(before);
        for actor in actors.filter(|actor| faults.may_end[*actor]) {
            if packing.is_killed(before, actor) || packing.is_ended(before, actor) {
                continue;
            }
            let key = ENDS + actor as u32;
            match pairs.get(machine, key) {
                Some(pair) if pair.machine == FINISHED => {}
                Some(pair) if pair.machine != UNKNOWN => {
                    let mut after = *before;
                    packing.set_machine(&mut after, pair.machine);
                    packing.set_actor(&mut after, actor, ENDED);
                    self.keys.push(after);
                }
                _ => self.expanded.missing.push((machine, key)),
            }
        }
    }

    /// Adds some of the keys to shards, of which `first` is the number of the first, and tells which were new.
    fn add_to(
        &self,
        shards: &mut [crate::visited::Shard<N>],
        first: usize,
        some: impl Iterator<Item = u32>,
        new: &mut impl FnMut(u32),
    ) {
        let mut some = some;
        let mut batch = [0; BATCH];
        loop {
            let mut picked = 0;
            for (slot, at) in batch.iter_mut().zip(some.by_ref()) {
                *slot = at;
                picked += 1;
            }
            let batch = &batch[..picked];
            let touched = |all, at: &u32| {
                let hash = self.hashes[*at as usize];
                all ^ shards[shard(hash) - first].touch(hash)
            };
            black_box(batch.iter().fold(0, touched));
            for at in batch {
                let hash = self.hashes[*at as usize];
                if shards[shard(hash) - first].add(&self.keys[*at as usize], hash) {
                    new(*at);
                }
            }
            if picked < BATCH {
                return;
            }
        }
    }
}
