//! Schedules: who runs, for how long, in which order. A value first and text second; the text reads back.
//!
//! Text: turns separated by commas. `events.exe` runs it to its end, `events.exe:14` for 14 steps,
//! `events.exe through DeleteProfile` until its next such call has returned, `kill events.exe` kills the process,
//! `end events.exe/worker` the thread alone, `crash machine` lets the machine fail, and `crash machine keeping svc and
//! backup` the same where of what was not saved these parts are kept.
//! A name that has a space, comma, colon, quote or backslash in it, or nothing, stands in double quotes, with `\"`
//! and `\\` inside.

use std::fmt::{self, Display};

use crate::action::Action;
use crate::world::Cast;

/// One turn of a schedule. Names are as in the cast.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// An actor runs.
    Run {
        /// Its name.
        actor: String,
        /// For how long.
        until: Until,
    },
    /// A process is killed.
    Crash {
        /// Its name.
        process: String,
    },
    /// An actor dies alone.
    End {
        /// Its name.
        actor: String,
    },
    /// The machine fails.
    Fail {
        /// The parts that are kept though they were not saved, by name.
        kept: Vec<String>,
    },
}

/// How long a turn lasts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Until {
    /// To the end of its script.
    End,
    /// This many steps.
    Steps(u32),
    /// Until its next call of that name has returned: the first one that has not returned yet, or that took no step
    /// and was not run through by name before.
    Returned(String),
}

/// A list of turns.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule {
    /// The turns, in order.
    pub turns: Vec<Turn>,
}

impl Schedule {
    /// The exact schedule of a list of actions: neighbouring steps of one actor become one turn.
    pub fn exact(actions: &[Action], cast: &Cast) -> Self {
        let mut turns: Vec<Turn> = Vec::new();
        for action in actions {
            match *action {
                Action::Crash(process) => {
                    turns.push(Turn::Crash { process: cast.process_name(process).to_owned() });
                }
                Action::End(actor) => turns.push(Turn::End { actor: cast.actor_name(actor).to_owned() }),
                Action::Fail(kept) => turns.push(Turn::Fail { kept: cast.part_names(kept) }),
                Action::Step(actor) => {
                    let name = cast.actor_name(actor);
                    if let Some(Turn::Run { actor, until: Until::Steps(steps) }) = turns.last_mut()
                        && actor == name
                    {
                        *steps += 1;
                    } else {
                        turns.push(Turn::Run { actor: name.to_owned(), until: Until::Steps(1) });
                    }
                }
            }
        }
        Schedule { turns }
    }

    /// The first actions of an exact schedule.
    #[must_use]
    pub fn first(&self, actions: usize) -> Self {
        let mut left = u32::try_from(actions).unwrap_or(u32::MAX);
        let mut turns = Vec::new();
        for turn in &self.turns {
            if left == 0 {
                break;
            }
            let mut turn = turn.clone();
            left -= match &mut turn {
                Turn::Run { until: Until::Steps(steps), .. } => {
                    *steps = (*steps).min(left);
                    *steps
                }
                Turn::Run { .. } | Turn::Crash { .. } | Turn::End { .. } | Turn::Fail { .. } => 1,
            };
            turns.push(turn);
        }
        Schedule { turns }
    }

    /// Reads a schedule's text.
    ///
    /// # Errors
    /// Where the text is no schedule: at which character, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, BadSchedule> {
        let mut reader = Reader { text, at: 0 };
        let mut turns = Vec::new();
        reader.spaces();
        if reader.rest().is_empty() {
            return Ok(Schedule { turns });
        }
        loop {
            turns.push(reader.turn()?);
            reader.spaces();
            if reader.rest().is_empty() {
                return Ok(Schedule { turns });
            }
            if !reader.eat(',') {
                return Err(reader.expected("`,` or the end"));
            }
        }
    }
}

impl Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, turn) in self.turns.iter().enumerate() {
            if index > 0 {
                out.write_str(",")?;
            }
            turn.fmt(out)?;
        }
        Ok(())
    }
}

impl Display for Turn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Turn::Crash { process } => write!(out, "kill {}", Name(process)),
            Turn::End { actor } => write!(out, "end {}", Name(actor)),
            Turn::Fail { kept } => {
                out.write_str("crash machine")?;
                kept.iter().enumerate().try_for_each(|(index, part)| {
                    write!(out, " {} {}", if index == 0 { "keeping" } else { "and" }, Name(part))
                })
            }
            Turn::Run { actor, until: Until::End } => Name(actor).fmt(out),
            Turn::Run { actor, until: Until::Steps(steps) } => write!(out, "{}:{steps}", Name(actor)),
            Turn::Run { actor, until: Until::Returned(call) } => {
                write!(out, "{} through {}", Name(actor), Name(call))
            }
        }
    }
}

