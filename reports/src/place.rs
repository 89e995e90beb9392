//! What a registry key is to MAPI, told by its path: a profile, a section of one, a mark (mapi 2.1, 2.3, B6).

use mapisim_model::mapi::names::{
    DELETED_PROFILES, GLOBAL_SECTION, HOME_SERVER, INSTANCE_SECTION, PROFILES, SEARCH_KEY, STORE_PROVIDERS,
    TOP_SECTION,
};

/// Where a key lies among the profiles of a hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// The key of all profiles.
    Profiles,
    /// The key that marks are under.
    Marks,
    /// A mark: the name of the profile that is marked.
    Mark(&'a str),
    /// A profile's own key.
    Profile(&'a str),
    /// A section of a profile.
    Section(&'a str),
    /// Anything else.
    Elsewhere,
}

impl<'a> Place<'a> {
    /// The place of a key, by its full path.
    pub fn of(path: &'a str) -> Self {
        let Some(rest) = path.strip_prefix(r"HKU\").and_then(|rest| rest.split_once('\\')) else {
            return Place::Elsewhere;
        };
        let Some(tail) = below(rest.1, PROFILES) else { return Place::Elsewhere };
        let mut parts = tail.split('\\').skip(1);
        match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Place::Profiles,
            (Some(first), second, None) if is_marks(first) => second.map_or(Place::Marks, Place::Mark),
            (Some(first), None, _) => Place::Profile(first),
            (Some(first), Some(_), None) => Place::Section(first),
            _ => Place::Elsewhere,
        }
    }
}

fn is_marks(name: &str) -> bool {
    name.get(..DELETED_PROFILES.len()).is_some_and(|head| head.eq_ignore_ascii_case(DELETED_PROFILES))
}

/// What follows a path in a longer one, `\` first; names of keys are compared without case (os C.5).
pub(crate) fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let head = path.get(..root.len())?;
    let rest = &path[root.len()..];
    (head.eq_ignore_ascii_case(root) && (rest.is_empty() || rest.starts_with('\\'))).then_some(rest)
}

/// What a section of a profile is, by its name (mapi 2.3).
pub fn section_word(name: &str) -> Option<&'static str> {
    let words = [
        (TOP_SECTION, "MAPI's own section"),
        (GLOBAL_SECTION, "Exchange global section"),
        (INSTANCE_SECTION, "profile instance"),
    ];
    words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, word)| word)
}

/// What a value of a profile is, by its name (mapi 2.3).
pub fn value_word(name: &str) -> Option<&'static str> {
    let words = [
        (STORE_PROVIDERS, "list of stores"),
        (HOME_SERVER, "home server"),
        (SEARCH_KEY, "unique search key"),
    ];
    words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_the_path() {
        let at = |tail: &str| format!(r"HKU\S-1\{PROFILES}{tail}");
        assert_eq!(Place::of(&at("")), Place::Profiles);
        assert_eq!(Place::of(&at(r"\Deleted Profiles")), Place::Marks);
        assert_eq!(Place::of(&at(r"\Deleted Profiles14d420e2\P")), Place::Mark("P"));
        assert_eq!(Place::of(&at(r"\P")), Place::Profile("P"));
        assert_eq!(Place::of(&at(&format!(r"\P\{TOP_SECTION}"))), Place::Section("P"));
        assert_eq!(Place::of(r"HKU\S-1\Software"), Place::Elsewhere);
    }
}
