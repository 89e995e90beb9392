//! The rows of the peers' table: cases of the small model, and what other tools count of each.

#![allow(dead_code, reason = "tests and benchmarks that include it use a part of it each")]

use super::peers::Case;

/// Neither fix, two services of one account in two sessions.
pub(crate) const NONE: Case<'static> = Case {
    processes: "SS",
    accounts: "XX",
    sessions: "01",
    own_marks: false,
    global_section: false,
    rounds: 1,
    one_name: false,
};
/// Both fixes.
pub(crate) const BOTH: Case<'static> = Case { own_marks: true, global_section: true, ..NONE };

/// A row by its name, and its crashes.
pub(crate) fn row(name: &str) -> (Case<'static>, usize) {
    match name {
        "a" => (NONE, 0),
        "b" => (Case { global_section: true, ..NONE }, 0),
        "c" => (Case { accounts: "XY", sessions: "00", ..NONE }, 0),
        "d" => (Case { own_marks: true, ..row("c").0 }, 0),
        "e" => (Case { processes: "SSD", accounts: "XXX", sessions: "011", ..BOTH }, 0),
        "f" => (row("e").0, 1),
        "g" => (Case { processes: "SSSD", accounts: "XXXX", sessions: "0101", ..BOTH }, 0),
        "g1" => (row("g").0, 1),
        "h" => (Case { processes: "SSSSD", accounts: "XXXXX", sessions: "01010", ..BOTH }, 0),
        "r" => (Case { rounds: 2, ..BOTH }, 0),
        "n" => (Case { one_name: true, ..BOTH }, 0),
        _ => panic!("no row {name}"),
    }
}

/// What is published of a row: its name, states, transitions, and the length of a shortest counterexample.
pub(crate) type Published = (&'static str, usize, u64, Option<usize>);

/// All rows, of the whole graph.
pub(crate) const TABLE: [Published; 11] = [
    ("a", 457, 836, Some(12)),
    ("b", 339, 636, None),
    ("c", 457, 836, Some(12)),
    ("d", 225, 420, None),
    ("e", 4_824, 13_452, None),
    ("f", 9_244, 35_201, None),
    ("g", 155_214, 579_912, None),
    ("g1", 333_130, 1_661_865, None),
    ("h", 6_710_016, 31_403_442, None),
    ("r", 2_371, 4_454, Some(23)),
    ("n", 409, 724, Some(17)),
];
