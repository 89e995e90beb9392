//! A global state in as few bits as its numbers need: the machine's number, and a key with one field for each actor.
//!
//! An actor's local states are numbered for itself, 0 being that of an actor that was killed and 1 that of one that died
//! alone. Fields get all the room that half a word has, or a word; where that is not enough, several words. A number that
//! outgrows its field asks for another packing, and all that was packed before is packed anew.
//!
//! Invariants
//! - Two states are equal exactly when their machines and their keys are.
//! - The first actor's field is never all ones, so a key of ones is no state's.

use crate::key::{Field, Key};
use crate::space::{ENDED, KILLED};
use crate::world::Actor;

/// How states are packed.
#[derive(Clone, Debug)]
pub(crate) struct Packing {
    /// Each actor's.
    fields: Vec<Field>,
    size: Size,
    /// Per local state of the space: its number among its actor's.
    local: Vec<u32>,
    /// Per actor: its local states, the marks of the dead first.
    nodes: Vec<Vec<u32>>,
    machines: usize,
}

/// What is asked for of an actor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane<'a> {
    /// Where its number lies.
    pub(crate) field: Field,
    /// Its local states.
    pub(crate) nodes: &'a [u32],
    /// Where they begin among those of all actors together.
    pub(crate) first: usize,
}

/// How large a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Half,
    Words(usize),
}

/// Bits of the machine's number.
const MACHINE_BITS: u32 = u32::BITS;

impl Packing {
    /// For so many actors, with nothing known yet.
    pub(crate) fn new(actors: usize) -> Self {
        let mut packing = Packing {
            fields: Vec::new(),
            size: Size::Half,
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
        packing.place(&widths[1..]);
        packing
    }

    /// Bits of each field, the machine's first.
    pub(crate) fn widths(&self) -> Vec<u32> {
        let actors = self.fields.iter().map(|field| field.mask.count_ones());
        std::iter::once(MACHINE_BITS).chain(actors).collect()
    }

    /// How large a key is.
    pub(crate) fn size(&self) -> Size {
        self.size
    }

    /// Words of a state that is written.
    pub(crate) fn words(&self) -> usize {
        match self.size {
            Size::Half => 1,
            Size::Words(words) => 1 + words,
        }
    }

    /// Machines that are taken into account.
    pub(crate) fn machines(&self) -> usize {
        self.machines
    }

    /// Takes local states and machines into account that were found since. `false`: they do not fit, and
    /// [`Packing::lay_out`] is needed.
    pub(crate) fn learn(&mut self, machines: usize, owners: impl Iterator<Item = Actor>) -> bool {
        assert!(machines < u32::MAX as usize, "fewer than 4 billion machines");
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

    /// The greatest number of each field. The first one's is one more than any has.
    fn needs(&self) -> impl Iterator<Item = u64> {
        self.nodes.iter().enumerate().map(|(actor, nodes)| nodes.len() as u64 - u64::from(actor > 0))
    }

    /// Gives every number a field with room to spare.
    pub(crate) fn lay_out(&mut self) {
        let mut bits: Vec<u32> =
            self.needs().map(|greatest| (64 - greatest.leading_zeros()).max(1)).collect();
        let fields = bits.len();
        let needed: u32 = bits.iter().sum();
        if needed <= u64::BITS {
            let mut spare = if needed <= u32::BITS { u32::BITS - needed } else { u64::BITS - needed };
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
        // The first actor comes last, so that keys in ascending order are ordered by its number first.
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
        self.size = if word == 0 && shift <= u32::BITS { Size::Half } else { Size::Words(word + 1) };
    }

    /// Per actor: where its number lies, and its local states.
    fn fields(&self) -> impl Iterator<Item = (Field, &[u32])> {
        self.fields.iter().copied().zip(self.nodes.iter().map(Vec::as_slice))
    }

    /// What is asked for of every actor of every state.
    pub(crate) fn lanes(&self) -> Vec<Lane<'_>> {
        let mut first = 0;
        let lane = |(field, nodes): (Field, _)| {
            first += <[u32]>::len(nodes);
            Lane { field, nodes, first: first - nodes.len() }
        };
        self.fields().map(lane).collect()
    }

    /// Local states of all actors together, each actor's marks of the dead among them.
    pub(crate) fn locals(&self) -> usize {
        self.nodes.iter().map(Vec::len).sum()
    }

    /// The number of a local state among its actor's.
    #[inline]
    pub(crate) fn local(&self, node: u32) -> u32 {
        dead(node).unwrap_or_else(|| self.local[node as usize])
    }

    /// Whether an actor of a packed state was killed.
    #[inline]
    pub(crate) fn is_killed(&self, key: &impl Key, actor: usize) -> bool {
        key.read(self.fields[actor]) == 0
    }

    /// Whether an actor of a packed state died alone.
    #[inline]
    pub(crate) fn is_ended(&self, key: &impl Key, actor: usize) -> bool {
        key.read(self.fields[actor]) == 1
    }

    /// Moves an actor.
    #[inline]
    pub(crate) fn set_actor(&self, key: &mut impl Key, actor: usize, node: u32) {
        let field = self.fields[actor];
        let now = key.read(field);
        key.flip(field, now ^ self.local(node));
    }

    /// Whether a row can be packed: what was found out after the last [`Packing::learn`] is in no state that was.
    pub(crate) fn can_pack(&self, row: &[u32]) -> bool {
        let local = |node: &u32| dead(*node).or_else(|| self.local.get(*node as usize).copied());
        let numbers = row[1..].iter().map(local);
        numbers
            .zip(&self.fields)
            .all(|(number, field)| number.is_some_and(|number| u64::from(number) <= field.mask))
    }

    /// Packs a row: its machine, and its key.
    pub(crate) fn pack<K: Key>(&self, row: &[u32]) -> (u32, K) {
        let mut key = K::ZERO;
        for (node, field) in row[1..].iter().zip(&self.fields) {
            key.flip(*field, self.local(*node));
        }
        (row[0], key)
    }

    /// Unpacks a row.
    pub(crate) fn unpack(&self, machine: u32, key: &impl Key, row: &mut [u32]) {
        row[0] = machine;
        for (slot, (field, nodes)) in row[1..].iter_mut().zip(self.fields()) {
            *slot = nodes[key.read(field) as usize];
        }
    }

    /// Writes a row as words: the machine and a key of half a word in one.
    pub(crate) fn write(&self, row: &[u32], words: &mut [u64]) {
        words.fill(0);
        for (node, field) in row[1..].iter().zip(&self.fields) {
            field.write(words, self.local(*node));
        }
        *words.last_mut().expect("a state takes a word at least") |= u64::from(row[0]) << MACHINE_BITS;
    }

    /// Reads a row that was written; `None` where it has numbers that are not known.
    pub(crate) fn read(&self, words: &[u64], row: &mut [u32]) -> Option<()> {
        row[0] = (words.last()? >> MACHINE_BITS) as u32;
        if row[0] as usize >= self.machines {
            return None;
        }
        for (slot, (field, nodes)) in row[1..].iter_mut().zip(self.fields()) {
            *slot = *nodes.get(field.read(words) as usize)?;
        }
        Some(())
    }
}

/// The number of a mark of the dead.
#[inline]
fn dead(node: u32) -> Option<u32> {
    (node >= ENDED).then(|| KILLED - node)
}
