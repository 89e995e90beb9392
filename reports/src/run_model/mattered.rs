//! What mattered in a run that breaks something, as reports say it.

use mapisim_model::mattered::{self, Then};
use mapisim_model::trace::Run;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mattered::{Line, lines};
use crate::names::Names;

/// What mattered in a run that breaks something, computed on every order there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mattered {
    /// States that were looked at: those in which nothing is broken yet.
    pub states: usize,
    /// Some run breaks it in which nothing dies.
    pub unaided: bool,
    /// The chance that it breaks after step `n`, 0 for the beginning, in parts of a thousand million, rounded down, where at
    /// each step each thread that can run is equally likely and nothing dies any more. None where threads can go round in
    /// circles, and in a report that is brief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chances: Option<Vec<u64>>,
    /// The step at which that rises most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisive: Option<usize>,
    /// After this step it breaks whatever comes next, if nothing dies any more; 0 where it breaks in every order.
    pub lost: usize,
    /// The orders that it takes: no run breaks it without them.
    pub orders: Vec<Order>,
    /// Whether they are enough: every run breaks it that keeps them and takes the steps that they name. None where that is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enough: Option<bool>,
    /// All that in sentences.
    pub lines: Vec<Line>,
}

/// One step that comes before another in every run that breaks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// This step; none: it is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
    /// Then this one, if it comes at all; none: a step that is none of this run, since who was to take it died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<usize>,
}

/// What mattered in a run.
pub fn of(run: &Run, mattered: &mattered::Mattered) -> Mattered {
    let orders = mattered.orders.iter().map(|needed| Order {
        first: needed.first,
        then: if let Then::Step(number) = needed.then { Some(number) } else { None },
    });
    let parts = |chances: &Vec<_>| {
        chances.iter().map(|chance: &mapisim_sim::odds::Chance| chance.of(PARTS)).collect()
    };
    Mattered {
        states: mattered.states,
        unaided: mattered.unaided,
        chances: mattered.chances.as_ref().map(parts),
        decisive: mattered.decisive(),
        lost: mattered.lost,
        orders: orders.collect(),
        enough: mattered.enough,
        lines: lines(run, mattered, &Names::short(run)),
    }
}

/// Parts of 1 in which chances are written.
const PARTS: u64 = 1_000_000_000;
