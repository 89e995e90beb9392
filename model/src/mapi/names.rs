//! Where MAPI keeps things, and what they are called.
//!
//! The registry paths and the section names of a profile are Microsoft's (mapi 2.1, 2.3). The names of the
//! shared section and the mutex are not known (mapi 4.1): they are a fixed stem and the account's SID, which
//! is what the article's account of bug 1 requires.

use super::assumptions::{CrcInput, CrcKind, CrcPrint, Settled};
use super::rules::Marks;
use crate::os::sid::{self, Sid, SidForm};
use crate::os::syscall::RegValue;

/// MAPI's own key, below HKEY_CURRENT_USER (mapi 2.1).
pub const SUBSYSTEM: &str = r"Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem";

/// The key of all profiles, below HKEY_CURRENT_USER (mapi 2.1).
pub const PROFILES: &str =
    r"Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles";

/// The key below it whose subkeys are the marks (mapi B6); fix 1 appends to this name.
pub const DELETED_PROFILES: &str = "Deleted Profiles";

/// MAPI's own section of a profile: the lists of services and providers.
pub const TOP_SECTION: &str = "9207f3e0a3b11019908b08002b2a56c2";
/// The Exchange global section of a profile.
pub const GLOBAL_SECTION: &str = "13dbb0c8aa05101a9bb000aa002fc45a";
/// The profile instance: its search key is unique to this profile, even among profiles of one name.
pub const INSTANCE_SECTION: &str = "8503020000000000c000000000000046";

/// The list of store providers, in [`TOP_SECTION`].
pub const STORE_PROVIDERS: &str = "01023d00";
/// The home server's name, in [`GLOBAL_SECTION`].
pub const HOME_SERVER: &str = "001e6602";
/// The search key, in [`INSTANCE_SECTION`].
pub const SEARCH_KEY: &str = "0102300b";

const REG_SZ: u32 = 1;
const REG_BINARY: u32 = 3;

/// The sections of a profile, in the order in which they are written.
pub const SECTIONS: [&str; 3] = [TOP_SECTION, GLOBAL_SECTION, INSTANCE_SECTION];

/// A profile's sections, each with the value that a modelled profile has there: enough for partial deletion
/// and stale handles, small enough to explore.
pub fn sections() -> [(&'static str, &'static str, RegValue); 3] {
    let binary = |byte: u8| RegValue { kind: REG_BINARY, data: vec![byte; 16] };
    let server: Vec<u8> = "SERVER1\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let [top, global, instance] = SECTIONS;
    [
        (top, STORE_PROVIDERS, binary(0xa1)),
        (global, HOME_SERVER, RegValue { kind: REG_SZ, data: server }),
        (instance, SEARCH_KEY, binary(0x5e)),
    ]
}

/// The path of a profile, below HKEY_CURRENT_USER.
pub fn profile_path(profile: &str) -> String {
    format!(r"{PROFILES}\{profile}")
}

/// The name of the key that marks are under, below [`PROFILES`].
pub fn marks_key(marks: Marks, assumptions: &Settled, user: &Sid) -> String {
    match marks {
        Marks::Shared => DELETED_PROFILES.to_owned(),
        Marks::PerAccount => suffixed_key(assumptions, suffix(assumptions, user)),
    }
}

/// The name of the mark key with fix 1, for a suffix.
pub fn suffixed_key(assumptions: &Settled, suffix: u32) -> String {
    let digits = match assumptions.crc_kind() {
        CrcKind::Crc32 => 8,
        CrcKind::Crc16 => 4,
    };
    match assumptions.crc_print() {
        CrcPrint::LowerHex => format!("{DELETED_PROFILES}{suffix:0digits$x}"),
        CrcPrint::UpperHex => format!("{DELETED_PROFILES}{suffix:0digits$X}"),
        CrcPrint::Decimal => format!("{DELETED_PROFILES}{suffix}"),
    }
}

/// What fix 1 appends, as a number: a CRC of the SID (mapi C7, 4.4).
pub fn suffix(assumptions: &Settled, user: &Sid) -> u32 {
    let form = match assumptions.crc_input() {
        CrcInput::Binary => SidForm::Binary,
        CrcInput::Ascii => SidForm::Ascii,
        CrcInput::Utf16 => SidForm::Utf16,
    };
    let kind = match assumptions.crc_kind() {
        CrcKind::Crc32 => sid::CrcKind::Crc32,
        CrcKind::Crc16 => sid::CrcKind::Crc16,
    };
    user.crc(kind, form)
}

/// The name of the section that counts an account's sessions, without a prefix (mapi 4.1).
pub fn section_name(user: &Sid) -> String {
    format!("MAPI-{user}")
}

/// The name of the mutex that protects it, without a prefix (mapi 4.5).
pub fn mutex_name(user: &Sid) -> String {
    format!("MAPI-Lock-{user}")
}

/// The cell that counts a profile's sessions. Profile names are registry key names, so case does not tell two
/// apart.
pub fn count_cell(profile: &str) -> String {
    profile.to_lowercase()
}

/// The cell that counts one process's sessions on a profile, where entries carry a process's number (mapi
/// 4.14).
pub fn entry_cell(profile: &str, process: u32) -> String {
    format!("{} of {process}", count_cell(profile))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapi::assumptions::Assumptions;

    #[test]
    fn the_suffix_is_the_crc_that_was_computed_elsewhere() {
        // mapi 4.4: CRC-32 over the binary, ASCII and UTF-16LE form.
        for (sid, binary, ascii, utf16) in [
            ("S-1-5-18", "130e45a4", "ffa92ea1", "6b8ca585"),
            ("S-1-5-20", "36651a78", "da5ff550", "b1e08063"),
            ("S-1-5-21-1004336348-1177238915-682003330-500", "14d420e2", "ab349f27", "f96d786a"),
            ("S-1-5-21-1004336348-1177238915-682003330-512", "1f961f4b", "5c21cf4a", "73e77d8d"),
        ] {
            let sid: Sid = sid.parse().unwrap();
            let name = |crc_input| {
                let settled = Settled::from(Assumptions { crc_input, ..Assumptions::default() });
                marks_key(Marks::PerAccount, &settled, &sid)
            };
            assert_eq!(name(CrcInput::Binary), format!("Deleted Profiles{binary}"));
            assert_eq!(name(CrcInput::Ascii), format!("Deleted Profiles{ascii}"));
            assert_eq!(name(CrcInput::Utf16), format!("Deleted Profiles{utf16}"));
            assert_eq!(marks_key(Marks::Shared, &Settled::default(), &sid), "Deleted Profiles");
        }
    }

    #[test]
    fn two_domains_can_collide_and_crc_16_collides_within_one() {
        let key = |sid: &str, crc_kind| {
            let assumptions = Assumptions { crc_kind, ..Assumptions::default() };
            marks_key(Marks::PerAccount, &assumptions.into(), &sid.parse().unwrap())
        };
        let one = "S-1-5-21-1004336348-1177238915-682003330-1104";
        let other = "S-1-5-21-1004336348-1177238915-682183675-25033";
        assert_eq!(key(one, CrcKind::Crc32), "Deleted Profilesd0166c5b");
        assert_eq!(key(one, CrcKind::Crc32), key(other, CrcKind::Crc32));
        let domain = "S-1-5-21-1004336348-1177238915-682003330";
        let (one, other) = (format!("{domain}-16387"), format!("{domain}-65536"));
        assert_eq!(key(&one, CrcKind::Crc16), key(&other, CrcKind::Crc16));
        assert_ne!(key(&one, CrcKind::Crc32), key(&other, CrcKind::Crc32));
    }
}
