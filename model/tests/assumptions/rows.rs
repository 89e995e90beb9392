//! One row an alternative of an assumption, with a scenario in which it matters.

use mapisim_model::mapi::assumptions::Settled;
use mapisim_model::mapi::names;
use mapisim_model::mapi::rules::Algorithm::{self, GlobalSection, Original, Patched, SidSuffix};
use serde_json::{Value, json};

use crate::short::{life, process, scenario};

/// Every row.
pub(crate) fn rows() -> impl Iterator<Item = Row> {
    [identity(), calls(), initialising()].into_iter().flatten()
}

/// An alternative, where it matters, and what is found with the default and with it: `-` for nothing, else a
/// property.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) algorithm: Algorithm,
    pub(crate) scenario: Value,
    pub(crate) found: (&'static str, &'static str),
}

fn row(
    name: &'static str,
    value: &'static str,
    algorithm: Algorithm,
    scenario: Value,
    found: (&'static str, &'static str),
) -> Row {
    Row { name, value, algorithm, scenario, found }
}

/// One process alone.
fn alone(script: &str) -> Value {
    scenario("2000", &[process(&format!("svc 0: {script}"))])
}

/// One process alone, which makes a profile, logs on and deletes it first.
fn temporary(then: &str) -> Value {
    alone(&format!("init; create P; logon P s; delete P; {then}"))
}

/// Several processes of one account in one session; every order.
fn together(scripts: &[&str]) -> Value {
    let processes: Vec<Value> = scripts.iter().map(|script| process(&format!("svc 0: {script}"))).collect();
    scenario("2000", &processes)
}

/// The same, in an order, with one kill where `killed` says so.
fn scheduled(mut scenario: Value, schedule: Value) -> Value {
    scenario["faults"] = json!({ "crashes": 1 });
    scenario["schedule"] = schedule;
    scenario
}

fn with_hive(mut scenario: Value, hive: &str, profiles: &[&str], deleted: &[&str]) -> Value {
    scenario["hives"] = json!({ hive: { "profiles": profiles, "deleted_profiles": deleted } });
    scenario
}

/// Two processes, the second of which impersonates: bug 1.
fn bug_1() -> Value {
    let live = format!("svc 0: init; {}; uninit", life("P", "s"));
    let other = "svc 0: touch; token backup; be backup; init; uninit";
    scenario("2000", &[process(&live), process(other)])
}

/// Two processes in two sessions: bug 2.
pub(crate) fn bug_2() -> Value {
    let live = format!("svc 0: init; {}; uninit", life("P", "s"));
    scenario("2000", &[process(&live), process("svc 2: init; uninit")])
}

fn one_name(session: u32) -> Value {
    let live = format!("init; {}; uninit", life("P", "s"));
    scenario("2000", &[process(&format!("svc 0: {live}")), process(&format!("svc {session}: {live}"))])
}

fn identity() -> Vec<Row> {
    let again = "logoff s; release s; uninit; init; create P!";
    let imitated = |script: &str| alone(&format!("touch; token backup; be backup; {script}"));
    let mine = |then: &str| imitated(&format!("init; create P; logon P s; delete P; {then}"));
    let nested = "touch; init; token backup; be backup; init; create P; logon P s; delete P; logoff s; uninit; \
                  revert; uninit; init; create P!";
    let colliding = || {
        let mut colliding = bug_1();
        for (account, rid) in [("svc", 16387), ("backup", 65536)] {
            let sid = format!("S-1-5-21-1004336348-1177238915-682003330-{rid}");
            colliding["accounts"][account]["sid"] = json!(sid);
        }
        colliding
    };
    // The mark key exists once a profile is marked, so its name is taken.
    let key_of_svc = || {
        let svc = "S-1-5-21-1004336348-1177238915-682003330-1105".parse().expect("a SID");
        let suffix = names::suffix(&Settled::default(), &svc);
        let key = names::suffixed_key(&Settled::default(), suffix);
        temporary(&format!("create {key}=MAPI_E_NO_ACCESS"))
    };
    vec![
        row("mark-identity", "process", Patched, mine(again), ("-", "call-result")),
        row("count-identity", "process", Original, bug_1(), ("live-profile", "-")),
        row(
            "release-identity",
            "process",
            Patched,
            mine("logoff s; release s; create P!"),
            ("-", "call-result"),
        ),
        row(
            "sweep-identity",
            "process",
            Patched,
            mine("logoff s; uninit; init; create P!"),
            ("-", "call-result"),
        ),
        row(
            "identity-read",
            "once",
            Patched,
            alone("init; token backup; be backup; create P!"),
            ("call-result", "-"),
        ),
        row("identity-read", "once", SidSuffix, alone(nested), ("call-result", "-")),
        row(
            "identity-read",
            "section-once",
            Patched,
            alone(
                "touch; init!; create P; logon P s; delete P; token backup; be backup; logoff s!; release s; \
                 create P=MAPI_E_NO_ACCESS",
            ),
            ("call-result", "-"),
        ),
        row("identity-read", "suffix-once", SidSuffix, alone(nested), ("call-result", "-")),
        row("crc-kind", "crc-16", SidSuffix, colliding(), ("-", "live-profile")),
        row("crc-input", "ascii", Patched, key_of_svc(), ("-", "call-result")),
        row("crc-input", "utf-16", Patched, key_of_svc(), ("-", "call-result")),
        row("crc-print", "decimal", Patched, key_of_svc(), ("-", "call-result")),
        // Key names are compared without case (os C.5), so this one never matters.
        row("crc-print", "upper-hex", Patched, key_of_svc(), ("-", "-")),
    ]
}

