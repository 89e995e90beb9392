//! Orders that every run keeps that fails.
//!
//! An event is needed where every run that fails has it. Of two that are needed one may have to come before the other. That is a
//! partial order; of it those pairs are told from which the rest follows, and only those of two actors, since one actor's
//! own steps come in their order anyway. Where an event comes more than once in a run, its first time counts.
//!
//! What comes in the run after it broke may never come before: then it has to break first, and of each actor the first such
//! event is told. So it is with what would have come in it, had a fault not killed who was to do it: then the fault has to come
//! first.
//!
//! Found by one pass over the graph: which events have come on *every* way to a state. That is exact, since each way to a state
//! that can fail is the beginning of a run that fails.

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use indexmap::IndexSet;

use super::graph::{BREAKS, Edge, FAILS, Graph, When};

/// One thing that comes before another in every run that fails; actions by their index in the run that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order {
    /// This action comes; `None`: it breaks.
    pub first: Option<usize>,
    /// And only then this one, if it comes at all.
    pub then: When,
}

/// A set of events by number: bits, lowest first.
type Set = Vec<u64>;

fn has(set: &[u64], event: usize) -> bool {
    set[event / 64] >> (event % 64) & 1 == 1
}

fn put(set: &mut [u64], event: usize) {
    set[event / 64] |= 1 << (event % 64);
}

/// Keeps of one set what another has; whether that changed it.
fn meet(set: &mut [u64], other: &[u64]) -> bool {
    let mut changed = false;
    for (mine, theirs) in set.iter_mut().zip(other) {
        changed |= *mine & !theirs != 0;
        *mine &= theirs;
    }
    changed
}

/// Passes over a graph with circles at most.
const PASSES_MAX: usize = 64;

/// The orders, and whether they are enough. `sorted`: the states in an order in which edges lead forward, where there is one.
pub(super) fn orders(graph: &Graph, sorted: Option<&[u32]>, states_max: usize) -> (Vec<Order>, Option<bool>) {
    let Some(come) = come(graph, sorted) else { return (Vec::new(), None) };
    let dangerous = graph.dangerous(|_| true);
    let words = come.words;
    let full = vec![u64::MAX; words];
    // Of each event what has come before it, and of the failure.
    let mut before: Vec<Set> = vec![full.clone(); graph.before];
    let mut needed = full;
    // Of each event of the run whether it comes before the failure or as it, in some run that fails.
    let mut early = vec![false; graph.events.len()];
    // What breaks it; `None` for a step that the run has none like.
    let mut breaking = BTreeSet::new();
    // Whose late events are told, or need not be: those of who breaks it here.
    let mut told = BTreeSet::from([graph.breaker]);
    let mut here = vec![0; words];
    for state in 0..graph.len() {
        for edge in graph.after(state) {
            let fails = edge.to == FAILS;
            if !fails && (edge.to == BREAKS || !dangerous[edge.to as usize]) {
                continue;
            }
            here.copy_from_slice(come.of(state));
            if let Some(event) = edge.event.map(usize::from) {
                early[event] = true;
                if event < graph.before {
                    meet(&mut before[event], &here);
                    put(&mut here, event);
                }
            }
            if fails {
                breaking.insert(edge.event.map(usize::from));
                meet(&mut needed, &here);
            }
        }
    }
    let needed: Vec<usize> = (0..graph.before).filter(|event| has(&needed, *event)).collect();
    let comes_before = |one: usize, other: usize| one != other && has(&before[other], one);
    let who = |event: usize| graph.events[event].actor;
    let mut pairs = Vec::new();
    for one in &needed {
        for other in needed.iter().filter(|other| comes_before(*one, **other)) {
            let between = |event: &usize| comes_before(*one, *event) && comes_before(*event, *other);
            let own = who(*one).is_some() && who(*one) == who(*other);
            if !own && !needed.iter().any(between) {
                pairs.push((*one, *other));
            }
        }
    }
    let mut late = Vec::new();
    for event in (graph.before..graph.events.len()).filter(|event| !early[*event]) {
        let first = match graph.events[event].when {
            When::Taken(_) => None,
            When::Missed { fault, .. } => {
                let fault = needed.iter().find(|known| graph.events[**known].when == When::Taken(fault));
                let Some(fault) = fault else { continue };
                Some(*fault)
            }
        };
        let new = who(event).is_some() && told.insert(who(event));
        match first {
            _ if !new => {}
            Some(fault) => pairs.push((fault, event)),
            None => late.push(event),
        }
    }
    let at = |event: usize| match graph.events[event].when {
        When::Taken(at) | When::Missed { fault: at, .. } => at,
    };
    let when = |event: usize| graph.events[event].when;
    let mut orders: Vec<Order> =
        pairs.iter().map(|(one, other)| Order { first: Some(at(*one)), then: when(*other) }).collect();
    orders.extend(late.iter().map(|event| Order { first: None, then: when(*event) }));
    orders.sort_by_key(|order| (order.then, order.first));
    // What breaks it, where it is one event and its first time.
    let by = breaking.first().copied().flatten();
    let by = by.filter(|by| breaking.len() == 1 && *by + 1 == graph.before);
    if let Some(by) = by {
        pairs.extend(late.iter().map(|event| (by, *event)));
    }
    let faults = (0..graph.before).filter(|event| who(*event).is_none());
    let enough = enough(graph, &pairs, &faults.chain(by).collect::<Vec<_>>(), states_max);
    // Of a run that never breaks it nobody can say whether it breaks before something else.
    let vague = by.is_none() && !late.is_empty();
    (orders, enough.filter(|enough| *enough || !vague))
}

