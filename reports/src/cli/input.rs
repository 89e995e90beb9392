//! Where scenarios come from: files, folders, or the program itself.
//!
//! Invariants
//! - Scenarios are in the order of their names, each once, however folders are listed.
//! - A path that does not exist and a folder without scenarios are errors, never an empty run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mapisim_model::reg_file::RegSource;
use mapisim_model::scenario::visible::quoted;
use mapisim_model::scenario::{BYTES_MAX, Problems, Scenario, read_bytes};

use super::args::nearest;
use super::output::Io;
use super::reading;
use crate::{command, shipped};

/// What was found.
#[derive(Default)]
pub(super) struct Input {
    /// The scenarios, in the order of their names.
    pub(super) scenarios: Vec<Scenario>,
    /// Their files' texts, by name.
    pub(super) texts: BTreeMap<String, String>,
    /// How many files or folders were asked for and could not be read; each was complained of.
    pub(super) unread: usize,
}

/// Reads every scenario asked for. What is wrong with one is told, and keeps no other from being read.
pub(super) fn scenarios(paths: &[PathBuf], io: &mut Io<'_>) -> Input {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut input = Input::default();
    let everything = [PathBuf::from(shipped::FOLDER)];
    let paths = if paths.is_empty() { &everything[..] } else { paths };
    for path in paths {
        if let Err(why) = gather(path, &mut files, &mut |why| {
            input.unread += 1;
            io.complain(&why);
        }) {
            input.unread += 1;
            io.complain(&why);
        }
    }
    for (name, bytes) in files {
        match read_bytes(&name, &bytes).and_then(imported) {
            Ok(scenario) => {
                input.scenarios.push(scenario);
                input.texts.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
            Err(problems) => {
                input.unread += 1;
                let rendered = problems.render(io.terminal.err_colour, io.terminal.columns);
                io.tell(&format!("{rendered}\n\n"));
            }
        }
    }
    input
}

/// The same scenario with the registry files that it imports, whose paths are seen from its own folder. One that cannot be
/// opened is told of as not read.
fn imported(scenario: Scenario) -> Result<Scenario, Problems> {
    let mut sources = BTreeMap::new();
    for path in scenario.imports() {
        if let Some(source) = import(&scenario.name, path) {
            sources.insert(path.to_owned(), source);
        }
    }
    if scenario.imports().is_empty() { Ok(scenario) } else { scenario.with_imports(&sources) }
}

/// A registry file that a scenario imports, its path seen from the scenario's own folder; none where it cannot be read.
pub(super) fn import(scenario: &str, path: &str) -> Option<RegSource> {
    let file = Path::new(scenario).parent().unwrap_or(Path::new("")).join(path);
    let name = name_of(&file);
    let shipped = || shipped::file(&name).filter(|_| !fs::exists(shipped::FOLDER).unwrap_or(false));
    let bytes = read(&file).ok().or_else(|| shipped().map(<[u8]>::to_vec))?;
    Some(RegSource { name, bytes })
}

/// Reads the files that a path stands for.
fn gather(
    path: &Path,
    files: &mut BTreeMap<String, Vec<u8>>,
    complain: &mut dyn FnMut(String),
) -> Result<(), String> {
    let shown = name_of(path);
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let before = files.len();
            let mut failed = false;
            let mut visit = Visit { files: &mut *files, seen: BTreeSet::new(), met: 0 };
            visit.folder(path, &mut |why| {
                failed = true;
                complain(why);
            });
            if visit.met == 0 && files.len() == before && !failed {
                return Err(format!(
                    "there is no scenario (a file that ends in .json) in the folder {}; {} writes a first one",
                    quoted(&shown),
                    quoted(&command::init(&shown))
                ));
            }
            Ok(())
        }
        Ok(_) => {
            let bytes = read(path)?;
            files.insert(shown, bytes);
            Ok(())
        }
        Err(error) => {
            let shipped = shipped_as(&shown);
            if shipped.is_empty() {
                return Err(match error.kind() {
                    std::io::ErrorKind::NotFound => {
                        format!("there is no file or folder {}{}", quoted(&shown), meant(path))
                    }
                    _ => format!("{} cannot be read: {error}", quoted(&shown)),
                });
            }
            files.extend(shipped);
            Ok(())
        }
    }
}

