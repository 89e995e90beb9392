//! Small machines for the engine's tests; none has anything to do with Windows.

pub(crate) mod cells;
pub(crate) mod peers;
pub(crate) mod rows;
pub(crate) mod shop;
pub(crate) mod tiny;
pub(crate) mod twophase;
