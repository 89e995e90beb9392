//! The recorded world on the simulated machine: two processes of one administrator in session 1, the key "U",
//! slots for handles and views.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mapisim_model::os::registry::reg_delete_tree;
use mapisim_model::os::security;
use mapisim_model::os::syscall::{KeyAccess, MapAccess, Protection, RegValue, Timeout};
use mapisim_model::os::{
    Account, Handle, Key, Os, ProcessId, Syscall, ThreadId, Value as Gives, ViewBase, Win32Error, Windows,
};
use serde_json::{Value, json};

use crate::op::{Answer, Call, Op, Par, Proc};

const SLOTS: usize = 16;
const NULL: Handle = Handle(0);
/// Where "U" lies; the name plays no part in any answer.
const ROOT: &str = r"Software\WineOracle\s";

/// A running process of the world: its slots.
struct Running {
    process: ProcessId,
    thread: ThreadId,
    root: Handle,
    keys: [Handle; SLOTS],
    objects: [Handle; SLOTS],
    views: [Option<(ViewBase, u64)>; SLOTS],
}

/// The world between two operations.
pub(crate) struct World {
    os: Os,
    processes: [Option<Running>; 2],
}

type Outcome = Result<Gives, Win32Error>;

impl World {
    /// The world at the start of every sequence.
    pub(crate) fn new(windows: Windows) -> Self {
        let mut os = Os::boot(windows, true);
        let sid = "S-1-5-21-1-2-3-500".parse().expect("that is a SID");
        let admin = Account::new("admin", sid).in_group("Administrators").expect("that is a group");
        os.add_account(admin);
        os.load_hive("admin");
        os.create_key("admin", ROOT).expect("that is a path");
        let mut world = Self { os, processes: [None, None] };
        for proc in [Proc::A, Proc::B] {
            world.spawn(proc);
        }
        world
    }

    /// Makes an operation and answers as the driver does.
    pub(crate) fn run(&mut self, op: &Op) -> Answer {
        let proc = op.p;
        match &op.call {
            Call::Spawn if self.is_running(proc) => return vec![json!("ALIVE")],
            Call::Spawn => {
                self.spawn(proc);
                return vec![json!("ok")];
            }
            Call::RDup { to, .. } | Call::SDup { to, .. } if !self.is_running(*to) => {
                return vec![json!("DEAD")];
            }
            _ if !self.is_running(proc) => return vec![json!("DEAD")],
            _ => {}
        }
        let answer = self.call(proc, &op.call);
        self.os.assert_invariants();
        answer
    }

    fn call(&mut self, proc: Proc, call: &Call) -> Answer {
        match call {
            Call::Kill => {
                self.os.kill(self.running(proc).process);
                self.processes[proc as usize] = None;
                vec![json!("ok")]
            }
            Call::Exit => {
                self.step(proc, Syscall::ExitProcess).expect("a process can end");
                self.processes[proc as usize] = None;
                vec![json!("ok")]
            }
            Call::Spawn => unreachable!("seen before"),
            Call::RCreate { .. }
            | Call::ROpen { .. }
            | Call::RDel { .. }
            | Call::RDelTree { .. }
            | Call::REnum { .. }
            | Call::RList { .. }
            | Call::RListV { .. }
            | Call::RSet { .. }
            | Call::RGet { .. }
            | Call::RDelV { .. }
            | Call::RInfo { .. }
            | Call::RFlush { .. }
            | Call::RClose { .. }
            | Call::RDup { .. } => self.registry_call(proc, call),
            Call::SMap { .. } | Call::SUnmap { .. } | Call::SRead { .. } | Call::SWrite { .. } => {
                self.view_call(proc, call)
            }
            _ => self.object_call(proc, call),
        }
    }

