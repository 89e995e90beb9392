//! The steps of one outcome as lists, for who has no scripts: whole for the first run of a scenario; of the others what they
//! do not begin with just like another, without uneventful steps.
//!
//! Always holds
//! - A step that something on the page links to is listed.

use super::island::window;
use super::words::{between_tags, plain};
use crate::run_model::Cell;
use crate::run_model::trace::{StepKind, Trace};

/// A cell that went the same way up to a step.
pub(super) struct Began {
    pub(super) id: String,
    pub(super) algorithm: String,
    pub(super) last: usize,
}

/// A cell that was told before, with its steps as they were told, segment by segment.
pub(super) struct Met {
    pub(super) trace: i64,
    pub(super) id: String,
    pub(super) algorithm: String,
    pub(super) segments: Vec<String>,
}

/// Steps at least that two runs begin with before the second refers to the first.
const BEGAN_MIN: usize = 8;

/// Neighbouring steps of one call.
pub(super) struct Segment {
    pub(super) head: String,
    pub(super) start: usize,
    pub(super) steps: Vec<StepLine>,
}

impl Segment {
    /// All that is told in it.
    fn told(&self) -> String {
        let lines = self
            .steps
            .iter()
            .map(|step| [&step.about, step.text.as_str(), &step.notes, step.mark].join("\0"));
        let head = format!("{} {}", self.start, self.head);
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    }

    fn last(&self) -> usize {
        self.steps.last().map_or(self.start, |step| step.number)
    }
}

/// A step in words; `text` and `notes` are escaped.
pub(super) struct StepLine {
    pub(super) number: usize,
    pub(super) text: String,
    pub(super) notes: String,
    pub(super) mark: &'static str,
    /// The full name of the object that it is about.
    about: String,
    /// Whether something links to it.
    pub(super) id: bool,
    /// Whether the step before it is not listed here.
    pub(super) jumps: bool,
    /// Whether a reader should notice it.
    pub(super) eventful: bool,
}

/// The steps of a trace by call.
pub(super) fn segments(trace: &Trace, cell: &Cell) -> Vec<Segment> {
    let explanation = cell.explanation.as_ref();
    let (cause, symptom) =
        explanation.map_or((0, 0), |explanation| (explanation.cause, explanation.symptom.unwrap_or(0)));
    let mut linked = vec![cause, symptom];
    if let Some(explanation) = explanation {
        linked.extend(explanation.points.iter().filter_map(|point| point.step));
        linked.extend(explanation.contrast.iter().map(|contrast| contrast.step));
        linked.extend(explanation.views.iter().flat_map(|views| [views.looked.step, views.counted.step]));
    }
    let (start, end) = window(trace, cause);
    let mut segments: Vec<Segment> = Vec::new();
    for steps in
        trace.steps[start..end].chunk_by(|one, other| (one.lane, one.call) == (other.lane, other.call))
    {
        let first = &steps[0];
        let who = if first.kinds.contains(&StepKind::MachineCrash) {
            "the machine".to_owned()
        } else {
            plain(&trace.lanes[first.lane].thread)
        };
        let head = match first.call.map(|index| &trace.calls[index]) {
            None => who,
            Some(made) => {
                let again = if made.first == first.number { "" } else { " goes on" };
                let returned = made.returned.as_ref().map_or_else(String::new, |code| format!(" → {code}"));
                format!("{who}: {}{again}{returned}", plain(&made.text))
            }
        };
        let lines = steps.iter().map(|step| {
            let answer = step.answer.as_deref().filter(|answer| !PLAIN_SUCCESS.contains(answer));
            let answer = answer.map_or_else(String::new, |answer| format!(" → {answer}"));
            let notes: Vec<String> = step.notes.iter().map(|note| between_tags(&plain(&note.text))).collect();
            StepLine {
                number: step.number,
                text: between_tags(&plain(&format!("{}{answer}", step.action))),
                notes: notes.join("; "),
                mark: match step.number {
                    number if number == cause => "✗ the cause",
                    number if number == symptom => "! the symptom",
                    _ => "",
                },
                id: linked.contains(&step.number),
                about: step.object.map_or_else(String::new, |name| trace.names[name].clone()),
                jumps: false,
                eventful: !step.notes.is_empty() || !step.kinds.is_empty(),
            }
        });
        segments.push(Segment { head, start: first.number, steps: lines.collect() });
    }
    segments
}

/// Leaves out of segments all but some steps.
pub(super) fn leave_out(segments: &mut Vec<Segment>, keep: impl Fn(&StepLine) -> bool) {
    for segment in segments.iter_mut() {
        segment.steps.retain(&keep);
        segment.start = segment.steps.first().map_or(segment.start, |step| step.number);
        let mut next = segment.start;
        for step in &mut segment.steps {
            step.jumps = step.number != next;
            next = step.number + 1;
        }
    }
    segments.retain(|segment| !segment.steps.is_empty());
}

/// Takes out of a run what it begins with just as one that was told before, but for the steps that something links to.
pub(super) fn begins_like(
    segments: &mut Vec<Segment>,
    cell: &Cell,
    trace: i64,
    met: &mut Vec<Met>,
) -> Option<Began> {
    let told: Vec<String> = segments.iter().map(Segment::told).collect();
    let common =
        |known: &Met| told.iter().zip(&known.segments).take_while(|(one, other)| one == other).count();
    let mut longest: Option<(usize, &Met)> = None;
    for known in met.iter() {
        let length = common(known);
        if longest.is_none_or(|(most, _)| most < length) {
            longest = Some((length, known));
        }
    }
    let began = longest.filter(|(length, _)| *length > 0).and_then(|(length, known)| {
        let last = segments[length - 1].last();
        (last + 1 >= segments[0].start + BEGAN_MIN).then(|| {
            let later = segments.split_off(length);
            leave_out(segments, |step| step.id);
            segments.extend(later);
            Began { id: known.id.clone(), algorithm: known.algorithm.clone(), last }
        })
    });
    met.push(Met { trace, id: cell.id.clone(), algorithm: cell.algorithm.clone(), segments: told });
    began
}

/// Answers that say no more than that it was done.
const PLAIN_SUCCESS: [&str; 2] = ["ERROR_SUCCESS (0)", "done"];
