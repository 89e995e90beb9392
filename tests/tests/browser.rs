//! Does the report work where people look at it: in a browser?
//!
//! - it opens, filters, follows a link to a step and shows it, comes back, moves by keys, shows the machine's state
//! - without scripts everything is there to be read
//! - names that try to be markup stay text; nothing is fetched; nothing complains
//! - it can be used by keyboard and screen reader, in light and dark, on a narrow screen; axe finds nothing that matters
//! - Mermaid draws our diagrams
//!
//! They need a Chromium. Where there is none they say that they are skipped; with MAPISIM_E2E=required they fail.

#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/socket.rs"]
mod socket;

use std::path::PathBuf;

use driver::Browser;
use mapisim_tests::command::mapisim;
use mapisim_tests::foreign::{hostile, packages};
use serde_json::{Value, json};

/// A report in a folder of its own.
struct Report {
    _folder: tempfile::TempDir,
    page: PathBuf,
}

fn report(arguments: &[&str]) -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().join("out").to_str().expect("temporary paths are Unicode").to_owned();
    let words: Vec<&str> =
        ["report"].into_iter().chain(arguments.iter().copied()).chain(["--out", &out]).collect();
    let ran = mapisim(&words);
    let page = folder.path().join("out/index.html");
    assert!(page.is_file(), "{}{}", ran.out, ran.err);
    Report { _folder: folder, page }
}

fn quiet(browser: &Browser) {
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

const BUG_2: &str = "#article-bug-2.as-installed";

fn articles() -> Report {
    report(&[
        "scenarios/article/bug-1.json",
        "scenarios/article/bug-2.json",
        "scenarios/article/bug-2-every-order.json",
    ])
}

#[test]
fn the_overview_opens_and_is_filtered_by_word_and_verdict() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&articles().page, "");
    assert_eq!(browser.text("document.documentElement.dataset.ready"), "1");
    let headline = browser.text("document.querySelector('#overview h1').textContent");
    assert!(headline.starts_with("All ") && headline.ends_with(" outcomes are as expected"), "{headline}");
    let rows = "[...document.querySelectorAll('tr[data-find]')].filter(r => r.offsetParent).length";
    assert_eq!(browser.value(rows), json!(3));
    browser.value("document.getElementById('find').focus()");
    for letter in "bug-1".chars() {
        browser.press(&letter.to_string());
    }
    assert_eq!(browser.value(rows), json!(1));
    assert!(browser.text("document.getElementById('found').textContent").starts_with("1 of 3 scenarios, "));
    let choose = "(() => { const w = document.getElementById('which'); w.value = 'u'; w.dispatchEvent(new Event('change')) })()";
    browser.value(choose);
    assert_eq!(browser.value(rows), json!(0));
    // Only one outcome is looked at at a time.
    assert_eq!(
        browser.value("[...document.querySelectorAll('article')].filter(a => a.offsetParent).length"),
        json!(0)
    );
    quiet(&browser);
}

#[test]
fn a_link_leads_to_a_step_and_keys_move_from_it() {
    let Some(mut browser) = Browser::start() else { return };
    let report = articles();
    browser.open(&report.page, BUG_2);
    let current = "document.querySelector('article.on .row[aria-current]').textContent";
    assert!(browser.text(current).contains("the cause"), "it opens on the cause");
    assert!(browser.value("scrollY") == json!(0), "an outcome is read from its top");
    let state = "document.querySelector('article.on .look').innerText";
    assert!(browser.text(state).contains("deleted, still open in events.exe: answers 1018"));

    browser.press("s");
    assert!(browser.text(current).contains("the symptom"));
    assert!(browser.text("location.hash").ends_with("/step-66"));
    browser.press("x");
    browser.press("k");
    assert!(browser.text("location.hash").ends_with("/step-52"), "{}", browser.text("location.hash"));
    browser.press("j");
    assert!(browser.text(current).contains("the cause"));
    browser.press("ArrowRight");
    assert!(browser.text("location.hash").ends_with("/step-62"));

    browser.open(&report.page, &format!("{BUG_2}/step-30"));
    assert!(
        browser.text("document.querySelector('article.on output').textContent").starts_with("step 30 of")
    );
    assert!(browser.text(state).contains("eventsvc = 1"), "{}", browser.text(state));
    assert!(browser.text(state).contains("s of events.exe on EventSvc"));
    // Every step, one by one, by the slider as well.
    browser.value("document.querySelector('article.on .playhead input[type=checkbox]').click()");
    assert_eq!(browser.value("document.querySelectorAll('article.on .row:not(.head)').length"), json!(99));
    browser.press("Escape");
    browser.wait("!!document.querySelector('#overview.on')");
    quiet(&browser);
}

