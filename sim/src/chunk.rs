//! Where the actions of some states lead: the inner loop of a search.
//!
//! States of one machine lie beside each other. The first of them that has a local state looks up where its step leads;
//! the others find that by number. A step then changes one field of a key, by an exclusive or that is known with it.
//!
//! Invariants
//! - What a chunk finds is a function of its states and of what is known, whoever works on it.

use std::ops::Range;

use crate::key::Key;
use crate::packing::{Lane, Packing};
use crate::pairs::{CLEAN, CRASHES, ENDS, FINISHED, OfMachine, Pairs, UNJUDGED, UNKNOWN, WAITS};
use crate::space::{ENDED, KILLED};
use crate::store::{Known, Looked, Missing};
use crate::symmetry::Symmetry;
use crate::visited::Visited;

/// Groups of machines by which transitions wait: their number, and how far a machine's number is shifted to be its
/// group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) count: usize,
    pub(crate) shift: u32,
}

impl Groups {
    pub(crate) const ONE: Groups = Groups { count: 1, shift: u32::BITS };
}

/// Where the actions of some states lead, of a part of one block after the other; room that is used again and again.
pub(crate) struct Chunk<K> {
    /// By groups, in the order in which they were found.
    led: Vec<Vec<(u32, K)>>,
    /// Per block, per group: how many of them there were by its end.
    ends: Vec<usize>,
    groups: Groups,
    pub(crate) missing: Vec<Missing>,
    /// States in which nobody can run, and whether somebody waits.
    pub(crate) still: Vec<(u32, bool)>,
    pub(crate) looked: Looked,
    pub(crate) edges: Edges,
}

impl<K> Default for Chunk<K> {
    fn default() -> Self {
        Chunk {
            led: Vec::new(),
            ends: Vec::new(),
            groups: Groups::ONE,
            missing: Vec::new(),
            still: Vec::new(),
            looked: Looked::default(),
            edges: Edges::default(),
        }
    }
}

impl<K> Chunk<K> {
    /// Takes down where a block ends, whether this had a part of it or not; how much there is of all blocks.
    pub(crate) fn end_block(&mut self, block: usize, groups: Groups) -> usize {
        self.led.resize_with(self.led.len().max(groups.count), Vec::new);
        let before = block * groups.count;
        // Of blocks before there was its first one, it had nothing.
        self.ends.resize(before, 0);
        self.ends.extend(self.led[..groups.count].iter().map(Vec::len));
        self.groups = groups;
        self.ends[before..].iter().sum()
    }

    /// What a block led to, of a group.
    pub(crate) fn led(&self, block: usize, group: usize) -> &[(u32, K)] {
        let at = block * self.groups.count + group;
        let before = at.checked_sub(self.groups.count).map_or(0, |before| self.ends[before]);
        &self.led[group][before..self.ends[at]]
    }

    /// Forgets what blocks led to.
    pub(crate) fn forget(&mut self) {
        self.led.iter_mut().for_each(Vec::clear);
        self.ends.clear();
    }
}

/// Where the steps of the local states lead from one machine, as far as they were asked for: by number, so that no
/// state but the first one of a machine has to look anything up.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    edges: Vec<Edge>,
    /// Which machine's the edges are: those with another turn are of one before.
    turn: u32,
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    turn: u32,
    /// The machine that the step leads to, or a mark in place of it.
    machine: u32,
    /// How the actor's number changes.
    bits: u32,
}

impl Edges {
    /// Makes room for so many local states.
    pub(crate) fn cover(&mut self, locals: usize) {
        if self.edges.len() != locals {
            *self = Edges { edges: vec![Edge { turn: 0, machine: UNKNOWN, bits: 0 }; locals], turn: 0 };
        }
    }
}

impl<K: Key> Chunk<K> {
    /// Looks what has to be found out of faults.
    pub(crate) fn scan(&mut self, seen: &Visited<K>, known: Known<'_>, states: Range<usize>) {
        for state in states {
            let (machine, before) = seen.state(state);
            strike(known, machine, before, &mut |key, to| {
                if to.is_none() {
                    self.missing.push((machine, key));
                }
            });
        }
    }

