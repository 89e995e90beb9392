//! Scenarios of the full machine that grow: processes of the article's kind with both fixes.
//!
//! All but the last are the article's service (creates a profile, logs on, deletes it, uses it, logs off) in sessions 0, 2,
//! 0, ...; the last is Outlook, which initialises MAPI and goes. All are of one account.

#![allow(dead_code, reason = "every bench uses a part of it")]

use mapisim_model::mapi::rules::Build;
use mapisim_model::scenario::read;
use mapisim_model::world::World;
use mapisim_sim::{Limits, Process};

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) processes: usize,
    pub(crate) crashes: usize,
    /// Calls of OpenMsgStore that the first service makes besides its one.
    pub(crate) calls: usize,
}

impl Size {
    pub(crate) fn name(self) -> String {
        let Size { processes, crashes, calls } = self;
        let crashes = match crashes {
            0 => String::new(),
            1 => ", 1 crash".to_owned(),
            _ => format!(", {crashes} crashes"),
        };
        let calls = match calls {
            0 => String::new(),
            1 => ", 1 call more".to_owned(),
            _ => format!(", {calls} calls more"),
        };
        format!("{processes} processes{crashes}{calls}")
    }

    pub(crate) fn world(self) -> World {
        world(&scenario(self), "patched")
    }

    pub(crate) fn limits(self) -> Limits {
        Limits {
            states_max: 1_000_000_000,
            crashes_max: self.crashes,
            crashable: Some((0..self.processes as u16).map(Process).collect()),
            ..Limits::default()
        }
    }
}

/// The world of a scenario's text with an algorithm.
pub(crate) fn world(text: &str, algorithm: &str) -> World {
    let scenario = read("bench.json", text).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
    World::new(&scenario, Build::from_id(algorithm).expect("an algorithm"))
}

fn scenario(Size { processes, crashes, calls }: Size) -> String {
    let service = |number: usize| {
        let session = if number % 2 == 0 { 0 } else { 2 };
        let open = r#"{ "OpenMsgStore": { "session": "s" } },"#;
        let open = open.repeat(1 + if number == 0 { calls } else { 0 });
        format!(
            r#""service{number}.exe": {{ "account": "svc", "session": {session}, "mapi": "exchange-5.5", "script": [
        "MAPIInitialize", {{ "CreateProfile": {{ "profile": "Svc{number}" }} }},
        {{ "MAPILogonEx": {{ "profile": "Svc{number}", "session": "s" }} }},
        {{ "DeleteProfile": {{ "profile": "Svc{number}" }} }}, {open}
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
