//! HRESULTs: each by its name and number (mapi 1.0).
//!
//! MAPI's errors are 0x80040000 with a number, its warnings 0x00040000 with one; four generic ones are OLE's codes.
//! Not modelled: codes of single providers, and Simple MAPI's small numbers (its MAPI_E_ACCESS_DENIED is 6).

use std::fmt;

/// What a call of MAPI's returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HResult(pub u32);

/// One row a code: the constant, the number, MAPI's name for it.
macro_rules! codes {
    ($($(#[$doc:meta])* $NAME:ident = $number:literal, $text:literal;)*) => {
        impl HResult {
            $($(#[$doc])* pub const $NAME: Self = Self($number);)*

            /// All codes that have a name here, in the order of the table in the facts.
            pub const NAMED: &'static [(Self, &'static str)] = &[$((Self($number), $text)),*];
        }
    };
}

codes! {
    /// It went well.
    OK = 0x0000_0000, "S_OK";
    /// The catch-all, OLE's E_FAIL; what OpenMsgStore gave in the article.
    CALL_FAILED = 0x8000_4005, "MAPI_E_CALL_FAILED";
    /// OLE's E_ACCESSDENIED; from CreateProfile: the name exists.
    NO_ACCESS = 0x8007_0005, "MAPI_E_NO_ACCESS";
    /// OLE's E_INVALIDARG.
    INVALID_PARAMETER = 0x8007_0057, "MAPI_E_INVALID_PARAMETER";
    /// OLE's E_OUTOFMEMORY; also where the shared heap is full.
    NOT_ENOUGH_MEMORY = 0x8007_000E, "MAPI_E_NOT_ENOUGH_MEMORY";
    /// The object has no such interface.
    INTERFACE_NOT_SUPPORTED = 0x8000_4002, "MAPI_E_INTERFACE_NOT_SUPPORTED";
    /// Not supported.
    NO_SUPPORT = 0x8004_0102, "MAPI_E_NO_SUPPORT";
    /// Text of the wrong width.
    BAD_CHARWIDTH = 0x8004_0103, "MAPI_E_BAD_CHARWIDTH";
    /// A string is too long.
    STRING_TOO_LONG = 0x8004_0105, "MAPI_E_STRING_TOO_LONG";
    /// Unknown flags.
    UNKNOWN_FLAGS = 0x8004_0106, "MAPI_E_UNKNOWN_FLAGS";
    /// An entry identifier is none.
    INVALID_ENTRYID = 0x8004_0107, "MAPI_E_INVALID_ENTRYID";
    /// An object is none; from MAPIInitialize: its sixth step failed.
    INVALID_OBJECT = 0x8004_0108, "MAPI_E_INVALID_OBJECT";
    /// The object was changed since.
    OBJECT_CHANGED = 0x8004_0109, "MAPI_E_OBJECT_CHANGED";
    /// The object was deleted since.
    OBJECT_DELETED = 0x8004_010A, "MAPI_E_OBJECT_DELETED";
    /// Busy.
    BUSY = 0x8004_010B, "MAPI_E_BUSY";
    /// From MAPIInitialize: its fifth step, the globals shared by all processes, failed.
    NOT_ENOUGH_RESOURCES = 0x8004_010E, "MAPI_E_NOT_ENOUGH_RESOURCES";
    /// No such thing.
    NOT_FOUND = 0x8004_010F, "MAPI_E_NOT_FOUND";
    /// A version does not fit.
    VERSION = 0x8004_0110, "MAPI_E_VERSION";
    /// Logging on failed.
    LOGON_FAILED = 0x8004_0111, "MAPI_E_LOGON_FAILED";
    /// Too many sessions.
    SESSION_LIMIT = 0x8004_0112, "MAPI_E_SESSION_LIMIT";
    /// The user cancelled.
    USER_CANCEL = 0x8004_0113, "MAPI_E_USER_CANCEL";
    /// The network failed.
    NETWORK_ERROR = 0x8004_0115, "MAPI_E_NETWORK_ERROR";
    /// From MAPIInitialize: its second step failed.
    TOO_COMPLEX = 0x8004_0117, "MAPI_E_TOO_COMPLEX";
    /// GetLastError says more.
    EXTENDED_ERROR = 0x8004_0119, "MAPI_E_EXTENDED_ERROR";
    /// Data is corrupt.
    CORRUPT_DATA = 0x8004_011B, "MAPI_E_CORRUPT_DATA";
    /// A provider finds profile data missing.
    UNCONFIGURED = 0x8004_011C, "MAPI_E_UNCONFIGURED";
    /// This provider only fails.
    FAILONEPROVIDER = 0x8004_011D, "MAPI_E_FAILONEPROVIDER";
    /// An unknown code page.
    UNKNOWN_CPID = 0x8004_011E, "MAPI_E_UNKNOWN_CPID";
    /// An unknown locale.
    UNKNOWN_LCID = 0x8004_011F, "MAPI_E_UNKNOWN_LCID";
    /// The session is over.
    END_OF_SESSION = 0x8004_0200, "MAPI_E_END_OF_SESSION";
    /// A warning: no such service.
    W_NO_SERVICE = 0x0004_0203, "MAPI_W_NO_SERVICE";
    /// A warning that counts as success.
    W_ERRORS_RETURNED = 0x0004_0380, "MAPI_W_ERRORS_RETURNED";
    /// It took too long.
    TIMEOUT = 0x8004_0401, "MAPI_E_TIMEOUT";
    /// The name is taken.
    COLLISION = 0x8004_0604, "MAPI_E_COLLISION";
    /// MAPI is not initialised; from MAPIInitialize: its seventh step failed.
    NOT_INITIALIZED = 0x8004_0605, "MAPI_E_NOT_INITIALIZED";
    /// A warning: only a part was done.
    W_PARTIAL_COMPLETION = 0x0004_0680, "MAPI_W_PARTIAL_COMPLETION";
}

impl HResult {
    /// Whether it is a success or a warning: the highest bit is clear.
    pub const fn succeeded(self) -> bool {
        self.0 & 0x8000_0000 == 0
    }

    /// MAPI's name for it, `MAPI_E_CALL_FAILED`, where it is one of ours.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(code, _)| *code == self).map(|(_, name)| *name)
    }

    /// The code of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(code, _)| *code)
    }
}

