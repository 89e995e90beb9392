//! States as bytes, from one space to another.
//!
//! A state is its numbers in the sender's space. Before a number is used for the first time it is said how it was made,
//! in numbers that were told before; the receiver does the same and writes down which of its own numbers that gave. Both
//! spaces have the initial state, so that is where every telling begins. Bytes have to arrive in the order in which they
//! were written.
//!
//! All numbers are written with seven bits a byte, least first. A record begins with one number: 0, 1 or 2 is a making by a
//! step, a crash or the death of an actor; from 3 on it is the machine of a state, and where each actor stands follows.

use mapisim_sim::rows::{By, Made, Making, ROW_ENDED, ROW_KILLED, Rows};
use mapisim_sim::{Actor, Parts, Process, World};

/// What a record begins with.
const STEP: u64 = 0;
const CRASH: u64 = 1;
const END: u64 = 2;
const FAIL: u64 = 3;
/// The machine of a state is written with so much added.
const STATE: u64 = 4;
/// Where an actor stands is written with so much added; below are the marks of the dead.
const ALIVE: u32 = 2;

/// In place of a number: it was not told yet.
const UNKNOWN: u32 = u32::MAX;

/// What one space tells another.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// What is to be sent.
    pub(crate) bytes: Vec<u8>,
    /// Which machines and local states were told, by number.
    machines: Vec<bool>,
    nodes: Vec<bool>,
    /// What has to be told first; empty between two states.
    pending: Vec<Number>,
}

/// A number that may have to be told.
#[derive(Clone, Copy, Debug)]
enum Number {
    Machine(u32),
    Node(u32),
}

impl Outgoing {
    /// Writes a state, and before it how those of its numbers came about that were not told yet.
    pub(crate) fn state<W: World>(&mut self, rows: &mut Rows<'_, '_, W>, row: &[u32]) {
        self.tell(rows, Number::Machine(row[0]));
        for node in row[1..].iter().filter(|node| **node < ROW_ENDED) {
            self.tell(rows, Number::Node(*node));
        }
        put(&mut self.bytes, STATE + u64::from(row[0]));
        for node in &row[1..] {
            let written = if *node >= ROW_ENDED { ROW_KILLED - node } else { node + ALIVE };
            put(&mut self.bytes, written.into());
        }
    }

    /// Tells how a number came about, and before it all that this needs.
    fn tell<W: World>(&mut self, rows: &mut Rows<'_, '_, W>, number: Number) {
        if self.is_told(rows, number) {
            return;
        }
        self.pending.push(number);
        while let Some(number) = self.pending.last().copied() {
            let making = making_of(rows, number).filter(|_| !self.is_told(rows, number));
            let Some(making) = making else {
                self.pending.pop();
                continue;
            };
            let machine = Number::Machine(making.machine);
            let node = if let By::Step(node) = making.by { Some(Number::Node(node)) } else { None };
            if let Some(first) =
                [Some(machine), node].into_iter().flatten().find(|first| !self.is_told(rows, *first))
            {
                self.pending.push(first);
                continue;
            }
            let made = rows.make(making).expect("it was done before");
            self.making(making, made);
            self.pending.pop();
        }
    }

    fn making(&mut self, making: Making, made: Made) {
        let (kind, who) = match making.by {
            By::Step(node) => (STEP, node),
            By::Crash(process) => (CRASH, process.0.into()),
            By::End(actor) => (END, actor.0.into()),
            By::Fail(kept) => (FAIL, kept.0.into()),
        };
        let bytes = &mut self.bytes;
        put(bytes, kind);
        for number in [making.machine, who, made.machine] {
            put(bytes, number.into());
        }
        mark(&mut self.machines, made.machine);
        if kind == STEP {
            let node = made.node.expect("a step leads to a local state");
            put(bytes, node.into());
            mark(&mut self.nodes, node);
        }
    }

    fn is_told<W: World>(&self, rows: &Rows<'_, '_, W>, number: Number) -> bool {
        let told = match number {
            Number::Machine(machine) => self.machines.get(machine as usize),
            Number::Node(node) => self.nodes.get(node as usize),
        };
        told.copied().unwrap_or(false) || making_of(rows, number).is_none()
    }
}

