//! A run of one scenario, followed in another that is like it.
//!
//! Calls that both have are taken in the run's order, in the run's portions; what only one of them has is passed over.
//! So one run says at once of most smaller scenarios that they still show the same, where every order would have to be
//! searched otherwise. It never says that they do not.

use mapisim_sim::space::{Readiness, State};
use mapisim_sim::{Action, Actor, Machine as _, Parts, Space, World as _};

use crate::draw::{played, told};
use crate::finding::Signature;
use crate::mapi::rules::Build;
use crate::outcome::Outcome;
use crate::record::call_text;
use crate::scenario::Scenario;
use crate::trace::{Run, Who};
use crate::world::{THREAD_ENDS, World};

/// A portion of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Beat {
    /// A thread takes steps of one call.
    Call {
        /// Its name.
        thread: String,
        /// The call with its arguments.
        call: String,
        /// So many, unless it returns earlier.
        steps: usize,
        /// Until the call has returned, however many that takes.
        ends: bool,
    },
    /// A process is killed.
    Kill(String),
    /// A thread dies alone.
    End(String),
    /// The machine crashes, and hives of these are kept.
    Fail(Vec<String>),
}

/// How a scenario shows a signature in the order of a run of another, if it does.
pub(super) fn follow(
    scenario: &Scenario,
    build: Build,
    leader: &Outcome,
    wanted: &Signature,
) -> Option<Outcome> {
    let run = leader.run.as_ref()?;
    let steps = leader.told.map_or(leader.steps, |told| told.steps);
    let world = World::unprobed(scenario, build);
    let mut space = Space::new(&world);
    let mut follower = Follower { now: space.initial().clone(), space: &mut space, actions: Vec::new() };
    for beat in beats(run, steps) {
        follower.beat(scenario, &beat);
    }
    let actions = follower.actions;
    let (_, broken, _, finding) = played(scenario, build, &mut space, &actions)?;
    if finding.signature != *wanted {
        return None;
    }
    let actions = &actions[..broken.min(actions.len())];
    Some(told(scenario, build, &mut space, actions))
}

/// The portions of the first `steps` steps of a run.
fn beats(run: &Run, steps: usize) -> Vec<Beat> {
    let mut beats = Vec::new();
    let mut at = 0;
    while at < steps.min(run.steps.len()) {
        let first = &run.steps[at];
        let from = at;
        at += 1;
        match (first.who, &first.call) {
            (Who::Thread(thread), Some(call)) => {
                let index = call.index;
                let in_call = |step: &crate::trace::Step| {
                    step.who == first.who && step.call.as_ref().is_some_and(|call| call.index == index)
                };
                while at < steps && run.steps.get(at).is_some_and(in_call) {
                    at += 1;
                }
                let next = run.steps[at..].iter().find(|step| step.who == first.who);
                let ends = next.is_some_and(|next| !in_call(next));
                let thread = run.threads[thread].name.clone();
                beats.push(Beat::Call { thread, call: call.text.clone(), steps: at - from, ends });
            }
            (Who::Killed(process), _) => beats.push(Beat::Kill(run.processes[process].name.clone())),
            (Who::Ended(thread), _) => beats.push(Beat::End(run.threads[thread].name.clone())),
            (Who::Machine(kept), _) => {
                beats.push(Beat::Fail(run.kept(kept).into_iter().map(str::to_owned).collect()));
            }
            (Who::Thread(_), None) => unreachable!("a thread's step is part of a call"),
        }
    }
    beats
}

struct Follower<'s, 'w> {
    space: &'s mut Space<'w, World>,
    now: State,
    actions: Vec<Action>,
}

impl Follower<'_, '_> {
    fn beat(&mut self, scenario: &Scenario, beat: &Beat) {
        let cast = self.space.world().cast();
        let may = |process: usize| scenario.may_crash.contains(&process);
        let struck =
            |kind: &dyn Fn(&Action) -> bool| self.actions.iter().filter(|action| kind(action)).count();
        match beat {
            Beat::Kill(process) => {
                let found = cast.find_process(process).filter(|process| may(process.index()));
                if let Some(process) = found
                    && struck(&|action| matches!(action, Action::Crash(_))) < scenario.crashes as usize
                {
                    self.take(Action::Crash(process));
                }
            }
            Beat::End(thread) => {
                let found = self.actor(thread).filter(|actor| may(cast.process_of(*actor).index()));
                if let Some(actor) = found
                    && struck(&|action| matches!(action, Action::End(_))) < scenario.thread_deaths as usize
                {
                    self.take(Action::End(actor));
                }
            }
            Beat::Fail(kept) => {
                if scenario.machine_crashes > 0 {
                    // Hives that are not there any more, or hold nothing new, are not kept.
                    let known =
                        kept.iter().filter_map(|name| cast.find_parts(std::slice::from_ref(name)).ok());
                    let unsaved = self.space.machine(&self.now).unsaved().unwrap_or_default();
                    let kept = known.fold(0, |all, part| all | part.0) & unsaved.0;
                    self.take(Action::Fail(Parts(kept)));
                }
            }
            Beat::Call { thread, call, steps, ends } => {
                let Some(actor) = self.actor(thread) else { return };
                let Some(now) = self.call(actor) else { return };
                let Some(target) = self.find(actor, now, call) else { return };
                let step = Action::Step(actor);
                while self.call(actor).is_some_and(|now| now < target) && self.take(step) {}
                let mut left = if *ends { usize::MAX } else { *steps };
                while left > 0 && self.call(actor) == Some(target) && self.take(step) {
                    left -= 1;
                }
            }
        }
    }

    /// The actor of a name; where its process has one thread by now, that goes by the process's name.
    fn actor(&self, thread: &str) -> Option<Actor> {
        let cast = self.space.world().cast();
        let alone = || cast.find_actor(thread.rsplit_once('/')?.0);
        cast.find_actor(thread).or_else(alone)
    }

    /// The call that an actor is in, by its place in the script; `None` where it was killed.
    fn call(&self, actor: Actor) -> Option<usize> {
        self.space.standing(&self.now, actor).map(|standing| standing.call())
    }

    /// The first place of a call in an actor's script, from a place on.
    fn find(&self, actor: Actor, from: usize, call: &str) -> Option<usize> {
        let world = self.space.world();
        let text = |at| world.script_call(actor, at).map_or_else(|| THREAD_ENDS.to_owned(), call_text);
        (from..world.script(actor).len()).find(|at| text(*at) == call)
    }

    fn take(&mut self, action: Action) -> bool {
        if let Action::Step(actor) = action
            && self.space.readiness(&self.now, actor) != Readiness::Ready
        {
            return false;
        }
        let after = self.space.apply(&self.now, action);
        after.is_some_and(|after| {
            self.now = after;
            self.actions.push(action);
            true
        })
    }
}
