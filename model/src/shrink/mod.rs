//! A scenario that breaks something, made smaller while it breaks the same.
//!
//! "The same" is its [`Signature`]: property, deed, object hit and why the two views differ. Each change of [`passes`] is
//! tried in turn, the greatest first, and kept where the signature stays; after each that is kept all begins anew. First
//! only by the run at hand, in whose order [`follow`] tells at once; then by that, every order, and drawn runs. So
//! unless attempts ran out the result is one that no single change makes smaller without breaking something else. Then the
//! schedule: where every order could be searched it is a least one, else a drawn run is made easier to read.
//!
//! Always holds
//! - The result is a function of the scenario, the build and the bounds: no clock, no chance that is not seeded.
//! - Shrinking the result changes nothing.
//! - What cannot be searched within the bounds, or breaks something else on a shortest run, is judged by drawn runs, and by the scenario's own schedule where neither
//!   shows it; a change is kept only where the same was seen again.

mod follow;
mod passes;

use mapisim_sim::Schedule;
use mapisim_sim::random::Strategy;

use crate::check::{Bounds, check};
use crate::draw::{self, Random, draw};
use crate::finding::Signature;
use crate::mapi::rules::Build;
use crate::outcome::{Outcome, Verdict};
use crate::scenario::file::ScheduleFile;
use crate::scenario::item::Item;
use crate::scenario::ordered::Ordered;
use crate::scenario::{Scenario, ScenarioFile, read};

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Changes tried at most, those of the schedule included.
    pub attempts_max: usize,
    /// Distinct states looked at for one change at most.
    pub states_max: usize,
    /// Runs drawn for one change where that is not enough.
    pub runs_max: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Effort { attempts_max: 2_000, states_max: 6_000, runs_max: 100 }
    }
}

/// Distinct states looked at to see what there is to shrink, at least.
const FIRST_LOOK: usize = 1_000_000;

/// How large a scenario is: what a reader has to take in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Processes.
    pub processes: usize,
    /// Threads.
    pub threads: usize,
    /// Calls, as they are written.
    pub calls: usize,
}

impl Size {
    /// The size of a file.
    pub fn of(file: &ScenarioFile) -> Self {
        let scripts: Vec<&Vec<Item>> =
            file.processes.iter().flat_map(|(_, process)| scripts(process)).collect();
        Size {
            processes: file.processes.0.len(),
            threads: scripts.len(),
            calls: scripts.iter().map(|script| calls(script)).sum(),
        }
    }
}

fn scripts(process: &crate::scenario::file::ProcessFile) -> impl Iterator<Item = &Vec<Item>> {
    process
        .script
        .iter()
        .chain(process.threads.iter().flat_map(|threads| threads.0.iter().map(|(_, script)| script)))
}

