//! The calls that a script is made of, under their API names, and how they are written: a string where a call takes
//! nothing, else an object with one key.
//!
//! One table says everything about the spelling of calls: reading, writing, the JSON Schema and the nearest name in
//! an error are made of it.

use std::fmt;

/// Whose call it is: that decides which codes a `must` may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// MAPI's: returns an HRESULT.
    Mapi,
    /// Windows': succeeds, or has a Win32 error code.
    Windows,
}

macro_rules! calls {
    ($($(#[doc = $doc:literal])+ $family:ident $Name:ident { $($(#[doc = $arg_doc:literal])+ $arg:ident,)* })+) => {
        /// A call, with what it takes.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Call {
            $($(#[doc = $doc])+ $Name { $($(#[doc = $arg_doc])+ $arg: String,)* },)+
        }

        /// How every call is written, in the order of the format's description.
        pub const SPELLINGS: &[Spelling] = &[$(Spelling {
            name: stringify!($Name),
            family: Family::$family,
            arguments: &[$((stringify!($arg), concat!($($arg_doc),+))),*],
            fields: &[$(stringify!($arg),)* "must"],
            description: concat!($($doc),+),
        },)+];

        /// The names of all calls, in the same order, and `repeat`, which may stand wherever a call may.
        pub const NAMES: &[&str] = &[$(stringify!($Name),)+ REPEAT];

        impl Call {
            /// Its API name.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Call::$Name { .. } => stringify!($Name),)+
                }
            }

            /// What it takes, by name, in the order of its [`Spelling`].
            pub fn arguments(&self) -> Vec<(&'static str, &str)> {
                match self {
                    $(Call::$Name { $($arg),* } => vec![$((stringify!($arg), $arg.as_str())),*],)+
                }
            }

            /// The call of that name; `argument` gives the value of each argument. `None` where there is no such call.
            pub fn build(name: &str, mut argument: impl FnMut(&'static str) -> String) -> Option<Self> {
                match name {
                    $(stringify!($Name) => Some(Call::$Name { $($arg: argument(stringify!($arg))),* }),)+
                    _ => None,
                }
            }
        }
    };
}

/// The one thing that is no call and may stand where a call stands.
pub const REPEAT: &str = "repeat";

calls! {
    /// Initialises MAPI in the process; a process's first call of it sweeps what is marked.
    Mapi MAPIInitialize {}
    /// Takes one MAPIInitialize back.
    Mapi MAPIUninitialize {}
    /// IProfAdmin::CreateProfile.
    Mapi CreateProfile {
        /// The profile's name.
        profile,
    }
    /// IProfAdmin::DeleteProfile: deletes the profile, or marks it for deletion while it is in use.
    Mapi DeleteProfile {
        /// The profile's name.
        profile,
    }
    /// IProfAdmin::GetProfileTable: lists the profiles.
    Mapi GetProfileTable {}
    /// IProfAdmin::AdminServices: opens a profile for administration, which is no session.
    Mapi AdminServices {
        /// The profile's name.
        profile,
    }
    /// MAPILogonEx: a session on a profile.
    Mapi MAPILogonEx {
        /// The profile's name.
        profile,
        /// What this thread calls the session from here on.
        session,
    }
    /// IMAPISession::OpenMsgStore: reads the profile.
    Mapi OpenMsgStore {
        /// A session of this thread.
        session,
    }
    /// IMAPISession::Logoff.
    Mapi Logoff {
        /// A session of this thread.
        session,
    }
    /// IMAPISession::Release.
    Mapi Release {
        /// A session of this thread.
        session,
    }
    /// LogonUser: a token for an account. Does not load its hive.
    Windows LogonUser {
        /// The account's name in this file.
        account,
        /// What this thread calls the token from here on.
        token,
    }
    /// ImpersonateLoggedOnUser: this thread acts as the token's account.
    Windows ImpersonateLoggedOnUser {
        /// A token of this thread.
        token,
    }
    /// RevertToSelf: this thread acts as its process's account again.
    Windows RevertToSelf {}
    /// LoadUserProfile: the account's hive is loaded.
    Windows LoadUserProfile {
        /// The account's name in this file.
        account,
    }
    /// UnloadUserProfile: takes one LoadUserProfile back.
    Windows UnloadUserProfile {
        /// The account's name in this file.
        account,
    }
    /// RegOpenCurrentUser: the acting account's own hive, whatever HKEY_CURRENT_USER is.
    Windows RegOpenCurrentUser {}
    /// RegDisablePredefinedCache: HKEY_CURRENT_USER follows the acting account from here on.
    Windows RegDisablePredefinedCache {}
    /// RegCloseKey of HKEY_CURRENT_USER: the process forgets whose hive it was, and the next use binds it anew.
    Windows RegCloseKey {
        /// HKEY_CURRENT_USER; a script has no other key open.
        key,
    }
    /// Opens a key below HKEY_CURRENT_USER, which binds it for the process if nothing has before.
    Windows TouchHKCU {}
    /// ExitProcess: the process ends, without any MAPI clean-up of its own.
    Windows ExitProcess {}
    /// The thread does nothing for good, and so keeps its process alive. Only as the last call.
    Windows Idle {}
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Its name.
    pub name: &'static str,
    /// Whose it is.
    pub family: Family,
    /// Its arguments, each a name and what it is; all are text, and none may be left out.
    pub arguments: &'static [(&'static str, &'static str)],
    /// The keys it may have: its arguments and `must`.
    pub fields: &'static [&'static str],
    /// What it does.
    pub description: &'static str,
}

impl Spelling {
    /// The spelling of the call of that name.
    pub fn of(name: &str) -> Option<&'static Spelling> {
        SPELLINGS.iter().find(|spelling| spelling.name == name)
    }

    /// The call written out with `...` for what is to be filled in.
    pub fn example(&self) -> String {
        if self.arguments.is_empty() {
            return format!("\"{}\"", self.name);
        }
        let arguments: Vec<String> =
            self.arguments.iter().map(|(name, _)| format!("\"{name}\": \"...\"")).collect();
        format!("{{ \"{}\": {{ {} }} }}", self.name, arguments.join(", "))
    }
}

impl Call {
    /// Whose call it is.
    pub fn family(&self) -> Family {
        Spelling::of(self.name()).expect("every call is in the table that made it").family
    }
}

impl fmt::Display for Call {
    /// The name and, in brackets, what it takes: `DeleteProfile(EventSvc)`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())?;
        let arguments: Vec<&str> = self.arguments().into_iter().map(|(_, value)| value).collect();
        if arguments.is_empty() { Ok(()) } else { write!(out, "({})", arguments.join(", ")) }
    }
}
