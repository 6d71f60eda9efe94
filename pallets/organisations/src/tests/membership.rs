//! [`Membership`], as the other pallets ask it.

use crate::mock::*;
use frame_support::assert_ok;
use passport_primitives::{
	ledger::{ActiveMember, Membership, MembershipRefusal},
	organisation::{OrganisationId, Role, Roles},
};

#[test]
fn an_account_acts_with_the_roles_of_its_organisation() {
	ExtBuilder::default()
		.member(&[Role::Operator, Role::Recycler], 2)
		.build_and_execute(|| {
			for place in 0..2 {
				assert_eq!(
					Organisations::active_member(&account(1, place)),
					Ok(ActiveMember {
						organisation: OrganisationId(1),
						roles: Roles::of(&[Role::Operator, Role::Recycler]),
					})
				);
			}
		});
}

#[test]
fn who_acts_for_nobody_is_no_member() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(
			Organisations::active_member(&STRANGER),
			Err(MembershipRefusal::NotAMember)
		);
		assert_eq!(Organisations::active_roles(OrganisationId(1)), None);
	});
}

#[test]
fn a_suspension_is_told_before_the_end_of_a_membership() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::set_expiry(
				RuntimeOrigin::root(),
				OrganisationId(1),
				Some(0)
			));
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_eq!(
				Organisations::active_member(&account(1, 0)),
				Err(MembershipRefusal::Suspended)
			);
			assert_eq!(Organisations::active_roles(OrganisationId(1)), None);
		});
}

#[test]
fn a_member_is_one_until_it_is_removed() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let member = OrganisationId(1);
			assert!(Organisations::is_member(member));
			assert!(!Organisations::is_member(OrganisationId(2)));
			assert_ok!(Organisations::set_expiry(RuntimeOrigin::root(), member, Some(0)));
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), member));
			assert!(Organisations::is_member(member));
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), member));
			assert!(!Organisations::is_member(member));
		});
}
