//! States that were told to another part not long ago: to tell them again would be of no use.
//!
//! A small table with one place for each hash, in which the last one counts. What is not in it is told again, and nothing
//! else comes of that.

use crate::seen::hash;

/// Places: a power of two.
const PLACES: usize = 1 << 16;

/// Rows that were told.
#[derive(Debug)]
pub(crate) struct Recent {
    width: usize,
    /// Each place's row; no row begins with a number so large.
    rows: Vec<u32>,
}

impl Recent {
    /// None yet; each will have so many numbers.
    pub(crate) fn new(width: usize) -> Self {
        Recent { width, rows: vec![u32::MAX; PLACES * width] }
    }

    /// Notes that a row is told; `true` where it was not long ago.
    pub(crate) fn was_told(&mut self, row: &[u32]) -> bool {
        let place = hash(row) as usize & (PLACES - 1);
        let known = &mut self.rows[place * self.width..][..self.width];
        if known == row {
            return true;
        }
        known.copy_from_slice(row);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_known_until_another_takes_its_place() {
        let mut recent = Recent::new(2);
        let rows: Vec<[u32; 2]> = (0..3 * PLACES as u32).map(|number| [number, 7]).collect();
        assert!(rows.iter().all(|row| !recent.was_told(row)), "each is told once");
        let known = rows.iter().rev().filter(|row| recent.was_told(&row[..])).count();
        assert!((1000..=PLACES).contains(&known), "{known} of {} are known", rows.len());
    }
}
