//! Are the facts that the code cites in the documents?

use std::collections::{BTreeMap, BTreeSet};

use mapisim_model::mapi::assumptions;
use mapisim_model::scenario;

use super::{DOCUMENTS, files, is_a, read, source_files, without_blocks};

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
        .filter(|path| !path.starts_with("sim/") && !path.ends_with("documents/facts.rs"));
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
        let begins = [format!("\n### {} ", assumption.section), format!("\n- **{}** ", assumption.section)];
        let section = begins.iter().find_map(|begin| document.split_once(begin));
        let section = section.unwrap_or_else(|| panic!("there is no section {}", assumption.section)).1;
        let ends = ["\n### ", "\n- **", "\n## "];
        let end = ends.iter().filter_map(|end| section.find(end)).min().unwrap_or(section.len());
        let name = format!("`{}`", assumption.name);
        assert!(section[..end].contains(&name), "section {} does not speak of {name}", assumption.section);
    }
}

#[test]
fn every_knowledge_base_article_that_a_scenario_names_is_in_the_facts() {
    let facts = read("docs/facts/mapi.md") + &read("docs/facts/os.md");
    let mut checked = 0;
    for path in files("scenarios").into_iter().filter(|path| is_a(path, "json") && !path.contains("schema")) {
        let Ok(scenario) = scenario::read(&path, &read(&path)) else { panic!("{path} does not read") };
        for number in scenario.sources.iter().filter_map(|source| source.strip_prefix("KB ")) {
            assert!(facts.contains(number), "{path}: docs/facts has no KB {number}");
            checked += 1;
        }
    }
    assert!(checked > 4, "only {checked} sources were found");
}
