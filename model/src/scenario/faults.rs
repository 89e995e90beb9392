//! Faults that somebody asks for in the place of a file's own.
//!
//! Always holds
//! - What a file expects is said of its own faults. Under others it expects nothing, and has to come past nothing.
//! - A file with a schedule is run as it is: what is to fail there, the schedule says.

use super::check::CRASHING_HIVES_MAX;
use super::checked::Scenario;

/// Faults in the place of a file's; what is `None` stays as the file has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherFaults {
    /// How many processes may be killed.
    pub crashes: Option<u32>,
    /// How many threads may die alone.
    pub thread_deaths: Option<u32>,
    /// How often the machine may crash: 0 or 1.
    pub machine_crashes: Option<u32>,
}

impl Scenario {
    /// The same scenario under other faults.
    ///
    /// # Errors
    /// Where its machine has too many hives to crash.
    pub fn with_faults(mut self, others: OtherFaults) -> Result<Self, String> {
        let own = &self.file.faults;
        let mut faults = own.clone();
        faults.crashes = others.crashes.unwrap_or(own.crashes);
        faults.thread_deaths = others.thread_deaths.unwrap_or(own.thread_deaths);
        faults.machine_crashes = others.machine_crashes.unwrap_or(own.machine_crashes);
        if self.schedule.is_some() || faults == *own {
            return Ok(self);
        }
        let hives = self.accounts.len() + 1;
        if faults.machine_crashes > 0 && hives > CRASHING_HIVES_MAX {
            return Err(format!(
                "{} has {hives} hives, and its machine cannot crash: each hive is lost or kept by itself, which is \
                 tried for {CRASHING_HIVES_MAX} at most",
                self.name
            ));
        }
        self.crashes = faults.crashes;
        self.thread_deaths = faults.thread_deaths;
        self.machine_crashes = faults.machine_crashes;
        self.file.faults = faults;
        self.must_reach.clear();
        self.other_faults = Some(others);
        Ok(self)
    }
}
