//! Which properties a state or a step breaks: the files of [`crate::property`] asked with what the engine knows.

use mapisim_sim::{Action, Actor, Scene, Space, Standing, Trace, alone};

use super::World;
use crate::finding::Broken;
use crate::mapi::Mapi;
use crate::mapi::hresult::HResult;
use crate::mapi::memory::Code;
use crate::os::Os;
use crate::os::process::{ProcessId, ThreadId};
use crate::property::{
    Property, hidden_when_deleted, live_profile, name_reusable, no_orphan, shown, usable_session,
};
use crate::scenario::Call;
use crate::script::must_return;
use crate::sys::Sys;

/// The properties that are judged when a call returns, in their order.
pub(super) const OF_A_RETURN: [Property; 3] =
    [Property::UsableSession, Property::HiddenWhenDeleted, Property::NameReusable];

/// A call that has just returned.
struct Returned<'a, 's> {
    scene: &'a Scene<'s, World>,
    actor: Actor,
    call: &'a Call,
    code: Code,
}

impl World {
    /// Whether a thread's standing breaks a property on this machine.
    pub(super) fn breaks(
        &self,
        property: Property,
        os: &Os,
        actor: Actor,
        standing: &Standing<'_, Self>,
    ) -> bool {
        let memory = standing.memory();
        match property {
            Property::LiveProfile => {
                let process = self.process_id(actor);
                let mut live = self.live_sessions(os, actor, standing);
                !memory.sessions.is_empty()
                    && live.any(|name| live_profile::is_lost(os, process, &memory.sessions[name].keys()))
            }
            Property::CallResult => !memory.surprises.is_empty(),
            // Judged elsewhere: when a call returns, at rest, and by the engine.
            Property::UsableSession
            | Property::HiddenWhenDeleted
            | Property::NameReusable
            | Property::NoOrphan
            | Property::NoDeadlock => false,
        }
    }

    /// The first property that a call breaks by returning as it does at this step.
    pub(super) fn return_breaks(&self, scene: &Scene<'_, Self>) -> Option<Property> {
        let returned = self.returned(scene)?;
        OF_A_RETURN.into_iter().filter(|property| self.checks(*property)).find(|property| match property {
            Property::UsableSession => self.deprives(&returned),
            Property::HiddenWhenDeleted => self.lists_the_deleted(&returned).is_some(),
            Property::NameReusable => self.refuses_a_free_name(&returned),
            other => unreachable!("{} is not judged when a call returns", other.id()),
        })
    }

    /// The call that returned by a step, if one did.
    fn returned<'a, 's>(&'a self, scene: &'a Scene<'s, Self>) -> Option<Returned<'a, 's>> {
        let Action::Step(actor) = scene.action else { return None };
        let (before, after) = (scene.standing_before(actor)?, scene.standing_after(actor)?);
        if before.call() == after.call() {
            return None;
        }
        let call = &self.script_call(actor, before.call())?.call;
        Some(Returned { scene, actor, call, code: after.memory().returned? })
    }

    /// What a run breaks after the step of that number, with what its explanation begins with.
    pub(crate) fn what_broke(
        &self,
        space: &Space<'_, Self>,
        trace: &Trace<Property>,
        step: usize,
        property: Property,
    ) -> Broken {
        let with_call = |tell: &dyn Fn(&Returned<'_, '_>) -> Option<Broken>| {
            let moment = &trace.moments[step - 1];
            let scene = space.scene(trace.before(step - 1), moment.action, &moment.after);
            self.returned(&scene).and_then(|returned| tell(&returned)).expect("it was judged at this step")
        };
        match property {
            Property::LiveProfile => Broken::LiveProfile,
            Property::UsableSession => with_call(&|returned| {
                session_of(returned.call).map(|session| Broken::UsableSession { session: session.to_owned() })
            }),
            Property::NoOrphan => {
                Broken::NoOrphan(Box::new(self.aftermath(space.machine(trace.before(step)))))
            }
            Property::HiddenWhenDeleted => with_call(&|returned| {
                let row = self.lists_the_deleted(returned)?.to_owned();
                Some(Broken::HiddenWhenDeleted { row })
            }),
            Property::NameReusable => with_call(&|returned| match returned.call {
                Call::CreateProfile { profile } => Some(Broken::NameReusable { profile: profile.clone() }),
                _ => None,
            }),
            Property::NoDeadlock => Broken::NoDeadlock,
            Property::CallResult => with_call(&|returned| {
                let before = returned.scene.standing_before(returned.actor)?;
                let must = must_return(self.script_call(returned.actor, before.call())?)?;
                Some(Broken::CallResult { must })
            }),
        }
    }

