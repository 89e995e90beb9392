//! A picture as SVG: one file, no script, no fonts of its own.
//!
//! Always holds
//! - It is well-formed XML, whatever the names are.
//! - Each row has its height for itself, and texts end where the next column begins: no two texts overlap. What is too
//!   long loses its middle, and has all of it as its title.
//! - What a colour says, a word says too.

use super::{Bar, Mark, Picture, Row};
use crate::text::{shorten, width, wrap};

/// The width of the column of step numbers.
const GUTTER: usize = 96;
/// The width of a lane.
const LANE: usize = 190;
/// The width of the column of what changed.
const NOTES: usize = 400;
/// The height of a line.
const LINE: usize = 16;
/// The height of the heads of the lanes.
const HEAD: usize = 66;
/// Tenths of a pixel that a column of text takes at most.
const COLUMN: usize = 68;

/// How many rows are drawn at most.
pub const ROWS_MAX: usize = 400;

const STYLE: &str = "\
text{font:11px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1b1f24}\
.t{font-weight:bold;font-size:13px}.h{font-weight:bold}.d{fill:#57606a}.c{fill:#a40e26;font-weight:bold}\
.s{fill:#7d4e00;font-weight:bold}.on{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}";

/// The diagram, with a line end at the end.
pub fn render(picture: &Picture) -> String {
    let layout = Layout::of(picture);
    let summary = wrap(&picture.summary, columns(layout.width - 24));
    let top = 34 + summary.len() * LINE + 8;
    let body: usize = layout.heights.iter().sum();
    let height = top + HEAD + body + 20;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{height}\" viewBox=\"0 0 {w} {height}\" role=\"img\">\n\
         <title>{t}</title>\n<desc>{d}</desc>\n<style>{STYLE}</style>\n\
         <rect width=\"{w}\" height=\"{height}\" fill=\"#fff\"/>\n",
        w = layout.width,
        t = xml(&picture.title),
        d = xml(&picture.summary),
    );
    svg += &text(12, 22, "t", &picture.title, layout.width - 24);
    for (index, line) in summary.iter().enumerate() {
        svg += &text(12, 42 + index * LINE, "", line, layout.width - 24);
    }
    svg += &heads(picture, top);
    let rows_top = top + HEAD;
    let tops = layout.tops(rows_top);
    svg += &bands(picture, &layout, &tops);
    for index in 0..picture.lanes.len() {
        let x = Layout::x(index);
        svg += &format!(
            "<path d=\"M{x} {rows_top}V{}\" stroke=\"#afb8c1\" stroke-dasharray=\"3 3\"/>\n",
            rows_top + body
        );
    }
    for bar in &picture.bars {
        svg += &session(bar, &picture.bars, &tops);
    }
    for (row, top) in picture.rows.iter().zip(&tops) {
        svg += &drawn(row, *top, &layout);
    }
    svg + "</svg>\n"
}

/// Where things stand.
struct Layout {
    lanes: usize,
    width: usize,
    heights: Vec<usize>,
}

impl Layout {
    fn of(picture: &Picture) -> Self {
        let lanes = picture.lanes.len();
        let heights = picture.rows.iter().map(|row| {
            let notes: usize = row.notes.iter().map(|note| wrap(note, columns(NOTES - 20)).len()).sum();
            // A message has its text above its arrow.
            let own = if row.to.is_some() { 2 } else { 1 };
            LINE * notes.max(own) + 6
        });
        Layout { lanes, width: GUTTER + lanes * LANE + NOTES, heights: heights.collect() }
    }

    fn x(lane: usize) -> usize {
        GUTTER + lane * LANE + LANE / 2
    }

    fn notes(&self) -> usize {
        GUTTER + self.lanes * LANE + 10
    }

    /// The top of each row, and the end of the last.
    fn tops(&self, first: usize) -> Vec<usize> {
        let mut tops = vec![first];
        for height in &self.heights {
            tops.push(tops[tops.len() - 1] + height);
        }
        tops
    }
}

fn heads(picture: &Picture, top: usize) -> String {
    let mut svg = String::new();
    for (index, lane) in picture.lanes.iter().enumerate() {
        let x = GUTTER + index * LANE;
        let fill = if lane.thread { "#ddf4ff" } else { "#f6f8fa" };
        let (left, wide, high) = (x + 4, LANE - 8, HEAD - 8);
        svg += &format!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{high}\" rx=\"4\" fill=\"{fill}\" stroke=\"#afb8c1\"/>\n"
        );
        svg += &text(x + 10, top + 18, "h", &lane.name, LANE - 20);
        for (line, detail) in lane.details.iter().take(2).enumerate() {
            svg += &text(x + 10, top + 34 + line * LINE, "d", detail, LANE - 20);
        }
    }
    let x = GUTTER + picture.lanes.len() * LANE + 10;
    svg + &text(x, top + 18, "h", "what changed, or was found out", NOTES - 20)
}

