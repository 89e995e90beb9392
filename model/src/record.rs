//! From the engine's record of a run to one that people look at.

use mapisim_sim::space::Readiness;
use mapisim_sim::{Action, Actor, Moment, Parts, Schedule, Space, Trace, World as _};

use crate::mapi::rules::Build;
use crate::os::Os;
use crate::os::mutex::Mutex;
use crate::os::process::{ProcessId, ThreadId};
use crate::os::syscall::{Answer, Handle, Key, Syscall, Value, ViewBase};
use crate::os::view::{CurrentUserView, ObjectView};
use crate::property::{Property, live_profile};
use crate::scenario::{Scenario, ScriptCall};
use crate::trace::{CallInfo, LiveSession, ProcessInfo, Run, Step, ThreadInfo, Waiting, Who, Written};
use crate::world::{THREAD_ENDS, World};

/// Tells a run of a scenario, step by step.
pub(crate) fn record(
    scenario: &Scenario,
    build: Build,
    space: &mut Space<'_, World>,
    trace: &Trace<Property>,
) -> Run {
    let waiting = waiting(space, trace);
    let space = &*space;
    let cast = space.world().cast();
    let processes = scenario.processes.iter().map(|process| ProcessInfo {
        name: process.name.clone(),
        account: scenario.accounts[process.account].account.name.clone(),
        session: process.session,
        mapi: process.mapi.written.clone(),
        algorithm: build.runs(process.mapi.algorithm()),
    });
    let threads = cast.actors().map(|actor| ThreadInfo {
        name: cast.actor_name(actor).to_owned(),
        process: cast.process_of(actor).index(),
    });
    let steps = trace.moments.iter().enumerate().map(|(index, moment)| tell(space, trace, index, moment));
    Run {
        processes: processes.collect(),
        threads: threads.collect(),
        initial: space.machine(&trace.initial).clone(),
        steps: steps.collect(),
        waiting,
        schedule: Schedule::exact(&trace.actions(), cast).to_string(),
        hives: cast.part_names(Parts(u16::MAX)),
    }
}

/// Who has to wait at the end of a run.
fn waiting(space: &mut Space<'_, World>, trace: &Trace<Property>) -> Vec<Waiting> {
    let end = trace.moments.last().map_or(&trace.initial, |last| &last.after);
    let mut waiting = Vec::new();
    for actor in space.world().cast().actors() {
        if space.readiness(end, actor) != Readiness::Waiting {
            continue;
        }
        let os = space.machine(end);
        let wanted = space.standing(end, actor).and_then(|standing| standing.wanted().cloned());
        let Some(wanted) = wanted else { continue };
        let (object, owner) = waited_for(os, ThreadId(actor.0.into()), &wanted);
        waiting.push(Waiting { thread: actor.index(), object, owner: owner.map(|owner| owner.0 as usize) });
    }
    waiting
}

fn tell(space: &Space<'_, World>, trace: &Trace<Property>, index: usize, moment: &Moment) -> Step {
    let before = trace.before(index);
    let after = space.machine(&moment.after).clone();
    let sessions = live_sessions(space, moment, &after);
    let number = index + 1;
    let fault = |who| Step {
        number,
        who,
        call: None,
        inside: Vec::new(),
        syscall: None,
        answer: None,
        object: None,
        sessions: sessions.clone(),
        after: after.clone(),
    };
    let actor = match moment.action {
        Action::Crash(process) => return fault(Who::Killed(process.index())),
        Action::End(actor) => return fault(Who::Ended(actor.index())),
        Action::Fail(kept) => return fault(Who::Machine(Written(kept.0))),
        Action::Step(actor) => actor,
    };
    let scene = space.scene(before, moment.action, &moment.after);
    let (_, syscall, answer) = scene.step().expect("the action is a step");
    let standing = scene.standing_before(actor).expect("who steps was not killed");
    let object = object(space.machine(before), &after, ThreadId(actor.0.into()), syscall, answer);
    Step {
        number,
        who: Who::Thread(actor.index()),
        call: Some(call_info(space, trace, index, moment, actor)),
        inside: standing.frames(),
        syscall: Some(syscall.clone()),
        answer: Some(answer.clone()),
        object,
        sessions,
        after,
    }
}

