//! Every change that makes a file smaller or plainer, one at a time, the greatest first.
//!
//! Always holds
//! - Each change takes something away, or puts something plainer in its place: a chain of changes ends.
//! - A change may give a file that the reader refuses (an account that is still named, a session that was never made):
//!   then it is no candidate.

use crate::mapi::rules::Algorithm;
use crate::scenario::ScenarioFile;
use crate::scenario::call::Call;
use crate::scenario::file::{FaultsFile, HiveFile, HiveState, ProcessFile, ScheduleFile};
use crate::scenario::item::{Item, Repeat};
use crate::scenario::ordered::Ordered;
use mapisim_sim::{Schedule, Turn};

/// Versions of Windows, the plainest first: those of the stories.
const WINDOWS: [&str; 5] = ["2000", "nt4", "nt4-tse", "2000-sp4", "xp"];

/// Every file that is one change away.
pub(super) fn all(file: &ScenarioFile) -> Vec<ScenarioFile> {
    let mut found = Vec::new();
    unscheduled(file, &mut found);
    processes(file, &mut found);
    merged(file, &mut found);
    threads(file, &mut found);
    scripts(file, &mut found);
    faults(file, &mut found);
    settings(file, &mut found);
    hives(file, &mut found);
    accounts(file, &mut found);
    machine(file, &mut found);
    schedule(file, &mut found);
    found
}

/// Without its schedule, every order counts, and no turn has to be kept in step with calls.
fn unscheduled(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    if file.schedule.is_some() {
        found.push(ScenarioFile { schedule: None, ..file.clone() });
    }
}

/// A list without each of its elements.
fn without_each<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> + '_ {
    (0..list.len()).map(|index| {
        let mut fewer = list.to_vec();
        fewer.remove(index);
        fewer
    })
}

fn processes(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    if file.processes.0.len() < 2 {
        return;
    }
    for (index, fewer) in without_each(&file.processes.0).enumerate() {
        let (name, process) = &file.processes.0[index];
        let changed = ScenarioFile { processes: Ordered(fewer), ..file.clone() };
        found.push(forget(changed, name, &threads_of(name, process)));
    }
}

/// What schedules call a process's threads.
fn threads_of(name: &str, process: &ProcessFile) -> Vec<String> {
    process.threads.as_ref().map_or_else(
        || vec![name.to_owned()],
        |threads| threads.iter().map(|(thread, _)| format!("{name}/{thread}")).collect(),
    )
}

/// The same file where nothing speaks of a process any more, nor of these threads.
fn forget(mut file: ScenarioFile, process: &str, threads: &[String]) -> ScenarioFile {
    if let Some(crash) = &mut file.faults.crash {
        crash.retain(|name| name != process);
    }
    retain_turns(&mut file, |turn| match turn {
        Turn::Run { actor, .. } | Turn::End { actor } => !threads.contains(actor),
        Turn::Crash { process: killed } => killed != process,
        Turn::Fail { .. } => true,
    });
    file
}

fn turns(file: &ScenarioFile) -> Option<Vec<Turn>> {
    match &file.schedule {
        Some(ScheduleFile::Text(text)) => Schedule::parse(text).ok().map(|schedule| schedule.turns),
        Some(ScheduleFile::Turns(_)) | None => None,
    }
}

fn retain_turns(file: &mut ScenarioFile, keep: impl Fn(&Turn) -> bool) {
    if let Some(mut turns) = turns(file) {
        turns.retain(keep);
        file.schedule = Some(ScheduleFile::Text(Schedule { turns }.to_string()));
    }
}

/// Two processes of one account become one: what the second does, the first does afterwards, or before.
fn merged(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    let all = &file.processes.0;
    for (into, (_, first)) in all.iter().enumerate() {
        for (from, (name, second)) in all.iter().enumerate() {
            let (Some(one), Some(other)) = (&first.script, &second.script) else { continue };
            if into == from || first.account != second.account {
                continue;
            }
            let mut fewer = file.clone();
            fewer.processes.0[into].1.script = Some(one.iter().chain(other).cloned().collect());
            fewer.processes.0.remove(from);
            found.push(forget(fewer, name, std::slice::from_ref(name)));
        }
    }
}

