//! Is the command good company in a terminal?
//!
//! - `show`: a part of a run, the two views of the fatal step, signs in ASCII, colours that change no letter
//! - `run`: what has no verdict, columns of numbers
//! - `completions`, `man`, `init`: what they write can be used
//! - somebody's first minutes: no arguments, a misspelt path, a pattern, a folder, an empty one

use std::path::Path;
use std::process::{Command, Stdio};

use mapisim::cli::{Status, Terminal};
use mapisim_tests::command::{mapisim, mapisim_at, mapisim_in};

const BUG_1: &str = "scenarios/article/bug-1.json";
const BUG_2: &str = "scenarios/article/bug-2.json";

const COMMANDS: [&str; 7] = ["run", "show", "report", "builds", "init", "completions", "man"];

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are Unicode")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The story in a report of `show`.
fn story(out: &str) -> &str {
    let from = out.find("What happened").expect("there is a story");
    &out[from..out[from..].find("\n\n").map_or(out.len(), |end| from + end)]
}

// ---- show ----------------------------------------------------------------------------------------

#[test]
fn a_part_of_a_run_is_told_from_one_step_to_another() {
    let ran = mapisim(&["show", BUG_2, "--from", "36", "--to", "40"]);
    let told = story(&ran.out);
    assert!(
        told.contains("… steps 1 to 35: left out") && told.contains("… steps 41 to 99: left out"),
        "{told}"
    );
    assert!(told.contains("A says 1 for eventsvc") && !told.contains("B says 0 for eventsvc"), "{told}");
    let all = mapisim(&["show", BUG_2, "--from", "36", "--to", "40", "--all-steps"]);
    for step in 36..=40 {
        let row = story(&all.out).lines().any(|line| line.trim_start().starts_with(&format!("{step} ")));
        assert!(row, "step {step} has no row:\n{}", story(&all.out));
    }
    assert_eq!(mapisim(&["show", BUG_2, "--from", "90"]).status, Status::AsExpected);
}

#[test]
fn the_context_of_a_break_is_the_steps_around_its_cause_and_its_symptom() {
    let narrow = mapisim(&["show", BUG_2, "--context", "2"]);
    let told = story(&narrow.out);
    // Cause 55 and symptom 66.
    for fold in ["… steps 1 to 52: left out", "… steps 58 to 63: left out", "… steps 69 to 99: left out"]
    {
        assert!(told.contains(fold), "{fold}: {told}");
    }
    assert!(told.contains("✗    55") && told.contains("!    66"), "{told}");
    let wide = mapisim(&["show", BUG_2, "--context", "10"]);
    assert!(story(&wide.out).contains("… steps 1 to 44: left out"), "{}", wide.out);
    assert_eq!(story(&wide.out).matches("left out").count(), 2, "{}", wide.out);
    let most = mapisim(&["show", BUG_2, "--context", &usize::MAX.to_string()]);
    assert!(!most.out.contains("left out"), "{}", most.out);
}

#[test]
fn a_part_that_is_not_there_is_refused_in_words() {
    for (arguments, why) in [
        (&["--from", "100"][..], "--from 100: the run has the steps 1 to 99"),
        (&["--from", "0"], "the run has the steps 1 to 99"),
        (&["--to", "0"], "the run has the steps 1 to 99"),
        (&["--from", "9", "--to", "8"], "the last step comes before the first"),
        (&["--from", "9", "--context", "8"], "cannot be used with"),
        (&["--context", "3", "--algorithm", "patched"], "nothing breaks in this run"),
        (&["--context", "3", "--format", "json"], "the JSON has every step"),
    ] {
        let ran = mapisim(&[&["show", BUG_2], arguments].concat());
        assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""), "{arguments:?}");
        assert!(ran.err.contains(why), "{arguments:?}: {}", ran.err);
    }
    let ran = mapisim(&[
        "show",
        "scenarios/article/bug-2-every-order.json",
        "--algorithm",
        "patched",
        "--from",
        "1",
    ]);
    assert!(ran.err.contains("name one with --schedule"), "{}", ran.err);
}

#[test]
fn the_two_views_tell_what_differs_and_which_step_made_it_so() {
    for (scenario, columns, expected) in [
        (BUG_2, 100, ["≠ session", "≠ gets", "≠ count", "(step 43)"]),
        (BUG_2, 60, ["≠ session", "≠ gets", "≠ count", "(step 43)"]),
        (BUG_2, 50, ["≠ session: 2", "≠ session: 0", "≠ count: 0 for", "≠ count: 1 for"]),
        (BUG_1, 100, ["≠ acts as", "≠ asks for", "≠ gets", "≠ count"]),
    ] {
        let ran = mapisim_at(columns, &["show", scenario]);
        for part in expected {
            assert!(ran.out.contains(part), "{scenario} {columns}: no {part}:\n{}", ran.out);
        }
    }
    // In one session of one account nothing but the account can differ.
    assert!(!mapisim(&["show", BUG_1]).out.contains("≠ session"));
}

