//! `set_roles`.

use super::standing::only_the_council_may;
use crate::{mock::*, Error, Event};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::Membership,
	organisation::{OrganisationId, Role, Roles},
};

#[test]
fn only_the_council_changes_roles() {
	only_the_council_may(|origin| Organisations::set_roles(origin, OrganisationId(1), Roles::ANY));
}

#[test]
fn roles_are_replaced_and_count_from_now_on() {
	ExtBuilder::default()
		.member(&[Role::Manufacturer, Role::Recycler], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let roles = Roles::of(&[Role::Authority]);
			let before = organisation(1);
			assert_ok!(Organisations::set_roles(
				RuntimeOrigin::root(),
				OrganisationId(1),
				roles
			));
			assert_eq!(organisation(1), crate::Organisation { roles, ..before });
			assert_eq!(Organisations::active_roles(OrganisationId(1)), Some(roles));
			assert_eq!(organisation(2).roles, Roles::of(&[Role::Operator]));
			assert_eq!(
				last_event(),
				Some(Event::RolesChanged {
					organisation: OrganisationId(1),
					roles
				})
			);
		});
}

#[test]
fn a_member_keeps_at_least_one_role_and_gets_none_that_does_not_exist() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let unknown = Roles::decode(&mut (1u16 << 13 | 1).encode().as_slice()).unwrap();
			for roles in [Roles::NONE, unknown] {
				assert_noop!(
					Organisations::set_roles(RuntimeOrigin::root(), OrganisationId(1), roles),
					Error::<Test>::InvalidRoles
				);
			}
		});
}

#[test]
fn nobody_has_a_number_that_was_not_given() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for number in [0, 2] {
				assert_noop!(
					Organisations::set_roles(RuntimeOrigin::root(), OrganisationId(number), Roles::ANY),
					Error::<Test>::NotFound
				);
			}
		});
}
