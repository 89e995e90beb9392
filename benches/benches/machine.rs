//! The full machine, every interleaving: this engine and Stateright on the same transition system.

#[path = "../src/measure.rs"]
mod measure;
#[path = "../src/windows.rs"]
mod windows;
#[path = "../src/worlds.rs"]
mod worlds;

use mapisim_sim::{Space, explore::explore};
use measure::{Counted, Table};
use windows::How;
use worlds::Size;

fn main() {
    let mut table = Table::new("The full machine, beside Stateright on the same transition system");
    for (processes, crashes) in [(2, 0), (2, 1), (3, 0)] {
        let size = Size { processes, crashes, calls: 0 };
        let times = if processes < 3 { 3 } else { 1 };
        let ours = move || {
            let world = size.world();
            let found = explore(&mut Space::new(&world), &size.limits());
            Some(Counted { states: found.states, transitions: found.transitions, ..Counted::default() })
        };
        table.exact(size.name(), "mapisim", times, ours);
        for (who, values, breadth_first) in [
            ("Stateright over our numbers, breadth first", false, true),
            ("Stateright over our numbers, depth first", false, false),
            ("Stateright over values, breadth first", true, true),
            ("Stateright over values, depth first", true, false),
        ] {
            let theirs = move || {
                let (states, transitions) = windows::explore(size, How { values, breadth_first });
                Some(Counted { states, transitions, ..Counted::default() })
            };
            table.exact(size.name(), who, times, theirs);
        }
    }
    table.run();
}
