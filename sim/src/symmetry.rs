//! Of all states that differ only by who is who, one is looked at.
//!
//! Processes that differ in nothing but their places can be put into each other's: where each stands, and what of the
//! machine is whose. What comes of that is another state from which just the same can happen, to the same others. So a
//! search need only look at one of them: the one in which such processes come in the order of where they stand, and of
//! those in which that leaves a choice the one whose machine was found first.
//!
//! A world says which processes they are ([`World::orbits`]) and a machine what it is with two of them swapped
//! ([`Machine::swapped`]). Where a process stands is told by the local states of its actors. What actors remember and are
//! told names no process, so a local state of one has a **twin** in each that may stand for it, which differs by the actor
//! alone; twins are of one **class**, and classes are what is put in order.
//!
//! What is kept: whether anything breaks, by how few actions, and every probe. What is not: a run, since each state stands
//! for others; so [`explore`] tells none. Fusing goes with it, as it fuses twins alike.
//!
//! Always holds
//! - Which state stands for another is a function of the two alone, whoever found them in which order.
//! - A machine that cannot be told with two processes swapped stands for itself.
//!
//! [`explore`]: crate::explore::explore

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::action::Action;
use crate::discover::number_op;
use crate::explore::Limits;
use crate::key::Key;
use crate::packing::Packing;
use crate::pairs::{FINISHED, Pairs, SWAPS, UNKNOWN};
use crate::shortest;
use crate::space::{ENDED, Scene, Space};
use crate::steps::Node;
use crate::store::{Missing, Store};
use crate::table::Numbered;
use crate::world::{Actor, Machine, Process, World};

/// Ways at most in which processes may change places; a set of more is cut down to fewer processes.
pub const WAYS_MAX: usize = 720;

/// Which processes may stand for each other, and what is known of their local states.
#[derive(Debug)]
pub(crate) struct Symmetry {
    /// Sets of processes: their places among all of them.
    orbits: Vec<Range<usize>>,
    /// Per place: the process.
    processes: Vec<Process>,
    /// Per place: its actors.
    actors: Vec<Vec<usize>>,
    /// Every way of changing places: per place who is to be there. The first changes nothing.
    ways: Vec<Vec<usize>>,
    /// The number of each way.
    numbers: BTreeMap<Vec<usize>, u32>,
    /// Per actor: those that may stand for it, itself included.
    peers: Vec<Vec<usize>>,
    /// Per local state: its class.
    classes: Vec<u32>,
    /// Per class: the local state of each actor that has one.
    twins: Vec<Vec<(usize, u32)>>,
}

impl Symmetry {
    /// `None` where no two processes may stand for each other.
    fn new<W: World>(world: &W, limits: &Limits) -> Option<Self> {
        let cast = world.cast();
        let (mut orbits, mut processes): (Vec<Range<usize>>, Vec<Process>) = (Vec::new(), Vec::new());
        let mut ways = 1;
        for orbit in world.orbits() {
            // Who may be killed is not like who may not.
            for mortal in [true, false] {
                let alike = |process: &&Process| {
                    (limits.may_crash(**process, 0) || limits.may_end(**process, 0)) == mortal
                };
                let mut alike: Vec<Process> = orbit.iter().filter(alike).copied().collect();
                let fitting = (1..=alike.len()).take_while(|some| ways * factorial(*some) <= WAYS_MAX);
                alike.truncate(fitting.last().unwrap_or(1));
                if alike.len() < 2 {
                    continue;
                }
                ways *= factorial(alike.len());
                orbits.push(processes.len()..processes.len() + alike.len());
                processes.extend(alike);
            }
        }
        let of = |process: &Process| {
            let actors = cast.actors().filter(|actor| cast.process_of(*actor) == *process);
            actors.map(Actor::index).collect()
        };
        let actors: Vec<Vec<usize>> = processes.iter().map(of).collect();
        let mut peers: Vec<Vec<usize>> = cast.actors().map(|actor| vec![actor.index()]).collect();
        for orbit in &orbits {
            for at in 0..actors[orbit.start].len() {
                let alike: Vec<usize> = actors[orbit.clone()].iter().map(|actors| actors[at]).collect();
                for actor in &alike {
                    peers[*actor].clone_from(&alike);
                }
            }
        }
        let ways = all_ways(&orbits);
        let numbers = ways.iter().cloned().zip(0..).collect();
        let (classes, twins) = (Vec::new(), Vec::new());
        (ways.len() > 1).then_some(Symmetry {
            orbits,
            processes,
            actors,
            ways,
            numbers,
            peers,
            classes,
            twins,
        })
    }

    fn class(&self, node: u32) -> u32 {
        if node >= ENDED { node } else { self.classes[node as usize] }
    }

