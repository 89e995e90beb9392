//! Win32 error codes, by name and number (facts in the machine's documentation).

/// A Win32 error code (never 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Win32Error(pub u32);
