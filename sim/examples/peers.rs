//! How fast exhaustive search is, on rows g, g1 and h of the peers' table (see tests/machines/peers.rs):
//! `cargo run --release -p mapisim-sim --example peers`.

#[path = "../tests/machines/peers.rs"]
mod peers;
#[path = "../tests/machines/rows.rs"]
mod rows;

use mapisim_sim::explore::{Limits, explore};
use mapisim_sim::space::Space;

fn main() {
    let jobs = std::env::args().nth(1).map_or(1, |text| text.parse().expect("a number of jobs"));
    for name in ["g", "g1", "h"] {
        let (case, crashes_max) = rows::row(name);
        let world = peers::Peers::new(&case);
        let world = if crashes_max > 0 { world.mortal() } else { world };
        let mut space = Space::new(&world);
        #[expect(
            clippy::disallowed_types,
            reason = "a benchmark looks at the clock; no verdict depends on it"
        )]
        let begun = std::time::Instant::now();
        let found = explore(&mut space, &Limits { crashes_max, jobs, ..Limits::default() });
        let micros = begun.elapsed().as_micros().max(1);
        println!(
            "{name}: {} states, {} transitions, {} ms: {} states/ms, {} transitions/ms, {} bytes/state, {:?}",
            found.states,
            found.transitions,
            micros / 1000,
            found.states as u128 * 1000 / micros,
            u128::from(found.transitions) * 1000 / micros,
            found.bytes / found.states,
            space.discovered(),
        );
    }
}
