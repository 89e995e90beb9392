//! The machine: its whole state as one value, how it is set up, and the one way in which threads change it.
//!
//! The large parts are shared between copies until one of them changes, so a copy is cheap. Equal machines
//! behave alike from here on, and machines that behave alike are equal as far as we can have it: there is no
//! counter in here that grows.
//!
//! Invariants: see `invariants`.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::account::Account;
use super::error::Win32Error;
use super::event::Event;
use super::handle::Target;
use super::memory::CellUse;
use super::object::{Kind, Objects};
use super::process::{Process, ProcessId, Running, Thread, ThreadId};
use super::registry::{KeyPath, Registry};
use super::shared::{Settle, Shared};
use super::syscall::{Answer, Handle, RegValue, Syscall, Value};
use super::token::Token;
use super::windows::Windows;

/// The simulated machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Os {
    setup: Arc<Setup>,
    registry: Shared<Registry>,
    objects: Shared<Objects>,
    processes: Vec<Shared<Process>>,
    threads: Shared<Vec<Thread>>,
}

/// What no step changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Setup {
    windows: Windows,
    terminal_services: bool,
    accounts: BTreeMap<String, Account>,
}

impl Hash for Setup {
    /// Nothing: states that are ever compared with each other come from one set-up.
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Setting up, before the run.
impl Os {
    /// A machine without accounts and processes. Whether Terminal Services are there depends on the version
    /// too ([`Windows::has_terminal_services`]); without them a process's session has no effect.
    pub fn boot(windows: Windows, terminal_services: bool) -> Self {
        let terminal_services = windows.has_terminal_services(terminal_services);
        Self {
            setup: Arc::new(Setup { windows, terminal_services, accounts: BTreeMap::new() }),
            registry: Shared::new(Registry::boot(windows.system_hive_is_default)),
            objects: Shared::default(),
            processes: Vec::new(),
            threads: Shared::default(),
        }
    }

    /// Adds an account, its hive on disk. No other account may have its name or SID, nor the name `.DEFAULT`.
    pub fn add_account(&mut self, account: Account) {
        assert!(account.name != super::registry::DEFAULT_HIVE, "{} is a hive, not an account", account.name);
        let same_sid = self.setup.accounts.values().find(|other| other.sid == account.sid);
        assert!(same_sid.is_none(), "two accounts have the SID {}", account.sid);
        self.registry_mut().add_account(&account);
        let setup = Arc::make_mut(&mut self.setup);
        let before = setup.accounts.insert(account.name.clone(), account);
        assert!(before.is_none(), "two accounts have one name: {before:?}");
    }

    /// Creates a key, with its parents, in the hive of an account or `.DEFAULT`, loaded or not.
    ///
    /// # Errors
    /// 161 and 87 for names that no key can have.
    pub fn create_key(&mut self, account: &str, path: &str) -> Result<(), Win32Error> {
        let root = KeyPath::users().join(&[&*self.hive_of(account)]);
        self.registry_mut().seed_key(&root, path).map(|_| ())
    }

    /// Sets a value, creating its key where that is not there, in the hive of an account or `.DEFAULT`,
    /// loaded or not.
    ///
    /// # Errors
    /// 161 and 87 for names that no key can have.
    pub fn set_value(
        &mut self,
        account: &str,
        path: &str,
        name: &str,
        value: RegValue,
    ) -> Result<(), Win32Error> {
        let root = KeyPath::users().join(&[&*self.hive_of(account)]);
        self.registry_mut().seed_key(&root, path)?.set_value(name, value);
        Ok(())
    }

    /// Starts a process with the account's primary token in a session. It has no thread yet.
    pub fn spawn(&mut self, image: &str, account: &str, session: u32) -> ProcessId {
        let user = self.account(account).unwrap_or_else(|| panic!("the machine has no account {account:?}"));
        let token = Token::primary(self.windows(), user, session);
        self.processes.push(Shared::new(Process::start(image, account, session, token)));
        ProcessId(self.processes.len() as u32 - 1)
    }

    /// Starts a thread of a process, without impersonation.
    pub fn spawn_thread(&mut self, process: ProcessId) -> ThreadId {
        assert!(
            self.process(process).is_alive(),
            "process {} has ended and cannot start a thread",
            process.0
        );
        Shared::make_mut(&mut self.threads).push(Thread::start(process));
        ThreadId(self.threads.len() as u32 - 1)
    }

