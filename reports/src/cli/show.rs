//! `mapisim show`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mapisim_model::check::WHOLE_MAX;
use mapisim_model::mapi::rules::Build;
use mapisim_model::outcome::Verdict;
use mapisim_model::reg_file;
use mapisim_model::scenario::Scenario;
use mapisim_model::scenario::visible::{quoted, visible};
use mapisim_sim::{Schedule, Turn};

use super::against;
use super::args::{ShowArgs, ShowFormat};
use super::exit::Status;
use super::input;
use super::output::Io;
use super::run::{status_of, tell_trouble};
use crate::cells::{Builds, Cell, CellResult, Checked, Finished, Flips, Running, flip, plan, run_one};
use crate::command;
use crate::diagram;
use crate::run_model::Asked;
use crate::run_model::make::{Material, model};
use crate::show::{self, Look, Window};

/// Shows one scenario with one build.
pub(super) fn run(args: &ShowArgs, io: &mut Io<'_>) -> Status {
    let paths: Vec<PathBuf> = std::iter::once(&args.path).chain(&args.others).cloned().collect();
    let input = input::scenarios(&paths, io);
    let input = args.faults.apply(input, io);
    if input.unread > 0 {
        return Status::BadInput;
    }
    let [scenario] = input.scenarios.as_slice() else {
        io.complain(&several(args, &input.scenarios));
        return Status::BadInput;
    };
    let mut scenario = scenario.clone();
    if let Some(text) = &args.schedule
        && let Err(why) = reschedule(&mut scenario, text)
    {
        io.complain(&why);
        return Status::BadInput;
    }
    let mut finished = choose(args, &scenario, io);
    if args.against.is_none() {
        finished.result = try_firmness(finished.cell, finished.result, io);
        crate::mattered::look(&mut finished);
    }
    if io.is_interrupted() {
        return Status::Interrupted;
    }
    tell_trouble(&finished, io);
    let status = status_of(&finished);
    let CellResult::Checked(checked) = &finished.result else { return status };
    if let Some(other) = args.against {
        return status.and(against::tell(args, &scenario, checked, other, io));
    }
    if let Some(words) = &args.export_hive {
        let [account, file] = words.as_slice() else { unreachable!("two values, as declared") };
        return export(checked, args.at, (account, file), io);
    }
    let window = Window { from: args.from, to: args.to, context: args.context };
    if let Err(why) = check(window, args, checked) {
        io.complain(&why);
        return Status::BadInput;
    }
    let report = match args.format {
        ShowFormat::Svg | ShowFormat::Mermaid => return status.and(draw(args, &scenario, finished, io)),
        ShowFormat::Json => return status.and(io.print_plain(&show::json::render(&scenario, checked))),
        ShowFormat::Text => {
            let look = Look {
                columns: io.terminal.columns,
                all_steps: args.all_steps,
                own_schedule: args.schedule.is_some(),
                window,
            };
            show::render(&scenario, checked, look)
        }
    };
    status.and(io.print(&report))
}

/// Draws the run.
fn draw(args: &ShowArgs, scenario: &Scenario, finished: Finished<'_>, io: &mut Io<'_>) -> Status {
    let model = model(&Material {
        seed: 0,
        asked: Asked {
            algorithms: vec![finished.cell.build.id().to_owned()],
            states_max: u64::from(args.max_states),
            shard: None,
            timed: false,
            faults: args.faults.words(),
        },
        unread: 0,
        planned: 1,
        finished: &[Finished { cell: Cell { scenario, ..finished.cell }, ..finished }],
        texts: &std::collections::BTreeMap::new(),
    });
    let drawn = model.cells.first().and_then(|cell| match args.format {
        ShowFormat::Mermaid => diagram::mermaid::render(cell),
        _ => diagram::picture(cell, diagram::svg::ROWS_MAX).map(|picture| diagram::svg::render(&picture)),
    });
    if let Some(drawn) = drawn {
        return io.print_plain(&drawn);
    }
    io.complain("nothing breaks in any order, so there is no one run to draw; name one with --schedule");
    Status::BadInput
}

/// So many are offered, one command each.
const OFFERED_MAX: usize = 5;

/// What is said where several scenarios are asked for.
fn several(args: &ShowArgs, scenarios: &[Scenario]) -> String {
    let many = scenarios.len();
    let first = if args.others.is_empty() {
        format!(
            "{} is a folder of {many} scenarios: `show` takes one file.",
            quoted(&args.path.to_string_lossy())
        )
    } else {
        format!("that is {many} scenarios: `show` takes one file. `mapisim run` takes any number.")
    };
    let mut lines = vec![first, "For example:".to_owned()];
    lines.extend(
        scenarios
            .iter()
            .take(OFFERED_MAX)
            .map(|scenario| format!("  mapisim show {}", command::quoted(&scenario.name))),
    );
    lines.extend((many > OFFERED_MAX).then(|| format!("  (and {} more)", many - OFFERED_MAX)));
    lines.join("\n")
}

/// Whether that part of the run can be told.
fn check(window: Window, args: &ShowArgs, checked: &Checked) -> Result<(), String> {
    if !window.is_part() {
        return Ok(());
    }
    if args.format != ShowFormat::Text {
        return Err(
            "--from, --to and --context are for people: the JSON has every step, a diagram what matters"
                .to_owned(),
        );
    }
    let outcome = &checked.outcome;
    let run = outcome.run.as_ref().ok_or(
        "--from, --to and --context take a part of one run, and here there is none to show: name one with --schedule",
    )?;
    window.parts(run.steps.len(), outcome.finding.as_ref()).map(drop)
}

