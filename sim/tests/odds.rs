//! What mattered in a run, against every run there is: enumerated one by one, by a naive explorer that shares nothing with the
//! engine but the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use mapisim_sim::action::Action;
use mapisim_sim::explore::{Limits, Verdict, explore};
use mapisim_sim::least::{PLACES_MAX, least};
use mapisim_sim::odds::{Chance, Odds, Order, STATES_MAX, Untold, When, odds};
use mapisim_sim::replay::{Trace, replay};
use mapisim_sim::schedule::Schedule;
use mapisim_sim::space::Space;
use mapisim_sim::world::Actor;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::machines::cells::{Bench, Op};
use crate::machines::tiny::{Global, Tiny, any_tiny};

/// What an event is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Step(Actor, usize, Op),
    Fault(Action),
}

fn name(tiny: &Tiny, state: &Global, action: Action) -> Name {
    let Action::Step(actor) = action else { return Name::Fault(action) };
    let (call, op) = state.wanted(tiny, actor).expect("it was just taken");
    Name::Step(actor, call, op)
}

/// What is certain, in parts: at each step one to three actors can run, and there are fewer steps than that.
const PARTS: u128 = 6_u128.pow(24);
/// Steps that a run has at most.
const STEPS_MAX: u128 = 12;

/// Every run there is, in which nothing dies but what may.
struct Runs<'t> {
    tiny: &'t Tiny,
    property: &'static str,
    faults: BTreeSet<Action>,
    /// Each run that fails, in names.
    failing: Vec<Vec<Name>>,
    /// Each other run.
    others: Vec<Vec<Name>>,
}

impl Runs<'_> {
    /// The chance of failing from a state on, in [`PARTS`], and whether some way to go on does not fail, nothing dying any more. Enumerates, too.
    fn from(&mut self, state: &Global, so_far: &mut Vec<Name>) -> (u128, bool) {
        if let Some(broken) = state.broken(self.tiny) {
            let fails = broken == self.property;
            if fails { &mut self.failing } else { &mut self.others }.push(so_far.clone());
            return if fails { (PARTS, false) } else { (0, true) };
        }
        let (mut sum, mut ways, mut saved) = (0, 0, false);
        for (action, next) in state.next(self.tiny) {
            if action.is_fault() && !self.faults.contains(&action) {
                continue;
            }
            so_far.push(name(self.tiny, state, action));
            let (chance, can_be_saved) = self.from(&next, so_far);
            so_far.pop();
            if !action.is_fault() {
                (sum, ways, saved) = (sum + chance, ways + 1, saved || can_be_saved);
            }
        }
        if ways == 0 {
            self.others.push(so_far.clone());
            return (0, true);
        }
        assert_eq!(sum % ways, 0, "nothing is rounded");
        (sum / ways, saved)
    }
}

/// Where a name comes first in a run.
fn first(run: &[Name], name: Name) -> Option<usize> {
    run.iter().position(|known| *known == name)
}

/// Whether in a run both come, in this order.
fn in_order(run: &[Name], one: Name, other: Name) -> bool {
    first(run, one).zip(first(run, other)).is_some_and(|(one, other)| one < other)
}

fn who(name: Name) -> Option<Actor> {
    if let Name::Step(actor, ..) = name { Some(actor) } else { None }
}

/// The steps that an actor takes if it goes on alone.
fn alone(tiny: &Tiny, state: &Global, actor: Actor) -> Vec<Name> {
    let mut names = Vec::new();
    let mut now = state.clone();
    while let Some((action, next)) = now.next(tiny).into_iter().find(|(can, _)| *can == Action::Step(actor)) {
        names.push(name(tiny, &now, action));
        now = next;
    }
    names
}