fn calls(items: &[Item]) -> usize {
    items.iter().map(|item| if let Item::Repeat(repeat) = item { calls(&repeat.r#do) } else { 1 }).sum()
}

/// What came of shrinking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// What it breaks, and always broke.
    pub signature: Signature,
    /// The smaller scenario with an exact schedule, which expects of the build what it shows.
    pub file: ScenarioFile,
    /// What came of it.
    pub outcome: Outcome,
    /// Changes that were tried.
    pub attempts: usize,
    /// Attempts ran out: this is the best so far.
    pub cut: bool,
    /// Its size before.
    pub before: Size,
    /// Its size now.
    pub after: Size,
}

/// Makes a scenario smaller that breaks something with a build; `None` where it breaks nothing within the bounds.
///
/// `files` turns a changed file into a scenario: [`from_text`] where it imports nothing.
pub fn shrink(
    file: &ScenarioFile,
    build: Build,
    effort: &Effort,
    files: &dyn Fn(&ScenarioFile) -> Option<Scenario>,
) -> Option<Shrunk> {
    let looker = Looker { build, effort, files };
    let outcome = looker.as_it_is(file)?;
    let signature = signature(&outcome)?.clone();
    shrink_to(file, &looker, signature, outcome)
}

/// The same for what was seen in drawn runs: it is made smaller until it shows that signature, and nothing else.
pub fn shrink_found(
    file: &ScenarioFile,
    found: &Outcome,
    effort: &Effort,
    files: &dyn Fn(&ScenarioFile) -> Option<Scenario>,
) -> Option<Shrunk> {
    let looker = Looker { build: found.build, effort, files };
    let scheduled = ScenarioFile {
        schedule: found.run.as_ref().map(|run| ScheduleFile::Text(run.schedule.clone())),
        ..file.clone()
    };
    shrink_to(&scheduled, &looker, signature(found)?.clone(), found.clone())
}

/// A file as a scenario, through its text, as users' files come in.
pub fn from_text(file: &ScenarioFile) -> Option<Scenario> {
    read("shrunk.json", &file.to_text()).ok()
}

fn signature(outcome: &Outcome) -> Option<&Signature> {
    outcome.finding.as_ref().map(|finding| &finding.signature)
}

fn shrink_to(
    file: &ScenarioFile,
    looker: &Looker<'_>,
    wanted: Signature,
    outcome: Outcome,
) -> Option<Shrunk> {
    let before = Size::of(file);
    let mut best = ScenarioFile { must_reach: Vec::new(), expect: Ordered::default(), ..file.clone() };
    let (mut outcome, mut attempts, mut cut) = (outcome, 0, false);
    if let Some(ScheduleFile::Turns(_)) = best.schedule {
        let schedule = (looker.files)(&best)?.schedule?;
        best.schedule = Some(ScheduleFile::Text(schedule.to_string()));
    }
    // Without a schedule every order shows it, or a drawn one; so steps need not be kept in step with calls.
    if best.schedule.is_some() {
        let free = ScenarioFile { schedule: None, ..best.clone() };
        let same = looker.follows(&free, &outcome, &wanted);
        if let Some(same) = same.or_else(|| looker.shows(&free, &wanted)) {
            (best, outcome) = (free, same);
        }
    }
    // What the run at hand still shows is taken first, while the scenario is large; then what any order shows. The run
    // that is told last may lead on once more.
    let mut settled = false;
    loop {
        let mut tried = next(&best, looker, &mut attempts, |file| looker.follows(file, &outcome, &wanted));
        if matches!(tried, Tried::None) && !settled {
            tried = next(&best, looker, &mut attempts, |file| looker.shows(file, &wanted));
        }
        match tried {
            Tried::Kept(file, same) => (best, outcome, settled) = (*file, *same, false),
            Tried::None if settled => break,
            Tried::None => {
                settled = true;
                outcome = easiest(&best, outcome, looker, &wanted, &mut attempts)?;
            }
            Tried::OutOfAttempts => {
                cut = true;
                outcome = easiest(&best, outcome, looker, &wanted, &mut attempts)?;
                break;
            }
        }
    }
    let file = told(&best, &outcome)?;
    let after = Size::of(&file);
    Some(Shrunk { signature: wanted, file, outcome, attempts, cut, before, after })
}

/// What came of trying changes.
enum Tried {
    /// The first that shows the same, and how.
    Kept(Box<ScenarioFile>, Box<Outcome>),
    /// None does.
    None,
    /// Attempts ran out.
    OutOfAttempts,
}

/// Tries every change.
fn next(
    best: &ScenarioFile,
    looker: &Looker<'_>,
    attempts: &mut usize,
    shows: impl Fn(&ScenarioFile) -> Option<Outcome>,
) -> Tried {
    for candidate in passes::all(best) {
        if *attempts >= looker.effort.attempts_max {
            return Tried::OutOfAttempts;
        }
        *attempts += 1;
        if let Some(same) = shows(&candidate) {
            return Tried::Kept(Box::new(candidate), Box::new(same));
        }
    }
    Tried::None
}

/// The run that is followed most easily, of a file that is small: a least one, or the run at hand made easier.
fn easiest(
    best: &ScenarioFile,
    outcome: Outcome,
    looker: &Looker<'_>,
    wanted: &Signature,
    attempts: &mut usize,
) -> Option<Outcome> {
    if outcome.exhaustive {
        return Some(outcome);
    }
    let scenario = (looker.files)(best)?;
    if let Some(least) = looker.check(&scenario).filter(|least| signature(least) == Some(wanted)) {
        return Some(least);
    }
    let left = looker.effort.attempts_max.saturating_sub(*attempts);
    let (easier, tried) = draw::easier(&scenario, &outcome, left);
    *attempts += tried;
    Some(easier)
}

/// The file of a counterexample: with the exact schedule up to the break, expecting just what it shows.
fn told(file: &ScenarioFile, outcome: &Outcome) -> Option<ScenarioFile> {
    let (property, run) = (outcome.verdict.property()?, outcome.run.as_ref()?);
    let exact = Schedule::parse(&run.schedule).expect("a run's own schedule can be read");
    Some(ScenarioFile {
        schema: None,
        about: outcome.finding.as_ref().map_or_else(String::new, |finding| finding.summary.clone()),
        schedule: Some(ScheduleFile::Text(
            exact.first(outcome.told.map_or(outcome.steps, |told| told.steps)).to_string(),
        )),
        expect: Ordered(vec![(outcome.build.id().to_owned(), property.id().to_owned())]),
        ..file.clone()
    })
}

/// Looks what a file breaks.
struct Looker<'a> {
    build: Build,
    effort: &'a Effort,
    files: &'a dyn Fn(&ScenarioFile) -> Option<Scenario>,
}

impl Looker<'_> {
    /// What a file breaks as it is: by its schedule, or in any order.
    fn as_it_is(&self, file: &ScenarioFile) -> Option<Outcome> {
        let scenario = (self.files)(file)?;
        let bounds = Bounds { states_max: self.effort.states_max.max(FIRST_LOOK), ..Bounds::default() };
        let outcome = check(&scenario, self.build, &bounds).ok()?;
        match outcome.verdict {
            Verdict::Broken(_) => Some(outcome),
            Verdict::Inconclusive if scenario.schedule.is_none() => {
                draw(&scenario, self.build, &self.random()).found
            }
            Verdict::Inconclusive | Verdict::Holds => None,
        }
    }

    /// How a file shows a signature in the order of a run that is known, if it does. One with a schedule has an order of
    /// its own.
    fn follows(&self, file: &ScenarioFile, leader: &Outcome, wanted: &Signature) -> Option<Outcome> {
        let scenario = (self.files)(file)?;
        if scenario.schedule.is_some() { None } else { follow::follow(&scenario, self.build, leader, wanted) }
    }

    /// How a file shows a signature, if it does: on a shortest run of every order, else on a drawn one. What every order
    /// says to hold needs no draws.
    fn shows(&self, file: &ScenarioFile, wanted: &Signature) -> Option<Outcome> {
        let scenario = (self.files)(file)?;
        let outcome = self.check(&scenario)?;
        if signature(&outcome) == Some(wanted) {
            return Some(outcome);
        }
        let hopeless = scenario.schedule.is_some() || outcome.verdict == Verdict::Holds;
        if hopeless { None } else { draw::draw_for(&scenario, self.build, &self.random(), wanted) }
    }

    fn check(&self, scenario: &Scenario) -> Option<Outcome> {
        let bounds = Bounds { states_max: self.effort.states_max, ..Bounds::default() };
        check(scenario, self.build, &bounds).ok()
    }

    fn random(&self) -> Random {
        Random { strategy: Strategy::Swarm, seed: 0, first: 0, runs: self.effort.runs_max }
    }
}

#[cfg(test)]
mod tests;
