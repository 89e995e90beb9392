//! What frames and loops forget, that nothing else changes, and that code which strays is stopped.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use mapisim_sim::action::Action;
use mapisim_sim::explore::{Limits, explore};
use mapisim_sim::space::{Space, State};
use mapisim_sim::steps::Steps;
use mapisim_sim::world::{Actor, Call, Machine, World};
use proptest::prelude::*;

use crate::machines::cells::{Bench, Cells, Op};
use crate::machines::tiny::{Deed, Tiny, any_tiny};
use crate::small::told;

/// All that can be seen of a state from outside: the machine; of each actor its call, memory and next step, or that it
/// was killed.
type Seen = (Cells, Vec<Option<(usize, i64, Option<Op>)>>);

/// Everything that can be reached, as it is seen from outside, and how many states that is inside.
fn reachable(world: &Bench) -> (BTreeSet<Seen>, usize) {
    let mut space = Space::new(world);
    let mut inside: BTreeSet<State> = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![space.initial().clone()];
    while let Some(state) = open.pop() {
        if !inside.insert(state.clone()) {
            continue;
        }
        let actors = world.cast().actors().map(|actor| {
            let standing = space.standing(&state, actor)?;
            Some((standing.call(), *standing.memory(), standing.wanted().copied()))
        });
        seen.insert((space.machine(&state).clone(), actors.collect()));
        for action in space.possible(&state) {
            if matches!(action, Action::Step(_)) {
                open.push(space.apply(&state, action).expect("it is possible"));
            }
        }
    }
    (seen, inside.len())
}

/// How the deeds of one call are run.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// One after the other.
    Plain,
    /// The first half in a frame, in which there are frames again; the second half as a loop, each round in a frame.
    Nested,
}

type Work = std::pin::Pin<Box<dyn Future<Output = i64>>>;

fn work(deeds: Vec<Deed>, register: i64, steps: Steps<Cells>, shape: Shape) -> Work {
    Box::pin(async move {
        let one =
            async |deed: Deed, register: i64| deed.register(register, steps.step(deed.op(register)).await);
        if matches!(shape, Shape::Plain) || deeds.len() <= 1 {
            let mut register = register;
            for deed in &deeds {
                register = one(*deed, register).await;
            }
            return register;
        }
        let (early, late) = deeds.split_at(deeds.len() / 2);
        let register =
            steps.frame("early", async || work(early.to_vec(), register, steps.clone(), shape).await).await;
        let round = async |(done, register): (usize, i64)| match late.get(done) {
            Some(deed) => {
                let register = steps.frame("round", async || one(*deed, register).await).await;
                ControlFlow::Continue((done + 1, register))
            }
            None => ControlFlow::Break(register),
        };
        steps.iterate("late", (0, register), round).await
    })
}

/// All of an actor's deeds as one call, its register going in as memory.
fn shaped(tiny: &Tiny, shape: Shape) -> Bench {
    let names = [("ann", &["all"][..]), ("bob", &["all"]), ("cat", &["all"])];
    let programs = tiny.programs.clone();
    let world = Bench::new(&names[..programs.len()], move |actor, _, memory, steps| {
        work(programs[actor.index()].clone(), memory, steps, shape)
    });
    let (cell, register) = (tiny.cell, tiny.register);
    let world = world.breaks(move |cells, standing| {
        if cells.numbers[0] == cell {
            return Some("a cell");
        }
        (standing.call() == 1 && *standing.memory() == register).then_some("register")
    });
    world.deadlock("stuck")
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn frames_and_loops_change_nothing_that_can_be_seen_and_never_add_a_state(tiny in any_tiny(0)) {
        let (plain, nested) = (shaped(&tiny, Shape::Plain), shaped(&tiny, Shape::Nested));
        let (seen, states) = reachable(&plain);
        let (seen_nested, states_nested) = reachable(&nested);
        prop_assert_eq!(seen, seen_nested);
        prop_assert!(states_nested <= states, "{} and {} states", states, states_nested);
        let verdict = |world: &Bench| explore(&mut Space::new(world), &Limits::default()).verdict;
        prop_assert_eq!(verdict(&plain), verdict(&nested));
    }
}

/// Ann counts cell 0 up to 5; bob reads it as `read` says, keeps what `read` keeps, and adds that to cell 1.
fn reader(read: impl Fn(Steps<Cells>) -> Call<'static, i64> + 'static) -> Bench {
    Bench::new(&[("ann", &["Count"]), ("bob", &["Read"])], move |actor, _, _, steps| {
        if actor == Actor(1) {
            return read(steps);
        }
        Box::pin(async move {
            let round = async |count: i64| {
                steps.step(Op::Store(0, count)).await;
                if count == 5 { ControlFlow::Break(0) } else { ControlFlow::Continue(count + 1) }
            };
            steps.iterate("count", 1, round).await
        })
    })
}