/// What is told wrongly of a run, found out by looking at every run; `None` where all is right.
fn wrong(tiny: &Tiny, trace: &Trace<&'static str>, told: &Odds) -> Option<String> {
    let (broken, property) = trace.broken.expect("it breaks something");
    let actions = trace.actions();
    let faults = actions[..broken].iter().copied().filter(|action| action.is_fault()).collect();
    let mut runs = Runs { tiny, property, faults, failing: Vec::new(), others: Vec::new() };
    // The run itself, in states and in names.
    let mut states = vec![Global::start(tiny)];
    let mut names = Vec::new();
    for action in &actions {
        let now = states.last().expect("there is one").clone();
        names.push(name(tiny, &now, *action));
        let next = now.next(tiny).into_iter().find(|(can, _)| can == action).expect("it was run").1;
        states.push(next);
    }
    let mut lost = broken;
    for (taken, state) in states.iter().enumerate().take(broken + 1).rev() {
        (runs.failing, runs.others) = (Vec::new(), Vec::new());
        let (chance, saved) = runs.from(state, &mut Vec::new());
        let said = told.chances.as_ref().expect("nothing goes round in circles")[taken];
        let exact = (chance << 63) / PARTS;
        let off = exact.wrapping_sub(u128::from(said.0));
        if off > STEPS_MAX || (said == Chance::ONE) == saved {
            return Some(format!("the chance after {taken} is {chance}, not {said:?}"));
        }
        if !saved && lost == taken + 1 {
            lost = taken;
        }
    }
    if told.lost != lost {
        return Some(format!("it is lost after {lost}, not {}", told.lost));
    }
    let unaided = runs.failing.iter().any(|run| run.iter().all(|name| who(*name).is_some()));
    if told.unaided != unaided {
        return Some(format!("that nothing has to die for it is {unaided}"));
    }
    let in_all = |name: &Name| runs.failing.iter().all(|run| run.contains(name));
    let mut needed: Vec<Name> = Vec::new();
    for name in &names[..broken] {
        if in_all(name) && !needed.contains(name) {
            needed.push(*name);
        }
    }
    let before = |one: Name, other: Name| runs.failing.iter().all(|run| in_order(run, one, other));
    let mut orders = Vec::new();
    let mut pairs = Vec::new();
    for (one, other) in needed.iter().flat_map(|one| needed.iter().map(move |other| (*one, *other))) {
        let between = |name: &Name| before(one, *name) && before(*name, other);
        let own = who(one).is_some() && who(one) == who(other);
        if !own && before(one, other) && !needed.iter().any(between) {
            let at = |name| first(&names, name).expect("it is of the run");
            orders.push(Order { first: Some(at(one)), then: When::Taken(at(other)) });
            pairs.push((one, other));
        }
    }
    let breaking: BTreeSet<Name> = runs.failing.iter().map(|run| run[run.len() - 1]).collect();
    let mut bounded: BTreeSet<Option<Actor>> = BTreeSet::from([who(names[broken - 1])]);
    let by = names[broken - 1];
    let by = (breaking.len() == 1 && first(&names, by) == Some(broken - 1)).then_some(by);
    let mut late = Vec::new();
    for (at, name) in names.iter().enumerate().skip(broken) {
        late.push((*name, None, When::Taken(at)));
    }
    for (fault, action) in actions[..broken].iter().enumerate().filter(|(_, action)| action.is_fault()) {
        for actor in (0..3).map(Actor).take(tiny.programs.len()) {
            if states[fault].lives(actor) && !states[fault + 1].lives(actor) && needed.contains(&names[fault])
            {
                for (steps, name) in alone(tiny, &states[fault], actor).into_iter().enumerate() {
                    late.push((name, Some(fault), When::Missed { fault, actor, steps }));
                }
            }
            assert!(matches!(action, Action::Crash(_)));
        }
    }
    let mut met = names[..broken].to_vec();
    for (name, fault, then) in late {
        let never = !runs.failing.iter().any(|run| run.contains(&name));
        let known = met.contains(&name);
        met.push(name);
        if known || !never {
            continue;
        }
        if who(name).is_some() && bounded.insert(who(name)) {
            orders.push(Order { first: fault, then });
            pairs.extend(fault.map(|at| names[at]).or(by).map(|one| (one, name)));
        }
    }
    let has = |orders: &[Order]| orders.iter().copied().collect::<BTreeSet<Order>>();
    if has(&orders) != has(&told.orders) {
        return Some(format!("the orders are {orders:?}, not {:?}", told.orders));
    }
    let keeps = |run: &Vec<Name>| {
        let late = |name: &Name| !names[..broken].contains(name);
        let ordered = pairs.iter().all(|(one, other)| {
            in_order(run, *one, *other) || (late(other) && run.contains(one) && !run.contains(other))
        });
        let faults = names[..broken].iter().filter(|name| who(**name).is_none());
        ordered && by.iter().chain(faults).all(|name| run.contains(name))
    };
    let enough = !runs.others.iter().any(keeps);
    // A run that never breaks it does not break before anything.
    let vague = by.is_none() && orders.iter().any(|order| order.first.is_none());
    let enough = Some(enough).filter(|enough| *enough || !vague);
    (told.enough != enough).then(|| format!("that they are enough is {enough:?}, not {:?}", told.enough))
}

