//! How it is told: the `mapisim` command, and what it prints and writes.
//!
//! Reading order: [`cells`] (running scenarios side by side), [`digest`] (what makes two outcomes the same), [`names`],
//! [`place`] and [`narrate`] (a step in words), then the reports: [`run_text`] and [`json`] of many cells, [`show`] of one
//! run, [`save`] as a scenario file, [`progress`] and [`checkpoint`] of a search, [`fuzz`] of worlds that nobody wrote with [`mod@coverage`], [`mutants`] of builds,
//! [`diagnose`] of a symptom, [`matrix`] of everything with everything, [`assumptions`] with [`firmness`] (what verdicts hang
//! on), [`builds`]; [`text`] and [`command`] serve them all. [`cli`] is the command itself.
//!
//! Always holds
//! - Reports are pure functions of what they report: only [`cli`] knows files, clocks and terminals.
//! - Text from files is made visible before it is printed: no file can steer a terminal.

pub mod assumptions;
pub mod builds;
pub mod cells;
pub mod checkpoint;
pub mod cli;
pub mod command;
pub mod coverage;
pub mod diagnose;
pub mod digest;
pub mod firmness;
pub mod fuzz;
pub mod html;
pub mod json;
pub mod matrix;
pub mod mutants;
pub mod names;
pub mod narrate;
pub mod outputs;
pub mod place;
pub mod progress;
pub mod run_model;
pub mod run_text;
pub mod save;
pub mod shipped;
pub mod show;
pub mod text;
