//! What was caught, for people.

use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::file::{ProcessFile, ScheduleFile};
use mapisim_model::scenario::item::Item;
use mapisim_model::scenario::visible::visible;
use mapisim_model::shrink::{Shrunk, Size};
use mapisim_sim::random::{Strategy, pct};

use super::{Catch, Caught, How};
use crate::cells::Finished;
use crate::diff::causes::words;
use crate::json::seed_text;
use crate::text::{BAD, DIM, GOOD, HEADING, WARN, count, grouped, indented, paint};

/// The whole report; `command` gives the command that shows a catch again.
pub fn render(caught: &Caught, columns: usize, command: &dyn Fn(&Catch) -> String) -> String {
    let mut out = String::new();
    for catch in &caught.catches {
        let shrunk = &catch.shrunk;
        let words = indented(&words(&shrunk.signature), 2, columns);
        let words: Vec<String> = words.lines().map(|line| paint(HEADING, line.trim_start())).collect();
        out += &format!("{} {}\n", paint(BAD, "✗"), words.join("\n  "));
        out += &format!("    {}\n", paint(DIM, &shrunk.signature.to_string()));
        out += &paint(
            DIM,
            &indented(
                &format!(
                    "in {}, first in world {}; {}",
                    count(catch.worlds as usize, "world"),
                    catch.world,
                    smaller(shrunk)
                ),
                4,
                columns,
            ),
        );
        out += &scenario(shrunk, columns);
        out += &format!("    {}\n\n", command(catch));
    }
    for (world, bug) in &caught.bugs {
        let text = format!("This is a bug in mapisim itself, in world {world}: {}", visible(bug));
        out += &format!("{} {}", paint(BAD, "✗"), indented(&text, 2, columns).trim_start());
    }
    out + &summary(caught, columns)
}

