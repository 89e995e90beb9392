//! The packed local states of all actors of a state: the smaller, the faster a search goes. Half a word serves most
//! worlds; a word or several serve the others.

use std::cmp::Ordering;

/// Where a number lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) word: usize,
    pub(crate) shift: u32,
    /// The greatest number that fits.
    pub(crate) mask: u64,
}

impl Field {
    #[inline]
    pub(crate) fn read(self, words: &[u64]) -> u32 {
        (words[self.word] >> self.shift & self.mask) as u32
    }

    #[inline]
    pub(crate) fn write(self, words: &mut [u64], value: u32) {
        let word = &mut words[self.word];
        *word = *word & !(self.mask << self.shift) | u64::from(value) << self.shift;
    }
}

/// Packed local states. They are compared whole; a hash decides where to look and nothing else.
pub(crate) trait Key: Copy + Eq + Send + Sync {
    /// All fields 0.
    const ZERO: Self;
    /// What no state's key is.
    const FREE: Self;

    /// The number in a field.
    fn read(&self, field: Field) -> u32;

    /// Changes the bits of a field in which two numbers differ (their exclusive or).
    fn flip(&mut self, field: Field, bits: u32);

    /// Where to look, by its first bits.
    fn hash(&self) -> u64;

    /// By the first actor's number, then by the second's, and so on.
    fn order(&self, other: &Self) -> Ordering;
}

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

impl Key for u32 {
    const ZERO: Self = 0;
    const FREE: Self = u32::MAX;

    #[inline]
    fn read(&self, field: Field) -> u32 {
        self >> field.shift & field.mask as u32
    }

    #[inline]
    fn flip(&mut self, field: Field, bits: u32) {
        *self ^= bits << field.shift;
    }

    #[inline]
    fn hash(&self) -> u64 {
        u64::from(*self).wrapping_mul(MIX)
    }

    #[inline]
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl<const N: usize> Key for [u64; N] {
    const ZERO: Self = [0; N];
    const FREE: Self = [u64::MAX; N];

    #[inline]
    fn read(&self, field: Field) -> u32 {
        field.read(self)
    }

    #[inline]
    fn flip(&mut self, field: Field, bits: u32) {
        self[field.word] ^= u64::from(bits) << field.shift;
    }

    #[inline]
    fn hash(&self) -> u64 {
        hash(self)
    }

    #[inline]
    fn order(&self, other: &Self) -> Ordering {
        self.iter().rev().cmp(other.iter().rev())
    }
}

/// A hash of some words.
#[inline]
pub(crate) fn hash(words: &[u64]) -> u64 {
    let mut state = 0x2545_f491_4f6c_dd1d;
    for word in words {
        let wide = u128::from(state ^ word) * u128::from(MIX);
        state = wide as u64 ^ (wide >> 64) as u64;
    }
    (state ^ state >> 32).wrapping_mul(MIX)
}
