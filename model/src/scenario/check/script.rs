//! One thread's script: repetitions unrolled, names used only after they exist, codes known.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Check, processes};
use crate::mapi::hresult::HResult;
use crate::os::error::Win32Error;
use crate::scenario::CALLS_MAX;
use crate::scenario::call::{Call, Family};
use crate::scenario::checked::{Must, ScriptCall};
use crate::scenario::item::Item;
use crate::scenario::locate::Node;
use crate::scenario::names::{Unknown, json, listed, nearest, report_unknown, similar};
use crate::scenario::problem::Problem;
use crate::scenario::profile_name;
use crate::scenario::visible::quoted;

/// What Windows calls no error.
const SUCCESS: &str = "ERROR_SUCCESS";

/// The one key that a script can close.
const CURRENT_USER: &str = "HKEY_CURRENT_USER";

/// A thread's calls, one after the other.
pub(super) fn unrolled(check: &mut Check<'_>, items: &[Item], node: &Node) -> Vec<ScriptCall> {
    let mut script =
        Script { calls: Vec::new(), spans: Vec::new(), sessions: BTreeSet::new(), tokens: BTreeSet::new() };
    // A script that is too long was reported.
    let _complete = script.add(check, items, node.elements(), true);
    script.idle_is_last(check);
    script.calls
}

/// A script that grows.
struct Script<'f> {
    calls: Vec<ScriptCall>,
    spans: Vec<Range<usize>>,
    sessions: BTreeSet<&'f str>,
    tokens: BTreeSet<&'f str>,
}

/// The script has reached its bound.
struct Full;

