//! One schedule: what it asks for, then what is left, actor by actor.

use std::fmt::{self, Display};

use crate::action::Action;
use crate::schedule::{Schedule, Turn, Until};
use crate::space::{Readiness, Scene, Space, State};
use crate::world::{Actor, World};

/// Steps that one run may take at most: more is a script that never ends.
pub const STEPS_MAX: usize = 1_000_000;

/// One action that was taken, and the state after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What happened.
    pub action: Action,
    /// The state after.
    pub after: State,
}

/// A run: what happened, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace<P> {
    /// The state before the first action.
    pub initial: State,
    /// What happened.
    pub moments: Vec<Moment>,
    /// The first property broken, and after how many actions.
    pub broken: Option<(usize, P)>,
    /// The probes passed.
    pub probes: u64,
    /// [`STEPS_MAX`] was reached.
    pub cut: bool,
}

impl<P> Trace<P> {
    /// The state before the action at an index.
    pub fn before(&self, index: usize) -> &State {
        if index == 0 { &self.initial } else { &self.moments[index - 1].after }
    }

    /// The actions, in order.
    pub fn actions(&self) -> Vec<Action> {
        self.moments.iter().map(|moment| moment.action).collect()
    }
}

/// A schedule asks for what cannot happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diverged {
    /// The turn, 0 first.
    pub turn: usize,
    /// The turn in words.
    pub wanted: String,
    /// Actions taken before.
    pub steps: usize,
    /// Why it cannot happen.
    pub why: String,
    /// What could happen there instead, in words.
    pub possible: Vec<String>,
}

impl Display for Diverged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "turn {} is `{}`, but after step {} {}; only [{}] can happen there: the schedule belongs to another \
             scenario or algorithm, or the model changed since it was written",
            self.turn + 1,
            self.wanted,
            self.steps,
            self.why,
            self.possible.join(", ")
        )
    }
}

impl std::error::Error for Diverged {}

/// Runs a schedule, then what is left, actor by actor in the order of the cast (one that has to wait lets the next one
/// run, and goes on when it can).
///
/// # Errors
/// [`Diverged`] where the schedule asks for what cannot happen.
pub fn replay<W: World>(
    space: &mut Space<'_, W>,
    schedule: &Schedule,
) -> Result<Trace<W::Property>, Diverged> {
    let mut run = Runner::new(space);
    for (index, turn) in schedule.turns.iter().enumerate() {
        run.turn(turn).map_err(|why| run.diverged(index, turn, why))?;
    }
    run.rest();
    Ok(run.finish())
}

/// A run that is under way; also what random runs are made with.
pub(crate) struct Runner<'s, 'w, W: World> {
    pub(crate) space: &'s mut Space<'w, W>,
    pub(crate) now: State,
    trace: Trace<W::Property>,
    wanted: u64,
    /// Per actor: the first call of its script that has not returned, or took no step and was not asked for by name.
    next_calls: Vec<usize>,
}

impl<'s, 'w, W: World> Runner<'s, 'w, W> {
    pub(crate) fn new(space: &'s mut Space<'w, W>) -> Self {
        let now = space.initial().clone();
        let broken = space.broken(&now).map(|property| (0, property));
        let trace = Trace { initial: now.clone(), moments: Vec::new(), broken, probes: 0, cut: false };
        let wanted = space.world().probes_wanted();
        let next_calls = vec![0; space.world().cast().actors().len()];
        Runner { space, now, trace, wanted, next_calls }
    }

    /// Takes an action; `false` where it cannot happen, or the run has become too long.
    pub(crate) fn take(&mut self, action: Action) -> bool {
        if self.trace.moments.len() >= STEPS_MAX {
            self.trace.cut = true;
            return false;
        }
        let Some(after) = self.space.apply(&self.now, action) else { return false };
        match action {
            Action::Step(actor) => {
                let call = |state| self.space.standing(state, actor).expect("who steps lives").call();
                let (before, after) = (call(&self.now), call(&after));
                self.next_calls[actor.index()] = if after > before { before + 1 } else { before };
            }
            Action::Crash(_) | Action::End(_) | Action::Fail(_) => self.note_still(),
        }
        if self.trace.probes & self.wanted != self.wanted {
            let scene = Scene { space: self.space, before: &self.now.0, action, after: &after.0 };
            self.trace.probes |= self.space.world().probes(&scene) & self.wanted;
        }
        let by_step = self.space.step_breaks(&self.now.0, action, &after.0);
        self.now = after.clone();
        self.trace.moments.push(Moment { action, after });
        if self.trace.broken.is_none() {
            let steps = self.trace.moments.len();
            let broken = [by_step, self.space.broken(&self.now)].into_iter().flatten().min();
            self.trace.broken = broken.map(|property| (steps, property));
        }
        true
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.trace.broken.is_some()
    }

    /// The trace, what its end breaks included: a deadlock, or what is left behind at rest.
    pub(crate) fn finish(mut self) -> Trace<W::Property> {
        self.note_still();
        self.trace
    }

