//! `show`: one run, told so that somebody who has never heard of MAPI understands what happened.
//!
//! The rule of this family: everything is read off the run; every full name is in the legend; text from files is made
//! visible before it is laid out. [`rows`], with `items`, decides what is told, [`window`]
//! of which part, [`lanes`] where it stands, [`why`], with `views`, explains, and `mattered` says what it took. [`against`]
//! lays two runs beside each other.

pub mod against;
pub mod hive;
mod items;
pub mod json;
pub mod lanes;
mod mattered;
pub mod rows;
mod views;
pub mod why;
pub mod window;

pub use window::Window;

use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::{Outcome, Told, Verdict};
use mapisim_model::scenario::visible::visible;
use mapisim_model::scenario::{Expect, Scenario};
use mapisim_model::trace::Run;

use crate::builds::fixes;
use crate::cells::{Checked, bound_sentence, missed_sentence, vacuous_sentence};
use crate::command;
use crate::firmness;
use crate::names::{Entry, Names};
use crate::text::{BAD, GOOD, HEADING, WARN, count, hanging, indented, pad, paint, width};

/// How a run is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The width of the terminal.
    pub columns: usize,
    /// Every step, none folded.
    pub all_steps: bool,
    /// The schedule was given on the command line, so the file's expectation is not about this run.
    pub own_schedule: bool,
    /// Which part of the run.
    pub window: Window,
}

/// The whole page.
pub fn render(scenario: &Scenario, checked: &Checked, look: Look) -> String {
    let outcome = &checked.outcome;
    let mut page = Page { out: String::new(), columns: look.columns };
    page.head(scenario, outcome, look);
    page.about(scenario);
    page.who(scenario, outcome);
    match &outcome.run {
        Some(run) => {
            let names = Names::short(run);
            let finding = outcome.finding.as_ref();
            // What cannot be told in part is told whole; the command has complained before.
            let parts = look.window.parts(run.steps.len(), finding).unwrap_or(None);
            let rows = rows::rows_within(run, finding, &names, look.all_steps, parts.as_deref());
            let story = lanes::layout(run, &rows, look.columns);
            page.names(&names, &story);
            page.section("What happened");
            page.out += &story;
            page.out.push('\n');
            page.out += &why::render(run, finding, &names, look.columns);
            page.out += &mattered::render(run, checked.mattered.as_ref(), &names, look.columns);
        }
        None => page.nothing_to_show(scenario, outcome),
    }
    page.verdict(scenario, outcome, look);
    page.firmness(scenario, checked);
    if let Some(run) = &outcome.run {
        page.again(scenario, outcome, run, look);
    }
    page.paragraph("digest", &checked.digest);
    page.out
}

struct Page {
    out: String,
    columns: usize,
}

impl Page {
    fn section(&mut self, title: &str) {
        self.out += &format!("{}\n", paint(HEADING, title));
    }

    fn text(&mut self, text: &str) {
        self.out += &indented(&visible(text), 2, self.columns);
    }

    /// A heading word with text beside it.
    fn paragraph(&mut self, word: &str, text: &str) {
        let lines = hanging(word, &visible(text), 11, self.columns);
        let rest = lines.strip_prefix(word).unwrap_or(&lines);
        self.out += &format!("{}{rest}", paint(HEADING, word));
    }

    fn head(&mut self, scenario: &Scenario, outcome: &Outcome, look: Look) {
        let title = indented(&visible(&scenario.title), 0, self.columns);
        for line in title.lines() {
            self.out += &format!("{}\n", paint(HEADING, line));
        }
        let (verdict, style) = match outcome.verdict {
            Verdict::Holds => ("holds".to_owned(), GOOD),
            Verdict::Broken(property) => (format!("breaks {}", property.id()), BAD),
            Verdict::Inconclusive => ("inconclusive".to_owned(), WARN),
        };
        let file = visible(&scenario.name);
        let expected = if look.own_schedule {
            "schedule from the command line"
        } else if outcome.expected.is_none() {
            "nothing is expected"
        } else if outcome.as_expected() {
            "as expected"
        } else {
            "NOT as expected"
        };
        let parts = [file.into_owned(), outcome.build.id().to_owned(), verdict, expected.to_owned()];
        let line = parts.join(" · ");
        let painted = if width(&line) <= self.columns {
            format!("{} · {} · {} · {}\n", parts[0], parts[1], paint(style, &parts[2]), parts[3])
        } else {
            indented(&line, 0, self.columns)
        };
        self.out += &painted;
        self.out.push('\n');
    }

