//! `run` as text: a line for each scenario and build, grouped by file; what is not as expected last, each with the command
//! that shows it; a summary in one line.

use anstyle::Style;
use mapisim_model::firmness::Firmness;
use mapisim_model::mapi::assumptions::TABLE;
use mapisim_model::outcome::{Outcome, Verdict};
use mapisim_model::scenario::visible::visible;
use mapisim_model::scenario::{Expect, Scenario};

use crate::cells::{
    CellResult, Checked, Finished, bound_sentence, fused_sentence, missed_sentence, vacuous_sentence,
};
use crate::command;
use crate::firmness;
use crate::narrate;
use crate::text::{
    BAD, DIM, GOOD, HEADING, WARN, count, grouped, indented, pad, pad_left, paint, paint_padded, shorten,
    width,
};

/// What is to be told of a run of cells.
pub struct RunReport<'a> {
    /// The cells that were finished, in order.
    pub finished: &'a [Finished<'a>],
    /// How many were to be run.
    pub planned: usize,
    /// How many files could not be read.
    pub unread: usize,
}

/// How it is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The width of the terminal.
    pub columns: usize,
    /// Only what is not as expected, and the summary.
    pub quiet: bool,
    /// Also the explanation of everything broken.
    pub verbose: bool,
}

/// The report.
pub fn render(report: &RunReport<'_>, look: Look) -> String {
    let mut out = String::new();
    if !look.quiet {
        out += &rows(report.finished, look);
    }
    let failures: Vec<&Finished<'_>> = report.finished.iter().filter(|cell| !cell.as_expected()).collect();
    if !failures.is_empty() {
        out += &format!("{}\n\n", paint(HEADING, "Not as expected"));
        for failure in failures {
            out += &failed(failure, look.columns);
            out.push('\n');
        }
    }
    out += &summary(report, look.columns);
    if let Some(firm) = firm_in_all(report.finished, look) {
        out += &paint_lines(DIM, &indented(&firm, 0, look.columns));
    }
    out
}

