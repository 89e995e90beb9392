//! Fewer states: steps that nobody else can notice are taken together with the step before or after them.
//!
//! A world says of a step how it moves past the steps of others ([`Mover`]). A step that can always be taken earlier
//! without anybody noticing needs no state of its own before it, one that can always be taken later none after it. So
//! any number of right movers, one step of any kind and any number of left movers are one step of the reduced graph:
//! Lipton's reduction (CACM 1975). Every state of the reduced graph is a state of the whole one, and in each of them
//! everything is tried that can happen.
//!
//! What is kept: whether anything breaks, every deadlock and every state at rest. What is not: how long a run is, how
//! many lead somewhere, and the states in between. So a reduced search serves proofs; what breaks is looked for, and
//! told, in the whole graph.
//!
//! Not reduced: worlds that judge steps ([`World::judges_steps`]), for which it matters when a call returns; and searches
//! in which an actor may die alone.
//!
//! Always holds
//! - Where its process may be killed, a step is fused only if killing it before and after leaves equal machines; where
//!   the machine may fail, only if failing before and after does.
//! - Nothing is fused for ever: after [`FUSED_MAX`] steps there is a state again, so nobody is left out.
//! - While probes are looked for, no step that is not a left mover is hidden behind another.

use crate::action::Action;
use crate::explore::Limits;
use crate::shortest;
use crate::space::{GONE, Space, Step, WAIT};
use crate::steps::Standing;
use crate::table::Numbered;
use crate::world::{Actor, Machine, World};

/// How a step moves past the steps and crashes of other processes, whenever they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// Not at all, or nobody knows: the safe answer.
    Neither,
    /// It may be taken later: whatever others do after it they can do before it, with the same result (locking).
    Right,
    /// It may be taken earlier: whatever others do before it they can do after it, with the same result (unlocking).
    Left,
    /// It may be taken earlier and later: it touches nothing that others touch.
    Both,
}

impl Mover {
    fn is_left(self) -> bool {
        matches!(self, Mover::Left | Mover::Both)
    }

    fn is_right(self) -> bool {
        matches!(self, Mover::Right | Mover::Both)
    }
}

/// A step, to be judged by [`World::mover`].
pub struct Taken<'a, W: World> {
    /// The machine before.
    pub machine_before: &'a W::Machine,
    /// The machine after.
    pub machine_after: &'a W::Machine,
    /// Where the actor stood before; what it wanted there is the step.
    pub before: Standing<'a, W>,
    /// Where it stands after.
    pub after: Standing<'a, W>,
    /// Probes are looked for: a step that may pass one by itself is no mover.
    pub probing: bool,
    /// Its process may be killed. Whether that leaves the same before the step as after it is seen to; but where it does so
    /// now and might not later, once others have gone on, the step is no mover.
    pub mortal: bool,
}

/// How steps are fused in a space.
#[derive(Debug)]
pub(crate) struct Fusing {
    /// Whose process may be killed, by actor.
    may_die: Vec<bool>,
    /// Whether the machine may fail.
    may_fail: bool,
    probing: bool,
}

/// Steps that are fused into one at most.
pub const FUSED_MAX: usize = 1_000;

impl<'w, W: World> Space<'w, W> {
    /// The space of a world in which steps are fused, to be explored within these limits and no others. `probing`: the
    /// probes that transitions pass are asked for. `None` where the world judges steps, and where actors may die alone.
    ///
    /// Its states, transitions, levels and counterexamples are those of the reduced graph, in which what nobody notices is
    /// cleared ([`World::forget`]).
    pub fn fused(world: &'w W, limits: &Limits, probing: bool) -> Option<Self> {
        if world.judges_steps() || limits.ends_max > 0 {
            return None;
        }
        let cast = world.cast();
        let may_die = cast.actors().map(|actor| limits.may_crash(cast.process_of(actor), 0)).collect();
        let mut space = Space::new(world);
        space.fusing = Some(Fusing { may_die, may_fail: limits.may_fail, probing });
        Some(space.forgetting())
    }