/// The least run that breaks something, played on, and what is told of it.
fn told(world: &Bench, crashes_max: usize) -> Option<(Trace<&'static str>, Odds)> {
    let limits = Limits { crashes_max, ..Limits::default() };
    let Verdict::Broken(known) = explore(&mut Space::new(world), &limits).verdict else { return None };
    let least = least(&mut Space::new(world), &limits, &known, PLACES_MAX);
    let mut space = Space::new(world);
    let trace = replay(&mut space, &Schedule::exact(&least.actions, &world.cast)).expect("it replays");
    let told = odds(&mut space, &trace, STATES_MAX).ok()?;
    Some((trace, told))
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn what_is_told_is_what_every_run_together_says(tiny in any_tiny(1)) {
        let Some((trace, told)) = told(&tiny.bench(), tiny.crashes_max) else { return Ok(()) };
        prop_assert_eq!(wrong(&tiny, &trace, &told), None);
    }
}

proptest! {
    #![proptest_config(crate::cases(40))]

    #[test]
    fn a_planted_mistake_is_noticed(tiny in any_tiny(1)) {
        let Some((trace, told)) = told(&tiny.bench(), tiny.crashes_max) else { return Ok(()) };
        for planted in mistakes(&told) {
            prop_assert!(wrong(&tiny, &trace, &planted).is_some(), "{:?} is not noticed", planted);
        }
    }
}

/// The same with one thing wrong each.
fn mistakes(told: &Odds) -> Vec<Odds> {
    let mut all = vec![
        Odds { lost: told.lost + 1, ..told.clone() },
        Odds { unaided: !told.unaided, ..told.clone() },
        Odds { enough: Some(!told.enough.unwrap_or(true)), ..told.clone() },
    ];
    for at in 0..told.orders.len() {
        let mut orders = told.orders.clone();
        let order = orders.remove(at);
        all.push(Odds { orders: orders.clone(), ..told.clone() });
        if let (Some(first), When::Taken(then)) = (order.first, order.then) {
            orders.push(Order { first: Some(then), then: When::Taken(first) });
            all.push(Odds { orders, ..told.clone() });
        }
    }
    for (at, chance) in told.chances.iter().flatten().enumerate() {
        let mut chances = told.chances.clone().expect("there are some");
        chances[at] = Chance(if *chance == Chance::ONE { Chance::ONE.0 - 1 } else { chance.0 + (1 << 30) });
        all.push(Odds { chances: Some(chances), ..told.clone() });
    }
    all
}

#[test]
fn of_two_that_read_and_write_back_one_in_two_runs_loses_an_update() {
    let world = Bench::new(&[("ann", &["Work"]), ("bob", &["Work"])], |_, _, _, steps| {
        Box::pin(async move {
            let read = steps.step(Op::Load(0)).await;
            steps.step(Op::Store(0, read + 1)).await;
            steps.step(Op::Add(1, 1)).await;
            0
        })
    });
    let world =
        world.breaks(|cells, _| (cells.numbers[1] == 2 && cells.numbers[0] != 2).then_some("counted"));
    let (trace, told) = told(&world, 0).expect("it breaks");
    assert_eq!(Schedule::exact(&trace.actions(), &world.cast).to_string(), "ann:1,bob:3,ann:2");
    let half = Chance(Chance::ONE.0 / 2);
    assert_eq!(told.chances, Some([vec![half; 2], vec![Chance::ONE; 5]].concat()));
    assert_eq!((half.of(100), half.one_in()), (50, Some(2)));
    // Once bob has read what ann had read nothing can save it.
    assert_eq!(told.lost, 2);
    // Each reads before the other writes; that is all it takes.
    let before = |first, then| Order { first: Some(first), then: When::Taken(then) };
    assert_eq!(told.orders, [before(0, 2), before(1, 4)]);
    assert_eq!(told.enough, Some(true));
}

