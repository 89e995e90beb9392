//! Rows of one cause together: what broke, in words that need no signature to be read.
//!
//! Always holds
//! - Every signature has words; a row without one is told by what it breaks, and one without a failure has none.

use std::collections::BTreeMap;

use mapisim_model::finding::signature::{Deed, Hit, Signature, Why};
use mapisim_model::os::error::Win32Error;
use serde::Serialize;

use super::{Row, Word};

/// The rows of a word that are about the same failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What became of the outcomes.
    pub word: Word,
    /// What tells the failure from others; none where nothing broke, or nothing is known of it.
    pub signature: Option<String>,
    /// The failure in words.
    pub words: Option<String>,
    /// How many outcomes are about it.
    pub outcomes: usize,
}

/// The causes of all rows.
pub(super) fn of_all(rows: &[Row]) -> Vec<Cause> {
    let words = Word::ALL.into_iter().flat_map(|word| {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.word == word).collect();
        groups(&rows)
    });
    words
        .map(|(words, rows)| Cause {
            word: rows[0].word,
            signature: rows[0].signature.clone(),
            words,
            outcomes: rows.len(),
        })
        .collect()
}

/// Rows by cause, in words, the most frequent first; what has none comes last.
pub(super) fn groups<'a>(rows: &[&'a Row]) -> Vec<(Option<String>, Vec<&'a Row>)> {
    let mut groups: BTreeMap<(Option<&str>, Option<&str>), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((row.signature.as_deref(), row.property.as_deref())).or_default().push(row);
    }
    let mut groups: Vec<(Option<String>, Vec<&Row>)> =
        groups.into_values().map(|rows| (cause(rows[0]), rows)).collect();
    groups.sort_by_key(|(words, rows)| (words.is_none(), std::cmp::Reverse(rows.len()), words.clone()));
    groups
}

/// What a row's failure is, in words.
fn cause(row: &Row) -> Option<String> {
    let read = row.signature.as_deref().and_then(|signature| signature.parse().ok());
    read.map(|signature| words(&signature)).or_else(|| row.property.clone())
}

/// A signature in words: `live-profile, in another's sweep: each Terminal Services session counts in a section of its own`.
pub fn words(signature: &Signature) -> String {
    let why: Vec<String> = signature.why.iter().map(|why| reason(*why, signature.hit)).collect();
    format!("{}, {}: {}", signature.property.id(), deed(signature.deed, signature.own), why.join("; "))
}

/// Where it happened.
fn deed(deed: Deed, own: bool) -> String {
    let whose = |what: &str| format!("in {} {what}", if own { "its own" } else { "another's" });
    match deed {
        Deed::Sweep => whose("sweep"),
        Deed::Delete => whose("DeleteProfile"),
        Deed::Release => whose("Release"),
        Deed::Create => whose("CreateProfile"),
        Deed::List => "in a profile table".to_owned(),
        Deed::Unload => "when a hive was unloaded".to_owned(),
        Deed::End => "at the end of a process or thread".to_owned(),
        Deed::Mark => "from the mark on".to_owned(),
        Deed::Wait => "where all wait".to_owned(),
        Deed::Nothing => "from the start".to_owned(),
        Deed::Call(name) => whose(name),
    }
}

/// Why.
fn reason(why: Why, hit: Hit) -> String {
    let text = match why {
        Why::SplitByAccount => "each account counts in a section of its own (bug 1)",
        Why::SplitBySession => "each Terminal Services session counts in a section of its own (bug 2)",
        Why::SplitByVersion => "a fixed and an unfixed version count in two sections",
        Why::SplitByPrivilege => "who may not create global names counts in a section of its own",
        Why::SplitByDacl => "who may not open the other's section counts in one of its own",
        Why::SplitByLifetime => "the section with the count was gone, and another of its name was made",
        Why::OneMarkKey => "two accounts have one key for their marks",
        Why::CountedAfterTheLook => "the session was counted only after the look",
        Why::CountLowered => "the count had gone down while the session lived",
        Why::NotCounted => "the session is not counted",
        Why::LeaseUnseen => "one writes leases, the other reads counts",
        Why::NotLooked => "nobody looked whether it is in use",
        Why::NamedAsMarkKey => "the profile has the name of the key for marks",
        Why::HiveUnloaded => "a hive goes whoever uses it",
        Why::UnderWay => "the call was under way",
        Why::MarkKeyUnseen => "nobody looks in the key where the mark is",
        Why::MarkKeysDiffer => "it was looked for in another key than where the mark is",
        Why::MarkedAfterTheLook => "it was marked after the look",
        Why::Refused => "who sees it may not remove it",
        Why::CountLeft => "a count is left that nobody will lower",
        Why::Unmarked => "what is left has no mark",
        Why::Crash => "the one who should have cleaned up was killed",
        Why::TakenForUsed => "it was taken for in use",
        Why::HeldByAWaiter => "what is waited for belongs to one who waits, too",
        Why::HeldByNobody => "what is waited for is nobody's to give",
        Why::Returned => "it returned something else than the scenario says",
        Why::Answered(code) => {
            return format!("Windows answered {}{}", Win32Error(code), asked(hit));
        }
    };
    text.to_owned()
}

/// What Windows was asked about.
fn asked(hit: Hit) -> &'static str {
    match hit {
        Hit::ProfileKey | Hit::ProfilePart => " for a profile's key",
        Hit::Mark => " for a mark",
        Hit::MarkKey => " for the key of the marks",
        Hit::Hive => " for a hive",
        Hit::Mutex => " for a mutex",
        Hit::CriticalSection => " for a critical section",
        Hit::Section => " for a section",
        Hit::RegistryKey => " for a registry key",
        Hit::Nothing => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_has_words_of_its_own() {
        let mut told = std::collections::BTreeSet::new();
        for (why, word) in Why::WORDS {
            let signature = format!("fp1:live-profile/sweep/profile-key/{word}");
            let read: Signature = signature.parse().expect("it is a signature");
            assert!(told.insert(words(&read)), "{why:?} is told as another");
        }
        let read = |text: &str| words(&text.parse().expect("it is a signature"));
        assert_eq!(
            read("fp1:call-result/own-call-MAPIInitialize/section/answered-5"),
            "call-result, in its own MAPIInitialize: Windows answered ERROR_ACCESS_DENIED (5) for a section"
        );
        assert_eq!(
            read("fp1:no-orphan/mark/profile-key/count-left+crash"),
            "no-orphan, from the mark on: a count is left that nobody will lower; the one who should have cleaned up was \
             killed"
        );
    }
}
