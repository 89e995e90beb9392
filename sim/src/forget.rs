//! What nobody will ever notice again is cleared, so that machines that differ in nothing else are one.
//!
//! A machine remembers things that no actor asks for any more: that a lock was left behind by one who died, say, where
//! everybody takes it either way. States that differ by such a thing alone behave alike, and a step that is fused may
//! leave another such thing behind when its process is killed in the middle. A world says what it is
//! ([`World::forget`]); it is cleared before a machine gets its number, so a search takes no notice of it.
//!
//! What is kept: whatever a world says of its states, and every run. Local states may differ by what their actors were
//! told and took no notice of.

use crate::action::Action;
use crate::explore::Limits;
use crate::shortest;
use crate::space::{Space, State};
use crate::table::Numbered;
use crate::world::World;

impl<W: World> Space<'_, W> {
    /// The same space, but what nobody notices is cleared ([`World::forget`]). To be asked for before anything else is.
    #[must_use]
    pub fn forgetting(mut self) -> Self {
        self.forgets = true;
        let mut row = self.initial.0.clone();
        row[0] = self.number_machine(self.machines.get(row[0]).clone());
        self.initial = State(row);
        self
    }

    /// The number of a machine, once what nobody notices is cleared where that is asked for.
    pub(crate) fn number_machine(&mut self, mut machine: W::Machine) -> u32 {
        if self.forgets {
            self.world.forget(&mut machine);
        }
        self.number(machine)
    }
}

/// Follows the whole graph and the one in which what nobody notices is cleared, action by action, as far as so many pairs
/// of states, breadth first: the same can happen in both, the same is broken, actors want the same and remember the same
/// between their calls, and the machines differ by nothing but what is cleared. Where all pairs were looked at this is a
/// proof that nobody notices. How many were.
///
/// # Errors
/// What was noticed, in words.
pub fn check<W: World>(world: &W, limits: &Limits, pairs_max: usize) -> Result<usize, String> {
    let (mut whole, mut cleared) = (Space::new(world), Space::new(world).forgetting());
    let mut seen: Numbered<Pair> = Numbered::new();
    seen.number((whole.initial().0.clone(), cleared.initial().0.clone()));
    let mut looked_at = 0;
    while looked_at < seen.len() && looked_at < pairs_max {
        let (one, other) = seen.get(looked_at as u32).clone();
        looked_at += 1;
        compare((&mut whole, &one), (&mut cleared, &other))?;
        for action in shortest::actions(&whole, limits, &one) {
            let (mut one, mut other) = (one.clone(), other.clone());
            let can = (whole.apply_to(&mut one, action), cleared.apply_to(&mut other, action));
            match can {
                (true, true) => drop(seen.number((one, other))),
                (false, false) => {}
                _ => return Err(noticed(world, action, "whether it can happen")),
            }
        }
    }
    Ok(looked_at)
}

/// A state of the whole graph, and one of the cleared graph.
type Pair = (Box<[u32]>, Box<[u32]>);

fn compare<W: World>(
    (whole, one): (&mut Space<'_, W>, &[u32]),
    (cleared, other): (&mut Space<'_, W>, &[u32]),
) -> Result<(), String> {
    let world = whole.world();
    let mut machine = whole.machines.get(one[0]).clone();
    world.forget(&mut machine);
    let mut again = machine.clone();
    world.forget(&mut again);
    if again != machine {
        return Err("what nobody notices is said to be cleared, but more is when it is done twice".to_owned());
    }
    if machine != *cleared.machines.get(other[0]) {
        return Err(
            "what nobody notices is said to be cleared, but it comes to differ in what is not".to_owned()
        );
    }
    for actor in world.cast().actors() {
        let at = 1 + actor.index();
        let stands = [whole.standing_at(one[at]), cleared.standing_at(other[at])].map(|standing| {
            let known =
                |s: crate::Standing<'_, W>| (s.call(), s.begun(), s.memory().clone(), s.wanted().cloned());
            standing.map(known)
        });
        if stands[0] != stands[1] {
            return Err(noticed(world, Action::Step(actor), "what it wants or remembers"));
        }
    }
    let broken = (whole.broken_in(one), whole.still_broken_in(one));
    if broken != (cleared.broken_in(other), cleared.still_broken_in(other)) {
        return Err(format!(
            "what nobody notices is said to be cleared, but then {broken:?} is broken otherwise"
        ));
    }
    Ok(())
}

fn noticed<W: World>(world: &W, action: Action, what: &str) -> String {
    let who = action.describe(world.cast());
    format!("what nobody notices is said to be cleared, but of {who} it decides {what}")
}
