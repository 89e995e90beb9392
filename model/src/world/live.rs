//! Which sessions are live, and who is in the middle of a call.

use mapisim_sim::{Actor, Scene, Standing};

use super::World;
use crate::os::Os;
use crate::os::process::ThreadId;
use crate::scenario::{Call, ScriptCall};

impl World {
    /// The live sessions of a thread: from MAPILogonEx returning S_OK until Logoff is called (or Release without it).
    pub(crate) fn live_sessions<'a>(
        &self,
        os: &Os,
        actor: Actor,
        standing: &Standing<'a, Self>,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let ending = match self.script_call(actor, standing.call()).filter(|_| standing.begun()) {
            Some(ScriptCall { call: Call::Logoff { session } | Call::Release { session }, .. }) => {
                Some(session.clone())
            }
            _ => None,
        };
        let exists = os.is_thread_alive(ThreadId(actor.0.into()));
        let sessions = standing.memory().sessions.iter().filter(move |(_, session)| exists && session.live);
        sessions.map(|(name, _)| name.as_str()).filter(move |name| ending.as_deref() != Some(*name))
    }

    /// Whether, before a step or crash, a thread of those had a live session (on that profile).
    pub(super) fn any_live(
        &self,
        scene: &Scene<'_, Self>,
        profile: Option<&str>,
        who: impl Fn(Actor) -> bool,
    ) -> bool {
        let os = scene.machine_before();
        self.cast.actors().filter(|actor| who(*actor)).any(|actor| {
            let Some(standing) = scene.standing_before(actor) else { return false };
            let sessions = &standing.memory().sessions;
            let on = |name: &str| profile.is_none_or(|profile| sessions[name].profile == profile);
            !sessions.is_empty() && self.live_sessions(os, actor, &standing).any(on)
        })
    }

    /// Whether, after a step, a living thread other than this one is in the middle of a call.
    pub(super) fn others_are_busy(&self, scene: &Scene<'_, Self>, actor: Actor) -> bool {
        self.cast.actors().filter(|other| *other != actor).any(|other| {
            let busy = scene.standing_after(other).is_some_and(|standing| standing.begun());
            busy && scene.machine_after().is_thread_alive(ThreadId(other.0.into()))
        })
    }
}
