//! Of all shortest runs to what is broken, the one that one search of the whole finds: fewest crashes, then fewest
//! switches between actors; ties go to the action that comes first.
//!
//! One pass over the levels, from the goals back to the start, in all parts at once. For every state that leads to a goal
//! and every actor that may have stepped last, a part knows the least cost of the way that is left and its first action.
//! Where an action leads to a state that another part keeps, that part is asked; it answers where the state leads to a
//! goal. At last the run is read off: who keeps a state says what comes next, and all follow.

use mapisim_sim::explore::Found;
use mapisim_sim::rows::Successors;
use mapisim_sim::{Action, Actor, Parts, Process, World};

use crate::search::{MESSAGE, Part};
use crate::wire::{put, take};

/// Crashes, then switches.
type Cost = (u32, u32);

/// What is left from the states of one level that this part keeps.
struct Left {
    /// Where the level begins among the part's states.
    start: usize,
    /// Actors, and one more: nobody yet.
    width: usize,
    /// Per state: where its ways begin; `None` where it leads to no goal.
    begins: Vec<Option<u32>>,
    /// Per actor that stepped last: the least cost, and the first action; `None` where the run ends.
    ways: Vec<(Cost, Option<Action>)>,
}

impl Left {
    fn new(level: &std::ops::Range<usize>, width: usize) -> Self {
        Left { start: level.start, width, begins: vec![None; level.len()], ways: Vec::new() }
    }

    /// The ways from a state of that level that leads to a goal.
    fn of(&self, place: usize) -> Option<&[(Cost, Option<Action>)]> {
        let begin = (*self.begins.get(place.checked_sub(self.start)?)?)?;
        Some(&self.ways[begin as usize..][..self.width])
    }

    /// Takes into account that a state can go on by an action, after which so much is left.
    fn improve(&mut self, place: usize, action: Action, costs: &[Cost]) {
        let width = self.width;
        let ways = (0..width).map(|last| (pay(last, width - 1, action, costs), Some(action)));
        match self.begins[place - self.start] {
            None => {
                self.begins[place - self.start] = Some(self.ways.len() as u32);
                self.ways.extend(ways);
            }
            Some(begin) => {
                let known = &mut self.ways[begin as usize..][..width];
                known.iter_mut().zip(ways).filter(|(known, way)| way.0 < known.0).for_each(|(known, way)| {
                    *known = way;
                });
            }
        }
    }

    /// The run may end in a state.
    fn end(&mut self, place: usize) {
        self.begins[place - self.start] = Some(self.ways.len() as u32);
        self.ways.extend((0..self.width).map(|_| ((0, 0), None)));
    }
}

/// What an action and the way after it cost, after a step by `last`; `nobody`: there was none.
fn pay(last: usize, nobody: usize, action: Action, costs: &[Cost]) -> Cost {
    match action {
        Action::Crash(_) | Action::End(_) | Action::Fail(_) => (costs[last].0 + 1, costs[last].1),
        Action::Step(actor) => {
            let (crashes, switches) = costs[actor.index()];
            (crashes, switches + u32::from(last != nobody && last != actor.index()))
        }
    }
}

/// An answer to a question: of which state and which of its actions, and what is left there.
type Answer = (usize, usize, Action, Vec<Cost>);

impl<W: World> Part<'_, '_, '_, '_, W> {
    /// The least of the shortest runs.
    pub(crate) fn shortest(&mut self, found: Found<W::Property>) -> Vec<Action> {
        let (goals, mut depth) = (self.goals(found), found.depth);
        let (last, length) = if self.sum(goals.begins.iter().flatten().count()) > 0 {
            (goals, depth)
        } else {
            // The last step broke it, and no state does: the steps of the level before are the goals.
            depth -= 1;
            (self.breaking_steps(depth, found.property), depth + 1)
        };
        let mut lefts = vec![last];
        for depth in (0..depth).rev() {
            let left = self.back(depth, &lefts[lefts.len() - 1]);
            lefts.push(left);
        }
        lefts.reverse();
        self.read(&lefts, length)
    }

    /// Where the part's states of a level are.
    fn range(&self, depth: usize) -> std::ops::Range<usize> {
        self.starts[depth]..self.starts.get(depth + 1).copied().unwrap_or(self.seen.len())
    }

    fn sum(&mut self, number: usize) -> u64 {
        let mut said = Vec::new();
        put(&mut said, number as u64);
        self.link.all(&said).iter().map(|bytes| take(&mut &bytes[..])).sum()
    }

    /// The part's states at a depth that break the property.
    fn goals(&mut self, found: Found<W::Property>) -> Left {
        let property = Some(found.property);
        let world = self.rows.world();
        let still = found.is_still(world);
        let level = self.range(found.depth);
        let mut left = Left::new(&level, 1 + world.cast().actors().len());
        for place in level {
            let row = self.seen.row(place);
            if self.rows.broken(row) == property || (still && self.rows.still_broken(row) == property) {
                left.end(place);
            }
        }
        left
    }

