//! The bounds of the format: what is just within each reads, what is just beyond is refused, and nothing takes for ever.

use super::*;

fn process(name: usize, script: &str) -> String {
    format!(r#""p{name}": {{ "account": "svc", "mapi": "original", {script} }}"#)
}

#[test]
fn a_file_may_have_one_mebibyte() {
    let text = with_script("");
    let padded = |bytes: usize| text.clone() + &" ".repeat(bytes - text.len());
    good(&padded(BYTES_MAX));
    assert_eq!(codes(&padded(BYTES_MAX + 1)), ["too-large"]);
    let problems = read_bytes("big.json", &vec![0xFF; BYTES_MAX + 1]).unwrap_err();
    assert!(problems.to_string().contains("1 MiB"), "{problems}");
    assert!(problems.to_string().len() < 200);
}

#[test]
fn a_scenario_may_have_32_processes_and_64_threads() {
    let processes = |count: usize| {
        let all: Vec<String> = (0..count).map(|name| process(name, r#""script": []"#)).collect();
        with_processes(&all.join(","), "")
    };
    assert_eq!(good(&processes(PROCESSES_MAX)).processes.len(), 32);
    assert_eq!(codes(&processes(PROCESSES_MAX + 1)), ["too-many-processes"]);
    let threads = |count: usize| {
        let names: Vec<String> = (0..count).map(|name| format!("\"{name}\": []")).collect();
        let (one, other) = names.split_at(40);
        let threads = |names: &[String]| format!(r#""threads": {{ {} }}"#, names.join(","));
        let last = format!("p1/{}", count - 1);
        with_processes(
            &format!("{},{}", process(0, &threads(one)), process(1, &threads(other))),
            &format!(r#", "schedule": [{{ "run": "{last}" }}]"#),
        )
    };
    assert_eq!(good(&threads(THREADS_MAX)).threads().count(), 64);
    assert_eq!(codes(&threads(THREADS_MAX + 1)), ["too-many-threads"]);
}

#[test]
fn what_has_a_name_has_one_that_can_be_read() {
    let named = |name: &str| {
        with_processes(&format!(r#""{name}": {{ "account": "svc", "mapi": "original", "script": [] }}"#), "")
    };
    assert_eq!(codes(&named("")), ["empty-name"]);
    good(&named("a"));
    let threads = r#""p": { "account": "svc", "mapi": "original", "threads": { " ": [], "b": [] } }"#;
    assert_eq!(codes(&with_processes(threads, "")), ["empty-name"]);
    assert_eq!(codes(&named("a").replace("\"svc\"", "\"\"")), ["empty-name"]);
}

#[test]
fn a_long_line_that_ends_too_early_is_shown_short() {
    let text = format!("{{ \"format\": 1, \"about\": \"{}", "x".repeat(3_000));
    let problems = read("test.json", &text).unwrap_err();
    assert_eq!(problems.list()[0].message, "the file ends too early");
    let shown = problems.render(false, 100);
    assert!(shown.lines().all(|line| line.chars().count() <= 110), "{shown}");
}

#[test]
fn a_thread_may_have_ten_thousand_calls() {
    let repeated = |times: usize| {
        with_script(&format!(r#"{{ "repeat": {{ "times": {times}, "do": ["TouchHKCU"] }} }}"#))
    };
    assert_eq!(good(&repeated(CALLS_MAX)).processes[0].threads[0].script.len(), 10_000);
    assert_eq!(codes(&repeated(CALLS_MAX + 1)), ["too-many-calls"]);
}

#[test]
fn repetitions_of_repetitions_end_soon_whatever_they_say() {
    let mut script = "\"TouchHKCU\"".to_owned();
    for _ in 0..30 {
        script = format!(r#"{{ "repeat": {{ "times": 4294967295, "do": [{script}] }} }}"#);
    }
    assert_eq!(codes(&with_script(&script)), ["too-many-calls"]);
    let empty =
        r#"{ "repeat": { "times": 4294967295, "do": [{ "repeat": { "times": 4294967295, "do": [] } }] } }"#;
    assert_eq!(codes(&with_script(empty)), ["repeat-nothing"]);
}

#[test]
fn a_file_full_of_faults_is_cut_short() {
    let calls = vec![r#"{ "LogonUser": { "account": "nobody", "token": "t" } }"#; 9_000].join(",");
    let problems = read("test.json", &with_script(&calls)).unwrap_err();
    assert_eq!((problems.list().len(), problems.unlisted()), (problem::PROBLEMS_MAX, 8_950));
    assert!(problems.to_string().ends_with("test.json: and 8950 more"));
    let unknown = vec!["\"Sleep\""; 9_000].join(",");
    assert_eq!(codes(&with_script(&unknown)).len(), 20);
}

#[test]
fn a_fault_on_an_endless_line_is_shown_in_a_few_lines() {
    let text = with_script("")
        .replace('\n', " ")
        .replace("\"title\": \"\"", &format!("\"title\": \"{}\"", "ä".repeat(400_000)));
    let text = text.replace("\"account\": \"svc\"", "\"account\": \"scv\"");
    let problems = read("test.json", &text).unwrap_err();
    assert_eq!(problems.list()[0].column, text[..text.find("\"scv\"").unwrap()].chars().count() + 1);
    assert_presentable(&problems, &text);
    assert!(problems.to_string().len() < 1500, "{problems}");
}
