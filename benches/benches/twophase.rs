//! Two-phase commit, the example that explorers are compared by: this engine and Stateright, the whole graph.

#[path = "../src/measure.rs"]
mod measure;
#[path = "../src/transaction.rs"]
mod theirs;
#[path = "../../sim/tests/machines/twophase.rs"]
mod twophase;

use mapisim_sim::{Limits, Space, explore::explore};
use measure::{Counted, Table};

fn main() {
    let mut table = Table::new("Two-phase commit");
    for resources in [3, 5, 6, 7] {
        let group = format!("{resources} resource managers");
        let times = if resources < 8 { 3 } else { 1 };
        let ours = move || {
            let world = twophase::Transaction::new(resources);
            let found = explore(&mut Space::new(&world), &Limits { whole_graph: true, ..Limits::default() });
            let (states, transitions) = (found.states - world.chain(), found.transitions - world.chain() as u64);
            Some(Counted { states, transitions, ..Counted::default() })
        };
        table.exact(&group, "mapisim-sim", times, ours);
        for (who, breadth_first) in [("Stateright, breadth first", true), ("Stateright, depth first", false)] {
            let theirs = move || {
                let (states, transitions) = theirs::explore(resources, breadth_first);
                Some(Counted { states, transitions, ..Counted::default() })
            };
            table.exact(&group, who, times, theirs);
        }
    }
    table.run();
}
