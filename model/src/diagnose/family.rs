//! The family of worlds that a diagnosis tries: one or two processes, made of ingredients.
//!
//! The victim is a service that makes a profile, logs on, deletes the profile, reads, logs off and releases (mapi 6). The
//! other process initialises MAPI, or deletes that profile, or lives the same life under the same name, or initialises
//! and stays. Everything else is an ingredient.
//!
//! Invariants
//! - The worlds of a question are always the same, in the same order: by ingredients, then products.
//! - A world has no schedule: every order of its steps is tried.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Known, Symptom};
use crate::mapi::assumptions;
use crate::scenario::{Scenario, read};

/// Something that a world has and the simplest does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ingredient {
    /// Another process initialises MAPI.
    Initialises,
    /// Another process deletes the same profile.
    Deletes,
    /// Another process makes, uses and deletes a profile of the same name.
    SameName,
    /// Another process initialised MAPI and lives on.
    Stays,
    /// It acts as another account, in the hive of its own.
    OtherAccount,
    /// It runs as another account.
    OtherProcessAccount,
    /// It is in another session.
    OtherSession,
    /// A process crashes.
    Crash,
    /// The victim does everything twice.
    Twice,
    /// The victim's first session is never logged off, nor released.
    Leak,
    /// The victim has MAPI initialised all the time.
    OuterInitialize,
    /// The victim impersonates.
    Impersonates,
    /// It reverts before it releases the session.
    RevertsEarly,
    /// The second time it impersonates somebody else.
    SecondUser,
    /// The accounts are no administrators'.
    OrdinaryUser,
    /// A point that the sources leave open is settled otherwise than by default.
    Assumption(&'static str, &'static str),
}

impl Ingredient {
    /// How much it counts: an assumption is the last thing to believe.
    pub(super) const fn weight(self) -> usize {
        match self {
            Ingredient::Assumption(..) => 4,
            Ingredient::Crash | Ingredient::OtherProcessAccount => 2,
            _ => 1,
        }
    }

    /// It in words, as an item of a list.
    pub fn text(self) -> String {
        match self {
            Ingredient::Initialises => "another process initialises MAPI".to_owned(),
            Ingredient::Deletes => "another process deletes the profile".to_owned(),
            Ingredient::SameName => "another process uses the same name".to_owned(),
            Ingredient::Stays => "another process has MAPI initialised all the time".to_owned(),
            Ingredient::OtherAccount => "that process impersonates another account".to_owned(),
            Ingredient::OtherProcessAccount => "that process runs as another account".to_owned(),
            Ingredient::OtherSession => "that process is in another session".to_owned(),
            Ingredient::Crash => "a process crashes".to_owned(),
            Ingredient::Twice => "all is done twice in one process".to_owned(),
            Ingredient::Leak => "a session is never released".to_owned(),
            Ingredient::OuterInitialize => "MAPI stays initialised by an outer MAPIInitialize".to_owned(),
            Ingredient::Impersonates => "the process impersonates".to_owned(),
            Ingredient::RevertsEarly => "it reverts before it releases the session".to_owned(),
            Ingredient::SecondUser => "it impersonates somebody else the second time".to_owned(),
            Ingredient::OrdinaryUser => "the account is no administrator's".to_owned(),
            Ingredient::Assumption(name, value) => format!("assumption {name} = {value}"),
        }
    }
}

/// One world of the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What it is made of.
    pub ingredients: BTreeSet<Ingredient>,
    /// The victim's product, and the other's (the same where there is no other).
    pub products: (String, String),
    /// The version of Windows.
    pub windows: String,
    /// Whether Terminal Services are on.
    pub terminal_services: bool,
}

/// The profile's name.
pub const PROFILE: &str = "Temp";
/// The products that are tried where none is known: one of each level of fixes.
const LEVELS: [&str; 3] = ["exchange-5.5", "exchange-2003-rtm", "exchange-2003-sp1"];
const DOMAIN: &str = "S-1-5-21-1004336348-1177238915-682003330";

/// The worlds to try without any assumption settled otherwise.
pub fn plain(symptom: &Symptom, known: &Known) -> Vec<Tried> {
    let mut worlds = Vec::new();
    for ingredients in alone(known).into_iter().chain(together(symptom, known)) {
        for products in products(known, !has_other(&ingredients)) {
            worlds.push(tried(known, ingredients.clone(), products));
        }
    }
    worlds
}

