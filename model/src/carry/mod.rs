//! A run of one build, carried over to another: the same calls in the same order, so that one sees what the other build
//! does in the place of what broke.
//!
//! Builds take different steps, so no order can be carried over by counting them. It is carried over by calls, and within
//! a call by counterparts. The step of the other run that is a step's counterpart is told by [`pair`]. Only who runs next
//! is chosen here; what happens then the machine decides, so what comes out is a run of the other build like any other.
//!
//! The rules. A *turn* is what one thread does in one call before another thread runs, or before the call is over; or a
//! fault.
//! 1. Turns are taken in the order of the first run. Calls that the thread has before that one are made first.
//! 2. A turn in which the call returns goes on until that call has returned in the other build, in whatever steps.
//! 3. Any other turn ends just behind the counterpart of its last step that has one. Steps that only the first run took are
//!    passed over; steps that only the other build takes are taken before the next one that both take. Where the last step
//!    of the turn has no counterpart, but the other build does something within the same internal action then (it looks
//!    whether a profile is in use by other steps), that is done too.
//! 4. A thread that has to wait for another one owes its turn. The next turns are taken, and it goes on as soon as it can;
//!    of several the one that has waited longest.
//! 5. A fault happens between the same turns. One that cannot happen there any more is left out.
//! 6. What is left at the end runs thread by thread in the order of the file, as in every replay.
//!
//! What a thread would do next is found out, for rule 3, by letting it run alone to the end of its call, on a copy.
//!
//! Always holds
//! - The result is a function of scenario, run and build, and a legal run: replaying its schedule gives it again.
//! - Carried over to its own build, a run is itself, step for step.

pub mod pair;

use std::collections::BTreeMap;

use mapisim_sim::replay::STEPS_MAX;
use mapisim_sim::space::{Readiness, State};
use mapisim_sim::{Action, Actor, Machine as _, Parts, Process, Schedule, Space, World as _};

use crate::check::replayed;
use crate::mapi::rules::Build;
use crate::outcome::Outcome;
use crate::record::{object, waited_for};
use crate::scenario::Scenario;
use crate::trace::{Run, Step, Who};
use crate::world::World;
use pair::Label;

/// A run of another build, in the order of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What came of it. Its run goes to the end of every script.
    pub outcome: Outcome,
    /// Steps of the first run, each with its counterpart; sorted by the first.
    pub pairs: Vec<(usize, usize)>,
    /// Where the order of the first run could not be kept, since somebody had to wait.
    pub waits: Vec<Wait>,
}

/// A thread had to wait in the middle of its turn, and went on later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The thread, by index.
    pub thread: usize,
    /// After this step of the other run.
    pub after: usize,
    /// The full name of what it waited for.
    pub object: String,
    /// The thread that had it, by index.
    pub owner: Option<usize>,
}

/// Carries a run of a scenario over to a build.
///
/// # Panics
/// Where the run is not one of this scenario.
pub fn carry_over(scenario: &Scenario, run: &Run, build: Build) -> Carried {
    let world = World::new(scenario, build);
    let mut space = Space::new(&world);
    let mut carrier = Carrier {
        scenario,
        own: own_steps(run),
        now: space.initial().clone(),
        taken: vec![Vec::new(); run.threads.len()],
        space: &mut space,
        actions: Vec::new(),
        owed: Vec::new(),
        waits: Vec::new(),
    };
    for turn in turns(run) {
        carrier.turn(turn);
    }
    let (actions, waits) = (carrier.actions, carrier.waits);
    let schedule = Schedule::exact(&actions, world.cast());
    let outcome =
        replayed(scenario, build, &mut space, &schedule).expect("each of these steps was just taken");
    let other = outcome.run.as_ref().expect("a replay has a run");
    let pairs = pair::pairs(run, other);
    Carried { outcome, pairs, waits }
}

/// What a run does before another thread runs.
enum Turn {
    /// A thread runs.
    Run(Goal),
    /// A process is killed.
    Kill(Process),
    /// A thread dies alone.
    End(Actor),
    /// The machine crashes, and hives of these are kept.
    Fail(Vec<String>),
}

/// How far a thread is to run.
#[derive(Clone, Copy)]
struct Goal {
    actor: Actor,
    /// In the call at this place of its script.
    call: usize,
    /// Until it has taken as many steps of the call as this, of those that the first run took; `None`: until it returns.
    until: Option<usize>,
}

/// How a thread got on.
enum Progress {
    Arrived,
    /// It has to wait.
    Waits,
    /// One that owes its turn longer can go on.
    Yields,
}

