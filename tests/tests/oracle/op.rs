//! The corpus's grammar: one operation, and one recorded sequence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A process of the recorded world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Proc {
    /// The one that is always there.
    A,
    /// The one that is killed and started anew.
    B,
}

/// Where a registry call starts: a slot's number, or the key "U".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Par {
    /// A slot.
    Slot(usize),
    /// "U".
    Root(String),
}

/// One operation: who, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Op {
    pub(crate) p: Proc,
    #[serde(flatten)]
    pub(crate) call: Call,
}

/// What is done. The fields are those of the corpus's README.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(crate) enum Call {
    RCreate { r: usize, par: Par, path: String, vol: u8 },
    ROpen { r: usize, par: Par, path: Option<String>, sam: String },
    RDel { par: Par, path: Option<String> },
    RDelTree { par: Par, path: Option<String> },
    REnum { k: Par, i: u32 },
    RList { k: Par },
    RListV { k: Par },
    RSet { k: Par, name: String, r#type: u32, hex: String },
    RGet { k: Par, name: String },
    RDelV { k: Par, name: String },
    RInfo { k: Par },
    RFlush { k: Par },
    RClose { r: usize },
    RDup { src: usize, to: Proc, dst: usize },
    SCreate { s: usize, name: Option<String>, size: u64, prot: String },
    SOpen { s: usize, name: Option<String>, acc: String },
    SClose { s: usize },
    SMap { s: usize, v: usize, acc: String, bytes: u64 },
    SUnmap { v: usize },
    SRead { v: usize, off: u64 },
    SWrite { v: usize, off: u64, val: u8 },
    ECreate { s: usize, name: Option<String>, manual: u8, init: u8 },
    EOpen { s: usize, name: Option<String> },
    ESet { s: usize },
    EWait { s: usize, ms: u32 },
    SDup { src: usize, to: Proc, dst: usize },
    Kill,
    Exit,
    Spawn,
}

/// What an operation answered: a JSON array.
pub(crate) type Answer = Vec<Value>;

/// One recorded sequence.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sequence {
    pub(crate) id: String,
    pub(crate) cat: String,
    pub(crate) seq: Vec<Op>,
    pub(crate) answers: Vec<Answer>,
    /// The operations whose answers are not surely Windows', each with the reason.
    pub(crate) doubt: Vec<(usize, String)>,
}

impl Sequence {
    /// Why the answer at that position is doubted, if it is.
    pub(crate) fn doubt_of(&self, index: usize) -> Option<&str> {
        self.doubt.iter().find(|(doubted, _)| *doubted == index).map(|(_, reason)| &**reason)
    }
}

/// Reads a corpus: one sequence a line.
pub(crate) fn read(text: &str, name: &str) -> Vec<Sequence> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let parse = |(line, number): (&str, u32)| {
        let sequence: Sequence =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}:{number}: {error}"));
        assert_eq!(
            sequence.seq.len(),
            sequence.answers.len(),
            "{name}:{number}: an answer for each operation"
        );
        sequence
    };
    lines.map(parse).collect()
}
