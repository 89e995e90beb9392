//! The way in: text or bytes to a checked scenario, and errors of shape in words.

use super::call::NAMES;
use super::check;
use super::checked::Scenario;
use super::de::{self, Misfit, Shape};
use super::file::ScenarioFile;
use super::locate::{Kind, Node, Number};
use super::names::{Unknown, report_unknown};
use super::problem::{Problem, Problems};
use super::unmodelled;
use super::visible::quoted;
use super::{FORMAT, syntax};

/// Reads and checks a scenario file. `name` is what messages call it; nothing is opened.
///
/// # Errors
/// What is wrong with it: one problem where it is not JSON, else all that were found, but never more than
/// [`PROBLEMS_MAX`](super::problem::PROBLEMS_MAX).
pub fn read(name: &str, text: &str) -> Result<Scenario, Problems> {
    let tree = syntax::tree(name, text)?;
    let file = shape(name, text, &tree)?;
    check::check(name, text, &tree, file)
}

/// Reads and checks a scenario file that may not even be text.
///
/// # Errors
/// As [`read`], and where the bytes are more than [`BYTES_MAX`](super::BYTES_MAX) or not UTF-8.
pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Scenario, Problems> {
    read(name, syntax::text(name, bytes)?)
}

fn shape(name: &str, text: &str, tree: &Node) -> Result<ScenarioFile, Problems> {
    let mut problems = Problems::new(name, text);
    if let Some(format) = tree.member("format")
        && let Kind::Number(Number::Natural(found)) = format.value.kind
        && found != FORMAT
    {
        // Nothing else of another format can be judged.
        let message = format!("this is format {found}; this version of mapisim reads format {FORMAT}");
        problems.push(
            Problem::new("format", format.value.span.clone(), message).label(format!("expected {FORMAT}")),
        );
        return Err(problems);
    }
    de::read(tree).map_err(|misfits| {
        for misfit in misfits {
            report(&mut problems, misfit);
        }
        problems
    })
}

fn report(problems: &mut Problems, misfit: Misfit) {
    let span = misfit.span;
    let unknown = |code, noun, expected, name| Unknown {
        code,
        span: span.clone(),
        noun,
        expected,
        name,
        replaceable: true,
    };
    match misfit.shape {
        Shape::UnknownField { name, known } => {
            report_unknown(
                problems,
                &unknown("unknown-field", "field", "a field", &name),
                known.iter().copied(),
            );
        }
        Shape::UnknownName { name, known } if known == NAMES => {
            if let Some(known) = unmodelled::find(&name) {
                problems.push(known.problem(span));
                return;
            }
            report_unknown(
                problems,
                &unknown("unknown-call", "call", "a call", &name),
                known.iter().copied(),
            );
        }
        Shape::UnknownName { name, known } => {
            report_unknown(
                problems,
                &unknown("unknown-value", "value", "a value", &name),
                known.iter().copied(),
            );
        }
        Shape::Missing(field) => problems.push(
            Problem::new("missing-field", span.clone(), format!("the field {} is missing", quoted(field)))
                .label("expected it in here"),
        ),
        Shape::Wrong { found, expected } => problems.push(
            Problem::new("wrong-type", span.clone(), format!("{found} cannot stand here"))
                .label(format!("expected {expected}")),
        ),
        Shape::Other(message) => {
            problems.push(Problem::new("bad-shape", span.clone(), message).label("this does not fit"));
        }
    }
}
