//! Hives: what is loaded below HKEY_USERS, and how it comes and goes.
//!
//! Modelled (os C.2)
//! - `.DEFAULT` is always loaded; it is LocalSystem's. From XP on `S-1-5-18` is another name for it; before,
//!   a separate hive of that name is loaded if somebody loads the system's profile.
//! - An account's hive is loaded at the start (interactive logon, service), or by `LoadUserProfile`, which
//!   nests.
//! - Unloading while keys are open depends on the version: the hive stays, or stays until the last handle is
//!   closed, or goes at once and leaves its handles behind, 1018 for ever.
//! - HKEY_USERS is one for the machine: no session has its own (os H.8).
//!
//! Not modelled: classes hives, roaming, temporary profiles, the handle `hProfile` (a load is counted, not
//! opened), the minute for which 2000 retries an unload (nothing else happens meanwhile). Our choices:
//! loading or unloading without the right is 1314 where privileges are asked for and 5 where an administrator
//! is; an unload that nobody's load matches is 6; an unload refused by open handles has used up its load.
//!
//! Invariants
//! - Handles are open only into loaded hives.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::name::{self, KeyPath};
use super::open::Body;
use super::tree::Key;
use crate::os::account::Account;
use crate::os::error::Win32Error;
use crate::os::machine::Os;
use crate::os::privilege::Privilege;
use crate::os::process::ThreadId;
use crate::os::security::{Dacl, key};
use crate::os::sid::Sid;
use crate::os::syscall::{Answer, Value};
use crate::os::windows::{HivesInUse, ProfileLoader};

/// The hive that no account needs: always loaded.
pub(crate) const DEFAULT: &str = ".DEFAULT";

/// What keeps a hive below HKEY_USERS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserHive {
    /// Nothing: it is only on disk.
    OnDisk,
    /// So many loads that no unload has matched.
    Loaded(u32),
    /// Nothing but handles that were open when it was to be unloaded.
    Lingering,
}

/// A hive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Hive {
    root: Arc<Key>,
    /// The descriptor of the root, which every key inherits.
    dacl: Dacl,
    state: UserHive,
    /// What the file holds: as the hive was last flushed. None where nobody asked for disks to be kept.
    disk: Option<Arc<Key>>,
}

/// All hives of the machine, loaded or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Registry {
    hives: BTreeMap<Arc<str>, Hive>,
    /// Further names of hives.
    aliases: BTreeMap<Arc<str>, Arc<str>>,
    /// The descriptor of HKEY_USERS itself.
    users: Dacl,
}

/// Where a path leads.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// HKEY_USERS itself.
    Users,
    /// A key of a loaded hive.
    Key(&'a Key),
}

impl Hive {
    /// Whether a flush would change what its file holds.
    fn differs_from(&self, disk: &Arc<Key>) -> bool {
        // Most often nothing was written, or nothing in it is volatile.
        *disk != self.root && **disk != self.root.stable()
    }

    fn flush(&mut self) {
        if self.disk.is_some() {
            self.disk = Some(Arc::new(self.root.stable()));
        }
    }
}

fn well_known(name: &str) -> Sid {
    Sid::named(name).expect("the registry's own descriptors name well-known SIDs")
}

impl Registry {
    /// The registry of a machine without accounts.
    pub(crate) fn boot(system_hive_is_default: bool) -> Self {
        let full = ["LocalSystem", "Administrators"].map(|name| (well_known(name), key::ALL));
        let dacl = Dacl::allowing(full.into_iter().chain([(well_known("Everyone"), key::READ)]));
        let root = Arc::new(Key::new(DEFAULT, false));
        let default = Hive { root, dacl: dacl.clone(), state: UserHive::Loaded(1), disk: None };
        let aliases = system_hive_is_default.then(|| ("S-1-5-18".into(), DEFAULT.into()));
        Self {
            hives: BTreeMap::from([(DEFAULT.into(), default)]),
            aliases: aliases.into_iter().collect(),
            users: dacl,
        }
    }

    /// An account's hive, on disk: the user, the system and administrators have all rights, nobody else any.
    pub(crate) fn add_account(&mut self, account: &Account) {
        let name: Arc<str> = account.sid.to_string().into();
        if self.aliases.contains_key(&name) {
            return;
        }
        let owners = [account.sid.clone(), well_known("LocalSystem"), well_known("Administrators")];
        let dacl = Dacl::allowing(owners.map(|sid| (sid, key::ALL)));
        let hive = Hive { root: Arc::new(Key::new(&name, false)), dacl, state: UserHive::OnDisk, disk: None };
        let before = self.hives.insert(name, hive);
        assert!(before.is_none(), "two accounts have the SID {}", account.sid);
    }

    /// The name below HKEY_USERS of an account's hive.
    pub(crate) fn hive_name(&self, sid: &Sid) -> Arc<str> {
        let name: Arc<str> = sid.to_string().into();
        self.aliases.get(&name).cloned().unwrap_or(name)
    }

    /// What keeps that hive loaded; none where there is no such hive.
    pub(crate) fn state(&self, hive: &str) -> Option<UserHive> {
        self.hives.get(hive).map(|hive| hive.state)
    }

