//! Is the page what it should be, as far as one can tell without a browser? (`browser` asks the rest.)
//!
//! - every element is closed, every id is there once, only its own style and script are allowed
//! - names that try to be markup stay text
//! - how large it gets; what it says when something is not as expected

use std::collections::BTreeSet;

use mapisim::html;
use mapisim::html::hash::csp_hash;
use mapisim::markdown;
use mapisim::run_model::{RunModel, written};
use mapisim_tests::command::mapisim;

fn model(arguments: &[&str]) -> RunModel {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().to_str().expect("temporary paths are Unicode");
    let words = ["report"].into_iter().chain(arguments.iter().copied()).chain(["--out", out]);
    mapisim(&words.collect::<Vec<_>>());
    let json = std::fs::read_to_string(folder.path().join("run.json")).expect("it was written");
    written::from_json(&json).expect("it reads back")
}

/// What is between two texts, from a place on.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(start).unwrap_or_else(|| panic!("{start} is not in the page"));
    rest.split_once(end).unwrap_or_else(|| panic!("{end} does not follow {start}")).0
}

/// Every tag of a page, in order, without comments and what is in scripts and styles.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end =
            rest[start..].find('>').unwrap_or_else(|| panic!("a tag ends: {:.80}", &rest[start..])) + start;
        let tag = &rest[start + 1..end];
        tags.push(tag);
        rest = &rest[end + 1..];
        for raw in ["script", "style"] {
            if tag == raw || tag.starts_with(&format!("{raw} ")) {
                let close = rest.find(&format!("</{raw}>")).unwrap_or_else(|| panic!("{raw} ends"));
                rest = &rest[close..];
            }
        }
    }
    tags
}

const BUG_1: &str = "scenarios/article/bug-1.json";
const BUG_2: &str = "scenarios/article/bug-2.json";
const EVERY_ORDER: &str = "scenarios/article/bug-2-every-order.json";

/// Whether a tag has an attribute that is a script: `onclick=`.
fn acts(tag: &str) -> bool {
    let names = tag.split(" on").skip(1).filter_map(|rest| rest.split_once('='));
    names.into_iter().any(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()))
}

const VOID: [&str; 3] = ["meta", "input", "!doctype"];
/// Elements that may be left open, as HTML has it.
const OPEN: [&str; 2] = ["li", "option"];

