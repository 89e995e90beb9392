//! The shards of a run, put together again.
//!
//! Refused: shards of runs that were not asked the same, an outcome that is in two and differs, a shard that is missing.
//! What is in two and is the same is there once.
//!
//! The whole has what the shards have. The step at which an algorithm that holds goes another way is known only where both
//! were in one shard.

use std::collections::{BTreeMap, BTreeSet};

use crate::run_model::{Asked, Cell, Coverage, RunModel, Scenario};

/// The whole of shards, each with the name of its file.
///
/// # Errors
/// A sentence that says what does not fit, and in which files.
pub fn merge(shards: &[(String, RunModel)]) -> Result<RunModel, String> {
    let Some((first_name, first)) = shards.first() else {
        return Err("there is nothing to merge".to_owned());
    };
    for (name, shard) in &shards[1..] {
        same_run(first_name, first, name, shard)?;
    }
    all_there(shards)?;
    let mut scenarios: BTreeMap<&str, (&str, &Scenario)> = BTreeMap::new();
    let mut cells: BTreeMap<(&str, usize, &str), (&str, &Cell)> = BTreeMap::new();
    let mut orders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for scenario in shards.iter().flat_map(|(_, shard)| &shard.scenarios) {
        orders.entry(&scenario.path).or_insert_with(|| order(scenario));
    }
    for (name, shard) in shards {
        for scenario in &shard.scenarios {
            let (other, known) = *scenarios.entry(&scenario.path).or_insert((name, scenario));
            if known != scenario {
                return Err(format!("{other} and {name} have different texts of {}", scenario.path));
            }
        }
        for cell in &shard.cells {
            let key = (cell.scenario.as_str(), place(&first.asked, &orders, cell), cell.algorithm.as_str());
            let (other, known) = *cells.entry(key).or_insert((name, cell));
            if known != cell {
                return Err(format!(
                    "{other} and {name} have different outcomes of {} with {}",
                    cell.scenario, cell.algorithm
                ));
            }
        }
    }
    let mut whole = RunModel {
        format: first.format,
        kind: first.kind.clone(),
        version: first.version.clone(),
        seed: first.seed.clone(),
        asked: Asked { shard: None, ..first.asked.clone() },
        unread: shards.iter().map(|(_, shard)| shard.unread).max().unwrap_or(0),
        coverage: coverage(shards),
        unfinished: shards.iter().map(|(_, shard)| shard.unfinished).sum(),
        scenarios: scenarios.into_values().map(|(_, scenario)| scenario.clone()).collect(),
        cells: cells.into_values().map(|(_, cell)| cell.clone()).collect(),
    };
    number_anew(&mut whole.cells);
    Ok(whole)
}

/// What none of them took, the whole does not take.
fn coverage(shards: &[(String, RunModel)]) -> Option<Coverage> {
    let mut all = shards.iter().map(|(_, shard)| shard.coverage.as_ref());
    let mut whole = all.next()??.clone();
    for shard in all {
        let never = &shard?.never;
        whole.never.retain(|row| never.contains(row));
    }
    Some(whole)
}

fn same_run(first_name: &str, first: &RunModel, name: &str, shard: &RunModel) -> Result<(), String> {
    let differ = |what: &str, one: &str, other: &str| {
        Err(format!("{first_name} and {name} are not of one run: their {what} are {one} and {other}"))
    };
    if first.version != shard.version {
        return differ("versions", &first.version, &shard.version);
    }
    if first.seed != shard.seed {
        return differ("seeds", &first.seed, &shard.seed);
    }
    let (one, other) = (&first.asked, &shard.asked);
    if one.states_max != other.states_max {
        return differ("bounds on states", &one.states_max.to_string(), &other.states_max.to_string());
    }
    if one.algorithms != other.algorithms {
        return differ("algorithms", &one.algorithms.join(" "), &other.algorithms.join(" "));
    }
    if first.unread != shard.unread {
        return differ("files that could not be read", &first.unread.to_string(), &shard.unread.to_string());
    }
    Ok(())
}

/// Every part of the run is there. A whole run needs no other part.
fn all_there(shards: &[(String, RunModel)]) -> Result<(), String> {
    let mut parts: BTreeSet<(u64, u64)> = BTreeSet::new();
    for (name, shard) in shards {
        let text = shard.asked.shard.as_deref().unwrap_or("1/1");
        let part = text.split_once('/').and_then(|(k, n)| Some((n.parse().ok()?, k.parse().ok()?)));
        let part = part.filter(|(n, k)| (1..=*n).contains(k));
        parts.insert(part.ok_or_else(|| format!("{name} says that it is shard {text}, which is none"))?);
    }
    let sizes: BTreeSet<u64> = parts.iter().map(|(n, _)| *n).collect();
    if let [one, other] = sizes.iter().take(2).collect::<Vec<_>>()[..] {
        return Err(format!("there are shards of {one} and of {other} among them: they are not of one run"));
    }
    let of = sizes.first().copied().unwrap_or(1);
    let missing = (1..=of).filter(|k| !parts.contains(&(of, *k))).take(10);
    let missing: Vec<String> = missing.map(|k| format!("{k}/{of}")).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("shard {} is missing", missing.join(", "))) }
}

/// The algorithms that a scenario expects something of, in its order.
fn order(scenario: &Scenario) -> Vec<&'static str> {
    let read = mapisim_model::scenario::read(&scenario.path, &scenario.text);
    read.map_or_else(|_| Vec::new(), |read| read.expect.iter().map(|expected| expected.build.id()).collect())
}

/// Where a cell stands among those of its scenario: as asked for, else as the scenario's expectations do.
fn place(asked: &Asked, orders: &BTreeMap<&str, Vec<&str>>, cell: &Cell) -> usize {
    let asked = asked.algorithms.iter().position(|algorithm| *algorithm == cell.algorithm);
    let order = orders.get(cell.scenario.as_str());
    asked.or_else(|| order?.iter().position(|algorithm| *algorithm == cell.algorithm)).unwrap_or(0)
}

/// Names that two cells of two shards have are numbered, as a run does it.
fn number_anew(cells: &mut [Cell]) {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for cell in cells {
        let times = used.entry(cell.id.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            cell.id = format!("{}.{times}", cell.id);
        }
    }
}
