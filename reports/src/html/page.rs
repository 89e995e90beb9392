//! The page as a whole: what came of it in one line, the matrix, the scenarios.

use askama::Template;
use mapisim_model::mapi::assumptions::TABLE;
use mapisim_model::mapi::rules::Build;
use mapisim_model::property::Property;
use mapisim_model::scenario::visible::visible;

use super::hash::{base64, csp_hash};
use super::island::Island;
use super::outcome::{Outcome, sentence};
use super::words::{between_tags, look, plain};
use crate::run_model::{Cell, Coverage, RunModel, Scenario, Verdict};
use crate::show::why::meaning;
use crate::text::{count, grouped};

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// How hard the traces are packed: more takes longer and gains next to nothing.
const DEFLATE_LEVEL: u8 = 7;

/// How much of the page lists of steps may take, in bytes; what comes later is listed in short. The script shows all.
const LISTS_MAX: usize = 1_000_000;

/// The page, as the template wants it.
#[derive(Template)]
#[template(path = "report.html")]
pub struct Page {
    title: String,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    headline: String,
    counts: String,
    notices: Vec<String>,
    cost: String,
    rests: String,
    coverage: Option<Coverage>,
    algorithms: Vec<String>,
    columns: usize,
    folders: Vec<Folder>,
    scenarios: Vec<Section>,
    island: String,
    version: String,
    seed: String,
    /// The properties, and what it means that one is broken.
    properties: Vec<(&'static str, String)>,
}

/// A folder's rows of the matrix.
struct Folder {
    name: String,
    rows: Vec<MatrixRow>,
}

/// A scenario in the matrix.
struct MatrixRow {
    title: String,
    path: String,
    link: String,
    find: String,
    cells: Vec<Option<MatrixCell>>,
}

/// A cell in the matrix, or a tab.
struct MatrixCell {
    id: String,
    algorithm: String,
    class: &'static str,
    filter: String,
    word: String,
    note: String,
}

/// A scenario with its outcomes.
struct Section {
    id: String,
    path: String,
    title: String,
    about: Vec<String>,
    who: Vec<String>,
    tabs: Vec<MatrixCell>,
    cells: Vec<Outcome>,
    /// The file's lines, as items of a list.
    source: String,
    sources: String,
    digest: String,
}

impl Page {
    /// The page of a run.
    pub fn new(model: &RunModel) -> Self {
        let algorithms = algorithms(model);
        let mut island = Island::default();
        let mut folders: Vec<Folder> = Vec::new();
        let mut scenarios = Vec::new();
        let mut room = LISTS_MAX;
        for cells in model.cells.chunk_by(|one, other| one.scenario == other.scenario) {
            let Some(scenario) = model.scenarios.iter().find(|known| known.path == cells[0].scenario) else {
                continue;
            };
            let name = folder(&scenario.path);
            if folders.last().is_none_or(|last| last.name != name) {
                folders.push(Folder { name, rows: Vec::new() });
            }
            if let Some(last) = folders.last_mut() {
                last.rows.push(matrix_row(scenario, cells, &algorithms));
            }
            scenarios.push(section(scenarios.len(), scenario, cells, &mut island, &mut room));
        }
        let (headline, counts) = summary(&model.cells);
        let title = format!("{headline} · mapisim report");
        Page {
            style: STYLE,
            script: SCRIPT,
            style_hash: csp_hash(STYLE),
            script_hash: csp_hash(SCRIPT),
            headline,
            counts,
            notices: notices(model),
            cost: cost(&model.cells),
            rests: rests(&model.cells),
            coverage: model.coverage.clone(),
            columns: algorithms.len() + 1,
            algorithms,
            folders,
            scenarios,
            island: packed(&island.json(&title)),
            version: model.version.clone(),
            seed: model.seed.clone(),
            properties: Property::ALL.map(|property| (property.id(), sentence(meaning(property)))).to_vec(),
            title,
        }
    }
}

/// A text as the page's script unpacks it: a raw deflate stream in base 64. There is no `<` in it.
fn packed(text: &str) -> String {
    base64(&miniz_oxide::deflate::compress_to_vec(text.as_bytes(), DEFLATE_LEVEL))
}

/// The algorithms that were run, in their order.
fn algorithms(model: &RunModel) -> Vec<String> {
    let known = Build::all().map(|build| build.id().to_owned());
    let ran = |id: &str| model.cells.iter().any(|cell| cell.algorithm == id);
    let mut algorithms: Vec<String> = known.filter(|id| ran(id)).collect();
    for cell in &model.cells {
        // Written by another version, perhaps.
        if !algorithms.contains(&cell.algorithm) {
            algorithms.push(cell.algorithm.clone());
        }
    }
    algorithms
}

/// What came of it, in one line and one more.
fn summary(cells: &[Cell]) -> (String, String) {
    let surprises = cells.iter().filter(|cell| !cell.as_expected).count();
    let headline = if surprises == 0 {
        match cells.len() {
            1 => "The outcome is as expected".to_owned(),
            all => format!("All {} outcomes are as expected", grouped(all)),
        }
    } else {
        format!("{} of {} not as expected", grouped(surprises), count(cells.len(), "outcome"))
    };
    let of = |verdict: Verdict, expected: bool| {
        cells.iter().filter(|cell| cell.verdict == verdict && cell.as_expected == expected).count()
    };
    let mut parts = Vec::new();
    let mut part = |number: usize, text: &str| {
        if number > 0 {
            parts.push(format!("{} {text}", grouped(number)));
        }
    };
    part(of(Verdict::Broken, false), "break and should not, or break something else");
    part(of(Verdict::Holds, false), "hold and should not, or missed what they have to reach");
    let no_answer =
        cells.iter().filter(|cell| !matches!(cell.verdict, Verdict::Holds | Verdict::Broken)).count();
    part(no_answer, "have no answer");
    part(of(Verdict::Broken, true), "break, just as their scenarios say they do");
    part(of(Verdict::Holds, true), "hold");
    (headline, format!("{}.", parts.join(". ")))
}

/// What it took.
fn cost(cells: &[Cell]) -> String {
    let sum = |of: fn(&Cell) -> u64| usize::try_from(cells.iter().map(of).sum::<u64>()).unwrap_or(usize::MAX);
    let searched = cells.iter().filter(|cell| cell.states > 0).count();
    let told = cells.iter().filter_map(|cell| cell.trace.as_ref());
    let steps: usize = told.clone().map(|trace| trace.steps.len()).sum();
    let mut parts = Vec::new();
    if searched > 0 {
        parts.push(format!(
            "{} searched in every order: {} and {} between them.",
            count(searched, "outcome"),
            count(sum(|cell| cell.states as u64), "distinct state"),
            count(sum(|cell| cell.transitions), "step"),
        ));
    }
    if steps > 0 {
        parts.push(format!("{} told, of {}.", count(told.count(), "run"), count(steps, "step")));
    }
    parts.join(" ")
}

/// On how much of what is not known the verdicts rest.
fn rests(cells: &[Cell]) -> String {
    let points = cells.iter().filter_map(|cell| Some(cell.rests_on.as_ref()?.len()));
    let Some((least, most)) = points.clone().min().zip(points.max()) else { return String::new() };
    let number = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let tried: Vec<_> = cells.iter().filter_map(|cell| cell.firmness.as_ref()).collect();
    let moved = tried.iter().filter(|firmness| !firmness.moved.is_empty()).count();
    let stay = tried.len() - moved;
    let all = cells.iter().filter(|cell| cell.rests_on.is_some()).count();
    let mut firm = String::new();
    if !tried.is_empty() {
        let unchanged = if stay == 1 { "1 stands".to_owned() } else { format!("{} stand", grouped(stay)) };
        let others = if moved == 1 { "1 moves".to_owned() } else { format!("{} move", grouped(moved)) };
        let came = match (stay, moved) {
            (_, 0) if stay == 1 => "it stands either way".to_owned(),
            (_, 0) => "all stand either way".to_owned(),
            (0, 1) => "it moves, or may".to_owned(),
            (0, _) => "all move, or may".to_owned(),
            _ => format!("{unchanged} either way, {others} or may"),
        };
        firm += &format!(
            "For {} each such point was settled otherwise, one at a time: {came}. ",
            count(tried.len(), "verdict"),
        );
    }
    if tried.len() < all {
        let of = if tried.is_empty() { "Whether they would stand" } else { "Whether the others would stand" };
        firm += &format!("{of} if these were settled otherwise was not tried: --firmness does. ");
    }
    format!(
        "Each verdict rests on {number} of the {} points that the sources leave open, settled as seems most likely, or as \
         its scenario says. {firm}Each outcome says which.",
        TABLE.len()
    )
}

fn notices(model: &RunModel) -> Vec<String> {
    let mut notices = Vec::new();
    if model.unread > 0 {
        notices.push(format!("{} could not be read and is not in this report.", count(model.unread, "file")));
    }
    if model.unfinished > 0 {
        notices
            .push(format!("The run was interrupted: {} not finished.", count(model.unfinished, "outcome")));
    }
    if let Some(shard) = &model.asked.shard {
        notices.push(format!("This is part {shard} of all outcomes."));
    }
    if let Some(faults) = &model.asked.faults {
        notices.push(format!(
            "Run under other faults than the files say: {faults}. What a file expects is not about these. Files with a \
             schedule are run as they are."
        ));
    }
    if model.asked.timed {
        notices.push("A clock could end searches: this run cannot be compared with others.".to_owned());
    }
    notices
}

/// The folder of a path, as the matrix names it.
fn folder(path: &str) -> String {
    let path = path.strip_prefix("scenarios/").unwrap_or(path);
    let folder = path.rsplit_once('/').map_or("scenarios", |(folder, _)| folder);
    visible(folder).into_owned()
}

fn matrix_cell(cell: &Cell) -> MatrixCell {
    let look = look(cell);
    MatrixCell {
        id: cell.id.clone(),
        algorithm: cell.algorithm.clone(),
        class: look.class,
        filter: look.filter,
        word: look.word,
        note: look.note,
    }
}

fn matrix_row(scenario: &Scenario, cells: &[Cell], algorithms: &[String]) -> MatrixRow {
    let mut find = vec![scenario.title.to_lowercase(), scenario.path.to_lowercase()];
    find.extend(scenario.processes.iter().map(|process| process.name.to_lowercase()));
    for property in cells.iter().filter_map(|cell| cell.property.as_ref()) {
        if !find.contains(property) {
            find.push(property.clone());
        }
    }
    let in_column = |algorithm: &String| cells.iter().find(|cell| cell.algorithm == *algorithm);
    MatrixRow {
        title: visible(&scenario.title).into_owned(),
        path: visible(&scenario.path).into_owned(),
        link: cells[0].id.clone(),
        find: visible(&find.join(" ")).into_owned(),
        cells: algorithms.iter().map(|algorithm| in_column(algorithm).map(matrix_cell)).collect(),
    }
}

fn section(
    number: usize,
    scenario: &Scenario,
    cells: &[Cell],
    island: &mut Island,
    room: &mut usize,
) -> Section {
    let mut met = Vec::new();
    let about =
        scenario.about.split("\n\n").map(|text| visible(text.replace('\n', " ").trim()).replace('`', ""));
    let who = scenario.processes.iter().map(|process| {
        format!(
            "{}: account {}, {}, MAPI: {}",
            visible(&process.name),
            visible(&process.account),
            match process.session {
                0 => "session 0 (console, services)".to_owned(),
                session => format!("session {session} (Terminal Services)"),
            },
            visible(&process.mapi)
        )
    });
    let sources: Vec<String> = scenario.sources.iter().map(|source| plain(source)).collect();
    Section {
        id: format!("scenario-{}", number + 1),
        path: visible(&scenario.path).into_owned(),
        title: visible(&scenario.title).into_owned(),
        about: about.filter(|text| !text.is_empty()).collect(),
        who: who.collect(),
        tabs: cells.iter().map(matrix_cell).collect(),
        cells: cells.iter().map(|cell| Outcome::new(cell, cells, &mut met, island, room)).collect(),
        source: scenario.text.lines().map(|line| "<li>".to_owned() + &between_tags(&visible(line))).collect(),
        sources: sources.join(", "),
        digest: scenario.digest.clone(),
    }
}
