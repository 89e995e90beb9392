//! The peers' rows as programs for Shuttle: a thread per process, written straight through.
//!
//! Every step of the model is one operation on an atomic of Shuttle's, which is where it switches threads, and then the
//! machine's own step: the machine is behind an ordinary mutex that nobody ever waits for, since no switch lies within.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use mapisim_sim::world::{Actor, Machine, Outcome};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::sync::atomic::AtomicUsize;
use shuttle::{Config, Runner, thread};

use crate::peers::{Answer, Case, Mapi, Op};

/// How Shuttle chooses.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    Random,
    Pct(usize),
}

#[derive(Clone, Copy)]
struct Role {
    me: usize,
    service: bool,
    section: usize,
    key: usize,
    name: u32,
}

fn roles(case: &Case<'_>) -> Vec<Role> {
    let mut places = Vec::new();
    let people = case.processes.chars().zip(case.accounts.chars().zip(case.sessions.chars()));
    let role = |(me, (kind, (account, session)))| {
        let place = (account, if case.global_section { '*' } else { session });
        if !places.contains(&place) {
            places.push(place);
        }
        Role {
            me,
            service: kind == 'S',
            section: places.iter().position(|known| *known == place).expect("just added"),
            key: usize::from(case.own_marks && account != 'X'),
            name: if case.one_name { 0 } else { me as u32 },
        }
    };
    people.enumerate().map(role).collect()
}

/// What the threads share.
struct Shared {
    machine: Mutex<Mapi>,
    turn: AtomicUsize,
}

impl Shared {
    /// One atomic step; others may run before it.
    fn step(&self, role: Role, op: Op) -> Answer {
        self.turn.load(Ordering::SeqCst);
        let mut machine = self.machine.lock().expect("nobody panics");
        let Outcome::Answered(answer) = machine.execute(Actor(role.me as u16), &op) else {
            unreachable!("nobody waits in this model")
        };
        answer
    }

    fn is(&self, role: Role, op: Op) -> bool {
        self.step(role, op) == Answer::Is(true)
    }
}

/// One process; `Err`: its profile is missing.
fn process(shared: &Shared, role: Role, rounds: usize) -> Result<(), ()> {
    let Role { service, section, key, name, .. } = role;
    let must = || if shared.is(role, Op::Must(name)) { Ok(()) } else { Err(()) };
    for round in 0..rounds {
        shared.step(role, Op::Open(section));
        let Answer::Marks(mut todo) = shared.step(role, Op::List(key)) else { unreachable!("marks") };
        while todo != 0 {
            let lowest = todo.trailing_zeros();
            if !shared.is(role, Op::InUse(section, lowest)) {
                shared.step(role, Op::Delete(lowest));
                shared.step(role, Op::Unmark(key, lowest));
            }
            todo &= todo - 1;
        }
        shared.step(role, Op::Create(name));
        shared.step(role, Op::Bump(section, name));
        must()?;
        if service {
            let in_use = shared.is(role, Op::InUse(section, name));
            shared.step(role, if in_use { Op::Mark(key, name) } else { Op::Delete(name) });
            must()?;
        }
        must()?;
        if !shared.is(role, Op::Drop(section, name)) && shared.is(role, Op::Marked(key, name)) {
            shared.step(role, Op::Delete(name));
            shared.step(role, Op::Unmark(key, name));
        }
        shared.step(role, if round + 1 == rounds { Op::CloseAndEnd(section) } else { Op::Close(section) });
    }
    Ok(())
}

/// A scheduler that stops once it is told so. It is never dropped: one that is stopped early would say on stderr that a
/// seed has failed.
struct Until<S> {
    inner: ManuallyDrop<S>,
    stop: Arc<AtomicBool>,
}

impl<S: Scheduler> Scheduler for Until<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.stop.load(Ordering::SeqCst) { None } else { self.inner.new_execution() }
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, yielding: bool) -> Option<TaskId> {
        self.inner.next_task(runnable, current, yielding)
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}

/// Executions of a seed, at most so many, until something breaks (`until_broken`) or all are done; and whether anything
/// broke.
pub(crate) fn run(case: &Case<'static>, how: How, seed: u64, most: usize, until_broken: bool) -> (usize, bool) {
    let (stop, broke) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (roles, rounds) = (roles(case), case.rounds);
    let program = {
        let (stop, broke) = (Arc::clone(&stop), Arc::clone(&broke));
        move || {
            let shared = Arc::new(Shared { machine: Mutex::new(Mapi::default()), turn: AtomicUsize::new(0) });
            let thread = |role: &Role| {
                let (shared, role) = (Arc::clone(&shared), *role);
                thread::spawn(move || process(&shared, role, rounds))
            };
            let threads: Vec<_> = roles.iter().map(thread).collect();
            for thread in threads {
                if thread.join().expect("no thread panics").is_err() {
                    broke.store(true, Ordering::SeqCst);
                    stop.store(until_broken, Ordering::SeqCst);
                }
            }
        }
    };
    let executions = match how {
        How::Random => {
            let inner = ManuallyDrop::new(RandomScheduler::new_from_seed(seed, most));
            Runner::new(Until { inner, stop }, Config::new()).run(program)
        }
        How::Pct(depth) => {
            let inner = ManuallyDrop::new(PctScheduler::new_from_seed(seed, depth, most));
            Runner::new(Until { inner, stop }, Config::new()).run(program)
        }
    };
    (executions, broke.load(Ordering::SeqCst))
}
