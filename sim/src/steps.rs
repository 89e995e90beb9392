//! How `async` code becomes an automaton.
//!
//! An actor's local state is: which call of its script it is in, its memory when that call began, and what it has been
//! told since. Running the call forward from there is a pure function, which ends at the next step it wants to take or
//! at the call's end. So no coroutine is ever kept: a local state is a value (a node), comparable and numbered, and
//! the code runs once per (local state, answer).
//!
//! Answers that no longer matter would keep local states apart for ever. Two things make them be forgotten, both sound
//! by construction:
//! - a **call's end**: only the memory it returns stays;
//! - a **frame** ([`Steps::frame`], [`Steps::iterate`]): once its body has ended, only its result stays, and of a loop
//!   only the state handed to the next round. The body may borrow what is outside, never change it (`AsyncFn`).
//!
//! Invariants
//! - The record of a node, replayed, leads to the same op or the same end. Code that takes another path when it is run
//!   again is stopped with a sentence that says so: what it asks for last is compared with what it asked for before,
//!   and all that it was told must be asked for again.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::world::{Actor, Call, Machine, World};

/// A result that a frame leaves behind: any ordered value. `Ord` is asked for so that unordered containers cannot
/// slip into a local state:
///
/// ```compile_fail,E0277
/// # use mapisim_sim::{Machine, Steps};
/// async fn names<M: Machine>(steps: &Steps<M>) {
///     steps.frame("names", async || std::collections::HashSet::from(["a"])).await;
/// }
/// ```
///
/// ```
/// # use mapisim_sim::{Machine, Steps};
/// async fn names<M: Machine>(steps: &Steps<M>) {
///     steps.frame("names", async || std::collections::BTreeSet::from(["a"])).await;
/// }
/// ```
pub trait Remembered: Any + Debug {
    /// For downcasting.
    fn as_any(&self) -> &dyn Any;
    /// Equality across types.
    fn same(&self, other: &dyn Remembered) -> bool;
    /// A hash that agrees with [`Remembered::same`].
    fn mix(&self, hasher: &mut dyn Hasher);
}

impl<T: Clone + Ord + Hash + Debug + 'static> Remembered for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn same(&self, other: &dyn Remembered) -> bool {
        other.as_any().downcast_ref::<T>().is_some_and(|other| self == other)
    }

    fn mix(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }
}

/// One entry of what a call has been told since it began.
#[derive(Clone, Debug)]
pub(crate) enum Item<A> {
    /// The answer to a step.
    Answer(A),
    /// A frame was entered and has not ended.
    Enter(&'static str),
    /// A frame ended with this, or a loop's next round begins with it.
    Result(Rc<dyn Remembered>),
}

impl<A: PartialEq> PartialEq for Item<A> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Item::Answer(a), Item::Answer(b)) => a == b,
            (Item::Enter(a), Item::Enter(b)) => a == b,
            (Item::Result(a), Item::Result(b)) => a.same(b.as_ref()),
            _ => false,
        }
    }
}

impl<A: Eq> Eq for Item<A> {}

impl<A: Hash> Hash for Item<A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Item::Answer(answer) => (0u8, answer).hash(state),
            Item::Enter(label) => (1u8, label).hash(state),
            Item::Result(result) => {
                2u8.hash(state);
                result.mix(state);
            }
        }
    }
}

/// A local state: an actor before its next step, or at the end of its script.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node<A, Memory> {
    pub(crate) actor: Actor,
    /// The call it is in; the script's length when the script has ended.
    pub(crate) call: usize,
    /// Its memory when that call began.
    pub(crate) memory: Memory,
    /// Whether that call has taken a step.
    pub(crate) begun: bool,
    /// What it has been told since.
    pub(crate) items: Vec<Item<A>>,
}

/// A node of this world.
pub(crate) type NodeOf<W> = Node<<<W as World>::Machine as Machine>::Answer, <W as World>::Memory>;

/// The handle through which a call takes its steps.
pub struct Steps<M: Machine> {
    run: Rc<Run<M>>,
}

impl<M: Machine> Clone for Steps<M> {
    fn clone(&self) -> Self {
        Steps { run: Rc::clone(&self.run) }
    }
}