    fn registry_call(&mut self, proc: Proc, call: &Call) -> Answer {
        match call {
            Call::RCreate { r, par, path, vol } => {
                let call = Syscall::RegCreateKeyEx {
                    key: self.key(proc, par),
                    path: path.clone(),
                    volatile: *vol != 0,
                };
                let outcome = self.step(proc, call);
                self.put_key(proc, *r, &outcome);
                match outcome {
                    Ok(Gives::Opened { existed, .. }) => vec![json!(0), json!(1 + u32::from(existed))],
                    other => vec![status(&other)],
                }
            }
            Call::ROpen { r, par, path, sam } => {
                let access = match &**sam {
                    "all" => KeyAccess::All,
                    "read" => KeyAccess::Read,
                    "write" => KeyAccess::Write,
                    "qv" => KeyAccess::QUERY_VALUE,
                    other => panic!("no access is called {other:?}"),
                };
                let call = Syscall::RegOpenKeyEx { key: self.key(proc, par), path: path.clone(), access };
                let outcome = self.step(proc, call);
                self.put_key(proc, *r, &outcome);
                vec![status(&outcome)]
            }
            Call::RDel { par, path } => {
                let key = self.key(proc, par);
                vec![status(&self.step(proc, Syscall::RegDeleteKey { key, path: path.clone() }))]
            }
            Call::RDelTree { par, path } => {
                let key = self.key(proc, par);
                vec![code(self.delete_tree(proc, key, path.as_deref()))]
            }
            Call::REnum { k, i } => {
                let key = self.key(proc, k);
                match self.step(proc, Syscall::RegEnumKeyEx { key, index: *i }) {
                    Ok(Gives::Text(name)) => vec![json!(0), json!(name)],
                    other => vec![status(&other)],
                }
            }
            Call::RList { k } => {
                let key = self.key(proc, k);
                self.list(proc, |index| Syscall::RegEnumKeyEx { key, index })
            }
            Call::RListV { k } => {
                let key = self.key(proc, k);
                self.list(proc, |index| Syscall::RegEnumValue { key, index })
            }
            Call::RSet { k, name, r#type, hex } => {
                let value = RegValue { kind: *r#type, data: bytes(hex) };
                let key = self.key(proc, k);
                vec![status(&self.step(proc, Syscall::RegSetValueEx { key, name: name.clone(), value }))]
            }
            Call::RGet { k, name } => {
                let key = self.key(proc, k);
                match self.step(proc, Syscall::RegQueryValueEx { key, name: name.clone() }) {
                    Ok(Gives::Data(value)) => {
                        let bytes = value.data.iter().map(|byte| format!("{byte:02x}"));
                        let hex = bytes.collect::<Vec<_>>().concat();
                        vec![json!(0), json!(value.kind), json!(format!("x{hex}"))]
                    }
                    other => vec![status(&other)],
                }
            }
            Call::RDelV { k, name } => {
                let key = self.key(proc, k);
                vec![status(&self.step(proc, Syscall::RegDeleteValue { key, name: name.clone() }))]
            }
            Call::RInfo { k } => {
                let key = self.key(proc, k);
                match self.step(proc, Syscall::RegQueryInfoKey { key }) {
                    Ok(Gives::KeyInfo(info)) => {
                        let numbers = [
                            0,
                            info.subkeys,
                            info.subkey_name_max,
                            info.values,
                            info.value_name_max,
                            info.value_data_max,
                        ];
                        numbers.into_iter().map(|number| json!(number)).collect()
                    }
                    other => vec![status(&other)],
                }
            }
            Call::RFlush { k } => {
                let key = self.key(proc, k);
                vec![status(&self.step(proc, Syscall::RegFlushKey { key }))]
            }
            Call::RClose { r } => {
                let handle = std::mem::replace(&mut self.running_mut(proc).keys[*r], NULL);
                vec![status(&self.step(proc, Syscall::RegCloseKey { key: handle.into() }))]
            }
            Call::RDup { src, to, dst } => {
                let outcome = self.duplicate(proc, self.running(proc).keys[*src], *to);
                self.put_key(*to, *dst, &outcome);
                ok_and_error(&outcome)
            }
            other => unreachable!("{other:?} is no call on the registry"),
        }
    }

    fn object_call(&mut self, proc: Proc, call: &Call) -> Answer {
        match call {
            Call::SCreate { s, name, size, prot } => {
                let protection = match &**prot {
                    "rw" => Protection::ReadWrite,
                    "ro" => Protection::ReadOnly,
                    "wc" => Protection::WriteCopy,
                    other => panic!("no protection is called {other:?}"),
                };
                let call = Syscall::CreateFileMapping {
                    name: name.clone(),
                    size: *size,
                    protection,
                    everyone: false,
                };
                self.make(proc, *s, call)
            }
            Call::SOpen { s, name, acc } => {
                let access = map_access(acc);
                self.open(proc, *s, name.as_ref(), |name| Syscall::OpenFileMapping { name, access })
            }
            Call::ECreate { s, name, manual, init } => {
                let call = Syscall::CreateEvent {
                    name: name.clone(),
                    manual_reset: *manual != 0,
                    signalled: *init != 0,
                    everyone: false,
                };
                self.make(proc, *s, call)
            }
            Call::EOpen { s, name } => {
                let access = security::event::ALL;
                self.open(proc, *s, name.as_ref(), |name| Syscall::OpenEvent { name, access })
            }
            Call::SClose { s } => {
                let handle = std::mem::replace(&mut self.running_mut(proc).objects[*s], NULL);
                ok_and_error(&self.step(proc, Syscall::CloseHandle { handle }))
            }
            Call::ESet { s } => {
                let event = self.running(proc).objects[*s];
                ok_and_error(&self.step(proc, Syscall::SetEvent { event }))
            }
            Call::EWait { s, ms } => {
                assert_eq!(*ms, 0, "there is no time here");
                let object = self.running(proc).objects[*s];
                match self.step(proc, Syscall::WaitForSingleObject { object, timeout: Timeout::Zero }) {
                    Ok(Gives::TimedOut) => vec![json!(0x102), json!(0)],
                    Ok(_) => vec![json!(0), json!(0)],
                    Err(error) => vec![json!(u32::MAX), json!(error.0)],
                }
            }
            Call::SDup { src, to, dst } => {
                let outcome = self.duplicate(proc, self.running(proc).objects[*src], *to);
                self.put_object(*to, *dst, &outcome);
                ok_and_error(&outcome)
            }
            other => unreachable!("{other:?} is no call on objects"),
        }
    }

    fn view_call(&mut self, proc: Proc, call: &Call) -> Answer {
        match call {
            Call::SMap { s, v, acc, bytes } => {
                let section = self.running(proc).objects[*s];
                let call = Syscall::MapViewOfFile { section, access: map_access(acc), bytes: *bytes };
                let outcome = self.step(proc, call);
                let view = match &outcome {
                    Ok(Gives::View(base)) => {
                        let size = self.os.view_bytes(self.running(proc).process, *base);
                        Some((*base, size.expect("a view that was just mapped is there")))
                    }
                    _ => None,
                };
                if let Some((old, _)) = std::mem::replace(&mut self.running_mut(proc).views[*v], view) {
                    self.step(proc, Syscall::UnmapViewOfFile { view: old }).expect("the old view is there");
                }
                let mut answer = ok_and_error(&outcome);
                answer.extend(view.map(|(_, size)| json!(size)));
                answer
            }
            Call::SUnmap { v } => {
                let view = self.running_mut(proc).views[*v].take().map_or(ViewBase(0), |(base, _)| base);
                ok_and_error(&self.step(proc, Syscall::UnmapViewOfFile { view }))
            }
            Call::SRead { v, off } => self.touch(proc, *v, *off, None),
            Call::SWrite { v, off, val } => self.touch(proc, *v, *off, Some(*val)),
            other => unreachable!("{other:?} is no call on views"),
        }
    }

    fn touch(&mut self, proc: Proc, slot: usize, offset: u64, write: Option<u8>) -> Answer {
        let Some((view, size)) = self.running(proc).views[slot] else { return vec![json!("NOVIEW")] };
        if offset >= size {
            return vec![json!("OOR")];
        }
        let call = match write {
            None => Syscall::ByteLoad { view, offset },
            Some(value) => Syscall::ByteStore { view, offset, value },
        };
        vec![match self.step(proc, call) {
            Ok(Gives::Number(byte)) => json!(byte),
            Ok(_) => json!("ok"),
            Err(_) => json!("AV"),
        }]
    }

    fn make(&mut self, proc: Proc, slot: usize, call: Syscall) -> Answer {
        let outcome = self.step(proc, call);
        self.put_object(proc, slot, &outcome);
        match outcome {
            Ok(Gives::Opened { existed: true, .. }) => vec![json!(1), json!(183)],
            other => ok_and_error(&other),
        }
    }

    /// An open call; the machine has no NULL name, which kernel32 refuses by itself with 87 (os A.5).
    fn open(
        &mut self,
        proc: Proc,
        slot: usize,
        name: Option<&String>,
        call: impl FnOnce(String) -> Syscall,
    ) -> Answer {
        let outcome = match name {
            None => Err(Win32Error::INVALID_PARAMETER),
            Some(name) => self.step(proc, call(name.clone())),
        };
        self.put_object(proc, slot, &outcome);
        ok_and_error(&outcome)
    }

    fn duplicate(&mut self, proc: Proc, handle: Handle, to: Proc) -> Outcome {
        let (source, target) = (self.running(proc).process, self.running(to).process);
        self.step(proc, Syscall::DuplicateHandle { source, handle, target, access: None })
    }

    fn list(&mut self, proc: Proc, call: impl Fn(u32) -> Syscall) -> Answer {
        let mut names = Vec::new();
        for index in 0.. {
            match self.step(proc, call(index)) {
                Ok(Gives::Text(name)) => names.push(name),
                other => return vec![status(&other), json!(names)],
            }
        }
        unreachable!("no key has that many")
    }

    /// `RegDeleteTree`, its steps one right after the other.
    fn delete_tree(&mut self, proc: Proc, key: Key, path: Option<&str>) -> Result<(), Win32Error> {
        let world = RefCell::new(self);
        let mut run = pin!(reg_delete_tree(async |call| world.borrow_mut().step(proc, call), key, path));
        match run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => unreachable!("no step here has to wait"),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "every caller makes the step where it asks for it")]
    fn step(&mut self, proc: Proc, call: Syscall) -> Outcome {
        let thread = self.running(proc).thread;
        self.os.execute(thread, &call).unwrap_or_else(|| panic!("{call:?} has to wait"))
    }