    /// Hands a process a primary token of an account that it did not make itself, as a service gets one of
    /// its client. Impersonating it needs the right to (os B.2), which a token from `LogonUser` does not.
    pub fn give_token(&mut self, process: ProcessId, account: &str) -> Handle {
        let user = self.account(account).unwrap_or_else(|| panic!("the machine has no account {account:?}"));
        let token = Token::primary(self.windows(), user, self.process(process).session());
        self.running_mut(process).handles.insert(Target::Token(Shared::new(token)))
    }
}

/// Running.
impl Os {
    /// One atomic step of a thread, which must be alive. `None`: the thread has to wait, and nothing has
    /// changed.
    ///
    /// An error is an answer too, and may have changed the machine: `RegCreateKeyEx` leaves the parents that
    /// it made, and whatever touches HKEY_CURRENT_USER maps it.
    pub fn execute(&mut self, thread: ThreadId, call: &Syscall) -> Option<Answer> {
        assert!(self.is_thread_alive(thread), "thread {} has ended and takes no step", thread.0);
        let me = thread;
        Some(match call {
            Syscall::ExitThread => Ok(self.exit_thread(me)),
            Syscall::ExitProcess => Ok(self.exit_process(me)),
            Syscall::MemoryRead { word } => Ok(self.memory_read(me, word)),
            Syscall::MemoryWrite { word, value } => Ok(self.memory_write(me, word, *value)),
            Syscall::MemoryAdd { word, delta } => Ok(self.memory_add(me, word, *delta)),
            Syscall::EnterCriticalSection { name } => return self.enter_critical_section(me, name),
            Syscall::LeaveCriticalSection { name } => self.leave_critical_section(me, name),

            Syscall::GetEffectiveUser => Ok(self.get_effective_user(me)),
            Syscall::GetProcessUser => Ok(self.get_process_user(me)),
            Syscall::OpenProcess { process } => self.open_process(*process),
            Syscall::GetCurrentProcessId => Ok(Value::Number(self.process_of(me).0.into())),
            Syscall::LogonUser { account, logon } => self.logon_user(me, account, *logon),
            Syscall::ImpersonateLoggedOnUser { token } => self.impersonate_logged_on_user(me, *token),
            Syscall::RevertToSelf => Ok(self.revert_to_self(me)),
            Syscall::ImpersonateSelf { level } => Ok(self.impersonate_self(me, *level)),
            Syscall::SetThreadToken { token } => self.set_thread_token(me, *token),
            Syscall::OpenThreadToken => self.open_thread_token(me),
            Syscall::DuplicateTokenEx { token, kind } => self.duplicate_token_ex(me, *token, *kind),
            Syscall::CheckTokenMembership { token, sid } => self.check_token_membership(me, *token, sid),
            Syscall::PrivilegeCheck { token, privilege } => self.privilege_check(me, *token, *privilege),
            Syscall::LoadUserProfile { account } => self.load_user_profile(me, account),
            Syscall::UnloadUserProfile { account } => self.unload_user_profile(me, account),

            Syscall::CreateFileMapping { name, size, protection, everyone } => {
                self.create_file_mapping(me, name.as_deref(), (*size, *protection), *everyone)
            }
            Syscall::OpenFileMapping { name, access } => self.open_file_mapping(me, name, *access),
            Syscall::MapViewOfFile { section, access, bytes } => {
                self.map_view_of_file(me, *section, *access, *bytes)
            }
            Syscall::UnmapViewOfFile { view } => self.unmap_view_of_file(me, *view),
            Syscall::CellLoad { view, cell } => self.use_cell(me, *view, cell, CellUse::Load),
            Syscall::CellStore { view, cell, value } => {
                self.use_cell(me, *view, cell, CellUse::Store(*value))
            }
            Syscall::CellAdd { view, cell, delta } => self.use_cell(me, *view, cell, CellUse::Add(*delta)),
            Syscall::CellCompareExchange { view, cell, exchange, comparand } => {
                let what = CellUse::CompareExchange { exchange: *exchange, comparand: *comparand };
                self.use_cell(me, *view, cell, what)
            }
            Syscall::ByteLoad { view, offset } => self.byte_load(me, *view, *offset),
            Syscall::ByteStore { view, offset, value } => self.byte_store(me, *view, *offset, *value),
            Syscall::CreateMutex { name, everyone } => {
                self.create_object(me, name.as_deref(), Kind::new_mutex(), *everyone)
            }
            Syscall::OpenMutex { name, access } => self.open_mutex(me, name, *access),
            Syscall::CreateEvent { name, manual_reset, signalled, everyone } => {
                let event = Event { manual_reset: *manual_reset, signalled: *signalled };
                self.create_object(me, name.as_deref(), Kind::Event(event), *everyone)
            }
            Syscall::OpenEvent { name, access } => self.open_event(me, name, *access),
            Syscall::SetEvent { event } => self.set_event(me, *event, true),
            Syscall::ResetEvent { event } => self.set_event(me, *event, false),
            Syscall::WaitForSingleObject { object, timeout } => {
                return self.wait_for_single_object(me, *object, *timeout);
            }
            Syscall::ReleaseMutex { mutex } => self.release_mutex(me, *mutex),
            Syscall::CloseHandle { handle } => self.close_handle(me, *handle),
            Syscall::DuplicateHandle { source, handle, target, access } => {
                self.duplicate_handle(me, *source, *handle, *target, *access)
            }

            Syscall::RegOpenKeyEx { key, path, access } => {
                self.reg_open_key_ex(me, *key, path.as_deref(), *access)
            }
            Syscall::RegCreateKeyEx { key, path, volatile } => {
                self.reg_create_key_ex(me, *key, path, *volatile)
            }
            Syscall::RegCloseKey { key } => self.reg_close_key(me, *key),
            Syscall::RegQueryValueEx { key, name } => self.reg_query_value_ex(me, *key, name),
            Syscall::RegSetValueEx { key, name, value } => self.reg_set_value_ex(me, *key, name, value),
            Syscall::RegDeleteValue { key, name } => self.reg_delete_value(me, *key, name),
            Syscall::RegDeleteKey { key, path } => self.reg_delete_key(me, *key, path.as_deref()),
            Syscall::NtDeleteKey { key } => self.nt_delete_key(me, *key),
            Syscall::RegQueryInfoKey { key } => self.reg_query_info_key(me, *key),
            Syscall::RegEnumKeyEx { key, index } => self.reg_enum_key_ex(me, *key, *index),
            Syscall::RegEnumValue { key, index } => self.reg_enum_value(me, *key, *index),
            Syscall::RegFlushKey { key } => self.reg_flush_key(me, *key),
            Syscall::RegOpenCurrentUser => self.reg_open_current_user(me),
            Syscall::RegDisablePredefinedCache => self.reg_disable_predefined_cache(me),
        })
    }
}

/// The parts, for the files that know what to do with them.
impl Os {
    /// Whether two states of one machine have the same registry and the same objects.
    pub(super) fn has_same_things(&self, other: &Self) -> bool {
        self.registry == other.registry && self.objects == other.objects
    }

