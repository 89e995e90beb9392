//! Cells: one scenario with one build each, run side by side, their results in the order of the files.
//!
//! Invariants
//! - The order and content of results do not depend on how many run at once.
//! - What goes wrong in one cell stays in it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mapisim_model::alike::{Alike, alike, handed_on};
use mapisim_model::check::{Bounds, check};
use mapisim_model::firmness::{Firmness, Flip, Pairs, firmness_of, pairs_of, run_flipped};
use mapisim_model::mapi::assumptions::Consulted;
use mapisim_model::mapi::rules::Build;
use mapisim_model::mattered::Mattered;
use mapisim_model::outcome::{Bound, Outcome, Verdict};
use mapisim_model::scenario::Scenario;
use mapisim_model::scenario::visible::visible;
use mapisim_sim::{Checkpoint, Progress};
use rayon::prelude::*;

use crate::digest::digest;

/// One scenario with one build, to be run.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The build.
    pub build: Build,
}

impl Cell<'_> {
    /// How alike it is to another one, if it is of the same scenario.
    fn alike(&self, other: &Cell<'_>) -> Option<Alike> {
        std::ptr::eq(self.scenario, other.scenario)
            .then(|| alike(self.scenario, self.build, other.build))
            .flatten()
    }
}

/// One scenario with one build, when it was run.
#[derive(Clone, Debug)]
pub struct Finished<'a> {
    /// Which.
    pub cell: Cell<'a>,
    /// What came of it.
    pub result: CellResult,
}

/// What came of a cell.
#[derive(Clone, Debug)]
pub enum CellResult {
    /// It has a verdict.
    Checked(Box<Checked>),
    /// Its schedule asks for what cannot happen: where, and what could instead.
    Diverged(String),
    /// Our own bug: what it said.
    Panicked(String),
}

/// A verdict with its digest.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The outcome.
    pub outcome: Outcome,
    /// Its digest.
    pub digest: String,
    /// How firm the verdict is, where that was asked for.
    pub firmness: Option<Firmness>,
    /// What two flips at once move, where that was asked for.
    pub pairs: Option<Pairs>,
    /// What mattered in the run, where it breaks and that was asked for.
    pub mattered: Option<Mattered>,
}

/// What else is tried with each cell, to see how firm its verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flips {
    /// Nothing.
    None,
    /// Each point that the sources leave open, settled otherwise, where that takes only a replay of a schedule that breaks
    /// something.
    Scheduled,
    /// Each point, whatever the verdict.
    Single,
    /// And each two of them.
    Pairs,
}

impl Checked {
    fn new(outcome: Outcome, digest: String) -> Self {
        Checked { outcome, digest, firmness: None, pairs: None, mattered: None }
    }
}

impl Finished<'_> {
    /// What came of it, where it has a verdict.
    pub fn checked(&self) -> Option<&Checked> {
        match &self.result {
            CellResult::Checked(checked) => Some(checked),
            CellResult::Diverged(_) | CellResult::Panicked(_) => None,
        }
    }

    /// Whether it is as its scenario expects.
    pub fn as_expected(&self) -> bool {
        self.checked().is_some_and(|checked| checked.outcome.as_expected())
    }
}

/// Which builds to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Builds {
    /// Those that each scenario expects something of; what is installed, where it expects nothing at all.
    Expected,
    /// These.
    Named(Vec<Build>),
}

impl Builds {
    /// The names of those that were asked for by name.
    pub fn ids(&self) -> Vec<String> {
        match self {
            Builds::Expected => Vec::new(),
            Builds::Named(named) => named.iter().map(|build| build.id().to_owned()).collect(),
        }
    }
}

/// A part of all cells: `index` of `parts`, 1 first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, 1 first.
    pub index: u64,
    /// How many parts there are.
    pub parts: u64,
}

impl std::fmt::Display for Shard {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.index, self.parts)
    }
}

impl Shard {
    /// Whether a cell belongs to this part. It depends on the scenario's name and the build's, and on nothing else.
    pub fn has(self, scenario: &str, build: Build) -> bool {
        let hash = blake3::hash(format!("{scenario}\0{}", build.id()).as_bytes());
        let first: [u8; 8] = hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes");
        u64::from_le_bytes(first) % self.parts == self.index - 1
    }
}

