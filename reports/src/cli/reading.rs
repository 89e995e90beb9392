//! Files that somebody names, read so that nobody waits in vain.
//!
//! Always holds
//! - A named pipe in a folder is refused: whoever is to write to it may never come. What a shell passes on (`/dev/stdin`,
//!   `<(…)`) is read like a file.
//! - While a file is read, an interrupt ends the program at once: nothing was begun that would be lost.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set while a file is read.
static READING: AtomicBool = AtomicBool::new(false);

/// Whether a file is being read, and nothing else done.
pub(super) fn is_reading() -> bool {
    READING.load(Ordering::SeqCst)
}

/// A file's content, but no more than so many bytes of it.
pub(super) fn some_bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    refuse_pipe(path)?;
    READING.store(true, Ordering::SeqCst);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    READING.store(false, Ordering::SeqCst);
    read.map(|_| bytes)
}

/// A file's content.
pub(super) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    some_bytes(path, u64::MAX)
}

/// A file's text.
pub(super) fn text(path: &Path) -> io::Result<String> {
    String::from_utf8(bytes(path)?).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// What a shell passes on has no place in any folder, so its real path is not found.
#[cfg(unix)]
fn refuse_pipe(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    if fs::metadata(path)?.file_type().is_fifo() && fs::canonicalize(path).is_ok() {
        return Err(io::Error::other("it is a named pipe; a file is wanted, or /dev/stdin"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_pipe(path: &Path) -> io::Result<()> {
    fs::metadata(path).map(drop)
}