#[test]
fn a_link_to_a_step_shows_that_step_also_when_loaded_again_and_back_leads_back() {
    let Some(mut browser) = Browser::start() else { return };
    let report = articles();
    let inside = "(() => { const r = document.querySelector('article.on .row[aria-current]').getBoundingClientRect(), \
                  head = document.querySelector('article.on .playhead').getBoundingClientRect(); \
                  return r.top >= head.bottom - 1 && r.bottom <= innerHeight + 1 })()";
    for (width, height) in [(1280, 900), (1400, 700), (900, 800), (380, 800)] {
        browser.size(width, height);
        browser.open(&report.page, &format!("{BUG_2}/step-55"));
        browser.wait(inside);
        browser.call("Page.reload", &json!({}));
        browser.wait(
            "document.readyState === 'complete' && !!document.querySelector('article.on .row[aria-current]')",
        );
        browser.wait(inside);
    }
    // Whose lane it is stays on the screen, and so does which algorithm a column is of.
    browser.size(1280, 900);
    browser.open(&report.page, &format!("{BUG_2}/step-55"));
    browser.wait(inside);
    let top = "document.querySelector('article.on .row.head').getBoundingClientRect().top";
    assert!(
        browser.value(top).as_f64().is_some_and(|top| (0.0..200.0).contains(&top)),
        "the lanes have heads"
    );
    browser.value("scrollTo(0, 0)");
    // What the words mean is told beside what one reads, and one comes back.
    browser.value("document.querySelector('.help a').click()");
    browser.wait("location.hash === '#words' && !!document.querySelector('article.on')");
    browser.wait("document.getElementById('words').getBoundingClientRect().top < innerHeight");
    browser.value("history.back()");
    browser.wait("location.hash.endsWith('/step-55') && !!document.querySelector('article.on')");
    browser.value("location.hash = '#overview'");
    browser.wait("!!document.querySelector('#overview.on')");
    browser.value("history.back()");
    browser.wait("!!document.querySelector('article.on') && !document.querySelector('#overview.on')");
    quiet(&browser);
}

#[test]
fn the_machine_at_a_step_is_the_same_however_one_comes_there() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&articles().page, &format!("{BUG_2}/step-99"));
    let state = "document.querySelector('article.on .look').innerText";
    let direct = browser.text(state);
    let slide = |browser: &mut Browser, step: usize| {
        browser.value(&format!(
            "(() => {{ const r = document.querySelector('article.on input[type=range]'); r.value = {step}; \
             r.dispatchEvent(new Event('input')) }})()"
        ));
    };
    for step in [1, 64, 65, 99] {
        slide(&mut browser, step);
    }
    assert_eq!(browser.text(state), direct);
    assert!(direct.contains("has ended"), "{direct}");
    quiet(&browser);
}

#[test]
fn a_crash_of_the_machine_runs_across_all_lanes() {
    let Some(mut browser) = Browser::start() else { return };
    let report = report(&["scenarios/open/power-failure-half-way.json"]);
    let wide = "(() => { const row = document.querySelector('article.on .row.whole'), cell = row.querySelector('.t'), \
                head = [...document.querySelectorAll('article.on .row.head > *')], \
                last = head[head.length - 2].getBoundingClientRect(); \
                return Math.abs(cell.getBoundingClientRect().right - last.right) < 2 && cell.textContent })()";
    let state = "document.querySelector('article.on .look .now').textContent";
    for every in [false, true] {
        browser.open(&report.page, "#open-power-failure-half-way.original/step-19");
        if every {
            browser.value("document.querySelector('article.on .playhead input[type=checkbox]').click()");
        }
        assert_eq!(browser.value(wide), json!("the machine crashes"), "every step: {every}");
        assert_eq!(browser.value("document.querySelectorAll('article.on .row.whole').length"), json!(1));
        assert_eq!(browser.text(state), "After step 19. The machine crashes");
    }
    quiet(&browser);
}

#[test]
fn a_key_that_is_deleted_and_still_open_is_one_line() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&articles().page, &format!("{BUG_2}/step-55"));
    let marked = "[...document.querySelectorAll('article.on .look .m')].map(e => e.parentNode.innerText.split('\\n')[0])";
    let told = browser.value(marked);
    let keys: Vec<&Value> =
        told.as_array().into_iter().flatten().filter(|text| text.to_string().contains("13dbb0c8")).collect();
    assert!(keys.len() == 1 && keys[0].to_string().contains("removed"), "{told}");
    quiet(&browser);
}

