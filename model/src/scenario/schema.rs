//! The JSON Schema of scenario files, made of the types and tables that read them.
//!
//! It says what an editor can help with: fields, names, calls, ranges. What needs more than one place to decide (an
//! account that exists, a session made before) only the reader knows.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::call::{Family, REPEAT, SPELLINGS, Spelling};
use super::file::{ScenarioFile, ScheduleFile, TurnFile};
use super::item::Item;
use super::profile_name;
use crate::mapi::assumptions::TABLE;
use crate::mapi::hresult::HResult;
use crate::mapi::product::Product;
use crate::mapi::rules::{Algorithm, Build};
use crate::os::error::Win32Error;
use crate::os::privilege::Privilege;
use crate::os::windows::Windows;
use crate::probe::Probe;
use crate::property::Property;

/// The schema as text, with a line end at the end.
pub fn schema() -> String {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<ScenarioFile>().to_value();
    tidy(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
    text.push('\n');
    text
}

/// Takes out what `schemars` adds and the reader does not mean: `null` where a field may be left out, defaults that
/// say the same, and Rust's names of integers.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map
                .get("default")
                .is_some_and(|default| default.is_null() || default == &json!([]) || default == &json!({}))
            {
                map.remove("default");
            }
            if map.get("format").is_some_and(Value::is_string) {
                map.remove("format");
            }
            let without_null = map.get("type").and_then(Value::as_array).map(|types| {
                let types: Vec<Value> = types.iter().filter(|kind| *kind != "null").cloned().collect();
                if let [only] = types.as_slice() { only.clone() } else { Value::Array(types) }
            });
            if let Some(kind) = without_null {
                map.insert("type".to_owned(), kind);
            }
            drop_null_alternative(map);
            map.values_mut().for_each(tidy);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn drop_null_alternative(map: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = map.get_mut("anyOf") else { return };
    let before = alternatives.len();
    alternatives.retain(|alternative| alternative != &json!({ "type": "null" }));
    if let ([Value::Object(_)], true) = (alternatives.as_slice(), alternatives.len() < before)
        && let Some(Value::Array(mut only)) = map.remove("anyOf")
        && let Some(Value::Object(only)) = only.pop()
    {
        map.extend(only);
    }
}

fn one_of<'n>(names: impl IntoIterator<Item = &'n str>) -> Schema {
    let names: Vec<&str> = names.into_iter().collect();
    json_schema!({ "type": "string", "enum": names })
}

fn list_of(element: &Schema) -> Schema {
    json_schema!({ "type": "array", "items": element, "uniqueItems": true })
}

pub(super) fn windows(_: &mut SchemaGenerator) -> Schema {
    one_of(Windows::ALL.iter().map(|version| version.name))
}

pub(super) fn privileges(_: &mut SchemaGenerator) -> Schema {
    let names = one_of(Privilege::ALL.map(Privilege::name));
    json_schema!({ "type": "array", "items": names })
}

pub(super) fn profile_names(_: &mut SchemaGenerator) -> Schema {
    list_of(&profile())
}

fn profile() -> Schema {
    json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": profile_name::LENGTH_MAX,
        "pattern": "^[^ \\\\/]([^\\\\/]*[^ \\\\/])?$"
    })
}

pub(super) fn mapi(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> =
        Product::ALL.map(Product::id).into_iter().chain(Algorithm::ALL.map(Algorithm::id)).collect();
    json_schema!({
        "anyOf": [
            { "type": "string", "enum": names },
            { "type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$" }
        ]
    })
}

pub(super) fn assumptions(_: &mut SchemaGenerator) -> Schema {
    let alternatives = TABLE.iter().map(|assumption| {
        let first = assumption.alternatives.first();
        (assumption.name.to_owned(), json!({ "enum": assumption.alternatives, "default": first }))
    });
    let alternatives: Map<String, Value> = alternatives.collect();
    json_schema!({ "type": "object", "properties": alternatives, "additionalProperties": false })
}

pub(super) fn checks(_: &mut SchemaGenerator) -> Schema {
    let mut schema = list_of(&one_of(Property::CHECKABLE.map(Property::id)));
    schema.insert("minItems".to_owned(), json!(1));
    schema
}

