//! From bytes to a tree: everything that makes a file unreadable before its meaning is looked at.
//!
//! `serde_json` decides what is JSON. What is here turns its answer into a place and a sentence, and recognises what
//! people write by habit: comments, trailing commas, single quotes, a byte order mark.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::locate::{DEPTH_MAX, Kind, Node, Unreadable};
use super::problem::{Problem, Problems};
use super::visible::quoted;

/// How large a file may be, in bytes.
pub const BYTES_MAX: usize = 1024 * 1024;

/// The text of a file.
///
/// # Errors
/// What is wrong with its bytes, and what can be shown of them.
pub(crate) fn text<'b>(name: &str, bytes: &'b [u8]) -> Result<&'b str, Problems> {
    if bytes.len() > BYTES_MAX {
        return Err(too_large(name, bytes.len()));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let shown = String::from_utf8_lossy(bytes);
        let message = format!("this is not UTF-8: byte {} of the file is 0x{:02x}", at + 1, bytes[at]);
        let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
        let mut problem =
            Problem::new("not-utf-8", span, message).label("no character of UTF-8 has this byte here");
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            problem = problem.help("the file begins like UTF-16: save it as UTF-8");
        } else {
            problem = problem.help("save the file as UTF-8");
        }
        one(name, &shown, problem)
    })
}

/// The tree of a file's text.
///
/// # Errors
/// Why it is none; duplicate keys, all of them, included.
pub(crate) fn tree(name: &str, text: &str) -> Result<Node, Problems> {
    if text.len() > BYTES_MAX {
        return Err(too_large(name, text.len()));
    }
    if text.starts_with('\u{FEFF}') {
        let problem = Problem::new("byte-order-mark", 0..3, "the file begins with a byte order mark")
            .label("three bytes that are not seen in an editor")
            .help("remove the byte order mark: save the file as UTF-8 without BOM");
        return Err(one(name, text, problem));
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| one(name, text, not_json(text, &error)))?;
    let tree = Node::read(text).map_err(|unreadable| match unreadable {
        Unreadable::Deep(span) => {
            let message = format!("arrays and objects are nested more than {DEPTH_MAX} deep");
            one(name, text, Problem::new("too-deep", span, message).label("one level too many"))
        }
        Unreadable::Surrogate(span) => {
            let problem = Problem::new("bad-string", span, "this string is not text")
                .label("half of a surrogate pair")
                .note("`\\ud800` to `\\udfff` stand for a character only in pairs");
            one(name, text, problem)
        }
    })?;
    let mut problems = Problems::new(name, text);
    duplicates(&tree, &mut problems);
    if problems.is_empty() { Ok(tree) } else { Err(problems) }
}

fn one(name: &str, text: &str, problem: Problem) -> Problems {
    let mut problems = Problems::new(name, text);
    problems.push(problem);
    problems
}

fn too_large(name: &str, bytes: usize) -> Problems {
    let message = format!("the file has {bytes} bytes; a scenario file may have {BYTES_MAX}, which is 1 MiB");
    one(name, "", Problem::new("too-large", 0..0, message))
}

/// Every key that an object has twice.
fn duplicates(node: &Node, problems: &mut Problems) {
    let mut seen: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for member in node.members() {
        if let Some(first) = seen.get(member.key.as_str()) {
            let message = format!("the key {} is there twice", quoted(&member.key));
            problems.push(
                Problem::new("duplicate-key", member.key_span.clone(), message)
                    .label("again here")
                    .also(first.clone(), "first here"),
            );
        } else {
            seen.insert(&member.key, member.key_span.clone());
        }
        duplicates(&member.value, problems);
    }
    if let Kind::Array(elements) = &node.kind {
        for element in elements {
            duplicates(element, problems);
        }
    }
}

/// What is wrong with a text that is not JSON.
fn not_json(text: &str, error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or_default();
    let at = offset(text, error.line(), error.column());
    let rest = &text[at..];
    let here = at..at + rest.chars().next().map_or(0, char::len_utf8);
    let not_json = |label: &str| Problem::new("not-json", here.clone(), "this is not JSON").label(label);

    if text.trim().is_empty() {
        return Problem::new("not-json", 0..0, "the file is empty").label("expected an object");
    }
    if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
        return Problem::new("comment", here, "JSON has no comments")
            .label("a comment begins here")
            .help("say it in `about`");
    }
    let before = text[..at].trim_end();
    if rest.starts_with(['}', ']']) && before.ends_with(',') {
        let comma = before.len() - 1;
        return Problem::new("trailing-comma", comma..comma + 1, "JSON has no trailing commas")
            .label("nothing follows this comma")
            .instead("remove it", "");
    }
    if what == "trailing characters" {
        return Problem::new("trailing-data", here, "there is more after the end of the scenario")
            .label("the file should have ended before this");
    }
    if what.starts_with("EOF") {
        let opened = unclosed(text);
        let end = text.trim_end().len();
        let problem =
            Problem::new("not-json", end..end, "the file ends too early").label("something is missing here");
        return match opened {
            Some(open) => problem.also(open..open + 1, "this is never closed"),
            None => problem,
        };
    }
    if rest.starts_with('\'') {
        return not_json("JSON has double quotes only").instead("write a double quote", "\"");
    }
    match what {
        "expected value" => not_json("expected a value"),
        "key must be a string" => not_json("expected a key in double quotes"),
        "expected `:`" => not_json("expected `:` and the key's value"),
        "expected `,` or `}`" => not_json("expected `,` and the next key, or `}`"),
        "expected `,` or `]`" => not_json("expected `,` and the next element, or `]`"),
        "invalid escape" => not_json("after `\\` there may be one of `\"\\/bfnrtu`"),
        _ if what.starts_with("control character") => {
            not_json("a string must not have a line end or control character in it")
                .note("write a line end as `\\n`, a tab as `\\t`, others as `\\u001b`")
        }
        "invalid number" => not_json("this is no number of JSON"),
        other => not_json(other),
    }
}

/// The byte that `serde_json` means by a line and a column: the column counts the bytes read, the one it stopped at
/// included; 0 is the end of the line before.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text.floor_char_boundary((line_start + column.saturating_sub(1)).min(text.len()))
}

/// The last bracket or quote that is open at the end of the text.
fn unclosed(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'{' | b'[' => open.push(at),
            b'}' | b']' => {
                open.pop();
            }
            b'"' => loop {
                match bytes.next() {
                    Some((_, b'"')) => break,
                    Some((_, b'\\')) => {
                        bytes.next();
                    }
                    Some(_) => {}
                    None => return Some(at),
                }
            },
            _ => {}
        }
    }
    open.pop()
}
