//! Memory that processes share: bytes, sizes, protections.

use super::rig::*;
use crate::os::syscall::{MapAccess, Protection};
use crate::os::{Handle, Syscall, ThreadId, Value, ViewBase, Windows};

fn start() -> (Rig, ThreadId) {
    let mut rig = Rig::new(Windows::XP);
    let thread = rig.start("user", 0);
    (rig, thread)
}

fn map_bytes(section: Handle, access: MapAccess, bytes: u64) -> Syscall {
    Syscall::MapViewOfFile { section, access, bytes }
}

fn view_for(rig: &mut Rig, thread: ThreadId, section: Handle, access: MapAccess) -> ViewBase {
    let Value::View(view) = rig.ok(thread, &map(section, access)) else { panic!("no view") };
    view
}

fn byte(rig: &mut Rig, thread: ThreadId, view: ViewBase, offset: u64) -> i64 {
    let Value::Number(byte) = rig.ok(thread, &Syscall::ByteLoad { view, offset }) else { panic!("no byte") };
    byte
}

fn put(view: ViewBase, offset: u64, value: u8) -> Syscall {
    Syscall::ByteStore { view, offset, value }
}

/// (os A.8, G3.91, G3.96) Sizes in pages; the size of an existing section counts.
#[test]
fn sizes_are_whole_pages() {
    let rows = [(1, 4096), (4090, 4096), (4096, 4096), (4097, 8192), (0x3452, 0x4000)];
    for (asked, given) in rows {
        let (mut rig, thread) = start();
        let call = section_of(Some("s".into()), asked, Protection::ReadWrite);
        let handle = rig.handle(thread, &call);
        let view = view_for(&mut rig, thread, handle, MapAccess::Read);
        assert_eq!(rig.os.view_bytes(rig.process(thread), view), Some(given), "{asked}");
        assert_eq!(rig.code(thread, &map_bytes(handle, MapAccess::Read, given)), 0);
        assert_eq!(rig.code(thread, &map_bytes(handle, MapAccess::Read, given + 1)), 5, "(A.8)");
        let again = section_of(Some("s".into()), 10 * given, Protection::ReadWrite);
        let again = rig.handle(thread, &again);
        assert_eq!(rig.code(thread, &map_bytes(again, MapAccess::Read, given + 1)), 5, "(A.6) existing size");
    }
}

/// (os A.8, G3.99) What cannot be made, with and without a name that could not be either.
#[test]
fn arguments_are_looked_at_before_the_name() {
    let (mut rig, thread) = start();
    for name in [None, Some("s".to_owned()), Some(r"\bad".to_owned())] {
        for (size, protection) in [
            (0, Protection::ReadWrite),
            (4096, Protection::NoAccess),
            (4096, Protection::Execute),
            (u64::MAX, Protection::ReadWrite),
        ] {
            assert_eq!(rig.code(thread, &section_of(name.clone(), size, protection)), 87, "{name:?} {size}");
        }
    }
    let executable = section_of(None, 1, Protection::ExecuteReadWrite);
    assert_eq!(rig.code(thread, &executable), 0);
    let mut rig = Rig::new(Windows::W2000);
    let thread = rig.start("user", 0);
    assert_eq!(rig.code(thread, &executable), 87, "(A.8) not before XP");
}

/// (os 0.3, A.6, G3.99) The protection of the section, what its maker's handle and one for all can be mapped for.
#[test]
fn protection_decides_about_views() {
    use MapAccess::{All, Copy, Read, Write};
    let rows = [
        (Protection::ReadWrite, [0, 0, 0, 0], [0, 0, 0, 0]),
        (Protection::ReadOnly, [0, 0, 5, 5], [0, 0, 87, 87]),
        (Protection::WriteCopy, [0, 0, 5, 5], [0, 0, 87, 87]),
        (Protection::ExecuteRead, [0, 0, 5, 5], [0, 0, 87, 87]),
        (Protection::ExecuteReadWrite, [0, 0, 0, 0], [0, 0, 0, 0]),
    ];
    for (protection, by_maker, by_all) in rows {
        let (mut rig, thread) = start();
        let made = rig.handle(thread, &section_of(Some("s".into()), 4096, protection));
        let opened = rig.handle(thread, &open_section("s", All));
        for (index, access) in [Read, Copy, Write, All].into_iter().enumerate() {
            assert_eq!(rig.code(thread, &map(made, access)), by_maker[index], "{protection:?} {access:?}");
            assert_eq!(
                rig.code(thread, &map(opened, access)),
                by_all[index],
                "{protection:?} {access:?}, all"
            );
        }
    }
}

/// (os G3.98) A page is one's own from the first write on; other pages, and others' views, are not touched.
#[test]
fn a_copying_view_keeps_the_pages_that_it_writes() {
    let (mut rig, one) = start();
    let two = rig.start("user", 0);
    let handle = rig.handle(one, &section_of(Some("s".into()), 8192, Protection::ReadWrite));
    let shared = rig.view(one, handle);
    let theirs = rig.handle(two, &open_section("s", MapAccess::Copy));
    let copy = view_for(&mut rig, two, theirs, MapAccess::Copy);
    rig.ok(one, &put(shared, 0, 1));
    rig.ok(one, &put(shared, 1, 2));
    assert_eq!(byte(&mut rig, two, copy, 0), 1, "seen until it writes");
    rig.ok(two, &put(copy, 0, 9));
    rig.ok(one, &put(shared, 1, 3));
    rig.ok(one, &put(shared, 4096, 4));
    assert_eq!([byte(&mut rig, two, copy, 0), byte(&mut rig, two, copy, 1)], [9, 2], "the page as it was");
    assert_eq!(byte(&mut rig, two, copy, 4096), 4, "another page is still shared");
    assert_eq!(
        [byte(&mut rig, one, shared, 0), byte(&mut rig, one, shared, 1)],
        [1, 3],
        "nobody else sees it"
    );
    rig.ok(two, &Syscall::CellAdd { view: copy, cell: "n".into(), delta: 5 });
    assert_eq!(rig.cell(one, shared, "n"), 0, "cells are in the first page");
    let again = view_for(&mut rig, two, theirs, MapAccess::Copy);
    assert_eq!(byte(&mut rig, two, again, 0), 1, "another view begins anew");
}

#[test]
fn bytes_lie_within_their_view() {
    let (mut rig, thread) = start();
    let handle = rig.handle(thread, &section_of(None, 8192, Protection::ReadWrite));
    let Value::View(view) = rig.ok(thread, &map_bytes(handle, MapAccess::ReadWrite, 1)) else {
        panic!("no view")
    };
    assert_eq!(rig.code(thread, &put(view, 4095, 7)), 0);
    assert_eq!(byte(&mut rig, thread, view, 4095), 7);
    assert_eq!(rig.code(thread, &put(view, 4096, 7)), 998, "past its end");
    assert_eq!(rig.code(thread, &Syscall::ByteLoad { view, offset: 4096 }), 998);
    assert_eq!(rig.code(thread, &Syscall::ByteLoad { view: ViewBase(9), offset: 0 }), 998);
    let read_only = view_for(&mut rig, thread, handle, MapAccess::Read);
    assert_eq!(rig.code(thread, &put(read_only, 0, 1)), 998);
    assert_eq!(byte(&mut rig, thread, read_only, 4095), 7);
}
