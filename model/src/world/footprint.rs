//! Which steps nobody else can notice: how a thread's step moves past those of other processes.
//!
//! A step moves where all that it reads and writes belongs to its process: words of its memory, its tokens, its own
//! handles and views. A mutex moves half: others cannot take it while it is owned, so taking it may be put off and giving
//! it back brought forward. All else (names, keys, cells, the end of a process) is met by others and stays where it is,
//! unless one lock stands before all of it (`one_lock`).
//!
//! Always holds
//! - Only threads that are alone in their process have steps that move: siblings share its memory and handles.
//! - Closing a key does not move where a script unloads a hive, which waits for the last open key (os C.2).
//! - A step that changes which sessions are live, or what a call returned against its `must`, does not move: properties
//!   see it.
//! - While probes are looked for, nothing in a sweep or a DeleteProfile moves, nor does what maps a section or deletes a
//!   key: by being taken it may pass one.

use mapisim_sim::{Actor, Mover, Standing, Taken};

use super::World;
use crate::os::Os;
use crate::os::process::ProcessId;
use crate::os::syscall::{Key, Syscall, Timeout, ViewBase};
use crate::scenario::{Call, ScriptCall};

impl World {
    /// How a step moves past those of other processes.
    pub(super) fn moves(&self, taken: &Taken<'_, Self>) -> Mover {
        let actor = taken.before.actor();
        if !self.is_alone(actor) || self.is_seen(taken) {
            return Mover::Neither;
        }
        let Some(op) = taken.before.wanted() else { return Mover::Neither };
        match op {
            Syscall::MemoryRead { .. }
            | Syscall::MemoryWrite { .. }
            | Syscall::MemoryAdd { .. }
            | Syscall::EnterCriticalSection { .. }
            | Syscall::LeaveCriticalSection { .. }
            | Syscall::GetEffectiveUser
            | Syscall::GetProcessUser
            | Syscall::GetCurrentProcessId
            | Syscall::LogonUser { .. }
            | Syscall::ImpersonateLoggedOnUser { .. }
            | Syscall::RevertToSelf
            | Syscall::RegDisablePredefinedCache => Mover::Both,
            Syscall::RegCloseKey { key: Key::Handle(_) } if !self.unloads_hives() => Mover::Both,
            Syscall::MapViewOfFile { .. } if !taken.probing => Mover::Both,
            Syscall::UnmapViewOfFile { view } if !taken.probing => {
                let process = self.process_id(actor);
                if keeps_open(taken.machine_before, process, *view) { Mover::Both } else { Mover::Neither }
            }
            Syscall::WaitForSingleObject { timeout: Timeout::Infinite, .. } => Mover::Right,
            Syscall::ReleaseMutex { .. } => Mover::Left,
            Syscall::RegDeleteKey { .. } if taken.probing => Mover::Neither,
            op => {
                let who = (self.process_id(actor), actor);
                let at = (taken.before.call(), taken.before.memory());
                let moves = self.one_lock.as_ref().is_some_and(|one_lock| {
                    one_lock.moves(taken.machine_before, who, at, op, (self.guards_sessions(), taken.mortal))
                });
                if moves { Mover::Both } else { Mover::Neither }
            }
        }
    }

    /// Whether a property, or a probe that is looked for, may see a step.
    fn is_seen(&self, taken: &Taken<'_, Self>) -> bool {
        let (before, after) = (&taken.before, &taken.after);
        let actor = before.actor();
        let (old, new) = (before.memory(), after.memory());
        let live_before = self.live_sessions(taken.machine_before, actor, before);
        let live_after = self.live_sessions(taken.machine_after, actor, after);
        !live_before.eq(live_after)
            || old.surprises != new.surprises
            || old.sessions.iter().any(|(name, session)| {
                new.sessions.get(name).is_some_and(|now| now.live && now.keys() != session.keys())
            })
            || (taken.probing && self.may_pass_a_probe(actor, before))
    }

    fn may_pass_a_probe(&self, actor: Actor, before: &Standing<'_, Self>) -> bool {
        let deletes = matches!(
            self.script_call(actor, before.call()),
            Some(ScriptCall { call: Call::DeleteProfile { .. }, .. })
        );
        deletes || before.outermost() == Some("sweep")
    }

    fn is_alone(&self, actor: Actor) -> bool {
        let process = self.cast.process_of(actor);
        self.cast.actors().filter(|other| self.cast.process_of(*other) == process).count() == 1
    }

    fn unloads_hives(&self) -> bool {
        let mut calls = self.threads.iter().flat_map(|thread| &thread.calls);
        calls.any(|call| matches!(call.call, Call::UnloadUserProfile { .. }))
    }
}

/// Whether a process has a handle open on the section that a view of it shows: then unmapping frees nothing.
fn keeps_open(os: &Os, process: ProcessId, view: ViewBase) -> bool {
    let Some(view) = os.running(process).views.get(&view) else { return false };
    os.holds().any(|(holder, id, by_handle)| holder == process && by_handle && *id == view.section)
}