/// The same with one assumption each settled otherwise: of one process, or, where nothing else is found, of two.
pub fn assuming(worlds: &[Tried], two: bool) -> Vec<Tried> {
    let base = worlds.iter().filter(|world| {
        has_other(&world.ingredients) == two && !world.ingredients.contains(&Ingredient::Crash)
    });
    let mut all = Vec::new();
    for world in base {
        for assumption in assumptions::TABLE.iter().filter(|assumption| !assumption.name.starts_with("crc-"))
        {
            for value in &assumption.alternatives[1..] {
                let mut world = world.clone();
                world.ingredients.insert(Ingredient::Assumption(assumption.name, value));
                all.push(world);
            }
        }
    }
    all
}

fn has_other(ingredients: &BTreeSet<Ingredient>) -> bool {
    use Ingredient::{Deletes, Initialises, SameName, Stays};
    [Initialises, Deletes, SameName, Stays].iter().any(|other| ingredients.contains(other))
}

fn tried(known: &Known, ingredients: BTreeSet<Ingredient>, products: (String, String)) -> Tried {
    let windows = known.windows.clone().unwrap_or_else(|| "server-2003".to_owned());
    let across = ingredients.contains(&Ingredient::OtherSession);
    let terminal_services = known.terminal_services.unwrap_or(across && !windows.starts_with("vista"));
    Tried { ingredients, products, windows, terminal_services }
}

fn products(known: &Known, one: bool) -> Vec<(String, String)> {
    let given: Vec<&str> = known.products.iter().map(String::as_str).collect();
    let same =
        |list: &[&str]| list.iter().map(|one| ((*one).to_owned(), (*one).to_owned())).collect::<Vec<_>>();
    if one {
        return same(if given.is_empty() { &LEVELS } else { &given });
    }
    if given.is_empty() {
        let mut pairs = same(&LEVELS);
        let beside = ["exchange-2003-rtm", "exchange-2003-sp1"];
        pairs.extend(beside.map(|one| (one.to_owned(), "outlook".to_owned())));
        return pairs;
    }
    let pair =
        |one: &&str| given.iter().map(|two| ((*one).to_owned(), (*two).to_owned())).collect::<Vec<_>>();
    given.iter().flat_map(pair).collect()
}

/// Each of these with and without, as far as it is not known.
fn with_each(
    sets: Vec<BTreeSet<Ingredient>>,
    one: Ingredient,
    known: Option<bool>,
) -> Vec<BTreeSet<Ingredient>> {
    let with = |set: &BTreeSet<Ingredient>| {
        let mut set = set.clone();
        set.insert(one);
        set
    };
    match known {
        Some(true) => sets.iter().map(with).collect(),
        Some(false) => sets,
        None => sets.iter().cloned().chain(sets.iter().map(with)).collect(),
    }
}

/// The victim by itself.
fn alone(known: &Known) -> Vec<BTreeSet<Ingredient>> {
    let second = known.other_account == Some(true) || known.other_session == Some(true);
    if known.processes.is_some_and(|processes| processes > 1) || second || known.crashes == Some(1) {
        return Vec::new();
    }
    let mut sets = vec![BTreeSet::new()];
    for one in [Ingredient::Twice, Ingredient::Leak, Ingredient::OuterInitialize] {
        sets = with_each(sets, one, None);
    }
    sets = with_each(sets, Ingredient::Impersonates, known.impersonation);
    let acting: Vec<_> = sets.iter().filter(|set| set.contains(&Ingredient::Impersonates)).cloned().collect();
    for one in [Ingredient::RevertsEarly, Ingredient::SecondUser] {
        let with = with_each(acting.clone(), one, Some(true));
        let makes_sense = |set: &BTreeSet<Ingredient>| match one {
            Ingredient::RevertsEarly => !set.contains(&Ingredient::Leak),
            _ => set.contains(&Ingredient::Twice),
        };
        sets.extend(with.into_iter().filter(makes_sense));
    }
    sets.sort();
    sets
}