pub(super) fn probes(_: &mut SchemaGenerator) -> Schema {
    list_of(&one_of(Probe::ALL.map(Probe::id)))
}

pub(super) fn expect(_: &mut SchemaGenerator) -> Schema {
    let verdicts = one_of(["holds"].into_iter().chain(Property::CHECKABLE.map(Property::id)));
    let builds: Map<String, Value> =
        Build::all().map(|build| (build.id().to_owned(), verdicts.clone().to_value())).collect();
    json_schema!({ "type": "object", "properties": builds, "additionalProperties": false })
}

/// One call as an object: its name as the one key.
fn call(spelling: &Spelling) -> Value {
    let mut properties: Map<String, Value> = spelling
        .arguments
        .iter()
        .map(|(name, description)| {
            let mut schema = if *name == "profile" { profile() } else { json_schema!({ "type": "string" }) };
            schema.insert("description".to_owned(), json!(description.trim()));
            ((*name).to_owned(), schema.to_value())
        })
        .collect();
    let codes: Vec<&str> = match spelling.family {
        Family::Mapi => HResult::NAMED.iter().map(|(_, name)| *name).collect(),
        Family::Windows => {
            ["ERROR_SUCCESS"].into_iter().chain(Win32Error::NAMED.iter().map(|(_, name)| *name)).collect()
        }
    };
    properties
        .insert("must".to_owned(), json!({ "description": "The code that it must return.", "enum": codes }));
    let required: Vec<&str> = spelling.arguments.iter().map(|(name, _)| *name).collect();
    let takes = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false
    });
    one_key(spelling.name, spelling.description.trim(), takes)
}

fn one_key(name: &str, description: &str, value: Value) -> Value {
    let properties: Map<String, Value> = [(name.to_owned(), value)].into_iter().collect();
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name],
        "additionalProperties": false
    })
}

impl JsonSchema for Item {
    fn schema_name() -> Cow<'static, str> {
        "Call".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let alone = SPELLINGS.iter().filter(|spelling| spelling.arguments.is_empty());
        let alone = alone
            .map(|spelling| json!({ "const": spelling.name, "description": spelling.description.trim() }));
        let items = generator.subschema_for::<Item>();
        let repeat = json!({
            "type": "object",
            "properties": {
                "times": { "type": "integer", "minimum": 1, "maximum": u32::MAX },
                "do": { "type": "array", "minItems": 1, "items": items }
            },
            "required": ["times", "do"],
            "additionalProperties": false
        });
        let repeat = one_key(REPEAT, "Calls that run several times in a row.", repeat);
        let all: Vec<Value> = alone.chain(SPELLINGS.iter().map(call)).chain([repeat]).collect();
        json_schema!({ "description": "A call: its name where it takes nothing, else an object with one key.", "oneOf": all })
    }
}

impl JsonSchema for ScheduleFile {
    fn schema_name() -> Cow<'static, str> {
        "Schedule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let turns = generator.subschema_for::<Vec<TurnFile>>();
        json_schema!({
            "anyOf": [
                {
                    "type": "string",
                    "description": "In words, as reports print it: events.exe:14,outlook.exe:5,kill outlook.exe"
                },
                turns
            ]
        })
    }
}

impl JsonSchema for TurnFile {
    fn schema_name() -> Cow<'static, str> {
        "Turn".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let run =
            json!({ "type": "string", "description": "A thread: its process's name, or process/thread." });
        let turn = |properties: Value, required: &[&str], description: &str| {
            json!({
                "type": "object",
                "description": description,
                "properties": properties,
                "required": required,
                "additionalProperties": false
            })
        };
        let through = json!({ "enum": SPELLINGS.iter().map(|spelling| spelling.name).collect::<Vec<_>>() });
        let steps = json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX });
        json_schema!({
            "oneOf": [
                turn(json!({ "run": run }), &["run"], "The thread runs to its end."),
                turn(
                    json!({ "run": run, "through": through }),
                    &["run", "through"],
                    "The thread runs until its next such call has returned."
                ),
                turn(json!({ "run": run, "steps": steps }), &["run", "steps"], "The thread takes that many steps."),
                turn(json!({ "crash": { "type": "string" } }), &["crash"], "The process is killed.")
            ]
        })
    }
}