    /// The slot's old handle is closed once the new one is there.
    fn put_key(&mut self, proc: Proc, slot: usize, outcome: &Outcome) {
        let old = std::mem::replace(&mut self.running_mut(proc).keys[slot], handle_of(outcome));
        if old != NULL {
            self.step(proc, Syscall::RegCloseKey { key: old.into() }).expect("the old handle is open");
        }
    }

    fn put_object(&mut self, proc: Proc, slot: usize, outcome: &Outcome) {
        let old = std::mem::replace(&mut self.running_mut(proc).objects[slot], handle_of(outcome));
        if old != NULL {
            self.step(proc, Syscall::CloseHandle { handle: old }).expect("the old handle is open");
        }
    }

    fn spawn(&mut self, proc: Proc) {
        let process = self.os.spawn("worc.exe", "admin", 1);
        let thread = self.os.spawn_thread(process);
        let (keys, objects, views) = ([NULL; SLOTS], [NULL; SLOTS], [None; SLOTS]);
        self.processes[proc as usize] = Some(Running { process, thread, root: NULL, keys, objects, views });
        let path = Some(ROOT.to_owned());
        let call = Syscall::RegOpenKeyEx { key: Key::CurrentUser, path, access: KeyAccess::All };
        let root = handle_of(&self.step(proc, call));
        self.running_mut(proc).root = root;
    }

