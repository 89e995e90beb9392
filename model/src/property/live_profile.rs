//! `live-profile`: every live session's profile is whole. No key body that the session opened has been deleted.
//!
//! A session is live from MAPILogonEx returning S_OK until Logoff (or Release without it) is called.

use crate::os::Os;
use crate::os::process::ProcessId;
use crate::os::syscall::Handle;

/// Whether any of the keys that a session of a process opened has been deleted.
pub fn is_lost(os: &Os, process: ProcessId, opened: &[Handle]) -> bool {
    opened.iter().any(|key| os.is_key_deleted(process, *key))
}

/// The keys, of those that a session of a process opened, that have been deleted: by full name.
pub fn lost(os: &Os, process: ProcessId, opened: &[Handle]) -> Vec<String> {
    let keys = opened.iter().filter_map(|key| os.key_of(process, *key));
    keys.filter(|key| key.deleted).map(|key| key.path).collect()
}
