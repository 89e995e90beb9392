//! Taking out of a machine what nobody will ever look for: no step of Windows', for who compares machines.
//!
//! Invariants
//! - No key is taken out that a handle is open on: who does so has looked.

use super::machine::Os;
use super::object::Kind;
use super::registry::KeyPath;

impl Os {
    /// Takes out a key below the one at a path, with everything below it, where it is there.
    pub(crate) fn remove_key(&mut self, above: &KeyPath, name: &str) {
        if self.registry().key(above).is_none_or(|key| key.subkey(name).is_none()) {
            return;
        }
        if let Some(key) = self.registry_mut().key_mut(above) {
            key.remove(name);
        }
    }

    /// Whether a cell is other than 0 in some section.
    pub(crate) fn has_cell(&self, cell: &str) -> bool {
        let has = |kind: &Kind| matches!(kind, Kind::Section(section) if section.cells.contains_key(cell));
        self.objects().iter().any(|(_, object)| has(&object.kind))
    }

    /// Makes a cell 0, in every section.
    pub(crate) fn clear_cell(&mut self, cell: &str) {
        if self.has_cell(cell) {
            for object in self.objects_mut().values_mut() {
                if let Kind::Section(section) = &mut object.kind {
                    section.cells.remove(cell);
                }
            }
        }
    }
}
