//! `serde` over the located tree, so that every error of shape knows exactly where it is, and what was expected is
//! data instead of a sentence.
//!
//! `serde_json` itself knows only where it stopped reading. Several errors of one file are found by taking the part
//! that is wrong out of the tree and reading again; only what leaves the rest meaningful is taken out: a field that
//! nobody knows, or an element of an array.

use std::fmt::{self, Display};
use std::ops::Range;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::locate::{Kind, Member, Node, Number};

/// How many errors of shape are looked for at most.
const MISFITS_MAX: usize = 20;

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A field that nobody knows.
    UnknownField { name: String, known: &'static [&'static str] },
    /// A name that is none of a few.
    UnknownName { name: String, known: &'static [&'static str] },
    /// A field that must be there.
    Missing(&'static str),
    /// Something else than what belongs there.
    Wrong { found: String, expected: String },
    /// Anything else, in words.
    Other(String),
}

/// What does not fit, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) shape: Shape,
    pub(crate) span: Range<usize>,
    placed: bool,
}

/// Reads a value of the tree.
///
/// # Errors
/// Everything found that does not fit; at least one.
pub(crate) fn read<T: DeserializeOwned>(tree: &Node) -> Result<T, Vec<Misfit>> {
    let mut misfits = Vec::new();
    let mut rest: Option<Node> = None;
    loop {
        match T::deserialize(Reader(rest.as_ref().unwrap_or(tree))) {
            Ok(value) if misfits.is_empty() => return Ok(value),
            Ok(_) => return Err(misfits),
            Err(misfit) => {
                let misfit = misfit.at(tree.head());
                let removed = take_out(rest.get_or_insert_with(|| tree.clone()), &misfit);
                misfits.push(misfit);
                if !removed || misfits.len() == MISFITS_MAX {
                    return Err(misfits);
                }
            }
        }
    }
}

/// Takes what does not fit out of the tree, if the rest still means something without it.
fn take_out(node: &mut Node, misfit: &Misfit) -> bool {
    let at = misfit.span.start;
    match &mut node.kind {
        Kind::Array(elements) => {
            let Some(index) = elements.iter().position(|element| element.span.contains(&at)) else {
                return false;
            };
            if !take_out(&mut elements[index], misfit) {
                elements.remove(index);
            }
            true
        }
        Kind::Object(members) => {
            let index = members
                .iter()
                .position(|member| (member.key_span.start..member.value.span.end).contains(&at));
            let Some(index) = index else { return false };
            if members[index].key_span.contains(&at) {
                let unknown = matches!(misfit.shape, Shape::UnknownField { .. });
                if unknown {
                    members.remove(index);
                }
                return unknown;
            }
            take_out(&mut members[index].value, misfit)
        }
        _ => false,
    }
}

impl Misfit {
    fn new(shape: Shape) -> Self {
        Misfit { shape, span: 0..0, placed: false }
    }

    fn at(mut self, span: Range<usize>) -> Self {
        if !self.placed {
            self.span = span;
            self.placed = true;
        }
        self
    }
}

impl Display for Misfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} at {:?}", self.shape, self.span)
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    fn custom<T: Display>(message: T) -> Self {
        Misfit::new(Shape::Other(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Misfit::new(Shape::Wrong { found: in_json_words(found), expected: in_plain_words(expected) })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let found = if length == 0 { "nothing".to_owned() } else { format!("{length} of them") };
        Misfit::new(Shape::Wrong { found, expected: in_plain_words(expected) })
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Self {
        Misfit::new(Shape::UnknownName { name: name.to_owned(), known })
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Misfit::new(Shape::UnknownField { name: name.to_owned(), known })
    }

    fn missing_field(name: &'static str) -> Self {
        Misfit::new(Shape::Missing(name))
    }
}

fn in_json_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Map => "an object".to_owned(),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Unit => "null".to_owned(),
        Unexpected::Str(_) => "a string".to_owned(),
        Unexpected::UnitVariant => "the name alone".to_owned(),
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("the number {value}"),
        Unexpected::Signed(value) => format!("the number {value}"),
        Unexpected::Float(value) => format!("the number {value}"),
        other => other.to_string(),
    }
}

fn in_plain_words(expected: &dyn Expected) -> String {
    match expected.to_string().as_str() {
        "u32" => format!("a whole number, 0 to {}", u32::MAX),
        "u64" => format!("a whole number, 0 to {}", u64::MAX),
        "a boolean" => "`true` or `false`".to_owned(),
        "a sequence" => "an array".to_owned(),
        "enum HiveState" => "`loaded` or `unloaded`".to_owned(),
        other => other.to_owned(),
    }
}

struct Reader<'t>(&'t Node);

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let result = match &self.0.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Number(Number::Natural(value)) => visitor.visit_u64(*value),
            Kind::Number(Number::Negative(value)) => visitor.visit_i64(*value),
            Kind::Number(Number::Other(value)) => visitor.visit_f64(*value),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::Array(elements) => visitor.visit_seq(Elements(elements.iter())),
            Kind::Object(members) => visitor.visit_map(Members { rest: members.iter(), current: None }),
        };
        result.map_err(|misfit: Misfit| misfit.at(self.0.head()))
    }

    /// A field that may be left out must not be there as `null`: leaving it out is the one way to say so.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    /// `serde` would take an array for a struct, its fields in order. A scenario file has no such thing.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if let Kind::Array(_) = self.0.kind {
            let misfit: Misfit = serde::de::Error::invalid_type(Unexpected::Seq, &visitor);
            return Err(misfit.at(self.0.head()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    /// All enums that come this way are names without anything behind them.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if let Kind::Text(text) = &self.0.kind {
            let text: StrDeserializer<'_, Misfit> = text.as_str().into_deserializer();
            return visitor.visit_enum(text).map_err(|misfit| misfit.at(self.0.head()));
        }
        self.deserialize_any(NameOf(name)).map(|never| match never {})
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map identifier ignored_any
    }
}

/// Refuses everything, with the right words.
struct NameOf(&'static str);

enum Never {}

impl Visitor<'_> for NameOf {
    type Value = Never;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "enum {}", self.0)
    }
}

struct Elements<'t>(std::slice::Iter<'t, Node>);

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(element) = self.0.next() else { return Ok(None) };
        seed.deserialize(Reader(element)).map(Some).map_err(|misfit| misfit.at(element.head()))
    }
}

struct Members<'t> {
    rest: std::slice::Iter<'t, Member>,
    current: Option<&'t Member>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        self.current = self.rest.next();
        let Some(member) = self.current else { return Ok(None) };
        let key: StrDeserializer<'_, Misfit> = member.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|misfit| misfit.at(member.key_span.clone()))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let member = self.current.expect("serde asks for a value after its key");
        seed.deserialize(Reader(&member.value)).map_err(|mut misfit| {
            // What an object lacks is best shown at the key that the object belongs to.
            if matches!(misfit.shape, Shape::Missing(_)) && misfit.span == member.value.head() {
                misfit.span = member.key_span.clone();
            }
            misfit.at(member.value.head())
        })
    }
}
