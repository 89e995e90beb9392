//! Diagnosis: which small worlds show a symptom that somebody saw, least first, and what tells them apart.
//!
//! Nothing here knows an answer: every candidate comes from running the model over a systematic family of worlds
//! ([`family`]). A world is a set of *ingredients* (a second process, another session, a leaked session, one assumption
//! settled otherwise, ...). A candidate is left out where one with fewer of them shows the symptom too, so every
//! ingredient that is told is needed, as far as the family goes.
//!
//! Reading order: this file (the question, asking it of one world, the least answers), [`family`] (the worlds),
//! [`clues`] (what an investigator would find on each).
//!
//! Not modelled: more than two processes, pairs of assumptions, orders of the victim's calls other than programs use.

pub mod clues;
pub mod family;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Bounds, check, verdict};
use crate::mapi::hresult::HResult;
use crate::mapi::memory::Code;
use crate::mapi::rules::Build;
use crate::os::Os;
use crate::outcome::{Outcome, Verdict};
use crate::property::Property;
use crate::world::World;
use clues::Clues;
use family::{Ingredient, Tried};

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symptom {
    /// A call returned a code.
    Call {
        /// The call's API name.
        call: String,
        /// What it returned.
        returned: HResult,
    },
    /// A mark stays under a key of marks.
    MarkLeft,
    /// A live session's profile is gone.
    ProfileGone,
    /// A profile that was deleted is listed.
    ProfileVisible,
    /// Something stays that was to be deleted.
    Orphan,
}

impl Symptom {
    /// The properties that a world is asked about.
    pub fn checks(&self) -> &'static [Property] {
        match self {
            // A session that was never obtained is not what is asked about.
            Symptom::Call { call, returned }
                if call == "OpenMsgStore" && *returned == HResult::CALL_FAILED =>
            {
                &[Property::UsableSession]
            }
            Symptom::Call { .. } => &[Property::CallResult],
            Symptom::MarkLeft | Symptom::Orphan => &[Property::NoOrphan],
            Symptom::ProfileGone => &[Property::LiveProfile],
            Symptom::ProfileVisible => &[Property::NoOrphan, Property::HiddenWhenDeleted],
        }
    }
}

/// What is known of the machine; what is not may be anything in the family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The version of Windows.
    pub windows: Option<String>,
    /// Whether Terminal Services are on.
    pub terminal_services: Option<bool>,
    /// The products that are installed, as scenario files name them.
    pub products: Vec<String>,
    /// Whether the two processes use different accounts.
    pub other_account: Option<bool>,
    /// Whether they are in different sessions.
    pub other_session: Option<bool>,
    /// How many processes use MAPI: 1 or 2.
    pub processes: Option<u32>,
    /// Whether a process impersonates.
    pub impersonation: Option<bool>,
    /// How many processes crashed: 0 or 1.
    pub crashes: Option<u32>,
}

/// A world that shows the symptom.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The world.
    pub tried: Tried,
    /// What came of it: broken, with a run and a finding.
    pub outcome: Outcome,
    /// What would be found on such a machine.
    pub clues: Clues,
    /// Every choice of products with which these ingredients show the symptom: the victim's, then the other's.
    pub products: BTreeSet<(String, String)>,
}

/// Distinct states of one world at most; one with more is not told.
const STATES_MAX: usize = 60_000;

/// Asks one world for the symptom; `None`: it does not show it.
pub fn ask(tried: &Tried, symptom: &Symptom) -> Option<Candidate> {
    let bounds = Bounds { states_max: STATES_MAX, ..Bounds::default() };
    let scenario = tried.scenario(symptom);
    // Most worlds do not show it, and the verdict alone is cheaper than its story.
    let world = World::new(&scenario, Build::AsInstalled);
    let (found, _) = verdict(&scenario, Build::AsInstalled, &world, &bounds)
        .expect("a world without a schedule has nothing to diverge");
    if !matches!(found, Verdict::Broken(_)) {
        return None;
    }
    let outcome = check(&scenario, Build::AsInstalled, &bounds).expect("the same");
    let os = moment(&outcome)?;
    let clues = Clues::of(&os, &outcome);
    shows(symptom, &outcome, &clues).then(|| Candidate {
        tried: tried.clone(),
        products: BTreeSet::from([tried.products.clone()]),
        outcome,
        clues,
    })
}

