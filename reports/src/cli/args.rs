//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use mapisim_model::mapi::rules::Build;

use super::faults::FaultArgs;
use super::run::Effort;
use crate::cells::{Builds, Shard};

/// So many jobs at once at most: more than any machine has processors, and each wants memory of its own.
pub(super) const JOBS_MAX: i64 = 512;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "mapisim",
    bin_name = "mapisim",
    version,
    about = "Shows where a MAPI profile is deleted out from under a live session, and why",
    long_about = "A simulated Windows machine runs several processes that use MAPI. mapisim replays scenario files, or tries \
                  every order in which their steps can follow each other, and shows where a profile was deleted out from \
                  under a live session, who did it, what that process believed and why it was wrong.",
    after_help = EXAMPLES,
    infer_subcommands = false,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", display_order = 900)]
    pub(super) color: Color,
    /// Draw with ASCII signs only, as is done of itself on a terminal whose locale is not UTF-8; names stay as they are
    #[arg(long, global = true, display_order = 901)]
    pub(super) ascii: bool,
}

const EXAMPLES: &str = "\
Examples:
  mapisim init my-server                       a first scenario to start from, and how to go on
  mapisim run                                  every scenario in ./scenarios, or the shipped ones
  mapisim show scenarios/article/bug-2.json    what happened there, step by step, and why
  mapisim run mine.json --algorithm all        one scenario with every version of the algorithm
  mapisim run --format json > results.json     for programs
  mapisim matrix                               every scenario against every algorithm and product
  mapisim assumptions scenarios/article        which verdicts hang on what nobody knows
  mapisim builds 5.5.2657.49                   which fixes a mapi32.dll has

Exit status: 0 all as expected, 1 broken, 2 bad usage or input, 3 no answer within the bounds, 6 a \
schedule that cannot happen, 70 a bug of mapisim's own, 74 a report that could not be written, 130 \
interrupted.";

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// Where the output is a terminal and NO_COLOR is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a report looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What a run looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RunFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For CI that reads JUnit XML.
    Junit,
    /// For a job summary.
    Markdown,
}

