//! `no-orphan`: once all is quiet, no profile that was asked to be deleted remains unless a session of a living process
//! is on it, and no mark without a profile.
//!
//! Quiet is a state in which nobody can run any more and nobody waits: every script has ended, idles for good, or was
//! killed with its process. On a copy of its machine every account of the scenario then logs on once more in session 0
//! (which loads its hive) and a fresh process of it initialises and uninitialises MAPI to the end: one for each version
//! of MAPI that took part, accounts in the order of their names. What the registry shows after that is judged:
//!
//! - a marked profile is an orphan unless a living process has it open;
//! - a partly deleted one ([`Profile::partly_deleted`](super::shown::Profile::partly_deleted)) likewise;
//! - a mark whose profile is not there is one always.
//!
//! Where that is weaker than the words
//! - "Asked to be deleted" is what the registry shows: a profile that is whole and unmarked is a profile, even where the
//!   one who was to delete it died between its first look and its first change, or after it had removed the mark.
//! - "A session is on it" is: a living process has its key open. A session that was logged off and never released still
//!   has, and so has one whose thread ended and left it behind.
//! - A deletion that stopped just before its end looks like a creation that has just begun.
//!
//! A crash is no excuse: trigger 3 of deletion is there for it (mapi B12, B13).

use super::shown::{self, Shown};
use crate::os::Os;

/// Something that should not be there any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Orphan {
    /// A profile that is marked.
    Marked {
        /// The full path of its key.
        profile: String,
        /// The full path of the key that its mark is under.
        mark_key: String,
    },
    /// A profile that is partly deleted.
    Part {
        /// The full path of its key.
        profile: String,
    },
    /// A mark whose profile is not there.
    Mark {
        /// The full path that the profile would have.
        profile: String,
        /// The full path of the key that the mark is under.
        mark_key: String,
    },
}

impl Orphan {
    /// The full path of the profile's key, there or not.
    pub fn profile(&self) -> &str {
        match self {
            Orphan::Marked { profile, .. } | Orphan::Part { profile } | Orphan::Mark { profile, .. } => {
                profile
            }
        }
    }

    /// The full path of the key that its mark is under.
    pub fn mark_key(&self) -> Option<&str> {
        match self {
            Orphan::Marked { mark_key, .. } | Orphan::Mark { mark_key, .. } => Some(mark_key),
            Orphan::Part { .. } => None,
        }
    }
}

/// The first orphan that a machine shows: marks first, hive by hive.
pub fn first(os: &Os) -> Option<Orphan> {
    let all = shown::all(os);
    let marked = all.iter().find_map(|shown| marked(os, shown));
    marked.or_else(|| all.iter().find_map(|shown| part(os, shown)))
}

/// Whether there is anything that a fresh process could have to clean up.
pub fn is_amiss(os: &Os) -> bool {
    let amiss = |shown: &Shown| {
        !shown.marks.is_empty() || shown.profiles.iter().any(|profile| profile.partly_deleted)
    };
    shown::all(os).iter().any(amiss)
}

fn marked(os: &Os, shown: &Shown) -> Option<Orphan> {
    shown.marks.iter().find_map(|mark| {
        let profile = format!(r"{}\{}", shown.path, mark.profile);
        let mark_key = format!(r"{}\{}", shown.path, mark.key);
        match shown.profile(&mark.profile) {
            None => Some(Orphan::Mark { profile, mark_key }),
            Some(there) if !shown.is_open(os, &there.name) => Some(Orphan::Marked { profile, mark_key }),
            Some(_) => None,
        }
    })
}

fn part(os: &Os, shown: &Shown) -> Option<Orphan> {
    let parts = shown.profiles.iter().filter(|profile| profile.partly_deleted);
    let mut unused = parts.filter(|profile| !shown.is_open(os, &profile.name));
    unused.next().map(|profile| Orphan::Part { profile: format!(r"{}\{}", shown.path, profile.name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::shown::testing::{Machine, PROFILES};

    #[test]
    fn a_marked_profile_is_an_orphan_unless_a_living_process_has_it_open() {
        let mut machine = Machine::new();
        machine.profile("P");
        assert_eq!(first(&machine.os), None, "a profile that nobody asked to be deleted");
        machine.mark("Deleted Profilesd0166c5b", "p");
        let orphan = first(&machine.os).expect("marked, in another case, under some key");
        assert_eq!(orphan.profile(), format!(r"{PROFILES}\p"));
        assert_eq!(orphan.mark_key(), Some(format!(r"{PROFILES}\Deleted Profilesd0166c5b").as_str()));
        machine.open("P");
        assert_eq!(first(&machine.os), None, "a session is on it");
        machine.end();
        assert!(first(&machine.os).is_some(), "the process that had it open is dead");
    }

    #[test]
    fn a_key_that_is_open_but_deleted_does_not_keep_a_later_profile_of_the_name() {
        let mut machine = Machine::new();
        machine.profile("P");
        machine.open("P");
        machine.delete("P");
        machine.profile("P");
        machine.mark("Deleted Profiles", "P");
        assert!(matches!(first(&machine.os), Some(Orphan::Marked { .. })));
    }

    #[test]
    fn a_mark_without_a_profile_is_one_always() {
        let mut machine = Machine::new();
        machine.mark("Deleted Profiles", "Gone");
        assert!(matches!(first(&machine.os), Some(Orphan::Mark { .. })));
    }

    #[test]
    fn a_profile_that_lacks_an_early_section_is_partly_deleted_and_one_that_lacks_the_last_is_only_begun() {
        for (missing, partly) in [(0, true), (1, true), (2, false)] {
            let mut machine = Machine::new();
            machine.profile_without("P", &[missing]);
            assert_eq!(first(&machine.os).is_some(), partly, "section {missing} is missing");
            assert_eq!(is_amiss(&machine.os), partly);
        }
        let mut machine = Machine::new();
        machine.profile_without("P", &[0, 1, 2]);
        assert_eq!(first(&machine.os), None, "an empty key looks like a creation that has just begun");
    }
}