impl fmt::Display for HResult {
    /// `MAPI_E_CALL_FAILED 0x80004005`; `S_OK` alone; `HRESULT 0x80004001` for one without a name.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) if *self == Self::OK => out.write_str(name),
            Some(name) => write!(out, "{name} 0x{:08X}", self.0),
            None => write!(out, "HRESULT 0x{:08X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values copied from the facts a second time, by hand, for the codes that verdicts and reports turn on.
    #[test]
    fn the_codes_that_matter_have_the_values_of_the_headers() {
        let vectors = [
            ("mapi 1.0", "S_OK", 0),
            ("mapi 1.0, A4", "MAPI_E_CALL_FAILED", 0x8000_4005),
            ("mapi 1.0, 4.9", "MAPI_E_NO_ACCESS", 0x8007_0005),
            ("mapi 1.0, 1.2 step 6", "MAPI_E_INVALID_OBJECT", 0x8004_0108),
            ("mapi 1.0, 1.2 step 5", "MAPI_E_NOT_ENOUGH_RESOURCES", 0x8004_010E),
            ("mapi 1.0, 1.4", "MAPI_E_NOT_FOUND", 0x8004_010F),
            ("mapi 1.0, 1.4", "MAPI_E_LOGON_FAILED", 0x8004_0111),
            ("mapi 1.0, 4.19", "MAPI_E_UNCONFIGURED", 0x8004_011C),
            ("mapi 1.0, 1.2 step 7", "MAPI_E_NOT_INITIALIZED", 0x8004_0605),
        ];
        for (fact, name, value) in vectors {
            assert_eq!(HResult::from_name(name), Some(HResult(value)), "({fact}) {name}");
        }
    }

    #[test]
    fn every_code_reads_back_by_its_name_and_follows_the_rule_of_its_kind() {
        for (code, name) in HResult::NAMED {
            assert_eq!((HResult::from_name(name), code.name()), (Some(*code), Some(*name)));
            let warning = name.starts_with("MAPI_W_");
            assert_eq!(code.succeeded(), warning || *name == "S_OK", "{name}");
            let high = code.0 >> 16;
            let generic = [0x0000, 0x8000, 0x8007].contains(&high);
            assert!(generic || high == if warning { 0x0004 } else { 0x8004 }, "{name}");
        }
        assert_eq!(HResult::from_name("MAPI_E_FINE"), None);
    }

    #[test]
    fn a_code_prints_its_name_and_its_number() {
        assert_eq!(HResult::CALL_FAILED.to_string(), "MAPI_E_CALL_FAILED 0x80004005");
        assert_eq!(HResult::OK.to_string(), "S_OK");
        assert_eq!(HResult(0x8000_4001).to_string(), "HRESULT 0x80004001");
    }
}
