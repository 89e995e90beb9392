//! A trace: one run as people look at it, with the machine's state at every step.
//!
//! Texts use the short names of `legend`; full names are in `names`, which steps and states point into. The state after
//! step `n` is the last of `key_states` at or before `n`, with the `delta` of every later step up to `n` applied. In run.json
//! it is written as [`super::packed`] has it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A key state is kept each so many steps.
pub const KEY_STATE_EACH: usize = 64;

/// A run, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// The processes, in the scenario's order.
    pub processes: Vec<String>,
    /// A lane for each thread, in the scenario's order.
    pub lanes: Vec<Lane>,
    /// A lane for each hive and each section that steps are about, hives first.
    pub places: Vec<Place>,
    /// Full names.
    pub names: Vec<String>,
    /// What short names stand for.
    pub legend: Vec<Short>,
    /// The live sessions, in the order of their beginning.
    pub sessions: Vec<LiveSession>,
    /// The calls, in the order of their beginning.
    pub calls: Vec<Call>,
    /// What happened.
    pub steps: Vec<Step>,
    /// The same told in short: uneventful steps folded, what belongs together joined.
    pub story: Vec<Row>,
    /// The machine as a whole, at the beginning and each 64 steps.
    pub key_states: Vec<KeyState>,
    /// Who cannot go on at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<String>,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Its name: `process` or `process/thread`.
    pub thread: String,
    /// The index of its process.
    pub process: usize,
    /// The process's session.
    pub session: u32,
    /// The process's account.
    pub account: String,
    /// The product, version or algorithm that the scenario names.
    pub mapi: String,
    /// What it ran.
    pub algorithm: String,
}

/// Something shared that has a lane of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// Its full name, an index into `names`.
    pub name: usize,
    /// Its short name.
    pub short: String,
    /// What it is, in words.
    pub what: String,
}

/// What a shared place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// A registry hive.
    Hive,
    /// A section: one instance in one namespace.
    Section,
}

/// What a short name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Short {
    /// The short name.
    pub short: String,
    /// The full name.
    pub full: String,
    /// What it is, in words.
    pub what: String,
}

/// A session while it is live: from MAPILogonEx returning S_OK until Logoff is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveSession {
    /// The lane of its thread.
    pub lane: usize,
    /// Its name in the script.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// The step after which it is live.
    pub from: usize,
    /// The step after which it is not any more; none where it is live to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<usize>,
    /// The step after which keys that it has open are deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harmed: Option<usize>,
}

/// A call of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The lane of its thread.
    pub lane: usize,
    /// The API.
    pub name: String,
    /// It with its arguments.
    pub text: String,
    /// Its line in the scenario, 1 first; none for the end of a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Its first step.
    pub first: usize,
    /// Its last step, as far as the run goes.
    pub last: usize,
    /// What it returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
}

/// What a step is to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// It broke the property.
    Cause,
    /// The victim notices.
    Symptom,
    /// A process is killed, or a thread dies alone.
    Crash,
    /// The machine crashes: it is in no lane of its own.
    MachineCrash,
    /// A session is live from here on.
    SessionStart,
    /// A session is not live any more.
    SessionEnd,
}

/// A step. The step of number `n` is at `n - 1`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// The lane of whoever did it; of a kill the first of its process, of a crash of the machine the first.
    pub lane: usize,
    /// The call that it belongs to; none for a kill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<usize>,
    /// The internal actions it is in, outermost first: `sweep`, `in use?`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<String>,
    /// What was asked, of which object.
    pub action: String,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The full name of the object, an index into `names`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<usize>,
    /// The place that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
    /// What it did there, in a word or two: `made`, `0`, `0 → 1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// What changed, or was found out. A step without is uneventful.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What it is to the story.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<StepKind>,
    /// What it changed of the machine.
    #[serde(default, skip_serializing_if = "Delta::is_empty")]
    pub delta: Delta,
}

/// What a reader should notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What kind of thing.
    pub kind: NoteKind,
    /// It, in words.
    pub text: String,
}

/// What kind of thing a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Something that others can see changed, or was found out.
    Plain,
    /// Only a lock changed hands, or nothing changed.
    Quiet,
    /// A call failed, or a live session was harmed.
    Bad,
}

/// A row of the story.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// The first step that it tells; none for a heading or a fold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
    /// The last step that it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<usize>,
    /// The last step that has happened by then.
    pub after: usize,
    /// The lane; none for a remark across all lanes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<usize>,
    /// How deep it is nested.
    pub depth: usize,
    /// What was done.
    pub text: String,
    /// What changed, or was found out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// What a row of the story is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// A call, or an internal action, that others follow.
    Heading,
    /// A call that failed.
    Failed,
    /// Steps.
    Steps,
    /// Uneventful steps, counted.
    Fold,
}

