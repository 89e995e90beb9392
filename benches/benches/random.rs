//! Random runs: how many a second, and how many until the first bug, beside Shuttle on the same rows.
//!
//! The first bug: the median over [`SEEDS`] seeds, each with [`RUNS_MAX`] runs at most. A run of this engine ends where
//! something breaks; Shuttle's goes on to the end of all threads. Its main thread, which starts the others and waits for
//! them, takes part in the choosing.

#[path = "../src/measure.rs"]
mod measure;
#[path = "../../sim/tests/machines/peers.rs"]
#[expect(dead_code, reason = "the engine's own tests ask it for more")]
mod peers;
#[path = "../src/programs.rs"]
mod programs;
#[path = "../../sim/tests/machines/rows.rs"]
mod rows;
#[path = "../src/worlds.rs"]
mod worlds;

use cpu_time::ProcessTime;
use mapisim_sim::random::{Plan, Strategy, drawn};
use mapisim_sim::{Limits, Space, World};
use measure::thousands;
use peers::Peers;
use programs::How;
use worlds::Size;

/// Runs that are timed.
const TIMED: u64 = 50_000;

const SEEDS: u64 = 51;
const RUNS_MAX: u64 = 20_000;

fn main() {
    println!("### Random runs\n");
    println!("| what | who | strategy | runs/s | runs to the first bug, median |");
    println!("|---|---|---|---|---|");
    for name in ["a", "c", "n", "r"] {
        let case = rows::row(name).0;
        let depth = if name == "r" { 4 } else { 3 };
        let pct = format!("PCT {depth}");
        for (how, strategy) in [("uniform", Strategy::Uniform), (&*pct, Strategy::Pct { depth })] {
            ours(&format!("row {name}"), &Peers::new(&case), how, strategy);
        }
        for (how, strategy) in [("random", How::Random), (&*pct, How::Pct(depth as usize))] {
            let rate = rate(|| programs::run(&case, strategy, 1, TIMED as usize, false).0 as u64);
            let first = median(|seed| {
                let (runs, broke) = programs::run(&case, strategy, seed, RUNS_MAX as usize, true);
                broke.then_some(runs as u64)
            });
            show(&format!("row {name}"), "Shuttle 0.9.9", how, rate, &first);
        }
    }
    for (what, text) in [
        ("bug 1, full machine", include_str!("../../scenarios/article/bug-1-every-order.json")),
        ("bug 2, full machine", include_str!("../../scenarios/article/bug-2-every-order.json")),
    ] {
        for (how, strategy) in [("uniform", Strategy::Uniform), ("PCT 3", Strategy::Pct { depth: 3 })] {
            ours(what, &worlds::world(text, "original"), how, strategy);
        }
    }
    let size = Size { processes: 3, crashes: 1, calls: 0 };
    for (how, strategy) in [("uniform", Strategy::Uniform), ("PCT 3", Strategy::Pct { depth: 3 })] {
        let world = size.world();
        let mut space = Space::new(&world);
        let plan = Plan::new(&mut space, strategy, size.limits());
        let rate = rate(|| (0..TIMED / 10).map(|run| _ = drawn(&mut space, &plan, 1, run)).count() as u64);
        show(&format!("{}, both fixes, full machine", size.name()), "mapisim", how, rate, "holds");
    }
    println!();
}

fn ours<W: World>(what: &str, world: &W, how: &str, strategy: Strategy) {
    let mut space = Space::new(world);
    let plan = Plan::new(&mut space, strategy, Limits::default());
    let rate = rate(|| (0..TIMED).map(|run| _ = drawn(&mut space, &plan, 1, run)).count() as u64);
    let first = median(|seed| {
        (0..RUNS_MAX).find(|run| drawn(&mut space, &plan, seed, *run).broken.is_some()).map(|run| run + 1)
    });
    show(what, "mapisim", how, rate, &first);
}

/// Runs a second of processor time.
fn rate(work: impl FnOnce() -> u64) -> u64 {
    let began = ProcessTime::now();
    let runs = work();
    (runs as f64 / began.elapsed().as_secs_f64()) as u64
}

/// The median over the seeds; where fewer than half find anything it is more than the bound.
fn median(first: impl FnMut(u64) -> Option<u64>) -> String {
    let mut all: Vec<u64> = (1..=SEEDS).map(first).map(|runs| runs.unwrap_or(u64::MAX)).collect();
    all.sort_unstable();
    match all[all.len() / 2] {
        u64::MAX => format!("more than {}", thousands(RUNS_MAX)),
        runs => thousands(runs),
    }
}

fn show(what: &str, who: &str, how: &str, rate: u64, first: &str) {
    println!("| {what} | {who} | {how} | {} | {first} |", thousands(rate));
}
