//! The whole graph with its edges: every state in which nothing is broken, and where each action leads.
//!
//! Events have names, so that they are the same in all runs: a step is known by its actor, the call, the frames that it is in,
//! and what it asks for; a fault by what dies. Only those of the run that is asked about are looked for.
//!
//! Invariants
//! - States are numbered in the order of discovery, the initial one first; all can be reached.
//! - In the list of edges those of one state are neighbours, in the order of the states.

use foldhash::fast::FixedState;
use indexmap::map::Entry;
use indexmap::{IndexMap, IndexSet};

use super::Chance;
use crate::action::Action;
use crate::replay::Trace;
use crate::space::{ENDED, OpOf, Space, Step};
use crate::world::{Actor, World};

/// What an event is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name<Op> {
    /// A step: its actor, the call, the frames it is in, what it asks for.
    Step(Actor, usize, Vec<&'static str>, Op),
    /// A fault.
    Fault(Action),
}

/// When an event comes, in the run that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// It is the action at this index.
    Taken(usize),
    /// It never comes: the actor would have taken it after so many others, had it gone on alone where the fault at this index
    /// killed it.
    Missed {
        /// The index of the fault.
        fault: usize,
        /// Who would have taken it.
        actor: Actor,
        /// The steps that it would have taken before.
        steps: usize,
    },
}

/// An event of the run: when it comes in it first, and who it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) when: When,
    /// `None` for a fault.
    pub(super) actor: Option<Actor>,
}

/// Where an edge leads: a state's number, or one of these.
pub(super) const FAILS: u32 = u32::MAX;
/// Something else breaks. Every state has a smaller number.
pub(super) const BREAKS: u32 = u32::MAX - 1;

/// An action that leads from one state to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) to: u32,
    /// The number of its event; `None` where the run has none like it.
    pub(super) event: Option<u16>,
    /// Who takes the step; `None` for a fault.
    pub(super) actor: Option<Actor>,
}

impl Edge {
    pub(super) fn is_step(&self) -> bool {
        self.actor.is_some()
    }
}

/// The graph.
pub(super) struct Graph {
    states: IndexSet<Box<[u32]>, FixedState>,
    /// Per state: where its edges begin. One more: where they end.
    begins: Vec<usize>,
    pub(super) edges: Vec<Edge>,
    /// The run's events, each once, in the order in which they come first; then those that are missed in it.
    pub(super) events: Vec<Event>,
    /// How many of them come before it is broken, or as it is.
    pub(super) before: usize,
    /// Who takes the step that breaks it in the run; `None` for a fault.
    pub(super) breaker: Option<Actor>,
}

/// Events that are told apart at most.
const EVENTS_MAX: usize = 1 << 15;
/// Steps that somebody who died is followed for, as if it had not.
const MISSED_MAX: usize = 1_000;

impl Graph {
    /// `None` where there are more states than that.
    pub(super) fn of<W: World>(
        space: &mut Space<'_, W>,
        trace: &Trace<W::Property>,
        property: W::Property,
        states_max: usize,
    ) -> Option<Self> {
        let (broken, _) = trace.broken?;
        let (names, events, before) = events(space, trace, broken);
        let breaker = trace.moments[broken - 1].action;
        let breaker = if let Action::Step(actor) = breaker { Some(actor) } else { None };
        let steps = space.world().cast().actors().map(Action::Step);
        let faults =
            trace.moments[..broken].iter().map(|moment| moment.action).filter(|action| action.is_fault());
        let actions: Vec<Action> = steps.chain(faults).collect();
        let mut graph = Graph {
            states: IndexSet::default(),
            begins: Vec::new(),
            edges: Vec::new(),
            events,
            before,
            breaker,
        };
        graph.states.insert(space.initial().0.clone());
        // Per local state: the event of its step, once it was asked for.
        let mut known: Vec<Option<Option<u16>>> = Vec::new();
        let mut after = space.initial().0.to_vec();
        while graph.begins.len() < graph.states.len() {
            let before = graph.states[graph.begins.len()].clone();
            graph.begins.push(graph.edges.len());
            for action in &actions {
                after.copy_from_slice(&before);
                if !space.apply_to(&mut after, *action) {
                    continue;
                }
                let to = graph.leads(space, property, (&before, *action, &after));
                if graph.states.len() > states_max {
                    return None;
                }
                let event = match *action {
                    Action::Step(actor) => {
                        let node = before[1 + actor.index()] as usize;
                        if node >= known.len() {
                            known.resize(node + 1, None);
                        }
                        *known[node].get_or_insert_with(|| names.get(&name(space, &before, *action)).copied())
                    }
                    fault => names.get(&Name::Fault(fault)).copied(),
                };
                let actor = if let Action::Step(actor) = *action { Some(actor) } else { None };
                graph.edges.push(Edge { to, event, actor });
            }
        }
        graph.begins.push(graph.edges.len());
        Some(graph)
    }

