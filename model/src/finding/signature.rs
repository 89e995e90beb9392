//! What makes two findings the same one, for telling counterexamples apart and for shrinking them.
//!
//! `fp1:live-profile/sweep/profile-key/sections-split-by-session` says: `live-profile` is broken by another process's
//! sweep, which hit a profile's key, and what it looked at differs from what was true since each session has sections
//! of its own. The parts, in order:
//! 1. the property;
//! 2. the deed that broke it, with `own-` in front where the victim's own process did it ([`Deed`]);
//! 3. the kind of object that it hit ([`Hit`]);
//! 4. why what was looked at and what was true differ, with `+` between several reasons ([`Why`]).
//!
//! Always holds
//! - No step number, name, path, SID, count or text of a finding is in it: renaming everything, or taking independent
//!   steps in another order, leaves it as it is.
//! - It reads back from its text. `fp1` is the version of this description: another meaning gets another number.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::words::{directory, leaf};
use crate::os::syscall::Syscall;
use crate::property::Property;
use crate::property::shown::is_mark_key;
use crate::scenario::call::SPELLINGS;
use crate::trace::{Run, Step, Who};

/// The version of the description.
const VERSION: &str = "fp1";
/// What stands in front of a deed of the victim's own process.
const OWN: &str = "own-";
/// What stands in front of a Win32 error code.
const ANSWERED: &str = "answered-";
/// What stands in front of the name of a call without a word of its own.
const CALL: &str = "call-";

/// What makes two findings the same one. Its text is stable, and reads back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    /// What is broken.
    pub property: Property,
    /// What broke it.
    pub deed: Deed,
    /// Whether the victim's own process did it.
    pub own: bool,
    /// What it hit.
    pub hit: Hit,
    /// Why what was looked at and what was true differ; never empty.
    pub why: BTreeSet<Why>,
}

impl Signature {
    pub(super) fn new(
        property: Property,
        (deed, own): (Deed, bool),
        hit: Hit,
        why: impl IntoIterator<Item = Why>,
    ) -> Self {
        let why: BTreeSet<Why> = why.into_iter().collect();
        assert!(!why.is_empty(), "every finding has a reason");
        Signature { property, deed, own, hit, why }
    }
}

