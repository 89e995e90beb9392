//! The peers' machine behind Stateright's own trait, as its examples are written: a state of ordinary values, one
//! action per process.

use mapisim_sim::world::{Actor, Machine, Outcome};
use stateright::{Checker, Model, Property};

use crate::peers::{Answer, Case, Mapi, Op};

/// Where a process is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum At {
    Open,
    List,
    Check(u8),
    Delete(u8),
    Unmark(u8),
    Create,
    Bump,
    LRead,
    DCheck,
    DMark,
    DDelete,
    Oms1,
    Oms2,
    Drop,
    RCheck,
    RDelete,
    RUnmark,
    Close,
    Done,
    Violated,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    machine: Mapi,
    at: Vec<At>,
}

/// One account, both fixes: one section and one mark key; the last process is a desktop program.
struct Theirs {
    processes: usize,
}

impl Theirs {
    fn op(&self, at: &At, me: u32) -> Option<Op> {
        let lowest = |todo: u8| todo.trailing_zeros();
        Some(match at {
            At::Open => Op::Open(0),
            At::List => Op::List(0),
            At::Check(todo) => Op::InUse(0, lowest(*todo)),
            At::Delete(todo) => Op::Delete(lowest(*todo)),
            At::Unmark(todo) => Op::Unmark(0, lowest(*todo)),
            At::Create => Op::Create(me),
            At::Bump => Op::Bump(0, me),
            At::LRead | At::Oms1 | At::Oms2 => Op::Must(me),
            At::DCheck => Op::InUse(0, me),
            At::DMark => Op::Mark(0, me),
            At::DDelete | At::RDelete => Op::Delete(me),
            At::Drop => Op::Drop(0, me),
            At::RCheck => Op::Marked(0, me),
            At::RUnmark => Op::Unmark(0, me),
            At::Close => Op::CloseAndEnd(0),
            At::Done | At::Violated => return None,
        })
    }

    fn next(&self, at: &At, answer: Answer, me: usize) -> At {
        let yes = answer == Answer::Is(true);
        let desktop = me + 1 == self.processes;
        let sweep = |todo: u8| if todo == 0 { At::Create } else { At::Check(todo) };
        let must = |next| if yes { next } else { At::Violated };
        match (at, answer) {
            (At::Open, _) => At::List,
            (At::List, Answer::Marks(marks)) => sweep(marks),
            (At::Check(todo), _) if yes => sweep(todo & (todo - 1)),
            (At::Check(todo), _) => At::Delete(*todo),
            (At::Delete(todo), _) => At::Unmark(*todo),
            (At::Unmark(todo), _) => sweep(todo & (todo - 1)),
            (At::Create, _) => At::Bump,
            (At::Bump, _) => At::LRead,
            (At::LRead, _) => must(if desktop { At::Oms2 } else { At::DCheck }),
            (At::DCheck, _) => if yes { At::DMark } else { At::DDelete },
            (At::DMark | At::DDelete, _) => At::Oms1,
            (At::Oms1, _) => must(At::Oms2),
            (At::Oms2, _) => must(At::Drop),
            (At::Drop, _) => if yes { At::Close } else { At::RCheck },
            (At::RCheck, _) => if yes { At::RDelete } else { At::Close },
            (At::RDelete, _) => At::RUnmark,
            (At::RUnmark, _) => At::Close,
            (At::Close, _) => At::Done,
            _ => unreachable!("an ended process takes no step"),
        }
    }
}

impl Model for Theirs {
    type State = State;
    type Action = usize;

    fn init_states(&self) -> Vec<State> {
        vec![State { machine: Mapi::default(), at: vec![At::Open; self.processes] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<usize>) {
        actions.extend((0..self.processes).filter(|me| self.op(&state.at[*me], *me as u32).is_some()));
    }

    fn next_state(&self, state: &State, me: usize) -> Option<State> {
        let mut after = state.clone();
        let op = self.op(&state.at[me], me as u32)?;
        let Outcome::Answered(answer) = after.machine.execute(Actor(me as u16), &op) else { return None };
        after.at[me] = self.next(&state.at[me], answer, me);
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("no profile is lost", |_, state: &State| !state.at.contains(&At::Violated))]
    }
}

/// Distinct states and transitions.
pub(crate) fn explore(case: &Case<'_>, breadth_first: bool) -> (usize, u64, Option<usize>) {
    let checker = Theirs { processes: case.processes.len() }.checker().threads(1);
    let (states, generated) = if breadth_first {
        let checker = checker.spawn_bfs().join();
        (checker.unique_state_count(), checker.state_count())
    } else {
        let checker = checker.spawn_dfs().join();
        (checker.unique_state_count(), checker.state_count())
    };
    // It counts the first state as generated.
    (states, generated as u64 - 1, None)
}
