//! The rows that one part of a search keeps: exact, each once, in the order in which they came.
//!
//! A log of rows in segments that never move, and a table of their places by a hash of their numbers, at most three
//! quarters taken. Rows are compared whole.

/// Rows of one segment.
const SEGMENT: usize = 1 << 14;

/// A slot that is free.
const FREE: u32 = u32::MAX;

/// Rows, each with its place.
#[derive(Debug)]
pub(crate) struct Seen {
    width: usize,
    segments: Vec<Vec<u32>>,
    len: usize,
    slots: Vec<u32>,
}

impl Seen {
    /// None yet; each will have so many numbers.
    pub(crate) fn new(width: usize) -> Self {
        Seen { width, segments: Vec::new(), len: 0, slots: vec![FREE; 16] }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes that they take, free room in the table included.
    pub(crate) fn bytes(&self) -> usize {
        (self.segments.len() * SEGMENT * self.width + self.slots.len()) * size_of::<u32>()
    }

    /// The row at a place.
    pub(crate) fn row(&self, place: usize) -> &[u32] {
        &self.segments[place / SEGMENT][place % SEGMENT * self.width..][..self.width]
    }

    /// The place of a row.
    pub(crate) fn find(&self, row: &[u32]) -> Option<usize> {
        let place = self.slots[self.slot(row)];
        (place != FREE).then_some(place as usize)
    }

    /// Adds a row; `false` where it was there.
    pub(crate) fn add(&mut self, row: &[u32]) -> bool {
        if 4 * (self.len + 1) > 3 * self.slots.len() {
            self.slots = vec![FREE; 2 * self.slots.len()];
            for place in 0..self.len {
                let slot = self.slot(self.row(place));
                self.slots[slot] = place as u32;
            }
        }
        let slot = self.slot(row);
        if self.slots[slot] != FREE {
            return false;
        }
        assert!(self.len < FREE as usize, "one process keeps fewer than 4 billion states");
        self.slots[slot] = self.len as u32;
        if self.len.is_multiple_of(SEGMENT) {
            self.segments.push(Vec::with_capacity(SEGMENT * self.width));
        }
        self.segments.last_mut().expect("it was just pushed").extend_from_slice(row);
        self.len += 1;
        true
    }

    /// Where a row is, or is to be.
    fn slot(&self, row: &[u32]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(row) as usize & mask;
        while self.slots[slot] != FREE && self.row(self.slots[slot] as usize) != row {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// A hash of a row's numbers.
pub(crate) fn hash(row: &[u32]) -> u64 {
    let mixed = row.iter().fold(0x2545_f491_4f6c_dd1d_u64, |state, number| {
        let wide = u128::from(state ^ u64::from(*number)) * 0x9e37_79b9_7f4a_7c15_u128;
        wide as u64 ^ (wide >> 64) as u64
    });
    mixed ^ mixed >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_kept_once_and_is_found_where_it_was_put() {
        let mut seen = Seen::new(2);
        let rows: Vec<[u32; 2]> = (0..40_000).map(|number| [number / 7, number % 7 * 1000]).collect();
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(seen.find(row), None);
            assert!(seen.add(row));
            assert!(!seen.add(row));
            assert_eq!(seen.len(), place + 1);
        }
        for (place, row) in rows.iter().enumerate() {
            assert_eq!((seen.find(row), seen.row(place)), (Some(place), &row[..]));
        }
        assert!(seen.bytes() >= 40_000 * 12);
    }
}
