//! What is known of each machine state: where each actor's next step, and each fault, leads from it, and what is broken
//! in it. A search asks this some times per transition, so it is numbers only, and threads may read it together.
//!
//! A machine's pairs lie beside each other, in small tables of its own: the actors of one state are looked up in one
//! place. Where a state is a machine of its own, hardly anything but these tables is kept of it. So they have no room to
//! spare, and what most local states are, clean and waiting or at an end, takes a single word.

use std::collections::BTreeMap;

/// What is known of a machine and a local state, or of a machine and what fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// The machine that the step leads to, or one of the marks below.
    pub(crate) machine: u32,
    /// The local state that the step leads to.
    pub(crate) node: u32,
}

/// In place of a machine: the step has not been looked at.
pub(crate) const UNKNOWN: u32 = u32::MAX;
/// In place of a machine: the actor has to wait.
pub(crate) const WAITS: u32 = u32::MAX - 1;
/// In place of a machine: nothing ever again; of a crash: nobody to be killed.
pub(crate) const FINISHED: u32 = u32::MAX - 2;

/// Nobody has looked whether something is broken.
pub(crate) const UNJUDGED: u32 = 0;
/// Nothing is broken.
pub(crate) const CLEAN: u32 = 1;
/// The first number of what is broken.
pub(crate) const BROKEN: u32 = 2;

/// Local states' numbers are smaller than this, so that three bits more have room in a word.
pub(crate) const NODES_MAX: u32 = (1 << 29) - 1;

/// A process that is to be killed has this number and more.
pub(crate) const CRASHES: u32 = 1 << 31;

/// The key of an actor that is to die alone has this number and more.
pub(crate) const ENDS: u32 = CRASHES + (1 << 16);

/// The key of a failure of the machine in which some parts are kept has this number and more.
pub(crate) const FAILS: u32 = ENDS + (1 << 16);

/// The key of a change of places, by its number among all, has this number and more.
pub(crate) const SWAPS: u32 = FAILS + (1 << 16);

/// All pairs.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    machines: Vec<OfMachine>,
    /// What is broken, by machine and local state: little ever is.
    broken: BTreeMap<(u32, u32), u32>,
    /// What was found out, in its order: asked again in this order everything gets its number back.
    asked: Asked,
}

/// The pairs of one machine.
#[derive(Debug, Default)]
pub(crate) struct OfMachine {
    /// Where steps and faults lead.
    leads: Leads,
    /// Of local states that were looked at: whether something is broken, and what is to be said of their steps in one word.
    looks: Box<[u32]>,
    looked: u32,
}

/// Nobody has found out where the step leads.
const OPEN: u32 = 0;
/// It is among those that lead somewhere.
const LED: u32 = 1;
/// The actor has to wait.
const STILL: u32 = 2;
/// Nothing ever again.
const OVER: u32 = 3;
/// Something is broken; the step is among those that lead somewhere, or nobody has found out.
const BREAKS: u32 = 4;
/// Bits for one of these; a local state's number is above them.
const LOOK_BITS: u32 = 3;

impl Pairs {
    /// What is known of a machine.
    pub(crate) fn of(&self, machine: u32) -> Option<&OfMachine> {
        self.machines.get(machine as usize)
    }

    /// Where a step or a fault leads; `None` where nobody knows.
    pub(crate) fn get(&self, machine: u32, key: u32) -> Option<Pair> {
        self.of(machine)?.get(key)
    }

    /// [`UNJUDGED`], [`CLEAN`], or the number of what is broken from [`BROKEN`] on.
    pub(crate) fn judged(&self, machine: u32, node: u32) -> u32 {
        self.of(machine).map_or(UNJUDGED, |pairs| pairs.look(self, machine, node).0)
    }

    /// Where a step or a fault leads, which nobody knew yet.
    pub(crate) fn found(&mut self, machine: u32, key: u32, (after, node): (u32, u32)) {
        self.asked.push((machine, key));
        self.of_mut(machine).found(Lead { key, machine: after, node });
    }

    /// Whether something is broken in a machine with a local state; all that there may be at one machine are about `some`.
    pub(crate) fn judge(&mut self, machine: u32, node: u32, judged: u32, some: usize) {
        self.of_mut(machine).judge(node, judged == CLEAN, some);
        if judged != CLEAN {
            self.broken.insert((machine, node), judged);
        }
    }

