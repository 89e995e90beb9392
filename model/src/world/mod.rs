//! The engine's side of the seam: a scenario as a world that the engine can run.
//!
//! This folder and `sys.rs` are the only ones that know both the engine and the machine. Here is the seam itself; which
//! sessions are live is in `live`, what breaks in `judge`, what a run comes past in `probes`, which steps nobody else
//! notices in `footprint`, which processes differ in nothing in `symmetry`, and what fresh processes clean up after it in `aftermath`.

pub(crate) mod aftermath;
mod footprint;
mod judge;
mod live;
mod one_lock;
pub(crate) mod probes;
mod symmetry;

use std::collections::BTreeSet;
use std::hash::Hash;

use one_lock::OneLock;

use mapisim_sim::{
    Actor, Cast, Limits, Machine, Mover, Outcome, Parts, Pool, Process, Scene, Standing, Steps, Taken, View,
    world,
};

use crate::mapi::assumptions::{Consulted, Settled};
use crate::mapi::memory::Memory;
use crate::mapi::rules::{Algorithm, Build, Rules};
use crate::os::Os;
use crate::os::process::{ProcessId, ThreadId};
use crate::os::shared::Settle;
use crate::os::syscall::{Answer, Syscall};
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

    fn differs_by_one_alone(&self, other: &Self, process: Process) -> bool {
        self.differs_by_one_alone(other, ProcessId(process.0.into()))
    }

    /// The death of a process's last thread is that of the process: that is a crash.
    fn can_end(&self, actor: Actor) -> bool {
        let thread = ThreadId(actor.0.into());
        let mut others = self.threads_of(self.process_of(thread)).filter(|other| *other != thread);
        self.is_thread_alive(thread) && others.any(|other| self.is_thread_alive(other))
    }

    fn end(&mut self, actor: Actor) {
        self.terminate_thread(ThreadId(actor.0.into()));
    }

    /// Its parts are the hives: each is one file (os C.7).
    fn unsaved(&self) -> Option<Parts> {
        let owners = self.keeps_disks().then(|| self.hive_owners())?;
        let unflushed = owners.iter().enumerate().filter(|(_, owner)| self.is_unflushed(owner));
        Some(Parts(unflushed.fold(0, |parts, (number, _)| parts | 1 << number)))
    }

    /// What is kept the lazy writer has just written.
    fn fail(&mut self, kept: Parts) {
        let owners = self.hive_owners();
        let written = owners.iter().enumerate().filter(|(number, _)| kept.has(*number));
        for (_, owner) in written {
            self.lazy_flush_of(owner);
        }
        self.machine_crash();
    }

    fn swapped(&self, one: Process, other: Process) -> Option<Self> {
        self.swapped(ProcessId(one.0.into()), ProcessId(other.0.into()))
    }

    fn share(&mut self, pool: &mut Pool) {
        self.settle(pool);
    }
}

impl Settle for Pool {
    fn settle<T: Clone + Eq + Hash + 'static>(&mut self, part: &mut T) {
        self.share(part);
    }
}

impl Scenario {
    /// What may go wrong in it, as the engine has it.
    pub fn limits(&self) -> Limits {
        let crashable = self.may_crash.iter().map(|index| Process(*index as u16)).collect();
        Limits {
            crashes_max: self.crashes as usize,
            crashable: Some(crashable),
            ends_max: self.thread_deaths as usize,
            may_fail: self.machine_crashes > 0,
            ..Limits::default()
        }
    }
}

