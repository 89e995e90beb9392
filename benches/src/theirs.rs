//! The peers' machine behind Stateright's own trait, as its examples are written: a state of ordinary values, one
//! action per process, and one more for its crash.

use mapisim_sim::world::{Actor, Machine, Outcome, Process};
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
    Crashed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    machine: Mapi,
    /// Where each is, and in which round.
    at: Vec<(At, u8)>,
}

/// One process.
#[derive(Clone, Copy)]
struct Role {
    desktop: bool,
    section: usize,
    key: usize,
    name: u32,
}

struct Theirs {
    roles: Vec<Role>,
    rounds: u8,
    crashes_max: usize,
    /// Go on after something broke.
    whole_graph: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Step(usize),
    Crash(usize),
}

impl Theirs {
    fn new(case: &Case<'_>, crashes_max: usize, whole_graph: bool) -> Self {
        let mut places = Vec::new();
        let people = case.processes.chars().zip(case.accounts.chars().zip(case.sessions.chars()));
        let role = |(number, (kind, (account, session)))| {
            let place = (account, if case.global_section { '*' } else { session });
            if !places.contains(&place) {
                places.push(place);
            }
            Role {
                desktop: kind == 'D',
                section: places.iter().position(|known| *known == place).expect("just added"),
                key: usize::from(case.own_marks && account != 'X'),
                name: if case.one_name { 0 } else { number },
            }
        };
        let roles = (0..).zip(people).map(role).collect();
        Theirs { roles, rounds: case.rounds as u8, crashes_max, whole_graph }
    }

    fn op(&self, at: &(At, u8), me: usize) -> Option<Op> {
        let lowest = |todo: u8| todo.trailing_zeros();
        let Role { section, key, name, .. } = self.roles[me];
        Some(match at.0 {
            At::Open => Op::Open(section),
            At::List => Op::List(key),
            At::Check(todo) => Op::InUse(section, lowest(todo)),
            At::Delete(todo) => Op::Delete(lowest(todo)),
            At::Unmark(todo) => Op::Unmark(key, lowest(todo)),
            At::Create => Op::Create(name),
            At::Bump => Op::Bump(section, name),
            At::LRead | At::Oms1 | At::Oms2 => Op::Must(name),
            At::DCheck => Op::InUse(section, name),
            At::DMark => Op::Mark(key, name),
            At::DDelete | At::RDelete => Op::Delete(name),
            At::Drop => Op::Drop(section, name),
            At::RCheck => Op::Marked(key, name),
            At::RUnmark => Op::Unmark(key, name),
            At::Close if at.1 + 1 < self.rounds => Op::Close(section),
            At::Close => Op::CloseAndEnd(section),
            At::Done | At::Violated | At::Crashed => return None,
        })
    }

    fn next(&self, at: &(At, u8), answer: Answer, me: usize) -> (At, u8) {
        let yes = answer == Answer::Is(true);
        let desktop = self.roles[me].desktop;
        let sweep = |todo: u8| if todo == 0 { At::Create } else { At::Check(todo) };
        let must = |next| if yes { next } else { At::Violated };
        let round = at.1;
        let next = match (&at.0, answer) {
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
            (At::Close, _) if round + 1 < self.rounds => return (At::Open, round + 1),
            (At::Close, _) => At::Done,
            _ => unreachable!("an ended process takes no step"),
        };
        (next, round)
    }
}

impl Model for Theirs {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { machine: Mapi::default(), at: vec![(At::Open, 0); self.roles.len()] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let processes = 0..self.roles.len();
        actions.extend(processes.clone().filter(|me| self.op(&state.at[*me], *me).is_some()).map(Action::Step));
        if state.at.iter().filter(|at| at.0 == At::Crashed).count() < self.crashes_max {
            let alive = |me: &usize| state.machine.alive(Process(*me as u16));
            actions.extend(processes.filter(alive).map(Action::Crash));
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut after = state.clone();
        match action {
            Action::Step(me) => {
                let op = self.op(&state.at[me], me)?;
                let outcome = after.machine.execute(Actor(me as u16), &op);
                let Outcome::Answered(answer) = outcome else { return None };
                after.at[me] = self.next(&state.at[me], answer, me);
            }
            Action::Crash(me) => {
                after.machine.crash(Process(me as u16));
                after.at[me] = (At::Crashed, 0);
            }
        }
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![Property::always("no profile is lost", |_, state: &State| {
            state.at.iter().all(|at| at.0 != At::Violated)
        })];
        if self.whole_graph {
            // It stops once every property is answered. This one never is.
            all.push(Property::sometimes("never", |_, _| false));
        }
        all
    }
}

/// Distinct states, transitions, and the length of the first counterexample.
#[allow(dead_code, reason = "not all who use this file ask with crashes")]
pub(crate) fn search(
    case: &Case<'_>,
    crashes_max: usize,
    whole_graph: bool,
    breadth_first: bool,
) -> (usize, u64, Option<usize>) {
    fn told(checker: &impl Checker<Theirs>) -> (usize, u64, Option<usize>) {
        // It counts the first state as generated.
        let transitions = checker.state_count() as u64 - 1;
        let lost = checker.discovery("no profile is lost").map(|path| path.into_actions().len());
        (checker.unique_state_count(), transitions, lost)
    }
    let checker = Theirs::new(case, crashes_max, whole_graph).checker().threads(1);
    if breadth_first { told(&checker.spawn_bfs().join()) } else { told(&checker.spawn_dfs().join()) }
}

/// Distinct states and transitions of the whole graph without crashes.
#[allow(dead_code, reason = "not all who use this file ask without")]
pub(crate) fn explore(case: &Case<'_>, breadth_first: bool) -> (usize, u64, Option<usize>) {
    let (states, transitions, _) = search(case, 0, true, breadth_first);
    (states, transitions, None)
}
