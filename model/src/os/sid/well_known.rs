//! The well-known SIDs (os B.4): name, SDDL alias and value, one row each.

use super::Sid;

/// A well-known SID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WellKnown {
    /// The name used in scenario files and reports.
    pub name: &'static str,
    /// The two letters that SDDL has for it.
    pub alias: Option<&'static str>,
    authority: u64,
    sub_authorities: &'static [u32],
}

impl WellKnown {
    /// The SID itself.
    pub fn sid(&self) -> Sid {
        Sid { authority: self.authority, sub_authorities: self.sub_authorities.to_vec() }
    }

    /// Whether that is the SID.
    pub fn is(&self, sid: &Sid) -> bool {
        self.authority == sid.authority && self.sub_authorities == sid.sub_authorities
    }
}

const fn row(
    name: &'static str,
    alias: Option<&'static str>,
    authority: u64,
    sub_authorities: &'static [u32],
) -> WellKnown {
    WellKnown { name, alias, authority, sub_authorities }
}

/// Everyone.
pub(crate) const EVERYONE: WellKnown = row("Everyone", Some("WD"), 1, &[0]);
/// Logged on at the machine, or through Terminal Services.
pub(crate) const INTERACTIVE: WellKnown = row("Interactive", Some("IU"), 5, &[4]);
/// Logged on as a service.
pub(crate) const SERVICE: WellKnown = row("Service", Some("SU"), 5, &[6]);
/// Everybody but anonymous and guest.
pub(crate) const AUTHENTICATED_USERS: WellKnown = row("Authenticated Users", Some("AU"), 5, &[11]);
/// The account of the system itself.
pub(crate) const LOCAL_SYSTEM: WellKnown = row("LocalSystem", Some("SY"), 5, &[18]);
/// The account of services that need little (XP and later).
pub(crate) const LOCAL_SERVICE: WellKnown = row("LocalService", Some("LS"), 5, &[19]);
/// The same with the machine's identity on the network (XP and later).
pub(crate) const NETWORK_SERVICE: WellKnown = row("NetworkService", Some("NS"), 5, &[20]);
/// The group of administrators.
pub(crate) const ADMINISTRATORS: WellKnown = row("Administrators", Some("BA"), 5, &[32, 544]);
/// The group of ordinary users.
pub(crate) const USERS: WellKnown = row("Users", Some("BU"), 5, &[32, 545]);
/// The group of backup operators.
pub(crate) const BACKUP_OPERATORS: WellKnown = row("Backup Operators", Some("BO"), 5, &[32, 551]);

/// All of them, in the order of their values.
pub const ALL: &[WellKnown] = &[
    row("Null", None, 0, &[0]),
    EVERYONE,
    row("Local", None, 2, &[0]),
    row("Creator Owner", Some("CO"), 3, &[0]),
    row("Creator Group", Some("CG"), 3, &[1]),
    row("Network", Some("NU"), 5, &[2]),
    row("Batch", None, 5, &[3]),
    INTERACTIVE,
    SERVICE,
    row("Anonymous", Some("AN"), 5, &[7]),
    AUTHENTICATED_USERS,
    row("Restricted Code", Some("RC"), 5, &[12]),
    row("Terminal Server User", None, 5, &[13]),
    LOCAL_SYSTEM,
    LOCAL_SERVICE,
    NETWORK_SERVICE,
    ADMINISTRATORS,
    USERS,
    row("Guests", Some("BG"), 5, &[32, 546]),
    row("Power Users", Some("PU"), 5, &[32, 547]),
    BACKUP_OPERATORS,
    row("Remote Desktop Users", Some("RD"), 5, &[32, 555]),
];
