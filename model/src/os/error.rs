//! Win32 error codes: each by its name and number.
//!
//! Modelled: the codes of the table in (os 0.3) that a step of this machine can answer, and the few others
//! that its documented choices use. Native status codes are not modelled: every step is a Win32 call.

use std::fmt;
use std::str::FromStr;

/// A Win32 error code (never 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Win32Error(pub u32);

/// One row a code: the constant, the number, Windows' name for it.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        impl Win32Error {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// All codes that have a name here, in numerical order.
            pub const NAMED: &'static [(Self, &'static str)] = &[$((Self($number), $text)),*];
        }
    };
}

codes! {
    /// No such name.
    FILE_NOT_FOUND = 2, "ERROR_FILE_NOT_FOUND";
    /// A part of the path, not its last, does not exist.
    PATH_NOT_FOUND = 3, "ERROR_PATH_NOT_FOUND";
    /// The security descriptor, the handle's mask or a missing right refuses.
    ACCESS_DENIED = 5, "ERROR_ACCESS_DENIED";
    /// Not a handle, or a handle or name of another type.
    INVALID_HANDLE = 6, "ERROR_INVALID_HANDLE";
    /// An argument that no such call may have.
    INVALID_PARAMETER = 87, "ERROR_INVALID_PARAMETER";
    /// An object name that no object may have.
    INVALID_NAME = 123, "ERROR_INVALID_NAME";
    /// This version of Windows has no such function.
    PROC_NOT_FOUND = 127, "ERROR_PROC_NOT_FOUND";
    /// A relative path that begins with a backslash.
    BAD_PATHNAME = 161, "ERROR_BAD_PATHNAME";
    /// The object existed; Create calls answer it together with a valid handle.
    ALREADY_EXISTS = 183, "ERROR_ALREADY_EXISTS";
    /// The end of an enumeration.
    NO_MORE_ITEMS = 259, "ERROR_NO_MORE_ITEMS";
    /// The caller does not own the mutex.
    NOT_OWNER = 288, "ERROR_NOT_OWNER";
    /// No view is mapped at that address.
    INVALID_ADDRESS = 487, "ERROR_INVALID_ADDRESS";
    /// Memory that may not be read or written that way: the access violation of a real program.
    NOACCESS = 998, "ERROR_NOACCESS";
    /// The thread has no token of its own.
    NO_TOKEN = 1008, "ERROR_NO_TOKEN";
    /// The key behind the handle was deleted, or its hive unloaded by force.
    KEY_DELETED = 1018, "ERROR_KEY_DELETED";
    /// A stable key may not lie below a volatile one.
    CHILD_MUST_BE_VOLATILE = 1021, "ERROR_CHILD_MUST_BE_VOLATILE";
    /// A primary token where a membership is to be checked.
    NO_IMPERSONATION_TOKEN = 1309, "ERROR_NO_IMPERSONATION_TOKEN";
    /// The token does not hold a privilege that the call demands.
    PRIVILEGE_NOT_HELD = 1314, "ERROR_PRIVILEGE_NOT_HELD";
    /// No such account, or not its password.
    LOGON_FAILURE = 1326, "ERROR_LOGON_FAILURE";
    /// No account of that name.
    NONE_MAPPED = 1332, "ERROR_NONE_MAPPED";
    /// Not a SID.
    INVALID_SID = 1337, "ERROR_INVALID_SID";
    /// The thread's token is of too low a level to open anything, or a copy would be of a higher one.
    BAD_IMPERSONATION_LEVEL = 1346, "ERROR_BAD_IMPERSONATION_LEVEL";
    /// An anonymous token can neither be opened nor open anything.
    CANT_OPEN_ANONYMOUS = 1347, "ERROR_CANT_OPEN_ANONYMOUS";
    /// A primary token where an impersonation token is wanted.
    BAD_TOKEN_TYPE = 1349, "ERROR_BAD_TOKEN_TYPE";
}

impl Win32Error {
    /// Windows' name for the code, `ERROR_KEY_DELETED`, where it is one of ours.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(code, _)| *code == self).map(|(_, name)| *name)
    }
}

impl fmt::Display for Win32Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "Win32 error {}", self.0),
        }
    }
}

impl std::error::Error for Win32Error {}

/// A text that names no error code of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownErrorName(pub String);

impl fmt::Display for UnknownErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a Win32 error that the machine can answer", self.0)
    }
}

impl std::error::Error for UnknownErrorName {}

impl FromStr for Win32Error {
    type Err = UnknownErrorName;

    /// Reads `ERROR_KEY_DELETED`.
    fn from_str(text: &str) -> Result<Self, UnknownErrorName> {
        Self::NAMED
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(code, _)| *code)
            .ok_or_else(|| UnknownErrorName(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_prints_its_name_and_number_and_reads_back() {
        for (code, name) in Win32Error::NAMED {
            assert_eq!(code.to_string(), format!("{name} ({})", code.0));
            assert_eq!(name.parse(), Ok(*code));
        }
        assert_eq!(Win32Error(31).to_string(), "Win32 error 31");
        assert!("ERROR_NONSENSE".parse::<Win32Error>().is_err());
    }

    #[test]
    fn the_table_is_in_numerical_order_without_duplicates() {
        assert!(Win32Error::NAMED.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
