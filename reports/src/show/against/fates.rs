//! What came of two runs in the same order: what became of sessions and profiles, and what calls returned, where it
//! differs.

use std::collections::BTreeMap;

use mapisim_model::finding::name_of_code;
use mapisim_model::trace::{Run, Who};

use super::Beside;
use crate::names::Names;
use crate::narrate::actor_and_call;
use crate::narrate::change::{Change, changes};
use crate::place::Place;
use crate::text::count;

/// What became of something on each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Of what: `profile EventSvc`, `OpenMsgStore s of events.exe`.
    pub of: String,
    /// What became of it.
    pub sides: [String; 2],
}

/// What became of sessions, of profiles and of calls, where it differs.
pub fn fates(beside: &Beside<'_>, names: &Names) -> Vec<Fate> {
    let runs = [beside.sides[0].run, beside.sides[1].run];
    let mut fates = sessions(runs);
    fates.extend(profiles(runs, names));
    fates.extend(calls(runs));
    fates
}

/// How many of the keys that it has open a session loses, and from which step on; by thread and name.
fn losses(run: &Run) -> BTreeMap<(usize, String), (usize, usize)> {
    let mut losses: BTreeMap<(usize, String), (usize, usize)> = BTreeMap::new();
    for step in &run.steps {
        for session in step.sessions.iter().filter(|session| !session.lost.is_empty()) {
            let loss = losses.entry((session.thread, session.name.clone())).or_insert((0, step.number));
            loss.0 = loss.0.max(session.lost.len());
        }
    }
    losses
}

fn sessions(runs: [&Run; 2]) -> Vec<Fate> {
    let losses = runs.map(losses);
    let mut of: Vec<&(usize, String)> = losses.iter().flat_map(BTreeMap::keys).collect();
    of.sort_unstable();
    of.dedup();
    let told = of.into_iter().map(|session| {
        let words = |side: usize| match losses[side].get(session) {
            Some((keys, step)) => {
                format!("loses {} that it has open, from step {step} on", count(*keys, "key"))
            }
            None => "loses nothing".to_owned(),
        };
        let of = format!("session {} of {}", session.1, runs[0].threads[session.0].name);
        (
            losses.each_ref().map(|losses| losses.get(session).map(|loss| loss.0)),
            Fate { of, sides: [words(0), words(1)] },
        )
    });
    told.filter(|(keys, _)| keys[0] != keys[1]).map(|(_, fate)| fate).collect()
}

/// What became of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Deleted { who: String, step: usize },
    Stays,
    NeverMade,
}

impl End {
    /// Whether both say the same, whatever the numbers of the steps.
    fn is_like(&self, other: &End) -> bool {
        match (self, other) {
            (End::Deleted { who, .. }, End::Deleted { who: other, .. }) => who == other,
            _ => self == other,
        }
    }

    fn words(&self) -> String {
        match self {
            End::Deleted { who, step } => format!("is deleted by {who} (step {step})"),
            End::Stays => "is not deleted".to_owned(),
            End::NeverMade => "is never there".to_owned(),
        }
    }
}

fn profiles(runs: [&Run; 2], names: &Names) -> Vec<Fate> {
    let ends = runs.map(ends);
    let mut paths: Vec<&String> = Vec::new();
    for path in ends.iter().flat_map(|ends| ends.keys()) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut fates = Vec::new();
    for path in paths {
        let end = |side: usize| {
            let there = runs[side].initial.key_tree(path).is_some();
            let unmet = if there { End::Stays } else { End::NeverMade };
            ends[side].get(path).cloned().unwrap_or(unmet)
        };
        let (one, other) = (end(0), end(1));
        if !one.is_like(&other) {
            let sides = [one.words(), other.words()];
            fates.push(Fate { of: format!("profile {}", names.key(path)), sides });
        }
    }
    fates
}

/// What becomes of each profile that a run makes or deletes, by its path. Of several deletions of one name the first counts.
fn ends(run: &Run) -> BTreeMap<String, End> {
    let mut ends: BTreeMap<String, End> = BTreeMap::new();
    for step in &run.steps {
        for change in changes(run, step) {
            match change {
                Change::KeyMade(path) if matches!(Place::of(&path), Place::Profile(_)) => {
                    ends.entry(path).or_insert(End::Stays);
                }
                Change::KeyDeleted(path) if matches!(Place::of(&path), Place::Profile(_)) => {
                    let known = ends.entry(path).or_insert(End::Stays);
                    if *known == End::Stays {
                        *known = End::Deleted { who: actor_and_call(run, step), step: step.number };
                    }
                }
                _ => {}
            }
        }
    }
    ends
}

/// How a call ended.
struct Returned {
    text: String,
    code: Option<String>,
    last: usize,
}

fn returns(run: &Run) -> BTreeMap<(usize, usize), Returned> {
    let mut calls: BTreeMap<(usize, usize), Returned> = BTreeMap::new();
    for step in &run.steps {
        let (Who::Thread(thread), Some(call)) = (step.who, &step.call) else { continue };
        if call.name.starts_with('(') {
            continue;
        }
        let code = call.returned.map(name_of_code);
        calls.insert((thread, call.index), Returned { text: call.text.clone(), code, last: step.number });
    }
    calls
}

fn calls(runs: [&Run; 2]) -> Vec<Fate> {
    let [one, other] = runs.map(returns);
    let mut fates: Vec<(usize, Fate)> = Vec::new();
    for (place, here) in &one {
        let Some(there) = other.get(place) else { continue };
        if here.code == there.code {
            continue;
        }
        let words = |returned: &Returned| match &returned.code {
            Some(code) => format!("returns {code} (step {})", returned.last),
            None => "never returns".to_owned(),
        };
        let of = format!("{} of {}", here.text, runs[0].threads[place.0].name);
        fates.push((here.last, Fate { of, sides: [words(here), words(there)] }));
    }
    fates.sort_by_key(|(last, _)| *last);
    fates.into_iter().map(|(_, fate)| fate).collect()
}
