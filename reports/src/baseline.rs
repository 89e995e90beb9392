//! The baseline: the outcomes that were last accepted, small enough to be reviewed as a difference in version control.
//!
//! It is a record, not a contract: what has to come out is in the scenarios. A line for each scenario and each outcome, no
//! traces. Only `mapisim accept` puts a new one in its place.
//!
//! A **known issue** mutes one signature: a break that has exactly it does not count as a regression, and is told as
//! known, as long as the version of mapisim is lower than `until`. There is no clock in it: a run says the same every day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diff::side::{Seen, Story};
use crate::run_model::RunModel;

/// The version of the format.
pub const FORMAT: u32 = 1;
/// What a file of it says that it is.
pub const KIND: &str = "mapisim-baseline";
/// What stands behind the name of a baseline that waits to be accepted.
pub const WAITING: &str = ".new";

/// A baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The version of the format: 1.
    pub format: u32,
    /// What it is: `mapisim-baseline`.
    pub kind: String,
    /// The seed, 16 hexadecimal digits.
    pub seed: String,
    /// The bound on the distinct states of one search.
    pub states_max: u64,
    /// Known issues; people write these.
    pub known: Vec<Known>,
    /// The scenarios, in the order of their paths.
    pub scenarios: Vec<Story>,
    /// The outcomes, in the order of the scenarios.
    pub cells: Vec<Seen>,
}

/// A known issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The signature that it mutes, whole.
    pub signature: String,
    /// Why it is accepted for now.
    pub reason: String,
    /// The version of mapisim from which on it counts again: `0.3.0`.
    pub until: String,
}

impl Known {
    /// Whether it still mutes in that version of mapisim.
    pub fn mutes(&self, version: &str) -> bool {
        match (number(version), number(&self.until)) {
            (Some(version), Some(until)) => version < until,
            _ => false,
        }
    }
}

/// A version as numbers; none where it is none.
fn number(version: &str) -> Option<[u64; 3]> {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts?.try_into().ok()
}

/// The baseline that a run would be, with the known issues of the one before.
pub fn of_run(model: &RunModel, known: &[Known]) -> Baseline {
    let scenarios = model.scenarios.iter().map(|scenario| Story {
        path: scenario.path.clone(),
        title: scenario.title.clone(),
        digest: scenario.digest.clone(),
    });
    Baseline {
        format: FORMAT,
        kind: KIND.to_owned(),
        seed: model.seed.clone(),
        states_max: model.asked.states_max,
        known: known.to_vec(),
        scenarios: scenarios.collect(),
        cells: model.cells.iter().map(Seen::of).collect(),
    }
}

/// It as JSON, with a line end at the end: a line for each known issue, scenario and outcome.
pub fn to_json(baseline: &Baseline) -> String {
    fn text(value: &impl Serialize) -> String {
        serde_json::to_string(value).expect("a baseline is plain data with string keys")
    }
    fn list(name: &str, lines: &[impl Serialize]) -> String {
        let lines: Vec<String> = lines.iter().map(text).collect();
        let lines = if lines.is_empty() { String::new() } else { format!("\n{}\n", lines.join(",\n")) };
        format!("\"{name}\": [{lines}]")
    }
    format!(
        "{{\n\"format\": {}, \"kind\": {}, \"seed\": {}, \"states_max\": {},\n{},\n{},\n{}\n}}\n",
        baseline.format,
        text(&baseline.kind),
        text(&baseline.seed),
        baseline.states_max,
        list("known", &baseline.known),
        list("scenarios", &baseline.scenarios),
        list("cells", &baseline.cells),
    )
}

/// Reads a baseline.
///
/// # Errors
/// A sentence that says what is wrong: no JSON, another kind or format, a field that does not fit, a signature that is
/// none, or a version that is none.
pub fn from_json(json: &str) -> Result<Baseline, String> {
    let read: Baseline =
        serde_json::from_str(json).map_err(|error| format!("this baseline does not fit: {error}"))?;
    if read.kind != KIND || read.format != FORMAT {
        return Err(format!(
            "this is no baseline of format {FORMAT}: it says that it is {} {}",
            read.kind, read.format
        ));
    }
    for known in &read.known {
        let signature = known.signature.parse::<mapisim_model::finding::Signature>();
        signature.map_err(|error| format!("known issue: {error}"))?;
        if number(&known.until).is_none() {
            return Err(format!(
                "known issue: \"until\" is a version such as 0.3.0, not \"{}\"",
                known.until
            ));
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_issue_mutes_until_its_version_and_never_for_what_is_none() {
        let known =
            |until: &str| Known { signature: String::new(), reason: String::new(), until: until.to_owned() };
        assert!(known("0.10.0").mutes("0.9.9"));
        assert!(!known("0.1.0").mutes("0.1.0") && !known("0.1.0").mutes("1.0.0"));
        assert!(!known("soon").mutes("0.1.0") && !known("1.0").mutes("0.1.0"));
    }
}
