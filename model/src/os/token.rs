//! Tokens: who a process or thread is, and impersonation.
//!
//! Modelled (os B)
//! - A thread's effective token is its own where it impersonates, else its process's primary token (os B.1).
//! - `LogonUser` makes a primary token; before XP its caller's *primary* token needs `SeTcbPrivilege` (os
//!   B.3).
//! - `ImpersonateLoggedOnUser` never fails for want of a right: who may not impersonate that user gets a copy
//!   at the identification level, and the next open fails (os B.2).
//! - The owner and default list of new objects (os A.10).
//!
//! Further calls on tokens are in `impersonation`.
//!
//! Not modelled: restricted tokens, UAC's filtered tokens, the delegation level, `AdjustTokenPrivileges`, rights
//! of token handles, logon SIDs, the group Terminal Server User.
//!
//! Invariants
//! - A process's token is a primary one, a thread's never is.

use std::collections::{BTreeMap, BTreeSet};

use super::account::Account;
use super::error::Win32Error;
use super::handle::Target;
use super::machine::Os;
use super::privilege::Privilege;
use super::process::ThreadId;
use super::security::{self, Dacl};
use super::shared::Shared;
use super::sid::Sid;
use super::syscall::{Answer, Handle, LogonType, Value};
use super::windows::Windows;

/// How much a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// A process's token.
    Primary,
    /// A thread's token, of a level.
    Impersonation(Level),
}

/// How far a thread's token may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It cannot even be asked who it is.
    Anonymous,
    /// It can be looked at but opens nothing.
    Identification,
    /// It has its full effect on this machine.
    Impersonation,
}

/// Whose logon a token comes from, as far as the right to impersonate depends on it: one user in one session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LogonSession {
    user: Sid,
    session: u32,
}

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    kind: TokenKind,
    user: Sid,
    groups: BTreeSet<Sid>,
    /// The privileges held, and whether each is enabled.
    privileges: BTreeMap<Privilege, bool>,
    /// The owner of objects made under this token.
    owner: Sid,
    /// `TokenSessionId`: the session of processes created with it, and nothing else (os B.5).
    session: u32,
    /// Who asked for it with explicit credentials, through `LogonUser`; nobody for a token that came from
    /// elsewhere.
    made_by: Option<LogonSession>,
}

impl Token {
    /// A fresh primary token of the account.
    pub(crate) fn primary(windows: &Windows, account: &Account, session: u32) -> Self {
        let mut groups = account.groups.clone();
        groups.extend(["Everyone", "Authenticated Users"].into_iter().filter_map(Sid::named));
        let privileges = Privilege::ALL
            .into_iter()
            .filter(|privilege| privilege.exists_in(windows))
            .filter(|privilege| {
                account.privileges.contains(privilege) || privilege.is_default_of(&account.sid, &groups)
            })
            .map(|privilege| (privilege, privilege.enabled_by_default()))
            .collect();
        // (os A.10) An administrator's objects belong to the group where the version says so.
        let administrators = Sid::named("Administrators").filter(|group| groups.contains(group));
        let owner =
            administrators.filter(|_| windows.administrators_own).unwrap_or_else(|| account.sid.clone());
        let user = account.sid.clone();
        Self { kind: TokenKind::Primary, user, groups, privileges, owner, session, made_by: None }
    }

    /// Primary, or which level.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The user.
    pub fn user(&self) -> &Sid {
        &self.user
    }

    /// The groups, all enabled.
    pub fn groups(&self) -> &BTreeSet<Sid> {
        &self.groups
    }

    /// The owner of objects made under this token.
    pub fn owner(&self) -> &Sid {
        &self.owner
    }

    /// The session of processes that would be created with it.
    pub fn session(&self) -> u32 {
        self.session
    }

    /// Whether the token holds the privilege, enabled or not.
    pub fn holds(&self, privilege: Privilege) -> bool {
        self.privileges.contains_key(&privilege)
    }

    /// Whether the privilege is held, enabled and usable: a thread's token must be at the impersonation level
    /// (os A.9).
    pub fn may_use(&self, privilege: Privilege) -> bool {
        self.has_full_effect() && self.has_enabled(privilege)
    }

    /// Whether the privilege is held and enabled, at whatever level.
    pub(crate) fn has_enabled(&self, privilege: Privilege) -> bool {
        self.privileges.get(&privilege) == Some(&true)
    }

    /// The same token as another kind.
    pub(crate) fn with_kind(&self, kind: TokenKind) -> Self {
        Self { kind, ..self.clone() }
    }

    /// The token, where it may be asked about groups and privileges.
    ///
    /// # Errors
    /// 1346 where it is anonymous (os B.2, G4.106).
    pub(crate) fn to_be_asked(&self) -> Result<&Self, Win32Error> {
        match self.kind {
            TokenKind::Impersonation(Level::Anonymous) => Err(Win32Error::BAD_IMPERSONATION_LEVEL),
            TokenKind::Primary | TokenKind::Impersonation(_) => Ok(self),
        }
    }

