//! Probes: what a run or search has to pass, so that nothing holds for the wrong reason.

/// Something that a run can come past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Probe {
    /// A profile was marked for deletion.
    MarkWritten,
    /// A process found a mark that another process wrote.
    MarkSeenByAnother,
    /// Two processes that use MAPI count sessions in different sections. Not asked of the repair, which counts in none.
    SectionsSplit,
    /// A process swept while another one's session was live.
    LiveAtSweep,
    /// A profile key was deleted.
    ProfileDeleted,
    /// A process was killed, or the machine crashed, while it had a live session.
    CrashWhileLive,
    /// The machine crashed, and something that was written to the registry was lost.
    WritesLost,
}

impl Probe {
    /// All of them, in order.
    pub const ALL: [Probe; 7] = [
        Probe::MarkWritten,
        Probe::MarkSeenByAnother,
        Probe::SectionsSplit,
        Probe::LiveAtSweep,
        Probe::ProfileDeleted,
        Probe::CrashWhileLive,
        Probe::WritesLost,
    ];

    /// Its name in scenario files and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Probe::MarkWritten => "mark-written",
            Probe::MarkSeenByAnother => "mark-seen-by-another",
            Probe::SectionsSplit => "sections-split",
            Probe::LiveAtSweep => "live-at-sweep",
            Probe::ProfileDeleted => "profile-deleted",
            Probe::CrashWhileLive => "crash-while-live",
            Probe::WritesLost => "writes-lost",
        }
    }

    /// The probe of that name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|probe| probe.id() == id)
    }

    /// Its bit in a set of probes.
    pub const fn bit(self) -> u64 {
        1 << self as u64
    }
}
