//! How it is told: the `mapisim` command, and what it prints and writes.
//!
//! Reading order: [`cells`] (running scenarios side by side), [`digest`] (what makes two outcomes the same), [`names`],
//! [`place`] and [`narrate`] (a step in words), then the reports: [`run_text`] and [`json`] of many cells, [`show`] of one
//! run, [`save`] as a scenario file, [`progress`] and [`checkpoint`] of a search, [`fuzz`] of worlds that nobody wrote with [`mod@coverage`], [`mutants`] of builds,
//! [`diagnose`] of a symptom, [`matrix`] of everything with everything, [`assumptions`] with [`firmness`] (what verdicts hang
//! on), [`builds`]. All that is said of a run is a function
//! of [`run_model`]: [`outputs`] lists the files of a report ([`html`], [`junit`], [`markdown`], [`sarif`]), [`said`] has the
//! words that they share, [`diagram`] draws a run, [`merge`] puts shards together, [`mod@diff`] says what changed between two
//! runs, [`baseline`] is the one that was accepted. [`text`] and [`command`] serve them all. [`cli`] is the command itself.
//!
//! Always holds
//! - Reports are pure functions of what they report: only [`cli`] knows files, clocks and terminals.
//! - Text from files is made visible before it is printed: no file can steer a terminal.

pub mod assumptions;
pub mod baseline;
pub mod builds;
pub mod cells;
pub mod checkpoint;
pub mod cli;
pub mod command;
pub mod coverage;
pub mod diagnose;
pub mod diagram;
pub mod diff;
pub mod digest;
pub mod firmness;
pub mod fuzz;
pub mod html;
pub mod init;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod matrix;
pub mod mattered;
pub mod merge;
pub mod mutants;
pub mod names;
pub mod narrate;
pub mod outputs;
pub mod place;
pub mod progress;
pub mod run_model;
pub mod run_text;
pub mod said;
pub mod sarif;
pub mod save;
pub mod shipped;
pub mod show;
pub mod text;