/// What one run looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// A sequence diagram, as a picture.
    Svg,
    /// A sequence diagram, for Markdown.
    Mermaid,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Replay or explore scenario files, and compare with what they expect
    Run(RunArgs),
    /// Show one scenario's run, step by step, with the explanation
    Show(ShowArgs),
    /// List the smallest worlds that show a symptom, and what tells them apart
    Diagnose(super::diagnose::DiagnoseArgs),
    /// Leave out each rule of each build in turn, and tell which scenario notices
    Mutants(super::mutants::MutantsArgs),
    /// Scenarios against algorithms and products, as a table
    Matrix(super::matrix::MatrixArgs),
    /// Settle otherwise what the sources leave open, and show which verdicts move
    Assumptions(super::assumptions::AssumptionsArgs),
    /// Draw random worlds and schedules; what breaks is made small and told apart by cause
    Fuzz(super::fuzz::FuzzArgs),
    /// Make a breaking scenario smaller
    Shrink(super::shrink::ShrinkArgs),
    /// Products, mapi32.dll versions, and which fixes each has
    Builds(BuildsArgs),
    /// Write a report of a run into a folder: a page to step through, and the same for programs
    Report(super::report::ReportArgs),
    /// Tell what changed between two runs, and fail on a regression
    Diff(super::diff::DiffArgs),
    /// Put the baseline that `report --baseline` left in the place of the old one
    Accept(super::accept::AcceptArgs),
    /// Print the JSON Schema of scenario files, or of a report's run.json
    Schema(SchemaArgs),
    /// Write a first scenario to start from, and a workflow that runs it in CI
    Init(super::init::InitArgs),
    /// Print what a shell needs to complete these commands
    Completions(super::completions::CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(super::man::ManArgs),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim run                                ./scenarios, or the shipped ones where there is none
  mapisim run scenarios/article mine.json    a folder, with all its folders, and a file
  mapisim run --algorithm original --algorithm patched mine.json
  mapisim run --save found                   each counterexample as a scenario file of its own
  mapisim run --checkpoint far.mapisim large.json       Ctrl-C keeps what was searched,
  mapisim run --resume far.mapisim large.json           and this goes on with it
  mapisim run --shard 1/4 --format json      the first quarter of all cells, always the same one")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(super) struct RunArgs {
    /// Scenario files, or folders of them [default: ./scenarios, else the shipped ones]
    pub(super) paths: Vec<PathBuf>,
    /// Run this version of the algorithm (or `as-installed`, or `all`) instead of those that a file expects something of
    #[arg(long, value_name = "NAME", value_parser = algorithm)]
    pub(super) algorithm: Vec<Algorithms>,
    /// What the report looks like
    #[arg(long, value_enum, default_value_t = RunFormat::Text)]
    pub(super) format: RunFormat,
    /// Write each counterexample as a scenario file into this folder
    #[arg(long, value_name = "DIR")]
    pub(super) save: Option<PathBuf>,
    /// Run so many at once; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub(super) jobs: Option<u16>,
    /// Look at so many distinct states of one scenario at most
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_states: u32,
    /// Keep visited states in so much memory at most for one scenario (512M, 8G), the machine's own states not counted
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(super) max_memory: Option<u64>,
    /// Keep the search in this file when it is interrupted or out of time, and now and then: --resume goes on from it. It
    /// looks at the whole graph, as with --no-reduction
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoint: Option<PathBuf>,
    /// Go on with the search that this file keeps; all else has to be as it was
    #[arg(long, value_name = "FILE")]
    pub(super) resume: Option<PathBuf>,
    /// Do every step twice and compare: a difference is a bug in mapisim itself (exit status 70)
    #[arg(long)]
    pub(super) check_determinism: bool,
    /// Search the whole graph of every scenario, also where fewer states would prove that it holds
    #[arg(long)]
    pub(super) no_reduction: bool,
    /// Stop searching after so long (90s, 5m, 500ms); what is cut off cannot be compared with other runs
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub(super) max_time: Option<Duration>,
    /// The seed of whatever is drawn
    #[arg(long, value_name = "HEX", default_value = "0", value_parser = seed)]
    pub(super) seed: u64,
    /// Run only part K of N; every cell is in one part
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub(super) shard: Option<Shard>,
    /// Print only what is not as expected, and the summary
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Settle otherwise each point that a verdict rests on, and print whether it moves (`mapisim assumptions` tells all)
    #[arg(long)]
    pub(super) firmness: bool,
    /// Print also the explanation of everything that breaks, and how much each verdict rests on
    #[arg(short, long)]
    pub(super) verbose: bool,
    #[command(flatten)]
    pub(super) faults: FaultArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim show scenarios/article/bug-2.json
  mapisim show scenarios/article/bug-2.json --algorithm patched    how the fix avoids it
  mapisim show scenarios/article/bug-2.json --algorithm original --against patched    both
  mapisim show scenarios/article/bug-2.json --context 12           only around cause and symptom
  mapisim show scenarios/article/bug-2.json --from 36 --to 55 --all-steps
  mapisim show mine.json --schedule 'events.exe:41,outlook.exe:28,events.exe'
  mapisim show mine.json --schedule 'events.exe through DeleteProfile,kill events.exe,outlook.exe'")]
pub(super) struct ShowArgs {
    /// A scenario file
    pub(super) path: PathBuf,
    /// What a shell makes of a pattern: refused with the commands that were perhaps meant
    #[arg(hide = true)]
    pub(super) others: Vec<PathBuf>,
    /// Which version of the algorithm [default: as-installed if the file expects something of it, else the first that breaks]
    #[arg(long, value_name = "NAME", value_parser = one_algorithm)]
    pub(super) algorithm: Option<Build>,
    /// Show beside it what the same order comes to with this version, and where the two part
    #[arg(long, value_name = "NAME", value_parser = one_algorithm, conflicts_with_all = ["from", "to", "context", "all_steps", "export_hive"])]
    pub(super) against: Option<Build>,
    /// Who runs when, instead of what the file says
    #[arg(long, value_name = "TEXT")]
    pub(super) schedule: Option<String>,
    /// Tell the story from this step on
    #[arg(long, value_name = "STEP", conflicts_with = "context")]
    pub(super) from: Option<usize>,
    /// Tell it up to this step
    #[arg(long, value_name = "STEP", conflicts_with = "context")]
    pub(super) to: Option<usize>,
    /// Tell only so many steps before and after the cause, and before and after the symptom
    #[arg(long, value_name = "N")]
    pub(super) context: Option<usize>,
    /// Show every step: without it stretches in which nothing shared changes are folded
    #[arg(long)]
    pub(super) all_steps: bool,
    /// What the report looks like
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub(super) format: ShowFormat,
    /// Write the hive of ACCOUNT (a name, a SID, .DEFAULT) to FILE, as regedit would, and nothing else; FILE - is
    /// standard output, in UTF-8
    #[arg(long, num_args = 2, action = clap::ArgAction::Set, value_names = ["ACCOUNT", "FILE"], conflicts_with = "all_steps")]
    pub(super) export_hive: Option<Vec<String>>,
    /// The step after which the hive is written, 0 for before the first [default: the step that broke it, else the last]
    #[arg(long, value_name = "STEP", requires = "export_hive")]
    pub(super) at: Option<usize>,
    /// Look at so many distinct states at most
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_states: u32,
    /// Search the whole graph, also where fewer states would prove that it holds
    #[arg(long)]
    pub(super) no_reduction: bool,
    #[command(flatten)]
    pub(super) faults: FaultArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim builds                which products there are, each with its DLL versions and fixes
  mapisim builds 5.5.2657.49    what a mapi32.dll is: its properties in Explorer say its version
  mapisim builds 6.0.6448.0     the first one with a hotfix
  mapisim builds exchange-5.5   what a product runs; or an algorithm's name: what it does")]
pub(super) struct BuildsArgs {
    /// A mapi32.dll version, such as 5.5.2657.50, or the name of a product or an algorithm
    pub(super) version: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  mapisim schema > scenario.schema.json    beside scenarios whose `$schema` names it
  mapisim schema scenario                  the same, printed
  mapisim schema run                       what a report's run.json holds")]
pub(super) struct SchemaArgs {
    /// Which files it is of
    #[arg(value_enum, default_value_t = SchemaOf::Scenario)]
    pub(super) of: SchemaOf,
}

/// Which files a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// A report's run.json.
    Run,
}

/// One word after `--algorithm`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Algorithms {
    All,
    One(Build),
}

impl RunArgs {
    /// The builds asked for, each once, in the order asked for.
    pub(super) fn builds(&self) -> Builds {
        builds(&self.algorithm)
    }
}

/// The builds of all words after `--algorithm`, each once, in the order asked for.
pub(super) fn builds(words: &[Algorithms]) -> Builds {
    if words.is_empty() {
        return Builds::Expected;
    }
    let mut builds: Vec<Build> = Vec::new();
    for word in words {
        let named: Vec<Build> = match word {
            Algorithms::All => Build::all().collect(),
            Algorithms::One(build) => vec![*build],
        };
        for build in named {
            if !builds.contains(&build) {
                builds.push(build);
            }
        }
    }
    Builds::Named(builds)
}

pub(super) fn algorithm(text: &str) -> Result<Algorithms, String> {
    if text == "all" { Ok(Algorithms::All) } else { one_algorithm(text).map(Algorithms::One) }
}

pub(super) fn one_algorithm(text: &str) -> Result<Build, String> {
    Build::from_id(text).ok_or_else(|| {
        let known: Vec<&str> = Build::all().map(Build::id).collect();
        unknown_algorithm(text, &known)
    })
}

/// How much a table may take, of whatever is run for it.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Limits {
    /// Run so many at once; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    jobs: Option<u16>,
    /// Look at so many distinct states of one cell at most
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_states: u32,
    /// Stop searching after so long (90s, 5m, 500ms); what is cut off cannot be compared with other runs
    #[arg(long, value_name = "DUR", value_parser = duration)]
    max_time: Option<Duration>,
}

