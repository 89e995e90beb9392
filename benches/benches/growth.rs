//! The growth curve on the full machine: what one more process, crash or call costs, whole and in fewer states.
//!
//! A search ends after [`STATES_MAX`] states, and says so: of four processes only what is searched in fewer states comes to its end.
//! Numbers may be given to look at one world: `cargo bench --bench growth -- 4 1 0` (processes, crashes, calls more).

#[path = "../src/measure.rs"]
mod measure;
#[path = "../src/worlds.rs"]
mod worlds;

use mapisim_sim::{Limits, Space, Verdict, explore::explore};
use measure::{Counted, Table, thousands};
use worlds::Size;

/// States at most.
const STATES_MAX: usize = 12_000_000;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).map_while(|text| text.parse().ok()).collect();
    let mut sizes = vec![
        (2, 0, 0), (2, 0, 1), (2, 0, 2), (2, 0, 4), (2, 1, 0), (2, 2, 0), (3, 0, 0), (3, 0, 1), (3, 1, 0), (4, 0, 0),
        (4, 1, 0),
    ];
    if let [processes, crashes, calls] = numbers[..] {
        sizes = vec![(processes, crashes, calls)];
    }
    let mut table = Table::new("Growth on the full machine");
    for (processes, crashes, calls) in sizes {
        let size = Size { processes, crashes, calls };
        let times = if processes < 3 { 3 } else { 1 };
        table.other(size.name(), "whole graph", times, move || Some(search(size, false)));
        table.other(size.name(), "fewer states", times, move || Some(search(size, true)));
    }
    table.run();
}

fn search(size: Size, reduced: bool) -> Counted {
    let world = size.world();
    let limits = Limits { states_max: STATES_MAX, ..size.limits() };
    let mut space = if reduced {
        Space::fused(&world, &limits, false).expect("this world judges no steps").symmetric(&limits)
    } else {
        Space::new(&world)
    };
    let found = explore(&mut space, &limits);
    let verdict = match found.verdict {
        Verdict::Holds => "holds",
        Verdict::RanOut => "ran out of states",
        Verdict::Broken(_) => "broken",
    };
    let machines = thousands(space.discovered().machines as u64);
    let says = format!("{verdict}, depth {}, {machines} machines", found.levels.len());
    Counted { states: found.states, transitions: found.transitions, says, ..Counted::default() }
}
