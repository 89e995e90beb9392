//! What a crash of the machine leaves of hives (os C.7).

use super::rig::*;
use proptest::prelude::*;

use crate::os::process::Ending;
use crate::os::syscall::{Handle, Key};
use crate::os::{Os, Syscall, ThreadId, Windows};

type Flush = fn(&mut Rig, ThreadId, Handle);

fn unload(rig: &mut Rig, thread: ThreadId) -> u32 {
    rig.code(thread, &Syscall::UnloadUserProfile { account: "other".into() })
}

/// Writes `a` with a value in the hive of `other`, and opens it; answers the key's full path too.
fn written(windows: Windows) -> (Rig, ThreadId, Handle, String) {
    let mut rig = Rig::new(windows);
    let admin = rig.start("admin", 0);
    rig.ok(admin, &Syscall::LoadUserProfile { account: "other".into() });
    rig.os.keep_disks();
    let hive = rig.sid("other").to_string();
    let key = rig.handle(admin, &create(HKU, &format!(r"{hive}\a")));
    rig.ok(admin, &set(key, "v"));
    (rig, admin, key, format!(r"HKU\{hive}\a"))
}

fn reload(os: &mut Os) {
    os.load_hive("other");
    os.assert_invariants();
}

/// (C.7) Whether a key that was written is there after the crash, by what happened between.
#[test]
fn what_was_not_flushed_is_lost_and_the_rest_is_not() {
    let rows: [(&str, Flush, bool); 6] = [
        ("nothing", |_, _, _| (), false),
        (
            "RegFlushKey",
            |rig, thread, key| _ = rig.ok(thread, &Syscall::RegFlushKey { key: key.into() }),
            true,
        ),
        (
            "RegFlushKey of another hive",
            |rig, thread, _| {
                let default = rig.handle(thread, &open(HKU, ".DEFAULT"));
                rig.ok(thread, &Syscall::RegFlushKey { key: Key::from(default) });
            },
            false,
        ),
        (
            "the lazy writer",
            |rig, _, _| {
                for hive in rig.os.dirty_hives() {
                    rig.os.lazy_flush(&hive);
                }
                assert_eq!(rig.os.dirty_hives(), []);
            },
            true,
        ),
        (
            "unloading",
            |rig, thread, key| {
                rig.ok(thread, &close_key(key));
                assert_eq!(unload(rig, thread), 0);
            },
            true,
        ),
        ("unloading that waits for a handle", |rig, thread, _| assert_eq!(unload(rig, thread), 0), false),
    ];
    for (between, flush, is_there) in rows {
        let (mut rig, admin, key, path) = written(Windows::XP);
        flush(&mut rig, admin, key);
        rig.os.machine_crash();
        reload(&mut rig.os);
        assert_eq!(rig.os.key_exists(&path), is_there, "(C.7) {between}");
    }
}

/// (C.7) A deletion can be lost too: the profile is back.
#[test]
fn a_deletion_that_was_not_flushed_is_undone() {
    let (mut rig, admin, key, path) = written(Windows::XP);
    rig.ok(admin, &Syscall::RegFlushKey { key: key.into() });
    rig.ok(admin, &Syscall::NtDeleteKey { key });
    assert!(!rig.os.key_exists(&path));
    assert_eq!(rig.os.dirty_hives().len(), 1);
    rig.os.machine_crash();
    reload(&mut rig.os);
    assert!(rig.os.value(&path, "v").is_some(), "with its value");
}

/// (C.5, C.7) Every process and object is gone, volatile keys too, though their hive was flushed.
#[test]
fn nothing_but_files_outlives_the_machine() {
    let (mut rig, admin, key, path) = written(Windows::XP);
    let user = rig.start("user", 0);
    let lock = rig.handle(user, &mutex("m"));
    rig.ok(user, &wait(lock));
    rig.ok(admin, &create_volatile(key, "w"));
    rig.ok(admin, &Syscall::RegFlushKey { key: key.into() });
    rig.os.machine_crash();
    rig.os.assert_invariants();
    for thread in [admin, user] {
        assert_eq!(rig.os.process(rig.os.process_of(thread)).ending(), Some(Ending::MachineCrashed));
    }
    assert_eq!((rig.os.all_objects().count(), rig.os.open_keys().count()), (0, 0));
    assert_eq!(rig.os.hives_loaded(), [".DEFAULT", "S-1-5-18"]);
    reload(&mut rig.os);
    assert!(rig.os.key_exists(&path) && !rig.os.key_exists(&format!(r"{path}\w")));
    let after = rig.start("admin", 0);
    assert_eq!(rig.code(after, &open(HKU, ".DEFAULT")), 0, "and it goes on");
}

/// Without files a flush changes nothing: states that behave alike are equal.
#[test]
fn a_machine_that_never_crashes_does_not_tell_what_was_flushed() {
    let mut rig = Rig::new(Windows::XP);
    let admin = rig.start("admin", 0);
    let key = rig.handle(admin, &create(HKU, r".DEFAULT\a"));
    let before = rig.os.clone();
    rig.ok(admin, &Syscall::RegFlushKey { key: key.into() });
    assert_eq!(rig.os, before);
    assert_eq!(rig.os.dirty_hives(), []);
}

proptest! {
    /// (C.7) Against a naive reference: the keys that were there at the last flush, whoever made it.
    #[test]
    fn a_hive_is_as_it_was_last_flushed(steps in prop::collection::vec((0_u8..5, 0_u8..3), 0..40)) {
        let (mut rig, admin, key, path) = written(Windows::XP);
        let (mut now, mut flushed) = (std::collections::BTreeSet::new(), None);
        for (what, number) in steps {
            let name = number.to_string();
            match what {
                0 | 1 => {
                    let new = rig.handle(admin, &create(key, &name));
                    rig.ok(admin, &close_key(new));
                    now.insert(name);
                }
                2 => prop_assert_eq!(rig.code(admin, &delete(key, &name)) == 0, now.remove(&name)),
                3 => {
                    rig.ok(admin, &Syscall::RegFlushKey { key: key.into() });
                    flushed = Some(now.clone());
                }
                _ => {
                    for hive in rig.os.dirty_hives() {
                        rig.os.lazy_flush(&hive);
                    }
                    flushed = Some(now.clone());
                }
            }
        }
        rig.os.machine_crash();
        reload(&mut rig.os);
        let found = rig.os.subkeys(&path).map(|names| names.into_iter().map(str::to_owned).collect());
        prop_assert_eq!(found, flushed);
    }
}
