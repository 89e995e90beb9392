//! G.1: deletion and stale handles. Native calls are asked by the Win32 call that makes them, their status by its
//! Win32 number (os 0.3), `STATUS_KEY_DELETED` and `STATUS_HIVE_UNLOADED` being 1018, `STATUS_CANNOT_DELETE` 5.

use mapisim_model::os::{Handle, Key, Syscall};

use crate::rig::*;
use crate::{LeftOut, Row, before_vista, before_xp, code, from_vista, from_xp};

/// Two handles to one empty key, which is deleted through the first: the second.
fn deleted(r: &mut Rig) -> Handle {
    let first = r.keep("first", &create(HKCU, "k"));
    r.keep("second", &open(HKCU, "k"));
    r.ok(&delete(first, ""));
    r.h("second")
}

/// A key deleted through its own handle, by the native call.
fn deleted_by_itself(r: &mut Rig) -> Handle {
    let key = r.keep("key", &create(HKCU, "k"));
    r.ok(&nt_delete(key));
    key
}

/// A parent with a child, both open.
fn parent_and_child(r: &mut Rig) -> (Handle, Handle) {
    let parent = r.keep("P", &create(HKCU, "P"));
    (parent, r.keep("C", &create(parent, "C")))
}

/// A hive with an open key, which is unloaded.
fn unloaded(r: &mut Rig) -> (Handle, Got) {
    let key = r.keep("key", &create(HKCU, "k"));
    r.ok(&close_key(HKCU));
    let (user, system) = (r.me, r.start("LocalSystem"));
    r.become_thread(system);
    let got = r.ask(&Syscall::UnloadUserProfile { account: "user".into() });
    r.become_thread(user);
    (key, got)
}

