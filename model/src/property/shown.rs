//! What the registry shows of profiles and marks: read by every property that speaks of them.
//!
//! A mark is a subkey of a key named `Deleted Profiles`, with anything or nothing appended, below a hive's key of
//! profiles (mapi B6, C7): every such key counts, whichever version of MAPI looks at it. Every other subkey is a profile.
//!
//! Our choice: a profile that somebody really called `Deleted Profiles ...` is taken for such a key (mapi 4.15).

use crate::mapi::names;
use crate::os::Os;
use crate::os::process::ProcessId;
use crate::os::view::KeyTree;

/// What one hive shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The full path of the key of its profiles: `HKU\S-1-5-...\...\Profiles`.
    pub path: String,
    /// Its profiles, in order of enumeration.
    pub profiles: Vec<Profile>,
    /// Its marks: keys in order of enumeration, names within each likewise.
    pub marks: Vec<Mark>,
    /// The keys that marks are under, empty ones too.
    pub mark_keys: Vec<String>,
}

/// A profile's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// A section is missing though one that is written after it is there: something was deleted. A profile that was only
    /// begun to be created lacks the last sections, and nothing else.
    ///
    /// Weaker than the words "partly deleted": a deletion that left nothing but the section written first, or nothing
    /// at all, looks like a creation that has just begun, and is not counted.
    pub partly_deleted: bool,
}

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The name of the key it is under: `Deleted Profiles`, with what is appended.
    pub key: String,
    /// The name that is marked.
    pub profile: String,
}

/// What every loaded hive shows: accounts by name, then `.DEFAULT`; a hive that has no key of profiles shows nothing.
pub fn all(os: &Os) -> Vec<Shown> {
    let mut hives: Vec<String> = os.accounts().map(|account| os.hive_path(&account.name)).collect();
    hives.push(os.hive_path(DEFAULT_HIVE));
    let mut all: Vec<Shown> = Vec::new();
    for shown in hives.iter().filter_map(|hive| hive_of(os, hive)) {
        // LocalSystem's hive is `.DEFAULT` (os C.1).
        if all.iter().all(|known| known.path != shown.path) {
            all.push(shown);
        }
    }
    all
}

/// The hive that stands in where a user's own is not loaded (os C.1).
pub const DEFAULT_HIVE: &str = ".DEFAULT";

/// What a hive shows, by the full path of its root.
pub fn hive_of(os: &Os, hive: &str) -> Option<Shown> {
    let path = format!(r"{hive}\{}", names::PROFILES);
    let keys = os.key_tree(&path)?.subkeys();
    let mut shown = Shown { profiles: Vec::new(), marks: Vec::new(), mark_keys: Vec::new(), path };
    for key in keys {
        let name = key.name();
        if is_mark_key(name) {
            let mark = |mark: KeyTree<'_>| Mark { key: name.to_owned(), profile: mark.name().to_owned() };
            shown.marks.extend(key.subkeys().map(mark));
            shown.mark_keys.push(name.to_owned());
        } else {
            let there = names::SECTIONS.map(|section| key.subkey(section).is_some());
            let only_begun = there.is_sorted_by(|earlier, later| earlier >= later);
            shown.profiles.push(Profile { name: name.to_owned(), partly_deleted: !only_begun });
        }
    }
    Some(shown)
}

/// Whether any hive that [`all`] looks at shows a mark of such a name.
pub fn any_marked(os: &Os, is: impl Fn(&str) -> bool) -> bool {
    let hives = os.accounts().map(|account| account.name.as_str()).chain([DEFAULT_HIVE]);
    let mut profiles =
        hives.filter_map(|hive| names::PROFILES.split('\\').try_fold(os.hive_tree(hive)?, KeyTree::subkey));
    profiles.any(|profiles| {
        let mut mark_keys = profiles.subkeys().filter(|key| is_mark_key(key.name()));
        mark_keys.any(|key| key.subkeys().any(|mark| is(mark.name())))
    })
}

/// Whether a key below the key of all profiles is one that marks are under.
pub fn is_mark_key(name: &str) -> bool {
    if name.is_ascii() {
        let beginning = name.as_bytes().get(..names::DELETED_PROFILES.len());
        return beginning.is_some_and(|name| name.eq_ignore_ascii_case(names::DELETED_PROFILES.as_bytes()));
    }
    upper(name).starts_with(&upper(names::DELETED_PROFILES))
}

/// Whether two keys' names are one (os C.5).
pub fn same_name(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    upper(one) == upper(other)
}

fn upper(name: &str) -> String {
    name.to_uppercase()
}

impl Shown {
    /// The profile of that name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| same_name(&profile.name, name))
    }

    /// Whether a name is marked, under any key.
    pub fn is_marked(&self, name: &str) -> bool {
        self.marks.iter().any(|mark| same_name(&mark.profile, name))
    }

    /// Whether a living process has a key of a profile open that is not deleted, as a session does for its life.
    pub fn is_open(&self, os: &Os, profile: &str) -> bool {
        let key = upper(&format!(r"{}\{profile}", self.path));
        os.process_ids().flat_map(|process| os.open_keys_of(process)).any(|(_, open)| {
            let path = upper(&open.path);
            let below = path.strip_prefix(&key);
            !open.deleted && below.is_some_and(|below| below.is_empty() || below.starts_with('\\'))
        })
    }
}

