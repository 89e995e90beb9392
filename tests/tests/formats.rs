//! Do the formats for CI and for sharing say what they should, to readers that are not ours?
//!
//! - JUnit reads back, and tells failures, errors and passes apart; SARIF has what its standard asks for
//! - Markdown is short enough and Mermaid has no syntax from names
//! - SVG is well-formed, no two texts overlap; a snapshot of each
//! - shards merge into what one run gives; what does not fit is refused
//! - the workflow in docs/ci.md is made of commands that there are

use std::path::Path;

use mapisim::cli::Status;
use mapisim::run_model::{RunModel, Verdict, written};
use mapisim::{diagram, junit, markdown, merge, sarif};
use mapisim_tests::command::{mapisim, transcript};
use mapisim_tests::file;
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};

const BUG_2: &str = "scenarios/article/bug-2.json";

fn model(arguments: &[&str]) -> RunModel {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().to_str().expect("temporary paths are Unicode");
    let words = ["report", "--out", out, "--only", "run.json"].into_iter().chain(arguments.iter().copied());
    let ran = mapisim(&words.collect::<Vec<_>>());
    let json = std::fs::read_to_string(folder.path().join("run.json"));
    written::from_json(&json.unwrap_or_else(|error| panic!("{error}: {}", ran.err))).expect("it reads back")
}

/// Bug 2, of which somebody expects that it holds with neither fix, and whose names try to be markup.
fn hostile() -> RunModel {
    let mut model = model(&[BUG_2]);
    let text = written::to_json(&model);
    let text =
        text.replace("events.exe", "]]><b>&\\\"';--#%%\\u0007\\u202e|`@x").replace("outlook.exe", "end");
    model = written::from_json(&text).expect("names are only text");
    for cell in &mut model.cells {
        cell.expected = Some("holds".to_owned());
        cell.as_expected = cell.verdict == Verdict::Holds;
    }
    model
}

#[test]
fn a_crash_of_the_machine_is_drawn_across_all_lanes() {
    let show =
        |format| mapisim(&["show", "scenarios/open/power-failure-half-way.json", "--format", format]).out;
    let mermaid = show("mermaid");
    let note = mermaid.lines().find(|line| line.contains("the machine crashes")).expect("it is there");
    assert!(note.starts_with("    Note over l0,l2: step 19") && !note.contains('…'), "{note}");
    assert!(note.contains("deleter.exe is gone"), "what is lost is told whole: {note}");
    let svg = show("svg");
    assert_eq!(svg.matches("fill=\"#d0d7de\"").count(), 1, "a band of its own: {svg}");
}

#[test]
fn junit_reads_back_and_tells_failures_from_errors() {
    let mut model = hostile();
    let last = model.cells.last_mut().expect("there are cells");
    (last.verdict, last.as_expected, last.property) = (Verdict::Inconclusive, false, None);
    let text = junit::render(&model);
    assert!(!text.contains('\u{7}') && !text.contains('\u{202e}'));
    assert!(
        !text.contains("time=") && !text.contains("timestamp") && !text.contains("uuid"),
        "nothing in it changes from run to run"
    );
    let report = Report::deserialize_from_str(&text).expect("quick-junit reads it");
    assert_eq!((report.tests, report.failures, report.errors), (model.cells.len(), 3, 1));
    let suite = &report.test_suites[0];
    assert_eq!(suite.name.as_str(), BUG_2);
    let TestCaseStatus::NonSuccess { kind, ty, message, .. } = &suite.test_cases[0].status else {
        panic!("it breaks and was to hold")
    };
    assert_eq!(
        (*kind, ty.as_ref().map(quick_junit::XmlString::as_str)),
        (NonSuccessKind::Failure, Some("live-profile"))
    );
    let message = message.as_ref().expect("it has a message").as_str();
    assert!(message.starts_with("breaks live-profile: it was to hold. At step 55 end ("), "{message}");
    let told = suite.test_cases[0].system_out.as_ref().expect("it has a timeline").as_str();
    assert!(told.contains("X        55  end"), "{told}");
    assert!(told.contains("]]><b>&"), "names are whole");
    let properties: Vec<&str> =
        suite.test_cases[0].properties.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(properties, ["outcome", "schedule", "signature", "digest", "expected", "command", "line"]);
    let TestCaseStatus::NonSuccess { kind, ty, .. } = &suite.test_cases[model.cells.len() - 1].status else {
        panic!("it has no answer")
    };
    assert_eq!(
        (*kind, ty.as_ref().map(quick_junit::XmlString::as_str)),
        (NonSuccessKind::Error, Some("inconclusive"))
    );
}

