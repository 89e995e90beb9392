//! Does README show what the command does?

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::atomic::AtomicBool;

use mapisim::cli::{self, Io, Status, Terminal};
use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rules::Build;
use mapisim_model::property::Property;
use mapisim_model::scenario;

use super::{DOCUMENTS, blocks, code_spans, read, without_blocks};

#[test]
fn the_scenarios_in_the_readme_read_and_come_out_as_they_say() {
    let scenarios = blocks(&read("README.md"), "json");
    assert!(!scenarios.is_empty(), "README.md shows no scenario");
    for (_, text) in scenarios {
        let scenario = scenario::read("README.md", &text).unwrap_or_else(|problems| panic!("{problems}"));
        for expectation in &scenario.expect {
            let outcome =
                check(&scenario, expectation.build, &Bounds::default()).expect("it has no schedule");
            assert!(outcome.as_expected(), "{}: {:?}", expectation.build.id(), outcome.verdict);
        }
    }
}

/// The README's two commands: the program's main job, and all tests.
const MAIN_JOB: &str = "cargo run --release -- run";
const ALL_TESTS: &str = "./check";

fn indented_commands(document: &str) -> Vec<String> {
    let lines = document.lines().filter_map(|line| line.strip_prefix("    "));
    lines.filter(|line| !line.starts_with(' ')).map(str::to_owned).collect()
}

#[test]
fn ci_runs_exactly_the_test_command_of_the_readme() {
    let readme = without_blocks(&read("README.md"));
    assert_eq!(indented_commands(&readme), [MAIN_JOB, ALL_TESTS], "README.md's two commands");
    let ci = read(".ci/run");
    let steps: Vec<&str> = ci.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(steps.last(), Some(&"exec ./check"), ".ci/run ends in the README's test command");
    assert!(!ci.contains("cargo "), ".ci/run tests through ./check alone");
    let all_tests = read("check");
    for part in [
        "cargo fmt --all --check",
        "cargo clippy --workspace --all-targets",
        "-D warnings",
        "cargo test --workspace",
    ] {
        assert!(all_tests.contains(part), "./check does not run {part}");
    }
}

#[test]
fn what_passes_once_passes_again_as_the_same_cases_are_drawn() {
    let config = proptest::test_runner::Config::default();
    assert!(
        matches!(config.rng_seed, proptest::test_runner::RngSeed::Fixed(_)),
        ".cargo/config.toml gives the seed of property-based tests"
    );
}

/// Runs the command without a terminal: what it printed, what it complained of, and its exit status.
fn mapisim(arguments: &str) -> (String, String, Status) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let interrupted = AtomicBool::new(false);
    let mut io = Io { out: &mut out, err: &mut err, terminal: Terminal::none(), interrupted: &interrupted };
    let words = std::iter::once("mapisim").chain(arguments.split_whitespace());
    let status = cli::run(words.map(OsString::from), &mut io);
    let text = |bytes| String::from_utf8(bytes).expect("reports are UTF-8");
    (text(out), text(err), status)
}

/// The arguments of a command of ours, as a document writes it after the prompt.
fn arguments(command: &str) -> Option<&str> {
    command.strip_prefix("mapisim ").or_else(|| command.strip_prefix("cargo run --release -- "))
}

/// A block is an excerpt where `<!-- excerpt -->` stands before it; a line `[...]` in it stands for what was left out.
const EXCERPT: &str = "<!-- excerpt -->";
const LEFT_OUT: &str = "[...]";

