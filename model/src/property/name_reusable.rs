//! `name-reusable`: once a deleted profile's last session is released, CreateProfile with its name succeeds (mapi 4.9).
//!
//! Judged when CreateProfile has answered MAPI_E_NO_ACCESS. The answer is wrong where, at that moment,
//! - the name's profile is there, and is marked (under any key of the hive that the caller sees) or partly deleted,
//! - no living process has a key of it open, as a session has for as long as it is not released, and
//! - no other living thread is in the middle of a call, so nobody is releasing a session or deleting right now, and
//! - the same call, asked once more at once and left alone, would be refused again.
//!
//! The last part keeps races out: a name may be refused rightly, for a session that is marked and dies with its process
//! before the call returns. A second call sees that; over all interleavings it is a first one in some other.
//!
//! Where that is weaker than the words: with a thread of another process in the middle of any call nothing is judged. Over
//! all interleavings nothing is lost, as there is one in which it has returned before. A profile that is whole and
//! unmarked is one that exists, and its name is rightly refused. A session that was logged off but never released is
//! still on its profile.

use super::shown;
use crate::os::Os;

/// Whether a name is refused that nobody uses: the caller's HKEY_CURRENT_USER is the hive of that root, and the name
/// would be `refused_again`.
pub fn broken(os: &Os, hive: &str, profile: &str, refused_again: impl FnOnce() -> bool) -> bool {
    let Some(shown) = shown::hive_of(os, hive) else { return false };
    let free = shown.profile(profile).is_some_and(|there| {
        (there.partly_deleted || shown.is_marked(&there.name)) && !shown.is_open(os, &there.name)
    });
    free && refused_again()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::shown::testing::{HIVE, Machine};

    #[test]
    fn a_name_is_refused_wrongly_where_its_profile_is_deleted_and_nobody_has_it_open() {
        let mut machine = Machine::new();
        assert!(!broken(&machine.os, HIVE, "P", || true), "no such profile");
        machine.profile("P");
        assert!(!broken(&machine.os, HIVE, "P", || true), "a profile that exists");
        machine.mark("Deleted Profiles", "P");
        assert!(broken(&machine.os, HIVE, "p", || true));
        assert!(!broken(&machine.os, HIVE, "P", || false), "it was a race");
        machine.open("P");
        assert!(!broken(&machine.os, HIVE, "P", || true), "a session is on it");
        machine.end();
        assert!(broken(&machine.os, HIVE, "P", || true), "its process has ended");
    }

    #[test]
    fn a_name_whose_profile_is_partly_deleted_counts_too() {
        let mut machine = Machine::new();
        machine.profile_without("P", &[1]);
        assert!(broken(&machine.os, HIVE, "P", || true));
    }
}
