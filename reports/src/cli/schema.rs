//! `mapisim schema`.

use super::args::{SchemaArgs, SchemaOf};
use super::exit::Status;
use super::output::Io;
use crate::run_model::written;

/// Prints a JSON Schema.
pub(super) fn run(args: &SchemaArgs, io: &mut Io<'_>) -> Status {
    match args.of {
        SchemaOf::Scenario => io.print(&mapisim_model::scenario::schema::schema()),
        SchemaOf::Run => io.print(&written::schema()),
    }
}
