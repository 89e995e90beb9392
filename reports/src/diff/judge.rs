//! One outcome, before and after: the word for it, whether it fails, and what there is to say.

use mapisim_model::mapi::rules::Build;
use mapisim_model::property::Property;

use super::side::{Seen, Side, Story};
use super::{Row, Word, causes, same_failure};
use crate::command;
use crate::run_model::Verdict;

/// An outcome, before and after.
pub(super) struct Pair<'a> {
    pub(super) old: &'a Side,
    pub(super) new: &'a Side,
    pub(super) was: Option<&'a Seen>,
    pub(super) is: Option<&'a Seen>,
    /// Two algorithms are compared.
    pub(super) across: bool,
    /// What is gone does not fail.
    pub(super) lenient: bool,
}

/// Its row.
pub(super) fn row(pair: &Pair<'_>, scenario: &str, algorithm: &str) -> Row {
    let (mut word, mut note) = match (pair.was, pair.is) {
        (Some(was), Some(is)) => match incomparable(pair, was, is) {
            Some(why) => (Word::Incomparable, Some(why)),
            None => foretold(pair, is).unwrap_or_else(|| judged(pair, was, is)),
        },
        (Some(_), None) => (Word::Gone, None),
        (None, Some(is)) => (Word::New, unwelcome(is)),
        (None, None) => unreachable!("a key is of one side at least"),
    };
    let mut fails = match word {
        Word::Changed | Word::Weaker if no_worse(pair) => false,
        Word::Regressed | Word::Escaped | Word::Changed | Word::Weaker => true,
        Word::Gone => !pair.lenient,
        Word::Incomparable | Word::New => pair.is.is_some_and(|is| !is.as_expected),
        Word::Known | Word::Expected | Word::Fixed | Word::Stronger | Word::Moved | Word::Same => false,
    };
    if let Some(reason) = muted(pair).filter(|_| fails) {
        (word, fails, note) = (Word::Known, false, Some(reason));
    }
    let story = pair.new.stories.get(scenario).or_else(|| pair.old.stories.get(scenario));
    Row {
        word,
        fails,
        scenario: scenario.to_owned(),
        title: story.map_or_else(String::new, |story| story.title.clone()),
        algorithm: algorithm.to_owned(),
        was: pair.was.map(|seen| told(seen, true)),
        is: pair.is.map(|seen| told(seen, false)),
        note,
        signature: failure(pair).and_then(|seen| seen.signature.clone()),
        property: failure(pair).and_then(|seen| seen.property.clone()),
        command: failure(pair).and_then(shown),
    }
}

/// The failure that it is about: the new one, or the one that is gone.
fn failure<'a>(pair: &Pair<'a>) -> Option<&'a Seen> {
    [pair.is, pair.was].into_iter().flatten().find(|seen| seen.verdict == Verdict::Broken)
}

/// The command that shows it.
fn shown(seen: &Seen) -> Option<String> {
    Build::from_id(&seen.algorithm).map(|build| command::show(&seen.scenario, build, None))
}

/// Whether a call returns what it must is the scenario's own question, and only the scenario knows which answer is the
/// better one: it may wait for the failure itself. So where it says that the new algorithm breaks it, the difference is the
/// one that is written down. What must hold whoever asks, such as `live-profile`, is worse where it breaks.
fn foretold(pair: &Pair<'_>, is: &Seen) -> Option<(Word, Option<String>)> {
    let was = pair.was?;
    let own = is.property.as_deref() == Some(Property::CallResult.id());
    let differs = was.verdict != Verdict::Broken || !same_failure(was, is);
    (pair.across && own && differs && breaks_as_it_must(is)).then_some((Word::Expected, None))
}

/// It breaks, and the scenario says that it does.
fn breaks_as_it_must(seen: &Seen) -> bool {
    seen.verdict == Verdict::Broken
        && seen.as_expected
        && seen.expected.as_deref().is_some_and(|must| must != "holds")
}

/// Two algorithms have the same verdict, and what was promised of the new one is kept: they differ there, and neither is
/// worse.
fn no_worse(pair: &Pair<'_>) -> bool {
    let (Some(was), Some(is)) = (pair.was, pair.is) else { return false };
    pair.across && was.verdict == is.verdict && (is.as_expected || is.expected.is_none())
}

/// Why two outcomes cannot be compared.
fn incomparable(pair: &Pair<'_>, was: &Seen, is: &Seen) -> Option<String> {
    let digest = |side: &Side| {
        let story: Option<&Story> = side.stories.get(&is.scenario);
        story.map(|story| story.digest.clone()).filter(|digest| !digest.is_empty())
    };
    if let (Some(one), Some(other)) = (digest(pair.old), digest(pair.new))
        && one != other
    {
        return Some("the scenario has changed since".to_owned());
    }
    let others = |side: &Side, seen: &Seen| {
        // What a file expects is not about other faults; what has a schedule is run as it is.
        side.faults.as_ref().is_some_and(|faults| !faults.is_empty())
            && seen.states > 0
            && seen.expected.is_none()
    };
    let differ =
        pair.old.faults.as_ref().zip(pair.new.faults.as_ref()).is_some_and(|(one, other)| one != other);
    if differ && (others(pair.old, was) || others(pair.new, is)) {
        return Some("they were run under different faults".to_owned());
    }
    if [was, is].iter().any(|seen| seen.bound.as_deref() == Some("stopped")) {
        return Some("one of the two was cut off by --max-time".to_owned());
    }
    let limits = pair.old.states_max.zip(pair.new.states_max).is_some_and(|(one, other)| one != other);
    let unanswered = [was, is].iter().any(|seen| seen.verdict == Verdict::Inconclusive);
    (limits && unanswered).then(|| "one of the two has no answer, and their limits differ".to_owned())
}