#[test]
fn without_scripts_everything_is_there_to_be_read() {
    let Some(mut browser) = Browser::start() else { return };
    browser.scripts(false);
    browser.open(&articles().page, "");
    // Text that is not on the screen yet is no part of innerText; but it is shown.
    let page = browser.text("document.getElementById('main').textContent");
    let hidden = "[...document.querySelectorAll('article, article *')].filter(e => getComputedStyle(e).display === 'none').length";
    assert_eq!(browser.value(hidden), json!(0));
    for part in [
        "At step 55 outlook.exe (account svc, session 2) began to delete profile \"EventSvc\"",
        "What outlook.exe looked at",
        "Which step to change",
        "mapisim show scenarios/article/bug-2.json --algorithm as-installed",
    ] {
        assert!(page.contains(part), "{part} is not in the page");
    }
    let steps = "document.getElementById('article-bug-2.as-installed').querySelectorAll('.steps li').length";
    assert_eq!(browser.value(steps), json!(99));
    assert_eq!(browser.value("!!document.getElementById('article-bug-2.as-installed/step-55')"), json!(true));
    let links = "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => decodeURIComponent(a.getAttribute('href').slice(1)))
        .filter(id => !document.getElementById(id) && !document.getElementById(id.replace(/\\/step-\\d+$/, '')))";
    assert_eq!(browser.value(links), json!([]), "every link leads somewhere");
    quiet(&browser);
}

#[test]
fn names_that_try_to_be_markup_stay_text_and_fit() {
    let Some(mut browser) = Browser::start() else { return };
    let files = tempfile::tempdir().expect("a temporary folder can be made");
    let file = files.path().join("<img src=x onerror=window.pwned=1>.json");
    std::fs::write(&file, hostile("live-profile")).expect("files can be written in it");
    let report = report(&[file.to_str().expect("it is Unicode")]);
    browser.open(&report.page, "");
    let link = browser.text("document.querySelector('tr[data-find] a').getAttribute('href')");
    for place in ["", &link] {
        browser.open(&report.page, place);
        assert_eq!(
            browser.value("window.pwned === undefined && !document.querySelector('img')"),
            json!(true)
        );
        assert_eq!(browser.value("document.querySelectorAll('script').length"), json!(2));
        assert!(browser.text("document.body.innerText").contains("<script>window.pwned=1</script>"));
        for width in [380, 1400] {
            browser.size(width, 900);
            assert_fits(&mut browser, width);
        }
    }
    assert!(browser.text("document.querySelector('article.on .lanes').textContent").contains("Pb amp"));
    quiet(&browser);
}

/// The page does not scroll sideways, and no label is wider than its box.
fn assert_fits(browser: &mut Browser, width: u32) {
    let page = browser.value("document.documentElement.scrollWidth");
    assert!(page.as_u64().is_some_and(|page| page <= u64::from(width)), "the page is {page} wide at {width}");
    let over = "[...document.querySelectorAll('.row > *, .tag, .view, .view dd, .tabs a, h1, h2, h3, h4, .first, .text, .change, \
                .look li, .playhead, .row .p span')].filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && \
                getComputedStyle(e).display !== 'inline').map(e => e.className + ': ' + e.textContent.slice(0, 60))";
    assert_eq!(browser.value(over), json!([]), "at {width}");
    let out = "[...document.querySelectorAll('.row .p span')].filter(e => e.offsetParent).filter(e => { const a = \
               e.getBoundingClientRect(), b = e.parentNode.getBoundingClientRect(); return a.left < b.left - 1 || a.right > b.right + 1 \
               }).map(e => e.textContent)";
    assert_eq!(browser.value(out), json!([]), "at {width}");
    // A table may be wider than the screen; what is said of it is read without moving it.
    let cut = "[...document.querySelectorAll('caption')].filter(e => e.offsetParent && \
               e.getBoundingClientRect().right > innerWidth).length";
    assert_eq!(browser.value(cut), json!(0), "at {width}");
}

#[test]
fn nothing_overflows_on_a_narrow_screen() {
    let Some(mut browser) = Browser::start() else { return };
    let report = articles();
    for place in ["", BUG_2, "#article-bug-1.as-installed/step-20"] {
        browser.open(&report.page, place);
        for width in [380, 800, 1400] {
            browser.size(width, 800);
            assert_fits(&mut browser, width);
        }
    }
    quiet(&browser);
}

