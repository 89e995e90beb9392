//! Is what the documents say still so?
//!
//! - paths, source files and links that they name exist; the code map has every source file
//! - CHANGELOG.md has this version
//! - `facts`: facts that the code cites are in the documents, and so are the assumptions and the sources of scenarios
//! - `readme`: its scenarios read and come out as they say; its commands print what it shows; its exit statuses, commands,
//!   flags, algorithms and properties are ours; its two commands are what CI runs
//!
//! Not checked: whether a sentence is true. That is what reviews are for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[path = "documents/facts.rs"]
mod facts;
#[path = "documents/readme.rs"]
mod readme;

/// The documents that people read.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/story.md",
    "docs/claims.md",
    "docs/fidelity.md",
    "docs/mutants.md",
    "docs/repair.md",
    "docs/performance.md",
    "docs/reports.md",
    "docs/against.md",
    "docs/ci.md",
    "docs/cluster.md",
    "docs/assumptions.md",
    "docs/facts/os.md",
    "docs/facts/mapi.md",
    "tests/oracle/README.md",
];

/// The folders whose source files the code map has to name; others it may.
const MAPPED: [&str; 4] = ["sim/src", "model/src", "reports/src", "cluster/src"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate is in the workspace").to_path_buf()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a folder of the repository, as a path from its root, sorted.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(root().join(&folder)).unwrap_or_else(|error| panic!("{folder}: {error}"))
        {
            let entry = entry.expect("a folder that opens can be listed");
            let name = entry.file_name().into_string().expect("our file names are Unicode");
            let path = format!("{folder}/{name}");
            if entry.file_type().expect("its type is known").is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn source_files() -> Vec<String> {
    let everywhere = ["sim", "model", "reports", "cluster", "tests"].into_iter().flat_map(files);
    everywhere.filter(|path| is_a(path, "rs") && !path.contains("/target/")).collect()
}

fn is_a(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// The text between backticks, block quotes of code left out.
fn code_spans(document: &str) -> Vec<String> {
    let prose = without_blocks(document);
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn without_blocks(document: &str) -> String {
    let mut inside = false;
    let outside = document.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

/// The blocks of a language: the line before the fence, and the text inside.
fn blocks(document: &str, language: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = document.lines().peekable();
    let mut before = String::new();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((before.clone(), inside.join("\n")));
        }
        if !line.is_empty() {
            line.clone_into(&mut before);
        }
    }
    found
}

// ---- what is named exists ------------------------------------------------------------------------

/// The code map: under `### ` and a folder in backticks, every list entry begins with file names in backticks.
fn code_map() -> BTreeMap<String, usize> {
    let mut mapped = BTreeMap::new();
    let mut folder = None;
    for line in read("ARCHITECTURE.md").lines() {
        if line.starts_with('#') {
            let span = line.strip_prefix("### `").and_then(|rest| rest.split_once("/`"));
            folder = span.map(|(folder, _)| folder.to_owned());
        } else if let (Some(folder), Some(entry)) = (&folder, line.strip_prefix("- ")) {
            let files = entry.split_once(':').unwrap_or_else(|| panic!("no description: {line}")).0;
            for name in files.split('`').skip(1).step_by(2) {
                *mapped.entry(format!("{folder}/{name}")).or_insert(0) += 1;
            }
        }
    }
    mapped
}

#[test]
fn the_code_map_names_every_source_file_once_and_nothing_else() {
    let mapped = code_map();
    let there: BTreeSet<String> =
        MAPPED.into_iter().flat_map(files).filter(|path| is_a(path, "rs")).collect();
    let missing: Vec<_> = there.iter().filter(|path| !mapped.contains_key(*path)).collect();
    let gone: Vec<_> = mapped.keys().filter(|path| !root().join(path).is_file()).collect();
    let twice: Vec<_> = mapped.iter().filter(|(_, times)| **times > 1).collect();
    assert!(
        missing.is_empty() && gone.is_empty() && twice.is_empty(),
        "ARCHITECTURE.md's code map: not named: {missing:#?}\nnot there: {gone:#?}\nnamed twice: {twice:#?}"
    );
    assert!(mapped.len() > 50, "the code map was not found: {mapped:?}");
}

#[test]
fn every_path_and_source_file_that_a_document_names_exists() {
    let sources = source_files();
    let mut checked = 0;
    for document in DOCUMENTS {
        for span in code_spans(&read(document)) {
            let ours = ["sim/", "model/", "reports/", "cluster/", "tests/", "scenarios/", "docs/", ".ci/"]
                .into_iter()
                .any(|folder| span.starts_with(folder));
            let ending = format!("/{span}");
            let exists = root().join(&span).exists()
                || is_a(&span, "rs") && sources.iter().any(|path| path.ends_with(&ending));
            if ours || is_a(&span, "rs") {
                assert!(exists, "{document} names `{span}`, which does not exist");
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} names were found");
}

#[test]
fn every_link_between_documents_leads_to_a_file_and_a_heading() {
    let mut checked = 0;
    for document in DOCUMENTS {
        let text = without_blocks(&read(document));
        for link in text.split("](").skip(1) {
            let link = link.split_once(')').expect("a link ends").0;
            assert!(!link.contains("://"), "{document}: {link} leads outside; name its page instead");
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(document).parent().expect("a document is in a folder");
            let target = if path.is_empty() { PathBuf::from(document) } else { folder.join(path) };
            let there = root().join(&target);
            assert!(there.is_file(), "{document}: there is no {link}");
            if !heading.is_empty() {
                let headings = headings(&std::fs::read_to_string(&there).expect("it is a file"));
                assert!(headings.contains(heading), "{document}: {link} has only {headings:?}");
            }
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found");
}

/// Headings as they are linked to.
fn headings(document: &str) -> BTreeSet<String> {
    let prose = without_blocks(document);
    let titles =
        prose.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let slug = |title: &str| {
        let kept = title.to_lowercase();
        let kept =
            kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
    };
    titles.map(slug).collect()
}

// ---- CHANGELOG -------------------------------------------------------------------------------------

#[test]
fn the_changelog_has_this_version_and_what_is_not_released() {
    let headings: Vec<String> = read("CHANGELOG.md")
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(headings.first().map(String::as_str), Some("Unreleased"));
    assert_eq!(headings.get(1).map(String::as_str), Some(env!("CARGO_PKG_VERSION")), "the newest entry");
}
