//! Long names made short, the same way everywhere: sections and mutexes by a letter, registry keys without their middle.
//!
//! A report lists each full name once, in its legend, so nothing is lost.
//!
//! Invariants
//! - Two different full names never have one short name: a letter stands for one section, and a hive is named by its
//!   account wherever a run touches more than one.

use mapisim_model::mapi::names::PROFILES;
use mapisim_model::os::Os;
use mapisim_model::trace::Run;

use crate::place::{below, section_word};

/// The short names of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Sections in the order of their making: full name, and who finds it under its plain name.
    tables: Vec<String>,
    /// Mutexes likewise, each with its short name.
    locks: Vec<(String, String)>,
    /// Hives in the order of their first use: full path, and the account.
    hives: Vec<(String, String)>,
    /// SIDs of accounts, each with its middle left out.
    sids: Vec<(String, String)>,
    /// Whether names are given in full all the same.
    full: bool,
}

/// One line of a legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The short name.
    pub short: String,
    /// The full name.
    pub full: String,
    /// What it is.
    pub what: String,
}

impl Names {
    /// The short names for a run.
    pub fn short(run: &Run) -> Self {
        Names::of(&[run])
    }

    /// The short names for several runs of one scenario, the same in each.
    pub fn of(runs: &[&Run]) -> Self {
        let accounts = runs.first().into_iter().flat_map(|run| run.initial.accounts());
        let sids = accounts.filter_map(|account| short_sid(&account.sid.to_string()));
        let mut names = Names { sids: sids.collect(), ..Names::default() };
        for run in runs {
            names.meet(&run.initial);
            for step in &run.steps {
                names.meet(&step.after);
                if let Some(path) = step.object.as_deref().filter(|path| path.starts_with(r"HKU\")) {
                    names.meet_hive(&step.after, path);
                }
            }
        }
        names
    }

    /// Full names: for programs, and for what is pasted elsewhere.
    pub fn full() -> Self {
        Names { full: true, ..Names::default() }
    }

    fn meet(&mut self, os: &Os) {
        for section in os.sections() {
            let Some(path) = section.path.map(|path| path.to_string()) else { continue };
            if !self.tables.contains(&path) {
                self.tables.push(path);
            }
        }
        for mutex in os.mutexes() {
            let Some(path) = mutex.path.map(|path| path.to_string()) else { continue };
            if self.locks.iter().any(|(known, _)| *known == path) {
                continue;
            }
            let guarded = path.replacen("MAPI-Lock-", "MAPI-", 1);
            let lease = path.rsplit_once(r"\MAPI-Lease-").map(|(_, lease)| format!("lock of lease {lease}"));
            let short = match self.tables.iter().position(|table| *table == guarded && *table != path) {
                Some(index) => format!("lock {}", letter(index)),
                None => lease.unwrap_or_else(|| format!("lock {}", self.locks.len() + 1)),
            };
            self.locks.push((path, short));
        }
    }

    fn meet_hive(&mut self, os: &Os, path: &str) {
        let root: String = path.splitn(3, '\\').take(2).collect::<Vec<_>>().join(r"\");
        if self.hives.iter().any(|(known, _)| *known == root) {
            return;
        }
        let account = os.accounts().find(|account| os.hive_path(&account.name) == root);
        let name = account
            .map_or_else(|| root.trim_start_matches(r"HKU\").to_owned(), |account| account.name.clone());
        self.hives.push((root, name));
    }

    /// The letter of a section; its full name where it has none.
    pub fn table(&self, path: &str) -> String {
        match self.tables.iter().position(|table| table == path) {
            Some(index) => letter(index),
            None => path.to_owned(),
        }
    }

    /// Every section's full name, in the order of the letters.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(String::as_str)
    }

    /// The short name of whatever a full name is of.
    pub fn object(&self, path: &str) -> String {
        if self.full {
            return path.to_owned();
        }
        if let Some((_, short)) = self.locks.iter().find(|(lock, _)| lock == path) {
            return short.clone();
        }
        if path.starts_with(r"HKU\") { self.key(path) } else { self.table(path) }
    }

    /// A registry key without its middle: `HKU\…\Profiles\EventSvc\13dbb0c8… (Exchange global section)`.
    pub fn key(&self, path: &str) -> String {
        if self.full {
            return path.to_owned();
        }
        let Some((root, account)) = self.hives.iter().find(|(root, _)| is_below(path, root)) else {
            return path.to_owned();
        };
        let rest = path[root.len()..].trim_start_matches('\\');
        let hive = if self.hives.len() > 1 { format!(r"HKU\{account}\") } else { r"HKU\".to_owned() };
        if rest.is_empty() {
            return format!(r"HKU\{account}");
        }
        let tail = match below(rest, PROFILES) {
            Some(tail) => format!(r"…\Profiles{}", with_short_leaf(tail)),
            None => match (below(rest, mapi_key()), rest.rsplit_once('\\')) {
                (Some(tail), _) if !tail.is_empty() => format!("…{tail}"),
                (_, Some((_, leaf))) => format!(r"…\{leaf}"),
                (_, None) => rest.to_owned(),
            },
        };
        format!("{hive}{tail}")
    }

    /// The last part of a key's name, short, with what it is where it is well known.
    pub fn leaf(&self, path: &str) -> String {
        let leaf = path.rsplit_once('\\').map_or(path, |(_, leaf)| leaf);
        if self.full { leaf.to_owned() } else { short_leaf(leaf) }
    }

    /// A text with every full name in it made short.
    pub fn within(&self, text: &str) -> String {
        let mut known: Vec<(&str, String)> = Vec::new();
        known.extend(self.tables.iter().enumerate().map(|(index, path)| (path.as_str(), letter(index))));
        known.extend(self.locks.iter().map(|(path, short)| (path.as_str(), short.clone())));
        known.extend(self.sids.iter().map(|(sid, short)| (sid.as_str(), short.clone())));
        let profiles: Vec<(String, String)> = self
            .hives
            .iter()
            .map(|(root, _)| {
                let path = format!(r"{root}\{PROFILES}");
                let short = self.key(&path);
                (path, short)
            })
            .collect();
        known.extend(profiles.iter().map(|(path, short)| (path.as_str(), short.clone())));
        // Longest first: one name can be the end of another.
        known.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        known.into_iter().fold(text.to_owned(), |text, (path, short)| text.replace(path, &short))
    }

    /// What every short name stands for.
    pub fn legend(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (index, path) in self.tables.iter().enumerate() {
            let what = format!(
                "a table in shared memory, where MAPI counts the sessions on each profile; found by {}",
                home(path)
            );
            entries.push(Entry { short: letter(index), full: path.clone(), what });
        }
        for (path, short) in &self.locks {
            let what = format!("a mutex; found by {}", home(path));
            entries.push(Entry { short: short.clone(), full: path.clone(), what });
        }
        for (root, account) in &self.hives {
            let what = format!("{account}'s registry hive");
            entries.push(Entry { short: self.key(root), full: root.clone(), what });
            let full = format!(r"{root}\{PROFILES}");
            let what = "the profiles in it".to_owned();
            entries.push(Entry { short: self.key(&full), full, what });
        }
        entries
    }
}

/// The key that everything of MAPI's lies below, the profiles and the leases (mapi 2.1).
fn mapi_key() -> &'static str {
    PROFILES.rsplit_once('\\').map_or(PROFILES, |(parent, _)| parent)
}

/// A domain account's SID without its middle: `S-1-5-…-1105`.
fn short_sid(sid: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = sid.split('-').collect();
    (parts.len() > 6)
        .then(|| (sid.to_owned(), format!("{}-…-{}", parts[..3].join("-"), parts[parts.len() - 1])))
}

/// Who finds what is in a directory of objects under its plain name (os A.3).
fn home(path: &str) -> String {
    let session = path.strip_prefix(r"\Sessions\").and_then(|rest| rest.split_once('\\'));
    match session {
        Some((session, _)) => format!("processes in session {session} only"),
        None => "processes in session 0, and elsewhere under Global\\".to_owned(),
    }
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

fn with_short_leaf(tail: &str) -> String {
    match tail.rsplit_once('\\') {
        Some((front, leaf)) => format!(r"{front}\{}", short_leaf(leaf)),
        None => tail.to_owned(),
    }
}

/// A well-known section of a profile by the beginning of its name and what it is.
fn short_leaf(leaf: &str) -> String {
    match section_word(leaf) {
        Some(word) => format!("{}… ({word})", &leaf[..8]),
        None => leaf.to_owned(),
    }
}

/// A, B, ..., Z, AA, AB, ...
fn letter(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8);
    if index < 26 { last.to_string() } else { format!("{}{last}", letter(index / 26 - 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapisim_model::mapi::names::GLOBAL_SECTION;

    fn names(hives: &[(&str, &str)]) -> Names {
        let hives = hives.iter().map(|(root, account)| ((*root).to_owned(), (*account).to_owned()));
        Names {
            tables: vec![
                r"\BaseNamedObjects\MAPI-S".to_owned(),
                r"\Sessions\2\BaseNamedObjects\MAPI-S".to_owned(),
            ],
            locks: vec![(r"\BaseNamedObjects\MAPI-Lock-S".to_owned(), "lock A".to_owned())],
            hives: hives.collect(),
            sids: short_sid("S-1-5-21-1-2-3-1105").into_iter().collect(),
            full: false,
        }
    }

    #[test]
    fn a_name_that_is_the_end_of_another_is_not_taken_for_it() {
        let text = r"\Sessions\2\BaseNamedObjects\MAPI-S and \BaseNamedObjects\MAPI-S";
        assert_eq!(names(&[]).within(text), "B and A");
        assert_eq!(names(&[]).within("MAPI-S-1-5-21-1-2-3-1105"), "MAPI-S-1-5-…-1105");
    }

    #[test]
    fn a_key_loses_its_middle_and_a_well_known_section_gets_a_word() {
        let path = format!(r"HKU\S-1\{PROFILES}\P\{GLOBAL_SECTION}");
        let one = names(&[(r"HKU\S-1", "svc")]);
        assert_eq!(one.key(&path), r"HKU\…\Profiles\P\13dbb0c8… (Exchange global section)");
        let two = names(&[(r"HKU\S-1", "svc"), (r"HKU\S-12", "other")]);
        assert_eq!(two.key(&path), r"HKU\svc\…\Profiles\P\13dbb0c8… (Exchange global section)");
        assert_eq!(two.key(r"HKU\S-12\Software"), r"HKU\other\Software");
        assert_eq!(Names::full().key(&path), path);
    }

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 27, 52].map(letter), ["A", "Z", "AA", "AB", "BA"]);
    }
}
