//! One file for each call, and one each for reading and for passports that are closed.

mod approve;
mod clear_expired;
mod closed_passports;
mod deny;
mod reading;
mod renew_envelope;
mod request;
mod revoke;
mod set_access;

use crate::mock::*;

/// Why an account that acts for no active organisation may not send any of the members' calls.
const NOT_ACTIVE: [(u64, crate::Error<Test>); 3] = [
	(STRANGER, crate::Error::NotAMember),
	(ENDED, crate::Error::MembershipEnded),
	(SUSPENDED, crate::Error::Suspended),
];
