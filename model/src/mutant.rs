//! Mutants: every build with one of its rules left out, or one of its fields at another value.
//!
//! A mutant that the scenarios do not notice is a missing scenario, or behaves like its build in every world that can be
//! described; then [`Mutant::equivalent`] says why.
//!
//! Invariants
//! - No mutant has the rules of its own build.
//! - A mutant is noticed by a changed verdict or a missed probe, never by a schedule that does not fit it any more.

use crate::check::{Bounds, verdict};
use crate::mapi::rule::{Of, Rule};
use crate::mapi::rules::{
    Algorithm, Build, Evidence, LeaseLock, LeaseProof, LeaseRoot, LeaseRules, LeaseWritten, Marks, Rules,
    SectionName,
};
use crate::outcome::Verdict;
use crate::probe::Probe;
use crate::scenario::{Expect, Scenario};
use crate::world::World;

/// What a mutant does otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It lacks a rule.
    Without(Rule),
    /// Its marks are elsewhere.
    Marks(Marks),
    /// Its shared objects have other names.
    Section(SectionName),
    /// The repair takes no lock.
    Lock(LeaseLock),
    /// The repair writes leases at another moment.
    Written(LeaseWritten),
    /// The repair judges leases otherwise.
    Proof(LeaseProof),
    /// The repair goes by the name HKEY_CURRENT_USER.
    Root(LeaseRoot),
}

/// A build with one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mutant {
    /// The build.
    pub algorithm: Algorithm,
    /// What is otherwise.
    pub change: Change,
}

/// How a mutant was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// Another verdict than the expected one.
    Verdict(Verdict),
    /// The same verdict, without coming past these.
    Missed(Vec<Probe>),
}

impl Mutant {
    /// All mutants: builds oldest first, then rules in their order, then fields.
    pub fn all() -> Vec<Mutant> {
        let of = |algorithm: Algorithm| {
            let changes = changes(algorithm.rules());
            changes.into_iter().map(move |change| Mutant { algorithm, change })
        };
        Algorithm::ALL.into_iter().flat_map(of).collect()
    }

    /// What it does where versions differ.
    pub fn rules(self) -> Rules {
        let rules = self.algorithm.rules();
        let parts = |change: &dyn Fn(&mut LeaseRules)| match rules.evidence {
            Evidence::Leases(mut parts) => {
                change(&mut parts);
                Rules { evidence: Evidence::Leases(parts), ..rules }
            }
            Evidence::Counts => unreachable!("only the repair has these parts"),
        };
        match self.change {
            Change::Without(rule) => Rules { without: Some(rule), ..rules },
            Change::Marks(marks) => Rules { marks, ..rules },
            Change::Section(section) => Rules { section, ..rules },
            Change::Lock(lock) => parts(&|parts| parts.lock = lock),
            Change::Written(written) => parts(&|parts| parts.written = written),
            Change::Proof(proof) => parts(&|parts| parts.proof = proof),
            Change::Root(root) => parts(&|parts| parts.root = root),
        }
    }