fn calls() -> Vec<Row> {
    let nobody_else = "logoff s; release s; create P!";
    let deleting = |then: &str| with_hive(together(&["init; delete P; idle", then]), "svc", &["P"], &[]);
    let killed_in_delete = scheduled(
        deleting("init; create P!"),
        json!([{ "run": "a", "steps": 19 }, { "crash": "a" }, { "run": "b" }]),
    );
    let orphan_mark = scheduled(
        with_hive(
            together(&[
                "init; logon P s; delete P; logoff s; release s; idle",
                "init; create P; uninit; init; logon P t!",
            ]),
            "svc",
            &["P"],
            &[],
        ),
        json!([
            { "run": "b", "through": "MAPIInitialize" },
            { "run": "a", "steps": 47 },
            { "crash": "a" },
            { "run": "b" },
        ]),
    );
    let killed_in_logon = scheduled(
        with_hive(together(&["init; logon P s; idle", "init; delete P; create P!"]), "svc", &["P"], &[]),
        json!([
            { "run": "b", "through": "MAPIInitialize" }, { "run": "a", "through": "MAPIInitialize" },
            { "run": "a", "steps": 4 }, { "crash": "a" }, { "run": "b" }
        ]),
    );
    let killed_live = scheduled(
        together(&["init; create P; logon P s; delete P; idle", "init; idle", "init; create P!"]),
        json!([
            { "run": "b" }, { "run": "a", "through": "DeleteProfile" }, { "crash": "a" }, { "run": "c" }
        ]),
    );
    vec![
        row("lock", "none", Patched, one_name(0), ("-", "live-profile")),
        row("lock", "counts-only", Patched, one_name(0), ("-", "live-profile")),
        row("lock", "session-namespace", GlobalSection, one_name(2), ("-", "live-profile")),
        row("delete-order", "mark-first", Original, killed_in_delete, ("call-result", "-")),
        row("create-marked", "succeeds", Original, temporary("create P!"), ("call-result", "-")),
        row(
            "create-marked",
            "clears-mark",
            Original,
            temporary("create P!; logoff s; release s; logon P t!"),
            ("call-result", "-"),
        ),
        row(
            "create-marked",
            "succeeds",
            Original,
            temporary("create P; logoff s; release s; logon P t!"),
            ("call-result", "call-result"),
        ),
        row("stale-mark", "removed", Original, orphan_mark, ("call-result", "-")),
        row("delete-marked", "not-found", Original, temporary("delete P!"), ("-", "call-result")),
        row("logon-marked", "logon-failed", Original, temporary("logon P t!"), ("-", "call-result")),
        row("release", "at-logoff", Original, temporary("logoff s; create P!"), ("call-result", "-")),
        row(
            "release",
            "at-release",
            Original,
            alone("init; create P; logon P s; logoff s; delete P; create P!"),
            ("-", "call-result"),
        ),
        row(
            "release-without-logoff",
            "leaves-count",
            Original,
            temporary("release s; create P!"),
            ("-", "call-result"),
        ),
        row("logon-count", "first", Original, killed_in_logon, ("-", "call-result")),
        row("logon-count", "last", Original, one_name(0), ("-", "live-profile")),
        row("crash-repair", "pid-validated", Original, killed_live, ("call-result", "-")),
        row("session-reads", "by-name", Original, reading(), ("-", "call-result")),
        row("late-write", "zombie", Original, temporary(nobody_else), ("-", "call-result")),
    ]
}

/// The victim of bug 2 is told MAPI_E_CALL_FAILED, as in the article.
fn reading() -> Value {
    let mut reading = scheduled(
        bug_2(),
        json!([
            { "run": "a", "through": "DeleteProfile" }, { "run": "b" }, { "run": "a" }
        ]),
    );
    reading["processes"]["a"]["script"][4] =
        json!({ "OpenMsgStore": { "session": "s", "must": "MAPI_E_CALL_FAILED" } });
    reading["checks"] = json!(["call-result"]);
    reading
}

fn initialising() -> Vec<Row> {
    let interrupted = scheduled(
        with_hive(together(&["init; idle", "init; create P!; idle"]), "svc", &["P"], &["P"]),
        json!([{ "run": "a", "steps": 16 }, { "crash": "a" }, { "run": "b" }]),
    );
    let several = with_hive(alone("init; create P!; create Q!"), "svc", &["P", "Q"], &["P", "Q"]);
    let not_ours = with_hive(scenario("xp", &[process("roamer 0: init!")]), ".DEFAULT", &["P"], &["P"]);
    let denied = scenario("server-2003", &[process("user 1: init=MAPI_E_NOT_ENOUGH_RESOURCES")]);
    vec![
        row(
            "sweep-on",
            "every-initialize",
            Original,
            temporary("logoff s; init; create P!"),
            ("call-result", "-"),
        ),
        row("sweep-order", "mark-first", Original, interrupted, ("-", "call-result")),
        row("sweep-walk", "by-position", Original, several, ("-", "call-result")),
        row("sweep-failure", "not-initialized", Original, not_ours, ("-", "call-result")),
        row(
            "leaked-sessions",
            "hold-mapi",
            Original,
            temporary("logoff s; uninit; init; create P!"),
            ("-", "call-result"),
        ),
        row("global-denied", "no-access", Patched, denied, ("-", "call-result")),
    ]
}
