//! The processes and their threads: account, session, MAPI, bounds.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Check, script};
use crate::mapi::product::{DllVersion, Product};
use crate::mapi::rules::Algorithm;
use crate::os::account::Account;
use crate::scenario::checked::{Mapi, Process, Thread, Version};
use crate::scenario::file::ProcessFile;
use crate::scenario::locate::{Member, Node};
use crate::scenario::names::{Unknown, report_unknown};
use crate::scenario::problem::Problem;
use crate::scenario::visible::quoted;
use crate::scenario::{PROCESSES_MAX, THREADS_MAX};

/// The processes, in the order of the file.
pub(super) fn processes(check: &mut Check<'_>, terminal_services: bool) -> Vec<Process> {
    let (file, tree) = (check.file, check.tree);
    let members = tree.value("processes").members();
    if members.is_empty() {
        let span = tree.key("processes");
        check
            .problems
            .push(Problem::new("no-process", span, "there is no process").label("expected at least one"));
    }
    if let Some(member) = members.get(PROCESSES_MAX) {
        let message = format!("there are {} processes; there may be {PROCESSES_MAX}", members.len());
        let problem = Problem::new("too-many-processes", member.key_span.clone(), message);
        check.problems.push(problem.label("one too many"));
    }
    let mut threads = Threads::default();
    let mut processes = Vec::new();
    for ((name, process), member) in file.processes.iter().zip(members).take(PROCESSES_MAX) {
        not_empty(check, name, "a process", &member.key_span);
        let node = &member.value;
        let account = account(check, &process.account, node.value("account"));
        if process.session != 0 && !terminal_services {
            let span = node.value("session").span.clone();
            let message = format!("there is no session {} without Terminal Services", process.session);
            check.problems.push(
                Problem::new("no-such-session", span, message)
                    .label("expected 0")
                    .also(tree.key("machine"), "Terminal Services are off here")
                    .help("set `terminal_services` to true, or leave `session` out"),
            );
        }
        let mapi = mapi(check, &process.mapi, node.value("mapi"));
        let made = threads.of_process(check, name, process, member);
        processes.push(Process {
            name: name.to_owned(),
            account,
            session: process.session,
            mapi,
            threads: made,
        });
    }
    processes
}

/// Reports a name that nobody could read in a report.
pub(super) fn not_empty(check: &mut Check<'_>, name: &str, what: &str, span: &Range<usize>) {
    if name.trim().is_empty() {
        let message = format!("the name of {what} is empty");
        let problem = Problem::new("empty-name", span.clone(), message);
        check.problems.push(problem.label("expected a name"));
    }
}

/// The index of an account; 0 where that was reported.
fn account(check: &mut Check<'_>, name: &str, node: &Node) -> usize {
    let file = check.file;
    file.accounts.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        unknown_account(check, name, &node.span);
        0
    })
}

/// Reports a name that no account of the file has.
pub(super) fn unknown_account(check: &mut Check<'_>, name: &str, span: &Range<usize>) {
    let (code, span) = ("unknown-account", span.clone());
    if Account::WELL_KNOWN.contains(&name) {
        let problem =
            Problem::new(code, span, format!("the account {name} is not among this file's accounts"))
                .label("expected one of the file's accounts")
                .help(format!("add `\"{name}\": {{}}` to `accounts`"));
        return check.problems.push(problem);
    }
    let unknown = Unknown { code, span, noun: "account", expected: "an account", name, replaceable: true };
    report_unknown(&mut check.problems, &unknown, check.file.accounts.iter().map(|(known, _)| known));
}

fn mapi(check: &mut Check<'_>, written: &str, node: &Node) -> Mapi {
    let named = Product::from_id(written).map(Version::Product);
    let named = named.or_else(|| Algorithm::from_id(written).map(Version::Algorithm));
    let version = named.unwrap_or_else(|| {
        // What was reported goes on as something.
        dll(check, written, node).unwrap_or(Version::Algorithm(Algorithm::Original))
    });
    Mapi { written: written.to_owned(), version }
}

