//! Processes and threads: what each has, and how they end.
//!
//! Modelled (os D)
//! - A process has a session, a primary token, a handle table, views, a cached HKEY_CURRENT_USER and a few
//!   words of memory that its threads share. A thread has its impersonation, which no other thread inherits
//!   (os B.1).
//! - The end of a process, by whatever way, drops all its handles and views in one step; the mutexes of a
//!   thread that ends become abandoned. Being killed runs no user code: there is none in this file.
//! - The last thread's end ends its process. A thread that is terminated leaves its process all that it had
//!   opened, and the critical sections that it was in locked.
//!
//! Not modelled: creating processes and threads as a step (both are there from the start), exit codes,
//! parents, priorities.
//!
//! Invariants
//! - An ended process or thread keeps nothing but how it ended.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::Win32Error;
use super::handle::{HandleTable, lowest_free};
use super::machine::Os;
use super::object::ObjectId;
use super::registry::CurrentUser;
use super::shared::Shared;
use super::syscall::{Answer, Value, ViewBase};
use super::token::Token;

/// A process: 0, 1, 2, ... in the order of their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub u32);

/// A thread: 0, 1, 2, ... over all processes, in the order of their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(pub u32);

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// By `ExitProcess`, or with its last thread.
    Exited,
    /// By `TerminateProcess`, or `TerminateThread` of its last thread.
    Killed,
    /// With its machine.
    MachineCrashed,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process {
    image: Arc<str>,
    account: Arc<str>,
    session: u32,
    life: Life,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Life {
    Running(Running),
    Ended(Ending),
}

/// What a process has while it runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Running {
    /// The primary token.
    pub(crate) token: Shared<Token>,
    /// The open handles.
    pub(crate) handles: HandleTable,
    /// The mapped views.
    pub(crate) views: BTreeMap<ViewBase, View>,
    /// What HKEY_CURRENT_USER means here.
    pub(crate) current_user: CurrentUser,
    /// Words of memory; one that is 0 is not there.
    memory: BTreeMap<Arc<str>, i64>,
}

/// A mapped view of a section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct View {
    /// The section.
    pub(crate) section: ObjectId,
    /// How much of it, in bytes: whole pages.
    pub(crate) bytes: u64,
    /// What may be done in it.
    pub(crate) rights: ViewRights,
}

