//! The live comparison: random sequences in the corpus's grammar, through the driver under Wine.

use std::path::{Path, PathBuf};
use std::process::Command;

use mapisim_model::os::Windows;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use serde_json::{Value, json};

use crate::compare::{Difference, Marks, compare};
use crate::op::{Answer, Call, Op, Par, Proc, Sequence};

/// Compares so many random sequences with Wine, and panics with the least that differs, and how to keep it.
pub(crate) fn compare_live(driver: &Path, cases: u32) {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let wine = Wine::start(folder.path(), driver);
    let found = least_difference(|seq| wine.ask(seq), Windows::W10, cases);
    println!("{cases} sequences compared");
    if let Some((sequence, difference)) = found {
        let line = serde_json::to_string(&sequence).expect("a sequence can be written");
        panic!(
            "the machine and Wine differ: {difference}\n\nThe whole sequence, as a line of a corpus; in a file of its \
             own, MAPISIM_ORACLE_CORPUS=<file> replays it without Wine:\n{line}"
        );
    }
}

/// Asks two implementations random sequences. Answers the least that was found to differ: without any one of its
/// operations they agree.
pub(crate) fn least_difference(
    ask: impl Fn(&[Op]) -> Vec<Answer>,
    windows: Windows,
    cases: u32,
) -> Option<(Sequence, Difference)> {
    let compared = |seq: &[Op]| {
        let (id, cat, seq) = ("live".to_owned(), "live".to_owned(), seq.to_vec());
        let sequence = Sequence { id, cat, answers: ask(&seq), seq, doubt: Vec::new() };
        let difference = compare(&sequence, windows, Marks::Absent).different;
        difference.map(|difference| (sequence, difference))
    };
    let config = Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&sequence(), |seq| match compared(&seq) {
        None => Ok(()),
        Some((_, difference)) => Err(TestCaseError::fail(difference.to_string())),
    });
    let Err(TestError::Fail(_, mut seq)) = outcome else {
        assert!(outcome.is_ok(), "no comparison could be made: {outcome:?}");
        return None;
    };
    // What stays after proptest's own shrinking may hold operations that nothing hangs on.
    let mut index = seq.len();
    while index > 0 {
        index -= 1;
        let without: Vec<Op> =
            seq.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, op)| op.clone()).collect();
        if let Some((_, difference)) = compared(&without) {
            // What comes after the difference goes as well.
            let end = (difference.index + 1).min(without.len());
            seq = without[..end].to_vec();
            index = seq.len();
        }
    }
    Some(compared(&seq).expect("it has just been found to differ"))
}

/// The driver under Wine, in a prefix of its own.
struct Wine {
    folder: PathBuf,
}

impl Wine {
    fn start(folder: &Path, source: &Path) -> Self {
        let wine = Self { folder: folder.to_owned() };
        let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
        compiler.args(["-O2", "-w", "-o"]).arg(folder.join("worc.exe")).arg(source);
        done(compiler.args(["-ladvapi32", "-lntdll"]), "the driver compiles");
        // The services that this starts would hold a pipe open for ever: nothing may read its output.
        let mut boot = wine.command("wineboot");
        boot.arg("-i").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        assert!(boot.status().expect("wineboot is installed").success(), "a Wine prefix is made");
        wine
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("WINEPREFIX", self.folder.join("prefix")).env("WINEDEBUG", "-all");
        command.env("WINEARCH", "win64").current_dir(&self.folder);
        command
    }

    fn ask(&self, seq: &[Op]) -> Vec<Answer> {
        let lines: Vec<String> = std::iter::once("SEQ live".to_owned()).chain(seq.iter().map(line)).collect();
        std::fs::write(self.folder.join("ops.txt"), lines.join("\n") + "\n").expect("a file can be written");
        let mut run = self.command("wine");
        let output = run.args(["worc.exe", "ops.txt", "1"]).stderr(std::process::Stdio::null()).output();
        let output = output.expect("wine is installed").stdout;
        let text = String::from_utf8(output).expect("the driver prints text");
        let answers: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(answers.len(), seq.len(), "an answer for each operation:\n{text}");
        seq.iter().zip(answers).map(|(op, answer)| parse(op, answer.trim_end())).collect()
    }
}

