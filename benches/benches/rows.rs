//! The peers' rows e to h, the whole graph, all tools in one run: packed by hand (g, h), this engine, Stateright, SPIN.
//!
//! SPIN takes part where it and a C compiler are installed (Debian: `apt-get install spin gcc`).

#[path = "../src/hand.rs"]
mod hand;
#[path = "../src/measure.rs"]
mod measure;
#[path = "../../sim/tests/machines/peers.rs"]
#[expect(dead_code, reason = "the engine's own tests ask it for more")]
mod peers;
#[path = "../../sim/tests/machines/rows.rs"]
mod rows;
#[path = "../src/spin.rs"]
mod spin;
#[path = "../src/theirs.rs"]
mod theirs;

use mapisim_sim::{Limits, Space, explore::explore};
use measure::{Counted, Table};

fn main() {
    let mut table = Table::new("Exhaustive search beside others");
    for name in ["e", "f", "g", "g1", "h"] {
        let what = format!("row {name}");
        let times = if name == "h" { 1 } else { 3 };
        if name == "g" || name == "h" {
            table.exact(&what, "packed by hand", times, move || {
                let counted = if name == "g" { hand::explore::<4>() } else { hand::explore::<5>() };
                let says = format!("{} bytes/state of its own", counted.bytes / counted.states);
                Some(Counted { states: counted.states, transitions: counted.transitions, says, ..Counted::default() })
            });
        }
        for jobs in [1, 2] {
            table.exact(&what, format!("mapisim-sim, {jobs} job(s)"), times, move || {
                let (case, crashes_max) = rows::row(name);
                let world = peers::Peers::new(&case);
                let limits = Limits { crashes_max, jobs, whole_graph: true, ..Limits::default() };
                // In the pool itself, as the command does: who asks works along.
                let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().expect("threads can be started");
                let found = pool.install(|| explore(&mut Space::new(&world), &limits));
                let says = format!("{:.1} bytes/state of its own", found.bytes as f64 / found.states as f64);
                Some(Counted { states: found.states, transitions: found.transitions, says, ..Counted::default() })
            });
        }
        for (who, breadth_first) in [("Stateright, breadth first", true), ("Stateright, depth first", false)] {
            table.exact(&what, who, 1, move || {
                let (case, crashes_max) = rows::row(name);
                let (states, transitions, _) = theirs::search(&case, crashes_max, true, breadth_first);
                Some(Counted { states, transitions, ..Counted::default() })
            });
        }
        for (who, breadth_first) in [("SPIN, depth first", false), ("SPIN, breadth first", true)] {
            table.exact(&what, who, 1, move || {
                let (case, crashes_max) = rows::row(name);
                spin::explore(&case, crashes_max, breadth_first)
            });
        }
    }
    table.run();
}
