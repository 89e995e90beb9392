//! Two-phase commit as Gray and Lamport specify it ("Consensus on Transaction Commit", 2004), the example that explorers
//! are compared by: TLC and Stateright agree on its counts.
//!
//! A transaction manager and N resource managers; messages are a set that only grows. Each line is one atomic step, and
//! can be taken whenever what it asks for is so, again and again: one that changes nothing leads back to the same state,
//! and is counted as a transition.
//!
//! - TmReceive: a resource manager's "prepared" was sent and the transaction manager has not decided: it is noted.
//! - TmCommit: all were noted and it has not decided: it decides, and sends "commit".
//! - TmAbort: it has not decided: it decides, and sends "abort".
//! - Prepare: a resource manager that works is prepared, and sends "prepared".
//! - Choose: one that works aborts.
//! - Commit, Abort: "commit" or "abort" was sent: it does so.
//!
//! Who does what next is not determined by what a manager did before, as a script would have it. So each line of each
//! manager is an actor of its own, with one call that takes this step for ever and remembers nothing. An actor that has
//! taken no step yet differs from one that has; so all come in first, one after the other in a fixed order, before any of
//! the above can be done. That is a chain of as many states and transitions as there are actors ([`Transaction::chain`]);
//! from its end on a global state is a state of the machine and nothing more.

use std::ops::ControlFlow;

use mapisim_sim::steps::{Standing, Steps};
use mapisim_sim::world::{Actor, Call, Cast, Machine, Outcome, Process, World};

/// Where a resource manager is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Resource {
    Working,
    Prepared,
    Committed,
    Aborted,
}

/// What the transaction manager has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Decision {
    None,
    Commit,
    Abort,
}

/// The shared state, which is all of it. What was sent besides "prepared" is what was decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TwoPhase {
    resources: Vec<Resource>,
    decision: Decision,
    /// Whose "prepared" was noted: a bit each.
    noted: u32,
    /// Who sent it.
    sent: u32,
    /// Actors that have come in.
    entered: u16,
    /// All actors.
    actors: u16,
}

/// A step; resource managers are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Op {
    Enter,
    TmReceive(usize),
    TmCommit,
    TmAbort,
    Prepare(usize),
    Choose(usize),
    Commit(usize),
    Abort(usize),
}

impl Machine for TwoPhase {
    type Op = Op;
    type Answer = ();

    fn execute(&mut self, actor: Actor, op: &Op) -> Outcome<()> {
        if *op == Op::Enter && self.entered == actor.0 {
            self.entered += 1;
            return Outcome::Answered(());
        }
        if self.entered < self.actors {
            return Outcome::Wait;
        }
        let undecided = self.decision == Decision::None;
        let all = (1 << self.resources.len()) - 1;
        match *op {
            Op::TmReceive(one) if undecided && self.sent & 1 << one != 0 => self.noted |= 1 << one,
            Op::TmCommit if undecided && self.noted == all => self.decision = Decision::Commit,
            Op::TmAbort if undecided => self.decision = Decision::Abort,
            Op::Prepare(one) if self.resources[one] == Resource::Working => {
                self.resources[one] = Resource::Prepared;
                self.sent |= 1 << one;
            }
            Op::Choose(one) if self.resources[one] == Resource::Working => {
                self.resources[one] = Resource::Aborted;
            }
            Op::Commit(one) if self.decision == Decision::Commit => {
                self.resources[one] = Resource::Committed;
            }
            Op::Abort(one) if self.decision == Decision::Abort => self.resources[one] = Resource::Aborted,
            _ => return Outcome::Wait,
        }
        Outcome::Answered(())
    }

    fn alive(&self, _process: Process) -> bool {
        false // nobody is killed
    }

    fn crash(&mut self, _process: Process) {}
}

/// One of them has committed, another aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Inconsistent;

/// The world of so many resource managers.
pub(crate) struct Transaction {
    resources: usize,
    cast: Cast,
    ops: Vec<Op>,
    script: Vec<String>,
}

impl Transaction {
    pub(crate) fn new(resources: usize) -> Self {
        let mut ops = vec![Op::TmCommit, Op::TmAbort];
        for one in 0..resources {
            ops.extend([
                Op::TmReceive(one),
                Op::Prepare(one),
                Op::Choose(one),
                Op::Commit(one),
                Op::Abort(one),
            ]);
        }
        let mut cast = Cast::default();
        for op in &ops {
            let name = format!("{op:?}");
            let process = cast.process(name.clone());
            cast.actor(process, name);
        }
        Transaction { resources, cast, ops, script: vec!["ForEver".to_owned()] }
    }

    /// States and transitions in the beginning that are none of the protocol's: one for each actor.
    pub(crate) fn chain(&self) -> usize {
        self.ops.len()
    }
}

impl World for Transaction {
    type Machine = TwoPhase;
    type Memory = ();
    type Property = Inconsistent;

    fn machine(&self) -> TwoPhase {
        TwoPhase {
            resources: vec![Resource::Working; self.resources],
            decision: Decision::None,
            noted: 0,
            sent: 0,
            entered: 0,
            actors: self.ops.len() as u16,
        }
    }

    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn memory(&self, _actor: Actor) {}

    fn script(&self, _actor: Actor) -> &[String] {
        &self.script
    }

    fn call(&self, actor: Actor, _index: usize, _memory: (), steps: Steps<TwoPhase>) -> Call<'_, ()> {
        let op = self.ops[actor.index()];
        Box::pin(async move {
            steps.step(Op::Enter).await;
            let round = async |()| {
                steps.step(op).await;
                ControlFlow::<()>::Continue(())
            };
            steps.iterate("for ever", (), round).await;
        })
    }

    fn broken(&self, machine: &TwoPhase, _: Actor, _: &Standing<'_, Self>) -> Option<Inconsistent> {
        let any = |state| machine.resources.contains(&state);
        (any(Resource::Committed) && any(Resource::Aborted)).then_some(Inconsistent)
    }
}
