//! One entry of a script as it is written: a call, with what it must return, or a repetition.
//!
//! `"Name"`, or `{ "Name": { ... } }`, or `{ "repeat": { "times": N, "do": [ ... ] } }`. Written out, a call that
//! takes nothing and has no `must` is a string again.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::call::{Call, NAMES, REPEAT, Spelling};

/// One entry of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A call.
    Call {
        /// Which, and with what.
        call: Call,
        /// The name of the code that it must return.
        must: Option<String>,
    },
    /// Entries that run several times in a row.
    Repeat(Repeat),
}

/// Entries that run several times in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `times` and `do`")]
pub struct Repeat {
    /// How often; at least once.
    pub times: u32,
    /// What; not nothing.
    pub r#do: Vec<Item>,
}

impl From<Call> for Item {
    fn from(call: Call) -> Self {
        Item::Call { call, must: None }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Item::Repeat(repeat) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(REPEAT, repeat)?;
                map.end()
            }
            Item::Call { call, must } => {
                let mut fields = call.arguments();
                fields.extend(must.as_deref().map(|code| ("must", code)));
                if fields.is_empty() {
                    return serializer.serialize_str(call.name());
                }
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(call.name(), &Fields(fields))?;
                map.end()
            }
        }
    }
}

struct Fields<'a>(Vec<(&'static str, &'a str)>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entry)
    }
}

struct Entry;

impl<'de> Visitor<'de> for Entry {
    type Value = Item;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a call: its name, or an object with its name as the one key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Item, E> {
        match Spelling::of(name) {
            Some(spelling) if spelling.arguments.is_empty() => {
                Ok(Call::build(name, |_| String::new()).expect("its spelling was found").into())
            }
            Some(spelling) => {
                Err(E::invalid_type(Unexpected::UnitVariant, &Written(format!("`{}`", spelling.example()))))
            }
            None if name == REPEAT => {
                let example = r#"`{ "repeat": { "times": 2, "do": [ ... ] } }`"#;
                Err(E::invalid_type(Unexpected::UnitVariant, &example))
            }
            None => Err(E::unknown_variant(name, NAMES)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let Some(name) = map.next_key_seed(OneOf(NAMES))? else {
            return Err(A::Error::invalid_length(0, &self));
        };
        let item = match Spelling::of(name) {
            None => Item::Repeat(map.next_value()?),
            Some(spelling) => {
                let mut found = map.next_value_seed(Arguments(spelling))?;
                let must = found.pop().expect("`must` is the last of the fields");
                let mut values = found.into_iter();
                let value = |_| values.next().flatten().expect("every argument is there");
                Item::Call { call: Call::build(name, value).expect("its spelling was found"), must }
            }
        };
        match map.next_key_seed(NoFurther)? {
            Some(()) => unreachable!("every further key is refused"),
            None => Ok(item),
        }
    }
}

/// An expectation that is put together when it is needed.
struct Written(String);

impl serde::de::Expected for Written {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A key that is one of these; refusing it here puts the error where the key is.
struct OneOf(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for OneOf {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = self.0.iter().find(|known| **known == name);
        known.copied().ok_or_else(|| D::Error::unknown_variant(&name, self.0))
    }
}

/// A key that must not be there.
struct NoFurther;

impl<'de> DeserializeSeed<'de> for NoFurther {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let name = String::deserialize(deserializer)?;
        Err(D::Error::custom(format_args!("a call is an object with one key, and `{name}` is a second one")))
    }
}

/// What stands behind a call's name: the values of its fields, in the order of its spelling, `must` last.
struct Arguments(&'static Spelling);

impl<'de> DeserializeSeed<'de> for Arguments {
    type Value = Vec<Option<String>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Arguments {
    type Value = Vec<Option<String>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of what the call takes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let fields = self.0.fields;
        let mut values = vec![None; fields.len()];
        while let Some(index) = map.next_key_seed(Field(fields))? {
            if values[index].is_some() {
                return Err(A::Error::duplicate_field(fields[index]));
            }
            values[index] = Some(map.next_value()?);
        }
        match self.0.arguments.iter().zip(&values).find(|(_, value)| value.is_none()) {
            Some(((missing, _), _)) => Err(A::Error::missing_field(missing)),
            None => Ok(values),
        }
    }
}

/// A key that is one of a call's fields.
struct Field(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Field {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        let name = String::deserialize(deserializer)?;
        let index = self.0.iter().position(|field| *field == name);
        index.ok_or_else(|| D::Error::unknown_field(&name, self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::call::SPELLINGS;
    use super::*;

    fn read(text: &str) -> Result<Item, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_call_reads_back_as_it_is_written() {
        for spelling in SPELLINGS {
            for must in [None, Some("S_OK".to_owned())] {
                let call = Call::build(spelling.name, |argument| format!("the {argument}")).unwrap();
                let item = Item::Call { call, must: must.clone() };
                let text = serde_json::to_string(&item).unwrap();
                assert_eq!(read(&text), Ok(item), "{text}");
                assert_eq!(text.starts_with('"'), spelling.arguments.is_empty() && must.is_none(), "{text}");
            }
        }
    }

    #[test]
    fn a_call_that_takes_nothing_may_also_be_an_object() {
        assert_eq!(read(r#"{"RevertToSelf": {}}"#), Ok(Call::RevertToSelf {}.into()));
        let repeat = read(r#"{"repeat": {"times": 2, "do": ["Idle"]}}"#).unwrap();
        assert_eq!(repeat, Item::Repeat(Repeat { times: 2, r#do: vec![Call::Idle {}.into()] }));
    }

    #[test]
    fn what_is_no_call_is_refused_with_what_was_expected() {
        for (text, message) in [
            (r#""DeleteProfle""#, "unknown variant `DeleteProfle`"),
            (r#""Logoff""#, r#"expected `{ "Logoff": { "session": "..." } }`"#),
            (r#""repeat""#, r#"expected `{ "repeat": "#),
            (r#"{"Logoff": {}}"#, "missing field `session`"),
            (r#"{"Logoff": {"sesion": "s"}}"#, "unknown field `sesion`, expected `session` or `must`"),
            (r#"{"Logoff": {"session": "s", "session": "s"}}"#, "duplicate field `session`"),
            (r#"{"Logoff": {"session": 1}}"#, "invalid type: integer `1`, expected a string"),
            (r#"{"Idle": {}, "Release": {"session": "s"}}"#, "`Release` is a second one"),
            ("{}", "invalid length 0"),
            ("7", "expected a call: its name"),
            (r#"{"repeat": {"times": -1, "do": []}}"#, "invalid value: integer `-1`"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(message), "{text}: {refused}");
        }
    }
}
