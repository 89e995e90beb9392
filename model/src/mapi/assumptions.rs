//! What the sources leave open about MAPI, each point a named setting with its alternatives and a default
//! (mapi 4).
//!
//! Every verdict depends on these. A scenario names the ones it sets otherwise; the first alternative is the
//! default.
//!
//! Always holds
//! - The algorithm reads them through [`Settled`] alone, so what was never asked for cannot have mattered.

use std::cell::Cell;
use std::fmt;

macro_rules! assumptions {
    ($(
        $(#[$doc:meta])*
        $field:ident: $Type:ident = $name:literal, $section:literal {
            $($(#[$alternative_doc:meta])* $Alternative:ident = $text:literal,)+
        }
    )+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $Type {
                $($(#[$alternative_doc])* $Alternative,)+
            }
        )+

        /// One choice for every point that the sources leave open.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct Assumptions {
            $($(#[$doc])* pub $field: $Type,)+
        }

        /// Every assumption, with its alternatives, the default first.
        pub const TABLE: &[Assumption] = &[
            $(Assumption { name: $name, section: $section, alternatives: &[$($text),+] },)+
        ];

        impl Assumptions {
            /// Settles one point.
            ///
            /// # Errors
            /// Where there is no such point, or no such alternative.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), BadAssumption> {
                match name {
                    $($name => {
                        self.$field = match value {
                            $($text => $Type::$Alternative,)+
                            _ => return Err(BadAssumption::Alternative { alternatives: &[$($text),+] }),
                        };
                        Ok(())
                    })+
                    _ => Err(BadAssumption::Name),
                }
            }

            /// How a point is settled: its alternative's name; `None` where there is no such point.
            pub fn get(&self, name: &str) -> Option<&'static str> {
                match name {
                    $($name => Some(match self.$field { $($Type::$Alternative => $text,)+ }),)+
                    _ => None,
                }
            }
        }

        /// The place of each point in [`TABLE`].
        #[derive(Clone, Copy)]
        enum Place { $($Type,)+ }

        impl Settled {
            $(
                $(#[$doc])*
                pub fn $field(&self) -> $Type {
                    self.ask(Place::$Type);
                    self.assumptions.$field
                }
            )+
        }
    };
}

assumptions! {
    /// Whose SID chooses the key that a profile is marked under (mapi 4.2, 4.3, C7).
    mark_identity: MarkIdentity = "mark-identity", "4.3" {
        /// The effective token's at the time of the call: the thread's when it impersonates.
        #[default] Thread = "thread",
        /// The process's, whatever the thread impersonates.
        Process = "process",
    }
    /// Whose SID is in the name of the section that counts sessions (mapi 4.1, 4.2, C4, C6).
    count_identity: CountIdentity = "count-identity", "4.3" {
        /// The effective token's at the time of the call.
        #[default] Thread = "thread",
        /// The process's: then impersonation cannot split the section.
        Process = "process",
    }
    /// Whose SID chooses the key in which a release looks for the profile's mark (mapi 4.3, M11.3).
    release_identity: ReleaseIdentity = "release-identity", "4.3" {
        /// The effective token's at the time of the call.
        #[default] Thread = "thread",
        /// The process's: as if the release finished on a thread of MAPI's own.
        Process = "process",
    }
    /// Whose SID chooses the key that is swept (mapi 4.3, M11.3).
    sweep_identity: SweepIdentity = "sweep-identity", "4.3" {
        /// The effective token's at the time of the call.
        #[default] Thread = "thread",
        /// The process's.
        Process = "process",
    }
    /// When that SID is read (mapi 4.3; the alternatives there are a, b and c).
    identity_read: IdentityRead = "identity-read", "4.3" {
        /// At each call: a process has an instance for each account that it was initialised under.
        #[default] EachCall = "each-call",
        /// Once, by the MAPIInitialize that makes the process's one instance (a).
        Once = "once",
        /// The section once, the mark key's suffix at each call (b).
        SectionOnce = "section-once",
        /// The mark key's suffix once, by a process's first MAPIInitialize and for good; the section at each
        /// call (c).
        SuffixOnce = "suffix-once",
    }
    /// Which CRC is appended to the mark key's name (mapi 4.4).
    crc_kind: CrcKind = "crc-kind", "4.4" {
        /// CRC-32 (IEEE).
        #[default] Crc32 = "crc-32",
        /// CRC-16 (ARC), which collides within one domain.
        Crc16 = "crc-16",
    }
    /// Which form of the SID the CRC is taken over (mapi 4.4).
    crc_input: CrcInput = "crc-input", "4.4" {
        /// The binary SID.
        #[default] Binary = "binary",
        /// The string form, ASCII.
        Ascii = "ascii",
        /// The string form, UTF-16.
        Utf16 = "utf-16",
    }
    /// How the CRC is printed (mapi 4.4).
    crc_print: CrcPrint = "crc-print", "4.4" {
        /// Lower-case hexadecimal with leading zeros.
        #[default] LowerHex = "lower-hex",
        /// Upper-case hexadecimal with leading zeros.
        UpperHex = "upper-hex",
        /// Decimal.
        Decimal = "decimal",
    }
    /// What protects counts and marks (mapi 4.5).
    lock: Lock = "lock", "4.5" {
        /// A named mutex in the section's namespace, held over a change of a count, and over a test of it
        /// together with the mark or deletion that follows.
        #[default] SectionNamespace = "section-namespace",
        /// The same mutex, in the session's own namespace even where the section is global.
        SessionNamespace = "session-namespace",
        /// The mutex, held for each look at the counts only.
        CountsOnly = "counts-only",
        /// Nothing.
        Unlocked = "none",
    }
    /// In which order DeleteProfile looks and marks (mapi 4.6).
    delete_order: DeleteOrder = "delete-order", "4.6" {
        /// It looks whether the profile is in use, then marks or deletes.
        #[default] LookFirst = "look-first",
        /// It marks, then looks; the mark goes with the profile.
        MarkFirst = "mark-first",
    }
    /// What CreateProfile does with a name that is marked and whose profile is still there (mapi 4.9).
    create_marked: CreateMarked = "create-marked", "4.9" {
        /// It refuses with MAPI_E_NO_ACCESS, as for any name that exists (mapi c11, 0.2).
        #[default] NoAccess = "no-access",
        /// It takes the profile over and clears the mark.
        ClearsMark = "clears-mark",
        /// It takes the profile over; the mark stays, so that the next sweep may delete it.
        Succeeds = "succeeds",
    }
    /// What CreateProfile does with an old mark of a name whose profile is gone (mapi 4.10).
    stale_mark: StaleMark = "stale-mark", "4.10" {
        /// It leaves it: the new profile is invisible at once, and the next sweep may delete it.
        #[default] Kept = "kept",
        /// It removes it.
        Removed = "removed",
    }
    /// What DeleteProfile does with a profile that is marked already (mapi 4.11).
    delete_marked: DeleteMarked = "delete-marked", "4.11" {
        /// What it does with any other.
        #[default] Ok = "ok",
        /// It answers MAPI_E_NOT_FOUND, as the profile table hides the name.
        NotFound = "not-found",
    }
    /// What MAPILogonEx does with a marked profile that is still there (mapi 4.12).
    logon_marked: LogonMarked = "logon-marked", "4.12" {
        /// It logs on.
        #[default] Allowed = "allowed",
        /// It answers MAPI_E_LOGON_FAILED.
        LogonFailed = "logon-failed",
    }
    /// When the count falls and when a marked profile is deleted (mapi 4.13, B4, B11).
    release: Release = "release", "4.13" {
        /// The count falls at Logoff; the last Release looks for the mark.
        #[default] LogoffThenRelease = "logoff-then-release",
        /// Both at Logoff.
        AtLogoff = "at-logoff",
        /// Both at Release.
        AtRelease = "at-release",
    }
    /// What the release of a session does that was never logged off (mapi 4.13, M9.8).
    release_without_logoff: ReleaseWithoutLogoff = "release-without-logoff", "4.13" {
        /// It logs off first.
        #[default] LogsOff = "logs-off",
        /// It leaves the count as it is.
        LeavesCount = "leaves-count",
    }
    /// What is made of the counts of processes that died (mapi 4.14).
    crash_repair: CrashRepair = "crash-repair", "4.14" {
        /// Nothing: they stay as long as somebody has the section open.
        #[default] None = "none",
        /// Each entry carries its process's number, and whoever looks counts those of living processes only.
        PidValidated = "pid-validated",
    }
    /// Which keys below the key of all profiles a version takes for mark keys (mapi 4.15).
    mark_keys: MarkKeys = "mark-keys", "4.15" {
        /// Its own, by its exact name: another version's is listed as if it were a profile.
        #[default] Exact = "exact",
        /// All whose name begins with "Deleted Profiles": the profile table leaves them out, and what is
        /// marked there.
        Prefix = "prefix",
    }
    /// What a version with fix 1 does with the marks that versions without it left (mapi 4.15).
    old_marks: OldMarks = "old-marks", "4.15" {
        /// Nothing.
        #[default] Ignored = "ignored",
        /// It sweeps them like its own, which brings bug 1 back.
        Swept = "swept",
    }
    /// What MAPIInitialize answers where the global section may not be created (mapi 4.17).
    global_denied: GlobalDenied = "global-denied", "4.17" {
        /// MAPI_E_NOT_ENOUGH_RESOURCES, the code of its fifth step (mapi 1.2).
        #[default] NotEnoughResources = "not-enough-resources",
        /// MAPI_E_NO_ACCESS.
        NoAccess = "no-access",
    }
    /// How a session reads its profile (mapi 4.19, 0.8).
    session_reads: SessionReads = "session-reads", "4.19" {
        /// Through keys that it keeps open: a deleted profile answers 1018 (mapi A5).
        #[default] OpenKeys = "open-keys",
        /// By the profile's name at each read: a deleted profile answers 2, a new one of that name answers
        /// for the old.
        ByName = "by-name",
    }
    /// When the count rises, relative to opening the profile (mapi 4.8).
    logon_count: LogonCount = "logon-count", "4.8" {
        /// After the profile was opened, under the lock.
        #[default] AfterOpen = "after-open",
        /// Before the profile is opened.
        First = "first",
        /// After the lock was released.
        Last = "last",
    }
    /// Which initialisations sweep (mapi 4.26).
    sweep_on: SweepOn = "sweep-on", "4.26" {
        /// Only a process's first.
        #[default] FirstInitialize = "first-initialize",
        /// Every one.
        EveryInitialize = "every-initialize",
    }
    /// What a failure in the sweep does (mapi 4.27).
    sweep_failure: SweepFailure = "sweep-failure", "4.27" {
        /// Nothing: the next sweep may do better.
        #[default] Ignored = "ignored",
        /// MAPIInitialize fails with MAPI_E_NOT_INITIALIZED, the code of its seventh step (mapi 1.2).
        NotInitialized = "not-initialized",
    }
    /// How the sweep goes through the marks (mapi 4.7).
    sweep_walk: SweepWalk = "sweep-walk", "4.7" {
        /// It lists them, then takes one after the other.
        #[default] Listed = "listed",
        /// By position, while it deletes: it skips the mark after each one that it removed (os C.4). A real
        /// slip.
        ByPosition = "by-position",
    }
    /// What a provider writes when its session ends (mapi M11.8).
    late_write: LateWrite = "late-write", "M11.8" {
        /// Nothing.
        #[default] None = "none",
        /// A value of its section, by the profile's name, at the end of Release: it may bring back a part of
        /// a profile that was just deleted, unmarked.
        Zombie = "zombie",
    }
    /// What MAPIUninitialize does while sessions of the process are not released (mapi M11.1, M11.2, 3.7 F1).
    leaked_sessions: LeakedSessions = "leaked-sessions", "M11.1" {
        /// What it always does.
        #[default] Ignored = "ignored",
        /// The last one does nothing, as what leaked holds MAPI: the next MAPIInitialize is not a first one.
        HoldMapi = "hold-mapi",
    }
    /// What the sweep removes first (mapi 4.7).
    sweep_order: SweepOrder = "sweep-order", "4.7" {
        /// The profile, then its mark.
        #[default] ProfileFirst = "profile-first",
        /// The mark, then the profile.
        MarkFirst = "mark-first",
    }
}

/// The assumptions of a run, as the algorithm reads them: each reading is kept in mind.
///
/// The algorithm is a pure function of what it is answered, so points that were not asked for in a whole search have no
/// part in what it found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    assumptions: Assumptions,
    asked: Cell<u64>,
    denied: Cell<bool>,
}

impl Settled {
    fn ask(&self, place: Place) {
        self.asked.set(self.asked.get() | 1 << place as u32);
    }

    /// How all is settled, for who decides nothing by it that a verdict rests on.
    pub(crate) fn unasked(&self) -> &Assumptions {
        &self.assumptions
    }

    /// What was asked for so far.
    pub fn consulted(&self) -> Consulted {
        Consulted(self.asked.get())
    }

    /// Keeps in mind that somebody was denied the global section.
    pub(super) fn global_section_was_denied(&self) {
        self.denied.set(true);
    }

    /// Whether somebody was denied the global section. Until then fix 2 and the fallback of 2008 take the same steps
    /// (mapi 4.17).
    pub fn is_global_section_denied(&self) -> bool {
        self.denied.get()
    }
}

impl From<Assumptions> for Settled {
    fn from(assumptions: Assumptions) -> Self {
        Settled { assumptions, asked: Cell::new(0), denied: Cell::new(false) }
    }
}

/// Which points a run or search asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Consulted(u64);

impl Consulted {
    /// Whether a point of that name is among them.
    pub fn has(self, name: &str) -> bool {
        self.iter().any(|assumption| assumption.name == name)
    }

    /// They, in the order of [`TABLE`].
    pub fn iter(self) -> impl Iterator<Item = &'static Assumption> {
        TABLE.iter().enumerate().filter(move |(index, _)| self.0 >> index & 1 == 1).map(|(_, known)| known)
    }

    /// These and those of another.
    #[must_use]
    pub const fn and(self, other: Consulted) -> Consulted {
        Consulted(self.0 | other.0)
    }

    /// They as bits, for another process of this very program.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// They from [`Consulted::bits`].
    pub const fn from_bits(bits: u64) -> Consulted {
        Consulted(bits)
    }

    /// How many.
    pub const fn count(self) -> usize {
        self.0.count_ones() as usize
    }
}

/// One point that the sources leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// Its name in scenario files.
    pub name: &'static str,
    /// Where its evidence is (a section of the MAPI facts).
    pub section: &'static str,
    /// What it can be; the default first.
    pub alternatives: &'static [&'static str],
}