/// What was perhaps meant by a path that does not exist: the nearest name beside it, or a scenario or a folder of that name
/// among the scenarios.
fn meant(path: &Path) -> String {
    let wanted = leaf(&path.to_string_lossy());
    let shipped = || shipped::scenarios().into_iter().map(|(name, _)| name).find(|name| leaf(name) == wanted);
    let near = near(path).or_else(|| shipped().filter(|_| path.file_name().is_some()));
    near.map_or_else(String::new, |near| format!("; did you mean {}?", quoted(&near)))
}

/// A path's last name without the ending of a scenario.
fn leaf(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".json").to_owned()
}

/// The file or folder beside a path that does not exist whose name is nearest to it.
pub(super) fn near(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut beside: Vec<String> =
        beside.filter(|path| path.is_dir() || is_scenario(path)).map(|path| name_of(&path)).collect();
    beside.sort();
    let wanted = leaf(&name);
    let leaves: Vec<String> = beside.iter().map(|path| leaf(path)).collect();
    let leaves: Vec<&str> = leaves.iter().map(String::as_str).collect();
    nearest(&wanted, &leaves).and_then(|near| beside.iter().find(|path| leaf(path) == near).cloned())
}

/// The shipped scenarios that a path stands for, where there is no folder of that name on this machine.
fn shipped_as(shown: &str) -> Vec<(String, Vec<u8>)> {
    if fs::exists(shipped::FOLDER).unwrap_or(false) {
        return Vec::new();
    }
    let below = format!("{}/", shown.trim_end_matches('/'));
    let wanted = |name: &String| name == shown || name.starts_with(&below);
    let all = shipped::scenarios().into_iter().filter(|(name, _)| wanted(name));
    all.map(|(name, bytes)| (name, bytes.to_vec())).collect()
}

struct Visit<'a> {
    files: &'a mut BTreeMap<String, Vec<u8>>,
    /// Folders that were visited, by their real paths: links can lead round in circles.
    seen: BTreeSet<PathBuf>,
    met: usize,
}

impl Visit<'_> {
    fn folder(&mut self, folder: &Path, complain: &mut dyn FnMut(String)) {
        let entries = fs::canonicalize(folder).and_then(|real| {
            if !self.seen.insert(real) {
                return Ok(Vec::new());
            }
            fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
        });
        let mut entries: Vec<PathBuf> = match entries {
            Ok(entries) => entries,
            Err(error) => {
                return complain(format!("the folder {} cannot be read: {error}", quoted(&name_of(folder))));
            }
        };
        entries.sort();
        for path in entries {
            if path.is_dir() {
                self.folder(&path, complain);
            } else if is_scenario(&path) {
                self.met += 1;
                match read(&path) {
                    Ok(bytes) => {
                        self.files.insert(name_of(&path), bytes);
                    }
                    Err(why) => complain(why),
                }
            }
        }
    }
}

fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
        && path.file_name().is_none_or(|name| name != shipped::SCHEMA)
}

/// A file's content, but not much more of it than a scenario may have.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let read = reading::some_bytes(path, BYTES_MAX as u64 + 1);
    read.map_err(|error| format!("{} cannot be read: {error}", quoted(&name_of(path))))
}

/// A path as reports name it: with slashes, without `./` in front.
fn name_of(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if std::path::MAIN_SEPARATOR == '\\' { text.replace('\\', "/") } else { text.into_owned() };
    let mut rest = text.as_str();
    while let Some(shorter) = rest.strip_prefix("./").filter(|shorter| !shorter.is_empty()) {
        rest = shorter.trim_start_matches('/');
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_name() {
        let names =
            ["./a/b.json", "a/b.json", ".//a/b.json", "././a/b.json"].map(|path| name_of(Path::new(path)));
        assert_eq!(names, ["a/b.json"; 4]);
        assert_eq!(name_of(Path::new("../x")), "../x");
        assert_eq!(name_of(Path::new("./")), "./");
    }

    #[test]
    fn the_schema_is_no_scenario() {
        let files = ["a.json", "scenario.schema.json", "a.txt", "json"];
        assert_eq!(files.map(|name| is_scenario(Path::new(name))), [true, false, false, false]);
    }
}
