//! Every interleaving, breadth first: the first thing found broken is broken by a shortest run.
//!
//! A state is expanded once. Crashes are actions like steps, within a budget. Reaching the bound on states is a verdict
//! of its own, never a pass.
//!
//! Invariants
//! - States are numbered in the order of discovery, so the states of one depth are neighbours: a level is a range.
//! - `Holds` means that the queue ran empty: every state that the limits allow was expanded.

use std::collections::VecDeque;
use std::ops::{Range, RangeInclusive};

use crate::action::Action;
use crate::checkpoint::{Checkpoint, Foreign, Mark, Restored};
pub use crate::limits::Limits;
use crate::packing::{Packing, Size};
use crate::pairs::{BROKEN, FAILS};
use crate::shortest;
use crate::space::{Scene, Space};
use crate::store::{Faults, Full, Known, Missing, Room, Store, store};
use crate::watch::{Asked, Progress, Watch};
use crate::world::World;

mod found;

pub use found::Found;

/// What an exploration found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<P> {
    /// Nothing breaks in any state that can be reached.
    Holds,
    /// A property breaks, by a shortest run.
    Broken(Counterexample<P>),
    /// A bound was reached before an answer, on states unless [`Exploration::out_of_bytes`] or
    /// [`Exploration::stopped`] says otherwise.
    RanOut,
}

/// A shortest run that breaks a property; of those the one with fewest crashes, then fewest switches between actors. Of a
/// space that is symmetric ([`Space::symmetric`]) no run is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample<P> {
    /// What breaks. Where several properties break on shortest runs, the first in their order.
    pub property: P,
    /// What happens; it is broken after the last action.
    pub actions: Vec<Action>,
}

/// The answer of an exploration, and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exploration<P> {
    /// The verdict.
    pub verdict: Verdict<P>,
    /// Distinct states seen.
    pub states: usize,
    /// States that they stand for, themselves included: more where processes may change places ([`Space::symmetric`]) and
    /// all holds.
    pub stand_for: usize,
    /// Actions taken from states that were expanded.
    pub transitions: u64,
    /// Distinct states first seen at each depth.
    pub levels: Vec<usize>,
    /// The probes passed by some transition.
    pub probes: u64,
    /// It was told to stop before it was done.
    pub stopped: bool,
    /// The bound on bytes was reached.
    pub out_of_bytes: bool,
    /// Bytes that the states take, as [`Limits::bytes_max`] counts them.
    pub bytes: usize,
}

/// Explores a world breadth first.
pub fn explore<W: World>(space: &mut Space<'_, W>, limits: &Limits) -> Exploration<W::Property> {
    explore_while(space, limits, &mut |_| true)
}

