//! Every order, over several processes and hosts.
//!
//! [`explore`] searches a world in several parts; each part keeps the states that a hash of them gives to it, and tells the
//! others what leads to theirs. The parts are workers of `timely`: threads of this process, or processes that are connected.
//!
//! Reading order: `search` (one part), `wire` (what parts tell each other), `link` (how), `back` (the counterexample),
//! `seen` (what a part keeps), `recent` (what it told others); [`work`] (the cells of a run in several processes), [`cli`] (the command).
//!
//! Always holds
//! - What is found is what [`mapisim_sim::explore()`] finds, however many parts there are: verdict, counts, counterexample.
//! - Nothing that is decided depends on which message came first.

mod back;
pub mod cli;
mod link;
mod recent;
mod search;
mod seen;
mod wire;
pub mod work;

use std::sync::Arc;

use mapisim_sim::rows::Rows;
use mapisim_sim::{Exploration, Limits, Space, World};

pub use search::Level;

/// What a search found, and what that cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread<P> {
    /// What was found.
    pub found: Exploration<P>,
    /// Bytes that parts sent each other, without what frames them.
    pub sent: u64,
}

/// Searches a world in so many parts, threads of this process; each part makes the world for itself.
///
/// # Errors
/// A part stopped: what it said.
pub fn explore<W, F>(
    parts: usize,
    world: F,
    properties: &'static [W::Property],
    limits: &Limits,
) -> Result<Spread<W::Property>, String>
where
    W: World<Property: Send + Sync>,
    F: Fn() -> W + Send + Sync + 'static,
{
    let limits = Arc::new(limits.clone());
    let parts = timely::execute(timely::Config::process(parts), move |worker| {
        let world = world();
        let mut space = Space::new(&world);
        let mut link = link::Link::new(worker);
        search(&mut link, &mut space, properties, &limits, &mut |_| {})
    })?;
    let mut found = parts.join();
    found.swap_remove(0)
}

/// One part of a search.
fn search<W: World>(
    link: &mut link::Link<'_>,
    space: &mut Space<'_, W>,
    properties: &[W::Property],
    limits: &Limits,
    watch: &mut dyn FnMut(Level),
) -> Spread<W::Property> {
    search::Part::new(link, Rows::new(space, limits), limits, properties).run(watch)
}
