//! `mapisim show --against`: the same order with another build.

use mapisim_model::carry::carry_over;
use mapisim_model::check::{Bounds, check};
use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::{Outcome, Verdict};
use mapisim_model::scenario::Scenario;
use mapisim_sim::Schedule;

use super::args::{ShowArgs, ShowFormat};
use super::exit::Status;
use super::output::Io;
use crate::cells::Checked;
use crate::command;
use crate::show::against::{Beside, Elsewhere, json, text};
use crate::show::{Look, Window};

/// Other orders are looked for in so many states at most: a moment's work.
const STATES_MAX: usize = 100_000;
/// Where there are more than this, fewer of them that prove the same are tried.
const WHOLE_MAX: usize = 20_000;

/// Tells the run and the same order with another build.
pub(super) fn tell(
    args: &ShowArgs,
    scenario: &Scenario,
    checked: &Checked,
    other: Build,
    io: &mut Io<'_>,
) -> Status {
    if !matches!(args.format, ShowFormat::Text | ShowFormat::Json) {
        io.complain(
            "--against tells two runs, as text or JSON; a diagram is of one: --algorithm names its build",
        );
        return Status::BadInput;
    }
    let outcome = &checked.outcome;
    let Some(run) = &outcome.run else {
        io.complain(&no_run(scenario, outcome, other));
        return Status::BadInput;
    };
    let carried = carry_over(scenario, run, other);
    let beside = Beside::new(outcome, &carried).expect("both have runs");
    let elsewhere = (carried.outcome.verdict == Verdict::Holds)
        .then(|| in_other_orders(args, scenario, other, io))
        .flatten();
    if io.is_interrupted() {
        return Status::Interrupted;
    }
    if args.format == ShowFormat::Json {
        return io.print_plain(&json::render(scenario, &beside, elsewhere.as_ref()));
    }
    let look = Look {
        columns: io.terminal.columns,
        all_steps: false,
        own_schedule: args.schedule.is_some(),
        window: Window::default(),
    };
    io.print(&text::render(scenario, &beside, elsewhere.as_ref(), look))
}

/// What is said where there is no run to carry over.
fn no_run(scenario: &Scenario, outcome: &Outcome, other: Build) -> String {
    if outcome.verdict == Verdict::Inconclusive {
        return "--against: a bound was reached before an answer, so there is no run to take the order from"
            .to_owned();
    }
    let turned = command::show_of(scenario, other, None);
    format!(
        "--against: nothing breaks in any order with {}, so there is no one run to take the order from. Name one with \
         --schedule, or begin with the other build:\n  {turned} --against {}",
        outcome.build.id(),
        outcome.build.id()
    )
}

/// What the other build does in other orders; none where that cannot be told.
fn in_other_orders(args: &ShowArgs, scenario: &Scenario, other: Build, io: &Io<'_>) -> Option<Elsewhere> {
    let every = Scenario { schedule: None, ..scenario.clone() };
    let interrupted = io.interrupted;
    let go_on = |_| !interrupted.load(std::sync::atomic::Ordering::SeqCst);
    let bounds = Bounds {
        states_max: (args.max_states as usize).min(STATES_MAX),
        whole_max: if args.no_reduction { usize::MAX } else { WHOLE_MAX },
        go_on: &go_on,
        ..Bounds::default()
    };
    let outcome = check(&every, other, &bounds).ok()?;
    Some(match outcome.verdict {
        Verdict::Holds => Elsewhere::Holds { states: outcome.states, reduced: outcome.fused },
        Verdict::Inconclusive => Elsewhere::Unsettled { states: outcome.states },
        Verdict::Broken(property) => {
            let command = if scenario.schedule.is_none() {
                command::show_of(scenario, other, None)
            } else {
                let exact = Schedule::parse(&outcome.run.as_ref()?.schedule).ok()?;
                let steps = outcome.told.map_or(outcome.steps, |told| told.steps);
                command::show(&scenario.name, other, Some(&exact.first(steps).to_string()))
            };
            Elsewhere::Breaks { property, command }
        }
    })
}
