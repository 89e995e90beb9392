//! A process's handle table.
//!
//! A handle names a thing, never a path: what happens to the name afterwards does not concern it. The table
//! gives out the lowest free multiple of 4, so that two runs that hold the same things have the same table
//! (real Windows reuses handles in another order, which no program may rely on).
//!
//! Not modelled: inheritance, protection from close.

use std::collections::BTreeMap;

use super::object::ObjectId;
use super::registry::OpenKey;
use super::security::AccessMask;
use super::shared::Shared;
use super::syscall::Handle;
use super::token::Token;

/// What a handle is open on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target {
    /// A key body, with what the handle is good for.
    Key(OpenKey),
    /// A section, mutex or event.
    Object {
        /// Which.
        id: ObjectId,
        /// What the handle is good for, fixed when it was opened (os A.10).
        granted: AccessMask,
    },
    /// A token.
    Token(Shared<Token>),
}

/// The open handles of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HandleTable {
    open: BTreeMap<Handle, Target>,
}

impl HandleTable {
    /// A new handle on it.
    pub(crate) fn insert(&mut self, target: Target) -> Handle {
        let handle = Handle(4 * lowest_free(1, self.open.keys().map(|handle| handle.0 / 4)));
        let before = self.open.insert(handle, target);
        assert!(before.is_none(), "handle {handle:?} was given out while it was open");
        handle
    }

    /// What the handle is open on.
    pub(crate) fn get(&self, handle: Handle) -> Option<&Target> {
        self.open.get(&handle)
    }

    /// Closes it, and answers what it was open on.
    pub(crate) fn remove(&mut self, handle: Handle) -> Option<Target> {
        self.open.remove(&handle)
    }

    /// All that are open, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Handle, &Target)> {
        self.open.iter().map(|(handle, target)| (*handle, target))
    }

    /// All targets, to be renamed by the owner of what they are open on.
    pub(crate) fn targets_mut(&mut self) -> impl Iterator<Item = &mut Target> {
        self.open.values_mut()
    }
}

/// The lowest number from the first on that is not among those taken, which come in order.
pub(crate) fn lowest_free(first: u32, taken: impl Iterator<Item = u32>) -> u32 {
    taken.fold(first, |free, taken| if taken == free { free + 1 } else { free })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::object::ObjectId;

    fn target() -> Target {
        Target::Object { id: ObjectId::Nameless(0), granted: 0 }
    }

    #[test]
    fn the_lowest_free_multiple_of_four_is_given_out() {
        let mut table = HandleTable::default();
        let given: Vec<u32> = (0..4).map(|_| table.insert(target()).0).collect();
        assert_eq!(given, [4, 8, 12, 16]);
        assert!(table.remove(Handle(8)).is_some() && table.remove(Handle(4)).is_some());
        assert_eq!(
            [table.insert(target()).0, table.insert(target()).0, table.insert(target()).0],
            [4, 8, 20]
        );
    }

    #[test]
    fn a_closed_handle_names_nothing() {
        let mut table = HandleTable::default();
        let handle = table.insert(target());
        assert_eq!(table.remove(handle), Some(target()));
        assert_eq!((table.remove(handle), table.get(handle), table.get(Handle(0))), (None, None, None));
    }
}