#[test]
fn signs_become_ascii_where_it_is_asked_for_and_nothing_moves() {
    for arguments in [&["show", BUG_2][..], &["run", BUG_2, "-v"], &["run", "nowhere/at/all.json"]] {
        let (plain, ascii) = (mapisim(arguments), mapisim(&[arguments, &["--ascii"]].concat()));
        assert!(ascii.out.is_ascii() && ascii.err.is_ascii(), "{}{}", ascii.out, ascii.err);
        let widths = |out: &str| out.lines().map(|line| line.chars().count()).collect::<Vec<_>>();
        assert_eq!(widths(&plain.out), widths(&ascii.out));
        assert_eq!(plain.status, ascii.status);
    }
    let json = ["show", BUG_2, "--format", "json"];
    assert_eq!(mapisim(&json), mapisim(&[&json[..], &["--ascii"]].concat()), "JSON is for programs");
}

#[test]
fn colours_change_no_letter_and_are_none_that_vanish_on_white_or_black() {
    for columns in [60, 80, 120] {
        for arguments in [&["show", BUG_2][..], &["run", BUG_2, "scenarios/article/bug-2-every-order.json"]] {
            let plain = mapisim_at(columns, arguments);
            let terminal = Terminal { columns, out_colour: true, err_colour: true, ..Terminal::none() };
            let coloured = mapisim_in(terminal, arguments).out;
            let mut bare = String::new();
            for (index, part) in coloured.split("\u{1b}[").enumerate() {
                let Some((codes, rest)) = part.split_once('m').filter(|_| index > 0) else {
                    bare += part;
                    continue;
                };
                for code in codes.split(';') {
                    // Bold, dim, red, green, magenta, and off.
                    assert!(["0", "", "1", "2", "31", "32", "35"].contains(&code), "colour {code}");
                }
                bare += rest;
            }
            let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
            assert_eq!(trimmed(&bare), trimmed(&plain.out), "{columns} {arguments:?}");
        }
    }
}

// ---- run -----------------------------------------------------------------------------------------

#[test]
fn every_failure_has_the_command_that_shows_it_and_that_command_shows_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let surprise =
        mapisim_tests::file(BUG_2).replace("\"patched\": \"holds\"", "\"patched\": \"live-profile\"");
    let diverges =
        surprise.replace("\"schedule\": [", "\"schedule\": [ { \"run\": \"events.exe\", \"steps\": 5000 }, ");
    for (name, text) in [("surprise.json", &surprise), ("diverges.json", &diverges)] {
        std::fs::write(folder.path().join(name), text).expect("files can be written");
    }
    let ran = mapisim_at(80, &["run", text(folder.path()), "--algorithm", "patched"]);
    assert_eq!(ran.status, Status::Diverged, "{}", ran.err);
    let words = one_line(&ran.out);
    assert!(words.contains("its schedule cannot happen") && words.contains("NO VERDICT"), "{}", ran.out);
    assert!(
        words.contains("2 cells, 0 as expected; 1 by schedule, 1 whose schedule cannot happen"),
        "{}",
        ran.out
    );
    let commands: Vec<&str> =
        ran.out.lines().filter_map(|line| line.trim().strip_prefix("mapisim ")).collect();
    assert_eq!(commands.len(), 2, "{}", ran.out);
    let statuses: Vec<Status> =
        commands.iter().map(|command| mapisim(&command.split(' ').collect::<Vec<_>>()).status).collect();
    assert_eq!(statuses, [Status::Diverged, Status::Broken]);
}

#[test]
fn numbers_stand_with_their_digits_one_below_the_other() {
    let ran = mapisim(&["run", "scenarios/article/bug-2-every-order.json"]);
    let ends: Vec<usize> =
        ran.out.lines().filter_map(|line| line.find(" states").filter(|_| line.starts_with("  "))).collect();
    assert!(ends.len() == 7 && ends.iter().all(|end| *end == ends[0]), "{ends:?}: {}", ran.out);
}

// ---- completions, man ------------------------------------------------------------------------------

#[test]
fn completions_name_every_command_and_bash_can_read_its_own() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = mapisim(&["completions", shell]);
        assert_eq!((ran.status, ran.err.as_str()), (Status::AsExpected, ""), "{shell}");
        for command in COMMANDS {
            assert!(ran.out.contains(command), "{shell}: no {command}");
        }
    }
    let script = mapisim(&["completions", "bash"]).out;
    let mut bash = match Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(bash) => bash,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => panic!("bash: {error}"),
    };
    std::io::Write::write_all(&mut bash.stdin.take().expect("it is piped"), script.as_bytes())
        .expect("bash reads");
    let ended = bash.wait_with_output().expect("bash ends");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(mapisim(&["completions", "tcsh"]).status, Status::BadInput);
}

