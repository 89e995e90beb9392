//! What another implementation of Win32 answered, against what the machine answers.
//!
//! - `the_machine_answers_what_was_recorded`: the shipped corpus, with exact counts
//! - `further_corpora_are_answered_as_recorded`: those named by `MAPISIM_ORACLE_CORPUS`
//! - `a_live_implementation_answers_as_the_machine`: random sequences under Wine, with `MAPISIM_LIVE_WIN32=1`
//!
//! `tests/oracle/README.md` has the grammar, the doubts, and how to record more.
#[path = "oracle/compare.rs"]
mod compare;
#[path = "oracle/live.rs"]
mod live;
#[path = "oracle/op.rs"]
mod op;
#[path = "oracle/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use compare::{Marks, Rule, compare};
use mapisim_model::os::Windows;
use op::Sequence;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle");

/// Sequences of one category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    agreed: u32,
    doubted: u32,
    differing: u32,
}

/// Replays a corpus: counts by category, differences by rule, and what no rule explains.
fn replay(
    corpus: &[Sequence],
    windows: Windows,
    marks: Marks,
) -> (BTreeMap<String, Count>, BTreeMap<Rule, u32>, Vec<String>) {
    let (mut counts, mut rules, mut faults) = (BTreeMap::<String, Count>::new(), BTreeMap::new(), Vec::new());
    for sequence in corpus {
        let outcome = compare(sequence, windows, marks);
        let count = counts.entry(sequence.cat.clone()).or_default();
        for (_, rule) in &outcome.doubted {
            *rules.entry(*rule).or_insert(0) += 1;
        }
        match outcome.different {
            Some(difference) => {
                count.differing += 1;
                faults.push(format!("{}: {difference}", sequence.id));
            }
            None if outcome.doubted.is_empty() => count.agreed += 1,
            None => count.doubted += 1,
        }
    }
    (counts, rules, faults)
}

fn table(counts: &BTreeMap<String, Count>) -> String {
    let mut text = String::from("category   agreed  doubted  differing\n");
    for (category, count) in counts {
        let Count { agreed, doubted, differing } = count;
        writeln!(text, "{category:10} {agreed:6}  {doubted:7}  {differing:9}").expect("a string takes all");
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "an opt-in of the person who runs the tests; off by default")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn read(path: &Path) -> Vec<Sequence> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    op::read(&text, &path.display().to_string())
}

#[test]
fn the_machine_answers_what_was_recorded() {
    let corpus = read(&Path::new(FOLDER).join("corpus.jsonl"));
    assert_eq!(corpus.len(), 300);
    assert_eq!(corpus.iter().map(|sequence| sequence.seq.len()).sum::<usize>(), 5608);
    for windows in [Windows::VISTA, Windows::SERVER_2008, Windows::W7, Windows::W10] {
        let (counts, rules, faults) = replay(&corpus, windows, Marks::Given);
        println!("{windows}\n{}{rules:?}", table(&counts));
        assert_eq!(faults, Vec::<String>::new(), "answers that no rule explains, on {windows}");
        let count = |agreed, doubted| Count { agreed, doubted, differing: 0 };
        let expected = [
            ("mix", count(29, 1)),
            ("reg1", count(89, 1)),
            ("reg2", count(74, 1)),
            ("sec1", count(26, 4)),
            ("sec2", count(67, 8)),
        ];
        let expected: BTreeMap<String, Count> =
            expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        assert_eq!(counts, expected, "on {windows}");
        let expected = [
            (Rule::SectionProtection, 18),
            (Rule::InfoAccess, 1),
            (Rule::TreeAccess, 1),
            (Rule::TrailingBackslash, 2),
            (Rule::FollowUp, 11),
        ];
        assert_eq!(rules, expected.into(), "on {windows}");
    }
}

/// The corpus is no rubber stamp: a machine of NT 4.0, which knows no prefixes, is told apart by it.
#[test]
fn a_machine_of_another_kind_is_told_apart() {
    let corpus = read(&Path::new(FOLDER).join("corpus.jsonl"));
    let (counts, _, faults) = replay(&corpus, Windows::NT4, Marks::Given);
    assert!(faults.len() > 50, "{}", table(&counts));
    assert!(faults.iter().any(|fault| fault.starts_with("sec1")), "sections");
    assert!(faults.iter().any(|fault| fault.starts_with("reg1")), "RegDeleteKey(NULL)");
}