impl<'f> Script<'f> {
    /// Adds items. Names are checked the `first` time round only: whatever exists then exists later.
    fn add(
        &mut self,
        check: &mut Check<'_>,
        items: &'f [Item],
        nodes: &[Node],
        first: bool,
    ) -> Result<(), Full> {
        for (item, node) in items.iter().zip(nodes) {
            match item {
                Item::Call { call, must } => self.add_call(check, call, must.as_deref(), node, first)?,
                Item::Repeat(repeat) => {
                    let body = node.value("repeat");
                    if first && repeat.times == 0 {
                        let span = body.value("times").span.clone();
                        let problem = Problem::new("repeat-nothing", span, "nothing is repeated 0 times");
                        check.problems.push(problem.label("expected 1 or more"));
                    }
                    if repeat.r#do.is_empty() {
                        if first {
                            let span = body.key("do");
                            let problem = Problem::new("repeat-nothing", span, "there is nothing to repeat");
                            check.problems.push(problem.label("expected at least one call"));
                        }
                        continue;
                    }
                    let before = self.calls.len();
                    for time in 0..repeat.times {
                        if time > 0 && self.calls.len() == before {
                            break; // Only nothing is repeated in there, which was reported.
                        }
                        self.add(check, &repeat.r#do, body.value("do").elements(), first && time == 0)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add_call(
        &mut self,
        check: &mut Check<'_>,
        call: &'f Call,
        must: Option<&str>,
        node: &Node,
        first: bool,
    ) -> Result<(), Full> {
        // A string, or the one key of an object.
        let span = node.members().first().map_or(&node.span, |member| &member.key_span);
        let fields = node.members().first().map_or(node, |member| &member.value);
        if self.calls.len() == CALLS_MAX {
            let message =
                format!("this script has more than {CALLS_MAX} calls once its repetitions are unrolled");
            let problem = Problem::new("too-many-calls", span.clone(), message).label("one too many");
            check.problems.push(problem);
            return Err(Full);
        }
        if first {
            self.names(check, call, fields);
        }
        let must = must.and_then(|name| self::must(check, call, name, &fields.value("must").span, first));
        self.calls.push(ScriptCall { call: call.clone(), must, place: check.lines.place(span) });
        self.spans.push(span.clone());
        Ok(())
    }

    /// Every name that a call uses is known, every name that it makes is noted.
    fn names(&mut self, check: &mut Check<'_>, call: &'f Call, fields: &Node) {
        let span = |argument| &fields.value(argument).span;
        match call {
            Call::CreateProfile { profile }
            | Call::DeleteProfile { profile }
            | Call::AdminServices { profile } => {
                profile_name::check(check, profile, span("profile"));
            }
            Call::MAPILogonEx { profile, session } => {
                profile_name::check(check, profile, span("profile"));
                self.sessions.insert(session);
            }
            Call::OpenMsgStore { session } | Call::Logoff { session } | Call::Release { session } => {
                if !self.sessions.contains(session.as_str()) {
                    let (noun, maker, span) = ("session", "MAPILogonEx", span("session"));
                    Unmade { code: "unknown-session", noun, maker, name: session, span }
                        .report(check, &self.sessions);
                }
            }
            Call::LogonUser { account, token } => {
                known_account(check, account, span("account"));
                self.tokens.insert(token);
            }
            Call::ImpersonateLoggedOnUser { token } => {
                if !self.tokens.contains(token.as_str()) {
                    let (noun, maker, span) = ("token", "LogonUser", span("token"));
                    Unmade { code: "unknown-token", noun, maker, name: token, span }
                        .report(check, &self.tokens);
                }
            }
            Call::LoadUserProfile { account } | Call::UnloadUserProfile { account } => {
                known_account(check, account, span("account"));
            }
            Call::RegCloseKey { key } if key != CURRENT_USER => {
                let what = format!("a script has no key {} that it could close", quoted(key));
                check.problems.push(
                    Problem::new("unknown-key", span("key").clone(), what)
                        .label("expected HKEY_CURRENT_USER")
                        .instead("the one key that this call can be about", json(CURRENT_USER)),
                );
            }
            Call::RegCloseKey { .. }
            | Call::MAPIInitialize {}
            | Call::MAPIUninitialize {}
            | Call::GetProfileTable {}
            | Call::RevertToSelf {}
            | Call::RegOpenCurrentUser {}
            | Call::RegDisablePredefinedCache {}
            | Call::TouchHKCU {}
            | Call::ExitProcess {}
            | Call::Idle {} => {}
        }
    }

    /// Nothing comes after Idle, which never ends.
    fn idle_is_last(&self, check: &mut Check<'_>) {
        let before_last = &self.calls[..self.calls.len().saturating_sub(1)];
        if let Some(index) = before_last.iter().position(|call| call.call == Call::Idle {}) {
            let span = &self.spans[index];
            check.problems.push(
                Problem::new("idle-not-last", span.clone(), "nothing can come after Idle")
                    .label("this never ends")
                    .help("make it the last call of the thread"),
            );
        }
    }
}

fn known_account(check: &mut Check<'_>, name: &str, span: &Range<usize>) {
    if !check.accounts.contains(name) {
        processes::unknown_account(check, name, span);
    }
}

/// A name that no earlier call of the thread made.
struct Unmade<'s> {
    code: &'static str,
    /// What it should name: `session`.
    noun: &'static str,
    /// Which call makes one.
    maker: &'static str,
    name: &'s str,
    span: &'s Range<usize>,
}

impl Unmade<'_> {
    fn report(&self, check: &mut Check<'_>, made: &BTreeSet<&str>) {
        let Unmade { code, noun, maker, name, span } = *self;
        let message = format!("the {noun} {} does not exist yet", quoted(name));
        let mut problem = Problem::new(code, span.clone(), message)
            .label(format!("expected a {noun} that an earlier {maker} of this thread made"));
        if !check.problems.is_full() {
            let made: Vec<&str> = made.iter().copied().collect();
            if let Some(near) = nearest(name, &made) {
                problem = similar(problem, near, true);
            }
            problem = problem.note(listed(&made));
        }
        check.problems.push(problem);
    }
}

/// The code that a call must return.
fn must(check: &mut Check<'_>, call: &Call, name: &str, span: &Range<usize>, first: bool) -> Option<Must> {
    let (found, expected) = match call.family() {
        Family::Mapi => (HResult::from_name(name).map(Must::Mapi), "a code that calls of MAPI's return"),
        Family::Windows if name == SUCCESS => (Some(Must::Windows(None)), ""),
        Family::Windows => {
            (name.parse().ok().map(|code| Must::Windows(Some(code))), "a code that calls of Windows' have")
        }
    };
    if found.is_none() && first {
        let span = span.clone();
        let unknown = Unknown { code: "unknown-code", span, noun: "code", expected, name, replaceable: true };
        let names: Vec<&str> = match call.family() {
            Family::Mapi => HResult::NAMED.iter().map(|(_, name)| *name).collect(),
            Family::Windows => {
                [SUCCESS].into_iter().chain(Win32Error::NAMED.iter().map(|(_, name)| *name)).collect()
            }
        };
        report_unknown(&mut check.problems, &unknown, names);
    }
    found
}