    /// Whether the state now breaks something since nobody can run. Only a crash can lead out of it.
    pub(crate) fn is_stuck(&mut self) -> bool {
        self.space.still_broken(&self.now).is_some()
    }

    /// Notes what a state breaks in which nobody can run, unless something broke earlier, or now and comes first in the
    /// order of properties.
    fn note_still(&mut self) {
        let steps = self.trace.moments.len();
        if let Some((at, known)) = self.trace.broken
            && (at < steps || !self.space.still_comes_before(known))
        {
            return;
        }
        if let Some(still) = self.space.still_broken(&self.now)
            && self.trace.broken.is_none_or(|(_, known)| still < known)
        {
            self.trace.broken = Some((steps, still));
        }
    }

    fn turn(&mut self, turn: &Turn) -> Result<(), String> {
        let cast = self.space.world().cast();
        match turn {
            Turn::Crash { process } => {
                let found =
                    cast.find_process(process).ok_or_else(|| format!("there is no process `{process}`"))?;
                let done = self.take(Action::Crash(found)) || self.trace.cut;
                if done { Ok(()) } else { Err(format!("{process} does not live any more")) }
            }
            Turn::End { actor } => {
                let found = cast.find_actor(actor).ok_or_else(|| format!("there is no thread `{actor}`"))?;
                let done = self.take(Action::End(found)) || self.trace.cut;
                let why = "does not live any more, or is the last of its process";
                if done { Ok(()) } else { Err(format!("{actor} {why}")) }
            }
            Turn::Fail { kept } => {
                let found = cast.find_parts(kept).map_err(|part| {
                    format!("there is no part `{part}` of the machine that could be kept when it crashes")
                })?;
                let done = self.take(Action::Fail(found)) || self.trace.cut;
                let why = "the machine cannot crash so: it has crashed already, or cannot at all, or what is to be kept \
                           was saved before";
                if done { Ok(()) } else { Err(why.to_owned()) }
            }
            Turn::Run { actor, until } => {
                let found = cast.find_actor(actor).ok_or_else(|| format!("there is no thread `{actor}`"))?;
                self.run(found, until)
            }
        }
    }

    fn run(&mut self, actor: Actor, until: &Until) -> Result<(), String> {
        let world = self.space.world();
        let name = world.cast().actor_name(actor);
        let waits = || format!("{name} has to wait for another");
        match until {
            Until::Steps(steps) => {
                for _ in 0..*steps {
                    match self.space.readiness(&self.now, actor) {
                        Readiness::Ready if self.take(Action::Step(actor)) => {}
                        Readiness::Ready => break,
                        Readiness::Waiting => return Err(waits()),
                        Readiness::Finished => return Err(self.ended(actor)),
                    }
                }
                Ok(())
            }
            Until::End => self.run_while(actor, |_| true).map_err(|()| waits()),
            Until::Returned(call) => {
                let next = self.next_calls[actor.index()];
                let ahead = world.script(actor).iter().skip(next).position(|name| name == call);
                let target = next + ahead.ok_or_else(|| format!("{name} has no further call of {call}"))?;
                self.run_while(actor, |call| call <= target).map_err(|()| waits())?;
                let returned = self.space.standing(&self.now, actor).is_some_and(|now| now.call() > target);
                if !returned && !self.trace.cut {
                    return Err(self.ended(actor));
                }
                self.next_calls[actor.index()] = target + 1;
                Ok(())
            }
        }
    }

    /// Why an actor does nothing any more.
    fn ended(&self, actor: Actor) -> String {
        let how = if self.space.standing(&self.now, actor).is_some() { "has ended" } else { "was killed" };
        format!("{} {how}", self.space.world().cast().actor_name(actor))
    }

    /// Runs an actor while it is in a call that `goes_on`; an error where it has to wait.
    fn run_while(&mut self, actor: Actor, goes_on: impl Fn(usize) -> bool) -> Result<(), ()> {
        while self.space.standing(&self.now, actor).is_some_and(|standing| goes_on(standing.call())) {
            match self.space.readiness(&self.now, actor) {
                Readiness::Ready if self.take(Action::Step(actor)) => {}
                Readiness::Ready | Readiness::Finished => break,
                Readiness::Waiting => return Err(()),
            }
        }
        Ok(())
    }

    fn rest(&mut self) {
        loop {
            let before = self.trace.moments.len();
            for actor in self.space.world().cast().actors() {
                // One that has to wait goes on in the next round.
                let _waits = self.run_while(actor, |_| true);
            }
            if self.trace.moments.len() == before {
                return;
            }
        }
    }

    fn diverged(&mut self, turn: usize, wanted: &Turn, why: String) -> Diverged {
        let cast = self.space.world().cast();
        let possible = self.space.possible(&self.now).iter().map(|action| action.describe(cast)).collect();
        Diverged { turn, wanted: wanted.to_string(), steps: self.trace.moments.len(), why, possible }
    }
}
