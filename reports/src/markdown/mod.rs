//! A run as Markdown, for a job summary: what is not as expected first, each break with its diagram; then every outcome in
//! one table.
//!
//! Always holds
//! - It is shorter than a job summary may be ([`LENGTH_MAX`]): diagrams go first, then details, and it says so.
//! - Names stay text: no markup, mention or link comes of them.

pub mod escape;

use escape::{block, code, text};

use crate::diagram::mermaid;
use crate::run_model::{Cell, RunModel, Verdict};
use crate::said;
use crate::text::{count, grouped};

/// Bytes of a job summary: GitHub takes a mebibyte for a step.
pub const LENGTH_MAX: usize = 900 * 1024;
/// Bytes of the details; the table has the rest.
const DETAILS_MAX: usize = LENGTH_MAX / 2;

/// The report, with a line end at the end.
pub fn render(model: &RunModel) -> String {
    let unexpected: Vec<&Cell> = said::unexpected(model).collect();
    let mut out = format!("# mapisim: {}\n\n", headline(model, unexpected.len()));
    out += &format!("{}\n", facts(model));
    if !unexpected.is_empty() {
        out += "\n## Not as expected\n";
        out += &details(&unexpected);
    }
    out += &table(model, LENGTH_MAX.saturating_sub(out.len()));
    out
}

fn headline(model: &RunModel, unexpected: usize) -> String {
    let all = count(model.cells.len(), "outcome");
    let first = if unexpected == 0 {
        format!("{all}, all as expected")
    } else {
        format!("{} of {all} not as expected", grouped(unexpected))
    };
    let missing = [(model.unread, "file", "not read"), (model.unfinished, "outcome", "not reached")];
    let missing = missing.into_iter().filter(|(number, ..)| *number > 0);
    missing.fold(first, |line, (number, what, how)| format!("{line}; {} {how}", count(number, what)))
}

fn facts(model: &RunModel) -> String {
    let is = |verdict| model.cells.iter().filter(|cell| cell.verdict == verdict).count();
    let states: usize = model.cells.iter().map(|cell| cell.states).sum();
    let shard = model.asked.shard.as_ref().map_or_else(String::new, |shard| format!(", shard {shard}"));
    let faults = model.asked.faults.as_ref().map_or_else(String::new, |faults| {
        format!(
            "\nRun under other faults than the files say: {}. What a file expects is not about these.\n",
            code(faults)
        )
    });
    format!(
        "{} hold, {} break, {} without an answer. {} searched. mapisim {}, seed {}{shard}.\n{faults}",
        grouped(is(Verdict::Holds)),
        grouped(is(Verdict::Broken)),
        grouped(model.cells.len() - is(Verdict::Holds) - is(Verdict::Broken)),
        count(states, "state"),
        model.version,
        model.seed,
    )
}

/// Each cell that is not as expected; diagrams as long as there is room for them, then without.
fn details(cells: &[&Cell]) -> String {
    let mut out = String::new();
    for (index, cell) in cells.iter().enumerate() {
        let short = detail(cell);
        let diagram = diagram(cell);
        if out.len() + short.len() + diagram.len() <= DETAILS_MAX {
            out += &short;
            out += &diagram;
        } else if out.len() + short.len() <= DETAILS_MAX {
            out += &short;
        } else {
            let left = count(cells.len() - index, "outcome");
            out += &format!(
                "\n{left} more: there is no room for them here; run.json and index.html have all.\n"
            );
            break;
        }
    }
    out
}

fn detail(cell: &Cell) -> String {
    let mut out = format!("\n### {} with {}\n\n", text(&cell.scenario), code(&cell.algorithm));
    let wrong = said::wrong(cell).unwrap_or_default();
    out += &format!("**{}**: {}.\n", text(&said::outcome(cell)), text(&wrong));
    if let Some(explanation) = &cell.explanation {
        out += &format!("\n{}\n\n", text(&explanation.summary));
        let places = [("broken by", said::cause(cell)), ("noticed by", said::symptom(cell))];
        for (what, at) in places {
            let Some(at) = at else { continue };
            let line = at.line.map_or_else(String::new, |line| format!(" (line {line} of the scenario)"));
            out += &format!("- {what} {}{line}: {}\n", text(&at.words()), code(&at.action));
        }
        for point in &explanation.points {
            let step = point.step.map_or_else(String::new, |step| format!("step {step}: "));
            out += &format!("- {step}{}\n", text(&point.text));
        }
        for line in explanation.mattered.iter().flat_map(|mattered| &mattered.lines) {
            let step = line.step.map_or_else(String::new, |step| format!("step {step}: "));
            out += &format!("- {step}{}\n", text(&line.text));
        }
    }
    for remark in &cell.remarks {
        out += &format!("\n{}\n", text(remark));
    }
    out += &format!("\n{}", block("sh", &said::plain(&cell.command)));
    if let Some(signature) = &cell.signature {
        out += &format!("\nSignature: {}\n", code(signature));
    }
    out
}

fn diagram(cell: &Cell) -> String {
    let drawn = (cell.verdict == Verdict::Broken).then(|| mermaid::render(cell)).flatten();
    drawn.map_or_else(String::new, |diagram| {
        let inside = block("mermaid", &diagram);
        format!("\n<details><summary>What happened, as a diagram</summary>\n\n{inside}\n</details>\n")
    })
}

/// Every outcome, a line for each scenario.
fn table(model: &RunModel, room: usize) -> String {
    let mut out = "\n## All outcomes\n\n| scenario | outcomes |\n|---|---|\n".to_owned();
    let scenarios = said::by_scenario(model);
    for (index, (scenario, cells)) in scenarios.iter().enumerate() {
        let told = cells.iter().map(|cell| {
            let mark = if cell.as_expected { "" } else { "**NOT AS EXPECTED** " };
            format!("{mark}{} {}", code(&cell.algorithm), text(&said::outcome(cell)))
        });
        let told: Vec<String> = told.collect();
        let line =
            format!("| {}<br>{} | {} |\n", text(&scenario.title), code(&scenario.path), told.join("<br>"));
        if out.len() + line.len() + 100 > room {
            out += &format!("\n{} more: run.json has all.\n", count(scenarios.len() - index, "scenario"));
            break;
        }
        out += &line;
    }
    out
}