/// A key `t` with a value and a default value, and below it `a`, `b` with a value, and `a\b`.
fn tree(r: &mut Rig) -> Handle {
    let top = r.keep("t", &create(HKCU, "t"));
    for path in ["a", "b", r"a\b"] {
        let key = r.keep("below", &create(top, path));
        r.ok(&set(key, "v"));
    }
    r.ok(&set(top, "v"));
    r.ok(&set(top, ""));
    top
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row::new(
            1,
            "RegEnumValue on it",
            |r| {
                let h = deleted(r);
                r.ask(&enum_value(h, 0))
            },
            code(1018),
        ),
        Row::new(
            2,
            "RegEnumKey on it",
            |r| {
                let h = deleted(r);
                r.ask(&enum_key(h, 0))
            },
            code(1018),
        ),
        Row::new(
            3,
            "RegQueryValueEx on it",
            |r| {
                let h = deleted(r);
                r.ask(&query(h, "v"))
            },
            code(1018),
        ),
        Row::new(
            4,
            "RegSetValueEx on it",
            |r| {
                let h = deleted(r);
                r.ask(&set(h, "v"))
            },
            code(1018),
        ),
        Row::new(
            5,
            "RegOpenKey below it",
            |r| {
                let h = deleted(r);
                r.ask(&open(h, "test"))
            },
            code(1018),
        ),
        Row::new(
            6,
            "RegCreateKey below it",
            |r| {
                let h = deleted(r);
                r.ask(&create(h, "test"))
            },
            code(1018),
        ),
        Row::new(
            7,
            "RegFlushKey on it",
            |r| {
                let h = deleted(r);
                r.ask(&flush(h))
            },
            code(1018),
        ),
        Row::new(8, "NtDeleteKey of NULL", |r| r.ask(&nt_delete(NULL)), code(6)),
        Row::new(
            10,
            "enumerate keys",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&enum_key(h, 0))
            },
            code(1018),
        ),
        Row::new(
            11,
            "query a value",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&query(h, "v"))
            },
            code(1018),
        ),
        Row::new(
            12,
            "enumerate values",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&enum_value(h, 0))
            },
            code(1018),
        ),
        Row::new(
            13,
            "set a value",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&set(h, "v"))
            },
            code(1018),
        ),
        Row::new(
            14,
            "delete a value",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&delete_value(h, "v"))
            },
            code(1018),
        ),
        Row::new(
            15,
            "NtDeleteKey again",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&nt_delete(h))
            },
            code(0),
        ),
        Row::new(
            16,
            "open below it",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&open(h, "s"))
            },
            code(1018),
        ),
        Row::new(
            16,
            "create below it",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&create(h, "s"))
            },
            code(1018),
        ),
        Row::new(
            18,
            "close it",
            |r| {
                let h = deleted_by_itself(r);
                r.ask(&close_key(h))
            },
            code(0),
        ),
        Row::new(
            19,
            "P has a child",
            |r| {
                let (p, _) = parent_and_child(r);
                r.ask(&nt_delete(p))
            },
            code(5),
        ),
        Row::new(
            20,
            "C",
            |r| {
                let (_, c) = parent_and_child(r);
                r.ask(&nt_delete(c))
            },
            code(0),
        ),
        Row::new(
            20,
            "P once C is deleted but open",
            |r| {
                let (p, c) = parent_and_child(r);
                r.ok(&nt_delete(c));
                r.ask(&nt_delete(p))
            },
            code(0),
        ),
        Row::new(
            21,
            "P once more",
            |r| {
                let (p, c) = parent_and_child(r);
                r.ok(&nt_delete(c));
                r.ok(&nt_delete(p));
                r.ask(&nt_delete(p))
            },
            code(0),
        ),
        Row::new(
            22,
            "P has a child that nobody has open",
            |r| {
                let (p, c) = parent_and_child(r);
                r.ok(&close_key(c));
                r.ask(&nt_delete(p))
            },
            code(5),
        ),
        Row::new(23, "many children with a grandchild each, one in the middle first", many_children, code(0)),
        Row::new(
            24,
            "RegDeleteKey with a subkey",
            |r| {
                parent_and_child(r);
                r.ask(&delete(HKCU, "P"))
            },
            code(5),
        ),
        Row::new(
            25,
            "the tree, while open",
            |r| {
                parent_and_child(r);
                r.delete_tree(HKCU, Some("P"))
            },
            code(0),
        ),
        Row::new(
            25,
            "close afterwards",
            |r| {
                let (p, _) = parent_and_child(r);
                r.delete_tree(HKCU, Some("P"));
                r.ask(&close_key(p))
            },
            code(0),
        ),
        Row::new(
            26,
            "a tree of two",
            |r| {
                tree(r);
                r.delete_tree(HKCU, Some("t"))
            },
            code(0),
        ),
        Row::new(
            26,
            "reopen",
            |r| {
                tree(r);
                r.delete_tree(HKCU, Some("t"));
                r.ask(&open(HKCU, "t"))
            },
            code(2),
        ),
        Row::new(27, "RegDeleteKey(h, NULL)", delete_null, code(87)).on(from_xp),
        Row::new(27, "RegDeleteKey(h, NULL)", delete_null, code(0)).on(before_xp),
        Row::new(
            27,
            "it has deleted h's own key",
            |r| {
                delete_null(r);
                r.ask(&open(HKCU, "k"))
            },
            code(2),
        )
        .on(before_xp),
        Row::new(
            28,
            "RegDeleteKey(h, \"\")",
            |r| {
                let h = r.keep("h", &create(HKCU, "k"));
                r.ask(&delete(h, ""))
            },
            code(0),
        ),
        Row::new(
            28,
            "reopen by name",
            |r| {
                deleted(r);
                r.ask(&open(HKCU, "k"))
            },
            code(2),
        ),
        Row::new(
            29,
            "delete a value",
            |r| {
                let h = tree(r);
                r.ask(&delete_value(h, "v"))
            },
            code(0),
        ),
        Row::new(29, "query it then", |r| value_gone(r, "v", |h| query(h, "v")), code(2)),
        Row::new(29, "delete it again", |r| value_gone(r, "v", |h| delete_value(h, "v")), code(2)),
        Row::new(
            30,
            "query the default value",
            |r| {
                let h = tree(r);
                r.ask(&query(h, ""))
            },
            code(0),
        ),
        Row::new(30, "deleted, then queried", |r| value_gone(r, "", |h| query(h, "")), code(2)),
        Row::new(
            31,
            "a value name of 400",
            |r| {
                let h = tree(r);
                r.ask(&delete_value(h, &"n".repeat(400)))
            },
            code(2),
        )
        .on(from_xp),
        Row::new(
            32,
            "DeleteTree(k, sub)",
            |r| {
                let h = tree(r);
                r.delete_tree(h.into(), Some("a"))
            },
            code(0),
        ),
        Row::new(32, "sub is gone", |r| pruned(r, Some("a"), |h| open(h, "a")), code(2)),
        Row::new(32, "k's default value stays", |r| pruned(r, Some("a"), |h| query(h, "")), code(0)),
        Row::new(
            33,
            "a\\b",
            |r| {
                let h = tree(r);
                r.delete_tree(h.into(), Some(r"a\b"))
            },
            code(0),
        ),
        Row::new(33, "only b is gone", |r| pruned(r, Some(r"a\b"), |h| open(h, r"a\b")), code(2)),
        Row::new(33, "a is not", |r| pruned(r, Some(r"a\b"), |h| open(h, "a")), code(0)),
        Row::new(34, "NULL: subkeys gone", |r| pruned(r, None, |h| open(h, "b")), code(2)),
        Row::new(34, "NULL: values gone", |r| pruned(r, None, |h| query(h, "v")), code(2)),
        Row::new(34, "NULL: k still opens", |r| pruned(r, None, |_| open(HKCU, "t")), code(0)),
        Row::new(35, "\"\" as NULL", |r| pruned(r, Some(""), |h| query(h, "v")), code(2)),
        Row::new(
            35,
            "not there",
            |r| {
                let h = tree(r);
                r.delete_tree(h.into(), Some("not-here"))
            },
            code(2),
        ),
        Row::new(36, "NULL root", |r| r.delete_key_value(NULL, Some("a"), "v"), code(6)),
        Row::new(36, "missing value", |r| key_value(r, Some("t"), "not-here").0, code(2)),
        Row::new(36, "by a path", |r| key_value(r, Some("t"), "v").1, code(2)),
        Row::new(36, "NULL subkey: the key itself", |r| key_value(r, None, "own").1, code(2)),
        Row::new(40, "a handle is open", |r| unloaded(r).1, code(5)).on(before_xp),
        Row::new(
            40,
            "flush it",
            |r| {
                let (h, _) = unloaded(r);
                r.ask(&flush(h))
            },
            code(0),
        )
        .on(before_xp),
        Row::new(41, "by force", |r| unloaded(r).1, code(0)).on(from_vista),
        Row::new(
            41,
            "flush it",
            |r| {
                let (h, _) = unloaded(r);
                r.ask(&flush(h))
            },
            code(1018),
        )
        .on(from_vista),
        Row::new(
            41,
            "not by force",
            |r| {
                let (h, _) = unloaded(r);
                r.ask(&flush(h))
            },
            code(0),
        )
        .on(before_vista),
        Row::new(
            42,
            "NtDeleteKey",
            |r| {
                let (h, _) = unloaded(r);
                r.ask(&nt_delete(h))
            },
            code(0),
        )
        .on(from_vista),
        Row::new(
            42,
            "close",
            |r| {
                let (h, _) = unloaded(r);
                r.ask(&close_key(h))
            },
            code(0),
        )
        .on(from_vista),
    ]
}

