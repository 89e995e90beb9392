//! What mattered in a run that breaks something: how likely it was, which step decided, from where on it was lost, and which
//! orders of steps it takes. Computed on every order there is ([`mapisim_sim::odds`]), not by sampling.
//!
//! Always holds
//! - It says nothing where the graph is larger than the bound; the bound is counted, never timed.
//! - Steps have the numbers of the run that is told.

use mapisim_sim::odds::{Chance, Odds, When, odds};
use mapisim_sim::{Action, Schedule, Space, Trace, replay};

use crate::outcome::Outcome;
use crate::property::Property;
use crate::record::record;
use crate::scenario::Scenario;
use crate::trace::Step;
use crate::world::World;

/// What mattered in the run of an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mattered {
    /// States that were looked at: those in which nothing is broken yet.
    pub states: usize,
    /// The step that broke it.
    pub broke: usize,
    /// The chance that it breaks after step `n`, 0 for the beginning, where at each step each thread that can run is equally
    /// likely and nothing dies any more. `None` where threads can go round in circles.
    pub chances: Option<Vec<Chance>>,
    /// Some run breaks it in which nothing dies.
    pub unaided: bool,
    /// After this step it breaks whatever comes next, if nothing dies any more; 0 where it breaks in every order.
    pub lost: usize,
    /// The orders that it takes: no run breaks it without them.
    pub orders: Vec<Needed>,
    /// Whether they are enough: every run breaks it that keeps them and takes the steps that they name. `None` where that is
    /// not known.
    pub enough: Option<bool>,
}

/// One thing that comes before another in every run that breaks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// This step; `None`: it is broken.
    pub first: Option<usize>,
    /// Then this.
    pub then: Then,
}

/// What comes later, if it comes at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// The step of that number.
    Step(usize),
    /// A step that is none of the run, since who was to take it died: as it would have been.
    Missed(Box<Step>),
}

impl Mattered {
    /// The step that makes it most likely: where the chance rises most, the first of several. `None` where it never rises.
    pub fn decisive(&self) -> Option<usize> {
        let chances = self.chances.as_ref()?;
        let rises = chances.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].0));
        let most = rises.enumerate().max_by_key(|(index, rise)| (*rise, usize::MAX - index));
        most.filter(|(_, rise)| *rise > 0).map(|(index, _)| index + 1)
    }

    /// The step from which on it is more likely than not, up to the one that breaks it.
    pub fn likely_from(&self) -> Option<usize> {
        let chances = self.chances.as_ref()?;
        let last = chances.iter().rposition(|chance| chance.0 <= Chance::ONE.0 / 2)?;
        Some(last + 1)
    }
}

/// What mattered in the run of an outcome, if it breaks something and there are no more states than that.
pub fn mattered(scenario: &Scenario, outcome: &Outcome, states_max: usize) -> Option<Mattered> {
    let run = outcome.run.as_ref().filter(|_| outcome.verdict.property().is_some())?;
    let schedule = Schedule::parse(&run.schedule).expect("it was printed by a run");
    let world = World::unprobed(scenario, outcome.build);
    let mut space = Space::new(&world);
    let trace = replay::replay(&mut space, &schedule).expect("it was run before");
    let Odds { states, chances, unaided, lost, orders, enough, .. } =
        odds(&mut space, &trace, states_max).ok()?;
    let (broke, _) = trace.broken?;
    let orders = orders.iter().map(|order| Needed {
        first: order.first.map(|at| at + 1),
        then: match order.then {
            When::Taken(at) => Then::Step(at + 1),
            When::Missed { fault, actor, steps } => {
                let instead = vec![Action::Step(actor); steps + 1];
                Then::Missed(Box::new(missed(scenario, outcome, &mut space, &trace, (fault, &instead))))
            }
        },
    });
    Some(Mattered { states, broke, chances, unaided, lost, orders: orders.collect(), enough })
}

/// The last step of a run that goes on otherwise than this one from a fault on.
fn missed(
    scenario: &Scenario,
    outcome: &Outcome,
    space: &mut Space<'_, World>,
    trace: &Trace<Property>,
    (fault, instead): (usize, &[Action]),
) -> Step {
    let actions = [&trace.actions()[..fault], instead].concat();
    let schedule = Schedule::exact(&actions, mapisim_sim::World::cast(space.world()));
    let otherwise = replay::replay(space, &schedule).expect("it can go on so: it was looked at");
    let mut told = record(scenario, outcome.build, space, &otherwise);
    told.steps.swap_remove(actions.len() - 1)
}