macro_rules! words {
    ($(#[$meta:meta])* $Name:ident { $($(#[doc = $doc:literal])+ $Word:ident = $text:literal,)+ } $($(#[doc = $other_doc:literal])+ $Other:ident($Type:ty),)?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Name {
            $($(#[doc = $doc])+ $Word,)+
            $($(#[doc = $other_doc])+ $Other($Type),)?
        }

        impl $Name {
            /// Those that are a word of their own, with it.
            pub const WORDS: &'static [($Name, &'static str)] = &[$(($Name::$Word, $text)),+];

            fn word(self) -> Option<&'static str> {
                Self::WORDS.iter().find(|(known, _)| *known == self).map(|(_, word)| *word)
            }

            fn of_word(text: &str) -> Option<Self> {
                Self::WORDS.iter().find(|(_, word)| *word == text).map(|(known, _)| *known)
            }
        }
    };
}

words! {
    /// What broke a property.
    Deed {
        /// The sweep of a call, whichever: MAPIInitialize's as a rule (mapi B12).
        Sweep = "sweep",
        /// DeleteProfile, of a profile that it found unused (mapi B10).
        Delete = "delete",
        /// Release, of a profile that is marked (mapi B11).
        Release = "release",
        /// A hive was unloaded.
        Unload = "unload",
        /// A thread or process ended, or was killed.
        End = "end",
        /// A mark was written, which stays.
        Mark = "mark",
        /// A profile table was made.
        List = "list",
        /// A profile was created, or was not.
        Create = "create",
        /// Nobody did anything: all wait.
        Wait = "wait",
        /// It was so from the start.
        Nothing = "nothing",
    }
    /// Another call of that name.
    Call(&'static str),
}

words! {
    /// What a deed hit.
    Hit {
        /// The key of a profile, or one below it.
        ProfileKey = "profile-key",
        /// What is left of a profile that is partly deleted.
        ProfilePart = "profile-part",
        /// A mark.
        Mark = "mark",
        /// The key that marks are under.
        MarkKey = "mark-key",
        /// A whole hive.
        Hive = "hive",
        /// A mutex.
        Mutex = "mutex",
        /// A critical section.
        CriticalSection = "critical-section",
        /// A section, or another object in the object namespace.
        Section = "section",
        /// Another key of the registry.
        RegistryKey = "registry-key",
        /// Nothing that has a name.
        Nothing = "nothing",
    }
}

words! {
    /// Why what was looked at and what was true differ.
    Why {
        /// The two count in two sections: these are named after accounts, and theirs differ (bug 1).
        SplitByAccount = "sections-split-by-account",
        /// The two count in two sections: each Terminal Services session has its own names (bug 2).
        SplitBySession = "sections-split-by-session",
        /// The two count in two sections: only one has fix 2.
        SplitByVersion = "sections-split-by-version",
        /// The two count in two sections: one may not create global names (os A.5).
        SplitByPrivilege = "sections-split-by-privilege",
        /// The two count in two sections: one may not open the other's (os A.6).
        SplitByDacl = "sections-split-by-dacl",
        /// The two count in two sections of one name, of which the first was gone when the second was made (os A.7).
        SplitByLifetime = "sections-split-by-lifetime",
        /// Both look for marks in a key of their account, and two accounts have one.
        OneMarkKey = "one-mark-key-for-two-accounts",
        /// The session was counted only after the look.
        CountedAfterTheLook = "counted-after-the-look",
        /// The session had been counted, and the count had gone down again.
        CountLowered = "count-lowered",
        /// The session is not counted.
        NotCounted = "not-counted",
        /// The one who uses it writes leases, the other reads counts.
        LeaseUnseen = "lease-unseen",
        /// Nobody looked.
        NotLooked = "not-looked",
        /// The profile has the name of the key that marks are under.
        NamedAsMarkKey = "named-as-the-mark-key",
        /// A hive goes whoever uses it.
        HiveUnloaded = "hive-unloaded",
        /// It happened while the victim's call was under way.
        UnderWay = "while-under-way",
        /// No one looks in the key where the mark is.
        MarkKeyUnseen = "mark-key-unseen",
        /// It was looked for in another key than where the mark is.
        MarkKeysDiffer = "mark-keys-differ",
        /// The look came before the mark.
        MarkedAfterTheLook = "marked-after-the-look",
        /// Those who see it may not remove it.
        Refused = "refused",
        /// A count that nobody will lower.
        CountLeft = "count-left",
        /// What is left is not marked.
        Unmarked = "unmarked",
        /// The one who should have cleaned up was killed.
        Crash = "crash",
        /// It was taken for in use.
        TakenForUsed = "taken-for-used",
        /// What is waited for belongs to one who waits, too.
        HeldByAWaiter = "held-by-a-waiter",
        /// What is waited for is nobody's to give.
        HeldByNobody = "held-by-nobody",
        /// A call returned what it did though no step of it failed.
        Returned = "returned",
    }
    /// A step of the call was answered with this Win32 error.
    Answered(u32),
}

impl Deed {
    /// What a step is part of.
    pub(super) fn of(step: &Step) -> Self {
        if matches!(step.syscall, Some(Syscall::UnloadUserProfile { .. })) {
            return Deed::Unload;
        }
        let (Who::Thread(_), Some(call)) = (step.who, &step.call) else { return Deed::End };
        if step.inside.first() == Some(&"sweep") {
            return Deed::Sweep;
        }
        match call.name.as_str() {
            "DeleteProfile" => Deed::Delete,
            "Release" => Deed::Release,
            "GetProfileTable" => Deed::List,
            "CreateProfile" => Deed::Create,
            other => spelled(other).map_or(Deed::End, Deed::Call),
        }
    }
}

fn spelled(name: &str) -> Option<&'static str> {
    SPELLINGS.iter().find(|spelling| spelling.name == name).map(|spelling| spelling.name)
}

impl Hit {
    /// What a full path names.
    pub(super) fn of_path(path: &str) -> Self {
        if !path.starts_with("HKU") {
            return if path.is_empty() { Hit::Nothing } else { Hit::Section };
        }
        if is_mark_key(leaf(path)) {
            Hit::MarkKey
        } else if is_mark_key(leaf(directory(path))) {
            Hit::Mark
        } else if path.to_lowercase().contains(r"\profiles\") {
            Hit::ProfileKey
        } else {
            Hit::RegistryKey
        }
    }
}

/// Whether the one who did a step was killed later on, or died.
pub(super) fn killed_since(run: &Run, step: &Step) -> bool {
    let process = run.process_of(step);
    run.steps[step.number - 1..].iter().any(|later| match later.who {
        Who::Killed(killed) => Some(killed) == process,
        Who::Machine(_) => true,
        Who::Ended(thread) => step.who == Who::Thread(thread),
        Who::Thread(_) => false,
    })
}

impl fmt::Display for Deed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Call(name) => write!(out, "{CALL}{name}"),
            word => out.write_str(word.word().expect("every other has one")),
        }
    }
}

impl fmt::Display for Hit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word().expect("each has one"))
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Answered(code) => write!(out, "{ANSWERED}{code}"),
            word => out.write_str(word.word().expect("every other has one")),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = if self.own { OWN } else { "" };
        let why: Vec<String> = self.why.iter().map(ToString::to_string).collect();
        write!(out, "{VERSION}:{}/{own}{}/{}/{}", self.property.id(), self.deed, self.hit, why.join("+"))
    }
}

/// A text that is no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSignature(String);

impl fmt::Display for BadSignature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "\"{}\" is no signature, such as {VERSION}:live-profile/sweep/profile-key/sections-split-by-session",
            self.0
        )
    }
}

impl std::error::Error for BadSignature {}

impl FromStr for Signature {
    type Err = BadSignature;

    fn from_str(text: &str) -> Result<Self, BadSignature> {
        let read = || {
            let parts = text.strip_prefix(VERSION)?.strip_prefix(':')?;
            let [property, deed, hit, why] = parts.split('/').collect::<Vec<_>>().try_into().ok()?;
            let (own, deed) = deed.strip_prefix(OWN).map_or((false, deed), |deed| (true, deed));
            let call = || spelled(deed.strip_prefix(CALL)?).map(Deed::Call);
            let deed = Deed::of_word(deed).or_else(call)?;
            let reason = |word: &str| {
                let code = || word.strip_prefix(ANSWERED)?.parse().ok().map(Why::Answered);
                Why::of_word(word).or_else(code)
            };
            let why = why.split('+').map(reason).collect::<Option<BTreeSet<Why>>>()?;
            let signature =
                Signature { property: Property::from_id(property)?, deed, own, hit: Hit::of_word(hit)?, why };
            (signature.to_string() == text).then_some(signature)
        };
        read().ok_or_else(|| BadSignature(text.to_owned()))
    }
}

#[cfg(test)]
mod tests;
