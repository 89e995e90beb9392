//! Scenarios in short words, for tests: `"svc 0: init; create P; logon P s"`.

use mapisim_model::scenario::{self, Scenario};
use serde_json::{Map, Value, json};

const DOMAIN: &str = "S-1-5-21-1004336348-1177238915-682003330";

/// A process: its account, its session, then its script.
pub(crate) fn process(text: &str) -> Value {
    let (who, script) = text.split_once(": ").expect("who, then what");
    let (account, session) = who.split_once(' ').expect("an account and a session");
    let session: u32 = session.parse().expect("a session is a number");
    json!({ "account": account, "session": session, "mapi": "lease", "script": script_of(script) })
}

/// Calls with semicolons between them.
pub(crate) fn script_of(text: &str) -> Value {
    text.split("; ").map(call).collect()
}

/// One call; `!` at its end demands success, `=CODE` that code.
fn call(text: &str) -> Value {
    let (text, must) = match text.strip_suffix('!') {
        Some(text) => (text, Some("S_OK")),
        None => text.split_once('=').map_or((text, None), |(text, code)| (text, Some(code))),
    };
    let words: Vec<&str> = text.split(' ').collect();
    let (name, mut arguments) = match words[..] {
        ["init"] => ("MAPIInitialize", json!({})),
        ["uninit"] => ("MAPIUninitialize", json!({})),
        ["create", ..] => ("CreateProfile", json!({ "profile": text.strip_prefix("create ") })),
        ["delete", profile] => ("DeleteProfile", json!({ "profile": profile })),
        ["table"] => ("GetProfileTable", json!({})),
        ["admin", profile] => ("AdminServices", json!({ "profile": profile })),
        ["logon", profile, session] => ("MAPILogonEx", json!({ "profile": profile, "session": session })),
        ["store", session] => ("OpenMsgStore", json!({ "session": session })),
        ["logoff", session] => ("Logoff", json!({ "session": session })),
        ["release", session] => ("Release", json!({ "session": session })),
        ["token", account] => ("LogonUser", json!({ "account": account, "token": account })),
        ["be", account] => ("ImpersonateLoggedOnUser", json!({ "token": account })),
        ["revert"] => ("RevertToSelf", json!({})),
        ["touch"] => ("TouchHKCU", json!({})),
        ["uncache"] => ("RegDisablePredefinedCache", json!({})),
        ["idle"] => ("Idle", json!({})),
        _ => panic!("no call: {text}"),
    };
    if let Some(must) = must {
        arguments["must"] = json!(must);
    }
    json!({ name: arguments })
}

/// A scenario of processes `a`, `b`, ... on a version of Windows, with Terminal Services where that can have
/// them. The accounts: `svc` and `backup`, administrators; `user`; `roamer`, whose hive is not loaded;
/// `LocalSystem`.
pub(crate) fn scenario(windows: &str, processes: &[Value]) -> Value {
    let names = ["a", "b", "c"].map(str::to_owned);
    let processes: Map<String, Value> = names.into_iter().zip(processes.iter().cloned()).collect();
    let account = |rid: u32, groups: Value, hive: &str| {
        let privileges = ["SeTcbPrivilege", "SeImpersonatePrivilege"];
        json!({ "sid": format!("{DOMAIN}-{rid}"), "groups": groups, "privileges": privileges, "hive": hive })
    };
    json!({
        "format": 1,
        "title": "A test",
        "machine": { "windows": windows, "terminal_services": windows != "nt4" },
        "accounts": {
            "svc": account(1105, json!(["Administrators"]), "loaded"),
            "backup": account(500, json!(["Administrators"]), "loaded"),
            "user": account(1106, json!([]), "loaded"),
            "roamer": account(1107, json!([]), "unloaded"),
            "LocalSystem": {},
        },
        "processes": processes,
        "expect": {},
    })
}

/// Reads it as the command would.
pub(crate) fn read(scenario: &Value) -> Scenario {
    let text = serde_json::to_string_pretty(scenario).expect("a value can be written");
    scenario::read("test", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Creates, uses and deletes a profile, as the article's service does.
pub(crate) fn life(profile: &str, session: &str) -> String {
    format!(
        "create {profile}; logon {profile} {session}; delete {profile}; store {session}; logoff {session}; \
         release {session}"
    )
}
