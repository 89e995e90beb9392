//! Worlds drawn at random: scenario files that the reader takes, made of what real programs do with MAPI.
//!
//! A world has one or two accounts, two or three processes in up to two sessions, each with a MAPI of its own and one
//! of a few patterns of calls; perhaps processes may be killed. Everything is a [`proptest`] strategy, so that your own
//! tests can use it, and smaller choices come first, so that what proptest shrinks becomes small. Of a number and a seed
//! [`case`] makes always the same world.
//!
//! Always holds
//! - Every world is a scenario that the reader takes, with no schedule and no expectation.
//!
//! ```
//! use mapisim_model::check::{Bounds, check};
//! use mapisim_model::generate::{Kind, case};
//! use mapisim_model::mapi::rules::{Algorithm, Build};
//! use mapisim_model::outcome::Verdict;
//! use mapisim_model::scenario::read;
//!
//! let file = case(Kind { processes: 2, ..Kind::PRODUCTS }, 1, 0);
//! let scenario = read("drawn.json", &file.to_text()).unwrap();
//! let bounds = Bounds { states_max: 100_000, ..Bounds::default() };
//! let outcome = check(&scenario, Build::All(Algorithm::Lease), &bounds).unwrap();
//! assert!(!matches!(outcome.verdict, Verdict::Broken(_)), "the repair loses no profile");
//! ```

/// The examples of the page about fuzzing.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/fuzzing.md")]
struct Page;

mod program;

pub use program::{Pattern, Program};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::mapi::product::Product;
use crate::mapi::rules::Algorithm;
use crate::scenario::file::{AccountFile, FaultsFile, HiveFile, HiveState, MachineFile, ProcessFile};
use crate::scenario::ordered::Ordered;
use crate::scenario::{FORMAT, ScenarioFile};

/// What kinds of worlds to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Accounts at most: 1 or 2.
    pub accounts: usize,
    /// Processes at most; two at least, unless this is 1.
    pub processes: usize,
    /// Every profile has a name of its own.
    pub distinct_names: bool,
    /// Processes that may be killed at most.
    pub crashes: u32,
    /// Processes have products, as they were sold; else any version of the algorithm.
    pub products: bool,
}

impl Kind {
    /// Everything there is, with any version of the algorithm.
    pub const ANY: Kind =
        Kind { accounts: 2, processes: 3, distinct_names: false, crashes: 1, products: false };
    /// Everything there is, with the products that were sold.
    pub const PRODUCTS: Kind = Kind { products: true, ..Kind::ANY };
}

/// Names, SIDs and hives of the accounts; what is only impersonated has no hive loaded.
pub(crate) const ACCOUNTS: [(&str, &str, HiveState); 2] = [
    ("svc", "S-1-5-21-1004336348-1177238915-682003330-1105", HiveState::Loaded),
    ("backup", "S-1-5-21-1004336348-1177238915-682003330-500", HiveState::Unloaded),
];

/// Draws a world.
pub fn world(kind: Kind) -> impl Strategy<Value = ScenarioFile> {
    // One process alone harms nobody.
    let programs = prop::collection::vec(program(kind), kind.processes.min(2)..=kind.processes);
    let windows = prop::sample::select(vec!["2000", "2000-sp4", "xp-sp2", "server-2003", "vista"]);
    (programs, windows, 0..=kind.crashes)
        .prop_map(move |(programs, windows, crashes)| file(kind, &programs, windows, crashes))
}

/// Draws one process.
pub fn program(kind: Kind) -> impl Strategy<Value = Program> {
    // Patterns that can harm each other come often: one who needs a profile, and one who may sweep it.
    let mut patterns = vec![
        (3, Pattern::Idle),
        (4, Pattern::Temporary),
        (1, Pattern::Leaks),
        (1, Pattern::Keeps),
        (1, Pattern::DeletesAnothers),
    ];
    if kind.accounts > 1 {
        patterns.push((3, Pattern::Impersonates));
    }
    let patterns =
        patterns.into_iter().flat_map(|(weight, pattern)| vec![pattern; weight]).collect::<Vec<_>>();
    let mapi: Vec<&'static str> = if kind.products {
        Product::ALL.map(Product::id).to_vec()
    } else {
        Algorithm::ALL.map(Algorithm::id).to_vec()
    };
    let pattern = prop::sample::select(patterns);
    let mapi = prop::sample::select(mapi);
    // Most programs of a server run as one account.
    let accounts: Vec<usize> = if kind.accounts > 1 { vec![0, 0, 0, 0, 0, 1] } else { vec![0] };
    (pattern, prop::sample::select(accounts), 0..2_u32, mapi, 0..2_usize).prop_map(
        |(pattern, account, session, mapi, profile)| Program { pattern, account, session, mapi, profile },
    )
}

/// World number `number` of a seed. Each has a ChaCha stream of its own, so number 17 needs no draw of 0 to 16.
pub fn case(kind: Kind, seed: u64, number: u64) -> ScenarioFile {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { failure_persistence: None, ..Config::default() };
    let drawn = world(kind).new_tree(&mut TestRunner::new_with_rng(config, random));
    drawn.expect("nothing is filtered out of it").current()
}

/// The scenario file of a world.
pub fn file(kind: Kind, programs: &[Program], windows: &str, crashes: u32) -> ScenarioFile {
    let accounts = ACCOUNTS[..kind.accounts].iter().map(|(name, sid, hive)| {
        let account = AccountFile {
            sid: Some((*sid).to_owned()),
            groups: vec!["Administrators".to_owned()],
            privileges: vec!["SeTcbPrivilege".to_owned()],
            hive: *hive,
        };
        ((*name).to_owned(), account)
    });
    let processes = programs.iter().enumerate().map(|(index, program)| {
        let profile = |index: usize, drawn: usize| {
            let number = if kind.distinct_names { index } else { drawn };
            format!("Profile {number}")
        };
        let own = profile(index, program.profile);
        let first = profile(0, programs[0].profile);
        let process = ProcessFile {
            account: ACCOUNTS[program.account].0.to_owned(),
            session: program.session,
            mapi: program.mapi.to_owned(),
            script: Some(program.script(&own, &first).into_iter().map(Into::into).collect()),
            threads: None,
        };
        (format!("p{index}.exe"), process)
    });
    let hive = HiveFile { profiles: vec!["MS Exchange Settings".to_owned()], ..HiveFile::default() };
    ScenarioFile {
        schema: None,
        format: FORMAT,
        title: "drawn at random".to_owned(),
        about: String::new(),
        sources: Vec::new(),
        machine: MachineFile { windows: windows.to_owned(), terminal_services: Some(true) },
        accounts: accounts.collect(),
        hives: Ordered(vec![("svc".to_owned(), hive)]),
        processes: processes.collect(),
        schedule: None,
        faults: FaultsFile { crashes, ..FaultsFile::default() },
        assumptions: Ordered::default(),
        checks: None,
        must_reach: Vec::new(),
        expect: Ordered::default(),
    }
}
