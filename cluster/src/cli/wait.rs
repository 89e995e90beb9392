//! Waiting for what comes of the work: progress, results, an interrupt, a process that is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use mapisim::cells::{Cell, CellResult, Finished};
use mapisim::cli::{Io, Status};
use mapisim::text::count;
use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::visible::{quoted, visible};

use super::local::Children;
use super::mesh::{Connected, POISONED, lost};
use crate::work::{Event, Job, Sent, start};

/// How often it is looked whether the user has asked to stop.
const PAUSE: Duration = Duration::from_millis(50);

/// How much later those end who have lost another.
const LATER: Duration = Duration::from_millis(500);

/// What is waited for.
pub(super) struct Waiting<'w, 'a> {
    pub(super) index: usize,
    pub(super) addresses: &'w [String],
    pub(super) cells: &'w [Cell<'a>],
    pub(super) verbose: bool,
    /// Another process of this machine started this one, and tells what is to be told.
    pub(super) started: bool,
}

impl<'a> Waiting<'_, 'a> {
    /// Works on a job until it is done, or cannot be.
    pub(super) fn work(
        &self,
        job: Job,
        connected: Connected,
        children: &mut Children,
        io: &mut Io<'_>,
    ) -> (Vec<Finished<'a>>, Status) {
        let (tell, events) = channel();
        let mut finished = Vec::new();
        let guards = match start(job, connected, tell) {
            Ok(guards) => guards,
            Err(why) => {
                io.complain(&format!("the search cannot begin: {why}"));
                return (finished, Status::Inconclusive);
            }
        };
        let status = loop {
            match events.recv_timeout(PAUSE) {
                Ok(Event::Level(cell, level)) => {
                    let Cell { scenario, build } = self.cells[cell];
                    let states = count(level.states, "state");
                    let name = visible(&scenario.name);
                    self.progress(&format!("{name} {}: depth {}, {states}", build.id(), level.depth), io);
                }
                Ok(Event::Done(cell, result, sent)) => {
                    self.progress("", io);
                    self.tell(self.cells[cell], &result, sent, io);
                    finished.push(Finished { cell: self.cells[cell], result: *result });
                }
                Ok(Event::Finished) => break Status::AsExpected,
                Ok(Event::Stopped(why)) => {
                    self.progress("", io);
                    break self.stopped(&why, children, io);
                }
                Err(RecvTimeoutError::Disconnected) => break Status::OurBug,
                Err(RecvTimeoutError::Timeout) if io.is_interrupted() => break Status::Interrupted,
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        self.progress("", io);
        if status == Status::AsExpected {
            // What breaks now breaks after all was told.
            let _ended = catch_unwind(AssertUnwindSafe(|| guards.join()));
            return (finished, children.wait());
        }
        // Threads that wait for those who are gone end with this process.
        std::mem::forget(guards);
        children.kill();
        (finished, status)
    }

    /// Why there is nothing more, and what that means.
    fn stopped(&self, why: &str, children: &mut Children, io: &mut Io<'_>) -> Status {
        let peer = lost();
        if peer.is_none() && !why.contains(POISONED) {
            io.complain(&format!("this is a bug in mapisim itself: process {} stopped: {why}", self.index));
            return Status::OurBug;
        }
        let which = peer
            .and_then(|peer| Some(format!(" to process {peer} at {}", quoted(self.addresses.get(peer)?))));
        if !self.started {
            io.complain(&format!(
                "the connection{} broke: a process has ended, or cannot be reached. What was not finished by then has no \
                 verdict",
                which.unwrap_or_default()
            ));
        }
        if self.index > 0 {
            // So that the first process hears of the one that was lost, and not of those that end because of it.
            std::thread::sleep(LATER);
        }
        children.wait().and(Status::Inconclusive)
    }

    /// How far it is, in one line that is written over.
    fn progress(&self, text: &str, io: &mut Io<'_>) {
        if self.index == 0 && io.terminal.progress {
            let columns = io.terminal.columns.saturating_sub(1);
            let text: String = text.chars().take(columns).collect();
            // Nobody is left to tell where this fails.
            let _told = write!(io.err, "\r\x1b[K{text}").and_then(|()| io.err.flush());
        }
    }

    /// What has no verdict is told on standard error too, and what a search cost where that is asked for.
    fn tell(&self, cell: Cell<'_>, result: &CellResult, sent: Sent, io: &mut Io<'_>) {
        let searched = matches!(result, CellResult::Checked(checked) if checked.outcome.verdict != Verdict::Inconclusive);
        if self.verbose && searched && sent.states > 0 {
            let tenths = 10 * sent.bytes / sent.states as u64;
            let bytes = count(usize::try_from(sent.bytes).unwrap_or(usize::MAX), "byte");
            io.tell(&format!(
                "{} {}: {bytes} sent, {}.{} for each state\n",
                visible(&cell.scenario.name),
                cell.build.id(),
                tenths / 10,
                tenths % 10
            ));
        }
    }
}
