//! `mapisim builds`.

use mapisim_model::mapi::product::DllVersion;
use mapisim_model::scenario::visible::quoted;

use super::args::{BuildsArgs, nearest};
use super::exit::Status;
use super::output::Io;
use crate::builds;

/// Tells the table of products, or what is known of one version, product or algorithm.
pub(super) fn run(args: &BuildsArgs, io: &mut Io<'_>) -> Status {
    let columns = io.terminal.columns;
    let Some(text) = &args.version else { return io.print(&builds::table(columns)) };
    if let Some(told) = builds::named(text, columns) {
        return io.print(&told);
    }
    let version: DllVersion = match text.parse() {
        Ok(version) => version,
        Err(bad) => {
            let names = builds::names();
            let near =
                nearest(text, &names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let why = if near.is_empty() { format!(": {bad}") } else { near };
            io.complain(&format!("{} is no version, product or algorithm{why}", quoted(text)));
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