/// What a screen reader and the rules for contrast ask of a page: names, one of each id, headings in order, colours that
/// can be told apart. In short what axe asks, for machines that have none.
const ACCESSIBLE: &str = r"(() => {
  const faults = [], seen = e => e.offsetParent !== null;
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) faults.push('an id is there twice');
  if (!document.documentElement.lang || !document.title) faults.push('no language or title');
  for (const e of document.querySelectorAll('a, button, input, select, [role=region], [role=table]')) {
    if (!seen(e)) continue;
    const name = e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels[0] && e.labels[0].textContent.trim());
    if (!name) faults.push('no name: ' + e.outerHTML.slice(0, 80));
  }
  let last = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    if (!seen(h)) continue;
    const level = +h.tagName[1];
    if (last && level > last + 1) faults.push('a heading skips a level: ' + h.textContent);
    last = level;
  }
  for (const t of document.querySelectorAll('[role=table]')) {
    if ([...t.children].some(r => r.getAttribute('role') !== 'row')) faults.push('a table has more than rows');
  }
  for (const r of document.querySelectorAll('[role=row]')) {
    if ([...r.children].some(c => !/cell|columnheader/.test(c.getAttribute('role')))) faults.push('a row has more than cells');
  }
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = c => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  const told = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (!seen(e) || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.disabled) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const what = e.tagName + '.' + e.className;
    if (contrast < 4.5 && !told.has(what)) { told.add(what); faults.push('contrast ' + contrast.toFixed(2) + ': ' + what + ' ' + e.textContent.slice(0, 40)); }
  }
  return faults;
})()";

#[test]
fn it_can_be_used_by_keyboard_and_screen_reader_in_light_and_dark() {
    let Some(mut browser) = Browser::start() else { return };
    let report = articles();
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        for place in ["", BUG_2, "#article-bug-2-every-order.patched"] {
            browser.open(&report.page, place);
            assert_eq!(browser.value(ACCESSIBLE), json!([]), "{scheme} {place}");
        }
    }
    browser.open(&report.page, BUG_2);
    // Where Tab leads, one sees where one is, and a step is told to who cannot see it.
    let mut reached: Vec<Value> = Vec::new();
    for _ in 0..40 {
        browser.press("Tab");
        reached.push(browser.value("document.activeElement.className || document.activeElement.tagName"));
    }
    let came_to = |name: &str| {
        reached
            .iter()
            .any(|class| class.as_str().is_some_and(|class| class.split(' ').any(|word| word == name)))
    };
    assert!(came_to("lanes") && came_to("look"), "{reached:?}");
    browser.press("x");
    let told = browser.text("document.querySelector('[aria-live]').textContent");
    assert!(told.starts_with("Step 55, the cause. outlook.exe, in MAPIInitialize: RegDeleteKey"), "{told}");
    quiet(&browser);
}

/// What axe finds that is serious or critical: which rule, and where.
const AXE: &str = r"axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations
  .filter(v => v.impact === 'serious' || v.impact === 'critical')
  .map(v => v.id + ': ' + v.nodes.slice(0, 4).map(n => n.html.slice(0, 120)).join(' | ')))";

#[test]
fn axe_finds_nothing_serious_in_light_and_dark() {
    let Some(mut browser) = Browser::start() else { return };
    let Some(packages) = packages() else { return };
    let axe = std::fs::read_to_string(packages.join("axe-core/axe.min.js")).expect("it is installed");
    let report = articles();
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        for place in ["", BUG_2, "#article-bug-2.as-installed/step-30", "#article-bug-2-every-order.patched"]
        {
            browser.open(&report.page, place);
            browser.value(&format!("{axe};0"));
            assert_eq!(browser.value(AXE), json!([]), "{scheme} {place}");
        }
    }
    // It would find something.
    browser.value("document.getElementById('main').insertAdjacentHTML('afterbegin', '<button></button>')");
    assert_ne!(browser.value(AXE), json!([]));
}

