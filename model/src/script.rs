//! One call of a script: which API it is, on which session or token, and what the thread remembers of it.

use crate::mapi::assumptions::Settled;
use crate::mapi::hresult::HResult;
use crate::mapi::memory::{Code, Memory};
use crate::mapi::rules::Rules;
use crate::mapi::{Deletion, Mapi};
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::scenario::{Call, Must, ScriptCall};
use crate::sys::Sys;

/// Performs a call: the thread's memory after it.
///
/// `keep_table`: what GetProfileTable lists is kept until the next call's end, to be judged.
pub(crate) async fn perform(
    call: &ScriptCall,
    index: usize,
    keep_table: bool,
    mut memory: Memory,
    sys: Sys,
    rules: &Rules,
    assumptions: &Settled,
) -> Memory {
    let mapi = Mapi::new(sys.clone(), rules, assumptions);
    memory.table = None;
    let mut thread = ThreadCall { memory, sys, mapi };
    let returned = thread.perform(&call.call).await;
    let mut memory = thread.memory;
    if !keep_table {
        memory.table = None;
    }
    let must = must_return(call);
    if must.is_some_and(|must| must != returned) {
        memory.surprises.push(index);
    }
    memory.returned = Some(returned);
    memory
}

/// What a script says that a call must return.
pub(crate) fn must_return(call: &ScriptCall) -> Option<Code> {
    call.must.map(|must| match must {
        Must::Mapi(result) => Code::Mapi(result),
        Must::Windows(error) => Code::Win32(error),
    })
}

struct ThreadCall<'a> {
    memory: Memory,
    sys: Sys,
    mapi: Mapi<'a>,
}

impl ThreadCall<'_> {
    async fn perform(&mut self, call: &Call) -> Code {
        match call {
            Call::MAPIInitialize {} => self.mapi.initialize().await.into(),
            Call::MAPIUninitialize {} => self.mapi.uninitialize().await.into(),
            Call::CreateProfile { profile } => self.mapi.create_profile(profile).await.into(),
            Call::DeleteProfile { profile } => self.delete_profile(profile).await.into(),
            Call::GetProfileTable {} => self.profile_table().await.into(),
            Call::AdminServices { profile } => self.mapi.admin_services(profile).await.into(),
            Call::MAPILogonEx { profile, session } => self.logon(profile, session).await.into(),
            Call::OpenMsgStore { session } => self.open_msg_store(session).await.into(),
            Call::Logoff { session } => self.logoff(session).await.into(),
            Call::Release { session } => self.release(session).await.into(),
            Call::LogonUser { account, token } => self.logon_user(account, token).await,
            Call::ImpersonateLoggedOnUser { token } => {
                let token = self.memory.tokens.get(token).copied().unwrap_or(Handle(0));
                self.sys.impersonate_logged_on_user(token).await.into()
            }
            Call::RevertToSelf {} => self.sys.revert_to_self().await.into(),
            Call::LoadUserProfile { account } => self.sys.load_user_profile(account).await.into(),
            Call::UnloadUserProfile { account } => self.sys.unload_user_profile(account).await.into(),
            Call::RegOpenCurrentUser {} => self.sys.reg_open_current_user().await.map(|_| ()).into(),
            Call::RegDisablePredefinedCache {} => self.sys.reg_disable_predefined_cache().await.into(),
            // Reading the file has left no other key than HKEY_CURRENT_USER.
            Call::RegCloseKey { key: _ } => self.sys.reg_close_current_user().await.into(),
            Call::TouchHKCU {} => self.touch_hkcu().await.into(),
            Call::ExitProcess {} => {
                self.sys.exit_process().await;
                Code::Win32(None)
            }
            Call::Idle {} => unreachable!("a thread that idles takes no step"),
        }
    }

    async fn delete_profile(&mut self, profile: &str) -> HResult {
        match self.mapi.delete_profile(profile).await {
            Ok(Deletion::Marked) => {
                self.memory.marked.insert(profile.to_owned());
                HResult::OK
            }
            Ok(Deletion::Deleted) => HResult::OK,
            Err(error) => error,
        }
    }

    async fn profile_table(&mut self) -> HResult {
        let (result, rows) = self.mapi.profile_table().await;
        self.memory.table = Some(rows);
        result
    }

    async fn logon(&mut self, profile: &str, session: &str) -> HResult {
        match self.mapi.logon(profile).await {
            Ok(opened) => {
                self.memory.sessions.insert(session.to_owned(), opened);
                HResult::OK
            }
            Err(error) => error,
        }
    }

    async fn open_msg_store(&mut self, name: &str) -> HResult {
        let Some(session) = self.memory.sessions.get(name).cloned() else {
            return self.mapi.no_session().await;
        };
        self.mapi.open_msg_store(&session).await
    }

    async fn logoff(&mut self, name: &str) -> HResult {
        let Some(session) = self.memory.sessions.get(name).cloned().filter(|session| session.live) else {
            return self.mapi.no_session().await;
        };
        let result = self.mapi.logoff(&session).await;
        if let Some(session) = self.memory.sessions.get_mut(name) {
            session.live = false;
        }
        result
    }

    async fn release(&mut self, name: &str) -> HResult {
        let Some(session) = self.memory.sessions.remove(name) else {
            return self.mapi.no_session().await;
        };
        self.mapi.release(&session).await
    }

    async fn logon_user(&mut self, account: &str, token: &str) -> Code {
        match self.sys.logon_user(account).await {
            Ok(handle) => {
                self.memory.tokens.insert(token.to_owned(), handle);
                Code::Win32(None)
            }
            Err(error) => Code::Win32(Some(error)),
        }
    }

    /// Any use of HKEY_CURRENT_USER: opens a key that every hive has, and closes it.
    async fn touch_hkcu(&self) -> Result<(), crate::os::error::Win32Error> {
        let key = self.sys.reg_open_key(Key::CurrentUser, "Software", KeyAccess::Read).await?;
        self.sys.reg_close_key(key).await
    }
}
