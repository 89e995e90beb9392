//! What the questions share: the command called in this process, scenarios by name, worlds drawn at random, and readers
//! that are not ours.
//!
//! The questions themselves are in `tests/`, one file each:
//! - `verdicts.rs`: does every shipped scenario come out as it says, with every build?
//! - `cli.rs`: does the command do what its users' scripts rely on?
//! - `reports.rs`: what do people see? (snapshots)
//! - `against.rs`: is a run the same order with another build, and is the difference told?
//! - `matrix.rs`: is the matrix every scenario against everything?
//! - `mattered.rs`: is what is said to have mattered true of runs that were drawn?
//! - `assumptions.rs`: which verdicts hang on what the sources leave open?
//! - `determinism.rs`: are two runs the same, byte for byte?
//! - `checkpoint.rs`: does a search that was cut off end as if it had not been?
//! - `pinned.rs`: does what was found mean what it meant before?
//! - `replay.rs`: does a saved counterexample show what was found?
//! - `properties.rs`: what holds in worlds that nobody wrote?
//! - `mutants.rs`: is every rule of every build missed when it is left out?
//! - `diagnose.rs`: does a diagnosis find what the stories say?
//! - `repair.rs`: does the repair keep what its page says?
//! - `fuzz.rs`: what does fuzzing find, how small does it make it, and is it the same every time?
//! - `shrink.rs`: does shrinking give a smaller scenario that shows the same?
//! - `coverage.rs`: what of the algorithm do the shipped scenarios take?
//! - `reduction.rs`: do fewer states find the same?
//! - `instructions.rs`: does the same answer take more work than it did?
//! - `layers.rs`: who imports whom, and are the project's own rules kept?
//! - `fidelity.rs`: is the list of what is modelled still true?
//! - `documents.rs`: is what the documents say still so?
//! - `foreign.rs`: do readers that others wrote take our files?
//! - `writing.rs`: does a full disk leave what was there as it was?

pub mod command;
pub mod foreign;
pub mod generate;

use std::path::{Path, PathBuf};

use mapisim::cells::Running;
use mapisim_model::check::WHOLE_MAX;
use mapisim_model::reg_file::RegSource;
use mapisim_model::scenario::{Scenario, read};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate is in the workspace").to_path_buf()
}

/// A file of the repository, as text.
pub fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Holds a block of a document to what a test has found out: what stands between `<!-- NAME -->` and `<!-- end of NAME -->`
/// has to be just that. Where it is not, it is written anew.
///
/// # Panics
/// Where the block was not up to date, or there is none.
pub fn hold_block(document: &str, name: &str, found: &str) {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let text = file(document);
    let parts = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?)));
    let Some((before, (block, after))) = parts else { panic!("{document} has no block {name}") };
    let found = format!("\n{}\n\n", found.trim_end());
    if block != found {
        let anew = format!("{before}{begin}{found}{end}{after}");
        std::fs::write(root().join(document), anew).unwrap_or_else(|error| panic!("{document}: {error}"));
        panic!(
            "the block {name} of {document} was out of date and has been written anew: look at it and commit it"
        );
    }
}

/// A scenario from its text, which has to be one.
pub fn scenario(name: &str, text: &str) -> Scenario {
    read(name, text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// A shipped scenario by its name, `scenarios/article/bug-1.json`.
pub fn shipped(name: &str) -> Scenario {
    scenario(name, &file(name))
}

/// Every shipped scenario, with what it imports.
pub fn every_shipped() -> Vec<Scenario> {
    let shipped = mapisim::shipped::scenarios();
    assert!(shipped.len() >= 18, "only {} scenarios are shipped", shipped.len());
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("a shipped scenario is text");
    shipped.iter().map(|(name, bytes)| with_imports(scenario(name, &text(bytes)))).collect()
}

/// What a shipped scenario imports is shipped beside it.
fn with_imports(scenario: Scenario) -> Scenario {
    let (folder, _) = scenario.name.rsplit_once('/').expect("a shipped scenario lies in a folder");
    let source = |path: &str| {
        let name = format!("{folder}/{path}");
        let bytes = mapisim::shipped::file(&name).expect("what is imported is shipped").to_vec();
        (path.to_owned(), RegSource { name, bytes })
    };
    let sources = scenario.imports().into_iter().map(source).collect();
    scenario.with_imports(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}

/// How scenarios are run that nobody waits for: up to so many states of one search, and to the end.
pub fn running(states_max: usize) -> Running<'static> {
    Running {
        states_max,
        bytes_max: usize::MAX,
        twice: false,
        whole_max: WHOLE_MAX,
        jobs: None,
        go_on: &|| true,
        in_time: &|| true,
        finished: &|| {},
    }
}
