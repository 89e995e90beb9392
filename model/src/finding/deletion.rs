//! Why a profile was deleted out from under a live session.
//!
//! The one who deletes read a count of sessions (B5) from one section; the session is counted, if it is, in a section
//! too. Either they are two, and then how each came by its own tells why (`sections`); or they are one, and then the order
//! of steps does. A hive that is unloaded by force takes its profiles along without anybody looking.

use super::leases::LeaseLook;
use super::marks;
use super::sections::{self, Opening};
use super::signature::{Deed, Hit, Signature, Why};
use super::words::{self, identity, leaf};
use super::{Finding, Point, PointKind};
use crate::mapi::names;
use crate::mapi::rules::Evidence;
use crate::os::syscall::{Syscall, Value};
use crate::property::Property;
use crate::property::shown::is_mark_key;
use crate::trace::{LiveSession, Run, Step, Who};

/// A look at, or change of, a profile's count.
struct Counted<'a> {
    step: &'a Step,
    /// The section's full name.
    section: &'a str,
    /// What was read, or what it is after the change.
    count: i64,
}

/// Explains why a session lost its profile, where a property is broken after step `broken`: the first live session that
/// lost a key by then, or the one of that thread and name.
pub(super) fn explain(run: &Run, property: Property, broken: usize, whose: Option<(usize, &str)>) -> Finding {
    let Some((loss, victim)) = first_loss(run, broken, whose) else {
        return unexplained(run, property, broken);
    };
    let step = deletion(run, loss, victim);
    let story = Story::new(run, step, victim);
    let mut points = Vec::new();
    points.extend(story.prompted());
    points.push(story.looked_at());
    points.extend(story.elsewhere());
    points.extend(story.because());
    let symptom = story.symptom();
    let mut summary = vec![story.what(), story.belief()];
    summary.extend(symptom.map(|number| story.noticed(number)));
    let cause = step.number;
    let symptom = symptom.or((broken > cause).then_some(broken));
    let signature = story.signature(property);
    Finding { property, cause, symptom, summary: summary.join(" "), points, signature }
}

/// The first step, up to one, at which a live session lacks a key that it opened.
fn first_loss<'a>(
    run: &'a Run,
    up_to: usize,
    whose: Option<(usize, &str)>,
) -> Option<(&'a Step, &'a LiveSession)> {
    let is_it = |session: &&LiveSession| {
        whose.is_none_or(|(thread, name)| session.thread == thread && session.name == name)
            && !session.lost.is_empty()
    };
    run.steps[..up_to].iter().find_map(|step| Some((step, step.sessions.iter().find(is_it)?)))
}

/// The step that deleted what a session lost: the one at which it was first seen to be lost, unless the session became
/// live only then, and what it had opened was deleted while it logged on.
fn deletion<'a>(run: &'a Run, loss: &'a Step, victim: &LiveSession) -> &'a Step {
    if loss.who != Who::Thread(victim.thread) {
        return loss;
    }
    let deletes = |step: &&Step| {
        let path = step.object.as_deref().unwrap_or_default();
        matches!(step.syscall, Some(Syscall::RegDeleteKey { .. }))
            && matches!(step.answer, Some(Ok(_)))
            && victim.lost.iter().any(|lost| same(lost, path))
    };
    run.steps[..loss.number].iter().rev().find(deletes).unwrap_or(loss)
}

/// A call failed on a live session for want of its profile, but the session was never seen without it: the profile went
/// while the call was under way.
fn unexplained(run: &Run, property: Property, cause: usize) -> Finding {
    let step = run.step(cause);
    let call = step.call.as_ref().map_or("", |call| &call.name);
    let summary = format!(
        "At step {cause} {} of {} failed for want of its session's profile, which was deleted while the call was under \
         way.",
        call,
        run.actor_name(step)
    );
    let signature = Signature::new(property, (Deed::of(step), true), Hit::ProfileKey, [Why::UnderWay]);
    Finding { property, cause, symptom: None, summary, points: Vec::new(), signature }
}

