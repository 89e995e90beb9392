//! How firm a verdict is, in a sentence.

use mapisim_model::firmness::{Firmness, Flip};
use mapisim_model::mapi::assumptions::{Consulted, TABLE};
use mapisim_model::outcome::Verdict;

use crate::text::{count, grouped};

/// What a verdict rests on: `rests on 15 of the 28 points that the sources leave open`.
pub fn rests_on(consulted: Consulted) -> String {
    format!("rests on {} of the {} points that the sources leave open", consulted.count(), TABLE.len())
}

/// One line: `hangs on count-identity, lock: 3 of 31 flips of 9 assumptions move it`.
pub fn line(firmness: &Firmness) -> String {
    if firmness.verdict == Verdict::Inconclusive {
        return "has no verdict that could stand or move".to_owned();
    }
    if firmness.flips_tried() == 0 {
        return "stands whatever the sources leave open: it rests on none of it".to_owned();
    }
    let tried = tried(firmness);
    let moved = hangs_on(firmness);
    let impossible = firmness.cannot_happen().count();
    let undecided = firmness.undecided().count();
    let mut line = if !moved.is_empty() {
        let number = firmness.moved().count();
        let verb = if number == 1 { "moves" } else { "move" };
        format!("hangs on {}: {number} of {tried} {verb} it", moved.join(", "))
    } else if undecided > 0 {
        format!("is not known to stand: {tried} tried, none with an answer moves it")
    } else {
        format!("stands whatever the sources leave open: {tried} tried")
    };
    if impossible > 0 {
        line += &format!("; its schedule cannot happen under {impossible} of them");
    }
    if undecided > 0 {
        line += &format!("; no answer within the bounds under {undecided}");
    }
    line
}

/// `31 flips of 9 assumptions`.
pub fn tried(firmness: &Firmness) -> String {
    let flips = count(firmness.flips_tried(), "flip");
    format!("{flips} of {}", count(firmness.consulted.count(), "assumption"))
}

/// `49 stand whatever the sources leave open, 1 hangs on it`.
pub fn in_all(stand: usize, hang: usize) -> String {
    let stands = if stand == 1 { "stands" } else { "stand" };
    let hangs = if hang == 1 { "hangs" } else { "hang" };
    let (stand, hang) = (grouped(stand), grouped(hang));
    format!("{stand} {stands} whatever the sources leave open, {hang} {hangs} on it")
}

/// The names of what a verdict hangs on, each once, in their order.
pub fn hangs_on(firmness: &Firmness) -> Vec<&'static str> {
    let mut names: Vec<&str> = firmness.moved().map(|moved| moved.flip.assumption.name).collect();
    names.dedup();
    names
}

/// A flip as scenario files settle it: `lock = none`.
pub fn flip_text(flip: &Flip) -> String {
    format!("{} = {}", flip.assumption.name, flip.to)
}

/// A verdict in words: `holds`, `breaks live-profile`, `inconclusive`.
pub fn verdict_text(verdict: Verdict) -> String {
    match verdict {
        Verdict::Broken(property) => format!("breaks {}", property.id()),
        other => other.word().to_owned(),
    }
}
