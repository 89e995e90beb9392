//! Which steps are worth a row, and which neighbours are told as one: a profile that is written or deleted key by key.
//!
//! Invariants
//! - Cause and symptom are never joined with other steps.
//! - An item's steps are neighbours in one call; those of them that are told are all on one profile.

use mapisim_model::finding::Finding;
use mapisim_model::property::Property;
use mapisim_model::trace::{Run, Step};

use super::lanes::{Mark, Note};
use crate::digest::canonical;
use crate::names::Names;
use crate::narrate::change::{Change, changes};
use crate::narrate::inside;
use crate::narrate::remark::{Kind, Remark, remarks};
use crate::place::Place;
use crate::text::{BAD, PLAIN, count};

/// How to choose.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) run: &'a Run,
    pub(super) finding: Option<&'a Finding>,
    pub(super) names: &'a Names,
    /// Every step is told, none joined.
    pub(super) all_steps: bool,
}

/// A step that is told, or several that are told as one.
pub(super) struct Item<'a> {
    /// All of them, first to last.
    pub(super) steps: &'a [Step],
    /// The steps of it that are told; the others only lie between.
    pub(super) told: Vec<&'a Step>,
    /// The internal actions they are in.
    pub(super) frames: Vec<&'static str>,
    /// Whether it is the cause or the symptom.
    pub(super) mark: Option<Mark>,
    pub(super) remarks: Vec<Remark>,
    pub(super) changes: Vec<Change>,
}

impl<'a> Choice<'a> {
    /// The items of neighbouring steps of one call.
    pub(super) fn items(&self, steps: &'a [Step]) -> Vec<Item<'a>> {
        let mut items: Vec<Item<'a>> = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let remarks = remarks(self.run, step, self.names);
            let mark = self.mark(step);
            if !(self.all_steps || mark.is_some() || self.is_told(step, &remarks)) {
                continue;
            }
            let item = Item {
                steps: &steps[index..=index],
                told: vec![step],
                frames: inside(step),
                mark,
                remarks,
                changes: changes(self.run, step),
            };
            match items.last_mut().filter(|last| !self.all_steps && joins(last, &item)) {
                Some(last) => {
                    last.steps = &steps[offset(steps, last.steps)..=index];
                    last.told.push(step);
                    last.changes.extend(item.changes);
                    last.remarks.extend(item.remarks);
                }
                None => items.push(item),
            }
        }
        items
    }

    fn mark(&self, step: &Step) -> Option<Mark> {
        let finding = self.finding?;
        if step.number == finding.cause {
            return Some(Mark::Cause);
        }
        (Some(step.number) == finding.symptom).then_some(Mark::Symptom)
    }

    fn is_told(&self, step: &Step, remarks: &[Remark]) -> bool {
        let stuck = self.finding.is_some_and(|finding| finding.property == Property::NoDeadlock);
        let point = self
            .finding
            .is_some_and(|finding| finding.points.iter().any(|point| point.step == Some(step.number)));
        point || remarks.iter().any(|remark| remark.kind != Kind::Lock || stuck)
    }

    /// What several steps did to one profile, in one note.
    pub(super) fn together(&self, item: &Item<'_>) -> Vec<Note> {
        let keys =
            item.changes.iter().filter(|change| matches!(change, Change::KeyMade(_) | Change::KeyDeleted(_)));
        let keys = keys.count();
        let values = item.changes.iter().filter(|change| matches!(change, Change::Value { .. })).count();
        let top = item.changes.iter().find_map(|change| match change {
            Change::KeyMade(path) | Change::KeyDeleted(path)
                if matches!(Place::of(path), Place::Profile(_)) =>
            {
                Some(path)
            }
            _ => None,
        });
        let path = item.changes.iter().find_map(profile_path).unwrap_or_default();
        let sign =
            if item.changes.iter().any(|change| matches!(change, Change::KeyDeleted(_))) { "-" } else { "+" };
        let values = if values > 0 { format!(", {}", count(values, "value")) } else { String::new() };
        let text = match top {
            Some(path) => format!("{sign} profile {}: {}{values}", self.names.key(path), count(keys, "key")),
            None => format!("{sign} {}{values} of {}", count(keys, "key"), self.names.key(&path)),
        };
        let harm = item.remarks.iter().rev().find(|remark| remark.kind == Kind::Harm);
        let harm = harm.map(|remark| Note { text: remark.text.clone(), style: BAD });
        std::iter::once(Note { text, style: PLAIN }).chain(harm).collect()
    }
}

impl Item<'_> {
    /// The number of its first step.
    pub(super) fn first(&self) -> usize {
        self.steps[0].number
    }

    /// The number of its last step.
    pub(super) fn last(&self) -> usize {
        self.steps[self.steps.len() - 1].number
    }

    /// The internal action it is in at a level, outermost first.
    pub(super) fn frame(&self, level: usize) -> Option<&'static str> {
        self.frames.get(level).copied()
    }

    /// The calls of Windows that are told: `RegCreateKeyEx ×4, RegSetValueEx ×3`.
    pub(super) fn api_calls(&self) -> String {
        let mut calls: Vec<(&str, usize)> = Vec::new();
        for step in &self.told {
            let name = step.syscall.as_ref().map_or("", canonical::name);
            match calls.iter_mut().find(|(known, _)| *known == name) {
                Some((_, times)) => *times += 1,
                None => calls.push((name, 1)),
            }
        }
        let words = calls
            .iter()
            .map(|(name, times)| if *times > 1 { format!("{name} ×{times}") } else { (*name).to_owned() });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Where a slice of steps begins in a longer one that it is a part of.
fn offset(all: &[Step], part: &[Step]) -> usize {
    part[0].number - all[0].number
}

/// Whether a step only goes on with what the one before did to the same profile.
fn joins(last: &Item<'_>, item: &Item<'_>) -> bool {
    let plain = |item: &Item<'_>| item.mark.is_none() && !item.changes.is_empty();
    let deletes = |item: &Item<'_>| item.changes.iter().any(|change| matches!(change, Change::KeyDeleted(_)));
    let profile = |item: &Item<'_>| -> Option<Option<String>> {
        let paths: Vec<_> = item
            .changes
            .iter()
            .filter(|change| !matches!(change, Change::SessionLost(_)))
            .map(profile_path)
            .collect();
        paths.iter().all(|path| path.is_some() && *path == paths[0]).then(|| paths.first().cloned().flatten())
    };
    plain(last)
        && plain(item)
        && last.frames == item.frames
        && deletes(last) == deletes(item)
        && profile(last).flatten().is_some()
        && profile(last) == profile(item)
}

/// The path of the profile that a change is about.
fn profile_path(change: &Change) -> Option<String> {
    let (Change::KeyMade(path) | Change::KeyDeleted(path) | Change::Value { key: path, .. }) = change else {
        return None;
    };
    match Place::of(path) {
        Place::Profile(_) => Some(path.clone()),
        Place::Section(_) => path.rsplit_once('\\').map(|(profile, _)| profile.to_owned()),
        _ => None,
    }
}
