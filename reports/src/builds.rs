//! `builds`: products, their `mapi32.dll` versions, which fixes each has and since when, with the evidence (mapi 3.6).

use mapisim_model::mapi::product::{DllVersion, Product};
use mapisim_model::mapi::rules::{Algorithm, Evidence, Marks, SectionName};

use crate::text::{DIM, HEADING, indented, pad, paint, width};

/// Which fixes an algorithm has, in words.
pub const fn fixes(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Original => "neither fix",
        Algorithm::SidSuffix => "fix 1",
        Algorithm::GlobalSection => "fix 2",
        Algorithm::Patched => "both fixes",
        Algorithm::Patched2008 => "both fixes, with a fallback",
        Algorithm::Lease => "our own repair",
    }
}

/// What an algorithm does where versions differ, in a sentence.
fn does(algorithm: Algorithm) -> String {
    let rules = algorithm.rules();
    if let Evidence::Leases(_) = rules.evidence {
        return "our own repair, shipped in no product: that a profile is in use is written in the hive where the \
                profile lies, so whoever can see a mark can see the use; one lock for everybody, one mark key"
            .to_owned();
    }
    let marks = match rules.marks {
        Marks::Shared => "marks are in one key, \"Deleted Profiles\"",
        Marks::PerAccount => "marks are in a key for each account: a CRC of its SID is appended (fix 1)",
    };
    if let Evidence::Leases(_) = rules.evidence {
        return format!(
            "{marks}; a session leaves a lease in the hive where its profile lies, and holds a mutex that shows it to be \
             live; one lock for the machine"
        );
    }
    let section = match rules.section {
        SectionName::Session => "sessions are counted in a section of each Terminal Services session",
        SectionName::Global => {
            "sessions are counted in one section for the machine: Global\\ is in its name (fix 2)"
        }
        SectionName::GlobalElseSession => {
            "sessions are counted in one section for the machine, or, where that may not be created, in the session's own"
        }
    };
    format!("{marks}; {section}")
}

/// The table of products, and what the algorithms' names mean.
pub fn table(columns: usize) -> String {
    let heads = ["product", "mapi32.dll from", "algorithm", "fixes"];
    let rows: Vec<[String; 4]> = Product::ALL
        .into_iter()
        .map(|product| {
            let since = product.since().map_or_else(|| "any".to_owned(), |version| version.to_string());
            let algorithm = product.algorithm();
            [product.id().to_owned(), since, algorithm.id().to_owned(), fixes(algorithm).to_owned()]
        })
        .collect();
    let widths: Vec<usize> = (0..4)
        .map(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0).max(width(heads[column])))
        .collect();
    let narrow = columns < widths.iter().sum::<usize>() + 6;
    let line = |cells: [&str; 4]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| pad(cell, *width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut out = String::new();
    if !narrow {
        out += &format!("{}\n", paint(HEADING, &line(heads)));
    }
    for (row, product) in rows.iter().zip(Product::ALL) {
        if narrow {
            out += &format!("{}\n", paint(HEADING, &row[0]));
            out += &indented(&format!("mapi32.dll from {}; {}; {}", row[1], row[2], row[3]), 2, columns);
        } else {
            out += &format!("{}\n", line([&row[0], &row[1], &row[2], &row[3]]));
        }
        out += &dim(&indented(product.evidence(), 4, columns));
    }
    out += &format!("\n{}\n", paint(HEADING, "algorithms"));
    for algorithm in Algorithm::ALL {
        out += &indented(&format!("{}: {}.", algorithm.id(), does(algorithm)), 2, columns);
    }
    out
}

/// What is known of one version; `None` for a branch that the sources do not speak of.
pub fn version(version: DllVersion, columns: usize) -> Option<String> {
    let product = Product::of_version(version)?;
    let algorithm = product.algorithm();
    let mut out = format!("{}\n", paint(HEADING, &format!("mapi32.dll {version} is {}", product.id())));
    out += &indented(
        &format!("It runs {} ({}): {}.", algorithm.id(), fixes(algorithm), does(algorithm)),
        2,
        columns,
    );
    out += &dim(&indented(product.evidence(), 2, columns));
    out += &indented(&next(version, product), 2, columns);
    Some(out)
}