/// The steps of each call of each thread.
fn own_steps(run: &Run) -> BTreeMap<(usize, usize), Vec<Label>> {
    let mut own: BTreeMap<(usize, usize), Vec<Label>> = BTreeMap::new();
    for step in &run.steps {
        if let (Some(place), Some(label)) = (place(step), Label::of(step)) {
            own.entry(place).or_default().push(label);
        }
    }
    own
}

/// The thread and the call of a step, by their indices.
fn place(step: &Step) -> Option<(usize, usize)> {
    let Who::Thread(thread) = step.who else { return None };
    Some((thread, step.call.as_ref()?.index))
}

fn actor(thread: usize) -> Actor {
    Actor(u16::try_from(thread).expect("a cast has at most 65,536 actors"))
}

fn turns(run: &Run) -> Vec<Turn> {
    let mut turns = Vec::new();
    let mut taken: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let together = |one: &Step, other: &Step| place(one).is_some() && place(one) == place(other);
    for steps in run.steps.chunk_by(together) {
        let last = &steps[steps.len() - 1];
        turns.push(match (last.who, place(last)) {
            (Who::Thread(_), None) => unreachable!("a thread's step is part of a call"),
            (Who::Thread(thread), Some((_, call))) => {
                let steps_taken = taken.entry((thread, call)).or_insert(0);
                *steps_taken += steps.len();
                let returned = last.call.as_ref().is_some_and(|call| call.returned.is_some());
                let next = run.steps[last.number..].iter().find(|step| step.who == last.who);
                let over = returned || next.is_some_and(|next| place(next) != place(last));
                Turn::Run(Goal { actor: actor(thread), call, until: (!over).then_some(*steps_taken) })
            }
            (Who::Killed(process), _) => {
                Turn::Kill(Process(u16::try_from(process).expect("a cast has at most 65,536 processes")))
            }
            (Who::Ended(thread), _) => Turn::End(actor(thread)),
            (Who::Machine(kept), _) => Turn::Fail(run.kept(kept).into_iter().map(str::to_owned).collect()),
        });
    }
    turns
}

struct Carrier<'s, 'w, 'a> {
    scenario: &'a Scenario,
    /// Of the first run.
    own: BTreeMap<(usize, usize), Vec<Label>>,
    space: &'s mut Space<'w, World>,
    now: State,
    actions: Vec<Action>,
    /// Per actor: the steps of the call that it is in.
    taken: Vec<Vec<Label>>,
    /// Turns that are not over, the oldest first; of each thread one.
    owed: Vec<Goal>,
    waits: Vec<Wait>,
}

