//! What the sources leave open about MAPI, each point a named setting with its alternatives and a default (mapi 4).
//!
//! Every verdict depends on these. A scenario names the ones it sets otherwise; the first alternative is the default.

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
        /// A named mutex in the section's namespace, held over a change of a count, and over a test of it together with
        /// the mark or deletion that follows.
        #[default] SectionNamespace = "section-namespace",
        /// The same mutex, in the session's own namespace even where the section is global.
        SessionNamespace = "session-namespace",
        /// The mutex, held for each look at the counts only.
        CountsOnly = "counts-only",
        /// Nothing.
        Unlocked = "none",
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
    /// What the sweep removes first (mapi 4.7).
    sweep_order: SweepOrder = "sweep-order", "4.7" {
        /// The profile, then its mark.
        #[default] ProfileFirst = "profile-first",
        /// The mark, then the profile.
        MarkFirst = "mark-first",
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
    fn an_unknown_name_or_alternative_is_refused() {
        let mut settled = Assumptions::default();
        assert_eq!(settled.set("locks", "none"), Err(BadAssumption::Name));
        assert!(matches!(settled.set("lock", "nothing"), Err(BadAssumption::Alternative { .. })));
    }
}
