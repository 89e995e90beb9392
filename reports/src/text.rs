//! Text in columns: widths as a terminal counts them, wrapping, shortening, and the few styles there are.
//!
//! Styles are always written; whoever prints takes them out where nobody wants them. Meaning never depends on them.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Headings.
pub const HEADING: Style = Style::new().bold();
/// What is left out, and remarks.
pub const DIM: Style = Style::new().dimmed();
/// The cause of a break, and what is not as expected.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// The symptom, and what has no answer. Not yellow, which nobody can read on white.
pub const WARN: Style = AnsiColor::Magenta.on_default();
/// What holds.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Nothing special.
pub const PLAIN: Style = Style::new();

/// Text in a style.
pub fn paint(style: Style, text: &str) -> String {
    if style == PLAIN || text.is_empty() {
        return text.to_owned();
    }
    format!("{}{text}{}", style.render(), style.render_reset())
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text with spaces behind it up to a width.
pub fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// A text in a style, with spaces behind it up to a width.
pub fn paint_padded(style: Style, text: &str, columns: usize) -> String {
    format!("{}{}", paint(style, text), " ".repeat(columns.saturating_sub(width(text))))
}

/// A text with spaces before it up to a width.
pub fn pad_left(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{}{text}", " ".repeat(missing))
}

/// A text that takes at most so many columns: what is too long loses its middle.
pub fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let head = take_columns(text.chars(), room.div_ceil(2));
    let tail: Vec<char> = take_columns(text.chars().rev(), room / 2).chars().rev().collect();
    format!("{head}…{}", tail.into_iter().collect::<String>())
}

fn take_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut taken = 0;
    characters
        .take_while(|character| {
            taken += character.width().unwrap_or(0);
            taken <= columns
        })
        .collect()
}

/// A text in lines of at most so many columns, broken between words; a word that is longer is broken behind a
/// backslash, a hyphen or a comma, or wherever it has to be. Line ends in the text are kept.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(4);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let gap = usize::from(!line.is_empty());
            if width(&line) + gap + width(word) <= columns {
                line.push_str(&" ".repeat(gap));
                line.push_str(word);
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let mut pieces = break_word(word, columns);
            line = pieces.pop().unwrap_or_default();
            lines.append(&mut pieces);
        }
        lines.push(line);
    }
    lines
}

/// A word in pieces of at most so many columns.
fn break_word(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while width(rest) > columns {
        let fits = take_columns(rest.chars(), columns).len();
        let least = rest.chars().next().map_or(1, char::len_utf8);
        let nice = rest[..fits].rfind(['\\', '-', ',']).map(|at| at + 1).filter(|at| *at * 3 >= fits);
        let (piece, left) = rest.split_at(nice.unwrap_or(fits).max(least));
        pieces.push(piece.to_owned());
        rest = left;
    }
    pieces.push(rest.to_owned());
    pieces
}

/// A text in lines, each behind an indentation.
pub fn indented(text: &str, indent: usize, columns: usize) -> String {
    let lines = wrap(text, columns.saturating_sub(indent));
    let lines = lines.iter().map(|line| format!("{}{line}", " ".repeat(indent)).trim_end().to_owned() + "\n");
    lines.collect()
}

/// A head, and text in lines beside it: `column` is where the text begins.
pub fn hanging(head: &str, text: &str, column: usize, columns: usize) -> String {
    let lines = wrap(text, columns.saturating_sub(column));
    let first = format!("{}{}", pad(head, column), lines.first().map_or("", String::as_str));
    let rest = lines.iter().skip(1).map(|line| format!("{}{line}", " ".repeat(column)));
    std::iter::once(first).chain(rest).map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// `1 step`, `2 steps`, `1,403 states`.
pub fn count(number: usize, one: &str) -> String {
    format!("{} {one}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with its thousands apart.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A text with each of our signs as an ASCII one of the same width, so that nothing moves. Whatever else there is stays:
/// names have to be as they are in files.
pub fn ascii(text: &str) -> String {
    let sign = |c: char| match c {
        '┃' | '│' | '┆' | '╵' | '╷' => '|',
        '┇' => ':',
        '✗' => 'X',
        '×' => 'x',
        '…' => '~',
        '→' | '›' | '≥' => '>',
        '←' | '≤' => '<',
        '·' | '╭' | '╰' | '▸' | '╴' | '─' | '━' | '–' | '—' => '-',
        '≠' => '#',
        '✓' => 'v',
        _ => c,
    };
    text.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_where_a_path_has_its_joints() {
        assert_eq!(wrap(r"see HKU\S-1-5\Software", 12), ["see", r"HKU\S-1-5\", "Software"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a b\n\nc", 10), ["a b", "", "c"]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(width("表"), 2);
        assert_eq!(wrap("表表表", 4), ["表表", "表"]);
        assert_eq!(shorten("表表表表", 5), "表…表");
        assert_eq!(pad("表", 3), "表 ");
    }

    #[test]
    fn signs_keep_their_width_in_ascii_and_names_stay() {
        let text = "┃ ✗ 5 → A[表é] ×4 · …";
        assert_eq!(ascii(text), "| X 5 > A[表é] x4 - ~");
        assert_eq!(width(&ascii(text)), width(text));
    }

    #[test]
    fn what_is_too_long_loses_its_middle() {
        assert_eq!(shorten("abcdefghi", 9), "abcdefghi");
        assert_eq!(shorten("abcdefghij", 9), "abcd…ghij");
    }

    #[test]
    fn numbers_are_read_in_groups() {
        let grouped: Vec<String> = [0, 999, 1000, 1_234_567].into_iter().map(grouped).collect();
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((count(1, "step"), count(2, "step")), ("1 step".to_owned(), "2 steps".to_owned()));
    }
}
