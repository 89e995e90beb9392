//! G.3: objects, namespaces, sections. What a vector says of absolute native names is asked by the same name
//! relative to the session's directory, as kernel32 passes it.

use mapisim_model::os::syscall::{MapAccess, Protection};
use mapisim_model::os::{Handle, Syscall, Value, ViewBase, security};

use crate::rig::*;
use crate::{LeftOut, Row, code, from_2000, from_xp, nt4};

/// Asks under a name for a view of a section that a fresh process made or opened.
fn section_handle(r: &mut Rig) -> Handle {
    r.keep("s", &section("s"))
}

/// A mapped section whose only handle is closed.
fn only_mapped(r: &mut Rig) -> ViewBase {
    let handle = section_handle(r);
    let view = r.view(handle, MapAccess::ReadWrite);
    r.ok(&store(view, 0, 7));
    r.ok(&close(handle));
    view
}

fn opened_for(r: &mut Rig, access: MapAccess) -> Handle {
    section_handle(r);
    r.keep("opened", &open_section("s", access))
}

/// A parent and a child share a section; the child maps it so and writes 9. What the parent reads.
fn child_writes(r: &mut Rig, access: MapAccess) -> Got {
    let (parent, child) = (r.me, r.start("user"));
    let handle = section_handle(r);
    let mine = r.view(handle, MapAccess::ReadWrite);
    r.become_thread(child);
    let handle = r.keep("child's", &open_section("s", MapAccess::All));
    let view = r.view(handle, access);
    r.ok(&store(view, 0, 9));
    r.become_thread(parent);
    r.ask(&load(mine, 0))
}

/// The owner of a mutex ends, in one of two ways; then another waits so often.
fn abandoned(r: &mut Rig, kill: bool, waits: u32) -> Got {
    let (owner, heir) = (r.start("user"), r.me);
    let mine = r.keep("m", &mutex("m"));
    r.become_thread(owner);
    let theirs = r.keep("owner's", &mutex("m"));
    r.ok(&look(theirs));
    if kill {
        r.os.kill(r.process());
    } else {
        r.ok(&Syscall::ExitThread);
    }
    r.become_thread(heir);
    for _ in 1..waits {
        r.ok(&look(mine));
        r.ok(&release(mine));
    }
    r.ask(&look(mine))
}

/// Which single bits cannot be asked of an existing mutex.
fn refused_bits(r: &mut Rig) -> Got {
    r.ok(&mutex("m"));
    let refused = (0..32).map(|bit| 1_u32 << bit).filter(|access| {
        let call = Syscall::OpenMutex { name: "m".into(), access: *access };
        matches!(r.ask(&call), Got::Code(5 | 1314))
    });
    Got::Number(refused.fold(0, |all, bit| all | u64::from(bit)))
}

fn granted_on_create(r: &mut Rig, protection: Protection) -> Got {
    let handle = r.keep("s", &section_of("s", 4096, protection));
    r.granted(handle)
}