/// The table of what came of the corpus, in the documents.
#[test]
fn the_documents_say_what_came_of_the_corpus() {
    let corpus = read(&Path::new(FOLDER).join("corpus.jsonl"));
    let (counts, rules, _) = replay(&corpus, Windows::W10, Marks::Given);
    let about = |category: &str| match category {
        "reg1" => "registry, one process",
        "reg2" => "registry, two processes",
        "sec1" => "sections and events, one process",
        "sec2" => "sections and events, two processes, kills",
        _ => "everything",
    };
    let mut table =
        String::from("| sequences | about | agreed | doubted | differing |\n|---|---|---|---|---|\n");
    for (category, Count { agreed, doubted, differing }) in &counts {
        let about = about(category);
        writeln!(table, "| {category} | {about} | {agreed} | {doubted} | {differing} |")
            .expect("a string takes all");
    }
    let sum = |part: fn(&Count) -> u32| counts.values().map(part).sum::<u32>();
    let (agreed, doubted, differing) =
        (sum(|count| count.agreed), sum(|count| count.doubted), sum(|count| count.differing));
    writeln!(table, "| all | | {agreed} | {doubted} | {differing} |").expect("a string takes all");
    table += "\n| doubted answers | because |\n|---|---|\n";
    for (rule, count) in &rules {
        writeln!(table, "| {count} | {} |", rule.words()).expect("a string takes all");
    }
    mapisim_tests::hold_block("docs/fidelity.md", "corpus", &table);
}

/// A live comparison has somebody to differ from without Wine too: the machine as another version. What it finds is
/// small enough to be read, and is replayed from its line.
#[test]
fn a_planted_difference_is_shrunk_to_a_few_operations_and_kept_as_a_line() {
    let rows = [(Windows::NT4, 4), (Windows::W2000, 4)];
    for (planted, operations_max) in rows {
        let other = |seq: &[op::Op]| {
            let mut world = world::World::new(planted);
            seq.iter().map(|op| world.run(op)).collect()
        };
        let found = live::least_difference(other, Windows::W10, 400);
        let (sequence, difference) = found.unwrap_or_else(|| panic!("{planted} is not told apart"));
        assert!(sequence.seq.len() <= operations_max, "{planted}: {difference}\n{:?}", sequence.seq);
        let line = serde_json::to_string(&sequence).expect("a sequence can be written");
        let corpus = op::read(&line, "line");
        assert_eq!((corpus.len(), &corpus[0].seq), (1, &sequence.seq));
        let (_, _, faults) = replay(&corpus, Windows::W10, Marks::Absent);
        assert_eq!(faults, [format!("live: {difference}")]);
        let (_, _, faults) = replay(&corpus, planted, Marks::Absent);
        assert_eq!(faults, Vec::<String>::new(), "{planted} agrees with itself");
    }
}

#[test]
fn further_corpora_are_answered_as_recorded() {
    let Some(place) = setting("MAPISIM_ORACLE_CORPUS").map(PathBuf::from) else {
        println!("MAPISIM_ORACLE_CORPUS is not set: no further corpora");
        return;
    };
    let mut files = Vec::new();
    if place.is_dir() {
        let entries = std::fs::read_dir(&place).expect("the folder can be listed");
        files.extend(entries.map(|entry| entry.expect("the folder can be listed").path()));
        files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
    } else {
        files.push(place.clone());
    }
    assert!(!files.is_empty(), "{} holds no .jsonl file", place.display());
    for file in files {
        let corpus = read(&file);
        let is_marked = corpus.iter().any(|sequence| !sequence.doubt.is_empty());
        let marks = if is_marked { Marks::Given } else { Marks::Absent };
        let (counts, rules, faults) = replay(&corpus, Windows::W10, marks);
        println!("{}\n{}{rules:?}", file.display(), table(&counts));
        assert_eq!(faults, Vec::<String>::new(), "answers that no rule explains, in {}", file.display());
    }
}

#[test]
fn a_live_implementation_answers_as_the_machine() {
    if setting("MAPISIM_LIVE_WIN32").as_deref() != Some("1") {
        println!("MAPISIM_LIVE_WIN32=1 is not set: the live comparison is off");
        return;
    }
    let cases = setting("MAPISIM_LIVE_CASES").map_or(100, |cases| cases.parse().expect("a number of cases"));
    live::compare_live(&Path::new(FOLDER).join("worc.c"), cases);
}
