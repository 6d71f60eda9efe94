//! One file for each call, and one for each thing that the calls share.

mod closing;
mod key_epochs;
mod pages;
mod register_device;
mod revoke_device;
mod sequences;
mod set_state_of_health_threshold;
mod signatures;
mod submit_frames;
mod submit_threshold_statement;
mod try_state;
mod weights;

/// What every call refuses alike.
mod standing {
	use crate::{mock::*, Error};
	use frame_support::assert_noop;
	use sp_runtime::{DispatchError, DispatchResult};

	/// Nobody but an account of a member that may act now.
	pub fn refuses_who_may_not_act(call: impl Fn(RuntimeOrigin) -> DispatchResult) {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(call(origin), DispatchError::BadOrigin);
		}
		for (account, error) in [
			(STRANGER, Error::<Test>::NotAMember),
			(SUSPENDED, Error::<Test>::OrganisationSuspended),
			(ENDED, Error::<Test>::MembershipEnded),
		] {
			assert_noop!(call(RuntimeOrigin::signed(account)), error);
		}
	}
}
