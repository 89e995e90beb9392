//! How firm a verdict is: which of the points that the sources leave open it hangs on (mapi 4).
//!
//! Each point is settled otherwise, one at a time, and the scenario is run again. Only points that the verdict rests on
//! ([`Outcome::consulted`]) need be tried: the algorithm never asked for the others, so that run would be the same.
//!
//! Always holds
//! - A search that reached a bound says nothing, neither that a verdict stands nor that it moves.
//! - A schedule that cannot happen under another setting is no verdict either.

use crate::check::{Bounds, CannotHappen, check, verdict};
use crate::mapi::assumptions::{Assumption, Consulted, TABLE};
use crate::mapi::rules::Build;
use crate::outcome::{Outcome, Verdict};
use crate::scenario::Scenario;
use crate::world::World;

/// One point, settled otherwise than the scenario does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flip {
    /// The point.
    pub assumption: &'static Assumption,
    /// How the scenario settles it.
    pub from: &'static str,
    /// How it was settled instead.
    pub to: &'static str,
}

/// What came of a run with one or two points settled otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// A verdict.
    Verdict(Verdict),
    /// The scenario's schedule asks for what cannot happen then.
    CannotHappen,
}

/// A flip that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which.
    pub flip: Flip,
    /// What came of it.
    pub landing: Landing,
    /// What that run rests on; nothing where it could not happen.
    consulted: Consulted,
}

/// A flip that moves a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub flip: Flip,
    /// What the verdict is then.
    pub verdict: Verdict,
}

/// How firm a verdict is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firmness {
    /// The verdict with every point as the scenario settles it.
    pub verdict: Verdict,
    /// What it rests on.
    pub consulted: Consulted,
    /// Every flip of those, in the order of [`TABLE`]; none where there is no verdict to move.
    pub flips: Vec<Tried>,
}

/// Two points settled otherwise at once, which together move a verdict that neither moves alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Both, in the order of [`TABLE`].
    pub flips: [Flip; 2],
    /// What the verdict is then.
    pub verdict: Verdict,
}

/// What came of trying pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// How many were tried.
    pub tried: usize,
    /// Those that move what neither moves alone.
    pub moved: Vec<Pair>,
    /// How many had no verdict: a bound was reached, or the schedule cannot happen.
    pub without_verdict: usize,
}

/// What a run with points settled otherwise gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ran {
    /// What came of it.
    pub landing: Landing,
    /// What it rests on; nothing where it could not happen.
    pub consulted: Consulted,
}

/// How firm the verdict on a scenario with a build is.
///
/// # Errors
/// [`CannotHappen`] where the scenario's schedule asks for what cannot happen, whatever is flipped.
pub fn firmness(scenario: &Scenario, build: Build, bounds: &Bounds<'_>) -> Result<Firmness, CannotHappen> {
    let outcome = check(scenario, build, bounds)?;
    let one = |flips: &[Flip; 1]| run_flipped(scenario, build, flips, bounds);
    Ok(firmness_of(scenario, &outcome, |all| all.iter().map(one).collect()))
}

/// The same of an outcome that is known already. `run_all` gives what [`run_flipped`] does for each, in their order; it may
/// run them side by side.
pub fn firmness_of(
    scenario: &Scenario,
    outcome: &Outcome,
    run_all: impl FnOnce(&[[Flip; 1]]) -> Vec<Ran>,
) -> Firmness {
    let consulted = outcome.consulted;
    let wanted = if outcome.verdict == Verdict::Inconclusive { Consulted::default() } else { consulted };
    let flips = wanted.iter().flat_map(|assumption| flips_of(scenario, assumption)).map(|flip| [flip]);
    let flips: Vec<[Flip; 1]> = flips.collect();
    let ran = run_all(&flips);
    assert_eq!(ran.len(), flips.len(), "each flip was run");
    let tried = flips.into_iter().zip(ran);
    let tried =
        tried.map(|([flip], Ran { landing, consulted })| Tried { flip, landing, consulted }).collect();
    Firmness { verdict: outcome.verdict, consulted, flips: tried }
}

/// Every way to settle a point otherwise than the scenario does.
fn flips_of(scenario: &Scenario, assumption: &'static Assumption) -> impl Iterator<Item = Flip> + use<> {
    let from = scenario.assumptions.get(assumption.name).expect("a point of the table");
    let others = assumption.alternatives.iter().copied().filter(move |to| *to != from);
    others.map(move |to| Flip { assumption, from, to })
}

