//! The article's algorithm in its smallest form: profiles, marks and counts as sets and small numbers. Five other
//! tools were given the same model and agree on every count, so it is the yardstick for the engine.
//!
//! Modelled: existing profiles; marks, per mark key; a count per profile, per section; who has a section open (when the
//! last one leaves, its counts are gone). Each line below that takes a step is one atomic step:
//!
//! 1. OPEN the section.
//! 2. LIST the marks; none: 5.
//! 3. CHECK the count of the lowest one left; not 0: the next (none left: 5).
//! 4. It is 0: IDEL, delete that profile; then IUNMARK, delete that mark; the next, or 5.
//! 5. CREATE the own profile.
//! 6. BUMP its count.
//! 7. LREAD: it must exist.
//! 8. (Service) DCHECK its count; one step more: not 0: DMARK it; 0: DDEL, delete it.
//! 9. (Service) OMS1, (all) OMS2: it must exist.
//! 10. DROP its count; not 0: 12.
//! 11. RCHK: is it marked? If so RDEL, delete it, and RUNMARK, delete the mark.
//! 12. CLOSE the section.
//!
//! How steps are counted (the reading that gives the published numbers): the step that reads also decides, so a program
//! that has read keeps the decision and not the number; IDEL and IUNMARK, RDEL and RUNMARK are two steps each. A read
//! that finds the profile missing ends the process in that same step and leaves all else as it is: unlike one that
//! crashed it still counts as having the section open. (Were it to leave, row r alone would have 34 states more.)
//!
//! Not modelled: accounts, sessions and names as such; a world is told which section, mark key and name each process
//! comes to.

use std::ops::ControlFlow;

use mapisim_sim::fuse::{Mover, Taken};
use mapisim_sim::steps::{Standing, Steps};
use mapisim_sim::world::{Actor, Call, Cast, Machine, Outcome, Process, World};

/// Profile names, section numbers, processes: bit sets of small numbers.
type Set = u8;

/// The shared state.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Mapi {
    profiles: Set,
    /// Per mark key.
    marks: [Set; 5],
    /// Per section.
    sections: [Section; 5],
    /// Processes that ended: done, crashed or stopped by a violation.
    ended: Set,
}

/// A shared memory section: counts that live as long as anybody has it open.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Section {
    open: Set,
    /// Per profile name.
    counts: [u8; 5],
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Op {
    /// Opens a section.
    Open(usize),
    /// Reads the marks under a key.
    List(usize),
    /// Whether a profile's count in a section is not 0.
    InUse(usize, u32),
    /// Whether a profile is marked under a key.
    Marked(usize, u32),
    /// Creates a profile.
    Create(u32),
    /// Deletes a profile.
    Delete(u32),
    /// Marks a profile under a key.
    Mark(usize, u32),
    /// Deletes a profile's mark under a key.
    Unmark(usize, u32),
    /// Counts a profile up in a section.
    Bump(usize, u32),
    /// Counts it down; answers whether it is still in use.
    Drop(usize, u32),
    /// Whether a profile exists; where it does not, the process that asks is ended.
    Must(u32),
    /// Leaves a section.
    Close(usize),
    /// Leaves a section and ends.
    CloseAndEnd(usize),
}

/// What a step is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Answer {
    /// It is done.
    Done,
    /// Yes or no.
    Is(bool),
    /// The marks read.
    Marks(Set),
}

impl Mapi {
    fn leave(&mut self, section: usize, process: usize) {
        let section = &mut self.sections[section];
        section.open &= !(1 << process);
        if section.open == 0 {
            section.counts = [0; 5];
        }
    }
}

impl Machine for Mapi {
    type Op = Op;
    type Answer = Answer;

