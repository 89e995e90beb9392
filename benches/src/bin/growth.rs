//! The growth curve on the full machine: processes of the article's kind with both fixes, with and without a crash.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml --bin growth -- PROCESSES CRASHES [JOBS]`. The processes are
//! the article's service (creates a profile, logs on, deletes it, uses it, logs off) in sessions 0, 2, 0, ...; the last
//! is Outlook, which initialises MAPI and goes. All are of one account, `patched`.

use mapisim_model::mapi::rules::Build;
use mapisim_model::scenario::read;
use mapisim_model::world::World;
use mapisim_sim::{Limits, Process, Space, explore};

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let (processes, crashes) = (numbers[0], numbers[1]);
    let text = scenario(processes, crashes);
    let scenario = read("growth.json", &text).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
    let world = World::new(&scenario, Build::from_id("patched").expect("an algorithm"));
    let mut space = Space::new(&world);
    let limits = Limits {
        states_max: 1_000_000_000,
        crashes_max: crashes,
        crashable: Some((0..processes as u16).map(Process).collect()),
        ..Limits::default()
    };
    let begun = std::time::Instant::now();
    let found = explore::explore(&mut space, &limits);
    let verdict = match found.verdict {
        mapisim_sim::Verdict::Holds => "holds".to_owned(),
        mapisim_sim::Verdict::RanOut => "ran out".to_owned(),
        mapisim_sim::Verdict::Broken(broken) => format!("{:?} after {}", broken.property, broken.actions.len()),
    };
    println!(
        "{processes} processes, {crashes} crashes: {verdict}, {} states, {} transitions, depth {}, {} ms, {:?}",
        found.states,
        found.transitions,
        found.levels.len(),
        begun.elapsed().as_millis(),
        space.discovered(),
    );
}

fn scenario(processes: usize, crashes: usize) -> String {
    let service = |number: usize| {
        let session = if number % 2 == 0 { 0 } else { 2 };
        format!(
            r#""service{number}.exe": {{ "account": "svc", "session": {session}, "mapi": "exchange-5.5", "script": [
        "MAPIInitialize", {{ "CreateProfile": {{ "profile": "Svc{number}" }} }},
        {{ "MAPILogonEx": {{ "profile": "Svc{number}", "session": "s" }} }},
        {{ "DeleteProfile": {{ "profile": "Svc{number}" }} }}, {{ "OpenMsgStore": {{ "session": "s" }} }},
        {{ "Logoff": {{ "session": "s" }} }}, {{ "Release": {{ "session": "s" }} }}, "MAPIUninitialize" ] }},"#
        )
    };
    let services: String = (0..processes - 1).map(service).collect();
    format!(
        r#"{{ "format": 1, "title": "growth", "machine": {{ "windows": "2000", "terminal_services": true }},
  "accounts": {{ "svc": {{ "sid": "S-1-5-21-1004336348-1177238915-682003330-1105", "groups": ["Administrators"],
                           "hive": "loaded" }} }},
  "processes": {{ {services}
    "outlook.exe": {{ "account": "svc", "session": 2, "mapi": "outlook",
                      "script": ["MAPIInitialize", "MAPIUninitialize"] }} }},
  "faults": {{ "crashes": {crashes} }}, "expect": {{ "patched": "holds" }} }}"#
    )
}
