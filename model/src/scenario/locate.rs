//! Where each part of the file is: a tree over JSON text, every node with its range of bytes.
//!
//! Only text that `serde_json` has accepted is made a tree of, so nothing here reports syntax. What it does report is
//! what `serde_json` lets pass when it only checks: a lone surrogate in a string, and nesting deeper than
//! [`DEPTH_MAX`], the bound that `serde_json` has when it reads values.

use std::ops::Range;

/// How deep arrays and objects may be nested.
pub(crate) const DEPTH_MAX: usize = 127;

/// A value and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its bytes in the text.
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A number as far as the format needs to tell numbers apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Natural(u64),
    Negative(i64),
    Other(f64),
}

/// A key, where it is, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Node,
}

/// Why a text that is JSON becomes no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// An array or object begins there, one level too deep.
    Deep(Range<usize>),
    /// That string has half of a surrogate pair in it.
    Surrogate(Range<usize>),
}

impl Node {
    /// The tree of a text that `serde_json` has accepted.
    pub(crate) fn read(text: &str) -> Result<Node, Unreadable> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        reader.value()
    }

    /// Where to point at for the node as a whole: a short value, or the bracket that opens it.
    pub(crate) fn head(&self) -> Range<usize> {
        match self.kind {
            Kind::Array(_) | Kind::Object(_) => self.span.start..self.span.start + 1,
            _ => self.span.clone(),
        }
    }

    /// The members of an object; nothing for anything else.
    pub(crate) fn members(&self) -> &[Member] {
        if let Kind::Object(members) = &self.kind { members } else { &[] }
    }

    /// The elements of an array; nothing for anything else.
    pub(crate) fn elements(&self) -> &[Node] {
        if let Kind::Array(elements) = &self.kind { elements } else { &[] }
    }

    /// The member of that name.
    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    /// The value of that name; where there is none, the node itself, so that there always is something to point at.
    pub(crate) fn value(&self, key: &str) -> &Node {
        self.member(key).map_or(self, |member| &member.value)
    }

    /// Where the key of that name is; where there is none, the node's head.
    pub(crate) fn key(&self, key: &str) -> Range<usize> {
        self.member(key).map_or_else(|| self.head(), |member| member.key_span.clone())
    }
}

/// Where in the file a part of a string is: `written` is the string as it stands in the file, quotes included, and
/// the answer counts in its bytes from the opening quote on; `at` counts in the bytes of the string that it means.
pub(crate) fn inside(written: &str, at: usize) -> usize {
    let body = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    let (mut read, mut meant) = (0, 0);
    while meant < at && read < body.len() {
        let rest = &body[read..];
        let (length, character) = escaped(rest);
        read += length;
        meant += character;
    }
    1 + read
}

/// The lengths in bytes of the first character of a string: as written, and as meant.
fn escaped(rest: &str) -> (usize, usize) {
    let unit = |from: usize| rest.get(from..from + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    if !rest.starts_with('\\') {
        let length = rest.chars().next().map_or(1, char::len_utf8);
        return (length, length);
    }
    if !rest.starts_with("\\u") {
        return (2, 1);
    }
    match unit(2) {
        Some(0xD800..=0xDBFF) => (12.min(rest.len()), 4),
        Some(code) => (6.min(rest.len()), char::from_u32(code).map_or(1, char::len_utf8)),
        None => (2, 1),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn spaces(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn next(&mut self) -> u8 {
        self.spaces();
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.next() == byte;
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Node, Unreadable> {
        let first = self.next();
        let start = self.at;
        let kind = match first {
            b'{' | b'[' if self.depth == DEPTH_MAX => return Err(Unreadable::Deep(start..start + 1)),
            b'{' => Kind::Object(self.nested(b'}', Self::entry)?),
            b'[' => Kind::Array(self.nested(b']', Self::value)?),
            b'"' => Kind::Text(self.string()?),
            _ => self.scalar(),
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn nested<T>(
        &mut self,
        end: u8,
        each: fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        self.at += 1;
        self.depth += 1;
        let mut all = Vec::new();
        while !self.eat(end) {
            all.push(each(self)?);
            self.eat(b',');
        }
        self.depth -= 1;
        Ok(all)
    }

    fn entry(&mut self) -> Result<Member, Unreadable> {
        self.spaces();
        let start = self.at;
        let key = self.string()?;
        let key_span = start..self.at;
        assert!(self.eat(b':'), "a tree is made only of text that is JSON");
        Ok(Member { key, key_span, value: self.value()? })
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        let start = self.at;
        let mut bytes = self.text.as_bytes()[start..].iter().enumerate().skip(1);
        let end = loop {
            match bytes.next() {
                Some((index, b'"')) => break start + index + 1,
                Some((_, b'\\')) => bytes.next(),
                Some(_) => continue,
                None => unreachable!("a tree is made only of text that is JSON"),
            };
        };
        self.at = end;
        serde_json::from_str(&self.text[start..end]).map_err(|_| Unreadable::Surrogate(start..end))
    }

    fn scalar(&mut self) -> Kind {
        let rest = &self.text[self.at..];
        let length =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
        assert!(length > 0, "a tree is made only of text that is JSON");
        self.at += length;
        match &rest[..length] {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            number => Kind::Number(if let Ok(natural) = number.parse::<u64>() {
                Number::Natural(natural)
            } else if let Ok(negative) = number.parse::<i64>() {
                Number::Negative(negative)
            } else {
                Number::Other(number.parse().unwrap_or(f64::NAN))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_its_bytes() {
        let text = "{ \"a\" : [1, -2, 1e3, \"\\u00e9\\\"x\"],\n  \"ä\": { } }";
        let tree = Node::read(text).unwrap();
        let slice = |span: &Range<usize>| &text[span.clone()];
        let spans: Vec<&str> = tree.value("a").elements().iter().map(|node| slice(&node.span)).collect();
        assert_eq!(spans, ["1", "-2", "1e3", "\"\\u00e9\\\"x\""]);
        assert_eq!(slice(&tree.key("ä")), "\"ä\"");
        assert_eq!(slice(&tree.value("ä").span), "{ }");
        assert_eq!(slice(&tree.span), text);
    }

    #[test]
    fn a_place_inside_a_string_counts_what_is_written() {
        for (written, meant, at, expected) in [
            (r#""abc""#, "abc", 2, 3),
            (r#""a\"c""#, "a\"c", 2, 4),
            (r#""\u00e9c""#, "éc", 2, 7),
            (r#""\ud83d\ude00c""#, "😀c", 4, 13),
            (r#""éc""#, "éc", 2, 3),
            (r#""abc""#, "abc", 3, 4),
        ] {
            assert_eq!(serde_json::from_str::<String>(written).unwrap(), meant);
            assert_eq!(inside(written, at), expected, "{written} at {at}");
        }
    }

    #[test]
    fn what_is_too_deep_is_found_before_the_stack_is() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Node::read(&nest(DEPTH_MAX)).is_ok());
        let deep = Node::read(&nest(500_000)).unwrap_err();
        assert_eq!(deep, Unreadable::Deep(DEPTH_MAX..DEPTH_MAX + 1));
        assert_eq!(Node::read(r#"["\ud800"]"#).unwrap_err(), Unreadable::Surrogate(1..9));
    }
}