struct Story<'a> {
    run: &'a Run,
    cause: &'a Step,
    victim: &'a LiveSession,
    /// The thread that deletes; `None` where a process's death did it.
    deleter: Option<usize>,
    looked: Option<Counted<'a>>,
    counted: Option<Counted<'a>>,
}

impl<'a> Story<'a> {
    fn new(run: &'a Run, cause: &'a Step, victim: &'a LiveSession) -> Self {
        let deleter = if let Who::Thread(thread) = cause.who { Some(thread) } else { None };
        let before = &run.steps[..cause.number - 1];
        let looked = before.iter().rev().filter(|step| Some(step.who) == deleter.map(Who::Thread));
        let looked =
            looked.filter(|step| same_call(step, cause)).find_map(|step| look(step, &victim.profile));
        // The count that should have saved it: the last rise before the deletion, else the first after it.
        let own = run.steps.iter().filter(|step| step.who == Who::Thread(victim.thread));
        let rises: Vec<Counted<'_>> = own.filter_map(|step| rise(step, &victim.profile)).collect();
        let (before, after): (Vec<_>, Vec<_>) =
            rises.into_iter().partition(|rise| rise.step.number <= cause.number);
        let counted = before.into_iter().next_back().or_else(|| after.into_iter().next());
        Story { run, cause, victim, deleter, looked, counted }
    }

    fn deleter_name(&self) -> String {
        match self.deleter {
            Some(thread) => words::thread(self.run, thread, self.cause.number, !self.is_own()),
            None => words::process(self.run.whose(self.cause)),
        }
    }

    /// The victim, as it was when its session was counted.
    fn victim_name(&self) -> String {
        let number = self.counted.as_ref().map_or(self.cause.number, |counted| counted.step.number);
        words::thread(self.run, self.victim.thread, number, !self.is_own())
    }

    /// Whether one process's threads do it to each other.
    fn is_own(&self) -> bool {
        self.run.process_of(self.cause) == Some(self.run.threads[self.victim.thread].process)
    }

    /// How the deleter calls what it did.
    fn role(&self) -> String {
        let call = self.cause.call.as_ref().map_or("", |call| call.name.as_str());
        match self.cause.inside.first() {
            Some(&"sweep") => format!("in the sweep of its {call}"),
            _ => format!("in its {call}"),
        }
    }