fn done(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The operation in the driver's own grammar.
fn line(op: &Op) -> String {
    let proc = |proc: Proc| if proc == Proc::A { "A" } else { "B" };
    let key = |par: &Par| match par {
        Par::Slot(slot) => slot.to_string(),
        Par::Root(name) => name.clone(),
    };
    let null = |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), encoded);
    let text = match &op.call {
        Call::RCreate { r, par, path, vol } => format!("rcreate {r} {} {} {vol}", key(par), encoded(path)),
        Call::ROpen { r, par, path, sam } => format!("ropen {r} {} {} {sam}", key(par), null(path)),
        Call::RDel { par, path } => format!("rdel {} {}", key(par), null(path)),
        Call::RDelTree { par, path } => format!("rdeltree {} {}", key(par), null(path)),
        Call::REnum { k, i } => format!("renum {} {i}", key(k)),
        Call::RList { k } => format!("rlist {}", key(k)),
        Call::RListV { k } => format!("rlistv {}", key(k)),
        Call::RSet { k, name, r#type, hex } => format!("rset {} {} {type} x{hex}", key(k), encoded(name)),
        Call::RGet { k, name } => format!("rget {} {}", key(k), encoded(name)),
        Call::RDelV { k, name } => format!("rdelv {} {}", key(k), encoded(name)),
        Call::RInfo { k } => format!("rinfo {}", key(k)),
        Call::RFlush { k } => format!("rflush {}", key(k)),
        Call::RClose { r } => format!("rclose {r}"),
        Call::SCreate { s, name, size, prot } => format!("screate {s} {} {size} {prot}", null(name)),
        Call::SOpen { s, name, acc } => format!("sopen {s} {} {acc}", null(name)),
        Call::SClose { s } => format!("sclose {s}"),
        Call::SMap { s, v, acc, bytes } => format!("smap {s} {v} {acc} {bytes}"),
        Call::SUnmap { v } => format!("sunmap {v}"),
        Call::SRead { v, off } => format!("sread {v} {off}"),
        Call::SWrite { v, off, val } => format!("swrite {v} {off} {val}"),
        Call::ECreate { s, name, manual, init } => format!("ecreate {s} {} {manual} {init}", null(name)),
        Call::EOpen { s, name } => format!("eopen {s} {}", null(name)),
        Call::ESet { s } => format!("eset {s}"),
        Call::EWait { s, ms } => format!("wait {s} {ms}"),
        Call::RDup { src, to, dst } => return format!("M dup r {} {src} {} {dst}", proc(op.p), proc(*to)),
        Call::SDup { src, to, dst } => return format!("M dup s {} {src} {} {dst}", proc(op.p), proc(*to)),
        Call::Kill => return "M kill B".to_owned(),
        Call::Exit => return "M exit B".to_owned(),
        Call::Spawn => return "M spawn B".to_owned(),
    };
    format!("{} {text}", proc(op.p))
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    format!("={}", text.bytes().map(byte).collect::<String>())
}

