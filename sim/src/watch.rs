//! Who watches a search: how far it is, whether it is to go on, and what is kept of it.

use crate::checkpoint::Checkpoint;

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Distinct states so far.
    pub states: usize,
    /// Actions from the beginning to the states that are expanded now.
    pub depth: usize,
    /// States at that depth.
    pub level: usize,
    /// How many of them were expanded.
    pub expanded: usize,
    /// States at the depth before; 0 in the beginning.
    pub level_before: usize,
}

/// Who watches a search. What it answers must not depend on a clock where results are to be compared.
pub trait Watch {
    /// Asked now and then whether to go on. Told to stop, a search ends with what is known by then.
    fn go_on(&mut self, progress: Progress) -> bool;

    /// Whether a checkpoint is wanted now: asked before each level with the number of states, and once more, `stopping`,
    /// where [`Watch::go_on`] said no.
    fn wants_checkpoint(&mut self, _states: usize, _stopping: bool) -> bool {
        false
    }

    /// Is given what it wanted. Stopped in the middle of a level, a search is kept as it was when that level began.
    fn keep(&mut self, _checkpoint: Checkpoint) {}
}

/// Asked with the number of states, and keeps nothing.
pub(crate) struct Asked<'a>(pub(crate) &'a mut dyn FnMut(usize) -> bool);

impl Watch for Asked<'_> {
    fn go_on(&mut self, progress: Progress) -> bool {
        (self.0)(progress.states)
    }
}
