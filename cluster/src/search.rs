//! Every interleaving, breadth first, each state kept by one part of several.
//!
//! A level is expanded by all parts at once, each its own states; where an action leads is told to whom it belongs. Then
//! all tell each other what they saw, and decide the same. The verdict, the counts and the counterexample are those that
//! one search of the whole finds ([`mapisim_sim::explore()`]): each is a sum, a least one, or read off by the same rule.
//!
//! One thing is coarser: the bound on states is looked at between levels. Where it is reached, the states are as many as
//! the bound says and the transitions are those of the levels before.

use mapisim_sim::explore::{Counterexample, Exploration, Found, Limits, Verdict};
use mapisim_sim::rows::{Rows, Successors};
use mapisim_sim::{Action, World};

use crate::Spread;
use crate::link::Link;
use crate::recent::Recent;
use crate::seen::Seen;
use crate::wire::{Incoming, Outgoing, put, take};

/// States that are expanded before messages are looked at.
const BLOCK: usize = 256;

/// Bytes of a message that is not kept back any longer.
pub(crate) const MESSAGE: usize = 1 << 15;

/// How far a search is, when a level has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Actions from the beginning to its states.
    pub depth: usize,
    /// States so far, in all parts.
    pub states: usize,
    /// Those that are expanded next.
    pub frontier: usize,
}

/// One part of a search.
pub(crate) struct Part<'p, 'l, 's, 'w, W: World> {
    pub(crate) link: &'p mut Link<'l>,
    pub(crate) rows: Rows<'s, 'w, W>,
    pub(crate) limits: &'s Limits,
    /// All properties, in their order: they are told by their places.
    properties: &'p [W::Property],
    pub(crate) seen: Seen,
    /// Per other part: what it is told, and what its numbers mean.
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) incoming: Vec<Incoming>,
    /// States of others that they were told of not long ago.
    recent: Recent,
    /// Where each level begins in `seen`.
    pub(crate) starts: Vec<usize>,
    /// What all parts know.
    levels: Vec<usize>,
    transitions: u64,
    probes: u64,
    wanted: u64,
    /// Bytes that the link had sent before.
    sent_before: u64,
}

/// What one part saw at a level, or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Report {
    new: u64,
    transitions: u64,
    probes: u64,
    /// The place of the first property, in order, that a state of the next level breaks; one more, and 0 where none.
    broken: u64,
    /// The same of the states of this level in which nobody can run.
    still: u64,
    /// A part has more states than all may have.
    full: bool,
}

impl Report {
    fn to_bytes(self) -> Vec<u8> {
        let Report { new, transitions, probes, broken, still, full } = self;
        let mut bytes = Vec::new();
        for number in [new, transitions, probes, broken, still, full.into()] {
            put(&mut bytes, number);
        }
        bytes
    }

    fn from_bytes(mut bytes: &[u8]) -> Self {
        let mut next = || take(&mut bytes);
        Report {
            new: next(),
            transitions: next(),
            probes: next(),
            broken: next(),
            still: next(),
            full: next() == 1,
        }
    }

    fn and(self, other: Report) -> Report {
        Report {
            new: self.new + other.new,
            transitions: self.transitions + other.transitions,
            probes: self.probes | other.probes,
            broken: first(self.broken, other.broken),
            still: first(self.still, other.still),
            full: self.full || other.full,
        }
    }
}

/// The first of two places that are written with one more, 0 for none.
fn first(one: u64, other: u64) -> u64 {
    if one == 0 || other == 0 { one + other } else { one.min(other) }
}

impl<'p, 'l, 's, 'w, W: World> Part<'p, 'l, 's, 'w, W> {
    pub(crate) fn new(
        link: &'p mut Link<'l>,
        rows: Rows<'s, 'w, W>,
        limits: &'s Limits,
        properties: &'p [W::Property],
    ) -> Self {
        let initial = rows.initial();
        let parts = link.parts();
        let mut seen = Seen::new(initial.len());
        if rows.owner(&initial, parts) == link.me() {
            seen.add(&initial);
        }
        let (wanted, sent_before) = (rows.world().probes_wanted(), link.bytes());
        Part {
            link,
            rows,
            limits,
            properties,
            seen,
            outgoing: (0..parts).map(|_| Outgoing::default()).collect(),
            incoming: (0..parts).map(|_| Incoming::new(initial.len() - 1)).collect(),
            recent: Recent::new(initial.len()),
            starts: vec![0],
            levels: vec![1],
            transitions: 0,
            probes: 0,
            wanted,
            sent_before,
        }
    }