/// What may be done in a view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ViewRights {
    /// Reading.
    ReadOnly,
    /// Reading, and writing for all to see.
    ReadWrite,
    /// Reading, and writing for itself alone: the pages that it has written, by number.
    Copy(BTreeMap<u64, BTreeMap<String, i64>>),
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Thread {
    process: ProcessId,
    life: ThreadLife,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ThreadLife {
    Running { impersonation: Option<Shared<Token>> },
    Ended,
}

impl Process {
    /// A process that has just been started (os H.12).
    pub(crate) fn start(image: &str, account: &str, session: u32, token: Token) -> Self {
        let life = Life::Running(Running {
            token: Shared::new(token),
            handles: HandleTable::default(),
            views: BTreeMap::new(),
            current_user: CurrentUser::Unmapped,
            memory: BTreeMap::new(),
        });
        Self { image: image.into(), account: account.into(), session, life }
    }

    /// The program's name.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// The account whose primary token it runs with.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The session it belongs to, for good (os E).
    pub fn session(&self) -> u32 {
        self.session
    }

    /// Whether it has not ended.
    pub fn is_alive(&self) -> bool {
        matches!(self.life, Life::Running(_))
    }

    /// How it ended, if it has.
    pub fn ending(&self) -> Option<Ending> {
        match self.life {
            Life::Running(_) => None,
            Life::Ended(ending) => Some(ending),
        }
    }

    /// Exchanges what two processes have, or how they ended.
    pub(super) fn swap_lives(one: &mut Self, other: &mut Self) {
        std::mem::swap(&mut one.life, &mut other.life);
    }

    /// What it has, while it runs.
    pub(crate) fn running(&self) -> Option<&Running> {
        match &self.life {
            Life::Running(running) => Some(running),
            Life::Ended(_) => None,
        }
    }

    /// What it has, while it runs.
    pub(crate) fn running_mut(&mut self) -> Option<&mut Running> {
        match &mut self.life {
            Life::Running(running) => Some(running),
            Life::Ended(_) => None,
        }
    }
}

impl Running {
    /// Gives words of memory another content.
    pub(super) fn rename_words(&mut self, new: impl Fn(&str, i64) -> i64) {
        for (word, value) in &mut self.memory {
            *value = new(word, *value);
        }
    }

    /// A new view at the lowest free base.
    pub(crate) fn map(&mut self, view: View) -> ViewBase {
        let base = ViewBase(lowest_free(1, self.views.keys().map(|base| base.0)));
        self.views.insert(base, view);
        base
    }
}

impl Thread {
    /// A thread that has just been started: without impersonation, whatever its creator does (os H.12).
    pub(crate) fn start(process: ProcessId) -> Self {
        Self { process, life: ThreadLife::Running { impersonation: None } }
    }

    /// Whether it has not ended.
    pub(crate) fn is_alive(&self) -> bool {
        matches!(self.life, ThreadLife::Running { .. })
    }
}

impl Os {
    /// `ExitThread`.
    pub(crate) fn exit_thread(&mut self, thread: ThreadId) -> Value {
        let process = self.process_of(thread);
        self.end_thread(thread);
        if self.threads_of(process).all(|other| !self.is_thread_alive(other)) {
            self.end_process(process, Ending::Exited);
        }
        Value::Nothing
    }

    /// `ExitProcess`. What the process does on its way out are steps of its own, before this one.
    pub(crate) fn exit_process(&mut self, thread: ThreadId) -> Value {
        self.end_process(self.process_of(thread), Ending::Exited);
        Value::Nothing
    }

    /// `TerminateProcess`: all handles and views are dropped in one step, mutexes are abandoned, no user code
    /// runs (os H.13).
    ///
    /// The process must be alive.
    pub fn kill(&mut self, process: ProcessId) {
        self.end_process(process, Ending::Killed);
    }

    /// Whether two states in which a process is alive differ by nothing but what it has for itself and drops when it is
    /// killed: its handles and views, its token and memory, and what its threads impersonate. Who holds an object is known
    /// from handles and views alone, so nothing else depends on them.
    pub(crate) fn differs_by_one_alone(&self, other: &Self, process: ProcessId) -> bool {
        let alive = self.process(process).is_alive() && other.process(process).is_alive();
        let mut others = self.process_ids().filter(|id| *id != process);
        alive
            && self.has_same_things(other)
            && others.all(|id| self.has_same_process(other, id))
            && self
                .threads()
                .iter()
                .zip(other.threads())
                .all(|(one, two)| one == two || one.process == process && one.is_alive() && two.is_alive())
    }

    /// `TerminateThread`: the thread is gone between two of its steps and runs no user code (os D). What it
    /// had opened stays open, since handles are the process's; its mutexes are abandoned; a critical section
    /// that it was in stays entered, for that is only a word of memory. Where it was the last one, its process
    /// ends, killed.
    ///
    /// The thread must be alive.
    pub fn terminate_thread(&mut self, thread: ThreadId) {
        assert!(self.is_thread_alive(thread), "thread {} has ended and cannot end again", thread.0);
        let process = self.process_of(thread);
        self.end_thread(thread);
        if self.threads_of(process).all(|other| !self.is_thread_alive(other)) {
            self.end_process(process, Ending::Killed);
        }
    }

    /// `OpenProcess` and `CloseHandle`: 87 for a number that no living process has. Who may not open it is
    /// not modelled.
    pub(crate) fn open_process(&self, process: u32) -> Answer {
        let alive = self.process_ids().any(|id| id.0 == process && self.process(id).is_alive());
        if alive { Ok(Value::Nothing) } else { Err(Win32Error::INVALID_PARAMETER) }
    }

    /// Reads a word of the process's memory.
    pub(crate) fn memory_read(&self, thread: ThreadId, word: &str) -> Value {
        let memory = &self.running(self.process_of(thread)).memory;
        Value::Number(memory.get(word).copied().unwrap_or(0))
    }

    /// Writes a word of the process's memory.
    pub(crate) fn memory_write(&mut self, thread: ThreadId, word: &str, value: i64) -> Value {
        let process = self.process_of(thread);
        store(&mut self.running_mut(process).memory, word, value);
        Value::Nothing
    }

    /// Adds to a word of the process's memory, wrapping around as the hardware does.
    pub(crate) fn memory_add(&mut self, thread: ThreadId, word: &str, delta: i64) -> Value {
        let process = self.process_of(thread);
        let memory = &mut self.running_mut(process).memory;
        let new = memory.get(word).copied().unwrap_or(0).wrapping_add(delta);
        store(memory, word, new);
        Value::Number(new)
    }

    /// The process that the thread belongs to.
    pub fn process_of(&self, thread: ThreadId) -> ProcessId {
        self.thread(thread).process
    }

    /// The threads of the process, ended ones too, in order.
    pub fn threads_of(&self, process: ProcessId) -> impl Iterator<Item = ThreadId> + '_ {
        let threads = self.threads().iter().zip(0..);
        threads.filter(move |(thread, _)| thread.process == process).map(|(_, number)| ThreadId(number))
    }

    /// Whether the thread has not ended.
    pub fn is_thread_alive(&self, thread: ThreadId) -> bool {
        self.thread(thread).is_alive()
    }

    /// The token that the thread impersonates with, if it does.
    pub fn impersonation(&self, thread: ThreadId) -> Option<&Token> {
        match &self.thread(thread).life {
            ThreadLife::Running { impersonation } => impersonation.as_deref(),
            ThreadLife::Ended => None,
        }
    }

    /// Exchanges what two threads have, or that they have ended.
    pub(super) fn swap_threads(&mut self, one: ThreadId, other: ThreadId) {
        let (of_one, of_other) = (self.thread(one).life.clone(), self.thread(other).life.clone());
        self.thread_mut(one).life = of_other;
        self.thread_mut(other).life = of_one;
    }

    /// Sets or removes the thread's own token.
    pub(crate) fn set_impersonation(&mut self, thread: ThreadId, token: Option<Shared<Token>>) {
        self.thread_mut(thread).life = ThreadLife::Running { impersonation: token };
    }

    /// The machine goes, and all processes with it.
    pub(super) fn end_every_process(&mut self) {
        let alive: Vec<ProcessId> = self.process_ids().filter(|id| self.process(*id).is_alive()).collect();
        for process in alive {
            self.end_process(process, Ending::MachineCrashed);
        }
    }

    fn end_thread(&mut self, thread: ThreadId) {
        self.abandon_mutexes(thread);
        self.thread_mut(thread).life = ThreadLife::Ended;
    }

    fn end_process(&mut self, process: ProcessId, ending: Ending) {
        assert!(self.process(process).is_alive(), "process {} has ended and cannot end again", process.0);
        let threads: Vec<ThreadId> =
            self.threads_of(process).filter(|thread| self.is_thread_alive(*thread)).collect();
        for thread in threads {
            self.end_thread(thread);
        }
        self.process_mut(process).life = Life::Ended(ending);
        self.collect_objects();
        self.collect_hives();
    }
}

/// Writes a word or cell; one that is 0 is not kept, so that memories with the same content are equal.
pub(crate) fn store<N>(memory: &mut BTreeMap<N, i64>, word: &str, value: i64)
where
    N: Ord + Borrow<str> + for<'a> From<&'a str>,
{
    if value == 0 {
        memory.remove(word);
    } else if let Some(old) = memory.get_mut(word) {
        *old = value;
    } else {
        memory.insert(word.into(), value);
    }
}