/// Runs a scenario with points settled otherwise.
pub fn run_flipped(scenario: &Scenario, build: Build, flips: &[Flip], bounds: &Bounds<'_>) -> Ran {
    let mut flipped = scenario.clone();
    for flip in flips {
        let set = flipped.assumptions.set(flip.assumption.name, flip.to);
        set.expect("an alternative of the table");
    }
    // What a run comes past has no part in its verdict. A search leaves out more states where nobody asks, so it is asked.
    let world = match flipped.schedule {
        Some(_) => World::unprobed(&flipped, build),
        None => World::new(&flipped, build),
    };
    match verdict(&flipped, build, &world, bounds) {
        Ok((verdict, _)) => Ran { landing: Landing::Verdict(verdict), consulted: world.consulted() },
        Err(_why) => Ran { landing: Landing::CannotHappen, consulted: Consulted::default() },
    }
}

impl Tried {
    /// What the verdict moved to, from that one; `None` where it stands or there is none.
    fn moved(&self, from: Verdict) -> Option<Verdict> {
        match self.landing {
            Landing::Verdict(to) if to != from && to != Verdict::Inconclusive => Some(to),
            _ => None,
        }
    }
}

impl Firmness {
    /// How many flips were tried.
    pub fn flips_tried(&self) -> usize {
        self.flips.len()
    }

    /// The flips that move the verdict.
    pub fn moved(&self) -> impl Iterator<Item = Moved> {
        self.flips.iter().filter_map(|tried| {
            let verdict = tried.moved(self.verdict)?;
            Some(Moved { flip: tried.flip, verdict })
        })
    }

    /// The flips under which the scenario's schedule cannot happen.
    pub fn cannot_happen(&self) -> impl Iterator<Item = Flip> {
        self.landed(|landing| landing == Landing::CannotHappen)
    }

    /// The flips under which a bound was reached before an answer.
    pub fn undecided(&self) -> impl Iterator<Item = Flip> {
        self.landed(|landing| landing == Landing::Verdict(Verdict::Inconclusive))
    }

    fn landed(&self, wanted: impl Fn(Landing) -> bool) -> impl Iterator<Item = Flip> {
        self.flips.iter().filter(move |tried| wanted(tried.landing)).map(|tried| tried.flip)
    }

    /// The points that were not tried: the verdict does not rest on them.
    pub fn not_tried(&self) -> impl Iterator<Item = &'static Assumption> {
        TABLE.iter().filter(|assumption| !self.consulted.has(assumption.name))
    }

    /// Whether no flip moves the verdict, each flip has a verdict or cannot happen, and there is a verdict at all.
    pub fn stands(&self) -> bool {
        let decided = self.verdict != Verdict::Inconclusive && self.undecided().next().is_none();
        decided && self.moved().next().is_none()
    }
}

/// Tries each two flips at once that neither moves the verdict alone, where each is asked for while the other is made: else
/// one of them changes nothing. `run_all` is as for [`firmness_of`].
pub fn pairs_of(
    scenario: &Scenario,
    single: &Firmness,
    run_all: impl FnOnce(&[[Flip; 2]]) -> Vec<Ran>,
) -> Pairs {
    let wanted = worth_trying(scenario, single);
    let ran = run_all(&wanted);
    assert_eq!(ran.len(), wanted.len(), "each pair was run");
    let mut pairs = Pairs { tried: wanted.len(), ..Pairs::default() };
    for (flips, ran) in wanted.into_iter().zip(ran) {
        match ran.landing {
            Landing::CannotHappen | Landing::Verdict(Verdict::Inconclusive) => pairs.without_verdict += 1,
            Landing::Verdict(verdict) if verdict != single.verdict => {
                pairs.moved.push(Pair { flips, verdict });
            }
            Landing::Verdict(_) => {}
        }
    }
    pairs
}

fn worth_trying(scenario: &Scenario, single: &Firmness) -> Vec<[Flip; 2]> {
    if single.verdict == Verdict::Inconclusive {
        return Vec::new();
    }
    let flips: Vec<Flip> = TABLE.iter().flat_map(|assumption| flips_of(scenario, assumption)).collect();
    let still: Vec<&Flip> = flips.iter().filter(|flip| !single.moves_alone(flip)).collect();
    let mut wanted = Vec::new();
    for (index, one) in still.iter().enumerate() {
        let others = still[index + 1..].iter().filter(|other| other.assumption != one.assumption);
        let matter = others.filter(|other| single.rests_on(one, other) && single.rests_on(other, one));
        wanted.extend(matter.map(|other| [**one, **other]));
    }
    wanted
}

impl Firmness {
    fn tried(&self, flip: &Flip) -> Option<&Tried> {
        self.flips.iter().find(|tried| tried.flip == *flip)
    }

    /// Whether a run with that flip asks for the other's point. A flip that was not tried changes nothing.
    fn rests_on(&self, flip: &Flip, other: &Flip) -> bool {
        let consulted = self.tried(flip).map_or(self.consulted, |tried| tried.consulted);
        consulted.has(other.assumption.name)
    }

    fn moves_alone(&self, flip: &Flip) -> bool {
        self.tried(flip).is_some_and(|tried| tried.moved(self.verdict).is_some())
    }
}
