//! `diagnose`: the worlds that show a symptom, least first, each a story with what tells it from the others (see
//! [`mapisim_model::diagnose`]).
//!
//! Invariant: worlds are tried in an order of their own and results kept in it, so nothing depends on how many run at
//! once.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mapisim_model::diagnose::family::{Ingredient, Tried, assuming, plain};
use mapisim_model::diagnose::{Candidate, Known, Symptom, ask, least, ruled_out};
use mapisim_model::property::Property;
use rayon::prelude::*;
use serde::Serialize;

use crate::json::to_text;
use crate::save::{Saved, counterexample};
use crate::text::{DIM, HEADING, count, indented, paint};

/// What came of a question.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The worlds that show the symptom, least first.
    pub found: Vec<Candidate>,
    /// How many worlds were tried.
    pub tried: usize,
    /// What alone never shows it, assumptions aside; nothing where not all was tried.
    pub ruled_out: Vec<BTreeSet<Ingredient>>,
    /// It was told not to go on before all was tried.
    pub cut: bool,
}

/// Tries the family of worlds. Assumptions are settled otherwise only where the world does not show the symptom as it is;
/// of two processes only where nothing else shows it.
pub fn diagnose(
    symptom: &Symptom,
    known: &Known,
    jobs: Option<usize>,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Diagnosis {
    let all = || {
        let plain = plain(symptom, known);
        let (mut found, mut tried) = try_all(&plain, symptom, go_on);
        for two in [false, true] {
            if two && !found.is_empty() {
                break;
            }
            let more: Vec<Tried> =
                assuming(&plain, two).into_iter().filter(|world| !explained(world, &found)).collect();
            let (more_found, more_tried) = try_all(&more, symptom, go_on);
            found.extend(more_found);
            tried += more_tried;
        }
        let cut = !go_on();
        let ruled_out = if cut { Vec::new() } else { ruled_out(&plain, &found) };
        Diagnosis { found: least(found), tried, ruled_out, cut }
    };
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = jobs {
        pool = pool.num_threads(jobs);
    }
    pool.build().map_or_else(|_| all(), |pool| pool.install(all))
}

/// The worlds that show the symptom, and how many were tried.
fn try_all(
    worlds: &[Tried],
    symptom: &Symptom,
    go_on: &(dyn Fn() -> bool + Sync),
) -> (Vec<Candidate>, usize) {
    let asked: Vec<Option<Candidate>> =
        worlds.par_iter().filter(|_| go_on()).map(|world| ask(world, symptom)).collect();
    let tried = asked.len();
    (asked.into_iter().flatten().collect(), tried)
}

/// Whether a part of a world shows the symptom already.
fn explained(world: &Tried, found: &[Candidate]) -> bool {
    found.iter().any(|one| {
        one.tried.products == world.products && one.tried.ingredients.is_subset(&world.ingredients)
    })
}

/// The symptom in words.
pub fn symptom_text(symptom: &Symptom) -> String {
    match symptom {
        Symptom::Call { call, returned } => {
            let code = returned.name().map_or_else(|| format!("{:#010x}", returned.0), str::to_owned);
            format!("{call} returns {code}")
        }
        Symptom::MarkLeft => "a mark stays".to_owned(),
        Symptom::ProfileGone => "a live session's profile is gone".to_owned(),
        Symptom::ProfileVisible => "a deleted profile is listed".to_owned(),
        Symptom::Orphan => "what was deleted stays".to_owned(),
    }
}

/// The diagnosis for a terminal.
///
/// `folder`: where each world was saved as a scenario file, if anywhere.
pub fn text(symptom: &Symptom, diagnosis: &Diagnosis, folder: Option<&str>, columns: usize) -> String {
    let files = folder.map_or_else(Vec::new, |_| files(symptom, diagnosis));
    let found = &diagnosis.found;
    let mut out = format!(
        "{}: {}, of {} tried\n",
        paint(HEADING, &symptom_text(symptom)),
        if found.len() == 1 { "1 story".to_owned() } else { format!("{} stories", found.len()) },
        count(diagnosis.tried, "world"),
    );
    for (index, one) in found.iter().enumerate() {
        out.push('\n');
        let heading = indented(&format!("{}. {}", index + 1, title(one)), 0, columns.saturating_sub(3));
        for (number, text) in heading.lines().enumerate() {
            let indent = if number == 0 { "" } else { "   " };
            let _a_string_takes_all = writeln!(out, "{indent}{}", paint(HEADING, text));
        }
        let mut line = |text: &str| {
            out.push_str(&indented(text, 3, columns));
        };
        line(&world(one));
        line(&products(one));
        let told = explanation(symptom, one);
        // With other products it may come about in another way.
        line(&if one.products.len() > 1 {
            format!("With {}: {told}", pair(&one.tried.products))
        } else {
            told
        });
        line(&needed(one));
        for (question, answer) in telling(one, found) {
            line(&format!("check: {question}: {answer}"));
        }
        if let (Some(folder), Some(saved)) = (folder, files.get(index)) {
            line(&format!("mapisim show {folder}/{}", saved.name));
        }
    }
    let ruled = ruled(diagnosis);
    if !ruled.is_empty() {
        out.push_str("\nTried, and never enough by itself:\n");
        for one in ruled {
            out.push_str(&indented(&paint(DIM, &one), 3, columns));
        }
    }
    out
}

fn title(one: &Candidate) -> String {
    let parts: Vec<String> = one.tried.ingredients.iter().map(|ingredient| ingredient.text()).collect();
    if parts.is_empty() { "one process, once".to_owned() } else { parts.join("; ") }
}

fn world(one: &Candidate) -> String {
    let services = if one.tried.terminal_services { "with" } else { "without" };
    format!("Windows {}, {services} Terminal Services; {}", one.tried.windows, place(one))
}

fn place(one: &Candidate) -> String {
    let Some(run) = &one.outcome.run else { return String::new() };
    let process = |process: &mapisim_model::trace::ProcessInfo| {
        format!("{} as {} in session {}", process.name, process.account, process.session)
    };
    run.processes.iter().map(process).collect::<Vec<_>>().join(", ")
}

fn pair((victim, other): &(String, String)) -> String {
    if victim == other { victim.clone() } else { format!("{victim} beside {other}") }
}

fn products(one: &Candidate) -> String {
    format!("with {}", one.products.iter().map(pair).collect::<Vec<_>>().join(", or "))
}

/// What happened, in a paragraph: the finding's own words, and, where the symptom is about what stays, why it does.
fn explanation(symptom: &Symptom, one: &Candidate) -> String {
    let summary = one.outcome.finding.as_ref().map_or("", |finding| finding.summary.as_str());
    let about_what_stays = match symptom {
        Symptom::Call { call, .. } => call == "CreateProfile",
        Symptom::ProfileGone => false,
        Symptom::MarkLeft | Symptom::ProfileVisible | Symptom::Orphan => true,
    };
    match one.clues.stays {
        Some(why) if about_what_stays => format!("{summary} {why}"),
        _ => summary.to_owned(),
    }
}

/// Every ingredient is needed: without it nothing was found.
fn needed(one: &Candidate) -> String {
    if one.tried.ingredients.is_empty() {
        return "It needs nothing else.".to_owned();
    }
    match one.tried.ingredients.len() {
        1 => "Without that it does not happen, all else alike.".to_owned(),
        more => format!(
            "Each of these {more} is needed: without any one of them it does not happen, all else alike."
        ),
    }
}

/// The clues of one that are not the same in all others.
fn telling<'a>(one: &'a Candidate, all: &[Candidate]) -> Vec<(&'a str, &'a str)> {
    let clues = one.clues.answers.iter().enumerate();
    let differs = |(index, (_, answer)): &(usize, &(&str, String))| {
        all.len() == 1 || all.iter().any(|other| other.clues.answers[*index].1 != *answer)
    };
    clues.filter(differs).map(|(_, (question, answer))| (*question, answer.as_str())).collect()
}

