//! Worlds drawn at random: scenario files that the reader takes, made of what real programs do with MAPI.
//!
//! A world has one or two accounts, two or three processes in up to two sessions, with one MAPI for all or one for each,
//! and each with one of a few patterns of calls, some in a second thread; perhaps processes may be killed, threads die
//! alone, or the machine crash. Most have the article's cast: a service with a profile, and another who may sweep it. Everything is a [`proptest`] strategy, so that your own
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
//! use mapisim_model::property::Property;
//! use mapisim_model::scenario::read;
//!
//! let file = case(Kind { processes: 2, ..Kind::PRODUCTS }, 1, 0);
//! let mut scenario = read("drawn.json", &file.to_text()).unwrap();
//! scenario.checks = vec![Property::LiveProfile];
//! let bounds = Bounds { states_max: 100_000, ..Bounds::default() };
//! let outcome = check(&scenario, Build::All(Algorithm::Lease), &bounds).unwrap();
//! assert!(!matches!(outcome.verdict, Verdict::Broken(_)), "the repair loses no profile");
//! ```

/// The examples of the page about fuzzing.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/fuzzing.md")]
struct Page;

mod program;

pub use program::{Pattern, Program, Worker};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::mapi::product::Product;
use crate::mapi::rules::Algorithm;
use crate::property::Property;
use crate::scenario::file::{AccountFile, FaultsFile, HiveFile, HiveState, MachineFile, ProcessFile};
use crate::scenario::item::Item;
use crate::scenario::ordered::Ordered;
use crate::scenario::{Call, FORMAT, ScenarioFile};

/// What kinds of worlds to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Accounts at most: 1 or 2.
    pub accounts: usize,
    /// Processes at most; two at least, unless this is 1.
    pub processes: usize,
    /// Some processes have a second thread.
    pub threads: bool,
    /// Every profile has a name of its own.
    pub distinct_names: bool,
    /// Processes that may be killed at most.
    pub crashes: u32,
    /// Threads that may die alone at most, where there are two in a process.
    pub thread_deaths: u32,
    /// How often the machine may crash at most: 0 or 1. Where it may, what is left behind is looked at too.
    pub machine_crashes: u32,
    /// Processes have products, as they were sold; else any version of the algorithm.
    pub products: bool,
}

impl Kind {
    /// Processes of one thread that may be killed, with any version of the algorithm.
    pub const ANY: Kind = Kind {
        accounts: 2,
        processes: 3,
        threads: false,
        distinct_names: false,
        crashes: 1,
        thread_deaths: 0,
        machine_crashes: 0,
        products: false,
    };
    /// The same, and whatever else can fail: threads alone, and the machine.
    pub const WORST: Kind = Kind { threads: true, thread_deaths: 1, machine_crashes: 1, ..Kind::ANY };
    /// What `mapisim fuzz` draws: processes of one or two threads that may die, with the products that were sold.
    pub const PRODUCTS: Kind = Kind { threads: true, thread_deaths: 1, products: true, ..Kind::ANY };
}

/// Names, SIDs and hives of the accounts; what is only impersonated has no hive loaded.
pub(crate) const ACCOUNTS: [(&str, &str, HiveState); 2] = [
    ("svc", "S-1-5-21-1004336348-1177238915-682003330-1105", HiveState::Loaded),
    ("backup", "S-1-5-21-1004336348-1177238915-682003330-500", HiveState::Unloaded),
];