#[test]
fn a_frame_forgets_its_answers_and_keeps_its_result() {
    let parity = |steps: Steps<Cells>| async move { steps.step(Op::Load(0)).await % 2 };
    let plain = reader(move |steps| {
        Box::pin(async move {
            let odd = parity(steps.clone()).await;
            steps.step(Op::Add(1, odd)).await;
            0
        })
    });
    let framed = reader(move |steps| {
        Box::pin(async move {
            let odd = steps.frame("parity", async || parity(steps.clone()).await).await;
            steps.step(Op::Add(1, odd)).await;
            0
        })
    });
    // Ann is before her first or after her n-th store, 0 to 5; her last one ends her script. Bob has not read: 6. He
    // has read r <= n: 21 by number, by parity 1 + 2 * 5. He is done, and the parity is in cell 1: 11.
    assert_eq!(reachable(&plain).1, 6 + 21 + 11);
    assert_eq!(reachable(&framed).1, 6 + 11 + 11);
    assert_eq!(reachable(&plain).0, reachable(&framed).0);
}

#[test]
fn a_loop_keeps_of_each_round_only_what_it_hands_to_the_next() {
    let twice = |forgets: bool| {
        reader(move |steps| {
            Box::pin(async move {
                if forgets {
                    let round = async |left: u8| {
                        steps.step(Op::Load(0)).await;
                        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(left - 1) }
                    };
                    steps.iterate("reads", 2, round).await;
                } else {
                    for _ in 0..3 {
                        steps.step(Op::Load(0)).await;
                    }
                }
                steps.step(Op::Add(1, 1)).await;
                0
            })
        })
    };
    // Ann at one of 6; bob has read 0 to 3 times, or is done. Without forgetting, k reads are r1 <= ... <= rk <= n.
    assert_eq!(reachable(&twice(true)).1, 6 * 5);
    assert_eq!(reachable(&twice(false)).1, 6 + 21 + 56 + 126 + 6);
}

#[test]
fn the_frames_an_actor_is_in_can_be_seen_outermost_first() {
    let world = Bench::new(&[("ann", &["Nest"])], |_, _, _, steps| {
        Box::pin(async move {
            let inner = async |round: u8| {
                steps.step(Op::Load(0)).await;
                if round == 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(round + 1) }
            };
            steps.frame("outer", async || steps.iterate("inner", 0, inner).await).await;
            steps.step(Op::Load(1)).await
        })
    });
    let mut space = Space::new(&world);
    let mut state = space.initial().clone();
    let mut frames = Vec::new();
    while let Some(next) = {
        let standing = space.standing(&state, Actor(0)).expect("she lives");
        frames.push((standing.frames(), standing.begun()));
        space.apply(&state, Action::Step(Actor(0)))
    } {
        state = next;
    }
    let inside = vec!["outer", "inner"];
    assert_eq!(frames, [(inside.clone(), false), (inside, true), (vec![], true), (vec![], false)]);
}

#[test]
fn code_runs_once_per_local_state_and_answer() {
    let runs = Rc::new(Cell::new(0));
    let counting = Rc::clone(&runs);
    let world = Bench::new(&[("ann", &["Add"]), ("bob", &["Add"])], move |_, _, _, steps| {
        counting.set(counting.get() + 1);
        Box::pin(async move {
            steps.step(Op::Add(0, 1)).await;
            steps.step(Op::Add(0, 1)).await;
            0
        })
    });
    let mut space = Space::new(&world);
    let found = explore(&mut space, &Limits::default());
    // For each: in the beginning; told 1, 2 or 3; then told 2, 3 or 4 after 1, 3 or 4 after 2, 4 after 3.
    assert_eq!((runs.get(), space.discovered().runs), (20, 20));
    assert_eq!((found.states, space.discovered().locals, space.discovered().machines), (14, 10, 5));
    explore(&mut space, &Limits::default());
    assert_eq!(runs.get(), 20, "a second search runs none of it again");
}

/// Explores a world of one actor whose code may look at how often it was begun.
fn stray(code: impl Fn(usize, Steps<Cells>) -> Call<'static, i64> + 'static) {
    let begun = Cell::new(0);
    let world = Bench::new(&[("ann", &["Stray"])], move |_, _, _, steps| {
        begun.set(begun.get() + 1);
        code(begun.get(), steps)
    });
    assert_eq!(told(&world, &explore(&mut Space::new(&world), &Limits::default())), None);
}

#[test]
#[should_panic(expected = "a call took another path when it was run again")]
fn asking_for_another_step_when_run_again_is_stopped() {
    stray(|begun, steps| Box::pin(async move { steps.step(Op::Load(begun % 2)).await }));
}

#[test]
#[should_panic(expected = "a call took another path when it was run again")]
fn ending_early_when_run_again_is_stopped() {
    stray(|begun, steps| Box::pin(async move { if begun == 1 { steps.step(Op::Load(0)).await } else { 0 } }));
}

#[test]
#[should_panic(expected = "a call took another path when it was run again")]
fn entering_a_frame_only_when_run_again_is_stopped() {
    stray(|begun, steps| {
        Box::pin(async move {
            if begun == 1 {
                return steps.step(Op::Load(0)).await;
            }
            steps.frame("new", async || steps.step(Op::Load(0)).await).await
        })
    });
}