    /// What was found out, in its order.
    pub(crate) fn asked(&self) -> &Asked {
        &self.asked
    }

    fn of_mut(&mut self, machine: u32) -> &mut OfMachine {
        let machine = machine as usize;
        if machine >= self.machines.len() {
            self.machines.resize_with(machine + 1, OfMachine::default);
        }
        &mut self.machines[machine]
    }
}

impl OfMachine {
    /// Where the step of a local state, or a fault, leads; `None` where nobody knows.
    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<Pair> {
        let look =
            if key < NODES_MAX { self.look_at(key).map_or(LED, |at| self.looks[at] & LOOKS) } else { LED };
        match look {
            OPEN => None,
            STILL => Some(Pair { machine: WAITS, node: 0 }),
            OVER => Some(Pair { machine: FINISHED, node: 0 }),
            _ => self.leads.get(key),
        }
    }

    /// Of the local state of a machine: [`UNJUDGED`], [`CLEAN`], or the number of what is broken from [`BROKEN`] on; and
    /// whether it is known where its step leads.
    #[inline]
    pub(crate) fn look(&self, pairs: &Pairs, machine: u32, node: u32) -> (u32, bool) {
        match self.look_at(node).map(|at| self.looks[at] & LOOKS) {
            Ok(OPEN) => (CLEAN, false),
            Ok(LED | STILL | OVER) => (CLEAN, true),
            Ok(_) => (pairs.broken[&(machine, node)], self.leads.get(node).is_some()),
            Err(_) => (UNJUDGED, self.leads.get(node).is_some()),
        }
    }

    fn found(&mut self, lead: Lead) {
        let look = if lead.key < NODES_MAX { self.look_at(lead.key).ok() } else { None };
        if let Some(look) = look.map(|at| &mut self.looks[at]).filter(|look| **look & LOOKS == OPEN) {
            let says = match lead.machine {
                WAITS => STILL,
                FINISHED => OVER,
                _ => LED,
            };
            *look |= says;
            if says != LED {
                return;
            }
        }
        self.leads.put(lead);
    }

    fn judge(&mut self, node: u32, clean: bool, some: usize) {
        if self.looks.is_empty() {
            self.looks = vec![FREE; roomy(some)].into_boxed_slice();
        } else if is_full(self.looked, self.looks.len()) {
            let more = vec![FREE; grown(self.looks.len())].into_boxed_slice();
            for look in std::mem::replace(&mut self.looks, more) {
                if let Err(Some(at)) = self.look_at(look >> LOOK_BITS) {
                    self.looks[at] = look;
                }
            }
        }
        let led = if self.leads.get(node).is_some() { LED } else { OPEN };
        let look = node << LOOK_BITS | if clean { led } else { BREAKS };
        match self.look_at(node) {
            Ok(at) => self.looks[at] = look,
            Err(at) => {
                self.looks[at.expect("there is room")] = look;
                self.looked += 1;
            }
        }
    }

    /// Where what is known of a local state is; else where it is to be.
    #[inline]
    fn look_at(&self, node: u32) -> Result<usize, Option<usize>> {
        find(node, self.looks.len(), |at| self.looks[at] >> LOOK_BITS, FREE >> LOOK_BITS)
    }
}

/// The bits that say what is known of a local state.
const LOOKS: u32 = (1 << LOOK_BITS) - 1;

/// Where steps and faults lead from one machine, by their keys.
#[derive(Debug, Default)]
pub(crate) struct Leads {
    slots: Box<[Lead]>,
    taken: u32,
}

#[derive(Clone, Copy, Debug)]
struct Lead {
    key: u32,
    machine: u32,
    node: u32,
}

impl Leads {
    /// Where it leads; `None` where nobody knows.
    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<Pair> {
        let at = find(key, self.slots.len(), |at| self.slots[at].key, FREE).ok()?;
        let Lead { machine, node, .. } = self.slots[at];
        Some(Pair { machine, node })
    }