/// The machine after a step, as a whole; step 0 is the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyState {
    /// The step.
    pub after: usize,
    /// Everything there is, in order.
    pub things: Vec<Thing>,
}

/// What a step changed of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// Things that are new or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Thing>,
    /// Things that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<ThingId>,
}

impl Delta {
    /// Nothing changed.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.gone.is_empty()
    }
}

/// Which thing: no two of one state have the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ThingId {
    /// A key, by its name.
    Key(usize),
    /// A deleted key that somebody still has open, by the name that it had.
    Tombstone(usize),
    /// A section.
    Section(usize),
    /// A mutex.
    Mutex(usize),
    /// A process.
    Process(usize),
    /// A thread, by its lane.
    Thread(usize),
    /// A session, by its lane and its name in the script.
    Session(usize, String),
}

impl ThingId {
    /// The same with other numbers of names.
    pub(super) fn renamed(&self, name: impl Fn(usize) -> usize) -> Self {
        self.try_renamed(&|number| Ok(name(number))).expect("every name has another number")
    }

    pub(super) fn try_renamed(&self, name: &impl Fn(usize) -> Result<usize, String>) -> Result<Self, String> {
        Ok(match self {
            ThingId::Key(number) => ThingId::Key(name(*number)?),
            ThingId::Tombstone(number) => ThingId::Tombstone(name(*number)?),
            ThingId::Section(number) => ThingId::Section(name(*number)?),
            ThingId::Mutex(number) => ThingId::Mutex(name(*number)?),
            ThingId::Process(_) | ThingId::Thread(_) | ThingId::Session(..) => self.clone(),
        })
    }
}

/// Something that is there. Numbers called `name`, `hkcu` and `lost` are indices into the trace's `names`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Thing {
    /// A registry key.
    Key {
        /// Its full path.
        name: usize,
        /// Its values, each with its content.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<String>,
        /// The processes that have it open, each as often as it has.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        open: Vec<usize>,
    },
    /// A key that was deleted, and that somebody still has open: every use but close answers 1018 (os C.3).
    Tombstone {
        /// The path that it had.
        name: usize,
        /// The processes that have it open, each as often as it has.
        open: Vec<usize>,
    },
    /// A section: shared memory, in one namespace.
    Section {
        /// Its full name.
        name: usize,
        /// Its cells, none of them 0.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        cells: BTreeMap<String, i64>,
        /// The processes that hold it by a handle or a view.
        held: Vec<usize>,
    },
    /// A mutex.
    Mutex {
        /// Its full name.
        name: usize,
        /// The lane of the thread that owns it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<usize>,
        /// Its last owner ended without releasing it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        abandoned: bool,
    },
    /// A process.
    Process {
        /// Which.
        process: usize,
        /// It has ended.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ended: bool,
        /// What its HKEY_CURRENT_USER is mapped to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hkcu: Option<usize>,
        /// Its HKEY_CURRENT_USER is looked up at each use (`RegDisablePredefinedCache`).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        uncached: bool,
    },
    /// A thread of a living process.
    Thread {
        /// Its lane.
        lane: usize,
        /// The account of its process's token.
        account: String,
        /// The account that it impersonates.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impersonates: Option<String>,
    },
    /// A live MAPI session.
    Session {
        /// Its thread's lane.
        lane: usize,
        /// Its name in the script.
        session: String,
        /// Its profile.
        profile: String,
        /// The keys that it has open and that were deleted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lost: Vec<usize>,
    },
}

impl Thing {
    /// The same with other numbers of names.
    pub(super) fn renamed(self, name: impl Fn(usize) -> usize) -> Self {
        self.try_renamed(&|number| Ok(name(number))).expect("every name has another number")
    }

    pub(super) fn try_renamed(
        mut self,
        rename: &impl Fn(usize) -> Result<usize, String>,
    ) -> Result<Self, String> {
        match &mut self {
            Thing::Key { name, .. }
            | Thing::Tombstone { name, .. }
            | Thing::Section { name, .. }
            | Thing::Mutex { name, .. } => *name = rename(*name)?,
            Thing::Process { hkcu, .. } => *hkcu = hkcu.map(rename).transpose()?,
            Thing::Session { lost, .. } => {
                for name in lost {
                    *name = rename(*name)?;
                }
            }
            Thing::Thread { .. } => {}
        }
        Ok(self)
    }

    /// Which it is.
    pub fn id(&self) -> ThingId {
        match self {
            Thing::Key { name, .. } => ThingId::Key(*name),
            Thing::Tombstone { name, .. } => ThingId::Tombstone(*name),
            Thing::Section { name, .. } => ThingId::Section(*name),
            Thing::Mutex { name, .. } => ThingId::Mutex(*name),
            Thing::Process { process, .. } => ThingId::Process(*process),
            Thing::Thread { lane, .. } => ThingId::Thread(*lane),
            Thing::Session { lane, session, .. } => ThingId::Session(*lane, session.clone()),
        }
    }
}
