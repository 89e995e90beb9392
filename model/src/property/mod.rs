//! What must hold, by name, and what each means.
//!
//! The rule of this family: a property speaks of sessions, profiles and marks as the machine shows them, one file each.
//! It cannot see the algorithm: no version, no call's inner steps, no record of what happened before. Where that makes
//! it weaker than its words, its file says so.
//!
//! `no-deadlock` is the engine's own question, and `call-result` compares two codes; they have no file. The order of
//! [`Property`] is the order in which properties that break on equally short runs are reported.

pub mod hidden_when_deleted;
pub mod live_profile;
pub mod name_reusable;
pub mod no_orphan;
pub mod shown;
pub mod usable_session;

/// A property of every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// Every live session's profile is whole: no key body that it opened has been deleted.
    LiveProfile,
    /// No call on a live session fails for want of its profile.
    UsableSession,
    /// Once all is quiet no profile that was asked to be deleted stays, nor a mark without a profile.
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

    /// Those that this version can check: all.
    pub const CHECKABLE: [Property; 7] = Property::ALL;

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
