//! `mapisim shrink`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use mapisim_model::mapi::rules::Build;
use mapisim_model::reg_file::RegSource;
use mapisim_model::scenario::checked::HiveContent;
use mapisim_model::scenario::visible::quoted;
use mapisim_model::scenario::{Expect, Scenario, ScenarioFile, read};
use mapisim_model::shrink::{Effort, Shrunk, shrink};

use super::args;
use super::exit::Status;
use super::files::write;
use super::input;
use super::output::Io;
use crate::command;
use crate::fuzz::text;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim shrink scenarios/article/customer-machine.json
  mapisim shrink mine.json --algorithm patched --out small.json
  mapisim shrink mine.json --max-attempts 200 --out small.json    at most 200 changes are tried")]
pub(super) struct ShrinkArgs {
    /// A scenario file that breaks something
    pub(super) path: PathBuf,
    /// With which version of the algorithm [default: the first that the file expects to break, else as installed]
    #[arg(long, value_name = "NAME", value_parser = args::one_algorithm)]
    pub(super) algorithm: Option<Build>,
    /// Write it to this file, instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Try so many changes at most
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_attempts: u32,
    /// Look at so many distinct states at most for each
    #[arg(long, value_name = "N", default_value_t = 6_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_states: u32,
}

/// Makes one scenario smaller.
pub(super) fn run(args: &ShrinkArgs, io: &mut Io<'_>) -> Status {
    let input = input::scenarios(std::slice::from_ref(&args.path), io);
    if input.unread > 0 {
        return Status::BadInput;
    }
    let [scenario] = input.scenarios.as_slice() else {
        io.complain(&format!(
            "{} is a folder: `shrink` takes one file",
            quoted(&args.path.to_string_lossy())
        ));
        return Status::BadInput;
    };
    let build = args.algorithm.unwrap_or_else(|| first_that_breaks(scenario));
    let effort = Effort {
        attempts_max: args.max_attempts as usize,
        states_max: args.max_states as usize,
        ..Effort::default()
    };
    let imported = scenario.hives.iter().filter_map(|hive| match &hive.content {
        HiveContent::Import(path) | HiveContent::Imported { path, .. } => Some(path),
        HiveContent::Profiles { .. } => None,
    });
    let sources: BTreeMap<String, RegSource> =
        imported.filter_map(|path| Some((path.clone(), input::import(&scenario.name, path)?))).collect();
    let files = |file: &ScenarioFile| {
        let changed = read("shrunk.json", &file.to_text()).ok()?;
        if changed.imports().is_empty() { Some(changed) } else { changed.with_imports(&sources).ok() }
    };
    let name = quoted(&scenario.name);
    let Some(shrunk) = shrink(&scenario.file, build, &effort, &files) else {
        io.complain(&format!(
            "{name} breaks nothing with {} that could be found: there is nothing to shrink",
            build.id()
        ));
        return Status::Inconclusive;
    };
    let text = shrunk.file.to_text();
    let Some(out) = &args.out else {
        io.tell(&told(&shrunk, io.terminal.columns));
        return io.print(&text);
    };
    let leaf = out.file_name().map(|leaf| leaf.to_string_lossy().into_owned()).unwrap_or_default();
    if let Err(error) = write(out.parent().unwrap_or(Path::new("")), &leaf, text.as_bytes()) {
        io.complain(&format!("{} could not be written: {error}", quoted(&out.to_string_lossy())));
        return Status::Unwritten;
    }
    let show = command::show(&out.to_string_lossy(), build, None);
    io.print(&format!("{}    {show}\n", told(&shrunk, io.terminal.columns)))
}

/// What came of it, for people.
fn told(shrunk: &Shrunk, columns: usize) -> String {
    format!(
        "{}\n{}{}",
        shrunk.signature,
        crate::text::indented(&text::smaller(shrunk), 4, columns),
        text::scenario(shrunk, columns)
    )
}

fn first_that_breaks(scenario: &Scenario) -> Build {
    let breaks = scenario.expect.iter().find(|expected| matches!(expected.expect, Expect::Breaks(_)));
    breaks.map_or(Build::AsInstalled, |expected| expected.build)
}