fn call_info(
    space: &Space<'_, World>,
    trace: &Trace<Property>,
    index: usize,
    moment: &Moment,
    actor: Actor,
) -> CallInfo {
    let before = space.standing(trace.before(index), actor).expect("who steps was not killed");
    let after = space.standing(&moment.after, actor).expect("who steps was not killed");
    let call = space.world().script_call(actor, before.call());
    let ended = after.call() > before.call();
    CallInfo {
        index: before.call(),
        name: call.map_or(THREAD_ENDS, |call| call.call.name()).to_owned(),
        text: call.map_or_else(|| THREAD_ENDS.to_owned(), call_text),
        begins: !before.begun(),
        returned: after.memory().returned.filter(|_| ended && call.is_some()),
    }
}

/// A call with its arguments: `MAPILogonEx EventSvc as s`.
pub fn call_text(call: &ScriptCall) -> String {
    let arguments = call.call.arguments();
    let words = arguments.iter().map(|(name, value)| match *name {
        "session" | "token" if arguments.len() > 1 => format!(" as {value}"),
        _ => format!(" {value}"),
    });
    std::iter::once(call.call.name().to_owned()).chain(words).collect()
}

fn live_sessions(space: &Space<'_, World>, moment: &Moment, os: &Os) -> Vec<LiveSession> {
    let world = space.world();
    let cast = world.cast();
    let mut live = Vec::new();
    for actor in cast.actors() {
        let Some(standing) = space.standing(&moment.after, actor) else { continue };
        let process = ProcessId(cast.process_of(actor).0.into());
        for name in world.live_sessions(os, actor, &standing) {
            let session = &standing.memory().sessions[name];
            let lost = live_profile::lost(os, process, &session.keys());
            let (thread, profile) = (actor.index(), session.profile.clone());
            live.push(LiveSession { thread, name: name.to_owned(), profile, lost });
        }
    }
    live
}

