//! The engine's side of the seam: a scenario as a world that the engine can run.
//!
//! This file and `sys.rs` are the only ones that know both the engine and the machine.

use std::collections::{BTreeMap, BTreeSet};

use mapisim_sim::{Action, Actor, Cast, Machine, Outcome, Process, Scene, Standing, Steps, world};

use crate::mapi::assumptions::Assumptions;
use crate::mapi::memory::Memory;
use crate::mapi::rules::{Algorithm, Build, Rules};
use crate::os::Os;
use crate::os::object::ObjectId;
use crate::os::process::{ProcessId, ThreadId};
use crate::os::syscall::{Answer, Syscall, Value};
use crate::os::view::Holder;
use crate::probe::Probe;
use crate::property::Property;
use crate::scenario::{Call, Scenario, ScriptCall};
use crate::script;
use crate::setup;
use crate::sys::Sys;

impl Machine for Os {
    type Op = Syscall;
    type Answer = Answer;

    fn execute(&mut self, actor: Actor, op: &Syscall) -> Outcome<Answer> {
        let thread = ThreadId(actor.0.into());
        if !self.is_thread_alive(thread) {
            return Outcome::Gone;
        }
        self.execute(thread, op).map_or(Outcome::Wait, Outcome::Answered)
    }

    fn alive(&self, process: Process) -> bool {
        self.process(ProcessId(process.0.into())).is_alive()
    }

    fn crash(&mut self, process: Process) {
        self.kill(ProcessId(process.0.into()));
    }
}

/// A scenario with a build: a closed world.
pub struct World {
    cast: Cast,
    os: Os,
    threads: Vec<Thread>,
    assumptions: Assumptions,
    checks: Vec<Property>,
    probes: u64,
}

/// A thread of the world.
struct Thread {
    algorithm: Algorithm,
    /// What that means.
    rules: Rules,
    /// What it does, `Idle` left out.
    calls: Vec<ScriptCall>,
    /// The names of its calls, its end included; none for a thread that idles for good.
    script: Vec<String>,
}

/// The name of the step that ends a thread.
pub(crate) const THREAD_ENDS: &str = "(thread ends)";

impl World {
    /// The world of a scenario in which processes run what the build says.
    pub fn new(scenario: &Scenario, build: Build) -> Self {
        let mut cast = Cast::default();
        let mut threads = Vec::new();
        for process in &scenario.processes {
            let number = cast.process(process.name.clone());
            let algorithm = match build {
                Build::AsInstalled => process.mapi.algorithm(),
                Build::All(algorithm) => algorithm,
            };
            for thread in &process.threads {
                cast.actor(number, thread.name.clone());
                threads.push(Thread::new(algorithm, &thread.script));
            }
        }
        World {
            cast,
            os: setup::boot(scenario),
            threads,
            assumptions: scenario.assumptions,
            checks: scenario.checks.clone(),
            probes: scenario.must_reach.iter().fold(0, |bits, probe| bits | probe.bit()),
        }
    }

    /// The world of a scenario in which every process runs a version of the algorithm that has no name, such as a
    /// mutant.
    pub fn with_rules(scenario: &Scenario, rules: Rules) -> Self {
        let mut world = World::new(scenario, Build::AsInstalled);
        world.threads.iter_mut().for_each(|thread| thread.rules = rules);
        world
    }

    /// The algorithm that a thread runs.
    pub fn algorithm(&self, actor: Actor) -> Algorithm {
        self.threads[actor.index()].algorithm
    }

    /// The call at an index of a thread's script; `None` for its end.
    pub(crate) fn script_call(&self, actor: Actor, index: usize) -> Option<&ScriptCall> {
        self.threads[actor.index()].calls.get(index)
    }

    fn breaks(&self, property: Property, os: &Os, actor: Actor, standing: &Standing<'_, Self>) -> bool {
        let memory = standing.memory();
        match property {
            Property::LiveProfile => {
                let process = ProcessId(self.cast.process_of(actor).0.into());
                let mut live = self.live_sessions(os, actor, standing);
                live.any(|name| {
                    memory.sessions[name]
                        .keys()
                        .iter()
                        .any(|key| os.key_of(process, *key).is_some_and(|key| key.deleted))
                })
            }
            Property::UsableSession => memory.deprived.is_some(),
            Property::CallResult => !memory.surprises.is_empty(),
            // Broken by a state in which nobody can run: the engine's own question.
            Property::NoDeadlock => false,
            Property::NoOrphan | Property::HiddenWhenDeleted | Property::NameReusable => {
                unreachable!("a scenario that asks for {} is refused", property.id())
            }
        }
    }

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

