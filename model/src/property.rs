//! What must hold, by name. The order of [`Property`] is the order in which properties that break on equally short runs
//! are reported.

/// A property of every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// Every live session's profile is whole: no key body that it opened has been deleted.
    LiveProfile,
    /// No call on a live session fails for want of its profile.
    UsableSession,
    /// No profile that was asked to be deleted stays for ever, and no mark without a profile.
    NoOrphan,
    /// The profile table lists neither a marked profile nor a marker key.
    HiddenWhenDeleted,
    /// Once a deleted profile's last session is released, its name can be used again.
    NameReusable,
    /// Somebody can always run until all are done.
    NoDeadlock,
    /// Every call with a `must` returns just that.
    CallResult,
}

impl Property {
    /// All of them, in order.
    pub const ALL: [Property; 7] = [
        Property::LiveProfile,
        Property::UsableSession,
        Property::NoOrphan,
        Property::HiddenWhenDeleted,
        Property::NameReusable,
        Property::NoDeadlock,
        Property::CallResult,
    ];

    /// What a scenario looks at when it does not say.
    pub const DEFAULT: [Property; 3] = [Property::LiveProfile, Property::NoDeadlock, Property::CallResult];

    /// Those that this version can check. A scenario that names another one is refused.
    pub const CHECKABLE: [Property; 4] =
        [Property::LiveProfile, Property::UsableSession, Property::NoDeadlock, Property::CallResult];

    /// Its name in scenario files and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Property::LiveProfile => "live-profile",
            Property::UsableSession => "usable-session",
            Property::NoOrphan => "no-orphan",
            Property::HiddenWhenDeleted => "hidden-when-deleted",
            Property::NameReusable => "name-reusable",
            Property::NoDeadlock => "no-deadlock",
            Property::CallResult => "call-result",
        }
    }

    /// The property of that name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.id() == id)
    }
}
