//! What machines have in common is there once.
//!
//! A step changes one part of a machine, and comes to the same part from many machines that differ elsewhere. A machine
//! that is made of parts that copies share may take each from a pool ([`Machine::share`]) before it gets its number: so
//! every part that there ever was is kept once, and two parts of numbered machines are equal where they are the same one.
//!
//! [`Machine::share`]: crate::world::Machine::share

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::hash::Hash;

use foldhash::fast::FixedState;
use indexmap::IndexSet;

/// The parts of all machines that were numbered.
#[derive(Debug, Default)]
pub struct Pool {
    /// By type: a set of its parts.
    parts: BTreeMap<TypeId, Box<dyn Any>>,
}

impl Pool {
    /// Puts the first part that was equal in the place of this one, which is cheap to clone and compared by its value. If it
    /// is the first, it is the one that others get from now on.
    pub fn share<T: Clone + Eq + Hash + 'static>(&mut self, part: &mut T) {
        let parts = self.parts.entry(TypeId::of::<T>());
        let parts = parts.or_insert_with(|| Box::new(IndexSet::<T, FixedState>::default()));
        let parts: &mut IndexSet<T, FixedState> = parts.downcast_mut().expect("a set of its own type");
        match parts.get(part) {
            Some(known) => part.clone_from(known),
            None => drop(parts.insert(part.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::Pool;

    #[test]
    fn equal_parts_become_one_and_others_stay_apart() {
        let mut pool = Pool::default();
        let mut parts = ["a", "b", "a"].map(|text| Rc::new(text.to_owned()));
        let mut number = Rc::new(7);
        for part in &mut parts {
            pool.share(part);
        }
        pool.share(&mut number);
        let [first, second, third] = &parts;
        assert!(Rc::ptr_eq(first, third) && !Rc::ptr_eq(first, second));
        assert_eq!((first.as_str(), second.as_str(), *number), ("a", "b", 7));
    }
}
