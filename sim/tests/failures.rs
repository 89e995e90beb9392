//! The failure of the machine: every process dies at once, and of what was not saved some parts are kept.

use std::collections::BTreeSet;

use mapisim_sim::explore::{Limits, Verdict, explore, explore_from};
use mapisim_sim::least::{PLACES_MAX, least};
use mapisim_sim::random::{Plan, Strategy as How, drawn};
use mapisim_sim::replay::replay;
use mapisim_sim::world::{Actor, Call, Cast, Machine, Outcome, Parts, Process, World};
use mapisim_sim::{
    Action, Checkpoint, Mover, Progress, Schedule, Space, Standing, State, Steps, Taken, View, Watch,
};
use proptest::prelude::*;

/// Two numbers in memory, each with a file of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Disks {
    numbers: [u8; 2],
    files: [u8; 2],
    up: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Op {
    Write(usize, u8),
    Save(usize),
    /// Touches nothing that anybody shares.
    Think,
}

impl Machine for Disks {
    type Op = Op;
    type Answer = ();

    fn execute(&mut self, _: Actor, op: &Op) -> Outcome<()> {
        if !self.up {
            return Outcome::Gone;
        }
        match *op {
            Op::Write(part, number) => self.numbers[part] = number,
            Op::Save(part) => self.files[part] = self.numbers[part],
            Op::Think => {}
        }
        Outcome::Answered(())
    }

    fn alive(&self, _: Process) -> bool {
        self.up
    }

    fn crash(&mut self, _: Process) {
        unreachable!("nobody is killed alone here");
    }

    fn unsaved(&self) -> Option<Parts> {
        let differs = |part: usize| u16::from(self.numbers[part] != self.files[part]) << part;
        self.up.then(|| Parts(differs(0) | differs(1)))
    }

    fn fail(&mut self, kept: Parts) {
        for part in 0..2 {
            if kept.has(part) {
                self.files[part] = self.numbers[part];
            }
        }
        (self.numbers, self.up) = (self.files, false);
    }
}

struct Writers {
    cast: Cast,
    scripts: Vec<Vec<String>>,
    ops: Vec<Vec<Op>>,
}

impl Writers {
    /// Of each an actor, a process of its own, with a call for each op.
    fn new(ops: Vec<Vec<Op>>) -> Self {
        let mut cast = Cast::default();
        for part in ["left", "the right"] {
            cast.part(part);
        }
        for (name, _) in ["ann", "bob"].iter().zip(&ops) {
            let process = cast.process(*name);
            cast.actor(process, *name);
        }
        let scripts = ops.iter().map(|ops| ops.iter().map(|op| format!("{op:?}")).collect()).collect();
        Writers { cast, scripts, ops }
    }
}

impl World for Writers {
    type Machine = Disks;
    type Memory = ();
    type Property = &'static str;

    fn machine(&self) -> Disks {
        Disks { numbers: [0; 2], files: [0; 2], up: true }
    }

    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn memory(&self, _: Actor) {}

    fn script(&self, actor: Actor) -> &[String] {
        &self.scripts[actor.index()]
    }

    fn call(&self, actor: Actor, index: usize, (): (), steps: Steps<Disks>) -> Call<'_, ()> {
        Box::pin(async move { steps.step(self.ops[actor.index()][index]).await })
    }

    fn broken(&self, _: &Disks, _: Actor, _: &Standing<'_, Self>) -> Option<&'static str> {
        None
    }

    fn rest(&self) -> Option<&'static str> {
        Some("torn")
    }

    fn at_rest(&self, view: &View<'_, Self>) -> bool {
        let machine = view.machine();
        !machine.up && machine.files[0] > machine.files[1]
    }

    fn mover(&self, taken: &Taken<'_, Self>) -> Mover {
        if taken.before.wanted() == Some(&Op::Think) { Mover::Both } else { Mover::Neither }
    }
}

/// Ann writes both numbers and saves the second first.
fn careful() -> Vec<Op> {
    vec![Op::Write(0, 1), Op::Write(1, 1), Op::Save(1), Op::Save(0)]
}

fn failing() -> Limits {
    Limits { may_fail: true, ..Limits::default() }
}

/// Every state that there is, by [`Space::possible`] alone.
fn all(world: &Writers, may_fail: bool) -> BTreeSet<State> {
    let mut space = Space::new(world);
    let mut seen = BTreeSet::from([space.initial().clone()]);
    let mut left: Vec<State> = seen.iter().cloned().collect();
    while let Some(state) = left.pop() {
        let actions = space.possible(&state);
        for action in actions.into_iter().filter(|action| match action {
            Action::Step(_) => true,
            Action::Fail(_) => may_fail,
            Action::Crash(_) | Action::End(_) => false,
        }) {
            let after = space.apply(&state, action).expect("it is possible");
            if seen.insert(after.clone()) {
                left.push(after);
            }
        }
    }
    seen
}

