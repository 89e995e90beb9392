//! Builds that take the same steps on a scenario: what one search found holds for each of them.
//!
//! Always holds
//! - What is handed on is just what the build's own search or run would have given.

use crate::check::{is_asked_of, told_again};
use crate::mapi::rules::{Algorithm, Build};
use crate::outcome::{Bound, Outcome};
use crate::scenario::Scenario;

/// How alike two builds are on a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alike {
    /// Every process runs the same algorithm.
    Same,
    /// They take the same steps unless somebody is denied the global section: the fallback of 2008 is all they differ in
    /// (mapi 4.17).
    UnlessDenied,
}

/// How alike two builds are on a scenario, if they are.
pub fn alike(scenario: &Scenario, one: Build, other: Build) -> Option<Alike> {
    let without_fallback = |algorithm| match algorithm {
        Algorithm::Patched2008 => Algorithm::Patched,
        other => other,
    };
    let algorithms =
        |build: Build| scenario.processes.iter().map(move |process| build.runs(process.mapi.algorithm()));
    if algorithms(one).eq(algorithms(other)) {
        return Some(Alike::Same);
    }
    let same = algorithms(one).map(without_fallback).eq(algorithms(other).map(without_fallback));
    same.then_some(Alike::UnlessDenied)
}

/// The outcome of a scenario with a build, where that of another says it: both take the same steps. `None` where that is not
/// known.
pub fn handed_on(scenario: &Scenario, from: &Outcome, build: Build) -> Option<Outcome> {
    let alike = alike(scenario, from.build, build)?;
    let asked = |of: Build| scenario.must_reach.iter().map(move |probe| is_asked_of(*probe, of));
    // How few states prove that it holds depends on the build, and so does whether a bound is reached.
    let depends = from.global_denied || from.fused || from.bound.is_some();
    if (alike == Alike::UnlessDenied && depends)
        || from.bound == Some(Bound::Stopped)
        || !asked(from.build).eq(asked(build))
    {
        return None;
    }
    let mut outcome = Outcome { build, expected: scenario.expected(build), ..from.clone() };
    if let (Alike::UnlessDenied, Some(run)) = (alike, &from.run) {
        // What is told names the build.
        let (run, finding) = told_again(scenario, build, run);
        (outcome.run, outcome.finding) = (Some(run), finding);
    }
    Some(outcome)
}