#[test]
fn what_comes_too_late_to_save_it_is_told_and_what_dies_is_an_event_like_others() {
    // Bob locks; if he dies meanwhile, ann finds it out. She may give up, though, and then nothing breaks.
    let world = Bench::new(&[("ann", &["Work"]), ("bob", &["Work"])], |actor, _, _, steps| {
        Box::pin(async move {
            let abandoned = steps.step(Op::Take(0)).await;
            steps.step(Op::Give(0)).await;
            if actor == Actor(0) { abandoned } else { 0 }
        })
    });
    let world = world.breaks(|_, standing| (*standing.memory() == 1).then_some("abandoned"));
    let (trace, told) = told(&world, 1).expect("it breaks");
    assert_eq!(Schedule::exact(&trace.actions(), &world.cast).to_string(), "bob:1,kill bob,ann:2");
    let one = |chance: &Chance| chance.of(1);
    assert_eq!(told.chances.as_ref().map(|all| all.iter().map(one).collect()), Some(vec![0, 0, 1, 1, 1]));
    assert_eq!(told.lost, 2, "the kill");
    let before = |first, then| Order { first: Some(first), then: When::Taken(then) };
    // Bob takes it, dies before he has given it back, and then ann takes it.
    let missed = When::Missed { fault: 1, actor: Actor(1), steps: 0 };
    assert_eq!(told.orders, [before(0, 1), before(1, 2), Order { first: Some(1), then: missed }]);
    assert_eq!(told.enough, Some(true));
}

#[test]
fn where_steps_go_round_in_circles_the_chance_is_not_told_and_all_else_is() {
    // Ann looks until bob has set the cell; it breaks if he sets it twice before she sees the first.
    let world = Bench::new(&[("ann", &["Look"]), ("bob", &["Set"])], |actor, _, _, steps| {
        Box::pin(async move {
            if actor == Actor(1) {
                steps.step(Op::Store(0, 1)).await;
                return steps.step(Op::Store(0, 2)).await;
            }
            let look = async |()| match steps.step(Op::Load(0)).await {
                0 => ControlFlow::Continue(()),
                found => ControlFlow::Break(found),
            };
            steps.iterate("look", (), look).await
        })
    });
    let ended =
        |standing: &mapisim_sim::Standing<'_, Bench>| standing.actor() == Actor(0) && standing.call() == 1;
    let world =
        world.breaks(move |_, standing| (ended(standing) && *standing.memory() == 2).then_some("late"));
    let (trace, told) = told(&world, 0).expect("it breaks");
    assert_eq!(Schedule::exact(&trace.actions(), &world.cast).to_string(), "bob:2,ann:1");
    assert_eq!((told.chances, told.lost), (None, 2));
    // She may have looked before, in vain; and she may look in between.
    assert_eq!((told.orders, told.enough), (Vec::new(), Some(false)));
}

#[test]
fn a_bound_is_kept_and_what_is_not_broken_has_no_odds() {
    let world = Bench::new(&[("ann", &["Work"]), ("bob", &["Work"])], |_, _, _, steps| {
        Box::pin(async move {
            steps.step(Op::Add(0, 1)).await;
            steps.step(Op::Add(1, 1)).await
        })
    });
    let run = |world: &Bench, states_max| {
        let mut space = Space::new(world);
        let trace = replay(&mut space, &Schedule::default()).expect("it runs");
        odds(&mut space, &trace, states_max).map(|odds| (odds.states, odds.lost))
    };
    assert_eq!(run(&world, STATES_MAX), Err(Untold::Unbroken));
    let world = world.breaks(|cells, _| (cells.numbers == [2, 2]).then_some("both"));
    let Ok((states, lost)) = run(&world, STATES_MAX) else { panic!("it breaks") };
    assert_eq!(lost, 0, "every run breaks it");
    assert_eq!(run(&world, states), Ok((states, 0)));
    assert_eq!(run(&world, states - 1), Err(Untold::States));
}

#[test]
fn drawn_programs_have_runs_that_take_no_order_and_such_that_take_several() {
    let mut met: BTreeMap<(usize, Option<bool>), usize> = BTreeMap::new();
    let mut runner = TestRunner::new(crate::cases(400));
    for _ in 0..400 {
        let tiny = any_tiny(1).new_tree(&mut runner).expect("a program is drawn").current();
        if let Some((_, odds)) = told(&tiny.bench(), tiny.crashes_max) {
            *met.entry((odds.orders.len().min(2), odds.enough)).or_default() += 1;
        }
    }
    let several = [(0, Some(true)), (1, Some(true)), (1, Some(false)), (2, Some(true)), (2, Some(false))];
    for kind in several {
        assert!(met.contains_key(&kind), "{kind:?} is among {met:?}");
    }
}
