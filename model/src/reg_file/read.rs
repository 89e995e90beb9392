//! A registry file as it is written: its keys in order, with what is set and deleted.

use std::ops::Range;

use super::encoding::{self, Edition};
use super::line::{Read, Reader, wrong};
use super::tree::HiveTree;
use super::{DEPTH_MAX, KEYS_MAX, VALUES_MAX};
use crate::os::registry::{VALUE_NAME_UNITS_MAX, check_key_name, same_name};
use crate::os::syscall::RegValue;
use crate::scenario::problem::{Problem, Problems};
use crate::scenario::visible::quoted;

/// A registry file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegFile {
    /// Which format it has.
    pub edition: Edition,
    /// Its keys, in the order of the file. A key may come more than once.
    pub blocks: Vec<Block>,
    name: String,
    text: String,
}

/// One key in brackets, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The whole path: `HKEY_CURRENT_USER\Software`.
    pub key: String,
    /// The key is to be deleted with all that is below it; it has no settings then.
    pub delete: bool,
    /// What becomes of its values.
    pub settings: Vec<Setting>,
    /// Where the path is, in bytes of the text with LF as the end of each line.
    pub place: Range<usize>,
}

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name; "" is the default value's.
    pub name: String,
    /// What it is set to; `None`: it is deleted.
    pub value: Option<RegValue>,
    /// Where the name is.
    pub place: Range<usize>,
}

