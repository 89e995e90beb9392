//! One process's share of the work: the cells of a run, one after the other, each in all processes at once.
//!
//! Process 0 learns what was found and tells it; the others learn only that they are done. Whatever goes wrong ends the
//! work of this process, and with it that of all others: there is no verdict of a part.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::Sender;

use mapisim::cells::{self, Cell, CellResult, Running, panic_text};
use mapisim_model::check::{Bounds, limits, searched};
use mapisim_model::mapi::assumptions::Consulted;
use mapisim_model::mapi::rules::Build;
use mapisim_model::property::Property;
use mapisim_model::scenario::Scenario;
use mapisim_model::world::World;
use mapisim_sim::Space;
use timely::communication::{AllocatorBuilder, WorkerGuards};

use crate::link::Link;
use crate::wire::{put, take};
use crate::{Level, Spread, search};

/// What is to be done; the same in every process.
#[derive(Clone, Debug)]
pub struct Job {
    /// The cells, in their order.
    pub cells: Vec<(Scenario, Build)>,
    /// Distinct states of one search at most.
    pub states_max: usize,
}

impl Job {
    /// A cell.
    fn cell(&self, index: usize) -> Cell<'_> {
        let (scenario, build) = &self.cells[index];
        Cell { scenario, build: *build }
    }
}

/// What happens meanwhile.
#[derive(Debug)]
pub enum Event {
    /// The search of a cell goes on with the next level.
    Level(usize, Level),
    /// This came of a cell; and how much was sent for it. In process 0 only.
    Done(usize, Box<CellResult>, Sent),
    /// Everything is done.
    Finished,
    /// It stopped, for this reason; there will be nothing more.
    Stopped(String),
}

/// How much processes sent each other for one search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Bytes, in all processes together.
    pub bytes: u64,
    /// Distinct states that were found.
    pub states: usize,
}

/// Starts working on a job with those that are connected; what happens is told to `events`.
///
/// # Errors
/// No thread could be started.
pub fn start(
    job: Job,
    (builders, others): (Vec<AllocatorBuilder>, Box<dyn Any + Send>),
    events: Sender<Event>,
) -> Result<WorkerGuards<()>, String> {
    timely::execute::execute_from(builders, others, timely::WorkerConfig::default(), move |worker| {
        let work = || {
            let mut link = Link::new(worker);
            (0..job.cells.len()).for_each(|index| cell(&job, index, &mut link, &events));
        };
        // Nobody listens any more only where the process is about to end.
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(()) => drop(events.send(Event::Finished)),
            Err(panic) => {
                drop(events.send(Event::Stopped(panic_text(&*panic))));
                resume_unwind(panic);
            }
        }
    })
}

fn cell(job: &Job, index: usize, link: &mut Link<'_>, events: &Sender<Event>) {
    let cell = job.cell(index);
    let first = link.me() == 0;
    let bounds = Bounds { states_max: job.states_max, ..Bounds::default() };
    if cell.scenario.schedule.is_some() {
        // One run is nothing to be shared.
        if first {
            let result = cells::run_one(cell, &alone(job.states_max));
            drop(events.send(Event::Done(index, Box::new(result), Sent::default())));
        }
        return;
    }
    let world = World::new(cell.scenario, cell.build);
    let mut space = Space::new(&world);
    let limits = limits(cell.scenario, &bounds);
    let mut watch = |level: Level| drop(events.send(Event::Level(index, level)));
    let Spread { found, sent } = search(link, &mut space, &Property::ALL, &limits, &mut watch);
    let consulted = consulted(link, &world);
    if first {
        let sent = Sent { bytes: sent, states: found.states };
        let outcome = searched(cell.scenario, cell.build, &mut space, &bounds, (found, consulted));
        drop(events.send(Event::Done(index, Box::new(cells::checked(outcome)), sent)));
    }
}

/// What all processes asked for together.
fn consulted(link: &mut Link<'_>, world: &World) -> Consulted {
    let mut said = Vec::new();
    put(&mut said, world.consulted().bits());
    let all = link.all(&said).into_iter().map(|said| Consulted::from_bits(take(&mut &said[..])));
    all.fold(Consulted::default(), Consulted::and)
}

/// How a cell is run that needs no other process.
fn alone(states_max: usize) -> Running<'static> {
    Running {
        states_max,
        bytes_max: usize::MAX,
        twice: false,
        whole_max: usize::MAX,
        jobs: Some(1),
        go_on: &|| true,
        in_time: &|| true,
        finished: &|| {},
    }
}