/// Per state: the events that have come on every way there.
struct Come {
    words: usize,
    sets: Set,
}

impl Come {
    fn of(&self, state: usize) -> &[u64] {
        &self.sets[state * self.words..][..self.words]
    }
}

/// `None` where circles make it take too long.
fn come(graph: &Graph, sorted: Option<&[u32]>) -> Option<Come> {
    let words = graph.before.div_ceil(64);
    let mut come = Come { words, sets: vec![u64::MAX; words * graph.len()] };
    come.sets[..words].fill(0);
    let mut here = vec![0; words];
    let passes = if sorted.is_some() { 1 } else { PASSES_MAX };
    for _ in 0..passes {
        let mut changed = false;
        for place in 0..graph.len() {
            let state = sorted.map_or(place, |sorted| sorted[place] as usize);
            for edge in graph.after(state).iter().filter(|edge| edge.to < BREAKS) {
                here.copy_from_slice(come.of(state));
                if let Some(event) = edge.event.map(usize::from).filter(|event| *event < graph.before) {
                    put(&mut here, event);
                }
                let to = edge.to as usize * words;
                changed |= meet(&mut come.sets[to..to + words], &here);
            }
        }
        if sorted.is_some() || !changed {
            return Some(come);
        }
    }
    None
}

/// Whether every run fails in which the first of each pair comes before the second and all of these events come; `None` where
/// more than so many states, each with what has come, would have to be looked at, or more events than bits.
fn enough(graph: &Graph, pairs: &[(usize, usize)], events: &[usize], states_max: usize) -> Option<bool> {
    let mut watched: Vec<usize> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
    // What has to come late need not come at all.
    watched.extend(events);
    watched.sort_unstable();
    watched.dedup();
    if watched.len() > 32 {
        return None;
    }
    let bit =
        |event: usize| watched.iter().position(|known| *known == event).map_or(0_u32, |place| 1 << place);
    let firsts = |event: usize| -> u32 {
        pairs.iter().filter(|(_, other)| *other == event).fold(0, |all, (one, _)| all | bit(*one))
    };
    let wants: Vec<(u32, u32)> = (0..graph.events.len()).map(|event| (bit(event), firsts(event))).collect();
    let all = watched.iter().filter(|event| **event < graph.before).fold(0, |all, event| all | bit(*event));
    let mut places: IndexSet<(u32, u32), FixedState> = IndexSet::default();
    places.insert((0, 0));
    let mut next = 0;
    while let Some((state, done)) = places.get_index(next).copied() {
        next += 1;
        let edges = graph.after(state as usize);
        if done & all == all && !edges.iter().any(Edge::is_step) {
            return Some(false);
        }
        for edge in edges.iter().filter(|edge| edge.to != FAILS) {
            let (mine, firsts) = edge.event.map_or((0, 0), |event| wants[usize::from(event)]);
            if firsts & !done != 0 {
                continue;
            }
            let done = done | mine;
            if edge.to == BREAKS {
                if done & all == all {
                    return Some(false);
                }
                continue;
            }
            places.insert((edge.to, done));
        }
        if places.len() > 2 * states_max {
            return None;
        }
    }
    Some(true)
}
