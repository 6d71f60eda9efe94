//! One file for each call, and one each for reading, for its pages, for what the passport pallet asks, for passports that are
//! closed, for genesis and for the check of the state.

mod approve;
mod authorities;
mod clear_expired;
mod closed_passports;
mod deny;
mod deposit_envelopes;
mod genesis;
mod pages;
mod reading;
mod renew_envelope;
mod request;
mod revoke;
mod set_access;
mod set_demanding_authorities;
mod set_purpose;
mod try_state;

use crate::mock::*;

/// Why an account that acts for no active organisation may not send any of the members' calls.
const NOT_ACTIVE: [(u64, crate::Error<Test>); 3] = [
	(STRANGER, crate::Error::NotAMember),
	(ENDED, crate::Error::MembershipEnded),
	(SUSPENDED, crate::Error::Suspended),
];
