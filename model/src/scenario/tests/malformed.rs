//! Files with one fault each: each is told exactly what and where.

use std::path::Path;

use super::*;

/// The code, the line, the column and the length of a problem.
type Told = (&'static str, usize, usize, usize);

#[rustfmt::skip]
const FILES: &[(&str, &[Told])] = &[
    ("01-empty.json", &[("not-json", 1, 1, 0)]),
    ("02-byte-order-mark.json", &[("byte-order-mark", 1, 1, 1)]),
    ("03-utf-16.json", &[("not-utf-8", 1, 1, 1)]),
    ("04-latin-1.json", &[("not-utf-8", 3, 18, 1)]),
    ("05-comment.json", &[("comment", 3, 3, 1)]),
    ("06-trailing-comma.json", &[("trailing-comma", 24, 61, 1)]),
    ("07-missing-comma.json", &[("not-json", 4, 3, 1)]),
    ("08-single-quotes.json", &[("not-json", 3, 12, 1)]),
    ("09-line-end-in-string.json", &[("not-json", 3, 15, 1)]),
    ("10-ends-too-early.json", &[("not-json", 19, 5, 0)]),
    ("11-trailing-data.json", &[("trailing-data", 26, 1, 1)]),
    ("12-unpaired-surrogate.json", &[("bad-string", 3, 12, 18)]),
    ("13-not-an-object.json", &[("wrong-type", 1, 1, 1)]),
    ("14-too-deep.json", &[("too-deep", 1, 151, 1)]),
    ("15-duplicate-key.json", &[("duplicate-key", 18, 5, 12)]),
    ("16-format-2.json", &[("format", 2, 13, 1)]),
    ("17-unknown-field.json", &[("unknown-field", 18, 40, 8)]),
    ("18-missing-field.json", &[("missing-field", 18, 5, 13)]),
    ("19-wrong-type.json", &[("wrong-type", 18, 51, 3)]),
    ("20-null.json", &[("wrong-type", 18, 51, 4)]),
    ("21-unknown-calls.json", &[("unknown-call", 14, 9, 14), ("unknown-call", 18, 84, 16)]),
    ("22-call-needs-object.json", &[("wrong-type", 14, 7, 15)]),
    ("23-two-calls-in-one.json", &[("bad-shape", 15, 45, 8)]),
    ("24-argument-missing.json", &[("missing-field", 13, 9, 13)]),
    ("25-turn-with-two.json", &[("bad-shape", 21, 5, 1)]),
    ("26-unknown-windows.json", &[("unknown-windows", 4, 27, 6)]),
    ("27-no-terminal-services.json", &[("no-such-session", 18, 51, 1)]),
    ("28-terminal-services-on-nt4.json", &[("terminal-services", 4, 55, 4)]),
    ("29-bad-sid.json", &[("bad-sid", 6, 53, 10)]),
    ("30-missing-sid.json", &[("missing-sid", 6, 5, 5)]),
    ("31-sid-contradicts.json", &[("sid-contradicts", 6, 29, 10)]),
    ("32-duplicate-sid.json", &[("duplicate-sid", 7, 21, 47)]),
    ("33-account-too-new.json", &[("account-too-new", 6, 5, 16)]),
    ("34-unknown-group.json", &[("unknown-group", 6, 81, 15)]),
    ("35-unknown-privilege.json", &[("unknown-privilege", 6, 85, 16)]),
    ("36-unknown-hive.json", &[("unknown-hive", 8, 14, 5)]),
    ("37-import-and-content.json", &[("import-and-content", 8, 61, 8)]),
    ("38-unknown-account.json", &[("unknown-account", 18, 33, 5)]),
    ("39-unknown-mapi.json", &[("unknown-mapi", 18, 62, 8)]),
    ("40-unknown-version.json", &[("unknown-version", 18, 62, 11)]),
    ("41-script-and-threads.json", &[("script-or-threads", 18, 103, 9)]),
    ("42-no-process.json", &[("no-process", 9, 3, 11)]),
    ("43-backslash-in-profile-name.json", &[("bad-profile-name", 12, 45, 2)]),
    ("44-long-profile-name.json", &[("bad-profile-name", 12, 104, 1)]),
    ("45-unknown-session.json", &[("unknown-session", 15, 38, 3)]),
    ("46-unknown-token.json", &[("unknown-token", 18, 124, 3)]),
    ("47-unknown-code.json", &[("unknown-code", 15, 51, 21)]),
    ("48-idle-not-last.json", &[("idle-not-last", 13, 7, 6)]),
    ("49-repeat-nothing.json", &[("repeat-nothing", 18, 107, 1)]),
    ("50-too-many-calls.json", &[("too-many-calls", 18, 120, 16)]),
    ("51-same-thread-name.json", &[("same-thread-name", 18, 5, 14)]),
    ("52-unknown-thread.json", &[("unknown-thread", 22, 14, 12)]),
    ("53-call-not-in-script.json", &[("call-not-in-script", 21, 39, 8)]),
    ("54-schedule-syntax.json", &[("bad-schedule", 20, 43, 1)]),
    ("55-schedule-names-nobody.json", &[("unknown-process", 20, 31, 15)]),
    ("57-unknown-property.json", &[("unknown-property", 24, 27, 15)]),
    ("58-expects-unchecked.json", &[("expects-unchecked", 24, 27, 16)]),
    ("59-unknown-probe.json", &[("unknown-probe", 24, 18, 13)]),
    ("60-unknown-assumption.json", &[("unknown-assumption", 24, 20, 11)]),
    ("61-unknown-alternative.json", &[("unknown-alternative", 24, 32, 8)]),
    ("62-unknown-algorithm.json", &[("unknown-algorithm", 24, 43, 7)]),
    ("63-steering-characters.json", &[("unknown-call", 14, 9, 13)]),
    ("70-not-modelled.json", &[("not-modelled", 8, 9, 25), ("not-modelled", 9, 7, 20), ("not-modelled", 10, 7, 7)]),
    ("71-unknown-key.json", &[("unknown-key", 8, 33, 6)]),
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/malformed")
}

#[test]
fn every_malformed_file_is_told_what_is_wrong_and_where() {
    for (name, expected) in FILES {
        let bytes = std::fs::read(folder().join(name)).unwrap();
        let problems = read_bytes(name, &bytes).expect_err(name);
        let told = problems.list().iter().map(|told| (told.code, told.line, told.column, told.length));
        assert_eq!(told.collect::<Vec<Told>>(), *expected, "{problems}");
        assert_presentable(&problems, &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn every_file_of_the_folder_is_in_the_table() {
    let files =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = files.collect();
    files.sort_unstable();
    assert_eq!(files, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
