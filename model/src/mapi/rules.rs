//! The versions of the algorithm: each is a value, each fix one field of it.
//!
//! The article's two fixes (mapi C7, D5) and the 2008 fallback (mapi 4.17) are the only differences between
//! versions that the sources state. A test holds that each fix changes exactly one field. `lease` is ours:
//! see [`super::lease`].

use super::rule::Rule;

/// Where a profile is marked for deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Marks {
    /// One key for everybody: `Deleted Profiles` (mapi B6).
    Shared,
    /// A key for each account: a CRC of the SID is appended (fix 1, mapi C7).
    PerAccount,
}

/// Which names the objects have that processes share: the section that counts sessions, or the mutexes of
/// leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionName {
    /// A plain name, so that each Terminal Services session has its own (mapi D3).
    Session,
    /// `Global\` in front (fix 2, mapi D5).
    Global,
    /// `Global\` where that may be created, else the session's own (mapi 4.17, the 2008 rework).
    GlobalElseSession,
}

/// What shows that a profile is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// A count in a shared section (mapi B2 to B5).
    Counts,
    /// A lease in the hive where the profile lies: our own repair.
    Leases(LeaseRules),
}

/// The parts of the repair, each with what a careless version of it would do instead. Tests show each part to
/// be needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseRules {
    /// What makes a look and what follows from it one.
    pub lock: LeaseLock,
    /// When a session's lease is written.
    pub written: LeaseWritten,
    /// How a lease is judged.
    pub proof: LeaseProof,
    /// What a call takes HKEY_CURRENT_USER for.
    pub root: LeaseRoot,
}

/// What makes a look and what follows from it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseLock {
    /// One mutex for the machine, over each operation.
    Operation,
    /// Nothing: a mutant.
    Unlocked,
}

/// When a session's lease is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseWritten {
    /// Under the lock under which the profile was found.
    UnderLock,
    /// After that lock was given back: a mutant.
    AfterUnlock,
}

/// How a lease is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseProof {
    /// By its mutex: only one that does not exist ends the lease; one that may not be opened exists.
    Mutex,
    /// By its mutex, and one that may not be opened counts as none: a mutant.
    MutexOpened,
    /// By the lease's key alone, whoever wrote it may be dead: a mutant.
    KeyAlone,
}

/// What a call takes HKEY_CURRENT_USER for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseRoot {
    /// It opens one key in it and goes on from there; a session keeps that key.
    Opened,
    /// It begins at HKEY_CURRENT_USER anew for each step: a mutant.
    Named,
}

/// What one version of MAPI does where versions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rules {
    /// Where marks are.
    pub marks: Marks,
    /// Where counts are, or the mutexes of leases.
    pub section: SectionName,
    /// What shows that a profile is in use.
    pub evidence: Evidence,
    /// The rule that it lacks, where it is a mutant.
    pub without: Option<Rule>,
}

impl Rules {
    /// Whether it keeps a rule.
    pub fn keeps(&self, rule: Rule) -> bool {
        self.without != Some(rule)
    }
}

/// Neither fix.
pub const ORIGINAL: Rules =
    Rules { marks: Marks::Shared, section: SectionName::Session, evidence: Evidence::Counts, without: None };
/// Fix 1 alone.
pub const SID_SUFFIX: Rules = Rules { marks: Marks::PerAccount, ..ORIGINAL };
/// Fix 2 alone.
pub const GLOBAL_SECTION: Rules = Rules { section: SectionName::Global, ..ORIGINAL };
/// Both fixes: what the hotfixes shipped.
pub const PATCHED: Rules = Rules { section: SectionName::Global, ..SID_SUFFIX };
/// Both fixes with a fallback where the global section may not be created.
pub const PATCHED_2008: Rules = Rules { section: SectionName::GlobalElseSession, ..SID_SUFFIX };
/// Our own repair with all its parts.
pub const LEASES: LeaseRules = LeaseRules {
    lock: LeaseLock::Operation,
    written: LeaseWritten::UnderLock,
    proof: LeaseProof::Mutex,
    root: LeaseRoot::Opened,
};
/// Our own repair: evidence lies where the profile lies, so one mark key serves everybody.
pub const LEASE: Rules = Rules { evidence: Evidence::Leases(LEASES), ..GLOBAL_SECTION };