/// The root of the hive that HKEY_CURRENT_USER is in a process that has used it and keeps it; `None` where it was not
/// used yet, or follows whoever uses it.
pub fn current_hive(os: &Os, process: ProcessId) -> Option<String> {
    use crate::os::view::CurrentUserView;
    match os.current_user_of(process)? {
        CurrentUserView::Mapped(root) if !root.deleted => Some(root.path),
        CurrentUserView::Mapped(_) | CurrentUserView::Unmapped | CurrentUserView::Uncached => None,
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! A machine with one account whose hive is put together by hand, and one process of it.

    use crate::mapi::names;
    use crate::os::Os;
    use crate::os::account::Account;
    use crate::os::process::{ProcessId, ThreadId};
    use crate::os::syscall::{Handle, Key, KeyAccess, Syscall, Value};
    use crate::os::windows::Windows;

    pub(in crate::property) const HIVE: &str = r"HKU\S-1-5-21-1-2-3-1000";
    pub(in crate::property) const PROFILES: &str = r"HKU\S-1-5-21-1-2-3-1000\Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles";

    pub(in crate::property) struct Machine {
        pub(in crate::property) os: Os,
        pub(in crate::property) process: ProcessId,
        thread: ThreadId,
    }

    impl Machine {
        pub(in crate::property) fn new() -> Self {
            let windows: Windows = "2000".parse().expect("a version");
            let mut os = Os::boot(windows, false);
            os.add_account(Account::new("user", "S-1-5-21-1-2-3-1000".parse().expect("a SID")));
            os.load_hive("user");
            let process = os.spawn("program", "user", 0);
            let thread = os.spawn_thread(process);
            Machine { os, process, thread }
        }

        pub(in crate::property) fn profile(&mut self, name: &str) {
            self.profile_without(name, &[]);
        }

        /// A profile that lacks some of its sections, by their index in the order in which they are written.
        pub(in crate::property) fn profile_without(&mut self, name: &str, missing: &[usize]) {
            self.os.create_key("user", &names::profile_path(name)).expect("a name");
            for (index, (section, value, data)) in names::sections().into_iter().enumerate() {
                if !missing.contains(&index) {
                    let path = format!(r"{}\{section}", names::profile_path(name));
                    self.os.set_value("user", &path, value, data).expect("a name");
                }
            }
        }

        pub(in crate::property) fn mark(&mut self, key: &str, profile: &str) {
            let path = format!(r"{}\{key}\{profile}", names::PROFILES);
            self.os.create_key("user", &path).expect("a name");
        }

        /// The process opens a profile's key.
        pub(in crate::property) fn open(&mut self, profile: &str) -> Handle {
            let path = Some(names::profile_path(profile));
            let open = Syscall::RegOpenKeyEx { key: Key::CurrentUser, path, access: KeyAccess::Read };
            match self.os.execute(self.thread, &open) {
                Some(Ok(Value::Handle(handle))) => handle,
                other => panic!("{other:?}"),
            }
        }

        /// The process deletes a profile.
        pub(in crate::property) fn delete(&mut self, profile: &str) {
            let path = names::profile_path(profile);
            let sections = names::sections().map(|(section, ..)| format!(r"{path}\{section}"));
            for path in sections.into_iter().chain([path]) {
                let delete = Syscall::RegDeleteKey { key: Key::CurrentUser, path: Some(path) };
                assert_eq!(self.os.execute(self.thread, &delete), Some(Ok(Value::Nothing)));
            }
        }

        /// The process ends.
        pub(in crate::property) fn end(&mut self) {
            self.os.kill(self.process);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{HIVE, Machine};
    use super::*;

    #[test]
    fn every_key_called_deleted_profiles_and_something_holds_marks_and_no_other_does() {
        for (name, is) in [
            ("Deleted Profiles", true),
            ("deleted profiles", true),
            ("Deleted Profilesd0166c5b", true),
            ("Deleted Profile", false),
            ("My Deleted Profiles", false),
        ] {
            assert_eq!(is_mark_key(name), is, "{name}");
        }
        let mut machine = Machine::new();
        machine.profile("P");
        machine.mark("Deleted Profiles", "P");
        machine.mark("Deleted Profilesd0166c5b", "Q");
        let shown = hive_of(&machine.os, HIVE).expect("a hive with profiles");
        assert_eq!(shown.mark_keys, ["Deleted Profiles", "Deleted Profilesd0166c5b"]);
        assert_eq!(shown.profiles.len(), 1);
        assert!(shown.is_marked("p") && shown.is_marked("Q") && !shown.is_marked("R"));
        assert_eq!(all(&machine.os), [shown], "no other hive has a key of profiles");
        for (name, is) in [("P", true), ("Q", true), ("R", false)] {
            assert_eq!(any_marked(&machine.os, |mark| mark == name), is, "{name}");
        }
    }

    #[test]
    fn a_profile_is_open_by_its_own_key_or_one_below_it_and_not_by_a_longer_name() {
        let mut machine = Machine::new();
        for profile in ["P", "PP"] {
            machine.profile(profile);
        }
        machine.open(r"PP\9207f3e0a3b11019908b08002b2a56c2");
        let shown = hive_of(&machine.os, HIVE).expect("a hive with profiles");
        assert!(shown.is_open(&machine.os, "pp") && !shown.is_open(&machine.os, "P"));
    }
}
