//! Sessions: MAPILogonEx, OpenMsgStore, Logoff, Release (mapi 1.5, 1.6).
//!
//! A session keeps the keys of its profile open. That is why its profile's deletion reaches it as error 1018
//! at its next read (A5, mapi 4.19), however much later that is.

use super::assumptions::{
    LateWrite, LeakedSessions, LogonCount, LogonMarked, Release, ReleaseWithoutLogoff, SessionReads,
};
use super::hresult::HResult;
use super::instance::{Instance, Mapi, Purpose};
use super::memory::Session;
use super::names;
use super::rule::Rule;
use crate::os::error::Win32Error;
use crate::os::syscall::{Handle, Key, KeyAccess};
use crate::sys::Win32Result;

impl Mapi<'_> {
    /// MAPILogonEx on a profile by name. A marked name can be logged on to while its key exists (mapi 4.12).
    ///
    /// # Errors
    /// MAPI_E_LOGON_FAILED where there is no such profile.
    pub async fn logon(&self, profile: &str) -> Result<Session, HResult> {
        if let Some(leasing) = self.leasing() {
            return leasing.logon(profile).await;
        }
        let instance = self.instance().await?;
        self.lock(instance).await?;
        let opened = self.open_and_count(instance, profile).await;
        self.unlock(instance).await?;
        let session = opened.map_err(|error| self.missing(error, Rule::LogonTellsMissing))?;
        if self.assumptions.logon_count() == LogonCount::Last {
            self.count_session(instance, profile, 1).await?;
        }
        self.count_unreleased(1).await?;
        Ok(session)
    }

    /// The profile is opened and counted (B4) in the order that mapi 4.8 leaves open.
    async fn open_and_count(&self, instance: Instance, profile: &str) -> Win32Result<Session> {
        if self.assumptions.logon_marked() == LogonMarked::LogonFailed
            && self.is_marked(profile, Purpose::Mark).await?
        {
            return Err(Win32Error::FILE_NOT_FOUND);
        }
        if self.assumptions.logon_count() == LogonCount::First {
            self.count_session(instance, profile, 1).await?;
        }
        let opened = self.open_profile(profile).await;
        match (&opened, self.assumptions.logon_count()) {
            (Ok(_), LogonCount::AfterOpen) => self.count_session(instance, profile, 1).await?,
            (Err(_), LogonCount::First) => self.count_session(instance, profile, -1).await?,
            _ => {}
        }
        opened
    }

    async fn open_profile(&self, profile: &str) -> Win32Result<Session> {
        self.open_profile_at(Key::CurrentUser, &names::profile_path(profile), profile).await
    }

    /// Opens a profile by the path of its key, and the sections that a session reads.
    pub(super) async fn open_profile_at(&self, from: Key, path: &str, profile: &str) -> Win32Result<Session> {
        let profile_key = self.sys.reg_open_key(from, path, KeyAccess::Read).await?;
        let mut open = vec![profile_key];
        for section in [names::TOP_SECTION, names::GLOBAL_SECTION] {
            match self.sys.reg_open_key(Key::Handle(profile_key), section, KeyAccess::Read).await {
                Ok(key) => open.push(key),
                Err(error) => {
                    self.close(&open).await;
                    return Err(error);
                }
            }
        }
        let (top_section, global_section) = (open[1], open[2]);
        let profile = profile.to_owned();
        Ok(Session { profile, live: true, profile_key, top_section, global_section, lease: None })
    }

    /// OpenMsgStore: reads what it needs of the profile through the keys that the session has open (A5).
    /// Nothing maps 1018 to a code of its own, so the caller is told MAPI_E_CALL_FAILED (A4, mapi 4.19).
    pub async fn open_msg_store(&self, session: &Session) -> HResult {
        for (key, value) in
            [(session.top_section, names::STORE_PROVIDERS), (session.global_section, names::HOME_SERVER)]
        {
            let read = match self.assumptions.session_reads() {
                SessionReads::OpenKeys => self.sys.reg_query_value(key, value).await.map(|_| ()),
                SessionReads::ByName => self.read_by_name(session, key, value).await,
            };
            if let Err(error) = read {
                return error.into();
            }
        }
        HResult::OK
    }

    async fn read_by_name(&self, session: &Session, key: Handle, value: &str) -> Win32Result<()> {
        let section = if key == session.top_section { names::TOP_SECTION } else { names::GLOBAL_SECTION };
        let path = format!(r"{}\{section}", names::profile_path(&session.profile));
        let key = self.sys.reg_open_key(Key::CurrentUser, &path, KeyAccess::Read).await?;
        let read = self.sys.reg_query_value(key, value).await;
        self.sys.reg_close_key(key).await?;
        read.map(|_| ())
    }

    /// Logoff: the count falls (B4, mapi 4.13).
    pub async fn logoff(&self, session: &Session) -> HResult {
        if let Some(leasing) = self.leasing() {
            return leasing.logoff(session).await;
        }
        let result = match self.assumptions.release() {
            Release::LogoffThenRelease => self.end(session, true, false).await,
            Release::AtLogoff => self.end(session, true, true).await,
            Release::AtRelease => self.instance().await.map(|_| ()),
        };
        result.err().unwrap_or(HResult::OK)
    }

    /// Release: trigger 2 (B11), a session is released and its profile is marked. By default a session that
    /// was never logged off is logged off by its last release.
    pub async fn release(&self, session: &Session) -> HResult {
        if let Some(leasing) = self.leasing() {
            return leasing.release(session).await;
        }
        let logs_off =
            session.live && self.assumptions.release_without_logoff() == ReleaseWithoutLogoff::LogsOff;
        let drop = logs_off || self.assumptions.release() == Release::AtRelease;
        let clean_up = session.live || self.assumptions.release() != Release::AtLogoff;
        let result = if drop || clean_up { self.end(session, drop, clean_up).await } else { Ok(()) };
        let result = result.and(self.count_unreleased(-1).await.map_err(HResult::from));
        if self.assumptions.late_write() == LateWrite::Zombie {
            let _a_provider_tells_nobody = self.write_late(&session.profile).await;
        }
        self.close(&session.keys()).await;
        result.err().unwrap_or(HResult::OK)
    }

    /// Lowers the count, deletes the profile if it is marked and nobody uses it, or both, under the lock.
    async fn end(&self, session: &Session, drop: bool, clean_up: bool) -> Result<(), HResult> {
        let instance = self.instance().await?;
        self.lock(instance).await?;
        let ended = async {
            if drop {
                self.count_session(instance, &session.profile, -1).await?;
            }
            if clean_up {
                self.delete_if_marked(instance, &session.profile).await?;
            }
            Ok::<(), Win32Error>(())
        }
        .await;
        self.unlock(instance).await?;
        Ok(ended?)
    }

    /// A provider writes a value back, by the profile's name, whether that is there or not (mapi M11.8, 1.6).
    async fn write_late(&self, profile: &str) -> Win32Result<()> {
        let (section, name, value) =
            names::sections().into_iter().nth(1).expect("a profile has three sections");
        let path = format!(r"{}\{section}", names::profile_path(profile));
        let (key, _) = self.sys.reg_create_key(Key::CurrentUser, &path).await?;
        let written = self.sys.reg_set_value(key, name, value).await;
        self.sys.reg_close_key(key).await?;
        written
    }

    /// Keeps count of the sessions that hold MAPI, where they do (mapi M11.1).
    async fn count_unreleased(&self, delta: i64) -> Win32Result<()> {
        if self.assumptions.leaked_sessions() == LeakedSessions::HoldMapi {
            let user = self.user(Purpose::Count).await?;
            self.sys.memory_add(&self.sessions_word(&user), delta).await;
        }
        Ok(())
    }

    /// The profile goes with its last session (B11).
    async fn delete_if_marked(&self, instance: Instance, profile: &str) -> Win32Result<()> {
        if !self.keeps(Rule::ReleaseDeletes) {
            return Ok(());
        }
        let marked =
            !self.keeps(Rule::ReleaseLooksForMark) || self.is_marked(profile, Purpose::Release).await?;
        if !marked {
            return Ok(());
        }
        let looks = self.keeps(Rule::ReleaseLooksForSessions);
        if looks && self.sessions_counted(instance, profile).await? != 0 {
            return Ok(());
        }
        self.delete_if_there(profile).await?;
        if self.keeps(Rule::ReleaseUnmarks) {
            self.unmark(profile, Purpose::Release).await?;
        }
        Ok(())
    }

    /// What a call on a session answers that was never obtained: MAPI_E_INVALID_OBJECT, or
    /// MAPI_E_NOT_INITIALIZED where MAPI is not even initialised.
    pub async fn no_session(&self) -> HResult {
        if let Some(leasing) = self.leasing() {
            return leasing
                .instance()
                .await
                .map_or_else(|not_initialized| not_initialized, |_| HResult::INVALID_OBJECT);
        }
        let user = match self.user(Purpose::Count).await {
            Ok(user) => user,
            Err(error) => return error.into(),
        };
        match self.sys.memory_read(&self.initialized_word(&user)).await {
            0 => HResult::NOT_INITIALIZED,
            _ => HResult::INVALID_OBJECT,
        }
    }

    pub(super) async fn close(&self, keys: &[Handle]) {
        for key in keys {
            let closed = self.sys.reg_close_key(*key).await;
            assert!(closed.is_ok(), "closing a key that is open succeeds, deleted or not (os C.3)");
        }
    }
}
