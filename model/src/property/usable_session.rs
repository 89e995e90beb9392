//! `usable-session`: no call on a live session fails for want of its profile. It is what people see of a broken
//! `live-profile`: 1018 from the registry, MAPI_E_CALL_FAILED from MAPI, event 11 in the log (mapi A1 to A5).
//!
//! A call that fails is for want of the profile where a key that the session opened is deleted by then. So a session
//! whose profile is whole breaks nothing here, whatever its calls return; and MAPI that was not initialised, or an
//! object that is none, is another failure. Judged when the call returns. OpenMsgStore, Logoff and Release are calls on
//! a session; MAPILogonEx makes one.

use super::live_profile;
use crate::mapi::hresult::HResult;
use crate::os::Os;
use crate::os::process::ProcessId;
use crate::os::syscall::Handle;

/// Whether a call on a live session that returned so failed for want of its profile; `opened` are the session's keys, and
/// the machine is the one before the call's last step (which may close them).
pub fn broken(os: &Os, process: ProcessId, opened: &[Handle], returned: HResult) -> bool {
    let other_failure = [HResult::NOT_INITIALIZED, HResult::INVALID_OBJECT].contains(&returned);
    !returned.succeeded() && !other_failure && live_profile::is_lost(os, process, opened)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::shown::testing::Machine;

    #[test]
    fn a_call_fails_for_want_of_its_profile_only_where_a_key_of_it_is_deleted() {
        let mut machine = Machine::new();
        machine.profile("P");
        let key = machine.open("P");
        let broken = |machine: &Machine, code| broken(&machine.os, machine.process, &[key], code);
        assert!(!broken(&machine, HResult::CALL_FAILED), "the profile is whole");
        machine.delete("P");
        assert!(broken(&machine, HResult::CALL_FAILED));
        assert!(broken(&machine, HResult::NOT_FOUND));
        for (code, why) in [
            (HResult::OK, "it did not fail"),
            (HResult::W_ERRORS_RETURNED, "a warning is no failure"),
            (HResult::NOT_INITIALIZED, "that is another failure"),
            (HResult::INVALID_OBJECT, "that is another failure"),
        ] {
            assert!(!broken(&machine, code), "{why}");
        }
    }
}