    /// Its name among its build's mutants: `sweep-looks`, `marks=per-account`.
    pub fn id(self) -> &'static str {
        match self.change {
            Change::Without(rule) => rule.id(),
            Change::Marks(Marks::Shared) => "marks=shared",
            Change::Marks(Marks::PerAccount) => "marks=per-account",
            Change::Section(SectionName::Session) => "section=session",
            Change::Section(SectionName::Global) => "section=global",
            Change::Section(SectionName::GlobalElseSession) => "section=global-else-session",
            Change::Lock(LeaseLock::Operation) => "lock=operation",
            Change::Lock(LeaseLock::Unlocked) => "lock=none",
            Change::Written(LeaseWritten::UnderLock) => "written=under-lock",
            Change::Written(LeaseWritten::AfterUnlock) => "written=after-unlock",
            Change::Proof(LeaseProof::Mutex) => "proof=mutex",
            Change::Proof(LeaseProof::MutexOpened) => "proof=mutex-opened",
            Change::Proof(LeaseProof::KeyAlone) => "proof=key-alone",
            Change::Root(LeaseRoot::Opened) => "root=opened",
            Change::Root(LeaseRoot::Named) => "root=named",
        }
    }

    /// What it does instead.
    pub fn does(self) -> &'static str {
        match self.change {
            Change::Without(rule) => rule.without(),
            Change::Marks(Marks::Shared) => "all accounts' marks are under one key",
            Change::Marks(Marks::PerAccount) => "each account's marks are under a key of its own",
            Change::Section(SectionName::Session) => "shared names are each session's own",
            Change::Section(SectionName::Global) => "shared names are the machine's",
            Change::Section(SectionName::GlobalElseSession) => {
                "shared names are the machine's, or the session's where that is refused"
            }
            Change::Lock(_) => "no lock is taken",
            Change::Written(_) => "a lease is written after the lock was given back",
            Change::Proof(LeaseProof::MutexOpened) => "a mutex that may not be opened counts as none",
            Change::Proof(_) => "a lease's key counts, whoever wrote it may be dead",
            Change::Root(_) => "each step begins at HKEY_CURRENT_USER anew",
        }
    }

    /// The build that it is, where a change of one field makes another build of it.
    pub fn is_build(self) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.rules() == self.rules())
    }

    /// Why no scenario can notice it; `None` where one can.
    pub fn equivalent(self) -> Option<&'static str> {
        if !matches!(self.rules().evidence, Evidence::Leases(_)) {
            return None;
        }
        match self.change {
            Change::Without(Rule::LeaseIsVolatile) => Some(
                "no machine here is started anew; otherwise the key is rubbish that the next look removes",
            ),
            Change::Without(Rule::TopSectionFirst) => {
                Some("the Exchange section is the first by name, and a logon opens that too")
            }
            Change::Without(Rule::TopSectionLast) => {
                Some("the section that would still be missing is one that no modelled session reads")
            }
            Change::Without(Rule::DeleteUnmarks | Rule::ReleaseUnmarks) => Some(
                "a creation marks and unmarks by itself, and the next sweep removes a mark without a profile",
            ),
            Change::Without(Rule::LeasesGoWithProfile) => Some("the empty key says that nobody is there"),
            Change::Without(Rule::LogoffForgetsLease) => {
                Some("its mutex is gone, so whoever looks next takes it for what it is, and removes it")
            }
            _ => None,
        }
    }

    /// Whether a cell can notice it: its build takes part, and something is expected.
    pub fn concerns(self, scenario: &Scenario, build: Build) -> bool {
        let takes_part = match build {
            Build::All(algorithm) => algorithm == self.algorithm,
            Build::AsInstalled => {
                scenario.processes.iter().any(|process| process.mapi.algorithm() == self.algorithm)
            }
        };
        takes_part && scenario.expected(build).is_some()
    }

    /// How a scenario with a build notices it; `None`: not at all, within these bounds.
    pub fn noticed(self, scenario: &Scenario, build: Build, bounds: &Bounds<'_>) -> Option<Noticed> {
        let expected = scenario.expected(build)?;
        let world = World::with_mutant(scenario, build, self.algorithm, self.rules());
        // A schedule that does not fit it says nothing of it.
        let (got, missed) = verdict(scenario, build, &world, bounds).ok()?;
        let as_expected = match (expected, got) {
            (_, Verdict::Inconclusive) => return None,
            (Expect::Holds, Verdict::Holds) => true,
            (Expect::Breaks(expected), Verdict::Broken(property)) => expected == property,
            _ => false,
        };
        match (as_expected, missed.is_empty()) {
            (false, _) => Some(Noticed::Verdict(got)),
            (true, false) => Some(Noticed::Missed(missed)),
            (true, true) => None,
        }
    }
}

fn changes(rules: Rules) -> Vec<Change> {
    let leases = matches!(rules.evidence, Evidence::Leases(_));
    let has = |rule: &Rule| match rule.of() {
        Of::Both => true,
        Of::Counts => !leases,
        Of::Leases => leases,
    };
    let mut changes: Vec<Change> = Rule::ALL.iter().copied().filter(has).map(Change::Without).collect();
    // The repair has one mark key, and its names fall back where there is no prefix.
    if !leases {
        changes.extend([Marks::Shared, Marks::PerAccount].map(Change::Marks));
    }
    let mut names = vec![SectionName::Session, SectionName::Global, SectionName::GlobalElseSession];
    names.retain(|_| !leases);
    changes.extend(names.into_iter().map(Change::Section));
    if leases {
        changes.extend([
            Change::Section(SectionName::Session),
            Change::Lock(LeaseLock::Unlocked),
            Change::Written(LeaseWritten::AfterUnlock),
            Change::Proof(LeaseProof::MutexOpened),
            Change::Proof(LeaseProof::KeyAlone),
            Change::Root(LeaseRoot::Named),
        ]);
    }
    changes.retain(|change| {
        !matches!(change, Change::Marks(marks) if *marks == rules.marks)
            && !matches!(change, Change::Section(section) if *section == rules.section)
    });
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_mutant_differs_from_its_build_and_has_a_name_of_its_own() {
        let all = Mutant::all();
        let names: BTreeSet<_> = all.iter().map(|mutant| (mutant.algorithm, mutant.id())).collect();
        assert_eq!(names.len(), all.len());
        for mutant in all {
            assert_ne!(mutant.rules(), mutant.algorithm.rules(), "{mutant:?}");
        }
    }

    #[test]
    fn the_fixes_are_the_mutants_that_are_builds_themselves() {
        let builds = Mutant::all().into_iter().filter(|mutant| mutant.is_build().is_some());
        assert!(builds.clone().all(|mutant| matches!(mutant.change, Change::Marks(_) | Change::Section(_))));
        assert_eq!(builds.count(), 12);
    }
}
