//! Waiting, and waits that give up at once.

use super::rig::*;
use crate::os::security;
use crate::os::{Handle, Syscall, ThreadId, Value, Windows};

const ACQUIRED: Value = Value::Acquired { abandoned: false };

fn open_event(name: &str, access: security::AccessMask) -> Syscall {
    Syscall::OpenEvent { name: name.into(), access }
}

fn start() -> (Rig, ThreadId) {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    (rig, thread)
}

/// Manual or automatic reset, signalled at first: what three looks give.
#[test]
fn an_event_of_automatic_reset_gives_its_signal_once() {
    let rows = [
        (true, true, [true, true, true]),
        (true, false, [false, false, false]),
        (false, true, [true, false, false]),
        (false, false, [false, false, false]),
    ];
    for (manual, signalled, looks) in rows {
        let (mut rig, thread) = start();
        let handle = rig.handle(thread, &event("e", manual, signalled));
        for is_there in looks {
            let expected = if is_there { ACQUIRED } else { Value::TimedOut };
            assert_eq!(rig.ok(thread, &look(handle)), expected, "manual {manual}, signalled {signalled}");
        }
        rig.ok(thread, &Syscall::SetEvent { event: handle });
        assert_eq!(rig.ok(thread, &look(handle)), ACQUIRED);
        rig.ok(thread, &Syscall::ResetEvent { event: handle });
        assert_eq!(rig.ok(thread, &look(handle)), Value::TimedOut);
    }
}

#[test]
fn a_wait_for_an_event_ends_when_another_process_sets_it() {
    let (mut rig, waiter) = start();
    let setter = rig.start("user", 0);
    let (theirs, mine) =
        (rig.handle(waiter, &event("e", false, false)), rig.handle(setter, &open_event("e", 2)));
    assert_eq!(rig.os.execute(waiter, &wait(theirs)), None, "has to wait");
    rig.ok(setter, &Syscall::SetEvent { event: mine });
    assert_eq!(rig.ok(waiter, &wait(theirs)), ACQUIRED);
    assert_eq!(rig.code(setter, &look(mine)), 5, "opened to set it, not to wait");
}

/// (os D) Events are not abandoned, owned mutexes are looked at in vain.
#[test]
fn a_look_at_what_another_has_times_out() {
    let (mut rig, owner) = start();
    let other = rig.start("user", 0);
    let (theirs, mine) = (rig.handle(owner, &mutex("m")), rig.handle(other, &mutex("m")));
    assert_eq!(rig.ok(owner, &look(theirs)), ACQUIRED);
    assert_eq!(rig.ok(other, &look(mine)), Value::TimedOut);
    let signal = rig.handle(other, &event("e", true, false));
    rig.os.kill(rig.process(owner));
    assert_eq!(rig.ok(other, &look(mine)), Value::Acquired { abandoned: true });
    assert_eq!(rig.ok(other, &look(signal)), Value::TimedOut);
}

#[test]
fn handles_are_good_for_what_they_were_opened_for() {
    let (mut rig, thread) = start();
    let all = rig.handle(thread, &event("e", true, true));
    let can_wait = rig.handle(thread, &open_event("e", security::SYNCHRONIZE));
    let can_set = rig.handle(thread, &open_event("e", security::event::MODIFY_STATE));
    let by_generic = rig.handle(thread, &open_event("e", 0x4000_0000));
    let most = rig.handle(thread, &open_event("e", security::MAXIMUM_ALLOWED));
    let lock = rig.handle(thread, &mutex("m"));
    let key = rig.handle(thread, &create(HKCU, "k"));
    let section = rig.handle(thread, &section("s"));
    let set = |event: Handle| Syscall::SetEvent { event };
    let rows = [
        ("all: set", set(all), 0),
        ("SYNCHRONIZE: wait", look(can_wait), 0),
        ("SYNCHRONIZE: set", set(can_wait), 5),
        ("MODIFY_STATE: set", set(can_set), 0),
        ("MODIFY_STATE: wait", look(can_set), 5),
        ("GENERIC_WRITE: set", set(by_generic), 0),
        ("MAXIMUM_ALLOWED: set", set(most), 0),
        ("MAXIMUM_ALLOWED: wait", look(most), 0),
        ("a mutex is no event", set(lock), 6),
        ("nor is a key", set(key), 6),
        ("wait for a key", look(key), 5),
        ("wait for a section", look(section), 5),
        ("G3.87 a bit that events do not have", open_event("e", 0x8000), 5),
        ("G3.86 no bit", open_event("e", 0), 5),
        ("no such name comes first", open_event("f", 0), 2),
        ("another type comes first", open_event("m", 0), 6),
    ];
    for (what, call, answer) in rows {
        assert_eq!(rig.code(thread, &call), answer, "{what}");
    }
}

/// (os A.10) A NULL list: whoever may not open the one made without it may open the one made with it.
#[test]
fn what_is_made_for_everyone_can_be_opened_by_everyone() {
    for everyone in [false, true] {
        let (mut rig, maker) = start();
        let other = rig.start("other", 0);
        let name = || Some("x".to_owned());
        rig.ok(maker, &Syscall::CreateMutex { name: name(), everyone });
        assert_eq!(rig.code(other, &mutex("x")), if everyone { 183 } else { 5 });
        let made =
            Syscall::CreateEvent { name: Some("e".into()), manual_reset: true, signalled: false, everyone };
        rig.ok(maker, &made);
        let opened = if everyone { 0 } else { 5 };
        assert_eq!(rig.code(other, &open_event("e", security::event::ALL)), opened);
    }
}
