//! A scenario file as it is written: the types that JSON is read into and written from, nothing checked but shape.
//!
//! What reads a file reads it into a [`ScenarioFile`] first; what writes one (a shrunk counterexample, say) starts from
//! one. What is written reads back equal. External tags and plain structs throughout, since anything else costs the
//! exact place of an error; unknown fields are errors everywhere.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::item::Item;
use super::ordered::Ordered;
use super::schema;

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(title = "mapisim scenario", rename = "Scenario")]
pub struct ScenarioFile {
    /// The JSON Schema that editors check this file against; mapisim itself does not look at it.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The format's version: 1.
    #[schemars(extend("const" = 1))]
    pub format: u64,
    /// One line that says what happens.
    pub title: String,
    /// Markdown: what happens and why it matters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Where the story comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The machine that everything runs on.
    pub machine: MachineFile,
    /// The accounts, by name. LocalSystem, LocalService and NetworkService are known by their names.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub accounts: Ordered<AccountFile>,
    /// What hives hold at the beginning, by the name of the account or ".DEFAULT".
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub hives: Ordered<HiveFile>,
    /// The processes, by name. Their order is the order in which what a schedule leaves over runs.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 32))]
    pub processes: Ordered<ProcessFile>,
    /// Who runs when. Absent: every interleaving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleFile>,
    /// What may go wrong.
    #[serde(default, skip_serializing_if = "FaultsFile::is_default")]
    pub faults: FaultsFile,
    /// Settings, other than the defaults, of points that the sources leave open.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    #[schemars(schema_with = "schema::assumptions")]
    pub assumptions: Ordered<String>,
    /// The properties to look at. Absent: live-profile, no-deadlock and call-result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::checks")]
    pub checks: Option<Vec<String>>,
    /// What a run or search has to come past, so that nothing holds for the wrong reason. `sections-split` is not asked of
    /// "lease", which counts sessions in no section.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::probes")]
    pub must_reach: Vec<String>,
    /// Algorithm, or "as-installed", to "holds" or the property that breaks.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    #[schemars(schema_with = "schema::expect")]
    pub expect: Ordered<String>,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(rename = "Machine")]
pub struct MachineFile {
    /// The version of Windows.
    #[schemars(schema_with = "schema::windows")]
    pub windows: String,
    /// Whether Terminal Services are on. Absent: only where the version always has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_services: Option<bool>,
}

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(rename = "Account")]
pub struct AccountFile {
    /// Its SID, such as S-1-5-21-1004336348-1177238915-682003330-1105. May be left out for the accounts that are known
    /// by their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The groups it is a member of: well-known names such as Administrators, or SIDs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Privileges added to what the groups give, such as SeCreateGlobalPrivilege.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::privileges")]
    pub privileges: Vec<String>,
    /// Whether its hive is loaded at the beginning.
    #[serde(default, skip_serializing_if = "HiveState::is_default")]
    pub hive: HiveState,
}

/// Whether an account's hive is loaded at the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HiveState {
    /// It is, as for everybody who is logged on interactively. The default.
    #[default]
    Loaded,
    /// It is not, as for an account that is only impersonated.
    Unloaded,
}

