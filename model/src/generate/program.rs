//! What a program of a drawn world does with MAPI: a few patterns, all of them seen in the wild.

use super::ACCOUNTS;
use crate::scenario::Call;

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

/// What a second thread of a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// Logs on to the program's profile while the other thread does what it does.
    Uses,
    /// Deletes the program's profile while the other thread may be using it.
    Deletes,
    /// Initialises while it alone acts as the other account.
    Impersonates,
}

/// A process of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What it does.
    pub pattern: Pattern,
    /// What its second thread does, if it has one.
    pub worker: Option<Worker>,
    /// The index of its account: 0 or 1.
    pub account: usize,
    /// Its session.
    pub session: u32,
    /// The product, version or algorithm that it is installed with.
    pub mapi: &'static str,
    /// The number in its profile's name.
    pub profile: usize,
}

/// How often a temporary profile is used before it is let go.
const EVENTS: usize = 3;

impl Program {
    /// Its calls, where its own profile and that of the first process have these names.
    pub fn script(&self, own: &str, first: &str) -> Vec<Call> {
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
        match self.pattern {
            Pattern::Idle => vec![Call::MAPIInitialize {}, Call::MAPIUninitialize {}],
            Pattern::Temporary => {
                let mut calls = starts();
                calls.push(Call::DeleteProfile { profile: own() });
                // It is used for a while, as by a service that handles one event after the other.
                calls.extend((1..EVENTS).map(|_| Call::OpenMsgStore { session: session() }));
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
            Pattern::Impersonates => impersonates(self.account),
        }
    }
}

impl Worker {
    /// Its calls, in a process of that account whose profile has this name.
    pub fn script(self, account: usize, own: &str) -> Vec<Call> {
        let session = || "w".to_owned();
        match self {
            Worker::Uses => vec![
                Call::MAPIInitialize {},
                Call::MAPILogonEx { profile: own.to_owned(), session: session() },
                Call::OpenMsgStore { session: session() },
                Call::Logoff { session: session() },
                Call::Release { session: session() },
                Call::MAPIUninitialize {},
            ],
            Worker::Deletes => vec![
                Call::MAPIInitialize {},
                Call::DeleteProfile { profile: own.to_owned() },
                Call::MAPIUninitialize {},
            ],
            Worker::Impersonates => impersonates(account),
        }
    }
}

fn impersonates(account: usize) -> Vec<Call> {
    let other = ACCOUNTS[1 - account].0;
    vec![
        Call::TouchHKCU {},
        Call::LogonUser { account: other.to_owned(), token: "t".to_owned() },
        Call::ImpersonateLoggedOnUser { token: "t".to_owned() },
        Call::MAPIInitialize {},
        Call::MAPIUninitialize {},
        Call::RevertToSelf {},
    ]
}
