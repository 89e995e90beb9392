//! Whatever a hive holds, it reads back; whatever bytes come, nothing breaks.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A name that a key may have; `ansi`: in Windows-1252.
fn key_name(ansi: bool) -> BoxedStrategy<String> {
    let letters = if ansi { "[ -\\[\\]-~\u{A0}-\u{FF}\u{20AC}]{1,8}" } else { "[^\\\\\r\n\0]{1,8}" };
    prop_oneof![Just("Software".to_owned()), Just("software".to_owned()), letters].boxed()
}

fn value_name(ansi: bool) -> BoxedStrategy<String> {
    let letters = if ansi { "[ -~\u{A0}-\u{FF}]{0,8}" } else { "[^\r\n\0]{0,8}" };
    prop_oneof![Just("a".to_owned()), Just("A".to_owned()), letters].boxed()
}

fn value(ansi: bool) -> BoxedStrategy<RegValue> {
    let text = if ansi { "[ -~\u{A0}-\u{FF}\r\n]{0,40}" } else { "(?s).{0,40}" };
    let kind = prop_oneof![0..12_u32, any::<u32>()];
    let bytes = vec(any::<u8>(), 0..120);
    let other = (kind, bytes).prop_map(|(kind, data)| RegValue { kind, data });
    let other = other.prop_filter("text of a REGEDIT4 file is text", move |value| {
        !ansi || !line::TEXT_KINDS.contains(&value.kind)
    });
    let text = (text, prop_oneof![Just(1_u32), Just(2), Just(7)]);
    let text = text.prop_map(|(text, kind)| RegValue { kind, data: line::utf16(&text) });
    prop_oneof![text, other].boxed()
}

fn tree(ansi: bool) -> impl Strategy<Value = HiveTree> {
    let values = vec((value_name(ansi), value(ansi)), 0..4);
    vec((vec(key_name(ansi), 0..4), values), 0..6).prop_map(|keys| {
        let mut tree = HiveTree::default();
        for (path, values) in keys {
            let path = path.join("\\");
            tree.create_key(&path).unwrap();
            for (name, value) in values {
                tree.set_value(&path, &name, value).unwrap();
            }
        }
        tree
    })
}

/// Lines that are nearly right.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Windows Registry Editor Version 5.00\n".to_owned()),
        Just("[HKEY_CURRENT_USER\\".to_owned()),
        Just("[-HKEY_CURRENT_USER\\".to_owned()),
        Just("]\n".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("=hex(7):".to_owned()),
        Just("=dword:".to_owned()),
        Just("@=-\n".to_owned()),
        Just("0a,".to_owned()),
        Just(",\\\n  ".to_owned()),
        Just(";\u{20AC}\n".to_owned()),
        ".{0,3}",
    ];
    let end = vec(piece, 0..20);
    end.prop_map(|pieces| {
        format!("Windows Registry Editor Version 5.00\n[HKEY_CURRENT_USER\\k]\n{}", pieces.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hive_reads_back_and_is_written_the_same_again(tree in tree(false)) {
        let text = write_unicode(&tree, ROOT);
        let back = good(&to_utf16(&text));
        prop_assert_eq!(&back, &tree);
        prop_assert_eq!(good(text.as_bytes()), tree);
        prop_assert_eq!(write_unicode(&back, ROOT), text);
    }

    #[test]
    fn a_hive_of_western_europe_reads_back_from_a_regedit4_file(tree in tree(true)) {
        let bytes = write_ansi(&tree, ROOT).unwrap();
        let back = good(&bytes);
        prop_assert_eq!(&back, &tree);
        prop_assert_eq!(write_ansi(&back, ROOT).unwrap(), bytes);
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in vec(any::<u8>(), 0..400), mark in any::<bool>()) {
        let bytes = if mark { [b"\xFF\xFE".as_slice(), &bytes].concat() } else { bytes };
        if let Err(problems) = hive_of(&bytes) {
            prop_assert!(!problems.list().is_empty());
        }
    }

    #[test]
    fn no_text_that_is_nearly_right_breaks_the_reader(text in nearly()) {
        match hive_of(text.as_bytes()) {
            Ok(tree) => prop_assert_eq!(good(write_unicode(&tree, ROOT).as_bytes()), tree),
            Err(problems) => {
                let lines = text.split(['\r', '\n']).count();
                prop_assert!(problems.list().iter().all(|problem| problem.line <= lines));
                prop_assert!(!problems.to_string().is_empty());
            }
        }
    }
}