#[test]
fn the_manual_has_a_page_for_every_command_and_the_same_bytes_twice() {
    let page = mapisim(&["man"]);
    assert_eq!((page.status, page.err.as_str()), (Status::AsExpected, ""));
    assert_eq!(page, mapisim(&["man"]));
    for command in COMMANDS {
        assert!(page.out.contains(&format!("mapisim\\-{command}(1)")), "no {command}: {}", page.out);
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().join("man1");
    let ran = mapisim(&["man", "--out", text(&out)]);
    assert_eq!(ran.status, Status::AsExpected, "{}", ran.err);
    for command in COMMANDS {
        let page =
            std::fs::read_to_string(out.join(format!("mapisim-{command}.1"))).expect("there is a page");
        assert!(page.contains(".TH") && page.contains("Examples:"), "{command}: {page}");
    }
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "").expect("files can be written");
    assert_eq!(mapisim(&["man", "--out", text(&blocked)]).status, Status::Unwritten);
}

// ---- init ----------------------------------------------------------------------------------------

#[test]
fn what_init_writes_runs_as_expected_and_explains_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let target = folder.path().join("new/my server");
    let ran = mapisim(&["init", text(&target)]);
    assert_eq!((ran.status, ran.err.as_str()), (Status::AsExpected, ""));
    let ran = mapisim(&["run", text(&target)]);
    assert_eq!(ran.status, Status::AsExpected, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("2 cells, 2 as expected; 2 in every order"), "{}", ran.out);
    let schema = std::fs::read_to_string(target.join("scenarios/scenario.schema.json")).expect("it is there");
    assert_eq!(schema, mapisim(&["schema"]).out);
    let workflow =
        std::fs::read_to_string(target.join(".github/workflows/mapisim.yml")).expect("it is there");
    assert!(workflow.contains("mapisim run scenarios") && !workflow.contains('\t'), "{workflow}");
    let shown = mapisim(&["show", text(&target.join("scenarios/first.json"))]);
    assert!(shown.out.contains("Two views at step"), "{}{}", shown.out, shown.err);
}

#[test]
fn init_writes_over_nothing_and_all_or_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let readme = folder.path().join("scenarios/README.md");
    std::fs::create_dir_all(readme.parent().expect("it is in a folder")).expect("folders can be made");
    std::fs::write(&readme, "mine").expect("files can be written");
    let ran = mapisim(&["init", text(folder.path())]);
    assert_eq!(ran.status, Status::BadInput);
    assert!(ran.err.contains("README.md` is there already, and nothing was written"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&readme).expect("it is there"), "mine");
    assert!(!folder.path().join(".github").exists());
    // A file where the last of the folders has to be: no scenario is left behind.
    let blocked = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(blocked.path().join(".github"), "").expect("files can be written");
    let ran = mapisim(&["init", text(blocked.path())]);
    assert_eq!(ran.status, Status::Unwritten, "{}", ran.err);
    assert!(!blocked.path().join("scenarios").exists(), "the folder that was made for it is gone, too");
}

// ---- the first minutes -----------------------------------------------------------------------------

#[test]
fn somebody_who_types_the_wrong_thing_is_told_the_right_one() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("mine.json"), "{").expect("files can be written");
    let (empty, missing) = (folder.path().join("empty"), folder.path().join("mien.json"));
    std::fs::create_dir(&empty).expect("folders can be made");
    for (arguments, told) in [
        (&[][..], "Examples:"),
        (&["rnu"], "a similar subcommand exists: 'run'"),
        (&["diff", text(&missing), BUG_2], "mine.json`?"),
        (&["report", "--only", "run.jsn", "--out", "x"], "did you mean `run.json`?"),
        (&["run", "bug-2"], "did you mean `scenarios/article/bug-2.json`?"),
        (&["run", text(&missing)], "mine.json`?"),
        (&["run", "nosuch"], "there is no file or folder `nosuch`"),
        (&["run", text(&empty)], "mapisim init"),
        (&["show", "scenarios/article"], "  mapisim show scenarios/article/bug-1-every-order.json"),
        (&["show", BUG_2, BUG_1], "that is 2 scenarios: `show` takes one file"),
        (&["show", BUG_2, "--algorithm", "pached"], "did you mean `patched`?"),
        (&["run", BUG_2, "--algorithm", "orignal"], "did you mean `original`?"),
        (&["complete"], "completions"),
        (&["run", text(&folder.path().join("mine.json"))], "mine.json:1:"),
    ] {
        let ran = mapisim(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""), "{arguments:?}");
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
    }
}
