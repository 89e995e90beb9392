//! What tests on real Windows assert, asked of the machine: the vectors of (os G), by their ids.
//!
//! A vector is either modelled, as one row or more (id, set-up and call, what must come back, on which versions), or
//! left out for one of the reasons of [`LeftOut`]; never both, never neither.
//!
//! - `every_vector_is_modelled_or_left_out`: ids 1 to 128, each in one of the two
//! - `every_row_gives_what_windows_gives`: each row on each version that it is about; the table is pinned
#[path = "conformance/g1.rs"]
mod g1;
#[path = "conformance/g2.rs"]
mod g2;
#[path = "conformance/g3.rs"]
mod g3;
#[path = "conformance/g4.rs"]
mod g4;
#[path = "conformance/rig.rs"]
mod rig;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use mapisim_model::os::Windows;
use mapisim_model::os::windows::Namespaces;
use rig::{Got, Rig};

/// Why a vector is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LeftOut {
    /// It queries by a native call what no Win32 call tells: full names, basic information, section information.
    NativeQuery,
    /// It creates or opens by a native call with attributes or absolute names that kernel32 never passes.
    NativeCreate,
    /// It is about buffers and pointers of the caller, which the machine does not have.
    Buffers,
    /// Change notification is not modelled.
    Notification,
    /// Renaming keys is not modelled.
    Renaming,
    /// Registry links and the merged view of HKEY_CLASSES_ROOT are not modelled.
    LinksAndMergedViews,
    /// Hives are mounted by accounts' logons, not by the path of a file.
    MountPoints,
    /// Flags, addresses and offsets of sections and views are not modelled.
    SectionFlags,
    /// Access lists of the caller's own and restricted tokens are not modelled.
    AccessLists,
    /// Token handles have no rights, tokens no luids and no settable information.
    TokenHandles,
    /// No step starts a process.
    StartingProcesses,
    /// Processes are not enumerated.
    Enumeration,
}

impl LeftOut {
    /// It in words.
    fn words(self) -> &'static str {
        match self {
            Self::NativeQuery => "queries by a native call what no Win32 call tells",
            Self::NativeCreate => "creates or opens by a native call in a way that kernel32 never does",
            Self::Buffers => "is about the caller's buffers and pointers, which the machine does not have",
            Self::Notification => "change notification is not modelled",
            Self::Renaming => "renaming keys is not modelled",
            Self::LinksAndMergedViews => "registry links and HKEY_CLASSES_ROOT are not modelled",
            Self::MountPoints => "hives are loaded by account, not mounted by a file's path",
            Self::SectionFlags => "flags, addresses and offsets of sections and views are not modelled",
            Self::AccessLists => "access lists of the caller's own and restricted tokens are not modelled",
            Self::TokenHandles => "token handles have no rights, tokens no luids and nothing to be set",
            Self::StartingProcesses => "no step starts a process",
            Self::Enumeration => "processes are not enumerated",
        }
    }
}

/// One assertion of a vector.
pub(crate) struct Row {
    id: u32,
    what: &'static str,
    ask: fn(&mut Rig) -> Got,
    expected: Got,
    on: fn(&Windows) -> bool,
}

impl Row {
    /// An assertion about every version.
    pub(crate) fn new(id: u32, what: &'static str, ask: fn(&mut Rig) -> Got, expected: Got) -> Self {
        Self { id, what, ask, expected, on: |_| true }
    }

    /// The same about some versions only.
    pub(crate) fn on(self, on: fn(&Windows) -> bool) -> Self {
        Self { on, ..self }
    }
}

pub(crate) fn code(number: u32) -> Got {
    Got::Code(number)
}

fn is_at_least(windows: &Windows, other: &Windows) -> bool {
    let place = |version: &Windows| Windows::ALL.iter().position(|known| known == version);
    place(windows) >= place(other)
}

pub(crate) fn nt4(windows: &Windows) -> bool {
    !from_2000(windows)
}

pub(crate) fn from_2000(windows: &Windows) -> bool {
    windows.namespaces == Namespaces::Prefixes
}

pub(crate) fn from_xp(windows: &Windows) -> bool {
    is_at_least(windows, &Windows::XP)
}

pub(crate) fn before_xp(windows: &Windows) -> bool {
    !from_xp(windows)
}

pub(crate) fn from_vista(windows: &Windows) -> bool {
    is_at_least(windows, &Windows::VISTA)
}

pub(crate) fn before_vista(windows: &Windows) -> bool {
    !from_vista(windows)
}

/// A section's name, its ids, its rows, and what it leaves out.
type Section = (&'static str, std::ops::RangeInclusive<u32>, Vec<Row>, &'static [(u32, LeftOut)]);

fn sections() -> [Section; 4] {
    [
        ("G.1", 1..=43, g1::rows(), g1::LEFT_OUT),
        ("G.2", 44..=72, g2::rows(), g2::LEFT_OUT),
        ("G.3", 73..=103, g3::rows(), g3::LEFT_OUT),
        ("G.4", 104..=128, g4::rows(), g4::LEFT_OUT),
    ]
}

#[test]
fn every_vector_is_modelled_or_left_out() {
    for (name, ids, rows, left_out) in sections() {
        let modelled: BTreeSet<u32> = rows.iter().map(|row| row.id).collect();
        let without: BTreeSet<u32> = left_out.iter().map(|(id, _)| *id).collect();
        assert_eq!(without.len(), left_out.len(), "{name}: each is left out for one reason");
        assert_eq!(modelled.intersection(&without).count(), 0, "{name}: none is both");
        let all: BTreeSet<u32> = modelled.union(&without).copied().collect();
        assert_eq!(all, ids.collect(), "{name}: each is one of the two");
    }
}

#[test]
fn every_row_gives_what_windows_gives() {
    let mut table = String::from(
        "| section | vectors | modelled and passing | left out | rows | asked, on all versions |\n",
    );
    table += "|---|---|---|---|---|---|\n";
    let mut sums = [0; 5];
    let mut reasons: BTreeMap<LeftOut, Vec<String>> = BTreeMap::new();
    let mut faults = Vec::new();
    for (name, ids, rows, left_out) in sections() {
        let modelled: BTreeSet<u32> = rows.iter().map(|row| row.id).collect();
        let mut asked = 0;
        for row in &rows {
            let versions: Vec<&Windows> = Windows::ALL.iter().filter(|version| (row.on)(version)).collect();
            assert!(!versions.is_empty(), "{name} {} is about no version", row.id);
            asked += versions.len();
            for version in versions {
                let got = (row.ask)(&mut Rig::new(*version));
                if got != row.expected {
                    let Row { id, what, expected, .. } = row;
                    faults.push(format!("{id} ({what}) on {version}: {got:?}, Windows gives {expected:?}"));
                }
            }
        }
        let numbers = [ids.count(), modelled.len(), left_out.len(), rows.len(), asked];
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum += number;
        }
        table += &line(name, numbers);
        for (id, reason) in left_out {
            reasons.entry(*reason).or_default().push(id.to_string());
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    table += &line("all", sums);
    table += "\n| left out | because it, or since |\n|---|---|\n";
    for (reason, ids) in &reasons {
        writeln!(table, "| {} | {} |", ids.join(", "), reason.words()).expect("a string takes all");
    }
    println!("{table}");
    mapisim_tests::hold_block("docs/fidelity.md", "vectors", &table);
}

fn line(name: &str, numbers: [usize; 5]) -> String {
    let cells: Vec<String> = numbers.iter().map(usize::to_string).collect();
    format!("| {name} | {} |\n", cells.join(" | "))
}
