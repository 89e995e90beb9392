//! SIDs as text (os B.4).

use std::fmt;
use std::str::FromStr;

use super::{Sid, well_known};
use crate::os::error::Win32Error;

/// Why a text is not a SID. Each says which part is wrong; Windows says 1337 to all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SidError {
    /// It neither begins with `S-` nor is an alias of two letters.
    NotASid {
        /// The text.
        text: String,
    },
    /// The revision is not 1.
    Revision {
        /// The revision as written.
        text: String,
    },
    /// The authority is missing or not a number.
    Authority {
        /// The authority as written.
        text: String,
    },
    /// The authority has more than 48 bits.
    AuthorityTooLarge {
        /// The authority as written.
        text: String,
    },
    /// There is no sub-authority.
    NoSubAuthority,
    /// A sub-authority is not a number.
    SubAuthority {
        /// Which, 1 first.
        position: usize,
        /// As written.
        text: String,
    },
    /// A sub-authority has more than 32 bits.
    SubAuthorityTooLarge {
        /// Which, 1 first.
        position: usize,
        /// As written.
        text: String,
    },
    /// There are more than 15 sub-authorities.
    TooManySubAuthorities {
        /// How many.
        count: usize,
    },
}

impl SidError {
    /// What Windows answers (os B.4).
    pub fn code(&self) -> Win32Error {
        Win32Error::INVALID_SID
    }
}

impl fmt::Display for SidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASid { text } => {
                write!(f, "{text:?} is not a SID: it begins neither with S- nor is it an alias such as SY")
            }
            Self::Revision { text } => write!(f, "the revision, {text:?}, is not 1"),
            Self::Authority { text } if text.is_empty() => write!(f, "the authority is missing"),
            Self::Authority { text } => write!(f, "the authority, {text:?}, is not a number"),
            Self::AuthorityTooLarge { text } => {
                write!(f, "the authority, {text}, is more than 281474976710655")
            }
            Self::NoSubAuthority => write!(f, "there is no sub-authority"),
            Self::SubAuthority { position, text } if text.is_empty() => {
                write!(f, "sub-authority {position} is empty")
            }
            Self::SubAuthority { position, text } => {
                write!(f, "sub-authority {position}, {text:?}, is not a number")
            }
            Self::SubAuthorityTooLarge { position, text } => {
                write!(f, "sub-authority {position}, {text}, is more than 4294967295")
            }
            Self::TooManySubAuthorities { count } => {
                write!(f, "there are {count} sub-authorities, more than 15")
            }
        }
    }
}

impl std::error::Error for SidError {}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.authority < 1 << 32 {
            write!(f, "S-1-{}", self.authority)?;
        } else {
            write!(f, "S-1-0x{:012x}", self.authority)?;
        }
        self.sub_authorities.iter().try_for_each(|sub_authority| write!(f, "-{sub_authority}"))
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({self})")
    }
}

impl FromStr for Sid {
    type Err = SidError;

    /// Reads `S-1-...`, with `s` and hexadecimal parts as `ConvertStringSidToSid` does, or an alias such as
    /// `SY`.
    fn from_str(text: &str) -> Result<Self, SidError> {
        if let Some(row) = well_known::ALL.iter().find(|row| row.alias == Some(text)) {
            return Ok(row.sid());
        }
        let Some(rest) = text.strip_prefix("S-").or_else(|| text.strip_prefix("s-")) else {
            return Err(SidError::NotASid { text: text.to_owned() });
        };
        let mut parts = rest.split('-');
        let revision = parts.next().unwrap_or_default();
        if number(revision) != Some(1) {
            return Err(SidError::Revision { text: revision.to_owned() });
        }
        let written = parts.next().unwrap_or_default();
        let authority = number(written).ok_or_else(|| SidError::Authority { text: written.to_owned() })?;
        if authority >> 48 != 0 {
            return Err(SidError::AuthorityTooLarge { text: written.to_owned() });
        }
        let sub_authorities = parts
            .enumerate()
            .map(|(index, part)| sub_authority(index + 1, part))
            .collect::<Result<Vec<u32>, SidError>>()?;
        if sub_authorities.is_empty() {
            return Err(SidError::NoSubAuthority);
        }
        Self::new(u64::try_from(authority).unwrap_or(u64::MAX), &sub_authorities)
    }
}

fn sub_authority(position: usize, text: &str) -> Result<u32, SidError> {
    let value = number(text).ok_or_else(|| SidError::SubAuthority { position, text: text.to_owned() })?;
    u32::try_from(value).map_err(|_| SidError::SubAuthorityTooLarge { position, text: text.to_owned() })
}

/// A number in decimal, or in hexadecimal after `0x`; one too large for 128 bits counts as the largest.
/// Leading zeros of a decimal number are refused: the written form has none, and what a C reader makes of
/// them is not known.
fn number(text: &str) -> Option<u128> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => return None,
        None => (text, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    Some(u128::from_str_radix(digits, radix).unwrap_or(u128::MAX))
}