    /// The local state of another actor that is the twin of one.
    fn twin(&self, node: u32, actor: usize) -> u32 {
        if node >= ENDED {
            return node;
        }
        let twins = &self.twins[self.classes[node as usize] as usize];
        twins.iter().find(|(other, _)| *other == actor).expect("every local state has its twins").1
    }

    /// The state that stands for one. What is not known for that is handed back, and the state itself then.
    pub(crate) fn settle<K: Key>(
        &self,
        pairs: &Pairs,
        packing: &Packing,
        (machine, key): (u32, K),
        missing: &mut Vec<Missing>,
    ) -> (u32, K) {
        let mut row = vec![0; 1 + self.peers.len()];
        packing.unpack(machine, &key, &mut row);
        let nodes = &row[1..];
        let compare = |one: &usize, other: &usize| {
            let class = |actor: &usize| self.class(nodes[*actor]);
            self.actors[*one].iter().map(class).cmp(self.actors[*other].iter().map(class))
        };
        let mut order: Vec<usize> = (0..self.processes.len()).collect();
        let mut ties = false;
        for orbit in &self.orbits {
            let order = &mut order[orbit.clone()];
            order.sort_by(compare);
            ties |= order.windows(2).any(|pair| compare(&pair[0], &pair[1]) == Ordering::Equal);
        }
        let least = if ties {
            let alike = |way: &&Vec<usize>| {
                let mut both = way.iter().zip(&order);
                both.all(|(one, other)| one == other || compare(one, other) == Ordering::Equal)
            };
            let ways = self.ways.iter().filter(alike);
            ways.filter_map(|way| Some((self.machine(pairs, machine, way, missing)?, way))).min()
        } else {
            self.machine(pairs, machine, &order, missing).map(|machine| (machine, &order))
        };
        let Some((machine, way)) = least else { return (machine, key) };
        let mut key = key;
        for (to, from) in self.actors.iter().zip(way).filter(|(to, from)| **to != self.actors[**from]) {
            for (to, from) in to.iter().zip(&self.actors[*from]) {
                packing.set_actor(&mut key, *to, self.twin(nodes[*from], *to));
            }
        }
        (machine, key)
    }

    /// The machine once processes have changed places; `None` where it is not known or cannot be told.
    fn machine(
        &self,
        pairs: &Pairs,
        machine: u32,
        way: &Vec<usize>,
        missing: &mut Vec<Missing>,
    ) -> Option<u32> {
        let number = self.numbers[way];
        if number == 0 {
            return Some(machine);
        }
        match pairs.get(machine, SWAPS + number).map_or(UNKNOWN, |pair| pair.machine) {
            UNKNOWN => {
                missing.push((machine, SWAPS + number));
                None
            }
            FINISHED => None,
            machine => Some(machine),
        }
    }
}

/// How many ways there are to order so many.
fn factorial(number: usize) -> usize {
    (1..=number).product()
}

/// Every way in which the processes of each set can change places, the one that changes nothing first.
fn all_ways(orbits: &[Range<usize>]) -> Vec<Vec<usize>> {
    let mut ways = vec![Vec::new()];
    for orbit in orbits {
        for _ in orbit.clone() {
            let longer = |way: &Vec<usize>| {
                let free = orbit.clone().filter(|place| !way.contains(place));
                let longer = free.map(|place| way.iter().copied().chain([place]).collect());
                longer.collect::<Vec<Vec<usize>>>()
            };
            ways = ways.iter().flat_map(longer).collect();
        }
    }
    ways
}

