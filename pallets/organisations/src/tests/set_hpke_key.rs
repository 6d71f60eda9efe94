//! `set_hpke_key`.

use super::standing::only_an_active_member_may;
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::{OrganisationId, Role, SMALL_ORDER_X25519};

#[test]
fn only_an_active_member_changes_its_key() {
	only_an_active_member_may(|origin| Organisations::set_hpke_key(origin, [5; 32]));
}

#[test]
fn a_key_is_replaced_for_the_callers_organisation_alone() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let before = organisation(1);
			assert_ok!(Organisations::set_hpke_key(
				RuntimeOrigin::signed(account(1, 1)),
				[5; 32]
			));
			assert_eq!(
				organisation(1),
				crate::Organisation {
					hpke_public_key: [5; 32],
					..before
				}
			);
			assert_eq!(organisation(2).hpke_public_key, HPKE_KEY);
			assert_eq!(
				last_event(),
				Some(Event::HpkeKeyChanged {
					organisation: OrganisationId(1)
				})
			);
		});
}

#[test]
fn a_key_of_small_order_is_refused_in_every_encoding() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for mut key in SMALL_ORDER_X25519 {
				for highest_bit in [0, 0x80] {
					key[31] = (key[31] & 0x7f) | highest_bit;
					assert_noop!(
						Organisations::set_hpke_key(RuntimeOrigin::signed(account(1, 0)), key),
						Error::<Test>::UnusableHpkeKey
					);
				}
			}
		});
}
