//! SIDs: vectors from the facts, and what every form must give back.

use proptest::prelude::*;

use super::*;

const USER: &str = "S-1-5-21-1004336348-1177238915-682003330-1104";

/// (mapi 4.4) CRC-32 over the binary form, the ASCII and the UTF-16LE string.
#[test]
fn checksums_are_those_of_the_vectors() {
    let rows: [(&str, u32, u32, u32); 4] = [
        ("S-1-5-18", 0x130e_45a4, 0xffa9_2ea1, 0x6b8c_a585),
        ("S-1-5-20", 0x3665_1a78, 0xda5f_f550, 0xb1e0_8063),
        ("S-1-5-21-1004336348-1177238915-682003330-500", 0x14d4_20e2, 0xab34_9f27, 0xf96d_786a),
        ("S-1-5-21-1004336348-1177238915-682003330-512", 0x1f96_1f4b, 0x5c21_cf4a, 0x73e7_7d8d),
    ];
    for (text, binary, ascii, utf16) in rows {
        let sid: Sid = text.parse().unwrap();
        let crc = |form| sid.crc(CrcKind::Crc32, form);
        assert_eq!(
            (crc(SidForm::Binary), crc(SidForm::Ascii), crc(SidForm::Utf16)),
            (binary, ascii, utf16),
            "{text}"
        );
    }
}

/// (mapi 4.4) Two accounts of different domains; and two of one domain under CRC-16.
#[test]
fn the_known_collisions_collide() {
    let crc = |text: &str, kind| text.parse::<Sid>().unwrap().crc(kind, SidForm::Binary);
    assert_eq!(crc(USER, CrcKind::Crc32), 0xd016_6c5b);
    assert_eq!(crc("S-1-5-21-1004336348-1177238915-682183675-25033", CrcKind::Crc32), 0xd016_6c5b);
    let domain = "S-1-5-21-1004336348-1177238915-682003330";
    let (one, other) = (format!("{domain}-16387"), format!("{domain}-65536"));
    assert_eq!(crc(&one, CrcKind::Crc16), crc(&other, CrcKind::Crc16));
    assert_ne!(crc(&one, CrcKind::Crc32), crc(&other, CrcKind::Crc32));
}

/// (os G.4) vectors 124 and 125, (os B.4).
#[test]
fn the_reader_takes_what_windows_takes() {
    let rows = [
        ("G4.124", "s-1-12-1", "S-1-12-1"),
        ("G4.124", "S-0x1-0XC-0x1a", "S-1-12-26"),
        ("G4.124", "WD", "S-1-1-0"),
        ("G4.124", "SY", "S-1-5-18"),
        ("G4.124", "LS", "S-1-5-19"),
        ("G4.124", "NS", "S-1-5-20"),
        ("G4.124", "BA", "S-1-5-32-544"),
        ("G4.124", "BU", "S-1-5-32-545"),
        ("G4.125", "S-1-5-21-93476-23408-4576", "S-1-5-21-93476-23408-4576"),
        ("B.4", "S-1-0x123456789abc-1", "S-1-0x123456789abc-1"),
        ("B.4", "S-1-4294967296-1", "S-1-0x000100000000-1"),
        ("B.4", "S-1-4294967295-1", "S-1-4294967295-1"),
    ];
    for (fact, text, printed) in rows {
        assert_eq!(text.parse::<Sid>().unwrap().to_string(), printed, "({fact}) {text}");
    }
    let domain: Sid = "S-1-5-21-93476-23408-4576".parse().unwrap();
    assert_eq!((domain.sub_authorities().len(), domain.sub_authorities()[0]), (4, 21), "(G4.125)");
}

#[test]
fn a_text_that_is_no_sid_is_told_what_is_wrong_with_it() {
    let rows = [
        ("S-1-5", "there is no sub-authority"),
        ("WD)", "\"WD)\" is not a SID: it begins neither with S- nor is it an alias such as SY"),
        ("svc", "\"svc\" is not a SID: it begins neither with S- nor is it an alias such as SY"),
        ("S-2-5-18", "the revision, \"2\", is not 1"),
        ("S-1-", "the authority is missing"),
        ("S-1-x-1", "the authority, \"x\", is not a number"),
        ("S-1-281474976710656-1", "the authority, 281474976710656, is more than 281474976710655"),
        ("S-1-5-21--500", "sub-authority 2 is empty"),
        ("S-1-5-18)", "sub-authority 1, \"18)\", is not a number"),
        ("S-1-5-018", "sub-authority 1, \"018\", is not a number"),
        ("S-1-5-21-1-2-6820033300-500", "sub-authority 4, 6820033300, is more than 4294967295"),
        ("S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", "there are 16 sub-authorities, more than 15"),
    ];
    for (text, message) in rows {
        let error = text.parse::<Sid>().unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.code(), Win32Error::INVALID_SID);
    }
}

#[test]
fn the_binary_form_is_laid_out_as_documented() {
    let sid: Sid = "S-1-5-32-544".parse().unwrap();
    assert_eq!(sid.to_bytes(), [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]);
    let bad: [&[u8]; 4] =
        [&[], &[2, 0, 0, 0, 0, 0, 0, 5], &[1, 1, 0, 0, 0, 0, 0, 5], &[1, 0, 0, 0, 0, 0, 0, 5, 1]];
    for bytes in bad {
        assert_eq!(Sid::from_bytes(bytes), Err(Win32Error::INVALID_SID), "{bytes:?}");
    }
}

#[test]
fn every_well_known_sid_has_one_name_and_its_name_finds_it() {
    for row in WELL_KNOWN {
        assert_eq!(Sid::named(row.name), Some(row.sid()));
        assert_eq!(row.sid().name(), Some(row.name));
        assert_eq!(Sid::parse_or_named(row.name), Ok(row.sid()));
    }
    assert_eq!(Sid::parse_or_named(USER).unwrap().name(), None);
}

proptest! {
    #[test]
    fn every_sid_survives_both_its_forms(
        authority in 0_u64..1 << 48,
        subs in prop::collection::vec(any::<u32>(), 1..=15),
    ) {
        let sid = Sid::new(authority, &subs).unwrap();
        prop_assert_eq!(sid.to_string().parse(), Ok(sid.clone()));
        prop_assert_eq!(Sid::from_bytes(&sid.to_bytes()), Ok(sid));
    }

    /// (mapi 4.4) Within a domain only the last 32 bits differ, and a CRC-32 finds any such difference.
    #[test]
    fn two_accounts_of_one_domain_never_collide_in_binary(
        domain in any::<[u32; 3]>(),
        one in any::<u32>(),
        other in any::<u32>(),
    ) {
        prop_assume!(one != other);
        let sid = |rid| Sid::new(5, &[21, domain[0], domain[1], domain[2], rid]).unwrap();
        let crc = |rid| sid(rid).crc(CrcKind::Crc32, SidForm::Binary);
        prop_assert_ne!(crc(one), crc(other));
    }
}