/// The full name of the object that a step was about.
pub(crate) fn object(
    before: &Os,
    after: &Os,
    thread: ThreadId,
    syscall: &Syscall,
    answer: &Answer,
) -> Option<String> {
    let process = before.process_of(thread);
    let name_of = |name: &str| before.resolve_name(process, name).ok().map(|path| path.to_string());
    let path_of =
        |object: Option<ObjectView<'_>>| object.and_then(|object| object.path).map(|path| path.to_string());
    let handle = |os: &Os, handle: Handle| path_of(os.object_of(process, handle));
    let view = |os: &Os, view: ViewBase| path_of(os.section_of_view(process, view));
    let key = |key: Key, path: Option<&str>| {
        // What HKEY_CURRENT_USER means is known once it has been used.
        let root = key_path(after, process, key).or_else(|| key_path(before, process, key))?;
        Some(match path {
            Some(path) if !path.is_empty() => format!(r"{root}\{path}"),
            _ => root,
        })
    };
    match syscall {
        Syscall::CreateFileMapping { name, .. }
        | Syscall::CreateMutex { name, .. }
        | Syscall::CreateEvent { name, .. } => match answer {
            Ok(Value::Opened { handle: opened, .. }) => handle(after, *opened),
            _ => name.as_deref().and_then(name_of),
        },
        Syscall::OpenFileMapping { name, .. }
        | Syscall::OpenMutex { name, .. }
        | Syscall::OpenEvent { name, .. } => name_of(name),
        Syscall::MapViewOfFile { section, .. } => handle(before, *section),
        Syscall::UnmapViewOfFile { view: base }
        | Syscall::CellLoad { view: base, .. }
        | Syscall::CellStore { view: base, .. }
        | Syscall::CellAdd { view: base, .. }
        | Syscall::CellCompareExchange { view: base, .. }
        | Syscall::ByteLoad { view: base, .. }
        | Syscall::ByteStore { view: base, .. } => view(before, *base),
        Syscall::WaitForSingleObject { object, .. } => handle(before, *object),
        Syscall::ReleaseMutex { mutex } => handle(before, *mutex),
        Syscall::SetEvent { event } | Syscall::ResetEvent { event } => handle(before, *event),
        Syscall::DuplicateHandle { source, handle: copied, .. } => {
            path_of(before.object_of(*source, *copied))
        }
        Syscall::CloseHandle { handle: closed } => handle(before, *closed),
        Syscall::RegOpenKeyEx { key: root, path, .. } | Syscall::RegDeleteKey { key: root, path } => {
            key(*root, path.as_deref())
        }
        Syscall::RegCreateKeyEx { key: root, path, .. } => key(*root, Some(path)),
        Syscall::RegCloseKey { key: root } => key_path(before, process, *root),
        Syscall::NtDeleteKey { key: root } => key_path(before, process, Key::Handle(*root)),
        Syscall::RegQueryValueEx { key: root, .. }
        | Syscall::RegSetValueEx { key: root, .. }
        | Syscall::RegDeleteValue { key: root, .. }
        | Syscall::RegEnumKeyEx { key: root, .. }
        | Syscall::RegEnumValue { key: root, .. }
        | Syscall::RegQueryInfoKey { key: root }
        | Syscall::RegFlushKey { key: root } => key(*root, None),
        Syscall::RegOpenCurrentUser => match answer {
            Ok(Value::Handle(opened)) => key_path(after, process, Key::Handle(*opened)),
            _ => None,
        },
        Syscall::ExitThread
        | Syscall::ExitProcess
        | Syscall::MemoryRead { .. }
        | Syscall::MemoryWrite { .. }
        | Syscall::MemoryAdd { .. }
        | Syscall::EnterCriticalSection { .. }
        | Syscall::LeaveCriticalSection { .. }
        | Syscall::GetEffectiveUser
        | Syscall::GetProcessUser
        | Syscall::GetCurrentProcessId
        | Syscall::OpenProcess { .. }
        | Syscall::LogonUser { .. }
        | Syscall::ImpersonateLoggedOnUser { .. }
        | Syscall::RevertToSelf
        | Syscall::ImpersonateSelf { .. }
        | Syscall::SetThreadToken { .. }
        | Syscall::OpenThreadToken
        | Syscall::DuplicateTokenEx { .. }
        | Syscall::CheckTokenMembership { .. }
        | Syscall::PrivilegeCheck { .. }
        | Syscall::LoadUserProfile { .. }
        | Syscall::UnloadUserProfile { .. }
        | Syscall::RegDisablePredefinedCache => None,
    }
}

/// The full name of an open key.
fn key_path(os: &Os, process: ProcessId, key: Key) -> Option<String> {
    match key {
        Key::Users => Some("HKU".to_owned()),
        Key::Handle(handle) => os.key_of(process, handle).map(|key| key.path),
        Key::CurrentUser => match os.current_user_of(process)? {
            CurrentUserView::Mapped(root) => Some(root.path),
            CurrentUserView::Unmapped | CurrentUserView::Uncached => None,
        },
    }
}

/// What a step waits for, by its full name, and the thread that has it.
pub(crate) fn waited_for(os: &Os, thread: ThreadId, wanted: &Syscall) -> (String, Option<ThreadId>) {
    let process = os.process_of(thread);
    match wanted {
        Syscall::WaitForSingleObject { object, .. } => {
            let mutex = os.object_of(process, *object);
            let owner = mutex.as_ref().and_then(ObjectView::mutex).and_then(Mutex::owner);
            let name = mutex
                .and_then(|object| object.path)
                .map_or_else(|| "a mutex".to_owned(), |path| path.to_string());
            (name, owner)
        }
        Syscall::EnterCriticalSection { name } => (format!("the critical section \"{name}\""), None),
        other => unreachable!("{other:?} never waits"),
    }
}
