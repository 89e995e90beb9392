//! `mapisim init`.
//!
//! Invariants
//! - Nothing that is there is written over; all files are written, or none.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use mapisim_model::scenario::visible::{quoted, visible};

use super::exit::Status;
use super::files::{Old, Unwritten, write_all};
use super::output::Io;
use crate::command;
use crate::init::{File, files};
use crate::text::{hanging, width};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim init .             into the folder that you are in; then `mapisim run`
  mapisim init my-server     into a new folder; then `mapisim run my-server`
  mapisim show my-server/scenarios/first.json    what happens in the first scenario, step by step")]
pub(super) struct InitArgs {
    /// The folder to write into; it is made where it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes a first scenario, and what belongs to it.
pub(super) fn run(args: &InitArgs, io: &mut Io<'_>) -> Status {
    let files = files();
    let there: Vec<String> = files
        .iter()
        .map(|file| args.folder.join(file.path))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| quoted(&path.to_string_lossy()))
        .collect();
    if !there.is_empty() {
        let verb = if there.len() == 1 { "is" } else { "are" };
        io.complain(&format!(
            "{} {verb} there already, and nothing was written: `init` writes over nothing. Name another folder",
            there.join(", ")
        ));
        return Status::BadInput;
    }
    if let Err(why) = write(&args.folder, &files) {
        io.complain(&why);
        return Status::Unwritten;
    }
    let told = told(&args.folder, &files, io.terminal.columns);
    io.print(&told)
}

/// Writes every file, or none. Should a file of that name have come into being meanwhile, it stays.
fn write(folder: &Path, files: &[File]) -> Result<(), String> {
    let files: Vec<(PathBuf, &[u8])> =
        files.iter().map(|file| (folder.join(file.path), file.text.as_bytes())).collect();
    write_all(&files, Old::Kept, &|| false).map_err(|why| match why {
        Unwritten::Trouble(path, error) => trouble(&path, &error),
        Unwritten::Stopped => unreachable!("nobody can ask to stop"),
    })
}

fn trouble(path: &Path, error: &std::io::Error) -> String {
    format!("{} could not be written: {error}; no file was", quoted(&path.to_string_lossy()))
}

/// What was written, and what to do with it.
fn told(folder: &Path, files: &[File], columns: usize) -> String {
    let here = folder == Path::new(".");
    let name =
        |path: &str| if here { path.to_owned() } else { folder.join(path).to_string_lossy().into_owned() };
    let names: Vec<String> = files.iter().map(|file| visible(&name(file.path)).into_owned()).collect();
    let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let mut out = String::from("Written:\n");
    for (file, name) in files.iter().zip(&names) {
        if longest + 4 + 20 > columns {
            out += &format!("  {name}\n");
        } else {
            out += &hanging(&format!("  {name}"), file.what, longest + 4, columns);
        }
    }
    let run = if here { "mapisim run".to_owned() } else { command::run(&folder.to_string_lossy()) };
    out + &format!("\nNext:\n  {run}\n  mapisim show {}\n", command::quoted(&name(files[0].path)))
}
