//! `hidden-when-deleted`: the profile table lists neither a marked profile nor a marker key (mapi B8).
//!
//! Judged when GetProfileTable returns. A row is wrong where, at that moment,
//! - it is a key that marks are under, or is marked (under any key of the hive that the caller sees), and
//! - the same call, asked once more at once and left alone, would list it again.
//!
//! The second part keeps races out without remembering anything: a profile that is marked, or whose mark goes, while the
//! call is under way may be listed or not, but a second look settles it. What stays wrong is what the call does not see:
//! a mark under a key that it does not look at. Over all interleavings this is exactly "listed, though it was marked
//! before the call began": where another marks during the call, there is an interleaving in which it did so before,
//! since a table only reads. In one scheduled run it is stronger: a mark written during the call, where every later call
//! would miss it too, breaks it already. It is weaker in one point: a row that is listed only since the list of marks
//! moved up while it was read is a race, and settled by the second look.

use super::shown::{self, same_name};
use crate::os::Os;

/// The first row that is wrong: listed for a caller whose HKEY_CURRENT_USER is the hive of that root, and listed
/// `again` when it asks once more.
pub fn wrong_row<'a>(
    os: &Os,
    hive: &str,
    rows: &'a [String],
    again: impl FnOnce() -> Option<Vec<String>>,
) -> Option<&'a str> {
    let shown = shown::hive_of(os, hive)?;
    let suspects: Vec<&String> =
        rows.iter().filter(|row| shown::is_mark_key(row) || shown.is_marked(row)).collect();
    if suspects.is_empty() {
        return None;
    }
    let again = again()?;
    let listed = |row: &&String| again.iter().any(|other| same_name(row, other));
    suspects.into_iter().find(listed).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::shown::testing::{HIVE, Machine};

    fn rows(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_marked_row_is_wrong_only_where_it_would_be_listed_again() {
        let mut machine = Machine::new();
        machine.profile("P");
        machine.mark("Deleted Profilesd0166c5b", "P");
        let (listed, other) = (rows(&["Mine", "P"]), rows(&["Mine"]));
        assert_eq!(wrong_row(&machine.os, HIVE, &listed, || Some(listed.clone())), Some("P"));
        assert_eq!(wrong_row(&machine.os, HIVE, &listed, || Some(other.clone())), None, "it was a race");
        assert_eq!(wrong_row(&machine.os, HIVE, &listed, || None), None, "a call that waits is not judged");
        assert_eq!(
            wrong_row(&machine.os, HIVE, &other, || panic!("there is nothing to ask again for")),
            None
        );
    }

    #[test]
    fn a_row_that_is_a_key_of_marks_is_wrong() {
        let mut machine = Machine::new();
        machine.mark("Deleted Profilesd0166c5b", "P");
        let listed = rows(&["deleted PROFILESd0166c5b"]);
        assert_eq!(
            wrong_row(&machine.os, HIVE, &listed, || Some(listed.clone())),
            Some("deleted PROFILESd0166c5b")
        );
    }
}
