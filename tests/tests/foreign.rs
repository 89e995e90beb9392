//! Do readers that others wrote take our files?
//!
//! - run.json and scenario files fit their schemas; SARIF fits the standard's
//! - JUnit fits the schema that Jenkins published
//!
//! They need what `tests/foreign/README.md` says. Where that is missing they say that they are skipped; with
//! MAPISIM_E2E=required they fail. Mermaid and axe are asked in `browser.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use mapisim_tests::command::mapisim;
use mapisim_tests::foreign::{hostile, packages};
use mapisim_tests::root;

/// Holds files to a schema: how many fit, or what does not.
fn validate(packages: &Path, schema: &str, files: &[PathBuf]) -> Result<String, String> {
    let mut command = Command::new("node");
    command.arg(root().join("tests/foreign/validate.mjs")).arg(packages.parent().expect("it is in a folder"));
    let output = command.arg(root().join(schema)).args(files).output().expect("node can be started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The reports of a run in which everything comes up: breaks that are expected and not, what holds, what has no answer,
/// a schedule that cannot happen, names that try to be something else.
struct Reports(tempfile::TempDir);

impl Reports {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("files can be written in it");
            path.to_str().expect("temporary paths are Unicode").to_owned()
        };
        let (one, two) = (write("one.json", &hostile("holds")), write("two.json", &hostile("live-profile")));
        let impossible = write(
            "impossible.json",
            &hostile("holds").replace(
                r#""schedule": [ "#,
                r#""schedule": [ { "run": "a<script>window.pwned=1</script>", "steps": 9000 }, "#,
            ),
        );
        for (name, more) in [
            (
                "all",
                &[&one, &two, &impossible, "scenarios/article", "scenarios/properties", "scenarios/comments"]
                    [..],
            ),
            ("bounded", &["scenarios/article", "--max-states", "50", "--firmness"]),
            ("brief", &["scenarios/article/bug-2.json", "--brief"]),
        ] {
            let out = folder.path().join(name);
            let out = out.to_str().expect("temporary paths are Unicode");
            let ran = mapisim(&[&["report", "--out", out], more].concat());
            assert!(ran.out.contains("run.json"), "{}{}", ran.out, ran.err);
        }
        Reports(folder)
    }

    /// The files of that name.
    fn files(&self, name: &str) -> Vec<PathBuf> {
        ["all", "bounded", "brief"].map(|report| self.0.path().join(report).join(name)).into()
    }
}

#[test]
fn reports_fit_the_schemas_that_their_readers_have() {
    let Some(packages) = packages() else { return };
    let reports = Reports::new();
    let (run, sarif) = (reports.files("run.json"), reports.files("run.sarif"));
    assert_eq!(validate(&packages, "reports/run.schema.json", &run), Ok("3 fit".to_owned()));
    let standard = "tests/foreign/schemas/sarif-2.1.0.json";
    assert_eq!(validate(&packages, standard, &sarif), Ok("3 fit".to_owned()));
    let results = std::fs::read_to_string(&sarif[0]).expect("it was written");
    assert!(results.contains("codeFlows"), "there is something in it");
    // What is something else does not fit.
    let refused = validate(&packages, standard, &run).expect_err("run.json is no SARIF");
    assert!(refused.contains("must have required property 'runs'"), "{refused}");
}

#[test]
fn junit_fits_what_jenkins_published() {
    let Some(packages) = packages() else { return };
    let reports = Reports::new();
    let schema = "tests/foreign/schemas/junit-4.xsd";
    let mut plain = Vec::new();
    for file in reports.files("junit.xml") {
        let text = std::fs::read_to_string(&file).expect("it was written");
        // That schema is older than two things that today's readers take: properties of a case, and how many of all suites
        // were skipped. Everything else is held to it.
        let mut lines = Vec::new();
        let (mut in_case, mut in_properties) = (false, false);
        for line in text.lines() {
            let word = line.trim();
            in_case = (in_case || word.starts_with("<testcase ")) && word != "</testcase>";
            in_properties = in_properties || in_case && word == "<properties>";
            if !in_properties {
                lines.push(if word.starts_with("<testsuites ") {
                    line.replace(" skipped=\"0\"", "")
                } else {
                    line.to_owned()
                });
            }
            in_properties = in_properties && word != "</properties>";
        }
        assert!(text.contains("<failure ") || !text.contains("failures=\"1\""), "{}", file.display());
        let path = file.with_extension("plain.xml");
        std::fs::write(&path, lines.join("\n")).expect("it can be written");
        plain.push(path);
    }
    assert_eq!(validate(&packages, schema, &plain), Ok("3 fit".to_owned()));
    let text = std::fs::read_to_string(&plain[0]).expect("it was written");
    assert!(text.contains("<failure ") && text.contains("<error "), "there is something in it");
    std::fs::write(&plain[0], text.replace("<failure ", "<broken ").replace("</failure>", "</broken>"))
        .expect("it can be written");
    assert!(validate(&packages, schema, &plain).is_err(), "what is something else does not fit");
}

#[test]
fn every_shipped_scenario_and_what_we_write_fit_the_schema_for_editors() {
    let Some(packages) = packages() else { return };
    let mut files = Vec::new();
    let mut folders = vec![root().join("scenarios")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json")
                && !path.ends_with("scenario.schema.json")
            {
                files.push(path);
            }
        }
    }
    let saved = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = saved.path().to_str().expect("temporary paths are Unicode");
    mapisim(&["run", "scenarios/article", "--save", folder]);
    mapisim(&["init", folder]);
    let written = std::fs::read_dir(saved.path()).expect("it can be listed");
    files.extend(
        written
            .map(|entry| entry.expect("it can be listed").path())
            .filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending == "json")),
    );
    files.push(saved.path().join("scenarios/first.json"));
    assert!(files.len() > 200, "{}", files.len());
    let schema = "scenarios/scenario.schema.json";
    assert_eq!(validate(&packages, schema, &files), Ok(format!("{} fit", files.len())));
    let wrong = saved.path().join("wrong.json");
    std::fs::write(&wrong, r#"{ "format": 1, "title": 3 }"#).expect("it can be written");
    assert!(validate(&packages, schema, &[wrong]).is_err());
}