/// An assumption that cannot be set so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAssumption {
    /// There is no such point.
    Name,
    /// There is no such alternative.
    Alternative {
        /// What there is.
        alternatives: &'static [&'static str],
    },
}

impl fmt::Display for BadAssumption {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadAssumption::Name => out.write_str("there is no such assumption"),
            BadAssumption::Alternative { alternatives } => {
                write!(out, "it can be {}", alternatives.join(", "))
            }
        }
    }
}

impl std::error::Error for BadAssumption {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_alternative_is_the_default_and_every_other_one_differs() {
        for assumption in TABLE {
            for (index, alternative) in assumption.alternatives.iter().enumerate() {
                let mut settled = Assumptions::default();
                settled.set(assumption.name, alternative).unwrap();
                assert_eq!(settled.get(assumption.name), Some(*alternative));
                assert_eq!(
                    settled == Assumptions::default(),
                    index == 0,
                    "{} = {alternative}",
                    assumption.name
                );
            }
        }
    }

    #[test]
    fn what_is_asked_for_is_kept_in_mind_and_nothing_else() {
        assert!(TABLE.len() <= 64, "there is a bit for each");
        let settled = Settled::from(Assumptions::default());
        assert_eq!((settled.consulted().count(), settled.lock()), (0, Lock::SectionNamespace));
        assert_eq!(settled.sweep_order(), SweepOrder::ProfileFirst);
        assert_eq!(settled.lock(), Lock::SectionNamespace);
        let asked: Vec<&str> = settled.consulted().iter().map(|assumption| assumption.name).collect();
        assert_eq!(asked, ["lock", "sweep-order"]);
        assert!(settled.consulted().has("lock") && !settled.consulted().has("release"));
    }

    #[test]
    fn an_unknown_name_or_alternative_is_refused() {
        let mut settled = Assumptions::default();
        assert_eq!(settled.set("locks", "none"), Err(BadAssumption::Name));
        assert!(matches!(settled.set("lock", "nothing"), Err(BadAssumption::Alternative { .. })));
    }
}
