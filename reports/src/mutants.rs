//! `mutants`: every build with one rule left out, run against scenarios, and which of them notices first (see
//! [`mapisim_model::mutant`]).
//!
//! Invariants
//! - Rows are in the order of mutants, the scenario that is told is the first by name: nothing depends on how many run
//!   at once.
//! - A mutant that makes the machine stop is noticed by that.
//! - A mutant that was not tried to the end has no row: nobody can say that it is missed.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mapisim_model::check::Bounds;
use mapisim_model::mapi::rules::Algorithm;
use mapisim_model::mutant::{Mutant, Noticed};
use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::Scenario;
use rayon::prelude::*;
use serde::Serialize;

use crate::cells::{Builds, Cell, panic_text, plan};
use crate::json::to_text;
use crate::text::{BAD, DIM, HEADING, count, pad, paint, width};

/// A mutant, and who noticed it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The mutant.
    pub mutant: Mutant,
    /// How many cells could have noticed it.
    pub asked: usize,
    /// Those that did, in the order of the scenarios, with how.
    pub noticed: Vec<(Cell<'a>, String)>,
}

impl Row<'_> {
    /// Nobody noticed it, and nothing says that nobody can.
    pub fn is_missed(&self) -> bool {
        self.noticed.is_empty() && self.mutant.equivalent().is_none()
    }
}

/// What running depends on, apart from mutants and scenarios.
#[derive(Clone, Copy)]
pub struct Running<'a> {
    /// Distinct states of one search at most.
    pub states_max: usize,
    /// How many run at once; `None`: as many as there are processors.
    pub jobs: Option<usize>,
    /// Stop at the first that notices.
    pub first_only: bool,
    /// Whether to go on at all.
    pub go_on: &'a (dyn Fn() -> bool + Sync),
}

/// The mutants of some builds.
pub fn mutants(algorithms: &[Algorithm]) -> Vec<Mutant> {
    Mutant::all().into_iter().filter(|mutant| algorithms.contains(&mutant.algorithm)).collect()
}

/// Runs mutants against scenarios. Those that were not tried to the end when it was told not to go on have no row.
pub fn table<'a>(scenarios: &'a [Scenario], mutants: &[Mutant], running: Running<'_>) -> Vec<Row<'a>> {
    let cells = plan(scenarios, &Builds::Expected, None);
    let all = || mutants.par_iter().filter_map(|mutant| row(*mutant, &cells, running)).collect();
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = running.jobs {
        pool = pool.num_threads(jobs);
    }
    match pool.build() {
        Ok(pool) => pool.install(all),
        Err(_) => mutants.iter().filter_map(|mutant| row(*mutant, &cells, running)).collect(),
    }
}

fn row<'a>(mutant: Mutant, cells: &[Cell<'a>], running: Running<'_>) -> Option<Row<'a>> {
    let concerned = |cell: &&Cell<'a>| mutant.concerns(cell.scenario, cell.build);
    let cells: Vec<Cell<'a>> = cells.iter().filter(concerned).copied().collect();
    let mut noticed = Vec::new();
    for cell in &cells {
        if running.first_only && !noticed.is_empty() {
            break;
        }
        let how = notices(mutant, *cell, running);
        // What was told to stop did not look to the end.
        if !(running.go_on)() {
            return None;
        }
        noticed.extend(how.map(|how| (*cell, how)));
    }
    Some(Row { mutant, asked: cells.len(), noticed })
}

/// How a cell notices a mutant, in words; `None`: it does not.
pub fn notices(mutant: Mutant, cell: Cell<'_>, running: Running<'_>) -> Option<String> {
    let go_on = |_| (running.go_on)();
    let bounds = Bounds { states_max: running.states_max, go_on: &go_on, ..Bounds::default() };
    let look = || mutant.noticed(cell.scenario, cell.build, &bounds);
    match catch_unwind(AssertUnwindSafe(look)) {
        Ok(noticed) => noticed.map(|noticed| words(&noticed)),
        Err(panic) => Some(format!("stops: {}", panic_text(&*panic))),
    }
}

fn words(noticed: &Noticed) -> String {
    match noticed {
        Noticed::Verdict(Verdict::Broken(property)) => format!("breaks {}", property.id()),
        Noticed::Verdict(verdict) => verdict.word().to_owned(),
        Noticed::Missed(probes) => {
            let names: Vec<&str> = probes.iter().map(|probe| probe.id()).collect();
            format!("never reaches {}", names.join(", "))
        }
    }
}

