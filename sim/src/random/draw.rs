//! Numbers from one stream of a seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of a run is for. Runs are numbered below 2^60.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Who runs.
    Schedule = 0,
    /// What fails, and when.
    Faults = 1,
    /// Which features there are at all.
    Features = 2,
}

/// Draws from one stream of a seed.
#[derive(Clone, Debug)]
pub struct Draw {
    stream: ChaCha8Rng,
}

impl Draw {
    /// Stream `stream` of a seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Draw { stream: generator }
    }

    /// The stream of a run for a role.
    pub(crate) fn of(seed: u64, run: u64, role: Role) -> Self {
        assert!(run < 1 << 60, "runs are numbered below 2^60");
        Self::new(seed, run | (role as u64) << 60)
    }

    /// A number below `bound`, each equally likely (Lemire's method).
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        let reject = bound.wrapping_neg() % bound;
        loop {
            let wide = u128::from(self.stream.next_u64()) * u128::from(bound);
            if wide as u64 >= reject {
                return (wide >> 64) as u64;
            }
        }
    }

    /// One of some things, each equally likely.
    pub fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len() as u64) as usize]
    }
}