/// The victim with another process.
fn together(symptom: &Symptom, known: &Known) -> Vec<BTreeSet<Ingredient>> {
    if known.processes == Some(1) {
        return Vec::new();
    }
    let others = [Ingredient::Initialises, Ingredient::Deletes, Ingredient::SameName, Ingredient::Stays];
    // One that stays does what one that initialises does, and keeps counts for others.
    let lasts = leaves(symptom);
    let others = if lasts { &others[..] } else { &others[..3] };
    let mut sets: Vec<BTreeSet<Ingredient>> = others.iter().map(|other| BTreeSet::from([*other])).collect();
    let account = if known.impersonation == Some(false) {
        Ingredient::OtherProcessAccount
    } else {
        Ingredient::OtherAccount
    };
    let must_act = (known.impersonation == Some(true)).then_some(true);
    sets = with_each(sets, account, known.other_account.or(must_act));
    let apart = if known.terminal_services == Some(false) { Some(false) } else { None };
    sets = with_each(sets, Ingredient::OtherSession, known.other_session.or(apart));
    if matches!(symptom, Symptom::Call { call, .. } if call == "MAPIInitialize") {
        sets = with_each(sets, Ingredient::OrdinaryUser, None);
    }
    let quiet = sets.clone();
    sets = with_each(sets, Ingredient::Crash, known.crashes.map(|crashes| crashes > 0));
    // A process that dies with its count, while another keeps the section, is enough of one.
    sets.retain(|set| !set.contains(&Ingredient::Crash) || set.len() <= 3);
    if lasts && known.crashes != Some(1) {
        let lasting = quiet.into_iter().filter(|set| set.contains(&Ingredient::Stays) && set.len() == 1);
        let leaking = with_each(lasting.collect(), Ingredient::Leak, Some(true));
        sets.extend(leaking.iter().cloned());
        sets.extend(with_each(leaking, Ingredient::Twice, Some(true)));
    }
    sets.sort();
    sets.dedup();
    sets
}

/// Whether a symptom is about what stays.
fn leaves(symptom: &Symptom) -> bool {
    match symptom {
        Symptom::MarkLeft | Symptom::Orphan | Symptom::ProfileVisible => true,
        Symptom::ProfileGone => false,
        Symptom::Call { call, .. } => call == "CreateProfile",
    }
}

impl Tried {
    fn has(&self, ingredient: Ingredient) -> bool {
        self.ingredients.contains(&ingredient)
    }