/// How a number came about; `None`: it is of the initial state, which everybody has.
fn making_of<W: World>(rows: &Rows<'_, '_, W>, number: Number) -> Option<Making> {
    match number {
        Number::Machine(machine) => rows.making_of_machine(machine),
        Number::Node(node) => rows.making_of_node(node),
    }
}

fn mark(told: &mut Vec<bool>, number: u32) {
    let number = number as usize;
    if number >= told.len() {
        told.resize(number + 1, false);
    }
    told[number] = true;
}

/// What another space's numbers are in this one.
#[derive(Debug)]
pub(crate) struct Incoming {
    machines: Vec<u32>,
    nodes: Vec<u32>,
}

impl Incoming {
    /// Nothing was told yet but the initial state, whose numbers are the same everywhere.
    pub(crate) fn new(actors: usize) -> Self {
        Incoming { machines: vec![0], nodes: (0..actors as u32).collect() }
    }

    /// Reads what another space told, and hands out each state in this space's numbers.
    pub(crate) fn read<W: World>(
        &mut self,
        rows: &mut Rows<'_, '_, W>,
        mut bytes: &[u8],
        found: &mut dyn FnMut(&mut Rows<'_, '_, W>, &[u32]),
    ) {
        let bytes = &mut bytes;
        let mut row = rows.initial();
        while !bytes.is_empty() {
            let kind = take(bytes);
            if kind < STATE {
                self.making(rows, kind, bytes);
                continue;
            }
            row[0] = known(&self.machines, kind - STATE);
            for node in &mut row[1..] {
                *node = match take(bytes) {
                    0 => ROW_KILLED,
                    1 => ROW_ENDED,
                    node => known(&self.nodes, node - u64::from(ALIVE)),
                };
            }
            found(rows, &row);
        }
    }

    fn making<W: World>(&mut self, rows: &mut Rows<'_, '_, W>, kind: u64, bytes: &mut &[u8]) {
        let machine = known(&self.machines, take(bytes));
        let who = take(bytes);
        let number = || u16::try_from(who).expect(FOREIGN);
        let by = match kind {
            STEP => By::Step(known(&self.nodes, who)),
            CRASH => By::Crash(Process(number())),
            END => By::End(Actor(number())),
            _ => By::Fail(Parts(number())),
        };
        let made = rows.make(Making { machine, by }).expect(FOREIGN);
        learn(&mut self.machines, take(bytes), made.machine);
        if kind == STEP {
            learn(&mut self.nodes, take(bytes), made.node.expect(FOREIGN));
        }
    }
}

/// What cannot be where both run one program on one scenario.
const FOREIGN: &str =
    "two processes of a cluster disagree about what a step does: it must be a function of its arguments";

fn known(numbers: &[u32], theirs: u64) -> u32 {
    let ours = usize::try_from(theirs).ok().and_then(|theirs| numbers.get(theirs)).copied();
    ours.filter(|ours| *ours != UNKNOWN).expect(FOREIGN)
}

fn learn(numbers: &mut Vec<u32>, theirs: u64, ours: u32) {
    let theirs = u32::try_from(theirs).expect(FOREIGN) as usize;
    if theirs >= numbers.len() {
        numbers.resize(theirs + 1, UNKNOWN);
    }
    assert!(numbers[theirs] == UNKNOWN || numbers[theirs] == ours, "{FOREIGN}");
    numbers[theirs] = ours;
}

/// Writes a number.
pub(crate) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads a number.
pub(crate) fn take(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("a record is never cut");
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return number;
        }
    }
    panic!("{FOREIGN}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_as_it_was_written() {
        let mut bytes = Vec::new();
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX];
        for number in numbers {
            put(&mut bytes, number);
        }
        let mut rest = &bytes[..];
        assert_eq!(numbers.map(|_| take(&mut rest)), numbers);
        assert!(rest.is_empty());
    }
}
