//! A checkpoint's file: whose search it is, whether it came through unharmed, and the search.
//!
//! ```text
//! mapisim checkpoint 1\n   what it is
//! 32 bytes                 whose: a hash of the program, the scenario, the build and the bounds
//! 32 bytes                 a hash of all the rest
//! the rest                 the search
//! ```
//!
//! Invariants
//! - The same search at the same level gives the same bytes, whatever the machine and the time.
//! - A file with one bit changed, or cut off anywhere, is refused.

use std::fmt;

use mapisim_model::mapi::rules::Build;
use mapisim_model::scenario::Scenario;
use mapisim_sim::Checkpoint;

/// What the file is, without its version.
const KIND: &[u8] = b"mapisim checkpoint ";
const VERSION: &[u8] = b"1\n";
const HASH: usize = 32;

/// Whose search a checkpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity([u8; HASH]);

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is something else.
    NoCheckpoint,
    /// It is of another version of this format.
    OtherFormat,
    /// It is cut off or was changed.
    Damaged,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::NoCheckpoint => "it is no checkpoint",
            Refused::OtherFormat => "it is a checkpoint of another version of mapisim",
            Refused::Damaged => "it is cut off or damaged",
        })
    }
}

impl Identity {
    /// That of a scenario's search with a build, within bounds on states and on bytes. The scenario's file may lie
    /// elsewhere and be laid out otherwise.
    pub fn of(scenario: &Scenario, build: Build, states_max: usize, bytes_max: usize) -> Self {
        let mut hasher = blake3::Hasher::new();
        let file = scenario.file.to_text();
        let hives = format!("{:?}", scenario.hives);
        let bounds = format!("states {states_max} bytes {bytes_max}");
        let program = concat!(env!("CARGO_PKG_VERSION"), " ", env!("MAPISIM_SOURCES"));
        for part in [program, &file, &hives, build.id(), &bounds] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Identity(hasher.finalize().into())
    }
}

/// A checkpoint's file.
pub fn seal(identity: Identity, checkpoint: &Checkpoint) -> Vec<u8> {
    let body = checkpoint.to_bytes();
    [KIND, VERSION, &identity.0, &hash(&identity.0, &body), &body].concat()
}

/// Whose search a file is, and the search.
///
/// # Errors
/// [`Refused`], where it is none that could be gone on from.
pub fn open(file: &[u8]) -> Result<(Identity, Checkpoint), Refused> {
    let rest = file.strip_prefix(KIND).ok_or_else(|| {
        if KIND.starts_with(file) && !file.is_empty() { Refused::Damaged } else { Refused::NoCheckpoint }
    })?;
    let rest = rest.strip_prefix(VERSION).ok_or_else(|| {
        let other = rest.first().is_some_and(u8::is_ascii_digit) && rest.contains(&b'\n');
        if other { Refused::OtherFormat } else { Refused::Damaged }
    })?;
    let (identity, rest) = rest.split_first_chunk::<HASH>().ok_or(Refused::Damaged)?;
    let (told, body) = rest.split_first_chunk::<HASH>().ok_or(Refused::Damaged)?;
    if *told != hash(identity, body) {
        return Err(Refused::Damaged);
    }
    let checkpoint = Checkpoint::from_bytes(body).ok_or(Refused::Damaged)?;
    Ok((Identity(*identity), checkpoint))
}

fn hash(identity: &[u8; HASH], body: &[u8]) -> [u8; HASH] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(identity).update(body);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    use mapisim_model::check::{Bounds, check};
    use mapisim_model::scenario::read;

    const NAME: &str = "scenarios/article/bug-1-every-order.json";

    fn scenario() -> Scenario {
        let bytes = crate::shipped::file(NAME).expect("it is shipped");
        read(NAME, std::str::from_utf8(bytes).expect("it is text")).expect("it is a scenario")
    }

    /// The file of a search that was told to stop after so many states.
    fn file() -> Vec<u8> {
        let kept = Mutex::new(None);
        let keep = |checkpoint| *kept.lock().expect("nobody panics") = Some(checkpoint);
        let go_on = |progress: mapisim_sim::Progress| progress.states < 300;
        let bounds = Bounds { go_on: &go_on, keep: Some(&keep), ..Bounds::default() };
        check(&scenario(), Build::AsInstalled, &bounds).expect("it has no schedule");
        let kept = kept.into_inner().expect("nobody panics").expect("it was told to stop");
        seal(Identity::of(&scenario(), Build::AsInstalled, 1, 1), &kept)
    }

    #[test]
    fn whose_search_it_is_depends_on_the_scenario_the_build_and_the_bounds() {
        let mut other = scenario();
        other.file.title.push('!');
        let mut moved = scenario();
        moved.name = "elsewhere.json".to_owned();
        let mine = Identity::of(&scenario(), Build::AsInstalled, 1, 2);
        assert_eq!(mine, Identity::of(&moved, Build::AsInstalled, 1, 2));
        let another = Build::all().find(|build| *build != Build::AsInstalled).expect("there are several");
        for theirs in [
            Identity::of(&other, Build::AsInstalled, 1, 2),
            Identity::of(&scenario(), another, 1, 2),
            Identity::of(&scenario(), Build::AsInstalled, 2, 2),
            Identity::of(&scenario(), Build::AsInstalled, 1, 1),
        ] {
            assert_ne!(mine, theirs);
        }
    }

    #[test]
    fn a_file_reads_back_and_is_refused_with_a_bit_changed_or_cut_off() {
        let file = file();
        let (identity, checkpoint) = open(&file).expect("it reads back");
        assert_eq!(seal(identity, &checkpoint), file);
        assert!(checkpoint.states() > 100);
        // All of its head, and something of the rest everywhere.
        let places = || (0..200).chain((200..file.len()).step_by(file.len() / 500));
        for length in places() {
            assert!(open(&file[..length]).is_err(), "{length} bytes of it are taken");
        }
        let mut changed = file.clone();
        for at in places() {
            let bit = 1 << (at % 8);
            changed[at] ^= bit;
            assert!(open(&changed).is_err(), "it is taken with byte {at} changed");
            changed[at] ^= bit;
        }
    }

    #[test]
    fn a_file_that_is_refused_is_told_why() {
        let file = file();
        let newer = [KIND, b"2\n", &file[KIND.len() + VERSION.len()..]].concat();
        for (bytes, why) in [
            (&b"{}"[..], Refused::NoCheckpoint),
            (b"", Refused::NoCheckpoint),
            (&newer, Refused::OtherFormat),
            (&file[..10], Refused::Damaged),
            (&file[..file.len() - 1], Refused::Damaged),
        ] {
            assert_eq!(open(bytes), Err(why));
        }
    }
}