    fn key(&self, proc: Proc, par: &Par) -> Key {
        let running = self.running(proc);
        match par {
            Par::Slot(slot) => running.keys[*slot].into(),
            Par::Root(name) => {
                assert_eq!(name, "U", "there is one key by name");
                running.root.into()
            }
        }
    }

    fn is_running(&self, proc: Proc) -> bool {
        self.processes[proc as usize].is_some()
    }

    fn running(&self, proc: Proc) -> &Running {
        self.processes[proc as usize].as_ref().expect("only running processes make calls")
    }

    fn running_mut(&mut self, proc: Proc) -> &mut Running {
        self.processes[proc as usize].as_mut().expect("only running processes make calls")
    }
}

fn handle_of(outcome: &Outcome) -> Handle {
    match outcome {
        Ok(Gives::Handle(handle) | Gives::Opened { handle, .. }) => *handle,
        _ => NULL,
    }
}

fn code<T>(result: Result<T, Win32Error>) -> Value {
    json!(result.map_or_else(|error| error.0, |_| 0))
}

fn status(outcome: &Outcome) -> Value {
    code(outcome.as_ref().map_err(|error| *error))
}

fn ok_and_error(outcome: &Outcome) -> Answer {
    vec![json!(u32::from(outcome.is_ok())), status(outcome)]
}

fn map_access(name: &str) -> MapAccess {
    match name {
        "all" => MapAccess::All,
        "r" => MapAccess::Read,
        "w" => MapAccess::Write,
        "cow" => MapAccess::Copy,
        other => panic!("no access is called {other:?}"),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("a byte is two hex digits");
    (0..hex.len()).step_by(2).map(digit).collect()
}
