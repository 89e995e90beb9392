//! What was found broken: the step that broke it, the later step where the victim notices, and why.
//!
//! The rule of this family: everything said is read off the run that is told, step by step. Each explanation names the
//! steps that it rests on.

mod deletion;
mod leases;
mod listing;
pub(crate) mod marks;
pub(crate) mod orphan;
mod sections;
pub mod signature;
mod stuck;
mod words;

pub use signature::Signature;
pub use words::{machine_crash, name_of_code};

use crate::mapi::memory::Code;
use crate::property::Property;
use crate::trace::{Run, Who};
use orphan::Aftermath;

/// What is broken, where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is broken.
    pub property: Property,
    /// The number of the step that broke it; 0 where it was broken from the start.
    pub cause: usize,
    /// The number of the later step where the victim notices, if it does.
    pub symptom: Option<usize>,
    /// Why, in two to four plain sentences.
    pub summary: String,
    /// What the summary rests on.
    pub points: Vec<Point>,
    /// What makes it the same finding as another.
    pub signature: Signature,
}

/// One piece of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it is about.
    pub kind: PointKind,
    /// The step that made it so.
    pub step: Option<usize>,
    /// It, in words.
    pub text: String,
}

/// What a piece of an explanation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// What the one who did it looked at, and what it was told.
    LookedAt,
    /// What was true elsewhere.
    Elsewhere,
    /// Why the two differ.
    Because,
    /// How it came to look at all.
    Prompted,
}

impl PointKind {
    /// Its heading in reports.
    pub const fn heading(self) -> &'static str {
        match self {
            PointKind::LookedAt => "looked at",
            PointKind::Elsewhere => "true elsewhere",
            PointKind::Because => "differ because",
            PointKind::Prompted => "prompted by",
        }
    }
}

/// What is broken, as the one who judged it saw it.
pub(crate) enum Broken {
    /// A live session lost its profile.
    LiveProfile,
    /// A call on a session failed for want of its profile.
    UsableSession {
        /// The session, by the script's name.
        session: String,
    },
    /// Something is left behind.
    NoOrphan(Box<Aftermath>),
    /// A table lists what it must not.
    HiddenWhenDeleted {
        /// The row.
        row: String,
    },
    /// A name is refused that nobody uses.
    NameReusable {
        /// The name.
        profile: String,
    },
    /// Nobody can go on.
    NoDeadlock,
    /// A call returned what it must not.
    CallResult {
        /// What it must return.
        must: Code,
    },
}

/// Explains a run in which something is broken after the step of that number.
pub(crate) fn explain(run: &Run, broken: &Broken, step: usize) -> Finding {
    match broken {
        Broken::LiveProfile => deletion::explain(run, Property::LiveProfile, step, None),
        Broken::UsableSession { session } => {
            let thread = match run.step(step).who {
                Who::Thread(thread) => thread,
                Who::Killed(_) | Who::Ended(_) | Who::Machine(_) => {
                    unreachable!("a call returns by a step of its thread")
                }
            };
            deletion::explain(run, Property::UsableSession, step, Some((thread, session)))
        }
        Broken::NoOrphan(aftermath) => orphan::explain(run, step, aftermath),
        Broken::HiddenWhenDeleted { row } => listing::listed(run, step, row),
        Broken::NameReusable { profile } => listing::refused(run, step, profile),
        Broken::NoDeadlock => stuck::deadlock(run, step),
        Broken::CallResult { must } => stuck::surprise(run, step, *must),
    }
}
