//! The world that mapisim simulates: a little of Windows, MAPI on it, what must hold, and the scenario format.
pub mod mapi;
pub mod os;
pub mod probe;
pub mod property;
pub mod scenario;
