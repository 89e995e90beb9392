//! Actors that die alone, in processes of several: against a naive explorer, with crashes beside them, and where processes
//! stand for each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mapisim_sim::explore::explore;
use mapisim_sim::world::Call;
use mapisim_sim::{
    Action, Actor, Cast, Limits, Machine, Outcome, Process, Space, Standing, Steps, Verdict, World, forget,
    symmetry,
};
use proptest::prelude::*;

/// A number, and a lock that is free again when its owner's process dies, but not when the owner dies alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Crew {
    number: u8,
    owner: Option<Actor>,
    /// By actor.
    ended: Vec<bool>,
    of: Vec<Process>,
    /// By process.
    dead: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Op {
    /// Twice the number, and so much more.
    Mix(u8),
    Load,
    Lock,
    Unlock,
}

impl Crew {
    fn runs(&self, actor: Actor) -> bool {
        !self.ended[actor.index()] && !self.dead[self.of[actor.index()].index()]
    }
}

impl Machine for Crew {
    type Op = Op;
    type Answer = u8;

    fn execute(&mut self, actor: Actor, op: &Op) -> Outcome<u8> {
        if !self.runs(actor) {
            return Outcome::Gone;
        }
        match op {
            Op::Mix(more) => self.number = (2 * self.number + more) % 5,
            Op::Lock if self.owner.is_some() => return Outcome::Wait,
            Op::Lock => self.owner = Some(actor),
            Op::Unlock => self.owner = self.owner.filter(|owner| *owner != actor),
            Op::Load => return Outcome::Answered(self.number),
        }
        Outcome::Answered(0)
    }

    fn alive(&self, process: Process) -> bool {
        !self.dead[process.index()]
    }

    fn crash(&mut self, process: Process) {
        self.dead[process.index()] = true;
        self.owner = self.owner.filter(|owner| self.of[owner.index()] != process);
    }

    /// The last one is the process.
    fn can_end(&self, actor: Actor) -> bool {
        let others = (0..self.of.len()).filter(|other| self.of[*other] == self.of[actor.index()]);
        self.runs(actor) && others.filter(|other| self.runs(Actor(*other as u16))).count() > 1
    }

    fn end(&mut self, actor: Actor) {
        self.ended[actor.index()] = true;
    }

    fn swapped(&self, one: Process, other: Process) -> Option<Self> {
        let members = |process| (0..self.of.len()).filter(move |actor| self.of[*actor] == process);
        let mut swapped = self.clone();
        swapped.dead.swap(one.index(), other.index());
        for (one, other) in members(one).zip(members(other)) {
            swapped.ended.swap(one, other);
            swapped.owner = swapped.owner.map(|owner| match owner.index() {
                owner if owner == one => Actor(other as u16),
                owner if owner == other => Actor(one as u16),
                _ => owner,
            });
        }
        Some(swapped)
    }
}

/// By process: what its actors do. Each op is a call; an actor remembers what it loaded last, and mixes it in.
#[derive(Debug)]
struct Crews {
    cast: Cast,
    /// By actor.
    ops: Vec<Vec<Op>>,
    names: Vec<Vec<String>>,
    alike: Vec<Vec<Process>>,
}

impl Crews {
    fn new(crews: &[Vec<Vec<Op>>]) -> Self {
        let mut cast = Cast::default();
        let mut alike: BTreeMap<&Vec<Vec<Op>>, Vec<Process>> = BTreeMap::new();
        for (number, crew) in crews.iter().enumerate() {
            let process = cast.process(format!("p{number}"));
            alike.entry(crew).or_default().push(process);
            for at in 0..crew.len() {
                cast.actor(process, format!("p{number}/{at}"));
            }
        }
        let ops = crews.concat();
        let names = ops.iter().map(|script| script.iter().map(|op| format!("{op:?}")).collect()).collect();
        Crews { cast, ops, names, alike: alike.into_values().collect() }
    }

