//! `mapisim completions`: what a shell needs to complete our commands.

use clap::{Args as ClapArgs, CommandFactory as _};
use clap_complete::Shell;

use super::args::Args;
use super::exit::Status;
use super::output::Io;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim completions bash > ~/.local/share/bash-completion/completions/mapisim
  mapisim completions zsh > ~/.zfunc/_mapisim
  mapisim completions fish > ~/.config/fish/completions/mapisim.fish
  mapisim completions powershell >> $PROFILE
  mapisim completions elvish >> ~/.config/elvish/rc.elv

They hold from the next start of the shell. zsh looks into ~/.zfunc where ~/.zshrc says `fpath+=~/.zfunc` before `compinit`.")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions for a shell.
pub(super) fn run(args: &CompletionsArgs, io: &mut Io<'_>) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "mapisim", &mut script);
    io.print_plain(&String::from_utf8_lossy(&script))
}
