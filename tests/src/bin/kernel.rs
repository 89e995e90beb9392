//! Fixed pieces of work, one at a time, whose instructions are counted (`tests/instructions.rs`). Each says what it
//! found, so that work which was left out cannot pass for work that became quicker.

#[path = "../../../sim/tests/machines/peers.rs"]
#[expect(dead_code, reason = "the engine's tests and benchmarks ask it for more")]
mod peers;
#[path = "../../../sim/tests/machines/rows.rs"]
mod rows;

use mapisim_model::check::{Bounds, check};
use mapisim_model::draw::{Random, draw};
use mapisim_model::mapi::rules::Build;
use mapisim_sim::random::Strategy;
use mapisim_sim::{Limits, Space, explore::explore};
use mapisim_tests::shipped;

fn main() {
    let kernel = std::env::args().nth(1).expect("the name of a kernel");
    let found = match kernel.as_str() {
        "row-g" => row_g(),
        "bug-2-every-order" => every_order(),
        "random-runs" => random_runs(),
        other => panic!("no kernel is named {other}"),
    };
    println!("{found}");
}

/// The whole graph of row g of the peers' table: the engine's inner loops.
fn row_g() -> String {
    let world = peers::Peers::new(&rows::row("g").0);
    let found = explore(&mut Space::new(&world), &Limits { whole_graph: true, ..Limits::default() });
    format!("{} states, {} transitions", found.states, found.transitions)
}

/// Every order of a small scenario on the full machine, with both fixes: its steps, and keeping its states.
fn every_order() -> String {
    let scenario = shipped("scenarios/article/bug-2-every-order.json");
    let build = Build::from_id("patched").expect("an algorithm");
    let outcome = check(&scenario, build, &Bounds::default()).expect("it has no schedule that could diverge");
    format!("{} states, {} transitions", outcome.states, outcome.transitions)
}

/// A thousand runs of the same, drawn: what a search that is not exhaustive spends.
fn random_runs() -> String {
    let scenario = shipped("scenarios/article/bug-2-every-order.json");
    let build = Build::from_id("patched").expect("an algorithm");
    let random = Random { strategy: Strategy::Uniform, seed: 1, first: 0, runs: 1_000 };
    let drawn = draw(&scenario, build, &random);
    format!("{} runs, {} steps", drawn.runs, drawn.steps)
}
