//! The command as a process of its own, for what can only be asked of one. The same two lines as the real one, here so
//! that these tests always have it built.

use std::process::ExitCode;

fn main() -> ExitCode {
    mapisim::cli::main()
}
