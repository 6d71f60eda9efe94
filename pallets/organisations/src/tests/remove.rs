//! `remove`.

use super::standing::only_the_council_may;
use crate::{
	mock::*, Consumption, Error, Event, OrganisationOf, Organisations as Members, Quotas, RetiredAccounts,
	Usage,
};
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
				assert!(RetiredAccounts::<Test>::contains_key(account));
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
			// By something that the listener does not let go: a validator that can not be spared.
			assert_ok!(System::inc_consumers(&account(1, 1)));
			assert_noop!(
				Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)),
				DispatchError::ConsumerRemaining
			);
			assert_eq!(Stopped::get(), [], "nothing is left of having told");
			System::dec_consumers(&account(1, 1));
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
		});
}

#[test]
fn the_listener_lets_go_of_the_accounts_before_they_are_unlinked() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			// As validators' session keys do.
			for needed in [account(1, 1), account(2, 0)] {
				assert_ok!(System::inc_consumers(&needed));
			}
			Needed::set(&vec![account(1, 1), account(2, 0)]);
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(Stopped::get(), [OrganisationId(1)]);
			assert_eq!(System::consumers(&account(2, 0)), 1, "another member's stays");
		});
}

#[test]
fn a_removed_member_leaves_no_quota_behind() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for number in [1, 2].map(OrganisationId) {
				assert_ok!(Organisations::set_quota(RuntimeOrigin::root(), number, Some(9)));
				Usage::<Test>::insert(
					number,
					Consumption {
						period: 0,
						ref_time: 4,
					},
				);
			}
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert!(!Quotas::<Test>::contains_key(OrganisationId(1)));
			assert!(!Usage::<Test>::contains_key(OrganisationId(1)));
			assert!(Quotas::<Test>::contains_key(OrganisationId(2)));
			assert!(Usage::<Test>::contains_key(OrganisationId(2)));
		});
}

#[test]
fn a_removed_members_seats_are_vacated_before_it_is_gone() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			Seated::set(&vec![account(1, 1), account(2, 0)]);
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(Seated::get(), [account(2, 0)]);
			System::assert_has_event(
				Event::<Test>::SeatVacated {
					organisation: OrganisationId(1),
					account: account(1, 1),
				}
				.into(),
			);
		});
}

#[test]
fn a_seat_that_the_council_gave_to_a_suspended_member_goes_as_well() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			Seated::set(&vec![account(1, 0), account(2, 0)]);
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(Seated::get(), [account(2, 0)]);
		});
}

#[test]
fn who_has_all_seats_of_the_council_can_not_be_removed() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			Seated::set(&vec![account(1, 0), account(1, 1)]);
			assert_noop!(
				Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)),
				Error::<Test>::LastSeat
			);
			assert_ok!(Organisations::active_member(&account(1, 0)));
			Seated::set(&vec![account(1, 0), account(2, 0)]);
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
