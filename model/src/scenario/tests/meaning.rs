//! What a well-formed file means.

use mapisim_sim::Schedule;

use super::*;
use crate::mapi::hresult::HResult;
use crate::mapi::product::Product;
use crate::mapi::rules::{Algorithm, Build};
use crate::os::error::Win32Error;
use crate::os::privilege::Privilege;
use crate::os::sid::Sid;
use crate::probe::Probe;
use crate::property::Property;
use crate::scenario::checked::{HiveContent, Version};

#[test]
fn the_example_means_what_its_description_says() {
    let scenario = good(EXAMPLE);
    assert_eq!((scenario.windows.name, scenario.terminal_services), ("2000", true));
    assert_eq!(scenario.sources, ["article, bug 2", "KB 818861"]);
    let account = &scenario.accounts[0];
    assert_eq!(account.account.sid.to_string(), "S-1-5-21-1004336348-1177238915-682003330-1105");
    assert_eq!(
        account.account.groups.iter().map(|group| group.name().unwrap()).collect::<Vec<_>>(),
        ["Administrators"]
    );
    assert!(account.hive_loaded);
    let settings = vec!["MS Exchange Settings".to_owned()];
    assert_eq!(scenario.hives[0].content, HiveContent::Profiles { profiles: settings, deleted: Vec::new() });
    let [events, outlook] = scenario.processes.as_slice() else { panic!("two processes") };
    assert_eq!((events.name.as_str(), events.account, events.session), ("events.exe", 0, 0));
    assert_eq!((outlook.session, outlook.mapi.version), (2, Version::Product(Product::Outlook)));
    assert_eq!(events.threads[0].name, "events.exe");
    let calls: Vec<String> = events.threads[0].script.iter().map(|call| call.call.to_string()).collect();
    assert_eq!(calls[..3], ["MAPIInitialize", "CreateProfile(EventSvc)", "MAPILogonEx(EventSvc, s)"]);
    assert_eq!(calls.len(), 8);
    let schedule = "events.exe through DeleteProfile,outlook.exe through MAPIInitialize,events.exe";
    assert_eq!(scenario.schedule.as_ref().unwrap().to_string(), schedule);
    assert_eq!((scenario.crashes, scenario.may_crash.as_slice()), (0, [0, 1].as_slice()));
    assert_eq!(scenario.checks, Property::DEFAULT);
    let expected: Vec<_> = scenario.expect.iter().map(|each| (each.build.id(), each.expect.id())).collect();
    assert_eq!(expected.len(), 5);
    assert_eq!(expected[..2], [("as-installed", "live-profile"), ("original", "live-profile")]);
    assert_eq!(scenario.expected(Build::All(Algorithm::Patched)), Some(Expect::Holds));
    assert_eq!(scenario.expected(Build::All(Algorithm::Patched2008)), None);
}

#[test]
fn calls_and_expectations_know_their_lines() {
    let scenario = good(EXAMPLE);
    let line_of = |text: &str| EXAMPLE.lines().position(|line| line.contains(text)).unwrap() + 1;
    let script = &scenario.processes[0].threads[0].script;
    assert_eq!(script[3].place.line, line_of(r#"{ "DeleteProfile""#));
    assert_eq!((script[3].place.column, script[3].place.length), (11, "\"DeleteProfile\"".len()));
    assert_eq!(scenario.expect[3].place.line, line_of("\"global-section\""));
}

#[test]
fn a_schedule_in_words_is_the_same_as_its_turns() {
    let text = EXAMPLE.split("\"schedule\": [").next().unwrap().to_owned()
        + "\"schedule\": \"events.exe through DeleteProfile, outlook.exe:5, kill outlook.exe, \\\"events.exe\\\"\" }";
    let turns = EXAMPLE.split("\"schedule\": [").next().unwrap().to_owned()
        + r#""schedule": [{ "run": "events.exe", "through": "DeleteProfile" }, { "run": "outlook.exe", "steps": 5 },
             { "crash": "outlook.exe" }, { "run": "events.exe" }] }"#;
    let (words, turns) = (good(&text).schedule.unwrap(), good(&turns).schedule.unwrap());
    assert_eq!(words, turns);
    assert_eq!(Schedule::parse(&words.to_string()), Ok(words));
}

