//! Is what the documents say still so?
//!
//! - paths, source files and links that they name exist; the code map has every source file
//! - facts that the code cites are in the documents, and so are the assumptions and the sources of scenarios
//! - README: its scenarios read and come out as they say; its commands print what it shows; its exit statuses, commands,
//!   flags, algorithms and properties are ours
//! - its two commands are what CI runs
//! - CHANGELOG.md has this version
//!
//! Not checked: whether a sentence is true. That is what reviews are for.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use mapisim::cli::{self, Io, Status, Terminal};
use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::assumptions;
use mapisim_model::mapi::rules::Build;
use mapisim_model::property::Property;
use mapisim_model::scenario;

/// The documents that people read.
const DOCUMENTS: [&str; 7] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/story.md",
    "docs/facts/os.md",
    "docs/facts/mapi.md",
];

/// The folders whose source files the code map has to name; others it may.
const MAPPED: [&str; 3] = ["sim/src", "model/src", "reports/src"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate is in the workspace").to_path_buf()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a folder of the repository, as a path from its root, sorted.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(root().join(&folder)).unwrap_or_else(|error| panic!("{folder}: {error}"))
        {
            let entry = entry.expect("a folder that opens can be listed");
            let name = entry.file_name().into_string().expect("our file names are Unicode");
            let path = format!("{folder}/{name}");
            if entry.file_type().expect("its type is known").is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn source_files() -> Vec<String> {
    let everywhere = ["sim", "model", "reports", "tests"].into_iter().flat_map(files);
    everywhere.filter(|path| is_a(path, "rs") && !path.contains("/target/")).collect()
}

fn is_a(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// The text between backticks, block quotes of code left out.
fn code_spans(document: &str) -> Vec<String> {
    let prose = without_blocks(document);
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn without_blocks(document: &str) -> String {
    let mut inside = false;
    let outside = document.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

/// The blocks of a language: the line before the fence, and the text inside.
fn blocks(document: &str, language: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = document.lines().peekable();
    let mut before = String::new();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((before.clone(), inside.join("\n")));
        }
        if !line.is_empty() {
            line.clone_into(&mut before);
        }
    }
    found
}

// ---- what is named exists ------------------------------------------------------------------------

/// The code map: under `### ` and a folder in backticks, every list entry begins with file names in backticks.
fn code_map() -> BTreeMap<String, usize> {
    let mut mapped = BTreeMap::new();
    let mut folder = None;
    for line in read("ARCHITECTURE.md").lines() {
        if line.starts_with('#') {
            let span = line.strip_prefix("### `").and_then(|rest| rest.split_once("/`"));
            folder = span.map(|(folder, _)| folder.to_owned());
        } else if let (Some(folder), Some(entry)) = (&folder, line.strip_prefix("- ")) {
            let files = entry.split_once(':').unwrap_or_else(|| panic!("no description: {line}")).0;
            for name in files.split('`').skip(1).step_by(2) {
                *mapped.entry(format!("{folder}/{name}")).or_insert(0) += 1;
            }
        }
    }
    mapped
}

#[test]
fn the_code_map_names_every_source_file_once_and_nothing_else() {
    let mapped = code_map();
    let there: BTreeSet<String> =
        MAPPED.into_iter().flat_map(files).filter(|path| is_a(path, "rs")).collect();
    let missing: Vec<_> = there.iter().filter(|path| !mapped.contains_key(*path)).collect();
    let gone: Vec<_> = mapped.keys().filter(|path| !root().join(path).is_file()).collect();
    let twice: Vec<_> = mapped.iter().filter(|(_, times)| **times > 1).collect();
    assert!(
        missing.is_empty() && gone.is_empty() && twice.is_empty(),
        "ARCHITECTURE.md's code map: not named: {missing:#?}\nnot there: {gone:#?}\nnamed twice: {twice:#?}"
    );
    assert!(mapped.len() > 50, "the code map was not found: {mapped:?}");
}

#[test]
fn every_path_and_source_file_that_a_document_names_exists() {
    let sources = source_files();
    let mut checked = 0;
    for document in DOCUMENTS {
        for span in code_spans(&read(document)) {
            let ours = ["sim/", "model/", "reports/", "tests/", "scenarios/", "docs/", ".ci/"]
                .into_iter()
                .any(|folder| span.starts_with(folder));
            let ending = format!("/{span}");
            let exists = root().join(&span).exists()
                || is_a(&span, "rs") && sources.iter().any(|path| path.ends_with(&ending));
            if ours || is_a(&span, "rs") {
                assert!(exists, "{document} names `{span}`, which does not exist");
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} names were found");
}

#[test]
fn every_link_between_documents_leads_to_a_file_and_a_heading() {
    let mut checked = 0;
    for document in DOCUMENTS {
        let text = without_blocks(&read(document));
        for link in text.split("](").skip(1) {
            let link = link.split_once(')').expect("a link ends").0;
            assert!(!link.contains("://"), "{document}: {link} leads outside; name its page instead");
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(document).parent().expect("a document is in a folder");
            let target = if path.is_empty() { PathBuf::from(document) } else { folder.join(path) };
            let there = root().join(&target);
            assert!(there.is_file(), "{document}: there is no {link}");
            if !heading.is_empty() {
                let headings = headings(&std::fs::read_to_string(&there).expect("it is a file"));
                assert!(headings.contains(heading), "{document}: {link} has only {headings:?}");
            }
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found");
}

/// Headings as they are linked to.
fn headings(document: &str) -> BTreeSet<String> {
    let prose = without_blocks(document);
    let titles =
        prose.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let slug = |title: &str| {
        let kept = title.to_lowercase();
        let kept =
            kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
    };
    titles.map(slug).collect()
}

// ---- facts -----------------------------------------------------------------------------------------

/// Which of the documents a fact is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Facts {
    /// `docs/facts/os.md`.
    Os,
    /// `docs/facts/mapi.md`, and `docs/story.md` for what the article says.
    Mapi,
}

/// The numbers that a document gives to facts: at the beginning of headings, and in bold. `G1.1-7` is seven.
fn numbers_in(document: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in without_blocks(document).lines() {
        if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim_start();
            let number = title.split(' ').next().unwrap_or_default().trim_end_matches('.');
            found.insert(number.to_owned());
        }
        for bold in line.split("**").skip(1).step_by(2) {
            match bold.split_once('-') {
                Some((first, last)) => found.extend(range(first, last)),
                None => {
                    found.insert(bold.to_owned());
                }
            }
        }
    }
    found
}

/// `G1.1` to `7`, as G1.1, G1.2 and so on.
fn range(first: &str, last: &str) -> Vec<String> {
    let Some((group, first)) = first.split_once('.') else { return Vec::new() };
    match (first.parse::<u32>(), last.parse::<u32>()) {
        (Ok(first), Ok(last)) => (first..=last).map(|number| format!("{group}.{number}")).collect(),
        _ => Vec::new(),
    }
}

fn documented() -> BTreeMap<Facts, BTreeSet<String>> {
    let mut mapi = numbers_in(&read("docs/facts/mapi.md"));
    mapi.extend(numbers_in(&read("docs/story.md")));
    BTreeMap::from([(Facts::Os, numbers_in(&read("docs/facts/os.md"))), (Facts::Mapi, mapi)])
}

/// What a line cites: in `(os C.3, mapi 4.7; B12)` the words name the document for the numbers right after them, and a
/// number of the article's form needs no word between parentheses. A number of the machine's form, `C.3` or `G1.3`, is a
/// citation wherever it stands.
fn cited_in(line: &str) -> Vec<(Facts, String)> {
    let mut found = Vec::new();
    let mut facts = None;
    let mut open = 0;
    for word in words(line) {
        let cited = match (word, shape(word)) {
            ("(", _) => {
                open += 1;
                None
            }
            (")", _) => {
                open -= 1;
                None
            }
            (_, Some(Shape::Machine)) => Some(Facts::Os),
            (_, Some(Shape::Comment)) => Some(Facts::Mapi),
            (_, Some(Shape::Article)) if open > 0 || facts == Some(Facts::Mapi) => Some(Facts::Mapi),
            (_, Some(Shape::Section)) => facts,
            (_, Some(Shape::Letter)) => facts.filter(|facts| *facts == Facts::Os),
            _ => None,
        };
        found.extend(cited.map(|facts| (facts, word.to_owned())));
        facts = match word {
            "os" => Some(Facts::Os),
            "mapi" => Some(Facts::Mapi),
            _ => cited,
        };
    }
    found
}

/// Words, and parentheses as words of their own. A full stop belongs to a word only between two of its letters.
fn words(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(|letter: char| letter.is_alphanumeric() || "()".contains(letter)) {
        rest = &rest[start..];
        let inside = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
        let end = match rest.chars().next() {
            Some('(' | ')') => 1,
            _ => rest.find(|letter| !inside(letter)).unwrap_or(rest.len()),
        };
        found.push(rest[..end].trim_end_matches('.'));
        rest = &rest[end..];
    }
    found
}

/// What a number looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `A.10`, `G.4`, `G1.3`: of the machine.
    Machine,
    /// `B12`: of the article.
    Article,
    /// `M11.3`: of the article's comments.
    Comment,
    /// `4.7`, `0.3`: a section.
    Section,
    /// `D`: a whole part about the machine.
    Letter,
}

fn shape(word: &str) -> Option<Shape> {
    let number =
        |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let letter = word.bytes().next().filter(u8::is_ascii_uppercase);
    match (letter, word.get(1..).unwrap_or_default(), word.split_once('.')) {
        (Some(b'A'..=b'I'), "", _) => Some(Shape::Letter),
        (Some(b'A'..=b'F' | b'H' | b'I'), rest, Some((part, after))) if part.len() == 1 => {
            number(after).then_some(Shape::Machine).filter(|_| rest.starts_with('.'))
        }
        (Some(b'G'), _, Some((part, after))) => (part.len() <= 2 && number(after)).then_some(Shape::Machine),
        (Some(b'M'), _, Some((part, after))) => {
            (number(&part[1..]) && number(after)).then_some(Shape::Comment)
        }
        (Some(b'A'..=b'F'), rest, None) => (rest.len() <= 2 && number(rest)).then_some(Shape::Article),
        (None, _, Some((before, after))) => (number(before) && number(after)).then_some(Shape::Section),
        _ => None,
    }
}

#[test]
fn citations_are_recognised_in_every_form_that_the_code_uses() {
    let rows: [(&str, &[(Facts, &str)]); 9] = [
        ("// the key itself (os C.3, mapi 4.7).", &[(Facts::Os, "C.3"), (Facts::Mapi, "4.7")]),
        ("//! next read (A5, mapi 4.19), however", &[(Facts::Mapi, "A5"), (Facts::Mapi, "4.19")]),
        ("(mapi C7, D5)", &[(Facts::Mapi, "C7"), (Facts::Mapi, "D5")]),
        ("(B5: in use = counted there)", &[(Facts::Mapi, "B5")]),
        ("(mapi 1.0, 1.2 step 7)", &[(Facts::Mapi, "1.0"), (Facts::Mapi, "1.2")]),
        (r#"("G1.3 RegQueryValueEx", 1018)"#, &[(Facts::Os, "G1.3")]),
        ("(os D; vectors G.4)", &[(Facts::Os, "D"), (Facts::Os, "G.4")]),
        ("its order is mapi 4.6: does it exist", &[(Facts::Mapi, "4.6")]),
        ("version 5.5.2657.50 of A and B12, x.0", &[]),
    ];
    for (line, cited) in rows {
        let expected: Vec<_> = cited.iter().map(|(facts, number)| (*facts, (*number).to_owned())).collect();
        assert_eq!(cited_in(line), expected, "{line}");
    }
}

#[test]
fn every_fact_that_the_code_cites_is_in_the_documents() {
    let documented = documented();
    let mut cited = BTreeSet::new();
    let scenarios = files("scenarios").into_iter().filter(|path| is_a(path, "json"));
    // The engine has no facts to cite, and this file has citations that are made up.
    let sources = source_files()
        .into_iter()
        .filter(|path| !path.starts_with("sim/") && !path.ends_with("documents.rs"));
    for path in sources.chain(scenarios) {
        for (index, line) in read(&path).lines().enumerate() {
            // Comments and texts cite; code has parentheses of its own.
            let whole = if line.contains("//") || line.contains('"') { line } else { "" };
            for (facts, number) in cited_in(whole) {
                assert!(
                    documented[&facts].contains(&number),
                    "{path}:{} cites {facts:?} {number}, which no document has: {line}",
                    index + 1
                );
                cited.insert((facts, number));
            }
        }
    }
    assert!(cited.len() > 80, "only {} facts are cited: {cited:?}", cited.len());
}

#[test]
fn the_documents_cite_only_facts_that_they_have() {
    let documented = documented();
    for document in DOCUMENTS {
        for line in without_blocks(&read(document)).lines() {
            for (facts, number) in cited_in(line).into_iter().filter(|(_, number)| number.len() > 1) {
                // In a document about MAPI, F1 to F4 and the article's numbers; in one about Windows, the machine's.
                assert!(documented[&facts].contains(&number), "{document} cites {facts:?} {number}: {line}");
            }
        }
    }
}

#[test]
fn every_assumption_is_in_the_section_that_it_names() {
    let document = read("docs/facts/mapi.md");
    for assumption in assumptions::TABLE {
        let heading = format!("\n### {} ", assumption.section);
        let section =
            document.split_once(&heading).unwrap_or_else(|| panic!("there is no section{heading}")).1;
        let section = section.split("\n### ").next().unwrap_or_default();
        let name = format!("`{}`", assumption.name);
        assert!(section.contains(&name), "section {} does not speak of {name}", assumption.section);
    }
}

#[test]
fn every_knowledge_base_article_that_a_scenario_names_is_in_the_facts() {
    let document = read("docs/facts/mapi.md");
    let mut checked = 0;
    for path in files("scenarios").into_iter().filter(|path| is_a(path, "json") && !path.contains("schema")) {
        let Ok(scenario) = scenario::read(&path, &read(&path)) else { panic!("{path} does not read") };
        for number in scenario.sources.iter().filter_map(|source| source.strip_prefix("KB ")) {
            assert!(
                document.contains(&format!("KB {number}")),
                "{path}: docs/facts/mapi.md has no KB {number}"
            );
            checked += 1;
        }
    }
    assert!(checked > 4, "only {checked} sources were found");
}

// ---- README ----------------------------------------------------------------------------------------

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

// ---- CHANGELOG -------------------------------------------------------------------------------------

#[test]
fn the_changelog_has_this_version_and_what_is_not_released() {
    let headings: Vec<String> = read("CHANGELOG.md")
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(headings.first().map(String::as_str), Some("Unreleased"));
    assert_eq!(headings.get(1).map(String::as_str), Some(env!("CARGO_PKG_VERSION")), "the newest entry");
}
