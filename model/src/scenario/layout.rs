//! How a file is written: as people write it, what fits on a line on one line.
//!
//! Only spaces and line ends are added: what is written is the same JSON as `serde_json` writes.

use super::file::ScenarioFile;
use super::locate::{Kind, Node};

/// How wide a line may become before its value is broken up.
const COLUMNS: usize = 100;

impl ScenarioFile {
    /// The file as text, with a line end at the end. Reads back equal.
    ///
    /// # Panics
    /// Where a string is so deep in repetitions that no reader would take it back: nothing that was read is.
    pub fn to_text(&self) -> String {
        let text = serde_json::to_string(self).expect("a scenario file is plain data with string keys");
        let tree = Node::read(&text).expect("repetitions are nested no deeper than a reader allows");
        let mut layout = Layout { text: &text, out: String::new(), indent: 0 };
        layout.broken_up(&tree);
        layout.out.push('\n');
        layout.out
    }
}

struct Layout<'t> {
    text: &'t str,
    out: String,
    indent: usize,
}

impl Layout<'_> {
    /// A value behind what is already on the line.
    fn value(&mut self, node: &Node) {
        let column = self.out.len() - self.out.rfind('\n').map_or(0, |end| end + 1);
        let mut line = String::new();
        if one_line(self.text, node, &mut line) && column + line.chars().count() < COLUMNS {
            self.out.push_str(&line);
        } else {
            self.broken_up(node);
        }
    }

    fn broken_up(&mut self, node: &Node) {
        match &node.kind {
            Kind::Array(elements) if !elements.is_empty() => {
                self.out.push('[');
                self.all(elements, Self::value);
                self.out.push(']');
            }
            Kind::Object(members) if !members.is_empty() => {
                self.out.push('{');
                self.all(members, |layout, member| {
                    layout.out.push_str(&layout.text[member.key_span.clone()]);
                    layout.out.push_str(": ");
                    layout.value(&member.value);
                });
                self.out.push('}');
            }
            _ => self.out.push_str(&self.text[node.span.clone()]),
        }
    }

    fn all<T>(&mut self, parts: &[T], each: impl Fn(&mut Self, &T)) {
        self.indent += 2;
        for (index, part) in parts.iter().enumerate() {
            self.out.push_str(if index > 0 { ",\n" } else { "\n" });
            self.out.extend(std::iter::repeat_n(' ', self.indent));
            each(self, part);
        }
        self.indent -= 2;
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }
}

/// Writes a value on one line; `false` where it is better broken up: a list of more than names, or too long anyway.
fn one_line(text: &str, node: &Node, line: &mut String) -> bool {
    let is_list = |node: &Node| matches!(node.kind, Kind::Array(_) | Kind::Object(_));
    match &node.kind {
        Kind::Array(elements) => {
            if elements.len() > 1 && elements.iter().any(is_list) {
                return false;
            }
            line.push('[');
            for (index, element) in elements.iter().enumerate() {
                line.push_str(if index > 0 { ", " } else { "" });
                if line.len() > 4 * COLUMNS || !one_line(text, element, line) {
                    return false;
                }
            }
            line.push(']');
        }
        Kind::Object(members) if members.is_empty() => line.push_str("{}"),
        Kind::Object(members) => {
            line.push_str("{ ");
            for (index, member) in members.iter().enumerate() {
                line.push_str(if index > 0 { ", " } else { "" });
                line.push_str(&text[member.key_span.clone()]);
                line.push_str(": ");
                if line.len() > 4 * COLUMNS || !one_line(text, &member.value, line) {
                    return false;
                }
            }
            line.push_str(" }");
        }
        _ => line.push_str(&text[node.span.clone()]),
    }
    true
}
