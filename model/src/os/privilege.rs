//! Privileges: which exist, who holds them by default, and which are enabled.
//!
//! Modelled: the privileges that some step of the machine asks for. Not modelled: `AdjustTokenPrivileges`; a
//! privilege is enabled or not by its kind, as in a fresh token.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::sid::Sid;
use super::windows::Windows;

/// A privilege that some step asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// Create sections in the global directory from another session (os A.9).
    CreateGlobal,
    /// Impersonate others (os B.2).
    Impersonate,
    /// Act as part of the operating system (os B.3).
    Tcb,
    /// Back up files and directories; loads hives (os C.2).
    Backup,
    /// Restore files and directories; loads hives (os C.2).
    Restore,
}

impl Privilege {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::CreateGlobal, Self::Impersonate, Self::Tcb, Self::Backup, Self::Restore];

    /// Windows' name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateGlobal => "SeCreateGlobalPrivilege",
            Self::Impersonate => "SeImpersonatePrivilege",
            Self::Tcb => "SeTcbPrivilege",
            Self::Backup => "SeBackupPrivilege",
            Self::Restore => "SeRestorePrivilege",
        }
    }

    /// Whether a fresh token has it enabled. The two backup privileges have to be enabled by whoever uses
    /// them, which `LoadUserProfile` does for its caller (our choice: no source says who does it).
    pub fn enabled_by_default(self) -> bool {
        match self {
            Self::CreateGlobal | Self::Impersonate | Self::Tcb => true,
            Self::Backup | Self::Restore => false,
        }
    }

    /// Whether this version knows the privilege (os A.9, B.2).
    pub fn exists_in(self, windows: &Windows) -> bool {
        match self {
            Self::CreateGlobal => windows.create_global_privilege,
            Self::Impersonate => windows.impersonate_privilege,
            Self::Tcb | Self::Backup | Self::Restore => true,
        }
    }

    /// Whether a user in these groups holds it by default (os A.9 for the first two).
    pub fn is_default_of(self, user: &Sid, groups: &BTreeSet<Sid>) -> bool {
        let is = |names: &[&str]| {
            names.iter().filter_map(|name| Sid::named(name)).any(|sid| sid == *user || groups.contains(&sid))
        };
        match self {
            Self::CreateGlobal | Self::Impersonate => {
                is(&["Administrators", "Service", "LocalSystem", "LocalService", "NetworkService"])
            }
            Self::Tcb => is(&["LocalSystem"]),
            Self::Backup | Self::Restore => is(&["Administrators", "Backup Operators", "LocalSystem"]),
        }
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no modelled privilege has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPrivilege(pub String);

impl fmt::Display for UnknownPrivilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Privilege::ALL.map(Privilege::name).join(", ");
        write!(f, "{:?} is not a privilege that is modelled; there are {names}", self.0)
    }
}

impl std::error::Error for UnknownPrivilege {}

impl FromStr for Privilege {
    type Err = UnknownPrivilege;

    /// Reads Windows' name, exactly.
    fn from_str(text: &str) -> Result<Self, UnknownPrivilege> {
        Self::ALL
            .into_iter()
            .find(|privilege| privilege.name() == text)
            .ok_or_else(|| UnknownPrivilege(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for privilege in Privilege::ALL {
            assert_eq!(privilege.to_string().parse(), Ok(privilege));
        }
        assert!("SeFlyPrivilege".parse::<Privilege>().is_err());
    }

    /// (os A.9) default holders.
    #[test]
    fn administrators_services_and_the_system_hold_the_global_privilege_and_users_do_not() {
        let user: Sid = "S-1-5-21-1-2-3-1000".parse().unwrap();
        let rows = [
            ("Administrators", true),
            ("Service", true),
            ("Users", false),
            ("Interactive", false),
            ("Power Users", false),
        ];
        for (group, held) in rows {
            let groups = BTreeSet::from([Sid::named(group).unwrap()]);
            assert_eq!(Privilege::CreateGlobal.is_default_of(&user, &groups), held, "{group}");
            assert_eq!(Privilege::Impersonate.is_default_of(&user, &groups), held, "{group}");
            assert!(!Privilege::Tcb.is_default_of(&user, &groups), "{group}");
        }
        for name in ["LocalSystem", "LocalService", "NetworkService"] {
            assert!(
                Privilege::CreateGlobal.is_default_of(&Sid::named(name).unwrap(), &BTreeSet::new()),
                "{name}"
            );
        }
    }
}
