//! What may fail, where the command line says it and not the scenario.

use clap::Args as ClapArgs;
use mapisim_model::scenario::faults::OtherFaults;

use super::input::Input;
use super::output::Io;

/// Faults in the place of those that a scenario has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ClapArgs)]
pub(super) struct FaultArgs {
    /// Let so many processes be killed at any step, whatever the file says; what it expects is not about that. Files with
    /// a schedule are run as they are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=8))]
    crashes: Option<u32>,
    /// Let so many threads die alone, likewise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=8))]
    thread_deaths: Option<u32>,
    /// Let the machine crash, 0 or 1 times, likewise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1))]
    machine_crashes: Option<u32>,
}

impl FaultArgs {
    fn others(self) -> OtherFaults {
        OtherFaults {
            crashes: self.crashes,
            thread_deaths: self.thread_deaths,
            machine_crashes: self.machine_crashes,
        }
    }

    /// As it is said on a command line; `None` where nothing is asked for.
    pub(super) fn words(self) -> Option<String> {
        let words = crate::command::faults(&self.others());
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The same scenarios under these faults. One whose machine cannot crash is told of as not read.
    pub(super) fn apply(self, input: Input, io: &mut Io<'_>) -> Input {
        let mut unread = input.unread;
        let mut scenarios = Vec::new();
        for scenario in input.scenarios {
            match scenario.with_faults(self.others()) {
                Ok(scenario) => scenarios.push(scenario),
                Err(why) => {
                    unread += 1;
                    io.complain(&why);
                }
            }
        }
        Input { scenarios, unread, ..input }
    }
}
