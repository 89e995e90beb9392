//! Two runs side by side, call by call: what is the same is folded, what differs stands in one row.
//!
//! Invariants
//! - On each side rows are in the order of that side's steps.
//! - What is told of one side and has the same words on the other is not told twice.

use std::collections::BTreeSet;

use mapisim_model::carry::pair::common;
use mapisim_model::finding::name_of_code;
use mapisim_model::os::syscall::Syscall;
use mapisim_model::scenario::visible::visible;
use mapisim_model::trace::{Run, Step, Who};

use super::Beside;
use crate::narrate::remark::Kind;
use crate::narrate::{answer, brief, inside};
use crate::show::items::{Choice, Item};
use crate::show::lanes::Mark;
use crate::text::{
    BAD, DIM, HEADING, PLAIN, WARN, hanging, indented, pad, pad_left, paint, paint_padded, width, wrap,
};

/// Two columns are not narrower than this together; below it the sides are told one below the other.
const COLUMNS_MIN: usize = 76;

/// One thing that is told of a side.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// The thread; none for a crash of the machine.
    thread: Option<usize>,
    /// The call's place in the script, and the call in words; none for a fault.
    call: Option<(usize, String)>,
    numbers: (usize, usize),
    mark: Option<Mark>,
    text: String,
    /// The internal actions it is in.
    frames: Vec<&'static str>,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Steps.
    Steps,
    /// That the call returned: told only where it differs.
    Returns,
    /// That the thread has to wait; after the step of that number.
    Waits,
}

/// A row: an entry of each side, or of one of them.
type Row<'e> = [Option<&'e Entry>; 2];

/// The runs side by side, in columns of a width.
pub fn render(beside: &Beside<'_>, columns: usize) -> String {
    let otherwise = |side: usize| {
        let differences = beside.differences.iter();
        let otherwise = differences.filter(|difference| difference.kind == super::Kind::Answer);
        let is_lock = |step: &usize| {
            let lock = &beside.sides[side].run.step(*step).syscall;
            matches!(lock, Some(Syscall::CreateMutex { .. } | Syscall::WaitForSingleObject { .. }))
        };
        otherwise.filter_map(|difference| difference.steps[side]).filter(|step| !is_lock(step)).collect()
    };
    let mut sides = [0, 1].map(|side| entries(beside, side, &otherwise(side)));
    add_waits(beside, &mut sides[1]);
    let rows = merged(beside, &sides);
    let telling =
        [beside.parting(), beside.decisive()].into_iter().flatten().map(|difference| difference.steps);
    let telling = telling.collect();
    let mut page = Page { beside, columns, telling, out: String::new(), same: Vec::new(), met: Vec::new() };
    page.heads();
    let end = end_of_story(&rows);
    for group in rows[..end].chunk_by(|one, other| place(one) == place(other)) {
        page.group(group);
    }
    page.end_same();
    page.left(&rows[..end]);
    page.out
}

/// The thread and the call of a row.
fn place(row: &Row<'_>) -> (Option<usize>, Option<usize>) {
    let entry = either(row);
    (entry.thread, entry.call.as_ref().map(|(index, _)| *index))
}

fn either<'e>(row: &Row<'e>) -> &'e Entry {
    row[0].or(row[1]).expect("a row has an entry of one side at least")
}

fn is_same(row: &Row<'_>) -> bool {
    row[0].zip(row[1]).is_some_and(|(one, other)| one.text == other.text && one.mark.or(other.mark).is_none())
}