fn size_of(r: &mut Rig, bytes: u64) -> Got {
    let handle = r.keep("s", &section_of("s", bytes, Protection::ReadWrite));
    let view = r.view(handle, MapAccess::Read);
    r.bytes(view)
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row::new(
            73,
            "event Test beside mutex test",
            |r| {
                r.ok(&mutex("test"));
                r.ask(&event("Test"))
            },
            code(0),
        ),
        Row::new(74, "the directory in wrong case", |r| r.ask(&mutex(r"GLOBAL\test")), code(3)),
        Row::new(
            76,
            "mutex twice",
            |r| {
                r.ok(&mutex("m"));
                r.ask(&mutex("m"))
            },
            code(183),
        ),
        Row::new(
            76,
            "event twice",
            |r| {
                r.ok(&event("e"));
                r.ask(&event("e"))
            },
            code(183),
        ),
        Row::new(
            76,
            "section twice",
            |r| {
                r.ok(&section("s"));
                r.ask(&section("s"))
            },
            code(183),
        ),
        Row::new(78, "nothing after the directory", |r| r.ask(&mutex(r"Global\")), code(123)).on(from_2000),
        Row::new(78, "two backslashes", |r| r.ask(&mutex(r"Global\\x")), code(123)).on(from_2000),
        Row::new(78, "one at the end", |r| r.ask(&mutex(r"Global\x\")), code(3)),
        Row::new(79, "one at the beginning", |r| r.ask(&mutex(r"\x")), code(161)),
        Row::new(79, "below what is not there", |r| r.ask(&mutex(r"a\b")), code(3)),
        Row::new(
            82,
            "by its session",
            |r| {
                r.ok(&mutex("m"));
                r.ask(&open_mutex(r"Session\1\m"))
            },
            code(0),
        )
        .on(from_2000),
        Row::new(83, "65532 bytes", |r| r.ask(&mutex(&"x".repeat(32766))), code(0)),
        Row::new(83, "65534 bytes", |r| r.ask(&mutex(&"x".repeat(32767))), code(123)),
        Row::new(
            85,
            "an event for access 0",
            |r| {
                r.ok(&event("e"));
                r.ask(&open_event("e", 0))
            },
            code(5),
        ),
        Row::new(
            85,
            "duplicated to access 0",
            |r| {
                let h = r.keep("e", &event("e"));
                duplicate(r, h, 0)
            },
            code(0),
        ),
        Row::new(86, "open missing", |r| r.ask(&open_mutex("m")), code(2)),
        Row::new(
            86,
            "open for access 0",
            |r| {
                r.ok(&mutex("m"));
                r.ask(&Syscall::OpenMutex { name: "m".into(), access: 0 })
            },
            code(5),
        ),
        Row::new(
            86,
            "open in other case",
            |r| {
                r.ok(&mutex("m"));
                r.ask(&open_mutex("M"))
            },
            code(2),
        ),
        Row::new(
            86,
            "create in other case",
            |r| {
                r.ok(&mutex("m"));
                r.ask(&mutex("M"))
            },
            code(0),
        ),
        Row::new(87, "wait without SYNCHRONIZE", wait_without_right, code(5)),
        Row::new(87, "release by another", release_by_another, code(288)),
        Row::new(87, "single bits of access", refused_bits, Got::Number(0x0de0_fffe)),
        Row::new(
            87,
            "ACCESS_SYSTEM_SECURITY",
            |r| {
                r.ok(&mutex("m"));
                r.ask(&Syscall::OpenMutex { name: "m".into(), access: security::ACCESS_SYSTEM_SECURITY })
            },
            code(1314),
        ),
        Row::new(
            88,
            "open an event in other case",
            |r| {
                r.ok(&event("e"));
                r.ask(&open_event("E", security::event::ALL))
            },
            code(2),
        ),
        Row::new(
            88,
            "create one in other case",
            |r| {
                r.ok(&event("e"));
                r.ask(&event("E"))
            },
            code(0),
        ),
        Row::new(89, "create", |r| r.ask(&section("s")), code(0)),
        Row::new(
            89,
            "again",
            |r| {
                r.ok(&section("s"));
                r.ask(&section("s"))
            },
            code(183),
        ),
        Row::new(
            89,
            "in other case",
            |r| {
                r.ok(&section("s"));
                r.ask(&section("S"))
            },
            code(0),
        ),
        Row::new(
            89,
            "open in other case",
            |r| {
                r.ok(&section("s"));
                r.ask(&open_section("S", MapAccess::All))
            },
            code(2),
        ),
        Row::new(91, "Local\\Foo", |r| r.ask(&section(r"Local\Foo")), code(3)).on(nt4),
        Row::new(91, "Local\\Foo", |r| r.ask(&section(r"Local\Foo")), code(0)).on(from_2000),
        Row::new(91, "4090 bytes", |r| size_of(r, 4090), Got::Number(4096)),
        Row::new(
            92,
            "opened to read, mapped to write",
            |r| {
                let h = opened_for(r, MapAccess::Read);
                r.ask(&map(h, MapAccess::Write, 0))
            },
            code(5),
        ),
        Row::new(
            92,
            "opened to write, mapped to read",
            |r| {
                let h = opened_for(r, MapAccess::Write);
                r.ask(&map(h, MapAccess::Read, 0))
            },
            code(5),
        ),
        Row::new(
            92,
            "opened to write, mapped to write",
            |r| {
                let h = opened_for(r, MapAccess::Write);
                r.ask(&map(h, MapAccess::Write, 0))
            },
            code(0),
        ),
        Row::new(
            94,
            "readable",
            |r| {
                let view = only_mapped(r);
                r.ask(&load(view, 0))
            },
            Got::Number(7),
        ),
        Row::new(
            94,
            "open",
            |r| {
                only_mapped(r);
                r.ask(&open_section("s", MapAccess::Read))
            },
            code(2),
        ),
        Row::new(
            94,
            "create",
            |r| {
                only_mapped(r);
                r.ask(&section("s"))
            },
            code(0),
        ),
        Row::new(
            95,
            "unmap what is no view",
            |r| r.ask(&Syscall::UnmapViewOfFile { view: ViewBase(3) }),
            code(487),
        ),
        Row::new(
            96,
            "one byte more than the section",
            |r| {
                let h = section_handle(r);
                r.ask(&map(h, MapAccess::Read, 4097))
            },
            code(5),
        ),
        Row::new(96, "0x3452 bytes", |r| size_of(r, 0x3452), Got::Number(0x4000)),
        Row::new(
            97,
            "the child creates it",
            |r| {
                r.ok(&section("s"));
                let child = r.start("user");
                r.become_thread(child);
                r.ask(&section("s"))
            },
            code(183),
        ),
        Row::new(97, "and sees the value", child_reads, Got::Number(5)),
        Row::new(98, "the child's view copies", |r| child_writes(r, MapAccess::Copy), Got::Number(0)),
        Row::new(98, "the child's view writes", |r| child_writes(r, MapAccess::Write), Got::Number(9)),
        Row::new(99, "READONLY", |r| granted_on_create(r, Protection::ReadOnly), Got::Number(0xF_0005)),
        Row::new(99, "READWRITE", |r| granted_on_create(r, Protection::ReadWrite), Got::Number(0xF_0007)),
        Row::new(
            99,
            "EXECUTE_READ",
            |r| granted_on_create(r, Protection::ExecuteRead),
            Got::Number(0xF_000D),
        )
        .on(from_xp),
        Row::new(
            99,
            "EXECUTE_READWRITE",
            |r| granted_on_create(r, Protection::ExecuteReadWrite),
            Got::Number(0xF_000F),
        )
        .on(from_xp),
        Row::new(99, "NOACCESS", |r| r.ask(&section_of("s", 4096, Protection::NoAccess)), code(87)),
        Row::new(99, "EXECUTE", |r| r.ask(&section_of("s", 4096, Protection::Execute)), code(87)),
        Row::new(
            100,
            "SECTION_QUERY",
            |r| {
                let h = opened_for(r, MapAccess::Copy);
                r.granted(h)
            },
            Got::Number(4),
        ),
        Row::new(
            100,
            "all",
            |r| {
                let h = opened_for(r, MapAccess::All);
                r.granted(h)
            },
            Got::Number(0xF_001F),
        ),
        Row::new(102, "the owner's thread ends", |r| abandoned(r, false, 1), code(0x80)),
        Row::new(102, "the wait after the next", |r| abandoned(r, false, 2), code(0)),
        Row::new(103, "the owner is killed", |r| abandoned(r, true, 1), code(0x80)),
        Row::new(
            103,
            "what is not abandoned times out",
            |r| {
                let h = r.keep("e", &event("e"));
                r.ask(&look(h))
            },
            code(0x102),
        ),
    ]
}

fn duplicate(r: &mut Rig, handle: Handle, access: security::AccessMask) -> Got {
    let (source, target) = (r.process(), r.process());
    r.ask(&Syscall::DuplicateHandle { source, handle, target, access: Some(access) })
}

fn wait_without_right(r: &mut Rig) -> Got {
    r.ok(&mutex("m"));
    let handle = r.keep("m", &Syscall::OpenMutex { name: "m".into(), access: 1 });
    r.ask(&look(handle))
}

fn release_by_another(r: &mut Rig) -> Got {
    let handle = r.keep("m", &mutex("m"));
    r.ok(&look(handle));
    let other = r.os.spawn_thread(r.process());
    r.become_thread(other);
    r.ask(&release(handle))
}

fn child_reads(r: &mut Rig) -> Got {
    let handle = section_handle(r);
    let view = r.view(handle, MapAccess::ReadWrite);
    r.ok(&store(view, 0, 5));
    let child = r.start("user");
    r.become_thread(child);
    let handle = r.keep("child's", &section("s"));
    let Value::View(view) = r.ok(&map(handle, MapAccess::Read, 0)) else { panic!("no view") };
    r.ask(&load(view, 0))
}

pub(crate) const LEFT_OUT: &[(u32, LeftOut)] = &[
    (75, LeftOut::NativeCreate),
    (77, LeftOut::NativeCreate),
    (80, LeftOut::NativeCreate),
    (81, LeftOut::NativeCreate),
    (84, LeftOut::NativeCreate),
    (90, LeftOut::SectionFlags),
    (93, LeftOut::NativeQuery),
    (101, LeftOut::SectionFlags),
];
