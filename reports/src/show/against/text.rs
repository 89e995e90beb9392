//! `show --against`: two runs in the same order, on about a screen.

use mapisim_model::outcome::Verdict;
use mapisim_model::scenario::Scenario;
use mapisim_model::scenario::visible::visible;

use super::{Beside, Difference, Elsewhere, Kind, fates, rows, words};
use crate::command;
use crate::names::Entry;
use crate::show::why::meaning;
use crate::show::{Look, Page};
use crate::text::{BAD, GOOD, HEADING, WARN, count, hanging, indented, pad, paint, width};

/// Of what became otherwise so much is told.
const FATES_MAX: usize = 6;

/// The whole page.
pub fn render(scenario: &Scenario, beside: &Beside<'_>, elsewhere: Option<&Elsewhere>, look: Look) -> String {
    let mut page = Against { page: Page { out: String::new(), columns: look.columns }, beside };
    page.head(scenario);
    let parts = page.parts();
    let runs = rows::render(beside, look.columns);
    let came = page.came();
    let short = page.in_short();
    page.legend(&[&short, &parts, &runs, &came].map(String::as_str).concat());
    page.page.out += &short;
    page.page.out += &parts;
    if !parts.is_empty() {
        page.page.section("The two runs");
        page.page.out += &indented(
            "✗ the cause · ! the symptom · ≠ where they part, and what decides it",
            2,
            look.columns,
        );
        page.page.out += &runs;
        page.page.out.push('\n');
    }
    page.page.out += &came;
    page.end(scenario, elsewhere, look);
    page.page.out
}

struct Against<'a, 'b> {
    page: Page,
    beside: &'a Beside<'b>,
}

impl Against<'_, '_> {
    fn ids(&self) -> [&'static str; 2] {
        [0, 1].map(|side| self.beside.sides[side].outcome.build.id())
    }

    /// The builds' names, padded to one width.
    fn heads(&self) -> [String; 2] {
        let longest = self.ids().map(width).into_iter().max().unwrap_or(0);
        self.ids().map(|id| pad(id, longest))
    }

    fn head(&mut self, scenario: &Scenario) {
        let columns = self.page.columns;
        for line in indented(&visible(&scenario.title), 0, columns).lines() {
            self.page.out += &format!("{}\n", paint(HEADING, line));
        }
        let ids = self.ids();
        let line = format!("{} · {}, and the same order with {}", visible(&scenario.name), ids[0], ids[1]);
        self.page.out += &indented(&line, 0, columns);
        self.page.out.push('\n');
        for (side, head) in self.heads().into_iter().enumerate() {
            let (text, style) = match self.beside.sides[side].outcome.verdict {
                Verdict::Holds => ("holds on this order".to_owned(), GOOD),
                Verdict::Broken(property) => {
                    (format!("breaks {}: {}", property.id(), meaning(property)), BAD)
                }
                Verdict::Inconclusive => ("inconclusive: a run may not take so many steps".to_owned(), WARN),
            };
            let lines = hanging(&format!("  {head}  "), &text, width(&head) + 4, columns);
            let rest = lines.strip_prefix(&format!("  {head}  ")).unwrap_or(&lines).to_owned();
            let painted: Vec<String> = rest.lines().map(|line| paint(style, line)).collect();
            self.page.out += &format!("  {head}  {}\n", painted.join("\n"));
        }
        self.page.out.push('\n');
    }

    /// Short names that the page uses.
    fn legend(&mut self, used: &str) {
        let legend = self.beside.names.legend().into_iter();
        let entries: Vec<Entry> = legend.filter(|entry| is_used(&entry.short, used)).collect();
        if entries.is_empty() {
            return;
        }
        self.page.section("Names");
        let longest = entries.iter().map(|entry| width(&visible(&entry.short))).max().unwrap_or(0);
        for entry in entries {
            self.page.beside(&entry.short, &visible(&entry.full), longest);
        }
        self.page.out.push('\n');
    }

    /// In a sentence or two; empty where there is nothing to say.
    fn in_short(&self) -> String {
        let sentences = words::in_short(self.beside, &self.beside.names);
        if sentences.is_empty() {
            return String::new();
        }
        let text = visible(&sentences.join(" ")).into_owned();
        format!("{}\n{}\n", paint(HEADING, "In short"), indented(&text, 2, self.page.columns))
    }

    /// Where they part; empty where they take the very same steps.
    fn parts(&self) -> String {
        let Some(first) = self.beside.differences.first() else { return String::new() };
        let parting = self.beside.parting();
        let mut out = String::new();
        if first.kind == Kind::Name {
            out += &self.difference("First difference, in a name only", first);
        }
        if let Some(parting) = &parting {
            let title = if parting == first { "First difference" } else { "Where they part" };
            out += &self.difference(title, parting);
        }
        if parting.is_none() {
            out += &indented("Every step that both take is answered the same.", 0, self.page.columns);
        }
        if let Some(decisive) = self
            .beside
            .decisive()
            .filter(|decisive| Some(decisive.steps) != parting.map(|parting| parting.steps))
        {
            out += &self.difference("What decides it", &decisive);
        }
        out + "\n"
    }