/// What is known of a product or an algorithm by its name; `None` where nothing has that name.
pub fn named(name: &str, columns: usize) -> Option<String> {
    if let Some(product) = Product::from_id(name) {
        let algorithm = product.algorithm();
        let since = product
            .since()
            .map_or_else(|| "any mapi32.dll".to_owned(), |since| format!("mapi32.dll from {since}"));
        let mut out = format!("{}\n", paint(HEADING, &format!("{}: {since}", product.id())));
        let runs = format!("It runs {} ({}): {}.", algorithm.id(), fixes(algorithm), does(algorithm));
        out += &indented(&runs, 2, columns);
        out += &dim(&indented(product.evidence(), 2, columns));
        if let Some(since) = product.since() {
            out += &indented(&next(since, product), 2, columns);
        }
        return Some(out);
    }
    let algorithm = Algorithm::from_id(name)?;
    let mut out = format!("{}\n", paint(HEADING, &format!("{}: {}", algorithm.id(), fixes(algorithm))));
    out += &indented(&format!("{}.", does(algorithm)), 2, columns);
    let runs: Vec<&str> = Product::ALL
        .into_iter()
        .filter(|product| product.algorithm() == algorithm)
        .map(Product::id)
        .collect();
    let runs = if runs.is_empty() { "in no product".to_owned() } else { format!("in {}", runs.join(", ")) };
    out += &dim(&indented(&runs, 2, columns));
    Some(out)
}

/// Every name that [`named`] knows.
pub fn names() -> Vec<&'static str> {
    Product::ALL.into_iter().map(Product::id).chain(Algorithm::ALL.into_iter().map(Algorithm::id)).collect()
}

/// Where the next fix is.
fn next(version: DllVersion, product: Product) -> String {
    let algorithm = product.algorithm();
    let branch = |other: &Product| {
        other.since().is_some_and(|since| since.0[..2] == version.0[..2] && since > version)
    };
    let better = |other: &Product| other.algorithm() != algorithm;
    let later = Product::ALL.into_iter().filter(branch).filter(better).min_by_key(|other| other.since());
    match later.and_then(|other| Some((other, other.since()?))) {
        Some((other, since)) => {
            format!("Next: {} from {since} has {}.", other.id(), fixes(other.algorithm()))
        }
        None if matches!(algorithm, Algorithm::Patched | Algorithm::Patched2008) => {
            "No later version of this branch is known to have more.".to_owned()
        }
        None => "No version of this branch is known to have more fixes.".to_owned(),
    }
}

/// The branches that the sources speak of: `5.5, 6.0, 6.5`.
pub fn branches() -> String {
    let mut branches: Vec<String> = Product::ALL
        .into_iter()
        .filter_map(Product::since)
        .map(|since| format!("{}.{}", since.0[0], since.0[1]))
        .collect();
    branches.sort();
    branches.dedup();
    branches.join(", ")
}

fn dim(text: &str) -> String {
    text.lines().map(|line| paint(DIM, line) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_with_its_fixes_and_the_next_one() {
        for (text, says) in [
            ("5.5.2657.49", "Next: exchange-5.5-818861 from 5.5.2657.50 has both fixes."),
            ("5.5.2657.50", "No later version of this branch is known to have more."),
            ("6.0.6448.0", "No version of this branch is known to have more fixes."),
            ("6.5.6944.0", "Next: exchange-2003-sp1 from 6.5.7226.0 has both fixes."),
            ("6.5.7226.0", "Next: exchange-mapi-2008 from 6.5.8022.0 has both fixes, with a fallback."),
        ] {
            let told = version(text.parse().unwrap(), 200).unwrap();
            assert!(told.contains(says), "{text}: {told}");
        }
        assert_eq!(version("4.0.0.0".parse().unwrap(), 200), None);
        assert_eq!(branches(), "5.5, 6.0, 6.5");
    }

    #[test]
    fn every_product_and_algorithm_is_told_by_its_name() {
        for name in names() {
            assert!(named(name, 200).is_some_and(|told| told.contains(name)), "{name}");
        }
        let told = named("exchange-2003-rtm", 200).unwrap();
        assert!(told.contains("Next: exchange-2003-sp1 from 6.5.7226.0 has both fixes."), "{told}");
        assert!(named("lease", 200).unwrap().contains("in no product"));
        assert_eq!(named("6.5.6944.0", 200), None);
    }

    #[test]
    fn every_product_is_in_the_table_at_any_width() {
        for columns in [40, 80, 140] {
            let table = table(columns);
            assert!(Product::ALL.iter().all(|product| table.contains(product.id())), "{table}");
        }
    }
}
