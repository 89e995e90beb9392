//! What a well-formed file means. Rows whose source is a name such as `Wine12` are vectors of Wine's `reg` tests, which
//! run on real Windows.

use super::*;

/// Lines below one key, and the values they leave there, in order.
#[test]
fn a_value_is_what_real_windows_makes_of_its_line() {
    let line = raw(7, b"L\0i\0n\0e\0\0\0\0\0");
    let rows: Vec<Row<(&str, RegValue)>> = vec![
        ("Wine1", r#""a"=dword:00000782"#, vec![("a", raw(4, &[0x82, 7, 0, 0]))]),
        ("Wine32a", r#""a"=dword:1"#, vec![("a", raw(4, &[1, 0, 0, 0]))]),
        ("Wine36a", r#""a"=dword:1234;5678"#, vec![("a", raw(4, &[0x34, 0x12, 0, 0]))]),
        ("Wine36b", r#""a"=dword:1234 ;5678"#, vec![("a", raw(4, &[0x34, 0x12, 0, 0]))]),
        ("Wine11", r#""a"="Value 2";comment"#, vec![("a", sz("Value 2"))]),
        ("Wine24", r#""a"="Value#comment3""#, vec![("a", sz("Value#comment3"))]),
        ("Wine27", r#""a"="Value ;comment6""#, vec![("a", sz("Value ;comment6"))]),
        ("comments", "#\"a\"=\"1\"\n;\"b\"=\"2\"\n    #\"c\"=\"3\"\n    ;\"d\"=\"4\"", vec![]),
        (
            "Wine8, 9",
            "#comment\\\n\"a\"=\"1\"\n;comment\\\n\"b\"=\"2\"",
            vec![("a", sz("1")), ("b", sz("2"))],
        ),
        ("default", "@=\"Test\"", vec![("", sz("Test"))]),
        ("default by name", "\"\"=\"Default Value Name\"", vec![("", sz("Default Value Name"))]),
        (
            "double\"quote",
            r#""double\"quote"="valid \"or\" not""#,
            vec![("double\"quote", sz("valid \"or\" not"))],
        ),
        ("Wine\\31", r#""Wine\\31"="Test value""#, vec![("Wine\\31", sz("Test value"))]),
        ("With=Equals", r#""With=Equals"="asdf""#, vec![("With=Equals", sz("asdf"))]),
        ("Empty string", r#""a"="""#, vec![("a", sz(""))]),
        (
            "export 2a",
            "\"a\"=hex(1):\n\"b\"=hex(3):\n\"c\"=hex(4):",
            vec![("a", raw(1, b"")), ("b", raw(3, b"")), ("c", raw(4, b""))],
        ),
        ("Wine43a", r#""a"=hex(0):56,00,61"#, vec![("a", raw(0, &[0x56, 0, 0x61]))]),
        ("Wine47h", r#""a"=hex(ffffffff):56,61"#, vec![("a", raw(u32::MAX, b"Va"))]),
        ("Wine45b", "\"a\"=hex:11,22,\\\n  33,44", vec![("a", raw(3, &[0x11, 0x22, 0x33, 0x44]))]),
        ("Wine49", "\"a\"=hex(2):25,00,", vec![("a", raw(2, &[0x25, 0]))]),
        ("Wine52l", "\"a\"=hex:\\\n  25,48", vec![("a", raw(3, b"%H"))]),
        (
            "Multi-Line10",
            "\"a\"=hex(7):4c,00,\\;comment\n  69,00,\\\n\n  6e,00,65,00,\\;x\n\n  00,00,00,00",
            vec![("a", line)],
        ),
        ("Wine16", "\"a\"=hex:4c,\\\n  ;comment\n  63", vec![("a", raw(3, b"Lc"))]),
        ("Wine53c", "\"a\"=hex:4c,  \\  ;comment\n  63", vec![("a", raw(3, b"Lc"))]),
        (
            "Wine46",
            "\"a\"=\"1\"\n\"b\"=\"2\"\n\"c\"=\"3\"\n\"a\"=-\n\"c\"=  \t-\t  ;comment",
            vec![("b", sz("2"))],
        ),
        ("set again", "\"a\"=\"1\"\n\"b\"=\"2\"\n\"A\"=\"3\"", vec![("a", sz("3")), ("b", sz("2"))]),
    ];
    for (source, lines, expected) in rows {
        let tree = good(with_values(lines).as_bytes());
        let entries = tree.entries();
        assert_eq!(entries[1].path, "k", "{source}");
        let found: Vec<(&str, RegValue)> =
            entries[1].values.iter().map(|(name, value)| (*name, (*value).clone())).collect();
        assert_eq!(found, expected, "{source}");
    }
}

#[test]
fn keys_are_made_with_their_parents_and_deleted_with_all_below() {
    let rows: [(&str, &str, &[&str]); 8] = [
        ("parents", r"[HKEY_CURRENT_USER\a\b]", &["", "a", r"a\b"]),
        ("the root", r"[HKEY_CURRENT_USER]", &[""]),
        ("by SID", r"[HKEY_USERS\S-1-5-21-1-2-3-1000\a]", &["", "a"]),
        ("Subkey3a", r"[HkEy_CuRrEnT_uSeR\A]", &["", "A"]),
        ("Subkey1e", r"[HKEY_CURRENT_USER\a\]", &["", "a"]),
        ("Subkey1c", r"[HKEY_CURRENT_USER\a ]", &["", "a "]),
        ("a bracket", r"[HKEY_CURRENT_USER\a]b] ;c", &["", "a]b"]),
        (
            "Subkey2a",
            "[HKEY_CURRENT_USER\\a\\b]\n[HKEY_CURRENT_USER\\c]\n[-HKEY_CURRENT_USER\\A]\n[-HKEY_CURRENT_USER\\none\\x]",
            &["", "c"],
        ),
    ];
    for (source, lines, paths) in rows {
        let tree = good(format!("REGEDIT4\n\n{lines}\n").as_bytes());
        let found: Vec<String> = tree.entries().into_iter().map(|entry| entry.path).collect();
        assert_eq!(found, paths, "{source}");
    }
}

#[test]
fn one_text_means_one_hive_in_every_encoding_and_with_every_line_end() {
    let text = with_values("\"\u{20AC}uro\"=\"caf\u{e9}\"\n\"x\"=hex:01,\\\n  02");
    let expected = good(text.as_bytes());
    assert_eq!(expected.value("K", "\u{20AC}URO"), Some(&sz("caf\u{e9}")));
    let crlf = text.replace('\n', "\r\n");
    let big: Vec<u8> =
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
    for (what, bytes) in [
        ("UTF-16", to_utf16(&text)),
        ("CR LF", to_utf16(&crlf)),
        ("CR", text.replace('\n', "\r").into_bytes()),
        ("big-endian", big),
        ("UTF-8 with a mark", marked),
        ("Windows-1252", to_ansi(&crlf).unwrap()),
    ] {
        assert_eq!(good(&bytes), expected, "{what}");
    }
}

/// Text in hexadecimal data is ANSI in `REGEDIT4`; bytes are bytes.
#[test]
fn hexadecimal_text_of_a_regedit4_file_is_ansi() {
    let lines = "\"a\"=hex(7):4c,80,00,00\n\"b\"=hex(2):25,00\n\"c\"=hex(1):56,00\n\"d\"=hex(0):56,00\n\"e\"=hex:56,00";
    let tree = good(format!("REGEDIT4\n[{ROOT}\\k]\n{lines}").as_bytes());
    let rows: [(&str, RegValue); 5] = [
        ("a", raw(7, b"L\0\xAC\x20\0\0\0\0")),
        ("b", raw(2, b"%\0\0\0")),
        ("c", raw(1, b"V\0\0\0")),
        ("d", raw(0, b"V\0")),
        ("e", raw(3, b"V\0")),
    ];
    for (name, value) in rows {
        assert_eq!(tree.value("k", name), Some(&value), "{name}");
    }
}

/// The very lines that real Windows exports (Wine's export.c, `complex_data_test`).
#[test]
fn a_hive_is_written_as_real_windows_writes_it() {
    let mut tree = HiveTree::default();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let set = |tree: &mut HiveTree, path: &str, name: &str, value| tree.set_value(path, name, value).unwrap();
    set(&mut tree, "", "DWORD", raw(4, &[0, 1, 0, 0]));
    set(&mut tree, "Subkey1", "Undefined hex", raw(0x100, b"%PATH%\0"));
    set(&mut tree, "Subkey1", "Binary", raw(3, &[0x11, 0x22, 0x33, 0x44]));
    set(&mut tree, "Subkey2a", "double\"quote", sz("\"Hello, World!\""));
    set(&mut tree, r"Subkey2a\Subkey2b", "", sz("Default value name"));
    set(&mut tree, r"Subkey2a\Subkey2b", "Multiple strings", raw(7, &wide("Line1\0Line2\0Line3\0\0")));
    set(&mut tree, r"Subkey3a\Subkey3b", "String expansion", raw(2, &wide("%HOME%\\%PATH%\0")));
    set(&mut tree, r"Subkey3a\Subkey3b", "Zero data type", raw(0, b"Value\0"));
    set(&mut tree, "Subkey4", "", raw(4, &[0x78, 0x56, 0x34, 0x12]));
    set(&mut tree, "Subkey4", "no bytes", raw(4, b""));
    let expected = r#"Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER]
"DWORD"=dword:00000100

[HKEY_CURRENT_USER\Subkey1]
"Undefined hex"=hex(100):25,50,41,54,48,25,00
"Binary"=hex:11,22,33,44

[HKEY_CURRENT_USER\Subkey2a]
"double\"quote"="\"Hello, World!\""

[HKEY_CURRENT_USER\Subkey2a\Subkey2b]
@="Default value name"
"Multiple strings"=hex(7):4c,00,69,00,6e,00,65,00,31,00,00,00,4c,00,69,00,6e,\
  00,65,00,32,00,00,00,4c,00,69,00,6e,00,65,00,33,00,00,00,00,00

[HKEY_CURRENT_USER\Subkey3a]

[HKEY_CURRENT_USER\Subkey3a\Subkey3b]
"String expansion"=hex(2):25,00,48,00,4f,00,4d,00,45,00,25,00,5c,00,25,00,50,\
  00,41,00,54,00,48,00,25,00,00,00
"Zero data type"=hex(0):56,61,6c,75,65,00

[HKEY_CURRENT_USER\Subkey4]
@=dword:12345678
"no bytes"=hex(4):

"#;
    assert_eq!(write_unicode(&tree, ROOT), expected.replace('\n', "\r\n"));
}

#[test]
fn what_a_regedit4_file_cannot_hold_is_refused_and_named() {
    let mut tree = HiveTree::default();
    tree.set_value("k", "a", sz("\u{3B1}")).unwrap();
    let refused = write_ansi(&tree, ROOT).unwrap_err().to_string();
    assert!(refused.contains('\u{3B1}'), "{refused}");
    tree.set_value("k", "a", raw(2, b"odd")).unwrap();
    let refused = write_ansi(&tree, ROOT).unwrap_err().to_string();
    assert!(refused.contains("\"a\""), "{refused}");
}

#[test]
fn a_name_with_a_line_end_is_left_out_and_the_file_says_so() {
    let mut tree = HiveTree::default();
    tree.set_value("k", "two\nlines", sz("x")).unwrap();
    tree.set_value("k\rk", "a", sz("x")).unwrap();
    let text = write_unicode(&tree, ROOT);
    assert!(text.contains("; left out: the value \"two\\nlines\""), "{text}");
    assert!(text.contains("; left out: the key \"HKEY_CURRENT_USER\\\\k\\rk\""), "{text}");
    assert_eq!(good(text.as_bytes()).entries().len(), 2);
}