    /// Whether a process is the same in two states of one machine.
    pub(super) fn has_same_process(&self, other: &Self, id: ProcessId) -> bool {
        self.processes[id.0 as usize] == other.processes[id.0 as usize]
    }

    /// Has every part that copies share replaced by the one that all equal ones are to be.
    pub(crate) fn settle(&mut self, pool: &mut impl Settle) {
        Shared::settle(&mut self.registry, |part| pool.settle(part));
        Shared::settle(&mut self.objects, |part| pool.settle(part));
        Shared::settle(&mut self.threads, |part| pool.settle(part));
        for process in &mut self.processes {
            Shared::settle(process, |part| pool.settle(part));
        }
    }

    /// The version and its switches.
    pub fn windows(&self) -> &Windows {
        &self.setup.windows
    }

    /// Whether Terminal Services are there.
    pub fn has_terminal_services(&self) -> bool {
        self.setup.terminal_services
    }

    /// The account of that name.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.setup.accounts.get(name)
    }

    /// All accounts, by name.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.setup.accounts.values()
    }

    /// All processes, ended ones too.
    pub fn process_ids(&self) -> impl Iterator<Item = ProcessId> + use<> {
        (0..self.processes.len() as u32).map(ProcessId)
    }

    /// The process, alive or ended.
    pub fn process(&self, id: ProcessId) -> &Process {
        &self.processes[id.0 as usize]
    }

    pub(super) fn replace_process(&mut self, id: ProcessId, process: Process) {
        self.processes[id.0 as usize] = Shared::new(process);
    }

    pub(crate) fn process_mut(&mut self, id: ProcessId) -> &mut Process {
        Shared::make_mut(&mut self.processes[id.0 as usize])
    }

    /// What a process that must be alive has.
    pub(crate) fn running(&self, id: ProcessId) -> &Running {
        self.process(id).running().expect("the process has not ended")
    }

    pub(crate) fn running_mut(&mut self, id: ProcessId) -> &mut Running {
        self.process_mut(id).running_mut().expect("the process has not ended")
    }

    pub(crate) fn threads(&self) -> &[Thread] {
        &self.threads
    }

    pub(crate) fn thread(&self, id: ThreadId) -> &Thread {
        &self.threads[id.0 as usize]
    }

    pub(crate) fn thread_mut(&mut self, id: ThreadId) -> &mut Thread {
        &mut Shared::make_mut(&mut self.threads)[id.0 as usize]
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.objects
    }

    pub(crate) fn objects_mut(&mut self) -> &mut Objects {
        Shared::make_mut(&mut self.objects)
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn registry_mut(&mut self) -> &mut Registry {
        Shared::make_mut(&mut self.registry)
    }
}