fn delete_null(r: &mut Rig) -> Got {
    let key = r.keep("h", &create(HKCU, "k"));
    r.ask(&Syscall::RegDeleteKey { key: key.into(), path: None })
}

/// What deleting a value of HKCU\t, or of HKCU, answers, and then querying it.
fn key_value(r: &mut Rig, path: Option<&str>, name: &str) -> (Got, Got) {
    let below = tree(r);
    r.ok(&set(HKCU, "own"));
    let deleted = r.delete_key_value(HKCU, path, name);
    (deleted, r.ask(&path.map_or_else(|| query(HKCU, name), |_| query(below, name))))
}

fn value_gone(r: &mut Rig, name: &str, call: fn(Handle) -> Syscall) -> Got {
    let key = tree(r);
    r.ok(&delete_value(key, name));
    r.ask(&call(key))
}

fn pruned(r: &mut Rig, path: Option<&str>, call: fn(Handle) -> Syscall) -> Got {
    let key = tree(r);
    assert_eq!(r.delete_tree(key.into(), path), code(0));
    r.ask(&call(key))
}

/// A hundred of the vector's ten thousand.
fn many_children(r: &mut Rig) -> Got {
    const CHILDREN: u32 = 100;
    let parent: Key = r.keep("P", &create(HKCU, "P")).into();
    for number in 0..CHILDREN {
        let child = r.keep("child", &create(parent, &format!(r"{number}\grandchild")));
        r.ok(&close_key(child));
    }
    for number in (CHILDREN / 2..CHILDREN).chain(0..CHILDREN / 2) {
        r.ok(&delete(parent, &format!(r"{number}\grandchild")));
        r.ok(&delete(parent, &number.to_string()));
    }
    r.ask(&delete(HKCU, "P"))
}

pub(crate) const LEFT_OUT: &[(u32, LeftOut)] = &[
    (9, LeftOut::NativeQuery),
    (17, LeftOut::NativeQuery),
    (37, LeftOut::LinksAndMergedViews),
    (38, LeftOut::LinksAndMergedViews),
    (39, LeftOut::MountPoints),
    (43, LeftOut::MountPoints),
];
