//! Command lines that a reader can paste.

use mapisim_model::mapi::rules::Build;
use mapisim_model::scenario::Scenario;
use mapisim_model::scenario::faults::OtherFaults;
use mapisim_model::scenario::visible::visible;

/// The command that shows one scenario with one build.
pub fn show(scenario: &str, build: Build, schedule: Option<&str>) -> String {
    let mut words = vec!["mapisim".to_owned(), "show".to_owned(), quoted(scenario)];
    words.extend(["--algorithm".to_owned(), build.id().to_owned()]);
    if let Some(schedule) = schedule {
        words.extend(["--schedule".to_owned(), quoted(schedule)]);
    }
    words.join(" ")
}

/// The same where the scenario is at hand: its faults may be others than those of its file.
pub fn show_of(scenario: &Scenario, build: Build, schedule: Option<&str>) -> String {
    let others = scenario.other_faults.filter(|_| schedule.is_none());
    let faults = others.map_or_else(Vec::new, |others| faults(&others));
    let words = std::iter::once(show(&scenario.name, build, schedule)).chain(faults);
    words.collect::<Vec<_>>().join(" ")
}

/// Faults that are asked for, as flags.
pub fn faults(others: &OtherFaults) -> Vec<String> {
    let OtherFaults { crashes, thread_deaths, machine_crashes } = *others;
    let flags =
        [("--crashes", crashes), ("--thread-deaths", thread_deaths), ("--machine-crashes", machine_crashes)];
    flags.into_iter().filter_map(|(flag, number)| Some(format!("{flag} {}", number?))).collect()
}

/// The command that tries what one scenario's verdict hangs on.
pub fn assumptions(scenario: &str, build: Build) -> String {
    format!("mapisim assumptions {} --algorithm {}", quoted(scenario), build.id())
}

/// The command that writes a first scenario.
pub fn init(folder: &str) -> String {
    format!("mapisim init {}", quoted(folder))
}

/// The command that runs what is in a folder.
pub fn run(folder: &str) -> String {
    format!("mapisim run {}", quoted(folder))
}

/// A word for a shell, in quotes where it needs them.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_' | ':' | ',' | '+' | '@' | '%')
    };
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        return word.to_owned();
    }
    format!("'{}'", visible(word).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_survives_the_shell_that_it_is_pasted_into() {
        assert_eq!(
            show("a/b.json", Build::AsInstalled, None),
            "mapisim show a/b.json --algorithm as-installed"
        );
        let build = Build::from_id("patched").unwrap();
        assert_eq!(
            show("it's $x.json", build, Some("a:1,kill b")),
            r"mapisim show 'it'\''s $x.json' --algorithm patched --schedule 'a:1,kill b'"
        );
    }
}
