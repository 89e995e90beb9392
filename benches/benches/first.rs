//! How soon the first counterexample is there: searched breadth first, and drawn at random.

#[path = "../src/measure.rs"]
mod measure;
#[path = "../../sim/tests/machines/peers.rs"]
#[expect(dead_code, reason = "the engine's own tests ask it for more")]
mod peers;
#[path = "../../sim/tests/machines/rows.rs"]
mod rows;
#[path = "../src/theirs.rs"]
mod theirs;
#[path = "../src/worlds.rs"]
mod worlds;

use mapisim_sim::random::{Plan, Strategy, drawn};
use mapisim_sim::{Limits, Space, Verdict, World, explore::explore};
use measure::{Counted, Table, thousands};

/// Scenarios of the full machine with every order, and the algorithm that breaks.
const SHIPPED: [(&str, &str, &str); 4] = [
    ("bug 1, full machine", include_str!("../../scenarios/article/bug-1-every-order.json"), "original"),
    ("bug 2, full machine", include_str!("../../scenarios/article/bug-2-every-order.json"), "original"),
    ("a name used again, full machine", include_str!("../../scenarios/open/reused-name-without-a-lock.json"), "patched"),
    ("a name shared, full machine", include_str!("../../scenarios/open/shared-name-without-a-lock.json"), "patched"),
];

/// Runs that are drawn at most.
const RUNS_MAX: u64 = 20_000;

fn main() {
    let mut table = Table::new("Time to the first counterexample");
    for name in ["a", "c", "n", "r"] {
        let what = format!("row {name}");
        table.other(&what, "mapisim-sim, breadth first", 5, move || {
            Some(search(&peers::Peers::new(&rows::row(name).0)))
        });
        for (who, breadth_first) in [("Stateright, breadth first", true), ("Stateright, depth first", false)] {
            table.other(&what, who, 5, move || {
                let (states, transitions, length) = theirs::search(&rows::row(name).0, 0, false, breadth_first);
                let says = format!("{} steps", length.expect("it breaks"));
                Some(Counted { states, transitions, says, ..Counted::default() })
            });
        }
        for (who, strategy) in [("uniform", Strategy::Uniform), ("PCT 4", Strategy::Pct { depth: 4 })] {
            table.other(&what, format!("mapisim-sim, {who}, one seed"), 5, move || {
                Some(draw(&peers::Peers::new(&rows::row(name).0), strategy))
            });
        }
    }
    for (what, text, algorithm) in SHIPPED {
        table.other(what, "mapisim, breadth first", 5, move || Some(search(&worlds::world(text, algorithm))));
        for (who, strategy) in [("uniform", Strategy::Uniform), ("PCT 3", Strategy::Pct { depth: 3 })] {
            table.other(what, format!("mapisim, {who}, one seed"), 5, move || {
                Some(draw(&worlds::world(text, algorithm), strategy))
            });
        }
    }
    table.run();
}

fn search<W: World>(world: &W) -> Counted {
    let found = explore(&mut Space::new(world), &Limits::default());
    let Verdict::Broken(broken) = found.verdict else { panic!("it breaks") };
    let says = format!("{} steps", broken.actions.len());
    Counted { states: found.states, transitions: found.transitions, says, ..Counted::default() }
}

/// Runs of seed 1 until one breaks something.
fn draw<W: World>(world: &W, strategy: Strategy) -> Counted {
    let mut space = Space::new(world);
    let plan = Plan::new(&mut space, strategy, Limits::default());
    let mut steps = 0;
    for run in 0..RUNS_MAX {
        let trace = drawn(&mut space, &plan, 1, run);
        steps += trace.moments.len() as u64;
        if let Some((at, _)) = trace.broken {
            let says = format!("{at} steps, in run {}", run + 1);
            return Counted { states: 0, transitions: steps, says, ..Counted::default() };
        }
    }
    let says = format!("none in {} runs", thousands(RUNS_MAX));
    Counted { transitions: steps, says, ..Counted::default() }
}
