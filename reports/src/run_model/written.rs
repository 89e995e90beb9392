//! The run model as JSON: written with a line for each scenario, cell and whatever they share; read with a check of what it
//! is; its schema.

use schemars::generate::SchemaSettings;

use super::packed::{Packed, Pools, json};
use super::{FORMAT, FORMAT_BEFORE, KIND, RunModel};

/// It as JSON, with a line end at the end. Each scenario, each cell and each value that traces share is one line.
pub fn to_json(model: &RunModel) -> String {
    let mut pools = Pools::default();
    let scenarios = model.scenarios.iter().map(json).collect();
    let cells = model.cells.iter().map(|cell| {
        let trace = cell.trace.as_ref().map(|trace| pools.trace(trace));
        json(&cell.with_trace(trace))
    });
    let cells = cells.collect();
    let lists: [(&str, Vec<String>); 9] = [
        ("scenarios", scenarios),
        ("cells", cells),
        ("traces", pools.traces.lines()),
        ("names", pools.names.lines()),
        ("legend", pools.legend.lines()),
        ("calls", pools.calls.lines()),
        ("steps", pools.steps.lines()),
        ("lines", pools.lines.lines()),
        ("things", pools.things.lines()),
    ];
    let head = json(&without_lists(model));
    let (head, _) = head.split_once(",\"scenarios\":[]").expect("the lists are its last fields");
    let lists = lists.map(|(name, lines)| format!("\"{name}\":[\n{}\n]", lines.join(",\n")));
    format!("{head},\n{}}}\n", lists.join(",\n"))
}

fn without_lists(model: &RunModel) -> Packed {
    Packed {
        format: FORMAT,
        kind: model.kind.clone(),
        version: model.version.clone(),
        seed: model.seed.clone(),
        asked: model.asked.clone(),
        unread: model.unread,
        unfinished: model.unfinished,
        coverage: model.coverage.clone(),
        scenarios: Vec::new(),
        cells: Vec::new(),
        traces: Vec::new(),
        names: Vec::new(),
        legend: Vec::new(),
        calls: Vec::new(),
        steps: Vec::new(),
        lines: Vec::new(),
        things: Vec::new(),
    }
}

/// What says of a file which format it is.
#[derive(serde::Deserialize)]
struct Header {
    #[serde(default)]
    format: u64,
    #[serde(default)]
    kind: String,
}

/// Reads a run model.
///
/// # Errors
/// A sentence that says what is wrong: no JSON, another kind or format, or a field that does not fit.
pub fn from_json(json: &str) -> Result<RunModel, String> {
    let header: Header = serde_json::from_str(json).map_err(|error| format!("this is no report: {error}"))?;
    if header.kind != KIND {
        return Err(format!("this is no run.json: its \"kind\" is not \"{KIND}\""));
    }
    let fits = |why: &dyn std::fmt::Display| format!("this run.json does not fit: {why}");
    if header.format == u64::from(FORMAT_BEFORE) {
        let model: RunModel = serde_json::from_str(json).map_err(|error| fits(&error))?;
        return Ok(faults_told(RunModel { format: FORMAT, ..model }));
    }
    if header.format != u64::from(FORMAT) {
        return Err(format!(
            "this is format {}; this version of mapisim reads formats {FORMAT_BEFORE} and {FORMAT}",
            header.format
        ));
    }
    let packed: Packed = serde_json::from_str(json).map_err(|error| fits(&error))?;
    packed.unpacked().map(faults_told).map_err(|why| fits(&why))
}

/// Files that were written before cells said under which other faults they were run say it in their commands.
fn faults_told(mut model: RunModel) -> RunModel {
    if let Some(faults) = &model.asked.faults {
        for cell in model.cells.iter_mut().filter(|cell| cell.command.contains(faults.as_str())) {
            cell.other_faults.get_or_insert_with(|| faults.clone());
        }
    }
    model
}

/// The JSON Schema as text, with a line end at the end.
pub fn schema() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Packed>();
    let mut value = schema.to_value();
    tidy(&mut value);
    let mut text = serde_json::to_string_pretty(&value).expect("a schema is plain data");
    text.push('\n');
    text
}

/// Rust's names of integers, and the line breaks of comments, are nothing to readers of JSON.
fn tidy(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            let is_type = map.contains_key("type");
            if is_type && map.get("format").is_some_and(serde_json::Value::is_string) {
                map.remove("format");
            }
            if let Some(serde_json::Value::String(description)) = map.get_mut("description") {
                *description = description.replace('\n', " ");
            }
            map.values_mut().for_each(tidy);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}