    fn about(&mut self, scenario: &Scenario) {
        if scenario.about.trim().is_empty() {
            return;
        }
        // Markdown as plain text: a paragraph's lines flow together, code marks go.
        for paragraph in scenario.about.split("\n\n") {
            let flowing = paragraph.replace('\n', " ").replace('`', "");
            self.text(flowing.trim());
            self.out.push('\n');
        }
    }

    fn who(&mut self, scenario: &Scenario, outcome: &Outcome) {
        self.section("Who");
        let longest =
            scenario.processes.iter().map(|process| width(&visible(&process.name))).max().unwrap_or(0);
        for process in &scenario.processes {
            let algorithm = match outcome.build {
                Build::AsInstalled => process.mapi.algorithm(),
                Build::All(algorithm) => algorithm,
            };
            let mapi = match outcome.build {
                Build::AsInstalled => format!("{} ({})", process.mapi.written, fixes(algorithm)),
                Build::All(_) => {
                    format!("{} ({}) instead of {}", algorithm.id(), fixes(algorithm), process.mapi.written)
                }
            };
            let account = &scenario.accounts[process.account].account.name;
            let place = match process.session {
                0 => "session 0 (console, services)".to_owned(),
                session => format!("session {session} (Terminal Services)"),
            };
            let text = format!("account {account}, {place}, MAPI: {mapi}");
            self.beside(&process.name, &text, longest);
        }
        self.out.push('\n');
    }

    /// What short names stand for. Locks are left out where the story does not speak of them.
    fn names(&mut self, names: &Names, story: &str) {
        let legend: Vec<Entry> = names
            .legend()
            .into_iter()
            .filter(|entry| !entry.short.starts_with("lock ") || story.contains(&entry.short))
            .collect();
        if legend.is_empty() {
            return;
        }
        self.section("Names");
        let longest = legend.iter().map(|entry| width(&visible(&entry.short))).max().unwrap_or(0);
        for entry in legend {
            self.beside(&entry.short, &format!("{}\n{}", visible(&entry.full), entry.what), longest);
        }
        self.out.push('\n');
    }

    /// A name with text beside it; below it where there is no room. Lines of the text stay lines.
    fn beside(&mut self, head: &str, text: &str, longest: usize) {
        let head = format!("  {}", visible(head));
        let column = if longest + 4 > self.columns / 3 { 0 } else { longest + 4 };
        let lines: Vec<String> = text.split('\n').map(|line| visible(line).into_owned()).collect();
        let text = lines.join("\n");
        if column == 0 {
            self.out += &format!("{head}\n{}", indented(&text, 4, self.columns));
        } else {
            self.out += &hanging(&head, &text, column, self.columns);
        }
    }

    /// A search without a run to show.
    fn nothing_to_show(&mut self, scenario: &Scenario, outcome: &Outcome) {
        self.section("What was tried");
        let mut order = "Every order in which the steps of the threads can follow each other".to_owned();
        if scenario.crashes > 0 {
            order += &format!(
                ", with up to {} of a process at any step",
                count(scenario.crashes as usize, "kill")
            );
        }
        if scenario.thread_deaths > 0 {
            let deaths = count(scenario.thread_deaths as usize, "death");
            order += &format!(", with up to {deaths} of a thread alone at any step");
        }
        if scenario.machine_crashes > 0 {
            order += ", with a crash of the machine at any step (each hive just written or not)";
        }
        let size = format!(
            "{} and {} between them, {} deep",
            count(outcome.states, if outcome.fused { "reduced state" } else { "distinct state" }),
            count(outcome.transitions as usize, "step"),
            count(outcome.levels.len(), "level")
        );
        let end = match outcome.verdict {
            Verdict::Holds => {
                "Nothing that is looked at breaks in any of them, so there is no counterexample to show."
            }
            _ => "A bound was reached before an answer.",
        };
        let looked: Vec<&str> = scenario.checks.iter().map(|property| property.id()).collect();
        self.text(&format!("{order}: {size}. Looked at: {}. {end}", looked.join(", ")));
        self.out.push('\n');
        self.text("To look at one run, give its schedule:");
        let everybody: Vec<String> = scenario.threads().map(|(_, thread)| thread.name.clone()).collect();
        let schedule = mapisim_sim::Schedule {
            turns: everybody
                .into_iter()
                .map(|actor| mapisim_sim::Turn::Run { actor, until: mapisim_sim::Until::End })
                .collect(),
        };
        let command = command::show(&scenario.name, outcome.build, Some(&schedule.to_string()));
        self.out += &format!("  {command}\n\n");
    }

