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
            if let Some(Value::String(description)) = map.get_mut("description") {
                *description = description.replace('\n', " ");
            }
            match map.get("format").and_then(Value::as_str) {
                Some("uint32") => {
                    map.remove("format");
                    map.insert("maximum".to_owned(), json!(u32::MAX));
                }
                Some(_) => {
                    map.remove("format");
                }
                None => {}
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

pub(super) fn profile_names(generator: &mut SchemaGenerator) -> Schema {
    list_of(&generator.subschema_for::<ProfileName>())
}

/// The schema of a text that several places take.
macro_rules! shared {
    ($($(#[$doc:meta])* $Name:ident = $schema:expr;)*) => {$(
        $(#[$doc])*
        struct $Name;

        impl JsonSchema for $Name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($Name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

shared! {
    /// A name that a profile may have.
    ProfileName = json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": profile_name::LENGTH_MAX,
        "pattern": "^[^ \\\\/.:-]([^\\\\/.:-]*[^ \\\\/.:-])?$"
    });
    /// A code that a call of MAPI's returns.
    MapiCode = one_of(HResult::NAMED.iter().map(|(_, name)| *name));
    /// A code that a call of Windows' has.
    WindowsCode = one_of(["ERROR_SUCCESS"].into_iter().chain(Win32Error::NAMED.iter().map(|(_, name)| *name)));
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
fn call(generator: &mut SchemaGenerator, spelling: &Spelling) -> Value {
    let mut properties = Map::new();
    for (name, description) in spelling.arguments {
        let mut schema = match *name {
            "profile" => generator.subschema_for::<ProfileName>(),
            _ => json_schema!({ "type": "string" }),
        };
        schema.insert("description".to_owned(), json!(description.trim()));
        properties.insert((*name).to_owned(), schema.to_value());
    }
    let mut must = match spelling.family {
        Family::Mapi => generator.subschema_for::<MapiCode>(),
        Family::Windows => generator.subschema_for::<WindowsCode>(),
    };
    must.insert("description".to_owned(), json!("The code that it must return."));
    properties.insert("must".to_owned(), must.to_value());
    let required: Vec<&str> = spelling.arguments.iter().map(|(name, _)| *name).collect();
    let takes = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false
    });
    one_key(spelling.name, spelling.description.trim(), &takes)
}

fn one_key(name: &str, description: &str, value: &Value) -> Value {
    let properties: Map<String, Value> = [(name.to_owned(), value.clone())].into_iter().collect();
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
        let repeat = one_key(REPEAT, "Calls that run several times in a row.", &repeat);
        let mut all: Vec<Value> = alone.collect();
        all.extend(SPELLINGS.iter().map(|spelling| call(generator, spelling)));
        all.push(repeat);
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
                turn(json!({ "crash": { "type": "string" } }), &["crash"], "The process is killed."),
                turn(json!({ "end": { "type": "string" } }), &["end"], "The thread dies alone."),
                turn(
                    json!({ "crash_machine": { "type": "array", "items": { "type": "string" } } }),
                    &["crash_machine"],
                    "The machine crashes; the lazy writer has just written the hives of these accounts (or .DEFAULT), \
                     and every other hive is as it was last flushed."
                )
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the schema is, for editors and for other implementations to check files against.
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/scenario.schema.json");

    #[test]
    fn the_schema_beside_the_scenarios_is_the_one_of_the_types() {
        let kept = std::fs::read_to_string(FILE).unwrap_or_default();
        if kept != schema() {
            std::fs::write(FILE, schema()).unwrap();
            panic!(
                "scenario.schema.json was out of date and has been written anew: look at what changed and commit it"
            );
        }
    }

    #[test]
    fn every_object_of_known_fields_refuses_others_and_nothing_may_be_null() {
        fn look(value: &Value, seen: &mut usize) {
            if let Value::Object(map) = value {
                if map.contains_key("properties") && map.get("type") == Some(&json!("object")) {
                    assert_eq!(map.get("additionalProperties"), Some(&json!(false)), "{value}");
                    *seen += 1;
                }
                assert_ne!(map.get("type"), Some(&json!("null")), "{value}");
                map.values().for_each(|value| look(value, seen));
            }
            if let Value::Array(values) = value {
                assert!(!values.contains(&json!("null")), "{value}");
                for value in values {
                    look(value, seen);
                }
            }
        }
        let mut seen = 0;
        look(&serde_json::from_str(&schema()).unwrap(), &mut seen);
        assert!(seen > 2 * SPELLINGS.len(), "{seen} objects");
    }
}
