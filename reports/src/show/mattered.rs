//! What mattered in the run that is told, below its explanation.

use mapisim_model::mattered::Mattered;
use mapisim_model::scenario::visible::visible;
use mapisim_model::trace::Run;

use super::why::heading;
use crate::mattered::{TITLE, lines};
use crate::names::Names;
use crate::text::indented;

/// It as lines of text; empty where nothing is known of it.
pub(super) fn render(run: &Run, mattered: Option<&Mattered>, names: &Names, columns: usize) -> String {
    let lines = mattered.map_or_else(Vec::new, |mattered| lines(run, mattered, names));
    if lines.is_empty() {
        return String::new();
    }
    let line = |line: &crate::mattered::Line| {
        let step = line.step.map_or_else(String::new, |step| format!("step {step}: "));
        indented(&format!("{step}{}", visible(&line.text)), 2, columns)
    };
    format!("{}{}\n", heading(TITLE), lines.iter().map(line).collect::<String>())
}
