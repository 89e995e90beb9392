//! Windows versions as data: one row of switches a version (os H.15).
//!
//! Modelled: the switches that some step of the machine obeys, and what a scenario has to know to be possible
//! at all. The rest of the code asks for a switch and never for a version's name. A user may make a row of
//! his own with `Windows { hives_in_use: HivesInUse::Unloaded, ..Windows::XP }`.
//!
//! Not modelled: editions, service packs other than those that change a switch, compatibility flags of single
//! programs.

use std::fmt;
use std::str::FromStr;

use super::error::Win32Error;

/// A version of Windows: its name, then its switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row of a table: each column is one independent yes or no"
)]
pub struct Windows {
    /// The name in scenario files and reports.
    pub name: &'static str,
    /// Whether Terminal Services can, must or cannot be there.
    pub terminal_services: TerminalServices,
    /// How the names of objects are kept apart (os A.2).
    pub namespaces: Namespaces,
    /// The session of the first user at the console: 0, or 1 where session 0 is for services only (os A.2,
    /// E).
    pub first_user_session: u32,
    /// Sections in the global directory need `SeCreateGlobalPrivilege` from other sessions (os A.9, I.10).
    pub create_global_privilege: bool,
    /// Impersonation of others needs `SeImpersonatePrivilege` (os B.2).
    pub impersonate_privilege: bool,
    /// `LogonUser` needs `SeTcbPrivilege` (os B.3).
    pub logon_user_needs_tcb: bool,
    /// What may call `LoadUserProfile` (os C.2).
    pub profile_loader: ProfileLoader,
    /// What unloading a hive does while keys in it are open (os C.2).
    pub hives_in_use: HivesInUse,
    /// HKU\S-1-5-18 is another name of HKU\.DEFAULT (os C.2).
    pub system_hive_is_default: bool,
    /// The accounts `LocalService` and `NetworkService` exist (os B.4).
    pub service_accounts: bool,
    /// `RegOpenCurrentUser` and `RegDisablePredefinedCache` exist (os C.1).
    pub current_user_calls: bool,
    /// Sections may have a protection that lets their content be run (os A.8).
    pub executable_sections: bool,
    /// What `RegDeleteKey` with a NULL path does (os C.3).
    pub delete_null: DeleteNull,
    /// Objects made by an administrator belong to the Administrators group, not to him (os A.10). NT 4.0,
    /// 2000 and Server 2003 do so, XP does not (KB 318825, which settles I.14 for these); for Vista and
    /// later, where the policy is gone, it is our choice that an administrator is an elevated one, whose
    /// default owner is the group.
    pub administrators_own: bool,
    /// What opening anything at a level below impersonation answers (os B.2). Real versions differ among 6,
    /// 1346 and 5 (os I.8).
    pub open_at_identification: Win32Error,
}

/// Whether a version has Terminal Services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TerminalServices {
    /// It cannot.
    Never,
    /// It may be switched on.
    Optional,
    /// It always has.
    Always,
}

/// How the names of objects are kept apart (os A.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespaces {
    /// One directory, no prefixes.
    Single,
    /// One path for all, but a name belongs to the session of its creator; no prefixes (NT 4.0 TSE).
    TaggedBySession,
    /// A directory for each session, with the links `Global`, `Local` and `Session`.
    Prefixes,
}

/// Who may call `LoadUserProfile` (os C.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileLoader {
    /// Who holds `SeBackupPrivilege` and `SeRestorePrivilege`.
    BackupAndRestore,
    /// A process that runs as an administrator or `LocalSystem`; impersonating one is not enough.
    AdministratorOrSystem,
}

/// What unloading a hive does while keys in it are open (os C.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HivesInUse {
    /// The unload fails and the hive stays.
    Stay,
    /// The unload succeeds, and the hive stays until the last handle is closed.
    StayUntilClosed,
    /// The hive goes at once, and every handle into it answers 1018 from then on.
    Unloaded,
}

/// What `RegDeleteKey` with a NULL path does (os C.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeleteNull {
    /// It deletes the key behind the handle, as the empty path does: a bug of NT 4.0 and 2000.
    DeletesTheKeyItself,
    /// It answers 87.
    InvalidParameter,
}

