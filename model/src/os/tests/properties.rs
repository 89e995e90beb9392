//! Random programs of three processes, against the invariants and naive references.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::rig::*;
use crate::os::mutex::Mutex;
use crate::os::namespace::ObjectPath;
use crate::os::syscall::{KeyAccess, MapAccess, Protection};
use crate::os::view::Holder;
use crate::os::{Handle, Key, Syscall, ThreadId, Value, ViewBase, Win32Error, Windows};

/// A step of a random program: who, and what; or who is killed.
#[derive(Clone, Debug)]
enum Step {
    Call(usize, Syscall),
    Kill(usize),
}

fn handle() -> impl Strategy<Value = Handle> {
    (0_u32..6).prop_map(|slot| Handle(4 * slot))
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![2 => Just(HKCU), 4 => handle().prop_map(Key::Handle), 1 => Just(HKU)]
}

fn path() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "A", "b", r"a\b", r"a\b\c", r"b\\a\", r"\a", r"S-1-5-18\a"])
        .prop_map(str::to_owned)
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["x", "X", r"Global\x", r"Local\x", r"Session\2\x", "", r"x\y", "Global"])
        .prop_map(str::to_owned)
}

fn access() -> impl Strategy<Value = MapAccess> {
    prop::sample::select(vec![MapAccess::Read, MapAccess::Write, MapAccess::ReadWrite, MapAccess::All])
}

fn account() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["user", "other", "admin", "LocalSystem"]).prop_map(str::to_owned)
}

fn registry_call() -> impl Strategy<Value = Syscall> {
    let sam = prop::sample::select(vec![KeyAccess::Read, KeyAccess::Write, KeyAccess::All]);
    prop_oneof![
        3 => (key(), prop::option::of(path()), sam)
            .prop_map(|(key, path, access)| Syscall::RegOpenKeyEx { key, path, access }),
        4 => (key(), path(), prop::bool::weighted(0.2))
            .prop_map(|(key, path, volatile)| Syscall::RegCreateKeyEx { key, path, volatile }),
        3 => (key(), prop::option::of(path())).prop_map(|(key, path)| Syscall::RegDeleteKey { key, path }),
        2 => key().prop_map(|key| Syscall::RegCloseKey { key }),
        1 => (key(), path()).prop_map(|(key, name)| set(key, &name)),
        1 => (key(), path()).prop_map(|(key, name)| delete_value(key, &name)),
        1 => (key(), 0_u32..3).prop_map(|(key, index)| enum_key(key, index)),
        1 => Just(Syscall::RegOpenCurrentUser),
        1 => Just(Syscall::RegDisablePredefinedCache),
        1 => account().prop_map(|account| Syscall::LoadUserProfile { account }),
        1 => account().prop_map(|account| Syscall::UnloadUserProfile { account }),
    ]
}

fn object_call() -> impl Strategy<Value = Syscall> {
    let view = || (0_u32..4).prop_map(ViewBase);
    prop_oneof![
        3 => prop::option::of(name()).prop_map(|name| section_of(name, 4096, Protection::ReadWrite)),
        1 => (name(), access()).prop_map(|(name, access)| Syscall::OpenFileMapping { name, access }),
        3 => (handle(), access()).prop_map(|(section, access)| map(section, access)),
        2 => view().prop_map(unmap),
        2 => view().prop_map(|view| add(view, "n", 1)),
        2 => (prop::option::of(name()), any::<bool>())
            .prop_map(|(name, everyone)| Syscall::CreateMutex { name, everyone }),
        1 => name().prop_map(|name| open_mutex(&name)),
        4 => handle().prop_map(wait),
        2 => handle().prop_map(release),
        4 => handle().prop_map(close),
        1 => account().prop_map(|account| logon(&account)),
        1 => handle().prop_map(|token| Syscall::ImpersonateLoggedOnUser { token }),
        1 => Just(Syscall::RevertToSelf),
    ]
}

fn program() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        20 => (0_usize..3, registry_call()).prop_map(|(who, call)| Step::Call(who, call)),
        20 => (0_usize..3, object_call()).prop_map(|(who, call)| Step::Call(who, call)),
        1 => (0_usize..3).prop_map(Step::Kill),
        1 => (0_usize..3).prop_map(|who| Step::Call(who, Syscall::ExitProcess)),
    ];
    prop::collection::vec(step, 1..60)
}

fn version() -> impl Strategy<Value = Windows> {
    prop::sample::select(Windows::ALL.to_vec())
}

