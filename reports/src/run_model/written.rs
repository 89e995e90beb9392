//! The run model as JSON: written with a line for each scenario and cell, read with a check of what it is, its schema.

use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{FORMAT, KIND, RunModel};

/// It as JSON, with a line end at the end. Each scenario and each cell is one line.
pub fn to_json(model: &RunModel) -> String {
    let head = RunModel { scenarios: Vec::new(), cells: Vec::new(), ..shallow(model) };
    let head = text(&head);
    let head = head.strip_suffix(r#""scenarios":[],"cells":[]}"#).expect("the two lists are its last fields");
    let lines = |name: &str, lines: Vec<String>| format!("\"{name}\":[\n{}\n]", lines.join(",\n"));
    let scenarios = lines("scenarios", model.scenarios.iter().map(text).collect());
    let cells = lines("cells", model.cells.iter().map(text).collect());
    format!("{head}\n{scenarios},\n{cells}}}\n")
}

/// All but the lists.
fn shallow(model: &RunModel) -> RunModel {
    RunModel {
        format: model.format,
        kind: model.kind.clone(),
        version: model.version.clone(),
        seed: model.seed.clone(),
        asked: model.asked.clone(),
        unread: model.unread,
        unfinished: model.unfinished,
        scenarios: Vec::new(),
        cells: Vec::new(),
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a run model is plain data with string keys")
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
    if header.format != u64::from(FORMAT) {
        return Err(format!(
            "this is format {}; this version of mapisim reads format {FORMAT}",
            header.format
        ));
    }
    serde_json::from_str(json).map_err(|error| format!("this run.json does not fit: {error}"))
}

/// The JSON Schema as text, with a line end at the end.
pub fn schema() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<RunModel>();
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