/// Reads a registry file. `name` is what messages call it; nothing is opened.
///
/// # Errors
/// What is wrong with it, each with its line; never more than
/// [`PROBLEMS_MAX`](crate::scenario::problem::PROBLEMS_MAX).
pub fn read(name: &str, bytes: &[u8]) -> Result<RegFile, Problems> {
    let text = encoding::decode(name, bytes)?;
    let mut problems = Problems::new(name, &text);
    let Some(edition) = header(&text, &mut problems) else { return Err(problems) };
    let mut reader = Reader { text: &text, at: 0 };
    reader.next_line();
    let mut blocks: Vec<Block> = Vec::new();
    while !reader.rest().is_empty() && !problems.is_full() {
        if let Err(problem) = one(&mut reader, edition, &mut blocks) {
            problems.push(*problem);
        }
        reader.next_line();
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(RegFile { edition, blocks, name: name.to_owned(), text })
}

/// The first line says which format it is, in just these letters (Wine's import.c: other case, or another number, and
/// nothing is imported).
fn header(text: &str, problems: &mut Problems) -> Option<Edition> {
    let first = text.split('\n').next().unwrap_or_default();
    let written = first.trim_matches([' ', '\t']);
    let edition = [Edition::Ansi, Edition::Unicode].into_iter().find(|edition| edition.header() == written);
    if edition.is_none() {
        let [ansi, unicode] = [Edition::Ansi, Edition::Unicode].map(Edition::header);
        problems.push(
            Problem::new("bad-header", 0..first.len(), "this is no registry file")
                .label(format!("expected `{unicode}` or `{ansi}`")),
        );
    }
    edition
}

/// One key or one value. However it ends, the reader is on its last line.
fn one(reader: &mut Reader<'_>, edition: Edition, blocks: &mut Vec<Block>) -> Read<()> {
    reader.skip_blanks();
    let start = reader.at;
    match reader.line().chars().next() {
        None | Some(';' | '#') => Ok(()),
        Some('[') => {
            blocks.push(key(reader)?);
            Ok(())
        }
        Some('"' | '@') => {
            let name = reader.name()?;
            let place = start..reader.at;
            reader.equals()?;
            let value = reader.data(edition)?;
            let Some(block) = blocks.last_mut() else {
                let problem = Problem::new("no-key", place, "this value comes before any key");
                return wrong(problem.label("expected a key in brackets first"));
            };
            if block.delete {
                let problem = Problem::new("no-key", place, "this value is of a key that is deleted");
                return wrong(
                    problem.label("regedit would pass it over").also(block.place.clone(), "deleted here"),
                );
            }
            block.settings.push(Setting { name, value, place });
            Ok(())
        }
        Some(_) => {
            let line = start..start + reader.line().len();
            wrong(
                Problem::new("bad-line", line, "this is neither a key nor a value")
                    .label("expected `[key]`, `\"name\"=...`, `@=...` or a comment that begins with `;`"),
            )
        }
    }
}

/// A key in brackets: everything up to the last closing one.
fn key(reader: &mut Reader<'_>) -> Read<Block> {
    let (line, start) = (reader.line(), reader.at);
    let Some(end) = line.rfind(']') else {
        let end = start + line.len();
        return wrong(Problem::new("no-bracket", end..end, "the key is not closed").label("expected `]`"));
    };
    let inside = &line[1..end];
    let delete = inside.starts_with('-');
    let key = &inside[usize::from(delete)..];
    let from = start + 1 + usize::from(delete);
    reader.at = start + end + 1;
    reader.end_of_line()?;
    Ok(Block { key: key.to_owned(), delete, settings: Vec::new(), place: from..from + key.len() })
}

impl RegFile {
    /// What an empty hive holds once the file has been imported: the file is about that hive only, as
    /// HKEY_CURRENT_USER or as HKEY_USERS and one of these names.
    ///
    /// # Errors
    /// Keys elsewhere, names that no key or value can have, more than the bounds allow.
    pub fn hive(&self, names: &[&str]) -> Result<HiveTree, Problems> {
        let mut problems = Problems::new(&self.name, &self.text);
        let mut tree = HiveTree::default();
        let (mut keys, mut values) = (0, 0);
        for block in &self.blocks {
            let Some(path) = path_of(block, names, &mut problems) else { continue };
            if block.delete {
                keys -= tree.delete_key(path);
                continue;
            }
            keys += tree.create_key(path).expect("the path was just checked");
            values += block.settings.len();
            if keys > KEYS_MAX || values > VALUES_MAX {
                let message = format!("the file makes more than {KEYS_MAX} keys or {VALUES_MAX} values");
                problems.push(Problem::new("too-many", block.place.clone(), message).label("with this one"));
                break;
            }
            for setting in &block.settings {
                if setting.name.encode_utf16().count() > VALUE_NAME_UNITS_MAX {
                    let problem =
                        Problem::new("name-too-long", setting.place.clone(), "a value's name is too long");
                    problems
                        .push(problem.label(format!("expected at most {VALUE_NAME_UNITS_MAX} characters")));
                    continue;
                }
                match &setting.value {
                    Some(value) => {
                        tree.set_value(path, &setting.name, value.clone()).expect("the key was just created");
                    }
                    None => tree.delete_value(path, &setting.name),
                }
            }
        }
        if problems.is_empty() { Ok(tree) } else { Err(problems) }
    }
}

/// A key's path below the root of the hive; `None` where it is not in it, or cannot be anywhere.
fn path_of<'k>(block: &'k Block, names: &[&str], problems: &mut Problems) -> Option<&'k str> {
    let below = |key: &'k str, root: &str| match key.split_at_checked(root.len()) {
        Some((first, "")) if same_name(first, root) => Some(""),
        Some((first, rest)) if same_name(first, root) => rest.strip_prefix('\\'),
        _ => None,
    };
    let users = names.iter().map(|name| format!(r"HKEY_USERS\{name}"));
    let roots: Vec<String> = ["HKEY_CURRENT_USER".to_owned()].into_iter().chain(users).collect();
    let Some(path) = roots.iter().find_map(|root| below(&block.key, root)) else {
        let mut problem = Problem::new("other-hive", block.place.clone(), "this key is not in the hive")
            .label(format!("expected it below `{}`", roots.join("` or `")));
        if let Some(short) = ["HKCU", "HKU"].into_iter().find(|short| below(&block.key, short).is_some()) {
            problem = problem.note(format!("{} is the short form of another program", quoted(short)));
        }
        problems.push(problem);
        return None;
    };
    let mut refuse = |code, message: &str, label: String| {
        problems.push(Problem::new(code, block.place.clone(), message).label(label));
        None
    };
    let path = path.trim_end_matches('\\'); // (os C.5)
    if path.starts_with('\\') || path.contains(r"\\") {
        return refuse(
            "bad-key",
            "a name in this path is empty",
            r"expected one `\` between names".to_owned(),
        );
    }
    if path.split('\\').count() > DEPTH_MAX {
        return refuse("too-deep", "this key is too deep", format!("expected at most {DEPTH_MAX} levels"));
    }
    if path.split('\\').any(|part| check_key_name(part).is_err()) {
        let label = "expected at most 256 characters in each".to_owned();
        return refuse("name-too-long", "a name in this path is too long", label);
    }
    if block.delete && path.is_empty() {
        let label = "expected a key below it".to_owned();
        return refuse("root-deleted", "the root of a hive cannot be deleted", label);
    }
    Some(path)
}