    fn verdict(&mut self, scenario: &Scenario, outcome: &Outcome, look: Look) {
        let found = match outcome.verdict {
            Verdict::Holds if outcome.exhaustive => "holds, whatever the order".to_owned(),
            Verdict::Holds => "holds in this run".to_owned(),
            Verdict::Broken(property) => format!("breaks {}: {}", property.id(), why::meaning(property)),
            Verdict::Inconclusive => "inconclusive".to_owned(),
        };
        let how = match (&outcome.run, outcome.states) {
            (Some(_), states) if states > 0 => format!(
                " Found by trying every order, shortest first ({}): no run breaks it in fewer than {}.{}",
                count(states, "state"),
                count(outcome.steps, "step"),
                outcome.told.map_or_else(String::new, told)
            ),
            (Some(_), _) => format!(" One run of {}.", count(outcome.steps, "step")),
            (None, _) => String::new(),
        };
        let expected = match outcome.expected {
            _ if look.own_schedule => "The file's expectation is not about this schedule.".to_owned(),
            _ if scenario.other_faults.is_some() => {
                "The file's expectation is not about these faults.".to_owned()
            }
            None => "The file expects nothing of this algorithm.".to_owned(),
            Some(expected) => {
                let wanted = match expected {
                    Expect::Holds => "to hold".to_owned(),
                    Expect::Breaks(property) => format!("to break {}", property.id()),
                };
                let word = if outcome.as_expected() { "as expected" } else { "NOT as expected" };
                format!("The file expects it {wanted}: {word}.")
            }
        };
        let vacuous = vacuous_sentence(outcome).map_or_else(String::new, |sentence| format!(" {sentence}"));
        self.paragraph("verdict", &format!("{found}.{how}{vacuous}"));
        let sentences = [Some(expected), bound_sentence(outcome), missed_sentence(outcome)];
        let sentences: Vec<String> = sentences.into_iter().flatten().collect();
        self.paragraph("expected", &sentences.join(" "));
    }

    /// How firm the verdict is; where that was not tried, what it rests on and the command that tries it.
    fn firmness(&mut self, scenario: &Scenario, checked: &Checked) {
        if let Some(firmness) = &checked.firmness {
            return self.paragraph("firmness", &format!("{}.", firmness::line(firmness)));
        }
        let rests = firmness::rests_on(checked.outcome.consulted);
        self.paragraph("firmness", &format!("{rests}; there is too much to run to flip them here:"));
        let command = command::assumptions(&scenario.name, checked.outcome.build);
        self.out += &format!("{}{command}\n", pad("", 11));
    }

    /// How to see just this again.
    fn again(&mut self, scenario: &Scenario, outcome: &Outcome, run: &Run, look: Look) {
        self.paragraph("schedule", &run.schedule);
        let own = look.own_schedule.then_some(run.schedule.as_str());
        let command = command::show_of(scenario, outcome.build, own);
        // A command is not broken into lines: it is there to be pasted.
        self.out += &format!("{}{command}\n", paint(HEADING, &pad("again", 11)));
    }
}
/// Why it is this run that is told.
fn told(told: Told) -> String {
    if told.proved {
        let steps = count(told.steps, "step");
        format!(
            " This one of {steps} is proved to have the fewest crashes, of those the fewest switches between threads, \
             and of those the fewest steps."
        )
    } else {
        " This is a shortest one; that none has fewer switches between threads is not proved.".to_owned()
    }
}
