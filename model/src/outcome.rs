//! What came of running a scenario with a build.

use crate::finding::Finding;
use crate::mapi::assumptions::Consulted;
use crate::mapi::rules::Build;
use crate::probe::Probe;
use crate::property::Property;
use crate::scenario::Expect;
use crate::trace::Run;

/// The verdict of a run or search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that was looked at breaks.
    Holds,
    /// This breaks.
    Broken(Property),
    /// A bound was reached before an answer.
    Inconclusive,
}

impl Verdict {
    /// Its word in reports: `holds`, `broken`, `inconclusive`.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Broken(_) => "broken",
            Verdict::Inconclusive => "inconclusive",
        }
    }

    /// What is broken.
    pub const fn property(self) -> Option<Property> {
        if let Verdict::Broken(property) = self { Some(property) } else { None }
    }
}

/// What kept a run or search from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The number of distinct states.
    States,
    /// The memory that the visited states may take.
    Memory {
        /// Bytes.
        bytes: usize,
    },
    /// The number of steps of one run.
    Steps,
    /// It was told to stop.
    Stopped,
}

/// A scenario holds, but never met the danger that it is about. Said of scenarios with several processes that look at
/// sessions' profiles and name no probes of their own (`must_reach`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vacuity {
    /// Nobody swept, nor was asked to delete a profile, while another process's session was live.
    NoLiveSession,
    /// At no sweep was there a mark that another process wrote, under whatever key.
    NoMark,
}

impl Vacuity {
    /// It in words, to follow "holds, but": `no session was live at a sweep`.
    pub const fn text(self) -> &'static str {
        match self {
            Vacuity::NoLiveSession => "no session was live at a sweep",
            Vacuity::NoMark => "no mark was ever seen by a second process",
        }
    }
}

/// The counterexample that people are shown: fewest crashes, then fewest switches between threads, then fewest steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its length, which may be more than that of a shortest one.
    pub steps: usize,
    /// No other costs less. `false`: the search for one ran out of room, and this is a shortest one.
    pub proved: bool,
}

/// What came of one scenario with one build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The build.
    pub build: Build,
    /// The verdict.
    pub verdict: Verdict,
    /// What the scenario expects of this build; `None` where it does not say.
    pub expected: Option<Expect>,
    /// Every interleaving was looked at, as far as the verdict needs; `false` for a scheduled run, and where a bound
    /// was reached.
    pub exhaustive: bool,
    /// Distinct states seen (0 for a scheduled run).
    pub states: usize,
    /// Transitions taken (0 for a scheduled run).
    pub transitions: u64,
    /// The length of a shortest counterexample, or of the scheduled run.
    pub steps: usize,
    /// Distinct states first seen at each depth (empty for a scheduled run).
    pub levels: Vec<usize>,
    /// It holds by a search in which steps that nobody else can notice were fused with others: the states and transitions
    /// are those of that search.
    pub fused: bool,
    /// States that those stand for, where processes that differ in nothing stand for each other; else as many.
    pub stand_for: usize,
    /// The bound that was reached, where the verdict is inconclusive.
    pub bound: Option<Bound>,
    /// The counterexample that is told, the one that is followed most easily. `None` where there is none, and of a
    /// scheduled run.
    pub told: Option<Told>,
    /// The probes of `must_reach` that were not passed.
    pub missed: Vec<Probe>,
    /// Why it says little that it holds; `None` where it breaks, is inconclusive, or met the danger it is about.
    pub vacuous: Option<Vacuity>,
    /// The points that the sources leave open which the verdict rests on: no other was asked for before it was found.
    pub consulted: Consulted,
    /// Somebody was denied the global section, in the search or in what is told of it: so another build need not take the
    /// same steps where it differs in nothing but what it does then.
    pub global_denied: bool,
    /// The counterexample, played on to the end of every script; or the scheduled run.
    pub run: Option<Run>,
    /// What is broken, and why.
    pub finding: Option<Finding>,
}

impl Outcome {
    /// Whether this is what the scenario expects, every probe reached. Without an expectation a broken property is not.
    pub fn as_expected(&self) -> bool {
        let verdict = match (self.expected, self.verdict) {
            (None | Some(Expect::Holds), Verdict::Holds) => true,
            (Some(Expect::Breaks(expected)), Verdict::Broken(property)) => expected == property,
            _ => false,
        };
        verdict && self.missed.is_empty()
    }
}