#[test]
#[should_panic(expected = "a call took another path when it was run again")]
fn entering_another_frame_when_run_again_is_stopped() {
    stray(|begun, steps| {
        let label = if begun == 1 { "one" } else { "other" };
        Box::pin(async move { steps.frame(label, async || steps.step(Op::Load(0)).await).await })
    });
}

#[test]
#[should_panic(expected = "a call took another path when it was run again")]
fn leaving_a_frame_early_when_run_again_is_stopped() {
    stray(|begun, steps| {
        Box::pin(async move {
            let body = async || if begun == 1 { steps.step(Op::Load(0)).await } else { 0 };
            steps.frame("short", body).await
        })
    });
}

#[test]
#[should_panic(expected = "a call took another path when it was run again")]
fn a_frame_whose_result_changes_its_type_is_stopped() {
    stray(|begun, steps| {
        Box::pin(async move {
            if begun == 1 {
                steps.frame("kind", async || 1_i64).await;
            } else {
                steps.frame("kind", async || true).await;
            }
            steps.step(Op::Load(0)).await
        })
    });
}

#[test]
#[should_panic(expected = "a call took another path when it was run again")]
fn what_a_frame_changes_outside_of_itself_is_noticed_when_it_is_asked_for() {
    // The frame's body writes to a cell that is outside of it; once the frame has ended, it is not run again.
    stray(|_, steps| {
        Box::pin(async move {
            let outside = Cell::new(0);
            let body = async || outside.set(usize::from(steps.step(Op::Load(0)).await == 0));
            steps.frame("leak", body).await;
            steps.step(Op::Load(outside.get())).await
        })
    });
}

#[test]
#[should_panic(expected = "a call waited for two steps at once")]
fn waiting_for_two_steps_at_once_is_stopped() {
    stray(|_, steps| {
        Box::pin(async move {
            let (mut one, mut two) = (Box::pin(steps.step(Op::Load(0))), Box::pin(steps.step(Op::Load(1))));
            std::future::poll_fn(|context| {
                let (one, two) = (one.as_mut().poll(context), two.as_mut().poll(context));
                if one.is_ready() { one } else { two }
            })
            .await
        })
    });
}

#[test]
#[should_panic(expected = "a call waited for something other than a step of the machine")]
fn waiting_for_anything_but_a_step_is_stopped() {
    stray(|_, _| Box::pin(std::future::pending()));
}

#[test]
#[should_panic(expected = "a call went on without waiting for the step that it asked for")]
fn a_step_that_is_not_waited_for_is_stopped() {
    stray(|_, steps| {
        Box::pin(async move {
            let mut step = Box::pin(steps.step(Op::Load(0)));
            std::future::poll_fn(|context| {
                assert!(step.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
            0
        })
    });
}

/// A machine that counts how often it was asked and refused: it must not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Grudge(u8);

impl Machine for Grudge {
    type Op = ();
    type Answer = ();

    fn execute(&mut self, _actor: Actor, _op: &()) -> mapisim_sim::Outcome<()> {
        self.0 += 1;
        mapisim_sim::Outcome::Wait
    }

    fn alive(&self, _process: mapisim_sim::Process) -> bool {
        true
    }

    fn crash(&mut self, _process: mapisim_sim::Process) {}
}

struct Begrudged(mapisim_sim::Cast, Vec<String>);

impl World for Begrudged {
    type Machine = Grudge;
    type Memory = ();
    type Property = ();

    fn machine(&self) -> Grudge {
        Grudge(0)
    }

    fn cast(&self) -> &mapisim_sim::Cast {
        &self.0
    }

    fn memory(&self, _actor: Actor) {}

    fn script(&self, _actor: Actor) -> &[String] {
        &self.1
    }

    fn call(&self, _actor: Actor, _index: usize, (): (), steps: Steps<Grudge>) -> Call<'_, ()> {
        Box::pin(async move { steps.step(()).await })
    }

    fn broken(&self, _: &Grudge, _: Actor, _: &mapisim_sim::Standing<'_, Self>) -> Option<()> {
        None
    }
}

fn begrudged() -> Begrudged {
    let mut cast = mapisim_sim::Cast::default();
    let process = cast.process("ann");
    assert_eq!(cast.actor(process, "ann"), Actor(0));
    Begrudged(cast, vec!["Ask".to_owned()])
}

#[test]
#[should_panic(expected = "a step that is not taken changes nothing")]
fn a_machine_that_changes_while_it_refuses_is_stopped() {
    let world = begrudged();
    let mut space = Space::new(&world);
    space.possible(&space.initial().clone());
}

#[test]
#[should_panic(expected = "a process that was killed lives no more")]
fn a_machine_whose_dead_live_on_is_stopped() {
    let world = begrudged();
    let mut space = Space::new(&world);
    space.apply(&space.initial().clone(), Action::Crash(mapisim_sim::Process(0)));
}