fn ruled(diagnosis: &Diagnosis) -> Vec<String> {
    let sets = diagnosis.ruled_out.iter();
    sets.map(|set| set.iter().map(|one| one.text()).collect::<Vec<_>>().join("; ")).collect()
}

/// Each world that shows the symptom as a scenario file, in their order.
pub fn files(symptom: &Symptom, diagnosis: &Diagnosis) -> Vec<Saved> {
    let one = |(index, one): (usize, &Candidate)| {
        let saved = counterexample(&one.tried.scenario(symptom), &one.outcome);
        let saved = saved.expect("what shows a symptom breaks a property");
        Saved { name: format!("{:02}-{}", index + 1, saved.name), ..saved }
    };
    diagnosis.found.iter().enumerate().map(one).collect()
}

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    symptom: String,
    worlds_tried: usize,
    stories: Vec<Story<'a>>,
    ruled_out: Vec<String>,
}

#[derive(Serialize)]
struct Story<'a> {
    ingredients: Vec<String>,
    windows: &'a str,
    terminal_services: bool,
    products: Vec<[&'a str; 2]>,
    property: Option<&'a str>,
    explanation: String,
    checks: Vec<Check<'a>>,
}

#[derive(Serialize)]
struct Check<'a> {
    question: &'a str,
    answer: &'a str,
}

/// The diagnosis as one JSON object, format 1.
pub fn json(symptom: &Symptom, diagnosis: &Diagnosis) -> String {
    to_text(&Report {
        format: 1,
        symptom: symptom_text(symptom),
        worlds_tried: diagnosis.tried,
        stories: diagnosis.found.iter().map(|one| story(symptom, one, &diagnosis.found)).collect(),
        ruled_out: ruled(diagnosis),
    })
}

fn story<'a>(symptom: &Symptom, one: &'a Candidate, all: &[Candidate]) -> Story<'a> {
    let check = |(question, answer)| Check { question, answer };
    Story {
        ingredients: one.tried.ingredients.iter().map(|ingredient| ingredient.text()).collect(),
        windows: &one.tried.windows,
        terminal_services: one.tried.terminal_services,
        products: one.products.iter().map(|(victim, other)| [victim.as_str(), other.as_str()]).collect(),
        property: one.outcome.verdict.property().map(Property::id),
        explanation: explanation(symptom, one),
        checks: telling(one, all).into_iter().map(check).collect(),
    }
}
