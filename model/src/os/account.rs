//! Accounts: who can log on, with which groups and privileges.
//!
//! Not modelled: passwords (every logon of a known account succeeds), disabled accounts, domains as such.

use std::collections::BTreeSet;

use super::privilege::Privilege;
use super::sid::{Sid, SidError};

/// An account of the machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// Its name in the scenario.
    pub name: String,
    /// Its SID.
    pub sid: Sid,
    /// The groups it is a member of. Everyone and Authenticated Users come on their own.
    pub groups: BTreeSet<Sid>,
    /// Privileges besides those that its groups give.
    pub privileges: BTreeSet<Privilege>,
}

impl Account {
    /// The names that are accounts by themselves.
    pub const WELL_KNOWN: [&'static str; 3] = ["LocalSystem", "LocalService", "NetworkService"];

    /// An account without groups and privileges.
    pub fn new(name: &str, sid: Sid) -> Self {
        Self { name: name.to_owned(), sid, groups: BTreeSet::new(), privileges: BTreeSet::new() }
    }

    /// `LocalSystem`, `LocalService` or `NetworkService`. The system's token includes Administrators; the
    /// other two are members of Users.
    pub fn well_known(name: &str) -> Option<Self> {
        if !Self::WELL_KNOWN.contains(&name) {
            return None;
        }
        let group = if name == "LocalSystem" { "Administrators" } else { "Users" };
        Some(Self {
            groups: Sid::named(group).into_iter().collect(),
            ..Self::new(name, Sid::named(name).expect("the three well-known accounts are well-known SIDs"))
        })
    }

    /// The same account as a member of one group more: a well-known name or a SID.
    ///
    /// # Errors
    /// The text is neither.
    pub fn in_group(mut self, group: &str) -> Result<Self, SidError> {
        self.groups.insert(Sid::parse_or_named(group)?);
        Ok(self)
    }

    /// The same account with one privilege more.
    #[must_use]
    pub fn with_privilege(mut self, privilege: Privilege) -> Self {
        self.privileges.insert(privilege);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_named_or_given_as_sids() {
        let sid: Sid = "S-1-5-21-1-2-3-1000".parse().unwrap();
        let account =
            Account::new("svc", sid).in_group("Administrators").unwrap().in_group("S-1-5-32-545").unwrap();
        let names: Vec<_> = account.groups.iter().map(|group| group.name().unwrap()).collect();
        assert_eq!(names, ["Administrators", "Users"]);
        assert!(account.in_group("Wheel").is_err());
    }

    #[test]
    fn only_the_three_service_accounts_are_well_known() {
        for name in Account::WELL_KNOWN {
            assert_eq!(Account::well_known(name).unwrap().sid.name(), Some(name));
        }
        assert_eq!(Account::well_known("Everyone"), None);
    }
}
