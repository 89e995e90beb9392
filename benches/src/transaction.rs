//! Two-phase commit behind Stateright's trait, after its own example (`examples/2pc.rs`): a state of ordinary values, an
//! action for each line of the specification.

use std::collections::BTreeSet;

use stateright::{Checker, Model, Property};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Prepared(usize),
    Commit,
    Abort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Resource {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Decision {
    None,
    Commit,
    Abort,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    resources: Vec<Resource>,
    decision: Decision,
    noted: Vec<bool>,
    sent: BTreeSet<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    TmReceive(usize),
    TmCommit,
    TmAbort,
    Prepare(usize),
    Choose(usize),
    Commit(usize),
    Abort(usize),
}

struct Theirs {
    resources: usize,
}

impl Model for Theirs {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            resources: vec![Resource::Working; self.resources],
            decision: Decision::None,
            noted: vec![false; self.resources],
            sent: BTreeSet::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let undecided = state.decision == Decision::None;
        if undecided {
            actions.push(Action::TmAbort);
            if state.noted.iter().all(|noted| *noted) {
                actions.push(Action::TmCommit);
            }
        }
        for one in 0..self.resources {
            if undecided && state.sent.contains(&Message::Prepared(one)) {
                actions.push(Action::TmReceive(one));
            }
            if state.resources[one] == Resource::Working {
                actions.extend([Action::Prepare(one), Action::Choose(one)]);
            }
            if state.sent.contains(&Message::Commit) {
                actions.push(Action::Commit(one));
            }
            if state.sent.contains(&Message::Abort) {
                actions.push(Action::Abort(one));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut state = state.clone();
        match action {
            Action::TmReceive(one) => state.noted[one] = true,
            Action::TmCommit => {
                state.decision = Decision::Commit;
                state.sent.insert(Message::Commit);
            }
            Action::TmAbort => {
                state.decision = Decision::Abort;
                state.sent.insert(Message::Abort);
            }
            Action::Prepare(one) => {
                state.resources[one] = Resource::Prepared;
                state.sent.insert(Message::Prepared(one));
            }
            Action::Choose(one) | Action::Abort(one) => state.resources[one] = Resource::Aborted,
            Action::Commit(one) => state.resources[one] = Resource::Committed,
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("consistent", |_, state: &State| {
            let any = |it| state.resources.contains(&it);
            !(any(Resource::Committed) && any(Resource::Aborted))
        })]
    }
}

/// Distinct states and transitions.
pub(crate) fn explore(resources: usize, breadth_first: bool) -> (usize, u64) {
    let checker = Theirs { resources }.checker().threads(1);
    let (states, generated) = if breadth_first {
        let checker = checker.spawn_bfs().join();
        (checker.unique_state_count(), checker.state_count())
    } else {
        let checker = checker.spawn_dfs().join();
        (checker.unique_state_count(), checker.state_count())
    };
    // It counts the first state as generated.
    (states, generated as u64 - 1)
}
