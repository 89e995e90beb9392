//! The files of a report: each a name and a pure function of the run model.

use crate::run_model::{RunModel, written};
use crate::{html, junit, markdown, sarif};

/// A file of a report.
#[derive(Clone, Copy)]
pub struct Output {
    /// Its name in the report's folder.
    pub name: &'static str,
    /// What is in it.
    pub render: fn(&RunModel) -> String,
}

/// The files of a report, in the order in which they are written.
pub const OUTPUTS: &[Output] = &[
    Output { name: "run.json", render: written::to_json },
    Output { name: "index.html", render: html::render },
    Output { name: "report.md", render: markdown::render },
    Output { name: "junit.xml", render: junit::render },
    Output { name: "run.sarif", render: sarif::render },
];
