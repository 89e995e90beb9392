//! Files, written whole or not at all; several of them all, or none.
//!
//! A file is made under another name beside its place, written to the disk, and then renamed: whoever reads sees the old one
//! or the new one. Of several files all are made before the first takes its place. Where one cannot take its place after
//! others did, these are put back as they were; what they were lies beside them until the last has taken its place.
//!
//! Always holds
//! - What fails leaves no file of ours behind, and no folder that was made for it, unless somebody put something in.
//! - Not promised: that a machine which loses its power between two renames has files of one run. Each of them is whole.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// Why files could not be written.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// This one could not be.
    Trouble(PathBuf, io::Error),
    /// The user asked to stop before any took its place.
    Stopped,
}

/// What is done where a file of that name is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Old {
    /// The new one takes its place.
    Replaced,
    /// It stays, and nothing is written.
    Kept,
}

/// Writes a file whole or not at all, into a folder that is made where it is missing.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    match write_all(&[(folder.join(name), bytes)], Old::Replaced, &|| false) {
        Ok(()) => Ok(()),
        Err(Unwritten::Trouble(_, error)) => Err(error),
        Err(Unwritten::Stopped) => unreachable!("nobody can ask to stop"),
    }
}

/// Writes several files, all or none. The last ones of the list take their places last.
pub(super) fn write_all(
    files: &[(PathBuf, &[u8])],
    old: Old,
    stopped: &dyn Fn() -> bool,
) -> Result<(), Unwritten> {
    let mut folders = Folders(Vec::new());
    let mut ready = Vec::new();
    for (path, bytes) in files {
        let made = folders.made(folder_of(path)).and_then(|()| make(path, bytes));
        ready.push((made.map_err(|error| Unwritten::Trouble(path.clone(), error))?, path.clone()));
    }
    if stopped() {
        return Err(Unwritten::Stopped);
    }
    let place = |new: TempPath, path: &Path| match old {
        Old::Replaced => new.persist(path).map_err(|error| error.error),
        Old::Kept => new.persist_noclobber(path).map_err(|error| error.error),
    };
    put_all(ready, &place)?;
    folders.0.clear();
    Ok(())
}

/// A file with that content beside its place.
fn make(path: &Path, bytes: &[u8]) -> io::Result<TempPath> {
    if path.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    let mut file = NamedTempFile::new_in(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    readable(&file)?;
    Ok(file.into_temp_path())
}

/// Puts every file in its place, or leaves all of them as they were.
fn put_all(
    ready: Vec<(TempPath, PathBuf)>,
    place: &dyn Fn(TempPath, &Path) -> io::Result<()>,
) -> Result<(), Unwritten> {
    let mut done: Vec<(PathBuf, Option<TempPath>)> = Vec::new();
    for (new, path) in ready {
        let put = aside(&path).and_then(|old| {
            place(new, &path)?;
            Ok(old)
        });
        match put {
            Ok(old) => done.push((path, old)),
            Err(error) => {
                for (path, old) in done.into_iter().rev() {
                    // Nothing more can be done where even that is refused; what could be is told in any case.
                    let _as_far_as_it_goes = match old {
                        Some(old) => old.persist(&path).map_err(|error| error.error),
                        None => std::fs::remove_file(&path),
                    };
                }
                return Err(Unwritten::Trouble(path, error));
            }
        }
    }
    Ok(())
}

/// A second name for the file that is there, by which it can be put back; none where there is none. A file system that has
/// no second names gets a copy.
fn aside(path: &Path) -> io::Result<Option<TempPath>> {
    if !path.is_file() {
        return Ok(None);
    }
    let name = NamedTempFile::new_in(folder_of(path))?.into_temp_path();
    std::fs::remove_file(&name)?;
    if std::fs::hard_link(path, &name).is_err() {
        std::fs::copy(path, &name)?;
    }
    Ok(Some(name))
}

/// The folder that a path is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The folders that were made; those that are empty go with it.
struct Folders(Vec<PathBuf>);

impl Folders {
    /// Makes a folder and those above it.
    fn made(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && folder.symlink_metadata().is_err())
            .collect();
        // Remembered first: a few of them may be made before one cannot be.
        self.0.extend(missing.into_iter().rev().map(Path::to_path_buf));
        std::fs::create_dir_all(folder)
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            let _others_may_have_put_something_in = std::fs::remove_dir(folder);
        }
    }
}

/// Temporary files are their owner's alone; what we write is for whoever may look into its folder.
#[cfg(unix)]
fn readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// A path with something behind its name.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(folder: &Path) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(&path).unwrap_or_default())
            })
            .collect();
        files.sort();
        files
    }

    #[test]
    fn where_one_cannot_take_its_place_all_are_as_they_were_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["new", "a", "b", "c"];
        for name in &names[1..] {
            std::fs::write(folder.path().join(name), format!("old {name}")).unwrap();
        }
        let before = content(folder.path());
        for refused in names {
            let ready = names.map(|name| {
                let path = folder.path().join(name);
                (make(&path, b"new").unwrap(), path)
            });
            let place = |new: TempPath, path: &Path| {
                if path.ends_with(refused) {
                    Err(io::Error::other("refused"))
                } else {
                    Ok(new.persist(path)?)
                }
            };
            let Err(Unwritten::Trouble(path, _)) = put_all(ready.into(), &place) else { panic!("{refused}") };
            assert!(path.ends_with(refused));
            assert_eq!(content(folder.path()), before, "{refused}");
        }
    }

    #[test]
    fn of_what_fails_no_folder_is_left_either() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        let files: Vec<(PathBuf, &[u8])> =
            vec![(folder.path().join("deep/in/one"), b"1"), (folder.path().join("file/two"), b"2")];
        let Err(Unwritten::Trouble(path, _)) = write_all(&files, Old::Replaced, &|| false) else { panic!() };
        assert!(path.ends_with("two"));
        assert_eq!(content(folder.path()), [("file".to_owned(), "x".to_owned())]);
        assert!(matches!(write_all(&files[..1], Old::Replaced, &|| true), Err(Unwritten::Stopped)));
        assert_eq!(content(folder.path()).len(), 1);
        write_all(&files[..1], Old::Replaced, &|| false).unwrap();
        assert!(folder.path().join("deep/in/one").is_file());
        assert!(write_all(&files[..1], Old::Kept, &|| false).is_err(), "it stays");
    }
}
