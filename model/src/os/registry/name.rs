//! Names and paths of keys and values (os C.5).
//!
//! Names keep their case and are compared without it, by the upper-case table of the basic plane; letters
//! beyond it are not folded.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::os::error::Win32Error;
use crate::os::namespace::c_string;

/// The longest key name, in UTF-16 units: tests accept 256, though the documents say 255 (os C.5, I.3).
const KEY_NAME_UNITS_MAX: usize = 256;

/// The longest value name, in UTF-16 units (os C.5).
pub(crate) const VALUE_NAME_UNITS_MAX: usize = 16383;

/// The path of a key below HKEY_USERS, as the names were created: `S-1-5-18\Software`. The empty path is
/// HKEY_USERS.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Arc<str>);

impl KeyPath {
    /// HKEY_USERS itself.
    pub(crate) fn users() -> Self {
        Self("".into())
    }

    /// The path that many names further down.
    pub(crate) fn join(&self, names: &[&str]) -> Self {
        if names.is_empty() {
            return self.clone();
        }
        let parts: Vec<&str> =
            self.parts().chain(names.iter().copied().filter(|name| !name.is_empty())).collect();
        Self(parts.join("\\").into())
    }

    /// The names along the path.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> + Clone {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            // Names are short: they are at their end before a search by words has begun.
            let end = rest.bytes().position(|byte| byte == b'\\').unwrap_or(rest.len());
            let part = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            (!part.is_empty()).then_some(part)
        })
    }

    /// The names along the rest of the path, where it leads through a key, the case of whose names is kept.
    pub(crate) fn below(&self, above: &Self) -> Option<&str> {
        self.0.strip_prefix(&*above.0)?.strip_prefix('\\')
    }

    /// The hive that the key is in; none for HKEY_USERS.
    pub(crate) fn hive(&self) -> Option<&str> {
        self.parts().next()
    }

    /// The path of the key above, and the key's own name; none for HKEY_USERS.
    pub(crate) fn split_last(&self) -> Option<(Self, &str)> {
        match self.0.rsplit_once('\\') {
            Some((above, name)) => Some((Self(above.into()), name)),
            None if self.0.is_empty() => None,
            None => Some((Self::users(), &self.0)),
        }
    }
}

impl fmt::Display for KeyPath {
    /// Prints `HKU\S-1-5-18\Software`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HKU")?;
        self.parts().try_for_each(|part| write!(f, "\\{part}"))
    }
}

impl fmt::Debug for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The names along a path that a program passes. Trailing backslashes are ignored (os C.5), and so are
/// doubled ones.
///
/// # Errors
/// 161 for a leading backslash (os C.5).
pub(crate) fn parts_of(path: &str) -> Result<Vec<&str>, Win32Error> {
    let path = c_string(path);
    if path.starts_with('\\') {
        return Err(Win32Error::BAD_PATHNAME);
    }
    Ok(path.split('\\').filter(|part| !part.is_empty()).collect())
}

/// Whether a name is short enough for a key.
///
/// # Errors
/// 87 where it is not (os C.5).
pub(crate) fn check_key_name(name: &str) -> Result<(), Win32Error> {
    // A UTF-16 unit takes at least one byte, so most names need not be counted.
    let too_long = name.len() > KEY_NAME_UNITS_MAX && name.encode_utf16().count() > KEY_NAME_UNITS_MAX;
    if too_long { Err(Win32Error::INVALID_PARAMETER) } else { Ok(()) }
}

/// The order of names: by their upper-cased UTF-16 units (os C.4).
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() {
        return one
            .bytes()
            .map(|b| b.to_ascii_uppercase())
            .cmp(other.bytes().map(|b| b.to_ascii_uppercase()));
    }
    units(one).cmp(units(other))
}

/// Whether two names are one name.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one == other
        || one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii()) && compare(one, other).is_eq()
}

fn units(name: &str) -> impl Iterator<Item = u16> {
    name.encode_utf16().map(|unit| {
        let upper = char::from_u32(u32::from(unit)).map(|letter| {
            let mut upper = letter.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                _ => letter, // no single letter is its upper case
            }
        });
        upper.and_then(|upper| u16::try_from(u32::from(upper)).ok()).unwrap_or(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (os C.5, G2.67) Case is folded in the basic plane only.
    #[test]
    fn names_are_compared_without_case_in_the_basic_plane_only() {
        let rows = [
            ("Software", "SOFTWARE", true),
            ("Überschrift", "üBERSCHRIFT", true),
            ("straße", "STRASSE", false),
            ("ı", "I", true),
            ("\u{10428}", "\u{10400}", false),
            ("a", "a ", false),
        ];
        for (one, other, equal) in rows {
            assert_eq!(same(one, other), equal, "{one} {other}");
            assert_eq!(compare(one, other).is_eq(), equal, "{one} {other}");
        }
    }

    /// (os C.4) The order is that of the upper-cased names: an underscore comes after the letters.
    #[test]
    fn the_order_is_that_of_upper_case() {
        let mut names = ["b", "_", "A", "a b", "Z", "1", "é", "É2"];
        names.sort_by(|one, other| compare(one, other));
        assert_eq!(names, ["1", "A", "a b", "b", "Z", "_", "é", "É2"]);
    }

    #[test]
    fn a_path_is_cut_at_backslashes() {
        assert_eq!(parts_of(r"a\b\\c\\"), Ok(vec!["a", "b", "c"]), "(C.5)");
        assert_eq!(parts_of(""), Ok(vec![]));
        assert_eq!(parts_of("a\0b\\c"), Ok(vec!["a"]));
        assert_eq!(parts_of(r"\a"), Err(Win32Error::BAD_PATHNAME), "(C.5)");
    }

    #[test]
    fn a_key_name_has_at_most_256_units() {
        assert_eq!(check_key_name(&"x".repeat(256)), Ok(()), "(G2.72)");
        assert_eq!(check_key_name(&"x".repeat(257)), Err(Win32Error::INVALID_PARAMETER), "(G2.72)");
        assert_eq!(check_key_name(&"\u{10428}".repeat(128)), Ok(()));
        assert_eq!(check_key_name(&"\u{10428}".repeat(129)), Err(Win32Error::INVALID_PARAMETER));
    }

    #[test]
    fn a_path_knows_its_parts() {
        let path = KeyPath::users().join(&["S-1-5-18", "Software"]);
        assert_eq!(path.to_string(), r"HKU\S-1-5-18\Software");
        assert_eq!(path.hive(), Some("S-1-5-18"));
        assert_eq!(path.split_last(), Some((KeyPath::users().join(&["S-1-5-18"]), "Software")));
        assert_eq!(KeyPath::users().split_last(), None);
        assert_eq!(KeyPath::users().to_string(), "HKU");
    }
}