fn dll(check: &mut Check<'_>, written: &str, node: &Node) -> Option<Version> {
    let span = node.span.clone();
    let version = match written.parse::<DllVersion>() {
        Ok(version) => version,
        Err(error) if written.starts_with(|c: char| c.is_ascii_digit()) => {
            let message = format!("{} is no version of mapi32.dll", quoted(written));
            check.problems.push(
                Problem::new("bad-version", span, message)
                    .label("expected a version")
                    .note(error.to_string()),
            );
            return None;
        }
        Err(_) => {
            let expected = "a product, a mapi32.dll version or an algorithm";
            let unknown = Unknown {
                code: "unknown-mapi",
                span,
                noun: "MAPI",
                expected,
                name: written,
                replaceable: true,
            };
            let names = Product::ALL.map(Product::id).into_iter().chain(Algorithm::ALL.map(Algorithm::id));
            report_unknown(&mut check.problems, &unknown, names);
            return None;
        }
    };
    let product = Product::of_version(version);
    if product.is_none() {
        let since = Product::ALL.into_iter().filter_map(|product| {
            let since = product.since()?;
            Some(format!("{} from {since}", product.id()))
        });
        let message = format!("no product with mapi32.dll {version} is known");
        check.problems.push(
            Problem::new("unknown-version", span, message)
                .label("expected the version of a known product")
                .note(format!("known are {}", since.collect::<Vec<_>>().join(", "))),
        );
    }
    product.map(|product| Version::Dll(version, product))
}

/// The threads so far, by display name.
#[derive(Default)]
struct Threads {
    names: BTreeMap<String, Range<usize>>,
}

impl Threads {
    fn of_process(
        &mut self,
        check: &mut Check<'_>,
        name: &str,
        process: &ProcessFile,
        member: &Member,
    ) -> Vec<Thread> {
        let node = &member.value;
        match (&process.script, &process.threads) {
            (Some(_), Some(_)) => {
                let problem = Problem::new(
                    "script-or-threads",
                    node.key("threads"),
                    "a process has `script` or `threads`",
                )
                .label("this is the second of the two")
                .also(node.key("script"), "the first");
                check.problems.push(problem);
                Vec::new()
            }
            (None, None) => {
                let message = format!("the process {} does nothing", quoted(name));
                let problem = Problem::new("script-or-threads", member.key_span.clone(), message);
                check.problems.push(problem.label("expected `script` or `threads` in here"));
                Vec::new()
            }
            (Some(items), None) => {
                self.add(check, name.to_owned(), &member.key_span);
                vec![Thread {
                    name: name.to_owned(),
                    script: script::unrolled(check, items, node.value("script")),
                }]
            }
            (None, Some(threads)) => {
                let nodes = node.value("threads").members();
                if nodes.is_empty() {
                    let problem = Problem::new("no-thread", node.key("threads"), "there is no thread");
                    check.problems.push(problem.label("expected at least one"));
                }
                let mut made = Vec::new();
                for ((thread, items), member) in threads.iter().zip(nodes) {
                    not_empty(check, thread, "a thread", &member.key_span);
                    let display = format!("{name}/{thread}");
                    if !self.add(check, display.clone(), &member.key_span) {
                        break;
                    }
                    made.push(Thread {
                        name: display,
                        script: script::unrolled(check, items, &member.value),
                    });
                }
                made
            }
        }
    }

    /// Adds a thread; `false` where there are too many.
    fn add(&mut self, check: &mut Check<'_>, display: String, span: &Range<usize>) -> bool {
        if self.names.len() >= THREADS_MAX {
            let message = format!("there are more than {THREADS_MAX} threads");
            check
                .problems
                .push(Problem::new("too-many-threads", span.clone(), message).label("one too many"));
            return false;
        }
        if let Some(first) = self.names.get(&display) {
            let message = format!("two threads are called {}", quoted(&display));
            check.problems.push(
                Problem::new("same-thread-name", span.clone(), message)
                    .label("again here")
                    .also(first.clone(), "first here")
                    .note("a thread is called `process`, or `process/thread` where there are `threads`"),
            );
        }
        self.names.insert(display, span.clone());
        true
    }
}
