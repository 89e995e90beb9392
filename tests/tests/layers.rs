//! Who imports whom, and are the project's own rules kept?
//!
//! - sim <- model <- reports <- cluster <- tests, as the manifests say
//! - inside model only the seam knows the engine; the machine knows neither algorithm nor engine; properties and probes
//!   know no algorithm
//! - only the command knows files, clock and terminal
//! - no unsafe code, a header on every file, no file too long to read

use std::path::{Path, PathBuf};

use mapisim_tests::{file, root};

/// Lines that a source file may have.
const LINES_MAX: usize = 500;

/// Every Rust file of a crate, as paths from the root of the repository, sorted.
fn sources(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path: PathBuf = entry.expect("a folder that opens can be listed").path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let path =
                    path.strip_prefix(root()).expect("it is below the root").to_string_lossy().into_owned();
                found.push(path.replace('\\', "/"));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} has no source files");
    found
}

/// A file's code without comments, up to its unit tests.
fn code(path: &str) -> String {
    let text = file(path);
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.to_owned() + "\n").collect()
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("tests.rs")
}

/// What a crate depends on of ours, for its own code.
fn ours(manifest: &str) -> Vec<String> {
    let manifest: toml::Table = file(manifest).parse().expect("a manifest is TOML");
    let names = manifest["dependencies"].as_table().expect("dependencies are a table").keys().cloned();
    names.filter(|name| name.starts_with("mapisim")).collect()
}

#[test]
fn the_crates_are_a_chain() {
    assert_eq!(ours("sim/Cargo.toml"), Vec::<String>::new());
    assert_eq!(ours("model/Cargo.toml"), ["mapisim-sim"]);
    assert_eq!(ours("reports/Cargo.toml"), ["mapisim-model", "mapisim-sim"]);
    assert_eq!(ours("cluster/Cargo.toml"), ["mapisim", "mapisim-model", "mapisim-sim"]);
    assert_eq!(ours("tests/Cargo.toml"), ["mapisim", "mapisim-model", "mapisim-sim"]);
}

#[test]
fn inside_model_only_the_seam_knows_the_engine() {
    let may = |path: &str| {
        let seam = ["sys.rs", "record.rs", "check.rs", "draw.rs", "mattered.rs"];
        seam.iter().any(|name| path == format!("model/src/{name}"))
            || path.starts_with("model/src/world/")
            || path.starts_with("model/src/shrink/")
            || path.starts_with("model/src/carry/")
            || path.starts_with("model/src/scenario/")
    };
    for path in sources("model/src").iter().filter(|path| !may(path) && !is_test(path)) {
        assert!(!code(path).contains("mapisim_sim"), "{path} mentions the engine");
    }
    for path in sources("model/src/scenario").iter().filter(|path| !is_test(path)) {
        for line in code(path).lines().filter(|line| line.contains("mapisim_sim")) {
            assert!(
                line.contains("Schedule") || line.contains("Turn"),
                "{path} takes more than schedules: {line}"
            );
        }
    }
}

#[test]
fn the_machine_has_heard_of_neither_algorithm_nor_engine() {
    for path in sources("model/src/os").iter().filter(|path| !is_test(path)) {
        let code = code(path);
        for word in ["crate::mapi", "crate::scenario", "crate::world", "crate::sys", "mapisim_sim"] {
            assert!(!code.contains(word), "{path} mentions {word}");
        }
    }
}

#[test]
fn the_algorithm_has_not_heard_of_scenarios_or_properties() {
    for path in sources("model/src/mapi").iter().filter(|path| !is_test(path)) {
        let code = code(path);
        for word in ["crate::scenario", "crate::property", "crate::world", "mapisim_sim"] {
            assert!(!code.contains(word), "{path} mentions {word}");
        }
    }
}

#[test]
fn properties_and_probes_know_no_algorithm() {
    let mut files = sources("model/src/property");
    assert!(files.len() > 5, "the properties are one file each");
    files.push("model/src/probe.rs".to_owned());
    for path in files {
        for word in ["mapi::rules", "mapi::instance", "mapi::Mapi", "mapi::assumptions"] {
            assert!(!code(&path).contains(word), "{path} mentions the algorithm: {word}");
        }
    }
}

#[test]
fn only_the_command_has_files_clocks_and_terminals() {
    let forbidden = [
        "std::fs",
        "std::env",
        "std::io",
        "std::net",
        "std::process",
        "std::time",
        "std::thread",
        "println!",
    ];
    let everything = ["sim/src", "model/src", "reports/src", "cluster/src"].into_iter().flat_map(sources);
    for path in everything.filter(|path| !is_test(path)) {
        let commands = ["reports/src/cli/", "reports/src/main.rs", "cluster/src/cli/", "cluster/src/main.rs"];
        // One file more knows how long a moment is: it waits for messages.
        if path == "cluster/src/link.rs" || commands.iter().any(|command| path.starts_with(command)) {
            continue;
        }
        let code = code(&path);
        for word in forbidden {
            assert!(!code.contains(word), "{path} uses {word}");
        }
    }
}

#[test]
fn there_is_no_unsafe_code_and_every_file_has_a_header_and_an_end() {
    for path in ["sim", "model", "reports", "cluster", "tests"].into_iter().flat_map(sources) {
        let text = file(&path);
        let lines = text.lines().count();
        assert!(text.starts_with("//!"), "{path} does not say what it is");
        assert!(lines <= LINES_MAX, "{path} has {lines} lines, more than {LINES_MAX}");
        let keyword = ["unsafe", " "].concat();
        let used = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        assert!(used.into_iter().all(|line| !line.contains(&keyword)), "{path} has code that is not safe");
    }
    let workspace: toml::Table = file("Cargo.toml").parse().expect("a manifest is TOML");
    assert_eq!(workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for member in ["sim", "model", "reports", "cluster", "tests"] {
        let manifest: toml::Table =
            file(&format!("{member}/Cargo.toml")).parse().expect("a manifest is TOML");
        assert_eq!(
            manifest["lints"]["workspace"].as_bool(),
            Some(true),
            "{member} does not take the workspace's lints"
        );
    }
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TO", "FIX"].map(|first| format!("{first}{}", if first == "TO" { "DO" } else { "ME" }));
    let ignored = ["#[", "ignore"].concat();
    for path in ["sim", "model", "reports", "cluster", "tests"].into_iter().flat_map(sources) {
        let text = file(&path);
        for word in marks.iter().chain([&ignored]) {
            assert!(!text.contains(word.as_str()), "{path} has {word}");
        }
    }
    assert!(Path::new(&root()).join("Cargo.lock").exists(), "the versions that were tested are written down");
}
