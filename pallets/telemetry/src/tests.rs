//! One file for each call, and one for each thing that the calls share.

mod allow_anchoring;
mod anchor_batch;
mod anchoring;
mod closing;
mod dispute_replay;
mod dispute_signature;
mod growth;
mod honest_anchors;
mod key_epochs;
mod pages;
mod passport_changes;
mod prune_anchors;
mod register_bridge_device;
mod register_device;
mod replace_device;
mod reset_device;
mod revoke_device;
mod rotate_device_key;
mod sequences;
mod set_state_of_health_threshold;
mod signatures;
mod submit_frames;
mod submit_threshold_statement;
mod together;
mod try_state;
mod try_state_of_anchors;
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
