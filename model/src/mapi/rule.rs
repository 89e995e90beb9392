//! The elementary rules of the algorithm, one by one, each by name: what its description says (mapi B1 to B13, C, D,
//! 1.2 to 1.6), and what a version that lacks the rule does instead. Such a version is a mutant: see
//! [`crate::mutant`].
//!
//! The rules of the two fixes are not here: those are fields of [`super::rules::Rules`], and their mutants other values
//! of the field.
//!
//! Invariant: no version that has a name lacks a rule.

/// Which of the two algorithms a rule belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Both: counting sessions, and leases.
    Both,
    /// The one that counts sessions in a section.
    Counts,
    /// Our own repair.
    Leases,
}

macro_rules! rules {
    ($($Rule:ident = $id:literal, $of:ident, $fact:literal, $says:literal, $without:literal;)+) => {
        /// A rule of the algorithm.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $says] $Rule,)+
        }

        impl Rule {
            /// All of them, in the order of the calls: initialise, create, log on, delete, log off and release, list.
            pub const ALL: &[Rule] = &[$(Rule::$Rule,)+];

            /// Its name, in reports.
            pub const fn id(self) -> &'static str {
                match self { $(Rule::$Rule => $id,)+ }
            }

            /// Which algorithm it belongs to.
            pub const fn of(self) -> Of {
                match self { $(Rule::$Rule => Of::$of,)+ }
            }

            /// Where it comes from: a number of the MAPI facts, or `8` where it is the repair's own.
            pub const fn fact(self) -> &'static str {
                match self { $(Rule::$Rule => $fact,)+ }
            }

            /// What it says.
            pub const fn says(self) -> &'static str {
                match self { $(Rule::$Rule => $says,)+ }
            }

            /// What a version without it does.
            pub const fn without(self) -> &'static str {
                match self { $(Rule::$Rule => $without,)+ }
            }
        }
    };
}

