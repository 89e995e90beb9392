//! The nearest valid name, for whoever mistyped one.

use super::problem::{Problem, Problems};
use super::visible::quoted;
use std::ops::Range;

/// Longer names than this are not compared: comparing takes time with the square of their length.
const COMPARED_MAX: usize = 100;

/// How many candidates are compared at most.
const CANDIDATES_MAX: usize = 1000;

/// How many valid names a note lists at most.
const LISTED_MAX: usize = 30;

/// The candidate that a name most probably was meant to be: no more than a third of it is wrong.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if name.len() > COMPARED_MAX {
        return None;
    }
    let folded = name.to_lowercase();
    let mistakes_max = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(CANDIDATES_MAX)
        .filter(|candidate| candidate.len() <= COMPARED_MAX)
        .map(|candidate| (strsim::osa_distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(mistakes, _)| *mistakes <= mistakes_max)
        .min_by_key(|(mistakes, _)| *mistakes)
        .map(|(_, candidate)| candidate)
}

/// What is unknown: the code, where it is written, what kind of name it is, and the name.
pub(crate) struct Unknown<'n> {
    pub(crate) code: &'static str,
    pub(crate) span: Range<usize>,
    /// With its article: `a call`.
    pub(crate) kind: &'static str,
    pub(crate) name: &'n str,
    /// Whether the place is just that name as a JSON string, so that another one can be shown in its stead.
    pub(crate) replaceable: bool,
}

/// Reports a name that is none of the valid ones, with the nearest of them, and all where they are few.
pub(crate) fn report_unknown<'c>(
    problems: &mut Problems,
    unknown: &Unknown<'_>,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
) {
    let bare = unknown.kind.trim_start_matches("an ").trim_start_matches("a ");
    let message = format!("unknown {bare} {}", quoted(unknown.name));
    let mut problem = Problem::new(unknown.code, unknown.span.clone(), message)
        .label(format!("expected the name of {}", unknown.kind));
    if !problems.is_full() {
        if let Some(near) = nearest(unknown.name, candidates.clone()) {
            let text = format!("{} with a similar name exists", unknown.kind);
            problem = if unknown.replaceable {
                problem.instead(text, json(near))
            } else {
                problem.help(format!("{text}: {}", quoted(near)))
            };
        }
        let listed: Vec<&str> = candidates.into_iter().take(LISTED_MAX + 1).collect();
        problem = match listed.as_slice() {
            [] => problem.note("there is none in this file"),
            few if few.len() <= LISTED_MAX && few.iter().all(|name| name.len() <= COMPARED_MAX) => {
                problem.note(format!("expected one of {}", few.join(", ")))
            }
            _ => problem,
        };
    }
    problems.push(problem);
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
            ("", None),
        ] {
            assert_eq!(nearest(name, names), near, "{name}");
        }
    }
}
