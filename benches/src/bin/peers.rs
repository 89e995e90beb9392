//! Exhaustive search on the rows g and h of the peers' table, side by side in one run: the engine with one job and two,
//! an explorer packed by hand, and (with `--features stateright`) Stateright.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml --bin peers -- [REPETITIONS]`. The best of the repetitions
//! counts, in processor time and in wall time.

#[path = "../hand.rs"]
mod hand;
#[path = "../../../sim/tests/machines/peers.rs"]
mod peers;
#[cfg(feature = "stateright")]
#[path = "../theirs.rs"]
mod theirs;

use std::time::{Duration, Instant};

use mapisim_sim::{Limits, Space, explore::explore};

/// What was counted, and what it took.
struct Took {
    states: usize,
    transitions: u64,
    bytes: Option<usize>,
    processor: Duration,
    wall: Duration,
}

/// Processor time of this process, all threads.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux machine");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("a name").split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().expect("ticks") + fields[12].parse::<u64>().expect("ticks");
    Duration::from_millis(ticks * 10)
}

fn best(times: usize, mut run: impl FnMut() -> (usize, u64, Option<usize>)) -> Took {
    let one = |_| {
        let (began, used) = (Instant::now(), processor());
        let (states, transitions, bytes) = run();
        Took { states, transitions, bytes, processor: processor() - used, wall: began.elapsed() }
    };
    let mut all: Vec<Took> = (0..times).map(one).collect();
    let wall = all.iter().map(|took| took.wall).min().expect("at least once");
    all.sort_by_key(|took| took.processor);
    Took { wall, ..all.swap_remove(0) }
}

fn main() {
    let times = std::env::args().nth(1).map_or(3, |text| text.parse().expect("a number"));
    println!("| row | explorer | states | transitions | processor s | wall s | M states/s (processor) | (wall) | bytes/state |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (row, people) in [("g", "SSSD"), ("h", "SSSSD")] {
        let case = peers::Case {
            processes: people,
            accounts: "XXXXX",
            sessions: "01010",
            own_marks: true,
            global_section: true,
            rounds: 1,
            one_name: false,
        };
        let world = peers::Peers::new(&case);
        let by_hand = || {
            let counted = if people.len() == 4 { hand::explore::<4>() } else { hand::explore::<5>() };
            (counted.states, counted.transitions, Some(counted.bytes))
        };
        show(row, "packed by hand", &best(times, by_hand));
        for jobs in [1, 2] {
            let ours = || {
                let limits = Limits { jobs, ..Limits::default() };
                let found = explore(&mut Space::new(&world), &limits);
                (found.states, found.transitions, Some(found.bytes))
            };
            show(row, &format!("mapisim-sim, {jobs} job(s)"), &best(times, ours));
        }
        #[cfg(feature = "stateright")]
        for (name, bfs) in [("Stateright, BFS", true), ("Stateright, DFS", false)] {
            show(row, name, &best(1, || theirs::explore(&case, bfs)));
        }
    }
}

fn show(row: &str, name: &str, took: &Took) {
    let rate = |time: Duration| took.states as f64 / time.as_secs_f64().max(0.001) / 1e6;
    println!(
        "| {row} | {name} | {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {} |",
        took.states,
        took.transitions,
        took.processor.as_secs_f64(),
        took.wall.as_secs_f64(),
        rate(took.processor),
        rate(took.wall),
        took.bytes.map_or("-".to_owned(), |bytes| format!("{:.1}", bytes as f64 / took.states as f64)),
    );
}