/// The table for a terminal.
pub fn text(rows: &[Row<'_>]) -> String {
    let mut out = String::new();
    for (algorithm, rows) in by_build(rows) {
        out.push_str(&paint(HEADING, algorithm.id()));
        out.push('\n');
        let name = rows.iter().map(|row| width(row.mutant.id())).max().unwrap_or_default();
        for row in rows {
            let told = match row.noticed.first() {
                Some((cell, how)) => format!(
                    "{:>3} of {:>3}  {} {}: {how}",
                    row.noticed.len(),
                    row.asked,
                    short(cell.scenario),
                    cell.build.id(),
                ),
                None => match row.mutant.equivalent() {
                    Some(why) => paint(DIM, &format!("  0 of {:>3}  the same: {why}", row.asked)),
                    None => paint(BAD, &format!("  0 of {:>3}  nobody notices", row.asked)),
                },
            };
            let _a_string_takes_all = writeln!(out, "  {}  {told}", pad(row.mutant.id(), name));
        }
        out.push('\n');
    }
    out.push_str(&summary(rows));
    out.push('\n');
    out
}

fn summary(rows: &[Row<'_>]) -> String {
    let noticed = rows.iter().filter(|row| !row.noticed.is_empty()).count();
    let same = rows.iter().filter(|row| row.noticed.is_empty() && row.mutant.equivalent().is_some()).count();
    let missed = rows.iter().filter(|row| row.is_missed()).count();
    format!(
        "{}: {noticed} noticed, {same} the same as their build, {missed} missed",
        count(rows.len(), "mutant")
    )
}

fn by_build<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<(Algorithm, Vec<&'r Row<'a>>)> {
    let of = |algorithm: Algorithm| {
        let rows: Vec<&Row<'_>> = rows.iter().filter(|row| row.mutant.algorithm == algorithm).collect();
        (algorithm, rows)
    };
    Algorithm::ALL.into_iter().map(of).filter(|(_, rows)| !rows.is_empty()).collect()
}

/// A scenario's name without folder and ending that all have.
fn short(scenario: &Scenario) -> String {
    let name = scenario.name.trim_start_matches("scenarios/").trim_end_matches(".json");
    mapisim_model::scenario::visible::visible(name).into_owned()
}

/// The tables of a document, one for each build; `counted`: everybody was asked, so how many noticed is told too.
pub fn markdown(rows: &[Row<'_>], counted: bool) -> String {
    let mut out = format!("{}.\n", summary(rows));
    for (algorithm, rows) in by_build(rows) {
        let _a_string_takes_all = write!(out, "\n### {}\n\n", algorithm.id());
        out.push_str("| mutant | what it does instead | noticed first by | how |");
        out.push_str(if counted { " cells |\n|---|---|---|---|---|\n" } else { "\n|---|---|---|---|\n" });
        for row in rows {
            let does = match row.mutant.is_build() {
                Some(build) => format!("{}: this is `{}`", row.mutant.does(), build.id()),
                None => row.mutant.does().to_owned(),
            };
            let (by, how) = match row.noticed.first() {
                Some((cell, how)) => (format!("{}, {}", short(cell.scenario), cell.build.id()), how.clone()),
                None => (
                    "nobody".to_owned(),
                    row.mutant
                        .equivalent()
                        .map_or_else(|| "a scenario is missing".to_owned(), |why| format!("the same: {why}")),
                ),
            };
            let name = row.mutant.id();
            let _a_string_takes_all = write!(out, "| `{name}` | {does} | {by} | {how} |");
            if counted {
                let _a_string_takes_all = write!(out, " {} of {} |", row.noticed.len(), row.asked);
            }
            out.push('\n');
        }
    }
    out
}

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    mutants: Vec<JsonRow<'a>>,
}

#[derive(Serialize)]
struct JsonRow<'a> {
    algorithm: &'a str,
    mutant: &'a str,
    does: &'a str,
    asked: usize,
    noticed: Vec<JsonNotice<'a>>,
    equivalent: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonNotice<'a> {
    scenario: &'a str,
    algorithm: &'a str,
    how: &'a str,
}

/// The table as one JSON object, format 1.
pub fn json(rows: &[Row<'_>]) -> String {
    to_text(&Report { format: 1, mutants: rows.iter().map(json_row).collect() })
}

fn json_row<'a>(row: &'a Row<'_>) -> JsonRow<'a> {
    let notice = |(cell, how): &'a (Cell<'_>, String)| JsonNotice {
        scenario: &cell.scenario.name,
        algorithm: cell.build.id(),
        how,
    };
    JsonRow {
        algorithm: row.mutant.algorithm.id(),
        mutant: row.mutant.id(),
        does: row.mutant.does(),
        asked: row.asked,
        noticed: row.noticed.iter().map(notice).collect(),
        equivalent: row.mutant.equivalent(),
    }
}