/// Draws a world.
pub fn world(kind: Kind) -> impl Strategy<Value = ScenarioFile> {
    // One process alone harms nobody; a third one mostly stands by.
    let counts: Vec<usize> = if kind.processes < 3 {
        vec![kind.processes]
    } else {
        std::iter::repeat_n(2, 3).chain(3..=kind.processes).collect()
    };
    let others = prop::collection::vec(program(kind, Role::Other), kind.processes.saturating_sub(1));
    let windows = prop::sample::select(vec!["2000", "2000-sp4", "xp-sp2", "server-2003", "vista"]);
    // On most machines one thing is installed.
    let alike = prop::sample::select(vec![true, true, true, false]);
    let faults = [kind.crashes, kind.thread_deaths, kind.machine_crashes].map(|most| {
        // Most worlds have none: what breaks without is found sooner, and easier to follow.
        prop::sample::select(
            std::iter::repeat_n(0, 2 * most.min(1) as usize).chain(0..=most).collect::<Vec<_>>(),
        )
    });
    (program(kind, Role::First), others, prop::sample::select(counts), alike, windows, faults).prop_map(
        move |(first, others, count, alike, windows, [crashes, thread_deaths, machine_crashes])| {
            let mut programs: Vec<Program> = std::iter::once(first).chain(others).take(count).collect();
            if alike {
                let mapi = programs[0].mapi;
                for program in &mut programs {
                    program.mapi = mapi;
                }
            }
            let threads = programs.iter().any(|program| program.worker.is_some());
            let thread_deaths = if threads { thread_deaths } else { 0 };
            let faults = FaultsFile { crashes, thread_deaths, machine_crashes, ..FaultsFile::default() };
            file(kind, &programs, windows, faults)
        },
    )
}

/// Which process of a world a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first: most often the one that needs a profile.
    First,
    /// Another one: most often one that may sweep it.
    Other,
}

/// Draws one process.
pub fn program(kind: Kind, role: Role) -> impl Strategy<Value = Program> {
    let mut patterns = match role {
        Role::First => vec![
            (7, Pattern::Temporary),
            (2, Pattern::Leaks),
            (1, Pattern::Keeps),
            (1, Pattern::Idle),
            (1, Pattern::DeletesAnothers),
        ],
        Role::Other => vec![
            (5, Pattern::Idle),
            (2, Pattern::Temporary),
            (1, Pattern::Leaks),
            (1, Pattern::Keeps),
            (1, Pattern::DeletesAnothers),
        ],
    };
    if kind.accounts > 1 {
        patterns.push((if role == Role::First { 1 } else { 8 }, Pattern::Impersonates));
    }
    let patterns =
        patterns.into_iter().flat_map(|(weight, pattern)| vec![pattern; weight]).collect::<Vec<_>>();
    let mut workers = vec![None; 20];
    if kind.threads {
        workers.extend([Some(Worker::Uses), Some(Worker::Deletes)]);
        workers.extend((kind.accounts > 1).then_some(Some(Worker::Impersonates)));
    }
    let mapi: Vec<&'static str> = if kind.products {
        // Those without any fix come often.
        let old = [Product::Exchange55, Product::Exchange2000, Product::Outlook];
        Product::ALL.into_iter().chain(old).chain(old).map(Product::id).collect()
    } else {
        Algorithm::ALL.map(Algorithm::id).to_vec()
    };
    let pattern = prop::sample::select(patterns);
    let worker = prop::sample::select(workers);
    let mapi = prop::sample::select(mapi);
    // Most programs of a server run as one account.
    let accounts: Vec<usize> = if kind.accounts > 1 { vec![0, 0, 0, 0, 0, 0, 0, 1] } else { vec![0] };
    (pattern, worker, prop::sample::select(accounts), 0..2_u32, mapi, 0..2_usize).prop_map(
        |(pattern, worker, account, session, mapi, profile)| Program {
            pattern,
            worker,
            account,
            session,
            mapi,
            profile,
        },
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

fn items(calls: Vec<Call>) -> Vec<Item> {
    calls.into_iter().map(Into::into).collect()
}

/// The scenario file of a world.
pub fn file(kind: Kind, programs: &[Program], windows: &str, faults: FaultsFile) -> ScenarioFile {
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
            script: program.worker.is_none().then(|| items(program.script(&own, &first))),
            threads: program.worker.map(|worker| {
                let threads = [
                    ("main", program.script(&own, &first)),
                    ("worker", worker.script(program.account, &own)),
                ];
                threads.map(|(name, calls)| (name.to_owned(), items(calls))).into_iter().collect()
            }),
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
        checks: (faults.machine_crashes > 0).then(|| {
            let checks = Property::DEFAULT.iter().chain([&Property::NoOrphan]);
            checks.map(|property| property.id().to_owned()).collect()
        }),
        faults,
        assumptions: Ordered::default(),
        must_reach: Vec::new(),
        expect: Ordered::default(),
    }
}
