//! How far a search is, in one line for whoever watches.
//!
//! How many states there are nobody knows before the end. So the line has the share of the bound on states, which is the
//! most that the search can still take, and how the last level compares with the one before: once levels shrink it is most often past its middle.

use mapisim_sim::Progress;

use crate::text::{count, grouped};

/// Of a name at least so much is told, where the line is short.
const NAME_MIN: usize = 16;

/// One line: which cell, states, states a second, depth, level, and what is known of the end.
pub fn line(
    cell: &str,
    progress: Progress,
    a_second: Option<u64>,
    states_max: usize,
    columns: usize,
) -> String {
    let Progress { states, depth, level, expanded, level_before } = progress;
    let rate = a_second.map_or_else(String::new, |rate| format!(", {}/s", grouped(rate as usize)));
    let growth = growth(level, level_before).map_or_else(String::new, |growth| format!(" (x{growth})"));
    let share = 100 * states as u128 / states_max.max(1) as u128;
    let told = format!(
        ": {}{rate}, depth {depth}, level {} of {}{growth}, {share}% of --max-states",
        count(states, "state"),
        grouped(expanded),
        grouped(level),
    );
    // Of a name that is too long its end says which it is; the figures are what one watches for.
    let room = columns.saturating_sub(1);
    let length = cell.chars().count();
    let left = room.saturating_sub(told.chars().count()).max(NAME_MIN);
    let name: String = if length <= left {
        cell.to_owned()
    } else {
        "..".chars().chain(cell.chars().skip(length + 2 - left)).collect()
    };
    (name + &told).chars().take(room).collect()
}

/// How many cells are done, in one line of ASCII: `[######..............] 12 of 40 cells`.
pub fn cells(done: usize, planned: usize) -> String {
    const BAR: usize = 20;
    let full = done * BAR / planned.max(1);
    format!("[{}{}] {done} of {planned} cells", "#".repeat(full), ".".repeat(BAR - full))
}

/// A level as a multiple of the one before, in hundredths.
fn growth(level: usize, before: usize) -> Option<String> {
    let hundredths = (100 * level as u128).checked_div(before as u128)?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRESS: Progress =
        Progress { states: 1_234_567, depth: 57, level: 40_000, expanded: 8_192, level_before: 32_000 };

    #[test]
    fn a_line_says_how_far_a_search_is_and_what_is_known_of_its_end() {
        assert_eq!(
            line("a.json original", PROGRESS, Some(812_000), 10_000_000, 200),
            "a.json original: 1,234,567 states, 812,000/s, depth 57, level 8,192 of 40,000 (x1.25), 12% of --max-states"
        );
        let first = Progress { states: 1, depth: 0, level: 1, expanded: 0, level_before: 0 };
        assert_eq!(
            line("a.json original", first, None, 10, 200),
            "a.json original: 1 state, depth 0, level 0 of 1, 10% of --max-states"
        );
    }

    #[test]
    fn a_line_is_no_wider_than_the_terminal() {
        assert_eq!(line("a.json original", PROGRESS, None, 10, 20).chars().count(), 19);
        assert_eq!(
            line(
                "scenarios/article/bug-2-every-order.json original",
                PROGRESS,
                Some(812_000),
                10_000_000,
                60
            ),
            "...json original: 1,234,567 states, 812,000/s, depth 57, le"
        );
    }
}