    fn execute(&mut self, actor: Actor, op: &Op) -> Outcome<Answer> {
        let me = actor.index();
        let answer = match *op {
            Op::List(key) => Answer::Marks(self.marks[key]),
            Op::InUse(section, name) => Answer::Is(self.sections[section].counts[name as usize] > 0),
            Op::Marked(key, name) => Answer::Is(self.marks[key] & 1 << name != 0),
            Op::Must(name) => {
                let exists = self.profiles & 1 << name != 0;
                if !exists {
                    self.ended |= 1 << me;
                }
                Answer::Is(exists)
            }
            Op::Drop(section, name) => {
                let count = &mut self.sections[section].counts[name as usize];
                *count -= 1;
                Answer::Is(*count > 0)
            }
            Op::Open(section) => {
                self.sections[section].open |= 1 << me;
                Answer::Done
            }
            Op::Create(name) => {
                self.profiles |= 1 << name;
                Answer::Done
            }
            Op::Delete(name) => {
                self.profiles &= !(1 << name);
                Answer::Done
            }
            Op::Mark(key, name) => {
                self.marks[key] |= 1 << name;
                Answer::Done
            }
            Op::Unmark(key, name) => {
                self.marks[key] &= !(1 << name);
                Answer::Done
            }
            Op::Bump(section, name) => {
                self.sections[section].counts[name as usize] += 1;
                Answer::Done
            }
            Op::Close(section) => {
                self.leave(section, me);
                Answer::Done
            }
            Op::CloseAndEnd(section) => {
                self.leave(section, me);
                self.ended |= 1 << me;
                Answer::Done
            }
        };
        Outcome::Answered(answer)
    }

    fn alive(&self, process: Process) -> bool {
        self.ended & 1 << process.0 == 0
    }

    fn crash(&mut self, process: Process) {
        for section in 0..self.sections.len() {
            self.leave(section, process.index());
        }
        self.ended |= 1 << process.0;
    }

    /// Processes of one section, one mark key and one profile name: all that tells them apart is who has the section open,
    /// and who has ended.
    fn swapped(&self, one: Process, other: Process) -> Option<Self> {
        let swap = |set: Set| {
            let (one_is, other_is) = (set >> one.0 & 1, set >> other.0 & 1);
            set & !(1 << one.0 | 1 << other.0) | one_is << other.0 | other_is << one.0
        };
        let mut swapped = self.clone();
        swapped.ended = swap(self.ended);
        for section in &mut swapped.sections {
            section.open = swap(section.open);
        }
        Some(swapped)
    }
}

/// What a process has seen of its profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sight {
    /// All well so far.
    Well,
    /// The profile was missing though it was in use: the process has ended.
    Missing,
}

/// The one property: nobody's profile is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Deleted;

/// One process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Role {
    service: bool,
    section: usize,
    key: usize,
    name: u32,
}

/// A case of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    /// One letter per process: S a service, D a desktop program.
    pub(crate) processes: &'a str,
    /// One letter per process.
    pub(crate) accounts: &'a str,
    /// One digit per process.
    pub(crate) sessions: &'a str,
    /// Fix 1: a mark key per account.
    pub(crate) own_marks: bool,
    /// Fix 2: a section per account, whatever the session.
    pub(crate) global_section: bool,
    /// How often each process does it all.
    pub(crate) rounds: usize,
    /// All processes use one profile name.
    pub(crate) one_name: bool,
}

/// The processes and their scripts.
pub(crate) struct Peers {
    cast: Cast,
    roles: Vec<Role>,
    script: Vec<String>,
    /// Every process goes through it once, with a profile name of its own.
    simple: bool,
    /// Every process has a profile name of its own.
    own_names: bool,
    /// A process may crash.
    mortal: bool,
}

/// The calls of one round, in order.
const ROUND: [&str; 9] = ["Open", "Sweep", "Create", "Bump", "LRead", "Delete", "Oms", "Release", "Close"];

impl Peers {
    /// The world of a case.
    pub(crate) fn new(row: &Case<'_>) -> Self {
        let mut cast = Cast::default();
        let mut roles = Vec::new();
        let mut places: Vec<(char, char)> = Vec::new();
        let people = row.processes.chars().zip(row.accounts.chars().zip(row.sessions.chars()));
        for (number, (kind, (account, session))) in people.enumerate() {
            let process = cast.process(format!("{kind}{number}"));
            cast.actor(process, format!("{kind}{number}"));
            let place = (account, if row.global_section { '*' } else { session });
            let section = places.iter().position(|known| *known == place).unwrap_or(places.len());
            if section == places.len() {
                places.push(place);
            }
            roles.push(Role {
                service: kind == 'S',
                section,
                key: if row.own_marks { usize::from(account != 'X') } else { 0 },
                name: if row.one_name { 0 } else { u32::try_from(number).expect("at most five") },
            });
        }
        let script = (0..row.rounds).flat_map(|_| ROUND).map(str::to_owned).collect();
        let own_names = !row.one_name;
        Peers { cast, roles, script, simple: own_names && row.rounds == 1, own_names, mortal: false }
    }

