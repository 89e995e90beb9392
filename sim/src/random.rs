//! One run drawn from a seed.
//!
//! A seed is a stable name: run `n` of seed `s` is the same on every machine and in every version (a test pins it).
//! Each run has a ChaCha stream of its own, so run 17 needs no draw of runs 0 to 16.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::action::Action;
use crate::explore::{Limits, crashable};
use crate::replay::{Runner, Trace};
use crate::space::{Readiness, Space};
use crate::world::World;

/// One action in so many is a crash, while the budget lasts.
const CRASH_ONE_IN: u64 = 32;

/// Draws which action comes next, uniformly among the actors that can run, until something breaks or all is done. Where
/// nobody can run but somebody could be killed, the draw that decides on a crash decides whether the run goes on.
pub fn run<W: World>(space: &mut Space<'_, W>, limits: &Limits, seed: u64, run: u64) -> Trace<W::Property> {
    let mut draw = Draw::new(seed, run);
    let mut runner = Runner::new(space);
    let mut crashes = 0;
    while !runner.is_broken() {
        let cast = runner.space.world().cast();
        let machine = runner.space.machine(&runner.now);
        let victims = cast.processes().filter(|process| crashable::<W>(machine, limits, crashes, *process));
        let victims: Vec<Action> = victims.map(Action::Crash).collect();
        let mut steps = Vec::new();
        for actor in cast.actors() {
            if runner.space.readiness(&runner.now, actor) == Readiness::Ready {
                steps.push(Action::Step(actor));
            }
        }
        if steps.is_empty() && (victims.is_empty() || runner.is_stuck()) {
            break;
        }
        let crash = !victims.is_empty() && draw.below(CRASH_ONE_IN) == 0;
        if steps.is_empty() && !crash {
            break;
        }
        let action = draw.one_of(if crash { &victims } else { &steps });
        crashes += usize::from(crash);
        if !runner.take(action) {
            break;
        }
    }
    runner.finish()
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

    fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len() as u64) as usize]
    }
}
