//! What always holds of the machine (os H.1 to H.15), on random programs; and that each of these tests would notice
//! a machine that is wrong in just that rule.
#[path = "conformance/mistakes.rs"]
mod mistakes;
#[path = "conformance/program.rs"]
mod program;
#[path = "conformance/rig.rs"]
#[expect(dead_code, reason = "the vectors of `conformance` use the rest")]
mod rig;
#[path = "conformance/rules.rs"]
mod rules;

use mapisim_model::os::Windows;
use program::{Execute, Seen, honest, program, run};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// How many programs each rule is held against on each version.
const PROGRAMS: u32 = 100;

/// In how many programs a mistake may hide; the search ends at the first that shows it.
const PROGRAMS_TO_CATCH_MAX: u32 = 4000;

/// A rule holds for every program on those versions, and its planted mistake is seen in one of the first.
fn check(versions: &[Windows], rule: fn(&Seen<'_>) -> Result<(), String>, mistake: Execute) {
    for windows in versions {
        let config = Config { cases: PROGRAMS, failure_persistence: None, ..Config::default() };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let outcome = runner
            .run(&program(), |program| run(&program, *windows, honest, rule).map_err(TestCaseError::fail));
        assert!(outcome.is_ok(), "on {windows}: {}", outcome.unwrap_err());
        let is_caught = (0..PROGRAMS_TO_CATCH_MAX).any(|_| {
            let tree = program().new_tree(&mut runner).expect("programs can be drawn");
            run(&tree.current(), *windows, mistake, rule).is_err()
        });
        assert!(is_caught, "the mistake is not noticed on {windows}");
    }
}

/// One test a rule: its name, where it is told apart, the rule, the mistake.
macro_rules! rules {
    ($($name:ident: $versions:expr, $rule:ident, $mistake:ident;)*) => {
        $(#[test]
        fn $name() {
            check(&$versions, rules::$rule, mistakes::$mistake);
        })*
    };
}

const OLD_AND_NEW: [Windows; 2] = [Windows::W2000, Windows::W10];

rules! {
    h01_the_directory_is_the_processs: OLD_AND_NEW, directory_of_the_process, moves_who_impersonates;
    h02_prefixes_are_parts_of_a_path: OLD_AND_NEW, prefixes_lead, cuts_prefixes;
    h03_names_die_with_the_last_handle: OLD_AND_NEW, names_die_with_handles, keeps_closed_handles;
    h04_create_finds_what_exists: OLD_AND_NEW, create_on_a_name_in_use, hides_what_existed;
    h05_global_sections_need_the_privilege: [Windows::W2000_SP4, Windows::W10],
        global_sections_need_the_privilege, names_the_privilege;
    h06_lists_come_from_the_effective_token: OLD_AND_NEW, lists_come_from_the_effective_token, lets_everyone_in;
    h07_hkcu_is_mapped_once: OLD_AND_NEW, hkcu_is_sticky, forgets_hkcu;
    h08_hives_are_one_for_all_sessions: OLD_AND_NEW, hives_are_not_split, splits_hives;
    h09_deletion_is_for_ever: OLD_AND_NEW, deletion_sticks, finds_nothing_deleted;
    h10_keys_are_enumerated_in_order: OLD_AND_NEW, keys_are_sorted, enumerates_backwards;
    h11_trees_are_deleted_key_by_key: OLD_AND_NEW, trees_are_deleted_key_by_key, deletes_trees;
    h12_threads_impersonate_for_themselves: OLD_AND_NEW, impersonation_is_not_inherited, impersonates_for_all;
    h13_the_end_runs_no_code: OLD_AND_NEW, the_end_abandons, tidies_up_at_the_end;
    h14_the_registry_survives_its_writers: OLD_AND_NEW, the_registry_survives, loses_keys_at_the_end;
    h15_the_version_decides: [Windows::XP, Windows::W10], versions_decide, has_the_null_bug;
}