    fn beginning(&self) -> Crew {
        let of: Vec<Process> = self.cast.actors().map(|actor| self.cast.process_of(actor)).collect();
        let dead = vec![false; self.cast.processes().len()];
        Crew { number: 0, owner: None, ended: vec![false; of.len()], of, dead }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Broken {
    NumberIsThree,
    Deadlock,
}

fn wanted(op: Op, memory: u8) -> Op {
    if let Op::Mix(more) = op { Op::Mix(more + memory) } else { op }
}

impl World for Crews {
    type Machine = Crew;
    type Memory = u8;
    type Property = Broken;

    fn machine(&self) -> Crew {
        self.beginning()
    }

    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn memory(&self, _: Actor) -> u8 {
        0
    }

    fn script(&self, actor: Actor) -> &[String] {
        &self.names[actor.index()]
    }

    fn call(&self, actor: Actor, index: usize, memory: u8, steps: Steps<Crew>) -> Call<'_, u8> {
        let op = wanted(self.ops[actor.index()][index], memory);
        Box::pin(async move {
            let answer = steps.step(op).await;
            if op == Op::Load { answer } else { memory }
        })
    }

    fn broken(&self, crew: &Crew, _: Actor, _: &Standing<'_, Self>) -> Option<Broken> {
        (crew.number == 3).then_some(Broken::NumberIsThree)
    }

    fn deadlock(&self) -> Option<Broken> {
        Some(Broken::Deadlock)
    }

    fn orbits(&self) -> Vec<Vec<Process>> {
        self.alike.clone()
    }
}

/// An actor to the naive explorer: what it has done and remembers, or that it is gone and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Runs(usize, u8),
    Killed,
    Ended,
}

type Naive = (Crew, Vec<Fate>);

/// What can happen next, the actions of which each is one.
fn next(world: &Crews, (crew, fates): &Naive, limits: &Limits) -> Vec<(Action, Naive)> {
    let mut all = Vec::new();
    for actor in world.cast.actors() {
        let Fate::Runs(done, memory) = fates[actor.index()] else { continue };
        let Some(op) = world.ops[actor.index()].get(done) else { continue };
        let (mut crew, mut fates) = (crew.clone(), fates.clone());
        if let Outcome::Answered(answer) = crew.execute(actor, &wanted(*op, memory)) {
            let memory = if *op == Op::Load { answer } else { memory };
            fates[actor.index()] = Fate::Runs(done + 1, memory);
            all.push((Action::Step(actor), (crew, fates)));
        }
    }
    let crashes = crew.dead.iter().filter(|dead| **dead).count();
    for process in
        world.cast.processes().filter(|process| crashes < limits.crashes_max && crew.alive(*process))
    {
        let (mut crew, mut fates) = (crew.clone(), fates.clone());
        crew.crash(process);
        for actor in world.cast.actors().filter(|actor| world.cast.process_of(*actor) == process) {
            let fate = &mut fates[actor.index()];
            *fate = if *fate == Fate::Ended { Fate::Ended } else { Fate::Killed };
        }
        all.push((Action::Crash(process), (crew, fates)));
    }
    let ended = fates.iter().filter(|fate| **fate == Fate::Ended).count();
    for actor in world.cast.actors().filter(|actor| ended < limits.ends_max && crew.can_end(*actor)) {
        let (mut crew, mut fates) = (crew.clone(), fates.clone());
        crew.end(actor);
        fates[actor.index()] = Fate::Ended;
        all.push((Action::End(actor), (crew, fates)));
    }
    all
}

fn breaks(world: &Crews, state: &Naive) -> Option<Broken> {
    let (crew, fates) = state;
    let runs = |fate: &&Fate| matches!(fate, Fate::Runs(..));
    if crew.number == 3 && fates.iter().any(|fate| runs(&fate)) {
        return Some(Broken::NumberIsThree);
    }
    let waits = |(fate, ops): (&Fate, &Vec<Op>)| matches!(fate, Fate::Runs(done, _) if *done < ops.len());
    let anybody = fates.iter().zip(&world.ops).any(waits);
    let steps = next(world, state, &Limits::default());
    (anybody && steps.is_empty()).then_some(Broken::Deadlock)
}

