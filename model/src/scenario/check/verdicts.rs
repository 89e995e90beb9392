//! What is looked at, assumed, allowed to go wrong, and expected.

use std::ops::Range;

use mapisim_sim::{Schedule, Turn};

use super::Check;
use crate::mapi::assumptions::{Assumptions, BadAssumption, TABLE};
use crate::mapi::rules::Build;
use crate::probe::Probe;
use crate::property::Property;
use crate::scenario::checked::{Expect, Expectation};
use crate::scenario::locate::Node;
use crate::scenario::names::{Unknown, report_unknown};
use crate::scenario::problem::Problem;
use crate::scenario::visible::quoted;

/// How many processes may be killed, and which.
pub(super) fn faults(check: &mut Check<'_>) -> (u32, Vec<usize>) {
    let (file, tree) = (check.file, check.tree);
    let faults = &file.faults;
    let Some(names) = &faults.crash else {
        return (faults.crashes, (0..file.processes.iter().len()).collect());
    };
    let mut may_crash = Vec::new();
    for (name, node) in names.iter().zip(tree.value("faults").value("crash").elements()) {
        match file.processes.iter().position(|(known, _)| known == name) {
            Some(index) if may_crash.contains(&index) => listed_twice(check, name, &node.span),
            Some(index) => may_crash.push(index),
            None => {
                let span = node.span.clone();
                let unknown = Unknown {
                    code: "unknown-process",
                    span,
                    noun: "process",
                    expected: "a process",
                    name,
                    replaceable: true,
                };
                report_unknown(&mut check.problems, &unknown, file.processes.iter().map(|(known, _)| known));
            }
        }
    }
    may_crash.sort_unstable();
    (faults.crashes, may_crash)
}

/// Hives at most where the machine may crash: each of them is lost or kept by itself.
pub(crate) const CRASHING_HIVES_MAX: usize = 8;

/// How often the machine may crash.
pub(super) fn machine_crashes(check: &mut Check<'_>, schedule: Option<&Schedule>) {
    let (file, tree) = (check.file, check.tree);
    let member = tree.value("faults").value("machine_crashes");
    if file.faults.machine_crashes > 1 {
        let problem = Problem::new("too-many", member.span.clone(), "a machine crashes once at most");
        check.problems.push(problem.label("expected 0 or 1").note("nobody lives after it"));
    }
    let mut turns = schedule.iter().flat_map(|schedule| &schedule.turns);
    let in_schedule = turns.any(|turn| matches!(turn, Turn::Fail { .. }));
    let hives = file.accounts.iter().len() + 1;
    if (file.faults.machine_crashes > 0 || in_schedule) && hives > CRASHING_HIVES_MAX {
        let span = if in_schedule { tree.value("schedule").head() } else { member.span.clone() };
        let message = format!("the machine has {hives} hives, and may crash");
        let problem = Problem::new("too-many", span, message);
        check.problems.push(
            problem
                .label(format!("expected at most {CRASHING_HIVES_MAX} hives, one of them .DEFAULT"))
                .note("each hive is lost or kept by itself, and all of these ways are tried"),
        );
    }
}

fn listed_twice(check: &mut Check<'_>, name: &str, span: &Range<usize>) {
    let message = format!("{} is listed twice", quoted(name));
    check.problems.push(Problem::new("listed-twice", span.clone(), message).label("again here"));
}

/// The settings other than the defaults.
pub(super) fn assumptions(check: &mut Check<'_>) -> Assumptions {
    let (file, tree) = (check.file, check.tree);
    let mut settled = Assumptions::default();
    for ((name, value), member) in file.assumptions.iter().zip(tree.value("assumptions").members()) {
        match settled.set(name, value) {
            Ok(()) => {}
            Err(BadAssumption::Name) => {
                let unknown = Unknown {
                    code: "unknown-assumption",
                    span: member.key_span.clone(),
                    noun: "assumption",
                    expected: "an assumption",
                    name,
                    replaceable: true,
                };
                report_unknown(&mut check.problems, &unknown, TABLE.iter().map(|assumption| assumption.name));
            }
            Err(BadAssumption::Alternative { alternatives }) => {
                let unknown = Unknown {
                    code: "unknown-alternative",
                    span: member.value.span.clone(),
                    noun: "alternative",
                    expected: "an alternative of that assumption",
                    name: value,
                    replaceable: true,
                };
                report_unknown(&mut check.problems, &unknown, alternatives.iter().copied());
            }
        }
    }
    settled
}

