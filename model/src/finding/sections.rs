//! Why two processes count sessions in two sections: told by the names that they asked for, not by where those led.
//!
//! A name that is the same leads to two sections where Terminal Services sessions have object names of their own (os A.2,
//! A.3). A name differs where MAPI runs under another account (mapi 4.1), or where one side puts `Global\` in front and
//! the other does not: since it is another version (mapi D5), or since it was refused (mapi 4.17).

use super::signature::Why;
use crate::os::error::Win32Error;
use crate::os::syscall::{Syscall, Value};
use crate::trace::{Run, Step, Who};

/// What fix 2 puts in front of a section's name (mapi D5).
const GLOBAL: &str = r"Global\";

/// How a thread came by a section.
pub(super) struct Opening<'a> {
    /// The step at which it made or opened it.
    pub(super) step: &'a Step,
    /// The name that it asked for.
    asked: &'a str,
    /// How the machine refused the global name just before, if it did.
    refused: Option<Win32Error>,
    /// Whether an object of the global name was there then: what refused it is its descriptor.
    there: bool,
    /// The session of its process.
    session: u32,
}

impl<'a> Opening<'a> {
    /// How a thread came by the section of that full name, before a step.
    pub(super) fn find(run: &'a Run, thread: usize, section: &str, before: usize) -> Option<Self> {
        let process = run.threads[thread].process;
        // Threads of one process share what the first of them opened.
        let own =
            |step: &&Step| matches!(step.who, Who::Thread(other) if run.threads[other].process == process);
        let earlier = run.steps[..before - 1].iter().filter(own);
        let asks = earlier.filter_map(|step| match &step.syscall {
            Some(Syscall::CreateFileMapping { name: Some(name), .. }) => Some((step, name.as_str())),
            _ => None,
        });
        let asks: Vec<(&Step, &str)> = asks.collect();
        let found = asks.iter().rposition(|(step, _)| step.object.as_deref() == Some(section))?;
        let (step, asked) = asks[found];
        let refused = asks[..found].last().and_then(|(earlier, name)| match &earlier.answer {
            Some(Err(error)) if *name == format!("{GLOBAL}{asked}") => Some((*error, *earlier)),
            _ => None,
        });
        let there = refused.is_some_and(|(_, earlier)| {
            let mut objects = run.before(earlier.number).all_objects();
            objects.any(|object| object.path.map(|path| path.to_string()) == earlier.object)
        });
        let refused = refused.map(|(error, _)| error);
        Some(Opening { step, asked, refused, there, session: run.processes[process].session })
    }

    fn is_global(&self) -> bool {
        self.asked.starts_with(GLOBAL)
    }

    fn plain(&self) -> &str {
        self.asked.strip_prefix(GLOBAL).unwrap_or(self.asked)
    }

    /// What happened, for people: `outlook.exe asked for "MAPI-S-1-5-..." and made \Sessions\2\BaseNamedObjects\MAPI-...`.
    pub(super) fn told(&self, run: &Run) -> String {
        let got = match &self.step.answer {
            Some(Ok(Value::Opened { existed: true, .. })) => "opened",
            _ => "made",
        };
        format!(
            "{} asked for \"{}\" and {got} {}{}",
            run.actor_name(self.step),
            self.asked,
            self.step.object.as_deref().unwrap_or(""),
            self.refused
                .map_or_else(String::new, |error| format!(", since {GLOBAL} had been refused with {error}"))
        )
    }
}

/// Whether the two run under different accounts, as the names that they asked for say.
pub(super) fn accounts_differ(one: &Opening<'_>, other: &Opening<'_>) -> bool {
    one.plain() != other.plain()
}

/// Why the two came by two sections, each reason a word: those of [`reasons`].
pub(super) fn whys(one: &Opening<'_>, other: &Opening<'_>) -> Vec<Why> {
    let mut whys = Vec::new();
    whys.extend(accounts_differ(one, other).then_some(Why::SplitByAccount));
    if one.is_global() != other.is_global() {
        let plain = if one.is_global() { other } else { one };
        whys.push(match plain.refused {
            None => Why::SplitByVersion,
            Some(_) if plain.there => Why::SplitByDacl,
            Some(_) => Why::SplitByPrivilege,
        });
    } else if !one.is_global() && one.session != other.session {
        whys.push(Why::SplitBySession);
    }
    if whys.is_empty() {
        whys.push(Why::SplitByLifetime);
    }
    whys
}

/// Why the two came by two sections, each reason a clause.
pub(super) fn reasons(run: &Run, one: &Opening<'_>, other: &Opening<'_>) -> Vec<String> {
    let mut reasons = Vec::new();
    if accounts_differ(one, other) {
        let reason = "the section is named after the account that MAPI runs under, and the two run under different \
                      accounts";
        reasons.push(reason.to_owned());
    }
    if one.is_global() != other.is_global() {
        let (global, plain) = if one.is_global() { (one, other) } else { (other, one) };
        let why = plain.refused.map_or_else(
            || "whose MAPI does not have fix 2".to_owned(),
            |error| format!("which had asked for {GLOBAL} too, and was refused with {error}"),
        );
        reasons.push(format!(
            "{} asked for a name with {GLOBAL} in front, and {} for one without, {why}",
            run.actor_name(global.step),
            run.actor_name(plain.step),
        ));
    } else if !one.is_global() && one.session != other.session {
        reasons.push(format!(
            "each Terminal Services session has object names of its own, and one runs in session {}, the other in session \
             {}",
            one.session, other.session
        ));
    }
    if reasons.is_empty() {
        // One name, one session: the first section was forgotten with its last handle (os A.7).
        reasons.push("the first was gone when the second was made".to_owned());
    }
    reasons
}