    /// The same, to be explored with crashes.
    pub(crate) fn mortal(self) -> Self {
        Peers { mortal: true, ..self }
    }

    /// Whether of all others that satisfy something none takes a step any more.
    fn all_gone(&self, mapi: &Mapi, me: usize, others: impl Fn(&Role) -> bool) -> bool {
        let mut others = (0..self.roles.len()).filter(|other| *other != me && others(&self.roles[*other]));
        others.all(|other| mapi.has_ended(other))
    }

    /// How a step moves past those of others. Where each process has a profile name of its own and uses it once, nobody
    /// else comes to a name before its owner has marked it; where it has not, much less is known.
    fn moves(&self, mapi: &Mapi, me: usize, call: &str, op: Op) -> bool {
        let own = self.roles[me];
        // Those who may find the own name among the marks.
        let sweeps = |other: &Role| own.service && other.key == own.key;
        let sees_marks = |other: &Role| other.key == own.key;
        match op {
            // Counts go with the last one who leaves: they can be left behind by those alone who crash.
            Op::Open(section) => !self.mortal || self.all_gone(mapi, me, |other| other.section == section),
            Op::Close(section) | Op::CloseAndEnd(section) => {
                let comes =
                    |other: usize| !mapi.has_ended(other) && mapi.sections[section].open & 1 << other == 0;
                !self.mortal || !(0..self.roles.len()).any(comes)
            }
            // Nobody else counts sessions on the own name.
            Op::InUse(_, name) if name == own.name => self.own_names,
            _ if !self.simple => false,
            Op::Create(_) | Op::Bump(..) => true,
            // The owner of a name in a list has counted itself in, once and for all.
            Op::InUse(section, name) => {
                mapi.sections[section].counts[name as usize] == 0 || mapi.has_ended(name as usize)
            }
            Op::Drop(section, _) => {
                self.all_gone(mapi, me, |other| sweeps(other) && other.section == section)
            }
            Op::Must(name) => {
                let counted = !self.roles.iter().any(|other| sweeps(other) && other.section != own.section);
                mapi.profiles & 1 << name != 0 && (call == "LRead" || counted)
            }
            Op::Delete(name) if name == own.name => true,
            // Its owner has counted itself out, or another section was asked.
            Op::Delete(name) => {
                mapi.has_ended(name as usize) || self.roles[name as usize].section == own.section
            }
            Op::Marked(key, name) | Op::Unmark(key, name) if mapi.marks[key] & 1 << name == 0 => true,
            Op::Marked(..) => self.all_gone(mapi, me, sweeps),
            Op::List(_) | Op::Mark(..) | Op::Unmark(..) => self.all_gone(mapi, me, sees_marks),
        }
    }
}

impl Mapi {
    fn has_ended(&self, process: usize) -> bool {
        self.ended & 1 << process != 0
    }
}

async fn call(role: Role, name: &str, last: bool, steps: &Steps<Mapi>) -> Sight {
    let Role { section, key, name: own, .. } = role;
    match name {
        "Open" => drop(steps.step(Op::Open(section)).await),
        "Sweep" => sweep(role, steps).await,
        "Create" => drop(steps.step(Op::Create(own)).await),
        "Bump" => drop(steps.step(Op::Bump(section, own)).await),
        "LRead" => return must(own, steps).await,
        "Delete" if role.service => {
            let in_use = steps.step(Op::InUse(section, own)).await == Answer::Is(true);
            steps.step(if in_use { Op::Mark(key, own) } else { Op::Delete(own) }).await;
        }
        "Oms" => {
            if role.service && must(own, steps).await == Sight::Missing {
                return Sight::Missing;
            }
            return must(own, steps).await;
        }
        "Release" => release(role, steps).await,
        "Close" if last => drop(steps.step(Op::CloseAndEnd(section)).await),
        "Close" => drop(steps.step(Op::Close(section)).await),
        _ => {}
    }
    Sight::Well
}

