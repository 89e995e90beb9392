//! One call on a machine where nobody else takes a step: "what would come of it, if it were left alone?"
//!
//! For properties that ask such a question of a copy of a machine. It is no part of any run: nothing of it is numbered,
//! scheduled or remembered.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::steps::Steps;
use crate::world::{Actor, Machine, Outcome};

/// Runs a call to its end, step by step; what it returns, or `None` where it would have to wait for another, or its
/// actor is gone. The machine is left as it is then. The actor need not be one of a cast: it is handed to
/// [`Machine::execute`] as it is. `saw` is shown each step that is taken: the machine before, the op, the answer, and
/// the machine after.
pub fn alone<M: Machine, T>(
    machine: &mut M,
    actor: Actor,
    call: impl AsyncFnOnce(Steps<M>) -> T,
    mut saw: impl FnMut(&M, &M::Op, &M::Answer, &M),
) -> Option<T> {
    let steps = Steps::unasked();
    let mut running = pin!(call(steps.clone()));
    loop {
        match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => return Some(result),
            Poll::Pending => {
                let op = steps.take_wanted();
                let mut after = machine.clone();
                let Outcome::Answered(answer) = after.execute(actor, &op) else { return None };
                saw(machine, &op, &answer, &after);
                *machine = after;
                steps.answer(answer);
            }
        }
    }
}
