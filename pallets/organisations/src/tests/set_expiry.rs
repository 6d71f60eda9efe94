//! `set_expiry`.

use super::standing::only_the_council_may;
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::{Membership, MembershipRefusal},
	organisation::{OrganisationId, Role},
};

fn set_expiry(last: Option<u64>) {
	assert_ok!(Organisations::set_expiry(
		RuntimeOrigin::root(),
		OrganisationId(1),
		last
	));
	assert_eq!(organisation(1).expires_at, last);
	assert_eq!(
		last_event(),
		Some(Event::ExpiryChanged {
			organisation: OrganisationId(1),
			expires_at: last
		})
	);
}

#[test]
fn only_the_council_sets_an_end() {
	only_the_council_may(|origin| Organisations::set_expiry(origin, OrganisationId(1), None));
}

#[test]
fn a_member_acts_in_its_last_block_and_not_in_the_next() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			set_expiry(Some(100));
			for (block, active) in [(1, true), (100, true), (101, false), (1_000, false)] {
				System::set_block_number(block);
				assert_eq!(
					Organisations::active_member(&account(1, 0)).err(),
					(!active).then_some(MembershipRefusal::Ended),
					"block {block}"
				);
				assert_eq!(
					Organisations::active_roles(OrganisationId(1)).is_some(),
					active,
					"block {block}"
				);
			}
		});
}

#[test]
fn an_end_in_the_past_ends_the_membership_at_once_and_a_later_one_renews_it() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			System::set_block_number(50);
			set_expiry(Some(49));
			assert_eq!(
				Organisations::active_member(&account(1, 0)),
				Err(MembershipRefusal::Ended)
			);
			set_expiry(Some(60));
			assert_ok!(Organisations::active_member(&account(1, 0)));
			set_expiry(Some(0));
			set_expiry(None);
			System::set_block_number(u64::MAX);
			assert_ok!(Organisations::active_member(&account(1, 0)));
		});
}

#[test]
fn the_listener_is_told_of_an_end_in_the_past_alone() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			System::set_block_number(50);
			for last in [None, Some(50), Some(51)] {
				set_expiry(last);
			}
			// Nor when an end is reached: no call of the council runs then.
			System::set_block_number(60);
			assert_eq!(Stopped::get(), []);
			set_expiry(Some(59));
			assert_eq!(Stopped::get(), [OrganisationId(1)]);
		});
}

#[test]
fn a_membership_that_ended_keeps_its_seat_even_the_last_one() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			Seated::set(&vec![account(1, 0)]);
			set_expiry(Some(0));
			assert_eq!(Seated::get(), [account(1, 0)]);
		});
}

#[test]
fn nobody_has_a_number_that_was_not_given() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Organisations::set_expiry(RuntimeOrigin::root(), OrganisationId(1), Some(9)),
			Error::<Test>::NotFound
		);
	});
}
