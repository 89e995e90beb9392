//! The `mapisim-cluster` command. Everything it does is in the library, where it can be tested.

use std::process::ExitCode;

fn main() -> ExitCode {
    mapisim_cluster::cli::main()
}