/// The properties to look at, in their order.
pub(super) fn checks(check: &mut Check<'_>) -> Vec<Property> {
    let (file, tree) = (check.file, check.tree);
    let Some(names) = &file.checks else { return Property::DEFAULT.to_vec() };
    let node = tree.value("checks");
    if names.is_empty() {
        let problem = Problem::new("no-checks", node.head(), "nothing is looked at, so nothing can break");
        check
            .problems
            .push(problem.label("expected at least one property").help("leave `checks` out for the default"));
    }
    let mut checks = Vec::new();
    for (name, element) in names.iter().zip(node.elements()) {
        match property(check, name, element, &[]) {
            Some(property) if checks.contains(&property) => listed_twice(check, name, &element.span),
            Some(property) => checks.push(property),
            None => {}
        }
    }
    checks.sort_unstable();
    checks
}

/// The property of that name; `also` are other names that would have been right. `None` where that was reported.
fn property(check: &mut Check<'_>, name: &str, node: &Node, also: &[&str]) -> Option<Property> {
    let Some(property) = Property::from_id(name) else {
        let expected = if also.is_empty() { "a property" } else { "a property, or `holds`" };
        let span = node.span.clone();
        let unknown =
            Unknown { code: "unknown-property", span, noun: "property", expected, name, replaceable: true };
        let names = also.iter().copied().chain(Property::CHECKABLE.map(Property::id));
        report_unknown(&mut check.problems, &unknown, names);
        return None;
    };
    Some(property)
}

/// What a run or search has to come past, in its order.
pub(super) fn must_reach(check: &mut Check<'_>) -> Vec<Probe> {
    let (file, tree) = (check.file, check.tree);
    let mut probes = Vec::new();
    for (name, node) in file.must_reach.iter().zip(tree.value("must_reach").elements()) {
        match Probe::from_id(name) {
            Some(probe) if probes.contains(&probe) => listed_twice(check, name, &node.span),
            Some(probe) => probes.push(probe),
            None => {
                let span = node.span.clone();
                let unknown = Unknown {
                    code: "unknown-probe",
                    span,
                    noun: "probe",
                    expected: "a probe",
                    name,
                    replaceable: true,
                };
                report_unknown(&mut check.problems, &unknown, Probe::ALL.map(Probe::id));
            }
        }
    }
    probes.sort_unstable();
    probes
}

/// What is expected of which build.
pub(super) fn expect(check: &mut Check<'_>, checks: &[Property]) -> Vec<Expectation> {
    let (file, tree) = (check.file, check.tree);
    let mut expected = Vec::new();
    for ((name, value), member) in file.expect.iter().zip(tree.value("expect").members()) {
        let build = Build::from_id(name);
        if build.is_none() {
            let span = member.key_span.clone();
            let unknown = Unknown {
                code: "unknown-algorithm",
                span,
                noun: "algorithm",
                expected: "an algorithm, or `as-installed`",
                name,
                replaceable: true,
            };
            report_unknown(&mut check.problems, &unknown, Build::all().map(Build::id).collect::<Vec<_>>());
        }
        let Some(expect) = expectation(check, value, &member.value, checks) else { continue };
        if let Some(build) = build {
            expected.push(Expectation { build, expect, place: check.lines.place(&member.key_span) });
        }
    }
    expected
}

fn expectation(check: &mut Check<'_>, value: &str, node: &Node, checks: &[Property]) -> Option<Expect> {
    if value == Expect::Holds.id() {
        return Some(Expect::Holds);
    }
    let property = property(check, value, node, &[Expect::Holds.id()])?;
    if !checks.contains(&property) {
        let names: Vec<&str> = checks.iter().map(|property| property.id()).collect();
        check.problems.push(
            Problem::new(
                "expects-unchecked",
                node.span.clone(),
                format!("`{value}` cannot break: it is not looked at"),
            )
            .label("not among the properties that are looked at")
            .note(format!("looked at are {}", names.join(", ")))
            .help("add it to `checks`"),
        );
        return None;
    }
    Some(Expect::Breaks(property))
}