fn start(version: Windows) -> (Rig, [ThreadId; 3]) {
    let mut rig = Rig::new(version);
    let threads = [rig.start("user", 0), rig.start("user", 2), rig.start("admin", 2)];
    (rig, threads)
}

/// Makes the step, where its thread is alive and need not wait; answers what came back.
fn run(rig: &mut Rig, threads: &[ThreadId; 3], step: &Step) -> Option<Result<Value, Win32Error>> {
    match step {
        Step::Call(who, call) if rig.os.is_thread_alive(threads[*who]) => rig.os.execute(threads[*who], call),
        Step::Kill(who) if rig.os.is_thread_alive(threads[*who]) => {
            rig.os.kill(rig.os.process_of(threads[*who]));
            None
        }
        Step::Call(..) | Step::Kill(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Every invariant holds after every step of every program, on every version; and a step is a function of
    /// the state.
    #[test]
    fn no_program_breaks_an_invariant(version in version(), program in program()) {
        let (mut rig, threads) = start(version);
        for step in &program {
            let mut twin = Rig { os: rig.os.clone() };
            let answer = run(&mut rig, &threads, step);
            prop_assert_eq!(run(&mut twin, &threads, step), answer);
            prop_assert_eq!(&twin.os, &rig.os);
            rig.os.assert_invariants();
        }
    }

    /// Two states that differ by nothing but what a process has for itself are one once it is killed.
    #[test]
    fn what_a_process_has_for_itself_goes_with_it(version in version(), program in program()) {
        let (mut rig, threads) = start(version);
        for step in &program {
            let mut before = rig.os.clone();
            run(&mut rig, &threads, step);
            for process in threads.map(|thread| rig.process(thread)) {
                if before.differs_by_one_alone(&rig.os, process) {
                    let mut after = rig.os.clone();
                    before.kill(process);
                    after.kill(process);
                    prop_assert_eq!(&before, &after);
                    break;
                }
            }
        }
    }

    /// A name is alive exactly while some handle is open on it: creating it finds something just then.
    #[test]
    fn a_name_is_alive_exactly_while_a_handle_is(program in program()) {
        let (mut rig, threads) = start(Windows::W2000);
        for step in &program {
            run(&mut rig, &threads, step);
            let probe = rig.os.spawn("probe.exe", "LocalSystem", 0);
            let probe = rig.os.spawn_thread(probe);
            let mut by_path: BTreeMap<ObjectPath, bool> = BTreeMap::new();
            for object in rig.os.all_objects() {
                let holders = rig.os.holders(&object.id);
                let has_handle = holders.iter().any(|holder| matches!(holder, Holder::Handle(..)));
                if let Some(path) = object.path {
                    *by_path.entry(path).or_insert(false) |= object.name_is_alive && has_handle;
                    prop_assert_eq!(object.name_is_alive, has_handle);
                }
            }
            for name in ["x", r"Session\2\x"] {
                let mut fork = Rig { os: rig.os.clone() };
                let Ok(path) = fork.os.resolve_name(fork.process(probe), name) else { continue };
                let found = fork.code(probe, &open_section(name, MapAccess::Read)) != 2;
                prop_assert_eq!(found, by_path.get(&path).copied().unwrap_or(false), "{}", name);
            }
            rig.os.kill(rig.os.process_of(probe));
        }
    }

    /// A mutex is never owned by two, and a kill leaves nothing of the dead: no handle, no view, no
    /// ownership.
    #[test]
    fn the_dead_hold_nothing_and_no_mutex_has_two_owners(program in program()) {
        let (mut rig, threads) = start(Windows::XP);
        let mut owned: BTreeMap<ThreadId, i64> = BTreeMap::new();
        for step in &program {
            let answer = run(&mut rig, &threads, step);
            if let (Step::Call(who, call), Some(Ok(_))) = (step, answer) {
                let change = match call {
                    Syscall::WaitForSingleObject { .. } => 1,
                    Syscall::ReleaseMutex { .. } => -1,
                    _ => 0,
                };
                *owned.entry(threads[*who]).or_insert(0) += change;
            }
            let dead: Vec<_> = threads.iter().filter(|thread| !rig.os.is_thread_alive(**thread)).collect();
            for object in rig.os.all_objects() {
                for holder in rig.os.holders(&object.id) {
                    let (Holder::Handle(process, _) | Holder::View(process, _)) = holder;
                    prop_assert!(rig.os.process(process).is_alive());
                }
                let owner = object.mutex().and_then(Mutex::owner);
                prop_assert!(owner.is_none_or(|owner| !dead.contains(&&owner)));
            }
            for thread in threads.iter().filter(|thread| rig.os.is_thread_alive(**thread)) {
                let mutexes = rig.os.mutexes().filter_map(|object| object.mutex());
                let mine = mutexes.filter(|mutex| mutex.owner() == Some(*thread));
                let held: i64 = mine.map(|mutex| i64::from(mutex.recursion())).sum();
                // A mutex whose last handle is closed while it is owned is gone (D), so fewer may be left.
                prop_assert!(held <= owned.get(thread).copied().unwrap_or(0));
            }
        }
    }
}

/// The registry as a naive map from upper-cased paths to bodies with unlimited numbers, and handles to those
/// numbers.
#[derive(Default)]
struct Naive {
    names: BTreeMap<String, u32>,
    bodies: u32,
    handles: BTreeMap<Handle, (String, u32)>,
}

impl Naive {
    fn base(&self, key: Key) -> Result<String, u32> {
        match key {
            Key::CurrentUser => Ok(String::new()),
            Key::Users => Err(0),
            Key::Handle(handle) => match self.handles.get(&handle) {
                None => Err(6),
                Some((path, body)) if *path == *"" || self.names.get(path) == Some(body) => Ok(path.clone()),
                Some(_) => Err(1018),
            },
        }
    }

    fn full(&self, key: Key, path: &str) -> Result<Vec<String>, u32> {
        let base = match self.base(key) {
            Err(6) => return Err(6),
            _ if path.starts_with('\\') => return Err(161),
            base => base?,
        };
        let parts = base.split('\\').chain(path.split('\\')).filter(|part| !part.is_empty());
        Ok(parts.map(str::to_ascii_uppercase).collect())
    }

    fn open(&self, key: Key, path: &str) -> Result<(String, u32), u32> {
        let full = self.full(key, path)?.join("\\");
        match self.names.get(&full) {
            _ if full.is_empty() => Ok((full, 0)),
            Some(body) => Ok((full.clone(), *body)),
            None => Err(2),
        }
    }

    fn create(&mut self, key: Key, path: &str) -> Result<(String, u32), u32> {
        let parts = self.full(key, path)?;
        for depth in 1..=parts.len() {
            let path = parts[..depth].join("\\");
            if !self.names.contains_key(&path) {
                self.bodies += 1;
                self.names.insert(path, self.bodies);
            }
        }
        self.open(key, path)
    }

    fn delete(&mut self, key: Key, path: &str) -> Result<(), u32> {
        let (full, _) = self.open(key, path)?;
        let below = format!("{full}\\");
        if full.is_empty() || self.names.keys().any(|name| name.starts_with(&below)) {
            return Err(5);
        }
        self.names.remove(&full);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Opening, creating, deleting and closing in one hive by one process answers as the naive registry does.
    #[test]
    fn the_registry_answers_as_a_naive_one(calls in prop::collection::vec(registry_call(), 1..50)) {
        let (mut rig, [thread, ..]) = start(Windows::XP);
        let mut naive = Naive::default();
        for call in calls {
            let expected = match &call {
                Syscall::RegOpenKeyEx { key: Key::Users, .. }
                | Syscall::RegCreateKeyEx { key: Key::Users, .. }
                | Syscall::RegDeleteKey { key: Key::Users, path: Some(_) }
                | Syscall::RegOpenKeyEx { key: HKCU, path: None, .. } => continue,
                Syscall::RegOpenKeyEx { key, path, .. } => {
                    naive.open(*key, path.as_deref().unwrap_or("")).map(Some)
                }
                Syscall::RegCreateKeyEx { key, path, volatile: false } => naive.create(*key, path).map(Some),
                Syscall::RegDeleteKey { path: None, .. } => Err(87),
                Syscall::RegDeleteKey { key, path: Some(path) } => naive.delete(*key, path).map(|()| None),
                Syscall::RegCloseKey { key: Key::Handle(handle) } => {
                    naive.handles.remove(handle).map(|_| None).ok_or(6)
                }
                _ => continue,
            };
            let answer = rig.call(thread, &call);
            let handle = match &answer {
                Ok(Value::Handle(handle) | Value::Opened { handle, .. }) => Some(*handle),
                _ => None,
            };
            let code = answer.map(|_| ()).map_err(|error| error.0);
            prop_assert_eq!(code, expected.clone().map(|_| ()), "{:?}", call);
            if let (Some(handle), Ok(Some(target))) = (handle, expected) {
                naive.handles.insert(handle, target);
            }
        }
        let hive = rig.os.hive_path("user");
        for name in naive.names.keys() {
            let path = format!(r"{hive}\{name}");
            prop_assert!(rig.os.key_exists(&path), "{}", path);
        }
    }
}
