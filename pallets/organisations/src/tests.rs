//! One file for each call; `standing` holds what the calls of accounts have in common.

mod admit;
mod authorize_upgrade;
mod extension;
mod genesis;
mod link_account;
mod link_account_by_council;
mod linking;
mod membership;
mod quota;
mod reinstate;
mod remove;
mod set_expiry;
mod set_hpke_key;
mod set_quota;
mod set_roles;
mod suspend;
mod try_state;
mod unlink_account;
mod weights;

/// What every call of the council, and every call of a member's account, refuses alike.
mod standing {
	use crate::{mock::*, Error};
	use frame_support::assert_noop;
	use passport_primitives::organisation::{OrganisationId, Role};
	use sp_runtime::{DispatchError, DispatchResult};

	/// Nobody but the council: not a stranger, not a member, not even an authority, and no unsigned transaction.
	pub fn only_the_council_may(call: impl Fn(RuntimeOrigin) -> DispatchResult) {
		ExtBuilder::default()
			.member(&[Role::Authority], 2)
			.build_and_execute(|| {
				for origin in [
					RuntimeOrigin::none(),
					RuntimeOrigin::signed(STRANGER),
					RuntimeOrigin::signed(account(1, 0)),
				] {
					assert_noop!(call(origin), DispatchError::BadOrigin);
				}
			});
	}

	/// Nobody but an account of a member that may act now. `call` is to be one that member 1's account 10 may make.
	pub fn only_an_active_member_may(call: impl Fn(RuntimeOrigin) -> DispatchResult) {
		ExtBuilder::default()
			.member(&[Role::Operator], 2)
			.build_and_execute(|| {
				let own = || RuntimeOrigin::signed(account(1, 0));
				assert_noop!(call(RuntimeOrigin::none()), DispatchError::BadOrigin);
				assert_noop!(call(RuntimeOrigin::root()), DispatchError::BadOrigin);
				assert_noop!(call(RuntimeOrigin::signed(STRANGER)), Error::<Test>::NotAMember);

				assert_eq!(
					Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)),
					Ok(())
				);
				assert_noop!(call(own()), Error::<Test>::OrganisationSuspended);
				assert_eq!(
					Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(1)),
					Ok(())
				);

				assert_eq!(
					Organisations::set_expiry(RuntimeOrigin::root(), OrganisationId(1), Some(1)),
					Ok(())
				);
				System::set_block_number(2);
				assert_noop!(call(own()), Error::<Test>::MembershipEnded);
				System::set_block_number(1);
				assert_eq!(call(own()), Ok(()));
			});
	}
}