fn rows(finished: &[Finished<'_>], look: Look) -> String {
    let mut out = String::new();
    let widths = fit(finished, look.columns);
    for group in finished.chunk_by(|one, other| one.cell.scenario.name == other.cell.scenario.name) {
        out += &group_heading(group[0].cell.scenario, look.columns);
        for cell in group {
            out += &row(cell, widths, look.columns);
            out += &firmness(cell, look);
            out += &reduced(cell, look);
            if look.verbose {
                out += &explanation(cell, look.columns);
            }
        }
        out.push('\n');
    }
    out
}

fn group_heading(scenario: &Scenario, columns: usize) -> String {
    let name = visible(&scenario.name);
    let title = visible(&scenario.title);
    let room = columns.saturating_sub(width(&name) + 2);
    if title.trim().is_empty() {
        return format!("{}\n", paint(HEADING, &name));
    }
    if width(&title) <= room {
        return format!("{}  {}\n", paint(HEADING, &name), paint(DIM, &title));
    }
    format!("{}\n{}", paint(HEADING, &name), paint_lines(DIM, &indented(&title, 2, columns)))
}

fn paint_lines(style: Style, text: &str) -> String {
    text.lines().map(|line| paint(style, line) + "\n").collect()
}

/// The widths of a table's columns. A cause that does not fit beside its verdict has a line of its own.
#[derive(Clone, Copy)]
struct Widths {
    build: usize,
    verdict: usize,
    expected: usize,
    /// Of the number of states or steps, which are one below the other by their digits; none where it has to go below.
    number: Option<usize>,
}

/// What a row says.
struct Said {
    verdict: String,
    style: Style,
    cause: String,
    expected: String,
    size: String,
}

fn say(cell: &Finished<'_>) -> Said {
    let (verdict, style) = verdict(cell);
    let checked = cell.checked();
    Said {
        verdict,
        style,
        cause: checked.and_then(|checked| cause(&checked.outcome)).unwrap_or_default(),
        expected: checked.map_or_else(|| "NO VERDICT".to_owned(), |checked| expected(&checked.outcome)),
        size: checked.map_or_else(String::new, |checked| size(&checked.outcome)),
    }
}

impl Said {
    /// How many, of what.
    fn size(&self) -> (&str, &str) {
        self.size.split_once(' ').unwrap_or(("", ""))
    }
}

/// A verdict with its cause, on one line.
fn in_one(said: &Said) -> String {
    if said.cause.is_empty() { said.verdict.clone() } else { format!("{}: {}", said.verdict, said.cause) }
}

/// Widths for a table of these cells; none where it does not fit.
fn fit(finished: &[Finished<'_>], columns: usize) -> Option<Widths> {
    let said: Vec<Said> = finished.iter().map(say).collect();
    let widest = |text: &dyn Fn(&Said) -> usize| said.iter().map(text).max().unwrap_or(0);
    let build = finished.iter().map(|cell| width(cell.cell.build.id())).max().unwrap_or(0);
    let expected = widest(&|said| width(&said.expected));
    let number = widest(&|said| width(said.size().0));
    let size = number + 1 + widest(&|said| width(said.size().1));
    let (long, short) = (widest(&|said| width(&in_one(said))), widest(&|said| width(&said.verdict)));
    let fits = |beside: usize, number: Option<usize>| {
        let room = columns.checked_sub(2 + build + 2 + 2 + expected + beside)?;
        (short <= room).then_some(Widths { build, verdict: long.min(room), expected, number })
    };
    fits(2 + size, Some(number)).or_else(|| fits(0, None))
}

/// One row: mark, build, verdict with its cause, whether it is as expected, size.
fn row(cell: &Finished<'_>, widths: Option<Widths>, columns: usize) -> String {
    let said = say(cell);
    let build = cell.cell.build.id();
    let mark = if cell.as_expected() { " " } else { "✗" };
    let expected_style = if cell.as_expected() { DIM } else { BAD };
    let Some(widths) = widths else {
        let text = [in_one(&said), said.expected, said.size].join("; ");
        let head = format!("{} {build}\n", paint(expected_style, mark));
        return head + &paint_lines(said.style, &indented(text.trim_end_matches("; "), 4, columns));
    };
    let whole = in_one(&said);
    let mut below = Vec::new();
    let mut verdict = if width(&whole) <= widths.verdict {
        whole
    } else {
        below.push(said.cause.clone());
        said.verdict.clone()
    };
    let (number, unit) = said.size();
    let size = if let Some(digits) = widths.number {
        format!("{} {unit}", pad_left(number, digits))
    } else {
        let beside = format!("{verdict}, {}", said.size);
        if below.is_empty() && !said.size.is_empty() && width(&beside) <= widths.verdict {
            verdict = beside;
        } else {
            below.push(said.size.clone());
        }
        String::new()
    };
    let line = format!(
        "{} {}  {}  {}  {size}",
        paint(expected_style, mark),
        pad(build, widths.build),
        paint_padded(said.style, &verdict, widths.verdict),
        paint_padded(expected_style, &said.expected, widths.expected),
    );
    below.retain(|text| !text.is_empty());
    if below.is_empty() {
        return format!("{}\n", line.trim_end());
    }
    let below = shorten(&below.join(", "), columns.saturating_sub(widths.build + 6));
    format!("{}\n{}{}\n", line.trim_end(), " ".repeat(widths.build + 6), paint(DIM, &below))
}

/// The verdict in words: what breaks.
fn verdict(cell: &Finished<'_>) -> (String, Style) {
    let checked = match &cell.result {
        CellResult::Checked(checked) => checked,
        CellResult::Diverged(_) => return ("its schedule cannot happen".to_owned(), BAD),
        CellResult::Panicked(_) => return ("mapisim itself failed".to_owned(), BAD),
    };
    match checked.outcome.verdict {
        Verdict::Holds if checked.outcome.vacuous.is_some() => ("holds, vacuous".to_owned(), WARN),
        Verdict::Holds => ("holds".to_owned(), GOOD),
        Verdict::Inconclusive => ("inconclusive".to_owned(), WARN),
        Verdict::Broken(property) => (format!("breaks {}", property.id()), WARN),
    }
}

/// Who broke it, in which call.
fn cause(outcome: &Outcome) -> Option<String> {
    let (run, finding) = (outcome.run.as_ref()?, outcome.finding.as_ref()?);
    let step = (finding.cause > 0).then(|| run.step(finding.cause))?;
    Some(visible(&narrate::actor_and_call(run, step)).into_owned())
}

fn expected(outcome: &Outcome) -> String {
    match outcome.expected {
        _ if outcome.as_expected() && outcome.expected.is_none() => "nothing expected".to_owned(),
        _ if outcome.as_expected() => "as expected".to_owned(),
        _ if !outcome.missed.is_empty() && outcome.verdict != Verdict::Inconclusive => {
            "NOT REACHED".to_owned()
        }
        None => "UNEXPECTED".to_owned(),
        Some(Expect::Holds) => "EXPECTED holds".to_owned(),
        Some(Expect::Breaks(property)) => format!("EXPECTED {}", property.id()),
    }
}

/// How much was looked at: states of a search, steps of a run.
fn size(outcome: &Outcome) -> String {
    match outcome {
        _ if is_scheduled(outcome) => count(outcome.steps, "step"),
        _ if outcome.fused => format!("{} (reduced)", count(outcome.states, "state")),
        _ => count(outcome.states, "state"),
    }
}

fn explanation(cell: &Finished<'_>, columns: usize) -> String {
    let Some(checked) = cell.checked() else { return String::new() };
    let found = checked.outcome.finding.as_ref().map(|finding| finding.summary.clone());
    let told = found.or_else(|| vacuous_sentence(&checked.outcome));
    told.map_or_else(String::new, |told| indented(&visible(&told), 6, columns))
}

/// How firm it is, where that was tried; else what it rests on, where everything is asked for.
fn firmness(cell: &Finished<'_>, look: Look) -> String {
    let Some(checked) = cell.checked() else { return String::new() };
    let text = match &checked.firmness {
        Some(firmness) => firmness::line(firmness),
        None if look.verbose => firmness::rests_on(checked.outcome.consulted),
        None => return String::new(),
    };
    paint_lines(DIM, &indented(&text, 6, look.columns))
}

/// That fewer states were looked at than there are, where everything is asked for.
fn reduced(cell: &Finished<'_>, look: Look) -> String {
    let told = cell.checked().filter(|_| look.verbose).and_then(|checked| fused_sentence(&checked.outcome));
    told.map_or_else(String::new, |told| paint_lines(DIM, &indented(&told, 6, look.columns)))
}

/// What is not as expected, why, and how to look at it.
fn failed(cell: &Finished<'_>, columns: usize) -> String {
    let name = visible(&cell.cell.scenario.name);
    let mut out =
        format!("{} {}\n", paint(BAD, "✗"), paint(HEADING, &format!("{name}  {}", cell.cell.build.id())));
    match &cell.result {
        CellResult::Diverged(why) => {
            out += &indented(&format!("Its schedule cannot happen: {}", visible(why)), 4, columns);
        }
        CellResult::Panicked(why) => {
            let text = format!("This is a bug in mapisim itself, please report it with the scenario: {why}");
            out += &indented(&text, 4, columns);
        }
        CellResult::Checked(checked) => {
            out += &indented(&difference(cell.cell.scenario, checked), 4, columns);
            if let Some(finding) = &checked.outcome.finding {
                out += &indented(&visible(&finding.summary), 4, columns);
            }
        }
    }
    out + &format!("    {}\n", command::show_of(cell.cell.scenario, cell.cell.build, None))
}

/// In what way an outcome is not as expected, in sentences.
fn difference(scenario: &Scenario, checked: &Checked) -> String {
    let outcome = &checked.outcome;
    let other = other_faults(scenario);
    let wanted = match outcome.expected {
        None if !other.is_empty() => format!("The scenario says nothing of {other}"),
        None => "The scenario expects nothing of this algorithm".to_owned(),
        Some(Expect::Holds) => "It is expected to hold".to_owned(),
        Some(Expect::Breaks(property)) => format!("It is expected to break {}", property.id()),
    };
    let got = match outcome.verdict {
        Verdict::Holds if outcome.exhaustive => {
            format!("it holds, whatever the order ({})", count(outcome.states, "state"))
        }
        Verdict::Holds => format!("it holds in its scheduled run of {}", count(outcome.steps, "step")),
        Verdict::Broken(property) => format!("it breaks {}", property.id()),
        Verdict::Inconclusive => "there is no answer".to_owned(),
    };
    let same = match (outcome.expected, outcome.verdict) {
        (Some(Expect::Holds), Verdict::Holds) => true,
        (Some(Expect::Breaks(expected)), Verdict::Broken(property)) => expected == property,
        _ => false,
    };
    let first = if same { format!("{wanted}, and so it does.") } else { format!("{wanted}, but {got}.") };
    let more = [bound_sentence(outcome), missed_sentence(outcome)];
    std::iter::once(first).chain(more.into_iter().flatten()).collect::<Vec<_>>().join(" ")
}

/// The flags for other faults than a scenario's, as it was run; empty where they are its own.
fn other_faults(scenario: &Scenario) -> String {
    scenario.other_faults.map_or_else(String::new, |others| command::faults(&others).join(" "))
}

/// The one line at the end; more where it has to be broken.
fn summary(report: &RunReport<'_>, columns: usize) -> String {
    let outcomes: Vec<&Outcome> =
        report.finished.iter().filter_map(|cell| cell.checked().map(|checked| &checked.outcome)).collect();
    let cells = report.finished.len();
    let expected = report.finished.iter().filter(|cell| cell.as_expected()).count();
    let many = |wanted: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    let results = |wanted: &dyn Fn(&CellResult) -> bool| {
        report.finished.iter().filter(|cell| wanted(&cell.result)).count()
    };
    let states: usize = outcomes.iter().map(|outcome| outcome.states).sum();
    let parts = [
        (many(&|outcome| outcome.exhaustive), "in every order"),
        (many(&|outcome| is_scheduled(outcome)), "by schedule"),
        (many(&|outcome| outcome.verdict == Verdict::Inconclusive), "without an answer"),
        (results(&|result| matches!(result, CellResult::Diverged(_))), "whose schedule cannot happen"),
        (results(&|result| matches!(result, CellResult::Panicked(_))), "where mapisim itself failed"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, how)| format!("{} {how}", grouped(number))).collect();
    let head = format!("{}, {} as expected", count(cells, "cell"), grouped(expected));
    let mut line = vec![head.clone()];
    line.extend((!parts.is_empty()).then(|| parts.join(", ")));
    line.extend((states > 0).then(|| format!("{} in all", count(states, "state"))));
    let vacuous = many(&|outcome| outcome.vacuous.is_some());
    line.extend((vacuous > 0).then(|| format!("{} vacuous", grouped(vacuous))));
    if cells < report.planned {
        line.push(format!("interrupted, {} not run", count(report.planned - cells, "cell")));
    }
    if report.unread > 0 {
        line.push(format!("{} could not be read", count(report.unread, "file")));
    }
    let style = if expected == cells && report.unread == 0 { GOOD } else { BAD };
    let text = indented(&line.join("; "), 0, columns);
    match text.strip_prefix(&head) {
        Some(rest) => format!("{}{rest}", paint(style, &head)),
        None => text,
    }
}

/// How many verdicts stand whatever the sources leave open, where that was tried; else what they rest on.
fn firm_in_all(finished: &[Finished<'_>], look: Look) -> Option<String> {
    let checked: Vec<&Checked> = finished.iter().filter_map(Finished::checked).collect();
    let firm: Vec<&Firmness> = checked.iter().filter_map(|checked| checked.firmness.as_ref()).collect();
    if !firm.is_empty() {
        let stand = firm.iter().filter(|firmness| firmness.stands()).count();
        let hang = firm.iter().filter(|firmness| firmness.moved().next().is_some()).count();
        return Some(firmness::in_all(stand, hang));
    }
    if look.quiet {
        return None;
    }
    let verdicts = checked.iter().filter(|checked| checked.outcome.verdict != Verdict::Inconclusive);
    let rest = verdicts.map(|checked| checked.outcome.consulted.count());
    let (least, most) = (rest.clone().min()?, rest.max()?);
    let range = if least == most { most.to_string() } else { format!("{least} to {most}") };
    Some(format!(
        "each verdict rests on {range} of the {} points that the sources leave open; --firmness tries them",
        TABLE.len()
    ))
}

fn is_scheduled(outcome: &Outcome) -> bool {
    outcome.run.is_some() && outcome.states == 0
}
