//! Each of those that can run is equally likely: the control that other strategies are measured against.

use super::Chooser;
use super::draw::{Draw, Role};
use crate::world::Actor;

/// A uniform choice.
pub(crate) struct Uniform(Draw);

impl Uniform {
    pub(crate) fn new(seed: u64, run: u64) -> Self {
        Uniform(Draw::of(seed, run, Role::Schedule))
    }
}

impl Chooser for Uniform {
    fn choose(&mut self, ready: &[Actor], _step: usize) -> Option<Actor> {
        Some(self.0.one_of(ready))
    }
}
