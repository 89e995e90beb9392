//! G.2: opening, creating, enumerating keys, and their names.

use mapisim_model::os::syscall::{KeyAccess, RegValue};
use mapisim_model::os::{Handle, Syscall, Value};

use crate::rig::*;
use crate::{LeftOut, Row, code, from_2000};

fn key(r: &mut Rig) -> Handle {
    r.keep("k", &create(HKCU, "k"))
}

/// Several questions of one set-up, each a row of its own.
pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row::new(
            44,
            "the same key twice: two different handles",
            |r| Got::Truth(key(r) != r.keep("again", &open(HKCU, "k"))),
            Got::Truth(true),
        ),
        Row::new(
            45,
            "trailing backslashes",
            |r| {
                key(r);
                r.ask(&open(HKCU, r"k\\"))
            },
            code(0),
        ),
        Row::new(
            47,
            "RegOpenKey(HKCU, NULL) and (HKCU, \"\") give HKEY_CURRENT_USER",
            |r| {
                let both = [None, Some("")].map(|path| r.open_key(HKCU, path));
                Got::Truth(both == [Ok(Handle::CURRENT_USER), Ok(Handle::CURRENT_USER)])
            },
            Got::Truth(true),
        ),
        Row::new(
            49,
            "RegOpenKey(NULL, NULL) gives NULL",
            |r| Got::Truth(r.open_key(NULL, None) == Ok(NULL)),
            Got::Truth(true),
        ),
        Row::new(
            49,
            "RegOpenKey(NULL, \"x\")",
            |r| r.open_key(NULL, Some("x")).expect_err("it opens nothing"),
            code(6),
        ),
        Row::new(46, "missing", |r| r.ask(&open(HKCU, "k")), code(2)),
        Row::new(
            48,
            "RegOpenKeyEx(h, \"\")",
            |r| {
                let h = key(r);
                r.ask(&open(h, ""))
            },
            code(0),
        ),
        Row::new(
            48,
            "RegOpenKeyEx(h, NULL): a new handle",
            |r| {
                let h = key(r);
                let call = Syscall::RegOpenKeyEx { key: h.into(), path: None, access: KeyAccess::Read };
                Got::Truth(r.keep("again", &call) != h)
            },
            Got::Truth(true),
        ),
        Row::new(
            51,
            "a leading backslash",
            |r| {
                key(r);
                r.ask(&open(HKCU, r"\k"))
            },
            code(161),
        ),
        Row::new(52, "RegOpenKeyEx(NULL, \"\")", |r| r.ask(&open(NULL, "")), code(6)),
        Row::new(
            54,
            "create through a handle for KEY_NOTIFY only",
            |r| {
                key(r);
                let h = r.keep("notify", &open_for(HKCU, "k", KeyAccess::NOTIFY));
                r.ask(&create(h, "sub"))
            },
            code(0),
        ),
        Row::new(
            55,
            "stable under volatile",
            |r| {
                r.ok(&create_volatile(HKCU, "v"));
                r.ask(&create(HKCU, r"v\s"))
            },
            code(1021),
        ),
        Row::new(
            55,
            "volatile under volatile",
            |r| {
                r.ok(&create_volatile(HKCU, "v"));
                r.ask(&create_volatile(HKCU, r"v\w"))
            },
            code(0),
        ),
        Row::new(
            55,
            "the existing one without the flag",
            |r| {
                r.ok(&create_volatile(HKCU, r"v\w"));
                r.ask(&create(HKCU, r"v\w"))
            },
            code(183),
        ),
        Row::new(56, "create, leading backslash", |r| r.ask(&create(HKCU, r"\k")), code(161)),
        Row::new(56, "create, trailing ones", |r| r.ask(&create(HKCU, r"k\\")), code(0)),
        Row::new(
            57,
            "close twice",
            |r| {
                let h = key(r);
                r.ok(&close_key(h));
                r.ask(&close_key(h))
            },
            code(6),
        ),
        Row::new(57, "close NULL", |r| r.ask(&close_key(NULL)), code(6)),
        Row::new(
            58,
            "values set A, C, D, B",
            |r| {
                let h = key(r);
                for name in ["A", "C", "D", "B"] {
                    r.ok(&set(h, name));
                }
                r.list(|index| enum_value(h, index))
            },
            Got::Names(["A", "C", "D", "B"].map(str::to_owned).to_vec()),
        ),
        Row::new(62, "an empty key", |r| info(r, false), Got::Names(vec!["0 0 0 0 0".into()])),
        Row::new(62, "a subkey and a default value", |r| info(r, true), Got::Names(vec!["1 3 1 0 3".into()])),
        Row::new(63, "RegOpenCurrentUser", |r| r.ask(&Syscall::RegOpenCurrentUser), code(0)).on(from_2000),
        Row::new(
            63,
            "another handle than HKEY_CURRENT_USER",
            |r| Got::Truth(r.keep("root", &Syscall::RegOpenCurrentUser) != Handle::CURRENT_USER),
            Got::Truth(true),
        )
        .on(from_2000),
        Row::new(
            66,
            "access 0",
            |r| {
                key(r);
                r.ask(&open_for(HKCU, "k", KeyAccess::Mask(0)))
            },
            code(5),
        ),
        Row::new(
            67,
            "case",
            |r| {
                r.ok(&create(HKCU, "Größe"));
                r.ask(&open(HKCU, "gRÖßE"))
            },
            code(0),
        ),
        Row::new(
            67,
            "case beyond the basic plane",
            |r| {
                r.ok(&create(HKCU, "\u{10428}"));
                r.ask(&open(HKCU, "\u{10400}"))
            },
            code(2),
        ),
        Row::new(
            70,
            "delete a value name of 32765",
            |r| {
                let h = key(r);
                r.ask(&delete_value(h, &long()))
            },
            code(2),
        ),
        Row::new(
            70,
            "set it",
            |r| {
                let h = key(r);
                r.ask(&set(h, &long()))
            },
            code(87),
        ),
        Row::new(
            70,
            "query it",
            |r| {
                let h = key(r);
                r.ask(&query(h, &long()))
            },
            code(2),
        ),
        Row::new(
            71,
            "type 0xff00ff00 without data reads back",
            |r| {
                let h = key(r);
                let value = RegValue { kind: 0xff00_ff00, data: Vec::new() };
                r.ok(&Syscall::RegSetValueEx { key: h.into(), name: "v".into(), value: value.clone() });
                Got::Truth(r.ok(&query(h, "v")) == Value::Data(value))
            },
            Got::Truth(true),
        ),
        Row::new(72, "create 256 letters", |r| r.ask(&create(HKCU, &"x".repeat(256))), code(0)),
        Row::new(72, "create 257", |r| r.ask(&create(HKCU, &"x".repeat(257))), code(87)),
        Row::new(72, "open 257", |r| r.ask(&open(HKCU, &"x".repeat(257))), code(87)),
    ]
}

fn long() -> String {
    "n".repeat(32765)
}

/// Subkeys, the longest name, values, the longest name, the longest data.
fn info(r: &mut Rig, filled: bool) -> Got {
    let h = key(r);
    if filled {
        r.ok(&create(h, "sub"));
        r.ok(&set(h, ""));
    }
    let Value::KeyInfo(info) = r.ok(&Syscall::RegQueryInfoKey { key: h.into() }) else { panic!("no info") };
    let numbers = [info.subkeys, info.subkey_name_max, info.values, info.value_name_max, info.value_data_max];
    Got::Names(vec![numbers.map(|number| number.to_string()).join(" ")])
}

pub(crate) const LEFT_OUT: &[(u32, LeftOut)] = &[
    (50, LeftOut::Buffers),
    (53, LeftOut::Buffers),
    (59, LeftOut::Buffers),
    (60, LeftOut::Buffers),
    (61, LeftOut::Buffers),
    (64, LeftOut::Notification),
    (65, LeftOut::Notification),
    (68, LeftOut::NativeCreate),
    (69, LeftOut::Renaming),
];