    fn has_full_effect(&self) -> bool {
        matches!(self.kind, TokenKind::Primary | TokenKind::Impersonation(Level::Impersonation))
    }

    /// Whether the SID is the user or one of the groups.
    pub fn is_member_of(&self, sid: &Sid) -> bool {
        self.user == *sid || self.groups.contains(sid)
    }

    /// Whether anything can be opened under this token (os B.2).
    ///
    /// # Errors
    /// The version's error at the identification level, 1346 by default; 1347 for an anonymous token, our choice
    /// among the three that real versions give.
    pub(crate) fn may_open(&self, windows: &Windows) -> Result<(), Win32Error> {
        match self.kind {
            TokenKind::Primary | TokenKind::Impersonation(Level::Impersonation) => Ok(()),
            TokenKind::Impersonation(Level::Identification) => Err(windows.open_at_identification),
            TokenKind::Impersonation(Level::Anonymous) => Err(Win32Error::CANT_OPEN_ANONYMOUS),
        }
    }

    /// The list of an object made under this token without one of its own: its owner and the system, all
    /// rights (os A.10; the contents are not documented, I.14).
    pub(crate) fn default_dacl(&self) -> Dacl {
        const GENERIC_ALL: security::AccessMask = 0x001F_FFFF;
        let system = Sid::named("LocalSystem").expect("LocalSystem is well known");
        Dacl::allowing([(self.owner.clone(), GENERIC_ALL), (system, GENERIC_ALL)])
    }

    fn logon_session(&self) -> LogonSession {
        LogonSession { user: self.user.clone(), session: self.session }
    }

    /// Whether a process with this primary token may put the other on a thread at the impersonation level (os
    /// B.2): the version does not ask, or it holds the privilege, or it is the same user, or it made the
    /// token itself.
    fn may_impersonate(&self, windows: &Windows, other: &Self) -> bool {
        !windows.impersonate_privilege
            || self.may_use(Privilege::Impersonate)
            || self.user == other.user
            || other.made_by.as_ref() == Some(&self.logon_session())
    }
}

impl Os {
    /// `GetTokenInformation(TokenUser)` of the effective token (os B.1).
    pub(crate) fn get_effective_user(&self, thread: ThreadId) -> Value {
        Value::User(self.effective_token(thread).user.clone())
    }

    /// `GetTokenInformation(TokenUser)` of the process's token.
    pub(crate) fn get_process_user(&self, thread: ThreadId) -> Value {
        Value::User(self.running(self.process_of(thread)).token.user.clone())
    }

    /// `LogonUser` (os B.3). The new token's session is the caller's; no hive is loaded. A network logon gives an
    /// impersonation token, every other a primary one.
    pub(crate) fn logon_user(&mut self, thread: ThreadId, account: &str, logon: LogonType) -> Answer {
        let process = self.process_of(thread);
        let caller = self.running(process).token.clone();
        // (os B.1, B.3) The privilege of the primary token counts, whatever the thread impersonates.
        if self.windows().logon_user_needs_tcb && !caller.may_use(Privilege::Tcb) {
            return Err(Win32Error::PRIVILEGE_NOT_HELD);
        }
        let account = self.account(account).ok_or(Win32Error::LOGON_FAILURE)?;
        let mut token = Token::primary(self.windows(), account, caller.session);
        let (group, kind) = match logon {
            LogonType::Interactive => ("Interactive", TokenKind::Primary),
            LogonType::Batch => ("Batch", TokenKind::Primary),
            LogonType::Service => ("Service", TokenKind::Primary),
            LogonType::Network => ("Network", TokenKind::Impersonation(Level::Impersonation)),
        };
        token.groups.insert(Sid::named(group).expect("the groups of logon types are well known")); // (B.4)
        token.kind = kind;
        token.made_by = Some(caller.logon_session());
        Ok(Value::Handle(self.running_mut(process).handles.insert(Target::Token(Shared::new(token)))))
    }

    /// `ImpersonateLoggedOnUser` (os B.2, B.3).
    pub(crate) fn impersonate_logged_on_user(&mut self, thread: ThreadId, token: Handle) -> Answer {
        let process = self.running(self.process_of(thread));
        let token = self.token_behind(thread, token)?;
        let level = match token.kind {
            TokenKind::Impersonation(level) if level < Level::Impersonation => level,
            _ if process.token.may_impersonate(self.windows(), token) => Level::Impersonation,
            _ => Level::Identification, // (os B.2) the silent downgrade
        };
        let token = token.with_kind(TokenKind::Impersonation(level));
        self.set_impersonation(thread, Some(Shared::new(token)));
        Ok(Value::Nothing)
    }

    /// `RevertToSelf`: succeeds without impersonation too (os B.3).
    pub(crate) fn revert_to_self(&mut self, thread: ThreadId) -> Value {
        self.set_impersonation(thread, None);
        Value::Nothing
    }

    /// The thread's own token where it impersonates, else its process's (os B.1).
    pub fn effective_token(&self, thread: ThreadId) -> &Token {
        match self.impersonation(thread) {
            Some(token) => token,
            None => &self.running(self.process_of(thread)).token,
        }
    }
}