/// What is told of a side: what `show` would tell of it, and whatever is answered otherwise on the other side.
fn entries(beside: &Beside<'_>, side: usize, otherwise: &BTreeSet<usize>) -> Vec<Entry> {
    let (run, finding) = (beside.sides[side].run, beside.sides[side].finding);
    let choice = Choice { run, finding, names: &beside.names, all_steps: false };
    let together = |one: &Step, other: &Step| {
        let call = |step: &Step| step.call.as_ref().map(|call| call.index);
        one.who == other.who && call(one).is_some() && call(one) == call(other)
    };
    let mut entries = Vec::new();
    for steps in run.steps.chunk_by(together) {
        let thread = lane(run, &steps[0]);
        let call = steps[0].call.as_ref().map(|call| (call.index, call.text.clone()));
        let entry = |numbers, text| Entry {
            thread,
            call: call.clone(),
            numbers,
            mark: None,
            text,
            frames: Vec::new(),
            what: What::Steps,
        };
        let mut of_call = Vec::new();
        for item in choice.items(steps) {
            let told = entry((item.first(), item.last()), words(&choice, &item));
            of_call.push(Entry { mark: item.mark, frames: item.frames, ..told });
        }
        for step in steps.iter().filter(|step| otherwise.contains(&step.number)) {
            let told = |entry: &Entry| (entry.numbers.0..=entry.numbers.1).contains(&step.number);
            if !of_call.iter().any(told) {
                let answered = answer(step).map_or_else(String::new, |answer| format!(" → {answer}"));
                let deed = format!("{}{answered}", brief(run, step, &beside.names));
                let told = entry((step.number, step.number), deed);
                of_call.push(Entry { frames: inside(step), ..told });
            }
        }
        of_call.sort_by_key(|entry| entry.numbers);
        entries.append(&mut of_call);
        let last = &steps[steps.len() - 1];
        if let Some(code) = last.call.as_ref().and_then(|call| call.returned) {
            let told = entry((last.number, last.number), format!("returns {}", name_of_code(code)));
            entries.push(Entry { what: What::Returns, ..told });
        }
    }
    entries
}

/// Where the order could not be kept.
fn add_waits(beside: &Beside<'_>, entries: &mut Vec<Entry>) {
    let run = beside.sides[1].run;
    for wait in beside.waits {
        let goes_on = run.steps[wait.after..].iter().find(|step| step.who == Who::Thread(wait.thread));
        let Some(call) = goes_on.and_then(|step| step.call.as_ref()) else { continue };
        let owner = wait.owner.map(|owner| format!(", which {} has", run.threads[owner].name));
        let object = beside.names.object(&wait.object);
        let entry = Entry {
            thread: Some(wait.thread),
            call: Some((call.index, call.text.clone())),
            numbers: (wait.after, wait.after),
            mark: None,
            text: format!("has to wait for {object}{}", owner.unwrap_or_default()),
            frames: Vec::new(),
            what: What::Waits,
        };
        let at = entries.partition_point(|other| other.numbers.0 <= wait.after);
        entries.insert(at, entry);
    }
}

fn lane(run: &Run, step: &Step) -> Option<usize> {
    match step.who {
        Who::Thread(thread) | Who::Ended(thread) => Some(thread),
        Who::Killed(process) => run.threads.iter().position(|thread| thread.process == process),
        Who::Machine(_) => None,
    }
}

/// What an item changed or found out; what it does, where it is told for being part of the explanation alone.
fn words(choice: &Choice<'_>, item: &Item<'_>) -> String {
    let step = item.told[0];
    // What a session lost is told once, beside the cause.
    let told: Vec<String> = if item.told.len() > 1 {
        choice.together(item).into_iter().filter(|note| note.style != BAD).map(|note| note.text).collect()
    } else {
        let kept = |kind| kind != Kind::Lock && (kind != Kind::Harm || item.mark.is_some());
        item.remarks.iter().filter(|remark| kept(remark.kind)).map(|remark| remark.text.clone()).collect()
    };
    let deed = brief(choice.run, step, choice.names);
    match (told.is_empty(), step.call.is_none()) {
        (true, _) => deed,
        (false, true) => format!("{deed}: {}", told.join("; ")),
        (false, false) => told.join("; "),
    }
}

