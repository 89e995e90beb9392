//! The digest of an outcome: a hash over its canonical text, the same on every machine and in every report.
//!
//! In it is what happened and what came of it. Not in it: the file's path, the title, the build's name, and whether every
//! interleaving was looked at, so that a counterexample and a replay of its schedule have one digest.
//!
//! The canonical text is made by explicit functions, so that no derived or library formatting can change it.

pub mod canonical;

use mapisim_model::outcome::{Bound, Outcome, Verdict};

/// The digest: the first 32 hexadecimal digits of a BLAKE3 hash.
pub fn digest(outcome: &Outcome) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(text(outcome).as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

/// The canonical text of an outcome. A run has a line for each step, then the verdict and the step that broke it; a
/// search without a run has the verdict, its size, and its size at each depth.
pub fn text(outcome: &Outcome) -> String {
    let mut lines = vec!["mapisim outcome 1".to_owned()];
    if let Some(run) = &outcome.run {
        lines.extend(run.steps.iter().map(|step| canonical::step(run, step)));
        lines.push(format!("verdict {}", verdict(outcome.verdict)));
        if let Some(finding) = &outcome.finding {
            let symptom = finding.symptom.map_or_else(|| "-".to_owned(), |step| step.to_string());
            lines.push(format!("cause {} symptom {symptom}", finding.cause));
        }
    } else {
        lines.push(format!("verdict {}", verdict(outcome.verdict)));
    }
    let comparable = outcome.bound != Some(Bound::Stopped);
    if outcome.run.is_none() && comparable {
        lines.push(format!("states {} transitions {}", outcome.states, outcome.transitions));
        lines.extend(
            outcome.levels.iter().enumerate().map(|(depth, states)| format!("level {depth} {states}")),
        );
    }
    if let Some(bound) = outcome.bound {
        lines.push(format!("bound {}", bound_word(bound)));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn verdict(verdict: Verdict) -> String {
    match verdict.property() {
        Some(property) => format!("{} {}", verdict.word(), property.id()),
        None => verdict.word().to_owned(),
    }
}

/// A bound's word in canonical text.
const fn bound_word(bound: Bound) -> &'static str {
    match bound {
        Bound::States => "states",
        Bound::Memory { .. } => "memory",
        Bound::Steps => "steps",
        Bound::Stopped => "stopped",
    }
}
