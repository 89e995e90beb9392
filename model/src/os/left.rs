//! Taking out of a machine what nobody will ever look for: no step of Windows', for who compares machines.
//!
//! Invariants
//! - No key is taken out that a handle is open on: who does so has looked.

use super::machine::Os;
use super::object::Kind;
use super::registry::KeyPath;

impl Os {
    /// Takes out a key below the one at a full path (`HKU\S-1-5-21-...`), with everything below it, where it is there.
    pub(crate) fn remove_key(&mut self, above: &str, name: &str) {
        if !self.key_exists(&format!(r"{above}\{name}")) {
            return;
        }
        let names: Vec<&str> = above.split('\\').skip(1).collect();
        let above = KeyPath::users().join(&names);
        if let Some(key) = self.registry_mut().key_mut(&above) {
            key.remove(name);
        }
    }

    /// Makes a cell 0, in every section.
    pub(crate) fn clear_cell(&mut self, cell: &str) {
        let has = |kind: &Kind| matches!(kind, Kind::Section(section) if section.cells.contains_key(cell));
        if self.objects().iter().any(|(_, object)| has(&object.kind)) {
            for object in self.objects_mut().values_mut() {
                if let Kind::Section(section) = &mut object.kind {
                    section.cells.remove(cell);
                }
            }
        }
    }
}