#[test]
fn what_nothing_is_said_of_fails_in_junit_as_in_the_exit_status() {
    let ran = mapisim(&[
        "run",
        "scenarios/article/customer-machine-patched.json",
        "--algorithm",
        "original",
        "--format",
        "junit",
    ]);
    let report = Report::deserialize_from_str(&ran.out).expect("quick-junit reads it");
    assert_eq!((ran.status, report.failures), (Status::Broken, 1));
    let ran = mapisim(&["run", BUG_2, "--format", "junit"]);
    let report = Report::deserialize_from_str(&ran.out).expect("quick-junit reads it");
    assert_eq!((ran.status, report.failures, report.errors), (Status::AsExpected, 0, 0));
    let ran = mapisim(&["run", "nowhere.json", "--format", "junit"]);
    let report = Report::deserialize_from_str(&ran.out).expect("quick-junit reads it");
    assert_eq!((ran.status, report.errors), (Status::BadInput, 1));
}

#[test]
fn sarif_points_at_the_line_of_the_fatal_call() {
    let model = hostile();
    let report: serde_json::Value = serde_json::from_str(&sarif::render(&model)).expect("it is JSON");
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    let results = run["results"].as_array().expect("there are results");
    assert_eq!(results.len(), 3);
    for (result, cell) in results.iter().zip(model.cells.iter().filter(|cell| !cell.as_expected)) {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("it has a rule")).expect("it is small");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert_eq!(result["ruleId"], "live-profile");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], BUG_2);
        assert_eq!(place["region"]["startLine"].as_u64(), cell.fatal_line.map(|line| line as u64));
        assert_eq!(
            result["partialFingerprints"]["mapisimSignature/v1"],
            "fp1:live-profile/sweep/profile-key/sections-split-by-session"
        );
        let flow = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("it has steps");
        assert!(flow.len() >= 4 && flow.iter().all(|step| step["location"]["message"]["text"].is_string()));
    }
    let nothing: serde_json::Value =
        serde_json::from_str(&sarif::render(&self::model(&[BUG_2]))).expect("it is JSON");
    assert_eq!(
        nothing["runs"][0]["results"].as_array().map(Vec::len),
        Some(0),
        "what is expected is no alert"
    );
}

#[test]
fn markdown_stays_short_enough_and_names_stay_text() {
    let mut model = hostile();
    let text = markdown::render(&model);
    assert!(
        text.starts_with(&format!("# mapisim: 3 of {} outcomes not as expected\n", model.cells.len())),
        "{text:.200}"
    );
    assert!(text.contains("```mermaid\nsequenceDiagram\n"));
    let outside: Vec<&str> = text.split("```").step_by(2).collect();
    assert!(!outside.join("").contains("<b>") && !text.contains('\u{202e}'));
    let broken = model.cells[0].clone();
    for number in 0..3000 {
        let mut cell = broken.clone();
        cell.algorithm = format!("a{number}");
        model.cells.push(cell);
    }
    let text = markdown::render(&model);
    assert!(text.len() <= markdown::LENGTH_MAX, "{}", text.len());
    assert!(text.contains("there is no room for them here"), "it says what it leaves out");
}

#[test]
fn a_diagram_is_well_formed_whatever_the_names_are() {
    let model = hostile();
    let svg = diagram::svg::render(&diagram::picture(&model.cells[0], 400).expect("it has a run"));
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "near {text}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or_default());
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(svg.contains("]]&gt;&lt;b&gt;&amp;") && !svg.contains('\u{7}'));
    let mermaid = diagram::mermaid::render(&model.cells[0]).expect("it has a run");
    for line in mermaid.lines().skip(1) {
        let known = [
            "accTitle:",
            "participant l",
            "l",
            "Note over l",
            "activate l",
            "deactivate l",
            "rect rgb(",
            "end",
        ];
        let line = line.trim_start();
        assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
        assert!(!line.contains(['"', '%', '|', '`', '@']), "{line}");
    }
}

#[test]
fn no_two_texts_of_a_diagram_overlap() {
    for algorithm in ["original", "lease", "patched"] {
        let ran = mapisim(&["show", BUG_2, "--algorithm", algorithm, "--format", "svg"]);
        let mut texts: Vec<(usize, usize, usize)> = Vec::new();
        for element in ran.out.split("<text ").skip(1) {
            let number = |name: &str| -> usize {
                let (_, rest) = element.split_once(&format!("{name}=\"")).expect("it has a place");
                rest.split('"').next().and_then(|number| number.parse().ok()).expect("it is a number")
            };
            let text =
                element.split("</text>").next().and_then(|rest| rest.rsplit('>').next()).unwrap_or_default();
            let text =
                text.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"").replace("&amp;", "&");
            texts.push((number("y"), number("x"), number("x") + text.chars().count() * 68 / 10));
        }
        texts.sort_unstable();
        assert!(texts.len() > 20);
        for pair in texts.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            assert!(pair[0].2 <= pair[1].1, "{pair:?} of {algorithm}");
        }
        for rows in texts.windows(2).filter(|pair| pair[0].0 != pair[1].0) {
            assert!(rows[1].0 - rows[0].0 >= 12, "{rows:?} of {algorithm}");
        }
    }
}

