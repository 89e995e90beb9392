//! Tells whoever watches standard error how far it is: some times a second, in one line that is written over.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use mapisim_model::scenario::visible::visible;
use mapisim_sim::Progress;

use super::output::Terminal;
use crate::cells::Cell;
use crate::progress::{cells, line};

#[expect(clippy::disallowed_types, reason = "progress is told by the clock, and nothing depends on it")]
type Clock = std::time::Instant;

/// Between two lines.
const PAUSE: Duration = Duration::from_millis(250);

/// Who watches some cells; nobody, where standard error is no terminal.
pub(super) struct Watcher {
    cells: usize,
    states_max: usize,
    columns: usize,
    told: Option<Mutex<Told>>,
}

/// What was told.
struct Told {
    last: Clock,
    done: usize,
    /// When each search was first heard of, and its states then.
    begun: BTreeMap<String, (Clock, usize)>,
}

impl Watcher {
    pub(super) fn new(cells: usize, states_max: usize, terminal: Terminal) -> Self {
        let told = || Mutex::new(Told { last: Clock::now(), done: 0, begun: BTreeMap::new() });
        Watcher { cells, states_max, columns: terminal.columns, told: terminal.progress.then(told) }
    }

    /// A cell is done.
    pub(super) fn finished(&self) {
        let Some(told) = &self.told else { return };
        let mut told = told.lock().expect("nobody panics holding it");
        told.done += 1;
        // One cell has nothing to count.
        if self.cells > 1 {
            write(&cells(told.done, self.cells));
        }
    }

    /// A search is so far.
    pub(super) fn progress(&self, cell: Cell<'_>, progress: Progress) {
        let Some(told) = &self.told else { return };
        let mut told = told.lock().expect("nobody panics holding it");
        let now = Clock::now();
        let name = format!("{} {}", visible(&cell.scenario.name), cell.build.id());
        let (begun, before) = *told.begun.entry(name.clone()).or_insert((now, progress.states));
        if now.duration_since(told.last) < PAUSE {
            return;
        }
        told.last = now;
        let milliseconds = now.duration_since(begun).as_millis();
        let found = progress.states.saturating_sub(before) as u128;
        let a_second = (1000 * found).checked_div(milliseconds).and_then(|rate| u64::try_from(rate).ok());
        write(&line(&name, progress, a_second, self.states_max, self.columns));
    }

    /// All is done: the line goes.
    pub(super) fn end(&self) {
        if self.told.is_some() {
            write("");
        }
    }
}

fn write(line: &str) {
    let _somebody_only_watches = write!(std::io::stderr(), "\r{line}\u{1b}[K");
}