fn judged(pair: &Pair<'_>, was: &Seen, is: &Seen) -> (Word, Option<String>) {
    use Verdict::{Broken, Diverged, Holds, Inconclusive, Panicked};
    // What must break was not as expected, and is again.
    let back = !pair.across && !was.as_expected && breaks_as_it_must(is);
    match (was.verdict, is.verdict) {
        (_, Diverged | Panicked) if was.verdict != is.verdict => (Word::Regressed, None),
        (Diverged | Panicked, _) if was.verdict == is.verdict => (Word::Same, None),
        (Diverged | Panicked, _) if is.as_expected => (Word::Fixed, None),
        (Diverged | Panicked, _) => (Word::Changed, unwelcome(is)),
        (Broken, Holds) => match is.expected.as_deref() {
            Some(must) if must != "holds" => (Word::Escaped, Some(format!("it must break {must}"))),
            _ => (Word::Fixed, None),
        },
        (Broken, Broken) if !same_failure(was, is) && back => {
            (Word::Fixed, Some("it breaks again what it must".to_owned()))
        }
        (Broken, Broken) if !same_failure(was, is) => (Word::Changed, before(was)),
        (Inconclusive, Broken) if is.as_expected => (Word::Stronger, None),
        (Holds, Broken) if back => (Word::Fixed, Some("it breaks again, as it must".to_owned())),
        (Holds | Inconclusive, Broken) => (Word::Regressed, said_of(pair, is)),
        (Inconclusive, Inconclusive | Diverged | Panicked) => (Word::Same, None),
        (Holds | Broken, Inconclusive) => (Word::Weaker, None),
        (Inconclusive, Holds) => (Word::Stronger, None),
        (Holds | Broken, _) => same_verdict(pair, was, is),
    }
}

/// Both hold, or both break in the same way.
fn same_verdict(pair: &Pair<'_>, was: &Seen, is: &Seen) -> (Word, Option<String>) {
    let lost: Vec<&str> =
        is.missed.iter().filter(|probe| !was.missed.contains(probe)).map(String::as_str).collect();
    if !lost.is_empty() {
        return (Word::Weaker, Some(format!("it does not come past {} any more", lost.join(", "))));
    }
    match (was.exhaustive, is.exhaustive) {
        (true, false) => return (Word::Weaker, None),
        (false, true) => return (Word::Stronger, None),
        _ => {}
    }
    if pair.across {
        return (Word::Same, None);
    }
    let states = || (crate::text::grouped(was.states), crate::text::grouped(is.states));
    if is.verdict == Verdict::Holds && is.states < was.states && pair.old.states_max == pair.new.states_max {
        let (before, now) = states();
        return (
            Word::Weaker,
            Some(format!("{before} states were searched within the same limits, now {now}")),
        );
    }
    let without = is.verdict == Verdict::Holds && is.exhaustive;
    if was.steps != is.steps {
        return (Word::Moved, Some(format!("{} steps, now {}", was.steps, is.steps)));
    }
    if !without && was.digest != is.digest {
        return (Word::Moved, Some("the steps are others".to_owned()));
    }
    if without && was.states != is.states {
        let (before, now) = states();
        return (Word::Moved, Some(format!("{before} states, now {now}")));
    }
    (Word::Same, None)
}

/// The reason of the known issue that it is.
fn muted(pair: &Pair<'_>) -> Option<String> {
    let signature = pair.is?.signature.as_deref()?;
    let version = pair.new.version.as_deref()?;
    let known = pair.old.known.iter().find(|known| known.signature == signature && known.mutes(version))?;
    Some(format!("known until {}: {}", known.until, known.reason))
}

/// What the scenario says of an outcome that is not as expected.
fn unwelcome(seen: &Seen) -> Option<String> {
    if seen.as_expected {
        return None;
    }
    Some(match seen.expected.as_deref() {
        Some("holds") => "the scenario expects it to hold".to_owned(),
        Some(property) => format!("the scenario expects it to break {property}"),
        None => "the scenario expects nothing of it, so it was to hold".to_owned(),
    })
}

/// What the scenario says of a break, where that is worth a line.
fn said_of(pair: &Pair<'_>, is: &Seen) -> Option<String> {
    let foretold =
        (pair.across && breaks_as_it_must(is)).then(|| format!("as the scenario says of {}", is.algorithm));
    foretold.or_else(|| unwelcome(is))
}

/// What it broke by before, in words.
fn before(was: &Seen) -> Option<String> {
    let signature = was.signature.as_deref()?.parse().ok()?;
    Some(format!("before: {}", causes::words(&signature)))
}

/// An outcome in words, as it was or as it is.
fn told(seen: &Seen, before: bool) -> String {
    let verb = |then: &str, now: &str| if before { then.to_owned() } else { now.to_owned() };
    match seen.verdict {
        Verdict::Holds if seen.exhaustive => verb("held in every order", "holds in every order"),
        Verdict::Holds => verb("held in its run", "holds in its run"),
        Verdict::Broken => {
            let what = seen.property.as_deref().unwrap_or("what it checks");
            let by = match (&seen.thread, &seen.call) {
                (Some(thread), Some(call)) => format!(": {thread} in {call}"),
                (Some(thread), None) => format!(": {thread}"),
                (None, _) => String::new(),
            };
            format!("{} {what}{by}", verb("broke", "breaks"))
        }
        Verdict::Inconclusive => verb("had no answer", "has no answer within the bounds"),
        Verdict::Diverged => {
            verb("had a schedule that could not happen", "has a schedule that cannot happen")
        }
        Verdict::Panicked => verb("made mapisim fail", "makes mapisim fail"),
    }
}
