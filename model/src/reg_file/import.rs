//! Hives of a scenario that come from registry files (`hives.*.import`).
//!
//! The model opens no file. Whoever reads a scenario asks it what it imports ([`Scenario::imports`]), reads those files,
//! whose paths are seen from the scenario's own folder, and hands them over ([`Scenario::with_imports`]).

use std::collections::BTreeMap;

use super::read::read;
use crate::os::sid::Sid;
use crate::scenario::Scenario;
use crate::scenario::checked::HiveContent;
use crate::scenario::problem::{Problem, Problems};
use crate::scenario::visible::quoted;

/// The name of the hive that no account needs.
const DEFAULT_HIVE: &str = ".DEFAULT";

/// A registry file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegSource {
    /// What messages call it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Scenario {
    /// The registry files that hives are still to be imported from, as the scenario has their paths, each once.
    pub fn imports(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = Vec::new();
        for hive in &self.hives {
            if let HiveContent::Import(path) = &hive.content
                && !paths.contains(&path.as_str())
            {
                paths.push(path);
            }
        }
        paths
    }

    /// The same scenario with its imports read; `files` has a source for each path of [`imports`](Self::imports).
    ///
    /// # Errors
    /// What is wrong with the first file that is wrong, or not among them. Places are in that file.
    pub fn with_imports(mut self, files: &BTreeMap<String, RegSource>) -> Result<Self, Problems> {
        for index in 0..self.hives.len() {
            let HiveContent::Import(path) = &self.hives[index].content else { continue };
            let Some(source) = files.get(path) else {
                let mut problems = Problems::new(path, "");
                let message =
                    format!("this registry file, which {} imports, was not read", quoted(&self.name));
                problems.push(Problem::new("no-file", 0..0, message));
                return Err(problems);
            };
            let names = self.hive_names(&self.hives[index].owner);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let tree = read(&source.name, &source.bytes)?.hive(&names)?;
            self.hives[index].content = HiveContent::Imported { path: path.clone(), tree };
        }
        Ok(self)
    }

    /// What the hive of an account, or `.DEFAULT`, is called below HKEY_USERS. From XP on `.DEFAULT` and LocalSystem's
    /// are one hive with two names (os C.2).
    fn hive_names(&self, owner: &str) -> Vec<String> {
        let system = Sid::named("LocalSystem").expect("a well-known SID");
        let account = self.accounts.iter().find(|account| account.account.name == owner);
        let own = account.map_or_else(|| DEFAULT_HIVE.to_owned(), |account| account.account.sid.to_string());
        let system = system.to_string();
        if self.windows.system_hive_is_default && (own == DEFAULT_HIVE || own == system) {
            vec![DEFAULT_HIVE.to_owned(), system]
        } else {
            vec![own]
        }
    }
}
