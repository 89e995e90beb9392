//! Why nobody can go on, and why a call returned what it must not.

use super::signature::{Deed, Hit, Signature, Why};
use super::words;
use super::{Finding, Point, PointKind};
use crate::mapi::hresult::HResult;
use crate::mapi::memory::Code;
use crate::os::syscall::Syscall;
use crate::property::Property;
use crate::trace::{Run, Step, Waiting, Who};

/// Nobody can run, though not all are done: who waits for what.
pub(super) fn deadlock(run: &Run, step: usize) -> Finding {
    let points = run.waiting.iter().map(|waiting| {
        let owner = waiting.owner.map_or_else(
            || "which nobody will ever release".to_owned(),
            |owner| format!("which {} has", run.threads[owner].name),
        );
        let text = format!("{} waits for {}, {owner}", run.threads[waiting.thread].name, waiting.object);
        Point { kind: PointKind::Because, step: None, text }
    });
    let mut points: Vec<Point> = points.collect();
    let waits: Vec<String> = points.iter().map(|point| point.text.clone()).collect();
    let mut summary = format!("After step {step} nobody can run any more: {}.", words::list(&waits));
    let kept = run.waiting.iter().find_map(|waiting| kept(run, waiting));
    if let Some((closed, failed)) = kept {
        let why = [
            (closed, format!("{} closed that handle", run.actor_name(closed))),
            (failed, format!("{} could not give it back any more", run.actor_name(failed))),
        ];
        let clauses = why.iter().map(|(step, text)| format!("at step {} {text}", step.number));
        let clauses = words::list(&clauses.collect::<Vec<_>>());
        summary = format!(
            "{summary} The lock is held through a handle that another thread could close: {clauses}."
        );
        points.extend(why.map(|(step, text)| Point {
            kind: PointKind::Because,
            step: Some(step.number),
            text,
        }));
    }
    let waits = |thread| run.waiting.iter().any(|waiting| waiting.thread == thread);
    let held = |waiting: &Waiting| match waiting.owner {
        Some(owner) if waits(owner) => Why::HeldByAWaiter,
        _ => Why::HeldByNobody,
    };
    let sections = run.waiting.iter().all(|waiting| waiting.object.starts_with("the critical section"));
    let hit = if sections { Hit::CriticalSection } else { Hit::Mutex };
    let mut why: Vec<Why> = run.waiting.iter().map(held).collect();
    why.extend(
        run.steps[..step].iter().any(|step| !matches!(step.who, Who::Thread(_))).then_some(Why::Crash),
    );
    let signature = Signature::new(Property::NoDeadlock, (Deed::Wait, false), hit, why);
    Finding { property: Property::NoDeadlock, cause: step, symptom: None, summary, points, signature }
}

/// Where a lock's owner was to give it back and had no handle to it any more: the step that closed it, and the one that
/// failed.
fn kept<'a>(run: &'a Run, waiting: &Waiting) -> Option<(&'a Step, &'a Step)> {
    let owner = Who::Thread(waiting.owner?);
    let failed = run.steps.iter().rev().find(|step| {
        step.who == owner
            && matches!(step.syscall, Some(Syscall::ReleaseMutex { .. }))
            && matches!(step.answer, Some(Err(_)))
    })?;
    let closed = run.steps[..failed.number].iter().rev().find(|step| {
        matches!(step.syscall, Some(Syscall::CloseHandle { .. }))
            && step.object.as_deref() == Some(waiting.object.as_str())
            && run.process_of(step) == run.process_of(failed)
    })?;
    Some((closed, failed))
}

/// A call returned other than the scenario says it must.
pub(super) fn surprise(run: &Run, number: usize, must: Code) -> Finding {
    let step = run.step(number);
    let call = step.call.as_ref().expect("a call returned at this step");
    let returned = call.returned.map_or_else(String::new, words::name_of_code);
    let earlier = run.steps[..number].iter().filter(|earlier| earlier.who == step.who);
    let mut same =
        earlier.filter(|earlier| earlier.call.as_ref().is_some_and(|other| other.index == call.index));
    let failed = same.rfind(|step| matches!(step.answer, Some(Err(_))));
    let why = failed.map_or(Why::Returned, |failed| match failed.answer {
        Some(Err(error)) => Why::Answered(error.0),
        _ => Why::Returned,
    });
    let hit = Hit::of_path(failed.and_then(|failed| failed.object.as_deref()).unwrap_or_default());
    let signature = Signature::new(Property::CallResult, (Deed::of(step), true), hit, [why]);
    let points = failed.map(|failed| {
        let error = match failed.answer {
            Some(Err(error)) => error.to_string(),
            _ => String::new(),
        };
        let text = format!("{} answered {error}", failed.object.as_deref().unwrap_or("the machine"));
        Point { kind: PointKind::LookedAt, step: Some(failed.number), text }
    });
    let summary = format!(
        "At step {number} {} of {} returned {returned}; the scenario says that it must return {}.{}",
        call.text,
        run.actor_name(step),
        words::name_of_code(must),
        call.returned.filter(|code| lacks_something(*code)).map_or_else(String::new, |_| began(run, step)),
    );
    Finding {
        property: Property::CallResult,
        cause: number,
        symptom: None,
        summary,
        points: points.into_iter().collect(),
        signature,
    }
}

/// Whether a call failed for want of what an earlier one was to bring.
fn lacks_something(code: Code) -> bool {
    let lacks =
        [HResult::NOT_INITIALIZED, HResult::INVALID_OBJECT, HResult::LOGON_FAILED, HResult::NOT_FOUND];
    matches!(code, Code::Mapi(result) if lacks.contains(&result))
}

/// What went wrong first: the first call of this thread that failed before, and what the machine had answered it.
fn began(run: &Run, step: &Step) -> String {
    let own = run.steps[..step.number - 1].iter().filter(|earlier| earlier.who == step.who);
    let fails = |code: &Code| match code {
        Code::Mapi(result) => !result.succeeded(),
        Code::Win32(error) => error.is_some(),
    };
    let failed = own.clone().find_map(|earlier| {
        let call = earlier.call.as_ref()?;
        Some((earlier.number, call, call.returned.filter(fails)?))
    });
    let Some((number, call, code)) = failed else { return String::new() };
    let answer = own.filter(|other| other.call.as_ref().is_some_and(|other| other.index == call.index));
    let mut answer = answer.filter_map(|step| match step.answer {
        Some(Err(error)) => Some(format!(
            ": Windows had answered {error}{}",
            step.object.as_ref().map_or_else(String::new, |object| format!(" for {object}"))
        )),
        _ => None,
    });
    format!(
        " What it needed was not there: the first call of {} to fail was {}, which returned {} at step {number}{}.",
        run.actor_name(step),
        call.text,
        words::name_of_code(code),
        answer.next_back().unwrap_or_default()
    )
}