/// Writes a hive. Whether the run is as expected is not asked.
fn export(checked: &Checked, at: Option<usize>, (account, file): (&str, &str), io: &mut Io<'_>) -> Status {
    let Some(run) = &checked.outcome.run else {
        let why = match checked.outcome.verdict {
            Verdict::Inconclusive => "a bound was reached before an answer, so there is no run to look at",
            _ => "nothing breaks in any order, so there is no one run to look at; name one with --schedule",
        };
        io.complain(&format!("--export-hive: {why}"));
        return Status::BadInput;
    };
    let exported = match show::hive::export(run, checked.outcome.finding.as_ref(), at, account) {
        Ok(exported) => exported,
        Err(why) => {
            io.complain(&why);
            return Status::BadInput;
        }
    };
    if file == "-" {
        return io.print_plain(&exported.text);
    }
    let path = Path::new(file);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy());
    let written = match &name {
        Some(name) => super::files::write(folder, name, &reg_file::to_utf16(&exported.text)),
        None => Err(std::io::Error::other("that is no name of a file")),
    };
    if let Err(error) = written {
        io.complain(&format!("{} could not be written: {error}", quoted(file)));
        return Status::Unwritten;
    }
    let when = match exported.step {
        0 => "before the first step".to_owned(),
        step => format!("after step {step} of {}", run.steps.len()),
    };
    io.print(&format!("The hive of {} {when}: {}\n", visible(&exported.account), visible(file)))
}

/// Runs with more states than this are not flipped unasked.
const STATES_FLIPPED_MAX: usize = 5_000;
/// A flipped run may have so many states.
const FLIPPED_STATES_MAX: usize = 25_000;

/// Tries how firm the verdict is, where that takes no time worth speaking of.
fn try_firmness(cell: Cell<'_>, result: CellResult, io: &Io<'_>) -> CellResult {
    let small = matches!(&result, CellResult::Checked(checked)
        if checked.outcome.states <= STATES_FLIPPED_MAX && !checked.outcome.fused);
    if !small {
        return result;
    }
    let interrupted = io.interrupted;
    let running = Running {
        states_max: FLIPPED_STATES_MAX,
        bytes_max: usize::MAX,
        twice: false,
        whole_max: usize::MAX,
        jobs: None,
        go_on: &|| !interrupted.load(std::sync::atomic::Ordering::SeqCst),
        in_time: &|| true,
        finished: &|| {},
    };
    flip(cell, result, &running, Flips::Single)
}

/// Runs what is asked for: the named build, else what is installed if something is expected of it, else the first that
/// breaks.
fn choose<'a>(args: &ShowArgs, scenario: &'a Scenario, io: &Io<'_>) -> Finished<'a> {
    let interrupted = io.interrupted;
    let running = Running {
        states_max: args.max_states as usize,
        bytes_max: usize::MAX,
        twice: false,
        whole_max: if args.no_reduction { usize::MAX } else { WHOLE_MAX },
        jobs: None,
        go_on: &|| !interrupted.load(std::sync::atomic::Ordering::SeqCst),
        in_time: &|| true,
        finished: &|| {},
    };
    let run = |build: Build| {
        let cell = Cell { scenario, build };
        Finished { cell, result: run_one(cell, &running) }
    };
    let broken = |finished: &Finished<'_>| {
        finished.checked().is_some_and(|checked| matches!(checked.outcome.verdict, Verdict::Broken(_)))
    };
    if let Some(build) = args.algorithm {
        return run(build);
    }
    if scenario.expect.is_empty()
        || scenario.expect.iter().any(|expected| expected.build == Build::AsInstalled)
    {
        return run(Build::AsInstalled);
    }
    let mut first = None;
    for cell in plan(std::slice::from_ref(scenario), &Builds::Expected, None) {
        let finished = run(cell.build);
        if broken(&finished) {
            return finished;
        }
        first.get_or_insert(finished);
    }
    first.unwrap_or_else(|| run(Build::AsInstalled))
}

/// Puts another schedule in the place of the file's. What the file expects is not about it.
fn reschedule(scenario: &mut Scenario, text: &str) -> Result<(), String> {
    let schedule = Schedule::parse(text).map_err(|bad| format!("--schedule {}: {bad}", quoted(text)))?;
    let threads: BTreeSet<&str> = scenario.threads().map(|(_, thread)| thread.name.as_str()).collect();
    let processes: BTreeSet<&str> = scenario.processes.iter().map(|process| process.name.as_str()).collect();
    let accounts = scenario.accounts.iter().map(|account| account.account.name.as_str());
    let owners: BTreeSet<&str> = accounts.chain([".DEFAULT"]).collect();
    for turn in &schedule.turns {
        let (kind, name, known) = match turn {
            Turn::Run { actor, .. } | Turn::End { actor } => ("thread", actor, &threads),
            Turn::Crash { process } => ("process", process, &processes),
            Turn::Fail { kept } => match kept.iter().find(|owner| !owners.contains(owner.as_str())) {
                Some(owner) => ("account", owner, &owners),
                None => continue,
            },
        };
        if !known.contains(name.as_str()) {
            let known: Vec<String> = known.iter().map(|name| quoted(name)).collect();
            return Err(format!(
                "--schedule: there is no {kind} {}; there is {}",
                quoted(name),
                known.join(", ")
            ));
        }
    }
    scenario.schedule = Some(schedule);
    scenario.expect.clear();
    scenario.must_reach.clear();
    Ok(())
}
