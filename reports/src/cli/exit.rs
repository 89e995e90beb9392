//! Exit statuses: what a script can rely on.

use std::process::ExitCode;

/// How the command ended. In order: where several hold at once, the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Interrupted; what was found so far is printed.
    Interrupted,
    /// Our own bug.
    OurBug,
    /// A replay diverged from what its file recorded.
    Diverged,
    /// Bad usage or bad input.
    BadInput,
    /// A report could not be written.
    Unwritten,
    /// A property or expectation is broken.
    Broken,
    /// A bound was reached before an answer.
    Inconclusive,
    /// All is as expected.
    AsExpected,
}

impl Status {
    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Status::Interrupted => 130,
            Status::OurBug => 70,
            Status::Diverged => 6,
            Status::BadInput => 2,
            Status::Unwritten => 74,
            Status::Broken => 1,
            Status::Inconclusive => 3,
            Status::AsExpected => 0,
        }
    }

    /// This or the other, whichever counts.
    #[must_use]
    pub fn and(self, other: Status) -> Status {
        self.min(other)
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_first_in_the_documented_order_counts() {
        let order = [
            Status::Interrupted,
            Status::OurBug,
            Status::Diverged,
            Status::BadInput,
            Status::Unwritten,
            Status::Broken,
            Status::Inconclusive,
            Status::AsExpected,
        ];
        assert_eq!(order.map(Status::code), [130, 70, 6, 2, 74, 1, 3, 0]);
        for (index, first) in order.iter().enumerate() {
            for later in &order[index..] {
                assert_eq!((first.and(*later), later.and(*first)), (*first, *first));
            }
        }
    }
}
