//! What two runs in the same order differ in, in sentences.

use std::mem::discriminant;

use mapisim_model::os::syscall::{Syscall, Value};
use mapisim_model::trace::Step;

use super::fates::{Fate, fates};
use super::{Beside, Difference, Kind};
use crate::digest::canonical;
use crate::names::Names;
use crate::narrate::remark::{Kind as RemarkKind, remarks};
use crate::narrate::{action, actor_and_call, answer};

/// In short: where the second run goes another way, what it finds out, and the first thing that comes of it. Empty where
/// the two take the very same steps, or only ask for other names and are answered the same.
pub fn in_short(beside: &Beside<'_>, names: &Names) -> Vec<String> {
    let other = beside.sides[1].outcome.build.id();
    let parting = beside.parting().filter(|parting| parting.kind == Kind::Answer);
    let parts = parting.and_then(|parting| otherwise(beside, &parting, names));
    let mut finds = decisive(beside, names);
    if let (Some((who, _)), Some((known, _))) = (&mut finds, &parts)
        && who == known
    {
        "it".clone_into(who);
    }
    let told = parts.into_iter().chain(finds).map(|(who, words)| format!("{who} {words}."));
    let came = became(beside, names, 1);
    let with = [format!("With {other} "), "Then ".to_owned()];
    let mut sentences: Vec<String> = told.zip(with).map(|(told, with)| with + &told).collect();
    let with = if sentences.is_empty() { format!("With {other} ") } else { "So ".to_owned() };
    sentences.extend(came.into_iter().map(|came| format!("{with}{came}")));
    sentences
}

/// What the second run finds out where the first was misled, and what comes of it, as far as so many things.
pub fn came_of_it(beside: &Beside<'_>, names: &Names, most: usize) -> Vec<String> {
    let finds = decisive(beside, names).map(|(who, words)| format!("{who} {words}."));
    finds.into_iter().chain(became(beside, names, most)).collect()
}

/// What it finds out where the first was misled, and who does, if that is not where they part.
fn decisive(beside: &Beside<'_>, names: &Names) -> Option<(String, String)> {
    let parting = beside.parting().map(|parting| parting.steps);
    let decisive = beside.decisive().filter(|decisive| Some(decisive.steps) != parting)?;
    otherwise(beside, &decisive, names)
}

fn became(beside: &Beside<'_>, names: &Names, most: usize) -> Vec<String> {
    let one = beside.sides[0].outcome.build.id();
    let told = fates(beside, names).into_iter().take(most).map(|Fate { of, sides: [first, second] }| {
        let first = first.split(" (step").next().unwrap_or(&first);
        format!("{of} {second}; with {one} it {first}.")
    });
    told.collect()
}

/// Who does something otherwise in the second run, and what: `reads 1 in A instead of 0 in B`.
fn otherwise(beside: &Beside<'_>, difference: &Difference, names: &Names) -> Option<(String, String)> {
    let [Some(first), Some(second)] = difference.steps else { return None };
    let (one, other) = (beside.sides[0].run, beside.sides[1].run);
    let (here, there) = (one.step(first), other.step(second));
    let who = actor_and_call(other, there);
    let object =
        |step: &Step| step.object.as_deref().map_or_else(|| "it".to_owned(), |path| names.object(path));
    let words = match (&here.syscall, &here.answer, &there.syscall, &there.answer) {
        (
            Some(Syscall::CreateFileMapping { name: Some(asked), .. }),
            Some(Ok(Value::Opened { existed: had, .. })),
            Some(Syscall::CreateFileMapping { name: Some(asks), .. }),
            Some(Ok(Value::Opened { existed: has, .. })),
        ) => {
            let name = |name: &str| names.within(name);
            let asks = if asked == asks {
                format!("asks for {}, too", name(asks))
            } else {
                format!("asks for {} instead of {}", name(asks), name(asked))
            };
            let got = match (has, had) {
                (true, false) => {
                    format!("opens {}, which exists, instead of making {}", object(there), object(here))
                }
                (false, true) => format!("makes {} instead of opening {}", object(there), object(here)),
                _ => format!("gets {} instead of {}", object(there), object(here)),
            };
            format!("{asks} (step {second}): it {got}")
        }
        (
            Some(Syscall::CellLoad { .. }),
            Some(Ok(Value::Number(had))),
            Some(Syscall::CellLoad { cell, .. }),
            Some(Ok(Value::Number(has))),
        ) => format!(
            "reads {has} for {cell} in {} (step {second}) instead of {had} in {}",
            object(there),
            object(here)
        ),
        (Some(asked), _, Some(asks), _) if discriminant(asked) == discriminant(asks) => {
            let answered = |step: &Step| answer(step).unwrap_or_default();
            let answers = format!("{} instead of {}", answered(there), answered(here));
            if here.object == there.object {
                format!("is answered {answers} (step {second}): {}", action(other, there, names))
            } else {
                let call = canonical::name(asks);
                let objects = format!("{} instead of {}", object(there), object(here));
                format!("asks {call} for {objects} (step {second}), and is answered {answers}")
            }
        }
        _ => {
            let found = |side: usize, step: &Step| {
                let told = remarks(beside.sides[side].run, step, names);
                let found = told.into_iter().find(|remark| remark.kind == RemarkKind::Finding);
                found.map_or_else(|| beside.deed(side, step.number, names), |remark| remark.text)
            };
            format!("finds out \"{}\" (step {second}) instead of \"{}\"", found(1, there), found(0, here))
        }
    };
    Some((who, words))
}