    fn any_live(&self, os: &Os, scene: &Scene<'_, Self>, who: impl Fn(Actor) -> bool) -> bool {
        self.cast.actors().filter(|actor| who(*actor)).any(|actor| {
            let standing = scene.standing_before(actor);
            standing.is_some_and(|standing| self.live_sessions(os, actor, &standing).next().is_some())
        })
    }

    /// The probes that a thread's step passes.
    fn step_probes(&self, scene: &Scene<'_, Self>) -> u64 {
        let (actor, op, answer) = scene.step().expect("asked for steps only");
        let Ok(value) = answer else { return 0 };
        let standing = scene.standing_before(actor).expect("who steps was not killed");
        let frames = standing.frames();
        let mut bits = 0;
        match (op, value) {
            (Syscall::RegCreateKeyEx { .. }, _) if frames.contains(&"mark") => {
                bits |= Probe::MarkWritten.bit();
            }
            (Syscall::RegEnumKeyEx { .. }, Value::Text(name)) if frames.contains(&"list marks") => {
                let own =
                    standing.memory().marked.iter().any(|mark| mark.to_uppercase() == name.to_uppercase());
                bits |= if own { 0 } else { Probe::MarkSeenByAnother.bit() };
            }
            (Syscall::RegDeleteKey { .. }, _) if frames.last() == Some(&"delete profile") => {
                bits |= Probe::ProfileDeleted.bit();
            }
            _ => {}
        }
        let process = self.cast.process_of(actor);
        if frames.first() == Some(&"sweep")
            && self.any_live(scene.machine_before(), scene, |other| self.cast.process_of(other) != process)
        {
            bits |= Probe::LiveAtSweep.bit();
        }
        bits
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
}

impl Thread {
    fn new(algorithm: Algorithm, calls: &[ScriptCall]) -> Self {
        let idles = calls.last().is_some_and(|last| last.call == (Call::Idle {}));
        let calls: Vec<ScriptCall> =
            calls.iter().filter(|call| call.call != (Call::Idle {})).cloned().collect();
        let mut script: Vec<String> = calls.iter().map(|call| call.call.name().to_owned()).collect();
        if !idles {
            script.push(THREAD_ENDS.to_owned());
        }
        Thread { algorithm, rules: algorithm.rules(), calls, script }
    }
}

impl world::World for World {
    type Machine = Os;
    type Memory = Memory;
    type Property = Property;

    fn machine(&self) -> Os {
        self.os.clone()
    }

    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn memory(&self, _actor: Actor) -> Memory {
        Memory::default()
    }

    fn script(&self, actor: Actor) -> &[String] {
        &self.threads[actor.index()].script
    }

    fn call(&self, actor: Actor, index: usize, memory: Memory, steps: Steps<Os>) -> world::Call<'_, Memory> {
        let thread = &self.threads[actor.index()];
        Box::pin(async move {
            let sys = Sys::new(steps);
            if let Some(call) = thread.calls.get(index) {
                script::perform(call, index, memory, sys, &thread.rules, &self.assumptions).await
            } else {
                sys.exit_thread().await;
                Memory::default()
            }
        })
    }

    fn broken(&self, machine: &Os, actor: Actor, standing: &Standing<'_, Self>) -> Option<Property> {
        self.checks.iter().copied().find(|property| self.breaks(*property, machine, actor, standing))
    }

    fn deadlock(&self) -> Option<Property> {
        self.checks.contains(&Property::NoDeadlock).then_some(Property::NoDeadlock)
    }

    fn probes(&self, scene: &Scene<'_, Self>) -> u64 {
        let mut bits = match scene.action {
            Action::Step(_) => self.step_probes(scene),
            Action::Crash(process) => {
                let live = self
                    .any_live(scene.machine_before(), scene, |actor| self.cast.process_of(actor) == process);
                if live { Probe::CrashWhileLive.bit() } else { 0 }
            }
        };
        if self.probes & Probe::SectionsSplit.bit() != 0 && Self::sections_split(scene.machine_after()) {
            bits |= Probe::SectionsSplit.bit();
        }
        bits
    }

    fn probes_wanted(&self) -> u64 {
        self.probes
    }
}