rules! {
    SectionIsShared = "section-is-shared", Counts, "B2",
        "Processes share one section.", "each process has a section of its own";
    SectionPerAccount = "section-per-account", Counts, "C4, C6",
        "The section is an account's.", "all accounts use one section's name";
    SectionGoesWithMapi = "section-goes-with-mapi", Counts, "3.7, 4.14",
        "The last MAPIUninitialize closes the section.", "a process keeps the section open until it ends";
    InitializeNests = "initialize-nests", Both, "1.2",
        "MAPIInitialize counts; the last MAPIUninitialize undoes it.", "the first MAPIUninitialize undoes it";
    CallsNeedInitialize = "calls-need-initialize", Counts, "1.2",
        "CreateProfile without MAPIInitialize is refused.", "CreateProfile does its work without MAPIInitialize";
    LockForEveryone = "lock-for-everyone", Leases, "8",
        "Every account may use the lock.", "the lock is its first maker's account's";
    AbandonedLockIsTaken = "abandoned-lock-is-taken", Leases, "8",
        "A lock that a dead process owned is taken.", "an operation fails that is given an abandoned lock";
    InitializeSweeps = "initialize-sweeps", Both, "B12",
        "MAPIInitialize sweeps.", "MAPIInitialize does not sweep";
    SweepLooksAgain = "sweep-looks-again", Leases, "8",
        "The sweep asks, under the lock, whether a profile is still marked.", "it goes by the list that it made before";
    SweepLooks = "sweep-looks", Both, "B5, C5",
        "The sweep spares a profile that is in use.", "the sweep deletes whatever is marked";
    SweepDeletes = "sweep-deletes", Both, "B12",
        "The sweep deletes the profile.", "the sweep removes the mark and leaves the profile";
    SweepUnmarks = "sweep-unmarks", Both, "4.7",
        "The sweep removes the mark of what it deleted.", "the sweep leaves the mark";
    CreateRefusesExisting = "create-refuses-existing", Both, "1.4",
        "CreateProfile refuses a name whose profile exists.", "CreateProfile takes over the profile of that name";
    CreateFinishesDeletion = "create-finishes-deletion", Leases, "8",
        "CreateProfile finishes a deletion that nobody has finished.", "CreateProfile refuses every name that is there";
    CreationIsMarked = "creation-is-marked", Leases, "8",
        "A profile is marked while it is made.", "a profile that is being made is not marked";
    TopSectionLast = "top-section-last", Leases, "8",
        "A profile's creation ends with MAPI's own section.", "it begins with it";
    LogonCounts = "logon-counts", Counts, "B4",
        "MAPILogonEx raises the profile's count.", "MAPILogonEx counts nothing";
    CountsIgnoreCase = "counts-ignore-case", Counts, "B3, 1.4",
        "Names that differ in case have one count.", "each spelling of a name has a count of its own";
    LogonTellsMissing = "logon-tells-missing", Both, "1.5",
        "MAPILogonEx answers MAPI_E_LOGON_FAILED where there is no profile.", "it answers MAPI_E_NOT_FOUND";
    LeaseIsVolatile = "lease-is-volatile", Leases, "8",
        "A lease's key goes with its hive.", "a lease's key is written to the hive's file";
    DeleteTellsMissing = "delete-tells-missing", Both, "1.4",
        "DeleteProfile answers MAPI_E_NOT_FOUND where there is no profile.", "it answers S_OK";
    DeleteLooks = "delete-looks", Both, "B1, B5",
        "DeleteProfile spares a profile that is in use.", "DeleteProfile deletes at once, used or not";
    DeleteMarks = "delete-marks", Both, "B1, B7",
        "DeleteProfile marks a profile that is in use.", "DeleteProfile does nothing to a profile that is in use";
    DeleteInUseSucceeds = "delete-in-use-succeeds", Both, "B1",
        "DeleteProfile answers S_OK for a profile that it only marked.", "it answers MAPI_E_NO_ACCESS";
    DeleteDeletes = "delete-deletes", Both, "B10",
        "DeleteProfile deletes a profile that nobody uses (trigger 1).", "DeleteProfile only ever marks";
    DeleteUnmarks = "delete-unmarks", Both, "4.6",
        "DeleteProfile removes the mark of what it deleted.", "DeleteProfile leaves an earlier mark";
    MarksFirst = "marks-first", Leases, "8",
        "A profile is marked before it is looked at.", "it is marked only where it is in use";
    UnmarksLast = "unmarks-last", Leases, "8",
        "A mark goes after its profile.", "the mark goes first";
    DeletionIsAnnounced = "deletion-is-announced", Leases, "8",
        "Without names for the whole machine, who may delete announces it, and who logs on looks.", "nobody announces";
    TopSectionFirst = "top-section-first", Leases, "8",
        "A deletion begins with MAPI's own section.", "it takes the sections as they come";
    DeletionIsWhole = "deletion-is-whole", Both, "4.7",
        "A deletion takes the profile's key.", "a deletion leaves the profile's key, without its sections";
    LeasesGoWithProfile = "leases-go-with-profile", Leases, "8",
        "A deletion takes the key of the profile's leases.", "that key stays";
    LogoffUncounts = "logoff-uncounts", Counts, "B4",
        "Logoff lowers the profile's count.", "Logoff leaves the count";
    LogoffForgetsLease = "logoff-forgets-lease", Leases, "8",
        "Logoff removes the lease's key.", "the key of a lease stays";
    DeadLeasesAreForgotten = "dead-leases-are-forgotten", Leases, "8",
        "Who looks removes the leases of dead sessions.", "it passes them over";
    ReleaseDeletes = "release-deletes", Both, "B11",
        "Releasing the last session of a marked profile deletes it (trigger 2).", "Release deletes nothing";
    ReleaseLooksForMark = "release-looks-for-mark", Both, "B11",
        "Release deletes only what is marked.", "the last Release deletes any profile";
    ReleaseLooksForSessions = "release-looks-for-sessions", Both, "B1, B11",
        "Release spares a marked profile that others use.", "the first Release deletes a marked profile";
    ReleaseUnmarks = "release-unmarks", Both, "4.6",
        "Release removes the mark of what it deleted.", "Release leaves the mark";
    TableHidesMarked = "table-hides-marked", Both, "B8",
        "The profile table leaves out what is marked.", "the table lists what is marked";
    TableHidesMarkKey = "table-hides-mark-key", Both, "B8, 4.15",
        "The profile table leaves out the key of the marks.", "the table lists the key of the marks";
    AdminTellsMissing = "admin-tells-missing", Both, "1.4",
        "AdminServices answers MAPI_E_LOGON_FAILED where there is no profile.", "it answers MAPI_E_NOT_FOUND";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_says_what_it_is() {
        let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert!(rule.says().ends_with('.') && !rule.without().ends_with('.'), "{}", rule.id());
        }
    }
}
