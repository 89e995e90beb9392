//! Whatever the bytes are, there is an answer: a scenario, or problems that can be shown.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

fn assert_answered(bytes: &[u8]) {
    match read_bytes("name\u{1b}[31m\u{202e}.json", bytes) {
        Ok(scenario) => assert_eq!(good(&scenario.file.to_text()).file, scenario.file),
        Err(problems) => assert_presentable(&problems, &String::from_utf8_lossy(bytes)),
    }
}

/// A file that says something of everything.
fn rich() -> String {
    let rest = r#", "about": "ä\u00e9\n", "hives": { ".DEFAULT": { "import": "a.reg" }, "svc": { "deleted_profiles": ["A"] } },
        "schedule": "p/a:3, \"q\" through OpenMsgStore, kill q", "faults": { "crashes": 1, "crash": ["p"] },
        "assumptions": { "lock": "none" }, "checks": ["usable-session"], "must_reach": ["mark-written"],
        "expect": { "as-installed": "usable-session", "patched": "holds" }"#;
    let processes = r#""p": { "account": "svc", "session": 1, "mapi": "outlook", "threads": { "a": ["Idle"], "b": [] } },
        "q": { "account": "svc", "mapi": "5.5.2657.50", "script": ["MAPIInitialize",
            { "LogonUser": { "account": "svc", "token": "t", "must": "ERROR_SUCCESS" } },
            { "ImpersonateLoggedOnUser": { "token": "t" } },
            { "repeat": { "times": 3, "do": [{ "MAPILogonEx": { "profile": "A", "session": "s" } },
                { "OpenMsgStore": { "session": "s", "must": "MAPI_E_CALL_FAILED" } }] } }, "Idle"] }"#;
    with_processes(processes, rest)
}

/// One change of a text: what is from one place to another is replaced, doubled or moved.
#[derive(Clone, Debug)]
struct Edit {
    from: Index,
    length: usize,
    with: String,
}

fn edit() -> impl Strategy<Value = Edit> {
    let with = prop_oneof![
        Just(String::new()),
        r#"[\[\]{}",:\\0-9a-zä /-]{1,3}"#,
        prop::sample::select(vec![
            "null",
            "\"Idle\"",
            "{}",
            "[]",
            "0",
            "-1",
            "1e9",
            "\"\"",
            "\u{1b}",
            "\u{202e}",
            "//",
            "\"svc\"",
            "\"\\u0000\"",
            "\"repeat\"",
            "99999999999999999999",
            "true",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    (any::<Index>(), 0_usize..12, with).prop_map(|(from, length, with)| Edit { from, length, with })
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for edit in edits {
        let from = edit.from.index(text.len() + 1);
        let to = (from + edit.length).min(text.len());
        text.splice(from..to, edit.with.chars());
    }
    text.into_iter().collect()
}

/// A JSON text with one of its values, or keys, replaced.
fn replaced(text: &str, which: Index, with: &str) -> String {
    let tree = locate::Node::read(text).unwrap();
    let mut spans = Vec::new();
    collect(&tree, &mut spans);
    let span = which.get(&spans).clone();
    format!("{}{with}{}", &text[..span.start], &text[span.end..])
}

fn collect(node: &locate::Node, spans: &mut Vec<std::ops::Range<usize>>) {
    spans.push(node.span.clone());
    for member in node.members() {
        spans.push(member.key_span.clone());
        collect(&member.value, spans);
    }
    node.elements().iter().for_each(|element| collect(element, spans));
}

#[test]
fn the_files_that_are_changed_here_are_good_ones() {
    assert_eq!(codes(&rich()), [""; 0]);
    assert_answered(rich().as_bytes());
}

proptest! {
    #[test]
    fn bytes_that_are_anything_are_answered(bytes in vec(any::<u8>(), 0..200)) {
        assert_answered(&bytes);
    }

    #[test]
    fn a_good_file_with_a_few_changes_is_answered(edits in vec(edit(), 1..4), example in any::<bool>()) {
        let text = if example { EXAMPLE.to_owned() } else { rich() };
        assert_answered(edited(&text, &edits).as_bytes());
    }

    #[test]
    fn a_good_file_with_other_values_is_answered(
        changes in vec((any::<Index>(), edit()), 1..4),
    ) {
        let mut text = rich();
        for (which, edit) in changes {
            let new = replaced(&text, which, &edit.with);
            if serde_json::from_str::<serde::de::IgnoredAny>(&new).is_err() || locate::Node::read(&new).is_err() {
                continue;
            }
            text = new;
        }
        assert_answered(text.as_bytes());
    }
}
