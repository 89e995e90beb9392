//! A scenario that was checked: what a world is built from. Every name in it is resolved, every repetition unrolled.
//!
//! Invariants
//! - Processes, threads and calls are in the order of the file, and within the format's bounds.
//! - Every account, session and token that a call names exists by then, if the calls before it succeed.
//! - No two threads have one display name, and no two accounts one SID.

use mapisim_sim::{Schedule, Turn};

use super::call::Call;
use super::faults::OtherFaults;
use super::file::ScenarioFile;
use super::place::Place;
use crate::mapi::assumptions::Assumptions;
use crate::mapi::hresult::HResult;
use crate::mapi::product::{DllVersion, Product};
use crate::mapi::rules::{Algorithm, Build};
use crate::os;
use crate::os::error::Win32Error;
use crate::os::windows::Windows;
use crate::probe::Probe;
use crate::property::Property;
use crate::reg_file::HiveTree;

/// A checked scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's name, as it was given to the reader.
    pub name: String,
    /// One line that says what happens.
    pub title: String,
    /// Markdown; may be empty.
    pub about: String,
    /// Where the story comes from.
    pub sources: Vec<String>,
    /// The version of Windows.
    pub windows: Windows,
    /// Whether Terminal Services are on.
    pub terminal_services: bool,
    /// The accounts, in the order of the file.
    pub accounts: Vec<Account>,
    /// What hives hold at the beginning, in the order of the file.
    pub hives: Vec<Hive>,
    /// The processes, in the order of the file.
    pub processes: Vec<Process>,
    /// Who runs when; `None`: every interleaving.
    pub schedule: Option<Schedule>,
    /// How many processes may be killed.
    pub crashes: u32,
    /// Which processes may be killed: indices into `processes`, ascending.
    pub may_crash: Vec<usize>,
    /// How many threads may die alone, of those processes.
    pub thread_deaths: u32,
    /// How often the machine may crash: not at all, or once.
    pub machine_crashes: u32,
    /// Where the faults are not those of the file: what was asked for. What the file expects is not about them.
    pub other_faults: Option<OtherFaults>,
    /// The properties to look at, in their order.
    pub checks: Vec<Property>,
    /// What the sources leave open, settled.
    pub assumptions: Assumptions,
    /// What a run or search has to come past, in their order.
    pub must_reach: Vec<Probe>,
    /// What is expected, in the order of the file.
    pub expect: Vec<Expectation>,
    /// The file as it was written, to write a changed one from.
    pub file: ScenarioFile,
}

/// An account of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, SID, groups and privileges.
    pub account: os::account::Account,
    /// Whether its hive is loaded at the beginning.
    pub hive_loaded: bool,
}

/// What a hive holds at the beginning. For an account whose hive is not loaded: what it will hold once it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hive {
    /// The name of an account, or `.DEFAULT`.
    pub owner: String,
    /// What it holds.
    pub content: HiveContent,
}

/// What a hive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HiveContent {
    /// These profiles, and these names marked as deleted.
    Profiles {
        /// The profiles.
        profiles: Vec<String>,
        /// The marked names; a mark may be there without its profile.
        deleted: Vec<String>,
    },
    /// What a `.reg` file says: its path, seen from the scenario's folder. Nobody has looked whether it is there.
    Import(String),
    /// What that file said.
    Imported {
        /// Its path, as the scenario has it.
        path: String,
        /// What it makes of an empty hive.
        tree: HiveTree,
    },
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// The index in `accounts` of the account that it runs as.
    pub account: usize,
    /// Its session.
    pub session: u32,
    /// The MAPI that it uses.
    pub mapi: Mapi,
    /// Its threads, at least one.
    pub threads: Vec<Thread>,
}

/// The MAPI that a process uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapi {
    /// As the file has it.
    pub written: String,
    /// What that means.
    pub version: Version,
}

/// What the name of a MAPI means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// A product.
    Product(Product),
    /// The product that a `mapi32.dll` of that version belongs to.
    Dll(DllVersion, Product),
    /// An algorithm, whoever ships it.
    Algorithm(Algorithm),
}

impl Mapi {
    /// The algorithm that it has.
    pub fn algorithm(&self) -> Algorithm {
        match self.version {
            Version::Product(product) | Version::Dll(_, product) => product.algorithm(),
            Version::Algorithm(algorithm) => algorithm,
        }
    }

    /// The product that it is; `None` where only an algorithm is named.
    pub fn product(&self) -> Option<Product> {
        match self.version {
            Version::Product(product) | Version::Dll(_, product) => Some(product),
            Version::Algorithm(_) => None,
        }
    }
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// What it is called in schedules and reports: `process` where the file has a `script`, `process/thread` where it
    /// has `threads`.
    pub name: String,
    /// Its calls, repetitions unrolled.
    pub script: Vec<ScriptCall>,
}

/// One call of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptCall {
    /// Which, and with what.
    pub call: Call,
    /// What it must return.
    pub must: Option<Must>,
    /// Where it is in the file; calls of a repetition share their place.
    pub place: Place,
}

/// What a call must return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Must {
    /// A call of MAPI's: that code.
    Mapi(HResult),
    /// A call of Windows': that error, or `None` for `ERROR_SUCCESS`.
    Windows(Option<Win32Error>),
}

/// What is expected of one build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The build.
    pub build: Build,
    /// What is expected of it.
    pub expect: Expect,
    /// Where that is in the file.
    pub place: Place,
}

/// What can be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expect {
    /// All properties that are looked at hold.
    Holds,
    /// That property breaks, and none on a shorter run.
    Breaks(Property),
}

impl Expect {
    /// How it is written: `holds`, or the property's name.
    pub fn id(self) -> &'static str {
        match self {
            Expect::Holds => "holds",
            Expect::Breaks(property) => property.id(),
        }
    }
}

impl Scenario {
    /// What is expected of a build, if anything is; under other faults than those of the file nothing is.
    pub fn expected(&self, build: Build) -> Option<Expect> {
        self.expectation(build).map(|expectation| expectation.expect)
    }

    /// The same, with its place in the file.
    pub fn expectation(&self, build: Build) -> Option<&Expectation> {
        let own = self.other_faults.is_none();
        self.expect.iter().find(|expectation| own && expectation.build == build)
    }

    /// Whether its machine may crash, in some order or in its schedule.
    pub fn machine_may_crash(&self) -> bool {
        let mut turns = self.schedule.iter().flat_map(|schedule| &schedule.turns);
        self.machine_crashes > 0 || turns.any(|turn| matches!(turn, Turn::Fail { .. }))
    }

    /// All threads in the order of the file, each with the index of its process.
    pub fn threads(&self) -> impl Iterator<Item = (usize, &Thread)> {
        self.processes
            .iter()
            .enumerate()
            .flat_map(|(index, process)| process.threads.iter().map(move |thread| (index, thread)))
    }
}