fn threads(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    for (index, (name, process)) in file.processes.0.iter().enumerate() {
        let Some(threads) = &process.threads else { continue };
        if threads.0.len() < 2 {
            let mut single = file.clone();
            let script = threads.0.first().map(|(_, script)| script.clone());
            (single.processes.0[index].1.script, single.processes.0[index].1.threads) = (script, None);
            // The one thread goes by its process's name then.
            if let (Some(mut turns), Some((thread, _))) = (turns(file), threads.0.first()) {
                let before = format!("{name}/{thread}");
                for turn in &mut turns {
                    if let Turn::Run { actor, .. } | Turn::End { actor } = turn
                        && *actor == before
                    {
                        actor.clone_from(name);
                    }
                }
                single.schedule = Some(ScheduleFile::Text(Schedule { turns }.to_string()));
            }
            found.push(single);
            continue;
        }
        for (thread, fewer) in without_each(&threads.0).enumerate() {
            let mut changed = file.clone();
            changed.processes.0[index].1.threads = Some(Ordered(fewer));
            let gone = format!("{name}/{}", threads.0[thread].0);
            retain_turns(
                &mut changed,
                |turn| !matches!(turn, Turn::Run { actor, .. } | Turn::End { actor } if *actor == gone),
            );
            found.push(changed);
        }
    }
}

fn scripts(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    for (index, (_, process)) in file.processes.0.iter().enumerate() {
        if let Some(script) = &process.script {
            found.extend(smaller(script).into_iter().map(|script| {
                let mut changed = file.clone();
                changed.processes.0[index].1.script = Some(script);
                changed
            }));
        }
        let threads = process.threads.iter().flat_map(|threads| threads.0.iter().enumerate());
        for (thread, (_, script)) in threads {
            found.extend(smaller(script).into_iter().filter_map(|script| {
                let mut changed = file.clone();
                changed.processes.0[index].1.threads.as_mut()?.0[thread].1 = script;
                Some(changed)
            }));
        }
    }
}