/// The machine when the symptom is there.
fn moment(outcome: &Outcome) -> Option<Os> {
    let (run, finding) = (outcome.run.as_ref()?, outcome.finding.as_ref()?);
    match outcome.verdict.property()? {
        Property::NoOrphan => Some(run.steps.last()?.after.clone()),
        _ => Some(run.step(finding.symptom.unwrap_or(finding.cause)).after.clone()),
    }
}

fn shows(symptom: &Symptom, outcome: &Outcome, clues: &Clues) -> bool {
    let Some(property) = outcome.verdict.property() else { return false };
    if !symptom.checks().contains(&property) {
        return false;
    }
    match symptom {
        Symptom::Call { call, returned } => failing(outcome, call) == Some(*returned),
        Symptom::MarkLeft => clues.has_marks,
        Symptom::ProfileGone | Symptom::Orphan => true,
        Symptom::ProfileVisible => property == Property::HiddenWhenDeleted || !clues.has_marks,
    }
}

/// What the first call of that name returned that did not succeed, where it broke the run.
fn failing(outcome: &Outcome, name: &str) -> Option<HResult> {
    let (run, finding) = (outcome.run.as_ref()?, outcome.finding.as_ref()?);
    let calls =
        run.steps.iter().filter(|step| step.number >= finding.cause).filter_map(|step| step.call.as_ref());
    let mut failed = calls.filter(|call| call.name == name).filter_map(|call| match call.returned {
        Some(Code::Mapi(code)) if !code.succeeded() => Some(code),
        _ => None,
    });
    failed.next()
}

/// The least of what was found: none whose ingredients are a part of another's with the same products; those with the
/// same ingredients are one, with all their products. Fewest ingredients first.
pub fn least(found: Vec<Candidate>) -> Vec<Candidate> {
    let sets: Vec<_> =
        found.iter().map(|one| (one.tried.ingredients.clone(), one.tried.products.clone())).collect();
    let is_least = |one: &Candidate| {
        sets.iter().all(|(ingredients, products)| {
            *products != one.tried.products
                || ingredients.len() >= one.tried.ingredients.len()
                || !ingredients.is_subset(&one.tried.ingredients)
        })
    };
    let mut alike: BTreeMap<_, Vec<Candidate>> = BTreeMap::new();
    for one in found.into_iter().filter(is_least) {
        let ingredients = one.tried.ingredients.clone();
        alike.entry((weight(&ingredients), ingredients)).or_default().push(one);
    }
    let mut told = BTreeSet::new();
    alike.into_values().map(|same| one_of(same, &mut told)).collect()
}

/// Of worlds with the same ingredients one that fails in a way that was not told yet, with the products of all.
fn one_of(mut same: Vec<Candidate>, told: &mut BTreeSet<String>) -> Candidate {
    let way = |one: &Candidate| one.outcome.finding.as_ref().map(|finding| finding.signature.to_string());
    let is_new = |one: &Candidate| way(one).is_some_and(|way| !told.contains(&way));
    let chosen = same.iter().position(is_new).unwrap_or(0);
    let products = same.iter().flat_map(|one| one.products.clone()).collect();
    let one = same.swap_remove(chosen);
    told.extend(way(&one));
    Candidate { products, ..one }
}

fn weight(ingredients: &BTreeSet<Ingredient>) -> usize {
    ingredients.iter().map(|ingredient| ingredient.weight()).sum()
}

/// The sets of ingredients, assumptions aside, that were tried and never show the symptom, whatever the products: the
/// smallest and the largest would say little, so only those of one or two, that no set that shows it is a part of.
pub fn ruled_out(tried: &[Tried], found: &[Candidate]) -> Vec<BTreeSet<Ingredient>> {
    let shows: BTreeSet<_> = found.iter().map(|one| &one.tried.ingredients).collect();
    let sets: BTreeSet<_> = tried.iter().map(|one| &one.ingredients).collect();
    let plain = |set: &&&BTreeSet<Ingredient>| {
        !set.is_empty() && set.len() <= 2 && set.iter().all(|one| !matches!(one, Ingredient::Assumption(..)))
    };
    let out = sets.iter().filter(plain).filter(|set| shows.iter().all(|shown| !shown.is_subset(set)));
    out.map(|set| (*set).clone()).collect()
}