struct Name<'a>(&'a str);

fn ends_name(character: char) -> bool {
    matches!(character, ',' | ':' | '"' | '\\') || character.is_whitespace()
}

impl Display for Name<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let means_more = matches!(self.0, "kill" | "end" | "crash");
        if !self.0.is_empty() && !self.0.contains(ends_name) && !means_more {
            return out.write_str(self.0);
        }
        out.write_str("\"")?;
        for character in self.0.chars() {
            if matches!(character, '"' | '\\') {
                out.write_str("\\")?;
            }
            write!(out, "{character}")?;
        }
        out.write_str("\"")
    }
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSchedule {
    /// At which byte of the text.
    pub at: usize,
    /// At which character of the text, 0 first.
    pub character: usize,
    /// What was expected there.
    pub expected: String,
}

impl Display for BadSchedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "expected {} at character {}", self.expected, self.character + 1)
    }
}

impl std::error::Error for BadSchedule {}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn expected(&self, what: &str) -> BadSchedule {
        let character = self.text[..self.at].chars().count();
        BadSchedule { at: self.at, character, expected: what.to_owned() }
    }

    fn turn(&mut self) -> Result<Turn, BadSchedule> {
        self.spaces();
        let quoted = self.rest().starts_with('"');
        let name = self.name("a thread's name, `kill`, `end` or `crash machine`")?;
        if name == "kill" && !quoted {
            self.spaces();
            return Ok(Turn::Crash { process: self.name("the name of the process to kill")? });
        }
        if name == "end" && !quoted {
            self.spaces();
            return Ok(Turn::End { actor: self.name("the name of the thread to end")? });
        }
        if name == "crash" && !quoted {
            return self.failure();
        }
        if self.eat(':') {
            return Ok(Turn::Run { actor: name, until: Until::Steps(self.number()?) });
        }
        let before = self.at;
        self.spaces();
        if self.rest().strip_prefix("through").is_some_and(|rest| rest.starts_with(char::is_whitespace)) {
            self.at += "through".len();
            self.spaces();
            return Ok(Turn::Run { actor: name, until: Until::Returned(self.name("a call's name")?) });
        }
        self.at = before;
        Ok(Turn::Run { actor: name, until: Until::End })
    }

    /// What follows `crash`.
    fn failure(&mut self) -> Result<Turn, BadSchedule> {
        self.spaces();
        if !self.word("machine") {
            return Err(self.expected("`machine` (a process is ended by `kill`)"));
        }
        let mut kept = Vec::new();
        let mut before = "keeping";
        loop {
            self.spaces();
            if !self.word(before) {
                return Ok(Turn::Fail { kept });
            }
            self.spaces();
            kept.push(self.name("the name of what is kept")?);
            before = "and";
        }
    }

    /// Whether a word comes next; it is eaten then.
    fn word(&mut self, word: &str) -> bool {
        let ends = |rest: &str| rest.chars().next().is_none_or(ends_name);
        let found = self.rest().strip_prefix(word).is_some_and(ends);
        if found {
            self.at += word.len();
        }
        found
    }

    fn name(&mut self, what: &str) -> Result<String, BadSchedule> {
        if !self.eat('"') {
            let length = self.rest().find(ends_name).unwrap_or(self.rest().len());
            if length == 0 {
                return Err(self.expected(what));
            }
            let name = self.rest()[..length].to_owned();
            self.at += length;
            return Ok(name);
        }
        let mut name = String::new();
        loop {
            let Some(character) = self.rest().chars().next() else { return Err(self.expected("`\"`")) };
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(name),
                '\\' => {
                    let Some(escaped) = self.rest().chars().next().filter(|c| matches!(c, '"' | '\\')) else {
                        return Err(self.expected("`\"` or `\\` after `\\`"));
                    };
                    self.at += escaped.len_utf8();
                    name.push(escaped);
                }
                other => name.push(other),
            }
        }
    }

    fn number(&mut self) -> Result<u32, BadSchedule> {
        let length = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len());
        let number = self.rest()[..length].parse();
        let number = number.map_err(|_| self.expected("a number of steps, 0 to 4294967295"))?;
        self.at += length;
        Ok(number)
    }
}