    fn put(&mut self, lead: Lead) {
        if is_full(self.taken, self.slots.len()) {
            let free = Lead { key: FREE, machine: UNKNOWN, node: 0 };
            let more = vec![free; grown(self.slots.len())].into_boxed_slice();
            for lead in std::mem::replace(&mut self.slots, more) {
                if let Err(Some(at)) = self.place(lead.key) {
                    self.slots[at] = lead;
                }
            }
        }
        match self.place(lead.key) {
            Ok(at) => self.slots[at] = lead,
            Err(at) => {
                self.slots[at.expect("there is room")] = lead;
                self.taken += 1;
            }
        }
    }

    fn place(&self, key: u32) -> Result<usize, Option<usize>> {
        find(key, self.slots.len(), |at| self.slots[at].key, FREE)
    }
}

/// What each machine's steps answered, by the numbers of ops: a machine, and the number of an answer or a mark.
#[derive(Debug, Default)]
pub(crate) struct Executed {
    machines: Vec<Leads>,
}

impl Executed {
    /// What came of an op on a machine, if that is remembered.
    pub(crate) fn get(&self, machine: u32, op: u32) -> Option<(u32, u32)> {
        self.machines.get(machine as usize)?.get(op).map(|pair| (pair.machine, pair.node))
    }

    /// Remembers it.
    pub(crate) fn put(&mut self, machine: u32, op: u32, (after, answer): (u32, u32)) {
        let machine = machine as usize;
        if machine >= self.machines.len() {
            self.machines.resize_with(machine + 1, Leads::default);
        }
        self.machines[machine].put(Lead { key: op, machine: after, node: answer });
    }
}

/// A key that nothing has.
const FREE: u32 = u32::MAX;

/// Slots of a table that may all be taken: it is gone through from end to end.
const SHORT: usize = 8;

/// Whether a table grows before the next key.
#[inline]
fn is_full(taken: u32, slots: usize) -> bool {
    if slots <= SHORT { taken as usize == slots } else { 4 * (taken as usize + 1) > 3 * slots }
}

/// Slots of a table after it has grown.
fn grown(slots: usize) -> usize {
    match slots {
        0 => 2,
        1..SHORT => 2 * slots,
        _ => slots + slots / 2,
    }
}

/// Slots that have room for so many keys.
fn roomy(keys: usize) -> usize {
    if keys <= SHORT { keys.max(1) } else { 4 * (keys + 1) / 3 + 1 }
}

/// The slot that has a key, in a table of open addressing; else the one that it is to be put in, if there is one.
#[inline]
fn find(key: u32, slots: usize, key_of: impl Fn(usize) -> u32, free: u32) -> Result<usize, Option<usize>> {
    // Actors' local states come in runs of numbers, which would lie on top of each other.
    let hash = u64::from(key.wrapping_mul(0x9e37_79b1));
    let mut at = ((hash * slots as u64) >> 32) as usize;
    for _ in 0..slots {
        let known = key_of(at);
        if known == key {
            return Ok(at);
        }
        if known == free {
            return Err(Some(at));
        }
        at += 1;
        if at == slots {
            at = 0;
        }
    }
    Err(None)
}

/// What was found out, in its order, as bytes: what comes next is mostly of the same machine, of a local state not far from
/// the last.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    bytes: Vec<u8>,
    len: usize,
    last: Question,
}

/// The machine and the local state that were asked about last: the next are told by how far they are from these.
#[derive(Clone, Copy, Debug, Default)]
struct Question {
    machine: u32,
    node: u32,
}

impl Asked {
    /// How many that are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The first so many: machines and keys.
    pub(crate) fn first(&self, some: usize) -> Vec<(u32, u32)> {
        let mut bytes = self.bytes.iter().copied();
        let mut last = Question::default();
        let next = |_| {
            let told = bytes.next().expect(WRITTEN);
            if told != FAR {
                last.node = moved(last.node, told.into());
                return (last.machine, last.node);
            }
            last.machine = moved(last.machine, read(&mut bytes));
            let told = read(&mut bytes);
            if told & 1 == 1 {
                return (last.machine, CRASHES + (told >> 1) as u32);
            }
            last.node = moved(last.node, told >> 1);
            (last.machine, last.node)
        };
        (0..some).map(next).collect()
    }

