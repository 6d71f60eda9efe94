//! `reinstate`.

use super::standing::only_the_council_may;
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::{ActiveMember, Membership, MembershipRefusal},
	organisation::{OrganisationId, Role, Roles},
};

#[test]
fn only_the_council_reinstates() {
	only_the_council_may(|origin| Organisations::reinstate(origin, OrganisationId(1)));
}

#[test]
fn a_reinstated_member_is_what_it_was_before() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let before = organisation(1);
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_ok!(Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(
				last_event(),
				Some(Event::Reinstated {
					organisation: OrganisationId(1)
				})
			);
			assert_eq!(organisation(1), before);
			assert_eq!(
				Organisations::active_member(&account(1, 0)),
				Ok(ActiveMember {
					organisation: OrganisationId(1),
					roles: Roles::of(&[Role::Operator])
				})
			);
		});
}

#[test]
fn reinstating_does_not_give_a_seat_in_the_council_back() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			Seated::set(&vec![account(1, 0), account(2, 0)]);
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_ok!(Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(Seated::get(), [account(2, 0)]);
		});
}

#[test]
fn reinstating_does_not_renew_a_membership_that_has_ended_meanwhile() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::set_expiry(
				RuntimeOrigin::root(),
				OrganisationId(1),
				Some(5)
			));
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			System::set_block_number(6);
			assert_ok!(Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(
				Organisations::active_member(&account(1, 0)),
				Err(MembershipRefusal::Ended)
			);
		});
}

#[test]
fn who_is_not_suspended_can_not_be_reinstated() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_noop!(
				Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(1)),
				Error::<Test>::NotSuspended
			);
		});
}

#[test]
fn nobody_has_a_number_that_was_not_given() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(1)),
			Error::<Test>::NotFound
		);
	});
}
