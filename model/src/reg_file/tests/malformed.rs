//! What is wrong with a malformed file, and where. Rows of Wine's are lines that real Windows passes over; here they are
//! reported.

use super::*;

/// The code, line and column of each problem.
fn wrong(text: &[u8]) -> Vec<(&'static str, usize, usize)> {
    let problems = match hive_of(text) {
        Ok(tree) => panic!("this is read: {tree:?}"),
        Err(problems) => problems,
    };
    problems.list().iter().map(|problem| (problem.code, problem.line, problem.column)).collect()
}

#[test]
fn a_line_that_cannot_be_read_is_reported_with_its_place() {
    let rows: Vec<Row<(&str, usize, usize)>> = vec![
        ("Wine10", "\"a\"=\"Value 1\"#comment", vec![("more-on-line", 4, 14)]),
        ("Wine33a", r#""a"=dword:"#, vec![("bad-dword", 4, 11)]),
        ("Wine33b", r#""a"=dword:hello"#, vec![("bad-dword", 4, 11)]),
        ("Wine33e", r#""a"=dword:000000001"#, vec![("bad-dword", 4, 11)]),
        ("Wine34b", r#""a"=dword:12345678 abc"#, vec![("more-on-line", 4, 20)]),
        ("Wine35a", r#""a"=dword:0x123"#, vec![("more-on-line", 4, 12)]),
        ("Wine37a", r#""a"="foo"bar""#, vec![("more-on-line", 4, 10)]),
        ("Test38a", r#""a"="#, vec![("bad-data", 4, 5)]),
        ("Test38c", r#""a"=\"Value\""#, vec![("bad-data", 4, 5)]),
        ("TestNoEndQuote", r#""a"="Asdffdsa"#, vec![("no-quote", 4, 14)]),
        ("NameNoEndQuote", r#""a="Asdffdsa""#, vec![("no-equals", 4, 5)]),
        ("NameNoQuotes", r#"a="Asdffdsa""#, vec![("bad-line", 4, 1)]),
        ("an escape", r#""a"="x\n""#, vec![("bad-escape", 4, 7)]),
        ("an escaped end", r#""a"="x\""#, vec![("no-quote", 4, 9)]),
        ("an escape at the end", r#""a"="x\"#, vec![("bad-escape", 4, 7)]),
        ("Wine46f", r#""a"=- #comment"#, vec![("more-on-line", 4, 7)]),
        ("Wine47i", r#""a"=hex(100000000):56"#, vec![("bad-type", 4, 9)]),
        ("Wine47j", r#""a"=hex(0x2):56"#, vec![("bad-type", 4, 10)]),
        ("hex without a colon", r#""a"=hex 56"#, vec![("bad-data", 4, 8)]),
        ("Wine51a", r#""a"=hex(0):25,50,100,54"#, vec![("bad-byte", 4, 18)]),
        ("Wine52a", r#""a"=hex:25,48\,4f"#, vec![("bad-byte", 4, 14)]),
        ("Wine52b", r#""a"=hex:25,\4f"#, vec![("more-on-line", 4, 13)]),
        ("Wine45f", "\"a\"=hex:11,4\\\n4,55", vec![("bad-byte", 4, 13), ("bad-line", 5, 1)]),
        ("Wine59a", "\"a\"=hex:11,\\\n\\\n  44", vec![("bad-byte", 5, 1), ("bad-line", 6, 3)]),
        ("Wine43i", "\"a\"=hex:11,\\\n  22,\n  33,44", vec![("bad-line", 6, 3)]),
        ("Wine54a", "\"a\"=hex:4c,\\\n[HKEY_CURRENT_USER\\x]", vec![("bad-byte", 5, 1)]),
        ("cut short", "\"a\"=hex:4c,\\\n", vec![("cut-short", 4, 12)]),
        ("No_Closing_Bracket", r"[HKEY_CURRENT_USER\x", vec![("no-bracket", 4, 21)]),
        ("No_Opening_Bracket", r"HKEY_CURRENT_USER\x]", vec![("bad-line", 4, 1)]),
        ("after a key", r"[HKEY_CURRENT_USER\x] y", vec![("more-on-line", 4, 23)]),
        ("Wine46a below [-...]", "[-HKEY_CURRENT_USER\\x]\n\"a\"=dword:1", vec![("no-key", 5, 1)]),
        ("two of them", "x\n\"a\"=\"1\"\ny", vec![("bad-line", 4, 1), ("bad-line", 6, 1)]),
    ];
    for (source, lines, expected) in rows {
        assert_eq!(wrong(with_values(lines).as_bytes()), expected, "{source}");
    }
}

#[test]
fn a_file_that_is_no_registry_file_is_refused_at_its_first_line() {
    for first in [
        "",
        "regedit4",
        "REGEDIT",
        "REGEDIT5",
        "REGEDIT 4",
        "REGEDIT4 FOO",
        "\nREGEDIT4",
        "AREGEDIT4",
        "Windows Registry Editor Version 4.00",
        "Windows Registry Editor Version 5",
        "WINDOWS REGISTRY EDITOR VERSION 5.00",
    ] {
        assert_eq!(wrong(format!("{first}\n").as_bytes())[0].0, "bad-header", "{first:?}");
    }
    for first in ["REGEDIT4", " REGEDIT4", "\tREGEDIT4", "REGEDIT4 "] {
        good(first.as_bytes());
    }
}

#[test]
fn bytes_that_are_not_what_they_begin_as_are_refused() {
    let utf16 = to_utf16("Windows Registry Editor Version 5.00\r\n");
    let rows: [(&str, Vec<u8>, &str); 6] = [
        ("half a unit", utf16[..utf16.len() - 1].to_vec(), "not-text"),
        ("half a pair", [&utf16[..], &[0x00, 0xD8]].concat(), "not-text"),
        ("no mark", utf16[2..].to_vec(), "not-text"),
        ("bad UTF-8", b"\xEF\xBB\xBFREGEDIT4\r\n\xFF".to_vec(), "not-text"),
        ("a NUL", b"REGEDIT4\r\n\0".to_vec(), "not-text"),
        ("too many bytes", vec![b' '; BYTES_MAX + 1], "too-large"),
    ];
    for (what, bytes, code) in rows {
        assert_eq!(wrong(&bytes)[0].0, code, "{what}");
    }
}

#[test]
fn a_key_that_is_not_in_the_hive_or_cannot_be_is_refused() {
    let deep = r"\a".repeat(DEPTH_MAX + 1);
    let long = format!(r"\{}", "n".repeat(257));
    let rows = [
        (r"[HKEY_LOCAL_MACHINE\Software]".to_owned(), "other-hive"),
        (r"[HKEY_USERS\S-1-5-21-1-2-3-1001\Software]".to_owned(), "other-hive"),
        (r"[HKEY_USERS]".to_owned(), "other-hive"),
        (r"[HKEY_CURRENT_USERS\x]".to_owned(), "other-hive"),
        (r"[HKCU\x]".to_owned(), "other-hive"),
        (r"[ HKEY_CURRENT_USER\x]".to_owned(), "other-hive"),
        (r"[- HKEY_CURRENT_USER\x]".to_owned(), "other-hive"),
        (r"[HKEY_CURRENT_USER\x\\y]".to_owned(), "bad-key"),
        (r"[HKEY_CURRENT_USER\\x]".to_owned(), "bad-key"),
        (format!("[HKEY_CURRENT_USER{deep}]"), "too-deep"),
        (format!("[HKEY_CURRENT_USER{long}]"), "name-too-long"),
        (r"[-HKEY_CURRENT_USER]".to_owned(), "root-deleted"),
    ];
    for (line, code) in rows {
        let found = wrong(format!("REGEDIT4\n\n{line}\n").as_bytes());
        assert_eq!((found.len(), found[0].0, found[0].1), (1, code, 3), "{line}");
    }
    let name = format!("\"{}\"=-", "n".repeat(16_384));
    assert_eq!(wrong(with_values(&name).as_bytes()), [("name-too-long", 4, 1)]);
    let before_any_key = wrong(b"REGEDIT4\n\"a\"=\"b\"\n");
    assert_eq!(before_any_key, [("no-key", 2, 1)]);
}

#[test]
fn more_keys_or_values_than_the_bounds_allow_are_refused() {
    let key = |number: usize| format!("[HKEY_CURRENT_USER\\{number}]\n");
    let keys = |count: usize| format!("REGEDIT4\n{}", (0..count).map(key).collect::<String>());
    assert_eq!(good(keys(KEYS_MAX).as_bytes()).entries().len(), KEYS_MAX + 1);
    assert_eq!(wrong(keys(KEYS_MAX + 1).as_bytes()), [("too-many", KEYS_MAX + 2, 2)]);
    let values = "\"a\"=dword:1\n".repeat(VALUES_MAX + 1);
    assert_eq!(wrong(with_values(&values).as_bytes()), [("too-many", 3, 2)]);
}

#[test]
fn an_error_shows_the_line_and_what_was_expected() {
    let shown = hive_of(with_values("\"a\"=dword:12345678 abc").as_bytes()).unwrap_err().to_string();
    for part in ["test.reg:4:20", "dword:12345678 abc", "expected the end of the line"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}
