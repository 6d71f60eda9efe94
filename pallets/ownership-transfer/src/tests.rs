//! One file for each call, and one for what happens around them.

mod accept;
mod cancel;
mod clear_expired;
mod closed_passports;
mod offer;
mod reject;

use crate::{mock::*, TransferKind};

#[test]
fn kinds_have_the_protocols_names() {
	let names: Vec<_> = TransferKind::ALL.into_iter().map(TransferKind::name).collect();
	assert_eq!(names, ["sale", "lease", "return", "loan", "consignment"]);
}

/// Why an account that acts for no active organisation may not send any of the calls.
const NOT_ACTIVE: [(u64, crate::Error<Test>); 3] = [
	(STRANGER, crate::Error::NotAMember),
	(ENDED, crate::Error::MembershipEnded),
	(SUSPENDED, crate::Error::Suspended),
];
