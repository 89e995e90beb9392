//! A run as JUnit XML: a suite for each scenario file, a case for each algorithm.
//!
//! - As expected: passed, whether it holds or is meant to break. What is said of nothing passes where it holds, and fails
//!   where it breaks: so does `run`'s exit status.
//! - Not as expected: `<failure>`, its type the property that breaks, its message what happened; `escaped` where a break
//!   that must happen did not, `probe-missed` where it did not come past what it has to.
//! - Without a verdict (a bound, a schedule that cannot happen, our own bug, a file that cannot be read): `<error>`.
//!
//! There are no times and no host names in it: the same run gives the same bytes.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::run_model::{Cell, RunModel, Scenario, Verdict};
use crate::said::{self, plain};

/// The report, with a line end at the end.
pub fn render(model: &RunModel) -> String {
    let mut report = Report::new("mapisim");
    for (scenario, cells) in said::by_scenario(model) {
        report.add_test_suite(suite(model, scenario, &cells));
    }
    let missing = [
        (model.unread, "files that could not be read", "unread"),
        (model.unfinished, "outcomes that were not reached", "interrupted"),
    ];
    for (number, what, kind) in missing.into_iter().filter(|(number, ..)| *number > 0) {
        let mut suite = TestSuite::new("mapisim");
        let message = format!("{number} {what}: standard error says more");
        suite.add_test_case(unsuccessful(what, NonSuccessKind::Error, kind, &message));
        report.add_test_suite(suite);
    }
    let mut text = report.to_string().expect("a report is written into memory");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn suite(model: &RunModel, scenario: &Scenario, cells: &[&Cell]) -> TestSuite {
    let mut suite = TestSuite::new(plain(&scenario.path));
    let properties = [("title", plain(&scenario.title)), ("seed", model.seed.clone())];
    suite.add_properties(properties.map(property));
    for cell in cells {
        suite.add_test_case(case(cell));
    }
    suite
}

fn property((name, value): (&str, String)) -> Property {
    Property::new(name, value)
}

fn case(cell: &Cell) -> TestCase {
    let mut case = match (said::wrong(cell), cell.verdict) {
        (None, _) => TestCase::new(cell.algorithm.clone(), TestCaseStatus::success()),
        (Some(why), Verdict::Holds | Verdict::Broken) => {
            let message = format!("{}: {why}. {}", said::outcome(cell), said::sentence(cell));
            unsuccessful(&cell.algorithm, NonSuccessKind::Failure, kind(cell), &message)
        }
        (Some(why), verdict) => unsuccessful(&cell.algorithm, NonSuccessKind::Error, verdict.word(), &why),
    };
    case.set_classname(plain(&cell.scenario));
    let optional = [
        ("schedule", cell.schedule.as_deref()),
        ("signature", cell.signature.as_deref()),
        ("digest", Some(cell.digest.as_str()).filter(|digest| !digest.is_empty())),
        ("expected", cell.expected.as_deref()),
    ];
    case.add_property(property(("outcome", said::outcome(cell))));
    for (name, value) in optional {
        case.properties.extend(value.map(|value| property((name, plain(value)))));
    }
    case.add_property(property(("command", plain(&cell.command))));
    if let Some(line) = cell.fatal_line {
        case.add_property(property(("line", line.to_string())));
    }
    case.set_system_out(told(cell));
    case
}

fn unsuccessful(name: &str, kind: NonSuccessKind, word: &str, message: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(plain(word)).set_message(plain(message));
    TestCase::new(name, status)
}

/// What kind of failure it is.
pub(crate) fn kind(cell: &Cell) -> &str {
    match (&cell.property, cell.expected.as_deref()) {
        (Some(property), expected) if expected != Some(property) => property,
        (None, Some(expected)) if expected != "holds" => "escaped",
        _ => "probe-missed",
    }
}

/// What a reader wants beside the case: where it is not as expected all of it, else a sentence.
fn told(cell: &Cell) -> String {
    let mut text = format!("{}\n", said::sentence(cell));
    for remark in &cell.remarks {
        text += &format!("{}\n", plain(remark));
    }
    if cell.as_expected {
        return text;
    }
    if let Some(explanation) = &cell.explanation {
        text = format!("{}\n", plain(&explanation.summary));
        for point in &explanation.points {
            let step = point.step.map_or_else(String::new, |step| format!("step {step}: "));
            text += &format!("- {step}{}\n", plain(&point.text));
        }
    }
    if let Some(trace) = &cell.trace {
        text += &format!("\n{}", said::timeline(trace));
    }
    text + &format!("\n{}\n", plain(&cell.command))
}