struct Run<M: Machine> {
    items: RefCell<Vec<Item<M::Answer>>>,
    cursor: Cell<usize>,
    /// The place of the answer heard last, and the op that asked for it.
    asked: Option<(usize, M::Op)>,
    wanted: RefCell<Option<M::Op>>,
}

const STRAYED: &str = "a call took another path when it was run again: it may depend only on its arguments and on \
                       what its steps answer";

const FOREIGN_WAIT: &str = "a call waited for something other than a step of the machine";

impl<M: Machine> Steps<M> {
    fn new(items: Vec<Item<M::Answer>>, asked: Option<M::Op>) -> Self {
        let asked = asked.map(|op| (items.len() - 1, op));
        Steps {
            run: Rc::new(Run {
                items: RefCell::new(items),
                cursor: Cell::new(0),
                asked,
                wanted: RefCell::new(None),
            }),
        }
    }

    /// The steps of a call that has been told nothing yet.
    pub(crate) fn unasked() -> Self {
        Steps::new(Vec::new(), None)
    }

    /// The step that the call waits for.
    pub(crate) fn take_wanted(&self) -> M::Op {
        self.run.wanted.take().expect(FOREIGN_WAIT)
    }

    /// Answers the step that the call waits for; it is read when the call goes on.
    pub(crate) fn answer(&self, answer: M::Answer) {
        self.run.items.borrow_mut().push(Item::Answer(answer));
    }

    /// Takes one step and waits for its answer. Others may run before it.
    pub async fn step(&self, op: M::Op) -> M::Answer {
        let mut op = Some(op);
        std::future::poll_fn(move |_| {
            match self.next() {
                Some(Item::Answer(answer)) => {
                    let heard = self.run.cursor.get() - 1;
                    let asked = self.run.asked.as_ref().filter(|(at, _)| *at == heard);
                    assert!(asked.is_none_or(|(_, asked)| Some(asked) == op.as_ref()), "{STRAYED}");
                    return Poll::Ready(answer);
                }
                Some(_) => panic!("{STRAYED}"),
                None => {}
            }
            let earlier = self.run.wanted.replace(op.take());
            assert!(
                earlier.is_none(),
                "a call waited for two steps at once: an actor takes one step at a time"
            );
            Poll::Pending
        })
        .await
    }

    /// Runs a part of a call under a name, and forgets its answers once it has ended: only its result stays.
    pub async fn frame<T>(&self, label: &'static str, body: impl AsyncFn() -> T) -> T
    where
        T: Clone + Ord + Hash + Debug + 'static,
    {
        let start = self.run.cursor.get();
        if let Some(ended) = self.enter(label) {
            return ended;
        }
        let result = body().await;
        self.leave(start, Item::Result(Rc::new(result.clone())));
        result
    }

    /// Runs a loop under a name. Each round gets the state that the round before gave it (`Continue`) and nothing else
    /// of what happened before; `Break` ends the loop, and only its result stays.
    pub async fn iterate<S, T>(
        &self,
        label: &'static str,
        first: S,
        round: impl AsyncFn(S) -> ControlFlow<T, S>,
    ) -> T
    where
        S: Clone + Ord + Hash + Debug + 'static,
        T: Clone + Ord + Hash + Debug + 'static,
    {
        let start = self.run.cursor.get();
        if let Some(ended) = self.enter(label) {
            return ended;
        }
        let mut state: S = match self.next() {
            Some(Item::Result(state)) => recall(state.as_ref()),
            Some(_) => panic!("{STRAYED}"),
            None => {
                self.push(Item::Result(Rc::new(first.clone())));
                first
            }
        };
        loop {
            match round(state).await {
                ControlFlow::Continue(next) => {
                    self.leave(start + 1, Item::Result(Rc::new(next.clone())));
                    state = next;
                }
                ControlFlow::Break(result) => {
                    self.leave(start, Item::Result(Rc::new(result.clone())));
                    return result;
                }
            }
        }
    }

    /// Enters a frame: `Some` result when it has ended already in what is being replayed.
    fn enter<T: Clone + 'static>(&self, label: &'static str) -> Option<T> {
        match self.next() {
            Some(Item::Result(result)) => return Some(recall(result.as_ref())),
            Some(Item::Enter(entered)) if entered == label => {}
            Some(_) => panic!("{STRAYED}"),
            None => self.push(Item::Enter(label)),
        }
        None
    }

