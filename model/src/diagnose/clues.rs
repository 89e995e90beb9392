//! Clues: what an investigator would find on a machine that shows the symptom, read off the machine itself.

use super::family::PROFILE;
use crate::os::Os;
use crate::outcome::Outcome;
use crate::property::shown;

/// What would be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clues {
    /// Some name is marked.
    pub has_marks: bool,
    /// Why what should go stays, where something does.
    pub stays: Option<&'static str>,
    /// Questions with their answers, always the same questions in the same order.
    pub answers: Vec<(&'static str, String)>,
}

impl Clues {
    /// What a machine shows at the moment of the symptom.
    pub(super) fn of(os: &Os, outcome: &Outcome) -> Self {
        let all = shown::all(os);
        let marks: Vec<String> = all
            .iter()
            .flat_map(|hive| {
                hive.marks.iter().map(|mark| {
                    format!("{} under {} of {}", mark.profile, key(&mark.key), owner(os, &hive.path))
                })
            })
            .collect();
        let profile: Vec<String> = all
            .iter()
            .filter_map(|hive| Some((hive, hive.profile(PROFILE)?)))
            .map(|(hive, profile)| {
                let whole = if profile.partly_deleted { "in part" } else { "there" };
                format!("{whole}, in the hive of {}", owner(os, &hive.path))
            })
            .collect();
        let counts: Vec<String> = os
            .sections()
            .map(|section| {
                let place = match section.session {
                    None => "global".to_owned(),
                    Some(session) => format!("session {session}'s"),
                };
                let name = section.path.as_ref().map_or_else(String::new, ToString::to_string);
                let account = named(os, &name);
                let count: i64 = section.cells().map_or(0, |cells| cells.values().sum());
                format!("{place}, for {account}: {count}")
            })
            .collect();
        let counted = os
            .sections()
            .filter_map(|section| section.cells().map(|cells| cells.values().sum::<i64>()))
            .sum::<i64>();
        let stays = (!profile.is_empty()).then_some(match (marks.is_empty(), counted) {
            (true, _) => "The profile is not marked, so no sweep will ever take it.",
            (false, 0) => {
                "It is marked and no section counts anybody on it: no sweep that ran looked under that key, or none ran."
            }
            (false, _) => {
                "It is marked, but a section still counts a session on it, so every sweep that sees the count spares it."
            }
        });
        let deed = outcome.finding.as_ref().and_then(|finding| {
            let run = outcome.run.as_ref()?;
            let step = run.step(finding.cause);
            let call = step.call.as_ref().map_or("its end", |call| call.name.as_str());
            Some(format!("{} in {call}", run.actor_name(step)))
        });
        let listed =
            |list: Vec<String>, none: &str| if list.is_empty() { none.to_owned() } else { list.join("; ") };
        Clues {
            has_marks: !marks.is_empty(),
            stays,
            answers: vec![
                ("marks in the registry", listed(marks, "none")),
                ("the profile's key", listed(profile, "gone")),
                ("sections and what they count", listed(counts, "none")),
                ("the step that did it", deed.unwrap_or_else(|| "none".to_owned())),
            ],
        }
    }
}

fn key(name: &str) -> String {
    format!("\"{name}\"")
}

fn owner(os: &Os, path: &str) -> String {
    let of = |account: &str| path.starts_with(&os.hive_path(account));
    let account = os.accounts().find(|account| of(&account.name));
    account.map_or_else(|| ".DEFAULT".to_owned(), |account| account.name.clone())
}

/// The account whose SID ends a name.
fn named(os: &Os, name: &str) -> String {
    let account = os.accounts().find(|account| name.ends_with(&account.sid.to_string()));
    account.map_or_else(|| "all".to_owned(), |account| account.name.clone())
}
