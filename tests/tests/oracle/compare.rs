//! A sequence on the machine beside its recorded answers: what agrees, and by which rule the rest may differ.
//!
//! A difference that no rule covers is a fault of the machine. Each rule says which operation, what the recording
//! machine answered, and what ours must answer instead.

use std::fmt;

use mapisim_model::os::Windows;
use serde_json::{Value, json};

use crate::op::{Answer, Call, Op, Sequence};
use crate::world::World;

/// Why an answer may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Wine maps a read-only section for writing through a handle that is good for all; Windows answers 87.
    SectionProtection,
    /// Wine tells about a key through a handle without `KEY_QUERY_VALUE`; Windows answers 5.
    InfoAccess,
    /// `RegDeleteTree` of the key itself, through a handle that is not good for enumerating: which error comes
    /// first.
    TreeAccess,
    /// Wine opens `sec\` as `sec`; an object is no directory (os A.5).
    TrailingBackslash,
    /// Wine sorts values; Windows keeps the order in which they were set (os C.4).
    ValueOrder,
    /// The longest names and data: a high-water mark here, those of now there.
    Longest,
    /// An earlier answer of the sequence differed by one of these rules.
    FollowUp,
}

impl Rule {
    /// It in words: who does what.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::SectionProtection => {
                "Wine maps a read-only or copy-on-write section for writing through a handle good for all; Windows answers 87"
            }
            Self::InfoAccess => {
                "Wine tells about a key through a handle without KEY_QUERY_VALUE; Windows answers 5"
            }
            Self::TreeAccess => {
                "RegDeleteTree of the key itself, through a handle that may not enumerate: which error comes first"
            }
            Self::TrailingBackslash => {
                "Wine opens the object `sec` by the name `sec\\`; an object is no directory (A.5)"
            }
            Self::ValueOrder => "Wine sorts values; Windows keeps the order in which they were set (C.4)",
            Self::Longest => "the longest names and data may be high-water marks on Windows",
            Self::FollowUp => "an earlier answer of the sequence differed by one of these",
        }
    }

    /// All rules, in the order in which they are tried.
    pub(crate) const ALL: [Self; 7] = [
        Self::SectionProtection,
        Self::InfoAccess,
        Self::TreeAccess,
        Self::TrailingBackslash,
        Self::ValueOrder,
        Self::Longest,
        Self::FollowUp,
    ];

    /// The corpus's word for it; the last two need no mark there.
    fn mark(self) -> Option<&'static str> {
        match self {
            Self::SectionProtection => Some("section-protection"),
            Self::InfoAccess => Some("rinfo-access"),
            Self::TreeAccess => Some("rdeltree-access"),
            Self::TrailingBackslash => Some("trailing-backslash"),
            Self::FollowUp => Some("follow-up"),
            Self::ValueOrder | Self::Longest => None,
        }
    }

    /// Whether it covers such a difference.
    fn covers(self, op: &Op, recorded: &Answer, machine: &Answer) -> bool {
        match (self, &op.call) {
            (Self::SectionProtection, Call::SMap { acc, .. }) => {
                let maps_or_is_too_large = recorded[0] == json!(1) || *recorded == [json!(0), json!(5)];
                matches!(&**acc, "all" | "w") && maps_or_is_too_large && *machine == [json!(0), json!(87)]
            }
            (Self::InfoAccess, Call::RInfo { .. }) => recorded[0] == json!(0) && *machine == [json!(5)],
            (Self::TreeAccess, Call::RDelTree { path, .. }) => {
                path.as_deref().unwrap_or_default().is_empty() && *machine == [json!(5)]
            }
            (
                Self::TrailingBackslash,
                Call::SOpen { name: Some(name), .. } | Call::SCreate { name: Some(name), .. },
            ) => name.ends_with('\\') && *machine == [json!(0), json!(6)],
            (Self::ValueOrder, Call::RListV { .. }) => {
                recorded[0] == machine[0] && sorted(&recorded[1]) == sorted(&machine[1])
            }
            (Self::Longest, Call::RInfo { .. }) if recorded.len() == 6 && machine.len() == 6 => {
                let counts_agree = [0, 1, 3].into_iter().all(|at| recorded[at] == machine[at]);
                counts_agree && [2, 4, 5].into_iter().all(|at| recorded[at].as_u64() >= machine[at].as_u64())
            }
            (Self::FollowUp, _) => true,
            _ => false,
        }
    }
}

/// What became of one sequence.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Answers that differ by a rule.
    pub(crate) doubted: Vec<(usize, Rule)>,
    /// The first answer that differs by none.
    pub(crate) different: Option<Difference>,
}

/// An answer that no rule explains.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) index: usize,
    op: Op,
    recorded: Answer,
    machine: Answer,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |answer: &Answer| Value::from(answer.clone()).to_string();
        let op = serde_json::to_string(&self.op).expect("an operation is JSON");
        let (recorded, machine) = (text(&self.recorded), text(&self.machine));
        write!(f, "operation {} {op}: recorded {recorded}, the machine answers {machine}", self.index)
    }
}

/// Whether doubtful answers are marked in the sequence itself, as in the shipped corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    /// Every answer that differs must carry its mark.
    Given,
    /// There are none: a rule is enough, and what follows a difference is not compared.
    Absent,
}

/// Runs a sequence on a machine of that version.
pub(crate) fn compare(sequence: &Sequence, windows: Windows, marks: Marks) -> Outcome {
    let mut world = World::new(windows);
    let mut outcome = Outcome::default();
    for (index, (op, recorded)) in sequence.seq.iter().zip(&sequence.answers).enumerate() {
        let machine = world.run(op);
        if machine == *recorded {
            continue;
        }
        let mark = sequence.doubt_of(index);
        let rule = Rule::ALL.into_iter().find(|rule| {
            let may = match (marks, rule.mark()) {
                (_, None) => true,
                (Marks::Given, Some(needed)) => mark == Some(needed),
                (Marks::Absent, Some(_)) => *rule != Rule::FollowUp || !outcome.doubted.is_empty(),
            };
            may && rule.covers(op, recorded, &machine)
        });
        let Some(rule) = rule else {
            let (op, recorded) = (op.clone(), recorded.clone());
            outcome.different = Some(Difference { index, op, recorded, machine });
            break;
        };
        outcome.doubted.push((index, rule));
    }
    outcome
}

fn sorted(names: &Value) -> Vec<String> {
    let mut names: Vec<String> = names.as_array().into_iter().flatten().map(Value::to_string).collect();
    names.sort();
    names
}
