//! From a file to a [`Scenario`]: everything that its shape does not say.
//!
//! The rule of this family: each part checks one part of the file, adds every problem it finds and goes on with
//! something harmless in place of what is wrong, so that one mistake is reported once and independent ones together.
//! What was made that way never leaves here: one problem, and there is no scenario.
mod accounts;
mod processes;
mod schedule;
mod script;
mod verdicts;

pub(crate) use verdicts::CRASHING_HIVES_MAX;

use std::collections::BTreeSet;

use super::checked::Scenario;
use super::file::ScenarioFile;
use super::locate::Node;
use super::place::Lines;
use super::problem::Problems;

/// What all checks work with.
pub(crate) struct Check<'f> {
    pub(crate) text: &'f str,
    lines: Lines<'f>,
    tree: &'f Node,
    file: &'f ScenarioFile,
    /// The names of the file's accounts.
    accounts: BTreeSet<&'f str>,
    pub(crate) problems: Problems,
}

/// Checks a file.
///
/// # Errors
/// Everything found that is wrong.
pub(crate) fn check(name: &str, text: &str, tree: &Node, file: ScenarioFile) -> Result<Scenario, Problems> {
    let mut check = Check {
        text,
        lines: Lines::of(text),
        tree,
        file: &file,
        accounts: file.accounts.iter().map(|(name, _)| name).collect(),
        problems: Problems::new(name, text),
    };
    let (windows, terminal_services) = accounts::machine(&mut check);
    let accounts = accounts::accounts(&mut check, &windows);
    let hives = accounts::hives(&mut check);
    let processes = processes::processes(&mut check, terminal_services);
    let schedule = schedule::schedule(&mut check, &processes);
    let (crashes, may_crash) = verdicts::faults(&mut check);
    verdicts::machine_crashes(&mut check, schedule.as_ref());
    let assumptions = verdicts::assumptions(&mut check);
    let checks = verdicts::checks(&mut check);
    let must_reach = verdicts::must_reach(&mut check);
    let expect = verdicts::expect(&mut check, &checks);
    if !check.problems.is_empty() {
        return Err(check.problems);
    }
    Ok(Scenario {
        name: name.to_owned(),
        title: file.title.clone(),
        about: file.about.clone(),
        sources: file.sources.clone(),
        windows,
        terminal_services,
        accounts,
        hives,
        processes,
        schedule,
        crashes,
        may_crash,
        thread_deaths: file.faults.thread_deaths,
        machine_crashes: file.faults.machine_crashes,
        other_faults: None,
        checks,
        assumptions,
        must_reach,
        expect,
        file,
    })
}
