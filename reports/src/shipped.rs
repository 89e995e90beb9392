//! The scenarios that are inside the program, named as they are in the project: `scenarios/article/bug-1.json`.

use include_dir::{Dir, include_dir};

static SCENARIOS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../scenarios");

/// The folder that their names begin with.
pub const FOLDER: &str = "scenarios";

/// What the JSON Schema beside scenario files is called; it is no scenario.
pub const SCHEMA: &str = "scenario.schema.json";

/// Every shipped scenario, name and content, sorted by name.
pub fn scenarios() -> Vec<(String, &'static [u8])> {
    let mut found = Vec::new();
    collect(&SCENARIOS, &mut found);
    found.sort();
    found
}

/// A shipped file that is no scenario: a registry file that one imports, named as in the project.
pub fn file(name: &str) -> Option<&'static [u8]> {
    let inside = name.strip_prefix(FOLDER)?.strip_prefix('/')?;
    SCENARIOS.get_file(inside).map(include_dir::File::contents)
}

fn collect(folder: &'static Dir<'_>, found: &mut Vec<(String, &'static [u8])>) {
    for file in folder.files() {
        let name: Vec<&str> = file.path().components().filter_map(|part| part.as_os_str().to_str()).collect();
        let ends = file.path().extension().is_some_and(|ending| ending == "json");
        let is_scenario = ends && name.last().is_some_and(|leaf| *leaf != SCHEMA);
        if is_scenario {
            found.push((format!("{FOLDER}/{}", name.join("/")), file.contents()));
        }
    }
    for inner in folder.dirs() {
        collect(inner, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_bugs_are_shipped_in_order() {
        let names: Vec<String> = scenarios().into_iter().map(|(name, _)| name).collect();
        for name in ["scenarios/article/bug-1.json", "scenarios/article/bug-2.json"] {
            assert!(names.iter().any(|known| known == name), "{name} is not in {names:?}");
        }
        assert!(names.is_sorted());
        assert!(names.iter().all(|name| !name.ends_with(SCHEMA)));
    }
}