#[test]
fn what_is_lost_is_found_in_every_order_told_in_words_and_nothing_is_where_it_cannot_fail() {
    let world = Writers::new(vec![careful()]);
    let held = explore(&mut Space::new(&world), &Limits::default());
    assert_eq!((held.verdict, held.states), (Verdict::Holds, 5));
    let mut space = Space::new(&world);
    let found = explore(&mut space, &failing());
    let Verdict::Broken(found) = found.verdict else { panic!("it is torn") };
    // Only what is kept of the first number and lost of the second tears it.
    assert_eq!((found.property, found.actions.len()), ("torn", 2));
    let schedule = Schedule::exact(&found.actions, &world.cast);
    assert_eq!(schedule.to_string(), "ann:1,crash machine keeping left");
    let shown = replay(&mut space, &Schedule::parse(&schedule.to_string()).expect("it reads back"));
    assert_eq!(shown.expect("it can happen").broken, Some((2, "torn")));
    let least = least(&mut space, &failing(), &found, PLACES_MAX);
    assert!(least.proved && least.actions == found.actions);
}

#[test]
fn a_machine_fails_once_and_keeps_only_what_was_not_saved() {
    let world = Writers::new(vec![careful()]);
    let mut space = Space::new(&world);
    let mut why = |text: &str| {
        let schedule = Schedule::parse(text).expect("a schedule");
        replay(&mut space, &schedule).err().map(|diverged| diverged.to_string()).unwrap_or_default()
    };
    assert_eq!(why("ann:2,crash machine keeping left and \"the right\""), "");
    let refused = why("ann:1,crash machine keeping \"the right\"");
    assert!(refused.contains("what is to be kept was saved before"), "{refused}");
    assert!(refused.contains("[ann, kill ann, crash machine, crash machine keeping left]"), "{refused}");
    let twice = why("crash machine,crash machine");
    assert!(twice.contains("it has crashed already"), "{twice}");
    assert!(why("crash machine keeping middle").contains("no part `middle`"));
    assert!(why("crash machine,ann:1").contains("ann was killed"));
}

#[test]
fn words_that_follow_crash_are_those_of_a_machine() {
    for (text, expected) in [
        ("crash", "`machine`"),
        ("crash ann", "`machine`"),
        ("crash machinery", "`machine`"),
        ("crash machine keeping", "the name of what is kept"),
        ("crash machine keeping a and", "the name of what is kept"),
        ("crash machine a", "`,` or the end"),
    ] {
        let bad = Schedule::parse(text).expect_err(text);
        assert!(bad.expected.starts_with(expected), "{text}: {bad}");
    }
    let named = Schedule::parse("\"crash\":2,crash machine keeping keeping and and").expect("quoted");
    assert_eq!(named.to_string(), "\"crash\":2,crash machine keeping keeping and and");
}

#[test]
fn drawn_runs_fail_at_most_once_and_find_it_in_each_strategy() {
    let world = Writers::new(vec![careful(), vec![Op::Write(0, 2), Op::Save(0)]]);
    for how in [How::Uniform, How::Pct { depth: 2 }, How::Swarm] {
        let mut space = Space::new(&world);
        let plan = Plan::new(&mut space, how, failing());
        let (mut torn, mut failed) = (0, 0);
        for run in 0..200 {
            let trace = drawn(&mut space, &plan, 5, run);
            let failures = trace.actions().iter().filter(|action| action.is_fault()).count();
            assert!(failures <= 1);
            failed += failures;
            torn += usize::from(trace.broken.is_some());
        }
        assert!(torn > 10 && failed > torn && failed < 200, "{how:?}: {torn} of {failed}");
    }
}

/// Keeps every checkpoint.
struct Keeping(Vec<Checkpoint>);

impl Watch for Keeping {
    fn go_on(&mut self, _: Progress) -> bool {
        true
    }

    fn wants_checkpoint(&mut self, _: usize, _: bool) -> bool {
        true
    }

    fn keep(&mut self, checkpoint: Checkpoint) {
        self.0.push(checkpoint);
    }
}

#[test]
fn a_search_in_which_the_machine_may_fail_goes_on_from_any_level() {
    let world = Writers::new(vec![careful(), vec![Op::Write(1, 2), Op::Think, Op::Save(1)]]);
    let limits = Limits { whole_graph: true, ..failing() };
    let mut kept = Keeping(Vec::new());
    let whole = explore_from(&mut Space::new(&world), &limits, None, &mut kept).expect("from the start");
    for checkpoint in kept.0 {
        let bytes = Checkpoint::from_bytes(&checkpoint.to_bytes()).expect("a checkpoint");
        let mut again = Keeping(Vec::new());
        let found = explore_from(&mut Space::new(&world), &limits, Some(&bytes), &mut again);
        assert_eq!(found.expect("of this world"), whole);
    }
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..2_usize, 0..3_u8).prop_map(|(part, number)| Op::Write(part, number)),
        2 => (0..2_usize).prop_map(Op::Save),
        2 => Just(Op::Think),
    ]
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn every_order_is_that_of_a_naive_search_and_fused_steps_find_the_same(
        ops in prop::collection::vec(prop::collection::vec(op(), 0..5), 1..3)
    ) {
        let world = Writers::new(ops);
        let limits = Limits { whole_graph: true, ..failing() };
        let found = explore(&mut Space::checking(&world), &limits);
        prop_assert_eq!(found.states, all(&world, true).len());
        let without = explore(&mut Space::new(&world), &Limits { whole_graph: true, ..Limits::default() });
        prop_assert_eq!(without.states, all(&world, false).len());
        let mut fused = Space::fused(&world, &failing(), false).expect("no steps are judged");
        let reduced = explore(&mut fused, &failing());
        prop_assert_eq!(reduced.verdict == Verdict::Holds, found.verdict == Verdict::Holds);
        prop_assert!(mapisim_sim::fuse::check(&world, &failing(), usize::MAX).is_ok());
    }
}
