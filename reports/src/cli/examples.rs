//! Are the examples in every `--help` commands that can be typed? They are put through the real parser.

use clap::{Command, CommandFactory as _, Parser as _};

use super::args::Args;

/// The examples of a command: what follows `mapisim` in each line that begins with it.
fn examples(command: &Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    help.lines().filter_map(|line| line.strip_prefix("  ")).filter_map(command_of).collect()
}

/// A line's command, without what is said of it behind two spaces, and without where its output goes.
fn command_of(line: &str) -> Option<String> {
    let line = line.split("   ").next().unwrap_or(line);
    let line = line.split(" > ").next().unwrap_or(line).split(" >> ").next().unwrap_or(line);
    (line.starts_with("mapisim ") || line == "mapisim").then(|| line.trim().to_owned())
}

/// A line in words, as a shell takes it: single quotes keep spaces.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn assert_parses(example: &str) {
    if let Err(error) = Args::try_parse_from(words(example)) {
        panic!("{example}\n{error}");
    }
}

#[test]
fn every_command_has_examples_and_each_can_be_typed() {
    let main = Args::command();
    for command in std::iter::once(&main).chain(main.get_subcommands()) {
        let examples = examples(command);
        let name = command.get_name();
        assert!(examples.len() >= 3, "{name} has {} examples: {examples:?}", examples.len());
        for example in &examples {
            assert_parses(example);
        }
        // An example may take the step before or after, by another command.
        let own = examples.iter().filter(|example| example.starts_with(&format!("mapisim {name}"))).count();
        assert!(name == "mapisim" || own >= 1, "{name}: {examples:?}");
    }
}

#[test]
fn the_commands_in_what_init_writes_can_be_typed() {
    let mut typed = 0;
    for file in crate::init::files() {
        let lines = file.text.lines().map(|line| line.trim().trim_start_matches("run: "));
        for command in lines.filter_map(command_of) {
            assert_parses(&command);
            typed += 1;
        }
    }
    assert!(typed >= 5, "only {typed} commands were found");
}
