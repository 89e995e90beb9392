//! `mapisim man`: manual pages, made from what `--help` says.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Command, CommandFactory as _};
use clap_mangen::Man;
use mapisim_model::scenario::visible::{quoted, visible};

use super::args::Args;
use super::exit::Status;
use super::files::{Old, Unwritten, write_all};
use super::output::Io;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim man > mapisim.1                            the page about mapisim as a whole
  mapisim man --out man/man1                         that page, and one for each command
  mapisim man --out ~/.local/share/man/man1          where `man mapisim-show` finds them")]
pub(super) struct ManArgs {
    /// Write a page for each command, too, into this folder; it is made where it is missing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the page about mapisim, or writes them all.
pub(super) fn run(args: &ManArgs, io: &mut Io<'_>) -> Status {
    let mut command = Args::command().disable_help_subcommand(true);
    // Names of commands in full, global flags in every page.
    command.build();
    let Some(folder) = &args.out else { return io.print_plain(&page(&command)) };
    let all =
        std::iter::once(&command).chain(command.get_subcommands().filter(|command| !command.is_hide_set()));
    let pages: Vec<(String, String)> = all
        .map(|command| {
            let name = command.get_display_name().unwrap_or_else(|| command.get_name());
            (format!("{name}.1"), page(command))
        })
        .collect();
    let files: Vec<(PathBuf, &[u8])> =
        pages.iter().map(|(name, page)| (folder.join(name), page.as_bytes())).collect();
    if let Err(Unwritten::Trouble(path, error)) = write_all(&files, Old::Replaced, &|| false) {
        let path = quoted(&path.to_string_lossy()).clone();
        io.complain(&format!("{path} could not be written: {error}; no page was"));
        return Status::Unwritten;
    }
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    let told = crate::text::indented(&names.join(", "), 2, io.terminal.columns);
    io.print(&format!("Written into {}:\n{told}", visible(&folder.to_string_lossy())))
}

/// One page. It has no date: the same program makes the same bytes.
fn page(command: &Command) -> String {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut bytes = Vec::new();
    let man = Man::new(command.clone()).title(name.to_uppercase()).section("1").manual("mapisim");
    man.render(&mut bytes).expect("a vector takes everything");
    String::from_utf8_lossy(&bytes).into_owned()
}