    /// Replaces everything since `start` by one result.
    fn leave(&self, start: usize, result: Item<M::Answer>) {
        let mut items = self.run.items.borrow_mut();
        assert!(self.run.cursor.get() == items.len(), "{STRAYED}");
        items.truncate(start);
        items.push(result);
        self.run.cursor.set(items.len());
    }

    fn next(&self) -> Option<Item<M::Answer>> {
        let cursor = self.run.cursor.get();
        let item = self.run.items.borrow().get(cursor).cloned()?;
        self.run.cursor.set(cursor + 1);
        Some(item)
    }

    fn push(&self, item: Item<M::Answer>) {
        let mut items = self.run.items.borrow_mut();
        items.push(item);
        self.run.cursor.set(items.len());
    }
}

fn recall<T: Clone + 'static>(result: &dyn Remembered) -> T {
    result.as_any().downcast_ref::<T>().unwrap_or_else(|| panic!("{STRAYED}")).clone()
}

/// Runs an actor forward from what it has been told to its next step: the local state reached, and the op it wants.
/// `None`: its script has ended. `asked` is the op that the last thing it was told answers.
pub(crate) fn forward<W: World>(
    world: &W,
    from: NodeOf<W>,
    mut asked: Option<<W::Machine as Machine>::Op>,
) -> (NodeOf<W>, Option<<W::Machine as Machine>::Op>) {
    let Node { actor, mut call, mut memory, mut begun, mut items } = from;
    let calls = world.script(actor).len();
    while call < calls {
        let steps = Steps::new(items, asked.take());
        let mut future: Call<'_, W::Memory> = world.call(actor, call, memory.clone(), steps.clone());
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(future);
        let told = steps.run.items.take();
        let wanted = steps.run.wanted.take();
        assert!(steps.run.cursor.get() == told.len(), "{STRAYED}");
        match polled {
            Poll::Pending => {
                let op = wanted.expect("a call waited for something other than a step of the machine");
                return (Node { actor, call, memory, begun, items: told }, Some(op));
            }
            Poll::Ready(next) => {
                assert!(wanted.is_none(), "a call went on without waiting for the step that it asked for");
                call += 1;
                memory = next;
                begun = false;
                items = Vec::new();
            }
        }
    }
    (Node { actor, call, memory, begun: false, items: Vec::new() }, None)
}

/// Where an actor stands: before its next step, or at the end of its script. A view for properties and reports.
pub struct Standing<'a, W: World> {
    pub(crate) node: &'a NodeOf<W>,
    pub(crate) wanted: Option<&'a <W::Machine as Machine>::Op>,
}

impl<'a, W: World> Standing<'a, W> {
    /// The actor.
    pub fn actor(&self) -> Actor {
        self.node.actor
    }

    /// The index of the call it is in, or that it is about to begin; the script's length when the script has ended.
    pub fn call(&self) -> usize {
        self.node.call
    }

    /// Whether that call has taken a step yet.
    pub fn begun(&self) -> bool {
        self.node.begun
    }

    /// Its memory when that call began.
    pub fn memory(&self) -> &'a W::Memory {
        &self.node.memory
    }

    /// The frames it is in, outermost first.
    pub fn frames(&self) -> Vec<&'static str> {
        let entered = self.node.items.iter();
        entered.filter_map(|item| if let Item::Enter(label) = item { Some(*label) } else { None }).collect()
    }

    /// The outermost frame that it is in.
    pub fn outermost(&self) -> Option<&'static str> {
        let mut entered = self.node.items.iter();
        entered.find_map(|item| if let Item::Enter(label) = item { Some(*label) } else { None })
    }

    /// The step it wants to take next; `None` at the end of its script.
    pub fn wanted(&self) -> Option<&'a <W::Machine as Machine>::Op> {
        self.wanted
    }
}

impl<A, Memory> Node<A, Memory> {
    /// Adds the answer to the step it wanted.
    pub(crate) fn hear(&mut self, answer: A) {
        self.begun = true;
        self.items.push(Item::Answer(answer));
    }
}
