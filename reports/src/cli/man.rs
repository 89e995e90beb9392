//! `mapisim man`: manual pages, made from what `--help` says.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Command, CommandFactory as _};
use clap_mangen::Man;
use mapisim_model::scenario::visible::{quoted, visible};

use super::args::Args;
use super::exit::Status;
use super::output::Io;
use super::run::write;

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
    let mut names = Vec::new();
    for command in all {
        let name = format!("{}.1", command.get_display_name().unwrap_or_else(|| command.get_name()));
        if let Err(error) = write(folder, &name, page(command).as_bytes()) {
            let path = folder.join(&name);
            io.complain(&format!("{} could not be written: {error}", quoted(&path.to_string_lossy())));
            return Status::Unwritten;
        }
        names.push(name);
    }
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