/// The cells of scenarios, in their order; the builds of one in the order of its expectations, or as named.
pub fn plan<'a>(scenarios: &'a [Scenario], builds: &Builds, shard: Option<Shard>) -> Vec<Cell<'a>> {
    let mut cells = Vec::new();
    for scenario in scenarios {
        let builds: Vec<Build> = match builds {
            Builds::Named(named) => named.clone(),
            Builds::Expected if scenario.expect.is_empty() => vec![Build::AsInstalled],
            Builds::Expected => scenario.expect.iter().map(|expectation| expectation.build).collect(),
        };
        let mine =
            builds.into_iter().filter(|build| shard.is_none_or(|shard| shard.has(&scenario.name, *build)));
        cells.extend(mine.map(|build| Cell { scenario, build }));
    }
    cells
}

/// What running depends on, apart from the cells.
pub struct Running<'a> {
    /// Distinct states of one search at most.
    pub states_max: usize,
    /// Bytes that the visited states of one search may take at most.
    pub bytes_max: usize,
    /// Everything is done twice and compared; a difference is our own bug.
    pub twice: bool,
    /// What [`Bounds::whole_max`] says: a search of more states may be done again with fewer of them.
    pub whole_max: usize,
    /// How many cells run at once; `None`: as many as there are processors.
    pub jobs: Option<usize>,
    /// Whether to go on at all: `false` leaves the cells that are not finished without a result.
    pub go_on: &'a (dyn Fn() -> bool + Sync),
    /// Whether there is time left: `false` ends searches without an answer.
    pub in_time: &'a (dyn Fn() -> bool + Sync),
    /// Told after each cell.
    pub finished: &'a (dyn Fn() + Sync),
}

/// Who watches searches, what one of them goes on from, and where one is kept.
#[derive(Clone, Copy)]
pub struct Watched<'a> {
    /// Told now and then how far the search of a cell is.
    pub progress: &'a (dyn Fn(Cell<'_>, Progress) + Sync),
    /// A cell's place, and the checkpoint of its search.
    pub from: Option<(usize, &'a Checkpoint)>,
    /// Is given checkpoints; there is one cell that is searched then.
    pub keep: Option<&'a (dyn Fn(Checkpoint) + Sync)>,
}

impl Default for Watched<'_> {
    fn default() -> Self {
        Watched { progress: &|_, _| (), from: None, keep: None }
    }
}

/// Runs cells. Those that were not finished when it was told not to go on have no result.
pub fn run<'a>(cells: &[Cell<'a>], running: &Running<'_>) -> Vec<Option<Finished<'a>>> {
    run_watched(cells, running, Flips::None, Watched::default())
}

/// The same, and tries how firm each verdict is. Builds of one scenario that come to the same algorithms are tried once.
pub fn run_and_flip<'a>(
    cells: &[Cell<'a>],
    running: &Running<'_>,
    flips: Flips,
) -> Vec<Option<Finished<'a>>> {
    run_watched(cells, running, flips, Watched::default())
}

