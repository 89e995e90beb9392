//! The versions of the algorithm: each is a value, each fix one field of it.
//!
//! The article's two fixes (mapi C7, D5) and the 2008 fallback (mapi 4.17) are the only differences between versions
//! that the sources state. A test holds that each fix changes exactly one field.

/// Where a profile is marked for deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Marks {
    /// One key for everybody: `Deleted Profiles` (mapi B6).
    Shared,
    /// A key for each account: a CRC of the SID is appended (fix 1, mapi C7).
    PerAccount,
}

/// Which name the section that counts sessions has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionName {
    /// A plain name, so that each Terminal Services session has its own (mapi D3).
    Session,
    /// `Global\` in front (fix 2, mapi D5).
    Global,
    /// `Global\` where that may be created, else the session's own (mapi 4.17, the 2008 rework).
    GlobalElseSession,
}

/// What one version of MAPI does where versions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rules {
    /// Where marks are.
    pub marks: Marks,
    /// Where counts are.
    pub section: SectionName,
}

/// Neither fix.
pub const ORIGINAL: Rules = Rules { marks: Marks::Shared, section: SectionName::Session };
/// Fix 1 alone.
pub const SID_SUFFIX: Rules = Rules { marks: Marks::PerAccount, ..ORIGINAL };
/// Fix 2 alone.
pub const GLOBAL_SECTION: Rules = Rules { section: SectionName::Global, ..ORIGINAL };
/// Both fixes: what the hotfixes shipped.
pub const PATCHED: Rules = Rules { section: SectionName::Global, ..SID_SUFFIX };
/// Both fixes with a fallback where the global section may not be created.
pub const PATCHED_2008: Rules = Rules { section: SectionName::GlobalElseSession, ..SID_SUFFIX };

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
}

impl Algorithm {
    /// All of them, oldest first.
    pub const ALL: [Algorithm; 5] = [
        Algorithm::Original,
        Algorithm::SidSuffix,
        Algorithm::GlobalSection,
        Algorithm::Patched,
        Algorithm::Patched2008,
    ];

    /// Its name in scenario files, on the command line and in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Algorithm::Original => "original",
            Algorithm::SidSuffix => "sid-suffix",
            Algorithm::GlobalSection => "global-section",
            Algorithm::Patched => "patched",
            Algorithm::Patched2008 => "patched-2008",
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
        usize::from(a.marks != b.marks) + usize::from(a.section != b.section)
    }

    #[test]
    fn each_fix_changes_exactly_one_field() {
        assert_eq!(fields_changed(ORIGINAL, SID_SUFFIX), 1);
        assert_eq!(fields_changed(ORIGINAL, GLOBAL_SECTION), 1);
        assert_eq!(fields_changed(SID_SUFFIX, PATCHED), 1);
        assert_eq!(fields_changed(GLOBAL_SECTION, PATCHED), 1);
        assert_eq!(fields_changed(PATCHED, PATCHED_2008), 1);
    }

    #[test]
    fn names_read_back_and_are_distinct() {
        for build in Build::all() {
            assert_eq!(Build::from_id(build.id()), Some(build));
        }
        assert_eq!(Build::from_id("fixed"), None);
    }
}