impl HiveState {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands skip_serializing_if a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a hive holds at the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(rename = "Hive")]
pub struct HiveFile {
    /// The profiles in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::profile_names")]
    pub profiles: Vec<String>,
    /// The names marked under "Deleted Profiles".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::profile_names")]
    pub deleted_profiles: Vec<String>,
    /// A .reg file, seen from this file's folder, that says what it holds instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(rename = "Process", extend("oneOf" = [{"required": ["script"]}, {"required": ["threads"]}]))]
pub struct ProcessFile {
    /// The account that it runs as.
    pub account: String,
    /// Its Terminal Services session; 0 where it is left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub session: u32,
    /// The MAPI that it uses: a product, a mapi32.dll version or an algorithm.
    #[schemars(schema_with = "schema::mapi")]
    pub mapi: String,
    /// What its one thread does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Vec<Item>>,
    /// What its threads do, by name, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<Ordered<Vec<Item>>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands skip_serializing_if a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What may go wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(rename = "Faults")]
pub struct FaultsFile {
    /// How many processes may be killed, at any step.
    #[serde(default)]
    pub crashes: u32,
    /// Which processes may be killed, and whose threads may die. Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crash: Option<Vec<String>>,
    /// How many threads may die alone, at any step, while another thread of their process lives on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub thread_deaths: u32,
    /// How often the machine may crash, at any step: 0 or 1, since nobody lives after it. Every process dies at once, and
    /// each hive is as it was last flushed, or as it is then, where the lazy writer came just before: both are tried.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub machine_crashes: u32,
}

impl FaultsFile {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A schedule: turns, or the same in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleFile {
    /// In words, as reports print it.
    Text(String),
    /// Turn by turn.
    Turns(Vec<TurnFile>),
}

impl Serialize for ScheduleFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ScheduleFile::Text(text) => text.serialize(serializer),
            ScheduleFile::Turns(turns) => turns.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ScheduleFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrTurns)
    }
}

struct TextOrTurns;

impl<'de> Visitor<'de> for TextOrTurns {
    type Value = ScheduleFile;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array of turns, or a string such as \"events.exe:14,kill outlook.exe\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ScheduleFile, E> {
        Ok(ScheduleFile::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ScheduleFile, A::Error> {
        let mut turns = Vec::new();
        while let Some(turn) = seq.next_element()? {
            turns.push(turn);
        }
        Ok(ScheduleFile::Turns(turns))
    }
}

/// One turn: `run` alone, `run` with `through`, `run` with `steps`, `crash` alone, `end` alone, or
/// `crash_machine` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TurnFields", into = "TurnFields")]
pub enum TurnFile {
    /// The thread runs to its end.
    Run(String),
    /// The thread runs until its next call of that name has returned.
    Through(String, String),
    /// The thread takes that many steps.
    Steps(String, u32),
    /// The process is killed.
    Crash(String),
    /// The thread dies alone.
    End(String),
    /// The machine crashes; the lazy writer has just written the hives of these accounts.
    CrashMachine(Vec<String>),
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a turn: an object with `run`, `crash`, `end` or `crash_machine`")]
struct TurnFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    through: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    steps: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crash_machine: Option<Vec<String>>,
}

impl TryFrom<TurnFields> for TurnFile {
    type Error = &'static str;

    fn try_from(fields: TurnFields) -> Result<Self, &'static str> {
        let TurnFields { run, through, steps, crash, end, crash_machine } = fields;
        match (run, through, steps, crash, end, crash_machine) {
            (Some(run), None, None, None, None, None) => Ok(TurnFile::Run(run)),
            (Some(run), Some(call), None, None, None, None) => Ok(TurnFile::Through(run, call)),
            (Some(run), None, Some(steps), None, None, None) => Ok(TurnFile::Steps(run, steps)),
            (None, None, None, Some(crash), None, None) => Ok(TurnFile::Crash(crash)),
            (None, None, None, None, Some(end), None) => Ok(TurnFile::End(end)),
            (None, None, None, None, None, Some(written)) => Ok(TurnFile::CrashMachine(written)),
            _ => Err(
                "a turn has `run`, or `run` and `through`, or `run` and `steps`, or `crash`, or `end`, or \
                      `crash_machine`",
            ),
        }
    }
}

impl From<TurnFile> for TurnFields {
    fn from(turn: TurnFile) -> Self {
        let none = TurnFields::default();
        match turn {
            TurnFile::Run(run) => TurnFields { run: Some(run), ..none },
            TurnFile::Through(run, call) => TurnFields { run: Some(run), through: Some(call), ..none },
            TurnFile::Steps(run, steps) => TurnFields { run: Some(run), steps: Some(steps), ..none },
            TurnFile::Crash(crash) => TurnFields { crash: Some(crash), ..none },
            TurnFile::End(end) => TurnFields { end: Some(end), ..none },
            TurnFile::CrashMachine(written) => TurnFields { crash_machine: Some(written), ..none },
        }
    }
}