impl Limits {
    /// It as an effort.
    pub(super) fn effort(self) -> Effort {
        Effort::of(self.max_states, self.jobs, self.max_time)
    }
}

/// What is said of a name that no algorithm has: the nearest that there is, and all.
pub(super) fn unknown_algorithm(text: &str, known: &[&str]) -> String {
    let near = nearest(text, known).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
    format!("there is no such algorithm{near}; there are {}", known.join(", "))
}

/// The name most like a word, where one is like it at all.
pub(super) fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let word = word.to_ascii_lowercase();
    let near = |name: &str| {
        if !word.is_empty() && (name.starts_with(&word) || word.starts_with(name)) {
            return 0;
        }
        strsim::damerau_levenshtein(&word, name)
    };
    let best = names.iter().map(|name| (near(name), *name)).min_by_key(|(distance, _)| *distance);
    best.filter(|(distance, name)| *distance * 3 <= name.len().max(4)).map(|(_, name)| name)
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let number = u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'));
    number.ok_or_else(|| "a seed is 1 to 16 hexadecimal digits".to_owned())
}

pub(super) fn shard(text: &str) -> Result<Shard, String> {
    let parts =
        text.split_once('/').and_then(|(index, parts)| Some((index.parse().ok()?, parts.parse().ok()?)));
    match parts {
        Some((index, parts)) if 1 <= index && index <= parts => Ok(Shard { index, parts }),
        _ => Err("a shard is K/N, with K from 1 to N, such as 1/4".to_owned()),
    }
}

