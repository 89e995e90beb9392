//! What a scenario file may say, asked of the reader as a whole: what a well-formed file means, where a malformed one is
//! wrong, and that no file at all breaks anything.

mod anything;
mod bounds;
mod malformed;
mod meaning;
mod written;

use super::*;

/// The example of the format's description.
const EXAMPLE: &str = include_str!("tests/example.json");

/// The example with some of its text replaced; each text must be there.
fn example_with(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(EXAMPLE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old} is not in the example");
        text.replacen(old, new, 1)
    })
}

/// A file with one account, `svc`, and these processes and other fields.
fn with_processes(processes: &str, rest: &str) -> String {
    format!(
        r#"{{ "format": 1, "title": "", "machine": {{ "windows": "2000", "terminal_services": true }},
        "accounts": {{ "svc": {{ "sid": "S-1-5-21-1-2-3-1000" }} }}, "processes": {{ {processes} }} {rest} }}"#
    )
}

/// A file with one thread, `p`.
fn with_script(script: &str) -> String {
    with_processes(&format!(r#""p": {{ "account": "svc", "mapi": "original", "script": [{script}] }}"#), "")
}

fn good(text: &str) -> Scenario {
    read("test.json", text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The codes of a text's problems.
fn codes(text: &str) -> Vec<&'static str> {
    match read("test.json", text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.list().iter().map(|problem| problem.code).collect(),
    }
}

/// Whatever is wrong with a text: places inside it, and nothing in the rendering that a terminal would obey.
fn assert_presentable(problems: &Problems, text: &str) {
    assert!(!problems.list().is_empty());
    for problem in problems.list() {
        assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
        assert!(
            problem.also.as_ref().is_none_or(|(also, _)| text.get(also.clone()).is_some()),
            "{problem:?}"
        );
        assert!(problem.line >= 1 && problem.line <= text.split('\n').count(), "{problem:?}");
    }
    let plain = problems.render(false, 100);
    let obeyed = |c: char| visible::is_steering(c) && c != '\n';
    assert!(!plain.contains(obeyed), "{plain:?}");
    for problem in problems.list() {
        let place = format!(":{}:{}", problem.line, problem.column);
        assert!(plain.contains(&place), "{place} in {plain}");
    }
    let coloured = problems.render(true, 60);
    let obeyed = coloured.replace("\u{1b}[", "").contains(|c: char| visible::is_steering(c) && c != '\n');
    assert!(!obeyed, "{coloured:?}");
}
