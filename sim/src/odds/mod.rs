//! What mattered in a run that breaks something, computed on the whole graph and not by sampling.
//!
//! The graph has every state that can be reached by steps, and by the faults of the run that is asked about, each at most
//! once and at any moment. A run ends where the first thing breaks, or where nobody can run. It *fails* where what breaks
//! first is the run's property.
//!
//! - **Chances**: how likely it is that a run fails from a state on, where at each step each actor that can run is equally
//!   likely and nothing dies any more. Told for each state of the run.
//! - **The point of no return**: the action from which on every way to go on fails, nothing dying any more.
//! - **Orders** that every run that fails keeps ([`orders`]), and whether they are enough.
//!
//! Work is bounded by states, and counted. Nothing is rounded but chances, and those by a rule ([`Chance`]).
//!
//! Not told: chances where steps can go round in circles for ever; anything of a world whose graph is larger than the bound.

mod graph;
mod orders;

pub use graph::When;
pub use orders::Order;

use crate::replay::Trace;
use crate::space::Space;
use crate::world::World;
use graph::{Edge, Graph, sorted};

/// A chance: a number of parts of which [`Chance::ONE`] is certainty.
///
/// It is rounded down at each state, by less than one part. So it is never more than the true one, and less by fewer parts
/// than the longest run has steps; it is `ONE` where every run fails and nowhere else; and it may be 0 where a run that fails
/// is less likely than one in a million million million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chance(pub u64);

impl Chance {
    /// It is certain.
    pub const ONE: Chance = Chance(1 << 63);
    /// It cannot be.
    pub const ZERO: Chance = Chance(0);

    /// It in so many parts of 1, rounded down: `of(100)` is percent.
    pub fn of(self, parts: u64) -> u64 {
        ((u128::from(self.0) * u128::from(parts)) >> 63) as u64
    }

    /// How many runs there are for each that fails, rounded to the nearest whole number: 14 for 1 in 14. `None` where there is
    /// no chance.
    pub fn one_in(self) -> Option<u64> {
        (self.0 > 0).then(|| (Chance::ONE.0 + self.0 / 2) / self.0)
    }
}

/// What mattered in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odds {
    /// States that were looked at; those in which something is broken are not counted.
    pub states: usize,
    /// Actions that lead from one to another, or to where something is broken.
    pub transitions: usize,
    /// The chance of failing after so many actions of the run, 0 first; the last is after the action that breaks it, and is
    /// [`Chance::ONE`]. `None` where steps can go round in circles.
    pub chances: Option<Vec<Chance>>,
    /// Some run fails in which nothing dies.
    pub unaided: bool,
    /// After so many actions of the run every way to go on fails, if nothing dies any more; 0 where every run fails, and as many
    /// as it takes to break it where it can be saved to the last.
    pub lost: usize,
    /// The orders that every run keeps that fails: a least set from which the others follow.
    pub orders: Vec<Order>,
    /// Whether every run fails that keeps them and takes every step that they name. `None` where that would take too long to
    /// find out, and where it is not, but one of them is that it breaks first and several steps can break it.
    pub enough: Option<bool>,
}

/// Why nothing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// Nothing is broken in the run, or it was broken from the start.
    Unbroken,
    /// There are more states than the bound allows.
    States,
}

/// States that are looked at by default.
pub const STATES_MAX: usize = 200_000;

/// What mattered in a run that breaks something, among all runs of its world in which nothing dies but what dies in it before it
/// breaks; looking at `states_max` states at most.
///
/// # Errors
/// [`Untold`] where nothing is told.
pub fn odds<W: World>(
    space: &mut Space<'_, W>,
    trace: &Trace<W::Property>,
    states_max: usize,
) -> Result<Odds, Untold> {
    let Some((broken, property)) = trace.broken.filter(|(steps, _)| *steps > 0) else {
        return Err(Untold::Unbroken);
    };
    let graph = Graph::of(space, trace, property, states_max).ok_or(Untold::States)?;
    let order = sorted(&graph);
    let run = graph.run(trace, broken);
    let chances = order.as_ref().map(|order| {
        let chances = graph.chances(order);
        run.iter().map(|state| chances[*state]).chain([Chance::ONE]).collect()
    });
    let unaided = graph.dangerous(Edge::is_step)[0];
    let saved = graph.saved();
    let lost = run.iter().rposition(|state| saved[*state]).map_or(0, |last| last + 1);
    let (orders, enough) = orders::orders(&graph, order.as_deref(), states_max);
    Ok(Odds { states: graph.len(), transitions: graph.edges.len(), chances, unaided, lost, orders, enough })
}