/// A duration.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let milliseconds = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number: Option<u64> = number.parse().ok();
    let total = number.zip(milliseconds).and_then(|(number, unit)| number.checked_mul(unit));
    total
        .map(Duration::from_millis)
        .ok_or_else(|| "a duration is a number with ms, s, m or h, such as 90s".to_owned())
}

/// A number of bytes, or of 1024, 1024², 1024³ of them.
fn bytes(text: &str) -> Result<u64, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let shift = match unit {
        "" => Some(0),
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        _ => None,
    };
    let number: Option<u64> = number.parse().ok();
    let total = number.zip(shift).and_then(|(number, shift)| number.checked_mul(1 << shift));
    total.filter(|bytes| *bytes > 0).ok_or_else(|| {
        "an amount of memory is a number of bytes, or one with K, M or G, such as 512M".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn an_amount_of_memory_is_a_number_of_bytes_and_never_none() {
        for (text, expected) in [("1", 1), ("3K", 3 << 10), ("512M", 512 << 20), ("8G", 8 << 30)] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "0", "0G", "G", "8g", "8GB", "-1", "1.5G", "17179869184G", "99999999999999999999"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_nearest_name_is_one_that_is_like_it() {
        let names = ["original", "sid-suffix", "patched", "patched-2008", "lease"];
        for (word, near) in [
            ("orignal", Some("original")),
            ("Patched", Some("patched")),
            ("sid", Some("sid-suffix")),
            ("lesae", Some("lease")),
            ("fixed", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &names), near, "{word}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn values_are_read_and_what_is_none_is_refused() {
        assert_eq!(seed("2a"), Ok(42));
        assert_eq!(seed("0xFFFFFFFFFFFFFFFF"), Ok(u64::MAX));
        assert!(["", "0x", "x", "+1", "10000000000000000"].iter().all(|text| seed(text).is_err()));
        assert_eq!(shard("2/3"), Ok(Shard { index: 2, parts: 3 }));
        assert!(["0/3", "4/3", "1", "1/0", "a/b", "-1/2"].iter().all(|text| shard(text).is_err()));
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert!(
            ["", "9", "s", "1.5s", "99999999999999999999s", "9d"].iter().all(|text| duration(text).is_err())
        );
    }
}
