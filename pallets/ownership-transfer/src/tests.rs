//! One file for each call, and one for what happens around them.

mod accept;
mod cancel;
mod clear_expired;
mod closed_passports;
mod decoding;
mod offer;
mod reject;
mod try_state;

use crate::{mock::*, Call, TransferKind};
use frame_support::{
	assert_noop,
	traits::{GetCallIndex, GetCallName},
};
use sp_runtime::{traits::Dispatchable, DispatchError};

/// Why an account that acts for no active organisation may not send any of the calls.
const NOT_ACTIVE: [(u64, crate::Error<Test>); 3] = [
	(STRANGER, crate::Error::NotAMember),
	(ENDED, crate::Error::MembershipEnded),
	(SUSPENDED, crate::Error::Suspended),
];

/// A call is refused to accounts that act for nobody or for an organisation that may not act, and to whoever signs nothing.
fn refuses_whoever_may_not_act(call: Call<Test>) {
	let call = RuntimeCall::from(call);
	for (account, error) in NOT_ACTIVE {
		assert_noop!(call.clone().dispatch(RuntimeOrigin::signed(account)), error);
	}
	assert_noop!(
		call.clone().dispatch(RuntimeOrigin::root()),
		DispatchError::BadOrigin
	);
	assert_noop!(call.dispatch(RuntimeOrigin::none()), DispatchError::BadOrigin);
}

#[test]
fn kinds_have_the_protocols_names() {
	let names: Vec<_> = TransferKind::ALL.into_iter().map(TransferKind::name).collect();
	assert_eq!(names, ["sale", "lease", "return", "loan", "consignment"]);
}

#[test]
fn calls_keep_their_indices() {
	let calls: Vec<_> = Call::<Test>::get_call_indices()
		.iter()
		.zip(Call::<Test>::get_call_names())
		.collect();
	assert_eq!(
		calls,
		[
			(&0, &"offer"),
			(&1, &"accept"),
			(&2, &"reject"),
			(&3, &"cancel"),
			(&4, &"clear_expired")
		]
	);
}
