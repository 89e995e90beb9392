//! The engine against the known counts of two-phase commit, on which TLC and Stateright agree.

use mapisim_sim::explore::{Limits, Verdict, explore};
use mapisim_sim::space::Space;

use crate::machines::twophase::Transaction;

/// Resource managers; distinct states, and transitions, those included that change nothing.
///
/// Stateright's own example pins the states of 3 and 5; the rest is what it counts, and `benches/` asks it again. Both tools
/// count the first state as one generated, which is no transition: for 3 they say 1,146 generated.
const TABLE: [(usize, usize, u64); 6] =
    [(1, 12, 19), (2, 56, 153), (3, 288, 1_145), (4, 1_568, 8_257), (5, 8_832, 58_145), (6, 50_816, 402_305)];

#[test]
fn two_phase_commit_has_the_states_and_transitions_that_other_explorers_count() {
    for (resources, states, transitions) in TABLE {
        let world = Transaction::new(resources);
        let mut space = Space::new(&world);
        let found = explore(&mut space, &Limits { whole_graph: true, ..Limits::default() });
        assert_eq!(found.verdict, Verdict::Holds, "{resources}");
        let chain = world.chain();
        let counted = (found.states - chain, found.transitions - chain as u64);
        assert_eq!(counted, (states, transitions), "{resources} resource managers");
        assert_eq!(space.discovered().machines, found.states, "a state is one of the machine");
    }
}
