//! What a search needs to go on from the beginning of a level: a value, and that value as bytes.
//!
//! Numbers of machines and local states are handed out in the order in which steps are found out. So the questions alone,
//! asked again in their order, give every machine and every local state its number back; the states are then kept packed,
//! as they are in memory. Nothing of the machine and of the actors' code is written.
//!
//! Not here: whose search it is, and whether bytes came through unharmed. Who writes them has to see to both.
//!
//! Invariants
//! - A search that goes on ends as it would have without a break: same verdict, counts, levels, counterexample, bytes.
//! - Bytes that are no checkpoint are refused, whatever is in them; so is a checkpoint of a world whose steps lead
//!   elsewhere, when it is gone on from.

use crate::key::hash;
use crate::packing::Packing;
use crate::pairs::{CRASHES, ENDS, FAILS, Pairs};
use crate::space::Space;
use crate::store::{Store, store};
use crate::world::World;

/// A search at the beginning of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What was found out, in order: a machine, and a local state or a process to be killed.
    asked: Vec<(u32, u32)>,
    /// A hash of what that gave.
    answers: u64,
    /// How states are packed: bits of the machine's field and of each actor's.
    widths: Vec<u32>,
    /// Packed states, in the order of their numbers.
    keys: Vec<u64>,
    /// Where each level begins, the last being the one to be expanded next.
    starts: Vec<usize>,
    transitions: u64,
    probes: u64,
}

/// A checkpoint is of another world than the one that was to be searched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign;

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the checkpoint is not of this world, or what the world does has changed since")
    }
}

impl std::error::Error for Foreign {}

/// What tells a search at the beginning of a level from the same search later.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) asked: usize,
    pub(crate) nodes: usize,
    pub(crate) states: usize,
    pub(crate) widths: Vec<u32>,
    pub(crate) starts: usize,
    pub(crate) transitions: u64,
    pub(crate) probes: u64,
}

/// A search that goes on, or begins.
pub(crate) struct Restored {
    pub(crate) store: Box<dyn Store>,
    pub(crate) packing: Packing,
    pub(crate) starts: Vec<usize>,
    pub(crate) transitions: u64,
    pub(crate) probes: u64,
}

impl Restored {
    /// A search that has done nothing yet.
    pub(crate) fn beginning<W: World>(space: &Space<'_, W>, actors: usize) -> Self {
        let mut packing = Packing::new(actors);
        if !packing.learn(space.machines(), space.owners(0)) {
            packing.lay_out();
        }
        let mut store = store(packing.size());
        assert!(store.begin(&packing, &space.initial().0), "the first state is new");
        Restored { store, packing, starts: vec![0], transitions: 0, probes: 0 }
    }
}

impl Checkpoint {
    /// What a search has found, as far as its mark.
    pub(crate) fn of<W: World>(
        space: &Space<'_, W>,
        (store, packing, starts): (&dyn Store, &Packing, &[usize]),
        mark: &Mark,
    ) -> Self {
        let actors = mark.widths.len() - 1;
        let mut then = Packing::of_widths(&mark.widths);
        then.learn(space.machines(), space.owners(0).take(mark.nodes));
        let asked = space.pairs().asked().first(mark.asked);
        let (mut row, mut key) = (vec![0; 1 + actors], vec![0; then.words()]);
        let mut keys = Vec::with_capacity(mark.states * then.words());
        for state in 0..mark.states {
            store.row(packing, state as u32, &mut row);
            then.write(&row, &mut key);
            keys.extend_from_slice(&key);
        }
        Checkpoint {
            answers: answers(space.pairs(), &asked),
            asked,
            widths: mark.widths.clone(),
            keys,
            starts: starts[..mark.starts].to_vec(),
            transitions: mark.transitions,
            probes: mark.probes,
        }
    }

