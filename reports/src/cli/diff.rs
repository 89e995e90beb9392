//! `mapisim diff`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use mapisim_model::scenario::visible::quoted;

use super::exit::Status;
use super::input::near;
use super::output::Io;
use crate::diff::compare;
use crate::diff::side::Side;
use crate::diff::told::{Look, json_report, markdown_report, text_report};

/// The file of a report that is compared.
const RUN_JSON: &str = "run.json";

/// What `diff` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mapisim diff before/run.json after/run.json
  mapisim diff reports/baseline.json report/run.json --format markdown
  mapisim diff original.json patched.json          two algorithms, one in each

OLD and NEW are the run.json of a report or its folder, what `run --format json` printed, or a baseline. What fails: regressed, \
escaped, changed, weaker, gone; also new and incomparable, where the new outcome is not as expected.")]
pub(super) struct DiffArgs {
    /// The run before
    old: PathBuf,
    /// The run after
    new: PathBuf,
    /// What the report looks like
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    format: DiffFormat,
    /// Do not fail because of outcomes that are not in NEW
    #[arg(long)]
    lenient: bool,
    /// Print every outcome, not only the first 20 of each word
    #[arg(short, long)]
    verbose: bool,
}

/// What a comparison looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// For programs.
    Json,
}

/// Compares two runs.
pub(super) fn run(args: &DiffArgs, io: &mut Io<'_>) -> Status {
    let mut sides = Vec::new();
    for path in [&args.old, &args.new] {
        match side(path) {
            Ok(side) => sides.push(side),
            Err(why) => io.complain(&why),
        }
    }
    let [old, new] = sides.as_slice() else { return Status::BadInput };
    let diff = compare(old, new, args.lenient);
    let printed = match args.format {
        DiffFormat::Text => {
            io.print(&text_report(&diff, Look { columns: io.terminal.columns, all: args.verbose }))
        }
        DiffFormat::Markdown => io.print_plain(&markdown_report(&diff)),
        DiffFormat::Json => io.print_plain(&json_report(&diff)),
    };
    if diff.regression { printed.and(Status::Broken) } else { printed }
}

fn side(path: &Path) -> Result<Side, String> {
    // The folder of a report stands for its run.json.
    let inside = path.join(RUN_JSON);
    let path = if path.is_dir() { &inside } else { path };
    let name = path.to_string_lossy().into_owned();
    Side::read(&name, &read_text(path)?).map_err(|why| format!("{}: {why}", quoted(&name)))
}

/// A file's text.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    super::reading::text(path).map_err(|error| {
        let name = quoted(&path.to_string_lossy()).clone();
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                let near = near(path).map(|near| format!("; did you mean {}?", quoted(&near)));
                format!("there is no file {name}{}", near.unwrap_or_default())
            }
            _ => format!("{name} cannot be read: {error}"),
        }
    })
}