impl Carrier<'_, '_, '_> {
    fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::Run(goal) => match self.owed.iter_mut().find(|owed| owed.actor == goal.actor) {
                Some(owed) => *owed = goal,
                None => self.owed.push(goal),
            },
            Turn::Kill(process) => {
                self.take(Action::Crash(process));
            }
            Turn::End(actor) => {
                self.take(Action::End(actor));
            }
            Turn::Fail(kept) => self.fail(&kept),
        }
        self.pursue();
    }

    /// The machine crashes; hives that hold nothing new are not kept.
    fn fail(&mut self, kept: &[String]) {
        if self.scenario.machine_crashes == 0 {
            return;
        }
        let cast = self.space.world().cast();
        let known = kept.iter().filter_map(|name| cast.find_parts(std::slice::from_ref(name)).ok());
        let unsaved = self.space.machine(&self.now).unsaved().unwrap_or_default();
        let kept = known.fold(0, |all, part| all | part.0) & unsaved.0;
        self.take(Action::Fail(Parts(kept)));
    }

    /// Goes on with all that is owed, as far as it can be.
    fn pursue(&mut self) {
        let mut index = 0;
        while index < self.owed.len() && self.actions.len() < STEPS_MAX {
            match self.advance(index) {
                Progress::Arrived => {
                    self.owed.remove(index);
                    // Those before it have to wait still, or it would have yielded.
                }
                Progress::Waits => index += 1,
                Progress::Yields => index = 0,
            }
        }
    }

    fn advance(&mut self, index: usize) -> Progress {
        let goal = self.owed[index];
        loop {
            let Some(call) = self.call(goal.actor).filter(|call| *call <= goal.call) else {
                return Progress::Arrived;
            };
            let steps = match goal.until {
                Some(until) if call == goal.call => self.steps_to(goal, until),
                _ => usize::MAX,
            };
            if steps == 0 {
                return Progress::Arrived;
            }
            let mut taken = 0;
            while taken < steps && self.call(goal.actor) == Some(call) {
                match self.space.readiness(&self.now, goal.actor) {
                    Readiness::Ready if self.actions.len() < STEPS_MAX => {}
                    Readiness::Ready | Readiness::Finished => return Progress::Arrived,
                    Readiness::Waiting => {
                        self.note_wait(goal.actor);
                        return Progress::Waits;
                    }
                }
                self.take(Action::Step(goal.actor));
                taken += 1;
                if (0..index).any(|older| self.is_ready(self.owed[older].actor)) {
                    return Progress::Yields;
                }
            }
        }
    }

    fn is_ready(&mut self, actor: Actor) -> bool {
        self.space.readiness(&self.now, actor) == Readiness::Ready
    }

    /// The call that an actor is in, by its place in the script; `None` where it was killed.
    fn call(&self, actor: Actor) -> Option<usize> {
        self.space.standing(&self.now, actor).map(|standing| standing.call())
    }

    /// How many steps there are to where a turn ends that ends inside its call (rule 3). Where the thread has to wait before
    /// that, it is not known what comes then: it takes all that it can, and is asked again when it goes on.
    fn steps_to(&mut self, goal: Goal, until: usize) -> usize {
        let (ahead, waits) = self.alone(goal);
        let taken = &self.taken[goal.actor.index()];
        let done = taken.len();
        let other: Vec<Label> = taken.iter().cloned().chain(ahead).collect();
        let own = &self.own[&(goal.actor.index(), goal.call)];
        let pairs = pair::common(own, &other);
        let (before, after) = pairs.split_at(pairs.partition_point(|(here, _)| *here < until));
        let mut end = before.last().map_or(0, |(_, there)| there + 1);
        if before.last().is_none_or(|(here, _)| here + 1 < until) {
            if waits {
                return usize::MAX;
            }
            let next = after.first().map_or(other.len(), |(_, there)| *there);
            let within = (end..next).rfind(|at| other[*at].is_within(&own[until - 1]));
            end = within.map_or(end, |at| at + 1);
        }
        end.saturating_sub(done)
    }

    /// The steps that an actor would take to the end of its call if nobody else ran, and whether it would have to wait
    /// before that.
    fn alone(&mut self, goal: Goal) -> (Vec<Label>, bool) {
        /// A call that takes more is not looked at further.
        const AHEAD_MAX: usize = 10_000;
        let mut steps = Vec::new();
        let mut now = self.now.clone();
        while steps.len() < AHEAD_MAX
            && self.space.standing(&now, goal.actor).is_some_and(|standing| standing.call() == goal.call)
        {
            let Some(after) = self.space.apply(&now, Action::Step(goal.actor)) else {
                return (steps, self.space.readiness(&now, goal.actor) == Readiness::Waiting);
            };
            steps.push(self.label(&now, goal.actor, &after));
            now = after;
        }
        (steps, false)
    }

    /// What a step is called that was taken between two states.
    fn label(&self, before: &State, actor: Actor, after: &State) -> Label {
        let scene = self.space.scene(before, Action::Step(actor), after);
        let (_, syscall, answer) = scene.step().expect("it is a step");
        let standing = scene.standing_before(actor).expect("who steps was not killed");
        let thread = crate::os::ThreadId(actor.0.into());
        let object = object(scene.machine_before(), scene.machine_after(), thread, syscall, answer);
        Label::new(standing.frames(), syscall, object.as_deref())
    }

    fn note_wait(&mut self, actor: Actor) {
        let thread = actor.index();
        let after = self.actions.len();
        let standing = self.space.standing(&self.now, actor);
        let wanted = standing.and_then(|standing| standing.wanted().cloned());
        let Some(wanted) = wanted else { return };
        let os = self.space.machine(&self.now);
        let (object, owner) = waited_for(os, crate::os::ThreadId(actor.0.into()), &wanted);
        let owner = owner.map(|owner| owner.0 as usize);
        // While nobody gives it back it is one wait.
        let known = self.waits.iter().rev().find(|wait| wait.thread == thread);
        let stepped = |wait: &Wait| self.actions[wait.after..].contains(&Action::Step(actor));
        if known.is_none_or(stepped) {
            self.waits.push(Wait { thread, after, object, owner });
        }
    }

    /// Takes an action, where it can happen.
    fn take(&mut self, action: Action) {
        let Some(after) = self.space.apply(&self.now, action) else { return };
        if let Action::Step(actor) = action {
            let label = self.label(&self.now, actor, &after);
            let call = |state| self.space.standing(state, actor).map(|standing| standing.call());
            let same = call(&self.now) == call(&after);
            let taken = &mut self.taken[actor.index()];
            if same {
                taken.push(label);
            } else {
                taken.clear();
            }
        }
        self.now = after;
        self.actions.push(action);
    }
}
