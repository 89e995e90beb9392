//! What a run comes past: the probes that a scenario names, and whether it met the danger that it is about.

use std::collections::{BTreeMap, BTreeSet};

use mapisim_sim::{Action, Actor, Machine as _, Scene, Standing};

use super::World;
use crate::os::Os;
use crate::os::object::ObjectId;
use crate::os::process::ProcessId;
use crate::os::syscall::{Syscall, Value};
use crate::os::view::Holder;
use crate::outcome::Vacuity;
use crate::probe::Probe;
use crate::property::{Property, shown};
use crate::scenario::{Call, Scenario, ScriptCall};

/// A process swept, or was asked to delete a profile, while another one's session was live (on that profile).
const MET_SESSION: u64 = 1 << 62;
/// A process swept while a mark of another was there, whatever key it is under; or, again, was asked to delete a profile
/// on which another's session was live.
const MET_MARK: u64 = 1 << 63;

/// The probes that anybody asks for: those that the scenario names. Where it names none, has several processes and is
/// about sessions' profiles: whether it meets the danger at all.
pub(super) fn wanted(scenario: &Scenario) -> u64 {
    let named = scenario.must_reach.iter().fold(0, |bits, probe| bits | probe.bit());
    if asks_for_danger(scenario) { named | MET_SESSION | MET_MARK } else { named }
}

fn asks_for_danger(scenario: &Scenario) -> bool {
    let about = [Property::LiveProfile, Property::UsableSession];
    scenario.must_reach.is_empty()
        && scenario.processes.len() > 1
        && about.iter().any(|property| scenario.checks.contains(property))
}

/// What danger a scenario never met that holds, by the probes that it passed; `None` where it met it, or need not.
pub(crate) fn vacuity(scenario: &Scenario, probes: u64) -> Option<Vacuity> {
    if !asks_for_danger(scenario) {
        return None;
    }
    match (probes & MET_SESSION != 0, probes & MET_MARK != 0) {
        (false, _) => Some(Vacuity::NoLiveSession),
        (true, false) => Some(Vacuity::NoMark),
        (true, true) => None,
    }
}

impl World {
    /// The probes that a step or crash passes, of those that anybody asks for.
    pub(super) fn probes_of(&self, scene: &Scene<'_, Self>) -> u64 {
        match scene.action {
            Action::Step(actor) => {
                let standing = scene.standing_before(actor).expect("who steps was not killed");
                self.step_made(scene, &standing)
                    | self.sweep_met(scene, &standing)
                    | self.danger_met(scene, &standing)
            }
            Action::End(_) => 0,
            Action::Crash(process) => self.died_live(scene, |actor| self.cast.process_of(actor) == process),
            Action::Fail(kept) => {
                let lost = scene.machine_before().unsaved() != Some(kept);
                self.died_live(scene, |_| true) | if lost { Probe::WritesLost.bit() } else { 0 }
            }
        }
    }

    /// The probes that the step which a thread takes from where it stands could pass, whatever the machine is and wherever
    /// others stand; those that a fault could, where it is none's. Never fewer than it then passes.
    pub(super) fn ahead_of(&self, standing: Option<&Standing<'_, Self>>) -> u64 {
        let Some(standing) = standing else {
            return self.probes & (Probe::CrashWhileLive.bit() | Probe::WritesLost.bit());
        };
        let is_in = |frame| standing.frames().contains(&frame);
        let made = match standing.wanted() {
            Some(Syscall::RegCreateKeyEx { .. }) if is_in("mark") => Probe::MarkWritten.bit(),
            Some(Syscall::RegEnumKeyEx { .. }) if is_in("list marks") => Probe::MarkSeenByAnother.bit(),
            Some(Syscall::RegDeleteKey { .. }) => Probe::ProfileDeleted.bit(),
            Some(Syscall::MapViewOfFile { .. } | Syscall::UnmapViewOfFile { .. }) => {
                Probe::SectionsSplit.bit()
            }
            _ => 0,
        };
        let call = self.script_call(standing.actor(), standing.call());
        let met = if standing.outermost() == Some("sweep") {
            Probe::LiveAtSweep.bit() | MET_SESSION | MET_MARK
        } else if matches!(call, Some(ScriptCall { call: Call::DeleteProfile { .. }, .. })) {
            MET_SESSION | MET_MARK
        } else {
            0
        };
        self.probes & (made | met)
    }