    /// The steps from the part's states at a depth that break a property by being taken.
    fn breaking_steps(&mut self, depth: usize, property: W::Property) -> Left {
        let level = self.range(depth);
        let width = 1 + self.rows.world().cast().actors().len();
        let nothing = vec![(0, 0); width];
        let mut left = Left::new(&level, width);
        let mut next = Successors::default();
        for place in level {
            let before = self.seen.row(place);
            self.rows.successors(before, &mut next);
            for (action, after) in next.iter().filter(|(action, _)| !action.is_fault()) {
                if self.rows.step_breaks(before, action, after) == Some(property) {
                    left.improve(place, action, &nothing);
                }
            }
        }
        left
    }

    /// Goes one level back: what is left from its states, given that for the next level.
    fn back(&mut self, depth: usize, next: &Left) -> Left {
        let level = self.range(depth);
        let (parts, me) = (self.link.parts(), self.link.me());
        let mut answers: Vec<Answer> = Vec::new();
        let mut asked: Vec<Vec<(usize, usize, Action)>> = vec![Vec::new(); parts];
        let mut successors = Successors::default();
        for place in level.clone() {
            self.rows.successors(self.seen.row(place), &mut successors);
            for (number, (action, after)) in successors.iter().enumerate() {
                let owner = self.rows.owner(after, parts);
                if owner == me {
                    let ways = self.seen.find(after).and_then(|place| next.of(place));
                    let costs = ways.map(|ways| ways.iter().map(|way| way.0).collect());
                    answers.extend(costs.map(|costs| (place, number, action, costs)));
                    continue;
                }
                asked[owner].push((place, number, action));
                let outgoing = &mut self.outgoing[owner];
                outgoing.state(&mut self.rows, after);
                if outgoing.bytes.len() >= MESSAGE {
                    self.link.send(owner, std::mem::take(&mut outgoing.bytes));
                }
            }
        }
        self.flush();
        self.answer(next, &asked, &mut answers);
        // In the order of the actions, so that of two that cost the same the first one counts.
        answers.sort_unstable_by_key(|answer| (answer.0, answer.1));
        let mut left = Left::new(&level, next.width);
        for (place, _, action, costs) in answers {
            left.improve(place, action, &costs);
        }
        left
    }

    /// Answers what others ask of the next level, and gathers what they answer.
    fn answer(&mut self, next: &Left, asked: &[Vec<(usize, usize, Action)>], answers: &mut Vec<Answer>) {
        let parts = self.link.parts();
        let (rows, seen, incoming) = (&mut self.rows, &self.seen, &mut self.incoming);
        let mut questions = vec![0u64; parts];
        let mut replies: Vec<Vec<Vec<u8>>> = vec![Vec::new(); parts];
        self.link.end_phase(&mut |from, bytes| {
            let replies = &mut replies[from];
            incoming[from].read(rows, bytes, &mut |_, row| {
                if let Some(ways) = seen.find(row).and_then(|place| next.of(place)) {
                    if replies.last().is_none_or(|last| last.len() >= MESSAGE) {
                        replies.push(Vec::new());
                    }
                    let reply = replies.last_mut().expect("there is one");
                    put(reply, questions[from]);
                    for ((crashes, switches), _) in ways {
                        put(reply, (*crashes).into());
                        put(reply, (*switches).into());
                    }
                }
                questions[from] += 1;
            });
        });
        for (to, replies) in replies.into_iter().enumerate() {
            for reply in replies {
                self.link.send(to, reply);
            }
        }
        self.link.end_phase(&mut |from, mut bytes| {
            while !bytes.is_empty() {
                let (place, number, action) = asked[from][take(&mut bytes) as usize];
                let cost = |bytes: &mut &[u8]| (take(bytes) as u32, take(bytes) as u32);
                let costs = (0..next.width).map(|_| cost(&mut bytes)).collect();
                answers.push((place, number, action, costs));
            }
        });
    }

    /// Reads the least run off, from the start. All parts follow it.
    fn read(&mut self, lefts: &[Left], length: usize) -> Vec<Action> {
        let (parts, me) = (self.link.parts(), self.link.me());
        let mut now = self.rows.initial();
        let mut last = self.rows.world().cast().actors().len();
        let mut actions = Vec::new();
        for left in lefts.iter().take(length) {
            let mut said = Vec::new();
            if self.rows.owner(&now, parts) == me {
                let ways = self.seen.find(&now).and_then(|place| left.of(place));
                let way = ways.and_then(|ways| ways[last].1).expect("a shortest run leads to a goal");
                write_action(&mut said, way);
            }
            let said = self.link.all(&said).concat();
            let action = read_action(&mut &said[..]);
            assert!(self.rows.apply(&mut now, action), "what leads to a goal can happen");
            actions.push(action);
            if let Action::Step(actor) = action {
                last = actor.index();
            }
        }
        actions
    }
}

fn write_action(bytes: &mut Vec<u8>, action: Action) {
    let (kind, who) = match action {
        Action::Step(actor) => (0, actor.0),
        Action::Crash(process) => (1, process.0),
        Action::End(actor) => (2, actor.0),
        Action::Fail(kept) => (3, kept.0),
    };
    put(bytes, kind);
    put(bytes, who.into());
}

fn read_action(bytes: &mut &[u8]) -> Action {
    let kind = take(bytes);
    let who = u16::try_from(take(bytes)).expect("actors and processes have numbers of 16 bits");
    match kind {
        0 => Action::Step(Actor(who)),
        1 => Action::Crash(Process(who)),
        2 => Action::End(Actor(who)),
        _ => Action::Fail(Parts(who)),
    }
}