#[test]
fn every_element_is_closed_and_every_id_is_there_once() {
    let page = html::render(&model(&[BUG_1, BUG_2, EVERY_ORDER, "scenarios/windows"]));
    let mut open: Vec<&str> = Vec::new();
    let mut ids = BTreeSet::new();
    for tag in tags(&page) {
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        if let Some(closed) = name.strip_prefix('/') {
            while open.last().is_some_and(|last| *last != closed && OPEN.contains(last)) {
                open.pop();
            }
            assert_eq!(open.pop(), Some(closed), "near {tag}");
        } else if !VOID.contains(&name) {
            if open.last() == Some(&name) && OPEN.contains(&name) {
                open.pop();
            }
            open.push(name);
        }
        if let Some((_, id)) = tag.split_once(" id=\"") {
            let id = id.split('"').next().unwrap_or_default();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
        }
        assert!(!tag.contains(" style=") && !acts(tag), "{tag}");
        assert!(!tag.contains(" src=") && !tag.contains("http:") && !tag.contains("https:"), "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(ids.contains("article-bug-2.as-installed/step-55"));
}

/// The traces, as the page's script unpacks them.
fn island(page: &str) -> Vec<u8> {
    let text = between(page, "id=\"data\">", "</script>");
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let six = |letter: char| letters.find(letter).expect("it is base 64") as u32;
    let bits: Vec<u32> = text.trim_end_matches('=').chars().map(six).collect();
    let bytes = bits.chunks(4).flat_map(|four| {
        let word = four.iter().enumerate().fold(0, |word, (index, six)| word | six << (18 - 6 * index));
        word.to_be_bytes()[1..four.len()].to_vec()
    });
    miniz_oxide::inflate::decompress_to_vec(&bytes.collect::<Vec<_>>()).expect("it is deflated")
}

#[test]
fn only_its_own_style_and_script_are_allowed() {
    let model = model(&[BUG_2]);
    let page = html::render(&model);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let style = csp_hash(between(&page, "<style>", "</style>"));
    let script = csp_hash(between(&page, "<script>", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action \
             'none'"
        )
    );
    let island: serde_json::Value = serde_json::from_slice(&island(&page)).expect("the island is JSON");
    // As it is installed it is the original: the same steps are there once.
    assert_eq!(island["t"].as_array().map(Vec::len), Some(model.cells.len() - 1));
}

#[test]
fn what_is_not_as_expected_is_said_in_words() {
    let mut model = model(&[BUG_2]);
    let all = model.cells.len();
    let page = html::render(&model);
    assert!(page.contains(&format!("<h1>All {all} outcomes are as expected</h1>")));
    assert!(page.contains(">breaks</a>") && !page.contains(">BREAKS</a>"));
    let broken = model.cells.iter().filter(|cell| cell.property.is_some()).count();
    let line = model.cells[0].expect_line.expect("it is expected");
    for cell in &mut model.cells {
        cell.expected = Some("holds".to_owned());
        cell.as_expected = cell.property.is_none();
    }
    let page = html::render(&model);
    assert!(page.contains(&format!("<h1>{broken} of {all} outcomes not as expected</h1>")));
    assert!(page.contains(">BREAKS</a>") && page.contains("live-profile, should hold"));
    assert!(page.contains(&format!("The scenario expects it to hold (line {line}): NOT as expected.")));
}

#[test]
fn the_two_views_and_the_step_to_change_are_told_of_bug_2() {
    let page = html::render(&model(&[BUG_2]));
    let article = between(&page, "<article id=\"article-bug-2.as-installed\"", "</article>");
    for part in [
        "What outlook.exe looked at",
        r"\Sessions\2\BaseNamedObjects\MAPI-S-1-5-…-1105",
        "session 2, as svc",
        "S-1-5-21-1004336348-1177238915-682003330-1105",
        "What was true: events.exe had counted its session",
        "With global-section, which holds in the same order of steps",
        "The same order with global-section: outlook.exe in MAPIInitialize reads 1 for eventsvc in A (step 52) instead of 0 in B.",
        "href=\"#article-bug-2.as-installed/step-43\"",
        "This scenario holds with global-section, patched",
    ] {
        assert!(article.contains(part), "{part} is not in it");
    }
}

#[test]
fn where_two_runs_begin_alike_the_second_lists_only_what_follows() {
    let model = model(&[BUG_2]);
    let page = html::render(&model);
    let article = between(&page, "<article id=\"article-bug-2.global-section\"", "</article>");
    let last = between(article, "Up to step ", " it is the same as <a href=\"#article-bug-2.as-installed\"");
    let last: usize = last.parse().expect("it is a number");
    let cell = model.cells.iter().find(|cell| cell.algorithm == "global-section").expect("it was run");
    let trace = cell.trace.as_ref().expect("it has a schedule");
    let listed = article.matches("<li value=").count();
    assert!(
        8 <= last && listed < (trace.steps.len() - last) / 2,
        "{last}, {listed} of {}",
        trace.steps.len()
    );
    assert!(article.contains("Uneventful steps are left out here"));
    // With global-section outlook.exe goes another way where it opens the other section.
    assert!(last < 43, "{last}");
    // What something links to is listed all the same.
    let model = self::model(&[BUG_1]);
    let page = html::render(&model);
    let article = between(&page, "<article id=\"article-bug-1.global-section\"", "</article>");
    assert!(article.contains("Up to step "));
    let cell = model.cells.iter().find(|cell| cell.algorithm == "global-section").expect("it was run");
    for point in
        cell.explanation.iter().flat_map(|explanation| &explanation.points).filter_map(|point| point.step)
    {
        assert!(article.contains(&format!("id=\"{}/step-{point}\"", cell.id)), "step {point}");
    }
}

#[test]
fn on_what_verdicts_rest_and_what_it_took_is_told_without_being_asked_for() {
    let page = html::render(&model(&[BUG_2]));
    for part in [
        "points that the sources leave open, settled as seems most likely",
        "was not tried: --firmness does",
        "The runs told here take ",
        "7 runs told, of ",
    ] {
        assert!(page.contains(part), "{part} is not in it");
    }
    let article = between(&page, "<article id=\"article-bug-2.as-installed\"", "</article>");
    assert!(article.contains("<dt>rests on</dt>") && article.contains("count-identity"));
    let firm = html::render(&model(&[BUG_2, "--algorithm", "original", "--firmness"]));
    assert!(
        firm.contains(
            "For 1 verdict each such point was settled otherwise, one at a time: it stands either way"
        ) && !firm.contains("was not tried")
    );
}

#[test]
fn other_faults_than_the_scenarios_are_told_in_words() {
    let model = model(&["scenarios/open/power-failure-half-way.json", BUG_2, "--crashes", "1"]);
    let page = html::render(&model);
    let article = between(&page, "<article id=\"open-power-failure-half-way.original\"", "</article>");
    assert!(page.contains("Run under other faults than the files say: --crashes 1."));
    assert!(article.contains("Run under other faults than the scenario&#39;s: --crashes 1."), "{article}");
    assert!(page.contains("no-orphan, under other faults") && !page.contains("nothing was expected"));
    // What has a schedule is run as it is, and is as its file expects.
    let article = between(&page, "<article id=\"article-bug-2.original\"", "</article>");
    assert!(article.contains("The scenario expects it to break live-profile"), "{article}");
    let told = markdown::render(&model);
    assert!(told.contains("Run under other faults than the files say: `--crashes 1`."), "{told}");
    assert!(
        told.contains("the scenario says nothing of") && !told.contains("nothing is said of it"),
        "{told}"
    );
}

#[test]
fn what_stays_behind_is_told_from_where_the_next_process_looks() {
    let page = html::render(&model(&["scenarios/open/power-failure-half-way.json"]));
    let article = between(&page, "<article id=\"open-power-failure-half-way.original\"", "</article>");
    for part in ["Where the next process looks", "What is there", "What holds instead", "between them, "] {
        assert!(article.contains(part), "{part} is not in {article}");
    }
    assert!(article.contains("the hive of svc is kept as it just was"));
    // Every algorithm but one takes another way there: no single step is to be changed.
    assert!(!article.contains("Which step to change") && !article.contains("thems"));
}

#[test]
fn a_step_takes_little_room_and_a_page_of_many_stays_small() {
    let model = model(&[BUG_1, BUG_2, EVERY_ORDER]);
    let page = html::render(&model);
    let steps: usize =
        model.cells.iter().filter_map(|cell| cell.trace.as_ref()).map(|trace| trace.steps.len()).sum();
    let room = 60_000 + 8_000 * model.cells.len() + 30 * steps;
    assert!(page.len() < room, "{} bytes for {} cells and {steps} steps", page.len(), model.cells.len());
    // Three hundred times as much is listed in short where there are no scripts.
    let mut many = model.clone();
    many.cells =
        model.cells.iter().filter(|cell| cell.trace.is_some()).take(1).cycle().take(900).cloned().collect();
    for (number, cell) in many.cells.iter_mut().enumerate() {
        cell.id = format!("cell-{number}");
        let trace = cell.trace.as_mut().expect("it has one");
        trace.lanes[0].thread = format!("thread {number}");
    }
    let page = html::render(&many);
    assert!(
        page.contains("Uneventful steps are left out here") && page.len() < 20_000_000,
        "{} bytes",
        page.len()
    );
}