    /// Its scenario, which asks for the symptom.
    pub fn scenario(&self, symptom: &Symptom) -> Scenario {
        let text = serde_json::to_string_pretty(&self.file(symptom)).expect("a world is plain data");
        read("diagnosed.json", &text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
    }

    fn file(&self, symptom: &Symptom) -> Value {
        let ordinary = self.has(Ingredient::OrdinaryUser);
        let groups = if ordinary { json!([]) } else { json!(["Administrators"]) };
        let account = |rid: u32, hive: &str| {
            json!({ "sid": format!("{DOMAIN}-{rid}"), "groups": groups.clone(), "hive": hive,
                    "privileges": ["SeTcbPrivilege", "SeImpersonatePrivilege"] })
        };
        let mut processes = serde_json::Map::new();
        let service = json!({ "account": "svc", "session": 0, "mapi": self.products.0, "script": self.victim(symptom) });
        processes.insert("service.exe".to_owned(), service);
        if has_other(&self.ingredients) {
            let runs_as = if self.has(Ingredient::OtherProcessAccount) { "backup" } else { "svc" };
            let session = u32::from(self.has(Ingredient::OtherSession));
            let other = json!({ "account": runs_as, "session": session, "mapi": self.products.1,
                                "script": self.other(symptom) });
            processes.insert("tool.exe".to_owned(), other);
        }
        let mut file = json!({
            "$schema": "../scenario.schema.json",
            "format": 1,
            "title": "Found by diagnose",
            "about": self.ingredients.iter().map(|one| one.text()).collect::<Vec<_>>().join("; "),
            "machine": { "windows": self.windows, "terminal_services": self.terminal_services },
            "accounts": {
                "svc": account(1105, "loaded"),
                "backup": account(500, if self.has(Ingredient::OtherProcessAccount) { "loaded" } else { "unloaded" }),
                "alice": account(1301, "loaded"),
                "bob": account(1302, "loaded"),
            },
            "processes": processes,
            "checks": symptom.checks().iter().map(|property| property.id()).collect::<Vec<_>>(),
        });
        if self.has(Ingredient::Crash) {
            file["faults"] = json!({ "crashes": 1, "crash": ["service.exe"] });
        }
        for ingredient in &self.ingredients {
            if let Ingredient::Assumption(name, value) = ingredient {
                file["assumptions"] = json!({ *name: value });
            }
        }
        file
    }

    fn victim(&self, symptom: &Symptom) -> Vec<Value> {
        let mut script = Vec::new();
        let acts = self.has(Ingredient::Impersonates);
        if acts {
            script.push(json!({ "LogonUser": { "account": "alice", "token": "alice" } }));
            if self.has(Ingredient::SecondUser) {
                script.push(json!({ "LogonUser": { "account": "bob", "token": "bob" } }));
            }
        }
        let rounds = if self.has(Ingredient::Twice) { 2 } else { 1 };
        for round in 0..rounds {
            let user = if round == 1 && self.has(Ingredient::SecondUser) { "bob" } else { "alice" };
            if acts {
                script.push(json!({ "ImpersonateLoggedOnUser": { "token": user } }));
            }
            if self.has(Ingredient::OuterInitialize) && round == 0 {
                script.push(json!("MAPIInitialize"));
            }
            script.extend(life(
                &format!("s{round}"),
                round == 0 && self.has(Ingredient::Leak),
                self.has(Ingredient::RevertsEarly),
            ));
            if acts && !self.has(Ingredient::RevertsEarly) {
                script.push(json!("RevertToSelf"));
            }
        }
        if *symptom == Symptom::ProfileVisible && !self.has(Ingredient::RevertsEarly) {
            script.push(json!("MAPIInitialize"));
            script.push(json!("GetProfileTable"));
        }
        demanding(script, symptom)
    }

    fn other(&self, symptom: &Symptom) -> Vec<Value> {
        let mut script = Vec::new();
        if self.has(Ingredient::OtherAccount) {
            script.push(json!("TouchHKCU"));
            script.push(json!({ "LogonUser": { "account": "backup", "token": "backup" } }));
            script.push(json!({ "ImpersonateLoggedOnUser": { "token": "backup" } }));
        }
        if self.has(Ingredient::SameName) {
            script.extend(life("t", false, false));
        } else {
            script.push(json!("MAPIInitialize"));
            if self.has(Ingredient::Deletes) {
                script.push(json!({ "DeleteProfile": { "profile": PROFILE } }));
            }
            script.push(if self.has(Ingredient::Stays) { json!("Idle") } else { json!("MAPIUninitialize") });
        }
        demanding(script, symptom)
    }
}

/// A temporary profile's life (mapi 6): the session may leak, the thread may revert before it releases.
fn life(session: &str, leaks: bool, reverts: bool) -> Vec<Value> {
    let mut script = vec![
        json!("MAPIInitialize"),
        json!({ "CreateProfile": { "profile": PROFILE } }),
        json!({ "MAPILogonEx": { "profile": PROFILE, "session": session } }),
        json!({ "DeleteProfile": { "profile": PROFILE } }),
        json!({ "OpenMsgStore": { "session": session } }),
    ];
    if reverts {
        script.push(json!("RevertToSelf"));
    }
    if !leaks {
        script.push(json!({ "Logoff": { "session": session } }));
        script.push(json!({ "Release": { "session": session } }));
    }
    script.push(json!("MAPIUninitialize"));
    script
}

/// The same script with success demanded of the calls that the symptom is about.
fn demanding(script: Vec<Value>, symptom: &Symptom) -> Vec<Value> {
    let Symptom::Call { call: name, .. } = symptom else { return script };
    let demand = |call: Value| match call {
        Value::String(text) if text == *name => json!({ text: { "must": "S_OK" } }),
        Value::Object(mut members) => {
            if let Some(arguments) = members.get_mut(name) {
                arguments["must"] = json!("S_OK");
            }
            Value::Object(members)
        }
        other => other,
    };
    script.into_iter().map(demand).collect()
}
