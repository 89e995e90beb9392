//! A picture as a Mermaid sequence diagram, which GitHub and GitLab draw in Markdown.
//!
//! Always holds
//! - No text can end its line or become syntax: all but letters, digits, spaces and a few marks are written as `#code;`.
//! - It is shorter than what Mermaid draws ([`LENGTH_MAX`]): rows far from what matters are left out.

use std::collections::BTreeMap;

use super::{Mark, Picture, Row, picture};
use crate::run_model::Cell;
use crate::text::{shorten, wrap};

/// Mermaid refuses 50,000 characters and more.
pub const LENGTH_MAX: usize = 45_000;
/// Columns of a text.
const TEXT_MAX: usize = 90;
/// What changed where it is told across all lanes, in notes.
const NOTES_MAX: usize = 6;

/// The diagram of a cell's run, with a line end at the end; none where there is no run.
pub fn render(cell: &Cell) -> Option<String> {
    let mut rows = 300;
    loop {
        let text = draw(&picture(cell, rows)?);
        if text.len() <= LENGTH_MAX || rows <= 10 {
            return Some(text);
        }
        rows = rows * 2 / 3;
    }
}

fn draw(picture: &Picture) -> String {
    let mut text = format!("sequenceDiagram\n    accTitle: {}\n", escaped(&picture.title));
    for (index, lane) in picture.lanes.iter().enumerate() {
        let mut name = vec![escaped(&shorten(&lane.name, 40))];
        name.extend(lane.details.iter().map(|detail| escaped(&shorten(detail, 40))));
        text += &format!("    participant l{index} as {}\n", name.join("<br/>"));
    }
    let last = picture.lanes.len() - 1;
    let mut live: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, row) in picture.rows.iter().enumerate() {
        text += &line(row, last);
        for bar in picture.bars.iter().filter(|bar| bar.from == index) {
            *live.entry(bar.lane).or_default() += 1;
            text +=
                &format!("    activate l{}\n    Note over l{0}: {} is live\n", bar.lane, escaped(&bar.name));
        }
        for bar in picture.bars.iter().filter(|bar| bar.harmed == Some(index)) {
            text += &format!("    Note over l{}: {} has lost its profile\n", bar.lane, escaped(&bar.name));
        }
        for bar in picture.bars.iter().filter(|bar| bar.to == index) {
            let live = live.entry(bar.lane).or_default();
            if *live > 0 {
                *live -= 1;
                text += &format!("    deactivate l{}\n", bar.lane);
            }
        }
    }
    text
}

fn line(row: &Row, last: usize) -> String {
    let Some(from) = row.from else {
        let step = if row.steps.is_empty() { String::new() } else { format!("step {}: ", row.steps) };
        let words = step + &shorten(&row.text, TEXT_MAX);
        // It has the width of all lanes, and as many lines as it needs.
        let notes = row.notes.iter().take(NOTES_MAX).flat_map(|note| wrap(note, TEXT_MAX));
        let told = notes.fold(escaped(&words), |told, line| told + "<br/>" + &escaped(&line));
        return format!("    Note over l0,l{last}: {told}\n");
    };
    let mut words: Vec<String> = Vec::new();
    match row.mark {
        Mark::Cause => words.push("CAUSE,".to_owned()),
        Mark::Symptom => words.push("NOTICED,".to_owned()),
        Mark::Plain | Mark::Heading | Mark::Fold => {}
    }
    if !row.steps.is_empty() {
        words.push(format!("step {}:", row.steps));
    }
    words.push(shorten(&row.text, TEXT_MAX));
    let mut told = escaped(&words.join(" "));
    if let Some(note) = row.notes.first() {
        told += &format!("<br/>{}", escaped(&shorten(note, TEXT_MAX)));
    }
    let arrow = match row.mark {
        Mark::Cause => "-x",
        Mark::Fold => "-->>",
        Mark::Plain | Mark::Heading | Mark::Symptom => "->>",
    };
    let message = format!("l{from}{arrow}l{}: {told}", row.to.unwrap_or(from));
    match row.mark {
        Mark::Fold => format!("    Note over l{from}: {told}\n"),
        Mark::Cause => format!("    rect rgb(255, 214, 214)\n    {message}\n    end\n"),
        Mark::Symptom => format!("    rect rgb(255, 236, 190)\n    {message}\n    end\n"),
        Mark::Plain | Mark::Heading => format!("    {message}\n"),
    }
}

/// A text without syntax in it.
fn escaped(text: &str) -> String {
    let plain = |c: char| (c.is_alphanumeric() || " .,-_/()=+×→…“”?".contains(c)) && c != '\u{ad}';
    let each = text.chars().map(|c| if plain(c) { c.to_string() } else { format!("#{};", u32::from(c)) });
    let text: String = each.collect();
    // A line that says nothing but this would end a block.
    if text.trim().eq_ignore_ascii_case("end") { format!("{text}.") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_syntax() {
        assert_eq!(
            escaped("a;b #1 <b> %%{x}%% \"q\" HKU\\s"),
            "a#59;b #35;1 #60;b#62; #37;#37;#123;x#125;#37;#37; #34;q#34; HKU#92;s"
        );
        assert_eq!(escaped("x: y->>z\n"), "x#58; y-#62;#62;z#10;");
        assert_eq!(escaped("end"), "end.");
    }
}