/// The background of the rows that matter.
fn bands(picture: &Picture, layout: &Layout, tops: &[usize]) -> String {
    let mut svg = String::new();
    for (index, row) in picture.rows.iter().enumerate() {
        let fill = match row.mark {
            Mark::Cause => "#ffebe9",
            Mark::Symptom => "#fff8c5",
            // What befalls the whole machine.
            Mark::Plain | Mark::Heading if row.from.is_none() && !row.steps.is_empty() => "#d0d7de",
            Mark::Plain | Mark::Heading | Mark::Fold => continue,
        };
        svg += &format!(
            "<rect x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>\n",
            tops[index], layout.width, layout.heights[index]
        );
    }
    svg
}

/// A live session as a bar on its lane; from where it has lost its profile, an empty one. Bars of one lane stand side by side.
fn session(bar: &Bar, all: &[Bar], tops: &[usize]) -> String {
    let earlier = all.iter().take_while(|other| *other != bar).filter(|other| other.lane == bar.lane);
    let beside = earlier.filter(|other| other.to > bar.from).count().min(3);
    let x = Layout::x(bar.lane) - 4 + beside * 10;
    let (from, to) = (tops[bar.from] + 8, tops[bar.to + 1]);
    let lost = bar.harmed.map_or(to, |row| tops[row] + 8).clamp(from, to);
    let mut svg = format!("<g><title>{}</title>", xml(&bar.name));
    svg += &format!("<rect x=\"{x}\" y=\"{from}\" width=\"8\" height=\"{}\" fill=\"#2da44e\"/>", lost - from);
    if bar.harmed.is_some() {
        svg += &format!(
            "<rect x=\"{x}\" y=\"{lost}\" width=\"8\" height=\"{}\" fill=\"#fff\" stroke=\"#a40e26\" stroke-dasharray=\"2 2\"/>",
            to - lost
        );
    }
    svg + "</g>\n"
}

fn drawn(row: &Row, top: usize, layout: &Layout) -> String {
    let mut svg = String::new();
    let (class, word) = match row.mark {
        Mark::Cause => ("c", "CAUSE "),
        Mark::Symptom => ("s", "NOTICED "),
        Mark::Heading => ("h", ""),
        Mark::Fold => ("d", ""),
        Mark::Plain => ("", ""),
    };
    let baseline = top + 14;
    if !row.steps.is_empty() || !word.is_empty() {
        let number = format!("{word}{}", row.steps);
        let class = if word.is_empty() { "d" } else { class };
        svg += &text(8, baseline, class, &number, GUTTER - 12);
    }
    let own = format!("{class} on");
    match (row.from, row.to) {
        (Some(from), Some(to)) => {
            let (x, end) = (Layout::x(from), Layout::x(to));
            // The text has the room between the two lanes, from the bar on.
            let left = x.min(end) + 10;
            svg += &text(left, baseline, &own, &row.text, x.abs_diff(end).max(LANE) - 20);
            svg += &arrow(x, end, top + LINE + 6, row.mark);
        }
        (Some(from), None) => {
            let x = Layout::x(from) + 10 + (row.depth * 8).min(40);
            svg += &text(x, baseline, &own, &row.text, layout.notes() - x - 10);
        }
        (None, _) => svg += &text(GUTTER, baseline, &own, &row.text, layout.lanes * LANE),
    }
    let mut line = baseline;
    for note in &row.notes {
        for part in wrap(note, columns(NOTES - 20)) {
            svg += &text(
                layout.notes(),
                line,
                if class == "h" || class == "d" { "" } else { class },
                &part,
                NOTES - 20,
            );
            line += LINE;
        }
    }
    svg
}

fn arrow(x: usize, end: usize, y: usize, mark: Mark) -> String {
    let stroke = match mark {
        Mark::Cause => "#a40e26",
        Mark::Symptom => "#7d4e00",
        Mark::Plain | Mark::Heading | Mark::Fold => "#424a53",
    };
    let wide = if mark == Mark::Cause { 2 } else { 1 };
    // The head points to the right or to the left.
    let (back, start) = if end > x { (end - 7, x + 5) } else { (end + 7, x.saturating_sub(5)) };
    format!(
        "<path d=\"M{start} {y}H{end}M{back} {}L{end} {y}L{back} {}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{wide}\"/>\n",
        y - 4,
        y + 4
    )
}

/// How many columns of text so many pixels have room for.
const fn columns(pixels: usize) -> usize {
    pixels * 10 / COLUMN
}

/// A text that takes at most so many pixels.
fn text(x: usize, y: usize, class: &str, text: &str, pixels: usize) -> String {
    let shown = shorten(text, columns(pixels));
    let class = class.trim();
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let title =
        if width(&shown) < width(text) { format!("<title>{}</title>", xml(text)) } else { String::new() };
    format!("<text x=\"{x}\" y=\"{y}\"{class}>{title}{}</text>\n", xml(&shown))
}

/// A text as XML has it.
fn xml(text: &str) -> String {
    let text = mapisim_model::scenario::visible::visible(text);
    // These two are in no XML, not even written as numbers.
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
