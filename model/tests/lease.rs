//! The repair `lease` on every scenario file and on what the fixes leave open.
use mapisim_model::mapi::rules::{Algorithm, LEASE, Rules};
use mapisim_model::property::Property;
use mapisim_model::scenario::{self, Scenario};
use mapisim_model::world::World;
use mapisim_sim::{Exploration, Limits, Space, explore};

fn files() -> Vec<Scenario> {
    let mut found = Vec::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    for folder in std::fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() { continue; }
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            let name = file.strip_prefix(root).unwrap().display().to_string();
            found.push(scenario::read(&name, &std::fs::read_to_string(&file).unwrap()).unwrap());
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn explored(scenario: &Scenario, rules: Rules, crashes: usize) -> Exploration<Property> {
    let world = World::with_rules(scenario, rules);
    let limits = Limits { crashes_max: crashes, states_max: 3_000_000, ..Limits::default() };
    explore::explore(&mut Space::new(&world), &limits)
}

#[test]
fn try_files() {
    for scenario in files() {
        for crashes in 0..3 {
            let start = std::time::Instant::now();
            let e = explored(&scenario, LEASE, crashes);
            let v = match &e.verdict { mapisim_sim::Verdict::Broken(c) => format!("{:?} {}", c.property, c.actions.len()), o => format!("{o:?}") };
            println!("{:45} {crashes} {:8} {:9} {v} {:?}", scenario.name, e.states, e.transitions, start.elapsed());
        }
    }
    let _ = Algorithm::Lease;
}