    /// Searches, and tells what all parts found together.
    pub(crate) fn run(mut self, watch: &mut dyn FnMut(Level)) -> Spread<W::Property> {
        let (mut states, mut depth) = (1, 0);
        let initial = self.rows.initial();
        let mut found = self.rows.broken(&initial).map(|broken| {
            let still = self.rows.still_comes_before(broken).then(|| self.rows.still_broken(&initial));
            Found { property: still.flatten().map_or(broken, |still| still.min(broken)), depth: 0 }
        });
        let mut ran_out = false;
        while self.levels[depth] > 0 && (found.is_none() || self.limits.whole_graph) {
            watch(Level { depth, states, frontier: self.levels[depth] });
            let judging = found.is_none();
            let seen = self.level(judging);
            if seen.full || states + seen.new as usize > self.limits.states_max {
                self.levels.push(self.limits.states_max.saturating_sub(states));
                states = self.limits.states_max;
                found = found.or(self.property(seen.still).map(|property| Found { property, depth }));
                ran_out = true;
                break;
            }
            states += seen.new as usize;
            self.levels.push(seen.new as usize);
            self.transitions += seen.transitions;
            if found.is_none() {
                let (still, broken) = (self.property(seen.still), self.property(seen.broken));
                found = Found::by(depth, still, broken, |broken| self.or_still(broken));
            }
            depth += 1;
        }
        let verdict = match found {
            Some(found) => {
                let actions = self.shortest(found);
                Verdict::Broken(Counterexample { property: found.property, actions })
            }
            None if ran_out => Verdict::RanOut,
            None => Verdict::Holds,
        };
        let (bytes, sent) = self.cost();
        self.levels.retain(|states| *states > 0);
        let found = Exploration {
            verdict,
            states,
            stand_for: states,
            transitions: self.transitions,
            levels: self.levels,
            probes: self.probes,
            stopped: false,
            out_of_bytes: false,
            bytes,
        };
        Spread { found, sent }
    }

    /// Bytes that the states take in all parts, and bytes that were sent for them.
    fn cost(&mut self) -> (usize, u64) {
        let mut said = Vec::new();
        put(&mut said, self.seen.bytes() as u64);
        put(&mut said, self.link.bytes() - self.sent_before);
        let mut cost = (0, 0);
        for said in self.link.all(&said) {
            let mut said = &said[..];
            cost = (cost.0 + take(&mut said) as usize, cost.1 + take(&mut said));
        }
        cost
    }

    /// Expands the last level; what all parts saw.
    fn level(&mut self, judging: bool) -> Report {
        let (start, end) = (self.starts[self.starts.len() - 1], self.seen.len());
        let mut report = self.expand(start..end, judging);
        self.starts.push(end);
        let full = self.seen.len() > self.limits.states_max;
        if judging && !full {
            for place in end..self.seen.len() {
                if let Some(broken) = self.rows.broken(self.seen.row(place)) {
                    report.broken = first(report.broken, self.place(broken));
                }
            }
        }
        report.new = (self.seen.len() - end) as u64;
        report.full = full;
        let all = self.link.all(&report.to_bytes());
        let all = all.iter().map(|bytes| Report::from_bytes(bytes)).fold(Report::default(), Report::and);
        self.probes |= all.probes;
        all
    }

