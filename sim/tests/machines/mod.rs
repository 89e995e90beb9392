//! Small machines for the engine's tests; none has anything to do with Windows.

pub mod peers;