#[test]
fn the_commands_in_the_readme_print_what_it_shows() {
    let mut run = 0;
    for (before, block) in blocks(&read("README.md"), "console") {
        let mut lines = block.lines().peekable();
        let mut status = None;
        while let Some(command) = lines.next() {
            let command = command.strip_prefix("$ ").unwrap_or_else(|| panic!("no prompt: {command}"));
            let mut shown = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                shown.push(line);
            }
            if command == "echo $?" {
                let code = status.map(|status: Status| status.code().to_string());
                assert_eq!(shown, [code.expect("a command before it").as_str()], "the exit status");
                continue;
            }
            let arguments = arguments(command).unwrap_or_else(|| panic!("{command} is no command of ours"));
            let (out, err, ended) = mapisim(arguments);
            assert_eq!(err, "", "{command}");
            let printed: Vec<&str> = out.lines().map(str::trim_end).collect();
            if before == EXCERPT {
                assert_is_excerpt(&shown, &printed, command);
            } else {
                assert_eq!(shown, printed, "{command} prints\n{out}");
            }
            status = Some(ended);
            run += 1;
        }
    }
    assert!(run >= 2, "README.md shows {run} commands");
}

/// Each part between lines that say `[...]` is in what was printed, in order.
fn assert_is_excerpt(shown: &[&str], printed: &[&str], command: &str) {
    let mut rest = printed;
    for part in shown.split(|line| *line == LEFT_OUT).filter(|part| !part.is_empty()) {
        let found = rest.windows(part.len()).position(|lines| lines == part);
        let found = found.unwrap_or_else(|| {
            panic!("{command} does not print\n{}\nbut\n{}", part.join("\n"), printed.join("\n"))
        });
        rest = &rest[found + part.len()..];
    }
}

#[test]
fn every_command_and_flag_that_the_documents_name_exists() {
    let commands: BTreeSet<String> = mapisim("--help").0.lines().filter_map(listed_command).collect();
    assert!(commands.contains("run") && commands.contains("show"), "{commands:?}");
    let help: String = commands.iter().map(|command| mapisim(&format!("{command} --help")).0).collect();
    for document in DOCUMENTS {
        let text = read(document);
        let typed = blocks(&text, "console").into_iter().flat_map(|(_, block)| {
            let commands = block.lines().filter_map(|line| line.strip_prefix("$ "));
            commands.map(str::to_owned).collect::<Vec<_>>()
        });
        for span in
            code_spans(&text).into_iter().chain(typed).chain(indented_commands(&without_blocks(&text)))
        {
            let words: Vec<&str> = arguments(&span).unwrap_or(&span).split_whitespace().collect();
            if arguments(&span).is_some() {
                assert!(commands.contains(words[0]), "{document}: {span}: there is only {commands:?}");
            } else if !span.starts_with("--") {
                continue;
            }
            for flag in words.into_iter().filter(|word| word.starts_with("--")) {
                assert!(
                    help.split_whitespace().any(|word| word == flag),
                    "{document}: {span}: no command has {flag}"
                );
            }
        }
    }
}

/// The name of the command that a line of the help begins with.
fn listed_command(line: &str) -> Option<String> {
    let entry = line
        .strip_prefix("  ")
        .filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_lowercase()))?;
    let (name, about) = entry.split_once("  ")?;
    (!name.contains(' ') && !about.is_empty()).then(|| name.to_owned())
}

#[test]
fn the_readme_names_every_algorithm_and_every_property() {
    let spans = code_spans(&read("README.md"));
    let ids = Build::all().map(Build::id).chain(Property::ALL.into_iter().map(Property::id));
    for id in ids {
        assert!(spans.iter().any(|span| span == id), "README.md does not name `{id}`");
    }
}

#[test]
fn the_readmes_exit_statuses_are_the_commands() {
    let mut statuses = [
        Status::AsExpected,
        Status::Broken,
        Status::BadInput,
        Status::Inconclusive,
        Status::Diverged,
        Status::OurBug,
        Status::Unwritten,
        Status::Interrupted,
    ];
    let readme = read("README.md");
    let rows =
        readme.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()?.parse::<u8>().ok());
    assert!(rows.eq(statuses.map(Status::code)), "the table of exit statuses");
    statuses.sort();
    let order: Vec<String> = statuses[1..].iter().map(|status| status.code().to_string()).collect();
    let sentence = format!("Several at once: the first of {}.", order.join(", "));
    assert!(readme.contains(&sentence), "README.md should say: {sentence}");
}
