//! What is known of each machine state: where each actor's next step, and each fault, leads from it, and what is broken
//! in it. A search asks this some times per transition, so it is numbers only, and threads may read it together.
//!
//! A machine's pairs lie beside each other, in a small table of its own: the actors of one state are looked up in one
//! place.

/// What is known of a machine and a local state, or of a machine and a process that is to be killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    key: u32,
    /// The machine that the step leads to, or one of the marks below.
    pub(crate) machine: u32,
    /// The local state that the step leads to.
    pub(crate) node: u32,
    /// [`UNJUDGED`], [`CLEAN`], or the number of what is broken from [`BROKEN`] on.
    pub(crate) judged: u32,
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

/// Local states' numbers are smaller than this; a process that is to be killed has this number and more.
pub(crate) const CRASHES: u32 = 1 << 31;

/// The key of an actor that is to die alone has this number and more.
pub(crate) const ENDS: u32 = CRASHES + (1 << 16);

/// The key of a failure of the machine in which some parts are kept has this number and more.
pub(crate) const FAILS: u32 = ENDS + (1 << 16);

/// The key of a change of places, by its number among all, has this number and more.
pub(crate) const SWAPS: u32 = FAILS + (1 << 16);

/// A key that no pair has.
const FREE: u32 = u32::MAX;

/// All pairs.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    machines: Vec<OfMachine>,
    /// What was found out, in its order: asked again in this order everything gets its number back.
    asked: Vec<(u32, u32)>,
}

/// The pairs of one machine: open addressing, at most three quarters taken.
#[derive(Debug, Default)]
pub(crate) struct OfMachine {
    slots: Box<[Pair]>,
    taken: usize,
}

impl Pairs {
    /// What is known of a machine.
    pub(crate) fn of(&self, machine: u32) -> Option<&OfMachine> {
        self.machines.get(machine as usize)
    }

    /// What is known of a pair.
    pub(crate) fn get(&self, machine: u32, key: u32) -> Option<&Pair> {
        self.of(machine)?.get(key)
    }

    /// Where a step or a crash leads, which nobody knew yet.
    pub(crate) fn found(&mut self, machine: u32, key: u32, (after, node): (u32, u32)) {
        self.asked.push((machine, key));
        let pair = self.learn(machine, key);
        (pair.machine, pair.node) = (after, node);
    }

    /// What was found out, in its order.
    pub(crate) fn asked(&self) -> &[(u32, u32)] {
        &self.asked
    }

    /// What is known of a pair, to be added to.
    pub(crate) fn learn(&mut self, machine: u32, key: u32) -> &mut Pair {
        let machine = machine as usize;
        if machine >= self.machines.len() {
            self.machines.resize_with(machine + 1, OfMachine::default);
        }
        self.machines[machine].learn(key)
    }
}

impl OfMachine {
    /// What is known of a local state or of a process that is to be killed.
    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<&Pair> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = place(key) & mask;
        loop {
            // An empty table has no slot at all.
            let pair = self.slots.get(at)?;
            if pair.key == key {
                return Some(pair);
            }
            if pair.key == FREE {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    fn learn(&mut self, key: u32) -> &mut Pair {
        if 4 * (self.taken + 1) > 3 * self.slots.len() {
            let twice = (2 * self.slots.len()).max(4);
            let free = Pair { key: FREE, machine: UNKNOWN, node: 0, judged: UNJUDGED };
            let slots = std::mem::replace(&mut self.slots, vec![free; twice].into_boxed_slice());
            for pair in slots.iter().filter(|pair| pair.key != FREE) {
                let at = self.slot(pair.key);
                self.slots[at] = *pair;
            }
        }
        let at = self.slot(key);
        if self.slots[at].key == FREE {
            self.slots[at].key = key;
            self.taken += 1;
        }
        &mut self.slots[at]
    }

    /// Where a key is, or is to be.
    fn slot(&self, key: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = place(key) & mask;
        while self.slots[at].key != key && self.slots[at].key != FREE {
            at = (at + 1) & mask;
        }
        at
    }
}

/// Where to look first. Actors' local states come in runs of numbers, which would lie on top of each other.
#[inline]
fn place(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> 15) as usize
}