/// What became of a corpus; nothing where there is none.
pub fn replayed(cells: &[Finished<'_>], columns: usize) -> String {
    if cells.is_empty() {
        return String::new();
    }
    let verdict = |cell: &Finished<'_>| cell.checked().map(|checked| checked.outcome.verdict);
    let of =
        |wanted: &dyn Fn(Option<Verdict>) -> bool| cells.iter().filter(|cell| wanted(verdict(cell))).count();
    let breaks = of(&|verdict| matches!(verdict, Some(Verdict::Broken(_))));
    let holds = of(&|verdict| verdict == Some(Verdict::Holds));
    let mut out =
        format!("corpus: {} replayed, {breaks} break, {holds} hold\n", count(cells.len(), "scenario"));
    for cell in cells.iter().filter(|cell| !matches!(verdict(cell), Some(Verdict::Holds))) {
        let what = match verdict(cell) {
            Some(Verdict::Broken(property)) => format!("still breaks {}", property.id()),
            _ => "has no answer".to_owned(),
        };
        let text = format!("{} {what} with {}", cell.cell.scenario.name, cell.cell.build.id());
        out += &indented(&visible(&text), 2, columns);
    }
    out.push('\n');
    out
}

/// A shrunk scenario: its story, who does what, and in which order.
pub fn scenario(shrunk: &Shrunk, columns: usize) -> String {
    let mut out = indented(&visible(&shrunk.file.about), 4, columns);
    for (name, process) in shrunk.file.processes.iter() {
        out += &indented(&visible(&format!("{name} ({}): {}", place(process), calls(process))), 6, columns);
    }
    if let Some(ScheduleFile::Text(schedule)) = &shrunk.file.schedule {
        out += &indented(&visible(&format!("schedule: {schedule}")), 6, columns);
    }
    out
}

/// `made smaller from 3 processes and 14 calls to 2 and 5 in 61 attempts`.
pub fn smaller(shrunk: &Shrunk) -> String {
    let size = |size: &Size| format!("{}, {}", processes(size.processes), count(size.calls, "call"));
    let head = if shrunk.before == shrunk.after {
        format!("no smaller than {}", size(&shrunk.after))
    } else {
        format!("made smaller from {} to {}", size(&shrunk.before), size(&shrunk.after))
    };
    let cut = if shrunk.cut { ", the best so far when attempts ran out" } else { "" };
    let least = if shrunk.outcome.exhaustive { ", a least run of every order" } else { "" };
    format!("{head} in {}{cut}{least}", count(shrunk.attempts, "attempt"))
}

fn processes(number: usize) -> String {
    if number == 1 { "1 process".to_owned() } else { format!("{} processes", grouped(number)) }
}

fn place(process: &ProcessFile) -> String {
    format!("{}, session {}, {}", process.account, process.session, process.mapi)
}

fn calls(process: &ProcessFile) -> String {
    let list = |items: &[Item]| items.iter().map(item).collect::<Vec<_>>().join(", ");
    match (&process.script, &process.threads) {
        (Some(script), _) => list(script),
        (None, Some(threads)) => {
            let all = threads.iter().map(|(name, script)| format!("{name}: {}", list(script)));
            all.collect::<Vec<_>>().join("; ")
        }
        (None, None) => String::new(),
    }
}

fn item(item: &Item) -> String {
    match item {
        Item::Call { call, .. } => call.to_string(),
        Item::Repeat(repeat) => {
            let body: Vec<String> = repeat.r#do.iter().map(self::item).collect();
            format!("{} times [{}]", repeat.times, body.join(", "))
        }
    }
}

/// The lines at the end.
fn summary(caught: &Caught, columns: usize) -> String {
    let (hunt, tally) = (&caught.hunt, &caught.tally);
    let (style, head) = match caught.catches.len() {
        0 => (GOOD, "nothing found".to_owned()),
        1 => (BAD, "1 cause found".to_owned()),
        more => (BAD, format!("{} causes found", grouped(more))),
    };
    let looked = match hunt.how {
        How::Random { .. } => {
            format!("{}, {}", count(tally.runs as usize, "run"), count(tally.steps as usize, "step"))
        }
        How::Exhaustive { .. } => {
            format!("every order of each, {}", count(tally.steps as usize, "transition"))
        }
    };
    let line = format!(
        "{head} in {} of {} ({looked}); {}, {}, seed {}",
        grouped(tally.broken as usize),
        count(tally.worlds as usize, "world"),
        hunt.build.id(),
        how(hunt.how),
        seed_text(hunt.seed)
    );
    let mut out = match indented(&line, 0, columns).strip_prefix(&head) {
        Some(rest) => format!("{}{rest}", paint(style, &head)),
        None => line,
    };
    let mut more = Vec::new();
    if tally.inconclusive > 0 {
        more.push(format!(
            "{} had more states than --max-states allows: no answer",
            count(tally.inconclusive as usize, "world")
        ));
    }
    more.extend(bound(caught));
    // One world says nothing of others.
    more.extend((caught.tally.worlds > 1).then(|| residue(caught)));
    for sentence in more {
        out += &indented(&format!("{sentence}."), 0, columns);
    }
    if caught.stopped {
        let text =
            "It was told to stop before all worlds were looked at: it cannot be compared with any other run.";
        out += &paint(WARN, text);
        out.push('\n');
    }
    out
}

/// How it was looked for, in words: `pct of depth 3`.
pub fn how(how: How) -> String {
    match how {
        How::Random { strategy: Strategy::Uniform, .. } => "uniform".to_owned(),
        How::Random { strategy: Strategy::Pct { depth }, .. } => format!("pct of depth {depth}"),
        How::Random { strategy: Strategy::Swarm, .. } => "swarm".to_owned(),
        How::Exhaustive { .. } => "exhaustive".to_owned(),
    }
}

/// What PCT promises of the largest world that was looked at.
fn bound(caught: &Caught) -> Option<String> {
    let How::Random { strategy: Strategy::Pct { depth }, runs } = caught.hunt.how else { return None };
    let tally = &caught.tally;
    let miss = pct::chance_of_a_miss(tally.threads, tally.length, depth, runs.into());
    Some(format!(
        "In the largest world ({}, runs of about {}) {} miss a failure of depth {depth} with a chance of at most {miss:.4}",
        count(tally.threads, "thread"),
        count(tally.length, "step"),
        count(runs as usize, "run")
    ))
}

/// What Good and Turing say of the worlds that nobody has looked at.
fn residue(caught: &Caught) -> String {
    let (once, worlds) = (caught.seen_once(), caught.tally.worlds.max(1));
    if caught.catches.is_empty() {
        return format!(
            "No cause in {}: residual risk not estimated",
            count(caught.tally.worlds as usize, "world")
        );
    }
    let share = once * 10_000 / worlds;
    format!(
        "{} shown by one world only: a further world shows a new one with a chance of about {}.{:02} % (Good and Turing)",
        if once == 1 {
            "1 of the causes was".to_owned()
        } else {
            format!("{} of the causes were", grouped(once as usize))
        },
        share / 100,
        share % 100
    )
}
