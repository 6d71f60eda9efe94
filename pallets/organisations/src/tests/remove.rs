//! `remove`.

use super::standing::only_the_council_may;
use crate::{mock::*, Error, Event, OrganisationOf, Organisations as Members};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::{Membership, MembershipRefusal},
	organisation::{OrganisationId, Role},
};
use sp_runtime::DispatchError;

#[test]
fn only_the_council_removes() {
	only_the_council_may(|origin| Organisations::remove(origin, OrganisationId(1)));
}

#[test]
fn a_removed_members_accounts_act_for_nobody() {
	ExtBuilder::default()
		.member(&[Role::Operator], 3)
		.member(&[Role::Recycler], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(
				last_event(),
				Some(Event::Removed {
					organisation: OrganisationId(1)
				})
			);
			assert!(!Members::<Test>::contains_key(OrganisationId(1)));
			for place in 0..3 {
				let account = account(1, place);
				assert_eq!(OrganisationOf::<Test>::get(account), None);
				assert_eq!(System::providers(&account), 0);
				assert!(!System::account_exists(&account));
				assert_eq!(
					Organisations::active_member(&account),
					Err(MembershipRefusal::NotAMember)
				);
			}
			assert_eq!(Organisations::active_roles(OrganisationId(1)), None);
			assert_ok!(Organisations::active_member(&account(2, 0)));
			assert_eq!(System::providers(&account(2, 0)), 1);
		});
}

#[test]
fn a_suspended_member_and_one_that_has_ended_can_be_removed() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_ok!(Organisations::set_expiry(
				RuntimeOrigin::root(),
				OrganisationId(2),
				Some(0)
			));
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(2)));
			assert_eq!(Members::<Test>::iter().count(), 0);
		});
}

#[test]
fn a_member_whose_account_is_needed_elsewhere_stays_whole() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.build_and_execute(|| {
			// As a validator's session keys do.
			assert_ok!(System::inc_consumers(&account(1, 1)));
			assert_noop!(
				Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)),
				DispatchError::ConsumerRemaining
			);
			System::dec_consumers(&account(1, 1));
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
		});
}

#[test]
fn a_reference_of_another_pallet_outlives_the_membership() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			System::inc_providers(&account(1, 0));
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(System::providers(&account(1, 0)), 1);
		});
}

#[test]
fn nobody_is_removed_twice() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert_noop!(
				Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)),
				Error::<Test>::NotFound
			);
		});
}