    /// The account whose hive the cause unloads, if that is what it does.
    fn unloads(&self) -> Option<&'a str> {
        match &self.cause.syscall {
            Some(Syscall::UnloadUserProfile { account }) => Some(account),
            _ => None,
        }
    }

    fn what(&self) -> String {
        let (session, victim) = (&self.victim.name, self.victim_name());
        if let Some(account) = self.unloads() {
            return format!(
                "At step {} {} unloaded {account}'s registry hive {}, while session \"{session}\" of {victim} was using \
                 profile \"{}\" in it.",
                self.cause.number,
                self.deleter_name(),
                self.role(),
                self.victim.profile,
            );
        }
        let partly = ["delete sections", "unmark"].iter().any(|frame| self.cause.inside.contains(frame));
        format!(
            "At step {} {} {} profile \"{}\" {}, while session \"{session}\" of {victim} was using it.",
            self.cause.number,
            self.deleter_name(),
            if partly { "began to delete" } else { "deleted" },
            self.victim.profile,
            self.role(),
        )
    }

    /// What the deleter believed, what was true, and why they differ, in one sentence or two.
    fn belief(&self) -> String {
        if self.unloads().is_some() {
            return "This version of Windows unloads a hive although keys of it are open. Nothing was deleted: the keys of the \
                    whole hive answer no more."
                .to_owned();
        }
        let Some(looked) = &self.looked else { return self.looked_for_another() };
        let saw = format!("It had read a count of {} in {}", looked.count, looked.section);
        match &self.counted {
            Some(counted) if counted.section != looked.section => {
                format!(
                    "{saw}, but the session is counted in {}. They are two sections because {}; the registry hive with \
                     the profile is one.",
                    counted.section,
                    words::list(&self.reasons())
                )
            }
            Some(counted) if counted.step.number > looked.step.number => format!(
                "{saw} at step {}, and the session was counted there only at step {}: between the look and the deletion \
                 the answer changed.",
                looked.step.number, counted.step.number
            ),
            Some(counted) => {
                let forgotten = |step: &Step| {
                    let who = self.run.actor_name(step);
                    format!(
                        ": the section of then went with the last who had it open, and at step {} {who} made another of its name",
                        step.number
                    )
                };
                format!(
                    "{saw} at step {}, where the session had been counted at step {}{}.",
                    looked.step.number,
                    counted.step.number,
                    self.made_anew().map_or_else(String::new, forgotten)
                )
            }
            None if self.victim_leases() => format!(
                "{saw}, but the version that {} runs counts no sessions: that the profile is in use is written in the \
                 registry, where the other does not look.",
                self.run.threads[self.victim.thread].name
            ),
            None => format!("{saw}, where the session was not counted yet."),
        }
    }

    /// It deleted the profile without having looked for users of *that* name.
    fn looked_for_another(&self) -> String {
        let Some((name, count, section)) = self.other_look() else {
            let nothing = || "It did not look whether anybody used it.".to_owned();
            return self.lease_look().map_or_else(nothing, |look| look.belief());
        };
        format!(
            "It had read a count of {count} for \"{name}\" in {section}: it took the key \"{name}\" below \"{}\" for the mark \
             of a profile, because the profile has the name of the key that marks are under.",
            self.victim.profile
        )
    }

    /// The last look in this call at the count of a name other than the profile's, where the step removes a mark.
    fn other_look(&self) -> Option<(&'a str, i64, &'a str)> {
        let before = self.run.steps[..self.cause.number - 1].iter().rev();
        let own = before.filter(|step| step.who == self.cause.who && same_call(step, self.cause));
        let mut looks = own.filter_map(|step| match (&step.syscall, &step.answer, step.object.as_deref()) {
            (Some(Syscall::CellLoad { cell, .. }), Some(Ok(Value::Number(count))), Some(section)) => {
                Some((cell.as_str(), *count, section))
            }
            _ => None,
        });
        looks.next().filter(|_| self.cause.inside.contains(&"unmark"))
    }

    fn lease_look(&self) -> Option<LeaseLook<'a>> {
        LeaseLook::find(self.run, self.cause, self.victim.thread)
    }

    fn victim_leases(&self) -> bool {
        let process = &self.run.processes[self.run.threads[self.victim.thread].process];
        matches!(process.algorithm.rules().evidence, Evidence::Leases(_))
    }

    /// How the deleter and the victim came by their sections.
    fn openings(&self) -> Option<(Opening<'a>, Opening<'a>)> {
        let (looked, counted) = (self.looked.as_ref()?, self.counted.as_ref()?);
        let deleter = Opening::find(self.run, self.deleter?, looked.section, looked.step.number)?;
        let victim = Opening::find(self.run, self.victim.thread, counted.section, counted.step.number)?;
        Some((deleter, victim))
    }

    /// Where the section in which the session was counted was gone before the look: the step that made another of its
    /// name (os A.7).
    fn made_anew(&self) -> Option<&'a Step> {
        let (looked, counted) = (self.looked.as_ref()?, self.counted.as_ref()?);
        self.run.steps[..looked.step.number].iter().skip(counted.step.number).find(|step| {
            matches!(step.syscall, Some(Syscall::CreateFileMapping { .. }))
                && matches!(step.answer, Some(Ok(Value::Opened { existed: false, .. })))
                && step.object.as_deref() == Some(looked.section)
                && looked.section == counted.section
        })
    }

    /// Why there are two sections, each reason a clause.
    fn reasons(&self) -> Vec<String> {
        let (deleter, victim) = self.openings().expect("a section that is used was opened before");
        sections::reasons(self.run, &deleter, &victim)
    }

    /// What makes this the same finding as another.
    fn signature(&self, property: Property) -> Signature {
        let own = self.is_own();
        let hit = if self.unloads().is_some() {
            Hit::Hive
        } else {
            Hit::of_path(self.cause.object.as_deref().unwrap_or_default())
        };
        Signature::new(property, (Deed::of(self.cause), own), hit, self.whys())
    }

    /// The same as [`Story::belief`], in words of signatures.
    fn whys(&self) -> Vec<Why> {
        if self.unloads().is_some() {
            return vec![Why::HiveUnloaded];
        }
        let Some(looked) = &self.looked else {
            let looked_at_leases = self.lease_look().map(|look| look.why());
            let otherwise = looked_at_leases.unwrap_or(Why::NotLooked);
            return vec![if self.other_look().is_some() { Why::NamedAsMarkKey } else { otherwise }];
        };
        match &self.counted {
            Some(counted) if counted.section != looked.section => {
                let (deleter, victim) = self.openings().expect("a section that is used was opened before");
                let mut whys = sections::whys(&deleter, &victim);
                whys.extend(self.one_mark_key(&deleter, &victim).then_some(Why::OneMarkKey));
                whys
            }
            Some(counted) if counted.step.number > looked.step.number => vec![Why::CountedAfterTheLook],
            Some(_) if self.made_anew().is_some() => vec![Why::SplitByLifetime],
            Some(_) => vec![Why::CountLowered],
            None if self.victim_leases() => vec![Why::LeaseUnseen],
            None => vec![Why::NotCounted],
        }
    }

    /// Whether the deleter found the mark of another account in the key of its own (fix 1, mapi C7).
    fn one_mark_key(&self, deleter: &Opening<'_>, victim: &Opening<'_>) -> bool {
        let before = &self.run.steps[..self.cause.number - 1];
        let own = before.iter().filter(|step| step.who == self.cause.who && same_call(step, self.cause));
        let mut opened = own.filter(|step| matches!(step.syscall, Some(Syscall::RegOpenKeyEx { .. })));
        let os = self.run.before(self.cause.number);
        sections::accounts_differ(deleter, victim)
            && opened.any(|step| {
                let path = step.object.as_deref().unwrap_or_default();
                let suffixed = is_mark_key(leaf(path)) && !same(leaf(path), names::DELETED_PROFILES);
                suffixed && os.key_exists(&format!(r"{path}\{}", self.victim.profile))
            })
    }

    fn noticed(&self, number: usize) -> String {
        let step = self.run.step(number);
        let Some(Err(error)) = &step.answer else { return String::new() };
        let after = self.run.steps[number - 1..].iter().filter(|later| later.who == step.who);
        let returned = after
            .filter_map(|later| later.call.as_ref())
            .find_map(|call| call.returned.map(|code| (call, code)));
        let outcome = returned.map_or_else(String::new, |(call, code)| {
            format!(", and {} returned {}", call.name, words::name_of_code(code))
        });
        format!(
            "{} noticed at step {number}: reading the profile through a key it had open gave {}{outcome}.",
            self.run.actor_name(step),
            error
        )
    }

    /// The victim's first failing read after the deletion.
    fn symptom(&self) -> Option<usize> {
        let later = self.run.steps[self.cause.number..].iter();
        let later = later.filter(|step| step.who == Who::Thread(self.victim.thread));
        let reads = |step: &&Step| matches!(step.syscall, Some(Syscall::RegQueryValueEx { .. }));
        let fails = |step: &&Step| matches!(step.answer, Some(Err(_)));
        later.filter(reads).find(fails).map(|step| step.number)
    }

    /// The mark that the deleter found.
    fn prompted(&self) -> Option<Point> {
        if self.unloads().is_some() || self.other_look().is_some() {
            return None;
        }
        if self.cause.inside.first() != Some(&"sweep") && !self.in_call("Release") {
            let call = self.cause.call.as_ref()?;
            let text = format!("{} was called on a profile that is not marked", call.text);
            return Some(Point { kind: PointKind::Prompted, step: None, text });
        }
        let mark = marks::written(self.run, self.cause.number - 1, &self.victim.profile, None);
        let found = mark.map_or_else(
            || format!("a mark for \"{}\" that was there from the start", self.victim.profile),
            |mark| {
                format!(
                    "the mark {} that {} wrote",
                    mark.object.as_deref().unwrap_or(""),
                    self.run.actor_name(mark)
                )
            },
        );
        Some(Point { kind: PointKind::Prompted, step: mark.map(|mark| mark.number), text: found })
    }

    fn looked_at(&self) -> Point {
        let (step, text) = match &self.looked {
            None if self.unloads().is_some() => {
                (None, "nothing: unloading a hive asks nobody who uses a profile in it".to_owned())
            }
            None => match self.other_look() {
                Some((name, count, section)) => (None, format!("{section} says {count} for \"{name}\"")),
                None => match self.lease_look() {
                    Some(look) => return look.looked_at(),
                    None => (None, "nothing: it did not look whether anybody used the profile".to_owned()),
                },
            },
            Some(looked) => {
                let thread = self.deleter.expect("who looked is a thread");
                let text = format!(
                    "{} says {} for \"{}\" (session {}, account {})",
                    looked.section,
                    looked.count,
                    self.victim.profile,
                    self.run.whose(self.cause).session,
                    identity(self.run, thread, looked.step.number),
                );
                (Some(looked.step.number), text)
            }
        };
        Point { kind: PointKind::LookedAt, step, text }
    }

    fn elsewhere(&self) -> Option<Point> {
        let Some(counted) = self.counted.as_ref() else {
            return self.lease_look().filter(|_| self.looked.is_none()).and_then(|look| look.elsewhere());
        };
        let thread = self.victim.thread;
        let text = format!(
            "{} says {} for \"{}\" (session {}, account {})",
            counted.section,
            counted.count,
            self.victim.profile,
            self.run.processes[self.run.threads[thread].process].session,
            identity(self.run, thread, counted.step.number),
        );
        Some(Point { kind: PointKind::Elsewhere, step: Some(counted.step.number), text })
    }

    /// The steps that gave the two processes two sections.
    fn because(&self) -> Vec<Point> {
        let point = |step: &Step, text| Point { kind: PointKind::Because, step: Some(step.number), text };
        if self.unloads().is_some() {
            return vec![point(self.cause, "the whole hive went, whichever profile is in use".to_owned())];
        }
        let Some((deleter, victim)) = self.openings() else { return Vec::new() };
        if deleter.step.object == victim.step.object {
            let told =
                |step: &'a Step| point(step, format!("{} made the section anew", self.run.actor_name(step)));
            return self.made_anew().map(told).into_iter().collect();
        }
        let mut points = Vec::new();
        for opening in [&deleter, &victim] {
            let before = self.run.steps[..opening.step.number - 1].iter().rev();
            let mut own = before.filter(|step| step.who == opening.step.who);
            let impersonated = own.find(|step| {
                matches!(step.syscall, Some(Syscall::ImpersonateLoggedOnUser { .. }))
                    && matches!(step.answer, Some(Ok(_)))
            });
            let matters = sections::accounts_differ(&deleter, &victim);
            if let (Some(step), Who::Thread(thread)) = (impersonated.filter(|_| matters), opening.step.who) {
                let identity = identity(self.run, thread, step.number + 1);
                points.push(point(step, format!("{} runs under {identity}", self.run.actor_name(step))));
            }
            points.push(point(opening.step, opening.told(self.run)));
        }
        points
    }

    fn in_call(&self, name: &str) -> bool {
        self.cause.call.as_ref().is_some_and(|call| call.name == name)
    }
}

fn same_call(step: &Step, other: &Step) -> bool {
    let index = |step: &Step| step.call.as_ref().map(|call| call.index);
    index(step) == index(other)
}

/// A step that reads a profile's count.
fn look<'a>(step: &'a Step, profile: &str) -> Option<Counted<'a>> {
    let Some(Syscall::CellLoad { cell, .. }) = &step.syscall else { return None };
    counted(step, cell, profile)
}

/// A step that raises a profile's count.
fn rise<'a>(step: &'a Step, profile: &str) -> Option<Counted<'a>> {
    let Some(Syscall::CellAdd { cell, delta: 1, .. }) = &step.syscall else { return None };
    counted(step, cell, profile)
}

fn counted<'a>(step: &'a Step, cell: &str, profile: &str) -> Option<Counted<'a>> {
    let Some(Ok(Value::Number(count))) = &step.answer else { return None };
    let section = step.object.as_deref()?;
    (cell == names::count_cell(profile)).then_some(Counted { step, section, count: *count })
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
