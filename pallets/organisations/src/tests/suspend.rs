//! `suspend`.

use super::standing::only_the_council_may;
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::{Membership, MembershipRefusal},
	organisation::{OrganisationId, Role},
};

#[test]
fn only_the_council_suspends() {
	only_the_council_may(|origin| Organisations::suspend(origin, OrganisationId(1)));
}

#[test]
fn a_suspended_member_may_do_nothing_and_its_record_stays() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let before = organisation(1);
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(
				last_event(),
				Some(Event::Suspended {
					organisation: OrganisationId(1)
				})
			);
			assert_eq!(
				organisation(1),
				crate::Organisation {
					suspended: true,
					..before
				}
			);
			for place in 0..2 {
				assert_eq!(
					Organisations::active_member(&account(1, place)),
					Err(MembershipRefusal::Suspended)
				);
				assert_eq!(System::providers(&account(1, place)), 1);
			}
			assert_eq!(Organisations::active_roles(OrganisationId(1)), None);
			assert_ok!(Organisations::active_member(&account(2, 0)));
		});
}

#[test]
fn the_listener_is_told_once_the_member_may_not_act() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(2)));
			assert_eq!(Stopped::get(), [OrganisationId(2)]);
			assert_ok!(Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(2)));
			assert_eq!(Stopped::get(), [OrganisationId(2)]);
		});
}

/// The seats that the council has lost by this.
fn vacated() -> Vec<(OrganisationId, u64)> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Organisations(Event::SeatVacated {
				organisation,
				account,
			}) => Some((organisation, account)),
			_ => None,
		})
		.collect()
}

#[test]
fn a_suspended_members_seats_are_vacated_and_the_others_stay() {
	ExtBuilder::default()
		.member(&[Role::Operator], 3)
		.member(&[Role::Operator], 2)
		.build_and_execute(|| {
			Seated::set(&vec![account(1, 0), account(2, 1), account(1, 2), STRANGER]);
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(Seated::get(), [account(2, 1), STRANGER]);
			assert_eq!(
				vacated(),
				[0, 2].map(|place| (OrganisationId(1), account(1, place)))
			);
		});
}

#[test]
fn who_has_no_seat_leaves_the_council_as_it_is() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			Seated::set(&vec![account(2, 0)]);
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(Seated::get(), [account(2, 0)]);
			assert!(vacated().is_empty());
		});
}

#[test]
fn who_has_all_seats_of_the_council_can_not_be_suspended() {
	ExtBuilder::default()
		.member(&[Role::Operator], 3)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for seats in [vec![account(1, 1)], vec![account(1, 0), account(1, 2)]] {
				Seated::set(&seats);
				assert_noop!(
					Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)),
					Error::<Test>::LastSeat
				);
			}
			Seated::set(&vec![account(1, 0), account(2, 0)]);
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(Seated::get(), [account(2, 0)]);
		});
}

#[test]
fn who_is_suspended_can_not_be_suspended_again() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_noop!(
				Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)),
				Error::<Test>::OrganisationSuspended
			);
		});
}

#[test]
fn nobody_has_a_number_that_was_not_given() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)),
			Error::<Test>::NotFound
		);
	});
}
