//! `mapisim accept`.
//!
//! Invariants
//! - The old baseline is there, whole, until the new one takes its place in one step.
//! - Nothing is accepted in CI: a baseline is changed by people, who look at the difference.

use std::path::PathBuf;

use mapisim_model::scenario::visible::quoted;

use super::diff::read_text;
use super::exit::Status;
use super::output::Io;
use super::report::beside;
use crate::baseline;

/// What `accept` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mapisim report --baseline reports/baseline.json --out report    writes reports/baseline.json.new
  mapisim accept reports/baseline.json                            puts it in its place
  mapisim accept                                                  the same: that is the default

Commit the baseline with the change that made it another one.")]
pub(super) struct AcceptArgs {
    /// The baseline
    #[arg(default_value = "reports/baseline.json")]
    baseline: PathBuf,
    /// Set by CI services
    #[arg(long, env = "CI", hide = true, hide_env_values = true)]
    ci: Option<String>,
}

/// Replaces a baseline by the one that waits beside it.
pub(super) fn run(args: &AcceptArgs, io: &mut Io<'_>) -> Status {
    let (path, new) = (args.baseline.to_string_lossy(), beside(&args.baseline));
    if args.ci.as_deref().is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0") {
        io.complain("CI is set: a baseline is accepted by people, who commit it; nothing was changed");
        return Status::BadInput;
    }
    let waiting = quoted(&new.to_string_lossy()).clone();
    if !new.exists() {
        io.complain(&format!(
            "there is nothing to accept: no {waiting}; `mapisim report --baseline {path}` writes it where something changed"
        ));
        return Status::BadInput;
    }
    if let Err(why) = read_text(&new).and_then(|text| baseline::from_json(&text)) {
        io.complain(&format!("{waiting}: {why}; nothing was changed"));
        return Status::BadInput;
    }
    if let Err(error) = std::fs::rename(&new, &args.baseline) {
        io.complain(&format!("{} could not be written: {error}; it is as it was", quoted(&path)));
        return Status::Unwritten;
    }
    io.print(&format!("{} is what was {waiting}\n", quoted(&path)))
}