#[test]
fn a_run_in_every_order_that_holds_has_no_diagram_and_says_why() {
    let ran = mapisim(&[
        "show",
        "scenarios/article/bug-2-every-order.json",
        "--algorithm",
        "patched",
        "--format",
        "svg",
    ]);
    assert_eq!((ran.status, ran.out.as_str()), (Status::BadInput, ""));
    assert!(ran.err.contains("there is no one run to draw; name one with --schedule"));
}

#[test]
fn each_format_looks_as_it_did() {
    insta::assert_snapshot!("run-junit", transcript(100, &["run", BUG_2, "--format", "junit"]));
    insta::assert_snapshot!("run-markdown", transcript(100, &["run", BUG_2, "--format", "markdown"]));
    insta::assert_snapshot!("show-svg", transcript(100, &["show", BUG_2, "--format", "svg"]));
    insta::assert_snapshot!("show-mermaid", transcript(100, &["show", BUG_2, "--format", "mermaid"]));
    let model = hostile();
    insta::assert_snapshot!("unexpected-junit", junit::render(&model));
    insta::assert_snapshot!("unexpected-markdown", markdown::render(&model));
    insta::assert_snapshot!("unexpected-sarif", sarif::render(&model));
}

#[test]
fn shards_merge_into_what_one_run_gives() {
    let whole = model(&["scenarios/article"]);
    let mut shards: Vec<(String, RunModel)> = (1..=3)
        .map(|k| (format!("{k}.json"), model(&["scenarios/article", "--shard", &format!("{k}/3")])))
        .collect();
    let mut merged = merge::merge(&shards).expect("they are of one run");
    let mut expected = whole.clone();
    // Which algorithm goes another way is known only within a shard.
    for cell in merged.cells.iter_mut().chain(&mut expected.cells) {
        if let Some(explanation) = &mut cell.explanation {
            explanation.contrast = None;
        }
    }
    assert_eq!(merged, expected);
    shards.push(("again.json".to_owned(), shards[0].1.clone()));
    assert!(merge::merge(&shards).is_ok(), "what is the same is there once");
    let missing = [shards[0].clone(), shards[2].clone()];
    assert_eq!(merge::merge(&missing), Err("shard 2/3 is missing".to_owned()));
    shards[3].1.cells[0].digest = "another".to_owned();
    let refused = merge::merge(&shards).expect_err("two outcomes of one cell");
    assert!(
        refused.starts_with("1.json and again.json have different outcomes of scenarios/article/"),
        "{refused}"
    );
    shards[3].1.seed = "1".to_owned();
    let refused = merge::merge(&shards).expect_err("two seeds");
    assert_eq!(refused, "1.json and again.json are not of one run: their seeds are 0000000000000000 and 1");
}

#[test]
fn the_commands_in_the_ci_document_are_ours() {
    let text = file("docs/ci.md");
    let mut seen = 0;
    for line in text.lines() {
        let Some((_, command)) = line.split_once("mapisim ").filter(|(before, _)| {
            let before = before.trim_start().trim_start_matches("- ").trim_start_matches("run: ");
            before.is_empty()
        }) else {
            continue;
        };
        let command = command.split(" >").next().unwrap_or_default().split(" ||").next().unwrap_or_default();
        let command = command
            .replace("${{ matrix.shard }}", "1")
            .replace("${{ github.run_id }}", "1")
            .replace("\"$CI_NODE_INDEX/$CI_NODE_TOTAL\"", "1/4");
        let mut words: Vec<String> =
            command.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect();
        // Parsed whole, and then only help is printed.
        words.push("--help".to_owned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = mapisim(&words);
        assert_eq!((ran.status, ran.err.as_str()), (Status::AsExpected, ""), "{line}");
        // `--help` ends parsing early, so each flag is looked for in it too.
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            assert!(
                ran.out.split_whitespace().any(|word| word.trim_end_matches(',') == *flag),
                "{line}: no {flag}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 8, "docs/ci.md has {seen} commands");
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_old_one_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().join("out");
    let out_text = out.to_str().expect("temporary paths are Unicode");
    assert_eq!(mapisim(&["report", BUG_2, "--out", out_text]).status, Status::AsExpected);
    let content = |folder: &Path| {
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
            .expect("it is a folder")
            .map(|entry| entry.expect("it can be listed").path())
            .filter(|path| path.is_file())
            .map(|path| (path.display().to_string(), std::fs::read(&path).expect("it can be read")))
            .collect();
        files.sort();
        files
    };
    let names: Vec<String> = content(&out)
        .into_iter()
        .map(|(name, _)| name.rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names, ["index.html", "junit.xml", "report.md", "run.json", "run.sarif"]);
    // A folder stands where the last file would be: none of the others is replaced.
    std::fs::remove_file(out.join("run.sarif")).expect("it can be removed");
    std::fs::create_dir(out.join("run.sarif")).expect("it can be made");
    let before = content(&out);
    let ran = mapisim(&["report", "scenarios/article/bug-1.json", "--out", out_text]);
    assert_eq!(ran.status, Status::Unwritten);
    assert!(ran.err.contains("what was there is as it was"), "{}", ran.err);
    assert_eq!(content(&out), before);
}
