//! The rows of the peers' table.

#![allow(dead_code, reason = "every bench uses a part of it")]

use crate::peers::Case;

/// Neither fix, two services of one account in two sessions.
const NONE: Case<'static> = Case {
    processes: "SS",
    accounts: "XX",
    sessions: "01",
    own_marks: false,
    global_section: false,
    rounds: 1,
    one_name: false,
};
/// Both fixes.
const BOTH: Case<'static> = Case { own_marks: true, global_section: true, ..NONE };

/// A row by its name, and its crashes.
pub(crate) fn row(name: &str) -> (Case<'static>, usize) {
    match name {
        "a" => (NONE, 0),
        "b" => (Case { global_section: true, ..NONE }, 0),
        "c" => (Case { accounts: "XY", sessions: "00", ..NONE }, 0),
        "d" => (Case { accounts: "XY", sessions: "00", own_marks: true, ..NONE }, 0),
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
