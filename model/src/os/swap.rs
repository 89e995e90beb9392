//! Two processes in each other's place: the same machine with their numbers exchanged.
//!
//! What a process has while it runs goes with it: its token, handles, views, mapping of HKEY_CURRENT_USER and memory, and
//! what its threads impersonate; so do the mutexes and critical sections that its threads are in. What a process is called
//! stays where it is, and so does which account and session its place belongs to: they have to be the same.
//!
//! Not done: numbers that a program took down, in a cell, a name, a key or a word of memory. Whoever swaps processes
//! has to know that none did.
//!
//! Invariants
//! - Swapped twice, a machine is what it was.

use std::collections::BTreeMap;

use super::critical_section;
use super::machine::Os;
use super::object::Kind;
use super::process::{Process, ProcessId, ThreadId};

impl Os {
    /// The machine with two processes in each other's place; `None` where they differ in account, session or the number
    /// of their threads.
    pub fn swapped(&self, one: ProcessId, other: ProcessId) -> Option<Self> {
        let belongs = |id| (self.process(id).account(), self.process(id).session());
        let threads = |id| self.threads_of(id).collect::<Vec<ThreadId>>();
        let (ones, others) = (threads(one), threads(other));
        if one == other || belongs(one) != belongs(other) || ones.len() != others.len() {
            return None;
        }
        let mut names: BTreeMap<ThreadId, ThreadId> = BTreeMap::new();
        let mut swapped = self.clone();
        for (one, other) in ones.into_iter().zip(others) {
            names.extend([(one, other), (other, one)]);
            swapped.swap_threads(one, other);
        }
        let (mut of_one, mut of_other) = (self.process(one).clone(), self.process(other).clone());
        Process::swap_lives(&mut of_one, &mut of_other);
        for (id, mut process) in [(one, of_one), (other, of_other)] {
            if let Some(running) = process.running_mut() {
                running.rename_words(|word, value| critical_section::renamed(word, value, &names));
            }
            swapped.replace_process(id, process);
        }
        let owned = |kind: &Kind| match kind {
            Kind::Mutex(mutex) => mutex.owner().is_some_and(|owner| names.contains_key(&owner)),
            Kind::Section(_) | Kind::Event(_) => false,
        };
        if self.objects().iter().any(|(_, object)| owned(&object.kind)) {
            for object in swapped.objects_mut().values_mut() {
                if let Kind::Mutex(mutex) = &mut object.kind {
                    mutex.rename_owner(&names);
                }
            }
        }
        swapped.number_nameless_objects();
        Some(swapped)
    }
}
