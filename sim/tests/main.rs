//! The engine's tests. Contents
//!
//! - [`small`]: machines that can be checked by hand: lost updates, deadlocks, abandoned locks, ended processes.
//! - [`peers`]: the published counts of a model that five other tools agree on.
//! - [`twophase`]: the counts of two-phase commit, on which two other explorers agree.
//! - [`frames`]: what frames and loops forget, and that nothing else changes.
//! - [`schedules`]: schedules as values and as text, replaying them, and how they diverge.
//! - [`exhaustive`]: every interleaving against a naive explorer; limits, crash budgets, probes.
//! - [`failures`]: the machine fails, with all that lives on it and with what was not saved.
//! - [`jobs`]: how much is kept and how many work on it change nothing that is found.
//! - [`checkpoints`]: a search that is stopped and goes on.
//! - [`least`]: the run that costs its reader least, and that it is proved.
//! - [`odds`]: what mattered in a run, against every run there is.
//! - [`draws`]: random runs, and what a seed means.
//! - [`quiet`]: states at rest, steps that break something by being taken, and a call left alone.
//! - [`shrinking`]: runs that were drawn, made easier to read.
//! - [`deaths`]: actors that die alone, in processes of several.
//! - [`fused`]: fewer states find the same, and a world that says wrongly how its steps move is caught.
//! - [`symmetric`]: of states that differ only by who is who one is looked at; what nobody notices is cleared.
//! - [`machines`]: the machines used above.

mod checkpoints;
mod deaths;
mod draws;
mod exhaustive;
mod failures;
mod frames;
mod fused;
mod jobs;
mod least;
mod machines;
mod odds;
mod peers;
mod quiet;
mod schedules;
mod shrinking;
mod small;
mod symmetric;
mod twophase;

use proptest::test_runner::Config;

/// So many random cases, the same ones every time (`.cargo/config.toml`): a test that fails here fails everywhere.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
