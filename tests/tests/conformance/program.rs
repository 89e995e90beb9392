//! Random programs of four threads in three processes, and what is seen of each step.

use mapisim_model::os::syscall::{KeyAccess, Protection, RegValue};
use mapisim_model::os::{Answer, Handle, Key, Os, ProcessId, Syscall, ThreadId, ViewBase, Windows};
use proptest::prelude::*;

use crate::rig::{HKCU, Rig, create, delete, enum_key, event, look, map, open, query, release, section_of};

/// How a machine makes a step: as it should, or with a mistake.
pub(crate) type Execute = fn(&mut Os, ThreadId, &Syscall) -> Option<Answer>;

/// As it should.
pub(crate) fn honest(os: &mut Os, thread: ThreadId, call: &Syscall) -> Option<Answer> {
    os.execute(thread, call)
}

/// One step as a rule sees it.
pub(crate) struct Seen<'a> {
    pub(crate) before: &'a Os,
    pub(crate) after: &'a Os,
    pub(crate) thread: ThreadId,
    pub(crate) call: &'a Syscall,
    pub(crate) answer: &'a Answer,
}

impl Seen<'_> {
    /// The process that made the step.
    pub(crate) fn process(&self) -> ProcessId {
        self.before.process_of(self.thread)
    }

    /// The name that the step made or opened an object by.
    pub(crate) fn object_name(&self) -> Option<&str> {
        match self.call {
            Syscall::CreateFileMapping { name, .. }
            | Syscall::CreateMutex { name, .. }
            | Syscall::CreateEvent { name, .. } => name.as_deref().filter(|name| !name.is_empty()),
            _ => None,
        }
    }
}

/// Who makes a step, and which.
pub(crate) type Program = Vec<(usize, Syscall)>;

/// The machine at the start: processes of `user` in sessions 0 and 2 and of `admin` in session 2, the last with two
/// threads. Each process has a token of `admin` (handle 4) and one of `user` (handle 8) that it was given.
fn start(windows: Windows) -> (Os, [ThreadId; 4]) {
    let mut os = Rig::new(windows).os;
    let threads = [("user", 0), ("user", 2), ("admin", 2)].map(|(account, session)| {
        let process = os.spawn("test.exe", account, session);
        for given in ["admin", "user"] {
            os.give_token(process, given);
        }
        os.spawn_thread(process)
    });
    let fourth = os.spawn_thread(os.process_of(threads[2]));
    let [first, second, third] = threads;
    (os, [first, second, third, fourth])
}

/// Runs a program, showing every step to the rule.
///
/// # Errors
/// What the rule says against the first step that breaks it.
pub(crate) fn run(
    program: &Program,
    windows: Windows,
    execute: Execute,
    rule: fn(&Seen<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let (mut os, threads) = start(windows);
    for (who, call) in program {
        let thread = threads[*who];
        if !os.is_thread_alive(thread) {
            continue;
        }
        let before = os.clone();
        let Some(answer) = execute(&mut os, thread, call) else { continue };
        rule(&Seen { before: &before, after: &os, thread, call, answer: &answer })
            .map_err(|broken| format!("{call:?} by {thread:?} answers {answer:?}: {broken}"))?;
    }
    os.assert_invariants();
    Ok(())
}

fn handle() -> impl Strategy<Value = Handle> {
    (1_u32..8).prop_map(|number| Handle(4 * number))
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![2 => Just(HKCU), 3 => handle().prop_map(Key::Handle)]
}

fn path() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", r"a\b"]).prop_map(str::to_owned)
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["x", "x", r"Global\x", r"Local\x"]).prop_map(str::to_owned)
}

fn call() -> impl Strategy<Value = Syscall> {
    let objects = prop_oneof![
        3 => name().prop_map(|name| section_of(&name, 4096, Protection::ReadWrite)),
        3 => (name(), any::<bool>())
            .prop_map(|(name, everyone)| Syscall::CreateMutex { name: Some(name), everyone }),
        1 => name().prop_map(|name| event(&name)),
        1 => handle().prop_map(|handle| map(handle, mapisim_model::os::syscall::MapAccess::All, 0)),
        1 => (0_u32..3).prop_map(|view| Syscall::UnmapViewOfFile { view: ViewBase(view) }),
        3 => (3_u32..8).prop_map(|number| Syscall::CloseHandle { handle: Handle(4 * number) }),
        4 => handle().prop_map(look),
        1 => handle().prop_map(release),
    ];
    let keys = prop_oneof![
        4 => (key(), path()).prop_map(|(key, path)| create(key, &path)),
        2 => (key(), path()).prop_map(|(key, path)| open(key, &path)),
        2 => (key(), path()).prop_map(|(key, path)| delete(key, &path)),
        1 => (key(), Just("")).prop_map(|(key, path)| delete(key, path)),
        1 => key().prop_map(|key| Syscall::RegDeleteKey { key, path: None }),
        1 => key().prop_map(|key| query(key, "v")),
        1 => (key(), path()).prop_map(|(key, name)| {
            Syscall::RegSetValueEx { key, name, value: RegValue { kind: 4, data: vec![0; 4] } }
        }),
        2 => (key(), 0_u32..3).prop_map(|(key, index)| enum_key(key, index)),
        1 => key().prop_map(|key| Syscall::RegOpenKeyEx { key, path: None, access: KeyAccess::Read }),
    ];
    let who = prop_oneof![
        2 => prop::sample::select(vec![Handle(4), Handle(8)])
            .prop_map(|token| Syscall::ImpersonateLoggedOnUser { token }),
        1 => Just(Syscall::RevertToSelf),
    ];
    prop_oneof![10 => objects, 10 => keys, 3 => who, 1 => Just(Syscall::ExitProcess)]
}

/// A random program.
pub(crate) fn program() -> impl Strategy<Value = Program> {
    prop::collection::vec((0_usize..4, call()), 1..60)
}
