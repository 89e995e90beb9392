//! Readers that are not ours, for files that are: where they are, and what is done without them. See
//! `tests/foreign/README.md`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::root;

/// What a test may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// A browser: required where MAPISIM_E2E is `required` or `browser`.
    Browser,
    /// Foreign readers: required where it is `required`.
    Readers,
}

/// Whether tests that need it have to run.
#[expect(
    clippy::disallowed_methods,
    reason = "CI says by the environment that a missing program is a failure"
)]
fn required(what: Lacking) -> bool {
    let value = std::env::var("MAPISIM_E2E").unwrap_or_default();
    value == "required" || value == "browser" && what == Lacking::Browser
}

/// Says that a test is skipped, where everybody sees it: what a test prints in the usual way is only shown when it fails.
///
/// # Panics
/// Where MAPISIM_E2E says that it is required.
pub fn skipped(what: Lacking, why: &str) {
    assert!(!required(what), "MAPISIM_E2E requires it, but {why}");
    let told = writeln!(std::io::stderr(), "SKIPPED: {why}");
    told.expect("somebody reads what tests say");
}

/// The folder of the npm packages; none where they, or Node, are missing and nobody requires them.
pub fn packages() -> Option<PathBuf> {
    let folder = root().join("target/foreign/node_modules");
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if node.is_ok_and(|status| status.success()) && folder.join("mermaid/package.json").is_file() {
        return Some(folder);
    }
    skipped(Lacking::Readers, "the readers of tests/foreign/README.md are not installed on this machine");
    None
}

/// A scenario in which every name tries to be something else, expecting of `original` what is given here.
pub fn hostile(expected: &str) -> String {
    let long = "w".repeat(200);
    let script = "<script>window.pwned=1</script>";
    let quotes = "\\\"'><img src=x onerror=window.pwned=1>";
    format!(
        r#"{{ "format": 1, "title": "{script}{quotes}\u202edlrow </script> ]]> --> {long}", "about": "{script}\n\n{quotes}",
             "sources": ["{script}"], "machine": {{ "windows": "2000", "terminal_services": true }},
             "accounts": {{ "svc{script}": {{ "sid": "S-1-5-21-1-2-3-1105", "hive": "loaded" }} }},
             "processes": {{
               "a{script}": {{ "account": "svc{script}", "mapi": "original", "script": [ "MAPIInitialize",
                 {{ "CreateProfile": {{ "profile": "Pb amp" }} }},
                 {{ "MAPILogonEx": {{ "profile": "Pb amp", "session": "{script}" }} }},
                 {{ "DeleteProfile": {{ "profile": "Pb amp" }} }}, {{ "OpenMsgStore": {{ "session": "{script}" }} }} ] }},
               "b{quotes}{long}": {{ "account": "svc{script}", "session": 2, "mapi": "original", "script": [ "MAPIInitialize" ] }} }},
             "schedule": [ {{ "run": "a{script}", "through": "DeleteProfile" }}, {{ "run": "b{quotes}{long}" }} ],
             "expect": {{ "original": "{expected}", "patched": "holds" }} }}"#
    )
}