impl<W: World> Space<'_, W> {
    /// The same space, but of states that differ only by who is who one is looked at, within these limits and no others;
    /// unchanged where no two processes may stand for each other. A search of it tells what breaks, and no run.
    #[must_use]
    pub fn symmetric(mut self, limits: &Limits) -> Self {
        self.symmetry = Symmetry::new(self.world, limits);
        (0..self.nodes.len()).for_each(|node| self.add_twins(node as u32));
        self
    }

    /// Whether of states that differ only by who is who one is looked at.
    pub fn is_symmetric(&self) -> bool {
        self.symmetry.is_some()
    }

    /// Gives a local state its class and its twins, where it has none.
    pub(crate) fn add_twins(&mut self, node: u32) {
        let Some(symmetry) = &mut self.symmetry else { return };
        if symmetry.classes.get(node as usize).is_some_and(|class| *class != UNCLASSED) {
            return;
        }
        let class = symmetry.twins.len() as u32;
        let known = self.nodes.get(node).clone();
        let wanted = self.wanted[node as usize].map(|op| self.ops.get(op).1.clone());
        let mut twins = Vec::new();
        for peer in &symmetry.peers[known.actor.index()] {
            let actor = Actor(*peer as u16);
            let (number, new) = self.nodes.number(Node { actor, ..known.clone() });
            if new {
                let (ops, is_shared) = (&mut self.ops, &mut self.is_shared);
                self.wanted.push(wanted.as_ref().map(|op| number_op(ops, is_shared, (actor, op.clone()))));
            }
            twins.push((*peer, number));
        }
        let unknown = |(_, number): &&(usize, u32)| *number as usize >= symmetry.classes.len();
        let unknown = twins.iter().filter(unknown).map(|(_, number)| *number).max();
        let classes = unknown.map_or(0, |last| last as usize + 1).max(symmetry.classes.len());
        symmetry.classes.resize(classes, UNCLASSED);
        for (_, number) in &twins {
            symmetry.classes[*number as usize] = class;
        }
        symmetry.twins.push(twins);
    }

    /// How many states those of a search stand for, themselves included.
    pub(crate) fn stood_for(&mut self, store: &dyn Store, packing: &Packing) -> usize {
        if !self.is_symmetric() {
            return store.len();
        }
        let mut row = vec![0; self.initial.0.len()];
        let stands_for = |state: usize| {
            store.row(packing, state as u32, &mut row);
            self.stands_for(&row)
        };
        (0..store.len()).map(stands_for).sum()
    }

    /// How many states one stands for, itself included: as many as there are ways of changing places, less those that
    /// change nothing.
    fn stands_for(&mut self, row: &[u32]) -> usize {
        let Some(symmetry) = &self.symmetry else { return 1 };
        let class = |actor: &usize| symmetry.class(row[1 + actor]);
        let classes = |place: &usize| symmetry.actors[*place].iter().map(class);
        let ties =
            |way: &&Vec<usize>| way.iter().enumerate().all(|(to, from)| classes(&to).eq(classes(from)));
        let all = symmetry.ways.len();
        let ways: Vec<u32> = symmetry.ways.iter().filter(ties).map(|way| symmetry.numbers[way]).collect();
        let same = ways.into_iter().filter(|way| self.permute(row[0], *way) == Some(row[0]));
        all / same.count()
    }

    /// The machine once processes have changed places.
    pub(crate) fn permute(&mut self, machine: u32, number: u32) -> Option<u32> {
        let known = self.pairs.get(machine, SWAPS + number).map_or(UNKNOWN, |pair| pair.machine);
        if known != UNKNOWN {
            return (known != FINISHED).then_some(known);
        }
        let symmetry = self.symmetry.as_ref().expect("places are changed where there is symmetry");
        let way = &symmetry.ways[number as usize];
        let mut now: Vec<usize> = (0..way.len()).collect();
        let mut after = Some(self.machines.get(machine).clone());
        for (place, wanted) in way.iter().enumerate() {
            let at = now.iter().position(|process| process == wanted).expect("everybody is somewhere");
            if at != place {
                now.swap(place, at);
                let (one, other) = (symmetry.processes[place], symmetry.processes[at]);
                after = after.and_then(|machine| machine.swapped(one, other));
            }
        }
        let after = after.map(|after| self.number_machine(after));
        self.pairs.found(machine, SWAPS + number, (after.unwrap_or(FINISHED), 0));
        after
    }
}

/// The class of a local state that has none yet.
const UNCLASSED: u32 = u32::MAX;

/// What was looked at by [`check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// States of the whole graph.
    pub states: usize,
    /// Pairs of processes that changed places in them.
    pub swaps: usize,
    /// Actions that were compared with those of the others.
    pub actions: usize,
}

/// Looks in the first states of the whole graph, breadth first, whether processes may stand for each other as the world
/// says ([`World::orbits`]): with two of them swapped the same is broken, the same can happen, each action leads to what it
/// leads to otherwise with the two swapped, moves as it does and passes the same probes; and swapped twice all is as it
/// was. Where all states were looked at this is a proof.
///
/// # Errors
/// What depends on who is who, in words.
pub fn check<W: World>(world: &W, limits: &Limits, states_max: usize) -> Result<Checked, String> {
    let mut space = Space::new(world).symmetric(limits);
    let mut checked = Checked { states: 0, swaps: 0, actions: 0 };
    let Some(symmetry) = &space.symmetry else { return Ok(checked) };
    let mut neighbours = Vec::new();
    for (place, way) in symmetry.ways.iter().enumerate() {
        let moved: Vec<usize> = (0..way.len()).filter(|at| way[*at] != *at).collect();
        if let [one, other] = moved[..] {
            let actors = symmetry.actors[one].iter().copied().zip(symmetry.actors[other].iter().copied());
            let processes = (symmetry.processes[one], symmetry.processes[other]);
            neighbours.push(Swap { number: place as u32, processes, actors: actors.collect() });
        }
    }
    let mut seen: Numbered<Box<[u32]>> = Numbered::new();
    seen.number(space.initial().0.clone());
    while checked.states < seen.len() && checked.states < states_max {
        let row = seen.get(checked.states as u32).clone();
        checked.states += 1;
        for swap in &neighbours {
            check_swap(&mut space, limits, &row, swap, &mut checked)?;
        }
        for action in shortest::actions(&space, limits, &row) {
            let mut after = row.clone();
            if space.apply_to(&mut after, action) {
                seen.number(after);
            }
        }
    }
    Ok(checked)
}