    /// The same space, but everything is found out twice and compared, as by [`Space::checking`].
    #[must_use]
    pub fn twice(mut self) -> Self {
        self.twice = true;
        self
    }

    /// What an actor's next step leads to, fused with no other.
    pub(crate) fn single_step(&mut self, machine: u32, node: u32) -> Step {
        match self.wanted[node as usize].map(|op| self.execute(machine, op)) {
            None | Some((_, GONE)) => Step::Finished,
            Some((_, WAIT)) => Step::Waits,
            Some((after, answer)) => Step::To { machine: after, node: self.advance(node, answer) },
        }
    }

    /// Fuses a step with those that follow it.
    pub(crate) fn fuse(&mut self, machine: u32, node: u32, first: Step) -> Step {
        let (Some(fusing), Step::To { machine: after, node: to }) = (&self.fusing, first) else {
            return first;
        };
        let probing = fusing.probing;
        let mut at = (after, to);
        let mut only_right = !probing && self.mover_of((machine, node), at).is_right();
        for _ in 1..FUSED_MAX {
            let Step::To { machine, node } = self.single_step(at.0, at.1) else { break };
            let next = (machine, node);
            let mover = self.mover_of(at, next);
            if !only_right && !mover.is_left() {
                break;
            }
            only_right = only_right && mover.is_right();
            at = next;
        }
        Step::To { machine: at.0, node: at.1 }
    }

    fn mover_of(&mut self, from: (u32, u32), to: (u32, u32)) -> Mover {
        let Some(fusing) = &self.fusing else { return Mover::Neither };
        let stands = self.standing_at(from.1).expect(STANDS);
        let (probing, may_die) = (fusing.probing, fusing.may_die[stands.actor().index()]);
        let may_fail = fusing.may_fail;
        self.mover(from, to, probing, (may_die, may_fail))
    }

    /// How the step from a machine and a local state to others moves; its process may be killed where it
    /// `may_die`, and the machine fail where that may.
    pub(crate) fn mover(
        &mut self,
        from: (u32, u32),
        to: (u32, u32),
        probing: bool,
        (may_die, may_fail): (bool, bool),
    ) -> Mover {
        let before = self.standing_at(from.1).expect(STANDS);
        let process = self.world().cast().process_of(before.actor());
        let taken = Taken {
            machine_before: self.machines.get(from.0),
            machine_after: self.machines.get(to.0),
            before,
            after: self.standing_at(to.1).expect(STANDS),
            probing,
            mortal: may_die,
        };
        let mover = self.world().mover(&taken);
        // What only it has goes with it: then nothing has to be killed to see that.
        let is_its_own =
            from.0 == to.0 || taken.machine_before.differs_by_one_alone(taken.machine_after, process);
        let dies = mover != Mover::Neither && may_die && !is_its_own;
        if dies && self.crash(from.0, process) != self.crash(to.0, process) {
            return Mover::Neither;
        }
        let cast = self.world().cast();
        let is_seen = |space: &mut Self, kept| space.fail(from.0, kept) != space.fail(to.0, kept);
        if mover != Mover::Neither
            && may_fail
            && from.0 != to.0
            && cast.sets_of_parts().any(|kept| is_seen(self, kept))
        {
            return Mover::Neither;
        }
        mover
    }
}

const STANDS: &str = "whoever takes a step was not killed";

/// What was looked at by [`check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// States of the whole graph.
    pub states: usize,
    /// Steps that move.
    pub moves: usize,
    /// Steps and crashes of others that they were moved past.
    pub pairs: usize,
}

