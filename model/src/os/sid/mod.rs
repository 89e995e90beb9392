//! Security identifiers: their binary and string forms, the well-known ones, and a CRC over any form.
//!
//! Modelled (os B.4)
//! - Binary: revision 1, count, 48-bit authority big-endian, then sub-authorities little-endian; 8 + 4 *
//!   count bytes.
//! - String: authority decimal below 2^32, else `0x` and twelve hexadecimal digits; sub-authorities decimal.
//! - The reader takes what `ConvertStringSidToSid` takes: `s-`, hexadecimal parts, two-letter aliases; no
//!   sub-authority and trailing characters are refused (1337).
//!
//! Not modelled: revisions other than 1; aliases that depend on a domain.
//!
//! Invariants
//! - At most 15 sub-authorities; an authority below 2^48. Whatever exists prints and reads back as itself.
mod text;
mod well_known;

use super::error::Win32Error;

pub use text::SidError;
pub use well_known::{ALL as WELL_KNOWN, WellKnown};

/// A security identifier of revision 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid {
    authority: u64,
    sub_authorities: Vec<u32>,
}

/// The form of a SID that a checksum is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SidForm {
    /// The binary form.
    Binary,
    /// The string form in ASCII, without a NUL.
    Ascii,
    /// The string form in UTF-16LE, without a NUL.
    Utf16,
}

/// A cyclic redundancy check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrcKind {
    /// CRC-32 of IEEE 802.3 (reflected, polynomial 0xEDB88320); the check value of `123456789` is `cbf43926`.
    Crc32,
    /// CRC-16/ARC.
    Crc16,
}

impl Sid {
    /// The most sub-authorities that a SID may have.
    pub const SUB_AUTHORITIES_MAX: usize = 15;

    /// The SID with that identifier authority and those sub-authorities.
    ///
    /// # Errors
    /// More than 15 sub-authorities; an authority of more than 48 bits.
    pub fn new(authority: u64, sub_authorities: &[u32]) -> Result<Self, SidError> {
        if authority >> 48 != 0 {
            return Err(SidError::AuthorityTooLarge { text: authority.to_string() });
        }
        if sub_authorities.len() > Self::SUB_AUTHORITIES_MAX {
            return Err(SidError::TooManySubAuthorities { count: sub_authorities.len() });
        }
        Ok(Self { authority, sub_authorities: sub_authorities.to_vec() })
    }

    /// The well-known SID of that name: `LocalSystem`, `Administrators`, `Everyone`, ... (exactly as in
    /// [`WELL_KNOWN`]).
    pub fn named(name: &str) -> Option<Self> {
        well_known::ALL.iter().find(|row| row.name == name).map(WellKnown::sid)
    }

    /// Reads a SID, or the name of a well-known one.
    ///
    /// # Errors
    /// As the reader of SIDs, where the text is no such name.
    pub fn parse_or_named(text: &str) -> Result<Self, SidError> {
        Self::named(text).map_or_else(|| text.parse(), Ok)
    }

    /// The identifier authority, below 2^48; 5 is NT's.
    pub fn authority(&self) -> u64 {
        self.authority
    }

    /// The sub-authorities in order; the last is the relative id.
    pub fn sub_authorities(&self) -> &[u32] {
        &self.sub_authorities
    }

    /// The name of a well-known SID.
    pub fn name(&self) -> Option<&'static str> {
        well_known::ALL.iter().find(|row| row.is(self)).map(|row| row.name)
    }

    /// The binary form (os B.4): 8 + 4 * count bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 4 * self.sub_authorities.len());
        bytes.push(1);
        bytes.push(self.sub_authorities.len() as u8);
        bytes.extend_from_slice(&self.authority.to_be_bytes()[2..]);
        for sub_authority in &self.sub_authorities {
            bytes.extend_from_slice(&sub_authority.to_le_bytes());
        }
        bytes
    }

    /// Reads the binary form.
    ///
    /// # Errors
    /// 1337 where the revision is not 1, the count more than 15, or the length not that of the count.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Win32Error> {
        let [1, count, authority @ ..] = bytes else { return Err(Win32Error::INVALID_SID) };
        let count = usize::from(*count);
        if count > Self::SUB_AUTHORITIES_MAX || bytes.len() != 8 + 4 * count {
            return Err(Win32Error::INVALID_SID);
        }
        let (authority, rest) = authority.split_at(6);
        let authority = authority.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let sub_authorities = rest
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
            .collect();
        Ok(Self { authority, sub_authorities })
    }

    /// The bytes of that form.
    pub fn bytes(&self, form: SidForm) -> Vec<u8> {
        match form {
            SidForm::Binary => self.to_bytes(),
            SidForm::Ascii => self.to_string().into_bytes(),
            SidForm::Utf16 => self.to_string().encode_utf16().flat_map(u16::to_le_bytes).collect(),
        }
    }

    /// A checksum over the bytes of that form.
    pub fn crc(&self, kind: CrcKind, form: SidForm) -> u32 {
        const CRC32: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
        const CRC16: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_ARC);
        let bytes = self.bytes(form);
        match kind {
            CrcKind::Crc32 => CRC32.checksum(&bytes),
            CrcKind::Crc16 => u32::from(CRC16.checksum(&bytes)),
        }
    }
}

#[cfg(test)]
mod tests;