/// The same while somebody watches.
pub fn run_watched<'a>(
    cells: &[Cell<'a>],
    running: &Running<'_>,
    flips: Flips,
    watched: Watched<'_>,
) -> Vec<Option<Finished<'a>>> {
    let share = !running.twice && watched.from.is_none() && watched.keep.is_none();
    let one = |index: usize, earlier: &[(usize, Option<Finished<'a>>)]| {
        if !(running.go_on)() {
            return None;
        }
        let cell = cells[index];
        let known = || earlier.iter().find_map(|(_, other)| handed_on_from(other.as_ref()?, cell));
        let result = if share { known() } else { None }.unwrap_or_else(|| {
            let from = watched.from.filter(|(of, _)| *of == index);
            run_one_watched(cell, running, Watched { from, ..watched })
        });
        let tried = earlier.iter().any(|(other, _)| cells[*other].alike(&cell) == Some(Alike::Same));
        let flips = if tried { Flips::None } else { flips };
        let result = flip(cell, result, running, flips);
        let finished = (running.go_on)() || !is_stopped(&result);
        (running.finished)();
        finished.then_some(Finished { cell, result })
    };
    let group = |group: &Vec<usize>| {
        let mut results: Vec<(usize, Option<Finished<'a>>)> = Vec::new();
        for index in group {
            results.push((*index, one(*index, &results)));
        }
        results
    };
    let groups = groups(cells);
    let all = || groups.par_iter().flat_map_iter(group).collect();
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = running.jobs {
        pool = pool.num_threads(jobs);
    }
    let mut results: Vec<(usize, Option<Finished<'a>>)> = match pool.build() {
        Ok(pool) => pool.install(all),
        // No threads to be had: one after the other gives the same.
        Err(_) => groups.iter().flat_map(group).collect(),
    };
    results.sort_unstable_by_key(|(index, _)| *index);
    let mut results: Vec<Option<Finished<'a>>> = results.into_iter().map(|(_, result)| result).collect();
    if flips > Flips::None {
        for (index, cell) in cells.iter().enumerate() {
            let first = cells.iter().position(|other| cell.alike(other) == Some(Alike::Same));
            hand_on(&mut results, first.expect("a cell is like itself"), index);
        }
    }
    results
}

/// The cells by number, those together that may take the same steps; in the order of the first of each.
fn groups(cells: &[Cell<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut of_scenario = 0;
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 && !std::ptr::eq(cells[index - 1].scenario, cell.scenario) {
            of_scenario = groups.len();
        }
        match groups[of_scenario..].iter_mut().find(|group| cells[group[0]].alike(cell).is_some()) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// What came of a cell, where another that takes the same steps says it.
fn handed_on_from(other: &Finished<'_>, cell: Cell<'_>) -> Option<CellResult> {
    let CellResult::Checked(known) = &other.result else { return None };
    let outcome = handed_on(cell.scenario, &known.outcome, cell.build)?;
    Some(CellResult::Checked(Box::new(Checked::new(outcome, known.digest.clone()))))
}

/// What was tried for a cell holds for one like it.
fn hand_on(results: &mut [Option<Finished<'_>>], from: usize, to: usize) {
    let checked = results[from].as_ref().and_then(Finished::checked);
    let Some((firmness, pairs)) = checked.map(|checked| (checked.firmness.clone(), checked.pairs.clone()))
    else {
        return;
    };
    if let Some(Finished { result: CellResult::Checked(checked), .. }) = &mut results[to] {
        (checked.firmness, checked.pairs) = (firmness, pairs);
    }
}

fn is_stopped(result: &CellResult) -> bool {
    matches!(result, CellResult::Checked(checked) if checked.outcome.bound == Some(Bound::Stopped))
}

/// Runs one cell; whatever goes wrong in it stays in it.
pub fn run_one(cell: Cell<'_>, running: &Running<'_>) -> CellResult {
    run_one_watched(cell, running, Watched::default())
}

fn run_one_watched(cell: Cell<'_>, running: &Running<'_>, watched: Watched<'_>) -> CellResult {
    let in_time = || (running.go_on)() && (running.in_time)();
    let go_on = |progress: Progress| {
        (watched.progress)(cell, progress);
        in_time()
    };
    if cell.scenario.schedule.is_none() && watched.keep.is_none() && !in_time() {
        return checked(stopped(cell));
    }
    let bounds = Bounds {
        states_max: running.states_max,
        bytes_max: running.bytes_max,
        twice: running.twice,
        whole_max: running.whole_max,
        // Those of the pool that run no cell help with one that is large.
        jobs: rayon::current_num_threads(),
        go_on: &go_on,
        from: watched.from.map(|(_, checkpoint)| checkpoint),
        keep: watched.keep,
    };
    attempt(|| {
        check(cell.scenario, cell.build, &bounds)
            .map_or_else(|diverged| CellResult::Diverged(diverged.to_string()), checked)
    })
}

/// The result of a cell that has an outcome.
pub fn checked(outcome: Outcome) -> CellResult {
    let digest = digest(&outcome);
    CellResult::Checked(Box::new(Checked::new(outcome, digest)))
}

/// The same result with how firm it is, as far as that is asked for.
pub fn flip(cell: Cell<'_>, result: CellResult, running: &Running<'_>, flips: Flips) -> CellResult {
    let wanted = |checked: &Checked| match flips {
        Flips::None => false,
        Flips::Scheduled => cell.scenario.schedule.is_some() && checked.outcome.verdict.property().is_some(),
        Flips::Single | Flips::Pairs => true,
    };
    let mut checked = match result {
        CellResult::Checked(checked) if wanted(&checked) => checked,
        other => return other,
    };
    let go_on = |_| (running.go_on)() && (running.in_time)();
    let bounds = Bounds {
        states_max: running.states_max,
        bytes_max: running.bytes_max,
        go_on: &go_on,
        ..Bounds::default()
    };
    attempt(|| {
        let run = |flips: &[Flip]| run_flipped(cell.scenario, cell.build, flips, &bounds);
        let single = firmness_of(cell.scenario, &checked.outcome, |all| {
            all.par_iter().map(|flips| run(flips)).collect()
        });
        checked.pairs = (flips == Flips::Pairs).then(|| {
            pairs_of(cell.scenario, &single, |all| all.par_iter().map(|flips| run(flips)).collect())
        });
        checked.firmness = Some(single);
        CellResult::Checked(checked)
    })
}

/// A search that was told to stop before it began.
fn stopped(cell: Cell<'_>) -> Outcome {
    Outcome {
        build: cell.build,
        verdict: Verdict::Inconclusive,
        expected: cell.scenario.expected(cell.build),
        exhaustive: false,
        states: 0,
        transitions: 0,
        steps: 0,
        levels: Vec::new(),
        fused: false,
        stand_for: 0,
        bound: Some(Bound::Stopped),
        told: None,
        missed: cell.scenario.must_reach.clone(),
        vacuous: None,
        consulted: Consulted::default(),
        global_denied: false,
        run: None,
        finding: None,
    }
}

/// A panic in here is our own bug, and a result like others.
fn attempt(run: impl FnOnce() -> CellResult) -> CellResult {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| CellResult::Panicked(panic_text(&*panic)))
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    visible(text.unwrap_or("no message")).into_owned()
}

/// That a search was a reduced one, as a sentence.
pub fn fused_sentence(outcome: &Outcome) -> Option<String> {
    let states = crate::text::count(outcome.states, "state");
    let alike = (outcome.stand_for > outcome.states).then(|| {
        format!(
            " Processes that differ in nothing stand for each other: these states stand for {}, {} times as many.",
            crate::text::grouped(outcome.stand_for),
            tenths(outcome.stand_for, outcome.states)
        )
    });
    outcome.fused.then(|| {
        format!(
            "The whole graph is large; {states} were looked at in its place, in which steps that no other process can \
             notice are no states of their own (--no-reduction looks at all).{}",
            alike.unwrap_or_default()
        )
    })
}

/// How many times one number is the other, to a tenth: `3.4`.
fn tenths(one: usize, other: usize) -> String {
    let tenths = (10 * one + other / 2) / other;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What kept a search or run from an answer, as a sentence.
pub fn bound_sentence(outcome: &Outcome) -> Option<String> {
    let states = crate::text::count(outcome.states, "state");
    Some(match outcome.bound? {
        Bound::States => format!("The bound on states was reached after {states}: --max-states allows more."),
        Bound::Memory { bytes } => format!(
            "The bound on memory, {}, was reached after {states}: --max-memory allows more.",
            crate::text::count(bytes, "byte")
        ),
        Bound::Steps => "One run took more steps than a run may: a script never ends.".to_owned(),
        Bound::Stopped => format!(
            "It was told to stop by --max-time after {states}, so it cannot be compared with any other run."
        ),
    })
}

/// Why it says little that it holds, as a sentence.
pub fn vacuous_sentence(outcome: &Outcome) -> Option<String> {
    let vacuity = outcome.vacuous?;
    Some(format!("It holds vacuously: {}, so it never met the danger that it is about.", vacuity.text()))
}

/// What was to be reached and was not, as a sentence.
pub fn missed_sentence(outcome: &Outcome) -> Option<String> {
    if outcome.missed.is_empty() || outcome.verdict == Verdict::Inconclusive {
        return None;
    }
    let names: Vec<&str> = outcome.missed.iter().map(|probe| probe.id()).collect();
    Some(format!(
        "It never came past {}, which the scenario says it has to: what it shows may be empty.",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_result_and_its_text_is_safe_to_print() {
        let result = attempt(|| panic!("a key has two names: \u{1b}[31m"));
        assert!(matches!(result, CellResult::Panicked(text) if text == "a key has two names: \\u{1b}[31m"));
        let result = attempt(|| CellResult::Diverged("turn 1".to_owned()));
        assert!(matches!(result, CellResult::Diverged(_)));
    }

    #[test]
    fn every_cell_is_in_exactly_one_shard() {
        for scenario in ["a.json", "b.json", "scenarios/article/bug-1.json"] {
            for build in Build::all() {
                let shards = (1..=3).filter(|index| Shard { index: *index, parts: 3 }.has(scenario, build));
                assert_eq!(shards.count(), 1, "{scenario} {}", build.id());
            }
        }
        // A cell stays in its shard from version to version, so that CI's parts stay comparable.
        assert!(Shard { index: 1, parts: 2 }.has("a.json", Build::AsInstalled));
    }
}