/// Looks in the first states of the whole graph, breadth first, whether steps move as the world says
/// ([`World::mover`]): past each step and crash of another process that can come next, to the same state, with nothing
/// broken by the moving, and still so once the other was taken. What comes after something is broken is not looked at, and
/// what breaks something is not moved past, as long as it breaks it either way. Where all states were looked at this is a proof that fusing is right for this world.
///
/// # Errors
/// A step that does not move as the world says, in words.
pub fn check<W: World>(world: &W, limits: &Limits, states_max: usize) -> Result<Checked, String> {
    let mut space = Space::new(world).forgetting();
    let mut seen: Numbered<Box<[u32]>> = Numbered::new();
    seen.number(space.initial().0.clone());
    let mut checked = Checked { states: 0, moves: 0, pairs: 0 };
    while checked.states < seen.len() && checked.states < states_max {
        let row = seen.get(checked.states as u32).clone();
        checked.states += 1;
        if space.broken_in(&row).is_some() {
            continue; // What comes after it is of no interest.
        }
        let actions = shortest::actions(&space, limits, &row);
        for action in &actions {
            if let Action::Step(actor) = action {
                check_step(&mut space, &row, *actor, &actions, &mut checked)?;
            }
            let mut after = row.clone();
            if space.apply_to(&mut after, *action) {
                seen.number(after);
            }
        }
    }
    Ok(checked)
}

fn check_step<W: World>(
    space: &mut Space<'_, W>,
    row: &[u32],
    actor: Actor,
    actions: &[Action],
    checked: &mut Checked,
) -> Result<(), String> {
    let cast = space.world().cast();
    let own = cast.process_of(actor);
    let step = Action::Step(actor);
    let Some(stepped) = after(space, row, step) else { return Ok(()) };
    let slot = 1 + actor.index();
    let may_die = actions.contains(&Action::Crash(own));
    let may_fail = actions.iter().any(|action| matches!(action, Action::Fail(_)));
    let mover = space.mover((row[0], row[slot]), (stepped[0], stepped[slot]), false, (may_die, may_fail));
    if mover == Mover::Neither {
        return Ok(());
    }
    checked.moves += 1;
    let tell = |space: &Space<'_, W>, what: &str| {
        let wanted = space.standing_at(row[slot]).and_then(|standing| standing.wanted().cloned());
        Err(format!("{wanted:?} of {} is said to be {mover:?}, but {what}", cast.actor_name(actor)))
    };
    if space.broken_in(row) != space.broken_in(&stepped) {
        return tell(space, "what is broken depends on it");
    }
    if may_die && space.crash(row[0], own) != space.crash(stepped[0], own) {
        return tell(space, "it is seen once its process is killed");
    }
    for other in actions {
        let process = match other {
            Action::Step(other) | Action::End(other) => cast.process_of(*other),
            Action::Crash(process) => *process,
            // It is everybody's death, its own too.
            Action::Fail(_) => own,
        };
        if process == own {
            continue;
        }
        checked.pairs += 1;
        let first = after(space, row, *other);
        let then = first.as_ref().and_then(|first| after(space, first, step));
        let last = after(space, &stepped, *other);
        let past = other.describe(cast);
        if first.as_ref().is_some_and(|first| space.broken_in(first).is_some()) {
            // Past what breaks something nothing has to move, as long as that breaks all the same.
            if last.as_ref().is_some_and(|last| space.broken_in(last).is_none()) || last.is_none() {
                return tell(space, &format!("once it is taken {past} breaks nothing"));
            }
            continue;
        }
        if mover.is_left() && first.is_some() && (then.is_none() || then != last) {
            return tell(space, &format!("taken before {past} it leads elsewhere"));
        }
        if mover.is_right() && last.is_some() && then != last {
            return tell(space, &format!("taken after {past} it leads elsewhere"));
        }
        if let (Some(first), Some(then)) = (first, then) {
            let later =
                space.mover((first[0], first[slot]), (then[0], then[slot]), false, (may_die, may_fail));
            if mover.is_left() && !later.is_left() || mover.is_right() && !later.is_right() {
                return tell(space, &format!("after {past} it is {later:?}"));
            }
        }
    }
    Ok(())
}

fn after<W: World>(space: &mut Space<'_, W>, row: &[u32], action: Action) -> Option<Box<[u32]>> {
    let mut after: Box<[u32]> = row.into();
    space.apply_to(&mut after, action).then_some(after)
}