/// How many rows there are to tell: to the end of the call in which a victim notices.
fn end_of_story(rows: &[Row<'_>]) -> usize {
    let symptom = |row: &Row<'_>| row.iter().flatten().any(|entry| entry.mark == Some(Mark::Symptom));
    let Some(last) = rows.iter().rposition(symptom) else { return rows.len() };
    last + rows[last..].iter().take_while(|row| place(row) == place(&rows[last])).count()
}

/// Whether an entry of the first side stands beside one of the second.
type IsPartner<'a> = &'a dyn Fn(&Entry, &Entry) -> bool;

/// For each entry of the second side the one of the first that it stands beside: one with a counterpart of a step of it;
/// else one of the same call that says the same; else one of the same internal action of that call.
fn partners(beside: &Beside<'_>, sides: &[Vec<Entry>; 2]) -> Vec<Option<usize>> {
    let is_counterpart = |one: &Entry, other: &Entry| {
        let within = |step| (one.numbers.0..=one.numbers.1).contains(&step);
        match (one.what, other.what) {
            (What::Returns, What::Returns) => true,
            (What::Steps, What::Steps) => {
                let mut steps = other.numbers.0..=other.numbers.1;
                steps.any(|step| beside.counterpart(1, step).is_some_and(within))
            }
            _ => false,
        }
    };
    let same_words = |one: &Entry, other: &Entry| one.text == other.text;
    let same_action = |one: &Entry, other: &Entry| !one.frames.is_empty() && one.frames == other.frames;
    let ways: [IsPartner<'_>; 3] = [&is_counterpart, &same_words, &same_action];
    let mut partners = vec![None; sides[1].len()];
    let mut taken = vec![false; sides[0].len()];
    for is_partner in ways {
        for (other, partner) in sides[1].iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            let same_call = |one: &Entry| (one.thread, &one.call) == (other.thread, &other.call);
            let mut free = sides[0].iter().enumerate().filter(|(at, _)| !taken[*at]);
            let found = free.find(|(_, one)| same_call(one) && is_partner(one, other)).map(|(at, _)| at);
            if let Some(at) = found {
                taken[at] = true;
                *partner = Some(at);
            }
        }
    }
    partners
}

/// The entries of both sides in rows: partners in one, as far as both orders allow.
fn merged<'e>(beside: &Beside<'_>, sides: &'e [Vec<Entry>; 2]) -> Vec<Row<'e>> {
    let here: Vec<usize> = (0..sides[0].len()).collect();
    let partners = partners(beside, sides).into_iter().enumerate();
    let there: Vec<usize> =
        partners.map(|(index, partner)| partner.unwrap_or(sides[0].len() + index)).collect();
    let mut rows = Vec::new();
    let (mut one, mut other) = (0, 0);
    let ends = (sides[0].len(), sides[1].len());
    for (here, there) in common(&here, &there).into_iter().chain([ends]) {
        rows.extend(sides[0][one..here].iter().map(|entry| [Some(entry), None]));
        rows.extend(sides[1][other..there].iter().map(|entry| [None, Some(entry)]));
        if let (Some(left), Some(right)) = (sides[0].get(here), sides[1].get(there)) {
            rows.push([Some(left), Some(right)]);
        }
        (one, other) = (here + 1, there + 1);
    }
    rows
}

struct Page<'a, 'b> {
    beside: &'a Beside<'b>,
    columns: usize,
    /// The steps in which the two part, and what decides it.
    telling: Vec<[Option<usize>; 2]>,
    out: String,
    /// Threads and their calls in which nothing differs, not written yet.
    same: Vec<(String, Vec<String>)>,
    /// Calls that were begun on the page.
    met: Vec<(Option<usize>, usize)>,
}

impl Page<'_, '_> {
    fn is_wide(&self) -> bool {
        self.columns >= COLUMNS_MIN
    }

    /// The width of a side, its number and sign included.
    fn side(&self) -> usize {
        (self.columns - 3) / 2
    }

    fn heads(&mut self) {
        if self.is_wide() {
            let [one, other] =
                [0, 1].map(|side| format!("with {}", self.beside.sides[side].outcome.build.id()));
            let one = paint_padded(HEADING, &format!("         {one}"), self.side());
            self.out += &format!("{one}   {}\n", paint(HEADING, &format!("         {other}")));
        }
    }

    fn thread(&self, thread: Option<usize>) -> String {
        let name = thread.map(|thread| self.beside.sides[0].run.threads[thread].name.as_str());
        visible(name.unwrap_or("the machine")).into_owned()
    }

    /// Neighbouring rows of one call.
    fn group(&mut self, rows: &[Row<'_>]) {
        let entry = either(&rows[0]);
        let who = self.thread(entry.thread);
        let call = entry.call.as_ref().map(|(_, text)| match text.strip_prefix('(') {
            Some(_) => "its script ends".to_owned(),
            None => visible(text).into_owned(),
        });
        let differing: Vec<&Row<'_>> = rows.iter().filter(|row| !is_same(row)).collect();
        if differing.is_empty() {
            let call = call.unwrap_or_else(|| visible(&entry.text).into_owned());
            let again =
                entry.call.as_ref().is_some_and(|(index, _)| self.met.contains(&(entry.thread, *index)));
            let call = if again { format!("{call} goes on") } else { call };
            match self.same.last_mut() {
                Some((known, calls)) if *known == who => {
                    if calls.last() != Some(&call) {
                        calls.push(call);
                    }
                }
                _ => self.same.push((who, vec![call])),
            }
            return;
        }
        self.end_same();
        let heading = match (&entry.call, call) {
            (Some((index, _)), Some(call)) => {
                let place = (entry.thread, *index);
                let again = self.met.contains(&place);
                self.met.push(place);
                format!("{who}: {call}{}", if again { " goes on" } else { "" })
            }
            _ => who,
        };
        for line in wrap(&heading, self.columns - 2) {
            self.out += &format!("  {}\n", paint(HEADING, &line));
        }
        for row in differing {
            self.row(row);
        }
    }

    /// What comes after the end of the story.
    fn left(&mut self, told: &[Row<'_>]) {
        let left = [0, 1].map(|side| {
            let last =
                told.iter().filter_map(|row| row[side]).map(|entry| entry.numbers.1).max().unwrap_or(0);
            self.beside.sides[side].run.steps.len() - last
        });
        if left != [0, 0] {
            let with =
                |side: usize| format!("{} with {}", left[side], self.beside.sides[side].outcome.build.id());
            let text = format!("… steps until all is done: {}, {}", with(0), with(1));
            for line in indented(&text, 2, self.columns).lines() {
                self.out += &format!("{}\n", paint(DIM, line));
            }
        }
    }

    /// What is the same on both sides, in a line or two.
    fn end_same(&mut self) {
        if self.same.is_empty() {
            return;
        }
        let calls = self.same.iter().map(|(who, calls)| format!("{who} {}", calls.join(", ")));
        let text = format!("the same with both: {}", calls.collect::<Vec<_>>().join("; "));
        for line in indented(&text, 2, self.columns).lines() {
            self.out += &format!("{}\n", paint(DIM, line));
        }
        self.same.clear();
    }

    fn row(&mut self, row: &Row<'_>) {
        if !self.is_wide() {
            return self.stacked(row);
        }
        let side = self.side();
        let telling = self.is_telling(row);
        let cells = row.map(|entry| {
            entry.map_or_else(|| vec!["         –".to_owned()], |entry| cell(entry, telling, side))
        });
        for index in 0..cells[0].len().max(cells[1].len()) {
            let part = |at: usize| cells[at].get(index).map_or("", String::as_str);
            let styles = row.map(|entry| entry.map_or(DIM, style));
            let line = format!("{} │ {}", paint_padded(styles[0], part(0), side), paint(styles[1], part(1)));
            self.out += line.trim_end();
            self.out.push('\n');
        }
    }

    /// Whether this is where the two part, or what decides it.
    fn is_telling(&self, row: &Row<'_>) -> bool {
        let tells = |(entry, step): (Option<&Entry>, Option<usize>)| {
            let entry = entry.filter(|entry| entry.what == What::Steps);
            entry.zip(step).is_some_and(|(entry, step)| (entry.numbers.0..=entry.numbers.1).contains(&step))
        };
        self.telling.iter().any(|steps| row.iter().copied().zip(*steps).any(tells))
    }

    /// One side below the other, each with its build's name.
    fn stacked(&mut self, row: &Row<'_>) {
        let names = [0, 1].map(|side| self.beside.sides[side].outcome.build.id());
        let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
        for (entry, name) in row.iter().zip(names) {
            let (mark, numbers, text) = entry
                .map_or((" ", String::new(), "–".to_owned()), |entry| parts(entry, self.is_telling(row)));
            let head = format!("{mark} {} {}  ", pad(name, longest), pad_left(&numbers, 5));
            let told = hanging(&head, &text, longest + 10, self.columns);
            for line in told.lines() {
                self.out += &format!("{}\n", paint(entry.map_or(DIM, style), line));
            }
        }
    }
}

fn style(entry: &Entry) -> anstyle::Style {
    match entry.mark {
        Some(Mark::Cause) => BAD,
        Some(Mark::Symptom) => WARN,
        None => PLAIN,
    }
}

/// Sign, numbers, text.
fn parts(entry: &Entry, telling: bool) -> (&'static str, String, String) {
    let (first, last) = entry.numbers;
    let numbers = match entry.what {
        What::Waits => String::new(),
        _ if first == last => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    let sign = entry.mark.map_or(if telling { "≠" } else { " " }, Mark::sign);
    (sign, numbers, visible(&entry.text).into_owned())
}

/// An entry in lines of a side.
fn cell(entry: &Entry, telling: bool, side: usize) -> Vec<String> {
    let (mark, numbers, text) = parts(entry, telling);
    let lead = 9 + width(&numbers).saturating_sub(5);
    let lines = wrap(&text, side.saturating_sub(lead + 2));
    let line = |(index, line): (usize, &String)| match index {
        0 => format!("{mark} {}  {line}", pad_left(&numbers, 5)),
        _ => format!("{}{line}", " ".repeat(lead + 2)),
    };
    lines.iter().enumerate().map(line).collect()
}