#[test]
fn mermaid_draws_every_diagram_and_names_stay_text() {
    let Some(mut browser) = Browser::start() else { return };
    let Some(packages) = packages() else { return };
    let files = tempfile::tempdir().expect("a temporary folder can be made");
    let file = files.path().join("hostile.json");
    std::fs::write(&file, hostile("live-profile")).expect("files can be written in it");
    let hostile = file.to_str().expect("it is Unicode");
    let mut diagrams = Vec::new();
    for (scenario, algorithm) in [
        (hostile, "original"),
        (hostile, "patched"),
        ("scenarios/article/bug-1.json", "original"),
        ("scenarios/article/bug-2.json", "patched"),
        ("scenarios/article/customer-machine.json", "original"),
        ("scenarios/open/crash-before-the-mark.json", "patched"),
        ("scenarios/article/runs-for-days-then-stops.json", "as-installed"),
    ] {
        let ran = mapisim(&["show", scenario, "--algorithm", algorithm, "--format", "mermaid"]);
        assert!(ran.out.starts_with("sequenceDiagram\n"), "{}{}", ran.out, ran.err);
        diagrams.push(ran.out);
    }
    let page = files.path().join("page.html");
    let library = packages.join("mermaid/dist/mermaid.min.js");
    let text = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>t</title><body><script src=\"file://{}\"></script>",
        library.display()
    );
    std::fs::write(&page, text).expect("files can be written in it");
    browser.open(&page, "");
    browser.wait("typeof mermaid === 'object'");
    browser.value(
        "mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true })",
    );
    for (number, diagram) in diagrams.iter().enumerate() {
        let drawn = format!(
            "mermaid.render('d{number}', {}).then(r => {{ document.body.insertAdjacentHTML('beforeend', r.svg); \
             return document.querySelector('#d{number}').textContent }}).catch(e => 'REFUSED ' + e)",
            json!(diagram)
        );
        let drawn = browser.text(&drawn);
        assert!(!drawn.starts_with("REFUSED") && !drawn.contains("Syntax error"), "{drawn}\n{diagram}");
        let actors =
            format!("document.querySelectorAll('#d{number} .actor-top, #d{number} rect.actor').length");
        assert!(browser.value(&actors).as_u64().is_some_and(|actors| actors >= 2), "{diagram}");
        if number == 0 {
            assert!(drawn.contains("<script>window.pwned=1</script>"), "the names are all there: {drawn}");
        }
    }
    assert_eq!(browser.value("window.pwned === undefined && !document.querySelector('img')"), json!(true));
    // It would refuse what is none.
    let none = browser
        .text("mermaid.render('x', 'sequenceDiagram\\n  a-->>').then(r => r.svg).catch(e => 'REFUSED')");
    assert_eq!(none, "REFUSED");
    quiet(&browser);
}

#[test]
fn of_a_long_run_the_page_draws_2000_steps_and_says_so() {
    let Some(mut browser) = Browser::start() else { return };
    let files = tempfile::tempdir().expect("a temporary folder can be made");
    let file = files.path().join("long.json");
    let scenario = r#"{ "format": 1, "title": "long", "machine": { "windows": "2000" },
        "accounts": { "svc": { "sid": "S-1-5-21-1-2-3-1105" } },
        "processes": { "p.exe": { "account": "svc", "mapi": "original",
            "script": [ { "repeat": { "times": 200, "do": ["MAPIInitialize", "MAPIUninitialize"] } } ] } },
        "schedule": "p.exe", "expect": { "original": "holds" } }"#;
    std::fs::write(&file, scenario).expect("files can be written in it");
    let report = report(&[file.to_str().expect("it is Unicode")]);
    browser.open(&report.page, "");
    let link = browser.text("document.querySelector('tr[data-find] a').getAttribute('href')");
    browser.open(&report.page, &format!("{link}/step-1900"));
    let capped = browser.text("document.querySelector('article.on .capped').textContent");
    assert!(capped.starts_with("Only steps 1 to 2000 of"), "{capped}");
    browser.value("document.querySelector('article.on .playhead input[type=checkbox]').click()");
    assert_eq!(browser.value("document.querySelectorAll('article.on .row:not(.head)').length"), json!(2000));
    for _ in 0..20 {
        browser.press("j");
    }
    assert!(browser.text("location.hash").ends_with("/step-1920"));
    // However long the run is: a step touches what shows the machine, and two rows.
    let touched = "(() => { window.touched = 0; new MutationObserver(all => all.forEach(one => {
        const count = node => 1 + (node.querySelectorAll ? node.querySelectorAll('*').length : 0);
        window.touched += one.type === 'attributes' ? 1 : [...one.addedNodes, ...one.removedNodes].reduce((sum, node) => sum + count(node), 0);
    })).observe(document.body, { attributes: true, childList: true, subtree: true }); return 0 })()";
    browser.value(touched);
    for _ in 0..10 {
        browser.press("k");
    }
    assert!(browser.text("location.hash").ends_with("/step-1910"));
    let touched = browser.value("window.touched").as_u64().expect("it is a number");
    assert!(0 < touched && touched < 10 * 400, "{touched} nodes for ten steps");
    quiet(&browser);
}