    /// Passed where one of those had a live session when it died.
    fn died_live(&self, scene: &Scene<'_, Self>, who: impl Fn(Actor) -> bool) -> u64 {
        let live = self.wants(Probe::CrashWhileLive.bit()) && self.any_live(scene, None, who);
        if live { Probe::CrashWhileLive.bit() } else { 0 }
    }

    fn wants(&self, bits: u64) -> bool {
        self.probes & bits != 0
    }

    /// What a step passes by what it did: a step that failed did nothing.
    fn step_made(&self, scene: &Scene<'_, Self>, standing: &Standing<'_, Self>) -> u64 {
        let (_, op, answer) = scene.step().expect("asked for steps only");
        let Ok(value) = answer else { return 0 };
        let is_in = |frame| standing.frames().contains(&frame);
        let mut bits = 0;
        match (op, value) {
            (Syscall::RegCreateKeyEx { .. }, _) if is_in("mark") => bits |= Probe::MarkWritten.bit(),
            (Syscall::RegEnumKeyEx { .. }, Value::Text(name)) if is_in("list marks") => {
                let own = standing.memory().marked.iter().any(|mark| shown::same_name(mark, name));
                bits |= if own { 0 } else { Probe::MarkSeenByAnother.bit() };
            }
            (Syscall::RegDeleteKey { .. }, _) if standing.frames().last() == Some(&"delete profile") => {
                bits |= Probe::ProfileDeleted.bit();
            }
            // Views are all that a split is made of, so only these steps can make one; so can the end of a process,
            // after which those that are left were split before.
            (Syscall::MapViewOfFile { .. } | Syscall::UnmapViewOfFile { .. }, _)
                if self.wants(Probe::SectionsSplit.bit()) && sections_split(scene.machine_after()) =>
            {
                bits |= Probe::SectionsSplit.bit();
            }
            _ => {}
        }
        bits
    }

    /// What a step passes by being part of a sweep, whatever it was answered: a sweep whose only step is refused, or finds
    /// no marks, has run all the same.
    fn sweep_met(&self, scene: &Scene<'_, Self>, standing: &Standing<'_, Self>) -> u64 {
        let sweeps = self.wants(Probe::LiveAtSweep.bit()) && standing.outermost() == Some("sweep");
        let live = || self.any_live(scene, None, |other| self.is_of_another(other, standing.actor()));
        if sweeps && live() { Probe::LiveAtSweep.bit() } else { 0 }
    }

    fn danger_met(&self, scene: &Scene<'_, Self>, standing: &Standing<'_, Self>) -> u64 {
        if !self.wants(MET_SESSION | MET_MARK) {
            return 0;
        }
        let actor = standing.actor();
        let live = |profile| self.any_live(scene, profile, |other| self.is_of_another(other, actor));
        if standing.outermost() == Some("sweep") {
            let session = if live(None) { MET_SESSION } else { 0 };
            let own = &standing.memory().marked;
            let foreign = shown::any_marked(scene.machine_before(), |mark| {
                own.iter().all(|own| !shown::same_name(own, mark))
            });
            return session | if foreign { MET_MARK } else { 0 };
        }
        match self.script_call(actor, standing.call()) {
            Some(ScriptCall { call: Call::DeleteProfile { profile }, .. }) if live(Some(profile)) => {
                MET_SESSION | MET_MARK
            }
            _ => 0,
        }
    }

    fn is_of_another(&self, other: Actor, actor: Actor) -> bool {
        self.cast.process_of(other) != self.cast.process_of(actor)
    }
}

/// Two living processes have sections mapped, and none in common.
fn sections_split(os: &Os) -> bool {
    let mut mapped: BTreeMap<ProcessId, BTreeSet<ObjectId>> = BTreeMap::new();
    for section in os.sections() {
        for holder in os.holders(&section.id) {
            if let Holder::View(process, _) = holder {
                mapped.entry(process).or_default().insert(section.id.clone());
            }
        }
    }
    let views: Vec<_> = mapped.into_values().collect();
    let mut others = views.iter().enumerate();
    others.any(|(index, one)| views[..index].iter().any(|other| one.is_disjoint(other)))
}