    /// Looks what has to be found out of which states stand for those that actions lead to.
    pub(crate) fn unsettled(
        &mut self,
        seen: &Visited<K>,
        known: Known<'_>,
        symmetry: &Symmetry,
        states: Range<usize>,
    ) {
        let mut missing = std::mem::take(&mut self.missing);
        self.follow(seen, known, states, &mut |machine, after| {
            symmetry.settle(known.pairs, known.packing, (machine, after), &mut missing);
        });
        self.still.clear();
        self.missing = missing;
    }

    /// Finds where the actions of some states lead.
    pub(crate) fn expand(
        &mut self,
        seen: &Visited<K>,
        known: Known<'_>,
        states: Range<usize>,
        Groups { count, shift }: Groups,
    ) {
        let mut groups = std::mem::take(&mut self.led);
        groups.resize_with(groups.len().max(count), Vec::new);
        let mut lead =
            |machine: u32, after: K| groups[(u64::from(machine) >> shift) as usize].push((machine, after));
        if let Some(symmetry) = known.symmetry {
            let mut missing = Vec::new();
            self.follow(seen, known, states, &mut |machine, after| {
                let (machine, after) =
                    symmetry.settle(known.pairs, known.packing, (machine, after), &mut missing);
                lead(machine, after);
            });
            assert!(missing.is_empty(), "{FOUND_OUT}");
        } else {
            self.follow(seen, known, states, &mut lead);
        }
        self.led = groups;
    }

    /// Tells where the actions of some states lead.
    #[inline]
    fn follow(
        &mut self,
        seen: &Visited<K>,
        known: Known<'_>,
        states: Range<usize>,
        lead: &mut impl FnMut(u32, K),
    ) {
        let Known { pairs, packing, faults, .. } = known;
        let (edges, turns) = (&mut *self.edges.edges, &mut self.edges.turn);
        let lanes = packing.lanes();
        let faultless = faults.none();
        seen.runs(states, |first, machine, keys| {
            let of_machine = pairs.of(machine);
            *turns += 1;
            let turn = *turns;
            for (state, before) in (first..).zip(keys) {
                let (mut ready, mut waiting) = (false, false);
                for Lane { field, nodes, first } in &lanes {
                    let local = before.read(*field);
                    let slot = &mut edges[first + local as usize];
                    if slot.turn != turn {
                        *slot = edge(of_machine, packing, nodes[local as usize], local, turn);
                    }
                    if slot.machine < FINISHED {
                        ready = true;
                        let mut after = *before;
                        after.flip(*field, slot.bits);
                        lead(slot.machine, after);
                    } else {
                        waiting |= slot.machine == WAITS;
                    }
                }
                if !ready {
                    self.still.push((state as u32, waiting));
                }
                if !faultless {
                    strike(known, machine, before, &mut |_, to| {
                        let (machine, after) = to.expect(FOUND_OUT);
                        lead(machine, after);
                    });
                }
            }
        });
    }

    /// Looks what is known of the machines and local states of some states.
    pub(crate) fn look(&mut self, seen: &Visited<K>, known: Known<'_>, states: Range<usize>) {
        let Known { pairs, packing, .. } = known;
        let (edges, turns) = (&mut *self.edges.edges, &mut self.edges.turn);
        let lanes = packing.lanes();
        seen.runs(states, |first, machine, keys| {
            let of_machine = pairs.of(machine);
            *turns += 1;
            let turn = *turns;
            for (state, key) in (first..).zip(keys) {
                for Lane { field, nodes, first } in &lanes {
                    let local = key.read(*field) as usize;
                    let slot = &mut edges[first + local];
                    if slot.turn != turn {
                        slot.turn = turn;
                        if nodes[local] < ENDED {
                            self.looked.take((pairs, of_machine), (machine, nodes[local]), state);
                        }
                    }
                }
            }
        });
    }
}