    fn difference(&self, title: &str, difference: &Difference) -> String {
        let place = visible(&self.beside.place(difference)).into_owned();
        let mut out = indented(&format!("{title}: {place}"), 0, self.page.columns);
        if let Some(rest) = out.strip_prefix(title) {
            out = format!("{}{rest}", paint(HEADING, title));
        }
        let numbers =
            difference.steps.map(|step| step.map_or_else(String::new, |step| format!("step {step}")));
        let longest = numbers.iter().map(|number| width(number)).max().unwrap_or(0);
        for (side, head) in self.heads().into_iter().enumerate() {
            let text = difference.steps[side].map_or_else(
                || "takes no such step".to_owned(),
                |step| visible(&self.beside.deed(side, step, &self.beside.names)).into_owned(),
            );
            let head = format!("  {head}  {}  ", pad(&numbers[side], longest));
            out += &hanging(&head, &text, width(&head), self.page.columns);
        }
        out
    }

    /// What came of it.
    fn came(&self) -> String {
        let fates = fates::fates(self.beside, &self.beside.names);
        if fates.is_empty() {
            return String::new();
        }
        let mut out = format!("{}\n", paint(HEADING, "What came of it"));
        for fate in fates.iter().take(FATES_MAX) {
            out += &indented(&visible(&fate.of), 2, self.page.columns);
            for (head, text) in self.heads().into_iter().zip(&fate.sides) {
                let head = format!("    {head}  ");
                out += &hanging(&head, &visible(text), width(&head), self.page.columns);
            }
        }
        if fates.len() > FATES_MAX {
            let more = count(fates.len() - FATES_MAX, "other difference");
            out += &format!("  and {more}: --format json has all\n");
        }
        out + "\n"
    }

    fn end(&mut self, scenario: &Scenario, elsewhere: Option<&Elsewhere>, look: Look) {
        let [one, other] = self.ids();
        let same = self.beside.differences.is_empty();
        let verdict = self.beside.sides[1].outcome.verdict;
        let first = self.beside.sides[0].outcome.verdict;
        let very_same = format!("{one} and {other} take the very same steps in this order. ");
        let found = match verdict {
            Verdict::Holds => format!("With {other} this order holds."),
            Verdict::Broken(property) => {
                let signature =
                    |side: usize| self.beside.sides[side].finding.map(|finding| &finding.signature);
                let again = match (first, signature(0) == signature(1)) {
                    (Verdict::Broken(_), true) => ", too, for the same reason",
                    (Verdict::Broken(_), false) => ", too",
                    _ => "",
                };
                format!("With {other} this order breaks {}{again}.", property.id())
            }
            Verdict::Inconclusive => format!("With {other} this order has no end."),
        };
        let found = format!(
            "{}{found}{}",
            if same { &very_same } else { "" },
            elsewhere.map_or_else(String::new, in_other_orders)
        );
        self.page.paragraph("verdict", &found);
        if let Some(Elsewhere::Breaks { command, .. }) = elsewhere {
            self.page.out += &format!("{}{command}\n", pad("", 11));
        }
        let waits = match self.beside.waits.len() {
            0 => String::new(),
            waits => format!(
                " {} a thread had to wait for another one, and went on as soon as it could.",
                times(waits)
            ),
        };
        let order = "taken over call by call; who stops within a call stops behind the same step there.";
        self.page.paragraph("order", &format!("{order}{waits}"));
        let run = self.beside.sides[1].run;
        let alone = command::show(&scenario.name, self.beside.sides[1].outcome.build, Some(&run.schedule));
        let own = look.own_schedule.then_some(self.beside.sides[0].run.schedule.as_str());
        let again = command::show_of(scenario, self.beside.sides[0].outcome.build, own);
        // Commands are not broken into lines: they are there to be pasted.
        self.page.out += &format!("{}{again} --against {other}\n", paint(HEADING, &pad("again", 11)));
        self.page.out += &format!("{}{alone}\n", paint(HEADING, &pad("alone", 11)));
    }
}

fn times(number: usize) -> String {
    match number {
        1 => "Once".to_owned(),
        2 => "Twice".to_owned(),
        number => format!("{number} times"),
    }
}

fn in_other_orders(elsewhere: &Elsewhere) -> String {
    match elsewhere {
        Elsewhere::Holds { states, reduced } => {
            let state = if *reduced { "reduced state" } else { "state" };
            format!(" So does every other order ({}).", count(*states, state))
        }
        Elsewhere::Breaks { property, .. } => {
            format!(" It holds on this order only: another one breaks {}:", property.id())
        }
        Elsewhere::Unsettled { states } => {
            format!(" Whether every other order does is not known after {}.", count(*states, "state"))
        }
    }
}

/// Whether a short name stands in a text as a word.
fn is_used(short: &str, text: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(short)
        .any(|(at, _)| edge(text[..at].chars().next_back()) && edge(text[at + short.len()..].chars().next()))
}