#[test]
fn an_absent_schedule_is_none_and_an_empty_one_is_one() {
    assert_eq!(good(&with_script("")).schedule, None);
    let processes = r#""p": { "account": "svc", "mapi": "original", "script": [] }"#;
    assert_eq!(good(&with_processes(processes, r#", "schedule": []"#)).schedule, Some(Schedule::default()));
    assert_eq!(good(&with_processes(processes, r#", "schedule": """#)).schedule, Some(Schedule::default()));
}

#[test]
fn the_accounts_of_services_are_known_by_their_names() {
    let text = EXAMPLE.replace("\"2000\"", "\"xp\"").replace(
        "\"svc\": { \"sid\"",
        r#""LocalSystem": {}, "NetworkService": { "sid": "S-1-5-20", "hive": "unloaded",
            "groups": ["S-1-5-32-551", "Backup Operators"], "privileges": ["SeTcbPrivilege"] },
           "svc": { "sid""#,
    );
    let scenario = good(&text);
    let [system, network, svc] = scenario.accounts.as_slice() else { panic!("three accounts") };
    assert_eq!(system.account.sid, Sid::named("LocalSystem").unwrap());
    assert!(
        system.account.groups.contains(&Sid::named("Administrators").unwrap()),
        "what the system is by itself stays"
    );
    assert!(!network.hive_loaded && svc.hive_loaded);
    assert!(network.account.groups.contains(&Sid::named("Backup Operators").unwrap()));
    assert_eq!(network.account.privileges.iter().copied().collect::<Vec<_>>(), [Privilege::Tcb]);
    assert_eq!(scenario.processes[0].account, 2);
    let unlisted = example_with(&[("\"account\": \"svc\"", "\"account\": \"LocalSystem\"")]);
    let problems = read("test.json", &unlisted).unwrap_err();
    assert_eq!(problems.list()[0].code, "unknown-account");
    assert!(problems.to_string().contains("add `\"LocalSystem\": {}` to `accounts`"), "{problems}");
}

#[test]
fn a_mapi_is_a_product_a_version_or_an_algorithm() {
    for (written, product, algorithm) in [
        ("exchange-5.5", Some(Product::Exchange55), Algorithm::Original),
        ("5.5.2657.50", Some(Product::Exchange55Kb818861), Algorithm::Patched),
        ("6.0.6448.0", Some(Product::Exchange2000Kb817375), Algorithm::SidSuffix),
        ("global-section", None, Algorithm::GlobalSection),
    ] {
        let scenario = good(&example_with(&[("\"mapi\": \"outlook\"", &format!("\"mapi\": \"{written}\""))]));
        let mapi = &scenario.processes[1].mapi;
        assert_eq!((mapi.written.as_str(), mapi.product(), mapi.algorithm()), (written, product, algorithm));
    }
}

#[test]
fn threads_are_called_by_their_process_and_their_own_names() {
    let processes = r#"
        "p": { "account": "svc", "mapi": "original", "threads": { "b": ["TouchHKCU"], "a": ["Idle"] } },
        "q": { "account": "svc", "mapi": "original", "threads": { "only": [] } },
        "r": { "account": "svc", "mapi": "original", "script": [] }"#;
    let scenario =
        good(&with_processes(processes, r#", "schedule": "p/a, q/only, r, kill p, p/b through TouchHKCU""#));
    let names: Vec<_> = scenario.threads().map(|(process, thread)| (process, thread.name.as_str())).collect();
    assert_eq!(names, [(0, "p/b"), (0, "p/a"), (1, "q/only"), (2, "r")]);
}

#[test]
fn repetitions_are_unrolled_in_order() {
    let scenario = good(&with_script(
        r#""MAPIInitialize", { "repeat": { "times": 2, "do": [
            { "MAPILogonEx": { "profile": "A", "session": "s" } },
            { "repeat": { "times": 3, "do": [{ "OpenMsgStore": { "session": "s" } }] } } ] } }, "Idle""#,
    ));
    let script = &scenario.processes[0].threads[0].script;
    let letters: String = script.iter().map(|call| call.call.name().chars().next().unwrap()).collect();
    assert_eq!(letters, "MMOOOMOOOI");
    assert_eq!(script[2].place, script[8].place);
    assert_ne!(script[1].place, script[2].place);
}

#[test]
fn what_a_call_must_return_is_a_code_of_its_family() {
    let scenario = good(&with_script(
        r#"{ "MAPIInitialize": { "must": "S_OK" } }, { "CreateProfile": { "profile": "A", "must": "MAPI_E_NO_ACCESS" } },
           { "RevertToSelf": { "must": "ERROR_SUCCESS" } },
           { "LoadUserProfile": { "account": "svc", "must": "ERROR_PRIVILEGE_NOT_HELD" } }, "TouchHKCU""#,
    ));
    let must: Vec<_> = scenario.processes[0].threads[0].script.iter().map(|call| call.must).collect();
    assert_eq!(
        must,
        [
            Some(Must::Mapi(HResult::OK)),
            Some(Must::Mapi(HResult::NO_ACCESS)),
            Some(Must::Windows(None)),
            Some(Must::Windows(Some(Win32Error::PRIVILEGE_NOT_HELD))),
            None
        ]
    );
    assert_eq!(codes(&with_script(r#"{ "TouchHKCU": { "must": "S_OK" } }"#)), ["unknown-code"]);
}

#[test]
fn names_made_in_one_thread_are_unknown_in_another() {
    let logon = r#"{ "MAPILogonEx": { "profile": "A", "session": "s" } }, { "LogonUser": { "account": "svc", "token": "t" } }"#;
    let used = r#"{ "Logoff": { "session": "s" } }, { "ImpersonateLoggedOnUser": { "token": "t" } }"#;
    assert_eq!(codes(&with_script(&format!("{logon}, {used}"))), [""; 0]);
    assert_eq!(codes(&with_script(&format!("{used}, {logon}"))), ["unknown-session", "unknown-token"]);
    let threads = format!(
        r#""p": {{ "account": "svc", "mapi": "original", "threads": {{ "a": [{logon}], "b": [{used}] }} }}"#
    );
    assert_eq!(codes(&with_processes(&threads, "")), ["unknown-session", "unknown-token"]);
    // In a repetition, what a later call makes exists only the second time round.
    let repeated = format!(r#"{{ "repeat": {{ "times": 3, "do": [{used}, {logon}] }} }}"#);
    assert_eq!(codes(&with_script(&repeated)), ["unknown-session", "unknown-token"]);
}

#[test]
fn lists_are_put_in_their_order_and_faults_name_processes() {
    let processes = ["a", "b", "c"]
        .map(|name| format!(r#""{name}": {{ "account": "svc", "mapi": "original", "script": [] }}"#));
    let rest = r#", "faults": { "crashes": 2, "crash": ["c", "a"] }, "checks": ["call-result", "usable-session"],
        "must_reach": ["crash-while-live", "mark-written"], "assumptions": { "lock": "none", "crc-kind": "crc-16" },
        "expect": { "patched": "usable-session" }"#;
    let scenario = good(&with_processes(&processes.join(","), rest));
    assert_eq!((scenario.crashes, scenario.may_crash.as_slice()), (2, [0, 2].as_slice()));
    assert_eq!(scenario.checks, [Property::UsableSession, Property::CallResult]);
    assert_eq!(scenario.must_reach, [Probe::MarkWritten, Probe::CrashWhileLive]);
    let mut assumptions = crate::mapi::assumptions::Assumptions::default();
    assumptions.set("lock", "none").unwrap();
    assumptions.set("crc-kind", "crc-16").unwrap();
    assert_eq!(scenario.assumptions, assumptions);
}

#[test]
fn terminal_services_follow_the_version_where_the_file_does_not_say() {
    for (machine, on) in [
        (r#"{ "windows": "2000" }"#, Some(false)),
        (r#"{ "windows": "2000", "terminal_services": true }"#, Some(true)),
        (r#"{ "windows": "nt4" }"#, Some(false)),
        (r#"{ "windows": "nt4", "terminal_services": false }"#, Some(false)),
        (r#"{ "windows": "nt4", "terminal_services": true }"#, None),
        (r#"{ "windows": "vista" }"#, Some(true)),
        (r#"{ "windows": "vista", "terminal_services": false }"#, None),
    ] {
        let script = with_script("").replace(r#"{ "windows": "2000", "terminal_services": true }"#, machine);
        assert_eq!(
            read("test.json", &script).ok().map(|scenario| scenario.terminal_services),
            on,
            "{machine}"
        );
    }
}
