//! Which step of a run of another build is a step's counterpart.
//!
//! A step's [`Label`] is what it is in the algorithm: the internal actions that it is in, which call of Windows it makes,
//! and on what, by role. Names that builds choose otherwise are left out of it: a section's folder, a mutex's name, the
//! suffix of `Deleted Profiles`, the hive. So the steps in which builds differ have counterparts, and the difference can be
//! told.
//!
//! Of one call of one thread, the steps that have counterparts are a longest common sequence of labels, in order. Faults are
//! paired by kind and number.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use super::place;
use crate::mapi::names::DELETED_PROFILES;
use crate::os::syscall::Syscall;
use crate::trace::{Run, Step, Who};

/// What a step is in the algorithm, whichever build takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    syscall: Discriminant<Syscall>,
    /// What it is about, by role.
    about: String,
    /// The internal actions it is in, outermost first.
    frames: Vec<&'static str>,
}

impl Label {
    pub(super) fn new(mut frames: Vec<&'static str>, syscall: &Syscall, object: Option<&str>) -> Self {
        // How deep a loop is nested in itself is no matter.
        frames.dedup();
        Label { syscall: discriminant(syscall), about: about(syscall, object), frames }
    }

    /// That of a step of a run; none of a fault.
    pub(super) fn of(step: &Step) -> Option<Self> {
        Some(Label::new(step.inside.clone(), step.syscall.as_ref()?, step.object.as_deref()))
    }

    /// Whether it is in the same internal action as the other, or in one within that.
    pub(super) fn is_within(&self, other: &Label) -> bool {
        !other.frames.is_empty() && self.frames.starts_with(&other.frames)
    }
}

/// What a step is about, apart from what builds name otherwise.
fn about(syscall: &Syscall, object: Option<&str>) -> String {
    let place = object.map_or_else(String::new, role);
    match syscall {
        Syscall::MemoryRead { word }
        | Syscall::MemoryWrite { word, .. }
        | Syscall::MemoryAdd { word, .. } => word.clone(),
        Syscall::EnterCriticalSection { name } | Syscall::LeaveCriticalSection { name } => name.clone(),
        Syscall::CreateMutex { .. }
        | Syscall::OpenMutex { .. }
        | Syscall::WaitForSingleObject { .. }
        | Syscall::ReleaseMutex { .. } => String::new(),
        Syscall::CellLoad { cell, .. }
        | Syscall::CellStore { cell, .. }
        | Syscall::CellAdd { cell, .. }
        | Syscall::CellCompareExchange { cell, .. } => format!("{place}[{cell}]"),
        Syscall::RegQueryValueEx { name, .. }
        | Syscall::RegSetValueEx { name, .. }
        | Syscall::RegDeleteValue { name, .. } => format!("{place} {name}"),
        _ => place,
    }
}