    /// Whether there is a hive of that name below HKEY_USERS.
    pub(crate) fn is_loaded(&self, hive: &str) -> bool {
        self.state(hive).is_some_and(|state| state != UserHive::OnDisk)
    }

    /// The names below HKEY_USERS, in order of enumeration.
    pub(crate) fn loaded(&self) -> Vec<&str> {
        let hives =
            self.hives.iter().filter(|(_, hive)| hive.state != UserHive::OnDisk).map(|(name, _)| &**name);
        let mut names: Vec<&str> = hives.chain(self.aliases.keys().map(|name| &**name)).collect();
        names.sort_by(|one, other| name::compare(one, other));
        names
    }

    /// The descriptor of the key at that path.
    pub(crate) fn dacl(&self, path: &KeyPath) -> &Dacl {
        path.hive().map_or(&self.users, |hive| &self.hives[hive].dacl)
    }

    /// The key at a path, in a loaded hive.
    pub(crate) fn key(&self, path: &KeyPath) -> Option<&Key> {
        self.key_at(path.parts())
    }

    /// The same, by the names along its path.
    pub(crate) fn key_at<'p>(&self, mut parts: impl Iterator<Item = &'p str>) -> Option<&Key> {
        let hive = self.hives.get(parts.next()?).filter(|hive| hive.state != UserHive::OnDisk)?;
        parts.try_fold(&*hive.root, |key, part| key.subkey(part))
    }

    /// The same, to be changed; in a hive that is only on disk too.
    pub(crate) fn key_mut(&mut self, path: &KeyPath) -> Option<&mut Key> {
        let mut parts = path.parts();
        let hive = self.hives.get_mut(parts.next()?)?;
        parts.try_fold(Arc::make_mut(&mut hive.root), |key, part| key.subkey_mut(part))
    }

    /// Where a live path leads.
    pub(crate) fn place(&self, path: &KeyPath) -> Place<'_> {
        if path.hive().is_none() {
            return Place::Users;
        }
        Place::Key(self.key(path).expect("a live handle names a key that is there"))
    }

    /// The key or hive of that name below a place: its name as it was created, and itself.
    pub(crate) fn below<'a>(&'a self, place: Place<'a>, name: &str) -> Option<(&'a str, Place<'a>)> {
        match place {
            Place::Users => {
                let found = self.loaded().into_iter().find(|hive| name::same(hive, name))?;
                let hive = self.aliases.get(found).map_or(found, |hive| &**hive);
                Some((hive, Place::Key(&self.hives[hive].root)))
            }
            Place::Key(key) => key.subkey(name).map(|key| (key.name(), Place::Key(key))),
        }
    }

    /// Creates a key below a hive's root before the run, or finds it.
    ///
    /// # Errors
    /// 161 and 87 for names that no key can have.
    pub(crate) fn seed_key(&mut self, root: &KeyPath, path: &str) -> Result<&mut Key, Win32Error> {
        let mut key = self.key_mut(root).expect("every account has a hive");
        for part in name::parts_of(path)? {
            name::check_key_name(part)?;
            if key.subkey(part).is_none() {
                key.create(part, false)?;
            }
            key = key.subkey_mut(part).expect("the key is there or was just created");
        }
        Ok(key)
    }

    /// The root of a hive, loaded or only on disk.
    fn root(&self, hive: &str) -> &Key {
        &self.hives.get(hive).expect("every account has a hive").root
    }

    fn set_state(&mut self, hive: &str, state: UserHive) {
        let hive = self.hives.get_mut(hive).expect("the hive was just found");
        if state == UserHive::OnDisk && hive.state != UserHive::OnDisk {
            hive.root = Arc::new(hive.root.stable());
            hive.flush();
        }
        hive.state = state;
    }

    /// Writes a whole hive to its file (os C.7).
    pub(super) fn flush(&mut self, hive: &str) {
        self.hives.get_mut(hive).expect("the hive was just found").flush();
    }

    /// What a hive's file holds would change if it were flushed.
    pub(super) fn is_dirty(&self, hive: &str) -> bool {
        self.hives
            .get(hive)
            .is_some_and(|hive| hive.disk.as_ref().is_some_and(|disk| hive.differs_from(disk)))
    }

    /// From now on there are files, which hold what the hives hold now.
    pub(super) fn keep_disks(&mut self) {
        self.hives.values_mut().for_each(|hive| hive.disk = Some(Arc::new(hive.root.stable())));
    }

    pub(super) fn keeps_disks(&self) -> bool {
        self.hives.values().all(|hive| hive.disk.is_some())
    }

    /// What is there when the machine has started again: what the files held, and `.DEFAULT` loaded.
    pub(super) fn restart(&mut self) {
        for (name, hive) in &mut self.hives {
            hive.root = hive.disk.take().expect("a machine that can crash keeps its disks");
            hive.state = if **name == *DEFAULT { UserHive::Loaded(1) } else { UserHive::OnDisk };
        }
    }

    /// The names of all hives, loaded or not.
    pub(super) fn names(&self) -> Vec<Arc<str>> {
        self.hives.keys().cloned().collect()
    }

    /// Checks the invariants of all keys.
    pub(crate) fn assert_invariants(&self) {
        assert!(self.is_loaded(DEFAULT), "{DEFAULT} is always loaded");
        self.hives.values().for_each(|hive| hive.root.assert_invariants());
    }
}

