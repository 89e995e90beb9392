//! Names of profiles, as IProfAdmin::CreateProfile documents them (mapi 1.4): at most 64 characters; letters, accented
//! ones included, digits, underscores, and spaces that are neither first nor last.
//!
//! Our choice, since a scenario is about what follows from legal calls: the documented rule and nothing more. A name
//! with a hyphen, say, is refused although a registry key may be called that. No source speaks of other scripts than
//! Latin; all letters are letters here, and only 0 to 9 are digits.

use std::ops::Range;

use super::check::Check;
use super::locate;
use super::problem::Problem;
use super::visible::quoted;

/// How many characters a name may have.
pub const LENGTH_MAX: usize = 64;

/// What is wrong with a name, and where in it, in bytes; `None` where nothing is.
pub fn fault(name: &str) -> Option<(Range<usize>, String)> {
    if name.is_empty() {
        return Some((0..0, "it is empty".to_owned()));
    }
    if let Some((at, _)) = name.char_indices().nth(LENGTH_MAX) {
        let length = name.chars().count();
        return Some((at..name.len(), format!("it has {length} characters, more than {LENGTH_MAX}")));
    }
    let legal = |c: char| c.is_alphabetic() || c.is_ascii_digit() || c == '_' || c == ' ';
    if let Some((at, character)) = name.char_indices().find(|(_, c)| !legal(*c)) {
        let what = match character {
            '\\' => "a backslash, which separates registry keys".to_owned(),
            other => quoted(&other.to_string()),
        };
        return Some((at..at + character.len_utf8(), format!("it has {what} in it")));
    }
    if name.starts_with(' ') {
        return Some((0..1, "it begins with a space".to_owned()));
    }
    name.ends_with(' ').then(|| (name.len() - 1..name.len(), "it ends with a space".to_owned()))
}

/// Reports a name that is no profile's; `span` is the string that it is written as.
pub(crate) fn check(check: &mut Check<'_>, name: &str, span: &Range<usize>) {
    let Some((bad, why)) = fault(name) else { return };
    let written = &check.text[span.clone()];
    let at = |offset| span.start + locate::inside(written, offset);
    let place = if bad.is_empty() { span.clone() } else { at(bad.start)..at(bad.end) };
    check.problems.push(
        Problem::new("bad-profile-name", place, format!("no profile can be called {}: {why}", quoted(name)))
            .label("not in the name of a profile")
            .note("a name has 1 to 64 characters: letters, digits, underscores, and spaces inside"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_documented_rule() {
        for (fact, name, bad) in [
            ("mapi 1.4", "MS Exchange Settings", None),
            ("mapi 2.4", "EventSvc 000004d801c486a9f0b3c2a0", None),
            ("mapi 6", "__pr__12345", None),
            ("mapi 1.4", "Prüfung Ärger", None),
            ("mapi 4.15", "Deleted Profiles", None),
            ("mapi 1.4", "", Some(0..0)),
            ("mapi 1.4", " x", Some(0..1)),
            ("mapi 1.4", "x ", Some(1..2)),
            ("os C.5", "a\\b", Some(1..2)),
            ("mapi 1.4", "ä-b", Some(2..3)),
            ("mapi 1.4", "a\u{1b}", Some(1..2)),
            ("mapi 1.4", "a/b", Some(1..2)),
        ] {
            assert_eq!(fault(name).map(|(place, _)| place), bad, "({fact}) {name:?}");
        }
        assert_eq!(fault(&"ä".repeat(64)), None);
        assert_eq!(fault(&"ä".repeat(65)).map(|(place, _)| place), Some(128..130));
    }
}