/// An object by its role: a named one without its folder, a key without its hive, marks without what fix 1 appends.
fn role(path: &str) -> String {
    let Some(below) = path.strip_prefix(r"HKU\") else {
        return path.rsplit('\\').next().unwrap_or(path).to_owned();
    };
    let parts = below.split('\\').skip(1).map(|part| {
        let head = part.get(..DELETED_PROFILES.len());
        let marks = head.is_some_and(|head| head.eq_ignore_ascii_case(DELETED_PROFILES));
        if marks { DELETED_PROFILES } else { part }
    });
    parts.collect::<Vec<_>>().join(r"\")
}

/// Steps of one run with their counterparts in another, by their numbers; sorted by the first.
pub fn pairs(one: &Run, other: &Run) -> Vec<(usize, usize)> {
    let (mut here, mut there) = (calls(one), calls(other));
    let mut pairs = Vec::new();
    for (place, steps) in &mut here {
        let Some(others) = there.get_mut(place) else { continue };
        let labels =
            |steps: &[(usize, Label)]| steps.iter().map(|(_, label)| label.clone()).collect::<Vec<_>>();
        let found = common(&labels(steps), &labels(others));
        pairs.extend(found.into_iter().map(|(at, with)| (steps[at].0, others[with].0)));
    }
    let faults = |run: &Run| -> Vec<(Who, usize)> {
        let faults = run.steps.iter().filter(|step| !matches!(step.who, Who::Thread(_)));
        faults.map(|step| (step.who, step.number)).collect()
    };
    let mut left = faults(other);
    for (who, number) in faults(one) {
        let same = |(other, _): &(Who, usize)| match (who, *other) {
            (Who::Machine(_), Who::Machine(_)) => true,
            (one, other) => one == other,
        };
        if let Some(at) = left.iter().position(same) {
            pairs.push((number, left.remove(at).1));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// The steps of each call of each thread, with their numbers.
fn calls(run: &Run) -> BTreeMap<(usize, usize), Vec<(usize, Label)>> {
    let mut calls: BTreeMap<(usize, usize), Vec<(usize, Label)>> = BTreeMap::new();
    for step in &run.steps {
        if let (Some(place), Some(label)) = (place(step), Label::of(step)) {
            calls.entry(place).or_default().push((step.number, label));
        }
    }
    calls
}

/// Cells of the table of lengths at most; longer calls are paired as they come.
const CELLS_MAX: usize = 4_000_000;

/// A longest common sequence, as indices of both: increasing in each. What both begin and end with is paired as it stands;
/// of several longest ones between, the one that passes over steps of the first run sooner than over steps of the other.
pub fn common<T: PartialEq>(one: &[T], other: &[T]) -> Vec<(usize, usize)> {
    let begin = one.iter().zip(other).take_while(|(here, there)| here == there).count();
    let (rest, others) = (&one[begin..], &other[begin..]);
    let end = rest.iter().rev().zip(others.iter().rev()).take_while(|(here, there)| here == there).count();
    let (rest, others) = (&rest[..rest.len() - end], &others[..others.len() - end]);
    let middle = if rest.len().saturating_mul(others.len()) > CELLS_MAX {
        as_they_come(rest, others)
    } else {
        longest(rest, others)
    };
    let mut pairs: Vec<(usize, usize)> = (0..begin).map(|at| (at, at)).collect();
    pairs.extend(middle.into_iter().map(|(here, there)| (begin + here, begin + there)));
    pairs.extend((0..end).map(|at| (one.len() - end + at, other.len() - end + at)));
    pairs
}

fn longest<T: PartialEq>(one: &[T], other: &[T]) -> Vec<(usize, usize)> {
    let columns = other.len() + 1;
    // How long the longest one is of what is left from here on in both.
    let mut lengths = vec![0_u32; (one.len() + 1) * columns];
    for here in (0..one.len()).rev() {
        for there in (0..other.len()).rev() {
            lengths[here * columns + there] = if one[here] == other[there] {
                lengths[(here + 1) * columns + there + 1] + 1
            } else {
                lengths[(here + 1) * columns + there].max(lengths[here * columns + there + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut here, mut there) = (0, 0);
    while here < one.len() && there < other.len() {
        if one[here] == other[there] {
            pairs.push((here, there));
            here += 1;
            there += 1;
        } else if lengths[(here + 1) * columns + there] >= lengths[here * columns + there + 1] {
            here += 1;
        } else {
            there += 1;
        }
    }
    pairs
}

/// Each with the next one of the other that is equal to it.
fn as_they_come<T: PartialEq>(one: &[T], other: &[T]) -> Vec<(usize, usize)> {
    let mut from = 0;
    let mut pairs = Vec::new();
    for (here, step) in one.iter().enumerate() {
        if let Some(ahead) = other[from..].iter().position(|there| there == step) {
            pairs.push((here, from + ahead));
            from += ahead + 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_is_paired_in_order() {
        let pairs = |one: &str, other: &str| common(one.as_bytes(), other.as_bytes());
        assert_eq!(pairs("abc", "abc"), [(0, 0), (1, 1), (2, 2)]);
        assert_eq!(pairs("abc", ""), []);
        assert_eq!(pairs("axbyc", "abzc"), [(0, 0), (2, 1), (4, 3)]);
        assert_eq!(pairs("xaay", "zaw"), [(2, 1)], "the later of two that are alike here");
        assert_eq!(pairs("zaw", "xaay"), [(1, 1)], "the earlier of two that are alike there");
        assert_eq!(pairs("ab", "ba").len(), 1);
    }

    #[test]
    fn pairing_as_they_come_never_goes_back() {
        assert_eq!(as_they_come(b"abcab", b"cab"), [(0, 1), (1, 2)]);
        assert_eq!(as_they_come(b"aab", b"ab"), [(0, 0), (2, 1)]);
    }

    #[test]
    fn a_role_leaves_out_what_builds_name_otherwise() {
        assert_eq!(role(r"\Sessions\2\BaseNamedObjects\MAPI-S-1"), role(r"\BaseNamedObjects\MAPI-S-1"));
        assert_eq!(
            role(r"HKU\S-1\Profiles\Deleted Profiles68aa0b3e\P"),
            role(r"HKU\S-2\Profiles\Deleted Profiles\P")
        );
        assert_ne!(role(r"HKU\S-1\Profiles\Other"), role(r"HKU\S-1\Profiles\P"));
    }
}