/// What breaks first and after how many actions, how many states there are, and how many transitions.
fn naively(world: &Crews, limits: &Limits) -> (Option<(usize, Broken)>, usize, u64) {
    let fates = world.cast.actors().map(|_| Fate::Runs(0, 0)).collect();
    let beginning: Naive = (world.beginning(), fates);
    let mut seen = BTreeSet::from([beginning.clone()]);
    let mut queue = VecDeque::from([(0, beginning)]);
    let (mut first, mut transitions) = (None, 0);
    while let Some((depth, state)) = queue.pop_front() {
        let broken = breaks(world, &state).map(|broken| (depth, broken));
        first = [first, broken].into_iter().flatten().min();
        for (_, after) in next(world, &state, limits) {
            transitions += 1;
            if seen.insert(after.clone()) {
                queue.push_back((depth + 1, after));
            }
        }
    }
    (first, seen.len(), transitions)
}

fn script() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![(0..3_u8).prop_map(Op::Mix), Just(Op::Load), Just(Op::Lock), Just(Op::Unlock)];
    prop::collection::vec(op, 1..4)
}

/// Two crews, one of two and one of one or two; perhaps both the same.
fn crews() -> impl Strategy<Value = Vec<Vec<Vec<Op>>>> {
    let crew = prop::collection::vec(script(), 2);
    let other = prop::collection::vec(script(), 1..3);
    (crew, other, any::<bool>())
        .prop_map(|(crew, other, same)| vec![crew.clone(), if same { crew } else { other }])
}

proptest! {
    #![proptest_config(super::cases(250))]

    #[test]
    fn actors_die_alone_in_each_way_there_is(crews in crews(), crashes_max in 0..2_usize, ends_max in 0..3_usize) {
        let world = Crews::new(&crews);
        let limits = Limits { crashes_max, ends_max, ..Limits::default() };
        let (first, states, transitions) = naively(&world, &limits);
        let all = explore(&mut Space::new(&world), &Limits { whole_graph: true, ..limits.clone() });
        prop_assert_eq!((all.states, all.transitions), (states, transitions));
        let found = match &all.verdict {
            Verdict::Broken(found) => Some((found.actions.len(), found.property)),
            _ => None,
        };
        prop_assert_eq!(found, first);
        prop_assert!(Space::fused(&world, &limits, false).is_none() || ends_max == 0);
        let checked = symmetry::check(&world, &limits, usize::MAX);
        prop_assert!(checked.is_ok(), "{:?}", checked);
        let checked = forget::check(&world, &limits, usize::MAX);
        prop_assert!(checked.is_ok(), "{:?}", checked);
        let whole = explore(&mut Space::new(&world), &limits);
        let some = explore(&mut Space::new(&world).symmetric(&limits), &limits);
        prop_assert_eq!(first.is_none(), some.verdict == Verdict::Holds);
        prop_assert_eq!(whole.levels.len(), some.levels.len(), "by as few actions");
        if first.is_none() {
            prop_assert_eq!(some.stand_for, states);
        }
    }
}

#[test]
fn who_dies_alone_with_the_lock_leaves_the_others_waiting() {
    let world =
        Crews::new(&[vec![vec![Op::Lock, Op::Unlock], vec![Op::Load]], vec![vec![Op::Lock, Op::Unlock]]]);
    let ends = |ends_max| explore(&mut Space::new(&world), &Limits { ends_max, ..Limits::default() }).verdict;
    assert_eq!(ends(0), Verdict::Holds);
    let Verdict::Broken(found) = ends(1) else { panic!("nobody gives the lock back") };
    // The other's step comes first, so that it waits only once nobody else can run.
    assert_eq!(found.property, Broken::Deadlock);
    let who = |action: &Action| matches!(action, Action::End(Actor(0)));
    assert_eq!(found.actions.iter().filter(|action| who(action)).count(), 1, "{:?}", found.actions);
    assert_eq!(found.actions.len(), 3, "{:?}", found.actions);
}
