//! Worlds drawn at random: scenario files that the reader takes, made of what real programs do with MAPI.
//!
//! A world has one or two accounts, one to three processes in up to three sessions, each running one of a few patterns;
//! perhaps a process may be killed. Smaller choices come first, so that what is shrunk becomes small.

use mapisim_model::mapi::rules::Algorithm;
use mapisim_model::scenario::file::{
    AccountFile, FaultsFile, HiveFile, HiveState, MachineFile, ProcessFile, ScheduleFile,
};
use mapisim_model::scenario::ordered::Ordered;
use mapisim_model::scenario::{Call, FORMAT, Scenario, ScenarioFile};
use proptest::prelude::*;

/// What kinds of worlds to draw.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Accounts at most: 1 or 2.
    pub accounts: usize,
    /// Processes at most: 1 to 3.
    pub processes: usize,
    /// Every profile has a name of its own.
    pub distinct_names: bool,
    /// Processes that may be killed at most.
    pub crashes: u32,
}

impl Kind {
    /// Everything there is.
    pub const ANY: Kind = Kind { accounts: 2, processes: 3, distinct_names: false, crashes: 1 };
}

/// What a program does with MAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Initialises and does nothing, as Outlook does when it starts.
    Idle,
    /// The article's Event Script service: a profile on the fly, deleted as soon as it is in use.
    Temporary,
    /// The same, and its session is never released.
    Leaks,
    /// A profile that is made, used and kept.
    Keeps,
    /// Deletes the profile of the first process.
    DeletesAnothers,
    /// Initialises while it acts as the other account.
    Impersonates,
}

/// A process of a world.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it does.
    pub pattern: Pattern,
    /// The index of its account.
    pub account: usize,
    /// Its session.
    pub session: u32,
    /// The algorithm it is installed with.
    pub algorithm: Algorithm,
    /// The number in its profile's name.
    pub profile: usize,
}

/// Names, SIDs and hives of the accounts; what is only impersonated has no hive loaded.
const ACCOUNTS: [(&str, &str, HiveState); 2] = [
    ("svc", "S-1-5-21-1004336348-1177238915-682003330-1105", HiveState::Loaded),
    ("backup", "S-1-5-21-1004336348-1177238915-682003330-500", HiveState::Unloaded),
];

/// Draws a world.
pub fn world(kind: Kind) -> impl Strategy<Value = ScenarioFile> {
    let programs = prop::collection::vec(program(kind), 1..=kind.processes);
    let windows = prop::sample::select(vec!["2000", "2000-sp4", "xp-sp2", "server-2003", "vista"]);
    (programs, windows, 0..=kind.crashes)
        .prop_map(move |(programs, windows, crashes)| file(kind, &programs, windows, crashes))
}

fn program(kind: Kind) -> impl Strategy<Value = Program> {
    let mut patterns =
        vec![Pattern::Idle, Pattern::Temporary, Pattern::Leaks, Pattern::Keeps, Pattern::DeletesAnothers];
    if kind.accounts > 1 {
        patterns.push(Pattern::Impersonates);
    }
    let pattern = prop::sample::select(patterns);
    let algorithm = prop::sample::select(Algorithm::ALL.to_vec());
    (pattern, 0..kind.accounts, 0..3_u32, algorithm, 0..2_usize).prop_map(
        |(pattern, account, session, algorithm, profile)| Program {
            pattern,
            account,
            session,
            algorithm,
            profile,
        },
    )
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
            mapi: program.algorithm.id().to_owned(),
            script: Some(script(program, &own, &first).into_iter().map(Into::into).collect()),
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
        faults: FaultsFile { crashes, crash: None },
        assumptions: Ordered::default(),
        checks: None,
        must_reach: Vec::new(),
        expect: Ordered::default(),
    }
}

fn script(program: &Program, own: &str, first: &str) -> Vec<Call> {
    let own = || own.to_owned();
    let session = || "s".to_owned();
    let starts = || {
        vec![
            Call::MAPIInitialize {},
            Call::CreateProfile { profile: own() },
            Call::MAPILogonEx { profile: own(), session: session() },
        ]
    };
    let ends = [
        Call::OpenMsgStore { session: session() },
        Call::Logoff { session: session() },
        Call::Release { session: session() },
        Call::MAPIUninitialize {},
    ];
    match program.pattern {
        Pattern::Idle => vec![Call::MAPIInitialize {}, Call::MAPIUninitialize {}],
        Pattern::Temporary => {
            let mut calls = starts();
            calls.push(Call::DeleteProfile { profile: own() });
            calls.extend(ends);
            calls
        }
        Pattern::Leaks => {
            let mut calls = starts();
            calls.push(Call::DeleteProfile { profile: own() });
            calls.push(Call::OpenMsgStore { session: session() });
            calls
        }
        Pattern::Keeps => {
            let mut calls = starts();
            calls.extend(ends);
            calls
        }
        Pattern::DeletesAnothers => vec![
            Call::MAPIInitialize {},
            Call::DeleteProfile { profile: first.to_owned() },
            Call::MAPIUninitialize {},
        ],
        Pattern::Impersonates => {
            let other = ACCOUNTS[1 - program.account].0;
            vec![
                Call::TouchHKCU {},
                Call::LogonUser { account: other.to_owned(), token: "t".to_owned() },
                Call::ImpersonateLoggedOnUser { token: "t".to_owned() },
                Call::MAPIInitialize {},
                Call::MAPIUninitialize {},
                Call::RevertToSelf {},
            ]
        }
    }
}

/// A world as a checked scenario: through its text, as users' files come in.
pub fn checked(file: &ScenarioFile) -> Scenario {
    crate::scenario("drawn.json", &file.to_text())
}

/// The same world with a schedule.
pub fn scheduled(file: &ScenarioFile, schedule: &str) -> ScenarioFile {
    ScenarioFile { schedule: Some(ScheduleFile::Text(schedule.to_owned())), ..file.clone() }
}
