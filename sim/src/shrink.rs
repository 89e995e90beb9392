//! A run that shows something, made easier to read: fewer crashes, fewer switches between actors, fewer steps.
//!
//! Where the whole graph can be searched, [`crate::explore`] gives a least counterexample at once; this is for runs that
//! were drawn, in worlds too large for that. Whether a changed run still shows the same is the caller's to say.
//!
//! Always holds
//! - The result is a function of the world, the run and the answers. It never costs more attempts than allowed.
//! - Unless attempts ran out, no single change of the passes below can be made any more: no turn can be left out, moved
//!   forward or back to where its actor ran last or runs next, and no turn can be cut by a step from its end.

use crate::action::Action;
use crate::replay::Trace;
use crate::space::{Space, State};
use crate::world::{Actor, World};

/// A shrunk run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// What happens.
    pub actions: Vec<Action>,
    /// Attempts that were made.
    pub attempts: usize,
    /// Whether attempts ran out: then it is the best so far.
    pub cut: bool,
}

/// What a run costs a reader: faults, switches, steps.
pub fn cost(actions: &[Action]) -> (usize, usize, usize) {
    let crashes = actions.iter().filter(|action| action.is_fault()).count();
    (crashes, turns(actions).len(), actions.len())
}

/// Shrinks a run: `shows` says whether a list of actions still shows what it is to show; it is asked `attempts_max`
/// times at most, and only about lists that can happen.
pub fn shrink<W: World>(
    space: &mut Space<'_, W>,
    actions: &[Action],
    attempts_max: usize,
    mut shows: impl FnMut(&mut Space<'_, W>, &[Action]) -> bool,
) -> Shrunk {
    let mut best = Shrunk { actions: actions.to_vec(), attempts: 0, cut: false };
    loop {
        let mut smaller = None;
        for candidate in candidates(&best.actions) {
            if cost(&candidate) >= cost(&best.actions) || !can_happen(space, &candidate) {
                continue;
            }
            if best.attempts == attempts_max {
                best.cut = true;
                return best;
            }
            best.attempts += 1;
            if shows(space, &candidate) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(candidate) => best.actions = candidate,
            None => return best,
        }
    }
}

/// Whether a list of actions can happen.
pub fn can_happen<W: World>(space: &mut Space<'_, W>, actions: &[Action]) -> bool {
    let mut now: State = space.initial().clone();
    actions.iter().all(|action| match space.apply(&now, *action) {
        Some(after) => {
            now = after;
            true
        }
        None => false,
    })
}

/// The actions of a trace up to what it breaks.
pub fn up_to_the_break<P>(trace: &Trace<P>) -> Vec<Action> {
    let mut actions = trace.actions();
    if let Some((steps, _)) = &trace.broken {
        actions.truncate(*steps);
    }
    actions
}

/// Neighbouring steps of one actor, or one fault.
fn turns(actions: &[Action]) -> Vec<&[Action]> {
    actions.chunk_by(|one, other| one == other && matches!(one, Action::Step(_))).collect()
}

/// Every list that is one change away, the greatest changes first.
fn candidates(actions: &[Action]) -> Vec<Vec<Action>> {
    let turns = turns(actions);
    let all = |turns: &[&[Action]]| turns.concat();
    let mut found = Vec::new();
    // All that an actor does from some turn on, then one turn.
    for (index, turn) in turns.iter().enumerate() {
        let later = turns.iter().enumerate().filter(|(at, other)| *at < index || other[0] != turn[0]);
        found.push(all(&later.map(|(_, turn)| *turn).collect::<Vec<_>>()));
    }
    for index in 0..turns.len() {
        let mut fewer = turns.clone();
        fewer.remove(index);
        found.push(all(&fewer));
    }
    // A turn joins the one before or after it of the same actor: two switches less.
    for (index, turn) in turns.iter().enumerate() {
        let Action::Step(actor) = turn[0] else { continue };
        let is_own = |turn: &&[Action]| turn[0] == Action::Step(Actor(actor.0));
        let before = turns[..index].iter().rposition(is_own);
        let after = turns[index + 1..].iter().position(is_own).map(|at| index + 1 + at);
        for (to, place) in [(before, 1), (after, 0)] {
            let Some(to) = to else { continue };
            let mut moved = turns.clone();
            let own = moved.remove(index);
            let to = if to > index { to - 1 } else { to };
            moved.insert(to + place, own);
            found.push(all(&moved));
        }
    }
    for (index, turn) in turns.iter().enumerate().filter(|(_, turn)| turn.len() > 1) {
        let mut shorter = turns.clone();
        shorter[index] = &turn[..turn.len() - 1];
        found.push(all(&shorter));
    }
    found
}