    fn expand(&mut self, level: std::ops::Range<usize>, judging: bool) -> Report {
        let mut report = Report { probes: self.probes, ..Report::default() };
        let by_step = judging && self.rows.world().judges_steps();
        let (parts, me) = (self.link.parts(), self.link.me());
        let mut next = Successors::default();
        for (at, place) in level.enumerate() {
            let before: Box<[u32]> = self.seen.row(place).into();
            self.rows.successors(&before, &mut next);
            report.transitions += next.len() as u64;
            if let Some(waiting) = next.still.filter(|_| judging)
                && let Some(still) = self.rows.still_breaks(&before, waiting)
            {
                report.still = first(report.still, self.place(still));
            }
            for (action, after) in next.iter() {
                self.look(&before, action, after, by_step, &mut report);
                let owner = self.rows.owner(after, parts);
                if owner == me {
                    self.keep(after);
                } else if !self.recent.was_told(after) {
                    let outgoing = &mut self.outgoing[owner];
                    outgoing.state(&mut self.rows, after);
                    if outgoing.bytes.len() >= MESSAGE {
                        let bytes = std::mem::take(&mut outgoing.bytes);
                        self.link.send(owner, bytes);
                    }
                }
            }
            if parts > 1 && at % BLOCK == BLOCK - 1 {
                let (link, mut rest) = self.split();
                link.deliver(&mut |from, bytes| rest.arrive(from, bytes));
            }
        }
        self.flush();
        let (link, mut rest) = self.split();
        link.end_phase(&mut |from, bytes| rest.arrive(from, bytes));
        report
    }

    /// Looks at a transition: probes, and what the step breaks by being taken.
    fn look(&self, before: &[u32], action: Action, after: &[u32], by_step: bool, report: &mut Report) {
        if report.probes & self.wanted != self.wanted {
            report.probes |= self.rows.probes(before, action, after);
        }
        if by_step && let Some(broken) = self.rows.step_breaks(before, action, after) {
            report.broken = first(report.broken, self.place(broken));
        }
    }

    /// Keeps a state, unless there are too many already.
    fn keep(&mut self, row: &[u32]) {
        if self.seen.len() <= self.limits.states_max {
            self.seen.add(row);
        }
    }

    /// Sends what is left of each message.
    pub(crate) fn flush(&mut self) {
        for (to, outgoing) in self.outgoing.iter_mut().enumerate() {
            if !outgoing.bytes.is_empty() {
                self.link.send(to, std::mem::take(&mut outgoing.bytes));
            }
        }
    }

    /// The link, and what takes what it brings.
    fn split<'b>(&'b mut self) -> (&'b mut Link<'l>, Arriving<'b, 's, 'w, W>) {
        let me = self.link.me();
        let Part { link, rows, seen, incoming, limits, .. } = self;
        (link, Arriving { rows, seen, incoming, states_max: limits.states_max, me })
    }

    /// What breaks where the new states break something: what one of them breaks in which nobody can run counts where it
    /// comes first.
    fn or_still(&mut self, broken: W::Property) -> W::Property {
        if !self.rows.still_comes_before(broken) {
            return broken;
        }
        let mut least = self.place(broken);
        for place in self.starts[self.starts.len() - 1]..self.seen.len() {
            if let Some(still) = self.rows.still_broken(self.seen.row(place)) {
                least = first(least, self.place(still));
            }
        }
        let mut said = Vec::new();
        put(&mut said, least);
        let all = self.link.all(&said);
        let least = all.iter().map(|bytes| take(&mut &bytes[..])).fold(least, first);
        self.property(least).expect("one was broken")
    }

    /// A property's place, with one more.
    fn place(&self, property: W::Property) -> u64 {
        let place = self.properties.iter().position(|known| *known == property);
        place.expect("all properties are given, in their order") as u64 + 1
    }

    fn property(&self, place: u64) -> Option<W::Property> {
        place.checked_sub(1).map(|place| self.properties[place as usize])
    }
}

/// What takes the states that other parts tell of.
struct Arriving<'b, 's, 'w, W: World> {
    rows: &'b mut Rows<'s, 'w, W>,
    seen: &'b mut Seen,
    incoming: &'b mut [Incoming],
    states_max: usize,
    me: usize,
}

impl<W: World> Arriving<'_, '_, '_, W> {
    fn arrive(&mut self, from: usize, bytes: &[u8]) {
        let parts = self.incoming.len();
        let (seen, me, states_max) = (&mut *self.seen, self.me, self.states_max);
        self.incoming[from].read(self.rows, bytes, &mut |rows, row| {
            assert!(
                rows.owner(row, parts) == me,
                "a state belongs to one part: all must run on processors of one kind"
            );
            if seen.len() <= states_max {
                seen.add(row);
            }
        });
    }
}