/// Every smaller script: without a half, a quarter and so on down to one entry; then with one entry made smaller; then
/// without a session or token and all that is done with it.
fn smaller(script: &[Item]) -> Vec<Vec<Item>> {
    let mut found = Vec::new();
    let mut chunk = script.len().div_ceil(2);
    while chunk > 0 {
        for start in (0..script.len()).step_by(chunk) {
            let rest = script.iter().enumerate().filter(|(at, _)| !(start..start + chunk).contains(at));
            found.push(rest.map(|(_, item)| item.clone()).collect());
        }
        chunk /= 2;
    }
    for (index, item) in script.iter().enumerate() {
        let replaced = |items: Vec<Item>| [&script[..index], &items, &script[index + 1..]].concat();
        match item {
            Item::Repeat(Repeat { times, r#do }) => {
                if *times > 1 {
                    found.push(replaced(vec![Item::Repeat(Repeat { times: times - 1, r#do: r#do.clone() })]));
                }
                found.push(replaced(r#do.clone()));
                let bodies = smaller(r#do).into_iter().filter(|body| !body.is_empty());
                found.extend(
                    bodies.map(|body| replaced(vec![Item::Repeat(Repeat { times: *times, r#do: body })])),
                );
            }
            Item::Call { call, must } => {
                if must.is_some() {
                    found.push(replaced(vec![call.clone().into()]));
                }
                if let Some(name) = made(call) {
                    found.push(script.iter().filter(|item| !is_about(item, name)).cloned().collect());
                }
            }
        }
    }
    found
}

/// The session or token that a call makes.
fn made(call: &Call) -> Option<(&'static str, &str)> {
    match call {
        Call::MAPILogonEx { session, .. } => Some(("session", session)),
        Call::LogonUser { token, .. } => Some(("token", token)),
        _ => None,
    }
}

fn is_about(item: &Item, name: (&'static str, &str)) -> bool {
    matches!(item, Item::Call { call, .. } if call.arguments().contains(&name))
}

fn faults(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    let mut with = |faults: FaultsFile| found.push(ScenarioFile { faults, ..file.clone() });
    if file.faults != FaultsFile::default() {
        with(FaultsFile::default());
    }
    if file.faults.crashes > 1 {
        with(FaultsFile { crashes: file.faults.crashes - 1, ..file.faults.clone() });
    }
    let kinds = [file.faults.crashes, file.faults.thread_deaths, file.faults.machine_crashes];
    if file.faults.crashes > 0 && kinds.iter().filter(|faults| **faults > 0).count() > 1 {
        with(FaultsFile { crashes: 0, ..file.faults.clone() });
    }
    if file.faults.machine_crashes > 0 {
        with(FaultsFile { machine_crashes: 0, ..file.faults.clone() });
    }
    if file.faults.thread_deaths > 0 {
        with(FaultsFile { thread_deaths: file.faults.thread_deaths - 1, ..file.faults.clone() });
    }
    if file.faults.crash.is_some() {
        with(FaultsFile { crash: None, ..file.faults.clone() });
    }
}

fn settings(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    for fewer in without_each(&file.assumptions.0) {
        found.push(ScenarioFile { assumptions: Ordered(fewer), ..file.clone() });
    }
    if let Some(checks) = &file.checks {
        found.push(ScenarioFile { checks: None, ..file.clone() });
        found.extend(without_each(checks).map(|fewer| ScenarioFile { checks: Some(fewer), ..file.clone() }));
    }
}

fn hives(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    for fewer in without_each(&file.hives.0) {
        found.push(ScenarioFile { hives: Ordered(fewer), ..file.clone() });
    }
    for (index, (_, hive)) in file.hives.0.iter().enumerate() {
        let mut with = |hive: HiveFile| {
            let mut changed = file.clone();
            changed.hives.0[index].1 = hive;
            found.push(changed);
        };
        without_each(&hive.profiles).for_each(|profiles| with(HiveFile { profiles, ..hive.clone() }));
        without_each(&hive.deleted_profiles)
            .for_each(|deleted_profiles| with(HiveFile { deleted_profiles, ..hive.clone() }));
    }
}

fn accounts(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    for (index, fewer) in without_each(&file.accounts.0).enumerate() {
        let name = &file.accounts.0[index].0;
        let mut changed = ScenarioFile { accounts: Ordered(fewer), ..file.clone() };
        changed.hives.0.retain(|(owner, _)| owner != name);
        found.push(changed);
    }
    for (index, (_, account)) in file.accounts.0.iter().enumerate() {
        let mut with = |account| {
            let mut changed = file.clone();
            changed.accounts.0[index].1 = account;
            found.push(changed);
        };
        without_each(&account.groups).for_each(|groups| {
            with(crate::scenario::file::AccountFile { groups, ..account.clone() });
        });
        without_each(&account.privileges).for_each(|privileges| {
            with(crate::scenario::file::AccountFile { privileges, ..account.clone() });
        });
        if account.hive != HiveState::Loaded {
            with(crate::scenario::file::AccountFile { hive: HiveState::Loaded, ..account.clone() });
        }
    }
}

fn machine(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    let mut with = |change: &dyn Fn(&mut ScenarioFile)| {
        let mut changed = file.clone();
        change(&mut changed);
        found.push(changed);
    };
    if file.machine.terminal_services.is_some() {
        with(&|changed| changed.machine.terminal_services = None);
    }
    let now = WINDOWS.iter().position(|name| *name == file.machine.windows).unwrap_or(WINDOWS.len());
    for plainer in &WINDOWS[..now] {
        with(&|changed| (*plainer).clone_into(&mut changed.machine.windows));
    }
    for (index, (_, process)) in file.processes.0.iter().enumerate() {
        for session in 0..process.session {
            with(&|changed| changed.processes.0[index].1.session = session);
        }
        let plain = Algorithm::ALL.map(Algorithm::id);
        let now = plain.iter().position(|id| *id == process.mapi).unwrap_or(plain.len());
        for plainer in &plain[..now] {
            with(&|changed| (*plainer).clone_into(&mut changed.processes.0[index].1.mapi));
        }
    }
}

fn schedule(file: &ScenarioFile, found: &mut Vec<ScenarioFile>) {
    let Some(turns) = turns(file) else { return };
    for turns in without_each(&turns) {
        let schedule = Some(ScheduleFile::Text(Schedule { turns }.to_string()));
        found.push(ScenarioFile { schedule, ..file.clone() });
    }
}