/// A line of the driver's output as an answer of the corpus.
fn parse(op: &Op, text: &str) -> Answer {
    let word = |word: &str| match word.strip_prefix('=') {
        Some(name) => json!(decoded(name)),
        None => word.parse::<u64>().map_or_else(|_| json!(word), |number| json!(number)),
    };
    let words: Vec<Value> = text.split(' ').map(word).collect();
    match &op.call {
        Call::RList { .. } | Call::RListV { .. } if words[0].is_number() => {
            vec![words[0].clone(), json!(words[1..])]
        }
        Call::RInfo { .. } | Call::REnum { .. } | Call::RGet { .. } | Call::RCreate { .. }
            if words[0] != json!(0) =>
        {
            words[..1].to_vec()
        }
        _ => words,
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex: String = rest.by_ref().take(2).map(char::from).collect();
            bytes.push(u8::from_str_radix(&hex, 16).expect("two hex digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("names are text")
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn sequence() -> impl Strategy<Value = Vec<Op>> {
    let by_either = (prop::bool::weighted(0.35), prop_oneof![3 => registry_call(), 3 => object_call()])
        .prop_map(|(is_b, call)| Op { p: if is_b { Proc::B } else { Proc::A }, call });
    let life = prop_oneof![2 => Just(Call::Spawn), 1 => Just(Call::Kill), 1 => Just(Call::Exit)]
        .prop_map(|call| Op { p: Proc::B, call });
    prop::collection::vec(prop_oneof![24 => by_either, 1 => life], 1..40)
}

fn registry_call() -> impl Strategy<Value = Call> {
    let slot = || 0_usize..4;
    let par = || prop_oneof![2 => Just(Par::Root("U".into())), 3 => slot().prop_map(Par::Slot)];
    let path =
        || one_of(&["k", "K", "foo", r"k\s", r"k\S", r"foo\t\s", "", r"\k", r"k\\", r"k\\s", ".", " "]);
    let sub = || one_of(&["k", "foo", "s", r"k\s", "t"]);
    let name = || one_of(&["v", "V", "w", ""]);
    let proc = || prop::sample::select(&[Proc::A, Proc::B][..]);
    prop_oneof![
        6 => (slot(), par(), sub()).prop_map(|(r, par, path)| Call::RCreate { r, par, path, vol: 0 }),
        4 => (slot(), par(), prop::option::of(path()), one_of(&["all", "read", "write", "qv"]))
            .prop_map(|(r, par, path, sam)| Call::ROpen { r, par, path, sam }),
        4 => (par(), prop::option::of(path())).prop_map(|(par, path)| Call::RDel { par, path }),
        1 => (par(), sub()).prop_map(|(par, path)| Call::RDelTree { par, path: Some(path) }),
        1 => (par(), 0_u32..3).prop_map(|(k, i)| Call::REnum { k, i }),
        2 => par().prop_map(|k| Call::RList { k }),
        1 => par().prop_map(|k| Call::RListV { k }),
        2 => (par(), name(), 0_u32..12, one_of(&["", "61006200", "deadbeef"]))
            .prop_map(|(k, name, r#type, hex)| Call::RSet { k, name, r#type, hex }),
        2 => (par(), name()).prop_map(|(k, name)| Call::RGet { k, name }),
        1 => (par(), name()).prop_map(|(k, name)| Call::RDelV { k, name }),
        1 => par().prop_map(|k| Call::RInfo { k }),
        1 => par().prop_map(|k| Call::RFlush { k }),
        1 => slot().prop_map(|r| Call::RClose { r }),
        1 => (slot(), proc(), slot()).prop_map(|(src, to, dst)| Call::RDup { src, to, dst }),
    ]
}

fn object_call() -> impl Strategy<Value = Call> {
    let slot = || 0_usize..3;
    let name = || {
        let names =
            ["sec", "Sec", "ev", r"Local\sec", r"Global\sec", r"LOCAL\sec", r"a\b", r"\sec", "Global"];
        prop::option::weighted(0.95, prop::sample::select(names.to_vec()).prop_map(str::to_owned))
    };
    let access = || one_of(&["all", "r", "w", "cow"]);
    let offset = || prop::sample::select(&[0_u64, 1, 4095, 4096][..]);
    let proc = || prop::sample::select(&[Proc::A, Proc::B][..]);
    prop_oneof![
        5 => (slot(), name(), prop::sample::select(&[0_u64, 1, 4096, 5000, 8192][..]), one_of(&["rw", "rw", "ro", "wc"]))
            .prop_map(|(s, name, size, prot)| Call::SCreate { s, name, size, prot }),
        3 => (slot(), name(), one_of(&["all", "r", "w"]))
            .prop_map(|(s, name, acc)| Call::SOpen { s, name, acc }),
        2 => slot().prop_map(|s| Call::SClose { s }),
        5 => (slot(), slot(), access(), prop::sample::select(&[0_u64, 1, 4096, 4097][..]))
            .prop_map(|(s, v, acc, bytes)| Call::SMap { s, v, acc, bytes }),
        1 => slot().prop_map(|v| Call::SUnmap { v }),
        3 => (slot(), offset()).prop_map(|(v, off)| Call::SRead { v, off }),
        3 => (slot(), offset(), any::<u8>()).prop_map(|(v, off, val)| Call::SWrite { v, off, val }),
        2 => (slot(), name(), 0_u8..2, 0_u8..2)
            .prop_map(|(s, name, manual, init)| Call::ECreate { s, name, manual, init }),
        1 => (slot(), name()).prop_map(|(s, name)| Call::EOpen { s, name }),
        1 => slot().prop_map(|s| Call::ESet { s }),
        2 => slot().prop_map(|s| Call::EWait { s, ms: 0 }),
        1 => (slot(), proc(), slot()).prop_map(|(src, to, dst)| Call::SDup { src, to, dst }),
    ]
}
