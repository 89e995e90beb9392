//! `mapisim builds`.

use mapisim_model::mapi::product::DllVersion;
use mapisim_model::scenario::visible::quoted;

use super::args::BuildsArgs;
use super::exit::Status;
use super::output::Io;
use crate::builds;

/// Tells the table of products, or what is known of one version.
pub(super) fn run(args: &BuildsArgs, io: &mut Io<'_>) -> Status {
    let columns = io.terminal.columns;
    let Some(text) = &args.version else { return io.print(&builds::table(columns)) };
    let version: DllVersion = match text.parse() {
        Ok(version) => version,
        Err(bad) => {
            io.complain(&format!("{} is no version: {bad}", quoted(text)));
            return Status::BadInput;
        }
    };
    if let Some(told) = builds::version(version, columns) {
        return io.print(&told);
    }
    io.complain(&format!(
        "nothing is known of mapi32.dll {version}: the sources speak of the branches {}, and there from the first release on",
        builds::branches()
    ));
    Status::BadInput
}