    /// Where an action leads; a state that is new is numbered.
    fn leads<W: World>(
        &mut self,
        space: &mut Space<'_, W>,
        property: W::Property,
        (before, action, after): (&[u32], Action, &[u32]),
    ) -> u32 {
        let by_step = space.step_breaks(before, action, after);
        // Nothing is broken in a state that has a number.
        let known = self.states.get_index_of(after);
        let broken = if known.is_some() {
            None
        } else {
            [space.broken_in(after), space.still_broken_in(after)].into_iter().flatten().min()
        };
        match [by_step, broken].into_iter().flatten().min() {
            Some(first) if first == property => FAILS,
            Some(_) => BREAKS,
            None => known.unwrap_or_else(|| self.states.insert_full(after.into()).0) as u32,
        }
    }

    /// How many states there are.
    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    /// What can happen in a state.
    pub(super) fn after(&self, state: usize) -> &[Edge] {
        &self.edges[self.begins[state]..self.begins[state + 1]]
    }

    /// The states of a run, each before one of the actions that break it.
    pub(super) fn run<P>(&self, trace: &Trace<P>, broken: usize) -> Vec<usize> {
        let number = |at| self.states.get_index_of(&trace.before(at).0);
        (0..broken).map(|at| number(at).expect("nothing is broken before, and it can be reached")).collect()
    }

    /// The chance of failing, from each state on.
    pub(super) fn chances(&self, order: &[u32]) -> Vec<Chance> {
        let mut chances = vec![Chance::ZERO; self.len()];
        for state in order.iter().rev() {
            let (mut sum, mut ways) = (0_u128, 0_u128);
            for edge in self.after(*state as usize).iter().filter(|edge| edge.is_step()) {
                ways += 1;
                sum += u128::from(match edge.to {
                    FAILS => Chance::ONE.0,
                    BREAKS => 0,
                    to => chances[to as usize].0,
                });
            }
            chances[*state as usize] = Chance(sum.checked_div(ways).unwrap_or(0) as u64);
        }
        chances
    }

    /// Per state: whether some way to go on ends without failing, nothing dying any more.
    pub(super) fn saved(&self) -> Vec<bool> {
        let ends = |state| {
            let mut steps = self.after(state).iter().filter(|edge| edge.is_step()).peekable();
            steps.peek().is_none() || steps.any(|edge| edge.to == BREAKS)
        };
        let first: Vec<bool> = (0..self.len()).map(ends).collect();
        self.backward(first, Edge::is_step)
    }

    /// Per state: whether some way to go on fails, by edges of this kind.
    pub(super) fn dangerous(&self, edges: impl Fn(&Edge) -> bool) -> Vec<bool> {
        let fails = |state| self.after(state).iter().any(|edge| edge.to == FAILS && edges(edge));
        let first: Vec<bool> = (0..self.len()).map(fails).collect();
        self.backward(first, &edges)
    }

