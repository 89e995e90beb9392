//! The hive of an account at one moment of a run, as a registry file.
//!
//! It is what regedit would export then: every key that has a name, volatile ones too, since regedit cannot tell them
//! from others; no deleted key, whoever still holds a handle to it. A hive that is not loaded is written as its file
//! would be if it were.

use mapisim_model::finding::Finding;
use mapisim_model::os::Os;
use mapisim_model::reg_file;
use mapisim_model::scenario::visible::quoted;
use mapisim_model::trace::Run;

/// A hive, written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The account whose hive it is, or `.DEFAULT`.
    pub account: String,
    /// After which step of the run; 0 is before the first.
    pub step: usize,
    /// The file.
    pub text: String,
}

const DEFAULT: &str = ".DEFAULT";

/// The hive of an account after a step of a run; after its cause, or at the end, where no step is named.
///
/// The account is a name of the scenario, a SID, `.DEFAULT`, or the name of the system, whose hive that is.
///
/// # Errors
/// In words: a step that the run does not have, an account that has no hive.
pub fn export(
    run: &Run,
    finding: Option<&Finding>,
    at: Option<usize>,
    account: &str,
) -> Result<Exported, String> {
    let last = run.steps.len();
    let step = at.or(finding.map(|finding| finding.cause)).unwrap_or(last);
    let os = match step.checked_sub(1) {
        None => &run.initial,
        Some(index) => match run.steps.get(index) {
            Some(step) => &step.after,
            None => {
                return Err(format!("--at {step}: the run has the steps 1 to {last}; 0 is before the first"));
            }
        },
    };
    let account = known(os, account).ok_or_else(|| {
        let names: Vec<String> = os.accounts().map(|account| quoted(&account.name)).collect();
        let names = names.into_iter().chain([quoted(DEFAULT)]).collect::<Vec<_>>().join(", ");
        format!("--export-hive {}: there is no such account; there is {names}", quoted(account))
    })?;
    let text = reg_file::export(os, &account);
    Ok(Exported { account, step, text })
}

/// The name by which the machine knows who is meant.
fn known(os: &Os, asked: &str) -> Option<String> {
    let is_asked = |name: &str| name.eq_ignore_ascii_case(asked);
    let exact = os.accounts().find(|account| account.name == asked);
    let account = exact.or_else(|| {
        os.accounts().find(|account| is_asked(&account.sid.to_string()) || is_asked(&account.name))
    });
    let system = [DEFAULT, "LocalSystem", "S-1-5-18"].into_iter().any(is_asked);
    account.map(|account| account.name.clone()).or_else(|| system.then(|| DEFAULT.to_owned()))
}