/// Explores a world breadth first while `go_on`, asked now and then with the number of distinct states so far, says so.
/// Told to stop, the verdict is what is known by then: [`Verdict::RanOut`] unless something has been found broken.
pub fn explore_while<W: World>(
    space: &mut Space<'_, W>,
    limits: &Limits,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Exploration<W::Property> {
    let found = explore_from(space, limits, None, &mut Asked(go_on));
    found.expect("only a checkpoint can be foreign")
}

/// Explores a world breadth first from a checkpoint on, else from the beginning, while somebody watches. The space that a
/// checkpoint is gone on from has to be new, and the limits have to be those of the search that it was made of.
///
/// # Errors
/// [`Foreign`] where the checkpoint is of another world.
pub fn explore_from<W: World>(
    space: &mut Space<'_, W>,
    limits: &Limits,
    from: Option<&Checkpoint>,
    watch: &mut dyn Watch,
) -> Result<Exploration<W::Property>, Foreign> {
    let restored = from.map(|from| from.restore(space)).transpose()?;
    let mut search = Search::new(space, limits, watch, restored);
    let verdict = search.run();
    let states = search.store.len();
    let holds = verdict == Verdict::Holds;
    let stand_for = if holds { search.space.stood_for(&*search.store, &search.packing) } else { states };
    let mut levels: Vec<usize> = search.starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    levels.push(states - search.starts[search.starts.len() - 1]);
    levels.retain(|states| *states > 0);
    Ok(Exploration {
        verdict,
        states,
        stand_for,
        transitions: search.transitions,
        levels,
        probes: search.probes,
        stopped: search.stopped,
        out_of_bytes: search.full == Some(Full::Bytes),
        bytes: search.store.bytes(),
    })
}

struct Search<'s, 'w, W: World> {
    space: &'s mut Space<'w, W>,
    limits: &'s Limits,
    store: Box<dyn Store>,
    packing: Packing,
    faults: Faults,
    actors: usize,
    /// Where each level begins.
    starts: Vec<usize>,
    /// Of the level in work, what has to be found out of steps, each with the state that needs it first.
    unknown: VecDeque<(usize, Missing)>,
    transitions: u64,
    probes: u64,
    wanted: u64,
    /// Per local state, once somebody asked: the probes that its step could pass.
    ahead: Vec<Option<u64>>,
    watch: &'s mut dyn Watch,
    /// The search when the level in work began; `None` once something is broken.
    mark: Option<Mark>,
    stopped: bool,
    full: Option<Full>,
}

impl<'s, 'w, W: World> Search<'s, 'w, W> {
    fn new(
        space: &'s mut Space<'w, W>,
        limits: &'s Limits,
        watch: &'s mut dyn Watch,
        restored: Option<Restored>,
    ) -> Self {
        let cast = space.world().cast();
        let of = |process| {
            let actors = cast.actors().filter(move |actor| cast.process_of(*actor) == process);
            (actors.map(crate::world::Actor::index).collect(), limits.may_crash(process, 0))
        };
        let faults = Faults {
            crashes_max: limits.crashes_max,
            processes: cast.processes().map(of).collect(),
            ends_max: limits.ends_max,
            may_end: cast.actors().map(|actor| limits.may_end(cast.process_of(actor), 0)).collect(),
            fails: limits.ways_to_fail(cast).map(|kept| FAILS + u32::from(kept.0)).collect(),
        };
        let actors = cast.actors().len();
        let Restored { store, packing, starts, transitions, probes } =
            restored.unwrap_or_else(|| Restored::beginning(space, actors));
        let wanted = space.world().probes_wanted();
        Search {
            space,
            limits,
            store,
            packing,
            faults,
            actors,
            starts,
            unknown: VecDeque::new(),
            transitions,
            probes,
            wanted,
            ahead: Vec::new(),
            watch,
            mark: None,
            stopped: false,
            full: None,
        }
    }

    fn run(&mut self) -> Verdict<W::Property> {
        let mut depth = self.starts.len() - 1;
        self.look(self.starts[depth], false);
        let initial = self.space.initial().0.clone();
        let broken = self.space.broken_in(&initial);
        let mut found = broken.map(|broken| Found { property: self.or_still(broken, 0), depth: 0 });
        assert!(found.is_none() || depth == 0, "a search that goes on has found nothing broken yet");
        while self.starts[depth] < self.store.len() && (found.is_none() || self.limits.whole_graph) {
            let end = self.store.len();
            let judging = found.is_none();
            self.mark = judging.then(|| self.mark());
            if self.watch.wants_checkpoint(end, false) {
                self.keep();
            }
            let mut seen = self.expand(self.starts[depth]..end, judging);
            self.starts.push(end);
            self.store.sort(end..self.store.len());
            seen.broken = [seen.broken, self.look(end, judging)].into_iter().flatten().min();
            if found.is_none() {
                found = Found::by(depth, seen.still, seen.broken, |broken| self.or_still(broken, end));
            }
            if !seen.complete {
                // What breaks already is broken all the same.
                return found.map_or(Verdict::RanOut, |found| self.counterexample(&found));
            }
            depth += 1;
        }
        found.map_or(Verdict::Holds, |found| self.counterexample(&found))
    }

    /// Expands a level; `judging`: none of its states breaks anything, and it matters whether their successors do.
    fn expand(&mut self, level: Range<usize>, judging: bool) -> Seen<W::Property> {
        let mut seen = Seen { broken: None, still: None, complete: true };
        let block = (level.len() / BLOCKS).clamp(*BLOCK.start(), *BLOCK.end());
        for start in level.clone().step_by(block) {
            let states = self.store.len();
            if !self.watch.go_on(self.progress(&level, start)) {
                self.stopped = true;
                if seen.complete {
                    self.add(&mut seen);
                }
                seen.complete = false;
                if self.watch.wants_checkpoint(states, true) {
                    self.keep();
                }
                return seen;
            }
            let block = start..level.end.min(start + block);
            for (state, waiting) in self.follow(block.clone(), level.len(), &mut seen) {
                if judging {
                    let still = self.space.still_breaks(&self.row(state), waiting);
                    seen.still = [seen.still, still].into_iter().flatten().min();
                }
            }
            if seen.complete {
                self.watch(block, judging, &mut seen);
            } else {
                self.store.forget();
            }
        }
        if seen.complete {
            self.add(&mut seen);
        }
        seen
    }

    /// How far a search is that has expanded the states of a level before `next`.
    fn progress(&self, level: &Range<usize>, next: usize) -> Progress {
        let depth = self.starts.len() - 1;
        Progress {
            states: self.store.len(),
            depth,
            level: level.len(),
            expanded: next - level.start,
            level_before: depth.checked_sub(1).map_or(0, |before| level.start - self.starts[before]),
        }
    }

    /// What tells the search now, at the beginning of a level, from what it will be.
    fn mark(&self) -> Mark {
        Mark {
            asked: self.space.pairs().asked().len(),
            nodes: self.space.discovered().locals,
            states: self.store.len(),
            widths: self.packing.widths(),
            starts: self.starts.len(),
            transitions: self.transitions,
            probes: self.probes,
        }
    }

    /// Hands out the search as it was when the level in work began.
    fn keep(&mut self) {
        if let Some(mark) = &self.mark {
            let seen = (&*self.store, &self.packing, &self.starts[..]);
            self.watch.keep(Checkpoint::of(self.space, seen, mark));
        }
    }

    /// Finds where the actions lead that can happen in a block of states. Those in which nobody can run, and whether
    /// somebody waits.
    fn follow(
        &mut self,
        block: Range<usize>,
        level: usize,
        seen: &mut Seen<W::Property>,
    ) -> Vec<(u32, bool)> {
        let (store, known) = self.store_and_known(level);
        let faults = store.missing(known, block.clone());
        let steps = self.unknown.partition_point(|(state, _)| *state < block.end);
        let steps = self.unknown.drain(..steps).map(|(_, missing)| missing);
        for (machine, key) in steps.chain(faults) {
            self.space.find_out(machine, key);
        }
        self.make_room(level, seen);
        loop {
            let (store, known) = self.store_and_known(level);
            let unsettled = store.unsettled(known, block.clone());
            if unsettled.is_empty() {
                break;
            }
            for (machine, key) in unsettled {
                self.space.find_out(machine, key);
            }
            self.make_room(level, seen);
        }
        let (store, known) = self.store_and_known(level);
        store.expand(known, block)
    }

    fn store_and_known(&mut self, level: usize) -> (&mut dyn Store, Known<'_>) {
        let known = Known {
            pairs: self.space.pairs(),
            packing: &self.packing,
            faults: &self.faults,
            symmetry: self.space.symmetry.as_ref(),
            jobs: self.limits.jobs,
            level,
        };
        (&mut *self.store, known)
    }

    /// Takes into account what the space has found out, and packs anew where its numbers do not fit any more.
    fn make_room(&mut self, level: usize, seen: &mut Seen<W::Property>) {
        let known = self.packing.known();
        let fits = self.packing.learn(self.space.machines(), self.space.owners(known));
        let (seen_so_far, known) = self.store_and_known(level);
        if !fits || seen_so_far.must_add(known) {
            self.add(seen);
        }
        if !fits {
            let mut wider = self.packing.clone();
            wider.lay_out();
            let narrow = std::mem::replace(&mut self.store, store(Size::Half));
            self.store = narrow.repacked(&self.packing, &wider, self.actors);
            self.packing = wider;
        }
    }

    /// Shows the transitions from a block of states to who asks about each: probes, and what steps break by being
    /// taken.
    fn watch(&mut self, block: Range<usize>, judging: bool, seen: &mut Seen<W::Property>) {
        let judging = judging && self.space.world().judges_steps();
        let by_faults = self.space.world().probes_ahead(None);
        let mut after = vec![0; 1 + self.actors];
        for state in block {
            let missing = self.wanted & !self.probes;
            if missing == 0 && !judging {
                return;
            }
            let before = self.row(state as u32);
            let faults = if missing & by_faults != 0 || self.space.twice {
                shortest::faults(self.space, self.limits, &before)
            } else {
                Vec::new()
            };
            let steps = self.space.world().cast().actors().map(Action::Step);
            for action in steps.chain(faults) {
                let ahead = match action {
                    Action::Step(actor) => self.probes_ahead(before[1 + actor.index()]),
                    Action::Crash(_) | Action::End(_) | Action::Fail(_) => by_faults,
                };
                let probing = self.wanted & !self.probes & ahead != 0 || self.space.twice;
                if !probing && !judging {
                    continue;
                }
                after.copy_from_slice(&before);
                if !self.space.apply_to(&mut after, action) {
                    continue;
                }
                if probing {
                    let scene = Scene { space: self.space, before: &before, action, after: &after };
                    let passed = self.space.world().probes(&scene) & self.wanted;
                    assert!(passed & !ahead == 0, "{action:?} passes probes that were said not to be ahead");
                    self.probes |= passed;
                }
                if judging {
                    let by_step = self.space.step_breaks(&before, action, &after);
                    seen.broken = [seen.broken, by_step].into_iter().flatten().min();
                }
            }
        }
    }

    /// What the step from a local state could pass, whatever else is so ([`World::probes_ahead`]).
    fn probes_ahead(&mut self, node: u32) -> u64 {
        let Some(standing) = self.space.standing_at(node) else { return 0 };
        let node = node as usize;
        if node >= self.ahead.len() {
            self.ahead.resize(self.space.discovered().locals, None);
        }
        *self.ahead[node].get_or_insert_with(|| self.space.world().probes_ahead(Some(&standing)))
    }

    /// Numbers where the actions led. Where there is no room for all the level is not complete.
    fn add(&mut self, seen: &mut Seen<W::Property>) {
        let room = Room { states_max: self.limits.states_max, bytes_max: self.limits.bytes_max };
        let (transitions, full) = self.store.add(room, self.limits.jobs);
        self.transitions += transitions;
        if full.is_some() {
            self.full = full;
            seen.complete = false;
        }
    }

    /// Looks what is known of the states from `first` on; `judging`: and what is broken there.
    fn look(&mut self, first: usize, judging: bool) -> Option<W::Property> {
        let states = first..self.store.len();
        let (store, known) = self.store_and_known(states.len());
        let looked = store.look(known, states);
        self.unknown = looked.steps.into();
        if !judging {
            return None;
        }
        let mut broken = looked.broken;
        broken.extend(looked.unjudged.into_iter().map(|(machine, node)| self.space.look(machine, node)));
        let broken = broken.into_iter().filter(|number| *number >= BROKEN);
        broken.map(|number| self.space.property(number)).min()
    }

    /// A state as a row.
    fn row(&self, state: u32) -> Box<[u32]> {
        let mut row = vec![0; 1 + self.actors].into_boxed_slice();
        self.store.row(&self.packing, state, &mut row);
        row
    }
}

/// States that are expanded together: several jobs do not have to wait for each other too often, nor whoever watches.
const BLOCK: RangeInclusive<usize> = 1 << 13..=1 << 15;

/// Blocks of a level, if it is neither small nor very large.
const BLOCKS: usize = 8;

/// What the expansion of a level saw.
struct Seen<P> {
    /// The first property, in order, that a state of the next level breaks.
    broken: Option<P>,
    /// The first property, in order, that a state of this level breaks in which nobody can run.
    still: Option<P>,
    /// Every successor is numbered; else the bound was reached, and only states in which nobody can run were looked
    /// for from there on.
    complete: bool,
}
