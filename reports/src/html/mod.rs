//! `index.html`: one self-contained page to look at a run with.
//!
//! The rule of this family: the page is a pure function of the run model; nothing in it is fetched, and only its one style
//! and one script are allowed, by their hashes. Everything is there without the script: it only shows one outcome at a
//! time, draws lanes, and moves the selection. Reading order: [`page`] (the overview), [`outcome`] (one cell), its steps
//! as lists, [`island`] (the traces, packed for the script), [`words`], [`hash`].
//!
//! Always holds
//! - Text from files is made visible and escaped: it cannot become markup, steer the page, or turn its direction.

pub mod hash;
pub mod island;
pub mod outcome;
pub mod page;
mod steps;
pub mod words;

use askama::Template as _;

use crate::run_model::RunModel;

/// Steps of one trace that are drawn, at most.
pub const STEPS_MAX: usize = 2_000;

/// The page.
pub fn render(model: &RunModel) -> String {
    page::Page::new(model).render().expect("writing to a string does not fail")
}