/// The last one out deletes the profile, if it is marked.
async fn release(role: Role, steps: &Steps<Mapi>) {
    let Role { section, key, name, .. } = role;
    let in_use = steps.step(Op::Drop(section, name)).await == Answer::Is(true);
    if !in_use && steps.step(Op::Marked(key, name)).await == Answer::Is(true) {
        steps.step(Op::Delete(name)).await;
        steps.step(Op::Unmark(key, name)).await;
    }
}

async fn must(name: u32, steps: &Steps<Mapi>) -> Sight {
    if steps.step(Op::Must(name)).await == Answer::Is(true) { Sight::Well } else { Sight::Missing }
}

/// Deletes every marked profile that nobody uses. A round of the loop knows the marks still to do and nothing else.
async fn sweep(role: Role, steps: &Steps<Mapi>) {
    let going_on =
        |todo: Set| if todo == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(Some(todo)) };
    let round = async |todo: Option<Set>| {
        let Some(todo) = todo else {
            let Answer::Marks(marks) = steps.step(Op::List(role.key)).await else { unreachable!("marks") };
            return going_on(marks);
        };
        let lowest = todo.trailing_zeros();
        if steps.step(Op::InUse(role.section, lowest)).await == Answer::Is(false) {
            steps.step(Op::Delete(lowest)).await;
            steps.step(Op::Unmark(role.key, lowest)).await;
        }
        going_on(todo & (todo - 1))
    };
    steps.iterate("sweep", None, round).await;
}

impl World for Peers {
    type Machine = Mapi;
    type Memory = Sight;
    type Property = Deleted;

    fn machine(&self) -> Mapi {
        Mapi::default()
    }

    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn memory(&self, _actor: Actor) -> Sight {
        Sight::Well
    }

    fn script(&self, _actor: Actor) -> &[String] {
        &self.script
    }

    fn call(&self, actor: Actor, index: usize, memory: Sight, steps: Steps<Mapi>) -> Call<'_, Sight> {
        let role = self.roles[actor.index()];
        let last = index + 1 == self.script.len();
        Box::pin(async move {
            match memory {
                Sight::Well => call(role, &self.script[index], last, &steps).await,
                Sight::Missing => Sight::Missing,
            }
        })
    }

    fn broken(&self, _machine: &Mapi, _actor: Actor, standing: &Standing<'_, Self>) -> Option<Deleted> {
        (*standing.memory() == Sight::Missing).then_some(Deleted)
    }

    fn orbits(&self) -> Vec<Vec<Process>> {
        let mut orbits: Vec<Vec<Process>> = Vec::new();
        for process in self.cast.processes() {
            let alike =
                |orbit: &&mut Vec<Process>| self.roles[orbit[0].index()] == self.roles[process.index()];
            match orbits.iter_mut().find(alike) {
                Some(orbit) => orbit.push(process),
                None => orbits.push(vec![process]),
            }
        }
        orbits
    }

    fn mover(&self, taken: &Taken<'_, Self>) -> Mover {
        let actor = taken.before.actor();
        let Some(op) = taken.before.wanted() else { return Mover::Neither };
        let call = &self.script[taken.before.call()];
        if self.moves(taken.machine_before, actor.index(), call, *op) { Mover::Both } else { Mover::Neither }
    }

    /// A profile is looked at by its owner alone, and no more once that has counted itself out. What a process that has
    /// ended left in the counts is looked at by those who find its name marked.
    fn forget(&self, mapi: &mut Mapi) {
        if !self.simple {
            return;
        }
        let one_place = self
            .roles
            .iter()
            .all(|role| (role.section, role.key) == (self.roles[0].section, self.roles[0].key));
        for (name, role) in self.roles.iter().enumerate() {
            let marked = mapi.marks[role.key] & 1 << name != 0;
            let counted = mapi.sections[role.section].counts[name] > 0;
            if mapi.has_ended(name) || (marked && !counted) {
                mapi.profiles &= !(1 << name);
            }
            if mapi.has_ended(name) && (!role.service || (one_place && !marked)) {
                mapi.sections[role.section].counts[name] = 0;
            }
        }
    }
}