/// Two processes that change places, and their actors.
struct Swap {
    number: u32,
    processes: (Process, Process),
    actors: Vec<(usize, usize)>,
}

impl Swap {
    fn actor(&self, actor: Actor) -> Actor {
        let index = actor.index();
        let other = self.actors.iter().find_map(|(one, other)| match index {
            _ if index == *one => Some(*other),
            _ if index == *other => Some(*one),
            _ => None,
        });
        Actor(other.unwrap_or(index) as u16)
    }

    fn action(&self, action: Action) -> Action {
        match action {
            Action::Step(actor) => Action::Step(self.actor(actor)),
            Action::End(actor) => Action::End(self.actor(actor)),
            Action::Crash(process) if process == self.processes.0 => Action::Crash(self.processes.1),
            Action::Crash(process) if process == self.processes.1 => Action::Crash(self.processes.0),
            Action::Crash(_) | Action::Fail(_) => action,
        }
    }

    fn row<W: World>(&self, space: &mut Space<'_, W>, row: &[u32]) -> Option<Box<[u32]>> {
        let machine = space.permute(row[0], self.number)?;
        let symmetry = space.symmetry.as_ref().expect("places are changed where there is symmetry");
        let mut swapped: Box<[u32]> = row.into();
        swapped[0] = machine;
        for (one, other) in &self.actors {
            swapped[1 + one] = symmetry.twin(row[1 + other], *one);
            swapped[1 + other] = symmetry.twin(row[1 + one], *other);
        }
        Some(swapped)
    }
}

fn check_swap<W: World>(
    space: &mut Space<'_, W>,
    limits: &Limits,
    row: &[u32],
    swap: &Swap,
    checked: &mut Checked,
) -> Result<(), String> {
    let cast = space.world().cast();
    let tell = |what: String| {
        let (one, other) = (cast.process_name(swap.processes.0), cast.process_name(swap.processes.1));
        Err(format!("{one} and {other} are said to differ in nothing, but {what}"))
    };
    let Some(swapped) = swap.row(space, row) else { return Ok(()) };
    checked.swaps += 1;
    if swap.row(space, &swapped).as_deref() != Some(row) {
        return tell("swapped twice they are not where they were".to_owned());
    }
    let broken = |space: &mut Space<'_, W>, row: &[u32]| (space.broken_in(row), space.still_broken_in(row));
    if broken(space, row) != broken(space, &swapped) {
        return tell("what is broken depends on which is which".to_owned());
    }
    for action in shortest::actions(space, limits, row) {
        checked.actions += 1;
        let other = swap.action(action);
        let describe = action.describe(cast);
        let (mut led, mut other_led): (Box<[u32]>, Box<[u32]>) = (row.into(), swapped.clone());
        let can = space.apply_to(&mut led, action);
        if can != space.apply_to(&mut other_led, other) {
            return tell(format!("{describe} can happen with only one of them"));
        }
        if !can {
            continue;
        }
        if swap.row(space, &led).as_ref() != Some(&other_led) {
            return tell(format!("{describe} leads elsewhere"));
        }
        let probes = |before: &[u32], action: Action, after: &[u32]| {
            space.world().probes(&Scene { space, before, action, after })
        };
        if probes(row, action, &led) != probes(&swapped, other, &other_led) {
            return tell(format!("{describe} passes other probes"));
        }
        if let (Action::Step(actor), Action::Step(twin)) = (action, other) {
            let mut moves = |before: &[u32], actor: Actor, after: &[u32]| {
                let slot = 1 + actor.index();
                let faults = (limits.may_crash(cast.process_of(actor), 0), limits.may_fail);
                [false, true].map(|probing| {
                    space.mover((before[0], before[slot]), (after[0], after[slot]), probing, faults)
                })
            };
            if moves(row, actor, &led) != moves(&swapped, twin, &other_led) {
                return tell(format!("the step of {describe} moves otherwise"));
            }
        }
    }
    Ok(())
}
