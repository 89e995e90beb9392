//! Calls on tokens beyond `LogonUser` and `ImpersonateLoggedOnUser`: looking at them, copying them, putting
//! them on a thread.
//!
//! Modelled (os B.2, B.3)
//! - A thread's token can be opened unless there is none (1008) or it is anonymous (1347).
//! - A copy cannot be of a higher level than the impersonation token that it is made from (1346).
//! - `SetThreadToken` wants an impersonation token (1349), and what may not be put on a thread at its level is
//!   put there at identification, as by `ImpersonateLoggedOnUser`.
//! - `CheckTokenMembership` wants an impersonation token (1309); NULL is the effective token.
//! - `PrivilegeCheck` of an anonymous token is 1346, of one at identification works.
//!
//! Not modelled: rights of token handles, `OpenAsSelf`, delegation. Our choices: a copy as a primary token
//! wants a source at the impersonation level (1346); nothing can be asked of an anonymous token (1346).

use super::error::Win32Error;
use super::handle::Target;
use super::machine::Os;
use super::privilege::Privilege;
use super::process::ThreadId;
use super::shared::Shared;
use super::sid::Sid;
use super::syscall::{Answer, Handle, Value};
use super::token::{Level, Token, TokenKind};

impl Os {
    /// `ImpersonateSelf`.
    pub(crate) fn impersonate_self(&mut self, thread: ThreadId, level: Level) -> Value {
        let token = &self.running(self.process_of(thread)).token;
        let token = token.with_kind(TokenKind::Impersonation(level));
        self.set_impersonation(thread, Some(Shared::new(token)));
        Value::Nothing
    }

    /// `SetThreadToken` on the calling thread.
    pub(crate) fn set_thread_token(&mut self, thread: ThreadId, token: Option<Handle>) -> Answer {
        let Some(handle) = token else { return Ok(self.revert_to_self(thread)) };
        match self.token_behind(thread, handle)?.kind() {
            TokenKind::Primary => Err(Win32Error::BAD_TOKEN_TYPE),
            TokenKind::Impersonation(_) => self.impersonate_logged_on_user(thread, handle),
        }
    }

    /// `OpenThreadToken` of the calling thread.
    pub(crate) fn open_thread_token(&mut self, thread: ThreadId) -> Answer {
        let token = self.impersonation(thread).ok_or(Win32Error::NO_TOKEN)?;
        if token.kind() == TokenKind::Impersonation(Level::Anonymous) {
            return Err(Win32Error::CANT_OPEN_ANONYMOUS);
        }
        let token = Target::Token(Shared::new(token.clone()));
        let process = self.process_of(thread);
        Ok(Value::Handle(self.running_mut(process).handles.insert(token)))
    }

    /// `DuplicateTokenEx`.
    pub(crate) fn duplicate_token_ex(&mut self, thread: ThreadId, token: Handle, kind: TokenKind) -> Answer {
        let source = self.token_behind(thread, token)?;
        let is_upward = match (source.kind(), kind) {
            (TokenKind::Primary, _) => false,
            (TokenKind::Impersonation(has), TokenKind::Impersonation(wanted)) => wanted > has,
            (TokenKind::Impersonation(has), TokenKind::Primary) => has < Level::Impersonation,
        };
        if is_upward {
            return Err(Win32Error::BAD_IMPERSONATION_LEVEL);
        }
        let copy = Target::Token(Shared::new(source.with_kind(kind)));
        let process = self.process_of(thread);
        Ok(Value::Handle(self.running_mut(process).handles.insert(copy)))
    }

    /// `CheckTokenMembership`.
    pub(crate) fn check_token_membership(
        &self,
        thread: ThreadId,
        token: Option<Handle>,
        sid: &Sid,
    ) -> Answer {
        let token = match token {
            None => self.effective_token(thread),
            Some(handle) => match self.token_behind(thread, handle)? {
                token if token.kind() == TokenKind::Primary => {
                    return Err(Win32Error::NO_IMPERSONATION_TOKEN);
                }
                token => token,
            },
        };
        Ok(Value::Truth(token.to_be_asked()?.is_member_of(sid)))
    }

    /// `PrivilegeCheck`: held and enabled, whatever the level from identification on.
    pub(crate) fn privilege_check(&self, thread: ThreadId, token: Handle, privilege: Privilege) -> Answer {
        let token = self.token_behind(thread, token)?;
        Ok(Value::Truth(token.to_be_asked()?.has_enabled(privilege)))
    }

    /// The token behind a handle of the thread's process.
    pub(crate) fn token_behind(
        &self,
        thread: ThreadId,
        handle: Handle,
    ) -> Result<&Shared<Token>, Win32Error> {
        match self.running(self.process_of(thread)).handles.get(handle) {
            Some(Target::Token(token)) => Ok(token),
            _ => Err(Win32Error::INVALID_HANDLE),
        }
    }
}
