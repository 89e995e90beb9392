//! Text from outside, made safe to print: what would steer a terminal or reorder a line is shown instead of obeyed.
//!
//! Made visible: control characters, and the invisible characters that change direction, join, split or hide others.
//! Everything else, right-to-left letters included, is left as it is.

use std::borrow::Cow;

/// Whether a character is not printed but obeyed.
pub fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The text with every steering character written as `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_steering) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_steering(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// How many characters of a name a message shows.
const SHOWN_MAX: usize = 60;

/// A name as a message shows it: in backquotes, visible, and cut where it is very long.
pub fn quoted(name: &str) -> String {
    match name.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("`{}...`", visible(&name[..end])),
        None => format!("`{}`", visible(name)),
    }
}

/// Source text as it is quoted: every steering character but tabs and line ends becomes one that is seen, one for one,
/// so that columns stay; the places given are moved along.
pub(crate) fn quotable(text: &str, places: &mut [&mut usize]) -> String {
    let steers = |c: char| is_steering(c) && !matches!(c, '\t' | '\n' | '\r');
    let mut shown = String::with_capacity(text.len());
    let mut moved: Vec<usize> = places.iter().map(|place| **place).collect();
    for (at, character) in text.char_indices() {
        if !steers(character) {
            shown.push(character);
            continue;
        }
        let picture = match u32::from(character) {
            code @ 0..=0x1F => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
            0x7F => '\u{2421}',
            _ => char::REPLACEMENT_CHARACTER,
        };
        shown.push(picture);
        for (place, new) in places.iter().zip(&mut moved) {
            if **place > at {
                *new = *new + picture.len_utf8() - character.len_utf8();
            }
        }
    }
    for (place, new) in places.iter_mut().zip(moved) {
        **place = new;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_obeyed_is_shown() {
        assert_eq!(visible("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(visible("\u{202e}cba\u{9b}"), "\\u{202e}cba\\u{9b}");
        assert_eq!(visible("שלום, ä, 表"), "שלום, ä, 表");
        assert_eq!(quoted(&"x".repeat(61)), format!("`{}...`", "x".repeat(60)));
    }

    #[test]
    fn quoted_source_keeps_its_columns_and_places() {
        let (mut before, mut after) = (1, 5);
        let shown = quotable("a\u{1b}\u{202e}b\tc\u{9b}", &mut [&mut before, &mut after]);
        assert_eq!(shown, "a␛\u{fffd}b\tc\u{fffd}");
        assert_eq!((before, &shown[after..=after]), (1, "b"));
        assert_eq!(shown.chars().count(), 7);
    }
}
