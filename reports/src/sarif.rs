//! A run as SARIF 2.1.0, for code scanning: a result for each outcome that is not as expected, at the line of the scenario
//! file where the fatal call stands.
//!
//! - Rules are the properties, and what can go wrong otherwise; each has its meaning as help.
//! - What is broken as the scenario expects is no result: it would be an alert that nobody may close.
//! - A result's `partialFingerprints` is its signature, which stays when names, steps and order change.
//! - There are no times, hosts or absolute paths in it that the scenario's own path does not have.

use mapisim_model::property::Property;
use serde_json::{Value, json};

use crate::junit;
use crate::run_model::{Cell, RunModel, Verdict};
use crate::said::{self, At, plain};

/// What can go wrong that is no broken property.
const OTHER_RULES: [(&str, &str); 5] = [
    ("escaped", "a break that the scenario says must happen did not happen"),
    ("probe-missed", "the run or search never came past what the scenario says it has to"),
    ("inconclusive", "a bound was reached before an answer"),
    ("diverged", "the schedule asks for what cannot happen"),
    ("panicked", "a bug of mapisim's own"),
];

/// The report, with a line end at the end.
pub fn render(model: &RunModel) -> String {
    let results: Vec<Value> = said::unexpected(model).map(result).collect();
    let rules: Vec<Value> = rules().map(|(id, help)| rule(id, help)).collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mapisim",
                "semanticVersion": model.version,
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": model.unread == 0 && model.unfinished == 0 }],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&report).expect("a report is plain data with string keys");
    text.push('\n');
    text
}

/// Every rule with its meaning, in the order of their indices.
fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    let properties =
        Property::ALL.into_iter().map(|property| (property.id(), said::meaning_of(property.id())));
    properties.chain(OTHER_RULES)
}

fn rule(id: &str, help: &str) -> Value {
    let mut sentence = help.to_owned();
    sentence[..1].make_ascii_uppercase();
    json!({
        "id": id,
        "shortDescription": { "text": format!("{sentence}.") },
        "help": { "text": format!("{sentence}. `mapisim show` on the scenario tells it step by step.") },
        "defaultConfiguration": { "level": "error" },
    })
}

fn result(cell: &Cell) -> Value {
    let id = match cell.verdict {
        Verdict::Holds | Verdict::Broken => junit::kind(cell),
        other => other.word(),
    };
    let index = rules().position(|(rule, _)| rule == id);
    let why = said::wrong(cell).unwrap_or_default();
    let message = format!("{} {}: {why}. {}", cell.algorithm, said::outcome(cell), said::sentence(cell));
    let fingerprint = cell
        .signature
        .clone()
        .unwrap_or_else(|| format!("{id}/{}/{}", plain(&cell.scenario), cell.algorithm));
    let mut result = json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": "error",
        "message": { "text": message },
        "locations": [location(cell, cell.fatal_line.or(cell.expect_line).unwrap_or(1), None)],
        "partialFingerprints": { "mapisimSignature/v1": fingerprint },
        "properties": {
            "algorithm": cell.algorithm,
            "schedule": cell.schedule.as_deref().map(plain),
            "digest": cell.digest,
            "command": plain(&cell.command),
        },
    });
    if let Some(line) = cell.expect_line {
        let related = location(cell, line, Some("what the scenario expects"));
        result["relatedLocations"] = json!([related]);
    }
    let flow = flow(cell);
    if !flow.is_empty() {
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": flow }] }]);
    }
    result
}

fn location(cell: &Cell, line: usize, message: Option<&str>) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&cell.scenario),
            "region": { "startLine": line },
        },
    });
    if let Some(message) = message {
        location["message"] = json!({ "text": message });
    }
    location
}

/// The steps that matter, in order, each at the line of its call.
fn flow(cell: &Cell) -> Vec<Value> {
    let Some(explanation) = &cell.explanation else { return Vec::new() };
    let points = explanation.points.iter().filter_map(|point| Some((point.step?, plain(&point.text))));
    let mut steps: Vec<(usize, String)> = points.collect();
    let ends = [(Some(explanation.cause), "this broke it"), (explanation.symptom, "the victim notices")];
    for (step, what) in ends {
        let at = step.and_then(|step| said::at(cell, step));
        steps.extend(at.map(|At { step, action, .. }| (step, format!("{what}: {action}"))));
    }
    steps.sort();
    let placed = steps.into_iter().filter_map(|(step, text)| Some((said::at(cell, step)?, text)));
    let lines = placed.filter_map(|(at, text)| {
        let message = format!("{}: {text}", at.words());
        Some(json!({ "location": location(cell, at.line?, Some(&message)) }))
    });
    lines.collect()
}

/// A path as SARIF has it: relative to the root of the sources, unless it is absolute.
fn artifact(path: &str) -> Value {
    if path.starts_with('/') {
        json!({ "uri": format!("file://{}", encoded(path)) })
    } else {
        json!({ "uri": encoded(path), "uriBaseId": "%SRCROOT%" })
    }
}

/// A path in a URI (RFC 3986): all but letters, digits and a few marks by their bytes.
fn encoded(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    path.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri_whatever_is_in_it() {
        assert_eq!(encoded("scenarios/a b#1/ü%.json"), "scenarios/a%20b%231/%C3%BC%25.json");
        assert_eq!(artifact("/x/y.json"), json!({ "uri": "file:///x/y.json" }));
    }

    #[test]
    fn every_property_is_a_rule_and_no_rule_is_there_twice() {
        let mut ids: Vec<&str> = rules().map(|(id, _)| id).collect();
        assert!(Property::ALL.iter().all(|property| ids.contains(&property.id())));
        let number = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), number);
    }
}