/// A version of the algorithm, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Neither fix.
    Original,
    /// Fix 1 alone.
    SidSuffix,
    /// Fix 2 alone.
    GlobalSection,
    /// Both fixes.
    Patched,
    /// Both fixes and the fallback of 2008.
    Patched2008,
    /// Our own repair.
    Lease,
}

impl Algorithm {
    /// All of them, oldest first.
    pub const ALL: [Algorithm; 6] = [
        Algorithm::Original,
        Algorithm::SidSuffix,
        Algorithm::GlobalSection,
        Algorithm::Patched,
        Algorithm::Patched2008,
        Algorithm::Lease,
    ];

    /// Its name in scenario files, on the command line and in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Algorithm::Original => "original",
            Algorithm::SidSuffix => "sid-suffix",
            Algorithm::GlobalSection => "global-section",
            Algorithm::Patched => "patched",
            Algorithm::Patched2008 => "patched-2008",
            Algorithm::Lease => "lease",
        }
    }

    /// The algorithm of that name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.id() == id)
    }

    /// What it does.
    pub const fn rules(self) -> Rules {
        match self {
            Algorithm::Original => ORIGINAL,
            Algorithm::SidSuffix => SID_SUFFIX,
            Algorithm::GlobalSection => GLOBAL_SECTION,
            Algorithm::Patched => PATCHED,
            Algorithm::Patched2008 => PATCHED_2008,
            Algorithm::Lease => LEASE,
        }
    }
}

/// What a run uses: each process's own product, or one algorithm for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Build {
    /// Each process runs what its `mapi` says.
    AsInstalled,
    /// Every process runs this.
    All(Algorithm),
}

impl Build {
    /// What a process runs that has this installed.
    pub const fn runs(self, installed: Algorithm) -> Algorithm {
        match self {
            Build::AsInstalled => installed,
            Build::All(algorithm) => algorithm,
        }
    }

    /// Its name in scenario files, on the command line and in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Build::AsInstalled => "as-installed",
            Build::All(algorithm) => algorithm.id(),
        }
    }

    /// The build of that name.
    pub fn from_id(id: &str) -> Option<Self> {
        if id == Build::AsInstalled.id() {
            return Some(Build::AsInstalled);
        }
        Algorithm::from_id(id).map(Build::All)
    }

    /// All names, `as-installed` first.
    pub fn all() -> impl Iterator<Item = Build> {
        std::iter::once(Build::AsInstalled).chain(Algorithm::ALL.into_iter().map(Build::All))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields_changed(a: Rules, b: Rules) -> usize {
        usize::from(a.marks != b.marks)
            + usize::from(a.section != b.section)
            + usize::from(a.evidence != b.evidence)
            + usize::from(a.without != b.without)
    }

    #[test]
    fn each_fix_changes_exactly_one_field() {
        assert_eq!(fields_changed(ORIGINAL, SID_SUFFIX), 1);
        assert_eq!(fields_changed(ORIGINAL, GLOBAL_SECTION), 1);
        assert_eq!(fields_changed(SID_SUFFIX, PATCHED), 1);
        assert_eq!(fields_changed(GLOBAL_SECTION, PATCHED), 1);
        assert_eq!(fields_changed(PATCHED, PATCHED_2008), 1);
        assert_eq!(
            fields_changed(GLOBAL_SECTION, LEASE),
            1,
            "the repair is one change too, with fix 2's names"
        );
    }

    #[test]
    fn names_read_back_and_are_distinct() {
        for build in Build::all() {
            assert_eq!(Build::from_id(build.id()), Some(build));
        }
        assert_eq!(Build::from_id("fixed"), None);
    }
}