    /// Finds out all that was found out before, in a space in which nothing was yet.
    pub(crate) fn restore<W: World>(&self, space: &mut Space<'_, W>) -> Result<Restored, Foreign> {
        let cast = space.world().cast();
        let (actors, processes) = (cast.actors().len(), cast.processes().len());
        for (machine, key) in &self.asked {
            let bound = match *key {
                ..CRASHES => space.discovered().locals,
                CRASHES..ENDS => CRASHES as usize + processes,
                ENDS..FAILS => ENDS as usize + actors,
                FAILS.. => FAILS as usize + cast.sets_of_parts().count(),
            };
            if *machine as usize >= space.machines() || *key as usize >= bound {
                return Err(Foreign);
            }
            space.find_out(*machine, *key);
        }
        if answers(space.pairs(), &self.asked) != self.answers || self.widths.len() != 1 + actors {
            return Err(Foreign);
        }
        let mut packing = Packing::of_widths(&self.widths);
        packing.learn(space.machines(), space.owners(0));
        let mut store = store(packing.size());
        let mut row = vec![0; 1 + actors];
        for key in self.keys.chunks_exact(packing.words()) {
            packing.read(key, &mut row).ok_or(Foreign)?;
            if !store.begin(&packing, &row) {
                return Err(Foreign);
            }
        }
        let ascend = self.starts.windows(2).all(|pair| pair[0] < pair[1]);
        let first = self.starts.first() == Some(&0);
        if !(first && ascend && self.starts.last().is_some_and(|last| *last < store.len())) {
            return Err(Foreign);
        }
        let starts = self.starts.clone();
        Ok(Restored { store, packing, starts, transitions: self.transitions, probes: self.probes })
    }

    /// Distinct states.
    pub fn states(&self) -> usize {
        let words = if self.widths.is_empty() { 1 } else { Packing::of_widths(&self.widths).words() };
        self.keys.len() / words
    }

    /// It as bytes, numbers with their least byte first: four counts, three sums, then what was counted.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Checkpoint { asked, answers, widths, keys, starts, transitions, probes } = self;
        let counts = [asked.len(), widths.len(), starts.len(), keys.len()].map(|count| count as u64);
        let sums = [*answers, *transitions, *probes];
        let asked = asked.iter().map(|(machine, key)| u64::from(*machine) << 32 | u64::from(*key));
        let widths = widths.iter().map(|width| u64::from(*width));
        let starts = starts.iter().map(|start| *start as u64);
        let numbers = counts.into_iter().chain(sums).chain(asked).chain(widths).chain(starts);
        let mut bytes = Vec::with_capacity(8 * (7 + counts.iter().sum::<u64>() as usize));
        for number in numbers.chain(keys.iter().copied()) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// It from its bytes; `None`: they are none of a checkpoint.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = usize::try_from(words.next()?).ok()?;
        }
        let [answers, transitions, probes] = [words.next()?, words.next()?, words.next()?];
        let all = counts.into_iter().try_fold(0usize, usize::checked_add)?;
        if !rest.is_empty() || all != words.len() {
            return None;
        }
        let [asked, widths, starts, _] = counts;
        let asked = words.by_ref().take(asked).map(|pair| ((pair >> 32) as u32, pair as u32)).collect();
        let widths: Vec<u32> =
            words.by_ref().take(widths).map(|width| u32::try_from(width).ok()).collect::<Option<_>>()?;
        let starts =
            words.by_ref().take(starts).map(|start| usize::try_from(start).ok()).collect::<Option<_>>()?;
        let keys: Vec<u64> = words.collect();
        let packed = !widths.is_empty() && widths.iter().all(|width| (1..=u32::BITS).contains(width));
        let whole = packed && keys.len().is_multiple_of(Packing::of_widths(&widths).words());
        whole.then_some(Checkpoint { asked, answers, widths, keys, starts, transitions, probes })
    }
}

/// A hash of where steps and crashes lead.
fn answers(pairs: &Pairs, asked: &[(u32, u32)]) -> u64 {
    asked.iter().fold(0, |state, (machine, key)| {
        let pair = pairs.get(*machine, *key).expect("it was found out");
        hash(&[state, u64::from(pair.machine) << 32 | u64::from(pair.node)])
    })
}