    /// The states from which edges lead to one of these, and these.
    fn backward(&self, mut reach: Vec<bool>, edges: impl Fn(&Edge) -> bool) -> Vec<bool> {
        let is_state = |edge: &&Edge| edge.to < BREAKS && edges(edge);
        let mut begins = vec![0_usize; self.len() + 1];
        for edge in self.edges.iter().filter(is_state) {
            begins[edge.to as usize + 1] += 1;
        }
        for state in 0..self.len() {
            begins[state + 1] += begins[state];
        }
        let mut free = begins.clone();
        let mut from = vec![0_u32; begins[self.len()]];
        for state in 0..self.len() {
            for edge in self.after(state).iter().filter(is_state) {
                from[free[edge.to as usize]] = state as u32;
                free[edge.to as usize] += 1;
            }
        }
        let mut found: Vec<usize> = (0..self.len()).filter(|state| reach[*state]).collect();
        while let Some(state) = found.pop() {
            for before in &from[begins[state]..begins[state + 1]] {
                let before = *before as usize;
                if !std::mem::replace(&mut reach[before], true) {
                    found.push(before);
                }
            }
        }
        reach
    }
}

/// The states in an order in which every edge leads forward; `None` where there is a circle.
pub(super) fn sorted(graph: &Graph) -> Option<Vec<u32>> {
    let mut into = vec![0_u32; graph.len()];
    for edge in graph.edges.iter().filter(|edge| edge.to < BREAKS) {
        into[edge.to as usize] += 1;
    }
    // All can be reached from the first one: none else has nothing that leads to it.
    let mut order = Vec::with_capacity(graph.len());
    order.extend((into[0] == 0).then_some(0));
    let mut next = 0;
    while next < order.len() {
        let state = order[next] as usize;
        next += 1;
        for edge in graph.after(state).iter().filter(|edge| edge.to < BREAKS) {
            into[edge.to as usize] -= 1;
            if into[edge.to as usize] == 0 {
                order.push(edge.to);
            }
        }
    }
    (order.len() == graph.len()).then_some(order)
}

type Names<Op> = IndexMap<Name<Op>, u16, FixedState>;

/// The events of a run by name; what they are; and how many of them come before it is broken, or as it is.
fn events<W: World>(
    space: &mut Space<'_, W>,
    trace: &Trace<W::Property>,
    broken: usize,
) -> (Names<OpOf<W>>, Vec<Event>, usize) {
    let mut names: Names<OpOf<W>> = IndexMap::default();
    let mut events = Vec::new();
    let mut add = |name: Name<OpOf<W>>, when, actor| {
        let number = events.len() as u16;
        if events.len() < EVENTS_MAX
            && let Entry::Vacant(entry) = names.entry(name)
        {
            entry.insert(number);
            events.push(Event { when, actor });
        }
        events.len()
    };
    let mut before = 0;
    for (at, moment) in trace.moments.iter().enumerate() {
        let actor = if let Action::Step(actor) = moment.action { Some(actor) } else { None };
        let known = add(name(space, &trace.before(at).0, moment.action), When::Taken(at), actor);
        if at < broken {
            before = known;
        }
    }
    for (fault, moment) in
        trace.moments[..broken].iter().enumerate().filter(|(_, moment)| moment.action.is_fault())
    {
        for actor in space.world().cast().actors() {
            let place = 1 + actor.index();
            if moment.after.0[place] < ENDED || trace.before(fault).0[place] >= ENDED {
                continue;
            }
            let mut now = trace.before(fault).0.to_vec();
            for steps in 0..MISSED_MAX {
                let next = matches!(space.step_in(&now, actor), Step::To { .. });
                if !next {
                    break;
                }
                let missed = When::Missed { fault, actor, steps };
                add(name(space, &now, Action::Step(actor)), missed, Some(actor));
                space.apply_to(&mut now, Action::Step(actor));
            }
        }
    }
    (names, events, before)
}

fn name<W: World>(space: &Space<'_, W>, before: &[u32], action: Action) -> Name<OpOf<W>> {
    let Action::Step(actor) = action else { return Name::Fault(action) };
    let standing = space.standing_at(before[1 + actor.index()]).expect("who steps lives");
    let wanted = standing.wanted().expect("who steps wants to").clone();
    Name::Step(actor, standing.call(), standing.frames(), wanted)
}