impl Windows {
    /// Windows NT 4.0.
    pub const NT4: Self = Self {
        name: "nt4",
        terminal_services: TerminalServices::Never,
        namespaces: Namespaces::Single,
        first_user_session: 0,
        create_global_privilege: false,
        impersonate_privilege: false,
        logon_user_needs_tcb: true,
        profile_loader: ProfileLoader::BackupAndRestore,
        hives_in_use: HivesInUse::Stay,
        system_hive_is_default: false,
        service_accounts: false,
        current_user_calls: false,
        executable_sections: false,
        delete_null: DeleteNull::DeletesTheKeyItself,
        administrators_own: true,
        open_at_identification: Win32Error::BAD_IMPERSONATION_LEVEL,
    };
    /// Windows NT 4.0, Terminal Server Edition.
    pub const NT4_TSE: Self = Self {
        name: "nt4-tse",
        terminal_services: TerminalServices::Always,
        namespaces: Namespaces::TaggedBySession,
        ..Self::NT4
    };
    /// Windows 2000 up to SP3.
    pub const W2000: Self = Self {
        name: "2000",
        terminal_services: TerminalServices::Optional,
        namespaces: Namespaces::Prefixes,
        current_user_calls: true,
        ..Self::NT4
    };
    /// Windows 2000 SP4.
    pub const W2000_SP4: Self =
        Self { name: "2000-sp4", create_global_privilege: true, impersonate_privilege: true, ..Self::W2000 };
    /// Windows XP up to SP1.
    pub const XP: Self = Self {
        name: "xp",
        logon_user_needs_tcb: false,
        hives_in_use: HivesInUse::StayUntilClosed,
        system_hive_is_default: true,
        service_accounts: true,
        executable_sections: true,
        delete_null: DeleteNull::InvalidParameter,
        administrators_own: false,
        ..Self::W2000
    };
    /// Windows XP SP2.
    pub const XP_SP2: Self = Self {
        name: "xp-sp2",
        create_global_privilege: true,
        impersonate_privilege: true,
        profile_loader: ProfileLoader::AdministratorOrSystem,
        ..Self::XP
    };
    /// Windows Server 2003.
    pub const SERVER_2003: Self = Self { name: "server-2003", administrators_own: true, ..Self::XP_SP2 };
    /// Windows Vista.
    pub const VISTA: Self = Self {
        name: "vista",
        first_user_session: 1,
        hives_in_use: HivesInUse::Unloaded,
        terminal_services: TerminalServices::Always,
        ..Self::SERVER_2003
    };
    /// Windows Server 2008.
    pub const SERVER_2008: Self = Self { name: "server-2008", ..Self::VISTA };
    /// Windows 7.
    pub const W7: Self = Self { name: "7", ..Self::VISTA };
    /// Windows 10.
    pub const W10: Self = Self { name: "10", ..Self::VISTA };

    /// Every version, oldest first.
    pub const ALL: &'static [Self] = &[
        Self::NT4,
        Self::NT4_TSE,
        Self::W2000,
        Self::W2000_SP4,
        Self::XP,
        Self::XP_SP2,
        Self::SERVER_2003,
        Self::VISTA,
        Self::SERVER_2008,
        Self::W7,
        Self::W10,
    ];

    /// Whether Terminal Services are there when a machine of this version asks for them or not: a version
    /// that cannot have them has none, one that always has them has them.
    pub fn has_terminal_services(self, asked: bool) -> bool {
        match self.terminal_services {
            TerminalServices::Never => false,
            TerminalServices::Optional => asked,
            TerminalServices::Always => true,
        }
    }
}

impl fmt::Display for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A name that no version has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWindows(pub String);

impl fmt::Display for UnknownWindows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Windows::ALL.iter().map(|version| version.name).collect();
        write!(f, "{:?} is not a version of Windows that is modelled; there are {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownWindows {}

impl FromStr for Windows {
    type Err = UnknownWindows;

    /// Reads a version's name, exactly as [`Windows::ALL`] has it.
    fn from_str(text: &str) -> Result<Self, UnknownWindows> {
        Self::ALL
            .iter()
            .find(|version| version.name == text)
            .copied()
            .ok_or_else(|| UnknownWindows(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for version in Windows::ALL {
            assert_eq!(version.to_string().parse(), Ok(*version));
        }
        let refusal = "Windows95".parse::<Windows>().unwrap_err().to_string();
        assert!(refusal.contains("server-2003"), "{refusal}");
    }

    /// (os H.15) and the tables it sums up: what each version was the first to have.
    #[test]
    fn each_switch_turns_at_the_version_that_the_facts_name() {
        type Switch = fn(&Windows) -> bool;
        let rows: [(&str, Switch, &[&str]); 9] = [
            ("A.9, I.10", |w| w.create_global_privilege, &["nt4", "nt4-tse", "2000", "xp"]),
            ("B.2", |w| w.impersonate_privilege, &["nt4", "nt4-tse", "2000", "xp"]),
            ("B.3", |w| !w.logon_user_needs_tcb, &["nt4", "nt4-tse", "2000", "2000-sp4"]),
            (
                "C.3",
                |w| w.delete_null == DeleteNull::InvalidParameter,
                &["nt4", "nt4-tse", "2000", "2000-sp4"],
            ),
            ("C.2 834878", |w| w.system_hive_is_default, &["nt4", "nt4-tse", "2000", "2000-sp4"]),
            ("B.4", |w| w.service_accounts, &["nt4", "nt4-tse", "2000", "2000-sp4"]),
            ("C.1", |w| w.current_user_calls, &["nt4", "nt4-tse"]),
            ("A.8", |w| w.executable_sections, &["nt4", "nt4-tse", "2000", "2000-sp4"]),
            (
                "C.2",
                |w| w.hives_in_use == HivesInUse::Unloaded,
                &["nt4", "nt4-tse", "2000", "2000-sp4", "xp", "xp-sp2", "server-2003"],
            ),
        ];
        for (fact, has, without) in rows {
            for version in Windows::ALL {
                assert_eq!(has(version), !without.contains(&version.name), "({fact}) on {version}");
            }
        }
    }

    #[test]
    fn terminal_services_cannot_be_asked_of_nt4_nor_taken_from_its_terminal_server_edition() {
        let rows =
            [("nt4", false, false), ("nt4-tse", true, true), ("2000", false, true), ("vista", true, true)];
        for (name, unasked, asked) in rows {
            let version: Windows = name.parse().unwrap();
            assert_eq!(
                (version.has_terminal_services(false), version.has_terminal_services(true)),
                (unasked, asked)
            );
        }
    }
}
