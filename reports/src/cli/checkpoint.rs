//! `run --checkpoint FILE` and `run --resume FILE`: a search that goes on another day.

use std::path::Path;
use std::sync::Mutex;

use mapisim_model::scenario::visible::quoted;
use mapisim_sim::Checkpoint;

use super::exit::Status;
use super::files::write;
use super::output::Io;
use super::run::Effort;
use crate::cells::Cell;
use crate::checkpoint::{Identity, open, seal};

/// Where a search is kept.
pub(super) struct Keeper<'a> {
    file: &'a Path,
    identity: Identity,
    /// Why it could not be kept the last time.
    trouble: Mutex<Option<std::io::Error>>,
}

impl<'a> Keeper<'a> {
    /// A keeper of the one cell that is searched; more than one is told of, or none.
    pub(super) fn new(
        file: &'a Path,
        planned: &[Cell<'_>],
        effort: &Effort,
        io: &mut Io<'_>,
    ) -> Result<Self, Status> {
        let searched: Vec<&Cell<'_>> = searched(planned).map(|(_, cell)| cell).collect();
        let [cell] = searched[..] else {
            io.complain(&format!(
                "--checkpoint keeps one search, and {} are asked for: name one scenario without a schedule, and one \
                 --algorithm",
                searched.len()
            ));
            return Err(Status::BadInput);
        };
        Ok(Keeper { file, identity: identity(cell, effort), trouble: Mutex::new(None) })
    }

    /// Writes what a search needs to go on, whole or not at all.
    pub(super) fn keep(&self, checkpoint: &Checkpoint) {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let name = self.file.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| std::io::Error::other("it is no name of a file"));
        let bytes = seal(self.identity, checkpoint);
        let written = name.and_then(|name| write(folder.unwrap_or(Path::new(".")), &name, &bytes));
        *self.trouble.lock().expect("nobody panics holding it") = written.err();
    }

    /// Tells why the search could not be kept.
    pub(super) fn status(self, io: &mut Io<'_>) -> Status {
        match self.trouble.into_inner().expect("nobody panics holding it") {
            None => Status::AsExpected,
            Some(error) => {
                let file = quoted(&self.file.to_string_lossy());
                io.complain(&format!("{file} could not be written: {error}"));
                Status::Unwritten
            }
        }
    }
}

/// The cell that a file goes on with, by its place, and from where; what is wrong with the file is told.
pub(super) fn resumed(
    file: &Path,
    planned: &[Cell<'_>],
    effort: &Effort,
    io: &mut Io<'_>,
) -> Result<(usize, Checkpoint), Status> {
    let refused = |why: &str, io: &mut Io<'_>| {
        io.complain(&format!("{} cannot be resumed: {why}", quoted(&file.to_string_lossy())));
        Status::BadInput
    };
    let bytes = super::reading::bytes(file).map_err(|error| refused(&error.to_string(), io))?;
    let (theirs, checkpoint) = open(&bytes).map_err(|why| refused(&why.to_string(), io))?;
    let mine = searched(planned).find(|(_, cell)| identity(cell, effort) == theirs);
    mine.map(|(place, _)| (place, checkpoint)).ok_or_else(|| {
        refused(
            "it is of another search (another scenario, --algorithm, --max-states or --max-memory), or of another version \
             of mapisim",
            io,
        )
    })
}

/// The cells whose every interleaving is searched, with their places.
fn searched<'c, 'a>(planned: &'c [Cell<'a>]) -> impl Iterator<Item = (usize, &'c Cell<'a>)> {
    planned.iter().enumerate().filter(|(_, cell)| cell.scenario.schedule.is_none())
}

fn identity(cell: &Cell<'_>, effort: &Effort) -> Identity {
    Identity::of(cell.scenario, cell.build, effort.max_states as usize, effort.bytes_max())
}
