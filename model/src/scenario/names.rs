//! The nearest valid name, for whoever mistyped one.

use std::ops::Range;

use super::problem::{Problem, Problems};
use super::visible::quoted;

/// Longer names than this are not compared: comparing takes time with the square of their length.
const COMPARED_MAX: usize = 100;

/// How many candidates are compared at most.
const CANDIDATES_MAX: usize = 300;

/// How many valid names a note lists at most.
const LISTED_MAX: usize = 25;

/// The candidate that a name most probably was meant to be: no more than a third of it is wrong, or it is the beginning
/// of just one.
pub(crate) fn nearest<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if name.len() > COMPARED_MAX {
        return None;
    }
    let folded = name.to_lowercase();
    let length = name.chars().count();
    let compared: Vec<(String, &'c str)> = candidates
        .iter()
        .take(CANDIDATES_MAX)
        .filter(|candidate| candidate.len() <= COMPARED_MAX)
        .map(|candidate| (candidate.to_lowercase(), *candidate))
        .collect();
    let mistakes =
        compared.iter().map(|(other, candidate)| (strsim::osa_distance(&folded, other), *candidate));
    let similar =
        mistakes.filter(|(mistakes, _)| *mistakes <= length / 3).min_by_key(|(mistakes, _)| *mistakes);
    if let Some((_, similar)) = similar {
        return Some(similar);
    }
    let mut begun = compared.iter().filter(|(other, _)| other.starts_with(&folded));
    let first = begun.next().filter(|_| length > 2 && begun.next().is_none());
    first.map(|(_, candidate)| *candidate)
}

/// What is unknown.
pub(crate) struct Unknown<'n> {
    /// The problem's code.
    pub(crate) code: &'static str,
    /// Where it is written.
    pub(crate) span: Range<usize>,
    /// What kind of name it is: `call`.
    pub(crate) noun: &'static str,
    /// What may stand there: `a call`.
    pub(crate) expected: &'static str,
    /// The name.
    pub(crate) name: &'n str,
    /// Whether the place is just that name as a JSON string, so that another one can be shown in its stead.
    pub(crate) replaceable: bool,
}

/// Reports a name that is none of the valid ones, with the nearest of them, and all where they are few.
pub(crate) fn report_unknown<'c>(
    problems: &mut Problems,
    unknown: &Unknown<'_>,
    candidates: impl IntoIterator<Item = &'c str>,
) {
    let message = format!("unknown {} {}", unknown.noun, quoted(unknown.name));
    let mut problem = Problem::new(unknown.code, unknown.span.clone(), message)
        .label(format!("expected {}", unknown.expected));
    if !problems.is_full() {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        if let Some(near) = nearest(unknown.name, &candidates) {
            problem = similar(problem, near, unknown.replaceable);
        }
        problem = problem.note(listed(&candidates));
    }
    problems.push(problem);
}

/// The problem with the nearest name as its help.
pub(crate) fn similar(problem: Problem, near: &str, replaceable: bool) -> Problem {
    let text = format!("a similar name exists: {}", quoted(near));
    if replaceable { problem.instead(text, json(near)) } else { problem.help(text) }
}

/// The names that would have been right, where they are few.
pub(crate) fn listed(candidates: &[&str]) -> String {
    let first: Vec<String> = candidates.iter().take(LISTED_MAX).map(|name| quoted(name)).collect();
    let more = candidates.len() - first.len();
    match (first.as_slice(), more) {
        ([], _) => "there is none".to_owned(),
        ([only], 0) => format!("there is only {only}"),
        (names, 0) => format!("there are {}", names.join(", ")),
        (names, more) => format!("there are {} and {more} more", names.join(", ")),
    }
}

/// A name as JSON writes it.
pub(crate) fn json(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        let names = ["MAPIInitialize", "MAPIUninitialize", "DeleteProfile", "CreateProfile", "Idle"];
        for (name, near) in [
            ("DeleteProfle", Some("DeleteProfile")),
            ("mapiinitialise", Some("MAPIInitialize")),
            ("idle", Some("Idle")),
            ("Sleep", None),
            ("Create", Some("CreateProfile")),
            ("MAPI", None),
            ("s", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &names), near, "{name}");
        }
    }
}