    fn push(&mut self, (machine, key): (u32, u32)) {
        self.len += 1;
        let near = distance(self.last.node, key);
        if machine == self.last.machine && key < CRASHES && near < u64::from(FAR) {
            self.bytes.push(near as u8);
            self.last.node = key;
            return;
        }
        self.bytes.push(FAR);
        write(&mut self.bytes, distance(self.last.machine, machine));
        self.last.machine = machine;
        if key < CRASHES {
            write(&mut self.bytes, near << 1);
            self.last.node = key;
        } else {
            write(&mut self.bytes, u64::from(key - CRASHES) << 1 | 1);
        }
    }
}

/// In place of how far a local state of the same machine is from the last: it is told at length.
const FAR: u8 = u8::MAX;

const WRITTEN: &str = "what was written is read";

/// How far it is from one number to another, small where they are near: the sign is the last bit.
fn distance(from: u32, to: u32) -> u64 {
    let distance = i64::from(to) - i64::from(from);
    (distance << 1 ^ distance >> 63).cast_unsigned()
}

fn moved(from: u32, distance: u64) -> u32 {
    let distance = (distance >> 1).cast_signed() ^ -(distance & 1).cast_signed();
    u32::try_from(i64::from(from) + distance).expect(WRITTEN)
}

/// Seven bits a byte, the lowest first; the last has its highest bit clear.
fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read(bytes: &mut impl Iterator<Item = u8>) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes.next().expect(WRITTEN);
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A few thousand numbers that look like nothing.
    fn numbers() -> impl Iterator<Item = u32> {
        std::iter::successors(Some(1_u32), |last| {
            Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
        })
    }

    #[test]
    fn what_was_learnt_of_a_machine_in_any_order_is_known() {
        let mut pairs = Pairs::default();
        let (mut leads, mut judged) = (BTreeMap::new(), BTreeMap::new());
        let mut numbers = numbers().map(|number| number >> 8);
        for _ in 0..4_000 {
            let machine = numbers.next().expect("endless") % 3;
            let key = numbers.next().expect("endless") % 400;
            let key = if key < 300 { key } else { CRASHES + key };
            match numbers.next().expect("endless") % 8 {
                0..4 if !leads.contains_key(&(machine, key)) => {
                    let after = [WAITS, FINISHED, 7, key % 50][key as usize % 4];
                    pairs.found(machine, key, (after, key / 2));
                    leads.insert((machine, key), after);
                }
                4..8 if key < CRASHES && !judged.contains_key(&(machine, key)) => {
                    let broken = if key % 9 == 0 { BROKEN + key } else { CLEAN };
                    pairs.judge(machine, key, broken, 5);
                    judged.insert((machine, key), broken);
                }
                _ => {}
            }
            for machine in 0..4 {
                let led = pairs.get(machine, key).map(|pair| pair.machine);
                assert_eq!(led, leads.get(&(machine, key)).copied());
                let known = judged.get(&(machine, key)).copied().unwrap_or(UNJUDGED);
                if key < CRASHES {
                    assert_eq!(pairs.judged(machine, key), known);
                    let look = pairs.of(machine).map(|of| of.look(&pairs, machine, key));
                    assert_eq!(look.unwrap_or((UNJUDGED, false)), (known, led.is_some()));
                }
            }
        }
        for ((machine, key), after) in &leads {
            let pair = pairs.get(*machine, *key).expect("it was found");
            assert_eq!(pair.machine, *after);
            assert!(*after >= FINISHED || pair.node == key / 2);
        }
        assert!(leads.len() > 800 && judged.len() > 700);
    }

    #[test]
    fn what_was_asked_is_read_in_its_order() {
        let mut asked = Asked::default();
        let mut all = Vec::new();
        for pair in numbers().take(3_000).zip(numbers().skip(1).step_by(2)) {
            let key = if pair.1 % 3 == 0 { CRASHES + pair.1 % 5 } else { pair.1 >> 3 };
            all.push((pair.0 >> (pair.1 % 32), key));
            asked.push(*all.last().expect("just pushed"));
        }
        assert_eq!((asked.len(), asked.first(all.len())), (all.len(), all.clone()));
        assert_eq!(asked.first(10), all[..10]);
    }
}
