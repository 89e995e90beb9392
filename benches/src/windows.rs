//! The full machine behind Stateright's trait, in two ways.
//!
//! - By numbers: a state is this engine's row of numbers, and a step its two look-ups. So only the search is Stateright's.
//! - As values: a state holds the machine, which is copied, executed and hashed for every transition, as a model written
//!   for Stateright would have it. Where threads stand is this engine's row all the same: there is no other way to stand
//!   in the middle of an `async` call.
//!
//! A space is no thread's but its own, so the thread that searches makes one; numbers of the first state are the same in
//! all of them. Only worlds that hold can be searched: a path is followed again by another thread, whose numbers differ.

use std::cell::RefCell;

use mapisim_model::os::Os;
use mapisim_model::world::World;
use mapisim_sim::{Action, Machine, Outcome, Space, State, World as _};
use stateright::{Checker, Model, Property};

use crate::worlds::Size;

thread_local! {
    static SPACE: RefCell<Option<Space<'static, World>>> = const { RefCell::new(None) };
}

fn with<T>(size: Size, look: impl FnOnce(&mut Space<'static, World>) -> T) -> T {
    SPACE.with_borrow_mut(|space| look(space.get_or_insert_with(|| Space::new(Box::leak(Box::new(size.world()))))))
}

/// What can happen, within the budget of crashes.
fn possible(size: Size, space: &mut Space<'static, World>, state: &State, actions: &mut Vec<Action>) {
    let cast = space.world().cast();
    let killed = cast.actors().filter(|actor| space.standing(state, *actor).is_none()).count();
    let may_crash = killed < size.crashes; // a thread each
    let all = space.possible(state).into_iter();
    actions.extend(all.filter(|action| match action {
        Action::Step(_) => true,
        Action::Crash(_) => may_crash,
        Action::End(_) | Action::Fail(_) => false,
    }));
}

struct Numbers(Size);

impl Model for Numbers {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        with(self.0, |space| vec![space.initial().clone()])
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        with(self.0, |space| possible(self.0, space, state, actions));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        with(self.0, |space| space.apply(state, action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let holds = |model: &Self, state: &State| with(model.0, |space| space.broken(state).is_none());
        vec![Property::always("nothing breaks", holds)]
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Valued {
    os: Os,
    row: State,
}

struct Values(Size);

impl Model for Values {
    type State = Valued;
    type Action = Action;

    fn init_states(&self) -> Vec<Valued> {
        with(self.0, |space| vec![Valued { os: space.world().machine(), row: space.initial().clone() }])
    }

    fn actions(&self, state: &Valued, actions: &mut Vec<Action>) {
        with(self.0, |space| possible(self.0, space, &state.row, actions));
    }

    fn next_state(&self, state: &Valued, action: Action) -> Option<Valued> {
        with(self.0, |space| {
            let mut os = state.os.clone();
            match action {
                Action::Step(actor) => {
                    let standing = space.standing(&state.row, actor)?;
                    let wanted = standing.wanted()?.clone();
                    let Outcome::Answered(_) = Machine::execute(&mut os, actor, &wanted) else {
                        return None;
                    };
                }
                Action::Crash(process) => os.crash(process),
                Action::End(_) | Action::Fail(_) => return None,
            }
            Some(Valued { os, row: space.apply(&state.row, action)? })
        })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let holds = |model: &Self, state: &Valued| with(model.0, |space| space.broken(&state.row).is_none());
        vec![Property::always("nothing breaks", holds)]
    }
}

/// How Stateright is to search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    pub(crate) values: bool,
    pub(crate) breadth_first: bool,
}

/// Distinct states and transitions of a world that holds.
pub(crate) fn explore(size: Size, how: How) -> (usize, u64) {
    fn counted<M: Model<Action = Action>>(checker: &impl Checker<M>) -> (usize, u64)
    where
        M::State: Clone + PartialEq,
    {
        assert!(checker.discoveries().is_empty(), "it holds");
        (checker.unique_state_count(), checker.state_count() as u64 - 1)
    }
    match (how.values, how.breadth_first) {
        (false, true) => counted(&Numbers(size).checker().threads(1).spawn_bfs().join()),
        (false, false) => counted(&Numbers(size).checker().threads(1).spawn_dfs().join()),
        (true, true) => counted(&Values(size).checker().threads(1).spawn_bfs().join()),
        (true, false) => counted(&Values(size).checker().threads(1).spawn_dfs().join()),
    }
}
