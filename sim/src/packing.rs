//! A global state in as few bits as its numbers need: one field for the machine and one for each actor.
//!
//! An actor's local states are numbered for itself, 0 being that of an actor that was
//! killed and 1 that of one that died alone. Fields get all the room
//! that one word has; where that is not enough, several words. A number that outgrows its field asks for another
//! packing, and all that was packed before is packed anew.
//!
//! Invariants
//! - Two states are equal exactly when their packed forms are.
//! - The machine's field is never all ones, so a key of ones is no state.

use crate::space::{ENDED, KILLED};
use crate::world::Actor;

/// Where a number lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    word: usize,
    shift: u32,
    /// The greatest number that fits.
    mask: u64,
}

/// How states are packed.
#[derive(Clone, Debug)]
pub(crate) struct Packing {
    /// The machine's field, then each actor's.
    fields: Vec<Field>,
    words: usize,
    /// Per local state of the space: its number among its actor's.
    local: Vec<u32>,
    /// Per actor: its local states, the marks of the dead first.
    nodes: Vec<Vec<u32>>,
    machines: usize,
}

impl Packing {
    /// For so many actors, with nothing known yet.
    pub(crate) fn new(actors: usize) -> Self {
        let mut packing = Packing {
            fields: Vec::new(),
            words: 1,
            local: Vec::new(),
            nodes: vec![vec![KILLED, ENDED]; actors],
            machines: 0,
        };
        packing.lay_out();
        packing
    }

    /// With fields of so many bits, the machine's first, and nothing known yet.
    pub(crate) fn of_widths(widths: &[u32]) -> Self {
        let mut packing = Packing::new(widths.len() - 1);
        packing.place(widths);
        packing
    }

    /// Bits of each field, the machine's first.
    pub(crate) fn widths(&self) -> Vec<u32> {
        self.fields.iter().map(|field| field.mask.count_ones()).collect()
    }

    /// Words of a packed state.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Takes local states and machines into account that were found since. `false`: they do not fit, and
    /// [`Packing::lay_out`] is needed.
    pub(crate) fn learn(&mut self, machines: usize, owners: impl Iterator<Item = Actor>) -> bool {
        self.machines = machines;
        for owner in owners {
            let nodes = &mut self.nodes[owner.index()];
            let node = u32::try_from(self.local.len()).expect("local states have numbers of 32 bits");
            self.local.push(u32::try_from(nodes.len()).expect("local states have numbers of 32 bits"));
            nodes.push(node);
        }
        self.needs().zip(&self.fields).all(|(greatest, field)| greatest <= field.mask)
    }

    /// Local states that are taken into account.
    pub(crate) fn known(&self) -> usize {
        self.local.len()
    }

    /// The greatest number of each field. The machine's is one more than any has.
    fn needs(&self) -> impl Iterator<Item = u64> {
        let actors = self.nodes.iter().map(|nodes| nodes.len() as u64 - 1);
        std::iter::once(self.machines as u64).chain(actors)
    }

    /// Gives every number a field with room to spare.
    pub(crate) fn lay_out(&mut self) {
        let mut bits: Vec<u32> =
            self.needs().map(|greatest| (64 - greatest.leading_zeros()).max(1)).collect();
        let fields = bits.len();
        let needed: u32 = bits.iter().sum();
        if needed <= u64::BITS {
            let mut spare = u64::BITS - needed;
            for at in (0..fields).cycle().take(32 * fields) {
                let more = u32::from(spare > 0 && bits[at] < u32::BITS);
                bits[at] += more;
                spare -= more;
            }
        } else {
            for bits in &mut bits {
                *bits = (*bits + 2).min(u32::BITS);
            }
        }
        self.place(&bits);
    }

    /// Gives each field its place.
    fn place(&mut self, bits: &[u32]) {
        // The machine comes last, so that states in ascending order are ordered by their machines first.
        let (mut word, mut shift) = (0, 0);
        self.fields.clear();
        for bits in bits.iter().rev() {
            if shift + bits > u64::BITS {
                (word, shift) = (word + 1, 0);
            }
            self.fields.push(Field { word, shift, mask: (1 << bits) - 1 });
            shift += bits;
        }
        self.fields.reverse();
        self.words = word + 1;
    }

    #[inline]
    fn read(field: Field, key: &[u64]) -> u32 {
        (key[field.word] >> field.shift & field.mask) as u32
    }

    #[inline]
    fn write(field: Field, key: &mut [u64], value: u32) {
        let word = &mut key[field.word];
        *word = *word & !(field.mask << field.shift) | u64::from(value) << field.shift;
    }

    /// The machine of a packed state.
    #[inline]
    pub(crate) fn machine(&self, key: &[u64]) -> u32 {
        Self::read(self.fields[0], key)
    }

    /// Where each actor stands in a packed state.
    #[inline]
    pub(crate) fn actors<'a>(&'a self, key: &'a [u64]) -> impl Iterator<Item = u32> + 'a {
        let fields = self.fields[1..].iter().zip(&self.nodes);
        fields.map(|(field, nodes)| nodes[Self::read(*field, key) as usize])
    }

    /// Whether an actor of a packed state was killed.
    #[inline]
    pub(crate) fn is_killed(&self, key: &[u64], actor: usize) -> bool {
        Self::read(self.fields[1 + actor], key) == 0
    }

    /// Whether an actor of a packed state died alone.
    #[inline]
    pub(crate) fn is_ended(&self, key: &[u64], actor: usize) -> bool {
        Self::read(self.fields[1 + actor], key) == 1
    }

    /// Puts another machine in.
    #[inline]
    pub(crate) fn set_machine(&self, key: &mut [u64], machine: u32) {
        Self::write(self.fields[0], key, machine);
    }

    /// Moves an actor.
    #[inline]
    pub(crate) fn set_actor(&self, key: &mut [u64], actor: usize, node: u32) {
        let local = dead(node).unwrap_or_else(|| self.local[node as usize]);
        Self::write(self.fields[1 + actor], key, local);
    }

    /// Whether a row can be packed: what was found out after the last [`Packing::learn`] is in no state that was.
    pub(crate) fn can_pack(&self, row: &[u32]) -> bool {
        let local = |node: &u32| dead(*node).or_else(|| self.local.get(*node as usize).copied());
        let numbers = std::iter::once(Some(row[0])).chain(row[1..].iter().map(local));
        numbers
            .zip(&self.fields)
            .all(|(number, field)| number.is_some_and(|number| u64::from(number) <= field.mask))
    }

    /// Packs a row.
    pub(crate) fn pack(&self, row: &[u32], key: &mut [u64]) {
        key.fill(0);
        self.set_machine(key, row[0]);
        for (actor, node) in row[1..].iter().enumerate() {
            self.set_actor(key, actor, *node);
        }
    }

    /// Whether a packed state has numbers only that are known.
    pub(crate) fn has(&self, key: &[u64]) -> bool {
        let local = |(field, nodes): (&Field, &Vec<u32>)| (Self::read(*field, key) as usize) < nodes.len();
        (self.machine(key) as usize) < self.machines && self.fields[1..].iter().zip(&self.nodes).all(local)
    }

    /// Unpacks a row.
    pub(crate) fn unpack(&self, key: &[u64], row: &mut [u32]) {
        row[0] = self.machine(key);
        for (slot, node) in row[1..].iter_mut().zip(self.actors(key)) {
            *slot = node;
        }
    }
}

/// The number of a mark of the dead.
#[inline]
fn dead(node: u32) -> Option<u32> {
    (node >= ENDED).then(|| KILLED - node)
}
