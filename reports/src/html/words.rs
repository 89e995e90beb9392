//! The few words that the page has for verdicts, and names made short enough to read.

use mapisim_model::scenario::visible::visible;

use crate::run_model::{Cell, Verdict};

/// How a cell looks in the matrix and the tabs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its class: `b` breaks as expected, `h` holds, `q` no answer, `u` not as expected.
    pub class: &'static str,
    /// What filters find it by.
    pub filter: String,
    /// The word: capitals where it is not as expected.
    pub word: String,
    /// What goes with it, small.
    pub note: String,
}

/// How a cell looks. Expected and unexpected differ in the word, not only in colour.
pub fn look(cell: &Cell) -> Look {
    let property = cell.property.clone().unwrap_or_default();
    let (letter, word) = match cell.verdict {
        Verdict::Holds => ("h", "holds"),
        Verdict::Broken => ("b", "breaks"),
        Verdict::Inconclusive => ("q", "no answer"),
        Verdict::Diverged => ("q", "cannot happen"),
        Verdict::Panicked => ("q", "our bug"),
    };
    let answered = matches!(cell.verdict, Verdict::Holds | Verdict::Broken);
    if cell.as_expected {
        return Look { class: letter, filter: letter.to_owned(), word: word.to_owned(), note: property };
    }
    let mut notes = vec![property];
    notes.push(match &cell.expected {
        Some(expected) if expected == "holds" => "should hold".to_owned(),
        Some(expected) if Some(expected) == cell.property.as_ref() => "but missed a probe".to_owned(),
        Some(expected) => format!("should break {expected}"),
        None if cell.other_faults.is_some() => "under other faults".to_owned(),
        None => "nothing was expected".to_owned(),
    });
    notes.retain(|note| !note.is_empty());
    let class = if answered { "u" } else { "q" };
    Look { class, filter: format!("{letter}u"), word: word.to_uppercase(), note: notes.join(", ") }
}

/// The verdict in a heading: `breaks live-profile`.
pub fn verdict(cell: &Cell) -> String {
    match (cell.verdict, &cell.property) {
        (Verdict::Broken, Some(property)) => format!("breaks {property}"),
        (Verdict::Holds, _) if cell.exhaustive => "holds, whatever the order".to_owned(),
        (Verdict::Holds, _) => "holds in this run".to_owned(),
        (Verdict::Inconclusive, _) => "no answer within the bounds".to_owned(),
        (Verdict::Diverged, _) => "its schedule cannot happen".to_owned(),
        (Verdict::Panicked, _) => "mapisim itself failed".to_owned(),
        (Verdict::Broken, None) => "breaks".to_owned(),
    }
}

/// What the scenario says of it.
pub fn expected(cell: &Cell) -> String {
    let line = cell.expect_line.map_or_else(String::new, |line| format!(" (line {line})"));
    match &cell.expected {
        None => match &cell.other_faults {
            Some(faults) => {
                format!("Run under other faults than the scenario's: {faults}. It says nothing of these.")
            }
            None => "The scenario expects nothing of this algorithm.".to_owned(),
        },
        Some(expected) => {
            let wanted =
                if expected == "holds" { "to hold".to_owned() } else { format!("to break {expected}") };
            let word = if cell.as_expected { "as expected" } else { "NOT as expected" };
            format!("The scenario expects it {wanted}{line}: {word}.")
        }
    }
}

/// Text made safe to look at, and the SIDs of domain accounts in it without their middle: `S-1-5-…-1105`.
pub fn plain(text: &str) -> String {
    short_sids(&visible(text))
}

/// Text as it may stand between tags, and nowhere else: quotes, of which scenario files are full, stay as they are.
pub fn between_tags(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn short_sids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("S-1-5-21-") {
        let tail = &rest[at..];
        let length =
            tail[4..].find(|c: char| !c.is_ascii_digit() && c != '-').map_or(tail.len(), |end| end + 4);
        let sid = tail[..length].trim_end_matches('-');
        out += &rest[..at];
        match sid.rsplit_once('-') {
            Some((front, last)) if front.len() > "S-1-5-21".len() => out += &format!("S-1-5-…-{last}"),
            _ => out += sid,
        }
        rest = &tail[sid.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_loses_its_middle_and_nothing_else_is_touched() {
        let text = r"\BaseNamedObjects\MAPI-S-1-5-21-1-2-3-1105, S-1-5-18 and S-1-5-21-4-5-6-7's";
        assert_eq!(plain(text), r"\BaseNamedObjects\MAPI-S-1-5-…-1105, S-1-5-18 and S-1-5-…-7's");
        assert_eq!(plain("a\u{202e}b"), r"a\u{202e}b");
        assert_eq!(plain("S-1-5-21-"), "S-1-5-21-");
    }
}