impl Looked {
    /// Takes into account what is known of a machine and a local state that are in a state.
    fn take(
        &mut self,
        (pairs, of_machine): (&Pairs, Option<&OfMachine>),
        (machine, node): (u32, u32),
        state: usize,
    ) {
        let (judged, is_known) = of_machine.map_or((UNJUDGED, false), |of| of.look(pairs, machine, node));
        if judged == UNJUDGED {
            self.unjudged.push((machine, node));
        } else if judged != CLEAN {
            self.broken.push(judged);
        }
        if !is_known {
            self.steps.push((state, (machine, node)));
        }
    }
}

const FOUND_OUT: &str = "what is missing is found out before states are expanded";

/// Where faults lead, by the numbers of what is known of them: `None` where it has to be found out.
fn strike<K: Key>(
    known: Known<'_>,
    machine: u32,
    before: &K,
    strike: &mut impl FnMut(u32, Option<(u32, K)>),
) {
    if known.faults.crashes_max > 0 {
        crash(known, machine, before, strike);
    }
    if known.faults.ends_max > 0 {
        end(known, machine, before, strike);
    }
    fail(known, machine, before, strike);
}

/// Where crashes lead.
fn crash<K: Key>(known: Known<'_>, machine: u32, before: &K, strike: &mut impl FnMut(u32, Option<(u32, K)>)) {
    let Known { pairs, packing, faults, .. } = known;
    let killed =
        |(actors, _): &&(Vec<usize>, bool)| actors.iter().any(|actor| packing.is_killed(before, *actor));
    if faults.processes.iter().filter(killed).count() >= faults.crashes_max {
        return;
    }
    for (process, (actors, _)) in faults.processes.iter().enumerate().filter(|(_, (_, may))| *may) {
        let key = CRASHES + process as u32;
        match pairs.get(machine, key).map_or(UNKNOWN, |pair| pair.machine) {
            UNKNOWN => strike(key, None),
            FINISHED => {}
            to => {
                let mut after = *before;
                for actor in actors.iter().filter(|actor| !packing.is_ended(before, **actor)) {
                    packing.set_actor(&mut after, *actor, KILLED);
                }
                strike(key, Some((to, after)));
            }
        }
    }
}

/// Where deaths of actors alone lead.
fn end<K: Key>(known: Known<'_>, machine: u32, before: &K, strike: &mut impl FnMut(u32, Option<(u32, K)>)) {
    let Known { pairs, packing, faults, .. } = known;
    let actors = 0..faults.may_end.len();
    if actors.clone().filter(|actor| packing.is_ended(before, *actor)).count() >= faults.ends_max {
        return;
    }
    for actor in actors.filter(|actor| faults.may_end[*actor]) {
        if packing.is_killed(before, actor) || packing.is_ended(before, actor) {
            continue;
        }
        let key = ENDS + actor as u32;
        match pairs.get(machine, key).map_or(UNKNOWN, |pair| pair.machine) {
            UNKNOWN => strike(key, None),
            FINISHED => {}
            to => {
                let mut after = *before;
                packing.set_actor(&mut after, actor, ENDED);
                strike(key, Some((to, after)));
            }
        }
    }
}

/// Where failures of the machine lead.
fn fail<K: Key>(known: Known<'_>, machine: u32, before: &K, strike: &mut impl FnMut(u32, Option<(u32, K)>)) {
    let Known { pairs, packing, faults, .. } = known;
    for key in &faults.fails {
        match pairs.get(machine, *key).map_or(UNKNOWN, |pair| pair.machine) {
            UNKNOWN => strike(*key, None),
            FINISHED => {}
            to => {
                let mut after = *before;
                (0..faults.may_end.len()).for_each(|actor| packing.set_actor(&mut after, actor, KILLED));
                strike(*key, Some((to, after)));
            }
        }
    }
}

/// Where the step of an actor leads whose number is `local`.
fn edge(of_machine: Option<&OfMachine>, packing: &Packing, node: u32, local: u32, turn: u32) -> Edge {
    if node >= ENDED {
        return Edge { turn, machine: FINISHED, bits: 0 };
    }
    let pair = of_machine.and_then(|pairs| pairs.get(node)).expect(FOUND_OUT);
    let bits = if pair.machine < FINISHED { packing.local(pair.node) ^ local } else { 0 };
    Edge { turn, machine: pair.machine, bits }
}
