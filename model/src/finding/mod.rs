//! What was found broken: the step that broke it, the later step where the victim notices, and why.
//!
//! The rule of this family: everything said is read off the run that is told, step by step. Each explanation names the
//! steps that it rests on.

mod deletion;
mod stuck;
mod words;

pub use words::name_of_code;

use crate::property::Property;
use crate::trace::Run;

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

/// Explains a run in which a property is broken after the step of that number.
pub(crate) fn explain(run: &Run, property: Property, step: usize) -> Finding {
    match property {
        Property::LiveProfile => deletion::explain(run, property, step, step),
        Property::UsableSession => {
            let cause = deletion::first_loss(run, step).unwrap_or(step);
            deletion::explain(run, property, cause, step)
        }
        Property::NoDeadlock => stuck::deadlock(run, step),
        Property::CallResult => stuck::surprise(run, step),
        Property::NoOrphan | Property::HiddenWhenDeleted | Property::NameReusable => {
            unreachable!("a scenario that asks for {} is refused", property.id())
        }
    }
}