    /// Whether fresh processes would leave an orphan behind on a machine at rest.
    pub(super) fn leaves_an_orphan(&self, os: &Os) -> bool {
        no_orphan::first(&self.cleaned_up(os, |_| {})).is_some()
    }

    fn deprives(&self, returned: &Returned<'_, '_>) -> bool {
        let Some(session) = session_of(returned.call) else { return false };
        let Some(before) = returned.scene.standing_before(returned.actor) else { return false };
        let live = before.memory().sessions.get(session).filter(|session| session.live);
        let (Some(session), Code::Mapi(code)) = (live, returned.code) else { return false };
        let process = self.process_id(returned.actor);
        usable_session::broken(returned.scene.machine_before(), process, &session.keys(), code)
    }

    /// The row of a table just returned that is deleted.
    fn lists_the_deleted<'s>(&self, returned: &Returned<'_, 's>) -> Option<&'s str> {
        let Call::GetProfileTable {} = returned.call else { return None };
        let rows = returned.scene.standing_after(returned.actor)?.memory().table.as_deref()?;
        let os = returned.scene.machine_after();
        let hive = self.hive_seen_by(os, returned.actor)?;
        hidden_when_deleted::wrong_row(os, &hive, rows, || self.table_left_alone(os, returned.actor))
    }

    fn refuses_a_free_name(&self, returned: &Returned<'_, '_>) -> bool {
        let Call::CreateProfile { profile } = returned.call else { return false };
        if returned.code != Code::Mapi(HResult::NO_ACCESS)
            || self.others_are_busy(returned.scene, returned.actor)
        {
            return false;
        }
        let os = returned.scene.machine_after();
        let hive = self.hive_seen_by(os, returned.actor);
        hive.is_some_and(|hive| {
            name_reusable::broken(os, &hive, profile, || self.refused_again(os, returned.actor, profile))
        })
    }

    /// Whether CreateProfile would refuse a name for a thread once more if it were left alone.
    fn refused_again(&self, os: &Os, actor: Actor, profile: &str) -> bool {
        let rules = &self.threads[actor.index()].rules;
        let create = async |steps| {
            let mapi = Mapi::new(Sys::new(steps), rules, &self.assumptions);
            mapi.create_profile(profile).await
        };
        alone(&mut os.clone(), actor, create, |_, _, _, _| {}) == Some(HResult::NO_ACCESS)
    }

    /// What GetProfileTable would list for a thread now if it were left alone.
    fn table_left_alone(&self, os: &Os, actor: Actor) -> Option<Vec<String>> {
        let rules = &self.threads[actor.index()].rules;
        let table = async |steps| {
            let mapi = Mapi::new(Sys::new(steps), rules, &self.assumptions);
            mapi.profile_table().await.1
        };
        alone(&mut os.clone(), actor, table, |_, _, _, _| {})
    }

    /// The root of the hive that HKEY_CURRENT_USER is for a thread; `None` for one that has ended.
    fn hive_seen_by(&self, os: &Os, actor: Actor) -> Option<String> {
        let thread = ThreadId(actor.0.into());
        if !os.is_thread_alive(thread) {
            return None;
        }
        shown::current_hive(os, self.process_id(actor)).or_else(|| {
            let own = os.account_name(os.effective_user(thread)).map(|account| os.hive_path(account));
            own.filter(|hive| os.key_exists(hive)).or_else(|| Some(os.hive_path(shown::DEFAULT_HIVE)))
        })
    }

    pub(super) fn process_id(&self, actor: Actor) -> ProcessId {
        ProcessId(self.cast.process_of(actor).0.into())
    }
}

/// The session that a call is on, by the script's name.
fn session_of(call: &Call) -> Option<&str> {
    match call {
        Call::OpenMsgStore { session } | Call::Logoff { session } | Call::Release { session } => {
            Some(session)
        }
        _ => None,
    }
}