/// A scenario with a build: a closed world.
pub struct World {
    cast: Cast,
    os: Os,
    threads: Vec<Thread>,
    assumptions: Settled,
    checks: Vec<Property>,
    /// The probes that anybody asks for.
    probes: u64,
    /// Where one lock stands before everything that matters.
    one_lock: Option<OneLock>,
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
            let algorithm = build.runs(process.mapi.algorithm());
            for thread in &process.threads {
                cast.actor(number, thread.name.clone());
                threads.push(Thread::new(algorithm, &thread.script));
            }
        }
        let os = setup::boot(scenario);
        if os.keeps_disks() {
            os.hive_owners().into_iter().for_each(|owner| cast.part(owner));
        }
        World {
            cast,
            os,
            threads,
            assumptions: scenario.assumptions.into(),
            checks: scenario.checks.clone(),
            probes: probes::wanted(scenario),
            one_lock: None,
        }
        .looked_at()
    }

    /// The same, once all that no step changes is known.
    fn looked_at(mut self) -> Self {
        self.one_lock = OneLock::of(&self);
        self
    }

    /// The same where nobody asks what a run comes past: looking for it takes a third of the time of drawn runs.
    pub(crate) fn unprobed(scenario: &Scenario, build: Build) -> Self {
        World { probes: 0, ..World::new(scenario, build) }
    }

    fn checks(&self, property: Property) -> bool {
        self.checks.contains(&property)
    }

    /// The world of a scenario in which every process runs a version of the algorithm that has no name, such as a
    /// mutant.
    pub fn with_rules(scenario: &Scenario, rules: Rules) -> Self {
        let mut world = World::new(scenario, Build::AsInstalled);
        world.threads.iter_mut().for_each(|thread| thread.rules = rules);
        world.looked_at()
    }

    /// The world of a scenario with a build in which whatever runs that algorithm follows other rules: a mutant's.
    pub fn with_mutant(scenario: &Scenario, build: Build, algorithm: Algorithm, rules: Rules) -> Self {
        let mut world = World::new(scenario, build);
        for thread in world.threads.iter_mut().filter(|thread| thread.algorithm == algorithm) {
            thread.rules = rules;
        }
        world.looked_at()
    }

    /// Which points that the sources leave open were asked for so far, by whatever ran in this world.
    pub fn consulted(&self) -> Consulted {
        self.assumptions.consulted()
    }

    /// Whether whatever ran in this world so far was denied the global section.
    pub fn is_global_section_denied(&self) -> bool {
        self.assumptions.is_global_section_denied()
    }

    /// Whether one lock stands before everything that matters, so that more steps move.
    pub fn has_one_lock(&self) -> bool {
        self.one_lock.is_some()
    }

    /// The algorithm that a thread runs.
    pub fn algorithm(&self, actor: Actor) -> Algorithm {
        self.threads[actor.index()].algorithm
    }

    /// Every algorithm that takes part, and what it means.
    fn algorithms(&self) -> BTreeSet<(Algorithm, Rules)> {
        self.threads.iter().map(|thread| (thread.algorithm, thread.rules)).collect()
    }

    /// The call at an index of a thread's script; `None` for its end.
    pub(crate) fn script_call(&self, actor: Actor, index: usize) -> Option<&ScriptCall> {
        self.threads[actor.index()].calls.get(index)
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
        let keep_table = self.checks(Property::HiddenWhenDeleted);
        Box::pin(async move {
            let sys = Sys::new(steps);
            if let Some(call) = thread.calls.get(index) {
                script::perform(call, index, keep_table, memory, sys, &thread.rules, &self.assumptions).await
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
        self.checks(Property::NoDeadlock).then_some(Property::NoDeadlock)
    }

    fn rest(&self) -> Option<Property> {
        self.checks(Property::NoOrphan).then_some(Property::NoOrphan)
    }

    fn at_rest(&self, view: &View<'_, Self>) -> bool {
        self.leaves_an_orphan(view.machine())
    }

    fn judges_steps(&self) -> bool {
        judge::OF_A_RETURN.iter().any(|property| self.checks(*property))
    }

    fn step_breaks(&self, scene: &Scene<'_, Self>) -> Option<Property> {
        self.return_breaks(scene)
    }

    fn mover(&self, taken: &Taken<'_, Self>) -> Mover {
        self.moves(taken)
    }

    fn orbits(&self) -> Vec<Vec<Process>> {
        self.alike()
    }

    fn forget(&self, machine: &mut Os) {
        self.clear_unnoticed(machine);
    }

    fn probes(&self, scene: &Scene<'_, Self>) -> u64 {
        self.probes_of(scene)
    }

    fn probes_ahead(&self, standing: Option<&Standing<'_, Self>>) -> u64 {
        self.ahead_of(standing)
    }

    fn probes_wanted(&self) -> u64 {
        self.probes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapi::names;
    use crate::os::syscall::Timeout;
    use crate::os::syscall::Value;
    use crate::scenario::read;
    use mapisim_sim::{Limits, Space, Verdict, explore};

    const LIVE: &str = include_str!("../../../scenarios/properties/all-hold.json");

    #[test]
    fn a_lock_that_a_thread_without_a_script_never_gives_back_is_a_deadlock() {
        // Planted: a fourth thread on the machine owns the mutex of the account.
        let scenario = read("all-hold.json", LIVE).unwrap_or_else(|problems| panic!("{problems}"));
        let mut world = World::new(&scenario, Build::AsInstalled);
        let limits = Limits::default();
        let verdict = explore::explore(&mut Space::new(&world), &limits).verdict;
        assert_eq!(verdict, Verdict::Holds);

        let account = &scenario.accounts[0].account;
        let owner = world.os.spawn("owner.exe", &account.name, 0);
        let owner = world.os.spawn_thread(owner);
        let name = Some(names::mutex_name(&account.sid));
        let Some(Ok(Value::Opened { handle, .. })) =
            world.os.execute(owner, &Syscall::CreateMutex { name, everyone: true })
        else {
            panic!("a mutex can be made")
        };
        let taken = world
            .os
            .execute(owner, &Syscall::WaitForSingleObject { object: handle, timeout: Timeout::Infinite });
        assert_eq!(taken, Some(Ok(Value::Acquired { abandoned: false })));
        let verdict = explore::explore(&mut Space::new(&world), &limits).verdict;
        assert!(
            matches!(&verdict, Verdict::Broken(found) if found.property == Property::NoDeadlock),
            "{verdict:?}"
        );
    }
}