impl Os {
    /// Loads an account's hive before the run: as if it had logged on, or its service been started.
    pub fn load_hive(&mut self, account: &str) {
        let hive = self.hive_of(account);
        self.count_load(&hive);
    }

    /// `LoadUserProfile` (os C.2).
    pub(crate) fn load_user_profile(&mut self, thread: ThreadId, account: &str) -> Answer {
        self.check_profile_right(thread)?;
        let hive = self.known_hive(account)?;
        self.count_load(&hive);
        Ok(Value::Nothing)
    }

    /// `UnloadUserProfile` (os C.2).
    pub(crate) fn unload_user_profile(&mut self, thread: ThreadId, account: &str) -> Answer {
        self.check_profile_right(thread)?;
        let hive = self.known_hive(account)?;
        if &*hive == DEFAULT {
            return Ok(Value::Nothing); // always loaded, whoever asks
        }
        let (state, answer) = match self.registry().state(&hive) {
            Some(UserHive::Loaded(1)) if self.is_hive_open(&hive) => match self.windows().hives_in_use {
                HivesInUse::Stay => (UserHive::Lingering, Err(Win32Error::ACCESS_DENIED)),
                HivesInUse::StayUntilClosed => (UserHive::Lingering, Ok(Value::Nothing)),
                HivesInUse::Unloaded => {
                    self.bury(|path| path.hive() == Some(&hive), Body::HiveUnloaded);
                    (UserHive::OnDisk, Ok(Value::Nothing))
                }
            },
            Some(UserHive::Loaded(1)) => (UserHive::OnDisk, Ok(Value::Nothing)),
            Some(UserHive::Loaded(loads)) => (UserHive::Loaded(loads - 1), Ok(Value::Nothing)),
            Some(UserHive::OnDisk | UserHive::Lingering) | None => return Err(Win32Error::INVALID_HANDLE),
        };
        self.registry_mut().set_state(&hive, state);
        answer
    }

    /// Unloads the hives that only waited for their last handle (os C.2). To be called after keys were
    /// closed.
    pub(crate) fn collect_hives(&mut self) {
        if self.windows().hives_in_use != HivesInUse::StayUntilClosed {
            return;
        }
        let lingering = |(name, hive): (&Arc<str>, &Hive)| {
            (hive.state == UserHive::Lingering && !self.is_hive_open(name)).then(|| Arc::clone(name))
        };
        let closed: Vec<Arc<str>> = self.registry().hives.iter().filter_map(lingering).collect();
        for hive in closed {
            self.registry_mut().set_state(&hive, UserHive::OnDisk);
        }
    }

    /// The name of an account's hive, or of `.DEFAULT`.
    pub(crate) fn hive_of(&self, account: &str) -> Arc<str> {
        self.known_hive(account).unwrap_or_else(|_| panic!("the machine has no account {account:?}"))
    }

    /// The root of the hive of an account, or of `.DEFAULT`, loaded or not.
    pub(crate) fn hive_root(&self, account: &str) -> &Key {
        self.registry().root(&self.hive_of(account))
    }

    fn known_hive(&self, account: &str) -> Result<Arc<str>, Win32Error> {
        if account == DEFAULT {
            return Ok(DEFAULT.into());
        }
        let account = self.account(account).ok_or(Win32Error::NONE_MAPPED)?;
        Ok(self.registry().hive_name(&account.sid))
    }

    fn count_load(&mut self, hive: &str) {
        let state = match self.registry().state(hive).expect("every account has a hive") {
            _ if hive == DEFAULT => return,
            UserHive::OnDisk | UserHive::Lingering => UserHive::Loaded(1),
            UserHive::Loaded(loads) => UserHive::Loaded(loads.checked_add(1).expect("loads are few")),
        };
        self.registry_mut().set_state(hive, state);
    }

    fn check_profile_right(&self, thread: ThreadId) -> Result<(), Win32Error> {
        match self.windows().profile_loader {
            ProfileLoader::BackupAndRestore => {
                let token = self.effective_token(thread);
                let held = token.holds(Privilege::Backup) && token.holds(Privilege::Restore);
                if held { Ok(()) } else { Err(Win32Error::PRIVILEGE_NOT_HELD) }
            }
            ProfileLoader::AdministratorOrSystem => {
                let token = &self.running(self.process_of(thread)).token;
                let is = |name| token.is_member_of(&well_known(name));
                if is("Administrators") || is("LocalSystem") {
                    Ok(())
                } else {
                    Err(Win32Error::ACCESS_DENIED)
                }
            }
        }
    }

    fn is_hive_open(&self, hive: &str) -> bool {
        self.open_keys().any(|key| key.is_live() && key.path().hive() == Some(hive))
    }
}
